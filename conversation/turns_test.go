package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// twoUnits is a world with a second unit, which has a DSO of its own; nobody's unit is known beforehand.
func twoUnits(t *testing.T) *world {
	w := newWorld(t)
	school := w.e.Organisation.Units[0]
	school.ID, school.Name, school.Default = "school", "Skolförvaltningen", false
	school.Chain = []Contact{{Post: PostDSO, Name: "Mio Modell", Mail: mio, Phone: "08-555 000 21"}}
	school.Answers = map[string]Value{"1": {Text: "Skolnämnden"}}
	w.e.Organisation.Units = append(w.e.Organisation.Units, school)
	if err := w.e.Enroll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

const mio = "mio.modell@exempelstad.example"

// review plays to the point where the DSO may approve.
func (w *world) reviewed() {
	w.t.Helper()
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "4: K 1\n15: 1\n28: 1\n29: 3\n33: nej\n35: 1\n36: nej\n37: hoppa över")
}

func TestUnitIsAskedAndMoves(t *testing.T) {
	w := twoUnits(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.wantAsked(anna, FieldUnit)
	if len(w.to(kim)) != 1 {
		t.Fatal("the default unit's DSO is not alerted")
	}
	w.answer(kim, "tar")
	w.answer(anna, "2")
	in := w.incident()
	if in.Unit != "school" || in.Answers["1"].Value.Text != "Skolnämnden" || in.Watch.TakenBy != "" {
		t.Errorf("unit %s, 1 is %q, taken by %q", in.Unit, in.Answers["1"].Value.Text, in.Watch.TakenBy)
	}
	w.wantKey(w.last(kim), TextUnitMoved)
	w.wantKey(w.last(mio), TextAlertUnit)
	w.mail(anna, "nytt: Jag har tappat bort en telefon")
	if in := w.incident(); in.Unit != "school" || !in.UnitKnown {
		t.Error("the unit is not remembered")
	}
}

func TestUnitChangeNeedsANewApproval(t *testing.T) {
	w := twoUnits(t)
	reporterAnswers[FieldUnit] = "1"
	w.reviewed()
	delete(reporterAnswers, FieldUnit)
	seen := w.last(kim)
	w.answer(anna, "ändra U: Skolförvaltningen")
	if w.incident().Unit != "social" {
		t.Fatal("a finished reporter's change of unit is not a proposal")
	}
	w.say(said{From: kim, Text: "U: ta med", Token: seen.Token})
	if in := w.incident(); in.Unit != "school" {
		t.Fatalf("unit %s: %v", in.Unit, keys(w.last(kim)))
	}
	w.say(said{From: kim, Text: "godkänn", Token: seen.Token})
	if in := w.incident(); in.Decision != nil {
		t.Fatal("an approval of the other unit's version counted")
	}
}

func TestReporterCannotVoidAlone(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "godkänn")
	for _, text := range []string{"fortsätt", "ändra 23: 40", "23: 41"} {
		w.answer(anna, text)
		if w.incident().Status != StatusApproved {
			t.Fatalf("%q voided the approval", text)
		}
	}
	// Approved while the reporter was still answering: what comes then is a proposal, too.
	w = newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(kim, "tar")
	w.clock(49 * time.Hour)
	w.answer(kim, "godkänn")
	if w.incident().Status != StatusApproved {
		t.Fatalf("not approved: %v", keys(w.last(kim)))
	}
	w.answer(anna, "16: Mer att berätta.")
	if in := w.incident(); in.Status != StatusApproved || len(in.Proposals) != 1 {
		t.Errorf("status %s, %d proposals", in.Status, len(in.Proposals))
	}
}

func TestFilingIsReadAndMayBeCorrected(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "godkänn")
	w.now = w.now.Add(3 * time.Hour)
	w.answer(kim, "inskickad 2026-1234")
	f := w.incident().Filing
	if f == nil || f.Reference != "2026-1234" || !f.At.Equal(w.now) {
		t.Fatalf("filing %+v", f)
	}
	w.answer(kim, "inskickad IMY-2026-1234 1 november")
	w.wantKey(w.last(kim), TextFiledBefore)
	w.answer(kim, "inskickad IMY-2026-1234 i dag 18.30")
	if f := w.incident().Filing; f.Reference != "IMY-2026-1234" || f.At.In(Stockholm()).Format("15:04") != "18:30" {
		t.Errorf("filing %+v", f)
	}
}

