package conversation

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"frist/conversation/reading"
)

// refuse logs that a decision did not count, and says why.
func (t *turn) refuse(reason, key string, kv ...string) {
	t.event("decision_refused", "", reason)
	t.say(key, kv...)
}

// mayDecide checks who decides, and in reply to what: a decision counts only from the decider's authenticated address, in reply to a
// mail or card of ours about this incident.
func (t *turn) mayDecide() bool {
	u, in := t.unit(), t.Incident
	switch {
	case t.Sender.ID == in.Reporter:
		t.refuse("own_report", TextOwnReport)
	case !u.decides(t.Sender.ID):
		t.refuse("not_decider", TextNotDecider, "name", u.decider())
	case t.Inbound.Doubtful:
		t.refuse("doubtful", TextDoubtful)
	case t.Thread == nil || t.Thread.Incident != in.ID:
		t.refuse("not_in_reply", TextNotInReply)
	case in.Filing != nil || !in.Status.Open():
		t.refuse("closed", TextClosed, "number", in.Number)
	default:
		return true
	}
	return false
}

// approve takes the decision to notify. It counts only in reply to the very version that was sent.
func (t *turn) approve() {
	in := t.Incident
	if !t.mayDecide() {
		return
	}
	doc := t.document(false)
	delayField := t.Form.For(PurposeDelay)
	_, delay := in.Answers[t.Form.key(PurposeDelay)]
	switch {
	case in.Status == StatusApproved && t.again(t.approvedLines()...):
		return
	case in.Status == StatusApproved:
		t.say(TextApproved, "revision", itoa(in.Revision), "hash", in.Decision.Content.ContentSHA256[:12])
		return
	case t.Thread.Kind != MessageReview && in.ReviewSent == 0:
		t.refuse("not_ready", TextNotReady)
		return
	case t.Thread.Kind != MessageReview:
		t.refuse("not_in_reply_to_review", TextNotInReply)
		return
	case t.Thread.Revision != in.Revision:
		t.refuse("old_version", TextOldVersion, "seen", itoa(t.Thread.Revision), "current", itoa(in.Revision))
		t.resend()
		return
	case len(doc.Lacking) > 0:
		t.refuse("mandatory_blank", TextLacking, "fields", strings.Join(doc.Lacking, ","))
		return
	case delayField != nil && in.Applies(t.Form, delayField, t.Now) && !delay:
		t.refuse("delay_unanswered", TextLackingDelay, "field", delayField.Key)
		return
	}
	d := &Decision{Outcome: OutcomeApprove, By: t.Sender.ID, Address: t.decisionAddress(), At: t.Now, Revision: in.Revision}
	in.Decision = d
	d.Content = in.Notification(t.Form, in.Unit, t.Now)
	in.Status = StatusApproved
	t.event("approved", "", itoa(in.Revision))
	t.Events[len(t.Events)-1].Hash = d.Content.ContentSHA256
	t.settleCards(t.approvedLines()...)
	t.sendFile()
	t.offer(t.Sender, t.document(true))
	t.tellOthers(Line{TextApprovedBy, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
	t.tellReporter(Line{TextToldApproved, args("at", stamp(t.Now))})
	t.silent = true
}

// approvedLines say what was approved, by whom and when.
func (t *turn) approvedLines() []Line {
	d := t.Incident.Decision
	return []Line{{TextApproved, args("revision", itoa(d.Revision), "hash", d.Content.ContentSHA256[:12])},
		{TextApprovedBy, args("name", t.name(d.By), "at", stamp(d.At))}}
}

// sendFile sends what is to be filed, and how, to whoever approved it: the file goes by mail; in Teams stands a card that takes the filing.
func (t *turn) sendFile() {
	d := t.Incident.Decision
	out := t.message(t.Sender, MessageFile)
	chat := out.Channel == ChannelTeams
	out.Lines = []Line{{TextApproved, args("revision", itoa(d.Revision), "hash", d.Content.ContentSHA256[:12])},
		{TextFileHow, args("url", t.Form.FileAt)}}
	if chat && t.Conversation != nil {
		card := out
		if t.Sender.Mail() != "" {
			card.Lines = append(slices.Clone(card.Lines), Line{Key: TextFileMailed})
		}
		t.stand(&card, t.Conversation)
		t.answer(card)
	}
	if t.Sender.Mail() != "" {
		out.Channel, out.Document = ChannelMail, t.document(true)
		t.answer(out)
	}
}

// decisionAddress is the authenticated mail address that a decision came from; from Teams, the address that the sender is known by.
func (t *turn) decisionAddress() string {
	if t.Inbound.From.Channel == ChannelMail {
		return t.Inbound.From.ID
	}
	return t.Sender.Mail()
}

// tellOthers tells the others on the DSO's side.
func (t *turn) tellOthers(lines ...Line) {
	for _, p := range t.others() {
		t.tell(p, lines...)
	}
}

// returns sends the notification back to the reporter with what is missing.
func (t *turn) returns(reason string) {
	in := t.Incident
	reason = reading.MaskPersonnummer(strings.TrimSpace(reason), t.maskText())
	if !t.mayDecide() {
		return
	}
	if reason == "" {
		t.say(TextReasonMissing, "command", "return")
		return
	}
	in.Decision = &Decision{Outcome: OutcomeReturn, By: t.Sender.ID, Address: t.decisionAddress(), At: t.Now, Revision: in.Revision, Reason: reason}
	in.Status, in.ReviewSent = StatusReported, 0
	t.event("returned", "", itoa(in.Revision))
	t.settleCards(Line{TextReturnedBy, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
	if c := in.conversation(in.Reporter); c != nil {
		c.Finished, c.Ended, c.Paused = false, false, false
	}
	t.say(TextReturned)
	if p := t.Person(in.Reporter); p != nil {
		r := &turn{Situation: t.Situation}
		r.Sender, r.Conversation, r.Inbound, r.Thread = p, in.conversation(p.ID), nil, nil
		r.say(TextToldReturned, "reason", reason)
		if r.Conversation != nil {
			r.ask()
		} else {
			r.reply(MessageNotice)
		}
		t.Outbound = append(t.Outbound, r.Outbound...)
	}
}

// notNotifiable records, with its reason, that the incident need not be notified; it stays in the register (GDPR article 33.1, 33.5).
func (t *turn) notNotifiable(reason string) {
	in := t.Incident
	reason = reading.MaskPersonnummer(strings.TrimSpace(reason), t.maskText())
	if !t.mayDecide() {
		return
	}
	if reason == "" {
		t.say(TextReasonMissing, "command", "not_notifiable")
		return
	}
	if t.Thread.Kind == MessageReview && t.Thread.Revision != in.Revision {
		t.refuse("old_version", TextOldVersion, "seen", itoa(t.Thread.Revision), "current", itoa(in.Revision))
		t.resend()
		return
	}
	in.Decision = &Decision{Outcome: OutcomeNotNotifiable, By: t.Sender.ID, Address: t.decisionAddress(), At: t.Now, Revision: in.Revision, Reason: reason}
	in.Decision.Content = in.Notification(t.Form, in.Unit, t.Now)
	in.Status, in.ClosedAt = StatusNotNotifiable, t.Now
	t.event("not_notifiable", "", itoa(in.Revision))
	t.settleCards(Line{TextDismissedBy, args("name", t.name(t.Sender.ID))})
	t.say(TextNotNotifiable)
	t.tellOthers(Line{TextDismissedBy, args("name", t.name(t.Sender.ID))})
	t.tellReporter(Line{Key: TextToldNotNotifiable})
}

// referenceMax bounds the authority's reference, in bytes; theirs have some fifteen.
const referenceMax = 200

// filed records that the notification was sent to the authority, which stops the clock: "inskickad IMY-2026-1 i dag 14.05".
func (t *turn) filed(text string) {
	in := t.Incident
	u := t.unit()
	switch {
	case u.post(t.Sender.ID) == "":
		t.refuse("filing_not_staff", TextNotDecider, "name", u.decider())
		return
	case in.Status != StatusApproved && in.Filing == nil:
		t.refuse("filing_before_approval", TextFiledEarly)
		return
	}
	reference, at, ok := t.filing(reading.MaskPersonnummer(text, t.maskText()))
	if !ok || len(reference) > referenceMax {
		t.say(TextFiledUnread, "text", strings.TrimSpace(text))
		return
	}
	if at.After(t.Now.Add(time.Minute)) {
		t.say(TextFiledFuture, "at", stamp(at))
		return
	}
	corrected := in.Filing != nil
	in.Filing = &Filing{Reference: reference, At: at, By: t.Sender.ID}
	in.Status = StatusNotified
	t.event("filed", "", "")
	t.settleCards(Line{TextFiledBy, args("name", t.name(t.Sender.ID), "at", stamp(at))})
	t.say(TextFiled, "reference", reference, "at", stamp(at))
	if d := in.Decision; d != nil && at.Before(d.At.Truncate(time.Minute)) {
		t.say(TextFiledBefore, "at", stamp(at))
	}
	if corrected {
		return
	}
	t.tellOthers(Line{TextFiledBy, args("name", t.name(t.Sender.ID), "at", stamp(at))})
	if doc := t.document(false); len(doc.Unknown) > 0 {
		t.say(TextSupplementDue, "fields", strings.Join(doc.Unknown, ","), "at", stamp(at.AddDate(0, 0, 28)))
	}
	t.tellReporter(Line{TextToldFiled, args("at", stamp(at))})
}

var (
	isoDate   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}([T ].*)?$`)
	clockOnly = regexp.MustCompile(`^\d{1,2}:\d{2}$`)
)

// filing reads "[reference] [time]": the time is the longest end of the text that is one, now if there is none.
func (t *turn) filing(text string) (reference string, at time.Time, ok bool) {
	words := strings.Fields(text)
	lang := reading.Lang(t.Sender.lang(t.Organisation))
	from := 0
	if len(words) > 0 && !isoDate.MatchString(words[0]) && strings.ContainsAny(words[0], "-:") && strings.ContainsAny(words[0], "0123456789") && !clockOnly.MatchString(words[0]) {
		from = 1 // IMY-2026-1234, 2026-1234: a reference, whatever else it might be read as
	}
	for i := from; i < len(words); i++ {
		w, read := reading.Date(strings.Join(words[i:], " "), lang, t.Now, reading.Past)
		if !read {
			continue
		}
		if !w.HasTime {
			// A day alone: the clock stops at the latest moment that it can mean.
			end := w.End.Add(-time.Second)
			if end.After(t.Now) {
				end = t.Now
			}
			return strings.Join(words[:i], " "), end, true
		}
		return strings.Join(words[:i], " "), w.Start, true
	}
	if len(words) > 3 {
		return "", time.Time{}, false
	}
	return strings.Join(words, " "), t.Now, true
}
