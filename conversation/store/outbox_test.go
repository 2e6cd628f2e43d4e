package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

func TestDelivery(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		out := outbound("o1", in, in.Reporter)
		out.Document = &conversation.Document{Notification: &conversation.Notification{Answers: map[string]any{"23": map[string]any{"exact": int64(12)}}}}
		greeting := outbound("o2", nil, h.person("p1").ID)
		h.enqueue(out)
		h.real.move(time.Second)
		h.enqueue(greeting)
		got := h.claim("a", 10)
		if ids(got) != "o1 o2" {
			t.Fatalf("claimed %s", ids(got))
		}
		d := got[0]
		d.Outbound.Document.Notification.AwareAt, d.Outbound.Document.Notification.DeadlineAt = conversation.Stamp{}, conversation.Stamp{}
		if !reflect.DeepEqual(d.Outbound, out) {
			t.Errorf("got  %+v\nwant %+v", d.Outbound, out)
		}
		if d.Attempts != 1 || d.Name != "Name of reporter-of-i1" || d.To.ID != "reporter-of-i1@kommun.example" || d.To.Channel != conversation.ChannelMail {
			t.Errorf("delivery %+v", d)
		}
		waiting, dead, err := h.Unsent(t.Context())
		if waiting != 2 || dead != 0 || err != nil {
			t.Errorf("waiting %d, dead %d, error %v", waiting, dead, err)
		}
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start.Add(time.Minute), Ref: "ref-1"}}))
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o1", At: start.Add(time.Hour), Ref: "ref-2"}}))
		must(t, h.Retry(t.Context(), "o1", h.real.now(), "late"))
		must(t, h.Dead(t.Context(), "o1", "late"))
		must(t, h.Move(t.Context(), "o1", conversation.ChannelTeams))
		must(t, h.Dead(t.Context(), "o2", "rejected"))
		h.view(func(tx conversation.Tx) error {
			th, err := tx.Thread("o1")
			if err == nil && (!th.SentAt.Equal(start.Add(time.Minute)) || th.Incident != "i1" || th.Field != "16" || th.Revision != 2 ||
				th.Kind != conversation.MessageQuestion || th.Person != in.Reporter) {
				t.Errorf("thread %+v", th)
			}
			return err
		})
		if ref, err := h.Ref(t.Context(), "o1"); ref != "ref-1" || err != nil {
			t.Errorf("ref %q, error %v", ref, err)
		}
		if ref, err := h.Ref(t.Context(), "o2"); ref != "" || err != nil {
			t.Errorf("ref %q, error %v", ref, err)
		}
		if waiting, dead, err := h.Unsent(t.Context()); waiting != 0 || dead != 1 || err != nil {
			t.Errorf("waiting %d, dead %d, error %v", waiting, dead, err)
		}
		for name, err := range map[string]error{"sent": h.Sent(t.Context(), []conversation.Receipt{{Outbound: "none", At: start}}), "retry": h.Retry(t.Context(), "none", start, ""),
			"dead": h.Dead(t.Context(), "none", ""), "move": h.Move(t.Context(), "none", conversation.ChannelMail)} {
			if !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("%s of a message that is not there: %v", name, err)
			}
		}
	})
}

