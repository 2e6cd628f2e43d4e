package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"frist/conversation"
	"frist/conversation/store"
	"frist/templates"
)

var (
	incidents = flag.Int("incidents", 1_000_000, "how many incidents BenchmarkGrown has in the store")
	keep      = flag.String("store", "", "folder that keeps the store of BenchmarkGrown for the next time; what is measured is added to it")
)

const (
	// originals is how many incidents are made through the store.
	originals = 5000
	// perReporter is how many incidents a person has reported.
	perReporter = 4
)

// masterKey is that of newFrist's settings.
func masterKey() []byte { return bytes.Repeat([]byte("7"), 32) }

// BenchmarkGrown measures Frist with an empty store and with one that years of use have filled, in turn.
func BenchmarkGrown(b *testing.B) {
	if *span == 0 {
		*span = 20 * time.Second
	}
	binary := buildFrist(b)
	grown := newFrist(b, binary)
	if *keep != "" {
		must(b, os.MkdirAll(*keep, 0o700))
		must(b, os.Symlink(*keep, filepath.Join(grown.dir, "data")))
	}
	start := time.Now()
	size := fill(b, filepath.Join(grown.dir, "data"), *incidents)
	b.Logf("%d incidents are in the store, %d MB; made in %.0f s", *incidents, size>>20, time.Since(start).Seconds())
	with := func(name string, f func() *frist) *lane {
		return &lane{name: name, run: func() (*figures, time.Duration) {
			r := f().run(b, startTeams(b))
			if r.differ > 0 || r.kept == 0 {
				b.Errorf("%d of %d answers are not kept as they were given", r.differ, r.kept)
			}
			return r.figures, r.again
		}}
	}
	measure(b, []*lane{
		with("Frist, an empty store", func() *frist { return newFrist(b, binary) }),
		with(fmt.Sprintf("Frist, %d incidents before", *incidents), func() *frist { return grown }),
	})
}

// fill makes the store hold so many incidents that have ended, if it is not there yet. The first are made through the store; the others are copies of
// their rows under ids of their own. Those are as many, as long and as indexed, but nobody could unseal them: nothing looks at what has ended.
func fill(tb testing.TB, dir string, n int) (size int64) {
	tb.Helper()
	ctx := tb.Context()
	must(tb, os.MkdirAll(dir, 0o700))
	file := filepath.Join(dir, "frist.db")
	if info, err := os.Stat(file); err == nil {
		return info.Size()
	}
	db, err := store.Open(ctx, store.Options{Driver: store.SQLite, Path: file, MasterKey: masterKey(), Now: time.Now})
	must(tb, err)
	words, err := templates.Load("")
	must(tb, err)
	made := min(n, originals)
	p := &past{db: db, form: words.Form("imy"), at: time.Now().AddDate(0, 0, -1)}
	must(tb, p.dataOfficer(ctx))
	must(tb, p.add(ctx, made))
	must(tb, db.Close())
	must(tb, p.copy(ctx, file, n/made-1))
	info, err := os.Stat(file)
	must(tb, err)
	return info.Size()
}

// past makes incidents that have ended.
type past struct {
	db   *store.Store
	form *conversation.Form
	at   time.Time
	made int
	dso  conversation.PersonID
	who  *conversation.Person // the last who reported
}

func newID() string { return strings.ToLower(rand.Text()) }

// dataOfficer makes the person whom the settings name.
func (p *past) dataOfficer(ctx context.Context) error {
	p.dso = conversation.PersonID(newID())
	return p.db.Update(ctx, func(tx conversation.Tx) error {
		return tx.SavePerson(&conversation.Person{ID: p.dso, Name: "Dan Sol", Addresses: []conversation.Address{{Channel: conversation.ChannelMail, ID: "dso@" + domain}}})
	})
}

