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
	case t.Inbound.Fields != nil:
		t.dsoCard()
	case t.Conversation.Pending != nil && t.pending(strings.TrimSpace(text)):
	case t.Inbound.Doubtful:
		t.say(TextDoubtful)
	case t.dsoCommand(text):
	default:
		t.dsoAnswers()
	}
	t.afterDSO()
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
			t.say(TextNotUnderstood)
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
	lead, parts := t.numbered(t.Inbound.Text)
	for _, p := range t.Inbound.Parts {
		if strings.TrimSpace(p.Text) != "" {
			parts, lead = append(parts, reading.Numbered{Number: p.Field, Text: p.Text}), ""
		}
	}
	if len(parts) == 0 {
		t.say(TextNotUnderstood)
		return
	}
	if s := strings.TrimSpace(lead); s != "" && !isGreeting(s) && !isThanks(s) {
		t.say(TextNotUnderstood)
	}
	for _, p := range parts {
		fd := t.Form.Lookup(p.Number)
		if fd == nil {
			t.say(TextFieldUnknown, "field", p.Number)
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

// afterDSO sends what the message led to: a new version for review, or what there is.
func (t *turn) afterDSO() {
	in := t.Incident
	accepted := slices.Clone(t.changed)
	held := t.Conversation.Pending != nil
	if held {
		// The choice is asked for in a message of its own, with its replies at hand.
		t.lines = slices.DeleteFunc(t.lines, func(l Line) bool {
			return l.Key == TextPersonnummer || l.Key == TextOpenConfirm || l.Key == TextSuggest
		})
	}
	if len(accepted) > 0 && in.Filing == nil && in.ReviewSent > 0 && in.Status == StatusInReview {
		t.pruneReadBacks()
		t.review(append(t.lines, Line{TextReviewChanged, args("fields", strings.Join(accepted, ","))})...)
		t.lines = nil
	}
	if held {
		t.confirm()
	}
	if len(t.lines) > 0 && (held || !t.silent) {
		t.reply(MessageNotice)
	}
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
		out.Choices = []Choice{{ButtonApprove, "godkänn"}}
		if t.Sender != nil && p.ID == t.Sender.ID {
			out.AutoReplied = true
		}
		t.Outbound = append(t.Outbound, out)
	}
}

// reviewers are those whose decision is waited for: who took the incident, if they decide; else those called who do; and always the
// decider, where the settings name one.
func (t *turn) reviewers() []*Person {
	u := t.unit()
	var out []*Person
	for _, p := range t.staff() {
		if u.decides(p.ID) && p.ID != t.Incident.Reporter {
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, c := range append(deref(u.contact(PostDecider)), u.Chain...) {
		if p := t.Person(c.Person); p != nil && u.decides(c.Person) && c.Person != t.Incident.Reporter {
			return []*Person{p}
		}
	}
	return t.staff()
}

// conflicts points out answers that contradict each other (GDPR article 34.1 and 34.3).
func (t *turn) conflicts() []Line {
	a := t.Incident.Answers
	severe, why := t.Form.Field("29"), t.Form.Field("35")
	if severe == nil || why == nil || len(severe.Options) == 0 || len(why.Options) < 2 || !t.Incident.Applies(t.Form, why, t.Now) {
		return nil
	}
	var out []Line
	gravest := severe.Options[len(severe.Options)-1].Label
	if a["29"].Value.Choice == gravest && slices.Contains(a["35"].Value.Choices, why.Options[0].Label) {
		out = append(out, Line{Key: TextConflictSevere})
	}
	if a["27"].Value.Choice == "Nej" && slices.Contains(a["35"].Value.Choices, why.Options[1].Label) {
		out = append(out, Line{Key: TextConflictCrypto})
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
		t.say(TextProposalNone, "field", fd.Key)
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
