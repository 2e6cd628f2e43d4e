package store

import (
	"bytes"
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/tink"

	"frist/conversation"
)

// knownMax bounds how many incidents are remembered.
const knownMax = 128

// known is an incident as the last transaction that wrote it left it, with what else the next one would read. It belongs to one transaction at a
// time, which takes it away and gives it back with what it saved; whoever finds it gone reads the database.
type known struct {
	in *conversation.Incident
	// key opens what is sealed under the incident's; answers are the current ones as they are stored, and seq the last revision's.
	key     tink.AEAD
	answers answerSet
	// given are the answers that answers holds, nil where that is not known.
	given   map[string]*conversation.Answer
	seq     int64
	log     head
	people  map[participant]bool
	columns columns
	// saved is set when in is what was written last.
	saved bool
}

// memory remembers incidents by id, those used last.
type memory struct {
	mu    sync.Mutex
	order list.List // of *known, the newest first
	byID  map[conversation.IncidentID]*list.Element
}

func (m *memory) take(id conversation.IncidentID) *known {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byID[id]
	if e == nil {
		return nil
	}
	delete(m.byID, id)
	return m.order.Remove(e).(*known)
}

func (m *memory) put(k *known) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID == nil {
		m.byID = map[conversation.IncidentID]*list.Element{}
	}
	if old := m.byID[k.in.ID]; old != nil {
		if old.Value.(*known).in.Version > k.in.Version {
			return
		}
		m.order.Remove(old)
	}
	m.byID[k.in.ID] = m.order.PushFront(k)
	if m.order.Len() > knownMax {
		delete(m.byID, m.order.Remove(m.order.Back()).(*known).in.ID)
	}
}

// forget forgets all.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order.Init()
	clear(m.byID)
}

// people remembers persons as they are stored, by id and by address. The group's goroutine has it alone.
type people struct {
	byID   map[conversation.PersonID]*conversation.Person
	owners map[conversation.Address]conversation.PersonID
}

// peopleMax bounds how many persons are remembered; then all are forgotten.
const peopleMax = 1000

func (p *people) put(x *conversation.Person) {
	p.drop(x.ID)
	if p.byID == nil || len(p.byID) >= peopleMax {
		p.byID, p.owners = map[conversation.PersonID]*conversation.Person{}, map[conversation.Address]conversation.PersonID{}
	}
	p.byID[x.ID] = x
	for _, a := range x.Addresses {
		p.owners[conversation.Address{Channel: a.Channel, ID: a.ID}] = x.ID
	}
}

// overtake forgets a person that was written, and those who had one of the addresses.
func (p *people) overtake(x *conversation.Person) {
	p.drop(x.ID)
	for _, a := range x.Addresses {
		p.drop(p.owners[conversation.Address{Channel: a.Channel, ID: a.ID}])
	}
}

// drop forgets a person.
func (p *people) drop(id conversation.PersonID) {
	if x := p.byID[id]; x != nil {
		for _, a := range x.Addresses {
			delete(p.owners, conversation.Address{Channel: a.Channel, ID: a.ID})
		}
		delete(p.byID, id)
	}
}

func (p *people) forget() { *p = people{} }

// drop forgets a purged incident.
func (m *memory) drop(id conversation.IncidentID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.byID[id]; e != nil {
		delete(m.byID, id)
		m.order.Remove(e)
	}
}

// recall takes the incident from memory, nil if it is not there or no longer as it was. The row says so: another process may have written it.
func (t *tx) recall(id conversation.IncidentID) (*conversation.Incident, error) {
	if t.readOnly {
		return nil, nil
	}
	if k := t.known[id]; k != nil {
		k.saved = false // whoever has it now may change it
		return k.in, nil
	}
	k := t.store.memory.take(id)
	if k == nil {
		return nil, nil
	}
	if t.store.driver == SQLite && !t.store.verify {
		k.saved = false // nobody else has written
		t.know(k)
		return k.in, nil
	}
	var version int64
	err := t.row("incident "+string(id), `SELECT version FROM incident WHERE id = $1 AND sealed IS NOT NULL`, []any{string(id)}, &version)
	if errors.Is(err, conversation.ErrNotFound) || err == nil && version != k.in.Version {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if t.store.verify {
		if err := t.compare(k); err != nil {
			return nil, err
		}
	}
	k.saved = false
	t.know(k)
	return k.in, nil
}

func (t *tx) know(k *known) {
	if t.known == nil {
		t.known = map[conversation.IncidentID]*known{}
	}
	t.known[k.in.ID] = k
	if t.keys == nil {
		t.keys = map[conversation.IncidentID]tink.AEAD{}
	}
	t.keys[k.in.ID] = k.key
	t.remember(k.in.ID, k.answers)
}

// remembered gives back what was saved. What was read and not written may have been changed since, and is not kept.
func (t *tx) remembered() {
	if t.purged != "" {
		t.store.memory.drop(t.purged)
	}
	for _, k := range t.known {
		if k.saved && !k.in.Purged {
			t.store.memory.put(k)
		}
	}
	if t.store.driver == SQLite {
		for _, p := range t.wrote { // again: one before this in the same commit read them before, and has just given them back
			t.store.people.overtake(p)
		}
		for _, p := range t.people {
			t.store.people.put(p)
		}
	}
}

func (t *tx) compare(k *known) error {
	op := "verify incident " + string(k.in.ID)
	r, err := t.incidentRow("id", string(k.in.ID))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	in, err := t.load(r)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	a, errA := json.Marshal(in)
	b, errB := json.Marshal(k.in)
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if bytes.Equal(a, b) {
		return nil
	}
	now, err := t.incidentRow("id", string(k.in.ID))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if now.in.Version != k.in.Version { // on PostgreSQL another may have written it while it was read here
		return fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	return fmt.Errorf("%s: the database has\n%s\nand memory\n%s", op, a, b)
}
