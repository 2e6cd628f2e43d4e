package conversation

import (
	"errors"
	"strings"
	"time"
)

// absenceKnown is for how long an automatic reply tells of an absence: most programs send one a week to each address, so that the next alert
// gets none.
const absenceKnown = 7 * 24 * time.Hour

// absent deals with an automatic reply that says that its sender is away: wherever they were called, the next is called at once. Without a thread the
// sender has to be authenticated, or anybody could send the DSO on leave.
func (h *handling) absent(thread *Thread) error {
	p, err := h.tx.PersonByAddress(h.in.From)
	if errors.Is(err, ErrNotFound) || err == nil && (thread != nil && thread.Person != p.ID || thread == nil && !h.in.Authenticated) {
		return h.aside(thread, "automatic", h.in.Automatic)
	}
	if err != nil {
		return err
	}
	p.AbsentAt = h.in.At
	if err := h.tx.SavePerson(p); err != nil {
		return err
	}
	ids, err := h.tx.OpenIncidents(p.ID)
	if err != nil {
		return err
	}
	var last IncidentID
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return err
		}
		if !in.called(p.ID) {
			continue
		}
		s, err := h.situation(in)
		if err != nil {
			return err
		}
		t := &turn{Situation: s}
		t.away(p)
		if err := h.commit(in, t.Result); err != nil {
			return err
		}
		last = id
	}
	return h.tx.FinishInbound(h.in.ID, last, "absent", true, h.now)
}

// away notes that somebody who was called is away, and calls the next. Where there is no next and nobody has the incident, the administrator is told.
func (t *turn) away(p *Person) {
	in := t.Incident
	for i := range in.Watch.Called {
		c := &in.Watch.Called[i]
		if c.Person != p.ID || c.Former {
			continue
		}
		if c.Absent {
			return
		}
		c.Absent = true
		c.Declined = c.Declined || in.Watch.TakenBy != p.ID
	}
	t.record(Event{At: t.Now, Name: "absent", Person: p.ID})
	if in.decided() || in.Watch.TakenBy != "" && in.Watch.TakenBy != p.ID {
		return
	}
	switch next := in.nextContact(t.unit()); {
	case next != nil:
		t.call(next, Line{TextAlertAbsent, args("name", t.name(p.ID))})
	case in.Watch.TakenBy == "":
		t.Alarms = append(t.Alarms, Line{AlarmAbsent, args("number", in.Number, "name", t.name(p.ID))})
	}
}

// knownAway reports whether the person is known to be away, and has not written since.
func (p *Person) knownAway(now time.Time) bool {
	return !p.AbsentAt.IsZero() && now.Sub(p.AbsentAt) < absenceKnown
}

// unprompted reports whether a mail that is told to be automatic by its words alone cannot be: a program answers a mail of ours, and its sender
// has been sent none that could have brought it about. Such words begin a report as well ("Frånvarolistan …", "Jag är ledig och har tappat …").
func (h *handling) unprompted(thread *Thread) (bool, error) {
	if !h.in.Guessed || thread != nil || !h.in.Authenticated || !h.Organisation.allowed(h.in.From.ID) || numberPattern.MatchString(h.in.Subject) ||
		strings.EqualFold(h.in.From.ID, h.Organisation.Administrator) {
		return false, nil
	}
	p, err := h.tx.PersonByAddress(h.in.From)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	if err != nil || h.Organisation.staff(p.ID) {
		return false, err
	}
	ids, err := h.tx.OpenIncidents(p.ID)
	return len(ids) == 0, err
}
