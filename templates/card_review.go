package templates

import (
	"fmt"
	"slices"
	"strings"

	"frist/conversation"
)

// The verbs of the cards on which the DSO's side acts; what is not said by VerbSay needs an input.
const (
	// VerbReturn sends the notification back, VerbNotNotifiable decides that none is made: data is {"token"}, the input "reason".
	VerbReturn        = "return"
	VerbNotNotifiable = "not_notifiable"
	// VerbFiled tells of the filing: data is {"token"}, the input "reference" (the authority's number and the time).
	VerbFiled = "filed"
)

const (
	// pagesMax is how many cards a notification may fill. One that is longer is cut, says so, and cannot be approved in the chat.
	pagesMax = 8
	// runMax is the longest run of text on a card, in characters: a longer line is parted.
	runMax = 3000
	// pageHead is what stands around a page's content, in bytes.
	pageHead = 2000
)

// isReview reports whether a message holds a notification for the DSO's side.
func isReview(out conversation.Outbound) bool {
	return out.Role == conversation.RoleDSO && out.Document != nil && out.Document.Notification != nil &&
		(out.Kind == conversation.MessageReview || out.Kind == conversation.MessageShow)
}

// reviewCards puts a notification on one card, or where it is too long on several, in the authority's order. What can be pressed stands on the
// last.
func (p phraser) reviewCards(out conversation.Outbound) ([]Card, error) {
	r := review{phraser: p, out: out}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("card %s: %w", out.ID, err)
	}
	for _, clip := range []int{0, 2000, 300, 60} {
		r.clip = clip
		if cards := r.cards(); cards != nil {
			return cards, nil
		}
	}
	r.bare = true
	return r.cards(), nil
}

// review lays a notification out on cards.
type review struct {
	phraser
	out       conversation.Outbound
	questions []*questionView
	clip      int // characters of an answer that are shown, 0 for all
	bare      bool
}

func (r *review) open() error {
	for _, pr := range r.out.Next {
		q, err := r.question(pr)
		if err != nil {
			return err
		}
		r.questions = append(r.questions, q)
	}
	return nil
}

// cards are the pages and the card to act on; nil if they do not fit.
func (r *review) cards() []Card {
	text := r.summary(r.out, nil)
	end := r.card(text)
	end.Body = append(r.last(), actionRows(r.actions())...)
	var doc []element
	if !r.bare {
		doc = parted(r.cardDocument(r.out, cardShape{document: true, clip: r.clip}))
	}
	whole := end
	whole.Body = slices.Concat(r.head(0, 0), doc, end.Body)
	if data := writeCard(whole); len(data) <= cardLimit {
		return []Card{{data, text}}
	}
	data := writeCard(end)
	if len(data) > cardLimit {
		if !r.bare {
			return nil
		}
		end.Body = append(plainElements(limit(text, 2000)), subtle(r.say("word_cut_review")))
		data = writeCard(end)
	}
	pages := pageElements(doc)
	if len(pages) > pagesMax {
		return nil
	}
	var out []Card
	for i, page := range pages {
		cd := r.card(r.part(i+1, len(pages)))
		cd.Body = append(r.head(i+1, len(pages)), page...)
		out = append(out, Card{writeCard(cd), r.part(i+1, len(pages))})
	}
	return append(out, Card{data, text})
}

// part names a page: a notification shows it, so that it holds no answer.
func (r *review) part(n, of int) string {
	s := oneLine(r.out.Number) + " · " + r.say("word_notification")
	if r.out.Revision > 0 {
		s += " · " + strings.ToLower(r.say("word_version")) + " " + fmt.Sprint(r.out.Revision)
	}
	if of > 1 {
		s += " · " + r.say("word_part", "n", fmt.Sprint(n), "of", fmt.Sprint(of))
	}
	return s
}

func (r *review) head(n, of int) []element {
	return []element{{Type: "TextBlock", Text: escapeMarkdown(r.part(n, of)), Weight: "Bolder", Size: "Medium", Wrap: true, Style: "heading"}}
}

// last is the card to act on: what is said, the open questions, and the input for a reason.
func (r *review) last() []element {
	var body []element
	var facts []string
	for _, f := range r.mailFacts(r.out) {
		facts = append(facts, f.Label+": "+f.Text)
	}
	if r.out.Kind == conversation.MessageReview {
		body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(r.say("word_review_title")), Weight: "Bolder", Wrap: true, Separator: true, Spacing: "Medium", Style: "heading"})
	}
	body = append(body, subtle(strings.Join(facts, " · ")))
	lines := slices.DeleteFunc(slices.Clone(r.out.Lines), func(l conversation.Line) bool { return l.Key == conversation.TextReviewHow })
	for _, l := range r.lines(lines) {
		body = append(body, plainElements(limit(l.Text, 2000))...)
	}
	if len(r.questions) > 0 {
		body = append(body, element{Type: "TextBlock", Text: escapeMarkdown(r.say("word_open")), Weight: "Bolder", Wrap: true})
	}
	for _, q := range r.questions {
		body = append(body, plainElement("["+q.Number+"] "+q.Text, "Small"))
	}
	switch {
	case r.clip > 0 || r.bare:
		body = append(body, subtle(r.say("word_cut_review")))
	case r.out.Kind == conversation.MessageReview:
		body = append(body, subtle(r.say("word_review_how", "revision", fmt.Sprint(r.out.Revision))))
	}
	if r.decides() {
		body = append(body, element{Type: "Input.Text", ID: "reason", input: &input{Label: r.say("word_reason_input"), IsMultiline: true}})
	}
	return body
}

