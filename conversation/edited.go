package conversation

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"frist/conversation/reading"
)

// errEarlier: the message that is edited has had no turn yet. The edit is kept and taken up after it.
var errEarlier = errors.New("the message that is edited has had no turn yet")

// edited takes what its sender did to a message that they had sent before: put newer text in its place, or deleted it. It belongs where the older
// one did. What had led to nothing is read as if it came only now.
func (h *handling) edited(sender *Person) error {
	incident, done, err := h.tx.Placed(h.in.Edits)
	switch {
	case errors.Is(err, ErrNotFound):
		return h.finish("", "edited", sender)
	case err != nil:
		return err
	case !done:
		return errEarlier
	case incident == "":
		return h.editedOutside(sender)
	}
	in, err := h.tx.Incident(incident)
	if err != nil {
		return err
	}
	if in.Purged || in.conversation(sender.ID) == nil {
		return h.finish("", "edited", sender)
	}
	return h.turn(incident, sender, nil)
}

// editedOutside takes the newer text of a message that belongs to no incident. What of the older waits for a choice is let go.
func (h *handling) editedOutside(sender *Person) error {
	ids, err := h.tx.OpenIncidents(sender.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return err
		}
		if c := in.conversation(sender.ID); c != nil && c.letGo(h.in.Edits) {
			if err := h.commit(in, Result{}); err != nil {
				return err
			}
		}
	}
	if text := h.in.Text; h.in.Withdrawn || isGreeting(text) || isThanks(text) {
		return h.finish("", "edited", sender)
	}
	return h.place(nil, sender)
}

// letGo takes out what is held of a message; false if nothing is.
func (c *Conversation) letGo(id InboundID) bool {
	p := c.heldOf(id)
	if p == nil {
		return false
	}
	if p != c.Pending {
		c.Held = slices.DeleteFunc(c.Held, func(q Pending) bool { return q.origin() == id })
		return true
	}
	c.Pending = nil
	if len(c.Held) > 0 {
		next := c.Held[0]
		c.Pending, c.Held = &next, c.Held[1:]
	}
	return true
}

// heldOf is what is held of a message, nil if nothing is.
func (c *Conversation) heldOf(id InboundID) *Pending {
	if c.Pending != nil && c.Pending.origin() == id {
		return c.Pending
	}
	for i := range c.Held {
		if c.Held[i].origin() == id {
			return &c.Held[i]
		}
	}
	return nil
}

// origin is the message that it came with, as its writer sees it: an edit is no message of its own.
func (p Pending) origin() InboundID { return cmp.Or(p.Origin, p.Inbound) }

// joined welcomes somebody who has installed the program and could not be written to before. Nobody wrote: answers go where they went.
func (h *handling) joined() error {
	before, err := h.tx.PersonByAddress(h.in.From)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	met := err == nil && before.reachable(h.in.From.Channel)
	sender, err := h.identify()
	if err != nil {
		return fmt.Errorf("find the sender: %w", err)
	}
	last, absent := sender.LastChannel, sender.AbsentAt
	if sender, err = h.sender(); err != nil {
		return err
	}
	if met {
		sender.LastChannel, sender.AbsentAt = last, absent
		return h.finish("", "joined", sender)
	}
	if err := h.outside(sender, MessageIntroduction, Line{Key: TextIntroduction}); err != nil || last == "" {
		return err
	}
	sender.LastChannel, sender.AbsentAt = last, absent
	return h.tx.SavePerson(sender)
}

// left notes that somebody has removed the program: they are written to elsewhere until they write again or install it.
func (h *handling) left() error {
	p, err := h.tx.PersonByAddress(h.in.From)
	if errors.Is(err, ErrNotFound) {
		return h.tx.FinishInbound(h.in.ID, "", "left", true, h.now)
	}
	if err != nil {
		return err
	}
	for i := range p.Addresses {
		if a := &p.Addresses[i]; a.Channel == h.in.From.Channel && a.ID == h.in.From.ID {
			a.Reference = ""
		}
	}
	return h.finish("", "left", p)
}

// reachable tells whether the person can be written to on a channel: a Teams address is known when they have removed the program, but leads nowhere.
func (p *Person) reachable(c Channel) bool {
	a := p.address(c)
	return a.ID != "" && (c != ChannelTeams || a.Reference != "")
}

