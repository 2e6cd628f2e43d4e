package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// claimed puts a message into the outbox as one that is claimed to be handed over, and returns it. Its claim runs out as a real one does.
func (b *outbox) claimed(id OutboundID, p PersonID, c Channel, k MessageKind) Delivery {
	b.add(id, p, c, k)
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.rows[len(b.rows)-1]
	r.claimed, r.Attempts = true, 1
	d := r.Delivery
	d.Until = time.Now().Add(ClaimFor)
	time.AfterFunc(ClaimFor, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if r.Attempts == 1 {
			r.claimed = false
		}
	})
	return d
}

func (s *sends) order() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(s.begun, " "), "mail/", ""), "teams/", "t:")
}

// handing runs a dispatcher whose sends take what the test says.
func handing(t *testing.T, do func(ctx context.Context, d Delivery) error) (b *outbox, s *sends, d *Dispatcher, stop func()) {
	t.Helper()
	b, s = &outbox{}, &sends{do: do}
	d = newDispatcher(b, s)
	stop = running(t, d, s)
	synctest.Wait()
	if !d.Ready() {
		t.Error("it runs and takes nothing")
	}
	return b, s, d, stop
}

func TestHandedGoesAtOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s, d, stop := handing(t, func(_ context.Context, d Delivery) error {
			if d.Outbound.Kind != MessageAlert {
				time.Sleep(time.Second)
			}
			return nil
		})
		q := func(id OutboundID, p PersonID, c Channel) Delivery { return b.claimed(id, p, c, MessageQuestion) }
		d.Hand([]Delivery{q("a1", "a", ChannelMail), q("a2", "a", ChannelMail), q("b1", "b", ChannelMail), q("a3", "a", ChannelTeams)}, nil)
		synctest.Wait()
		d.Hand([]Delivery{q("a4", "a", ChannelMail), b.claimed("alert", "a", ChannelMail, MessageAlert)}, nil)
		synctest.Wait()
		first := strings.Fields(s.order())
		slices.Sort(first)
		if got := strings.Join(first, " "); got != "a1 alert b1 t:a3" {
			t.Errorf("at once go %q", got)
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if got := s.order(); !strings.HasSuffix(got, " a2 a4") || len(strings.Fields(got)) != 6 {
			t.Errorf("sent %q", got)
		}
		b.want(t, map[OutboundID]string{"a1": "sent", "a2": "sent", "a3": "sent", "a4": "sent", "b1": "sent", "alert": "sent"})
		if len(d.hands.queues) != 0 {
			t.Errorf("%d places are remembered", len(d.hands.queues))
		}
		stop()
	})
}

// When one fails those behind it, and those that were committed before that was known, wait for it in the outbox.
func TestHandedBehindAFailureWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		b, s, d, stop := handing(t, func(_ context.Context, d Delivery) error {
			time.Sleep(time.Second)
			if d.Outbound.ID == "a1" {
				if tries++; tries < 3 {
					return errors.New("busy")
				}
			}
			return nil
		})
		q := func(id OutboundID) Delivery { return b.claimed(id, "a", ChannelMail, MessageQuestion) }
		d.Hand([]Delivery{q("a1"), q("a2")}, nil)
		late := q("a3") // committed now, handed over later
		time.Sleep(1500 * time.Millisecond)
		d.Hand([]Delivery{late}, nil)
		synctest.Wait()
		time.Sleep(time.Minute)
		if got := s.order(); got != "a1 a1 a1 a2 a3" {
			t.Errorf("sent %q", got)
		}
		b.want(t, map[OutboundID]string{"a1": "sent", "a2": "sent", "a3": "sent"})
		d.Hand([]Delivery{q("a4")}, nil) // the place has rested
		synctest.Wait()
		if got := s.order(); !strings.HasSuffix(got, " a4") {
			t.Errorf("sent %q", got)
		}
		stop()
	})
}

// However slow the receiver is, nothing goes out twice: what has waited long behind others is claimed anew.
func TestHandedGoesOnceWhereSendsAreSlow(t *testing.T) {
	for _, takes := range []time.Duration{20 * time.Second, 50 * time.Second, 70 * time.Second, 100 * time.Second} {
		t.Run(takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s, d, stop := handing(t, func(ctx context.Context, _ Delivery) error {
					select {
					case <-time.After(takes):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				})
				var list []Delivery
				want := map[OutboundID]string{}
				var order []string
				for i := range 8 {
					id := OutboundID(fmt.Sprint("a", i))
					list, want[id], order = append(list, b.claimed(id, "a", ChannelMail, MessageQuestion)), "sent", append(order, string(id))
				}
				d.Hand(list, nil)
				time.Sleep(20 * time.Minute)
				if got := s.order(); got != strings.Join(order, " ") || s.most != 1 {
					t.Errorf("sent %q, %d at once", got, s.most)
				}
				b.want(t, want)
				stop()
			})
		})
	}
}

