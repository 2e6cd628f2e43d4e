package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
)

// chat is somebody's personal chat with the program in Teams.
type chat struct {
	*town
	client *bottest.Client
}

func (w *town) chat(id, name, mail string) *chat {
	return w.chatOf(bottest.User{ID: "29:" + id, Name: name, AADObjectID: "00000000-0000-4000-8000-0000000" + id, Email: mail, UPN: mail})
}

func (w *town) chatOf(u bottest.User) *chat {
	return &chat{w, bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, User: u})}
}

func (c *chat) say(text string) {
	c.t.Helper()
	if _, err := c.client.Say(c.t.Context(), text); err != nil {
		c.t.Fatal(err)
	}
	c.quiet()
}

// shown is a card as it stands in the chat now, after what updates there were.
type shown struct {
	id, text string
	actions  []cardAction
	titles   []string
	inputs   []string
}

// has reports whether the card has a button with the title.
func (s shown) has(title string) bool {
	return slices.ContainsFunc(s.titles, func(x string) bool { return strings.HasPrefix(x, title) })
}

// cards are all that stand in the chat, the oldest first.
func (c *chat) cards() (out []shown) {
	c.t.Helper()
	for _, r := range c.connector.Recorded() {
		if r.Direction != bottest.FromBot || r.Method != http.MethodPost || !r.OK() || r.Conversation != c.client.Conversation() || r.Message().Card == nil {
			continue
		}
		body, ok := c.connector.Shown(r.Conversation, r.ActivityID)
		if !ok {
			continue
		}
		r.Activity = body
		out = append(out, readShown(r.ActivityID, r.Message().Card))
	}
	return out
}

func readShown(id string, raw json.RawMessage) shown {
	type part struct {
		Body, Items, Columns []json.RawMessage
		Actions              []struct {
			cardAction
			Title string `json:"title"`
		}
	}
	s := shown{id: id, text: cardWords(raw)}
	var walk func(json.RawMessage)
	walk = func(raw json.RawMessage) {
		var p part
		_ = json.Unmarshal(raw, &p) // a card that is none has no buttons
		for _, a := range p.Actions {
			s.actions, s.titles = append(s.actions, a.cardAction), append(s.titles, a.Title)
		}
		for _, e := range slices.Concat(p.Body, p.Items, p.Columns) {
			walk(e)
		}
	}
	walk(raw)
	if a := askedByCard(id, raw); a != nil {
		for in := range a.card.inputs {
			s.inputs = append(s.inputs, in)
		}
	}
	return s
}

// cardWords is every text of a card.
func cardWords(raw json.RawMessage) string {
	var v any
	_ = json.Unmarshal(raw, &v) // as above
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, k := range []string{"text", "label", "value"} {
				if s, ok := v[k].(string); ok {
					b.WriteString(s + "\n")
				}
			}
			for _, k := range []string{"body", "items", "inlines", "columns", "facts"} {
				walk(v[k])
			}
		}
	}
	walk(v)
	return b.String()
}

func (c *chat) last() shown {
	c.t.Helper()
	all := c.cards()
	if len(all) == 0 {
		c.t.Fatal("nothing came in Teams")
	}
	return all[len(all)-1]
}

// bottom is the newest card that asks something of its reader.
func (c *chat) bottom() shown {
	for _, s := range slices.Backward(c.cards()) {
		if len(s.actions) > 0 {
			return s
		}
	}
	return c.last()
}

// lastWith is the newest card with a button that has the title.
func (c *chat) lastWith(title string) shown {
	c.t.Helper()
	for _, s := range slices.Backward(c.cards()) {
		if s.has(title) {
			return s
		}
	}
	c.t.Fatalf("no card has a button %q; the last says %s", title, c.last().text)
	return shown{}
}

// press presses a card's button, whether the card still stands or not.
func (c *chat) press(s shown, title string, in map[string]any) bottest.Answer {
	c.t.Helper()
	i := slices.IndexFunc(s.titles, func(x string) bool { return strings.HasPrefix(x, title) })
	if i < 0 {
		c.t.Fatalf("no button %q among %q on: %s", title, s.titles, s.text)
	}
	data := map[string]any{}
	for k, v := range in {
		data[k] = v
	}
	for k, v := range s.actions[i].Data {
		data[k] = v
	}
	answer, err := c.client.Execute(c.t.Context(), s.id, s.actions[i].Verb, data)
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.Status != http.StatusOK {
		c.t.Errorf("%s: status %d", title, answer.Status)
	}
	c.quiet()
	return answer
}

