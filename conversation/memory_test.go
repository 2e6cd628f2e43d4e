package conversation

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sort"
	"time"
)

// memory is a Store for the tests of the domain: what is saved goes through JSON, as in a database, so that nothing is shared by
// accident. It serves one transaction at a time.
type memory struct {
	Raw       map[InboundID]RawInbound
	Order     []InboundID
	Done      map[InboundID]string
	Erased    map[InboundID]bool
	Belongs   map[InboundID]IncidentID
	Reduced   map[InboundID]string
	Resent    map[OutboundID]bool
	People    map[PersonID]*Person
	Inc       map[IncidentID]*Incident
	Next      map[IncidentID]time.Time
	Logs      map[IncidentID][]Event
	Out       []Outbound
	SentAt    map[OutboundID]time.Time
	Dedups    map[string]bool
	LastMail  map[string]string
	Noted     map[string]Thread
	Series    map[int]int
	Files     map[string][]byte
	FormFiles map[string][]byte `json:"-"`
}

func newMemory() *memory {
	return &memory{Raw: map[InboundID]RawInbound{}, Done: map[InboundID]string{}, Belongs: map[InboundID]IncidentID{}, Erased: map[InboundID]bool{}, Reduced: map[InboundID]string{}, Resent: map[OutboundID]bool{}, People: map[PersonID]*Person{},
		Inc: map[IncidentID]*Incident{}, Next: map[IncidentID]time.Time{}, Logs: map[IncidentID][]Event{}, SentAt: map[OutboundID]time.Time{},
		Dedups: map[string]bool{}, LastMail: map[string]string{}, Noted: map[string]Thread{}, Series: map[int]int{}, Files: map[string][]byte{}, FormFiles: map[string][]byte{}}
}

