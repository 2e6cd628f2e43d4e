package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frist/conversation"
)

// A message is placed once it has had its turn, in the incident that it led to, or in none.
func TestPlaced(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		for _, id := range []conversation.InboundID{"m1", "m2", "m3"} {
			if _, err := h.Accept(t.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelTeams, At: start, Raw: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.FinishInbound("m1", "i1", "answered", true, start), tx.FinishInbound("m2", "", "thanks", true, start))
		})
		h.view(func(tx conversation.Tx) error {
			for id, want := range map[conversation.InboundID]string{"m1": "i1 true <nil>", "m2": " true <nil>", "m3": " false <nil>"} {
				incident, done, err := tx.Placed(id)
				if got := fmt.Sprint(incident, done, err); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
					t.Errorf("%s: %s, want %s", id, got, want)
				}
			}
			if _, _, err := tx.Placed("m4"); !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("of an unknown message: %v", err)
			}
			return nil
		})
	})
}

// Many messages are committed together, and each is told of: one that came before, or twice in the same batch, is not fresh.
func TestAcceptAll(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		raw := func(id conversation.InboundID, text string) conversation.RawInbound {
			return conversation.RawInbound{ID: id, Channel: conversation.ChannelMail, At: start, Raw: []byte(text)}
		}
		fresh, err := h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m1", "one"), raw("m2", "two"), raw("m1", "other"), raw("m3", "")})
		if err != nil || fmt.Sprint(fresh) != "[true true false true]" {
			t.Fatalf("fresh %v, error %v", fresh, err)
		}
		if fresh, err = h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m4", "four"), raw("m2", "two")}); err != nil || fmt.Sprint(fresh) != "[true false]" {
			t.Errorf("again: fresh %v, error %v", fresh, err)
		}
		if fresh, err = h.AcceptAll(t.Context(), nil); err != nil || len(fresh) > 0 {
			t.Errorf("of none: fresh %v, error %v", fresh, err)
		}
		h.view(func(tx conversation.Tx) error {
			got, _, err := tx.Inbound("m1")
			if string(got.Raw) != "one" {
				t.Errorf("m1 says %q", got.Raw)
			}
			return err
		})
		// All or none: the second has no id.
		if _, err := h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m5", "five"), raw("", "none")}); err == nil {
			t.Error("a message without an id was accepted")
		}
		waiting, err := h.Waiting(t.Context())
		if err != nil || fmt.Sprint(waiting) != "[m1 m2 m3 m4]" {
			t.Errorf("waiting %v, error %v", waiting, err)
		}
	})
}

func rawInbound(id conversation.InboundID) conversation.RawInbound {
	return conversation.RawInbound{ID: id, Channel: conversation.ChannelTeams, At: start, Raw: []byte("text of " + id)}
}

// wantKept checks what is kept of a message: its text ("" if it was erased), whether it had its turn, and under whose key it is sealed.
func (h *harness) wantKept(id conversation.InboundID, text string, done, own bool) {
	h.tb.Helper()
	h.view(func(tx conversation.Tx) error {
		in, d, err := tx.Inbound(id)
		if err == nil && (string(in.Raw) != text || d != done || !in.At.Equal(start) || in.Channel != conversation.ChannelTeams) {
			h.tb.Errorf("%s: %+v saying %q, done %v", id, in, in.Raw, d)
		}
		return err
	})
	var n int
	must(h.tb, h.write.QueryRow(`SELECT COUNT(key_sealed) FROM inbound WHERE id = $1`, string(id)).Scan(&n))
	if own != (n == 1) {
		h.tb.Errorf("%s: sealed under a key of its own: %v, want %v", id, n == 1, own)
	}
}

