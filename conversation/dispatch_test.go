package conversation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// row is a message in the outbox of the tests.
type row struct {
	Delivery
	seq       int
	notBefore time.Time
	claimed   bool
	end       string // "sent" or why it was given up
}

// outbox is an Outbox in memory, which gives out the first message of each person and channel.
type outbox struct {
	mu   sync.Mutex
	rows []*row
	// noMail are the people who have no mail address.
	noMail map[PersonID]bool
	// broken, if set, is what Claim returns; unsent, if set, what becomes of deliveries that are to be recorded.
	broken error
	unsent func(list []Receipt) error
}

func (b *outbox) add(id OutboundID, p PersonID, c Channel, k MessageKind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, &row{seq: len(b.rows), Delivery: Delivery{Outbound: Outbound{ID: id, Person: p, Channel: c, Kind: k},
		To: Address{Channel: c, ID: string(p)}}})
}

func (b *outbox) first(r *row) bool {
	return !slices.ContainsFunc(b.rows, func(e *row) bool {
		return e.end == "" && e.seq < r.seq && e.Outbound.Person == r.Outbound.Person && e.Outbound.Channel == r.Outbound.Channel
	})
}

func (b *outbox) Claim(ctx context.Context, _ string, c Channel, _ time.Time, n int) (list []Delivery, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := cmp.Or(ctx.Err(), b.broken); err != nil {
		return nil, err
	}
	for _, r := range b.rows {
		if len(list) < n && r.Outbound.Channel == c && r.end == "" && !r.claimed && !r.notBefore.After(time.Now()) && b.first(r) {
			r.claimed = true
			r.Attempts++
			list = append(list, r.Delivery)
		}
	}
	return list, nil
}

func (b *outbox) change(id OutboundID, f func(r *row)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rows {
		if r.Outbound.ID == id {
			f(r)
			return nil
		}
	}
	return ErrNotFound
}

func (b *outbox) Sent(_ context.Context, list []Receipt) (err error) {
	if b.unsent != nil {
		if err := b.unsent(list); err != nil {
			return err
		}
	}
	for _, one := range list {
		err = errors.Join(err, b.change(one.Outbound, func(r *row) { r.end = "sent" }))
	}
	return err
}

func (b *outbox) Retry(_ context.Context, id OutboundID, at time.Time, _ string) error {
	return b.change(id, func(r *row) { r.claimed, r.notBefore = false, at })
}

func (b *outbox) Dead(_ context.Context, id OutboundID, reason string) error {
	return b.change(id, func(r *row) { r.end = reason })
}

func (b *outbox) Move(_ context.Context, id OutboundID, to Channel) (err error) {
	return errors.Join(b.change(id, func(r *row) {
		if to == ChannelMail && b.noMail[r.Outbound.Person] {
			err = ErrNotFound
			return
		}
		r.claimed, r.Attempts, r.Outbound.Channel, r.To.Channel = false, 0, to, to
	}), err)
}

func (b *outbox) Ref(context.Context, OutboundID) (string, error) { return "", nil }

func (b *outbox) Unsent(context.Context) (int, int, error) { return 0, 0, nil }

// sends is a Sender that counts, and does what the test says.
type sends struct {
	do func(ctx context.Context, d Delivery) error

	mu          sync.Mutex
	begun       []string // channel and id, in the order of their beginning
	under, most int
}

