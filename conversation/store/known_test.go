package store

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

// remembering runs the test on both engines, with what is remembered held against the database and without.
func remembering(t *testing.T, test func(t *testing.T, h *harness)) {
	for _, verify := range []bool{false, true} {
		t.Run(fmt.Sprint("verify ", verify), func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.verify, h.options.Verify = verify, verify
				test(t, h)
			})
		})
	}
}

// say appends a text to the incident's first message, as a turn does: read, changed, saved.
func (h *harness) say(id conversation.IncidentID, text string) error {
	return h.Update(h.tb.Context(), func(tx conversation.Tx) error { return say(tx, id, text) })
}

func say(tx conversation.Tx, id conversation.IncidentID, text string) error {
	in, err := tx.Incident(id)
	if err != nil {
		return err
	}
	in.FirstMessage += text
	in.Answers["17"] = answer("Svar"+text, len(in.Answers)+1, in.Reporter)
	return tx.SaveIncident(in, []conversation.Event{{At: start, Name: "said", Person: in.Reporter}}, start)
}

func (h *harness) wantSaid(id conversation.IncidentID, want string) {
	h.tb.Helper()
	in := h.load(id)
	if got := strings.TrimPrefix(in.FirstMessage, "Vi skickade klasslistan fel"); got != want {
		h.tb.Errorf("it says %q, want %q", got, want)
	}
	if n := len(want); n > 0 {
		if got := in.Answers["17"].Value.Text; got != "Svar"+want[n-1:] {
			h.tb.Errorf("the answer is %q", got)
		}
	}
	must(h.tb, h.VerifyLog(h.tb.Context(), id))
}

// remembered tells whether the incident is in memory.
func (h *harness) remembered(id conversation.IncidentID) bool {
	h.memory.mu.Lock()
	defer h.memory.mu.Unlock()
	return h.memory.byID[id] != nil
}

func TestMemoryForgetsWhatWasNotSaved(t *testing.T) {
	refused := errors.New("refused")
	for name, f := range map[string]func(tx conversation.Tx, id conversation.IncidentID) error{
		"changed and refused": func(tx conversation.Tx, id conversation.IncidentID) error {
			return errors.Join(say(tx, id, "x"), refused)
		},
		"changed and not saved": func(tx conversation.Tx, id conversation.IncidentID) error {
			in, err := tx.Incident(id)
			in.FirstMessage, in.Answers["17"] = "x", answer("x", 9, in.Reporter)
			return err
		},
		"saved, read again and changed": func(tx conversation.Tx, id conversation.IncidentID) error {
			in, err := tx.Incident(id)
			if err == nil {
				err = tx.SaveIncident(in, nil, start)
			}
			if err != nil {
				return err
			}
			if in, err = tx.Incident(id); err == nil {
				in.FirstMessage = "x"
			}
			return err
		},
		"breaks at the commit": func(tx conversation.Tx, id conversation.IncidentID) error {
			return errors.Join(say(tx, id, "x"), tx.Enqueue(outbound("stray", nil, "nobody")))
		},
		"panics": func(tx conversation.Tx, id conversation.IncidentID) error { _ = say(tx, id, "x"); panic("oh") },
	} {
		t.Run(name, func(t *testing.T) {
			remembering(t, func(t *testing.T, h *harness) {
				id := h.incident("i1", "PUI-2026-0001").ID
				must(t, h.say(id, "a"))
				if !h.remembered(id) {
					t.Fatal("it is not remembered")
				}
				_ = h.batch(func(tx conversation.Tx) error { return f(tx, id) }, keepForm("other"))
				must(t, h.say(id, "b"))
				h.wantSaid(id, "ab")
			})
		})
	}
}

// Every process remembers by itself; the row tells whether another has written since.
func TestMemoryOfTwoProcesses(t *testing.T) {
	remembering(t, func(t *testing.T, h *harness) {
		id := h.incident("i1", "PUI-2026-0001").ID
		second := h.again()
		want := ""
		for i, who := range []*harness{h, h, second, second, h, second, h} {
			must(t, who.say(id, fmt.Sprint(i)))
			want += fmt.Sprint(i)
		}
		h.wantSaid(id, want)
		revisions, err := h.Revisions(t.Context(), id)
		if err != nil || len(revisions) != 8 || revisions[7].Seq != 8 {
			t.Errorf("revisions %+v, error %v", revisions, err)
		}
		must(t, second.Purge(t.Context(), id))
		h.update(func(tx conversation.Tx) error {
			in, err := tx.Incident(id)
			if err != nil || !in.Purged || in.FirstMessage != "" {
				t.Errorf("after another purged it: %+v, error %v", in, err)
			}
			return err
		})
		if err := h.say(id, "x"); err == nil {
			t.Error("a purged incident was written")
		}
	})
}

