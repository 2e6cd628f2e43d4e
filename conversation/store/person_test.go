package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"frist/conversation"
)

func TestPerson(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := h.person("p1")
		p.GreetedAt, p.Name, p.Unit = start, "Eva\x00 \xff", "skolan"
		p.AbsentAt, p.Pace = start, conversation.Pace{Hour: start, Count: 7, Same: "abc", Repeats: 2, Outside: 1, Reports: 3}
		h.update(func(tx conversation.Tx) error { return tx.SavePerson(p) })
		h.view(func(tx conversation.Tx) error {
			got, err := tx.PersonByAddress(conversation.Address{Channel: conversation.ChannelMail, ID: "p1@kommun.example", Reference: "other"})
			if err != nil {
				return err
			}
			p.Name = "Eva \uFFFD"
			if !reflect.DeepEqual(got, p) || got.Version != 2 {
				t.Errorf("got %+v, want %+v", got, p)
			}
			for _, a := range []conversation.Address{{Channel: conversation.ChannelMail, ID: "p2@kommun.example"},
				{Channel: conversation.ChannelTeams, ID: "p1@kommun.example"}, {}, {Channel: conversation.ChannelMail, ID: "a\x00b"}} {
				if _, err := tx.PersonByAddress(a); !errors.Is(err, conversation.ErrNotFound) {
					t.Errorf("%+v: %v", a, err)
				}
			}
			_, err = tx.Person("p2")
			if !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("no person: %v", err)
			}
			return nil
		})
		for _, id := range []string{"", "a\x00b", "\xff", strings.Repeat("a", keyMax+1)} {
			err := h.Update(t.Context(), func(tx conversation.Tx) error {
				return tx.SavePerson(&conversation.Person{ID: "p3", Addresses: []conversation.Address{{Channel: conversation.ChannelMail, ID: id}}})
			})
			if err == nil || errors.Is(err, conversation.ErrConflict) {
				t.Errorf("address %.10q: %v", id, err)
			}
		}
	})
}

func TestAddressesMove(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		a, b := h.person("a"), h.person("b")
		a.Addresses = append(b.Addresses[1:2:2], a.Addresses[0])
		h.update(func(tx conversation.Tx) error { return tx.SavePerson(a) })
		h.view(func(tx conversation.Tx) error {
			got, err := tx.Person("a")
			if err != nil || !reflect.DeepEqual(got.Addresses, a.Addresses) {
				t.Errorf("a has %+v, error %v", got.Addresses, err)
			}
			got, err = tx.Person("b")
			if err != nil || len(got.Addresses) != 1 || got.Addresses[0].Channel != conversation.ChannelTeams {
				t.Errorf("b has %+v, error %v", got.Addresses, err)
			}
			owner, err := tx.PersonByAddress(b.Addresses[1])
			if err != nil || owner.ID != "a" {
				t.Errorf("b's mail address belongs to %v, error %v", owner, err)
			}
			if _, err := tx.PersonByAddress(conversation.Address{Channel: conversation.ChannelMail, ID: "a@kommun.example"}); !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("a's old address: %v", err)
			}
			return nil
		})
		// Joining: both are saved in one transaction.
		h.update(func(tx conversation.Tx) error {
			b, err := tx.Person("b")
			must(t, err)
			a.Addresses, b.Addresses = append(a.Addresses, b.Addresses...), nil
			return errors.Join(tx.SavePerson(a), tx.SavePerson(b))
		})
		h.view(func(tx conversation.Tx) error {
			got, err := tx.Person("a")
			if len(got.Addresses) != 3 {
				t.Errorf("after joining: %+v", got.Addresses)
			}
			return err
		})
	})
}

// Two first messages of one newcomer, on two replicas: one person comes of it.
func TestNewcomerOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		a := conversation.Address{Channel: conversation.ChannelMail, ID: "ny@kommun.example"}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				for {
					err := h.Update(t.Context(), func(tx conversation.Tx) error {
						_, err := tx.PersonByAddress(a)
						if !errors.Is(err, conversation.ErrNotFound) {
							return err
						}
						return tx.SavePerson(&conversation.Person{ID: conversation.PersonID(fmt.Sprint("p", i)), Addresses: []conversation.Address{a}})
					})
					if err == nil {
						return
					}
					if !errors.Is(err, conversation.ErrConflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		var n int
		must(t, h.read.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM person`).Scan(&n))
		if n != 1 {
			t.Errorf("%d persons", n)
		}
	})
}