func (s *sends) Send(ctx context.Context, d Delivery) (string, error) {
	s.mu.Lock()
	s.begun = append(s.begun, fmt.Sprintf("%s/%s", d.Outbound.Channel, d.Outbound.ID))
	s.under++
	s.most = max(s.most, s.under)
	s.mu.Unlock()
	err := s.do(ctx, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under--
	return "", err
}

func (s *sends) times(what string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.begun {
		if b == what {
			n++
		}
	}
	return n
}

func newDispatcher(b *outbox, s *sends) *Dispatcher {
	return &Dispatcher{Outbox: b, Senders: map[Channel]Sender{ChannelMail: s, ChannelTeams: s}, Holder: "test", Now: time.Now,
		Log: slog.New(slog.DiscardHandler)}
}

func (b *outbox) want(t *testing.T, ends map[OutboundID]string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rows {
		if r.end != ends[r.Outbound.ID] {
			t.Errorf("%s: %q, want %q", r.Outbound.ID, r.end, ends[r.Outbound.ID])
		}
	}
}

// running runs the dispatcher until stop, which checks that nothing is left under way.
func running(t *testing.T, d *Dispatcher, s *sends) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if s.under != 0 {
			t.Errorf("Run returned with %d sends under way", s.under)
		}
	}
}

// hangs waits as a receiver does that never answers.
func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestHangingSendDelaysNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &outbox{}
		s := &sends{do: func(ctx context.Context, d Delivery) error {
			if d.Outbound.ID == "stuck" {
				return hangs(ctx)
			}
			return nil
		}}
		d := newDispatcher(b, s)
		stop := running(t, d, s)
		b.add("stuck", "p1", ChannelMail, MessageQuestion)
		b.add("behind", "p1", ChannelMail, MessageQuestion)
		b.add("other", "p2", ChannelMail, MessageQuestion)
		b.add("other2", "p2", ChannelMail, MessageQuestion)
		d.Wake()
		synctest.Wait() // no time passes
		b.want(t, map[OutboundID]string{"other": "sent", "other2": "sent"})

		b.add("woken", "p3", ChannelMail, MessageQuestion)
		d.Wake()
		synctest.Wait()
		b.want(t, map[OutboundID]string{"other": "sent", "other2": "sent", "woken": "sent"})

		b.add("unannounced", "p4", ChannelMail, MessageQuestion) // by another replica
		time.Sleep(idlePoll)
		synctest.Wait()
		b.want(t, map[OutboundID]string{"other": "sent", "other2": "sent", "woken": "sent", "unannounced": "sent"})
		stop()
	})
}

func TestDrainWaitsForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &outbox{}
		s := &sends{do: func(ctx context.Context, d Delivery) error {
			if d.Outbound.ID == "first" {
				time.Sleep(30 * time.Second)
			}
			return nil
		}}
		b.add("first", "p1", ChannelMail, MessageQuestion)
		b.add("second", "p1", ChannelMail, MessageQuestion)
		b.add("other", "p2", ChannelMail, MessageQuestion)
		begun := time.Now()
		if err := newDispatcher(b, s).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.want(t, map[OutboundID]string{"first": "sent", "second": "sent", "other": "sent"})
		if d := time.Since(begun); d != 30*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

func TestSendsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &outbox{}
		s := &sends{do: func(context.Context, Delivery) error { time.Sleep(time.Second); return nil }}
		for i := range 5 * sendsMax {
			b.add(OutboundID(fmt.Sprint("o", i)), PersonID(fmt.Sprint("p", i)), ChannelMail, MessageQuestion)
		}
		begun := time.Now()
		if err := newDispatcher(b, s).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.most != sendsMax || len(s.begun) != 5*sendsMax || time.Since(begun) != 5*time.Second {
			t.Errorf("%d at once, %d in all, in %v", s.most, len(s.begun), time.Since(begun))
		}
	})
}

// However many sends hang on a dead mail server, a Teams message goes at once; and the other way round.
func TestHangingChannelDelaysNoOther(t *testing.T) {
	for dead, alive := range map[Channel]Channel{ChannelMail: ChannelTeams, ChannelTeams: ChannelMail} {
		t.Run(string(dead), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &outbox{}
				s := &sends{do: func(ctx context.Context, d Delivery) error {
					if d.Outbound.Channel == dead {
						return hangs(ctx)
					}
					return nil
				}}
				d := newDispatcher(b, s)
				stop := running(t, d, s)
				for i := range 2*sendsMax + 3 {
					b.add(OutboundID(fmt.Sprint("stuck", i)), PersonID(fmt.Sprint("p", i)), dead, MessageAlert)
				}
				d.Wake()
				synctest.Wait()
				if s.under != sendsMax {
					t.Errorf("%d sends hang, want the channel's whole share, %d", s.under, sendsMax)
				}
				want := map[OutboundID]string{}
				for i := range 3 {
					id := OutboundID(fmt.Sprint("quick", i))
					b.add(id, PersonID(fmt.Sprint("p", i)), alive, MessageQuestion)
					d.Wake()
					synctest.Wait() // no time passes
					want[id] = "sent"
					b.want(t, want)
				}
				stop()
			})
		})
	}
}

func TestDrainSaysThatTheOutboxCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no database")
		b := &outbox{}
		s := &sends{do: func(context.Context, Delivery) error { time.Sleep(time.Second); return nil }}
		b.add("o1", "p1", ChannelMail, MessageQuestion)
		d := newDispatcher(b, s)
		go func() {
			time.Sleep(time.Millisecond)
			b.mu.Lock()
			defer b.mu.Unlock()
			b.broken = broken
		}()
		if err := d.Drain(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		b.want(t, map[OutboundID]string{"o1": "sent"})
	})
}

func TestTeamsMessageThatKeepsFailingGoesByMail(t *testing.T) {
	busy := &Fault{Reason: "busy", Err: errors.New("503")}
	for name, c := range map[string]struct {
		kind         MessageKind
		fault        error
		noMail       bool
		teams, mails int    // how often it is sent on each within five minutes
		end          string // "" while it is still tried
	}{
		"passing":                    {MessageQuestion, busy, false, 4, 1, "sent"},
		"of unknown kind":            {MessageAlert, errors.New("reset"), false, 4, 1, "sent"},
		"an old card":                {MessageAnswered, busy, false, 8, 0, ""},
		"nobody to mail":             {MessageQuestion, busy, true, 8, 0, ""},
		"asks for some minutes":      {MessageQuestion, &Fault{Reason: "connector_429", After: 2 * time.Minute}, false, 3, 0, ""},
		"asks for an hour":           {MessageQuestion, &Fault{Reason: "connector_429", After: time.Hour}, false, 1, 1, "sent"},
		"an old card, for good":      {MessageAnswered, &Fault{Reason: "no", Permanent: true}, false, 1, 0, "no"},
		"permanent":                  {MessageQuestion, &Fault{Reason: "no", Permanent: true}, false, 1, 0, "no"},
		"blocked":                    {MessageQuestion, &Fault{Reason: "blocked", Elsewhere: true}, false, 1, 1, "sent"},
		"blocked and nobody to mail": {MessageQuestion, &Fault{Reason: "blocked", Elsewhere: true}, true, 1, 0, "blocked"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &outbox{noMail: map[PersonID]bool{"p1": c.noMail}}
				s := &sends{do: func(_ context.Context, d Delivery) error {
					if d.Outbound.Channel == ChannelTeams {
						return c.fault
					}
					return nil
				}}
				var dead []string
				moved := 0
				d := newDispatcher(b, s)
				d.Moved = func(Delivery, *Fault) { moved++ }
				d.Dead = func(_ Delivery, reason string) { dead = append(dead, reason) }
				b.add("o", "p1", ChannelTeams, c.kind)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				if err := d.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				b.want(t, map[OutboundID]string{"o": c.end})
				if n, m := s.times("teams/o"), s.times("mail/o"); n != c.teams || m != c.mails {
					t.Errorf("sent %d times in Teams and %d by mail, want %d and %d", n, m, c.teams, c.mails)
				}
				if moved != c.mails {
					t.Errorf("told %d times that it goes by mail, want %d", moved, c.mails)
				}
				wantDead := c.end
				if c.end == "sent" || c.kind == MessageAnswered {
					wantDead = ""
				}
				if got := strings.Join(dead, " "); got != wantDead {
					t.Errorf("told of %q, want %q", got, wantDead)
				}
			})
		})
	}
}
