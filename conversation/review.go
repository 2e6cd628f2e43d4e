package conversation

import (
	"slices"
	"strings"
)

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
	first := in.ReviewSent == 0
	in.ReviewSent = in.Revision
	t.event("review_sent", "", itoa(in.Revision))
	t.sendReview(t.reviewers(), first, lines...)
}

// showReview puts the version that is out for review before the sender, who asks for it in Teams: with what can be pressed. False if there is none.
func (t *turn) showReview() bool {
	in := t.Incident
	if in.Status != StatusInReview || in.ReviewSent == 0 || in.ReviewSent != in.Revision || t.Inbound.From.Channel != ChannelTeams || !t.reviews(t.Sender) {
		return false
	}
	t.own, t.lines = t.lines, nil
	t.sendReview([]*Person{t.Sender}, false)
	t.own, t.silent = nil, true
	return true
}

// sendReview sends people the notification as it now stands; the first version goes to those in Teams by mail too.
func (t *turn) sendReview(to []*Person, first bool, lines ...Line) {
	in := t.Incident
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
	for _, p := range to {
		c := t.join(p.ID, RoleDSO, t.unit().post(p.ID))
		out := t.message(p, MessageReview)
		out.Lines, out.Document, out.Revision, out.Next = lines, doc, in.Revision, open
		if t.Sender != nil && p.ID == t.Sender.ID {
			out.Lines = append(slices.Clone(t.own), lines...)
			out.AutoReplied = true
		}
		t.retire(p, Line{TextReviewNewer, args("revision", itoa(in.Revision), "channel", string(out.Channel))})
		out.Choices = []Choice{{ButtonApprove, "godkänn"}}
		if out.Channel == ChannelTeams {
			t.reviewInTeams(p, c, &out, first)
		}
		t.Outbound = append(t.Outbound, out)
	}
}

// reviewInTeams makes the review the person's live card, with what they can press. The first version goes by mail too: it is the whole in one
// piece, for whoever is not at their chat.
func (t *turn) reviewInTeams(p *Person, c *Conversation, out *Outbound, first bool) {
	if first && p.Mail() != "" {
		mail := *out
		mail.Channel, mail.Choices = ChannelMail, slices.Clone(out.Choices)
		t.Outbound = append(t.Outbound, mail)
	}
	if !t.unit().decides(p.ID) {
		out.Choices = nil // a button that would be refused is none
	}
	if len(t.reviewFields(out.Document)) > 0 {
		out.Choices = append(out.Choices, Choice{ButtonAnswerOpen, "fortsätt"})
	}
	if p.Mail() != "" {
		out.Choices = append(out.Choices, Choice{ButtonMail, "mejla"})
	}
	t.stand(out, c)
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
