package conversation

import (
	"maps"
	"testing"
	"time"
)

// BenchmarkTurn is one answer of each kind in an incident whose form is half filled in, typed and on a card; of it the copy
// of the incident, which the store makes, is some 3 µs.
func BenchmarkTurn(b *testing.B) {
	f, err := imyForm()
	if err != nil {
		b.Fatal(err)
	}
	org := &Organisation{Name: "Exempelstads kommun", Lang: Swedish, Units: []Unit{{ID: "social", Name: "Socialförvaltningen", Default: true,
		Chain: []Contact{{Post: PostDSO, Name: "Kim Exempel", Mail: kim, Phone: "08-555 000 11"}}}}, Domains: []string{"exempelstad.example"}, Rules: DefaultRules()}
	const words = "Listan låg öppen i ungefär två timmar innan någon märkte det. Mottagaren har ringt och säger att den är borttagen."
	for _, c := range []struct {
		name, field string
		text        string
		fields      map[string]string
	}{
		{"text/typed", "16", words, nil},
		{"text/card", "16", "", map[string]string{"answer": words}},
		{"choice/typed", "18", f.Field("18").Options[0].Label, nil},
		{"choice/card", "18", "", map[string]string{"answer": f.Field("18").Options[0].Label}},
		{"choices/typed", "26", "1, 2", nil},
		{"choices/card", "26", "", map[string]string{"answer": "1,2"}},
		{"date/typed", "11", "i går klockan halv tio", nil},
		{"date/card", "11", "", map[string]string{"date": "2026-11-19", "time": "09:00"}},
		{"count/typed", "23", "ungefär 40", nil},
		{"count/card", "23", "", map[string]string{"exact": "40"}},
		{"group/card", "30", "", map[string]string{"m.action": words, "m.date": "2026-11-19"}},
		{"skip/button", "16", "hoppa över", map[string]string{"verb": "say", "text": "hoppa över"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			fd := f.Field(c.field)
			if fd == nil {
				b.Fatal("no such field")
			}
			before := halfFilled(f, fd)
			b.ReportAllocs()
			for b.Loop() {
				s := before()
				s.Organisation = org
				s.Inbound = &Inbound{ID: "in-1", At: s.Now, From: Address{Channel: ChannelTeams, ID: "t/anna"}, Text: c.text, Authenticated: true}
				if c.fields != nil {
					s.Inbound.Fields = map[string]string{"field": fd.Key, "seen": noAnswer, "token": "x", "verb": "answer"}
					for k, v := range c.fields {
						s.Inbound.Fields[k] = v
					}
				}
				if r := Turn(s); len(r.Outbound) == 0 {
					b.Fatal("nothing is said")
				}
			}
		})
	}
}

// halfFilled makes situations in which the form is answered up to a question, which stands on the newest card.
func halfFilled(f *Form, open *Field) func() Situation {
	now := start.Add(time.Hour)
	answers := map[string]Answer{}
	for _, fd := range f.Fields {
		if fd == open || len(answers) == len(f.Fields)/2 {
			continue
		}
		v := Value{Text: "Listan låg öppen."}
		switch fd.Kind {
		case KindChoice:
			if v = (Value{Blank: true}); len(fd.Options) > 0 {
				v = Value{Choice: fd.Options[0].Label}
			}
		case KindChoices:
			v = Value{Choices: []string{fd.Options[0].Label}}
		case KindDate:
			v = Value{Date: "2026-11-18", Time: "08:00"}
		case KindCount, KindGroup, KindAddress:
			v = Value{Blank: true}
		case KindText:
		}
		answers[fd.Key] = Answer{Value: v, Author: "anna", Role: RoleReporter, At: start, Inbound: "earlier"}
	}
	anna := &Person{ID: "anna", Name: "Anna Exempel", LastChannel: ChannelTeams, Addresses: []Address{{Channel: ChannelTeams, ID: "t/anna", Reference: "{}"}}}
	dso := &Person{ID: "kim", Name: "Kim Exempel", Addresses: []Address{{Channel: ChannelMail, ID: kim}}}
	return func() Situation {
		c := &Conversation{Person: "anna", Role: RoleReporter, Delivered: open.Key, Outbound: "out-1", On: ChannelTeams, Live: "out-1", Cards: []LiveCard{{open.Key, "out-1"}}}
		in := &Incident{ID: "incident", Number: "PUI-2026-0001", Unit: "social", UnitKnown: true, Form: f.ID, FormVersion: f.Version, Status: StatusReported,
			Reporter: "anna", ReportedAt: start, AwareAt: start, DeadlineAt: Deadline(start, f.Limit), FirstMessage: "Jag har mejlat en lista till fel mottagare.",
			Answers: maps.Clone(answers), Conversations: []*Conversation{c}}
		thread := &Thread{Outbound: "out-1", Incident: in.ID, Person: "anna", Kind: MessageQuestion, Field: open.Key, SentAt: start}
		return Situation{Form: f, Incident: in, Sender: anna, Conversation: c, Thread: thread, SeenAt: start, Standing: thread, Now: now,
			Person: func(id PersonID) *Person {
				if id == "kim" {
					return dso
				}
				return anna
			},
			Phrase: func(_ Lang, _ *Form, l Line) string { return "«" + l.Key + "»" }}
	}
}
