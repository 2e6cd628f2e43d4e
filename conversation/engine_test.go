package conversation

import (
	"slices"
	"strings"
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

func TestEscalation(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.clock(29 * time.Minute)
	if n := len(w.incident().Watch.Called); n != 1 {
		t.Fatalf("%d called after 29 minutes", n)
	}
	w.clock(2 * time.Minute)
	if c := w.incident().Watch.Called; len(c) != 2 || c[1].Post != PostDeputy {
		t.Fatalf("called %+v", c)
	}
	w.answer(alex, "kan inte")
	if c := w.incident().Watch.Called; len(c) != 3 || c[2].Post != PostOnCall {
		t.Fatalf("called after a no: %+v", c)
	}
	w.answer(sam, "tar")
	w.wantKey(w.last(anna), TextToldTaken)
	before := len(w.to(kim))
	w.clock(2 * time.Hour)
	if len(w.to(kim)) != before {
		t.Errorf("the DSO is called again after somebody took it")
	}
}

func TestReminders(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "tar")
	w.fresh(anna)
	w.clock(24*time.Hour + time.Minute)
	got := w.fresh(anna)
	if len(got) != 1 || got[0].Kind != MessageReminder {
		t.Fatalf("at 48 h left: %d messages", len(got))
	}
	w.fresh(kim)
	w.clock(24 * time.Hour)
	if o := w.fresh(kim); len(o) == 0 || o[0].Kind != MessageReview {
		t.Fatalf("at 24 h left the DSO gets %v", o)
	}
	if o := w.last(alex); o.Kind != MessageReminder {
		t.Errorf("from 24 h left the deputy is reminded too, got %s", o.Kind)
	}
	w.clock(24*time.Hour + 12*24*time.Hour)
	over := 0
	for _, o := range w.to(kim) {
		if o.Kind == MessageReminder && slices.Contains(keys(o), TextReminderOverdue) {
			over++
		}
	}
	if over != 10 {
		t.Errorf("%d reminders after the deadline, want ten", over)
	}
	if o := w.last(kim); o.Document != nil || o.Question != nil {
		t.Error("a reminder holds answers")
	}
}

