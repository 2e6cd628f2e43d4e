package templates

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"frist/conversation"
)

// Card is an Adaptive Card 1.5 and the same in short as plain text, for notifications.
type Card struct {
	JSON []byte
	Text string
}

// cardLimit is the largest card, in bytes: Teams takes about 28 KB in an activity, with what stands around the card.
const cardLimit = 25_000

// The verbs of a card's actions. Every action is an Action.Execute with an Action.Submit as its fallback, but for help, which is folded out.
// A question's data is {"token", "field", "seen"}: which message, which question, and which answer it showed (conversation.Prompt.Seen).
const (
	// VerbAnswer submits the inputs. Their ids are "answer" (text, a choice's label, the numbers of several choices joined by commas: labels
	// hold commas themselves), "comment", "other", "date", "time", "exact", "interval", and "m." with a member's key. Empty inputs are absent.
	VerbAnswer = "answer"
	// VerbAdd takes an entry of a group, and asks for another; VerbRemove takes away the one whose number, from 1, is "entry".
	VerbAdd, VerbRemove = "add", "remove"
	// VerbSay says something for the person: data has "text" too.
	VerbSay = "say"
)

// usual is how many elements there is room for from the start.
const usual = 8

// cardShape is how much a card holds; the first that fits is taken.
type cardShape struct {
	help, document bool
	clip           int  // characters of an answer shown; 0 for all
	empty          bool // the inputs are not filled in: half an answer in them would be saved as the whole
}

var cardShapes = []cardShape{{true, true, 0, false}, {false, true, 0, false}, {false, true, 300, false}, {false, true, 60, false}, {false, false, 300, false},
	{true, false, 300, true}}

// Cards puts an outbound message into Adaptive Cards 1.5: one, but for a check of the answers that needs several, each sent by itself and the
// last with what can be done. It fails if the message names a form, or a question, that there is not.
func (c *Catalogue) Cards(out conversation.Outbound) ([]Card, error) {
	if out.Kind == conversation.MessageAnswered {
		return single(c.answeredCard(out))
	}
	out = discreet(out)
	form := c.FormVersion(out.Form, out.FormVersion)
	if form == nil && (out.Question != nil || len(out.Next) > 0 || out.Document != nil) {
		return nil, fmt.Errorf("card %s: no form %q", out.ID, out.Form)
	}
	p := c.phraser(out.Lang, form)
	if out.Kind == conversation.MessageCheck && out.Document != nil && out.Document.Notification != nil {
		return p.checkCards(out)
	}
	if isReview(out) {
		return p.reviewCards(out)
	}
	if p.advises(out) {
		return p.advisedCards(out)
	}
	return single(p.oneCard(out))
}

// advises reports whether a question comes with what its reader is to do, or whom to ring, now: that is still needed once the question's card
// has been replaced by its answer.
func (p phraser) advises(out conversation.Outbound) bool {
	return out.Question != nil && slices.ContainsFunc(out.Lines, func(l conversation.Line) bool {
		return l.Key == conversation.TextCallNow || strings.HasPrefix(l.Key, "step_") && stepLine.MatchString(p.line(l))
	})
}

// questionLines are those that belong to the question which follows them.
var questionLines = map[string]bool{conversation.TextFirstMessageUse: true, conversation.TextFilePersons: true, conversation.TextFileSent: true,
	conversation.TextNotUnderstood: true}

// advisedCards are two: what is said, which stays, and the question.
func (p phraser) advisedCards(out conversation.Outbound) ([]Card, error) {
	said, asked := out, out
	said.Question, said.Choices = nil, nil
	ofQuestion := func(l conversation.Line) bool { return questionLines[l.Key] }
	said.Lines = slices.DeleteFunc(slices.Clone(out.Lines), ofQuestion)
	asked.Lines = slices.DeleteFunc(slices.Clone(out.Lines), func(l conversation.Line) bool { return !ofQuestion(l) })
	asked.Number, asked.DeadlineAt = "", time.Time{}
	first, err := p.oneCard(said)
	if err != nil {
		return nil, err
	}
	second, err := p.oneCard(asked)
	if err != nil {
		return nil, err
	}
	return []Card{first, second}, nil
}

// Card is the last of an outbound message's cards.
func (c *Catalogue) Card(out conversation.Outbound) (Card, error) {
	all, err := c.Cards(out)
	if err != nil {
		return Card{}, err
	}
	return all[len(all)-1], nil
}

func single(c Card, err error) ([]Card, error) {
	if err != nil {
		return nil, err
	}
	return []Card{c}, nil
}

func (p phraser) oneCard(out conversation.Outbound) (Card, error) {
	q := (*questionView)(nil)
	if out.Question != nil {
		var err error
		if q, err = p.question(*out.Question); err != nil {
			return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
		}
		if q.filled() {
			out = withoutAccept(out)
		}
	}
	text := p.summary(out, q)
	for _, shape := range cardShapes {
		cd := p.card(text)
		cd.Body = p.cardBody(out, q, shape)
		inputs, acts := p.filingInput(out)
		cd.Body = append(append(cd.Body, inputs...), actionRows(append(p.cardActions(out, q, shape), acts...))...)
		if data := writeCard(cd); len(data) <= cardLimit {
			return Card{data, text}, nil
		}
	}
	// Not even without its document: what is left is the text, and that the person can answer it by typing.
	cd := p.card(text)
	cd.Body = append(plainElements(limit(text, 2000)), subtle(p.say("word_cut")))
	return Card{writeCard(cd), text}, nil
}

