package conversation

import (
	"cmp"
	"slices"

	"frist/conversation/reading"
)

// heldMax is how much of one person waits for their choice: whoever writes on without ever choosing would fill the incident.
const heldMax = 10

// full reports whether nothing more can wait, or the text is too long to.
func (c *Conversation) full(text string, rules Rules) bool {
	return len(c.Held) >= heldMax || len(text) > rules.AnswerMax
}

// hold keeps a value, sealed, until its writer has chosen what becomes of it; what is held already for the field is given up.
func (t *turn) hold(p Pending) {
	c := t.Conversation
	t.giveUp(p.Field)
	if c.Pending != nil && c.full(p.Text, t.Organisation.Rules) {
		t.say(TextHeldFull)
		t.confirm()
		return
	}
	if p.Inbound == "" {
		p.Inbound = cmp.Or(t.from, t.Inbound.ID)
	}
	if p.Origin == "" {
		p.Origin = cmp.Or(t.origin, t.Inbound.Edits)
	}
	if c.Pending != nil {
		c.Held = append(c.Held, p)
		return
	}
	c.Pending = &p
	t.confirm()
}

// confirm asks for the choice about what is held.
func (t *turn) confirm() {
	p := t.Conversation.Pending
	fd := t.Form.Field(p.Field)
	yesNo := []Choice{{ButtonYes, "ja"}, {ButtonNo, "nej"}}
	switch p.Why {
	case "personnummer":
		t.say(TextPersonnummer, "field", fd.Key)
		t.choices = []Choice{{ButtonMask, "maskera"}, {ButtonKeep, "behåll"}}
	case "open":
		t.say(TextOpenConfirm, "field", fd.Key, "value", p.Value.Choice)
		t.choices = yesNo
	case "suggest":
		t.say(TextSuggest, "field", fd.Key, "value", t.inWords(fd, p.Value.Interval))
		t.choices = yesNo
	case "new":
		t.say(TextNewOrThis, "number", t.Incident.Number)
		t.choices = []Choice{{ButtonNew, "nytt"}, {ButtonOld, "detta"}, {ButtonDrop, "släng"}}
		return
	case "doubtful":
		t.say(TextDoubtfulConfirm, "text", p.Text)
		t.choices = yesNo
	case "which":
		return // asked outside the incident
	case "unseen":
		t.say(TextUnseen, "field", fd.Key, "previous", t.Conversation.Previous, "text", p.Text)
		t.choices = []Choice{{ButtonPrevious, "förra"}, {ButtonThis, "denna"}, {ButtonDrop, "släng"}}
	}
	t.asked = fd
}

// release ends what is held: the raw text of the message that it came with is erased where erase says so, and what waits behind it comes up.
func (t *turn) release(erase bool) {
	c := t.Conversation
	if c.Pending == nil {
		return
	}
	if erase && c.Pending.Inbound != "" {
		t.Release = append(t.Release, c.Pending.Inbound)
	}
	c.Pending, t.choices = nil, nil
	if len(c.Held) > 0 {
		p := c.Held[0]
		c.Pending, c.Held = &p, c.Held[1:]
	}
}

// giveUp drops what is held for a field that has been answered anew.
func (t *turn) giveUp(field string) {
	c := t.Conversation
	c.Held = slices.DeleteFunc(c.Held, func(p Pending) bool {
		if p.Field != field || !p.answer() {
			return false
		}
		if p.Inbound != "" {
			t.Release = append(t.Release, p.Inbound)
		}
		return true
	})
	if c.Pending != nil && c.Pending.Field == field && c.Pending.answer() {
		t.release(true)
	}
}

// answer reports whether it is an answer that is held, and not a text of which it is unclear where it belongs: that waits whatever is answered.
func (p Pending) answer() bool {
	return p.Why == "personnummer" || p.Why == "open" || p.Why == "suggest" || p.Why == "doubtful"
}

