package main

import (
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
	"frist/conversation"
)

// typed writes in Teams and gives the id of what was written.
func (w *town) typed(text string) (id string) {
	w.t.Helper()
	id, err := w.employee.Say(w.t.Context(), text)
	if err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
	return id
}

// does has the employee do something, and gives what they are told.
func (w *town) does(do func() error) []string {
	w.t.Helper()
	before := w.connector.Last()
	if err := do(); err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
	return w.told(w.employee.Conversation(), before)
}

func (w *town) edits(id, text string) []string {
	w.t.Helper()
	w.clock.put(w.clock.Now().Add(time.Second))
	return w.does(func() error { return w.employee.Edit(w.t.Context(), id, text) })
}

// TestEditedAnswer: a typo that is corrected in the chat is corrected in the answer, once, and a message that answered nothing changes nothing.
func TestEditedAnswer(t *testing.T) {
	w := newTown(t)
	first := w.typed("Jag råkade mejla en deltagarlista till fel person")
	protected := w.typed("nej")
	phone := w.typed("070-174 06 33")
	answer := func(field string) conversation.Value { return w.incident(firstNumber).Answers[field].Value }
	if said := w.edits(phone, "070-174 06 34"); len(said) != 1 || !strings.Contains(said[0], "Ändrat") || answer("phone").Text != "070-174 06 34" {
		t.Errorf("phone is %q; told: %q", answer("phone").Text, said)
	}
	if said := w.edits(protected, "vet inte"); len(said) != 2 || answer("protected").Choice != "Vet inte" {
		t.Errorf("protected is %q; told: %q", answer("protected").Choice, said)
	}
	n := count(w.events(firstNumber), "answered")
	if said := w.edits(phone, "070-174 06 34"); len(said) != 0 {
		t.Errorf("an edit that changes nothing is answered: %q", said)
	}
	if said := w.edits(phone, "KLAR"); len(said) != 1 || !strings.Contains(said[0], "Inget svar ändras") {
		t.Errorf("told: %q", said)
	}
	said := w.edits(first, "Jag råkade mejla en klasslista till fel person")
	if len(said) != 1 || !strings.Contains(said[0], "ÄNDRA 16") || w.incidents() != 1 {
		t.Errorf("%d incidents; told: %q", w.incidents(), said)
	}
	if said := w.edits("1700000000000", "Nånting som aldrig kom fram till boten"); len(said) != 0 {
		t.Errorf("an edit of an unknown message is answered: %q", said)
	}
	if in := w.incident(firstNumber); count(w.events(firstNumber), "answered") != n || !strings.Contains(in.FirstMessage, "deltagarlista") || in.Conversations[0].Finished {
		t.Errorf("%v, %q", w.events(firstNumber), in.FirstMessage)
	}
}

// TestEditedBeforeItCounted: a message that was not understood, or waits for a choice, is mended where it stands.
func TestEditedBeforeItCounted(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	odd := w.typed("njeaj")
	if _, ok := w.incident(firstNumber).Answers["protected"]; ok {
		t.Fatal("that was no answer")
	}
	w.edits(odd, "nej")
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Nej" {
		t.Errorf("protected %q", got)
	}
	number := w.typed("ändra 16: Mejlet om 19900101-9802 gick fel")
	if _, ok := w.incident(firstNumber).Answers["16"]; ok {
		t.Fatal("a number is kept without a choice")
	}
	w.edits(number, "ändra 16: Mejlet om en elev gick fel")
	in := w.incident(firstNumber)
	if got := in.Answers["16"].Value.Text; got != "Mejlet om en elev gick fel" || in.Conversations[0].Pending != nil {
		t.Errorf("16 is %q, pending %+v", got, in.Conversations[0].Pending)
	}
	second := w.typed("ändra 16: Mejlet om 19900101-9802 gick fel")
	if said := w.does(func() error { return w.employee.Delete(t.Context(), second) }); len(said) != 1 || w.incident(firstNumber).Conversations[0].Pending != nil {
		t.Errorf("what was deleted still waits; told: %q", said)
	}
	// A greeting that becomes a report.
	other := w.colleague(1)
	id, err := other.Say(t.Context(), "hej")
	if err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if err := other.Edit(t.Context(), id, "hej, jag har tappat en telefon med bilder på elever"); err != nil {
		t.Fatal(err)
	}
	if w.quiet(); w.incidents() != 2 {
		t.Errorf("%d incidents", w.incidents())
	}
}

