package conversation

import (
	"errors"
	"strings"
	"time"

	"frist/conversation/reading"
)

// route finds whom a message is from and which incident it belongs to, and gives it its turn there.
func (h *handling) route() error {
	thread, err := h.thread()
	if err != nil {
		return err
	}
	if person, err := h.unprompted(thread); err != nil {
		return err
	} else if person {
		h.in.Automatic, h.in.Absent = "", false
	}
	switch {
	case h.in.Automatic == "bounce":
		return h.bounced(thread)
	case h.in.Automatic != "" && h.in.Absent:
		return h.absent(thread)
	case h.in.Automatic != "":
		return h.aside(thread, "automatic", h.in.Automatic)
	case !h.in.Authenticated:
		return h.unauthenticated(thread)
	}
	switch {
	case h.in.Left:
		return h.left()
	case h.in.Joined:
		return h.joined()
	}
	sender, err := h.sender()
	if err != nil {
		return err
	}
	if h.in.Edits != "" {
		return h.edited(sender)
	}
	field := ""
	if thread != nil && thread.Person == sender.ID {
		field = thread.Field
	}
	if h.in.From.Channel == ChannelMail && sender.Pace.tooMany(h.in.Text, field, h.now) {
		return h.tooMany(thread, sender)
	}
	if thread != nil && thread.Person != sender.ID && h.in.From.Channel == ChannelTeams && h.in.Token == "" {
		thread = nil // activity ids are unique within one chat only
	}
	return h.place(thread, sender)
}

// place finds the incident of a message whose sender is known, and gives it its turn there.
func (h *handling) place(thread *Thread, sender *Person) error {
	if thread != nil && thread.Person != sender.ID && thread.Incident != "" {
		// Whoever holds a reply address is not yet the person that it was made for; staff of the incident are let in as themselves.
		in, err := h.tx.Incident(thread.Incident)
		if err != nil {
			return err
		}
		if h.unitOf(in).post(sender.ID) == "" && in.conversation(sender.ID) == nil {
			return h.outsider(thread, in, sender)
		}
		thread = &Thread{Incident: in.ID}
	}
	if h.in.Oversize || h.in.Encrypted != "" {
		return h.unreadable(thread, sender)
	}
	if begun, err := h.another(sender); begun || err != nil {
		return err
	}
	if thread != nil && thread.Incident != "" {
		return h.turn(thread.Incident, sender, thread)
	}
	return h.unthreaded(sender)
}

// outsider deals with somebody who writes in the thread of an incident that is not theirs: a colleague's words are kept as a note, unless they
// begin a report of their own; anybody else is not let in.
func (h *handling) outsider(thread *Thread, in *Incident, sender *Person) error {
	if h.in.From.Channel != ChannelMail || !h.Organisation.allowed(h.in.From.ID) {
		return h.stranger(thread, "not_theirs")
	}
	if begun, err := h.another(sender); begun || err != nil {
		return err
	}
	return h.colleague(in, sender)
}

// unreadable tells the sender that nothing of the message could be read, and what to do; its time counts if a report follows.
func (h *handling) unreadable(thread *Thread, sender *Person) error {
	if thread == nil || thread.Incident == "" {
		unknown, err := h.unknown(sender)
		if err != nil {
			return err
		}
		if unknown {
			return h.unverified(sender, UnverifiedUnknown)
		}
	}
	line := Line{Key: TextOversize}
	if h.in.Encrypted != "" {
		line = Line{TextEncrypted, args("how", h.in.Encrypted)}
	}
	if thread == nil || thread.Incident == "" {
		sender.greeted(h.in.At, h.Form.Limit)
	}
	return h.outside(sender, MessageNotice, line)
}

func (h *handling) unitOf(in *Incident) *Unit {
	if u := h.Organisation.Unit(in.Unit); u != nil {
		return u
	}
	return &Unit{ID: in.Unit}
}

