package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// table is an attached list of people.
func table(rows int) Attachment {
	return Attachment{Name: "deltagare 850709-9805.csv", Type: "text/csv", Size: 4096, Facts: Facts{Rows: rows, Personnummer: rows, Columns: []string{"name", "personnummer"}}}
}

// until answers the reporter's questions until the one named is put.
func (w *world) until(field string) {
	w.t.Helper()
	for range 40 {
		o := w.last(anna)
		if o.Question == nil {
			w.t.Fatalf("nothing is asked (%v) before %s", keys(o), field)
		}
		if o.Question.Field == field {
			return
		}
		w.answer(anna, "hoppa över")
	}
	w.t.Fatalf("%s is never asked", field)
}

func lineOf(o Outbound, key string) map[string]string {
	for _, l := range o.Lines {
		if l.Key == key {
			return l.Args
		}
	}
	return nil
}

func TestFileWithReport(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Text: "Jag mejlade en deltagarlista till fel person", Files: []Attachment{table(1240)}})
	receipt := w.last(anna)
	w.wantKey(receipt, TextFilesSeen)
	if a := lineOf(receipt, TextFileRows); a["rows"] != "1240" || strings.Contains(a["name"], "850709") {
		t.Errorf("the reporter is told of %v", a)
	}
	alert := w.to(kim)[0]
	if n := len(w.to(kim)); n != 1 {
		t.Errorf("the DSO gets %d messages", n)
	}
	if a := lineOf(alert, TextAlertFiles); alert.Kind != MessageAlert || a["rows"] != "1240" || a["personnummer"] != "1240" || a["name"] != "" {
		t.Errorf("the alert (%s) says %v", alert.Kind, a)
	}
	if f := w.incident().Files; len(f) != 1 || strings.Contains(f[0].Name, "850709") || f[0].ID != "" || len(w.m.Files) != 0 {
		t.Errorf("files: %+v, kept %d", f, len(w.m.Files))
	}
	for _, raw := range w.m.Raw {
		if string(raw.Raw) != `{"bare":true}` {
			t.Errorf("the raw message is kept with its file: %s", raw.Raw)
		}
	}

	w.until("23")
	q := w.last(anna)
	if a := lineOf(q, TextFilePersons); a["rows"] != "1240" || q.Question.Proposed == nil || q.Question.Proposed.Exact == nil || *q.Question.Proposed.Exact != 1240 {
		t.Fatalf("at the number of people: %v, proposed %+v", q.Lines, q.Question.Proposed)
	}
	if _, answered := w.incident().Answers["23"]; answered {
		t.Fatal("a proposal became an answer by itself")
	}
	w.answer(anna, "ja")
	if v := w.incident().Answers["23"].Value; v.Exact == nil || *v.Exact != 1240 {
		t.Errorf("yes to what is proposed gives %+v", v)
	}
	w.answer(anna, "ändra 23: 1200")
	if v := w.incident().Answers["23"].Value; v.Exact == nil || *v.Exact != 1200 {
		t.Errorf("the person's own number gives %+v", v)
	}
}

func TestFileProposesToDSO(t *testing.T) {
	w := newWorld(t)
	sent := w.now.Add(-26 * time.Hour)
	mail := Attachment{Name: "VB.eml", Type: "message/rfc822", Facts: Facts{Sent: sent, Recipients: 2, Domains: []string{"elsewhere.example", "exempelstad.example"}}}
	w.say(said{From: anna, Text: "Jag mejlade en lista till fel person", Files: []Attachment{table(12), mail}})
	if f := w.incident().Files[1]; !slices.Equal(f.Outside, []string{"elsewhere.example"}) {
		t.Errorf("outside: %v", f.Outside)
	}
	w.until("10")
	if a := lineOf(w.last(anna), TextFileSent); a["date"] != "2026-11-19" || a["time"] != "14:40" {
		t.Errorf("at when it happened: %v", a)
	}
	w.answer(anna, "ta med")
	if v := w.incident().Answers["10"].Value; v.Date != "2026-11-19" || v.Time != "14:40" {
		t.Errorf("accepted: %+v", v)
	}
	w.answer(anna, "klar")
	review := w.last(kim)
	i := slices.IndexFunc(review.Document.Proposals, func(p Proposal) bool { return p.Field == "23" && p.Source == "file" })
	if review.Kind != MessageReview || i < 0 || len(review.Document.Files) != 2 {
		t.Fatalf("%s: proposals %+v, files %+v", review.Kind, review.Document.Proposals, review.Document.Files)
	}
	w.answer(kim, "23: ta med")
	if v := w.incident().Answers["23"].Value; v.Exact == nil || *v.Exact != 12 {
		t.Errorf("the DSO's: %+v", v)
	}
}