// Eight claimers at once, on two handles: no message is had by two, and each person's come in order.
func TestClaimsNeverDouble(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		const persons, messages = 6, 8
		in := h.incident("i1", "PUI-2026-0001")
		for p := range persons {
			h.person(fmt.Sprint("p", p))
		}
		second, err := Open(t.Context(), h.options)
		must(t, err)
		defer second.Close()
		var (
			mu      sync.Mutex
			flying  = map[conversation.PersonID]bool{}
			arrived = map[conversation.PersonID][]string{}
			wg      sync.WaitGroup
		)
		// On SQLite two stores poll for one file, and on a busy machine one may find it taken each time that it looks.
		patient := func(f func() error) (err error) {
			for range claimTries {
				if err = f(); !errors.Is(err, conversation.ErrConflict) {
					break
				}
			}
			return err
		}
		enqueue := func(p, n int) error {
			return patient(func() error {
				return h.Update(t.Context(), func(tx conversation.Tx) error {
					return tx.Enqueue(outbound(fmt.Sprintf("o%d-%d", p, n), in, conversation.PersonID(fmt.Sprint("p", p))))
				})
			})
		}
		for n := range messages / 2 {
			for p := range persons {
				must(t, enqueue(p, n))
			}
		}
		wg.Go(func() { // more come in while they are sent
			for n := messages / 2; n < messages; n++ {
				for p := range persons {
					if err := enqueue(p, n); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
		deliver := func(s *Store, d conversation.Delivery) {
			p := d.Outbound.Person
			mu.Lock()
			if flying[p] {
				t.Errorf("%s has two messages under way", p)
			}
			flying[p] = true
			arrived[p] = append(arrived[p], string(d.Outbound.ID))
			mu.Unlock()
			if _, err := s.Ref(t.Context(), d.Outbound.ID); err != nil { // it takes a while, in which others claim
				t.Error(err)
			}
			mu.Lock()
			flying[p] = false
			mu.Unlock()
			if err := patient(func() error { return s.Sent(t.Context(), []conversation.Receipt{{Outbound: d.Outbound.ID, At: start}}) }); err != nil {
				t.Error(err)
			}
		}
		total := func() (n int) {
			mu.Lock()
			defer mu.Unlock()
			for _, list := range arrived {
				n += len(list)
			}
			return n
		}
		for i := range 8 {
			s := []*Store{h.Store, second}[i%2]
			wg.Go(func() {
				for total() < persons*messages && !t.Failed() {
					list, err := s.Claim(t.Context(), fmt.Sprint("holder", i), conversation.ChannelMail, h.real.now().Add(time.Hour), 3)
					if err != nil {
						t.Error(err)
						return
					}
					for _, d := range list {
						deliver(s, d)
					}
				}
			})
		}
		wg.Wait()
		for p := range persons {
			var want []string
			for n := range messages {
				want = append(want, fmt.Sprintf("o%d-%d", p, n))
			}
			if got := arrived[conversation.PersonID(fmt.Sprint("p", p))]; !reflect.DeepEqual(got, want) {
				t.Errorf("person %d got %v", p, got)
			}
		}
	})
}

func TestDedup(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		one, two, three := outbound("o1", in, in.Reporter), outbound("o2", in, in.Reporter), outbound("o3", in, in.Reporter)
		one.Dedup, two.Dedup = "i1/48h", "i1/48h"
		h.enqueue(one, two)
		h.enqueue(two, three)
		for _, want := range []string{"o1", "o3", ""} {
			if got := ids(h.claim("a", 9)); got != want {
				t.Fatalf("claimed %q, want %q", got, want)
			}
			if want != "" {
				must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: conversation.OutboundID(want), At: start}}))
			}
		}
		h.view(func(tx conversation.Tx) error {
			if id, err := tx.LastMessage("i1", in.Reporter); id != "o3@frist.example" {
				t.Errorf("last message %q, error %v", id, err)
			}
			_, err := tx.Thread("o2")
			if !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("the dropped message: %v", err)
			}
			return nil
		})
	})
}

