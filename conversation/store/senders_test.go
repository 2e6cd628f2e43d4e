package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"frist/conversation"
)

func TestUnverifiedSince(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		for i, at := range []time.Time{start, start.Add(time.Hour), start.Add(2 * time.Hour)} {
			in := newIncident(string(rune('a'+i)), "PUI-2026-001"+string(rune('0'+i)), "")
			in.Status, in.Unverified, in.ReportedAt = conversation.StatusUnverified, conversation.UnverifiedUnknown, at
			in.Claimed, in.AnnounceAt = "p9", at.Add(time.Minute)
			h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
			if i == 1 { // confirmed since: it counts still
				in.Status = conversation.StatusReported
				h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
			}
		}
		h.view(func(tx conversation.Tx) error {
			list, err := tx.UnverifiedSince(start.Add(time.Hour))
			want := []conversation.Unverified{
				{Incident: "c", Why: "unknown_sender", Claimed: "p9", Status: "unverified", ReportedAt: start.Add(2 * time.Hour), AnnounceAt: start.Add(2*time.Hour + time.Minute)},
				{Incident: "b", Why: "unknown_sender", Claimed: "p9", Status: "reported", ReportedAt: start.Add(time.Hour), AnnounceAt: start.Add(time.Hour + time.Minute)}}
			if !slices.Equal(list, want) {
				t.Errorf("since an hour after the start: %+v", list)
			}
			return err
		})
	})
}

// What is kept of a message in place of its raw text is sealed as that was, and goes with the incident's key.
func TestReduceInbound(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		for _, id := range []conversation.InboundID{"m1", "m2"} {
			_, err := h.Accept(t.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelMail, At: start, Raw: []byte("hemligt")})
			must(t, err)
		}
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.FinishInbound("m1", "i1", "answered", false, start), tx.FinishInbound("m2", "", "note", true, start),
				tx.ReduceInbound("m1", []byte("kvar ett")), tx.ReduceInbound("m2", []byte("kvar två")))
		})
		kept := func(id conversation.InboundID) (text string, err error) {
			err = h.View(t.Context(), func(tx conversation.Tx) error {
				in, done, err := tx.Inbound(id)
				if err == nil && !done {
					t.Errorf("%s has had no turn", id)
				}
				text = string(in.Raw)
				return err
			})
			return text, err
		}
		for id, want := range map[conversation.InboundID]string{"m1": "kvar ett", "m2": "kvar två"} {
			if got, err := kept(id); got != want || err != nil {
				t.Errorf("%s keeps %q, %v", id, got, err)
			}
		}
		must(t, h.Purge(t.Context(), "i1"))
		if got, err := kept("m1"); got != "" {
			t.Errorf("after the purge %q, %v", got, err)
		}
	})
}

func TestResend(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		p := h.person("p1")
		h.enqueue(outbound("o1", in, p.ID))
		resend := func() (err error) {
			return h.Update(t.Context(), func(tx conversation.Tx) error { return tx.Resend("o1", conversation.ChannelTeams) })
		}
		h.update(func(tx conversation.Tx) error { p.Addresses = p.Addresses[1:]; return tx.SavePerson(p) })
		h.claim("a", 1)
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start}}))
		if err := resend(); !errors.Is(err, conversation.ErrNotFound) {
			t.Errorf("without an address in Teams: %v", err)
		}
		h.update(func(tx conversation.Tx) error {
			p, err := tx.Person("p1")
			if err != nil {
				return err
			}
			p.Addresses = append(p.Addresses, conversation.Address{Channel: conversation.ChannelTeams, ID: "t/p1"})
			return tx.SavePerson(p)
		})
		must(t, resend())
		// The bounce came before the delivery that it tells of was recorded.
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", Channel: conversation.ChannelMail, At: start}}))
		got := h.claim("a", 1)
		if len(got) != 1 || got[0].To.ID != "t/p1" || got[0].Outbound.Channel != conversation.ChannelTeams {
			t.Fatalf("claimed %+v", got)
		}
		must(t, h.Move(t.Context(), "o1", conversation.ChannelMail))
		must(t, h.Dead(t.Context(), "o1", "smtp_550"))
		if err := resend(); !errors.Is(err, conversation.ErrNotFound) {
			t.Errorf("a second time: %v", err)
		}
	})
}

// Somebody's own mail is found again by its Message-ID.
func TestThreadByNote(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		h.update(func(tx conversation.Tx) error { return tx.NoteMessage("i1", "p1", "<eget@kommun.example>") })
		h.view(func(tx conversation.Tx) error {
			th, err := tx.ThreadByNote("eget@kommun.example")
			if err != nil || th.Incident != "i1" || th.Person != "p1" || th.Outbound != "" {
				t.Errorf("%+v, %v", th, err)
			}
			for _, id := range []string{"annat@kommun.example", "", "a\x00"} {
				if _, err := tx.ThreadByNote(id); !errors.Is(err, conversation.ErrNotFound) {
					t.Errorf("%q: %v", id, err)
				}
			}
			return nil
		})
	})
}
