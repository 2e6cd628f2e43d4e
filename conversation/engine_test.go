package conversation

import (
	"slices"
	"testing"
	"time"
)

// reporterAnswers are one answer to each question that the reporter is asked, as typed.

var reporterAnswers = map[string]string{
	"kind": "1", "protected": "nej", "phone": "070-000 00 01",
	"16": "Jag mejlade en deltagarlista till fel person.", "11": "i dag 16.30", "10": "i dag kl 16.10", "12": "ja", "13": "i dag 16.35",
	"17": "En anställd informerade oss", "18": "Mänskliga faktorn: Fel i det enskilda fallet", "21": "nej",
	"22": "namn: Biträdet AB\norganisationsnummer: 559999-9991", "23": "12", "24": "1 - 10", "25": "Barn", "26": "Personnummer; Hälsa", "27": "nej",
	"30": "datum: 2026-11-20\nklockslag: 16:35\nåtgärd: Ringde mottagaren.", "31": "nej", "32": "i dag",
}

// reportAll plays the reporter to the check step.

func (w *world) reportAll() {
	w.t.Helper()
	w.mail(anna, "Hej, jag råkade mejla en lista till fel mottagare")
	for range 40 {
		o := w.last(anna)
		if o.Kind == MessageCheck {
			return
		}
		if o.Question == nil {
			w.t.Fatalf("the reporter is asked nothing: %s %v", o.Kind, keys(o))
		}
		text, ok := reporterAnswers[o.Question.Field]
		if !ok {
			w.t.Fatalf("no answer for %s", o.Question.Field)
		}
		w.answer(anna, text)
	}
	w.t.Fatal("the questions never end")
}

func TestWholeWay(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	if in := w.incident(); in.Number != "PUI-2026-0001" || in.Answers["kind"].Value.Choice == "" {
		t.Fatalf("incident %s, kind %q", in.Number, in.Answers["kind"].Value.Choice)
	}
	if a := w.to(kim)[0]; a.Kind != MessageAlert || !a.At.Equal(start) {
		t.Errorf("first to the DSO: %s at %s", a.Kind, a.At)
	}
	w.answer(kim, "TAR")
	w.wantKey(w.last(anna), TextToldTaken)
	w.answer(anna, "klar")
	w.wantKey(w.last(anna), TextFinished)
	review := w.last(kim)
	if review.Kind != MessageReview || review.Document == nil {
		t.Fatalf("the DSO gets %s", review.Kind)
	}
	if want := []string{"4", "15", "28", "29", "33", "36", "37"}; !slices.Equal(review.Document.Open, want) {
		t.Errorf("open for the DSO: %v, want %v", review.Document.Open, want)
	}
	w.answer(kim, "4: ta med\n15: 1\n28: 1, 3\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över")
	second := w.last(kim)
	if second.Kind != MessageReview || second.Revision <= review.Revision {
		t.Fatalf("after the answers the DSO gets %s revision %d", second.Kind, second.Revision)
	}
	if len(second.Document.Open) != 0 {
		t.Errorf("still open: %v (%v)", second.Document.Open, keys(second))
	}
	w.say(said{From: kim, Text: "godkänn", Token: review.Token})
	w.wantKey(w.last(kim), TextOldVersion)
	w.say(said{From: kim, Text: "Godkänn", Token: w.last(kim).Token})
	if o := w.last(kim); o.Kind != MessageFile {
		t.Fatalf("after the approval: %s %v", o.Kind, keys(o))
	}
	w.wantKey(w.last(anna), TextToldApproved)
	w.now = w.now.Add(time.Hour)
	w.answer(kim, "inskickad IMY-2026-77 i dag 17.30")
	in := w.incident()
	if in.Status != StatusNotified || in.Filing.Reference != "IMY-2026-77" {
		t.Fatalf("status %s, filing %+v, said %v", in.Status, in.Filing, keys(w.last(kim)))
	}
	w.wantKey(w.last(anna), TextToldFiled)
	n := in.Notification(w.e.Form, in.Unit, w.now)
	if n.Late || n.Decision != OutcomeApprove || n.ApprovedBy != kim {
		t.Errorf("late %v, decision %s by %s", n.Late, n.Decision, n.ApprovedBy)
	}
	if n.ContentSHA256 != in.Decision.Content.ContentSHA256 {
		t.Error("the filed content is not the approved one")
	}
	if at, ok, _ := w.m.NextDue(t.Context()); ok {
		t.Errorf("something is still due at %s", at)
	}
}