// thread finds the message of ours that this one answers, nil if there is none.
func (h *handling) thread() (*Thread, error) {
	if h.in.Token != "" {
		if t, err := h.tx.ThreadByToken(h.in.Token); !errors.Is(err, ErrNotFound) {
			if t != nil && h.in.From.Channel == ChannelMail && len(h.in.References) == 0 && !numberPattern.MatchString(h.in.Subject) {
				t.Loose = true
			}
			return t, err
		}
	}
	if h.in.Token != "" && h.in.From.Channel == ChannelTeams {
		return nil, nil // a card has its token from us: with another it is no card of ours
	}
	for _, id := range h.in.References {
		if t, err := h.tx.ThreadByMessage(id); !errors.Is(err, ErrNotFound) {
			return t, err
		}
	}
	return h.noted()
}

// noted finds the incident of somebody's own mail that this one answers: the reporter writes on, or a colleague answers what they had a copy of.
// What nobody has confirmed is no incident to write in.
func (h *handling) noted() (*Thread, error) {
	if !h.in.Authenticated {
		return nil, nil
	}
	for _, id := range h.in.References {
		t, err := h.tx.ThreadByNote(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		in, err := h.tx.Incident(t.Incident)
		if err != nil {
			return nil, err
		}
		if in.Status != StatusUnverified {
			h.in.Named = true
			return t, nil
		}
	}
	return nil, nil
}

// unthreaded places a message that answers none of ours: the incident that it names, the person's only open conversation, else a new report.
func (h *handling) unthreaded(sender *Person) error {
	text := h.in.Text
	ids, err := h.tx.OpenIncidents(sender.ID)
	if err != nil {
		return err
	}
	if n := numberPattern.FindString(h.in.Subject + " " + text); n != "" {
		if found, err := h.named(n, sender); found || err != nil {
			return err
		}
	}
	mine, err := h.partIn(ids, sender)
	if err != nil {
		return err
	}
	switch {
	case len(mine) == 1:
		return h.turn(mine[0].ID, sender, nil)
	case len(mine) > 1:
		if in, err := h.lastAsked(sender, mine); in != nil || err != nil {
			if err != nil {
				return err
			}
			return h.turn(in.ID, sender, nil)
		}
		return h.which(sender, mine)
	}
	if isThanks(text) {
		return h.finish("", "thanks", sender)
	}
	return h.report(sender)
}

// named gives a message its turn in the incident whose number it has, if the sender has a part there.
func (h *handling) named(number string, sender *Person) (found bool, err error) {
	in, err := h.tx.IncidentByNumber(number)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if in.conversation(sender.ID) == nil && h.unitOf(in).post(sender.ID) == "" {
		if h.in.From.Channel != ChannelMail || in.Status == StatusUnverified || !h.Organisation.allowed(h.in.From.ID) || !strings.Contains(h.in.Subject, number) {
			return false, nil
		}
		return true, h.colleague(in, sender) // the mail was passed on to them
	}
	h.in.Named = true
	if h.in.Text = strings.TrimSpace(strings.Replace(h.in.Text, number, "", 1)); h.in.Text == "" && h.in.Fields == nil {
		// The number alone: what it belongs to may wait.
		if h.in.Text, err = h.held(sender, "which"); err != nil {
			return true, err
		}
	}
	return true, h.turn(in.ID, sender, nil)
}

// partIn are the incidents among those named that a message without a thread may belong to. A mail of its own from somebody who has finished, or
// who stands on the DSO's side, is a new report unless it is a command.
func (h *handling) partIn(ids []IncidentID, sender *Person) (mine []*Incident, err error) {
	text := h.in.Text
	cmd, command := reading.ReadCommand(text)
	command = command && cmd.Name != reading.Help
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return nil, err
		}
		c := in.conversation(sender.ID)
		if c == nil {
			continue
		}
		asked := c.Role == RoleReporter && !c.Finished && !c.Ended
		if asked || command || h.in.From.Channel == ChannelTeams || isGreeting(text) || isThanks(text) {
			mine = append(mine, in)
		}
	}
	return mine, nil
}

// finish ends a message that led to nothing in an incident.
func (h *handling) finish(incident IncidentID, outcome string, sender *Person) error {
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	return h.finished(incident, outcome)
}

