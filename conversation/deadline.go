package conversation

import (
	"slices"
	"time"

	"frist/conversation/reading"
)

// Stockholm is the time zone in which every time is shown.
func Stockholm() *time.Location {
	loc, err := reading.Stockholm()
	if err != nil {
		panic("the embedded time zone database lacks Europe/Stockholm")
	}
	return loc
}

// Deadline is awareness plus the limit, as an absolute time: weekends, holidays and summer time do not move it
// (GDPR article 33.1; Regulation 1182/71 article 3.4 extends only periods that are not expressed in hours).
func Deadline(aware time.Time, limit time.Duration) time.Time { return aware.Add(limit) }

// awareness is the earlier of the first message's receipt and the answer to the question of discovery.
func (in *Incident) awareness(f *Form) time.Time {
	if a, ok := in.Answers[f.key(PurposeAware)]; ok {
		if at, ok := a.Value.Instant(Stockholm()); ok && at.Before(in.ReportedAt) {
			return at
		}
	}
	return in.ReportedAt
}

// LateAt reports whether the notification is, or would at now be, later than the deadline: the filing counts once there is
// one, before that the decision, before that the present.
func (in *Incident) LateAt(now time.Time) bool {
	switch {
	case in.Filing != nil:
		now = in.Filing.At
	case in.Decision != nil && in.Decision.Outcome != OutcomeReturn:
		now = in.Decision.At
	}
	return now.After(in.DeadlineAt)
}

// Applies reports whether a field's condition holds.
func (in *Incident) Applies(f *Form, fd *Field, now time.Time) bool {
	w := fd.When
	if w == nil {
		return true
	}
	if w.Fact != "" {
		return w.Fact == "late" && in.LateAt(now)
	}
	other := f.Field(w.Field)
	return in.Applies(f, other, now) && slices.Contains(w.In, in.Answers[w.Field].Value.Choice)
}

// Next walks the role's questions in order and returns the first that applies and has no answer; nil if there is none.
func (in *Incident) Next(f *Form, role Role, now time.Time) *Field {
	for _, fd := range in.open(f, role, now) {
		return fd
	}
	return nil
}

// open lists the role's questions that apply and have no answer, in the order of asking.
func (in *Incident) open(f *Form, role Role, now time.Time) []*Field {
	var out []*Field
	for _, key := range f.Order[role] {
		fd := f.Field(key)
		if _, answered := in.Answers[key]; answered || !in.Applies(f, fd, now) || key == FieldUnit && in.UnitKnown {
			continue
		}
		out = append(out, fd)
	}
	return out
}

// Progress counts the role's questions that apply: answered and in all.
func (in *Incident) Progress(f *Form, role Role, now time.Time) (done, total int) {
	for _, key := range f.Order[role] {
		if !in.Applies(f, f.Field(key), now) || key == FieldUnit && in.UnitKnown {
			continue
		}
		total++
		if _, ok := in.Answers[key]; ok {
			done++
		}
	}
	return done, total
}
