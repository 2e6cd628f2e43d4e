package conversation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is an organisation with its people, a clock and an engine: the stage on which the tests' conversations are played.
type world struct {
	t   *testing.T
	e   *Engine
	m   *memory
	now time.Time
	n   int
	// seen counts, per person, the messages that the test has looked at.
	seen map[string]int
}

// said is what a test's person says: the JSON of it is the raw inbound.
type said struct {
	From, Name, Text, Subject, Token string
	Channel                          Channel
	Fields                           map[string]string
	Parts                            []Part
	References                       []string
	Anonymous, Invoke, Doubtful      bool
	NoMail                           bool // the channel does not know the person's mail address
	Automatic                        string
	Absent                           bool
	Encrypted, Bounced, Whole        string
	Files                            []Attachment
	Lang                             Lang
	Edits                            InboundID // the message whose text this one replaces
}

const (
	anna = "anna.exempel@exempelstad.example"
	kim  = "kim.exempel@exempelstad.example"   // DSO
	alex = "alex.prov@exempelstad.example"     // deputy
	sam  = "sam.beredskap@exempelstad.example" // on-call
)

// start is a Friday afternoon, 20 November 2026 16:40 in Stockholm.
var start = time.Date(2026, 11, 20, 15, 40, 0, 0, time.UTC)

// imyForm is read once: it is never changed.
var imyForm = sync.OnceValues(func() (*Form, error) {
	data, err := os.ReadFile(filepath.Join("..", "templates", "forms", "imy.yaml"))
	if err != nil {
		return nil, err
	}
	return ParseForm("imy.yaml", data)
})

func newWorld(t *testing.T) *world {
	t.Helper()
	f, err := imyForm()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, m: newMemory(), now: start, seen: map[string]int{}}
	unit := Unit{ID: "social", Name: "Socialförvaltningen", Default: true, Chain: []Contact{
		{Post: PostDSO, Name: "Kim Exempel", Mail: kim, Phone: "08-555 000 11"},
		{Post: PostDeputy, Name: "Alex Prov", Mail: alex, Phone: "08-555 000 12"},
		{Post: PostOnCall, Name: "Sam Beredskap", Mail: sam, Phone: "08-555 000 99"}},
		Answers: map[string]Value{
			"1": {Text: "Exempelstads kommun"}, "2": {Text: "212000-9994"},
			"3":   {Parts: map[string]string{"street": "Torget 1", "postcode": "123 45", "city": "Exempelstad", "country": "Sverige"}},
			"5-8": {Entries: []map[string]string{{"name": "Kim Exempel", "role": "Dataskyddsombud", "email": kim, "phone": "08-555 000 11"}}},
			"9":   {Parts: map[string]string{"street": "Torget 1", "postcode": "123 45", "city": "Exempelstad", "country": "Sverige"}},
			"19":  {Choice: "Offentlig sektor"}, "20": {Choice: "Socialtjänst"}}}
	w.e = &Engine{Store: w.m, Form: f, FormFile: []byte(f.ID), MessageDomain: "exempelstad.example", Rand: rand.Reader, Now: func() time.Time { return w.now },
		Organisation: &Organisation{Name: "Exempelstads kommun", Lang: Swedish, Units: []Unit{unit}, Domains: []string{"exempelstad.example"}, Rules: DefaultRules()},
		Log:          slog.New(slog.NewTextHandler(io.Discard, nil)),
		Phrase:       func(_ Lang, _ *Form, l Line) string { return "«" + l.Key + "»" }}
	read := func(raw RawInbound) (*Inbound, error) {
		var s said
		if err := json.Unmarshal(raw.Raw, &s); err != nil {
			return nil, err
		}
		in := &Inbound{From: Address{Channel: raw.Channel, ID: s.From}, Authenticated: !s.Anonymous, Name: s.Name, Text: s.Text, Subject: s.Subject,
			Token: s.Token, Fields: s.Fields, Parts: s.Parts, References: s.References, Invoke: s.Invoke, Automatic: s.Automatic, Doubtful: s.Doubtful, Lang: s.Lang,
			Absent: s.Absent, Encrypted: s.Encrypted, Bounced: s.Bounced, Whole: s.Whole, Attachments: s.Files, Edits: s.Edits}
		for i := range in.Attachments {
			in.Attachments[i].Content = func() []byte { return []byte("content of " + in.Attachments[i].Name) }
		}
		if len(s.Files) > 0 {
			in.Bare = func() []byte { return []byte(`{"bare":true}`) }
		}
		if raw.Channel == ChannelTeams {
			in.From.ID = "tenant/" + s.From
			in.From.Reference = "ref"
			if !s.NoMail {
				in.Known = []Address{{Channel: ChannelMail, ID: s.From}}
			}
		} else {
			in.MessageID = string(raw.ID) + "@client.example"
		}
		return in, nil
	}
	w.e.Readers = map[Channel]Reader{ChannelMail: read, ChannelTeams: read}
	if err := w.e.Enroll(context.Background()); err != nil {
		t.Fatal(err)
	}
	return w
}