// pending takes the person's choice about what is held; false if the message is none and is to be read as usual. What is held stays so until it is
// chosen about, or the field is answered anew.
func (t *turn) pending(text string) bool {
	p, fd := *t.Conversation.Pending, t.Form.Field(t.Conversation.Pending.Field)
	t.from, t.origin, t.more = p.Inbound, p.origin(), p.More
	defer func() { t.from, t.origin = "", "" }()
	word := bare(text)
	cmd, _ := reading.ReadCommand(text)
	yes := yesWords[word]
	no := slices.Contains([]string{"nej", "nä", "no", "nope"}, word)
	switch {
	case p.Why == "personnummer" && cmd.Name == reading.Mask:
		t.release(true)
		t.store(fd, p.Value.texts(func(s string) string { return reading.MaskPersonnummer(s, t.maskText()) }))
		t.say(TextPersonnummerMasked, "field", fd.Key)
		t.event("personnummer_masked", fd.Key, "")
	case p.Why == "personnummer" && cmd.Name == reading.Keep:
		t.release(false)
		t.store(fd, p.Value)
		t.say(TextPersonnummerKept, "field", fd.Key)
		t.event("personnummer_kept", fd.Key, "")
	case (p.Why == "open" || p.Why == "suggest") && yes:
		t.release(false)
		if hasPersonnummer(p.Value) {
			t.hold(Pending{Why: "personnummer", Field: p.Field, Value: p.Value, Inbound: p.Inbound, More: p.More})
			return true
		}
		t.store(fd, p.Value)
	case (p.Why == "open" || p.Why == "suggest") && no:
		t.release(false)
		t.asked = fd
	case p.Why == "doubtful" && yes:
		t.release(false)
		t.sure(p)
	case p.Why == "doubtful" && no:
		t.release(true)
		t.say(TextDoubtful)
		t.asked = fd
	case p.Why == "unseen" && (word == "förra" || word == "previous"):
		t.release(false)
		t.addToPrevious(p.Text)
	case p.Why == "unseen" && (word == "denna" || word == "this"):
		t.release(false)
		t.answerText(fd, p.Text)
	case p.Why == "unseen" && (word == "släng" || word == "drop"):
		t.release(true)
		t.say(TextUnseenDropped)
	case p.Why == "new" && slices.Contains([]string{"detta", "detta ärende", "denna", "this", "this one"}, word):
		t.release(false)
		t.addNews(p.Text)
	case p.Why == "new" && (word == "släng" || word == "drop"):
		t.release(true)
		t.say(TextUnseenDropped)
	default:
		t.more = false
		return false
	}
	return true
}

// addToPrevious adds a late text to the answer before, if that is free text; else it is read as that answer.
func (t *turn) addToPrevious(text string) {
	fd := t.Form.Field(t.Conversation.Previous)
	if fd == nil {
		t.say(TextAlreadyDone)
		return
	}
	if old := t.Incident.Answers[fd.Key].Value; fd.Kind == KindText && old.Text != "" {
		text = old.Text + "\n" + text
	}
	t.answerText(fd, text)
}

// addNews adds what a reporter wrote besides to what happened; from the DSO's side it is only noted that it came.
func (t *turn) addNews(text string) {
	fd := t.Form.For(PurposeWhat)
	if fd == nil || t.Conversation.Role != RoleReporter {
		t.say(TextDSOHelp)
		return
	}
	if old := t.Incident.Answers[fd.Key].Value.Text; old != "" {
		text = old + "\n" + text
	}
	t.answerText(fd, text)
}

// takeHeld takes out what is held for a reason, be it asked about or waiting behind.
func (c *Conversation) takeHeld(why string) (p Pending, ok bool) {
	all := slices.Clone(c.Held)
	if c.Pending != nil {
		all = append([]Pending{*c.Pending}, all...)
	}
	i := slices.IndexFunc(all, func(p Pending) bool { return p.Why == why })
	if i < 0 {
		return p, false
	}
	p = all[i]
	all = slices.Delete(all, i, i+1)
	c.Pending, c.Held = nil, nil
	if len(all) > 0 {
		c.Pending, c.Held = &all[0], all[1:]
	}
	return p, true
}
