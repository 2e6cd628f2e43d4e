package conversation

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"frist/conversation/reading"
)

// dso takes one message from the DSO's side: a command, or answers by number.
func (t *turn) dso() {
	text := t.Inbound.Text
	t.way = t.onWay()
	switch {
	case t.closed(text):
		t.say(TextClosed, "number", t.Incident.Number)
	case t.unit().post(t.Sender.ID) == "":
		t.event("not_of_the_unit", "", "")
		t.say(TextUnitMoved, "unit", t.unit().Name)
	case t.Incident.Status == StatusUnverified:
		t.unverifiedCommand(t.dsoWords(text))
	case t.Inbound.Fields != nil:
		t.dsoCard()
	case t.Conversation.Pending != nil && t.pending(strings.TrimSpace(text)):
		t.walk = t.way
	case len(t.Inbound.Attachments) > 0 && strings.TrimSpace(text) == "":
		// a file alone: what became of it is told
	case t.Inbound.Doubtful && strings.TrimSpace(text) == "":
		t.say(TextDoubtful)
	default:
		t.dsoSays(text)
	}
	t.afterDSO()
}

// dsoWords are the message, or the command of a button.
func (t *turn) dsoWords(text string) string {
	if v := t.Inbound.Fields["verb"]; v != "" && !cardVerbs[v] {
		return strings.ReplaceAll(v, "_", " ")
	}
	return text
}

// closed reports whether the incident has ended without a filing: then it is only shown.
func (t *turn) closed(text string) bool {
	cmd, _ := reading.ReadCommand(text)
	return !t.Incident.Status.Open() && t.Incident.Filing == nil && cmd.Name != reading.Show && cmd.Name != reading.SendFiles
}

// dsoSays takes words: a command, the answer to a question put on a card of its own, or answers by number.
func (t *turn) dsoSays(text string) {
	fd := t.walking()
	if fd != nil && t.walkCommand(fd, text) {
		return
	}
	if (fd == nil || !t.optionText(fd, text)) && t.dsoCommand(text) {
		return
	}
	if lead, parts := t.numbered(text); fd != nil && (len(parts) == 0 || strings.TrimSpace(lead) != "") && strings.TrimSpace(text) != "" {
		t.walk = t.way
		t.answerText(fd, text)
		return
	}
	t.dsoAnswers()
}

// dsoCard takes a button or a filled-in card.
func (t *turn) dsoCard() {
	f := t.Inbound.Fields
	switch v := f["verb"]; v {
	case "", "answer", "add", "remove", "say":
	case "return":
		t.returns(f["reason"])
		return
	case "not_notifiable":
		t.notNotifiable(f["reason"])
		return
	case "filed":
		if strings.TrimSpace(f["reference"]) == "" {
			t.say(TextReferenceMissing)
			return
		}
		t.filed(f["reference"])
		return
	default:
		t.dsoCommand(strings.ReplaceAll(v, "_", " "))
		return
	}
	if fd := t.cardField(); fd != nil && f["field"] != "" && f["verb"] != "say" {
		t.fillOnWay(fd)
		return
	}
	if t.Conversation.Pending != nil && t.pending(t.Inbound.Text) {
		t.walk = t.way
		return
	}
	t.dsoSays(t.Inbound.Text)
}

// fillOnWay takes a question's card, and goes on to the next; a group's is not left before its end.
func (t *turn) fillOnWay(fd *Field) {
	t.walk = t.way || fd.Kind == KindGroup && t.Conversation.Changing == fd.Key
	if t.mayAnswer(fd) {
		t.filledIn(fd, t.Inbound.Fields["verb"])
	}
	t.walk = (t.walk || t.more) && !t.silent
}