// add makes n in one transaction.
func (p *past) add(ctx context.Context, n int) error {
	var raws []conversation.RawInbound
	for i := range n {
		raws = append(raws, conversation.RawInbound{ID: conversation.NewInboundID("past", strconv.Itoa(i)), Channel: conversation.ChannelTeams, At: p.at,
			Raw: []byte(`{"activity":{"type":"message","text":"Listan låg öppen i ungefär två timmar."}}`)})
	}
	if _, err := p.db.AcceptAll(ctx, raws); err != nil {
		return err
	}
	return p.db.Update(ctx, func(tx conversation.Tx) error {
		for _, raw := range raws {
			if err := p.incident(tx, raw.ID); err != nil {
				return err
			}
			p.made++
		}
		return nil
	})
}

// incident makes one with what a report leaves in every table: its message, answers, log, and what was said.
func (p *past) incident(tx conversation.Tx, inbound conversation.InboundID) error {
	if p.made%perReporter == 0 || p.who == nil {
		p.who = &conversation.Person{ID: conversation.PersonID(newID()), Name: "Person", LastChannel: conversation.ChannelTeams, Addresses: []conversation.Address{
			{Channel: conversation.ChannelTeams, ID: fmt.Sprintf("%s/past-%d", tenant, p.made), Reference: `{"conversation_id":"a:1"}`},
			{Channel: conversation.ChannelMail, ID: fmt.Sprintf("past%d@%s", p.made, domain)}}}
		if err := tx.SavePerson(p.who); err != nil {
			return err
		}
	}
	number, err := tx.NextNumber(p.at.Year())
	if err != nil {
		return err
	}
	id := conversation.IncidentID(newID())
	in := &conversation.Incident{ID: id, Number: fmt.Sprintf("PUI-%d-%04d", p.at.Year(), number), Unit: "all", UnitKnown: true, Form: p.form.ID, FormVersion: p.form.Version,
		Status: conversation.StatusClosed, Reporter: p.who.ID, ReportedAt: p.at, AwareAt: p.at, DeadlineAt: p.at.Add(72 * time.Hour), ClosedAt: p.at.Add(time.Hour),
		FirstMessage: "Listan låg öppen i ungefär två timmar.", Answers: map[string]conversation.Answer{},
		Conversations: []*conversation.Conversation{{Person: p.who.ID, Role: conversation.RoleReporter, Finished: true}, {Person: p.dso, Role: conversation.RoleDSO}}}
	for _, field := range []string{"16", "21", "31"} {
		in.Answers[field] = conversation.Answer{Value: conversation.Value{Text: "Listan låg öppen."}, Author: p.who.ID, Role: conversation.RoleReporter, At: p.at, Inbound: inbound}
	}
	var events []conversation.Event
	for _, name := range []string{"reported", "answered", "answered", "answered", "closed"} {
		events = append(events, conversation.Event{At: p.at, Name: name, Person: p.who.ID})
	}
	if err := tx.SaveIncident(in, events, time.Time{}); err != nil {
		return err
	}
	if err := tx.FinishInbound(inbound, id, "answered", true, p.at); err != nil {
		return err
	}
	out := conversation.Outbound{Incident: id, Lang: conversation.Swedish, At: p.at, Form: in.Form, FormVersion: in.FormVersion, Number: in.Number}
	question, alert := out, out
	question.ID, question.Person, question.Role, question.Channel, question.Kind = conversation.OutboundID(newID()), p.who.ID, conversation.RoleReporter,
		conversation.ChannelTeams, conversation.MessageQuestion
	alert.ID, alert.Person, alert.Role, alert.Channel, alert.Kind = conversation.OutboundID(newID()), p.dso, conversation.RoleDSO, conversation.ChannelMail, conversation.MessageAlert
	for _, o := range []conversation.Outbound{question, alert} {
		o.Token, o.MessageID = newID(), newID()+"@"+domain
		if err := tx.Enqueue(o); err != nil {
			return err
		}
	}
	return nil
}
