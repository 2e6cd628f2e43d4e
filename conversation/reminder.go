package conversation

import (
	"fmt"
	"time"
)

// A threshold is an instant at which whoever is waited for is reminded.
type threshold struct {
	Key     string
	At      time.Time
	Overdue bool
}

// thresholds lists the incident's reminders in order of time.
func (in *Incident) thresholds(r Rules) []threshold {
	var out []threshold
	if in.Status == StatusUnverified {
		// It may be nothing at all: it is brought to mind twice, and then left where it is.
		r.Reminders, r.OverdueMax = r.Reminders[:min(len(r.Reminders), 2)], 0
	}
	for _, left := range r.Reminders {
		out = append(out, threshold{Key: fmt.Sprintf("left-%s", left), At: in.DeadlineAt.Add(-left)})
	}
	for i := 1; i <= r.OverdueMax; i++ {
		over := time.Duration(i) * r.OverdueEvery
		out = append(out, threshold{Key: fmt.Sprintf("over-%s", over), At: in.DeadlineAt.Add(over), Overdue: true})
	}
	return out
}

// dueReminder returns the most urgent reminder whose time has come and that is not decided; all that came due count as decided
// with it.
func (in *Incident) dueReminder(r Rules, now time.Time) (due threshold, passed []string, ok bool) {
	for _, t := range in.thresholds(r) {
		if t.At.After(now) {
			break
		}
		if !in.reminded(t) {
			due, ok = t, true
			passed = append(passed, t.Key)
		}
	}
	return due, passed, ok
}

// reminded reports whether a reminder is decided. One that was decided before its time, as the deadline now stands, comes again: the
// deadline has moved away.
func (in *Incident) reminded(t threshold) bool {
	at, ok := in.Reminded[t.Key]
	return ok && !at.Before(t.At)
}

// NextDue is the earliest instant at which time alone changes something: a call to the next in the chain, the review that is
// sent as it stands, a reminder. Zero if nothing is left to come.
func (in *Incident) NextDue(o *Organisation, now time.Time) time.Time {
	if !in.Status.Open() {
		return time.Time{}
	}
	var next time.Time
	earliest := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if in.Status == StatusUnverified && len(in.Watch.Called) == 0 {
		earliest(in.AnnounceAt)
	}
	if _, at, ok := in.nextCall(o); ok {
		earliest(at)
	}
	if at, ok := in.reviewAt(o.Rules); ok {
		earliest(at)
	}
	for _, t := range in.thresholds(o.Rules) {
		if !in.reminded(t) {
			earliest(t.At)
			break
		}
	}
	return next
}

// nextCall returns who is called next and when, while nobody has taken the incident.
func (in *Incident) nextCall(o *Organisation) (c *Contact, at time.Time, ok bool) {
	u := o.Unit(in.Unit)
	if u == nil || in.Watch.TakenBy != "" || len(in.Watch.Called) == 0 || in.decided() {
		return nil, time.Time{}, false
	}
	if c = in.nextContact(u); c == nil {
		return nil, time.Time{}, false
	}
	last := in.Watch.Called[len(in.Watch.Called)-1]
	at = last.At.Add(o.Rules.AnswerWithin)
	if last.Declined {
		at = last.At
	}
	return c, at, true
}

// nextContact is the first of the unit's chain who has not been called, nil if all have.
func (in *Incident) nextContact(u *Unit) *Contact {
	for i := range u.Chain {
		if p := u.Chain[i].Person; !in.called(p) && p != in.Reporter {
			return &u.Chain[i]
		}
	}
	return nil
}

func (in *Incident) called(p PersonID) bool {
	for _, c := range in.Watch.Called {
		if c.Person == p && !c.Former {
			return true
		}
	}
	return false
}

// reviewAt is when the notification is sent for review as it stands, if it has not been: at the time left that the rules say; after it was
// returned, halfway to the deadline, so that the reporter has time to mend it.
func (in *Incident) reviewAt(r Rules) (at time.Time, ok bool) {
	if in.ReviewSent != 0 || in.Status != StatusReported {
		return at, false
	}
	at = in.DeadlineAt.Add(-r.ReviewAt)
	if d := in.Decision; d != nil && d.Outcome == OutcomeReturn {
		half := d.At.Add(in.DeadlineAt.Sub(d.At) / 2)
		if !half.After(d.At) {
			return at, false // the deadline has passed: it goes to review when the reporter is done
		}
		if half.After(at) {
			at = half
		}
	}
	return at, true
}

// decided reports whether a decision stands that ends the questions; a return does not.
func (in *Incident) decided() bool {
	return in.Decision != nil && in.Decision.Outcome != OutcomeReturn
}

// reporting reports whether the reporter is still being asked.
func (in *Incident) reporting() bool {
	c := in.conversation(in.Reporter)
	return in.Status.Open() && !in.decided() && c != nil && !c.Finished && !c.Ended
}

func (in *Incident) conversation(p PersonID) *Conversation {
	for _, c := range in.Conversations {
		if c.Person == p {
			return c
		}
	}
	return nil
}