// withoutAccept leaves out how to accept what is proposed: it stands in the input, and is sent as any answer.
func withoutAccept(out conversation.Outbound) conversation.Outbound {
	out.Lines = slices.DeleteFunc(slices.Clone(out.Lines), func(l conversation.Line) bool { return l.Key == conversation.TextFirstMessageUse })
	out.Choices = slices.DeleteFunc(slices.Clone(out.Choices), func(c conversation.Choice) bool {
		return c.Key == conversation.ButtonUseFirst || c.Key == conversation.ButtonUseFile
	})
	return out
}

func (p phraser) card(fallback string) card {
	return card{Fallback: limit(fallback, 1000)}
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
	body := make([]element, 0, usual)
	body = append(body, p.cardHead(out)...)
	step := false
	for i, l := range p.lines(out.Lines) {
		if l.Step && !step {
			body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(p.say("word_do_now")), Weight: "Bolder", Wrap: true})
		}
		step = l.Step
		text := l.Text
		if out.Kind == conversation.MessageIntroduction && i == 0 {
			body = append(body, introduction(text)...)
			continue
		}
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

// cardHead says which incident it is and until when: to the DSO's side, who may have several, as facts that are seen at a glance.
func (p phraser) cardHead(out conversation.Outbound) []element {
	head := p.mailFacts(out)
	if len(head) == 0 {
		return nil
	}
	if out.Role == conversation.RoleDSO {
		facts := element{Type: "FactSet"}
		for _, f := range head {
			facts.Facts = append(facts.Facts, cardFact{escapeMarkdown(f.Label), escapeMarkdown(f.Text)})
		}
		return []element{{Type: "Container", Style: "emphasis", Items: []element{facts}}}
	}
	var parts []string
	for _, f := range head {
		parts = append(parts, f.Label+": "+f.Text)
	}
	return []element{subtle(strings.Join(parts, " · "))}
}

// introduction puts a greeting's first line above the others, and each of those by itself.
func introduction(text string) []element {
	lines := plainElements(text)
	for i := range lines {
		lines[i].Spacing = ""
		if i == 0 {
			lines[i].Weight = "Bolder"
		}
	}
	return lines
}

func (p phraser) cardQuestion(out conversation.Outbound, q *questionView, shape cardShape) []element {
	place := "[" + q.Number + "]"
	if out.Total > 0 && q.Now == "" { // a question that is put again has had its place
		place = p.say("word_progress", "n", fmt.Sprint(min(out.Done+1, out.Total)), "total", fmt.Sprint(out.Total)) + " · " + place
	}
	items := append(make([]element, 0, usual), subtle(place), heading(q))
	if out.Question.Again {
		items = append(items, plainElements(q.Explain)...)
	}
	switch {
	case q.filled():
		items = append(items, plainElements(p.say("word_filled"))...)
	case q.Proposed != "":
		items = append(items, subtle(p.say("word_proposed")+":"))
		items = append(items, plainElements(limit(q.Proposed, 2000))...)
	}
	if q.Kind == conversation.KindGroup {
		items = append(items, p.entryList(out, q)...)
	}
	if shape.empty && q.value != nil {
		items = append(items, plainElements(limit(q.Now, shape.clip))...)
		items = append(items, subtle(p.say("word_too_long_for_card")))
		bare := *q
		bare.value = nil
		q = &bare
	}
	items = append(items, typed(p.inputs(q), out.Question.Typed)...)
	if shape.help {
		items = append(items, p.cardHelp(out, q))
	}
	return []element{{Type: "Container", Separator: true, Spacing: "Medium", Items: items}}
}

const helpID = "help"

// cardHelp is folded away until it is asked for.
func (p phraser) cardHelp(out conversation.Outbound, q *questionView) element {
	explain := q.Explain
	if out.Question.Again {
		explain = q.More // the other explanation is in sight
	}
	items := plainElements(explain)
	if q.Example != "" && len(q.Options) == 0 {
		sep := " "
		if q.Pattern {
			sep = "\n"
		}
		items = append(items, plainElements(p.say("word_example")+":"+sep+q.Example)...)
	}
	items = append(items, subtle(p.say("word_card_help")))
	return element{Type: "Container", ID: helpID, Style: "emphasis", Hidden: true, Items: items}
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
		body = append(body, bold("["+pr.Number+"] "+pr.Label+" ("+pr.Source+")", ""))
		body = append(body, plainElements(cut(pr.Text))...)
		body = append(body, subtle(pr.How))
	}
	for _, s := range v.Sections {
		if s.Label != "" {
			body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(s.Label), Weight: "Bolder", Wrap: true, Separator: true, Spacing: "Medium", Style: "heading"})
		}
		for _, f := range s.Fields {
			label := bold(f.Number+". "+f.Label, "Small")
			body = append(body, label)
			if f.Mark != "" {
				mark := subtle("(" + p.markWords(f) + ")")
				mark.Spacing = "None"
				body = append(body, mark)
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
