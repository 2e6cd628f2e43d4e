package conversation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
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
	switch {
	case h.in.Automatic != "":
		return h.aside(thread, "automatic", h.in.Automatic)
	case !h.in.Authenticated:
		return h.stranger(thread, "unauthenticated")
	}
	sender, err := h.sender()
	if err != nil {
		return err
	}
	if h.in.Oversize {
		sender.greeted(h.in.At, h.Form.Limit)
		return h.outside(sender, MessageNotice, Line{Key: TextOversize})
	}
	if h.in.Joined {
		return h.outside(sender, MessageIntroduction, Line{Key: TextIntroduction})
	}
	if thread != nil && thread.Person != sender.ID && h.in.From.Channel == ChannelTeams && h.in.Token == "" {
		thread = nil // activity ids are unique within one chat only
	}
	if thread != nil && thread.Person != sender.ID {
		// Whoever holds a reply address is not yet the person that it was made for; staff of the incident are let in as themselves.
		in, err := h.tx.Incident(thread.Incident)
		if err != nil {
			return err
		}
		if h.unitOf(in).post(sender.ID) == "" && in.conversation(sender.ID) == nil {
			return h.stranger(thread, "not_theirs")
		}
		thread = &Thread{Incident: in.ID}
	}
	if begun, err := h.another(sender); begun || err != nil {
		return err
	}
	if thread != nil && thread.Incident != "" {
		return h.turn(thread.Incident, sender, thread)
	}
	return h.unthreaded(sender)
}

// another begins a new incident for somebody who has one already, when they say so: "nytt: …", or "nytt" to the question whether what they wrote
// was news of the old one.
func (h *handling) another(sender *Person) (begun bool, err error) {
	if m := newPattern.FindStringSubmatch(h.in.Text); m != nil {
		h.in.Text = strings.TrimSpace(m[1])
		return true, h.report(sender)
	}
	if w := bare(h.in.Text); w != "nytt" && w != "nytt ärende" && w != "new" && w != "new incident" {
		return false, nil
	}
	text, err := h.held(sender, "new")
	if text == "" || err != nil {
		return false, err
	}
	h.in.Text = text
	return true, h.report(sender)
}

// held takes back a text that waits, in one of the sender's open incidents, for the choice where it belongs; "" if there is none.
func (h *handling) held(sender *Person, why string) (text string, err error) {
	ids, err := h.tx.OpenIncidents(sender.ID)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return "", err
		}
		if c := in.conversation(sender.ID); c != nil && c.Pending != nil && c.Pending.Why == why {
			text, c.Pending = c.Pending.Text, nil
			return text, h.commit(in, Result{Events: []Event{{At: h.now, Name: "held_text_moved", Person: sender.ID}}})
		}
	}
	return "", nil
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
			return t, err
		}
	}
	for _, id := range h.in.References {
		if t, err := h.tx.ThreadByMessage(id); !errors.Is(err, ErrNotFound) {
			return t, err
		}
	}
	return nil, nil
}

// sender finds or makes the person who wrote, and joins the addresses that the channel knows to be the same person's.
func (h *handling) sender() (*Person, error) {
	p, err := h.identify()
	if err != nil {
		return nil, fmt.Errorf("find the sender: %w", err)
	}
	for _, a := range append([]Address{h.in.From}, h.in.Known...) {
		i := slices.IndexFunc(p.Addresses, func(x Address) bool { return x.Channel == a.Channel && x.ID == a.ID })
		switch {
		case i < 0:
			p.Addresses = append(p.Addresses, a)
			h.Log.Info("an address was joined to a person", "person", p.ID, "channel", a.Channel)
		case a.Reference != "":
			p.Addresses[i].Reference = a.Reference
		}
	}
	if p.Name == "" {
		p.Name = h.in.Name
	}
	p.LastChannel = h.in.From.Channel
	if p.Lang == "" {
		own := h.in.Text
		if len(h.in.References) == 0 && h.in.Token == "" {
			own = h.in.Subject + " " + own // in a reply the subject is ours
		}
		if p.Lang = detect(own); p.Lang == "" {
			p.Lang = h.in.Lang
		}
	}
	if lang := languageOf(h.in.Text); lang != "" {
		p.Lang = lang
	}
	if h.people == nil {
		h.people = map[PersonID]*Person{}
	}
	h.people[p.ID] = p
	return p, nil
}

// identify finds the person of the sender's addresses. Where the channel has come to know that two persons are one, the one with the mail
// address stays, since the settings know people by it, and takes over what the other had begun.
func (h *handling) identify() (*Person, error) {
	var found []*Person
	for _, a := range append(slices.Clone(h.in.Known), h.in.From) {
		p, err := h.tx.PersonByAddress(a)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(found, func(x *Person) bool { return x.ID == p.ID }) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return h.Engine.person(h.tx, h.in.From, h.in.Name)
	}
	for _, other := range found[1:] {
		if err := h.takeOver(found[0], other); err != nil {
			return nil, err
		}
	}
	return found[0], nil
}

