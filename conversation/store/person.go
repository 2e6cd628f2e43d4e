package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frist/conversation"
)

// PersonByAddress finds who has the address on its channel; its Reference plays no part.
func (t *tx) PersonByAddress(a conversation.Address) (*conversation.Person, error) {
	const op = "person by address" // the address itself stands in no error
	var id conversation.PersonID
	key := conversation.Address{Channel: a.Channel, ID: a.ID}
	if !indexable(a.ID) {
		return nil, fmt.Errorf("%s: %w", op, conversation.ErrNotFound)
	}
	if t.shares() { // else the group may be changing what is remembered
		if id, ok := t.store.people.owners[key]; ok {
			return t.Person(id)
		}
	}
	owner, err := t.owner(key)
	if err != nil {
		return nil, err
	}
	if owner == "" {
		if t.absent == nil {
			t.absent = map[conversation.Address]bool{}
		}
		t.absent[key] = true
		return nil, fmt.Errorf("%s: %w", op, conversation.ErrNotFound)
	}
	id = owner
	return t.Person(id)
}

// owner is who has the address, "" for nobody.
func (t *tx) owner(a conversation.Address) (id conversation.PersonID, err error) {
	err = t.rows("find an address", `SELECT person FROM address WHERE channel = $1 AND id = $2`, []any{string(a.Channel), a.ID},
		func(r *sql.Rows) error { return r.Scan(&id) })
	return id, err
}

// Person returns a person with the addresses, in the order in which they were saved. Each call returns a copy.
func (t *tx) Person(id conversation.PersonID) (*conversation.Person, error) {
	if p := t.people[id]; p != nil {
		return copied(p), nil
	}
	if t.shares() {
		if p := t.store.people.byID[id]; p != nil {
			t.keepPerson(p)
			return copied(p), nil
		}
	}
	p, err := t.person(id)
	if err == nil && !t.readOnly {
		t.keepPerson(p)
	}
	return p, err
}

// shares reports whether the transaction is the group's, and may use what others have left in memory.
func (t *tx) shares() bool { return !t.readOnly && t.store.driver == SQLite }

// keepPerson remembers how a person is stored.
func (t *tx) keepPerson(p *conversation.Person) {
	if t.people == nil {
		t.people = map[conversation.PersonID]*conversation.Person{}
	}
	t.people[p.ID] = copied(p)
}

func copied(p *conversation.Person) *conversation.Person {
	c := *p
	c.Addresses = slices.Clone(p.Addresses)
	return &c
}

// samePerson reports whether a row and its addresses would be the same.
func samePerson(a, b *conversation.Person) bool {
	return a.Name == b.Name && a.Lang == b.Lang && a.Unit == b.Unit && a.LastChannel == b.LastChannel && a.GreetedAt.Equal(b.GreetedAt) &&
		a.AbsentAt.Equal(b.AbsentAt) && samePace(a.Pace, b.Pace) && a.Version == b.Version && slices.Equal(a.Addresses, b.Addresses)
}

func samePace(a, b conversation.Pace) bool {
	same := a.Hour.Equal(b.Hour)
	a.Hour = b.Hour
	return same && a == b
}

func (t *tx) person(id conversation.PersonID) (*conversation.Person, error) {
	op := "person " + string(id)
	p := &conversation.Person{ID: id}
	var greeted, absent instant
	var pace string
	err := t.row(op, `SELECT name, lang, unit, last_channel, greeted_at, absent_at, pace, version FROM person WHERE id = $1`, []any{string(id)},
		&p.Name, &p.Lang, &p.Unit, &p.LastChannel, &greeted, &absent, &pace, &p.Version)
	if err != nil {
		return nil, err
	}
	p.GreetedAt, p.AbsentAt = time.Time(greeted), time.Time(absent)
	if pace != "" {
		if err := decode([]byte(pace), &p.Pace); err != nil {
			return nil, fmt.Errorf("%s: pace: %w", op, err)
		}
	}
	if p.Addresses, err = t.addresses(op, id); err != nil {
		return nil, err
	}
	return p, nil
}