func TestGreetingIsNoReport(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"Hej!", "hjälp", "Hello", "god morgon"} {
		w.mail(anna, text)
		if o := w.last(anna); o.Kind != MessageIntroduction {
			t.Errorf("%q gets %s", text, o.Kind)
		}
	}
	if list, _ := w.m.Incidents(); len(list) > 0 || len(w.to(kim)) > 0 {
		t.Fatal("a greeting alone opened an incident")
	}
	w.now = w.now.Add(10 * time.Minute)
	w.mail(anna, "Jag har tappat bort en usb-sticka med elevuppgifter")
	if in := w.incident(); !in.ReportedAt.Equal(start) {
		t.Errorf("reported at %s, want the greeting's time %s", in.ReportedAt, start)
	}
}

func TestTwoChannels(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Jag råkade mejla en lista till fel mottagare"})
	q := w.last(anna)
	if q.Channel != ChannelTeams {
		t.Fatalf("answered by %s", q.Channel)
	}
	w.mail(anna, "nej")
	if w.incident().Answers["protected"].Value.Choice != "Nej" {
		t.Fatal("an answer by mail to a question in Teams was not taken")
	}
	if o := w.m.Out[len(w.m.Out)-1]; w.last(anna).Channel != ChannelMail {
		t.Errorf("the next question goes by %s", o.Channel)
	}
	replaced := slices.ContainsFunc(w.m.Out, func(o Outbound) bool { return o.Kind == MessageAnswered && o.Replaces == q.ID })
	if !replaced {
		t.Error("the card in Teams is left live")
	}
	// An invoke is answered in place.
	w.say(said{From: anna, Channel: ChannelTeams, Text: "070-000 00 01"})
	q = w.last(anna)
	r := w.say(said{From: anna, Channel: ChannelTeams, Invoke: true, Token: q.Token, Fields: map[string]string{"token": q.Token, "field": "16", "verb": "answer", "answer": "Det blev fel."}})
	if r.Inline == nil || r.Inline.Kind != MessageAnswered || w.incident().Answers["16"].Value.Text != "Det blev fel." {
		t.Errorf("inline %+v", r.Inline)
	}
	q = w.last(anna)
	r = w.say(said{From: anna, Channel: ChannelTeams, Invoke: true, Token: q.Token, Fields: map[string]string{"token": q.Token, "field": "11", "verb": "answer", "date": "2031-01-01"}})
	if r.Inline == nil || r.Inline.Kind != MessageQuestion || r.Inline.Token != q.Token {
		t.Errorf("a wrong card is answered by %+v", r.Inline)
	}
}

func TestWrittenBeforeTheQuestionWasSeen(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Jag råkade mejla en lista till fel mottagare"})
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	w.wantAsked(anna, "phone")
	// Two quick messages: the second is written before the question after the first has come.
	early := w.now
	w.now = w.now.Add(30 * time.Second)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "070-000 00 01"})
	w.wantAsked(anna, "16")
	late := w.now
	w.now = early
	w.say(said{From: anna, Channel: ChannelTeams, Text: "eller växeln"})
	w.now = late
	in := w.incident()
	if _, ok := in.Answers["16"]; ok {
		t.Fatal("a message answered a question that its writer had not seen")
	}
	w.wantKey(w.last(anna), TextUnseen)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "förra"})
	if got := w.incident().Answers["phone"].Value.Text; got != "070-000 00 01\neller växeln" {
		t.Errorf("phone %q", got)
	}
}

// An answer may move the deadline past a reminder: whoever gave it is at the questions, and is reminded only if they leave them.
