package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"frist/conversation"
)

func TestOrderPerPerson(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		other := h.person("p1")
		for i, p := range []conversation.PersonID{in.Reporter, in.Reporter, other.ID, in.Reporter} {
			h.enqueue(outbound(fmt.Sprint("o", i), in, p))
			h.real.move(time.Second)
		}
		expect := func(want string) {
			t.Helper()
			if got := ids(h.claim("a", 10)); got != want {
				t.Fatalf("claimed %q, want %q", got, want)
			}
		}
		expect("o0 o2")
		expect("")
		must(t, h.Retry(t.Context(), "o0", h.real.now().Add(time.Minute), "busy"))
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o2", At: start}}))
		expect("") // o0 backs off, and those behind it wait
		h.real.move(time.Minute)
		expect("o0")
		must(t, h.Dead(t.Context(), "o0", "rejected"))
		expect("o1")
		h.real.move(61 * time.Second) // the claim runs out
		got := h.claim("b", 10)
		if ids(got) != "o1" || got[0].Attempts != 2 {
			t.Fatalf("after the claim ran out: %s %+v", ids(got), got)
		}
		must(t, h.Move(t.Context(), "o1", conversation.ChannelTeams))
		got = h.claim("a", 10)
		if ids(got) != "o3 o1" || got[1].To.ID != "tenant/reporter-of-i1" || got[1].To.Reference == "" || got[1].Outbound.Channel != conversation.ChannelTeams {
			t.Fatalf("after the move: %+v", got)
		}
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start}}))
		if got := h.claim("a", 0); got != nil {
			t.Fatalf("none were asked for, got %s", ids(got))
		}
		expect("")
	})
}

func TestOrderPerChannel(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		put := func(id string, c conversation.Channel, k conversation.MessageKind) {
			out := outbound(id, in, in.Reporter)
			out.Channel, out.Kind = c, k
			h.enqueue(out)
			h.real.move(time.Second)
		}
		expect := func(want string) {
			t.Helper()
			if got := ids(h.claim("a", 10)); got != want {
				t.Fatalf("claimed %q, want %q", got, want)
			}
		}
		put("t1", conversation.ChannelTeams, conversation.MessageQuestion)
		put("t2", conversation.ChannelTeams, conversation.MessageQuestion)
		put("m1", conversation.ChannelMail, conversation.MessageQuestion)
		put("m2", conversation.ChannelMail, conversation.MessageQuestion)
		expect("m1 t1") // neither waits for the other channel
		must(t, h.Retry(t.Context(), "t1", h.real.now().Add(time.Hour), "busy"))
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "m1", At: start}}))
		expect("m2")
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "m2", At: start}}))
		expect("")
		must(t, h.Move(t.Context(), "t1", conversation.ChannelMail))
		expect("t1 t2") // what has gone to mail holds up Teams no more
	})
}

func TestAlertsPass(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		other := h.person("p1")
		put := func(id string, p conversation.PersonID, k conversation.MessageKind) {
			out := outbound(id, in, p)
			out.Kind = k
			h.enqueue(out)
			h.real.move(time.Second)
		}
		claim := func(n int, want string) {
			t.Helper()
			if got := ids(h.claim("a", n)); got != want {
				t.Fatalf("claimed %q, want %q", got, want)
			}
		}
		put("o1", in.Reporter, conversation.MessageQuestion)
		put("o2", other.ID, conversation.MessageQuestion)
		put("a1", in.Reporter, conversation.MessageAlert)
		put("a2", in.Reporter, conversation.MessageAlert)
		put("o3", in.Reporter, conversation.MessageQuestion)
		claim(2, "a1 a2") // before what is older, the person's own and other people's
		claim(10, "o1 o2")
		must(t, h.Retry(t.Context(), "a1", h.real.now().Add(time.Hour), "busy"))
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start}}))
		claim(10, "") // o3 waits for the alerts, as for any
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "a2", At: start}}))
		must(t, h.Dead(t.Context(), "a1", "rejected"))
		claim(10, "o3")
	})
}

// The update of an old card keeps its place at first, and later holds up nothing but other updates.
func TestFailingCardUpdateLetsOthersPass(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		update, question := outbound("u1", in, in.Reporter), outbound("o1", in, in.Reporter)
		update.Kind, update.Channel, question.Channel = conversation.MessageAnswered, conversation.ChannelTeams, conversation.ChannelTeams
		h.enqueue(update, question)
		for n := range conversation.MoveAfter {
			if got := ids(h.claim("a", 10)); n < conversation.MoveAfter-1 && got != "u1" {
				t.Fatalf("attempt %d: claimed %q", n+1, got)
			}
			h.real.move(time.Second)
			must(t, h.Retry(t.Context(), "u1", h.real.now(), "busy"))
		}
		if got := ids(h.claim("a", 10)); got != "u1 o1" {
			t.Fatalf("afterwards: claimed %q", got)
		}
	})
}

func TestMoveNeedsAnAddress(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := h.person("p1")
		h.update(func(tx conversation.Tx) (err error) {
			if p, err = tx.Person(p.ID); err != nil {
				return err
			}
			p.Addresses = p.Addresses[:1] // Teams alone
			return tx.SavePerson(p)
		})
		out := outbound("o1", nil, p.ID)
		out.Channel = conversation.ChannelTeams
		h.enqueue(out)
		if got := ids(h.claim("a", 1)); got != "o1" {
			t.Fatalf("claimed %q", got)
		}
		if err := h.Move(t.Context(), "o1", conversation.ChannelMail); !errors.Is(err, conversation.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		must(t, h.Retry(t.Context(), "o1", h.real.now(), "busy"))
		if got := h.claim("a", 1); ids(got) != "o1" || got[0].Outbound.Channel != conversation.ChannelTeams || got[0].Attempts != 2 {
			t.Errorf("afterwards: %+v", got)
		}
	})
}
