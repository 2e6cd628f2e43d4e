package store

import (
	"testing"
	"time"

	"frist/conversation"
)

func TestTold(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		tell := func(want bool) {
			t.Helper()
			if ok, err := h.Tell(t.Context(), "mailbox", time.Hour); ok != want || err != nil {
				t.Errorf("to be told: %v, %v; want %v", ok, err, want)
			}
		}
		recovered := func(want bool) {
			t.Helper()
			if ok, err := h.Recovered(t.Context(), "mailbox"); ok != want || err != nil {
				t.Errorf("recovered: %v, %v; want %v", ok, err, want)
			}
		}
		recovered(false)
		tell(true)
		tell(false)
		h.real.move(59 * time.Minute)
		tell(false)
		must(t, h.Reclaim(t.Context())) // a new start tells nothing again
		tell(false)
		h.real.move(time.Minute)
		tell(true)
		must(t, h.Untold(t.Context(), "mailbox"))
		tell(true)
		tell(false)
		recovered(true)
		recovered(false)
		must(t, h.Untold(t.Context(), "mailbox"))
		recovered(true)
	})
}

func TestLateAlarms(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		admin := h.person("admin")
		put := func(id string, k conversation.MessageKind) {
			out := outbound(id, nil, admin.ID)
			out.Kind = k
			h.enqueue(out)
			h.real.move(time.Minute)
		}
		begun := h.real.now()
		put("question", conversation.MessageQuestion)
		put("a1", conversation.MessageAlarm)
		put("a2", conversation.MessageAlarm)
		put("a3", conversation.MessageAlarm)
		late := func(before, deadSince time.Time, n int, want string) {
			t.Helper()
			list, err := h.LateAlarms(t.Context(), before, deadSince, n)
			must(t, err)
			got := ""
			for _, out := range list {
				if out.Kind != conversation.MessageAlarm || len(out.Lines) != 1 {
					t.Errorf("%+v", out)
				}
				got += string(out.ID) + " "
			}
			if got != want {
				t.Errorf("late: %q, want %q", got, want)
			}
		}
		now := h.real.now()
		late(begun.Add(time.Minute), now, 9, "")
		late(begun.Add(2*time.Minute), now, 9, "a1 ")
		late(now, now, 9, "a1 a2 a3 ")
		late(now, now, 2, "a1 a2 ")
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "a1", At: start}}))
		must(t, h.Dead(t.Context(), "a2", "rejected"))
		late(begun, now, 9, "a2 ") // given up: told at once
		late(now, now.Add(time.Second), 9, "a3 ")
		h.mustRaw(`UPDATE outbox SET sealed = key_sealed WHERE id = 'a2'`)
		late(now, now, 9, "a3 ") // one that cannot be opened is in nobody's way
	})
}

func TestCountsOfTheOutbox(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		begun := h.real.now()
		for i, k := range []conversation.MessageKind{conversation.MessageQuestion, conversation.MessageAlert, conversation.MessageAlarm} {
			for j, c := range []conversation.Channel{conversation.ChannelMail, conversation.ChannelTeams} {
				out := outbound(string(k)+string(c), in, in.Reporter)
				out.Kind, out.Channel = k, c
				if i > 0 && j > 0 {
					continue
				}
				h.enqueue(out)
			}
			h.real.move(time.Minute)
		}
		c, err := h.Counts(t.Context())
		must(t, err)
		mail, teams := c.Waiting[conversation.ChannelMail], c.Waiting[conversation.ChannelTeams]
		if c.Unsent != 4 || !c.OldestUnsent.Equal(begun) || mail.N != 3 || !mail.Oldest.Equal(begun) || !mail.OldestUrgent.Equal(begun.Add(time.Minute)) ||
			teams.N != 1 || !teams.OldestUrgent.IsZero() || c.Dead != 0 {
			t.Errorf("counts %+v", c)
		}
		if !c.NextDeadline.Equal(in.DeadlineAt) {
			t.Errorf("next deadline %v, want %v", c.NextDeadline, in.DeadlineAt)
		}
		must(t, h.Dead(t.Context(), "questionteams", "rejected"))
		in.Status = conversation.StatusNotified
		h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
		if c, err = h.Counts(t.Context()); err != nil || c.Unsent != 3 || c.Dead != 1 || !c.NextDeadline.IsZero() || c.Incidents[conversation.StatusNotified] != 1 {
			t.Errorf("counts %+v, %v", c, err)
		}
	})
}
