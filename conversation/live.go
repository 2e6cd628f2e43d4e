package conversation

import (
	"slices"
	"time"

	"frist/conversation/reading"
)

// A live card stands in somebody's chat in Teams with buttons that act: take the incident, decide, tell of the filing. A person has at most one
// in an incident; it is replaced where it stands once it no longer holds, so that no button of the past can be pressed.

// stand makes a message to Teams the person's live card, at the bottom of their chat.
func (t *turn) stand(out *Outbound, c *Conversation) {
	out.Stands, out.Sets = true, true
	c.Delivered, c.Changing, c.Outbound, c.On = "", "", "", ChannelTeams
}

// retire replaces the person's live card by what has come of it. Where it was pressed just now, the card in its place is also the reply.
func (t *turn) retire(p *Person, lines ...Line) {
	c := t.Incident.conversation(p.ID)
	if c == nil || c.Live == "" {
		return
	}
	out := t.settled(p, lines...)
	out.Replaces = c.Live
	if t.pressed(c.Live) {
		inline := out
		t.Inline = &inline
	}
	if c.Live == c.Outbound {
		c.Outbound = ""
	}
	c.Live = ""
	t.Outbound = append(t.Outbound, out)
}

// settled is a card without buttons that says what has come of the one in whose place it stands.
func (t *turn) settled(p *Person, lines ...Line) Outbound {
	out := t.message(p, MessageAnswered)
	out.Channel, out.Lines = ChannelTeams, lines
	return out
}

// pressed reports whether the message is a button of the card, whose reply replaces it.
func (t *turn) pressed(card OutboundID) bool {
	return t.Inbound != nil && t.Inbound.Invoke && t.Thread != nil && t.Thread.Outbound == card
}

// again answers a button that is pressed a second time with the card that it has led to, instead of a message; false if it is no such press.
func (t *turn) again(lines ...Line) bool {
	if t.Inbound == nil || !t.Inbound.Invoke || t.Thread == nil || t.Thread.Outbound == t.Conversation.Live {
		return false
	}
	out := t.settled(t.Sender, lines...)
	t.Inline, t.silent = &out, true
	return true
}

// settleCards replaces the live card of everybody who has one.
func (t *turn) settleCards(lines ...Line) {
	for _, c := range t.Incident.Conversations {
		if c.Live == "" {
			continue
		}
		if p := t.Person(c.Person); p != nil {
			t.retire(p, lines...)
		}
	}
}

// settleAlerts replaces the alerts: once the notification is out for review, the live cards are no alerts any more.
func (t *turn) settleAlerts(lines ...Line) {
	if t.Incident.ReviewSent == 0 {
		t.settleCards(lines...)
	}
}

// settleAlert replaces the person's alert.
func (t *turn) settleAlert(p *Person, lines ...Line) {
	if t.Incident.ReviewSent == 0 {
		t.retire(p, lines...)
	}
}

// bindDecision ties a decision that is typed in a chat to the card that stands there, as if it were a reply to it: in a chat nobody quotes what
// they answer. It must have come before the words were written. A button names its own card, and a reply what it answers.
func (t *turn) bindDecision() {
	in, live := t.Inbound, t.Standing
	typed := in.From.Channel == ChannelTeams && in.Fields == nil && in.Token == "" && len(in.References) == 0
	if !typed || t.Thread != nil || live == nil || live.Channel != ChannelTeams || live.Person != t.Sender.ID {
		return
	}
	if live.SentAt.IsZero() || in.At.Before(live.SentAt.Truncate(time.Second)) {
		return
	}
	t.Thread = live
}

// reviewFields are the questions that the notification's reader is led through: the open ones and those with a proposal, in the form's order.
func (t *turn) reviewFields(doc *Document) (out []*Field) {
	for _, fd := range t.Form.Fields {
		proposed := slices.ContainsFunc(doc.Proposals, func(p Proposal) bool { return p.Field == fd.Key })
		if slices.Contains(doc.Open, fd.Key) || proposed {
			out = append(out, fd)
		}
	}
	return out
}

// walking is the question that the message may answer because it was put to the sender on a card of its own, in their chat, before they wrote;
// nil if there is none or something else has come below it.
func (t *turn) walking() *Field {
	c := t.Conversation
	switch {
	case t.Thread != nil && t.Thread.Kind == MessageQuestion:
		return t.Form.Field(t.Thread.Field)
	case t.Inbound.From.Channel != ChannelTeams || c.Delivered == "" || t.SeenAt.IsZero() || t.Inbound.At.Before(t.SeenAt.Truncate(time.Second)):
		return nil
	}
	return t.Form.Field(c.Delivered)
}

