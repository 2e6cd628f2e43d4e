package conversation

import (
	"slices"
	"strings"
	"time"

	"frist/conversation/reading"
)

// nextListed is how many further questions a mail lists below the one that it asks.
const nextListed = 5

// missesMax is how many misunderstood answers in a row leave a question open, so that no loop is endless.
const missesMax = 4

// reporter takes one message from the person who reported.
func (t *turn) reporter() {
	c, in := t.Conversation, t.Incident
	if !in.Status.Open() && in.Filing == nil {
		t.say(TextClosed, "number", in.Number)
		if text := strings.TrimSpace(t.Inbound.Text); len(strings.Fields(text)) > 1 && !isThanks(text) {
			t.tellOthers(Line{TextClosedWrote, args("text", reading.MaskPersonnummer(text, t.maskText()))})
		}
		t.reply(MessageNotice)
		return
	}
	resumed := c.Paused
	c.Paused = false
	switch {
	case t.Inbound.Fields != nil:
		t.card()
	case c.Pending != nil && t.pending(strings.TrimSpace(t.Inbound.Text)):
	case t.Inbound.Doubtful && strings.TrimSpace(t.Inbound.Text) == "" && len(t.Inbound.Attachments) == 0:
		t.say(TextDoubtful)
	default:
		if !t.reporterCommand(t.Inbound.Text) {
			t.reporterAnswers()
		} else if resumed && len(t.lines) == 0 {
			t.say(TextResumed)
		}
	}
	if !t.silent {
		t.ask()
	}
}

// bound is the question that the message answers: the one its token or reference names, else the one last delivered before it was
// written. seen is false if its writer had not seen the open question.
func (t *turn) bound() (fd *Field, seen bool) {
	c := t.Conversation
	if t.Thread != nil && t.Thread.Field != "" && t.Thread.Kind == MessageQuestion {
		return t.Form.Field(t.Thread.Field), true
	}
	if c.Delivered == "" {
		return nil, true
	}
	// A mail's receipt is told in whole seconds (RFC 3501 INTERNALDATE).
	if t.SeenAt.IsZero() || t.Inbound.At.Before(t.SeenAt.Truncate(time.Second)) {
		return t.Form.Field(c.Previous), false
	}
	return t.Form.Field(c.Delivered), true
}

// reporterAnswers takes the message as one or several answers.
func (t *turn) reporterAnswers() {
	fd, seen := t.bound()
	text := t.Inbound.Text
	if t.unsure(fd, text) {
		return
	}
	if strings.Count(text, ":") > 1 && len(changeLine.FindAllString(text, 2)) > 1 { // each ends with a colon
		text = changeLine.ReplaceAllString(text, "$1$2")
	}
	if t.elsewhere(text) {
		return
	}
	free := fd != nil && (fd.Kind == KindText || fd.Kind == KindGroup)
	lead, parts := reading.SplitNumbered(text, t.offered(fd), free)
	for _, p := range t.Inbound.Parts {
		parts = append(parts, reading.Numbered{Number: p.Field, Text: p.Text})
	}
	switch {
	case strings.TrimSpace(text) == "" && len(parts) == 0 && len(t.Inbound.Attachments) > 0:
		// a file alone: what was seen of it is told, and the question put again
	case strings.TrimSpace(text) == "" && len(parts) == 0:
		t.say(TextEmpty)
		t.missed = true
	case strings.TrimSpace(lead) == "":
	case isThanks(lead) || greetings[bare(lead)]:
	case !seen:
		t.unseen(fd, lead)
	case fd == nil && len(parts) == 0:
		t.say(TextAlreadyDone)
	case fd != nil:
		t.answerText(fd, lead)
	}
	for _, p := range t.inOrder(parts) {
		if strings.TrimSpace(p.Text) != "" {
			t.answerText(t.Form.Lookup(p.Number), p.Text)
		}
	}
}

// unsure holds a text that may not be all, or only, what its writer meant: they are asked before it counts.
func (t *turn) unsure(fd *Field, text string) bool {
	if !t.Inbound.Doubtful || strings.TrimSpace(text) == "" || len(t.Inbound.Parts) > 0 {
		return false
	}
	key := t.Form.key(PurposeWhat)
	if fd != nil {
		key = fd.Key
	}
	t.hold(Pending{Why: "doubtful", Field: key, Text: text})
	return true
}

// sure takes a text that its writer has said is what they meant.
func (t *turn) sure(p Pending) {
	t.Inbound.Doubtful, t.Inbound.Text = false, p.Text
	t.Thread = &Thread{Incident: t.Incident.ID, Person: t.Sender.ID, Kind: MessageQuestion, Field: p.Field}
	if t.Conversation.Role == RoleReporter {
		t.reporterAnswers()
		return
	}
	t.dsoAnswers()
}

