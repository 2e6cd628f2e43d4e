package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

func TestAcceptOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := conversation.RawInbound{ID: "m1", Channel: conversation.ChannelMail, At: start.Add(time.Second), Raw: []byte("Subject: hej\r\n\r\nhej")}
		earlier := conversation.RawInbound{ID: "m2", Channel: conversation.ChannelTeams, At: start, Raw: []byte("{}")}
		for i, c := range []struct {
			in   conversation.RawInbound
			want bool
		}{{in, true}, {in, false}, {earlier, true}} {
			if fresh, err := h.Accept(t.Context(), c.in); err != nil || fresh != c.want {
				t.Fatalf("accept %d: fresh %v, error %v", i, fresh, err)
			}
		}
		waiting, err := h.Waiting(t.Context())
		if err != nil || fmt.Sprint(waiting) != "[m2 m1]" {
			t.Fatalf("waiting %v, error %v", waiting, err)
		}
		incident := h.incident("i1", "PUI-2026-0001")
		h.update(func(tx conversation.Tx) error {
			got, done, err := tx.Inbound("m1")
			if err != nil || done || string(got.Raw) != string(in.Raw) || !got.At.Equal(in.At) || got.Channel != in.Channel {
				t.Errorf("inbound %+v, done %v, error %v", got, done, err)
			}
			return tx.FinishInbound("m1", incident.ID, "answered", true, start)
		})
		h.view(func(tx conversation.Tx) error {
			got, done, err := tx.Inbound("m1")
			if !done || string(got.Raw) != string(in.Raw) {
				t.Errorf("after the turn: inbound %q, done %v", got.Raw, done)
			}
			return err
		})
		err = h.Update(t.Context(), func(tx conversation.Tx) error { return tx.FinishInbound("m1", incident.ID, "answered", true, start) })
		if !errors.Is(err, conversation.ErrConflict) {
			t.Errorf("a second turn: %v", err)
		}
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.FinishInbound("m2", "", "automatic", false, start), tx.EraseInbound("m1"))
		})
		h.view(func(tx conversation.Tx) error {
			for _, id := range []conversation.InboundID{"m1", "m2"} {
				if got, done, err := tx.Inbound(id); err != nil || !done || got.Raw != nil {
					t.Errorf("%s: raw %q, done %v, error %v", id, got.Raw, done, err)
				}
			}
			_, _, err := tx.Inbound("none")
			if !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("unknown inbound: %v", err)
			}
			return nil
		})
		if waiting, err := h.Waiting(t.Context()); err != nil || len(waiting) > 0 {
			t.Errorf("waiting %v, error %v", waiting, err)
		}
	})
}

// A turn is committed whole or not at all.
func TestTurnIsAtomic(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		_, err := h.Accept(t.Context(), conversation.RawInbound{ID: "m1", Channel: conversation.ChannelMail, At: start, Raw: []byte("x")})
		must(t, err)
		turn := func(in *conversation.Incident, end error) error {
			return h.Update(t.Context(), func(tx conversation.Tx) error {
				in.Answers["16"] = answer("Ändrat", 2, in.Reporter)
				n, err := tx.NextNumber(2026)
				if n != 1 {
					t.Errorf("number %d, error %v", n, err)
				}
				return errors.Join(err, tx.SaveIncident(in, []conversation.Event{{At: start, Name: "answered"}}, start),
					tx.Enqueue(outbound("o1", in, in.Reporter)), tx.FinishInbound("m1", in.ID, "answered", true, start),
					tx.NoteMessage(in.ID, in.Reporter, "a@b.example"), end)
			})
		}
		boom := errors.New("boom")
		if err := turn(in, boom); !errors.Is(err, boom) {
			t.Fatalf("the turn's error is %v", err)
		}
		func() {
			defer func() { recover() }()
			h.Update(t.Context(), func(tx conversation.Tx) error {
				must(t, tx.EraseInbound("m1"))
				panic("in a turn")
			})
		}()
		got := h.load("i1")
		if got.Version != 1 || got.Answers["16"].Value.Text != "Listan kom bort" {
			t.Errorf("the incident changed: version %d, answer %q", got.Version, got.Answers["16"].Value.Text)
		}
		waiting, err := h.Waiting(t.Context())
		unsent, _, err2 := h.Unsent(t.Context())
		if len(waiting) != 1 || unsent != 0 || err != nil || err2 != nil {
			t.Errorf("waiting %v, unsent %d, errors %v, %v", waiting, unsent, err, err2)
		}
		must(t, turn(got, nil))
		h.view(func(tx conversation.Tx) error {
			events, err := tx.Events("i1")
			if len(events) != 2 || events[1].Name != "answered" {
				t.Errorf("events %+v", events)
			}
			if id, err := tx.LastMessage("i1", in.Reporter); err != nil || id != "a@b.example" {
				t.Errorf("last message %q, error %v", id, err)
			}
			return err
		})
	})
}

func TestIncidentRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := h.person("p1")
		exact := int64(1)<<60 + 1
		in := newIncident("i1", "PUI-2026-0001", p.ID)
		in.AwareAt = time.Date(912, 1, 2, 3, 4, 5, 0, time.UTC) // a hostile date must not overflow a column
		in.ReportedAt = start.Add(123456789 * time.Nanosecond)
		in.Answers["23"] = conversation.Answer{Value: conversation.Value{Exact: &exact}, At: start, Role: conversation.RoleReporter}
		in.Reminded["48h"] = start
		in.Watch.Called = []conversation.Call{{Person: p.ID, Post: conversation.PostDSO, At: start}}
		in.Decision = &conversation.Decision{Outcome: conversation.OutcomeApprove, By: p.ID, At: start, Revision: 3,
			Content: &conversation.Notification{Number: "PUI-2026-0001", AwareAt: conversation.Stamp{Time: start},
				Answers: map[string]any{"23": map[string]any{"exact": exact}, "5-8": []any{map[string]any{"name": "Eva"}}}}}
		h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
		got := h.load("i1")
		if !got.AwareAt.Equal(in.AwareAt) || !got.ReportedAt.Equal(in.ReportedAt) || got.FirstMessage != in.FirstMessage {
			t.Errorf("got %+v", got)
		}
		if *got.Answers["23"].Value.Exact != exact || got.Decision.Content.Answers["23"].(map[string]any)["exact"] != exact {
			t.Errorf("the count is %v and %v", *got.Answers["23"].Value.Exact, got.Decision.Content.Answers)
		}
		if !got.Decision.Content.AwareAt.Equal(start) || !got.Reminded["48h"].Equal(start) || got.Watch.Called[0].Post != conversation.PostDSO {
			t.Errorf("got %+v", got)
		}
		if in.Version != 1 || got.Version != 1 {
			t.Errorf("versions %d and %d", in.Version, got.Version)
		}
		h.view(func(tx conversation.Tx) error {
			byNumber, err := tx.IncidentByNumber("PUI-2026-0001")
			if err != nil || byNumber.ID != "i1" {
				t.Errorf("by number: %v, error %v", byNumber, err)
			}
			for _, number := range []string{"PUI-2026-0002", "", "\x00", strings.Repeat("9", 5000)} {
				if _, err := tx.IncidentByNumber(number); !errors.Is(err, conversation.ErrNotFound) {
					t.Errorf("number %.20q: %v", number, err)
				}
			}
			_, err = tx.Incident("i2")
			if !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("no incident: %v", err)
			}
			return nil
		})
	})
}

