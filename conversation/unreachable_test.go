package conversation

import (
	"slices"
	"testing"
	"time"
)

func TestAbsenceCallsTheNext(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	away := said{From: kim, Automatic: "auto_submitted", Absent: true, Text: "Jag är på semester till den 7 december.", References: []string{w.last(kim).MessageID}}
	for range 3 {
		w.say(away)
	}
	w.wantKey(w.last(alex), TextAlertAbsent)
	if n := len(w.to(alex)); n != 1 {
		t.Errorf("the deputy is called %d times", n)
	}
	if n := len(w.to(kim)); n != 1 {
		t.Errorf("the automatic reply was answered: %d", n)
	}
	w.now = w.now.Add(time.Hour)
	w.mail("bo@exempelstad.example", "Jag har tappat min jobbtelefon")
	if o := w.last(alex); o.Number != "PUI-2026-0002" {
		t.Errorf("the deputy's last is of %s", o.Number)
	}
	w.answer(kim, "tar")
	w.now = w.now.Add(time.Hour)
	w.mail("cia@exempelstad.example", "Jag har tappat min jobbtelefon")
	if o := w.last(alex); o.Number != "PUI-2026-0002" {
		t.Errorf("the deputy is called though the DSO is back: %s", o.Number)
	}
}

func TestForgedAbsenceCallsNobody(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.say(said{From: kim, Anonymous: true, Automatic: "auto_submitted", Absent: true, Text: "Jag är på semester."})
	w.say(said{From: "eva@exempelstad.example", Automatic: "auto_submitted", Absent: true, Text: "Jag är på semester.", Token: w.last(kim).Token})
	if n := len(w.to(alex)); n != 0 {
		t.Errorf("the deputy is called %d times", n)
	}
	w.clock(31 * time.Minute)
	w.say(said{From: sam, Automatic: "auto_submitted", Absent: true, Text: "Jag är på semester."}) // not called yet
	if n := len(w.to(alex)); n != 1 || len(w.to(sam)) != 0 {
		t.Errorf("%d to the deputy, %d to the last", n, len(w.to(sam)))
	}
}

func TestLastAbsentIsAlarmed(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	for _, who := range []string{kim, alex, sam} {
		w.say(said{From: who, Automatic: "x", Absent: true, References: []string{w.last(who).MessageID}})
	}
	it := "it@exempelstad.example"
	w.wantKey(w.last(it), AlarmAbsent)
	// Their programs answer once a week: the next incident's alerts bring no reply.
	w.clock(24 * time.Hour)
	w.mail("bo@exempelstad.example", "Jag har tappat min jobbtelefon")
	if a := lineOf(w.last(it), AlarmAbsent); a["number"] != "PUI-2026-0002" {
		t.Errorf("of the next incident nobody is told: %v", a)
	}
}

func TestBouncedMailGoesElsewhere(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	w.answer(anna, "070-000 00 00")
	q := w.last(anna)
	if q.Channel != ChannelMail {
		t.Fatalf("asked on %s", q.Channel)
	}
	bounce := said{From: "mailer-daemon@mx.example", Anonymous: true, Automatic: "bounce", Bounced: q.MessageID}
	w.say(bounce)
	again := w.last(anna)
	if again.ID != q.ID || again.Channel != ChannelTeams || w.person(anna).LastChannel != ChannelTeams {
		t.Errorf("the question went again on %s", again.Channel)
	}
	w.say(bounce)
	w.wantKey(w.last(kim), TextReporterUnreached) // it came back twice: nothing else is left
}

func TestBouncedReporterIsRung(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.say(said{From: "mailer-daemon@mx.example", Anonymous: true, Automatic: "bounce", Bounced: w.last(anna).MessageID})
	w.wantKey(w.last(kim), TextReporterUnreached)
}

func TestBouncedReviewCallsTheDeputy(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(kim, "tar")
	w.answer(anna, "klar")
	review := w.last(kim)
	if review.Kind != MessageReview {
		t.Fatal(review.Kind)
	}
	w.say(said{From: "mailer-daemon@mx.example", Anonymous: true, Automatic: "bounce", Bounced: review.MessageID})
	var kinds []MessageKind
	for _, o := range w.to(alex) {
		kinds = append(kinds, o.Kind)
	}
	if !slices.Contains(kinds, MessageAlert) || !slices.Contains(kinds, MessageReview) {
		t.Errorf("the deputy got %v", kinds)
	}
}

func TestBounceWithoutATrace(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	for range 3 {
		w.say(said{From: "mailer-daemon@mx.example", Anonymous: true, Automatic: "bounce"})
	}
	if n := len(w.to("it@exempelstad.example")); n != 1 {
		t.Errorf("%d alarms", n)
	}
	if n := len(w.to(alex)); n != 0 {
		t.Errorf("the deputy was called %d times on nobody's word", n)
	}
}
