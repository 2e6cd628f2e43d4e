package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/templates"
)

// callResult is what a call of the program left.
type callResult struct {
	code     int
	out, err string
}

// call runs the program as the shell does, but for the process.
func call(t *testing.T, in string, args ...string) callResult {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(env{t.Context(), strings.NewReader(in), &out, &errs}, args)
	return callResult{code, out.String(), errs.String()}
}

// sentence wants the code, and one line on standard error that has each text.
func (r callResult) sentence(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code || strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "frist: ") {
		t.Errorf("got exit %d and %q; want exit %d and one sentence", r.code, r.err, code)
	}
	for _, s := range texts {
		if !strings.Contains(r.err, s) {
			t.Errorf("%q does not say %q", r.err, s)
		}
	}
}

const sampleSettings = `organisation: Provköpings kommun
administrator: {email: drift@provkoping.example}
master_key: {file: key}
mail:
  address: frist@provkoping.example
  authserv_id: mx.provkoping.example
  allowed_domains: [provkoping.example]
  imap: {addr: "127.0.0.1:1", username: frist, password: {file: password}}
  smtp: {addr: "127.0.0.1:1", username: frist, password: {file: password}}
units:
  - id: miljo
    name: Miljöförvaltningen
    dso: {name: Love Prov, email: love.prov@provkoping.example}
`

// samplePassword stands in for every password of the sample settings.
const samplePassword = "hemlig-tavla-17"

// sampleFile writes settings with their secrets and gives the file's path. changes are pairs of old and new text.
func sampleFile(t *testing.T, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"frist.yaml": strings.NewReplacer(changes...).Replace(sampleSettings),
		"key":        base64.StdEncoding.EncodeToString([]byte("fyrtio tecken men bara trettiotv")) + "\n",
		"password":   samplePassword + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "frist.yaml")
}

// reportedAt is Tuesday 3 March 2026, 10:12 in Stockholm.
var reportedAt = time.Date(2026, 3, 3, 9, 12, 0, 0, time.UTC)

// fillSample keeps four incidents: one that was filed, one that is new, one that was purged, and one that need not be notified.
func fillSample(t *testing.T, file string) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	words, err := templates.Load("")
	if err != nil {
		t.Fatal(err)
	}
	form := words.Form("imy")
	s, err := openStore(t.Context(), cfg, func() time.Time { return reportedAt }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(t.Context(), func(tx conversation.Tx) error {
		if err := tx.SaveForm(form.ID, form.Version, words.FormFile(form.Version)); err != nil {
			return err
		}
		if err := tx.SavePerson(&conversation.Person{ID: "reporter", Name: "Tove Prov", Addresses: []conversation.Address{
			{Channel: conversation.ChannelMail, ID: "tove.prov@provkoping.example"}}}); err != nil {
			return err
		}
		for _, in := range []*conversation.Incident{filedIncident(form), newIncident(form, 2), newIncident(form, 3), harmlessIncident(form)} {
			if err := tx.SaveIncident(in, []conversation.Event{
				{At: reportedAt.Add(time.Minute), Name: "called"}, {At: reportedAt.Add(time.Hour), Name: "taken"},
			}, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = s.Purge(context.WithoutCancel(t.Context()), "incident-3")
	}
	if err != nil {
		t.Fatal(err)
	}
}

func newIncident(form *conversation.Form, n int) *conversation.Incident {
	return &conversation.Incident{ID: conversation.IncidentID("incident-" + itoa(n)), Number: "PUI-2026-000" + itoa(n), Unit: "miljo",
		UnitKnown: true, Form: form.ID, FormVersion: form.Version, Status: conversation.StatusReported, Reporter: "reporter",
		ReportedAt: reportedAt, AwareAt: reportedAt, DeadlineAt: reportedAt.Add(72 * time.Hour), FirstMessage: "Fel bilaga till en granne.",
		Answers: map[string]conversation.Answer{}}
}

// sampleAnswers has every kind of field, and text that a spreadsheet would run.
var sampleAnswers = map[string]conversation.Value{
	"kind": {Choice: "Skickat till fel mottagare"},
	"3":    {Parts: map[string]string{"street": "Provgatan 3", "postcode": "012 34", "city": "Provköping"}},
	"5-8": {Entries: []map[string]string{{"name": "Love Prov", "email": "love.prov@provkoping.example", "phone": "+46 70 000 00 01"},
		{"name": "Mio Prov", "email": "mio.prov@provkoping.example", "phone": "070-000 00 02"}}},
	"10": {Date: "2026-03-03", Time: "09:05", Comment: "Strax efter mötet"},
	"16": {Text: "=HYPERLINK(\"http://ond.example\";\"Läs\")\r\nSå stod det, \"ordagrant\".\rSlut"},
	"23": {Exact: new(int64(14))},
	"24": {Interval: "11 - 100"},
	"30": {Entries: []map[string]string{{"date": "2026-03-03", "time": "11:00", "action": "Bad mottagaren radera"}, {"date": "2026-03-04", "action": "Följde upp"}}},
	"37": {Blank: true},
}

func filedIncident(form *conversation.Form) *conversation.Incident {
	in := newIncident(form, 1)
	for key, v := range sampleAnswers {
		in.Answers[key] = conversation.Answer{Value: v, Author: "reporter", Role: conversation.RoleReporter, At: reportedAt, Revision: 1}
	}
	in.Watch = conversation.Watch{Called: []conversation.Call{{Person: "reporter", Post: conversation.PostDSO, At: reportedAt.Add(time.Minute)}},
		TakenBy: "reporter", TakenAt: reportedAt.Add(time.Hour)}
	in.Revision, in.Status = 1, conversation.StatusNotified
	in.Decision = &conversation.Decision{Outcome: conversation.OutcomeApprove, By: "reporter", Address: "love.prov@provkoping.example",
		At: reportedAt.Add(70 * time.Hour), Revision: 1}
	in.Decision.Content = in.Notification(form, in.Unit, in.Decision.At)
	in.Filing = &conversation.Filing{Reference: "-IMY-77", At: reportedAt.Add(73 * time.Hour), By: "reporter"}
	return in
}

func harmlessIncident(form *conversation.Form) *conversation.Incident {
	in := newIncident(form, 4)
	in.Status, in.ClosedAt = conversation.StatusNotNotifiable, reportedAt.Add(3*time.Hour)
	in.Decision = &conversation.Decision{Outcome: conversation.OutcomeNotNotifiable, By: "reporter", Address: "love.prov@provkoping.example",
		At: in.ClosedAt, Reason: "Kuvertet var oöppnat"}
	in.Decision.Content = in.Notification(form, in.Unit, in.ClosedAt)
	return in
}
