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
