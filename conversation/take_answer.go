package conversation

import (
	"cmp"
	"slices"
	"strings"

	"frist/conversation/reading"
)

// took stores what was read, holds it for a choice, or says why it was not accepted.
func (t *turn) took(fd *Field, v Value, open bool, p reading.Problem) {
	if !t.mayAnswer(fd) {
		return
	}
	if p.OK() && fd.PlainChoice && !fd.Own && strings.TrimSpace(v.Comment) != "" {
		p = reading.Problem{Key: reading.ChoiceUnknown, Detail: v.Choice + " " + v.Comment} // the form has no room for a comment there
	}
	switch {
	case !p.OK():
		t.problem(fd, v, p)
	case v.size() > t.Organisation.Rules.AnswerMax:
		t.tooLong(fd.Key)
		t.more = t.more && v.Entries != nil
		t.miss(fd)
	case open:
		t.hold(Pending{Why: "open", Field: fd.Key, Value: v, More: t.more})
	case hasPersonnummer(v):
		t.hold(Pending{Why: "personnummer", Field: fd.Key, Value: v, Inbound: t.Inbound.ID, More: t.more})
		t.event("personnummer_found", fd.Key, "")
	default:
		t.store(fd, v)
	}
}

// store takes a value as the field's answer, or as a proposal once the reporter has finished.
func (t *turn) store(fd *Field, v Value) {
	c, in := t.Conversation, t.Incident
	c.Misses = 0
	t.giveUp(fd.Key)
	if c.Changing == fd.Key {
		c.Changing = ""
	}
	settled := c.Finished || in.Status == StatusApproved
	if in.Filing != nil || c.Role == RoleReporter && settled && (!fd.Own || fd.Key == FieldUnit) {
		t.propose(fd, v)
		t.goOn(fd, v)
		return
	}
	_, had := in.Answers[fd.Key]
	t.accept(fd, v)
	if t.goOn(fd, v) {
		return
	}
	t.readBack(fd, v, had)
	t.advise(fd, v)
}

// readBack tells how an answer was understood, where it can have been misunderstood.
func (t *turn) readBack(fd *Field, v Value, had bool) {
	switch {
	case v.Blank && v.Unknown:
		t.say(TextUnknown, "field", fd.Key)
	case v.Blank:
		t.say(TextBlank, "field", fd.Key)
	case fd.Kind == KindDate:
		t.say(TextReadDate, "field", fd.Key, "date", v.Date, "time", v.Time)
	case had && fd.Kind != KindGroup: // an entry is added to what there is
		t.say(TextChanged, "field", fd.Key)
	case fd.Kind == KindChoice && !fd.Own:
		t.say(TextReadValue, "field", fd.Key, "value", t.inWords(fd, v.Choice))
	case fd.Kind == KindChoices:
		t.say(TextReadValue, "field", fd.Key, "value", t.inWords(fd, v.Choices...))
	case fd.Kind == KindCount && v.Exact != nil:
		t.say(TextReadValue, "field", fd.Key, "value", itoa(int(*v.Exact)))
	case fd.Kind == KindCount:
		t.say(TextReadValue, "field", fd.Key, "value", t.inWords(fd, v.Interval))
	default:
		t.say(TextSaved, "field", fd.Key)
	}
}

// inWords are options as the sender reads them.
func (t *turn) inWords(fd *Field, labels ...string) string {
	out := slices.Clone(labels)
	for i, label := range out {
		if o := fd.Option(label); o != nil && t.Sender.lang(t.Organisation) == English {
			out[i] = o.EN
		}
	}
	return strings.Join(out, "; ")
}

// advise says what an answer makes urgent: the steps for the kind of incident, and whom to ring when a protected identity may be involved.
func (t *turn) advise(fd *Field, v Value) {
	switch fd.Key {
	case FieldKind:
		if o := fd.Option(v.Choice); o != nil {
			t.steps(o.Key)
		}
	case FieldProtected:
		o := fd.Option(v.Choice)
		if v.Blank || o != nil && o.Key == "no" {
			return
		}
		t.callNow()
	}
}

// steps says what to do now, by kind of incident.
func (t *turn) steps(kind string) {
	for n := 1; n <= Steps[kind]; n++ {
		t.lines = append(t.lines, Line{Key: StepKey(kind, itoa(n))})
	}
	if Steps[kind] > 0 {
		t.say(TextStepsDone)
	}
}

// callNow gives the reporter the numbers to ring, and tells the DSO's side that it may concern protected identities.
func (t *turn) callNow() {
	u := t.unit()
	var withPhone []Contact
	for _, c := range u.Chain {
		if c.Phone != "" {
			withPhone = append(withPhone, c)
		}
	}
	if len(withPhone) > 0 {
		next := withPhone[len(withPhone)-1]
		if len(withPhone) == 1 {
			next = Contact{}
		}
		t.say(TextCallNow, "name", withPhone[0].Name, "phone", withPhone[0].Phone, "next", next.Name, "next_phone", next.Phone)
	}
	for _, p := range t.staff() {
		t.tell(p, Line{Key: TextAlertProtected})
	}
}

// problem says why an answer was not accepted.
func (t *turn) problem(fd *Field, v Value, p reading.Problem) {
	if p.Suggest != "" && fd.Kind == KindCount {
		t.hold(Pending{Why: "suggest", Field: fd.Key, Value: Value{Interval: p.Suggest}})
		return
	}
	t.say(ProblemKey(p.Key), "detail", p.Detail, "suggest", p.Suggest, "field", fd.Key)
	t.miss(fd)
}

// miss counts an answer that was not understood; too many leave the question open, with a mark.
func (t *turn) miss(fd *Field) {
	c := t.Conversation
	if !t.missed {
		c.Misses++ // once a message, however many of its answers were not understood
	}
	t.missed = true
	c.Missed, c.MissedBy = fd.Key, cmp.Or(t.Inbound.Edits, t.Inbound.ID)
	t.event("not_understood", fd.Key, "")
	if c.Role != RoleReporter {
		return
	}
	t.asked = fd
	if c.Misses < missesMax {
		return
	}
	text := t.Inbound.Text
	if len(text) > t.Organisation.Rules.AnswerMax {
		text = ""
	}
	if _, answered := t.Incident.Answers[fd.Key]; !answered && !c.Finished {
		t.asked = nil
		t.store(fd, Value{Blank: true, Unknown: true, Comment: reading.MaskPersonnummer(text, t.maskText())})
	}
	c.Misses, c.Changing = 0, ""
}

// tooLong says that nothing was kept, and how long an answer may be.
func (t *turn) tooLong(field string) {
	t.say(TextTooLong, "field", field, "max", itoa(t.Organisation.Rules.AnswerMax))
}

// blank passes a question over.
func (t *turn) blank(fd *Field, unknown bool) {
	if t.mayAnswer(fd) {
		t.store(fd, Value{Blank: true, Unknown: unknown})
	}
}

// dontKnow picks the list's own unknown option, else leaves a blank that is marked for a supplement.
func (t *turn) dontKnow(fd *Field) {
	if t.mayAnswer(fd) {
		t.store(fd, unknownValue(fd))
	}
}

func unknownValue(fd *Field) Value {
	o := fd.UnknownOption()
	switch {
	case o == nil:
		return Value{Blank: true, Unknown: true}
	case fd.Kind == KindCount:
		return Value{Interval: o.Label}
	case fd.Kind == KindChoices:
		return Value{Choices: []string{o.Label}}
	}
	return Value{Choice: o.Label}
}
