package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"frist/conversation"
)

// Card is an Adaptive Card 1.5 and the same in short as plain text, for notifications.
type Card struct {
	JSON []byte
	Text string
}

// cardLimit is the largest card, in bytes: Teams takes about 28 KB in an activity, with what stands around the card.
const cardLimit = 25_000

// The verbs of a card's actions. Every action is an Action.Execute.
const (
	// VerbAnswer submits the inputs: data is {"token", "field"}. The inputs' ids are "answer" (text, a choice's label, the numbers
	// of several choices joined by commas: labels hold commas themselves), "comment", "other", "date", "time", "exact", "interval",
	// and "m." with a member's key. A group's card asks for one entry by its members and for further ones, as
	// label: value lines, in "answer".
	VerbAnswer = "answer"
	// VerbSay says something for the person: data is {"token", "text"}.
	VerbSay = "say"
)

type (
	// A card has no "lang": the web renderer (adaptivecards 3.0.6) refuses every other one, for it keeps a regular
	// expression's position.
	card struct {
		Schema   string    `json:"$schema"`
		Type     string    `json:"type"`
		Version  string    `json:"version"`
		Fallback string    `json:"fallbackText"`
		Body     []element `json:"body"`
		Actions  []action  `json:"actions,omitempty"`
	}
	element struct {
		Type          string       `json:"type"`
		ID            string       `json:"id,omitempty"`
		Text          string       `json:"text,omitempty"`
		Inlines       []textRun    `json:"inlines,omitempty"`
		Items         []element    `json:"items,omitempty"`
		Wrap          bool         `json:"wrap,omitempty"`
		Size          string       `json:"size,omitempty"`
		Weight        string       `json:"weight,omitempty"`
		Style         string       `json:"style,omitempty"`
		IsSubtle      bool         `json:"isSubtle,omitempty"`
		Spacing       string       `json:"spacing,omitempty"`
		Separator     bool         `json:"separator,omitempty"`
		Label         string       `json:"label,omitempty"`
		Placeholder   string       `json:"placeholder,omitempty"`
		IsMultiline   bool         `json:"isMultiline,omitempty"`
		IsMultiSelect bool         `json:"isMultiSelect,omitempty"`
		Choices       []cardChoice `json:"choices,omitempty"`
		Min           *int         `json:"min,omitempty"`
		Value         any          `json:"value,omitempty"`
	}
	textRun struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Weight   string `json:"weight,omitempty"`
		IsSubtle bool   `json:"isSubtle,omitempty"`
	}
	cardChoice struct {
		Title string `json:"title"`
		Value string `json:"value"`
	}
	action struct {
		Type       string            `json:"type"`
		Title      string            `json:"title"`
		Verb       string            `json:"verb"`
		Data       map[string]string `json:"data"`
		Associated string            `json:"associatedInputs,omitempty"`
		Style      string            `json:"style,omitempty"`
		Mode       string            `json:"mode,omitempty"`
	}
)

// cardShape is how much a card holds; the first that fits is taken.
type cardShape struct {
	help, document bool
	clip           int // characters of an answer shown; 0 for all
}

var cardShapes = []cardShape{{true, true, 0}, {false, true, 0}, {false, true, 300}, {false, true, 60}, {false, false, 300}}

// Card puts an outbound message into an Adaptive Card 1.5. It fails if the message names a form, or a question, that there is not.
func (c *Catalogue) Card(out conversation.Outbound) (Card, error) {
	if out.Kind == conversation.MessageAnswered {
		return c.AnsweredCard(out)
	}
	out = discreet(out)
	form := c.FormVersion(out.Form, out.FormVersion)
	if form == nil && (out.Question != nil || len(out.Next) > 0 || out.Document != nil) {
		return Card{}, fmt.Errorf("card %s: no form %q", out.ID, out.Form)
	}
	p := c.phraser(out.Lang, form)
	q := (*questionView)(nil)
	if out.Question != nil {
		var err error
		if q, err = p.question(*out.Question); err != nil {
			return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
		}
	}
	text := p.summary(out, q)
	var data []byte
	for _, shape := range cardShapes {
		cd := p.card(text)
		cd.Body = p.cardBody(out, q, shape)
		cd.Actions = p.cardActions(out, q)
		inputs, acts := p.filingInput(out)
		cd.Body, cd.Actions = append(cd.Body, inputs...), append(cd.Actions, acts...)
		var err error
		if data, err = encodeCard(cd); err != nil {
			return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
		}
		if len(data) <= cardLimit {
			return Card{data, text}, nil
		}
	}
	// Not even without its document: what is left is the text, and that the person can answer it by typing.
	cd := p.card(text)
	cd.Body = append(plainElements(limit(text, 2000)), subtle(p.say("word_cut")))
	data, err := encodeCard(cd)
	if err != nil {
		return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
	}
	return Card{data, text}, nil
}

// AnsweredCard takes the place of a card whose question has been answered: the question and out.Question.Current, no inputs.
func (c *Catalogue) AnsweredCard(out conversation.Outbound) (Card, error) {
	if out.Question == nil {
		return c.settledCard(out)
	}
	p := c.phraser(out.Lang, c.FormVersion(out.Form, out.FormVersion))
	var body []element
	text := p.say("word_answered")
	if out.Question != nil {
		q, err := p.question(*out.Question)
		if err != nil {
			return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
		}
		body = append(body, subtle(strings.TrimPrefix(oneLine(out.Number)+" · ["+q.Number+"]", " · ")), heading(q))
		body = append(body, plainElements(limit(q.Now, 2000))...)
		text += ": " + q.Text
	}
	for _, l := range p.lines(out.Lines) {
		body = append(body, plainElements(l.Text)...)
	}
	body = append(body, element{Type: "TextBlock", Text: "✓ " + escapeMarkdown(p.say("word_answered")), Wrap: true, IsSubtle: true, Weight: "Bolder"})
	cd := p.card(text)
	cd.Body = body
	data, err := encodeCard(cd)
	if err != nil {
		return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
	}
	return Card{data, text}, nil
}

