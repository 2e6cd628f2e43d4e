package templates

import (
	"fmt"
	"slices"
	"strings"

	"frist/conversation"
)

// checkClip is how much of an answer a check shows, in characters; the whole is there when it is changed.
const checkClip = 300

// answeredCard takes the place of a card that has been answered: the question and out.Question.Current, without inputs, with a button that
// puts the question again. Without a question only its lines are said.
func (c *Catalogue) answeredCard(out conversation.Outbound) (Card, error) {
	if out.Question == nil {
		return c.settledCard(out)
	}
	p := c.phraser(out.Lang, c.FormVersion(out.Form, out.FormVersion))
	q, err := p.question(*out.Question)
	if err != nil {
		return Card{}, fmt.Errorf("card %s: %w", out.ID, err)
	}
	done, now := p.say("word_answered"), q.Now
	mark := "✓ " + done
	if v := out.Question.Current; v != nil {
		now = p.shown(q.field, *v, out.Question.Options)
		if v.Blank && !v.Unknown { // passed over: that is said once, and is no answer
			done, mark, now = now, now, ""
		}
	}
	text := done + ": " + q.Text
	cd := p.card(text)
	cd.Body = append(make([]element, 0, usual), subtle(strings.TrimPrefix(oneLine(out.Number)+" · ["+q.Number+"]", " · ")), heading(q))
	cd.Body = append(cd.Body, plainElements(limit(now, 2000))...)
	cd.Body = append(cd.Body, element{Type: "TextBlock", Text: escapeMarkdown(mark), Wrap: true, Weight: "Bolder"})
	for _, l := range p.lines(out.Lines) {
		cd.Body = append(cd.Body, plainElements(l.Text)...)
	}
	if out.Role == conversation.RoleReporter && out.Token != "" {
		cd.Body = append(cd.Body, actionRows([]action{p.changeAction(out.Token, q.field)})...)
	}
	return Card{writeCard(cd), text}, nil
}

// checkCards show a line for each answer with a button to change it, on as many cards as it takes.
func (p phraser) checkCards(out conversation.Outbound) ([]Card, error) {
	text := p.summary(out, nil)
	var parts [][]element
	var measure sizer
	all := p.checkRows(out)
	size, first := cardLimit, 0
	for i := range all {
		n := measure.size(&all[i])
		// What stands around the rows takes less than a fifth.
		if size += n; size > cardLimit*4/5 {
			parts, size, first = append(parts, nil), n, i
		}
		parts[len(parts)-1] = all[first : i+1]
	}
	if len(parts) == 0 {
		parts = [][]element{nil}
	}
	var cards []Card
	for i, rows := range parts {
		cd := p.card(text)
		if i == 0 {
			cd.Body = p.cardBody(conversation.Outbound{Kind: out.Kind, Role: out.Role, Number: out.Number, Unit: out.Unit, DeadlineAt: out.DeadlineAt,
				Late: out.Late, Status: out.Status, Lines: out.Lines}, nil, cardShapes[0])
		}
		if len(parts) > 1 {
			cd.Body = append(cd.Body, subtle(capital(p.say("word_part", "n", fmt.Sprint(i+1), "of", fmt.Sprint(len(parts))))))
		}
		cd.Body = slices.Concat(cd.Body, rows)
		if i == len(parts)-1 {
			cd.Body = append(cd.Body, actionRows(p.cardActions(out, nil, cardShape{}))...)
		}
		cards = append(cards, Card{writeCard(cd), text})
	}
	return cards, nil
}

// checkRows are the answers to what the reporter is asked, in the order of asking.
func (p phraser) checkRows(out conversation.Outbound) []element {
	asked := p.form.Order[conversation.RoleReporter]
	list := make([]element, 0, len(asked))
	for _, key := range asked {
		fd := p.form.Field(key)
		text, ok := p.checkAnswer(fd, out.Document)
		if !ok {
			continue
		}
		label := subtle("[" + fd.Name() + "] " + p.ask(fd).Short)
		lines := plainElements(strings.ReplaceAll(clipLines(text), "\n---\n", "\n\n"))
		if len(lines) > 0 {
			lines[0].Spacing = "None"
		}
		list = append(list, cardRow(append([]element{label}, lines...), p.changeAction(out.Token, fd)))
	}
	return list
}

// checkAnswer is what has been answered to a field; ok is false if it does not apply.
func (p phraser) checkAnswer(fd *conversation.Field, doc *conversation.Document) (text string, ok bool) {
	if fd.Own {
		v, ok := doc.Own[fd.Key]
		return p.shown(fd, v, nil), ok
	}
	answer, answered := doc.Notification.Answers[fd.Key]
	switch {
	case answered:
		v, err := conversation.ValueFromJSON(fd, answer)
		if err != nil {
			return flat(stored(fd, answer)), true
		}
		return p.shown(fd, v, nil), true
	case slices.Contains(doc.Unknown, fd.Key):
		return p.say("word_unknown_field"), true
	case slices.Contains(doc.Open, fd.Key):
		return p.say("word_open_field"), true
	}
	return p.say("word_blank"), slices.Contains(doc.Applies, fd.Key)
}

// clipLines shortens an answer to a few lines.
func clipLines(s string) string {
	lines := strings.SplitN(limit(s, checkClip), "\n", 8)
	if len(lines) == 8 {
		lines[7] = "…"
	}
	return strings.Join(lines, "\n")
}