// A message accepted in a transaction is as one that was accepted before it, whatever the turn does with it.
func TestAcceptedWithItsTurn(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		incident := h.incident("i1", "PUI-2026-0001").ID
		finish := func(tx conversation.Tx, id conversation.InboundID) error {
			return tx.FinishInbound(id, incident, "answered", true, start)
		}
		for name, c := range map[conversation.InboundID]struct {
			turn      func(tx conversation.Tx, id conversation.InboundID) error
			text      string
			done, own bool
		}{
			"finished": {finish, "text of finished", true, false},
			"left":     {func(conversation.Tx, conversation.InboundID) error { return nil }, "text of left", false, true},
			"outside": {func(tx conversation.Tx, id conversation.InboundID) error {
				return tx.FinishInbound(id, "", "x", true, start)
			},
				"text of outside", true, true},
			"not kept": {func(tx conversation.Tx, id conversation.InboundID) error {
				return tx.FinishInbound(id, incident, "x", false, start)
			},
				"", true, false},
			"rewritten": {func(tx conversation.Tx, id conversation.InboundID) error {
				return errors.Join(tx.RewriteInbound(id, []byte("bare")), finish(tx, id))
			}, "bare", true, false},
			"rewritten and left": {func(tx conversation.Tx, id conversation.InboundID) error {
				return tx.RewriteInbound(id, []byte("bare"))
			},
				"bare", false, true},
			"reduced before": {func(tx conversation.Tx, id conversation.InboundID) error {
				return errors.Join(tx.ReduceInbound(id, []byte("less")), finish(tx, id))
			}, "less", true, false},
			"reduced after": {func(tx conversation.Tx, id conversation.InboundID) error {
				return errors.Join(finish(tx, id), tx.ReduceInbound(id, []byte("less")))
			}, "less", true, false},
			"erased before": {func(tx conversation.Tx, id conversation.InboundID) error {
				return errors.Join(tx.EraseInbound(id), finish(tx, id))
			}, "", true, false},
			"erased after": {func(tx conversation.Tx, id conversation.InboundID) error {
				return errors.Join(finish(tx, id), tx.EraseInbound(id))
			}, "", true, false},
			"beside another": {func(tx conversation.Tx, id conversation.InboundID) error {
				if fresh, err := tx.AcceptInbound(rawInbound("another")); err != nil || !fresh {
					return fmt.Errorf("fresh %v: %w", fresh, err)
				}
				return finish(tx, id)
			}, "text of beside another", true, false},
		} {
			t.Run(string(name), func(t *testing.T) {
				h.update(func(tx conversation.Tx) error {
					if fresh, err := tx.AcceptInbound(rawInbound(name)); err != nil || !fresh {
						t.Errorf("fresh %v, error %v", fresh, err)
					}
					if in, done, err := tx.Inbound(name); err != nil || done || string(in.Raw) != "text of "+string(name) {
						t.Errorf("inside: %q, done %v, error %v", in.Raw, done, err)
					}
					return c.turn(tx, name)
				})
				h.wantKept(name, c.text, c.done, c.own)
				if fresh, err := h.Accept(t.Context(), rawInbound(name)); err != nil || fresh {
					t.Errorf("again: fresh %v, error %v", fresh, err)
				}
			})
		}
		h.wantKept("another", "text of another", false, true)
		h.update(func(tx conversation.Tx) error { // a second time
			if fresh, err := tx.AcceptInbound(rawInbound("finished")); err != nil || fresh {
				t.Errorf("fresh %v, error %v", fresh, err)
			}
			return nil
		})
		h.wantKept("finished", "text of finished", true, false)
		for _, id := range []conversation.InboundID{"", "a\x00b"} {
			err := h.Update(t.Context(), func(tx conversation.Tx) error { _, err := tx.AcceptInbound(rawInbound(id)); return err })
			if err == nil {
				t.Errorf("the id %q is taken", id)
			}
		}
	})
}

func TestRefusedTurnAcceptsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		refused := errors.New("refused")
		err := h.Update(t.Context(), func(tx conversation.Tx) error {
			_, err := tx.AcceptInbound(rawInbound("m1"))
			return errors.Join(err, tx.FinishInbound("m1", "", "x", true, start), refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if fresh, err := h.Accept(t.Context(), rawInbound("m1")); err != nil || !fresh {
			t.Errorf("fresh %v, error %v", fresh, err)
		}
	})
}

// One message, taken up by several at once: one has the turn, the others find it done or are to look again.
func TestTakenOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		second := h.again()
		var turns, conflicts atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			who := []*harness{h, second}[i%2]
			all.Go(func() {
				var mine bool
				err := who.Update(t.Context(), func(tx conversation.Tx) error {
					mine = false
					if _, err := tx.AcceptInbound(rawInbound("m1")); err != nil {
						return err
					}
					_, done, err := tx.Inbound("m1")
					if err != nil || done {
						return err
					}
					mine = true
					return tx.FinishInbound("m1", "", "x", true, start)
				})
				switch {
				case errors.Is(err, conversation.ErrConflict):
					conflicts.Add(1)
				case err != nil:
					t.Error(err)
				case mine:
					turns.Add(1)
				}
			})
		}
		all.Wait()
		if turns.Load() != 1 {
			t.Errorf("%d had the turn, %d were in conflict", turns.Load(), conflicts.Load())
		}
		h.wantKept("m1", "text of m1", true, true)
	})
}

// On PostgreSQL another may accept the message while the turn runs: then the turn is to look again.
func TestAcceptedByAnotherMeanwhile(t *testing.T) {
	h := newHarness(t, postgresOptions(t))
	err := h.Update(t.Context(), func(tx conversation.Tx) error {
		_, err := tx.AcceptInbound(rawInbound("m1"))
		if fresh, other := h.Accept(t.Context(), rawInbound("m1")); other != nil || !fresh {
			t.Errorf("fresh %v, error %v", fresh, other)
		}
		return errors.Join(err, tx.FinishInbound("m1", "", "x", true, start))
	})
	if !errors.Is(err, conversation.ErrConflict) {
		t.Errorf("got %v", err)
	}
	h.wantKept("m1", "text of m1", false, true)
}
