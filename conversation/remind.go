package conversation

import (
	"fmt"
	"time"
)

// remind sends the most urgent reminder that has come due; false if none has. Who has just been sent the notification for review is not
// reminded of it in the same breath.
func (t *turn) remind(reviewed bool) bool {
	in := t.Incident
	due, passed, ok := in.dueReminder(t.Organisation.Rules, t.Now)
	if !ok {
		return false
	}
	if in.Reminded == nil {
		in.Reminded = map[string]time.Time{}
	}
	for _, key := range passed {
		in.Reminded[key] = t.Now
	}
	t.event("reminded", "", due.Key)
	r := reminding{t, due, map[PersonID]bool{}}
	for _, o := range t.Outbound {
		r.told[o.Person] = r.told[o.Person] || o.Kind == MessageReview
	}
	if p := t.Person(in.Reporter); p != nil && in.reporting() && !in.answering(t.Now) {
		done, total := in.Progress(t.Form, RoleReporter, t.Now)
		lines := []Line{{TextWaitsReporter, args("done", itoa(done), "total", itoa(total))}}
		if reviewed {
			lines = append(lines, Line{Key: TextToldReview})
		}
		r.send(p, lines...)
	}
	waited := in.Reporter
	if waits := t.waits(); waits != "" {
		for i, p := range t.awaited() {
			if i == 0 {
				waited = p.ID
			}
			r.send(p, Line{Key: waits})
		}
	}
	if c := t.unit().contact(PostDeputy); c != nil && in.DeadlineAt.Sub(t.Now) <= t.Organisation.Rules.DeputyFrom {
		if p := t.Person(c.Person); p != nil && !r.told[p.ID] {
			t.join(p.ID, RoleDSO, PostDeputy)
			r.send(p, Line{TextWaitsOther, args("name", t.name(waited))})
		}
	}
	return true
}

// answeringFor is how long after an answer the reporter is taken to be at the questions.
const answeringFor = 10 * time.Minute

// answering reports whether the reporter is at the questions just now, where a reminder to answer them would only come in between. An answer
// that moves the deadline may make one due.
func (in *Incident) answering(now time.Time) bool {
	for _, a := range in.Answers {
		if a.Author == in.Reporter && now.Sub(a.At) < answeringFor {
			return true
		}
	}
	return false
}

// waits is what the DSO's side is waited for, "" for nothing.
func (t *turn) waits() string {
	in := t.Incident
	switch {
	case in.Status == StatusUnverified:
		return TextWaitsConfirm
	case in.Status == StatusApproved:
		return TextWaitsFiling
	case in.ReviewSent > 0:
		return TextWaitsReview
	case in.Watch.TakenBy == "":
		return TextWaitsTake
	}
	return ""
}

// reminding is one reminder and who has been told.
type reminding struct {
	*turn
	due  threshold
	told map[PersonID]bool
}

// send reminds a person, once.
func (r *reminding) send(p *Person, waits ...Line) {
	in := r.Incident
	if r.told[p.ID] {
		return
	}
	r.told[p.ID] = true
	first := Line{TextReminder, args("left", minutes(in.DeadlineAt.Sub(r.Now)))}
	if r.due.Overdue || r.Now.After(in.DeadlineAt) {
		first = Line{TextReminderOverdue, args("over", minutes(r.Now.Sub(in.DeadlineAt)))}
	}
	out := r.message(p, MessageReminder)
	out.Lines = append([]Line{first}, waits...)
	out.Dedup = fmt.Sprintf("%s/%s/%d/%s", in.ID, r.due.Key, in.DeadlineAt.Unix(), p.ID)
	r.Outbound = append(r.Outbound, out)
}
