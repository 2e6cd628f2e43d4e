package conversation

import (
	"regexp"
	"slices"
	"strings"

	"frist/conversation/reading"
)

// dso takes one message from the DSO's side: a command, or answers by number.
func (t *turn) dso() {
	text := t.Inbound.Text
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
	case t.Inbound.Doubtful && strings.TrimSpace(text) == "":
		t.say(TextDoubtful)
	case t.dsoCommand(text):
	default:
		t.dsoAnswers()
	}
	t.afterDSO()
}

// dsoWords are the message, or the command of a button.
func (t *turn) dsoWords(text string) string {
	if v := t.Inbound.Fields["verb"]; v != "" && v != "answer" && v != "say" {
		return strings.ReplaceAll(v, "_", " ")
	}
	return text
}

// closed reports whether the incident has ended without a filing: then it is only shown.
func (t *turn) closed(text string) bool {
	cmd, _ := reading.ReadCommand(text)
	return !t.Incident.Status.Open() && t.Incident.Filing == nil && cmd.Name != reading.Show
}

// dsoCard takes a button or a filled-in card.
func (t *turn) dsoCard() {
	f := t.Inbound.Fields
	if v := f["verb"]; v != "" && v != "answer" && v != "say" {
		t.dsoCommand(strings.ReplaceAll(v, "_", " "))
		return
	}
	if fd := t.Form.Field(f["field"]); fd != nil && f["verb"] != "say" {
		v, open, p := t.readFields(fd, f)
		t.took(fd, v, open, p)
		return
	}
	if t.Conversation.Pending != nil && t.pending(t.Inbound.Text) {
		return
	}
	if !t.dsoCommand(t.Inbound.Text) {
		t.dsoAnswers()
	}
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
		t.show(MessageShow)
	case reading.Help:
		t.say(TextReviewHow)
	case reading.Approve:
		t.approve()
	case reading.Return:
		t.returns(cmd.Text)
	case reading.NotNotifiable:
		t.notNotifiable(cmd.Text)
	case reading.Filed:
		t.filed(cmd.Text)
	case reading.Change:
		t.change(cmd)
		if t.Conversation.Changing != "" {
			t.Conversation.Changing = ""
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
	if len(accepted) > 0 && in.Filing == nil && in.ReviewSent > 0 && in.Status == StatusInReview {
		t.newVersion(accepted)
	}
	if held {
		t.confirm()
	}
	if len(t.lines) > 0 && (held || !t.silent) {
		t.reply(MessageNotice)
	}
}

// newVersion sends the notification anew after changes. The sender is told there what was wrong with the rest of the message, where they get it;
// else in an answer of their own.
func (t *turn) newVersion(changed []string) {
	if t.reviews(t.Sender) {
		t.pruneReadBacks()
	}
	t.resend(Line{TextReviewChanged, args("fields", strings.Join(changed, ","))})
}

// resend sends the notification as it stands to those who review it; what the sender alone is to be told stands above it in theirs.
func (t *turn) resend(lines ...Line) {
	if t.reviews(t.Sender) {
		t.own, t.lines = t.lines, nil
	}
	t.review(lines...)
	t.own = nil
}

// reviews reports whether the person is sent the notification for review.
func (t *turn) reviews(p *Person) bool {
	return slices.ContainsFunc(t.reviewers(), func(x *Person) bool { return x.ID == p.ID })
}

// pruneReadBacks drops the "saved" lines: the new version shows what was saved.
func (t *turn) pruneReadBacks() {
	t.lines = slices.DeleteFunc(t.lines, func(l Line) bool {
		return l.Key == TextSaved || l.Key == TextChanged || l.Key == TextReadValue || l.Key == TextBlank || l.Key == TextUnknown
	})
}

// review sends the whole notification, as it now stands, to those who complete and approve it. Every version has its own
// revision, which a decision names.
func (t *turn) review(lines ...Line) {
	in := t.Incident
	if in.Status != StatusReported && in.Status != StatusInReview {
		return
	}
	in.Status = StatusInReview
	if in.Revision == 0 {
		in.Revision = 1
	}
	in.ReviewSent = in.Revision
	t.event("review_sent", "", itoa(in.Revision))
	doc := t.document(true)
	var proposed []string
	for _, p := range doc.Proposals {
		if !slices.Contains(proposed, p.Field) {
			proposed = append(proposed, p.Field)
		}
	}
	lines = append(lines, t.conflicts()...)
	if len(proposed) > 0 {
		lines = append(lines, Line{TextReviewProposals, args("fields", strings.Join(proposed, ","))})
	}
	var open []Prompt
	for _, key := range doc.Open {
		open = append(open, Prompt{Field: key})
	}
	if len(doc.Open) > 0 {
		lines = append(lines, Line{TextReviewOpen, args("fields", strings.Join(doc.Open, ","))})
	}
	if len(doc.Lacking) > 0 {
		lines = append(lines, Line{TextLacking, args("fields", strings.Join(doc.Lacking, ","))})
	}
	lines = append(lines, Line{Key: TextReviewHow})
	for _, p := range t.reviewers() {
		t.join(p.ID, RoleDSO, t.unit().post(p.ID))
		out := t.message(p, MessageReview)
		out.Channel = ChannelMail
		out.Lines, out.Document, out.Revision, out.Next = lines, doc, in.Revision, open
		if t.Sender != nil && p.ID == t.Sender.ID {
			out.Lines = append(slices.Clone(t.own), lines...)
		}
		out.Choices = []Choice{{ButtonApprove, "godkänn"}}
		if t.Sender != nil && p.ID == t.Sender.ID {
			out.AutoReplied = true
		}
		t.Outbound = append(t.Outbound, out)
	}
}

// reviewers are those who complete and approve: who watches the incident, the decider where the settings name one, and where none of them decides
// all who do and have not said that they cannot.
func (t *turn) reviewers() []*Person {
	u, in := t.unit(), t.Incident
	var out []*Person
	decides := false
	add := func(id PersonID) {
		p := t.Person(id)
		if p == nil || id == in.Reporter || slices.ContainsFunc(out, func(x *Person) bool { return x.ID == id }) {
			return
		}
		out = append(out, p)
		decides = decides || u.decides(id)
	}
	for _, p := range t.staff() {
		add(p.ID)
	}
	if u.Decider != nil {
		add(u.Decider.Person)
	}
	declined := func(id PersonID) bool {
		return slices.ContainsFunc(in.Watch.Called, func(c Call) bool { return c.Person == id && c.Declined })
	}
	for _, even := range []bool{false, true} {
		for _, c := range u.Chain {
			if !decides && u.decides(c.Person) && (even || !declined(c.Person)) {
				add(c.Person)
			}
		}
	}
	return out
}

// conflicts points out answers that contradict each other (GDPR article 34.1 and 34.3), as the form says.
func (t *turn) conflicts() []Line {
	var out []Line
	for i, c := range t.Form.Conflicts {
		holds := true
		for key, labels := range c.If {
			v := t.Incident.Answers[key].Value
			said := append(slices.Clone(v.Choices), v.Choice)
			one := slices.ContainsFunc(said, func(s string) bool { return slices.Contains(labels, s) })
			holds = holds && one && t.Incident.Applies(t.Form, t.Form.Field(key), t.Now)
		}
		if holds {
			out = append(out, Line{TextConflict, args("conflict", itoa(i))})
		}
	}
	return out
}

// propose keeps the reporter's change for the DSO to accept; after the filing it is a supplement.
func (t *turn) propose(fd *Field, v Value) {
	in := t.Incident
	source, stored, news := "reporter", TextProposalStored, TextProposalNew
	if in.Filing != nil {
		source, stored, news = "supplement", TextSupplementStored, TextSupplementNew
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