func (p phraser) card(fallback string) card {
	return card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.5",
		Fallback: limit(fallback, 1000), Body: []element{}}
}

func encodeCard(cd card) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(cd); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// summary is what a notification shows: what is said and what is asked, no answer.
func (p phraser) summary(out conversation.Outbound, q *questionView) string {
	var parts []string
	for _, l := range p.lines(out.Lines) {
		parts = append(parts, l.Text)
	}
	if q != nil {
		parts = append(parts, "["+q.Number+"] "+q.Text)
	}
	return limit(strings.Join(parts, "\n"), 4000)
}

func (p phraser) cardBody(out conversation.Outbound, q *questionView, shape cardShape) []element {
	var body []element
	if head := p.mailFacts(out); len(head) > 0 {
		var parts []string
		for _, f := range head {
			parts = append(parts, f.Label+": "+f.Text)
		}
		body = append(body, plainElement(strings.Join(parts, " · "), "", subtleRun))
	}
	step := false
	for _, l := range p.lines(out.Lines) {
		if l.Step && !step {
			body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(p.say("word_do_now")), Weight: "Bolder", Wrap: true})
		}
		step = l.Step
		text := l.Text
		if shape.clip > 0 {
			text = limit(text, 4*shape.clip)
		}
		body = append(body, plainElements(text)...)
	}
	if q != nil {
		body = append(body, p.cardQuestion(out, q, shape)...)
	}
	if out.Document != nil && out.Document.Notification != nil {
		body = append(body, p.cardDocument(out, shape)...)
	}
	if shape.clip > 0 {
		body = append(body, subtle(p.say("word_cut")))
	}
	return body
}

func (p phraser) cardQuestion(out conversation.Outbound, q *questionView, shape cardShape) []element {
	place := "[" + q.Number + "]"
	if out.Total > 0 {
		place = p.say("word_progress", "n", fmt.Sprint(min(out.Done+1, out.Total)), "total", fmt.Sprint(out.Total)) + " · " + place
	}
	items := []element{subtle(place), heading(q)}
	if shape.help {
		for _, s := range []string{q.Explain, q.More} {
			items = append(items, plainElements(s)...)
		}
		if q.Example != "" && len(q.Options) == 0 {
			sep := " "
			if q.Pattern {
				sep = "\n"
			}
			for _, e := range plainElements(p.say("word_example") + ":" + sep + q.Example) {
				items = append(items, asSubtle(e))
			}
		}
	}
	if q.Proposed != "" {
		items = append(items, subtle(p.say("word_proposed")+":"))
		items = append(items, plainElements(limit(q.Proposed, 2000))...)
	}
	items = append(items, p.inputs(q)...)
	return []element{{Type: "Container", Separator: true, Spacing: "Medium", Items: items}}
}

// cardActions: the answer first, then what stands ready; beyond six the rest lies in the overflow menu (1.5).
func (p phraser) cardActions(out conversation.Outbound, q *questionView) []action {
	var acts []action
	if q != nil {
		title := p.say("word_send")
		if q.Now != "" {
			title = p.say("word_save")
		}
		acts = append(acts, action{Type: "Action.Execute", Title: title, Verb: VerbAnswer, Style: "positive",
			Data: map[string]string{"token": out.Token, "field": q.field.Key}})
	}
	for _, r := range p.replies(out.Choices) {
		acts = append(acts, action{Type: "Action.Execute", Title: r.Label, Verb: VerbSay, Associated: "none",
			Data: map[string]string{"token": out.Token, "text": r.Send}})
	}
	for i := 6; i < len(acts); i++ {
		acts[i].Mode = "secondary"
	}
	return acts
}

func (p phraser) cardDocument(out conversation.Outbound, shape cardShape) []element {
	if !shape.document {
		return nil
	}
	v := mailView{p: p}
	v.document(out)
	cut := func(s string) string {
		if shape.clip > 0 {
			return limit(s, shape.clip)
		}
		return s
	}
	var body []element
	for _, f := range v.About {
		body = append(body, plainElements(f.Label+": "+cut(f.Text))...)
	}
	for _, pr := range v.Proposals {
		body = append(body, plainElement("["+pr.Number+"] "+pr.Label+" ("+pr.Source+")", "", boldRun))
		body = append(body, plainElements(cut(pr.Text))...)
		body = append(body, subtle(pr.How))
	}
	for _, s := range v.Sections {
		body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(s.Label), Weight: "Bolder", Wrap: true, Separator: true, Spacing: "Medium", Style: "heading"})
		for _, f := range s.Fields {
			label := plainElement(f.Number+". "+f.Label, "Small", boldRun)
			body = append(body, label)
			if f.Mark != "" {
				body = append(body, asSubtle(plainElement("("+p.markWords(f)+")", "None")))
			}
			if text := flat(f.Rows); text != "" {
				for _, e := range plainElements(cut(text)) {
					e.Spacing = "None"
					body = append(body, e)
				}
			}
		}
	}
	return body
}
