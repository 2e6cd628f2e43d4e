package main

import (
	"net/http"
	"strings"
	"testing"

	"frist/conversation"
)

// submits posts a filled-in card as Action.Submit does, with data of one's own, and gives its id.
func (w *town) submits(in map[string]any) (id string) {
	w.t.Helper()
	a, _ := w.card()
	value := map[string]any{}
	for _, act := range a.card.actions {
		for k, v := range act.Data {
			value[k] = v
		}
	}
	for k, v := range in {
		value[k] = v
	}
	id, err := w.employee.Submit(w.t.Context(), a.card.id, value)
	if err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
	return id
}

// raw is what is kept of a message of the employee's.
func (w *town) raw(id string) (text string) {
	w.t.Helper()
	about, _ := w.employee.Activity("message")["conversation"].(map[string]any)
	tenant, _ := about["tenantId"].(string)
	err := w.store.View(w.t.Context(), func(tx conversation.Tx) error {
		raw, _, err := tx.Inbound(conversation.NewInboundID("teams", tenant, w.employee.Conversation(), id))
		text = string(raw.Raw)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// TestNumbersInCards: a personnummer in a card's inputs, where nobody is asked about it, is not kept with the card.
func TestNumbersInCards(t *testing.T) {
	w := newTown(t)
	const number = "19811218-9876"
	w.say("Jag råkade mejla en deltagarlista till fel person")
	for _, in := range []map[string]any{
		{"verb": "answer", "answer": "blåbär", "comment": number}, {"verb": number}, {"verb": "answer", "field": "nope", "answer": number},
		{"verb": "return", "reason": number}, {"verb": "answer", "answer": "Nej", "annat": number},
	} {
		if id := w.submits(in); strings.Contains(w.raw(id), number) {
			t.Errorf("%v is kept: %s", in, w.raw(id))
		}
	}
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Nej" {
		t.Errorf("protected is %q", got)
	}
	// Of an incident that is not there a command is answered, and its words are not kept either.
	other := newTown(t)
	id := other.typed("inskickad " + number)
	if strings.Contains(other.raw(id), number) || other.incidents() != 0 {
		t.Errorf("%d incidents, kept %s", other.incidents(), other.raw(id))
	}
}

// TestNumbersInDisguise: what cannot be seen in a number does not hide it.
func TestNumbersInDisguise(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	for _, number := range []string{"\u202d19811218-9876\u202c", "19811218\u200d-9876", "1981\u200b1218-9876", "811218-98\u200c76", "811218\u200e-\u200e9876", "8\ufeff11218-9876",
		"１９８１１２１８－９８７６", "811218_9876", "811218‒9876"} {
		w.say("ändra 16: Det gällde " + number)
		if a, ok := w.incident(firstNumber).Answers["16"]; ok {
			t.Fatalf("%q is kept as %q", number, a.Value.Text)
		}
		w.say("MASKERA")
		if got := w.incident(firstNumber).Answers["16"].Value.Text; !strings.HasPrefix(got, "Det gällde ") || strings.ContainsAny(got, "0123456789０１９\ufeff") {
			t.Errorf("%q is masked as %q", number, got)
		}
		w.forgets("16")
	}
}

// forgets takes an answer away, as if it had never been given.
func (w *town) forgets(field string) {
	w.t.Helper()
	err := w.store.Update(w.t.Context(), func(tx conversation.Tx) error {
		in, err := tx.IncidentByNumber(firstNumber)
		if err != nil {
			return err
		}
		delete(in.Answers, field)
		return tx.SaveIncident(in, nil, in.NextDue(w.engine.Organisation, w.clock.Now()))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestCardsWithoutEnd: what is filled in on cards is bounded as what is typed is, be it one input or entry upon entry.
func TestCardsWithoutEnd(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	w.say("nej")
	most := w.engine.Organisation.Rules.AnswerMax
	w.submits(map[string]any{"verb": "answer", "answer": strings.Repeat("x", most+1)})
	if n := len(w.incident(firstNumber).Answers["phone"].Value.Text); n != 0 {
		t.Errorf("an answer of %d bytes", n)
	}
	if !strings.Contains(w.lastCall(), "för lång") {
		t.Errorf("told: %s", firstChars(w.lastCall(), 300))
	}
	for range 6 {
		w.submits(map[string]any{"verb": "add", "field": "30", "m.action": strings.Repeat("ring ", 5000) + w.clock.Now().String()})
		w.say("ändra 30")
	}
	n := 0
	for _, e := range w.incident(firstNumber).Answers["30"].Value.Entries {
		n += len(e["action"])
	}
	if n == 0 || n > most {
		t.Errorf("entries of %d bytes", n)
	}
}

// TestNeverChoosing: somebody who never says what is to become of what they wrote fills no incident with it.
func TestNeverChoosing(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	w.say("KLAR")
	if !w.incident(firstNumber).Conversations[0].Finished {
		t.Fatal("not finished")
	}
	for range 25 {
		w.say("Det var en sak till som jag kom på")
	}
	c := w.incident(firstNumber).Conversations[0]
	if n := len(c.Held); c.Pending == nil || n > 10 {
		t.Errorf("%d texts wait", n)
	}
	if !strings.Contains(w.lastCall(), "inte med i ärendet") {
		t.Errorf("told: %s", w.lastCall())
	}
	w.say("SLÄNG")
	w.say("ÄNDRA C: 070-174 06 33")
	if got := w.incident(firstNumber).Answers["phone"].Value.Text; got != "070-174 06 33" {
		t.Errorf("phone is %q", got)
	}
}

// TestReportAfterReport: one person's flood of reports does not become a flood of alerts, and does not keep a colleague waiting.
func TestReportAfterReport(t *testing.T) {
	w := newTown(t)
	for range 15 {
		w.say("Nytt ärende: jag råkade mejla en deltagarlista till fel person")
	}
	if n := w.incidents(); n != 10 {
		t.Errorf("%d incidents", n)
	}
	if n := len(w.mails(administrator)); n != 1 {
		t.Errorf("%d alarms", n)
	}
	if !strings.Contains(w.lastCall(), "Ring dataskyddsombudet") {
		t.Errorf("told: %s", w.lastCall())
	}
	if _, err := w.colleague(1).Say(t.Context(), "Jag har tappat en pärm på bussen"); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if n := w.incidents(); n != 11 {
		t.Errorf("%d incidents with the colleague's", n)
	}
}

// TestReferenceOfAFiling: it is one, and no personnummer and no novel.
func TestReferenceOfAFiling(t *testing.T) {
	w, k := kimInTeams(t)
	k.press(k.approvable(), "Godkänn", nil)
	card := k.bottom()
	k.pressAs(card, "filed", map[string]any{"reference": strings.Repeat("x", 90_000)})
	if f := w.incident(firstNumber).Filing; f != nil {
		t.Fatalf("a reference of %d bytes", len(f.Reference))
	}
	k.pressAs(card, "filed", map[string]any{"reference": "19811218-9876"})
	if f := w.incident(firstNumber).Filing; f == nil || strings.Contains(f.Reference, "9876") {
		t.Errorf("filed with %+v", f)
	}
}

// TestEmptyValue: a message whose value is empty is what was typed, not a card.
func TestEmptyValue(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a := w.employee.Activity("message")
	a["text"], a["value"] = "nej", map[string]any{}
	if answer, err := w.employee.Post(t.Context(), a); err != nil || answer.Status != http.StatusOK {
		t.Fatalf("status %d, %v", answer.Status, err)
	}
	w.quiet()
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Nej" {
		t.Errorf("protected is %q", got)
	}
}
