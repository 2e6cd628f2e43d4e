package conversation

import (
	"cmp"
	"slices"
	"time"

	"frist/conversation/reading"
)

// Situation is all that a turn looks at. Turn changes the Incident and Sender it is given; whoever calls hands it copies of its
// own.
type Situation struct {
	Organisation *Organisation
	Form         *Form
	Incident     *Incident
	Sender       *Person
	// Conversation is the sender's; Thread the message of ours that was answered, nil if none.
	Conversation *Conversation
	Thread       *Thread
	Inbound      *Inbound
	// SeenAt is when the question last put to the sender was delivered, by the domain's clock; zero if it has not been.
	SeenAt time.Time
	// Standing is the sender's live card (Conversation.Live), where they write in Teams; else nil.
	Standing *Thread
	Now      time.Time
	// Person finds one of the incident's people.
	Person func(PersonID) *Person
	// Phrase gives the words for drafts that become answers.
	Phrase func(Lang, *Form, Line) string
}

// Result is what a turn decided beside the changes to the incident: nothing of it has happened yet.
type Result struct {
	Outbound []Outbound
	Events   []Event
	// Alarms are for the administrator, who is told of each once a day for the incident.
	Alarms []Line
	// Inline is the card that answers an invoke; it is no message of its own.
	Inline *Outbound
	// EraseRaw: the raw text must not be kept, or (Release) that of earlier messages that waited for a choice.
	EraseRaw bool
	Release  []InboundID
}

// turn is one message, or one look at the clock, and what is said to it.
type turn struct {
	Situation
	Result
	// lines are what the sender is told before the next question.
	lines []Line
	// missed is set when an answer was not understood; asked holds the field to put again.
	missed  bool
	asked   *Field
	choices []Choice
	// silent: the sender is answered otherwise, or not at all.
	silent bool
	// from is the message that what is being settled came with.
	from InboundID
	// origin is the same where that message was edited: the one that its writer sees.
	origin InboundID
	// own are lines for the sender alone, in a message that goes to others too.
	own []Line
	// walk is set when the message belongs to the DSO's way through the open questions, one card at a time.
	// way is set when the sender was on it as the message came.
	walk, way bool
	// changed lists the fields whose accepted answers changed.
	changed []string
	// pressedCard is the message whose card was filled in or whose button was pressed; more is set where its group is not at its end yet.
	pressedCard OutboundID
	more        bool
}

// Turn takes one message within an incident. It is pure: the same situation gives the same outcome.
func Turn(s Situation) Result {
	t := &turn{Situation: s}
	before := t.Incident.DeadlineAt
	t.tellFiles(t.filesCame())
	switch {
	case t.Inbound.Edits != "":
		t.edited()
	case t.Conversation.Role == RoleReporter:
		t.reporter()
	default:
		t.dso()
	}
	t.settle(before)
	t.EraseRaw = t.EraseRaw || t.leaves()
	return t.Result
}

// leaves reports whether the message's raw text is to be erased: it holds a national identity number that nobody is asked about any more.
func (t *turn) leaves() bool {
	if !t.Inbound.hasNumbers() {
		return false
	}
	c := t.Conversation
	held := c.Pending != nil && c.Pending.Inbound == t.Inbound.ID
	for _, p := range c.Held {
		held = held || p.Inbound == t.Inbound.ID
	}
	return !held
}

// settle brings what follows from the answers up to date: awareness, the deadline, and who must be told that it moved.
func (t *turn) settle(before time.Time) {
	in := t.Incident
	in.AwareAt = in.awareness(t.Form)
	in.DeadlineAt = Deadline(in.AwareAt, t.Form.Limit)
	if in.DeadlineAt.Equal(before) || before.IsZero() {
		return
	}
	t.event("deadline_moved", t.Form.key(PurposeAware), "")
	// What was put together before it moved goes out with the deadline that counts.
	late := t.Now.After(in.DeadlineAt)
	for i := range t.Outbound {
		t.Outbound[i].DeadlineAt, t.Outbound[i].Late = in.DeadlineAt, late
	}
	if t.Inline != nil {
		t.Inline.DeadlineAt, t.Inline.Late = in.DeadlineAt, late
	}
	for _, p := range t.staff() {
		t.tell(p, Line{TextDeadlineMoved, args("from", stamp(before), "to", stamp(in.DeadlineAt))})
	}
}

// event records what the sender did, or where nobody wrote what time did.
func (t *turn) event(name, field, detail string) {
	e := Event{At: t.Now, Name: name, Field: field, Detail: detail}
	if t.Sender != nil {
		e.Person = t.Sender.ID
	}
	t.record(e)
}

// record adds a line to the incident's log, whoever it is about.
func (t *turn) record(e Event) {
	t.Events = append(t.Events, e)
	t.Incident.log(e)
}

// say tells the sender something before the next question. What is echoed of a message holds no national identity number.
func (t *turn) say(key string, kv ...string) {
	a := args(kv...)
	for k, v := range a {
		if len(reading.FindPersonnummer(v)) > 0 {
			a[k] = reading.MaskPersonnummer(v, t.maskText())
		}
	}
	t.lines = append(t.lines, Line{key, a})
}