func TestDownDuringReminders(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "tar")
	w.fresh(anna)
	w.now = w.now.Add(67 * time.Hour) // the program was down past 48, 24, 12 and 6 h left
	if err := w.e.Sweep(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	if err := w.e.Sweep(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, o := range w.fresh(anna) {
		if o.Kind == MessageReminder {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d reminders for what came due while down, want the most urgent only", n)
	}
}

func TestApprovalRefused(t *testing.T) {
	prepared := func(t *testing.T) (*world, Outbound) {
		w := newWorld(t)
		w.reportAll()
		w.answer(anna, "klar")
		w.answer(kim, "15: 1\n28: 1\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över\n4: K 1")
		return w, w.last(kim)
	}
	for _, c := range []struct {
		name, event string
		say         func(w *world, review Outbound) said
	}{
		{"reporter", "decision_refused", func(w *world, r Outbound) said { return said{From: anna, Text: "godkänn", Token: w.last(anna).Token} }},
		{"reporter with the DSO's token", "decision_refused not_decider", func(w *world, r Outbound) said { return said{From: anna, Text: "godkänn", Token: r.Token} }},
		{"colleague", "note", func(w *world, r Outbound) said {
			return said{From: "eva@exempelstad.example", Text: "godkänn", Token: r.Token}
		}},
		{"forged", "stranger unauthenticated", func(w *world, r Outbound) said {
			return said{From: kim, Anonymous: true, Text: "godkänn", Token: r.Token}
		}},
		{"automatic", "automatic", func(w *world, r Outbound) said {
			return said{From: kim, Automatic: "auto_submitted", Text: "godkänn", Token: r.Token}
		}},
		{"not in reply", "decision_refused not_in_reply", func(w *world, r Outbound) said { return said{From: kim, Text: "godkänn"} }},
		{"to the alert", "decision_refused not_in_reply_to_review", func(w *world, r Outbound) said {
			return said{From: kim, Text: "godkänn", Token: w.to(kim)[0].Token}
		}},
		{"old version", "decision_refused old_version", func(w *world, r Outbound) said {
			for _, o := range w.to(kim) {
				if o.Kind == MessageReview {
					return said{From: kim, Text: "godkänn", Token: o.Token}
				}
			}
			return said{}
		}},
		{"on-call", "decision_refused not_decider", func(w *world, r Outbound) said {
			return said{From: sam, Text: "godkänn PUI-2026-0001", Token: r.Token}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, review := prepared(t)
			s := c.say(w, review)
			s.Text = strings.TrimSuffix(s.Text, " PUI-2026-0001")
			w.say(s)
			if in := w.incident(); in.Decision != nil {
				t.Fatalf("it counted: %+v", in.Decision)
			}
			if !strings.Contains(w.events(), c.event) {
				t.Errorf("log %s, want %s", w.events(), c.event)
			}
		})
	}
}

func TestChangeVoidsApproval(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "4: K 1\n15: 1\n28: 1\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över")
	w.answer(kim, "godkänn")
	if w.incident().Status != StatusApproved {
		t.Fatalf("not approved: %v", keys(w.last(kim)))
	}
	// Without the new answer the question is put again, also to somebody who has finished.
	w.answer(anna, "ändra 23")
	w.wantAsked(anna, "23")
	w.answer(anna, "klar")
	// The reporter's later change is a proposal, and voids nothing until it is taken in.
	w.answer(anna, "ändra 23: 15")
	if in := w.incident(); in.Status != StatusApproved || *in.Answers["23"].Value.Exact != 12 || len(in.Proposals) != 1 {
		t.Fatalf("a proposal changed something: %s %+v", in.Status, in.Proposals)
	}
	w.answer(kim, "23: ta med")
	in := w.incident()
	if in.Status != StatusInReview || in.Decision != nil || *in.Answers["23"].Value.Exact != 15 {
		t.Fatalf("status %s, decision %v", in.Status, in.Decision)
	}
	if o := w.last(kim); o.Kind != MessageReview {
		t.Errorf("no new version: %s", o.Kind)
	}
	w.wantKey(w.last(anna), TextProposalTaken)
}

func TestReturnAndNotNotifiable(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "returnera: Skriv hur många som fick mejlet.")
	if in := w.incident(); in.Status != StatusReported || in.Decision.Outcome != OutcomeReturn {
		t.Fatalf("status %s", in.Status)
	}
	o := w.last(anna)
	w.wantKey(o, TextToldReturned)
	w.answer(anna, "ändra 23: 14")
	if *w.incident().Answers["23"].Value.Exact != 14 {
		t.Error("after a return the reporter may not change")
	}
	w.answer(anna, "klar")
	w.answer(kim, "inte anmälningspliktig:")
	w.wantKey(w.last(kim), TextReasonMissing)
	for _, o := range slices.Backward(w.to(kim)) {
		if o.Kind == MessageReview {
			w.say(said{From: kim, Text: "Inte anmälningspliktig: mottagaren raderade mejlet oläst.", Token: o.Token})
			break
		}
	}
	if in := w.incident(); in.Status != StatusNotNotifiable || !strings.Contains(in.Decision.Reason, "oläst") {
		t.Fatalf("status %s %v", in.Status, keys(w.last(kim)))
	}
}