// What is purged is not kept in memory either.
func TestPurgedIsNotRemembered(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.incident("i1", "PUI-2026-0001").ID
		if !h.remembered(id) {
			t.Fatal("it is not remembered")
		}
		must(t, h.Purge(t.Context(), id))
		if h.remembered(id) {
			t.Error("it is remembered")
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	for i := range knownMax + 10 {
		h.incident(fmt.Sprint("i", i), fmt.Sprintf("PUI-2026-%04d", i+1))
	}
	if n, m := h.memory.order.Len(), len(h.memory.byID); n != knownMax || m != knownMax {
		t.Errorf("%d and %d are remembered", n, m)
	}
	if h.remembered("i0") || !h.remembered(conversation.IncidentID(fmt.Sprint("i", knownMax+9))) {
		t.Error("it is not the last that are remembered")
	}
	must(t, h.say("i0", "a"))
	h.wantSaid("i0", "a")
}

// Turns of one incident at once, in two processes: none is lost, and a loser runs again on what the winner left.
func TestNoUpdateIsLost(t *testing.T) {
	remembering(t, func(t *testing.T, h *harness) {
		id := h.incident("i1", "PUI-2026-0001").ID
		second := h.again()
		const turns = 10
		var all sync.WaitGroup
		for _, who := range []*harness{h, h, second} {
			all.Go(func() {
				for range turns {
					err := who.say(id, "x")
					for errors.Is(err, conversation.ErrConflict) {
						runtime.Gosched()
						err = who.say(id, "x")
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		h.wantSaid(id, strings.Repeat("x", 3*turns))
		if in := h.load(id); in.Version != 1+3*turns {
			t.Errorf("version %d", in.Version)
		}
	})
}

// The second of two turns that share a commit reads what the first wrote, whichever of them comes back first to memory.
func TestTurnsOfOneIncidentShareACommit(t *testing.T) {
	for _, verify := range []bool{false, true} {
		h := newHarness(t, sqliteOptions(t)) // PostgreSQL has each commit alone
		h.verify = verify
		id := h.incident("i1", "PUI-2026-0001").ID
		want := ""
		for round := range 10 {
			var turns []func(conversation.Tx) error
			for i := range 4 {
				turns = append(turns, func(tx conversation.Tx) error { return say(tx, id, fmt.Sprint(i)) })
			}
			for _, err := range h.batch(turns...) {
				must(t, err)
			}
			want += "0123"
			if h.memory.order.Len() != 1 {
				t.Fatalf("round %d: %d are remembered", round, h.memory.order.Len())
			}
		}
		h.wantSaid(id, want)
	}
}

// change sets a value to another of its type.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		v.Set(reflect.ValueOf(start.Add(time.Hour)))
	}
}

// Whatever of a person changes is written, also what is added to the type later.
func TestEveryChangeOfAPersonIsSaved(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.person("p1")
		var walk func(path []int, of reflect.Type)
		walk = func(path []int, of reflect.Type) {
			for i := range of.NumField() {
				at := append(append([]int{}, path...), i)
				field := of.Field(i)
				if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
					walk(at, field.Type)
					continue
				}
				if field.Name == "ID" || field.Name == "Version" || field.Name == "Addresses" {
					continue
				}
				var want *conversation.Person
				h.update(func(tx conversation.Tx) (err error) {
					if want, err = tx.Person("p1"); err != nil {
						return err
					}
					change(reflect.ValueOf(want).Elem().FieldByIndex(at))
					return tx.SavePerson(want)
				})
				h.view(func(tx conversation.Tx) error {
					got, err := tx.Person("p1")
					if err == nil && !samePerson(got, want) {
						t.Errorf("%s: stored %+v, want %+v", field.Name, got, want)
					}
					if a, b := fmt.Sprint(reflect.ValueOf(got).Elem().FieldByIndex(at)), fmt.Sprint(reflect.ValueOf(want).Elem().FieldByIndex(at)); a != b {
						t.Errorf("%s: stored %s, want %s", field.Name, a, b)
					}
					return err
				})
			}
		}
		walk(nil, reflect.TypeFor[conversation.Person]())
		for _, f := range []func(a *conversation.Address){
			func(a *conversation.Address) { a.Reference = `{"serviceUrl":"https://other.example"}` },
			func(a *conversation.Address) { a.ID = "another@kommun.example"; a.Channel = conversation.ChannelMail }} {
			h.update(func(tx conversation.Tx) error {
				p, err := tx.Person("p1")
				if err != nil {
					return err
				}
				f(&p.Addresses[0])
				want := p.Addresses[0]
				if err := tx.SavePerson(p); err != nil {
					return err
				}
				if again, err := tx.Person("p1"); err != nil || again.Addresses[0] != want {
					t.Errorf("stored %+v, error %v", again, err)
				}
				return nil
			})
		}
	})
}

// What one copy of a person is changed to, another of the same transaction does not see before it is saved.
func TestPersonsAreCopies(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.person("p1")
		h.update(func(tx conversation.Tx) error {
			a, errA := tx.Person("p1")
			a.Name, a.Addresses[0].Reference = "Changed", "changed"
			b, errB := tx.Person("p1")
			if b.Name == "Changed" || b.Addresses[0].Reference == "changed" {
				t.Errorf("the second has the first's change: %+v", b)
			}
			errC := tx.SavePerson(a)
			c, errD := tx.PersonByAddress(a.Addresses[0])
			if c.Name != "Changed" || c.Addresses[0].Reference != "changed" || c.Version != a.Version {
				t.Errorf("after it was saved: %+v", c)
			}
			return errors.Join(errA, errB, errC, errD)
		})
	})
}