func clone[T any](v T) T {
	var out T
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

func (m *memory) Accept(_ context.Context, in RawInbound) (bool, error) {
	if _, ok := m.Raw[in.ID]; ok {
		return false, nil
	}
	m.Raw[in.ID], m.Order = in, append(m.Order, in.ID)
	return true, nil
}

func (m *memory) AcceptInbound(in RawInbound) (bool, error) {
	return m.Accept(context.Background(), in)
}

func (m *memory) AcceptAll(ctx context.Context, in []RawInbound) (fresh []bool, _ error) {
	for _, raw := range in {
		f, _ := m.Accept(ctx, raw)
		fresh = append(fresh, f)
	}
	return fresh, nil
}

func (m *memory) Waiting(context.Context) (ids []InboundID, _ error) {
	for _, id := range m.Order {
		if m.Done[id] == "" {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Update undoes everything if f fails.
func (m *memory) Update(_ context.Context, f func(Tx) error) error {
	before := clone(*m)
	if err := f(m); err != nil {
		before.FormFiles = m.FormFiles
		*m = before
		return err
	}
	return nil
}

func (m *memory) View(_ context.Context, f func(Tx) error) error { return f(m) }

func (m *memory) Due(_ context.Context, now time.Time) (ids []IncidentID, _ error) {
	for id, at := range m.Next {
		if !at.IsZero() && !at.After(now) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b IncidentID) int { return cmp.Or(m.Next[a].Compare(m.Next[b]), cmp.Compare(a, b)) })
	return ids, nil
}

func (m *memory) NextDue(context.Context) (at time.Time, ok bool, _ error) {
	for _, t := range m.Next {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok, nil
}

func (m *memory) Inbound(id InboundID) (RawInbound, bool, error) {
	in, ok := m.Raw[id]
	if !ok {
		return in, false, ErrNotFound
	}
	return in, m.Done[id] != "", nil
}

func (m *memory) Placed(id InboundID) (IncidentID, bool, error) {
	if _, ok := m.Raw[id]; !ok {
		return "", false, ErrNotFound
	}
	return m.Belongs[id], m.Done[id] != "", nil
}

func (m *memory) FinishInbound(id InboundID, incident IncidentID, outcome string, keep bool, _ time.Time) error {
	m.Done[id], m.Belongs[id] = outcome, incident
	m.Erased[id] = !keep
	return nil
}

func (m *memory) EraseInbound(id InboundID) error { m.Erased[id] = true; return nil }

func (m *memory) ReduceInbound(id InboundID, text []byte) error {
	m.Reduced[id] = string(text)
	return nil
}

func (m *memory) UnverifiedSince(at time.Time) (out []Unverified, _ error) {
	list, _ := m.Incidents()
	slices.Reverse(list)
	for _, in := range list {
		if in.Unverified != "" && !in.ReportedAt.Before(at) {
			out = append(out, Unverified{in.ID, in.Unverified, in.Claimed, in.Status, in.ReportedAt, in.AnnounceAt})
		}
	}
	return out, nil
}

func (m *memory) ThreadByNote(id string) (*Thread, error) {
	if t, ok := m.Noted[id]; ok {
		return clone(&t), nil
	}
	return nil, ErrNotFound
}

func (m *memory) Resend(id OutboundID, to Channel) error {
	for i := range m.Out {
		o := &m.Out[i]
		if o.ID != id || o.Channel == to || m.Resent[id] || m.People[o.Person].address(to).ID == "" {
			continue
		}
		o.Channel, m.Resent[id] = to, true
		delete(m.SentAt, id)
		return nil
	}
	return ErrNotFound
}

func (m *memory) PersonByAddress(a Address) (*Person, error) {
	for _, p := range m.People {
		for _, x := range p.Addresses {
			if x.Channel == a.Channel && x.ID == a.ID {
				return clone(p), nil
			}
		}
	}
	return nil, ErrNotFound
}

func (m *memory) Person(id PersonID) (*Person, error) {
	if p := m.People[id]; p != nil {
		return clone(p), nil
	}
	return nil, ErrNotFound
}

func (m *memory) SavePerson(p *Person) error {
	if old := m.People[p.ID]; old != nil && old.Version != p.Version {
		return ErrConflict
	}
	p.Version++
	for _, other := range m.People {
		other.Addresses = slices.DeleteFunc(other.Addresses, func(a Address) bool {
			return slices.ContainsFunc(p.Addresses, func(b Address) bool { return a.Channel == b.Channel && a.ID == b.ID })
		})
	}
	m.People[p.ID] = clone(p)
	return nil
}

func (m *memory) Incident(id IncidentID) (*Incident, error) {
	if in := m.Inc[id]; in != nil {
		return clone(in), nil
	}
	return nil, ErrNotFound
}

func (m *memory) IncidentByNumber(n string) (*Incident, error) {
	for _, in := range m.Inc {
		if in.Number == n {
			return clone(in), nil
		}
	}
	return nil, ErrNotFound
}

func (m *memory) Incidents() (out []*Incident, _ error) {
	for _, in := range m.Inc {
		out = append(out, clone(in))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Number < out[j].Number })
	return out, nil
}

func (m *memory) OpenIncidents(p PersonID) (ids []IncidentID, _ error) {
	list, _ := m.Incidents()
	slices.Reverse(list)
	for _, in := range list {
		if in.Status.Open() && in.conversation(p) != nil {
			ids = append(ids, in.ID)
		}
	}
	return ids, nil
}

func (m *memory) SaveIncident(in *Incident, events []Event, next time.Time) error {
	if old := m.Inc[in.ID]; old != nil && old.Version != in.Version {
		return ErrConflict
	}
	in.Version++
	m.Inc[in.ID], m.Next[in.ID] = clone(in), next
	m.Logs[in.ID] = append(m.Logs[in.ID], events...)
	return nil
}

func (m *memory) NextNumber(year int) (int, error) { m.Series[year]++; return m.Series[year], nil }

func (m *memory) Events(id IncidentID) ([]Event, error) { return m.Logs[id], nil }

func (m *memory) Enqueue(out Outbound) error {
	if out.Dedup != "" {
		if m.Dedups[out.Dedup] {
			return nil
		}
		m.Dedups[out.Dedup] = true
	}
	m.Out = append(m.Out, clone(out))
	return nil
}

func (m *memory) thread(match func(Outbound) bool) (*Thread, error) {
	for _, o := range m.Out {
		if match(o) {
			t := &Thread{Outbound: o.ID, Incident: o.Incident, Person: o.Person, Kind: o.Kind, Revision: o.Revision, Channel: o.Channel, SentAt: m.SentAt[o.ID]}
			if o.Question != nil {
				t.Field = o.Question.Field
			}
			return t, nil
		}
	}
	return nil, ErrNotFound
}

func (m *memory) ThreadByToken(token string) (*Thread, error) {
	return m.thread(func(o Outbound) bool { return o.Token == token })
}

func (m *memory) ThreadByMessage(id string) (*Thread, error) {
	return m.thread(func(o Outbound) bool { return o.MessageID == id })
}

func (m *memory) Thread(id OutboundID) (*Thread, error) {
	return m.thread(func(o Outbound) bool { return o.ID == id })
}

func (m *memory) LastMessage(in IncidentID, p PersonID) (string, error) {
	return m.LastMail[string(in)+"/"+string(p)], nil
}

func (m *memory) NoteMessage(in IncidentID, p PersonID, id string) error {
	m.LastMail[string(in)+"/"+string(p)] = id
	m.Noted[id] = Thread{Incident: in, Person: p}
	return nil
}

func (m *memory) RewriteInbound(id InboundID, raw []byte) error {
	in := m.Raw[id]
	in.Raw = raw
	m.Raw[id] = in
	return nil
}

func (m *memory) KeepFile(in IncidentID, id FileID, content []byte) error {
	m.Files[string(in)+"/"+string(id)] = content
	return nil
}

func (m *memory) File(in IncidentID, id FileID) ([]byte, error) {
	if c, ok := m.Files[string(in)+"/"+string(id)]; ok {
		return c, nil
	}
	return nil, ErrNotFound
}

func (m *memory) SaveForm(_, version string, data []byte) error {
	m.FormFiles[version] = data
	return nil
}

func (m *memory) FormFile(version string) ([]byte, error) {
	if f := m.FormFiles[version]; f != nil {
		return f, nil
	}
	return nil, ErrNotFound
}

var _ Store = (*memory)(nil)
var _ Tx = (*memory)(nil)