func TestDeciderApart(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Units[0].Decider = &Contact{Post: PostDecider, Name: "Mio Modell", Mail: mio}
	if err := w.e.Enroll(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.reviewed()
	if o := w.last(mio); o.Kind != MessageReview {
		t.Fatalf("the decider gets %s", o.Kind)
	}
	if o := w.last(kim); o.Kind != MessageReview {
		t.Fatalf("the DSO gets %s", o.Kind)
	}
	w.answer(kim, "godkänn")
	w.wantKey(w.last(kim), TextNotDecider)
	for _, o := range slices.Backward(w.to(mio)) {
		if o.Kind == MessageReview {
			w.say(said{From: mio, Text: "godkänn", Token: o.Token})
			break
		}
	}
	if w.incident().Status != StatusApproved {
		t.Fatal("the decider's approval does not count")
	}
	w.wantKey(w.last(kim), TextApprovedBy)
}

func TestOnCallTakesIt(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "kan inte")
	w.clock(31 * time.Minute)
	w.answer(sam, "tar")
	w.answer(anna, "klar")
	if o := w.last(alex); o.Kind != MessageReview {
		t.Errorf("the deputy, who decides, gets %s", o.Kind)
	}
	if o := w.last(sam); o.Kind != MessageReview {
		t.Errorf("the on-call contact, who has it, gets %s", o.Kind)
	}
	for _, o := range w.to(kim) {
		if o.Kind == MessageReview {
			t.Error("the DSO, who cannot, gets the review")
		}
	}
}

func TestGivenBack(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.clock(61 * time.Minute)
	w.answer(kim, "tar")
	w.fresh(alex)
	w.answer(kim, "kan inte")
	w.wantKey(w.last(anna), TextToldGivenBack)
	if o := w.fresh(alex); len(o) == 0 || o[len(o)-1].Kind != MessageAlert {
		t.Errorf("the others are not called again: %v", o)
	}
}

func TestReturnedLate(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "tar")
	w.clock(60 * time.Hour)
	w.answer(kim, "returnera: Mer behövs.")
	if w.incident().Status != StatusReported {
		t.Fatalf("not returned: %v", keys(w.last(kim)))
	}
	w.fresh(kim)
	w.fresh(anna)
	w.clock(time.Hour)
	if o := w.fresh(kim); len(o) != 0 {
		t.Errorf("within the hour after the return the DSO gets %s", o[0].Kind)
	}
	w.clock(6 * time.Hour)
	if o := w.fresh(kim); len(o) == 0 || o[0].Kind != MessageReview {
		t.Errorf("before the deadline the DSO gets %v", o)
	}
	if o := w.fresh(anna); len(o) == 0 {
		t.Error("the reporter is not reminded after a return")
	}
}

func TestDSOReports(t *testing.T) {
	w := newWorld(t)
	w.mail(kim, "Jag har tappat bort en telefon med uppgifter")
	w.clock(2 * time.Hour)
	for _, o := range w.to(kim) {
		if o.Kind == MessageAlert {
			t.Fatal("the DSO is alerted of their own report")
		}
	}
	if o := w.to(alex); len(o) == 0 || o[0].Kind != MessageAlert {
		t.Fatal("the deputy is not alerted")
	}
	w.answer(alex, "tar")
	w.answer(kim, "klar")
	w.answer(kim, "godkänn")
	if w.incident().Decision != nil {
		t.Error("who reported has decided")
	}
	if o := w.last(alex); o.Kind != MessageReview {
		t.Errorf("the deputy gets %s", o.Kind)
	}
}

func TestASecondIncident(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	// A fresh mail while questions are open may be another incident.
	w.mail(anna, "Nu har jag dessutom tappat bort min telefon")
	if _, ok := w.incident().Answers["phone"]; ok || len(w.m.Inc) != 1 {
		t.Fatal("a new report was taken as an answer")
	}
	w.wantKey(w.last(anna), TextNewOrThis)
	w.answer(anna, "nytt")
	if in := w.incident(); in.Number != "PUI-2026-0002" || !strings.Contains(in.FirstMessage, "telefon") {
		t.Fatalf("incident %s: %q", in.Number, in.FirstMessage)
	}
	// As a reply, too.
	w.answer(anna, "Nytt: En öppen mapp med elevuppgifter")
	if in := w.incident(); in.Number != "PUI-2026-0003" {
		t.Fatalf("incident %s", in.Number)
	}
	// Somebody who has finished, in Teams.
	w = newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Nu har jag tappat bort min telefon"})
	w.wantKey(w.last(anna), TextNewOrThis)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nytt"})
	if len(w.m.Inc) != 2 {
		t.Error("no second incident")
	}
}

