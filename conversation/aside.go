package conversation

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// aside logs a message that gets no turn and no answer.
func (h *handling) aside(thread *Thread, outcome, detail string) error {
	var incident IncidentID
	if thread != nil && thread.Incident != "" {
		incident = thread.Incident
		in, err := h.tx.Incident(incident)
		if err != nil {
			return err
		}
		e := Event{At: h.now, Name: outcome, Detail: detail}
		if err := h.commit(in, Result{Events: []Event{e}}); err != nil {
			return err
		}
	}
	h.Log.Info("a message was set aside", "inbound", h.in.ID, "channel", h.in.From.Channel, "reason", outcome, "detail", detail)
	return h.tx.FinishInbound(h.in.ID, incident, outcome, true, h.now)
}

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
		return h.tx.FinishInbound(h.in.ID, "", "bounce", true, h.now)
	}
	number, err := h.unreached(thread, "bounced")
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
	s, err := h.situation(in)
	if err != nil {
		return "", err
	}
	t := &turn{Situation: s}
	t.event(event, thread.Field, string(thread.Kind))
	elsewhere, err := h.elsewhere(thread)
	if err != nil {
		return "", err
	}
	if !elsewhere && in.Status.Open() {
		t.unreached(thread)
	}
	return in.Number, h.commit(in, t.Result)
}

// elsewhere sends a message that did not arrive by mail in Teams, and further ones to the person as well. An alert has gone to both.
func (h *handling) elsewhere(thread *Thread) (ok bool, err error) {
	p, err := h.tx.Person(thread.Person)
	if err != nil || p.address(ChannelTeams).ID == "" {
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

// stranger keeps a message to an incident from somebody who is not let in. It is never answered; the incident's people are told once a day.
func (h *handling) stranger(thread *Thread, detail string) error {
	in, err := h.tx.Incident(thread.Incident)
	if err != nil {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	t.event("stranger", "", detail)
	for _, p := range t.staff() {
		t.tell(p, Line{Key: TextStrangerWrote})
		t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/stranger/%s/%s", in.ID, p.ID, h.now.Format("2006-01-02"))
	}
	if err := h.commit(in, t.Result); err != nil {
		return err
	}
	return h.tx.FinishInbound(h.in.ID, in.ID, "stranger", true, h.now)
}

// addressMax is the longest mail address (RFC 5321 section 4.5.3.1), in bytes.
const addressMax = 320

// unauthenticated deals with a mail whose sender nobody vouches for: in an incident's thread its people are told; else it is kept as an unverified
// report.
func (h *handling) unauthenticated(thread *Thread) error {
	if thread == nil || thread.Incident == "" {
		thread = nil
		if n := numberPattern.FindString(h.in.Subject); n != "" {
			in, err := h.tx.IncidentByNumber(n)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			if err == nil {
				thread = &Thread{Incident: in.ID}
			}
		}
	}
	switch {
	case thread != nil:
		return h.stranger(thread, UnverifiedForged)
	case !strings.Contains(h.in.From.ID, "@") || len(h.in.From.ID) > addressMax:
		return h.aside(nil, "stranger", "no_sender")
	}
	if h.Organisation.allowed(h.in.From.ID) {
		// One wrong setting would make every report doubtful.
		if err := h.alarm("unauthenticated", Line{AlarmUnauthenticated, args("at", stamp(h.in.At))}); err != nil {
			return err
		}
	}
	return h.unverified(nil, UnverifiedForged)
}

// tooMany keeps a mail without giving it a turn: no person writes so many.
func (h *handling) tooMany(thread *Thread, sender *Person) error {
	var incident IncidentID
	number := ""
	if thread != nil && thread.Incident != "" {
		in, err := h.tx.Incident(thread.Incident)
		if err != nil {
			return err
		}
		incident, number = in.ID, in.Number
		if err := h.commit(in, Result{Events: []Event{{At: h.now, Name: "too_many", Person: sender.ID}}}); err != nil {
			return err
		}
	}
	if err := h.alarm("too_many/"+string(sender.ID), Line{AlarmTooMany, args("number", number)}); err != nil {
		return err
	}
	return h.finish(incident, "too_many", sender)
}

var numberPattern = regexp.MustCompile(`\bPUI-\d{4}-\d{4,}\b`)
var newPattern = regexp.MustCompile(`(?is)^\s*(?:nytt(?:\s+ärende)?|new(?:\s+incident)?)\s*[:,]\s*(.+)$`)
