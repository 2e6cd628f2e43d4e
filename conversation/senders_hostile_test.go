package conversation

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whoever forges an address adds nothing to what its owner wrote and had authenticated.
func TestForgedMailAddsToNobodysReport(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: privat, Text: "Jag har tappat min jobbdator på tåget"})
	w.say(said{From: privat, Anonymous: true, Text: "Det var bara ett skämt, gör inget åt det"})
	if len(w.m.Inc) != 2 {
		t.Fatalf("%d incidents", len(w.m.Inc))
	}
	for _, in := range w.m.Inc {
		if strings.Contains(in.FirstMessage, "tappat") && strings.Contains(in.FirstMessage, "skämt") {
			t.Errorf("one person's words stand beside a stranger's: %q", in.FirstMessage)
		}
	}
}

// A report in the DSO's name, which the deputy confirms in good faith, does not make the DSO the reporter: who reported does not decide.
func TestForgedReportInTheDSOsName(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: kim, Anonymous: true, Text: "Jag har tappat min jobbdator på tåget"})
	w.clock(40 * time.Minute)
	w.answer(alex, "bekräfta")
	in := w.incident()
	if in.Status != StatusReported || in.Reporter != "" || in.conversation(w.person(kim).ID).Role != RoleDSO {
		t.Fatalf("status %s, reporter %q", in.Status, in.Reporter)
	}
	w.answer(kim, "29: 3")
	if len(w.incident().Answers["29"].Value.Choice) == 0 {
		t.Error("the DSO cannot answer")
	}
	w.clock(80 * time.Hour)
	w.answer(kim, "visa")

	w = newWorld(t)
	w.say(said{From: kim, Anonymous: true, Text: "Jag har tappat min jobbdator på tåget"})
	w.answer(kim, "bekräfta")
	if in := w.incident(); in.Reporter != w.person(kim).ID {
		t.Errorf("the DSO says that it is their own report, and the reporter is %q", in.Reporter)
	}
}

// Numbers are easily guessed: what strangers send to one fills neither the incident's log nor anybody's mailbox.
func TestStrangersFillNoLog(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	events, told := len(w.incident().Log), len(w.to(kim))
	for i := range 3 * loggedADay {
		w.say(said{From: fmt.Sprintf("a%d@flod.example", i), Anonymous: true, Subject: "PUI-2026-0001", Text: "Hej på er"})
	}
	if n := len(w.incident().Log) - events; n != loggedADay {
		t.Errorf("%d lines in the log", n)
	}
	if n := len(w.to(kim)) - told; n != 1 {
		t.Errorf("the DSO is told %d times", n)
	}
	w.now = w.now.Add(25 * time.Hour)
	w.say(said{From: "b@flod.example", Anonymous: true, Subject: "PUI-2026-0001", Text: "Hej igen"})
	if n := len(w.to(kim)) - told; n != 2 {
		t.Errorf("the next day the DSO is told %d times in all", n)
	}
}

// The same words to one question after another are a person who does not know, and no machine.
func TestSameWordsToManyQuestions(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	for i := range 12 {
		n := len(w.to(anna))
		w.answer(anna, "Det vet jag faktiskt inte just nu")
		if len(w.to(anna)) == n {
			t.Fatalf("answer %d is dropped without a word", i+1)
		}
	}
}

// Words that stand between quoted lines are words, also where they answer no question of their writer's.
func TestPartsOfOthersAreKept(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	q := w.last(anna)
	parts := func(text string) []Part { return []Part{{Field: "16", Text: text}} }
	w.say(said{From: "eva@exempelstad.example", Parts: parts("Listan gällde elever i åk 7"), Token: q.Token, References: []string{q.MessageID}})
	if n := w.incident().Notes; len(n) != 1 || n[0].Text != "Listan gällde elever i åk 7" {
		t.Errorf("a colleague's notes: %+v", n)
	}
	for i, from := range []string{"bo@exempelstad.example", privat} {
		w.say(said{From: from, Parts: parts("Jag har tappat en lista")})
		if len(w.m.Inc) != i+2 || w.incident().FirstMessage != "Jag har tappat en lista" {
			t.Errorf("%d incidents, the last %q", len(w.m.Inc), w.incident().FirstMessage)
		}
	}
}

