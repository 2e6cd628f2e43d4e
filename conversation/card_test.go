package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// send submits a card: inputs by name, as Action.Execute or, with invoke false, as the Action.Submit of an older client.
func (w *world) send(from string, card Outbound, verb string, invoke bool, inputs ...string) Reply {
	w.t.Helper()
	f := map[string]string{"token": card.Token, "verb": verb}
	if q := card.Question; q != nil {
		f["field"], f["seen"] = q.Field, q.Seen
	}
	for i := 0; i+1 < len(inputs); i += 2 {
		f[inputs[i]] = inputs[i+1]
	}
	return w.say(said{From: from, Channel: ChannelTeams, Invoke: invoke, Token: card.Token, Text: f["text"], Fields: f})
}

// teams begins a report in Teams and returns the card of its first question.
func teams(t *testing.T) (*world, Outbound) {
	t.Helper()
	w := newWorld(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Jag råkade mejla en lista till fel mottagare"})
	return w, w.last(anna)
}

// replacements are the messages that take the place of a card.
func (w *world) replacements(card OutboundID) (n int) {
	for _, o := range w.m.Out {
		if o.Kind == MessageAnswered && o.Replaces == card {
			n++
		}
	}
	return n
}

func TestOldCardOverwritesNothing(t *testing.T) {
	for _, invoke := range []bool{true, false} {
		w, old := teams(t)
		w.mail(anna, "ja")
		w.fresh(anna)
		r := w.send(anna, old, "answer", invoke, "answer", "Nej")
		if got := w.incident().Answers["protected"].Value.Choice; got != "Ja" {
			t.Fatalf("an old card changed the answer to %q", got)
		}
		said := w.fresh(anna)
		if !invoke {
			if len(said) != 1 || said[0].Choices[0].Key != ButtonChange {
				t.Fatalf("%+v", said)
			}
			w.wantKey(said[0], TextOldCard)
			continue
		}
		if r.Inline == nil || r.Inline.Question.Current.Choice != "Ja" || r.Inline.Token != old.Token || len(said) != 0 {
			t.Fatalf("inline %+v, said %v", r.Inline, said)
		}
		w.wantKey(*r.Inline, TextOldCard)
	}
}

func TestOldButtonOverwritesNothing(t *testing.T) {
	w, _ := teams(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	old := w.last(anna) // the phone number
	w.mail(anna, "070-174 06 21")
	for _, text := range []string{"vet inte", "hoppa över"} {
		w.send(anna, old, "say", true, "text", text)
		if got := w.incident().Answers["phone"].Value.Text; got != "070-174 06 21" {
			t.Errorf("%s on an old card made it %q", text, got)
		}
	}
	if n := strings.Count(w.events(), "old_card"); n != 2 {
		t.Errorf("%d old cards are logged", n)
	}
}

// A question that was passed over has no answer that an old card could overwrite.
func TestOldCardAnswersWhatWasPassedOver(t *testing.T) {
	w, _ := teams(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	old := w.last(anna) // the phone number
	w.say(said{From: anna, Channel: ChannelTeams, Text: "hoppa över"})
	w.wantAsked(anna, "16")
	w.send(anna, old, "answer", true, "answer", "070-174 06 21")
	if got := w.incident().Answers["phone"].Value.Text; got != "070-174 06 21" {
		t.Errorf("phone %q", got)
	}
	w.wantAsked(anna, "16")
}

func TestPressedTwice(t *testing.T) {
	for _, tc := range []struct {
		name, verb, next string
		inputs           []string
	}{{"answer", "answer", "phone", []string{"answer", "Nej"}}, {"unknown", "say", "phone", []string{"text", "vet inte"}},
		{"don't know", "say", "16", []string{"text", "vet inte"}}, {"skip", "say", "16", []string{"text", "hoppa över"}}} {
		for _, invoke := range []bool{true, false} {
			w, card := teams(t)
			if tc.next != "phone" {
				w.send(anna, card, "answer", invoke, "answer", "Nej")
				card = w.last(anna)
			}
			events := strings.Count(w.events(), "answered")
			w.send(anna, card, tc.verb, invoke, tc.inputs...)
			w.wantAsked(anna, tc.next)
			n := len(w.to(anna))
			w.send(anna, card, tc.verb, invoke, tc.inputs...)
			if got := len(w.to(anna)) - n; got != 0 || strings.Count(w.events(), "answered") != events+1 {
				t.Errorf("%s, invoke %t: the second press brought %d messages; %s", tc.name, invoke, got, w.events())
			}
		}
	}
}

func TestPressedTwiceWhileHeld(t *testing.T) {
	w, _ := teams(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	card := w.last(anna)
	w.send(anna, card, "answer", true, "answer", "811218-9876")
	n := len(w.to(anna))
	w.send(anna, card, "answer", true, "answer", "811218-9876")
	if got := len(w.to(anna)) - n; got != 0 {
		t.Errorf("the second press brought %d messages", got)
	}
}

func TestChangeFromAnAnsweredCard(t *testing.T) {
	w, card := teams(t)
	r := w.send(anna, card, "answer", true, "answer", "Nej")
	open := w.last(anna)
	w.wantAsked(anna, "phone")
	for range 2 { // a double click
		w.send(anna, *r.Inline, "say", true, "text", "ändra B", "field", "", "seen", "")
	}
	w.wantAsked(anna, "protected")
	again := w.last(anna)
	if again.Question.Current == nil || again.Question.Current.Choice != "Nej" || again.Question.Seen == open.Question.Seen {
		t.Fatalf("%+v", again.Question)
	}
	if n := len(w.to(anna)); n != 3 {
		t.Errorf("%d cards, want the two questions and the one again", n)
	}
	w.send(anna, again, "answer", true, "answer", "Ja")
	if got := w.incident().Answers["protected"].Value.Choice; got != "Ja" {
		t.Errorf("protected %q", got)
	}
	w.wantAsked(anna, "phone") // back to where they were
	w.send(anna, w.last(anna), "answer", true, "answer", "070-174 06 21")
	if w.replacements(open.ID) != 1 {
		t.Error("the earlier card of the question is left live")
	}
}

func TestBackFromAnOldCard(t *testing.T) {
	w, card := teams(t)
	w.send(anna, card, "answer", true, "answer", "Nej")
	phone := w.last(anna)
	for range 2 {
		w.send(anna, phone, "say", true, "text", "tillbaka")
	}
	w.wantAsked(anna, "protected")
	if n := len(w.to(anna)); n != 3 {
		t.Errorf("%d cards", n)
	}
}

func TestChangeFromTheCheck(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.say(said{From: anna, Channel: ChannelTeams, Text: "visa"})
	w.say(said{From: anna, Channel: ChannelTeams, Text: "ändra 16: Något annat."})
	check := w.last(anna)
	if check.Kind != MessageCheck {
		t.Fatalf("%s", check.Kind)
	}
	w.send(anna, check, "say", true, "text", "ändra 16")
	w.wantAsked(anna, "16")
	w.send(anna, w.last(anna), "answer", true, "answer", "Listan gick till en annan skola.")
	if last := w.last(anna); last.Kind != MessageCheck {
		t.Fatalf("after the change comes a %s", last.Kind)
	}
	if w.replacements(check.ID) != 1 {
		t.Error("the earlier check is left live")
	}
	r := w.send(anna, w.last(anna), "say", true, "text", "klar")
	if r.Inline == nil || !slices.Contains(keys(*r.Inline), TextCheckDone) {
		t.Errorf("the check is replaced by %+v", r.Inline)
	}
}

// measures brings a report in Teams to the question with the measures and returns its card.
func measures(t *testing.T) (*world, Outbound) {
	t.Helper()
	w, _ := teams(t)
	for _, fd := range w.e.Form.Order[RoleReporter] {
		if fd == "30" {
			break
		}
		if q := w.last(anna).Question; q != nil && q.Field == fd {
			w.say(said{From: anna, Channel: ChannelTeams, Text: "hoppa över"})
		}
	}
	w.wantAsked(anna, "30")
	return w, w.last(anna)
}

func TestGroupOneEntryAtATime(t *testing.T) {
	for _, invoke := range []bool{true, false} {
		w, card := measures(t)
		next := func(r Reply) Outbound {
			if r.Inline != nil {
				return *r.Inline
			}
			return w.last(anna)
		}
		card = next(w.send(anna, card, "add", invoke, "m.action", "Mottagaren ringdes.", "m.date", "2026-11-20"))
		if card.Question == nil || card.Question.Field != "30" || len(card.Question.Current.Entries) != 1 {
			t.Fatalf("invoke %t: after one entry %+v", invoke, card.Question)
		}
		// Whoever leaves here has lost nothing, and comes back to the same question.
		if n := len(w.incident().Answers["30"].Value.Entries); n != 1 {
			t.Fatalf("%d entries are kept", n)
		}
		twice := card
		card = next(w.send(anna, card, "add", invoke, "m.action", "Listan raderades."))
		card = next(w.send(anna, twice, "add", invoke, "m.action", "Listan raderades."))
		if n := len(w.incident().Answers["30"].Value.Entries); n != 2 {
			t.Fatalf("invoke %t: %d entries after a double click", invoke, n)
		}
		card = next(w.send(anna, card, "add", invoke))
		w.wantKey(card, ProblemKey("empty"))
		card = next(w.send(anna, card, "remove", invoke, "entry", "1"))
		before := w.incident().Answers["30"].Value
		w.send(anna, twice, "remove", invoke, "entry", "1")
		if got := w.incident().Answers["30"].Value; len(got.Entries) != 1 || got.Entries[0]["action"] != before.Entries[0]["action"] {
			t.Fatalf("an old card removed an entry: %+v", got)
		}
		w.send(anna, card, "answer", invoke, "m.action", "Chefen underrättades.")
		if got := w.incident().Answers["30"].Value; len(got.Entries) != 2 || got.Entries[1]["action"] != "Chefen underrättades." {
			t.Fatalf("invoke %t: %+v", invoke, got)
		}
		w.wantAsked(anna, "31")
		n := len(w.to(anna))
		w.send(anna, card, "answer", invoke, "m.action", "Chefen underrättades.")
		if got := len(w.to(anna)) - n; got != 0 {
			t.Errorf("invoke %t: done twice brings %d messages", invoke, got)
		}
	}
}

func TestGroupWithoutEntries(t *testing.T) {
	w, card := measures(t)
	r := w.send(anna, card, "answer", true)
	if r.Inline == nil {
		t.Fatal("an empty card is not answered")
	}
	w.wantKey(*r.Inline, ProblemKey("empty"))
	w.send(anna, card, "add", true, "m.action", "Mottagaren ringdes.")
	w.send(anna, w.last(anna), "say", true, "text", "hoppa över")
	if n := len(w.incident().Answers["30"].Value.Entries); n != 1 {
		t.Errorf("skipping the rest left %d entries", n)
	}
	w.wantAsked(anna, "31")
}

func TestGroupEntryWithANumberGoesOn(t *testing.T) {
	w, card := measures(t)
	w.send(anna, card, "add", true, "m.action", "Raderade raden med 811218-9876.")
	r := w.send(anna, w.last(anna), "say", true, "text", "maskera")
	got := w.incident().Answers["30"].Value.Entries
	if len(got) != 1 || strings.Contains(got[0]["action"], "9876") {
		t.Fatalf("%v", got)
	}
	if r.Inline == nil || r.Inline.Question == nil || r.Inline.Question.Field != "30" {
		t.Errorf("the question is not open for more: %+v", r.Inline)
	}
}

func TestDraftsAreAddedToEntries(t *testing.T) {
	w, _ := teams(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "gjort 1"})
	for range 30 {
		if q := w.last(anna).Question; q == nil || q.Field == "30" {
			break
		}
		w.say(said{From: anna, Channel: ChannelTeams, Text: "hoppa över"})
	}
	card := w.last(anna)
	if card.Question == nil || card.Question.Proposed == nil {
		t.Fatalf("%+v", card.Question)
	}
	r := w.send(anna, card, "add", true, "m.action", "Mottagaren ringdes.")
	r = w.send(anna, *r.Inline, "say", true, "text", "ta med")
	if n := len(w.incident().Answers["30"].Value.Entries); n != 2 {
		t.Errorf("%d entries", n)
	}
	if r.Inline == nil || r.Inline.Question.Proposed != nil {
		t.Errorf("what was taken is proposed again: %+v", r.Inline)
	}
}

func TestFilledInCardIsNotLost(t *testing.T) {
	w, _ := teams(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	w.say(said{From: anna, Channel: ChannelTeams, Text: "hoppa över"})
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Det blev fel."})
	w.wantAsked(anna, "11")
	w.now = w.now.Add(time.Minute)
	r := w.send(anna, w.last(anna), "answer", true, "date", "2031-01-01", "comment", "på morgonen")
	if r.Inline == nil || r.Inline.Question.Typed["comment"] != "på morgonen" {
		t.Errorf("%+v", r.Inline)
	}
	for _, o := range w.m.Out {
		if o.Question != nil && o.Question.Typed != nil {
			t.Error("what was typed is kept in the outbox")
		}
	}
}