// inOrder sorts answers as the form has their questions, so that an answer does not come before the one that it hangs on; what names no
// question of the form is left out.
func (t *turn) inOrder(parts []reading.Numbered) []reading.Numbered {
	place := func(p reading.Numbered) int { return slices.Index(t.Form.Fields, t.Form.Lookup(p.Number)) }
	parts = slices.DeleteFunc(slices.Clone(parts), func(p reading.Numbered) bool { return place(p) < 0 })
	slices.SortStableFunc(parts, func(a, b reading.Numbered) int { return place(a) - place(b) })
	return parts
}

// elsewhere holds a message that may be the report of another incident: a mail of its own though the last question went by mail, or words from
// somebody who has finished. The person says where it belongs.
func (t *turn) elsewhere(text string) bool {
	c := t.Conversation
	words := len(strings.Fields(text))
	switch {
	case t.Inbound.Named || words < 3 || isThanks(text) || isGreeting(text):
		return false
	case t.Thread != nil:
		if !t.Thread.Loose || t.answers(text) {
			return false
		}
	case c.Finished || c.Ended:
		if _, parts := reading.SplitNumbered(text, t.offered(nil), true); len(parts) > 0 {
			return false
		}
	case c.On != ChannelMail || t.Inbound.From.Channel != ChannelMail:
		return false
	}
	t.hold(Pending{Why: "new", Field: t.Form.key(PurposeWhat), Text: text})
	t.reply(MessageNotice)
	return true
}

// answers reports whether a text, of which only a remembered reply address says where it belongs, answers that address's question: where that
// question is put with words of one's own, any text would.
func (t *turn) answers(text string) bool {
	fd, _ := t.bound()
	if _, parts := reading.SplitNumbered(text, t.offered(fd), true); len(parts) > 0 || fd == nil {
		return fd != nil || len(parts) > 0
	}
	switch fd.Kind {
	case KindText, KindGroup:
		return t.Inbound.Subject == "" && t.Conversation.Delivered == fd.Key
	case KindChoice, KindCount, KindDate, KindChoices, KindAddress:
	}
	_, open, p := t.read(fd, text)
	return p.OK() && !open
}

// offered are the names under which the message may hold further answers: the question itself and, in a mail, all that the reporter is asked.
func (t *turn) offered(fd *Field) []string {
	var out []string
	add := func(f *Field) {
		if f != nil && !slices.Contains(out, f.Name()) {
			out = append(out, f.Name())
		}
	}
	add(fd)
	if t.Inbound.From.Channel != ChannelMail {
		return out
	}
	for _, key := range t.Form.Order[RoleReporter] {
		add(t.Form.Field(key))
	}
	return out
}

// unseen holds a message that was written before the open question came: the person says what it belongs to.
func (t *turn) unseen(prev *Field, text string) {
	c := t.Conversation
	open := t.Form.Field(c.Delivered)
	if open == nil {
		t.say(TextAlreadyDone)
		return
	}
	if prev == nil && t.optionText(open, text) {
		// The question's own answer, so it has come; the program was stopped before that was noted. Put again, it is answered again.
		t.asked = open
		return
	}
	if prev == nil {
		// Written on, before the first question came: it belongs to the first message, which is proposed at what happened.
		if len(t.Incident.FirstMessage)+len(text) > t.Organisation.Rules.AnswerMax {
			t.tooLong(t.Form.key(PurposeWhat))
			return
		}
		t.Incident.FirstMessage += "\n" + reading.MaskPersonnummer(text, t.maskText())
		t.say(TextSaved, "field", t.Form.key(PurposeWhat))
		return
	}
	t.hold(Pending{Why: "unseen", Field: open.Key, Text: text})
}

// answerText reads a text as the answer to a field and takes it.
func (t *turn) answerText(fd *Field, text string) {
	if len(text) > t.Organisation.Rules.AnswerMax {
		t.tooLong(fd.Key)
		t.miss(fd)
		return
	}
	if !t.mayAnswer(fd) {
		return
	}
	if !t.optionText(fd, text) {
		if cmd, ok := reading.ReadCommand(text); ok {
			switch cmd.Name {
			case reading.Skip:
				t.blank(fd, false)
				return
			case reading.DontKnowAnswer:
				t.dontKnow(fd)
				return
			case reading.Accept:
				if cmd.Text == "" && t.takeProposal(fd) {
					return
				}
			}
		}
		if reading.DontKnow(text) {
			t.dontKnow(fd)
			return
		}
	}
	v, open, p := t.read(fd, text)
	t.took(fd, v, open, p)
}

// optionText reports whether the text is one of the field's options word for word: such a text wins over a command.
func (t *turn) optionText(fd *Field, text string) bool {
	return t.list(fd).labels[bare(text)]
}

// mayAnswer reports whether the sender is asked for the field and it applies; else it is said.
func (t *turn) mayAnswer(fd *Field) bool {
	switch {
	case t.Conversation.Role == RoleReporter && fd.Asked != RoleReporter:
		t.say(TextFieldNotYours, "field", fd.Key)
		return false
	case !t.Incident.Applies(t.Form, fd, t.Now):
		t.say(TextFieldNotNow, "field", fd.Key)
		return false
	}
	return true
}