// takeOver gives a person the open incidents of another, who is the same human.
func (h *handling) takeOver(p, other *Person) error {
	ids, err := h.tx.OpenIncidents(other.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return err
		}
		in.rename(other.ID, p.ID)
		if err := h.commit(in, Result{Events: []Event{{At: h.now, Name: "joined", Person: p.ID}}}); err != nil {
			return err
		}
	}
	h.Log.Info("two persons were found to be one", "person", p.ID, "other", other.ID)
	return nil
}

// aside logs a message that gets no turn and no answer.
func (h *handling) aside(thread *Thread, outcome, detail string) error {
	var incident IncidentID
	if outcome == "automatic" && detail == "bounce" {
		if err := h.bounced(thread); err != nil {
			return err
		}
	}
	if thread != nil && thread.Incident != "" {
		incident = thread.Incident
		in, err := h.tx.Incident(incident)
		if err != nil {
			return err
		}
		e := Event{At: h.now, Name: outcome, Detail: detail}
		if err := h.commit(in, Result{Events: []Event{e}}); err != nil {
			return err
		}
	}
	h.Log.Info("a message was set aside", "inbound", h.in.ID, "channel", h.in.From.Channel, "reason", outcome, "detail", detail)
	return h.tx.FinishInbound(h.in.ID, incident, outcome, true, h.now)
}

// bounced tells the administrator that a message of ours came back.
func (h *handling) bounced(thread *Thread) error {
	if thread == nil && h.in.Bounced != "" {
		t, err := h.tx.ThreadByMessage(h.in.Bounced)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		thread = t
	}
	if thread == nil || thread.Incident == "" {
		return nil
	}
	in, err := h.tx.Incident(thread.Incident)
	if err != nil {
		return err
	}
	return h.alarm("bounce/"+string(thread.Outbound), Line{AlarmBounced, args("number", in.Number)})
}

// stranger keeps a message from somebody who is not let in. It is never answered; the incident's people are told once a day.
func (h *handling) stranger(thread *Thread, detail string) error {
	if thread == nil || thread.Incident == "" {
		if detail == "unauthenticated" && h.Organisation.allowed(h.in.From.ID) {
			// One wrong setting would lose every report in silence.
			if err := h.alarm("unauthenticated", Line{Key: AlarmUnauthenticated}); err != nil {
				return err
			}
		}
		return h.aside(nil, "stranger", detail)
	}
	in, err := h.tx.Incident(thread.Incident)
	if err != nil {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	t.event("stranger", "", detail)
	for _, p := range t.staff() {
		t.tell(p, Line{Key: TextStrangerWrote})
		t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/stranger/%s/%s", in.ID, p.ID, h.now.Format("2006-01-02"))
	}
	if err := h.commit(in, t.Result); err != nil {
		return err
	}
	return h.tx.FinishInbound(h.in.ID, in.ID, "stranger", true, h.now)
}

var numberPattern = regexp.MustCompile(`\bPUI-\d{4}-\d{4,}\b`)
var newPattern = regexp.MustCompile(`(?is)^\s*(?:nytt(?:\s+ärende)?|new(?:\s+incident)?)\s*[:,]\s*(.+)$`)

// unthreaded places a message that answers none of ours: the incident that it names, the person's only open conversation, else a new report.
func (h *handling) unthreaded(sender *Person) error {
	text := h.in.Text
	ids, err := h.tx.OpenIncidents(sender.ID)
	if err != nil {
		return err
	}
	if n := numberPattern.FindString(h.in.Subject + " " + text); n != "" {
		in, err := h.tx.IncidentByNumber(n)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil && (in.conversation(sender.ID) != nil || h.unitOf(in).post(sender.ID) != "") {
			h.in.Named = true
			if h.in.Text = strings.TrimSpace(strings.Replace(text, n, "", 1)); h.in.Text == "" && h.in.Fields == nil {
				if h.in.Text, err = h.held(sender, "which"); err != nil {
					return err
				}
				// It may have waited in this very incident.
				if in, err = h.tx.Incident(in.ID); err != nil {
					return err
				}
			}
			return h.turn(in.ID, sender, nil)
		}
	}
	var mine []*Incident
	command := false
	if cmd, ok := reading.ReadCommand(text); ok && cmd.Name != reading.Help {
		command = true
	}
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return err
		}
		c := in.conversation(sender.ID)
		if c == nil {
			continue
		}
		// A mail of its own from somebody who has finished, or who stands on the DSO's side, is a new report unless it is a command.
		asked := c.Role == RoleReporter && !c.Finished && !c.Ended
		if asked || command || h.in.From.Channel == ChannelTeams || isGreeting(text) || isThanks(text) {
			mine = append(mine, in)
		}
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

// finish ends a message that led to nothing in an incident.
func (h *handling) finish(incident IncidentID, outcome string, sender *Person) error {
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	return h.tx.FinishInbound(h.in.ID, incident, outcome, true, h.now)
}

// which asks the sender which incident they mean.
func (h *handling) which(sender *Person, list []*Incident) error {
	var numbers []string
	for _, in := range list {
		numbers = append(numbers, in.Number)
	}
	// The text waits in the newest until the number comes.
	if c := list[0].conversation(sender.ID); c != nil && c.Pending == nil {
		c.Pending = &Pending{Why: "which", Field: FieldWhat, Text: h.in.Text}
		if err := h.commit(list[0], Result{}); err != nil {
			return err
		}
	}
	return h.outside(sender, MessageNotice, Line{TextWhich, args("numbers", strings.Join(numbers, ", "))})
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
		if !t.SentAt.IsZero() && !t.SentAt.After(h.in.At) && t.SentAt.After(at) {
			last, at = in, t.SentAt
		}
	}
	return last, nil
}

