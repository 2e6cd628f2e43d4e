package conversation

import (
	"strings"

	"frist/conversation/reading"
)

// Begin takes the first message of an incident: the DSO is alerted, the reporter gets the receipt and the first question. It is
// pure, like Turn.
func Begin(s Situation, text string) Result {
	t := &turn{Situation: s}
	in := t.Incident
	t.event("reported", "", string(t.Inbound.From.Channel))
	t.prefill()
	if subject := strings.TrimSpace(t.Inbound.Subject); isGreeting(text) && subject != "" {
		text = subject
	}
	masked := reading.MaskPersonnummer(text, t.maskText())
	in.FirstMessage, in.FirstInbound = masked, t.Inbound.ID
	kind, clear := readKind(t.Inbound.Subject + "\n" + text)
	t.noteKind(kind, clear)
	if !in.UnitKnown {
		t.event("unit_unknown", FieldUnit, in.Unit)
	}
	if t.call(t.firstContact()); len(in.Watch.Called) == 0 {
		t.Alarms = append(t.Alarms, Line{AlarmNobody, args("number", in.Number)})
	}
	t.receipt(kind, clear)
	if masked != text {
		t.say(TextReceiptMasked)
		t.event("personnummer_masked", "", "")
		t.EraseRaw = true
	}
	t.filesCame() // the alert tells the DSO of them
	t.ask()
	return t.Result
}

// noteKind answers the question of the kind of incident, where the first message has told it beyond doubt.
func (t *turn) noteKind(kind string, clear bool) {
	fd := t.Form.Field(FieldKind)
	if fd == nil || !clear {
		return
	}
	for _, o := range fd.Options {
		if o.Key == kind {
			t.Incident.Answers[FieldKind] = Answer{Value: Value{Choice: o.Label}, Role: RoleReporter, At: t.Now, Inbound: t.Inbound.ID}
		}
	}
}

// firstContact is who is called first: the DSO, unless it is the DSO who reports.
func (t *turn) firstContact() *Contact {
	u := t.unit()
	for i := range u.Chain {
		if u.Chain[i].Person != t.Incident.Reporter {
			return &u.Chain[i]
		}
	}
	return &u.Chain[0]
}

// receipt says what the reporter needs first: that it has arrived, what to do now, who is alerted, and that little is enough for tonight.
func (t *turn) receipt(kind string, clear bool) {
	t.say(TextReceipt, "number", t.Incident.Number)
	if clear {
		t.say(TextReceiptKind, "kind", kind)
		t.steps(kind)
	} else {
		t.say(TextReceiptKindAsk)
	}
	name := t.firstContact().Name
	if t.Incident.UnitKnown {
		t.say(TextReceiptAlerted, "name", name)
	} else {
		t.say(TextReceiptDefault, "name", name)
	}
	t.say(TextReceiptEnough)
	t.say(TextWhoReads)
}
