package conversation

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"frist/conversation/reading"
)

// Why it is not certain who wrote the first message of an incident (Incident.Unverified).
const (
	UnverifiedUnknown = "unknown_sender"  // authenticated, of a domain that is not the organisation's
	UnverifiedForged  = "unauthenticated" // nobody vouches for the address
)

const (
	unverifiedADay  = 30 // incidents of each kind; what comes beyond is kept as mail alone, and the administrator is told
	announcedAnHour = 3  // of each kind; the rest are announced later
	unverifiedSince = 72 * time.Hour
	addedMax        = 20_000 // bytes of what is written on, before somebody has looked at it
)

// Unverified is what there is to know at a glance of an incident whose reporter was not certain.
type Unverified struct {
	Incident               IncidentID
	Why                    string
	Claimed                PersonID
	Status                 Status
	ReportedAt, AnnounceAt time.Time
}

// unverified keeps the first report of somebody who is not known to be of the organisation, or whose address nobody vouches for: an employee
// who writes from a private address on a Saturday. It becomes an incident whose clock runs, announced to the DSO, who confirms or dismisses it;
// nothing of it is told to the sender. sender is nil unless the mail was authenticated.
func (h *handling) unverified(sender *Person, why string) error {
	h.in.joinParts()
	text := h.in.Text
	if strings.TrimSpace(text) == "" {
		text = h.in.Subject
	}
	_, command := reading.ReadCommand(text)
	unread := h.in.Oversize || h.in.Encrypted != "" || len(h.in.Attachments) > 0
	if (isGreeting(text) || isThanks(text)) && !unread || command || languageOf(text) != "" {
		return h.aside(nil, "stranger", why)
	}
	recent, err := h.tx.UnverifiedSince(h.now.Add(-unverifiedSince))
	if err != nil {
		return err
	}
	// Of one kind alone: whoever forges addresses neither adds to what an authenticated sender wrote, nor crowds it out.
	recent = slices.DeleteFunc(recent, func(u Unverified) bool { return u.Why != why })
	known, err := h.tx.PersonByAddress(h.in.From)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	for _, u := range recent {
		if known != nil && u.Status == StatusUnverified && u.Claimed == known.ID {
			return h.addUnverified(u.Incident, text)
		}
	}
	today := slices.DeleteFunc(slices.Clone(recent), func(u Unverified) bool { return h.now.Sub(u.ReportedAt) >= 24*time.Hour })
	if len(today) >= unverifiedADay {
		if err := h.alarm("unverified", Line{AlarmUnverified, args("count", itoa(len(today)))}); err != nil {
			return err
		}
		return h.aside(nil, "stranger", "too_many_unverified")
	}
	claimed, err := h.Engine.person(h.tx, h.in.From, h.in.Name)
	if err != nil {
		return err
	}
	in, err := h.newIncident(h.in.At, h.in.From.ID, "")
	if err != nil {
		return err
	}
	in.Status, in.Unverified, in.Claimed, in.Lang = StatusUnverified, why, claimed.ID, cmp.Or(detect(text), h.in.Lang)
	in.AnnounceAt = announceAt(recent, h.now)
	if err := h.takeFiles(in); err != nil {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	in.FirstMessage = reading.MaskPersonnummer(text, t.maskText())
	t.event("reported_unverified", "", why)
	if !in.AnnounceAt.After(h.now) {
		t.call(t.firstContact())
	}
	if err := h.commit(in, t.Result); err != nil {
		return err
	}
	return h.doneUnverified(in, claimed)
}

// unknown reports whether an authenticated sender is nobody that the organisation knows: of another domain, no contact, and without a part in an open
// incident. Whoever writes in Teams is in the tenant.
func (h *handling) unknown(sender *Person) (bool, error) {
	if h.in.From.Channel != ChannelMail || h.Organisation.allowed(h.in.From.ID) || h.Organisation.staff(sender.ID) {
		return false, nil
	}
	ids, err := h.tx.OpenIncidents(sender.ID)
	return len(ids) == 0, err
}

// announceAt is when an incident is announced, so that no flood of mail becomes a flood of alerts: the first few of an hour at once, all others
// together when that hour has passed. recent are those of its kind.
func announceAt(recent []Unverified, now time.Time) time.Time {
	var first time.Time
	told := 0
	for _, u := range recent { // the newest first
		if age := now.Sub(u.AnnounceAt); age >= 0 && age < time.Hour {
			first = u.AnnounceAt
			told++
		}
	}
	if told < announcedAnHour {
		return now
	}
	return first.Add(time.Hour)
}

// addUnverified adds what the same address writes on to what waits to be looked at.
func (h *handling) addUnverified(id IncidentID, text string) error {
	in, err := h.tx.Incident(id)
	if err != nil {
		return err
	}
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	if len(in.FirstMessage)+len(text) <= addedMax {
		in.FirstMessage += "\n\n" + reading.MaskPersonnummer(text, t.maskText())
	}
	if err := h.takeFiles(in); err != nil {
		return err
	}
	if in.loggedToday(eventAddedUnverified, h.now) < loggedADay {
		t.event(eventAddedUnverified, "", "")
	}
	if err := h.commit(in, t.Result); err != nil {
		return err
	}
	claimed, err := h.tx.Person(in.Claimed)
	if err != nil {
		return err
	}
	return h.doneUnverified(in, claimed)
}

// doneUnverified closes the inbound. An authenticated sender is answered once, politely, without a word of what they wrote.
func (h *handling) doneUnverified(in *Incident, claimed *Person) error {
	if h.in.MessageID != "" {
		if err := h.tx.NoteMessage(in.ID, claimed.ID, h.in.MessageID); err != nil {
			return err
		}
	}
	if h.in.Authenticated {
		out := Outbound{Person: claimed.ID, Role: RoleReporter, Channel: ChannelMail, Kind: MessageNotice, Lang: cmp.Or(claimed.Lang, in.Lang, h.Organisation.Lang),
			At: h.now, Form: h.Form.ID, FormVersion: h.Form.Version, Lines: []Line{{TextUnknownSender, args("organisation", h.Organisation.Name)}},
			AutoReplied: true, Dedup: "unknown/" + string(claimed.ID)}
		if err := h.address(nil, &out); err != nil {
			return err
		}
		out.InReplyTo = h.in.MessageID
		if err := h.tx.Enqueue(out); err != nil {
			return err
		}
	}
	if err := h.tx.FinishInbound(h.in.ID, in.ID, "unverified", true, h.now); err != nil {
		return err
	}
	return h.reduce(h.in.ID)
}

func unverifiedChoices() []Choice {
	return []Choice{{ButtonConfirm, "bekräfta"}, {ButtonDismiss, "avfärda"}, {ButtonShow, "visa"}}
}

// unverifiedCommand takes what the DSO's side may say of an incident that nobody has confirmed.
func (t *turn) unverifiedCommand(text string) {
	cmd, _ := reading.ReadCommand(text)
	switch cmd.Name {
	case reading.Confirm:
		t.confirmIncident()
	case reading.Dismiss:
		t.dismiss()
	case reading.Take:
		t.take()
		t.say(TextUnverifiedHow)
	case reading.Cannot:
		t.cannot()
	case reading.Show:
		t.show(MessageShow)
	default:
		t.say(TextUnverifiedHow)
	}
}

// confirmIncident makes an unverified incident an ordinary one: its questions go to the address that it came from.
func (t *turn) confirmIncident() {
	in := t.Incident
	in.Status = StatusReported
	// Somebody who writes in the DSO's name must not make the DSO the reporter, who does not decide: only they themselves can say that they wrote.
	if forged := in.Unverified == UnverifiedForged && in.Claimed != t.Sender.ID && t.unit().post(in.Claimed) != ""; !forged {
		in.Reporter = in.Claimed
	}
	t.event("confirmed", "", in.Unverified)
	t.settleCards(Line{TextTakenBy, args("name", t.name(t.Sender.ID), "at", stamp(t.Now))})
	t.prefill()
	if in.Watch.TakenBy != t.Sender.ID {
		t.take()
	}
	p := t.Person(in.Reporter)
	if p == nil || p.ID == t.Sender.ID {
		t.say(TextConfirmed)
		return
	}
	t.say(TextConfirmedAsks, "address", p.Mail(), "why", in.Unverified)
	if p.Lang == "" {
		p.Lang = in.Lang
	}
	r := &turn{Situation: t.Situation}
	r.Sender, r.Thread, r.Inbound = p, nil, &Inbound{ID: t.Inbound.ID, From: p.address(ChannelMail)}
	r.Conversation = t.join(p.ID, RoleReporter, "")
	r.Conversation.Role = RoleReporter
	kind, clear := readKind(in.FirstMessage)
	r.noteKind(kind, clear)
	r.receipt(kind, clear)
	r.ask()
	for _, out := range r.Outbound {
		out.AutoReplied = false
		t.Outbound = append(t.Outbound, out)
	}
	t.Events = append(t.Events, r.Events...)
}

// dismiss ends an unverified incident: it was none, or spam.
func (t *turn) dismiss() {
	in := t.Incident
	in.Status, in.ClosedAt = StatusWithdrawn, t.Now
	t.event("dismissed", "", "")
	t.settleCards(Line{TextUnverifiedGone, args("name", t.name(t.Sender.ID))})
	t.say(TextDismissed)
	for _, p := range t.others() {
		t.tell(p, Line{TextUnverifiedGone, args("name", t.name(t.Sender.ID))})
	}
}