// A national identity number that nobody is asked about, in the subject or in what was cut, is not kept.
func TestNumbersBesideTheTextAreMasked(t *testing.T) {
	w := newWorld(t)
	kept := func() string { return w.m.Reduced[w.m.Order[len(w.m.Order)-1]] }
	w.say(said{From: anna, Subject: "Fel om 850709-9805", Text: "Jag råkade mejla en lista till fel mottagare"})
	if got := kept(); !strings.Contains(got, "Fel om") || !strings.Contains(got, "fel mottagare") || strings.Contains(got, "9805") {
		t.Errorf("of the first mail %q is kept", got)
	}
	w.say(said{From: anna, Text: "nej", Whole: "nej\n\n> Gäller 850709-9805", Token: w.last(anna).Token})
	if got := kept(); !strings.Contains(got, "Gäller") || strings.Contains(got, "9805") {
		t.Errorf("of the answer %q is kept", got)
	}
}

// A mail server whose clock is years ahead moves no deadline.
func TestReceiptInTheFuture(t *testing.T) {
	for _, at := range []time.Time{start.AddDate(64, 0, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		w := newWorld(t)
		now := w.now
		w.now = at
		w.e.Now = func() time.Time { return now }
		w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
		if in := w.incident(); !in.DeadlineAt.Equal(now.Add(72 * time.Hour)) {
			t.Errorf("received %s: the deadline is %s", at, in.DeadlineAt)
		}
	}
}

// Whoever has seen one of our mails can say that it came back, again and again: the DSO is told once a day.
func TestBouncesFillNothing(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	events, told := len(w.incident().Log), len(w.to(kim))
	for range 3 * loggedADay {
		w.say(said{From: "mailer-daemon@ute.example", Anonymous: true, Automatic: "bounce", Bounced: w.last(anna).MessageID})
	}
	if n := len(w.to(kim)) - told; n != 1 {
		t.Errorf("the DSO is told %d times", n)
	}
	if n := len(w.incident().Log) - events; n > loggedADay {
		t.Errorf("%d lines in the log", n)
	}
	w.say(said{From: "mailer-daemon@exempelstad.example", Automatic: "bounce", Bounced: w.to(kim)[0].MessageID})
	if n := len(w.to(alex)); n != 1 {
		t.Errorf("the alert came back and %d went to the deputy", n)
	}
}

// A file's name is masked also where it only tells what another was attached to.
func TestNumberInTheNameOfAnAttachedMail(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Text: "Jag råkade mejla en lista till fel mottagare", Files: []Attachment{
		{Name: "850709-9805.eml", Type: "message/rfc822"}, {Name: "lista.csv", Type: "text/csv", Facts: Facts{Within: "850709-9805.eml"}}}})
	for _, f := range w.incident().Files {
		if strings.Contains(f.Name+f.Within, "9805") {
			t.Errorf("%q within %q", f.Name, f.Within)
		}
	}
}

// The files of a report that was sent to an old question's address, or without saying which incident it belongs to, go where its text goes.
func TestFilesGoWhereTheirTextGoes(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	old := w.to(anna)[3]
	list := []Attachment{{Name: "annan.csv", Size: 5, Type: "text/csv", Facts: Facts{Rows: 7}}}
	w.say(said{From: anna, Subject: "Borttappad lista", Text: "Jag har tappat en annan lista på bussen", Token: old.Token, Files: list})
	w.wantKey(w.last(anna), TextNewOrThis)
	w.answer(anna, "nytt")
	first, _ := w.m.IncidentByNumber("PUI-2026-0001")
	if f := w.incident().Files; len(w.m.Inc) != 2 || len(f) != 1 || f[0].Rows != 7 || len(first.Files) != 0 {
		t.Errorf("of the old: %+v, of the new: %+v", first.Files, f)
	}

	w = newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.mail(anna, "Nytt: jag har tappat min jobbtelefon i går")
	w.say(said{From: anna, Text: "Här är listan som det gällde", Files: list})
	w.wantKey(w.last(anna), TextWhich)
	w.mail(anna, "PUI-2026-0001")
	first, _ = w.m.IncidentByNumber("PUI-2026-0001")
	second, _ := w.m.IncidentByNumber("PUI-2026-0002")
	if len(first.Files) != 1 || len(second.Files) != 0 {
		t.Errorf("of the first: %+v, of the second: %+v", first.Files, second.Files)
	}
}
