package conversation

import (
	"errors"
	"fmt"
)

// bounced deals with a message of ours that came back: the administrator is told, and an alert that reached nobody calls the next.
func (h *handling) bounced(thread *Thread) error {
	if h.in.Bounced != "" {
		t, err := h.tx.ThreadByMessage(h.in.Bounced)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			thread = t
		}
	}
	if thread == nil || thread.Incident == "" {
		// Of an alarm, or without a trace of what it was: nobody is to be called on such a word, since anybody could send it.
		if err := h.alarm("bounce", Line{AlarmBounced, args("number", "")}); err != nil {
			return err
		}
		return h.tx.FinishInbound(h.in.ID, "", "bounce", true, h.now)
	}
	number, err := h.unreached(thread, eventBounced)
	if err != nil {
		return err
	}
	if err := h.alarm("bounce/"+string(thread.Outbound), Line{AlarmBounced, args("number", number)}); err != nil {
		return err
	}
	return h.tx.FinishInbound(h.in.ID, thread.Incident, "bounce", true, h.now)
}

// unreached logs that a message of ours did not reach its person. It goes out again on their other channel, if they have one; else, if
// it was for the DSO's side, the next is called at once, and if it was the reporter's, the DSO's side is told to ring.
func (h *handling) unreached(thread *Thread, event string) (number string, err error) {
	in, err := h.tx.Incident(thread.Incident)
	if err != nil {
		return "", err
	}
	if thread.Person == in.Reporter && in.loggedToday(event, h.now) >= loggedADay {
		return in.Number, nil // the DSO's side is turned from to the next however many there are
	}
	s, err := h.situation(in)
	if err != nil {
		return "", err
	}
	t := &turn{Situation: s}
	t.event(event, thread.Field, string(thread.Kind))
	moved, err := h.otherChannel(thread)
	if err != nil {
		return "", err
	}
	if !moved && in.Status.Open() {
		t.unreached(thread)
	}
	return in.Number, h.commit(in, t.Result)
}

// otherChannel sends a message that did not arrive by mail in Teams, and further ones to the person as well. An alert has gone to both.
func (h *handling) otherChannel(thread *Thread) (ok bool, err error) {
	p, err := h.tx.Person(thread.Person)
	if err != nil || !p.reachable(ChannelTeams) {
		return false, err
	}
	if thread.Kind != MessageAlert {
		if err := h.tx.Resend(thread.Outbound, ChannelTeams); errors.Is(err, ErrNotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	p.LastChannel = ChannelTeams
	return true, h.tx.SavePerson(p)
}

// unreached turns to somebody else, where a person cannot be reached on any channel.
func (t *turn) unreached(thread *Thread) {
	in := t.Incident
	if thread.Person == in.Reporter {
		for _, p := range t.staff() {
			t.tell(p, Line{Key: TextReporterUnreached})
			t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/unreached/%s/%s", in.ID, p.ID, t.Now.Format("2006-01-02"))
		}
		return
	}
	called := false
	for i := range in.Watch.Called {
		if c := &in.Watch.Called[i]; c.Person == thread.Person && !c.Declined {
			c.Declined, called = true, true
		}
	}
	if in.Watch.TakenBy == thread.Person {
		in.Watch.TakenBy = ""
	}
	if !called || in.Watch.TakenBy != "" || in.decided() {
		return
	}
	if next := in.nextContact(t.unit()); next != nil {
		t.call(next, Line{TextAlertFrom, args("name", t.name(thread.Person))})
	}
	if in.ReviewSent > 0 {
		t.review(Line{TextAlertFrom, args("name", t.name(thread.Person))})
	}
}
