package conversation

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"frist/conversation/reading"
)

// nextListed is how many further questions a mail lists below the one that it asks.
const nextListed = 5

// missesMax is how many misunderstood answers in a row leave a question open, so that no loop is endless.
const missesMax = 4

// reporter takes one message from the person who reported.
func (t *turn) reporter() {
	c, in := t.Conversation, t.Incident
	if !in.Status.Open() && in.Filing == nil {
		t.say(TextClosed, "number", in.Number)
		t.reply(MessageNotice)
		return
	}
	resumed := c.Paused
	c.Paused = false
	switch {
	case t.Inbound.Fields != nil:
		t.card()
	case c.Pending != nil && t.pending(strings.TrimSpace(t.Inbound.Text)):
	case t.Inbound.Doubtful:
		t.say(TextDoubtful)
	default:
		if !t.reporterCommand(t.Inbound.Text) {
			t.reporterAnswers()
		} else if resumed && len(t.lines) == 0 {
			t.say(TextResumed)
		}
	}
	if !t.silent {
		t.ask()
	}
}

// bound is the question that the message answers: the one its token or reference names, else the one last delivered before it was
// written. seen is false if its writer had not seen the open question.
func (t *turn) bound() (fd *Field, seen bool) {
	c := t.Conversation
	if t.Thread != nil && t.Thread.Field != "" && t.Thread.Kind == MessageQuestion {
		return t.Form.Field(t.Thread.Field), true
	}
	if c.Delivered == "" {
		return nil, true
	}
	// A mail's receipt is told in whole seconds (RFC 3501 INTERNALDATE).
	if t.SeenAt.IsZero() || t.Inbound.At.Before(t.SeenAt.Truncate(time.Second)) {
		return t.Form.Field(c.Previous), false
	}
	return t.Form.Field(c.Delivered), true
}

// card takes a submitted card.
func (t *turn) card() {
	fd, _ := t.bound()
	if name := t.Inbound.Fields["field"]; name != "" {
		fd = t.Form.Field(name)
	}
	switch verb := t.Inbound.Fields["verb"]; verb {
	case "", "answer":
	case "say":
		t.Inbound.Fields = nil
		text := t.Inbound.Text
		if t.Conversation.Pending != nil && t.pending(text) {
			return
		}
		if !t.reporterCommand(text) && fd != nil {
			t.answerText(fd, text)
		}
		return
	default:
		t.reporterCommand(strings.ReplaceAll(verb, "dont_know", "don't know"))
		return
	}
	if fd == nil {
		t.say(TextAlreadyDone)
		return
	}
	v, open, p := t.readFields(fd, t.Inbound.Fields)
	t.took(fd, v, open, p)
}

// reporterAnswers takes the message as one or several answers.
func (t *turn) reporterAnswers() {
	fd, seen := t.bound()
	text := t.Inbound.Text
	if c := t.Conversation; t.Thread == nil && c.On == ChannelMail && t.Inbound.From.Channel == ChannelMail && !c.Finished {
		t.say(TextReceiptAgain, "number", t.Incident.Number)
	}
	lead, parts := reading.SplitNumbered(text, t.offered(fd))
	for _, p := range t.Inbound.Parts {
		parts = append(parts, reading.Numbered{Number: p.Field, Text: p.Text})
	}
	switch {
	case strings.TrimSpace(text) == "" && len(parts) == 0:
		t.say(TextEmpty)
		t.missed = true
	case strings.TrimSpace(lead) == "":
	case isThanks(lead) && (fd == nil || fd.Kind != KindText || len(parts) > 0):
	case !seen:
		t.unseen(fd, lead)
	case fd == nil && len(parts) == 0:
		t.say(TextAlreadyDone)
	case fd != nil:
		t.answerText(fd, lead)
	}
	for _, p := range parts {
		if f := t.Form.Lookup(p.Number); f != nil {
			t.answerText(f, p.Text)
		}
	}
}

// offered are the names under which the message may hold further answers: the question itself and those listed below it.
func (t *turn) offered(fd *Field) []string {
	var out []string
	add := func(f *Field) {
		if f != nil && !slices.Contains(out, f.Name()) {
			out = append(out, f.Name())
		}
	}
	add(fd)
	list := t.Incident.open(t.Form, RoleReporter, t.Now)
	for i, f := range list {
		if i > nextListed+1 {
			break
		}
		add(f)
	}
	return out
}