func (t *tx) addresses(op string, p conversation.PersonID) (list []conversation.Address, err error) {
	err = t.rows(op, `SELECT channel, id, reference FROM address WHERE person = $1 ORDER BY position, channel, id`, []any{string(p)},
		func(r *sql.Rows) error {
			var a conversation.Address
			err := r.Scan(&a.Channel, &a.ID, &a.Reference)
			list = append(list, a)
			return err
		})
	return list, err
}

// SavePerson inserts (Version 0) or updates, and counts p.Version up.
func (t *tx) SavePerson(p *conversation.Person) error {
	op := "save person " + string(p.ID)
	if p.ID == "" {
		return fmt.Errorf("%s: it has no id", op)
	}
	if p.Version > 0 && t.store.driver == SQLite && t.people[p.ID] != nil && samePerson(t.people[p.ID], p) {
		return nil // on PostgreSQL the write is what holds two turns of one person apart; here one waits for the other anyhow
	}
	pace, err := json.Marshal(p.Pace)
	if err != nil {
		return fmt.Errorf("%s: pace: %w", op, err)
	}
	args := []any{string(p.ID), clean(p.Name), string(p.Lang), clean(p.Unit), string(p.LastChannel), instant(p.GreetedAt), p.Version,
		instant(p.AbsentAt), string(pace)}
	query := `
		UPDATE person SET name = $2, lang = $3, unit = $4, last_channel = $5, greeted_at = $6, absent_at = $8, pace = $9, version = version + 1
		WHERE id = $1 AND version = $7`
	if p.Version == 0 {
		query = `
			INSERT INTO person (id, name, lang, unit, last_channel, greeted_at, version, absent_at, pace)
			VALUES ($1, $2, $3, $4, $5, $6, $7 + 1, $8, $9)
			ON CONFLICT (id) DO NOTHING`
	}
	n, err := t.exec(op, query, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	if err := t.saveAddresses(op, p); err != nil {
		return err
	}
	t.forgetPeople(p)
	p.Version++
	return nil
}

// forgetPeople forgets a person that was written, and those who had one of the addresses before.
func (t *tx) forgetPeople(p *conversation.Person) {
	clear(t.people)
	if t.shares() {
		t.wrote = append(t.wrote, copied(p))
		t.store.people.overtake(p)
	}
}

// saveAddresses makes the person's addresses those given, and takes them from whoever had them. An address that this transaction looked for in
// vain, and that has an owner now, was given to a newcomer by another transaction at the same time: that is a conflict, or the
// newcomer would become two persons.
func (t *tx) saveAddresses(op string, p *conversation.Person) error {
	var before []conversation.Address
	if p.Version > 0 {
		var err error
		if before, err = t.addresses(op, p.ID); err != nil {
			return err
		}
	}
	for _, a := range before {
		if slices.ContainsFunc(p.Addresses, func(b conversation.Address) bool { return a.Channel == b.Channel && a.ID == b.ID }) {
			continue
		}
		if _, err := t.exec(op, `DELETE FROM address WHERE channel = $1 AND id = $2 AND person = $3`, string(a.Channel), a.ID, string(p.ID)); err != nil {
			return err
		}
	}
	if slices.Equal(before, p.Addresses) {
		return nil
	}
	for i, a := range p.Addresses {
		if !indexable(a.ID) {
			return fmt.Errorf("%s: an address on %s is empty, too long or no text", op, a.Channel)
		}
		if err := t.saveAddress(op, p.ID, i, a); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) saveAddress(op string, p conversation.PersonID, position int, a conversation.Address) error {
	move := ` DO UPDATE SET person = excluded.person, reference = excluded.reference, position = excluded.position`
	key := conversation.Address{Channel: a.Channel, ID: a.ID}
	newcomer := t.absent[key]
	if newcomer {
		move = ` DO NOTHING`
	}
	n, err := t.exec(op, `
		INSERT INTO address (channel, id, person, reference, position) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (channel, id)`+move,
		string(a.Channel), a.ID, string(p), clean(a.Reference), int64(position))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	delete(t.absent, key)
	return nil
}
