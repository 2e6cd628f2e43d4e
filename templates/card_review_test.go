package templates

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
)

// inTeams is a review as the DSO gets it in Teams.
func inTeams(c *Catalogue, lang conversation.Lang) conversation.Outbound {
	out := samples(c, lang)["review"]
	out.Channel, out.Document.Lacking = conversation.ChannelTeams, nil
	out.Choices = append(out.Choices, conversation.Choice{Key: conversation.ButtonAnswerOpen, Reply: "fortsätt"}, conversation.Choice{Key: conversation.ButtonMail, Reply: "mejla"})
	return out
}

// titles are a card's buttons.
func titles(t *testing.T, card Card) (out []string) {
	t.Helper()
	type part struct {
		Body, Items, Columns []json.RawMessage
		Actions              []struct{ Title string }
	}
	var walk func(raw json.RawMessage)
	walk = func(raw json.RawMessage) {
		var p part
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Actions {
			out = append(out, a.Title)
		}
		for _, e := range slices.Concat(p.Body, p.Items, p.Columns) {
			walk(e)
		}
	}
	walk(card.JSON)
	return out
}

// cardWords are a card's texts, run together.
func cardWords(t *testing.T, card Card) string {
	t.Helper()
	var cd card0
	if err := json.Unmarshal(card.JSON, &cd); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	cd.each(func(_, text string) { b.WriteString(text + "\n") })
	return b.String()
}

func TestReviewCardGolden(t *testing.T) {
	c := load(t)
	for _, lang := range []conversation.Lang{"sv", "en"} {
		file := samples(c, lang)["file"]
		file.Channel, file.Document = conversation.ChannelTeams, nil
		settled := base(c, lang, conversation.RoleDSO, conversation.MessageAnswered)
		settled.Lines = []conversation.Line{line(conversation.TextApproved, "revision", "3", "hash", "ab12cd34"), line(conversation.TextApprovedBy, "name", "Kim Exempel", "at", "2026-11-21T09:00:00Z")}
		for name, out := range map[string]conversation.Outbound{"teams-review": inTeams(c, lang), "teams-file": file, "teams-settled": settled} {
			cards, err := c.Cards(out)
			if err != nil || len(cards) != 1 {
				t.Fatalf("%s: %d cards, %v", name, len(cards), err)
			}
			checkCard(t, name, cards[0].JSON)
			var v any
			if err := json.Unmarshal(cards[0].JSON, &v); err != nil {
				t.Fatal(err)
			}
			pretty, _ := json.MarshalIndent(v, "", "  ") // what was just read
			golden(t, "card/"+string(lang)+"-"+name+".json", append(pretty, '\n'))
			if strings.Contains(cards[0].Text, "Provby") || strings.Contains(cards[0].Text, "lista\n") {
				t.Errorf("%s: the notification holds an answer: %q", name, cards[0].Text)
			}
		}
	}
}

// TestLongReviewOnSeveralCards: every word is there, in order, each card fits, and only the last can be pressed.
func TestLongReviewOnSeveralCards(t *testing.T) {
	c := load(t)
	out := inTeams(c, "sv")
	var long []string
	for i := range 9000 {
		long = append(long, fmt.Sprintf("ord%d", i))
	}
	out.Document.Notification.Answers["16"] = strings.Join(long, " ")
	cards, err := c.Cards(out)
	if err != nil || len(cards) < 3 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	all := ""
	for i, card := range cards {
		checkCard(t, fmt.Sprint("page ", i), card.JSON)
		all += cardWords(t, card)
		if buttons := titles(t, card); (len(buttons) > 0) != (i == len(cards)-1) {
			t.Errorf("card %d has the buttons %q", i, buttons)
		}
	}
	at := 0
	for _, w := range strings.Fields(strings.Join(long, " ")) {
		i := strings.Index(all[at:], w)
		if i < 0 {
			t.Fatalf("%s is lost", w)
		}
		at += i + len(w)
	}
	if !strings.Contains(all, "del 1 av "+fmt.Sprint(len(cards)-1)) || !slices.Contains(titles(t, cards[len(cards)-1]), "Godkänn version 3") {
		t.Errorf("buttons %q", titles(t, cards[len(cards)-1]))
	}
}

// TestCutReviewIsNotApproved: what cannot be shown as a whole says so, and is approved by mail.
func TestCutReviewIsNotApproved(t *testing.T) {
	c := load(t)
	for name, change := range map[string]func(*conversation.Outbound){
		"an answer": func(o *conversation.Outbound) {
			o.Document.Notification.Answers["16"] = strings.Repeat("långt ", 60_000)
		},
		"a long word": func(o *conversation.Outbound) { o.Document.FirstMessage = strings.Repeat("å", 400_000) },
		"lines": func(o *conversation.Outbound) {
			o.Lines = slices.Repeat([]conversation.Line{line(conversation.TextToldReturned, "reason", strings.Repeat("mycket ", 5000))}, 40)
		},
	} {
		out := inTeams(c, "sv")
		change(&out)
		cards, err := c.Cards(out)
		if err != nil || len(cards) == 0 || len(cards) > pagesMax+1 {
			t.Fatalf("%s: %d cards, %v", name, len(cards), err)
		}
		last := cards[len(cards)-1]
		for i, card := range cards {
			checkCard(t, fmt.Sprint(name, " ", i), card.JSON)
		}
		if !strings.Contains(cardWords(t, last), "MEJLA") || slices.ContainsFunc(titles(t, last), func(s string) bool { return strings.HasPrefix(s, "Godkänn") }) {
			t.Errorf("%s: %q, %s", name, titles(t, last), firstOf(cardWords(t, last), 300))
		}
	}
	lacking := inTeams(c, "sv")
	lacking.Document.Lacking = []string{"3"}
	cards, err := c.Cards(lacking)
	if err != nil || slices.Contains(titles(t, cards[0]), "Godkänn version 3") {
		t.Errorf("what lacks a mandatory answer can be approved, %v", err)
	}
}

func firstOf(s string, n int) string { return s[:min(n, len(s))] }