func TestCommandsBeginNothing(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"visa allt", "jag är klar", "kan inte", "hoppa över", "English", "ändra 11: i går", "svenska"} {
		w.say(said{From: anna, Channel: ChannelTeams, Text: text})
	}
	if len(w.m.Inc) > 0 {
		t.Fatalf("a command began incident %q", w.incident().FirstMessage)
	}
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej")
	for _, text := range []string{"Tack!", "Hej!", "maskera", "English", "inte anmälningspliktig: det var inget", "godkänn"} {
		w.answer(anna, text)
		if v, ok := w.incident().Answers["phone"]; ok {
			t.Fatalf("%q became the phone number %q", text, v.Value.Text)
		}
		w.wantAsked(anna, "phone")
	}
}

func TestAtTheCheck(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "16: Ny text.")
	if got := w.incident().Answers["16"].Value.Text; got != "Ny text." {
		t.Errorf("16 is %q", got)
	}
	w.answer(anna, "ändra 16: Nyare.\nändra 23: 14")
	if in := w.incident(); in.Answers["16"].Value.Text != "Nyare." || *in.Answers["23"].Value.Exact != 14 {
		t.Errorf("16 is %q", in.Answers["16"].Value.Text)
	}
	w.answer(anna, "tillbaka")
	w.answer(anna, "hoppa över")
	if w.incident().Answers["31"].Value.Choice != "Nej" {
		t.Error("skipping a question that was put again erased its answer")
	}
	w.answer(anna, "Ja, det stämmer")
	if w.incident().Status != StatusInReview {
		t.Errorf("yes to the check left it %s", w.incident().Status)
	}
}

func TestOneMissAMessageAndFormOrder(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej\nC: \n16: \n11: \n10: ")
	for _, key := range []string{"phone", "16", "11", "10"} {
		if _, ok := w.incident().Answers[key]; ok {
			t.Errorf("an empty %s was taken", key)
		}
	}
	w = newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "35: 1\n33: nej")
	if _, ok := w.incident().Answers["35"]; !ok {
		t.Error("35 before 33 is dropped")
	}
}

func TestDecisionBelowAnswers(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "16: Ny text.\n\nGODKÄNN")
	in := w.incident()
	if in.Answers["16"].Value.Text != "Ny text." || in.Decision != nil {
		t.Errorf("16 is %q, decision %v", in.Answers["16"].Value.Text, in.Decision)
	}
	w.wantKey(w.last(kim), TextDecisionBelow)
}

func TestTwoPersonsAreOne(t *testing.T) {
	w := newWorld(t)
	// The look-up of the mail address failed once, so the DSO is taken for somebody new.
	w.say(said{From: kim, Channel: ChannelTeams, Text: "hej", NoMail: true})
	w.say(said{From: kim, Channel: ChannelTeams, Text: "hej"})
	w.mail(anna, "Jag har tappat bort en telefon")
	a := w.to(kim)
	if n := len(slices.DeleteFunc(a, func(o Outbound) bool { return o.Kind != MessageAlert })); n != 2 {
		t.Errorf("%d alerts to the DSO, want one by mail and one in Teams", n)
	}
	if got := w.person(kim).ID; got != w.e.Organisation.Units[0].Chain[0].Person {
		t.Error("the settings' DSO is another person")
	}
}

func TestUnauthenticatedMailAlarms(t *testing.T) {
	w := newWorld(t)
	w.e.Organisation.Administrator = "it@exempelstad.example"
	for range 3 {
		w.say(said{From: anna, Anonymous: true, Text: "Jag har tappat bort en telefon"})
	}
	if n := len(w.to("it@exempelstad.example")); n != 1 {
		t.Errorf("%d alarms, want one a day", n)
	}
}

func TestClosedIncidentIsHeard(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "inte anmälningspliktig: mottagaren raderade allt")
	w.answer(anna, "Mottagaren hade skickat det vidare till fem personer")
	w.wantKey(w.last(anna), TextClosed)
	w.wantKey(w.last(kim), TextClosedWrote)
}

func TestContradictionsArePointedOut(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "29: 4")
	o := w.last(kim)
	w.wantKey(o, TextConflict)
	for _, l := range o.Lines {
		if l.Key == TextConflict && l.Args["conflict"] != "0" {
			t.Errorf("conflict %s", l.Args["conflict"])
		}
	}
}