// args makes a line's arguments from pairs.
func args(kv ...string) map[string]string {
	if len(kv) == 0 {
		return nil
	}
	m := make(map[string]string, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// message starts a message to a person about the incident, on the channel where they last wrote.
func (t *turn) message(p *Person, kind MessageKind) Outbound {
	in := t.Incident
	u := t.unit()
	out := Outbound{Incident: in.ID, Person: p.ID, Kind: kind, Lang: p.lang(t.Organisation), At: t.Now, Form: in.Form,
		FormVersion: in.FormVersion, Number: in.Number, Unit: u.Name, Status: in.Status, DeadlineAt: in.DeadlineAt,
		Late: t.Now.After(in.DeadlineAt), Channel: p.channel(), Role: RoleDSO}
	if c := in.conversation(p.ID); c != nil {
		out.Role = c.Role
	}
	out.AutoReplied = t.Inbound != nil && t.Sender != nil && p.ID == t.Sender.ID
	return out
}

// tell sends a notice that asks nothing.
func (t *turn) tell(p *Person, lines ...Line) {
	out := t.message(p, MessageNotice)
	out.Lines = lines
	t.Outbound = append(t.Outbound, out)
}

func (t *turn) tellReporter(lines ...Line) {
	if p := t.Person(t.Incident.Reporter); p != nil {
		t.tell(p, lines...)
	}
}

func (p *Person) lang(o *Organisation) Lang {
	if p.Lang != "" {
		return p.Lang
	}
	if o.Lang != "" {
		return o.Lang
	}
	return Swedish
}

func (p *Person) channel() Channel {
	if p.LastChannel != "" && p.reachable(p.LastChannel) {
		return p.LastChannel
	}
	if p.Mail() != "" {
		return ChannelMail
	}
	return ChannelTeams
}

func (t *turn) unit() *Unit {
	if u := t.Organisation.Unit(t.Incident.Unit); u != nil {
		return u
	}
	return &Unit{ID: t.Incident.Unit, Name: t.Incident.Unit}
}

// staff are those on the DSO's side who are to be kept informed: who took the incident, else all who were called and can.
func (t *turn) staff() []*Person {
	var out []*Person
	add := func(id PersonID) {
		if p := t.Person(id); p != nil && !slices.ContainsFunc(out, func(x *Person) bool { return x.ID == id }) {
			out = append(out, p)
		}
	}
	in := t.Incident
	if in.Watch.TakenBy != "" {
		add(in.Watch.TakenBy)
		return out
	}
	for _, c := range in.Watch.Called {
		if !c.Declined {
			add(c.Person)
		}
	}
	if n := len(in.Watch.Called); len(out) == 0 && n > 0 && !in.Watch.Called[n-1].Former {
		add(in.Watch.Called[n-1].Person)
	}
	return out
}

// awaited are those whom the incident waits for on the DSO's side: who got the notification for review, else who watches it.
func (t *turn) awaited() []*Person {
	if t.Incident.ReviewSent > 0 {
		return t.reviewers()
	}
	return t.staff()
}

// others are all on the DSO's side who know of the incident, but the sender.
func (t *turn) others() []*Person {
	var out []*Person
	for _, p := range append(t.staff(), t.awaited()...) {
		same := func(x *Person) bool { return x.ID == p.ID }
		if (t.Sender == nil || p.ID != t.Sender.ID) && !slices.ContainsFunc(out, same) {
			out = append(out, p)
		}
	}
	return out
}

// join returns the person's conversation in the incident, beginning one if there is none.
func (t *turn) join(p PersonID, role Role, post Post) *Conversation {
	if c := t.Incident.conversation(p); c != nil {
		return c
	}
	c := &Conversation{Person: p, Role: role, Post: post}
	t.Incident.Conversations = append(t.Incident.Conversations, c)
	return c
}

// document is what there is, for a person to read. While nobody has confirmed the incident that is the report alone.
func (t *turn) document(withContact bool) *Document {
	in := t.Incident
	d := &Document{Notification: in.Notification(t.Form, in.Unit, t.Now), Unit: t.unit().Name, Status: in.Status, FirstMessage: in.FirstMessage, Files: in.Files, Notes: in.Notes,
		Own: map[string]Value{}}
	if withContact {
		d.Reporter = t.reportedBy()
	}
	if in.Status == StatusUnverified {
		return d
	}
	d.Proposals = t.proposals()
	for _, fd := range t.Form.Fields {
		a, ok := in.Answers[fd.Key]
		if fd.Own {
			if ok && !a.Value.Blank {
				d.Own[fd.Key] = a.Value
			}
			continue
		}
		if !in.Applies(t.Form, fd, t.Now) {
			continue
		}
		d.Applies = append(d.Applies, fd.Key)
		switch {
		case !ok:
			d.Open = append(d.Open, fd.Key)
		case a.Value.Blank && a.Value.Unknown:
			d.Unknown = append(d.Unknown, fd.Key)
		}
		if fd.Mandatory && (!ok || !a.Value.Complete(fd)) {
			d.Lacking = append(d.Lacking, fd.Key)
		}
	}
	return d
}

// reportedBy is the name and the mail address of whoever reported, or is said to have, as far as they are known.
func (t *turn) reportedBy() string {
	p := t.Person(cmp.Or(t.Incident.Reporter, t.Incident.Claimed))
	switch {
	case p == nil:
		return ""
	case p.Mail() == "":
		return p.Name
	case p.Name == "":
		return p.Mail()
	}
	return p.Name + " <" + p.Mail() + ">"
}