// live are the cards with a button that decides.
func (c *chat) live() (out []shown) {
	for _, s := range c.cards() {
		if s.has("Godkänn") || s.has("Returnera") || s.has("Jag tar det") || s.has("Inskickad") {
			out = append(out, s)
		}
	}
	return out
}

func (c *chat) wants(s shown, text string) {
	c.t.Helper()
	if !strings.Contains(s.text, text) {
		c.t.Errorf("the card lacks %q: %s", text, s.text)
	}
}

// kimInTeams reports by mail as Robin, with the DSO in Teams, who has taken the incident; the reporter is done.
func kimInTeams(t *testing.T) (*town, *chat) {
	w := newTown(t)
	k := w.chat("00001", "Kim Exempel", kim)
	k.say("hej")
	l := w.begin("16")
	k.press(k.lastWith("Jag tar det"), "Jag tar det", nil)
	w.reply(robin, l, "KLAR")
	return w, k
}

// approvable has the DSO answer what is open.
func (c *chat) approvable() shown {
	c.t.Helper()
	c.say(dsoAnswers)
	return c.lastWith("Godkänn")
}

// TestDSOInTeams: the DSO, known by mail in the settings, is found by the member look-up, and does all of it with cards.
func TestDSOInTeams(t *testing.T) {
	w := newTown(t)
	k := w.chat("00001", "Kim E.", kim)
	if err := k.client.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.begin("16")
	alert := k.lastWith("Jag tar det")
	w.lastWith(kim, "svara TAR") // by mail as well: an alert must not be missed
	k.press(alert, "Jag tar det", nil)
	if in := w.incident(firstNumber); in.Watch.TakenBy == "" {
		t.Fatal("nobody has taken it")
	}
	if n := len(k.live()); n != 0 {
		t.Errorf("%d live cards after it was taken", n)
	}
	w.reply(robin, w.last(robin), "KLAR")
	first := k.lastWith("Returnera")
	w.lastWith(kim, "granska version") // the first version by mail as well
	mails := len(w.mails(kim))
	k.press(first, "Gå igenom frågorna", nil)
	for range 60 {
		q := k.bottom()
		if !q.has("Till anmälan") {
			break
		}
		number, _, _ := strings.Cut(q.text[strings.Index(q.text, "[")+1:], "]")
		answer, ok := dsoAnswer(number)
		switch {
		case q.has("Ta med"):
			k.press(q, "Ta med", nil)
		case ok:
			k.say(answer)
		default:
			k.press(q, "Hoppa över", nil)
		}
		if k.bottom().id == q.id {
			k.t.Fatalf("%q to %s is not taken: %s", answer, number, k.last().text)
		}
	}
	review := k.bottom()
	if !review.has("Godkänn version") {
		t.Fatalf("no version to approve: %s", review.text)
	}
	if n := len(w.mails(kim)) - mails; n != 0 {
		t.Errorf("%d mails came while the DSO wrote in Teams", n)
	}
	w.undecided()
	if n := len(k.live()); n != 1 {
		t.Errorf("%d live cards", n)
	}
	k.press(review, "Godkänn version", nil)
	in := w.incident(firstNumber)
	if in.Status != conversation.StatusApproved || in.Decision.Address != kim {
		t.Fatalf("status %s, decision %+v", in.Status, in.Decision)
	}
	settled := k.cards()[slices.IndexFunc(k.cards(), func(s shown) bool { return s.id == review.id })]
	k.wants(settled, "Godkänt: version")
	k.wants(settled, "Kim Exempel godkände anmälan")
	if len(settled.actions) > 0 {
		t.Errorf("the approved card has buttons %q", settled.titles)
	}
	if l := w.last(kim); len(l.msg.Attachments) == 0 {
		t.Error("the file to be filed did not come by mail")
	}
	file := k.lastWith("Inskickad")
	k.press(file, "Inskickad", nil)
	if w.incident(firstNumber).Filing != nil {
		t.Error("an empty box is a filing")
	}
	k.press(file, "Inskickad", map[string]any{"reference": "IMY-2026-77 i dag 9.20"})
	if f := w.incident(firstNumber).Filing; f == nil || f.Reference != "IMY-2026-77" {
		t.Errorf("filing %+v", f)
	}
	if n := len(k.live()); n != 0 {
		t.Errorf("%d live cards at the end", n)
	}
}

// dsoAnswer is what the DSO says to one question.
func dsoAnswer(number string) (string, bool) {
	for line := range strings.Lines(dsoAnswers) {
		if n, text, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && n == number {
			return text, true
		}
	}
	return "", false
}
