package store

import (
	"testing"

	"frist/conversation"
)

func (h *harness) lookUp(id conversation.PersonID) func(conversation.Tx) error {
	return func(tx conversation.Tx) error { _, err := tx.Person(id); return err }
}

// Of transactions that share a commit, one may have read a person before another wrote them.
func TestPersonReadBeforeAnotherWroteThem(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p := h.person("p1")
		old := p.Addresses[1]
		rename := func(name string) func(conversation.Tx) error {
			return func(tx conversation.Tx) error {
				p, err := tx.Person("p1")
				if err != nil {
					return err
				}
				p.Name = name
				p.Addresses[1].ID = name + "@kommun.example"
				return tx.SavePerson(p)
			}
		}
		for _, err := range h.batch(h.lookUp("p1"), rename("new"), h.lookUp("p1")) {
			must(t, err)
		}
		for _, err := range h.batch(h.lookUp("p1"), rename("newer")) {
			must(t, err)
		}
		h.update(rename("newest"))
		h.update(func(tx conversation.Tx) error {
			now := conversation.Address{Channel: conversation.ChannelMail, ID: "newest@kommun.example"}
			got, err := tx.PersonByAddress(now)
			if err == nil && (got.Name != "newest" || got.Addresses[1].ID != now.ID) {
				t.Errorf("found %+v", got)
			}
			if x, err := tx.PersonByAddress(old); err == nil {
				t.Errorf("the old address still finds %+v", x)
			}
			return err
		})
	})
}

// The address goes to another person, whom nobody has looked for, while the one who had it is in memory.
func TestAddressMovesInASharedCommit(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		p, q := h.person("p1"), h.person("q1")
		moved := q.Addresses[1]
		take := func(tx conversation.Tx) error {
			p.Addresses = append(p.Addresses, moved)
			return tx.SavePerson(p)
		}
		for _, err := range h.batch(h.lookUp("q1"), take) {
			must(t, err)
		}
		h.update(func(tx conversation.Tx) error {
			got, err := tx.PersonByAddress(moved)
			if err == nil && got.ID != "p1" {
				t.Errorf("it still belongs to %s", got.ID)
			}
			if left, err := tx.Person("q1"); err != nil || len(left.Addresses) != 1 {
				t.Errorf("left are %+v, error %v", left, err)
			}
			return err
		})
	})
}

// What a transaction wrote of a person and took back is not remembered; nor what another process has overtaken.
func TestPeopleInMemoryAreThoseOfTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.person("p1")
		h.update(h.lookUp("p1"))
		_ = h.batch(func(tx conversation.Tx) error {
			p, err := tx.Person("p1")
			if err != nil {
				return err
			}
			p.Name = "taken back"
			if err := tx.SavePerson(p); err != nil {
				return err
			}
			_, _ = tx.Person("p1")
			return conversation.ErrConflict
		}, h.lookUp("p1"))
		h.update(func(tx conversation.Tx) error {
			p, err := tx.Person("p1")
			if err == nil && p.Name != "Name of p1" {
				t.Errorf("it is %q", p.Name)
			}
			return err
		})
		other := h.again()
		other.update(func(tx conversation.Tx) error {
			p, err := tx.Person("p1")
			if err != nil {
				return err
			}
			p.Name = "from elsewhere"
			return tx.SavePerson(p)
		})
		h.update(func(tx conversation.Tx) error {
			p, err := tx.Person("p1")
			if err == nil && p.Name != "from elsewhere" {
				t.Errorf("it is %q", p.Name)
			}
			return err
		})
	})
}

// An incident is written and purged in the same commit; so is one that was in memory.
func TestPurgedInASharedCommit(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.incident("i1", "PUI-2026-0001").ID
		erase := func(v conversation.Tx) error { _, err := v.(*tx).purge(id); return err }
		for _, err := range h.batch(func(tx conversation.Tx) error { return say(tx, id, "a") }, erase) {
			if h.driver == SQLite {
				must(t, err)
			}
		}
		must(t, h.Purge(t.Context(), id))
		h.update(func(tx conversation.Tx) error {
			in, err := tx.Incident(id)
			if err == nil && (!in.Purged || in.FirstMessage != "") {
				t.Errorf("it is there: %+v", in)
			}
			return err
		})
	})
}

// Whoever only looks does not look into what the group remembers, which changes all the while: the runtime ends a program that reads a map as
// another goroutine writes it.
func TestViewBesideTheGroup(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	p := h.person("p1")
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			default:
				h.people.put(p) // as the group does, under its own lock
			}
		}
	}()
	h.view(func(tx conversation.Tx) error {
		for range 3000 {
			if _, err := tx.PersonByAddress(p.Addresses[0]); err != nil {
				return err
			}
		}
		return nil
	})
	close(over)
	<-ended
}