// A time that cannot be, or that somebody forged, is not proposed.
func TestFileTimes(t *testing.T) {
	for name, sent := range map[string]time.Time{"to come": start.Add(time.Hour), "long ago": start.AddDate(-3, 0, 0), "none": {}} {
		w := newWorld(t)
		w.say(said{From: anna, Text: "Jag mejlade en lista till fel person", Files: []Attachment{{Name: "VB.eml", Facts: Facts{Sent: sent}}}})
		w.until("10")
		if q := w.last(anna); q.Question.Proposed != nil || lineOf(q, TextFileSent) != nil {
			t.Errorf("%s: %+v is proposed", name, q.Question.Proposed)
		}
		w.answer(anna, "ja")
		if _, ok := w.incident().Answers["10"]; ok {
			t.Errorf("%s: yes is no time", name)
		}
	}
}

func TestFilesOnRequest(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Text: "Jag mejlade en deltagarlista till fel person", Files: []Attachment{table(3)}})
	w.answer(kim, "skicka filerna")
	w.wantKey(w.last(kim), TextFilesNone)
	w.answer(kim, "Begär filerna")
	w.wantKey(w.last(kim), TextFilesRequested)
	told := w.last(anna)
	if told.Channel != ChannelMail || lineOf(told, TextToldFiles)["name"] != "Kim Exempel" {
		t.Fatalf("the reporter is told %v by %s", told.Lines, told.Channel)
	}
	good, bad := table(3), Attachment{Name: "virus.pdf", Facts: Facts{Refused: RefusedInfects, Infected: "Test.Sig"}}
	w.say(said{From: anna, Token: told.Token, Files: []Attachment{good, bad, {Name: "inre.csv", Facts: Facts{Within: "x.eml"}}}})
	thanks := w.last(anna)
	w.wantKey(thanks, TextFilesKept)
	w.wantKey(thanks, FileRefusedKey(RefusedInfects))
	if slices.Contains(keys(thanks), TextEmpty) {
		t.Error("a file alone is called an empty message")
	}
	if len(w.m.Files) != 1 {
		t.Fatalf("%d files are kept", len(w.m.Files))
	}
	w.wantKey(w.last(kim), TextFilesArrived)
	w.answer(kim, "skicka filerna")
	out := w.last(kim)
	if out.Kind != MessageFiles || out.Channel != ChannelMail || len(out.Files) != 1 || out.Files[0].ID == "" || strings.Contains(out.Files[0].Name, "850709") {
		t.Fatalf("%s by %s with %+v", out.Kind, out.Channel, out.Files)
	}
	if c, err := w.m.File(w.incident().ID, out.Files[0].ID); err != nil || !strings.HasPrefix(string(c), "content of ") {
		t.Errorf("content %q, %v", c, err)
	}
	for _, event := range []string{"files_requested", "file_kept", "file_refused infected", "files_sent 1"} {
		if !strings.Contains(w.events(), event) {
			t.Errorf("no event %q in %s", event, w.events())
		}
	}
	// The reporter gets no files by asking for them, and nothing is kept of another incident.
	w.answer(anna, "skicka filerna")
	if w.last(anna).Kind == MessageFiles {
		t.Error("the reporter was sent the files")
	}
	w.say(said{From: alex, Text: "Jag har tappat bort en telefon på bussen", Files: []Attachment{table(4)}})
	if len(w.m.Files) != 1 {
		t.Errorf("%d files are kept", len(w.m.Files))
	}
}

