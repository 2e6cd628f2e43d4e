package conversation

import (
	"time"

	"frist/conversation/reading"
)

// call alerts one person of the unit's chain. One who cannot be reached at all is passed over for the next.
func (t *turn) call(c *Contact, before ...Line) {
	in := t.Incident
	p := t.Person(c.Person)
	if p == nil || in.called(c.Person) || c.Person == in.Reporter {
		return
	}
	in.Watch.Called = append(in.Watch.Called, Call{Person: c.Person, Post: c.Post, At: t.Now, Declined: len(p.Addresses) == 0})
	t.join(c.Person, RoleDSO, c.Post)
	t.record(Event{At: t.Now, Name: eventCalled, Person: c.Person, Detail: string(c.Post)})
	if len(p.Addresses) == 0 {
		t.event("unreachable", "", string(c.Post))
		if next, _, ok := in.nextCall(t.Organisation); ok {
			t.call(next, before...)
		}
		return
	}
	t.alert(p, before...)
	if p.knownAway(t.Now) {
		t.away(p)
	}
}

// alert tells a person of the incident, by mail and in Teams where they are known: number, unit, deadline and kind, no free text (a mail may
// lie open on a locked telephone).
func (t *turn) alert(p *Person, before ...Line) {
	in := t.Incident
	lines := append(before, t.alertLine())
	if next, at, ok := in.nextCall(t.Organisation); ok {
		lines = append(lines, Line{TextAlertNext, args("name", next.Name, "at", stamp(at))})
	} else {
		lines = append(lines, Line{Key: TextAlertLast})
	}
	lines = append(lines, t.alertFiles()...)
	t.retire(p, t.alertLine())
	for _, ch := range []Channel{ChannelMail, ChannelTeams} {
		if !p.reachable(ch) {
			continue
		}
		out := t.message(p, MessageAlert)
		out.Channel, out.Lines = ch, lines
		out.Choices = []Choice{{ButtonTake, "tar"}, {ButtonCannot, "kan inte"}, {ButtonShow, "visa"}}
		if in.Status == StatusUnverified {
			out.Choices = unverifiedChoices()
		}
		if c := in.conversation(p.ID); ch == ChannelTeams && c != nil {
			t.stand(&out, c)
		}
		t.Outbound = append(t.Outbound, out)
	}
}

// alertLine says what there is to know of the incident in an alert.
func (t *turn) alertLine() Line {
	in := t.Incident
	if in.Status != StatusUnverified {
		return Line{TextAlert, args("at", stamp(in.ReportedAt), "kind", t.optionKey(FieldKind), "protected", t.optionKey(FieldProtected))}
	}
	address := ""
	if p := t.Person(in.Claimed); p != nil {
		address = reading.MaskPersonnummer(p.Mail(), t.maskText())
	}
	return Line{TextAlertUnverified, args("at", stamp(in.ReportedAt), "address", address, "why", in.Unverified)}
}

// optionKey is the key of the option that a question of our own is answered with, "" if it is not.
func (t *turn) optionKey(field string) string {
	if fd := t.Form.Field(field); fd != nil {
		if o := fd.Option(t.Incident.Answers[field].Value.Choice); o != nil {
			return o.Key
		}
	}
	return ""
}

// take notes that the sender has the incident: the calls stop, and the others and the reporter are told.
func (t *turn) take() {
	in := t.Incident
	if in.Watch.TakenBy == t.Sender.ID {
		if !t.again(Line{Key: TextTaken}) {
			t.say(TextTaken)
		}
		return
	}
	others := t.staff()
	if id := in.Watch.TakenBy; id != "" {
		t.say(TextTakenBy, "name", t.name(id), "at", stamp(in.Watch.TakenAt))
	}
	in.Watch.TakenBy, in.Watch.TakenAt = t.Sender.ID, t.Now
	t.event(eventTaken, "", "")
	if in.Status == StatusInReview {
		t.say(TextTakenReview) // what else would come has come
	} else {
		t.say(TextTaken)
	}
	t.settleAlerts(Line{TextTakenBy, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
	if t.Inbound.From.Channel == ChannelTeams {
		t.choices = []Choice{{ButtonShow, "visa"}}
	}
	for _, p := range others {
		if p.ID != t.Sender.ID {
			t.tell(p, Line{TextTakenBy, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
		}
	}
	t.tellReporter(Line{TextToldTaken, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
}

// cannot notes that the sender cannot: the next in the chain is called at once, or, where all have been, those who have not said no are
// called again.
func (t *turn) cannot() {
	in := t.Incident
	name, again := t.name(t.Sender.ID), false
	for i := range in.Watch.Called {
		if c := &in.Watch.Called[i]; c.Person == t.Sender.ID && !c.Former {
			c.Declined, again = true, c.Declined
		}
	}
	if again && in.Watch.TakenBy != t.Sender.ID || in.decided() {
		t.say(TextDeclinedLast) // said twice, or when nothing is left to take
		return
	}
	t.event("declined", "", "")
	if in.Watch.TakenBy != "" && in.Watch.TakenBy != t.Sender.ID {
		t.say(TextTakenBy, "name", t.name(in.Watch.TakenBy), "at", stamp(in.Watch.TakenAt))
		return
	}
	if in.Watch.TakenBy == t.Sender.ID {
		in.Watch.TakenBy = ""
		t.tellReporter(Line{TextToldGivenBack, args("name", name)})
	}
	if next, _, ok := in.nextCall(t.Organisation); ok {
		t.say(TextDeclined, "name", next.Name)
		t.settleAlert(t.Sender, Line{TextDeclined, args("name", next.Name)})
		t.call(next, Line{TextAlertFrom, args("name", name)})
		return
	}
	t.say(TextDeclinedLast)
	t.settleAlert(t.Sender, Line{Key: TextDeclinedLast})
	for _, c := range in.Watch.Called {
		if p := t.Person(c.Person); p != nil && !c.Declined {
			t.alert(p, Line{TextAlertFrom, args("name", name)})
		}
	}
}

// Tick does what is due because time has passed: the next in the chain is called, the notification is sent for review as it stands, whoever
// is waited for is reminded. It is pure, like Turn.
func Tick(s Situation) Result {
	t := &turn{Situation: s}
	in, o := t.Incident, t.Organisation
	if !in.Status.Open() {
		return t.Result
	}
	if in.Status == StatusUnverified && len(in.Watch.Called) == 0 && !in.AnnounceAt.After(t.Now) {
		t.call(t.firstContact())
	}
	for calls := -1; calls < len(in.Watch.Called); {
		next, at, ok := in.nextCall(o)
		if !ok || at.After(t.Now) {
			break
		}
		calls = len(in.Watch.Called) // one who cannot be looked up is not called for ever
		last := in.Watch.Called[len(in.Watch.Called)-1]
		t.call(next, Line{TextAlertFrom, args("name", t.name(last.Person))})
	}
	at, waits := in.reviewAt(o.Rules)
	reviewed := waits && !at.After(t.Now)
	if reviewed {
		first := Line{TextReviewTime, args("left", minutes(in.DeadlineAt.Sub(t.Now)))}
		if t.Now.After(in.DeadlineAt) { // an earlier discovery has moved it
			first = Line{TextReviewOverdue, args("over", minutes(t.Now.Sub(in.DeadlineAt)))}
		}
		t.review(first)
	}
	if !t.remind(reviewed) && reviewed && in.reporting() {
		t.tellReporter(Line{Key: TextToldReview})
	}
	return t.Result
}

// minutes is a duration in whole minutes, never negative.
func minutes(d time.Duration) string {
	return itoa(int(max(d, 0) / time.Minute))
}