// unseen holds a message that was written before the open question came: the person says what it belongs to.
func (t *turn) unseen(prev *Field, text string) {
	c := t.Conversation
	open := t.Form.Field(c.Delivered)
	if open == nil || prev == nil {
		t.say(TextAlreadyDone)
		return
	}
	c.Pending = &Pending{Why: "unseen", Field: open.Key, Text: text}
	t.say(TextUnseen, "field", open.Key, "previous", prev.Key, "text", text)
	t.choices = []Choice{{ButtonPrevious, "förra"}, {ButtonThis, "denna"}, {ButtonDrop, "släng"}}
	t.asked = open
}

// answerText reads a text as the answer to a field and takes it.
func (t *turn) answerText(fd *Field, text string) {
	if len(text) > t.Organisation.Rules.AnswerMax {
		t.say(TextTooLong, "field", fd.Key, "max", itoa(t.Organisation.Rules.AnswerMax))
		t.miss(fd)
		return
	}
	if !t.mayAnswer(fd) {
		return
	}
	if !t.optionText(fd, text) {
		if cmd, ok := reading.ReadCommand(text); ok {
			switch cmd.Name {
			case reading.Skip:
				t.blank(fd, false)
				return
			case reading.DontKnowAnswer:
				t.dontKnow(fd)
				return
			case reading.Accept:
				if cmd.Text == "" && t.takeProposal(fd) {
					return
				}
			}
		}
		if reading.DontKnow(text) {
			t.dontKnow(fd)
			return
		}
	}
	v, open, p := t.read(fd, text)
	t.took(fd, v, open, p)
}

// optionText reports whether the text is one of the field's options word for word: such a text wins over a command.
func (t *turn) optionText(fd *Field, text string) bool {
	b := bare(text)
	for _, o := range t.options(fd) {
		if bare(o.Label) == b || bare(o.EN) == b {
			return true
		}
	}
	return false
}

// mayAnswer reports whether the sender is asked for the field and it applies; else it is said.
func (t *turn) mayAnswer(fd *Field) bool {
	switch {
	case t.Conversation.Role == RoleReporter && fd.Asked != RoleReporter:
		t.say(TextFieldNotYours, "field", fd.Key)
		return false
	case !t.Incident.Applies(t.Form, fd, t.Now):
		t.say(TextFieldNotNow, "field", fd.Key)
		return false
	}
	return true
}

// took stores what was read, holds it for a choice, or says why it was not accepted.
func (t *turn) took(fd *Field, v Value, open bool, p reading.Problem) {
	c := t.Conversation
	if !t.mayAnswer(fd) {
		return
	}
	switch {
	case !p.OK():
		t.problem(fd, v, p)
	case open:
		c.Pending = &Pending{Why: "open", Field: fd.Key, Value: v}
		t.say(TextOpenConfirm, "field", fd.Key, "value", v.Choice)
		t.choices = []Choice{{ButtonYes, "ja"}, {ButtonNo, "nej"}}
		t.asked = fd
	case hasPersonnummer(v):
		c.Pending = &Pending{Why: "personnummer", Field: fd.Key, Value: v, Inbound: t.Inbound.ID}
		t.say(TextPersonnummer, "field", fd.Key)
		t.choices = []Choice{{ButtonMask, "maskera"}, {ButtonKeep, "behåll"}}
		t.asked = fd
		t.event("personnummer_found", fd.Key, "")
	default:
		t.store(fd, v)
	}
}

// store takes a value as the field's answer, or as a proposal once the reporter has finished.
func (t *turn) store(fd *Field, v Value) {
	c, in := t.Conversation, t.Incident
	c.Misses = 0
	if c.Changing == fd.Key {
		c.Changing = ""
	}
	if in.Filing != nil || c.Role == RoleReporter && c.Finished && !fd.Own {
		t.propose(fd, v)
		return
	}
	_, had := in.Answers[fd.Key]
	t.accept(fd, v)
	t.answered(fd, v)
	t.readBack(fd, v, had)
	t.advise(fd, v)
}

