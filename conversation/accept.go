package conversation

import (
	"cmp"
	"reflect"
	"slices"
)

// accept makes a value the field's answer.
func (t *turn) accept(fd *Field, v Value) {
	in := t.Incident
	old, had := in.Answers[fd.Key]
	if had && reflect.DeepEqual(old.Value, v) {
		return
	}
	if !fd.Own {
		in.Revision++
	}
	in.Answers[fd.Key] = Answer{Value: v, Author: t.Sender.ID, Role: t.Conversation.Role, At: t.Now, Revision: in.Revision, Inbound: cmp.Or(t.origin, t.Inbound.Edits, t.Inbound.ID)}
	t.changed = append(t.changed, fd.Key)
	t.event("answered", fd.Key, "")
	if fd.Key == FieldUnit {
		t.moveUnit(v.Choice)
	}
	if !fd.Own {
		t.void(fd.Key)
	}
}

// void ends an approval that no longer stands for what there is.
func (t *turn) void(field string) {
	in := t.Incident
	if in.Decision == nil || in.Decision.Outcome != OutcomeApprove || in.Filing != nil {
		return
	}
	in.Decision, in.Status = nil, StatusInReview
	t.event("approval_void", field, "")
	for _, p := range t.others() {
		t.tell(p, Line{TextVoid, args("field", field)})
	}
	if t.Conversation.Role == RoleDSO {
		t.say(TextVoid, "field", field)
	}
	t.tellReporter(Line{Key: TextToldVoid})
}

// moveUnit makes the incident another unit's, when the reporter has said which: its people are called, those of the other are told, and
// what the settings answer is another, so that no earlier version can be approved.
func (t *turn) moveUnit(name string) {
	in := t.Incident
	i := slices.IndexFunc(t.Organisation.Units, func(u Unit) bool { return u.Name == name })
	if i < 0 {
		return
	}
	u := &t.Organisation.Units[i]
	in.UnitKnown = true
	if t.Sender.ID == in.Reporter {
		t.Sender.Unit = u.ID
	}
	if u.ID == in.Unit {
		return
	}
	before := t.staff()
	in.Unit = u.ID
	t.prefill()
	in.Revision++
	t.event("unit_changed", FieldUnit, u.ID)
	t.void(FieldUnit)
	first := t.firstContact()
	shared := func(c Call) bool { return c.Person == first.Person && !c.Declined && !c.Former }
	if slices.ContainsFunc(in.Watch.Called, shared) {
		return // the units share their DSO
	}
	in.Watch.TakenBy = ""
	for i := range in.Watch.Called {
		in.Watch.Called[i].Declined, in.Watch.Called[i].Former = true, true
	}
	t.settleCards(Line{TextUnitMoved, args("unit", u.Name)})
	for _, p := range before {
		t.tell(p, Line{TextUnitMoved, args("unit", u.Name)})
	}
	t.call(first, Line{Key: TextAlertUnit})
	if in.ReviewSent > 0 && in.Status == StatusInReview {
		t.review(Line{TextReviewChanged, args("fields", FieldUnit)})
	}
}

// prefill gives the answers that the settings have for the unit; they never replace a person's.
func (t *turn) prefill() {
	in := t.Incident
	u := t.unit()
	for _, fd := range t.Form.Fields {
		if fd.Asked != RoleSettings {
			continue
		}
		if a, ok := in.Answers[fd.Key]; ok && a.Role != RoleSettings {
			continue
		}
		delete(in.Answers, fd.Key)
		if v, ok := u.Answers[fd.Key]; ok {
			in.Answers[fd.Key] = Answer{Value: v, Role: RoleSettings, At: t.Now, Revision: in.Revision}
		}
	}
}