// TestDeletedMessage: what was said is kept, which is told once; to bring it back changes nothing.
func TestDeletedMessage(t *testing.T) {
	w := newTown(t)
	first := w.typed("Jag råkade mejla en deltagarlista till fel person")
	answer := w.typed("nej")
	said := w.does(func() error { return w.employee.Delete(t.Context(), answer) })
	if len(said) != 1 || !strings.Contains(said[0], "finns kvar") || !strings.Contains(said[0], "AVBRYT") {
		t.Errorf("told: %q", said)
	}
	for _, do := range []func() error{
		func() error { return w.employee.Delete(t.Context(), first) },
		func() error { return w.employee.Delete(t.Context(), answer) },
		func() error { return w.employee.Undelete(t.Context(), answer, "nej") },
		func() error { return w.employee.Delete(t.Context(), "1700000000000") },
	} {
		if said := w.does(do); len(said) != 0 {
			t.Errorf("told again: %q", said)
		}
	}
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Nej" || w.incidents() != 1 {
		t.Errorf("protected %q, %d incidents", got, w.incidents())
	}
}

// TestQuotedQuestion: an answer that quotes an older question is that question's, as a reply to its mail is.
func TestQuotedQuestion(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	w.say("nej")
	open, _ := w.card()
	answer := w.employee.Activity("message")
	answer["text"], answer["textFormat"] = "Frist\nKan någon ha skyddade uppgifter?\nvet inte", "plain"
	answer["attachments"] = []any{map[string]any{"contentType": "text/html", "content": `<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="` + a.card.id +
		`"><strong itemprop="mri">Frist</strong><p itemprop="preview">Kan någon ha skyddade uppgifter?</p></blockquote><p>vet inte</p>`}}
	w.clock.put(w.clock.Now().Add(time.Second))
	if _, err := w.employee.Post(t.Context(), answer); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Vet inte" {
		t.Errorf("protected %q", got)
	}
	if next, _ := w.card(); next.field != open.field {
		t.Errorf("%q is asked, not %q", next.field, open.field)
	}
}

// TestEditedLater: what is corrected after the questions is a proposal, the DSO's own answers are corrected too, and no decision is made by an edit.
func TestEditedLater(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	what := w.typed("ändra 16: Listan gick till fel skola.")
	kim := bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, Locale: "sv-SE",
		User: bottest.User{ID: "29:1kim", Name: "Kim Exempel", AADObjectID: "00000000-0000-4000-8000-000000000002", Email: kim}})
	says := func(text string) string {
		w.clock.put(w.clock.Now().Add(time.Second))
		id, err := kim.Say(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		w.quiet()
		return id
	}
	edit := func(id, text string) {
		w.clock.put(w.clock.Now().Add(time.Second))
		if err := kim.Edit(t.Context(), id, text); err != nil {
			t.Fatal(err)
		}
		w.quiet()
	}
	taken := says(firstNumber + " TAR")
	w.say("KLAR")
	if w.edits(what, "ändra 16: Listan gick till två skolor."); w.incident(firstNumber).Answers["16"].Value.Text != "Listan gick till fel skola." || len(w.incident(firstNumber).Proposals) != 1 {
		t.Errorf("16 is %q, %d proposals", w.incident(firstNumber).Answers["16"].Value.Text, len(w.incident(firstNumber).Proposals))
	}
	number := says(firstNumber + "\n29: 3")
	if edit(number, firstNumber+"\n29: 4"); w.incident(firstNumber).Answers["29"].Value.Text == "" && w.incident(firstNumber).Answers["29"].Value.Choice == "" {
		t.Errorf("29 is %+v", w.incident(firstNumber).Answers["29"])
	}
	before := w.incident(firstNumber).Answers["29"].Value
	edit(number, "GODKÄNN")
	edit(taken, "GODKÄNN")
	edit(taken, "KAN INTE")
	in := w.incident(firstNumber)
	if in.Decision != nil || in.Watch.TakenBy == "" || in.Answers["29"].Value.Text != before.Text {
		t.Errorf("decision %+v, taken by %q, 29 %+v", in.Decision, in.Watch.TakenBy, in.Answers["29"].Value)
	}
}