// decides tells whether the message lets its reader decide.
func (r *review) decides() bool {
	return slices.ContainsFunc(r.out.Choices, func(c conversation.Choice) bool { return c.Key == conversation.ButtonApprove })
}

// approvable tells whether what stands on the cards is the whole, and may be approved.
func (r *review) approvable() bool {
	return r.clip == 0 && !r.bare && len(r.out.Document.Lacking) == 0
}

func (r *review) actions() []action {
	var acts []action
	// Where questions are open, to answer them comes first.
	open := slices.ContainsFunc(r.out.Choices, func(c conversation.Choice) bool { return c.Key == conversation.ButtonAnswerOpen })
	for i, reply := range r.replies(r.out.Choices) {
		a := execute(reply.Label, VerbSay, actionData{Token: r.out.Token, Text: reply.Send}, false)
		switch r.out.Choices[i].Key {
		case conversation.ButtonAnswerOpen:
			a.Style = "positive"
		case conversation.ButtonApprove:
			if !r.approvable() {
				continue
			}
			a.Title = reply.Label + " " + strings.ToLower(r.say("word_version")) + " " + fmt.Sprint(r.out.Revision)
			if !open {
				a.Style = "positive"
			}
		}
		acts = append(acts, a)
	}
	if r.decides() {
		for _, v := range [][2]string{{VerbReturn, "word_return"}, {VerbNotNotifiable, "word_not_notifiable"}} {
			acts = append(acts, execute(r.say(v[1]), v[0], actionData{Token: r.out.Token}, true))
		}
	}
	return acts
}

// parted breaks runs of text that are longer than a card should hold in one element.
func parted(in []element) (out []element) {
	for _, e := range in {
		if e.Type != "RichTextBlock" || len(e.Text) <= runMax {
			out = append(out, e)
			continue
		}
		for i, text := range breakText(e.Text, runMax) {
			piece := e
			piece.Text = text
			if i > 0 {
				piece.Spacing, piece.Separator = "None", false
			}
			out = append(out, piece)
		}
	}
	return out
}

// breakText parts a text at white space, where there is any, into pieces of at most n characters.
func breakText(text string, n int) (out []string) {
	runes := []rune(text)
	for len(runes) > n {
		at := n
		for i := n; i > n/2; i-- {
			if runes[i] == ' ' {
				at = i
				break
			}
		}
		out = append(out, string(runes[:at]))
		runes = runes[at:]
	}
	return append(out, string(runes))
}

// pageElements deals elements out to pages that fit on a card each.
func pageElements(body []element) (pages [][]element) {
	var measure sizer
	size := 0
	for _, e := range body {
		n := measure.size(&e)
		if len(pages) == 0 || size+n > cardLimit-pageHead {
			pages, size = append(pages, nil), 0
		}
		size += n
		last := &pages[len(pages)-1]
		*last = append(*last, e)
	}
	return pages
}

// settledCard takes the place of a card on which somebody could act: what has come of it, and nothing to press.
func (c *Catalogue) settledCard(out conversation.Outbound) (Card, error) {
	p := c.phraser(out.Lang, c.FormVersion(out.Form, out.FormVersion))
	text := p.summary(out, nil)
	cd := p.card(text)
	if out.Number != "" {
		cd.Body = append(cd.Body, subtle(strings.TrimSuffix(oneLine(out.Number)+" · "+oneLine(out.Unit), " · ")))
	}
	for i, l := range p.lines(out.Lines) {
		for _, e := range plainElements(limit(l.Text, 2000)) {
			if i == 0 {
				e.Weight = "Bolder"
			}
			cd.Body = append(cd.Body, e)
		}
	}
	return Card{writeCard(cd), text}, nil
}

// filingInput is where the filing is told of.
func (p phraser) filingInput(out conversation.Outbound) ([]element, []action) {
	if out.Kind != conversation.MessageFile || out.Role != conversation.RoleDSO {
		return nil, nil
	}
	return []element{{Type: "Input.Text", ID: "reference", input: &input{Label: p.say("word_reference_input"), Placeholder: "IMY-2026-1234 23/11 15.10"}}},
		[]action{{Type: "Action.Execute", Title: p.say("word_filed_button"), Verb: VerbFiled, Style: "positive", Data: actionData{Token: out.Token}}}
}