// answered replaces the question's card by its answer, wherever it stands.
func (t *turn) answered(fd *Field, v Value) {
	c := t.Conversation
	if c.Delivered != fd.Key || c.Outbound == "" || c.On != ChannelTeams {
		return
	}
	out := t.message(t.Sender, MessageAnswered)
	out.Channel, out.Replaces = ChannelTeams, c.Outbound
	out.Question = &Prompt{Field: fd.Key, Current: &v, Options: t.promptOptions(fd)}
	c.Outbound = ""
	if t.Inbound.Invoke && t.Thread != nil && t.Thread.Outbound == out.Replaces {
		t.Inline = &out
		return
	}
	t.Outbound = append(t.Outbound, out)
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
	case had:
		t.say(TextChanged, "field", fd.Key)
	case fd.Kind == KindChoice && !fd.Own:
		t.say(TextReadValue, "field", fd.Key, "value", v.Choice)
	case fd.Kind == KindChoices:
		t.say(TextReadValue, "field", fd.Key, "value", strings.Join(v.Choices, "; "))
	case fd.Kind == KindCount && v.Exact != nil:
		t.say(TextReadValue, "field", fd.Key, "value", itoa(int(*v.Exact)))
	case fd.Kind == KindCount:
		t.say(TextReadValue, "field", fd.Key, "value", v.Interval)
	default:
		t.say(TextSaved, "field", fd.Key)
	}
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
		t.Conversation.Pending = &Pending{Why: "suggest", Field: fd.Key, Value: Value{Interval: p.Suggest}}
		t.say(TextSuggest, "field", fd.Key, "value", p.Suggest)
		t.choices = []Choice{{ButtonYes, "ja"}, {ButtonNo, "nej"}}
		t.asked = fd
		return
	}
	t.say(ProblemKey(p.Key), "detail", p.Detail, "suggest", p.Suggest, "field", fd.Key)
	t.miss(fd)
}

// miss counts an answer that was not understood; too many leave the question open, with a mark.
func (t *turn) miss(fd *Field) {
	c := t.Conversation
	t.missed = true
	c.Misses++
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

// blank passes a question over.
func (t *turn) blank(fd *Field, unknown bool) {
	if t.mayAnswer(fd) {
		t.store(fd, Value{Blank: true, Unknown: unknown})
	}
}

// dontKnow picks the list's own unknown option, else leaves a blank that is marked for a supplement.
func (t *turn) dontKnow(fd *Field) {
	o := fd.UnknownOption()
	switch {
	case o == nil:
		t.blank(fd, true)
	case !t.mayAnswer(fd):
	case fd.Kind == KindCount:
		t.store(fd, Value{Interval: o.Label})
	case fd.Kind == KindChoices:
		t.store(fd, Value{Choices: []string{o.Label}})
	default:
		t.store(fd, Value{Choice: o.Label})
	}
}

var donePattern = regexp.MustCompile(`(?i)^\s*(?:gjort|gjorde|done)\s*:?\s*([1-9](?:[\s,;&+]|och|and|[1-9])*)[.!]?\s*$`)

// stepsDone notes advised steps as done: "gjort 1, 3".
func (t *turn) stepsDone(text string) bool {
	m := donePattern.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	kind := ""
	if fd := t.Form.Field(FieldKind); fd != nil {
		if o := fd.Option(t.Incident.Answers[FieldKind].Value.Choice); o != nil {
			kind = o.Key
		}
	}
	var noted, unknown []string
	for _, d := range regexp.MustCompile(`[1-9]`).FindAllString(m[1], -1) {
		if n := int(d[0] - '0'); n > Steps[kind] {
			unknown = append(unknown, d)
			continue
		}
		if !slices.Contains(t.Conversation.Steps, d) {
			t.Conversation.Steps = append(t.Conversation.Steps, d)
			t.event("step_done", "", kind+" "+d)
		}
		noted = append(noted, d)
	}
	if len(noted) > 0 {
		t.say(TextStepNoted, "steps", strings.Join(noted, ", "))
	}
	if len(unknown) > 0 {
		t.say(TextStepUnknown, "steps", strings.Join(unknown, ", "))
	}
	return true
}

func hasPersonnummer(v Value) bool {
	found := false
	v.texts(func(s string) string {
		found = found || len(reading.FindPersonnummer(s)) > 0
		return s
	})
	return found
}

// texts passes each free text of the value through f and returns the value with what came out.
func (v Value) texts(f func(string) string) Value {
	v.Text, v.Comment, v.Other, v.Choice = f(v.Text), f(v.Comment), f(v.Other), f(v.Choice)
	row := func(m map[string]string) map[string]string {
		if m == nil {
			return nil
		}
		out := make(map[string]string, len(m))
		for k, s := range m {
			out[k] = f(s)
		}
		return out
	}
	v.Parts = row(v.Parts)
	v.Entries = slices.Clone(v.Entries)
	for i := range v.Entries {
		v.Entries[i] = row(v.Entries[i])
	}
	return v
}

func (t *turn) maskText() string {
	return t.Phrase(t.Organisation.Lang, t.Form, Line{Key: DraftMask})
}