func TestThreads(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		card := outbound("o2", in, in.Reporter)
		card.Channel, card.Question, card.Token, card.MessageID = conversation.ChannelTeams, nil, "", ""
		again := card
		again.ID = "o3" // neither has a token: that is no clash
		h.enqueue(outbound("o1", in, in.Reporter), card, again)
		must(t, h.Sent(t.Context(), []conversation.Receipt{{Outbound: "o2", At: start, Ref: "1700000000001"}}))
		h.view(func(tx conversation.Tx) error {
			find := func(want conversation.OutboundID, th *conversation.Thread, err error) {
				t.Helper()
				if want == "" && !errors.Is(err, conversation.ErrNotFound) || want != "" && (err != nil || th.Outbound != want) {
					t.Errorf("found %+v, error %v; want %q", th, err, want)
				}
			}
			for token, want := range map[string]conversation.OutboundID{"tokeno1": "o1", "TOKENO1": "o1", "tokeno9": "", "": ""} {
				th, err := tx.ThreadByToken(token)
				find(want, th, err)
			}
			for id, want := range map[string]conversation.OutboundID{"o1@frist.example": "o1", "<o1@frist.example>": "o1", "1700000000001": "o2",
				"": "", "<>": "", "x\x00": "", "\xff": "", strings.Repeat("x", 4000): "", "none@frist.example": ""} {
				th, err := tx.ThreadByMessage(id)
				find(want, th, err)
			}
			return nil
		})
		h.update(func(tx conversation.Tx) error {
			for _, id := range []string{"<in1@kommun.example>", "o1@frist.example", "in2@kommun.example", "<in1@kommun.example>",
				"", "x\x00y", strings.Repeat("x", 4000)} {
				if err := tx.NoteMessage("i1", in.Reporter, id); err != nil {
					return err
				}
			}
			return tx.NoteMessage("", in.Reporter, "in3@kommun.example")
		})
		last := func(want string) {
			t.Helper()
			h.view(func(tx conversation.Tx) error {
				if id, err := tx.LastMessage("i1", in.Reporter); err != nil || id != want {
					t.Errorf("last message %q, error %v; want %q", id, err, want)
				}
				if id, err := tx.LastMessage("i1", "nobody"); err != nil || id != "" {
					t.Errorf("nobody's last message %q, error %v", id, err)
				}
				return nil
			})
		}
		last("in1@kommun.example")
		h.enqueue(outbound("o4", in, in.Reporter))
		last("o4@frist.example")
		must(t, h.Dead(t.Context(), "o4", "rejected"))
		last("in1@kommun.example")
		moved := outbound("o5", in, in.Reporter)
		moved.Channel = conversation.ChannelTeams
		h.enqueue(moved)
		last("in1@kommun.example")
		must(t, h.Move(t.Context(), "o5", conversation.ChannelMail))
		last("o5@frist.example")
		must(t, h.Move(t.Context(), "o5", conversation.ChannelTeams))
		last("in1@kommun.example")
	})
}

func TestLease(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		take := func(holder string, wantFence int64, wantOK bool) {
			t.Helper()
			fence, ok, err := h.Lease(t.Context(), "mailbox", holder, time.Minute)
			if err != nil || ok != wantOK || fence != wantFence {
				t.Errorf("%s: fence %d, ok %v, error %v; want %d, %v", holder, fence, ok, err, wantFence, wantOK)
			}
		}
		take("a", 1, true)
		take("b", 0, false)
		h.real.move(50 * time.Second)
		take("a", 1, true)
		h.real.move(50 * time.Second)
		take("b", 0, false)
		must(t, h.Release(t.Context(), "mailbox", "b")) // not b's to give up
		take("b", 0, false)
		h.real.move(10 * time.Second)
		take("b", 2, true) // it has run out
		take("a", 0, false)
		must(t, h.Release(t.Context(), "mailbox", "b"))
		take("a", 3, true)
		h.real.move(2 * time.Minute)
		take("a", 4, true) // run out and taken anew by the same
		if fence, ok, err := h.Lease(t.Context(), "other", "b", time.Minute); fence != 1 || !ok || err != nil {
			t.Errorf("another lease: %d, %v, %v", fence, ok, err)
		}
	})
}

// Tokens that a mail carries stay good, however they were stored when it was sent.
func TestTokensOfOldRowsAreFound(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		h.enqueue(outbound("o1", in, in.Reporter), outbound("o2", in, in.Reporter))
		h.mustRaw(`UPDATE outbox SET token_hash = '` + bareHash("tokeno1") + `' WHERE id = 'o1'`)
		h.view(func(tx conversation.Tx) error {
			for token, want := range map[string]conversation.OutboundID{"Tokeno1": "o1", "tokeno2": "o2"} {
				if th, err := tx.ThreadByToken(token); err != nil || th.Outbound != want {
					t.Errorf("token %s leads to %+v, error %v; want %s", token, th, err, want)
				}
			}
			return nil
		})
	})
}