// outside answers a message that belongs to no incident.
func (h *handling) outside(sender *Person, kind MessageKind, lines ...Line) error {
	out := Outbound{Person: sender.ID, Role: RoleReporter, Channel: sender.channel(), Kind: kind, Lang: sender.lang(h.Organisation), At: h.now,
		Form: h.Form.ID, FormVersion: h.Form.Version, Lines: lines, AutoReplied: true}
	if err := h.address(nil, &out); err != nil {
		return err
	}
	if len(h.in.References) > 0 {
		out.InReplyTo = ""
	}
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.tx.Enqueue(out); err != nil {
		return err
	}
	return h.tx.FinishInbound(h.in.ID, "", string(kind), true, h.now)
}

// report begins an incident, or introduces the program to somebody who only greets it.
func (h *handling) report(sender *Person) error {
	text := h.in.Text
	if strings.TrimSpace(text) == "" {
		text = h.in.Subject
	}
	empty := isGreeting(text) && isGreeting(h.in.Subject) && len(h.in.Attachments) == 0
	_, command := reading.ReadCommand(text)
	if empty || command || languageOf(text) != "" {
		sender.greeted(h.in.At, h.Form.Limit)
		return h.outside(sender, MessageIntroduction, Line{Key: TextIntroduction})
	}
	// Whoever writes in Teams is in the tenant; by mail the domain tells.
	if h.in.From.Channel == ChannelMail && !h.Organisation.allowed(h.in.From.ID) {
		return h.aside(nil, "stranger", "domain_not_allowed")
	}
	id, err := h.id()
	if err != nil {
		return err
	}
	n, err := h.tx.NextNumber(h.now.In(Stockholm()).Year())
	if err != nil {
		return err
	}
	unit, known := h.Organisation.unitOf(sender.Mail(), sender.Unit)
	at := h.in.At
	if !sender.GreetedAt.IsZero() && sender.GreetedAt.Before(at) && at.Sub(sender.GreetedAt) <= h.Form.Limit {
		at = sender.GreetedAt
	}
	sender.GreetedAt = time.Time{}
	in := &Incident{ID: IncidentID(id), Number: fmt.Sprintf("PUI-%d-%04d", h.now.In(Stockholm()).Year(), n), Unit: unit.ID, UnitKnown: known,
		Form: h.Form.ID, FormVersion: h.Form.Version, Status: StatusReported, Reporter: sender.ID, ReportedAt: at, AwareAt: at,
		DeadlineAt: Deadline(at, h.Form.Limit), Answers: map[string]Answer{}}
	return h.begin(in, sender, text)
}

// begin takes the first turn of an incident. Its language is that of the report, whatever the client's was at the greeting.
func (h *handling) begin(in *Incident, sender *Person, text string) error {
	if lang := detect(text); lang != "" {
		sender.Lang = lang
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	s.Sender = sender
	s.Conversation = &Conversation{Person: sender.ID, Role: RoleReporter}
	in.Conversations = append(in.Conversations, s.Conversation)
	in.Files = append(in.Files, maskedFiles(h.in.Attachments)...)
	r := Begin(s, text)
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.commit(in, r); err != nil {
		return err
	}
	return h.done(in, sender, r)
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
	if out := s.Conversation.Outbound; out != "" {
		last, err := h.tx.Thread(out)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			s.SeenAt = last.SentAt
		}
	}
	in.Files = append(in.Files, maskedFiles(h.in.Attachments)...)
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
	return h.tx.FinishInbound(h.in.ID, in.ID, "answered", !r.EraseRaw && len(h.in.Attachments) == 0, h.now)
}
