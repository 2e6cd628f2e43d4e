package store

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frist/conversation"
)

// taker is a courier that notes what it is given.
type taker struct {
	mu    sync.Mutex
	off   atomic.Bool
	given []conversation.Delivery
	left  []conversation.PersonID
	// on, if set, is called with what is given before it is noted.
	on func([]conversation.Delivery)
}

func (c *taker) Ready() bool { return !c.off.Load() }

func (c *taker) Hand(list []conversation.Delivery, left []conversation.PersonID) {
	if c.on != nil {
		c.on(list)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given, c.left = append(c.given, list...), append(c.left, left...)
}

func (c *taker) take() (got string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got = ids(c.given)
	c.given = nil
	return got
}

// handing has everything handed to a taker.
func (h *harness) handing() *taker {
	c := &taker{}
	h.HandTo("me", c)
	return c
}

func TestHandedMessageIsThatOfTheOutbox(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		out := outbound("o1", in, in.Reporter)
		out.Lines = []conversation.Line{{Key: "saved"}}
		h.update(func(tx conversation.Tx) error {
			if err := tx.Enqueue(out); err != nil {
				return err
			}
			out.Lines[0].Key, out.Question.Field = "changed", "17" // the turn goes on
			if len(c.given) > 0 {
				t.Error("it is handed over before the commit")
			}
			return nil
		})
		if len(c.given) != 1 {
			t.Fatalf("given %s", ids(c.given))
		}
		handed := c.given[0]
		if want := h.real.now().Add(conversation.ClaimFor); !handed.Until.Equal(want) {
			t.Errorf("it is the courier's until %v, want %v", handed.Until, want)
		}
		if got := ids(h.claim("other", 5)); got != "" {
			t.Fatalf("another claims %s", got)
		}
		// What if the process ends here? The message comes again when its claim has run out, the same to the letter.
		h.real.move(conversation.ClaimFor + time.Second)
		again := h.claim("other", 5)
		if ids(again) != "o1" || again[0].Attempts != 2 {
			t.Fatalf("after the claim: %+v", again)
		}
		again[0].Attempts, handed.Until = 1, time.Time{}
		if !reflect.DeepEqual(again[0], handed) || handed.Outbound.Question.Field != "16" {
			t.Errorf("claimed %+v\nhanded %+v", again[0], handed)
		}
	})
}

func TestNothingIsHandedThatIsNotCommitted(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		refused := errors.New("refused")
		put := func(id string) func(conversation.Tx) error {
			return func(tx conversation.Tx) error { return tx.Enqueue(outbound(id, in, in.Reporter)) }
		}
		errs := h.batch(put("o1"), func(tx conversation.Tx) error { return errors.Join(put("o2")(tx), refused) },
			func(tx conversation.Tx) error {
				return errors.Join(put("o3")(tx), tx.Enqueue(outbound("stray", nil, "nobody")))
			}, put("o4"))
		if errs[0] != nil || !errors.Is(errs[1], refused) || errs[2] == nil || errs[3] != nil {
			t.Fatalf("errors %v", errs)
		}
		if got := strings.Fields(c.take()); len(got) != 2 || got[0]+got[1] != "o1o4" && got[0]+got[1] != "o4o1" {
			t.Errorf("handed %v", got)
		}
		if len(h.lines.last) != 0 {
			t.Errorf("%d people are still waited for", len(h.lines.last))
		}
		out := outbound("o5", in, in.Reporter)
		out.Dedup = "once"
		h.enqueue(out)
		out.ID = "o6"
		out.Token = "other"
		h.enqueue(out)
		if got := c.take(); got != "o5" {
			t.Errorf("of two with one Dedup %q were handed", got)
		}
		if len(h.lines.last) != 0 {
			t.Errorf("%d people are still waited for", len(h.lines.last))
		}
	})
}

// Two turns of one person are committed one after the other; the first is slow to hand over.
func TestHandedInTheOrderOfTheCommits(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		slow, second := make(chan struct{}), make(chan struct{})
		c.on = func(list []conversation.Delivery) {
			if ids(list) == "o1" {
				close(slow)
				<-second
			}
		}
		var all sync.WaitGroup
		all.Go(func() { h.enqueue(outbound("o1", in, in.Reporter)) })
		<-slow
		all.Go(func() { h.enqueue(outbound("o2", in, in.Reporter)) })
		other := h.person("p2").ID
		h.enqueue(outbound("x1", nil, other)) // of another person: waits for nobody
		for waiting := 0; waiting < 3; {
			var err error
			waiting, _, err = h.Unsent(t.Context())
			must(t, err)
		}
		alert := outbound("a1", in, in.Reporter)
		alert.Kind = conversation.MessageAlert
		h.enqueue(alert)
		if got := c.take(); got != "x1 a1" {
			t.Errorf("given %q before the first", got)
		}
		close(second)
		all.Wait()
		if got := c.take(); got != "o1 o2" {
			t.Errorf("given %q", got)
		}
	})
}

func TestHandedInOrderFromOneCommit(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		for round := range 20 {
			var puts []func(conversation.Tx) error
			for i := range 8 {
				puts = append(puts, func(tx conversation.Tx) error {
					return tx.Enqueue(outbound(fmt.Sprintf("o%d.%d", round, i), in, in.Reporter))
				})
			}
			for _, err := range h.batch(puts...) {
				must(t, err)
			}
			for i := range 8 {
				must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: conversation.OutboundID(fmt.Sprintf("o%d.%d", round, i)), At: start}}))
			}
		}
		// The order in the outbox is the one that counts.
		var want []string
		h.view(func(v conversation.Tx) error {
			return v.(*tx).rows("list the outbox", `SELECT id FROM outbox ORDER BY seq`, nil, func(r *sql.Rows) error {
				var id string
				defer func() { want = append(want, id) }()
				return r.Scan(&id)
			})
		})
		if got := c.take(); got != strings.Join(want, " ") {
			t.Errorf("given %s\nwant  %v", got, want)
		}
	})
}