// dsoCommand takes a message that is a command as a whole; false if it is none.
func (t *turn) dsoCommand(text string) bool {
	cmd, ok := reading.ReadCommand(text)
	if !ok {
		return false
	}
	// Several "ändra N:" lines are answers by number, not one command.
	if cmd.Name == reading.Change {
		if _, parts := t.numbered(text); len(parts) > 1 {
			return false
		}
	}
	switch cmd.Name {
	case reading.Take:
		t.take()
	case reading.Cannot:
		t.cannot()
	case reading.Show:
		if !t.showReview() {
			t.show(MessageShow)
		}
	case reading.Help:
		t.dsoHelp()
	case reading.Approve:
		t.bindDecision()
		t.approve()
	case reading.Return:
		t.bindDecision()
		t.returns(cmd.Text)
	case reading.NotNotifiable:
		t.bindDecision()
		t.notNotifiable(cmd.Text)
	case reading.Filed:
		t.filed(cmd.Text)
	case reading.RequestFiles:
		t.requestFiles()
	case reading.SendFiles:
		t.sendFiles()
	case reading.Resume:
		t.walkTo(true)
	case reading.Mail:
		t.mailReview()
	case reading.Change:
		t.change(cmd)
		if c := t.Conversation; c.Changing != "" && t.Inbound.From.Channel == ChannelTeams {
			t.walk = true
		} else if c.Changing != "" {
			c.Changing = ""
			t.say(TextDSOHelp)
		}
	case reading.Accept, reading.Decline:
		fd := t.Form.Lookup(strings.Trim(cmd.Text, " .:"))
		if fd == nil {
			return false
		}
		t.settleProposal(fd, cmd.Name == reading.Accept)
	default:
		return false
	}
	return true
}

// dsoHelp tells what may be written and where: the help itself is nothing that can be approved.
func (t *turn) dsoHelp() {
	if t.Inbound.From.Channel == ChannelTeams {
		t.say(TextReviewHowCards)
		return
	}
	t.say(TextReviewHowMail)
}

// numbers are the names under which the DSO may answer any question of the form.
func (t *turn) numbers() []string {
	var out []string
	for _, fd := range t.Form.Fields {
		out = append(out, fd.Name())
	}
	return out
}

var changeLine = regexp.MustCompile(`(?im)^([ \t]*)(?:ändra|change)[ \t]+([0-9A-Za-z–-]{1,5}[ \t]*:)`)

// numbered splits a reply into its answers; "ändra 29: 3" and "29: 3" are the same there.
func (t *turn) numbered(text string) (lead string, parts []reading.Numbered) {
	return reading.SplitNumbered(changeLine.ReplaceAllString(text, "$1$2"), t.numbers(), false)
}

// dsoAnswers takes a reply that may answer many questions.
func (t *turn) dsoAnswers() {
	if t.unsure(nil, t.Inbound.Text) {
		return
	}
	lead, parts := t.numbered(t.Inbound.Text)
	for _, p := range t.Inbound.Parts {
		if strings.TrimSpace(p.Text) != "" {
			parts, lead = append(parts, reading.Numbered{Number: p.Field, Text: p.Text}), ""
		}
	}
	if len(parts) == 0 {
		if text := t.Inbound.Text; (t.Thread == nil || t.Thread.Loose) && len(strings.Fields(text)) > 3 && !t.Inbound.Named {
			t.hold(Pending{Why: "new", Field: t.Form.key(PurposeWhat), Text: text})
		} else {
			t.say(TextDSOHelp)
		}
		return
	}
	if s := strings.TrimSpace(lead); s != "" && !isGreeting(s) && !isThanks(s) {
		t.say(TextDSOHelp)
	}
	last := &parts[len(parts)-1]
	last.Text = t.decisionBelow(last.Text)
	for _, p := range t.inOrder(parts) {
		fd := t.Form.Lookup(p.Number)
		if strings.TrimSpace(p.Text) == "" {
			continue
		}
		cmd, ok := reading.ReadCommand(p.Text)
		if ok && (cmd.Name == reading.Accept || cmd.Name == reading.Decline) && cmd.Text == "" {
			t.settleProposal(fd, cmd.Name == reading.Accept)
			continue
		}
		t.answerText(fd, p.Text)
	}
}

// decisionBelow takes a decision off the end of the last answer: below answers it would be for a version that nobody has seen.
func (t *turn) decisionBelow(text string) string {
	body, last, found := cutLastLine(text)
	cmd, ok := reading.ReadCommand(last)
	if !found || !ok || !slices.Contains([]reading.CommandName{reading.Approve, reading.Return, reading.NotNotifiable, reading.Filed, reading.Take, reading.Cannot}, cmd.Name) {
		return text
	}
	t.refuse("below_answers", TextDecisionBelow, "command", strings.ToUpper(strings.TrimSpace(last)))
	return body
}

// cutLastLine parts the last line that is not empty from what stands before it.
func cutLastLine(text string) (before, last string, found bool) {
	text = strings.TrimRight(text, " \t\r\n")
	i := strings.LastIndexByte(text, '\n')
	if i < 0 {
		return "", text, false
	}
	return strings.TrimRight(text[:i], " \t\r\n"), text[i+1:], true
}