func TestWrongInput(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Hej, jag råkade mejla en lista till fel mottagare")
	for range 40 {
		o := w.last(anna)
		if o.Kind == MessageCheck {
			break
		}
		fd := w.e.Form.Field(o.Question.Field)
		for _, bad := range map[Kind][]string{
			KindChoice: {"", "nittionio", "99"}, KindChoices: {"", "varken eller", "99"}, KindDate: {"", "xyzzy", "2027-12-24", "31 februari"},
			KindCount: {"", "många", "-3", "2,5"}, KindGroup: {""}, KindText: {"", strings.Repeat("å", 60_000)}, KindAddress: {""},
		}[fd.Kind] {
			if fd.Open && bad == "nittionio" {
				continue // read back, and asked
			}
			w.now = w.now.Add(2 * time.Minute) // a person takes their time
			w.answer(anna, bad)
			if _, ok := w.incident().Answers[fd.Key]; ok {
				t.Fatalf("%s took %.20q", fd.Key, bad)
			}
			again := w.last(anna)
			if again.Question == nil || again.Question.Field != fd.Key || len(again.Lines) == 0 {
				t.Fatalf("%s: after %.20q: %s %v", fd.Key, bad, again.Kind, keys(again))
			}
		}
		if fd.Kind == KindText && fd.Purpose == PurposeWhat {
			text := "<b>html</b>\n=cmd()\nFrom: x\n{{.}} [länk](http://x.example)"
			w.answer(anna, text)
			if got := w.incident().Answers[fd.Key].Value.Text; got != text {
				t.Errorf("kept %q, want it to the character", got)
			}
			continue
		}
		w.answer(anna, reporterAnswers[fd.Key])
		if _, ok := w.incident().Answers[fd.Key]; !ok {
			t.Fatalf("%s did not take %q: %v", fd.Key, reporterAnswers[fd.Key], keys(w.last(anna)))
		}
	}
}

func TestMissesEnd(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Hej, jag råkade mejla en lista till fel mottagare")
	w.wantAsked(anna, "protected")
	for i := range 4 {
		w.answer(anna, "snurra")
		if o := w.last(anna); i == 1 && !o.Question.Again {
			t.Error("no other explanation after two misses")
		}
	}
	w.wantAsked(anna, "phone")
	if a := w.incident().Answers["protected"].Value; !a.Blank || a.Comment != "snurra" {
		t.Errorf("left as %+v", a)
	}
}

func TestPersonnummerWaitsForAChoice(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag mejlade fel mottagare uppgifter om 19811218-9876")
	if in := w.incident(); strings.Contains(in.FirstMessage, "9876") {
		t.Fatalf("the first message is kept as %q", in.FirstMessage)
	}
	for w.last(anna).Question.Field != "16" {
		w.answer(anna, reporterAnswers[w.last(anna).Question.Field])
	}
	w.answer(anna, "Det gällde 811218-9876 och en till.")
	if _, ok := w.incident().Answers["16"]; ok {
		t.Fatal("stored before its writer chose")
	}
	w.wantKey(w.last(anna), TextPersonnummer)
	// What is held stays held until its writer has chosen.
	w.answer(anna, "hjälp")
	w.wantKey(w.last(anna), TextPersonnummer)
	w.answer(anna, "maskera")
	if got := w.incident().Answers["16"].Value.Text; got != "Det gällde «draft_mask» och en till." {
		t.Errorf("stored %q", got)
	}
}

