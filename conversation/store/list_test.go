package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

func TestNextNumberNeverTwice(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		var mu sync.Mutex
		var got []int
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 4 {
					var n int
					err := h.Update(t.Context(), func(tx conversation.Tx) (err error) {
						n, err = tx.NextNumber(2026)
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					got = append(got, n)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("numbers %v", got)
			}
		}
		h.update(func(tx conversation.Tx) error {
			n, err := tx.NextNumber(2027)
			if n != 1 {
				t.Errorf("a new year begins at %d", n)
			}
			return err
		})
	})
}

func TestIncidentLists(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		dso := h.person("dso")
		for i, number := range []string{"PUI-2026-10000", "PUI-2026-0002", "PUI-2026-9999", "PUI-2025-0007"} {
			p := h.person(fmt.Sprint("p", i))
			in := newIncident(fmt.Sprint("i", i), number, p.ID)
			in.ReportedAt = start.Add(time.Duration(i) * time.Minute)
			in.Conversations = append(in.Conversations, &conversation.Conversation{Person: dso.ID, Role: conversation.RoleDSO},
				&conversation.Conversation{Person: p.ID, Role: conversation.RoleReporter})
			h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
		}
		h.update(func(tx conversation.Tx) error {
			in, err := tx.Incident("i1")
			must(t, err)
			in.Status = conversation.StatusNotified
			return tx.SaveIncident(in, nil, start)
		})
		h.view(func(tx conversation.Tx) error {
			all, err := tx.Incidents()
			var numbers []string
			for _, in := range all {
				numbers = append(numbers, in.Number)
			}
			if fmt.Sprint(numbers) != "[PUI-2025-0007 PUI-2026-0002 PUI-2026-9999 PUI-2026-10000]" {
				t.Errorf("all: %v", numbers)
			}
			for p, want := range map[conversation.PersonID]string{"dso": "[i3 i2 i0]", "p0": "[i0]", "p1": "[]", "nobody": "[]"} {
				open, err := tx.OpenIncidents(p)
				if err != nil || fmt.Sprint(open) != want {
					t.Errorf("open of %s: %v, error %v; want %s", p, open, err, want)
				}
			}
			return err
		})
		c, err := h.Counts(t.Context())
		if err != nil || c.Incidents[conversation.StatusReported] != 3 || c.Incidents[conversation.StatusNotified] != 1 {
			t.Errorf("counts %+v, error %v", c, err)
		}
	})
}

func TestDue(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		if at, ok, err := h.NextDue(t.Context()); ok || err != nil {
			t.Errorf("nothing is due, but %v, error %v", at, err)
		}
		for i, due := range []time.Time{start.Add(2 * time.Hour), start.Add(time.Hour + 10*time.Nanosecond), {}} {
			p := h.person(fmt.Sprint("p", i))
			h.update(func(tx conversation.Tx) error {
				return tx.SaveIncident(newIncident(fmt.Sprint("i", i), fmt.Sprint("N-", i), p.ID), nil, due)
			})
		}
		due := func(now time.Time) string {
			ids, err := h.Due(t.Context(), now)
			must(t, err)
			return fmt.Sprint(ids)
		}
		at, ok, err := h.NextDue(t.Context())
		if err != nil || !ok || at.Before(start.Add(time.Hour+10*time.Nanosecond)) || at.After(start.Add(time.Hour+time.Microsecond)) {
			t.Errorf("next due %v %v, error %v", at, ok, err)
		}
		if due(at.Add(-time.Microsecond)) != "[]" || due(at) != "[i1]" || due(start.Add(2*time.Hour)) != "[i1 i0]" {
			t.Errorf("due %s, %s, %s", due(at.Add(-time.Microsecond)), due(at), due(start.Add(2*time.Hour)))
		}
		h.update(func(tx conversation.Tx) error {
			in, err := tx.Incident("i1")
			must(t, err)
			in.Status = conversation.StatusClosed
			return tx.SaveIncident(in, nil, start)
		})
		if due(start.Add(2*time.Hour)) != "[i0]" {
			t.Errorf("a closed incident is due: %s", due(start.Add(2*time.Hour)))
		}
	})
}