// afterDSO sends what the message led to: a new version for review, or what there is.
func (t *turn) afterDSO() {
	in := t.Incident
	accepted := slices.Clone(t.changed)
	held := t.Conversation.Pending != nil
	if held {
		// The choice is asked for in a message of its own, with its replies at hand.
		t.lines = slices.DeleteFunc(t.lines, func(l Line) bool {
			return l.Key == TextPersonnummer || l.Key == TextOpenConfirm || l.Key == TextSuggest || l.Key == TextDoubtfulConfirm
		})
	}
	c := t.Conversation
	if asked := c.Changing != ""; asked && t.missed && t.Inbound.From.Channel == ChannelTeams {
		t.walk = true // what they asked to change is put again
	}
	if !t.way && !t.walk && !held && len(accepted) > 0 {
		c.Delivered = "" // …and once it is changed, nothing is asked
	}
	reviewed := in.Filing == nil && in.ReviewSent > 0 && in.Status == StatusInReview
	switch {
	case t.walk && held, t.walk && t.Inbound.From.Channel == ChannelTeams && t.walkOn():
	case t.walk && reviewed && len(accepted) == 0:
		t.Conversation.Delivered = ""
		t.resend() // what was changed on the way has not been sent yet
	case len(accepted) > 0 && reviewed:
		t.newVersion(accepted)
	}
	if held {
		t.confirm()
	}
	if len(t.lines) > 0 && (held || !t.silent) {
		t.reply(MessageNotice)
	}
}

// propose keeps the reporter's change for the DSO to accept; after the filing it is a supplement.
func (t *turn) propose(fd *Field, v Value) {
	in := t.Incident
	source, stored, news := "reporter", TextProposalStored, TextProposalNew
	if in.Filing != nil {
		source, stored, news = "supplement", TextSupplementStored, TextSupplementNew
	}
	if p := t.ownProposal(fd); p != nil && p.Source == source && reflect.DeepEqual(p.Value, v) {
		t.say(stored, "field", fd.Key) // said twice
		return
	}
	in.Proposals = slices.DeleteFunc(in.Proposals, func(p Proposal) bool { return p.Field == fd.Key && p.Source == source && p.Author == t.Sender.ID })
	in.Proposals = append(in.Proposals, Proposal{Field: fd.Key, Value: v, Author: t.Sender.ID, At: t.Now, Source: source})
	t.event("proposed", fd.Key, source)
	t.say(stored, "field", fd.Key)
	for _, p := range t.staff() {
		if p.ID == t.Sender.ID {
			continue
		}
		out := t.message(p, MessageShow)
		out.Channel = ChannelMail
		out.Lines = []Line{{news, args("field", fd.Key)}}
		out.Document = t.document(true)
		t.Outbound = append(t.Outbound, out)
	}
}

// settleProposal takes a proposal in, or strikes it.
func (t *turn) settleProposal(fd *Field, take bool) {
	in := t.Incident
	i := slices.IndexFunc(in.Proposals, func(p Proposal) bool { return p.Field == fd.Key })
	if take {
		v := t.proposed(fd)
		if v == nil || in.Filing != nil {
			t.say(TextProposalNone, "field", fd.Key)
			return
		}
		if fd.Kind == KindGroup && i < 0 { // a draft of the program's; a person's is the whole list
			v = &Value{Entries: slices.Concat(in.Answers[fd.Key].Value.Entries, v.Entries)}
		}
		t.store(fd, *v)
	} else if i < 0 {
		if t.proposed(fd) == nil {
			t.say(TextProposalNone, "field", fd.Key)
			return
		}
		in.Struck = append(in.Struck, fd.Key) // a draft of the program's: it is not proposed again
		t.event("proposal_declined", fd.Key, "")
		t.say(TextSaved, "field", fd.Key)
		return
	}
	if i >= 0 {
		author := in.Proposals[i].Author
		in.Proposals = slices.Delete(in.Proposals, i, i+1)
		key, event := TextProposalDeclined, "proposal_declined"
		if take {
			key, event = TextProposalTaken, "proposal_taken"
		}
		t.event(event, fd.Key, "")
		if p := t.Person(author); p != nil {
			t.tell(p, Line{key, args("field", fd.Key)})
		}
		if !take {
			t.say(key, "field", fd.Key)
		}
	}
}
