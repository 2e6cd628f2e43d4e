package templates

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
)

// A group's card lists its entries, each with a button that takes it away, and asks for one more.
func TestGroupCard(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["entries"]
	card, err := c.Card(out)
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, "entries", card.JSON)
	s := string(card.JSON)
	if n := strings.Count(s, `"verb":"remove","data"`); n != len(out.Question.Current.Entries) {
		t.Errorf("%d buttons that remove", n)
	}
	if !strings.Contains(s, `"verb":"add"`) || !strings.Contains(s, `"entry":"2"`) || !strings.Contains(s, `"seen":"abc"`) {
		t.Error(s)
	}
}

// A check that is too large for one card goes on several, each a card, and every answer has its button.
func TestCheckOnSeveralCards(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["check"]
	form := *c.FormVersion(out.Form, out.FormVersion)
	p := c.phraser("sv", &form)
	form.Order = maps.Clone(form.Order)
	form.Order[conversation.RoleReporter] = slices.Repeat([]string{"16", "25", "30", "kind", "10"}, 12)
	out.Document.Notification.Answers["16"] = strings.Repeat("åäö \"<b>\" ", 5000)
	cards, err := p.checkCards(out)
	if err != nil || len(cards) < 2 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	lines := 0
	for i, card := range cards {
		checkCard(t, fmt.Sprint("part ", i+1), card.JSON)
		lines += strings.Count(string(card.JSON), `"type":"Action.Execute","title":"Ändra"`)
		if done := strings.Contains(string(card.JSON), `"klar"`); done != (i == len(cards)-1) {
			t.Errorf("part %d has the button that ends it: %t", i+1, done)
		}
	}
	if lines != 60 {
		t.Errorf("%d lines", lines)
	}
}

// Nobody is to write the like of what a check shows, so it has no labels of the authority's, and a list's parts are named as the person speaks.
func TestShownInThePersonsLanguage(t *testing.T) {
	c := load(t)
	number := int64(1240)
	for _, tc := range []struct {
		field, sv, en string
		v             conversation.Value
	}{
		{"3", "Adress: Storgatan 1\nOrt: Provby", "Address: Storgatan 1\nTown: Provby",
			conversation.Value{Parts: map[string]string{"street": "Storgatan 1", "city": "Provby"}}},
		{"23", "1 240", "1,240", conversation.Value{Exact: &number}},
		{"23", "101 - 1 000", "101 - 1,000", conversation.Value{Interval: "101 - 1 000"}},
		{"18", "Övrigt\nTvå saker", "Other\nTvå saker", conversation.Value{Choice: "Övrigt", Comment: "Två saker"}},
		{"25", "Övrigt\nBesökare", "Other\nBesökare", conversation.Value{Choices: []string{"Övrigt"}, Other: "Besökare"}},
		{"30", "Åtgärd: Ringt", "Measure: Ringt", conversation.Value{Entries: []map[string]string{{"action": "Ringt"}}}},
		{"30", "1. Åtgärd: Ringt\n2. Åtgärd: Skrivit", "1. Measure: Ringt\n2. Measure: Skrivit", conversation.Value{Entries: []map[string]string{{"action": "Ringt"}, {"action": "Skrivit"}}}},
		{"16", "Lämnad tom", "Left blank", conversation.Value{Blank: true}},
	} {
		for lang, want := range map[conversation.Lang]string{conversation.Swedish: tc.sv, conversation.English: tc.en} {
			p := c.phraser(lang, c.Form("imy"))
			if got := p.shown(p.form.Field(tc.field), tc.v, nil); got != want {
				t.Errorf("%s %s: %q, want %q", lang, tc.field, got, want)
			}
		}
	}
	p := c.phraser(conversation.English, c.Form("imy"))
	two := conversation.Value{Entries: []map[string]string{{"action": "Ringt"}, {"action": "Skrivit"}}}
	if got := p.proposed(p.form.Field("30"), two, nil); got != "Measure: Ringt\n\nMeasure: Skrivit" {
		t.Errorf("proposed: %q", got)
	}
}

// A proposal that stands in the input is sent as any answer; one that cannot is accepted by a button.
func TestFilledProposalNeedsNoAccepting(t *testing.T) {
	c := load(t)
	for field, filled := range map[string]bool{"16": true, "23": false} {
		number := int64(1240)
		out := samples(c, "sv")["proposed"]
		out.Lines = append(out.Lines, line(conversation.TextSaved, "field", "10"))
		out.Question = &conversation.Prompt{Field: field, Proposed: &conversation.Value{Text: "Listan gick fel.", Exact: &number}}
		card, err := c.Card(out)
		if err != nil {
			t.Fatal(err)
		}
		s := string(card.JSON)
		if accept := strings.Contains(s, "ta med") && strings.Contains(s, "TA MED"); accept == filled {
			t.Errorf("%s: how to accept the proposal stands there: %t", field, accept)
		}
		if strings.Contains(s, "Rutan är ifylld") != filled || !strings.Contains(s, "Sparat") {
			t.Errorf("%s: %s", field, s)
		}
	}
}

// A question that was passed over is not called answered.
func TestSkippedCard(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["answered"]
	for says, v := range map[string]conversation.Value{"Lämnad tom": {Blank: true}, "Besvarad": {Blank: true, Unknown: true}} {
		out.Question = &conversation.Prompt{Field: "16", Current: &v}
		card, err := c.Card(out)
		if err != nil {
			t.Fatal(err)
		}
		s := string(card.JSON)
		for _, words := range []string{"Lämnad tom", "Besvarad"} {
			if want := words == says; strings.HasPrefix(card.Text, words+": ") != want || strings.Count(s, words) != strings.Count(card.Text, words)*2 {
				t.Errorf("%s stands there, or not: %q %s", words, card.Text, s)
			}
		}
	}
}

// Half an answer in an input would be saved as the whole.
func TestAnswerTooLongForItsCard(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["ask-16"]
	out.Question = &conversation.Prompt{Field: "16", Current: &conversation.Value{Text: strings.Repeat("lång rad\n", 9000)}}
	card, err := c.Card(out)
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, "long", card.JSON)
	if s := string(card.JSON); !strings.Contains(s, "för långt för kortet") || strings.Contains(s, `"value":`) || !strings.Contains(s, `"id":"answer"`) {
		t.Error(s)
	}
}

// What was filled in stands there still when it could not be taken.
func TestCardKeepsWhatWasTyped(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["ask-18"]
	out.Question = &conversation.Prompt{Field: "18", Typed: map[string]string{"answer": "no such option", "comment": hostile, "token": "x"}}
	card, err := c.Card(out)
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, "typed", card.JSON)
	want, _ := json.Marshal(hostile)
	if s := string(card.JSON); strings.Contains(s, "no such option") || !strings.Contains(s, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(string(want), "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&")) {
		t.Error(s)
	}
}
