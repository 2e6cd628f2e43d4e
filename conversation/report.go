package conversation

import (
	"fmt"
	"strings"
	"time"

	"frist/conversation/reading"
)

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
	if text == "" && err == nil {
		text, err = h.held(sender, "which")
	}
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
		c := in.conversation(sender.ID)
		if c == nil {
			continue
		}
		p, ok := c.takeHeld(why)
		if !ok {
			continue
		}
		h.moveFiles(in, p.Inbound)
		if len(reading.FindPersonnummer(p.Text)) > 0 && p.Inbound != "" {
			if err := h.reduce(p.Inbound); err != nil {
				return "", err
			}
		}
		return p.Text, h.commit(in, Result{Events: []Event{{At: h.now, Name: "held_text_moved", Person: sender.ID}}})
	}
	return "", nil
}

// report begins an incident, or introduces the program to somebody who only greets it.
func (h *handling) report(sender *Person) error {
	h.in.joinParts()
	text := h.in.Text
	if strings.TrimSpace(text) == "" {
		text = h.in.Subject
	}
	// Whoever writes in Teams is in the tenant; by mail the domain tells.
	if h.in.From.Channel == ChannelMail && !h.Organisation.allowed(h.in.From.ID) && !h.Organisation.staff(sender.ID) {
		return h.unverified(sender, UnverifiedUnknown)
	}
	empty := isGreeting(text) && isGreeting(h.in.Subject) && len(h.in.Attachments) == 0
	_, command := reading.ReadCommand(numberPattern.ReplaceAllString(text, ""))
	if empty || command || languageOf(text) != "" {
		sender.greeted(h.in.At, h.Form.Limit)
		return h.outside(sender, MessageIntroduction, Line{Key: TextIntroduction})
	}
	if !sender.Pace.report(h.now) {
		if err := h.alarm("many_reports/"+string(sender.ID), Line{AlarmManyReports, args("count", itoa(reportsAnHour))}); err != nil {
			return err
		}
		return h.outside(sender, MessageNotice, Line{Key: TextManyReports})
	}
	at := h.in.At
	if !sender.GreetedAt.IsZero() && sender.GreetedAt.Before(at) && at.Sub(sender.GreetedAt) <= h.Form.Limit {
		at = sender.GreetedAt
	}
	sender.GreetedAt = time.Time{}
	in, err := h.newIncident(at, sender.Mail(), sender.Unit)
	if err != nil {
		return err
	}
	in.Reporter = sender.ID
	return h.begin(in, sender, text)
}

// newIncident gives an incident its number; its unit is that of the mail address or the one remembered, else the default one.
func (h *handling) newIncident(at time.Time, mail, remembered string) (*Incident, error) {
	id, err := h.id()
	if err != nil {
		return nil, err
	}
	year := h.now.In(Stockholm()).Year()
	n, err := h.tx.NextNumber(year)
	if err != nil {
		return nil, err
	}
	unit, known := h.Organisation.unitOf(mail, remembered)
	return &Incident{ID: IncidentID(id), Number: fmt.Sprintf("PUI-%d-%04d", year, n), Unit: unit.ID, UnitKnown: known,
		Form: h.Form.ID, FormVersion: h.Form.Version, Status: StatusReported, ReportedAt: at, AwareAt: at,
		DeadlineAt: Deadline(at, h.Form.Limit), Answers: map[string]Answer{}}, nil
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
	if err := h.takeFiles(in); err != nil {
		return err
	}
	r := Begin(s, text)
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.commit(in, r); err != nil {
		return err
	}
	return h.done(in, sender, r)
}

// outside answers a message that belongs to no incident.
func (h *handling) outside(sender *Person, kind MessageKind, lines ...Line) error {
	out := Outbound{Person: sender.ID, Role: RoleReporter, Channel: h.in.From.Channel, Kind: kind, Lang: sender.lang(h.Organisation), At: h.now,
		Form: h.Form.ID, FormVersion: h.Form.Version, Lines: lines, AutoReplied: true}
	if err := h.address(nil, &out); err != nil {
		return err
	}
	if len(h.in.References) > 0 {
		out.InReplyTo = ""
	}
	if answer := h.in.From.Channel != ChannelMail || sender.Pace.outside(h.now); !answer {
		return h.finish("", "quiet", sender)
	}
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.tx.Enqueue(out); err != nil {
		return err
	}
	return h.finished("", string(kind))
}
