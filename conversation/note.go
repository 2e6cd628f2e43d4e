package conversation

import (
	"fmt"
	"strings"
	"time"

	"frist/conversation/reading"
)

// Note is what a colleague wrote in the thread of an incident in which they have no part: for the DSO's side to read, never an answer.
type Note struct {
	At     time.Time `json:"at"`
	Person PersonID  `json:"person"`
	From   string    `json:"from"` // address; a display name is whatever its owner wishes
	Text   string    `json:"text"`
}

const (
	notesMax   = 100    // of an incident
	noteMaxLen = 10_000 // bytes
)

// colleague keeps what somebody of the organisation writes in the thread of an incident that is not theirs: they had a copy, and answered before
// the reporter did. The incident's people are told; the colleague is told that it answers no question.
func (h *handling) colleague(in *Incident, sender *Person) error {
	s, err := h.situation(in)
	if err != nil {
		return err
	}
	t := &turn{Situation: s}
	t.Sender = sender
	h.in.joinParts()
	text := strings.TrimSpace(reading.MaskPersonnummer(h.in.Text, t.maskText()))
	if text != "" && !isThanks(text) && len(in.Notes) < notesMax {
		if len(text) > noteMaxLen {
			text = strings.ToValidUTF8(text[:noteMaxLen], "") + " …"
		}
		in.Notes = append(in.Notes, Note{At: h.in.At, Person: sender.ID, From: sender.Mail(), Text: text})
	}
	t.event("note", "", "")
	for _, p := range t.staff() {
		t.tell(p, Line{TextNoteFrom, args("address", sender.Mail())})
		t.Outbound[len(t.Outbound)-1].Dedup = fmt.Sprintf("%s/note/%s/%s/%s", in.ID, sender.ID, p.ID, h.now.Format("2006-01-02T15"))
	}
	if err := h.commit(in, t.Result); err != nil {
		return err
	}
	out := Outbound{Person: sender.ID, Role: RoleReporter, Channel: sender.channel(), Kind: MessageNotice, Lang: sender.lang(h.Organisation), At: h.now,
		Form: h.Form.ID, FormVersion: h.Form.Version, Lines: []Line{{Key: TextNoteKept}}, AutoReplied: true, Dedup: fmt.Sprintf("%s/note/%s", in.ID, sender.ID)}
	if err := h.address(nil, &out); err != nil {
		return err
	}
	out.InReplyTo = h.in.MessageID
	if err := h.tx.Enqueue(out); err != nil {
		return err
	}
	if err := h.tx.SavePerson(sender); err != nil {
		return err
	}
	if err := h.tx.FinishInbound(h.in.ID, in.ID, "note", true, h.now); err != nil {
		return err
	}
	return h.reduce(h.in.ID)
}