func TestCommands(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej")
	w.wantAsked(anna, "phone")
	w.answer(anna, "tillbaka")
	w.wantAsked(anna, "protected")
	w.answer(anna, "vet inte")
	w.wantKey(w.last(anna), TextCallNow)
	w.wantAsked(anna, "phone")
	w.answer(anna, "hoppa över")
	w.wantAsked(anna, "16")
	w.answer(anna, "hjälp")
	w.wantKey(w.last(anna), TextHelp)
	w.wantAsked(anna, "16")
	w.answer(anna, "visa")
	if o := w.last(anna); o.Kind != MessageShow {
		t.Errorf("visa gives %s", o.Kind)
	}
	w.answer(anna, "ändra C: 070-000 00 02")
	if got := w.incident().Answers["phone"].Value.Text; got != "070-000 00 02" {
		t.Errorf("phone %q", got)
	}
	w.answer(anna, "paus")
	w.wantKey(w.last(anna), TextPaused)
	w.answer(anna, "fortsätt")
	w.wantAsked(anna, "16")
	w.answer(anna, "gjort 1 och 2")
	w.wantKey(w.last(anna), TextStepNoted)
	w.answer(anna, "avbryt")
	w.wantKey(w.last(anna), TextCancelled)
	if in := w.incident(); in.Status != StatusInReview {
		t.Errorf("avbryt left the incident %s; it must go on to the DSO", in.Status)
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

func TestNumberedAnswersInOneMail(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej\n\nC: 070-000 00 01\n16: Det blev fel i adressfältet.\nJag såg det direkt.\n11: i dag 16.30")
	in := w.incident()
	for key, want := range map[string]string{"protected": "Nej", "phone": "070-000 00 01", "16": "Det blev fel i adressfältet.\nJag såg det direkt.", "11": "2026-11-20"} {
		v := in.Answers[key].Value
		if got := v.Choice + v.Text + v.Date; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	w.wantAsked(anna, "10")
}

func TestDeadlineMoves(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej\n\n11: 17 november")
	in := w.incident()
	want := time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC)
	if !in.AwareAt.Equal(want) || !in.DeadlineAt.Equal(want.Add(72*time.Hour)) {
		t.Errorf("aware %s, deadline %s", in.AwareAt, in.DeadlineAt)
	}
	moved := slices.ContainsFunc(w.to(kim), func(o Outbound) bool { return slices.Contains(keys(o), TextDeadlineMoved) })
	if !moved {
		t.Error("the DSO is not told that the deadline moved")
	}
	if o := w.last(anna); o.Kind != MessageQuestion || !o.DeadlineAt.Equal(in.DeadlineAt) {
		t.Errorf("the answer that moved it is met by %s with the deadline %s", o.Kind, o.DeadlineAt)
	}
}

// An answer may move the deadline past a reminder: whoever gave it is at the questions, and is reminded only if they leave them.
func TestNoReminderBetweenAnswers(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.clock(25 * time.Hour)
	w.fresh(anna)
	w.fresh(kim)
	w.answer(anna, "ändra 11: 17 november")
	w.clock(time.Minute)
	for _, o := range w.fresh(anna) {
		if o.Kind == MessageReminder {
			t.Error("the reporter is reminded between two answers")
		}
	}
	if !slices.ContainsFunc(w.fresh(kim), func(o Outbound) bool { return o.Kind == MessageReminder || o.Kind == MessageReview }) {
		t.Error("nobody is reminded")
	}
}

func TestStockholmDeadlines(t *testing.T) {
	for _, c := range []struct{ aware, want string }{
		{"2026-11-24T14:30:00+01:00", "2026-11-27T14:30:00+01:00"},
		{"2026-11-20T16:45:00+01:00", "2026-11-23T16:45:00+01:00"},
		{"2026-04-02T10:15:00+02:00", "2026-04-05T10:15:00+02:00"},
		{"2026-12-23T11:40:00+01:00", "2026-12-26T11:40:00+01:00"},
		{"2026-06-18T15:05:00+02:00", "2026-06-21T15:05:00+02:00"},
		{"2026-10-23T09:10:00+02:00", "2026-10-26T08:10:00+01:00"},
		{"2027-03-25T16:20:00+01:00", "2027-03-28T17:20:00+02:00"},
	} {
		aware, err := time.Parse(time.RFC3339, c.aware)
		if err != nil {
			t.Fatal(err)
		}
		if got := Deadline(aware, 72*time.Hour).In(Stockholm()).Format(time.RFC3339); got != c.want {
			t.Errorf("aware %s: deadline %s, want %s", c.aware, got, c.want)
		}
	}
}

func TestSeveralChoicesInOneReply(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "15: Något som inte står i listan\n29: 3\n37: Gäller 811218-9876.")
	if o := w.last(kim); o.Kind != MessageNotice || len(o.Choices) != 2 {
		t.Fatalf("the choice is asked for in %s with %v", o.Kind, o.Choices)
	}
	w.answer(kim, "ja")
	if got := w.incident().Answers["15"].Value.Choice; got != "Något som inte står i listan" {
		t.Errorf("15 is %q", got)
	}
	w.wantKey(w.last(kim), TextPersonnummer)
	w.answer(kim, "behåll")
	in := w.incident()
	if in.Answers["37"].Value.Text != "Gäller 811218-9876." || in.Answers["29"].Value.Choice == "" {
		t.Errorf("37 is %+v, 29 %+v", in.Answers["37"].Value, in.Answers["29"].Value)
	}
}