// finished ends a message that changed nothing. National identity numbers in it, about which nobody is asked, do not stay.
func (h *handling) finished(incident IncidentID, outcome string) error {
	if err := h.tx.FinishInbound(h.in.ID, incident, outcome, true, h.now); err != nil || !h.in.hasNumbers() {
		return err
	}
	return h.reduce(h.in.ID)
}

// which asks the sender which incident they mean.
func (h *handling) which(sender *Person, list []*Incident) error {
	var numbers []string
	for _, in := range list {
		numbers = append(numbers, in.Number)
	}
	var lines []Line
	// The text waits in the newest until the number comes.
	if c := list[0].conversation(sender.ID); c != nil {
		if err := h.takeFiles(list[0]); err != nil {
			return err
		}
		p := Pending{Why: "which", Field: h.Form.key(PurposeWhat), Text: h.in.Text, Inbound: h.in.ID}
		switch {
		case c.full(h.in.Text, h.Organisation.Rules):
			lines = append(lines, Line{Key: TextHeldFull})
		case c.Pending == nil:
			c.Pending = &p
		default:
			c.Held = append(c.Held, p)
		}
		if err := h.commit(list[0], Result{}); err != nil {
			return err
		}
	}
	return h.outside(sender, MessageNotice, append(lines, Line{TextWhich, args("numbers", strings.Join(numbers, ", "))})...)
}

// lastAsked is the incident whose question was put to the sender last before they wrote, in a chat: there a person answers what stands at the
// bottom. Nil in a mail, and if none can be told.
func (h *handling) lastAsked(sender *Person, list []*Incident) (last *Incident, err error) {
	var at time.Time
	if h.in.From.Channel != ChannelTeams {
		return nil, nil
	}
	for _, in := range list {
		c := in.conversation(sender.ID)
		if c.Outbound == "" || c.On != ChannelTeams {
			continue
		}
		t, err := h.tx.Thread(c.Outbound)
		if err != nil {
			return nil, err
		}
		switch {
		case t.SentAt.IsZero() || t.SentAt.After(h.in.At):
		case t.SentAt.Equal(at):
			last = nil // put in the same breath
		case t.SentAt.After(at):
			last, at = in, t.SentAt
		}
	}
	return last, nil
}

// turn gives the message its turn in an incident.
func (h *handling) turn(id IncidentID, sender *Person, thread *Thread) error {
	in, err := h.tx.Incident(id)
	if err != nil {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	s.Sender, s.Thread = sender, thread
	if thread != nil && thread.Outbound == "" {
		s.Thread = nil
	}
	if s.Conversation = in.conversation(sender.ID); s.Conversation == nil {
		s.Conversation = &Conversation{Person: sender.ID, Role: RoleDSO, Post: h.unitOf(in).post(sender.ID)}
		in.Conversations = append(in.Conversations, s.Conversation)
	}
	if out := s.Conversation.Outbound; thread != nil && out == thread.Outbound {
		s.SeenAt = thread.SentAt
	} else if out != "" {
		last, err := h.tx.Thread(out)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			s.SeenAt = last.SentAt
		}
	}
	if live := s.Conversation.Live; live != "" && h.in.From.Channel == ChannelTeams {
		if s.Standing, err = h.tx.Thread(live); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if p := s.Conversation.Pending; p != nil && p.Why == "which" {
		p.Why = "new" // they went on elsewhere: it is asked about here
	}
	if err := h.takeFiles(in); err != nil {
		return err
	}
	r := Turn(s)
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.commit(in, r); err != nil {
		return err
	}
	return h.done(in, sender, r)
}

// done closes the inbound and hands the inline card to the channel.
func (h *handling) done(in *Incident, sender *Person, r Result) error {
	if h.in.MessageID != "" {
		if err := h.tx.NoteMessage(in.ID, sender.ID, h.in.MessageID); err != nil {
			return err
		}
	}
	form, err := h.form(in.Form, in.FormVersion)
	if err != nil {
		return err
	}
	h.reply = Reply{Inline: r.Inline, Form: form}
	if err := h.tx.FinishInbound(h.in.ID, in.ID, "answered", true, h.now); err != nil {
		return err
	}
	if r.EraseRaw || len(h.in.Attachments) > 0 || h.in.numbersBeside() {
		return h.reduce(h.in.ID)
	}
	return nil
}