// What waits for one slow place is not all kept in memory.
func TestHandedIsBounded(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		for i := range handedMax + 5 {
			h.enqueue(outbound(fmt.Sprintf("o%d", i), in, in.Reporter))
		}
		if n := len(strings.Fields(c.take())); n != handedMax {
			t.Errorf("%d are handed over, want %d", n, handedMax)
		}
	})
}

// A message that is not handed holds up those behind it, whoever has it, and those people are named.
func TestNothingIsHandedBeforeWhatWaits(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		c := h.handing()
		put := func(id, want string) {
			t.Helper()
			c.left = nil
			h.enqueue(outbound(id, in, in.Reporter))
			if got := c.take(); got != want {
				t.Errorf("%s: handed %q, want %q", id, got, want)
			}
			if want == "" != (len(c.left) == 1) {
				t.Errorf("%s: left %v", id, c.left)
			}
		}
		c.off.Store(true)
		h.enqueue(outbound("o1", in, in.Reporter)) // before the courier is there
		if len(c.given) > 0 {
			t.Fatal("it is not ready")
		}
		c.off.Store(false)
		put("o2", "")
		if got := ids(h.claim("me", 5)); got != "o1" {
			t.Fatalf("claimed %q", got)
		}
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start}}))
		if got := ids(h.claim("me", 5)); got != "o2" {
			t.Fatalf("claimed %q", got)
		}
		put("o3", "") // o2 is claimed by this process, but not handed
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o2", At: start}}))
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o3", At: start}}))
		put("o4", "o4")
		put("o5", "o5") // behind one that is handed
		h.real.move(conversation.ClaimFor/2 + time.Second)
		put("o6", "") // o4 may be another's before it has been sent
		must(t, h.Retry(t.Context(), "o4", h.real.now().Add(time.Minute), "busy"))
		put("o7", "")
		alert := outbound("a1", in, in.Reporter)
		alert.Kind = conversation.MessageAlert
		h.enqueue(alert)
		if got := c.take(); got != "a1" {
			t.Errorf("an alert waits: %q", got)
		}
	})
}

// Two replicas on one database: what one has claimed holds up what the other would hand.
func TestReplicasHandInOrder(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		a := h.handing()
		second := h.again()
		b := &taker{}
		second.HandTo("you", b)
		h.enqueue(outbound("o1", in, in.Reporter))
		second.enqueue(outbound("o2", in, in.Reporter))
		h.enqueue(outbound("o3", in, in.Reporter))
		if x, y := a.take(), b.take(); x != "o1" || y != "" || len(a.left) != 1 || len(b.left) != 1 {
			t.Errorf("handed %q and %q, left %v and %v", x, y, a.left, b.left)
		}
		if got := ids(second.claim("you", 5)); got != "" {
			t.Errorf("claimed %q", got)
		}
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start}}))
		if got := ids(second.claim("you", 5)); got != "o2" {
			t.Errorf("claimed %q", got)
		}
	})
}

// again is another process on the same database.
func (h *harness) again() *harness {
	h.tb.Helper()
	s, err := Open(h.tb.Context(), h.options)
	must(h.tb, err)
	h.tb.Cleanup(func() { s.Close() })
	second := *h
	second.Store = s
	return &second
}

// On SQLite a start frees what the process before had claimed to hand over and did not.
func TestReclaimFreesWhatWasHanded(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	in := h.incident("i1", "PUI-2026-0001")
	h.handing()
	h.enqueue(outbound("o1", in, in.Reporter))
	second := h.again()
	must(t, second.Reclaim(t.Context()))
	if got := ids(second.claim("you", 5)); got != "o1" {
		t.Errorf("claimed %q", got)
	}
}

// That all before were handed over is remembered, until one of them is put back or somebody else puts one there.
func TestNothingIsHandedBeforeWhatIsPutBack(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, h *harness, in *conversation.Incident){
		"put back": func(t *testing.T, h *harness, _ *conversation.Incident) {
			must(t, h.Retry(t.Context(), "o2", h.real.now().Add(time.Minute), "busy"))
		},
		"by another process": func(t *testing.T, h *harness, in *conversation.Incident) {
			second := h.again()
			must(t, second.Update(t.Context(), func(tx conversation.Tx) error { return tx.Enqueue(outbound("x1", in, in.Reporter)) }))
		},
		"sent again": func(t *testing.T, h *harness, in *conversation.Incident) {
			mail := outbound("x1", in, in.Reporter)
			mail.Channel = conversation.ChannelTeams
			h.enqueue(mail)
			must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "x1", At: start}}))
			h.update(func(tx conversation.Tx) error { return tx.Resend("x1", conversation.ChannelMail) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				in := h.incident("i1", "PUI-2026-0001")
				c := h.handing()
				for _, id := range []string{"o1", "o2", "o3"} {
					out := outbound(id, in, in.Reporter)
					out.Channel = conversation.ChannelMail
					h.enqueue(out)
				}
				if got := c.take(); got != "o1 o2 o3" {
					t.Fatalf("handed %q", got)
				}
				put(t, h, in)
				c.take()
				out := outbound("o4", in, in.Reporter)
				out.Channel = conversation.ChannelMail
				h.enqueue(out)
				if got := c.take(); got != "" {
					t.Errorf("handed %q before what waits", got)
				}
			})
		})
	}
}