// walkTo begins to lead the sender through the open questions, or ends that.
func (t *turn) walkTo(begin bool) {
	c, in := t.Conversation, t.Incident
	t.walk = true
	switch {
	case in.ReviewSent == 0 || in.Status != StatusInReview:
		t.walk = false
		t.say(TextDSOHelp)
	case !begin || t.Inbound.From.Channel != ChannelTeams:
		t.walk, c.Delivered, c.Changing = false, "", ""
		t.resend()
	default:
		c.Delivered, c.Changing = "", ""
	}
}

// onWay reports whether the sender is being led through the questions, and has not asked for the one that stands there.
func (t *turn) onWay() bool {
	c := t.Conversation
	return c.Role == RoleDSO && c.Delivered != "" && c.Changing == "" && t.Inbound.From.Channel == ChannelTeams
}

// walkCommand takes what is said to a question on a card of its own that is not an answer; false if it is one.
func (t *turn) walkCommand(fd *Field, text string) bool {
	if t.optionText(fd, text) {
		return false
	}
	switch cmd, _ := reading.ReadCommand(text); {
	case cmd.Text != "":
		return false
	case cmd.Name == reading.Done || cmd.Name == reading.Pause:
		t.walkTo(false)
	case cmd.Name == reading.Skip && t.answeredBefore(fd):
		t.walk = t.way // it is passed by: the answer stays, and the proposal is still there
		t.answered(fd, t.Incident.Answers[fd.Key].Value)
	case cmd.Name == reading.Accept || cmd.Name == reading.Decline:
		t.walk = t.way
		t.settleProposal(fd, cmd.Name == reading.Accept)
		if cmd.Name == reading.Decline && t.answeredBefore(fd) {
			t.answered(fd, t.Incident.Answers[fd.Key].Value)
		}
	default:
		return false
	}
	return true
}

func (t *turn) answeredBefore(fd *Field) bool {
	_, ok := t.Incident.Answers[fd.Key]
	return ok
}

// walkOn puts the next question, in the form's order; false when there is none, or the one asked for has been answered.
func (t *turn) walkOn() bool {
	c := t.Conversation
	if fd := t.Form.Field(c.Changing); fd != nil {
		t.putToDSO(fd, 0)
		return true
	}
	at := t.Form.Field(c.Delivered)
	fields := t.reviewFields(t.document(false))
	i := 0
	if at != nil {
		i = slices.IndexFunc(fields, func(fd *Field) bool {
			return slices.Index(t.Form.Fields, fd) > slices.Index(t.Form.Fields, at) || fd == at && (t.missed || t.asked == at)
		})
	}
	if i < 0 || i >= len(fields) {
		return false
	}
	t.putToDSO(fields[i], len(fields)-i)
	return true
}

// putToDSO puts a question on a card of its own; left counts the questions that are, with it.
func (t *turn) putToDSO(fd *Field, left int) {
	out := t.message(t.Sender, MessageQuestion)
	out.Lines = t.lines
	if left > 1 {
		out.Lines = append(out.Lines, Line{TextReviewLeft, args("count", itoa(left))})
	}
	out.Question = t.prompt(fd)
	if out.Question.Proposed != nil {
		out.Choices = append(out.Choices, Choice{ButtonUseFile, "ta med"}, Choice{ButtonDecline, "stryk"})
	}
	if fd.UnknownOption() == nil {
		out.Choices = append(out.Choices, Choice{ButtonDontKnow, "vet inte"})
	}
	out.Choices = append(out.Choices, Choice{ButtonSkip, "hoppa över"}, Choice{ButtonToReview, "klar"})
	t.deliver(out)
	t.lines, t.silent = nil, true
}

// mailReview sends the sender by mail what there is, in one piece.
func (t *turn) mailReview() {
	if t.Sender.Mail() == "" {
		t.say(TextDSOHelp)
		return
	}
	out := t.message(t.Sender, MessageShow)
	out.Channel, out.Document = ChannelMail, t.document(true)
	if in := t.Incident; in.Status == StatusInReview && in.ReviewSent == in.Revision {
		out.Kind, out.Revision, out.Choices = MessageReview, in.Revision, []Choice{{ButtonApprove, "godkänn"}}
		for _, key := range out.Document.Open {
			out.Next = append(out.Next, Prompt{Field: key})
		}
		out.Lines = []Line{{Key: TextReviewHow}}
	}
	t.answer(out)
	t.say(TextReviewMailed)
}