func TestAnswersKeepEveryRevision(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		save := func(change func(*conversation.Incident)) {
			t.Helper()
			h.update(func(tx conversation.Tx) error {
				in, err := tx.Incident("i1")
				if err != nil {
					return err
				}
				change(in)
				return tx.SaveIncident(in, nil, time.Time{})
			})
		}
		save(func(in *conversation.Incident) {})
		save(func(in *conversation.Incident) { in.Answers["16"] = answer("Andra", 2, in.Reporter) })
		save(func(in *conversation.Incident) { in.Answers["17"] = answer("Sjutton", 2, in.Reporter) })
		save(func(in *conversation.Incident) { delete(in.Answers, "16") })
		if got := h.load("i1"); len(got.Answers) != 1 {
			t.Errorf("an answer that was taken back is there: %+v", got.Answers)
		}
		// The same instant and revision, another text: it must not be lost.
		save(func(in *conversation.Incident) { in.Answers["17"] = answer("Sjutton igen", 2, in.Reporter) })
		save(func(in *conversation.Incident) { in.Answers["16"] = answer("Tredje", 3, in.Reporter) })
		got := h.load("i1")
		if got.Answers["16"].Value.Text != "Tredje" || got.Answers["17"].Value.Text != "Sjutton igen" {
			t.Errorf("answers %+v", got.Answers)
		}
		all, err := h.Revisions(t.Context(), "i1")
		must(t, err)
		var said []string
		for _, r := range all {
			text := "(taken back)"
			if r.Answer != nil {
				text = r.Answer.Value.Text
			}
			said = append(said, r.Field+" "+text)
		}
		want := []string{"16 Listan kom bort", "16 Andra", "17 Sjutton", "16 (taken back)", "17 Sjutton igen", "16 Tredje"}
		if !slices.Equal(said, want) {
			t.Errorf("got  %q\nwant %q", said, want)
		}
		// One that was not loaded in its own transaction compares with what is stored, too.
		stale := *got
		h.update(func(tx conversation.Tx) error { return tx.SaveIncident(&stale, nil, time.Time{}) })
		if all, err := h.Revisions(t.Context(), "i1"); err != nil || len(all) != len(want) {
			t.Errorf("%d revisions, error %v", len(all), err)
		}
		_ = in
	})
}

func TestConflicts(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		old := *in
		h.update(func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, time.Time{}) })
		conflict := func(name string, f func(conversation.Tx) error) {
			t.Helper()
			if err := h.Update(t.Context(), f); !errors.Is(err, conversation.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		conflict("an old version", func(tx conversation.Tx) error { return tx.SaveIncident(&old, nil, time.Time{}) })
		conflict("the same number", func(tx conversation.Tx) error {
			return tx.SaveIncident(newIncident("i2", "PUI-2026-0001", in.Reporter), nil, time.Time{})
		})
		conflict("the same id", func(tx conversation.Tx) error {
			return tx.SaveIncident(newIncident("i1", "PUI-2026-0002", in.Reporter), nil, time.Time{})
		})
		gone := newIncident("i3", "PUI-2026-0003", in.Reporter)
		gone.Version = 4
		conflict("an incident that is not there", func(tx conversation.Tx) error { return tx.SaveIncident(gone, nil, time.Time{}) })
		p := h.person("p1")
		first := *p
		h.update(func(tx conversation.Tx) error { return tx.SavePerson(p) })
		conflict("an old person", func(tx conversation.Tx) error { return tx.SavePerson(&first) })
		conflict("a person's id", func(tx conversation.Tx) error { return tx.SavePerson(&conversation.Person{ID: "p1"}) })
		err := h.Update(t.Context(), func(tx conversation.Tx) error { return tx.Enqueue(outbound("o1", gone, in.Reporter)) })
		if err == nil || !strings.Contains(err.Error(), "was not saved") {
			t.Errorf("a message about an incident that was never saved: %v", err)
		}
	})
}

// Two that change one incident at once: every change is kept.
func TestConcurrentTurns(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		const writers, turns = 4, 5
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range turns {
					for {
						err := h.Update(t.Context(), func(tx conversation.Tx) error {
							in, err := tx.Incident("i1")
							if err != nil {
								return err
							}
							in.Revision++
							field := fmt.Sprintf("%d-%d", w, n)
							in.Answers[field] = answer(field, in.Revision, in.Reporter)
							return tx.SaveIncident(in, []conversation.Event{{At: start, Name: "answered", Field: field}}, time.Time{})
						})
						if err == nil {
							break
						}
						if !errors.Is(err, conversation.ErrConflict) {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		in := h.load("i1")
		if in.Revision != writers*turns || len(in.Answers) != writers*turns+1 {
			t.Errorf("revision %d, %d answers", in.Revision, len(in.Answers))
		}
		must(t, h.VerifyLog(t.Context(), "i1"))
	})
}
