package conversation

import (
	"reflect"
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
	in.Answers[fd.Key] = Answer{Value: v, Author: t.Sender.ID, Role: t.Conversation.Role, At: t.Now, Revision: in.Revision, Inbound: t.Inbound.ID}
	t.changed = append(t.changed, fd.Key)
	t.event("answered", fd.Key, "")
	switch fd.Key {
	case FieldUnit:
		t.moveUnit(v.Choice)
	case FieldAware:
		in.AwareAt = in.awareness()
	}
	if d := in.Decision; d != nil && !fd.Own && d.Outcome == OutcomeApprove && in.Filing == nil {
		in.Decision, in.Status = nil, StatusInReview
		t.event("approval_void", fd.Key, "")
		for _, p := range t.staff() {
			if p.ID != t.Sender.ID {
				t.tell(p, Line{TextVoid, args("field", fd.Key)})
			}
		}
		if t.Conversation.Role == RoleDSO {
			t.say(TextVoid, "field", fd.Key)
		}
		t.tellReporter(Line{Key: TextToldVoid})
	}
}

// moveUnit makes the incident another unit's, when the reporter has said which.
func (t *turn) moveUnit(name string) {
	in := t.Incident
	for _, u := range t.Organisation.Units {
		if u.Name != name {
			continue
		}
		in.UnitKnown = true
		t.Sender.Unit = u.ID
		if u.ID == in.Unit {
			return
		}
		in.Unit = u.ID
		t.prefill()
		t.event("unit_changed", FieldUnit, u.ID)
		t.call(&u.Chain[0], Line{Key: TextAlertUnit})
		return
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
