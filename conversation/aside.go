package conversation

import (
	"errors"
	"fmt"
	"regexp"
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

// unreached logs that a message of ours did not reach its person; if it was an alert, and nobody has the incident, the next is called at once.
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
	if thread.Kind == MessageAlert && in.Status.Open() && in.Watch.TakenBy == "" {
		for i := range in.Watch.Called {
			if in.Watch.Called[i].Person == thread.Person {
				in.Watch.Called[i].Declined = true
			}
		}
		if next, at, ok := in.nextCall(t.Organisation); ok && !at.After(h.now) {
			t.call(next, Line{TextAlertFrom, args("name", t.name(thread.Person))})
		}
	}
	return in.Number, h.commit(in, t.Result)
}

// stranger keeps a message from somebody who is not let in. It is never answered; the incident's people are told once a day.
func (h *handling) stranger(thread *Thread, detail string) error {
	if thread == nil || thread.Incident == "" {
		if detail == "unauthenticated" && h.Organisation.allowed(h.in.From.ID) {
			// One wrong setting would lose every report in silence.
			if err := h.alarm("unauthenticated", Line{AlarmUnauthenticated, args("at", stamp(h.in.At))}); err != nil {
				return err
			}
		}
		return h.aside(nil, "stranger", detail)
	}
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

var numberPattern = regexp.MustCompile(`\bPUI-\d{4}-\d{4,}\b`)
var newPattern = regexp.MustCompile(`(?is)^\s*(?:nytt(?:\s+ärende)?|new(?:\s+incident)?)\s*[:,]\s*(.+)$`)