// edited takes the newer text of a message of the sender's, or its deletion. The newer text is an answer only where the older was one: a decision or
// a command is not made by changing what was written before.
func (t *turn) edited() {
	id, c, in := t.Inbound.Edits, t.Conversation, t.Incident
	staff := c.Role != RoleReporter
	held := c.heldOf(id)
	switch fields := t.answeredBy(id); {
	case !in.Status.Open() && in.Filing == nil:
		t.say(TextClosed, "number", in.Number)
	case t.Inbound.Withdrawn && held == nil:
		t.withdrawn()
		return
	case staff && (in.Status == StatusUnverified || t.unit().post(t.Sender.ID) == ""):
		t.say(TextEditedNothing)
	case held != nil:
		t.editHeld(held)
		t.afterEdit()
		return
	case id == in.FirstInbound:
		if t.silent = strings.HasPrefix(in.FirstMessage, reading.MaskPersonnummer(t.Inbound.Text, t.maskText())); t.silent {
			return // Teams tells of an edit when a link in the message gets its picture
		}
		t.say(TextEditedFirst, "field", t.Form.key(PurposeWhat))
	case len(fields) > 0 && t.editAnswers(fields):
		if len(t.lines) > 0 || c.Pending != nil {
			t.afterEdit()
		}
		return
	default:
		t.say(TextEditedNothing)
	}
	t.reply(MessageNotice)
}

// afterEdit goes on as after an answer.
func (t *turn) afterEdit() {
	if t.Conversation.Role != RoleReporter {
		t.afterDSO()
		return
	}
	t.ask()
}

// withdrawn tells, once, that what was said is kept though its sender has deleted it.
func (t *turn) withdrawn() {
	reporter := ""
	if t.Conversation.Role == RoleReporter {
		reporter = "1"
	}
	t.say(TextDeleted, "reporter", reporter)
	t.reply(MessageNotice)
	t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/deleted/%s", t.Incident.ID, t.Sender.ID)
}

// answeredBy are the fields that the message gave the sender's answers to, in the form's order, or the one that it tried to answer and that is
// still open.
func (t *turn) answeredBy(id InboundID) (fields []*Field) {
	c := t.Conversation
	for _, fd := range t.Form.Fields {
		a, ok := t.Incident.Answers[fd.Key]
		if ok && a.Inbound == id && a.Author == t.Sender.ID || !ok && c.Missed == fd.Key && c.MissedBy == id {
			fields = append(fields, fd)
		}
	}
	return fields
}

// editHeld takes the newer text, or the deletion, of a message that waits for a choice.
func (t *turn) editHeld(p *Pending) {
	c, old, origin := t.Conversation, p.Inbound, p.origin()
	switch {
	case t.Inbound.Withdrawn:
		t.Release = append(t.Release, old)
		c.letGo(origin)
		t.say(TextUnseenDropped)
	case !p.answer():
		t.Release = append(t.Release, old)
		p.Text, p.Inbound, p.Origin = t.Inbound.Text, t.Inbound.ID, origin
	case !t.editAnswers([]*Field{t.Form.Field(p.Field)}):
		t.say(TextEditedNothing)
	default:
		if q := c.heldOf(origin); q != nil && q.Inbound == old && !t.missed {
			t.Release = append(t.Release, old) // the newer text is what is answered already
			c.letGo(origin)
		}
	}
}

// editAnswers takes the newer text as the answers that the older gave; false if it is none of them. Where nothing changes nothing is said.
func (t *turn) editAnswers(fields []*Field) (ok bool) {
	text := changeLine.ReplaceAllString(t.Inbound.Text, "$1$2")
	var names []string
	for _, fd := range fields {
		names = append(names, fd.Name())
	}
	lead, parts := reading.SplitNumbered(text, names, false)
	if len(fields) == 1 && len(parts) == 0 {
		return t.editAnswer(fields[0], lead)
	}
	for _, p := range t.inOrder(parts) {
		if fd := t.Form.Lookup(p.Number); slices.Contains(fields, fd) && strings.TrimSpace(p.Text) != "" {
			ok = t.editAnswer(fd, p.Text) || ok
		}
	}
	return ok
}

// editAnswer takes one newer answer; false if the text is a command or the word of a button, which no typo becomes.
func (t *turn) editAnswer(fd *Field, text string) bool {
	if !t.optionText(fd, text) {
		cmd, command := reading.ReadCommand(text)
		word := buttonWords[bare(text)] || useWords[bare(text)] || yesWords[bare(text)]
		if strings.TrimSpace(text) == "" || command && cmd.Name != reading.Skip && cmd.Name != reading.DontKnowAnswer || word && fd.Kind != KindChoice {
			return false
		}
	}
	if v, open, p := t.read(fd, text); p.OK() && !open && reflect.DeepEqual(v, t.Incident.Answers[fd.Key].Value) {
		return true
	}
	t.answerText(fd, text)
	return true
}