// A photo or a forwarded mail alone is a report: nothing is made up of what happened, and the bot asks.
func TestFileAlone(t *testing.T) {
	for _, subject := range []string{"", "VB: Elevlista"} {
		w := newWorld(t)
		w.say(said{From: anna, Subject: subject, Files: []Attachment{{Name: "IMG_2034.jpg", Type: "image/jpeg", Size: 1 << 20}}})
		in := w.incident()
		if in.FirstMessage != subject {
			t.Errorf("first message %q", in.FirstMessage)
		}
		if got := w.to(kim); len(got) == 0 || got[0].Kind != MessageAlert {
			t.Error("the DSO is not alerted")
		}
		w.wantKey(w.last(anna), TextFilesSeen)
		w.until("16")
		if p := w.last(anna).Question.Proposed; (p != nil) != (subject != "") {
			t.Errorf("%q: proposed %+v", subject, p)
		}
	}
}

// What came later and says something of how grave it is, the DSO is told; a picture is not worth a mail.
func TestLaterFiles(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag mejlade en deltagarlista till fel person")
	before := len(w.to(kim))
	w.say(said{From: anna, Token: w.last(anna).Token, Text: "fel mottagare", Files: []Attachment{{Name: "bild.png"}}})
	if len(w.to(kim)) != before {
		t.Errorf("a picture is told: %v", w.last(kim).Lines)
	}
	w.say(said{From: anna, Token: w.last(anna).Token, Text: "vet inte", Files: []Attachment{{Name: "a.pdf", Facts: Facts{Mismatch: true}}}})
	if !slices.ContainsFunc(w.to(kim)[before:], func(o Outbound) bool { return lineOf(o, TextAlertFiles)["mismatch"] == "1" }) {
		t.Errorf("a file that lies of itself is not told: %v", w.last(kim).Lines)
	}
}

func TestFilesAreBounded(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag mejlade en deltagarlista till fel person")
	many := make([]Attachment, 40)
	for i := range many {
		many[i] = Attachment{Name: "a", Facts: Facts{Refused: RefusedType}}
	}
	for range 10 {
		w.say(said{From: anna, Token: w.last(anna).Token, Text: "hjälp", Files: many})
	}
	if n := len(w.incident().Files); n != filesListed {
		t.Errorf("%d files are listed", n)
	}
	if n := len(w.last(anna).Lines); n > 12 {
		t.Errorf("%d lines are said", n)
	}
}

// What an unverified report came with is looked at as in any other: nothing of it is lost when it is confirmed.
func TestFileWithUnverifiedReport(t *testing.T) {
	w := newWorld(t)
	sent := start.Add(-3 * time.Hour)
	w.say(said{From: "anna@privat.example", Text: "Jag mejlade en lista till fel person", Files: []Attachment{{Name: "Fel.eml", Type: "message/rfc822", Size: 900,
		Facts: Facts{Sent: sent, Recipients: 1, Domains: []string{"elsewhere.example"}}}}})
	if a := lineOf(w.to(kim)[0], TextAlertFiles); a["outside"] != "elsewhere.example" {
		t.Errorf("the alert says %v", a)
	}
	w.say(said{From: "anna@privat.example", Text: "Här är listan också", Files: []Attachment{table(12)}})
	files := w.incident().Files
	if len(files) != 2 || !files[0].At.Equal(start) || files[1].Inbound == "" || strings.Contains(files[1].Name, "850709") {
		t.Fatalf("files %+v", files)
	}
	if !files[0].plausible() {
		t.Error("the mail's time would not be proposed")
	}
}

// Whoever forges a sender does not fill the incident's log, which each of its turns reads.
func TestUnverifiedLogIsBounded(t *testing.T) {
	w := newWorld(t)
	for i := range loggedADay + 6 {
		w.say(said{From: "anna@privat.example", Anonymous: true, Text: "Jag mejlade en lista till fel person, del " + itoa(i)})
	}
	if n := w.incident().loggedToday("added_unverified", w.now); n != loggedADay {
		t.Errorf("%d lines", n)
	}
}
