package conversation

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
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
	if err := h.tx.FinishInbound(h.in.ID, incident, outcome, true, h.now); err != nil || outcome != "stranger" {
		return err
	}
	return h.reduce(h.in.ID)
}

// stranger keeps a message to an incident from somebody who is not let in. It is never answered; the incident's people are told once a day.
func (h *handling) stranger(thread *Thread, detail string) error {
	in, err := h.tx.Incident(thread.Incident)
	if err != nil {
		return err
	}
	if err := h.tx.FinishInbound(h.in.ID, in.ID, "stranger", true, h.now); err != nil {
		return err
	}
	if err := h.reduce(h.in.ID); err != nil || in.loggedToday(eventStranger, h.now) >= loggedADay {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	t.event(eventStranger, "", detail)
	for _, p := range t.staff() {
		t.tell(p, Line{Key: TextStrangerWrote})
		t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/stranger/%s/%s", in.ID, p.ID, h.now.Format("2006-01-02"))
	}
	return h.commit(in, t.Result)
}

// loggedADay bounds what anybody can write into an incident's log, which each of its turns reads: a number is easily guessed, and a bounce easily forged.
const loggedADay = 20

func (in *Incident) loggedToday(event string, now time.Time) (n int) {
	for _, e := range in.Log {
		if e.Name == event && now.Sub(e.At) < 24*time.Hour {
			n++
		}
	}
	return n
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