// A send ends before its claim does, so that nobody else begins while it may still succeed.
func TestHandedSendEndsBeforeItsClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var until, ended time.Time
		b, _, d, stop := handing(t, func(ctx context.Context, d Delivery) error {
			if d.Attempts > 1 {
				return nil
			}
			err := hangs(ctx)
			ended = time.Now()
			return err
		})
		one := b.claimed("a1", "a", ChannelMail, MessageQuestion)
		time.Sleep(40 * time.Second) // the commit took long
		until = one.Until
		d.Hand([]Delivery{one}, nil)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if ended.IsZero() || until.Sub(ended) < claimSlack {
			t.Errorf("it ended %v before its claim", until.Sub(ended))
		}
		b.want(t, map[OutboundID]string{"a1": "sent"})
		stop()
	})
}

// What is committed while the dispatcher stops is left for whoever runs next, and nothing is forgotten.
func TestHandedWhileItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s, d, stop := handing(t, func(ctx context.Context, _ Delivery) error { return hangs(ctx) })
		q := func(id OutboundID) Delivery { return b.claimed(id, "a", ChannelMail, MessageQuestion) }
		d.Hand([]Delivery{q("a1"), q("a2")}, nil)
		late := q("a3")
		synctest.Wait()
		stop()
		if d.Ready() {
			t.Error("it has stopped and takes messages")
		}
		d.Hand([]Delivery{late, b.claimed("b1", "b", ChannelMail, MessageQuestion)}, nil)
		s.do = func(context.Context, Delivery) error { return nil }
		for _, r := range b.rows {
			if r.claimed {
				t.Errorf("%s is still claimed", r.Outbound.ID)
			}
		}
		stop = running(t, d, s)
		time.Sleep(time.Minute)
		if got := strings.ReplaceAll(s.order(), " b1", ""); got != "a1 a1 a2 a3" {
			t.Errorf("sent %q", got)
		}
		b.want(t, map[OutboundID]string{"a1": "sent", "a2": "sent", "a3": "sent", "b1": "sent"})
		stop()
	})
}

// However many sends hang on one channel, their number is bounded, each is put back in time and the other channel goes at once.
func TestHandedSendsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s, d, stop := handing(t, func(ctx context.Context, d Delivery) error {
			if d.Outbound.Channel == ChannelMail {
				return hangs(ctx)
			}
			return nil
		})
		var list []Delivery
		for i := range HandMax + 5 {
			list = append(list, b.claimed(OutboundID(fmt.Sprint("m", i)), PersonID(fmt.Sprint("p", i)), ChannelMail, MessageQuestion))
		}
		d.Hand(append(list, b.claimed("t", "p0", ChannelTeams, MessageQuestion)), nil)
		synctest.Wait()
		if s.under != HandMax || s.times("teams/t") != 1 {
			t.Errorf("%d under way, Teams %d", s.under, s.times("teams/t"))
		}
		time.Sleep(handWait)
		synctest.Wait()
		if s.under != HandMax+5 { // the others found no room and went by the outbox
			t.Errorf("%d under way", s.under)
		}
		stop()
	})
}

// Those for whom something waits are looked for at once, or when what is under way for them has ended.
func TestLeftBehindAreLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s, d, stop := handing(t, func(_ context.Context, d Delivery) error {
			if d.Outbound.ID == "a1" {
				time.Sleep(500 * time.Millisecond)
			}
			return nil
		})
		b.add("b1", "b", ChannelMail, MessageQuestion)
		d.Hand(nil, []PersonID{"b"})
		synctest.Wait()
		if got := s.order(); got != "b1" {
			t.Errorf("sent %q", got)
		}
		one := b.claimed("a1", "a", ChannelMail, MessageQuestion)
		d.Hand([]Delivery{one}, nil)
		b.add("a2", "a", ChannelMail, MessageQuestion)
		d.Hand(nil, []PersonID{"a"})
		synctest.Wait()
		if got := s.order(); got != "b1 a1" {
			t.Errorf("sent %q", got)
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if got := s.order(); got != "b1 a1 a2" {
			t.Errorf("sent %q", got)
		}
		stop()
	})
}