// say gives the engine a message and delivers what comes of it.
func (w *world) say(s said) Reply {
	w.t.Helper()
	if s.Channel == "" {
		s.Channel = ChannelMail
	}
	w.n++
	raw, _ := json.Marshal(s)
	id := NewInboundID("test", fmt.Sprint(w.n))
	ctx := context.Background()
	if _, err := w.e.Accept(ctx, RawInbound{ID: id, Channel: s.Channel, At: w.now, Raw: raw}); err != nil {
		w.t.Fatal(err)
	}
	reply, err := w.e.Handle(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	w.deliver()
	return reply
}

// deliver marks every message as sent now.
func (w *world) deliver() {
	for _, o := range w.m.Out {
		if w.m.SentAt[o.ID].IsZero() {
			w.m.SentAt[o.ID] = w.now
		}
	}
}

// mail is a message from a person; answer one in reply to the newest message to them.
func (w *world) mail(from, text string) { w.t.Helper(); w.say(said{From: from, Text: text}) }

func (w *world) answer(from, text string) {
	w.t.Helper()
	last := w.last(from)
	w.say(said{From: from, Text: text, Token: last.Token, References: []string{last.MessageID}})
}

func (w *world) person(mail string) *Person {
	p, err := w.m.PersonByAddress(Address{Channel: ChannelMail, ID: mail})
	if err != nil {
		w.t.Fatalf("nobody has the address %s", mail)
	}
	return p
}

// to lists the messages to a person.
func (w *world) to(mail string) []Outbound {
	id := w.person(mail).ID
	var out []Outbound
	for _, o := range w.m.Out {
		if o.Person == id && o.Kind != MessageAnswered {
			out = append(out, o)
		}
	}
	return out
}

// last is the newest message to a person.
func (w *world) last(mail string) Outbound {
	w.t.Helper()
	list := w.to(mail)
	if len(list) == 0 {
		w.t.Fatalf("no message to %s", mail)
	}
	return list[len(list)-1]
}

// fresh returns the messages to the person that the test has not looked at yet.
func (w *world) fresh(mail string) []Outbound {
	list := w.to(mail)
	out := list[min(w.seen[mail], len(list)):]
	w.seen[mail] = len(list)
	return out
}

// to moves the clock, sweeping at every instant at which something is due.
func (w *world) clock(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	ctx := context.Background()
	for {
		at, ok, _ := w.m.NextDue(ctx)
		if !ok || at.After(end) {
			break
		}
		if at.After(w.now) {
			w.now = at
		}
		if err := w.e.Sweep(ctx, w.now); err != nil {
			w.t.Fatal(err)
		}
		w.deliver()
	}
	w.now = end
}

// incident is the newest incident.
func (w *world) incident() *Incident {
	w.t.Helper()
	list, _ := w.m.Incidents()
	if len(list) == 0 {
		w.t.Fatal("no incident")
	}
	return list[len(list)-1]
}

func keys(o Outbound) (out []string) {
	for _, l := range o.Lines {
		out = append(out, l.Key)
	}
	return out
}

func (w *world) wantKey(o Outbound, key string) {
	w.t.Helper()
	if !slices.Contains(keys(o), key) {
		w.t.Errorf("the %s to %s says %v, want %s among them", o.Kind, o.Person, keys(o), key)
	}
}

func (w *world) wantAsked(mail, field string) {
	w.t.Helper()
	o := w.last(mail)
	if o.Question == nil || o.Question.Field != field {
		got := "nothing"
		if o.Question != nil {
			got = o.Question.Field
		}
		w.t.Errorf("%s is asked %s (%s, %v), want %s", mail, got, o.Kind, keys(o), field)
	}
}

func (w *world) events() string {
	var names []string
	for _, e := range w.m.Logs[w.incident().ID] {
		names = append(names, strings.TrimSpace(e.Name+" "+e.Detail))
	}
	return strings.Join(names, "; ")
}
