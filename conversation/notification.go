package conversation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"
)

// Notification is what the organisation tells the authority (GDPR article 33.3), with what was decided about it. Its JSON
// is notification.json; times are RFC 3339 in Stockholm's offset, whole seconds.
type Notification struct {
	Form          string         `json:"form"`
	FormVersion   string         `json:"form_version"`
	Number        string         `json:"number"`
	Unit          string         `json:"unit"`
	AwareAt       Stamp          `json:"aware_at"`
	DeadlineAt    Stamp          `json:"deadline_at"`
	Late          bool           `json:"late"`
	DSOAlertedAt  Stamp          `json:"dso_alerted_at,omitzero"`
	Decision      Outcome        `json:"decision,omitempty"`
	Reason        string         `json:"reason,omitempty"`
	ApprovedAt    Stamp          `json:"approved_at,omitzero"`
	ApprovedBy    string         `json:"approved_by,omitempty"`
	ContentSHA256 string         `json:"content_sha256"`
	Filing        *FilingRecord  `json:"filing,omitempty"`
	Answers       map[string]any `json:"answers"`
}

// Document is a notification as a person is shown it: with what waits, what is proposed, and how to reach the reporter.
type Document struct {
	Notification *Notification `json:"notification"`
	// Unit is the unit's name; the notification holds its id.
	Unit   string `json:"unit"`
	Status Status `json:"status"`
	// Applies lists the authority's fields that apply, in order; Open those without an answer; Unknown those left blank because nobody
	// knew, which are to be supplemented; Lacking the mandatory ones that stop an approval.
	Applies []string `json:"applies"`
	Open    []string `json:"open,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
	Lacking []string `json:"lacking,omitempty"`
	// Proposals count only once accepted.
	Proposals []Proposal `json:"proposals,omitempty"`
	// Own are the answers to our own questions (kind, protected, phone), by key.
	Own map[string]Value `json:"own,omitempty"`
	// FirstMessage is what the reporter wrote first; Reporter their name and mail address.
	FirstMessage string `json:"first_message,omitempty"`
	Reporter     string `json:"reporter,omitempty"`
	// Notes are what colleagues wrote in the incident's thread.
	Notes []Note `json:"notes,omitempty"`
	// Files lists the attachments that came: described, not kept.
	Files []Attachment `json:"files,omitempty"`
}

// FilingRecord is the filing in notification.json.
type FilingRecord struct {
	Reference string `json:"reference"`
	At        Stamp  `json:"at"`
}

// Stamp is an instant that is written with Stockholm's offset in whole seconds.
type Stamp struct{ time.Time }

// MarshalJSON writes RFC 3339.
func (s Stamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.In(Stockholm()).Truncate(time.Second).Format(time.RFC3339))
}

// Notification assembles what there is now: the answers that apply, in the shapes of notification.json.
func (in *Incident) Notification(f *Form, unit string, now time.Time) *Notification {
	n := &Notification{Form: in.Form, FormVersion: in.FormVersion, Number: in.Number, Unit: unit,
		AwareAt: Stamp{in.AwareAt}, DeadlineAt: Stamp{in.DeadlineAt}, Late: in.LateAt(now), Answers: map[string]any{}}
	for _, fd := range f.Fields {
		a, ok := in.Answers[fd.Key]
		if ok && !fd.Own && !a.Value.Blank && in.Applies(f, fd, now) {
			n.Answers[fd.Key] = a.Value.JSON(fd)
		}
	}
	if len(in.Watch.Called) > 0 {
		n.DSOAlertedAt = Stamp{in.Watch.Called[0].At}
	}
	if d := in.Decision; d != nil {
		n.Decision, n.Reason = d.Outcome, d.Reason
		if d.Outcome == OutcomeApprove {
			n.ApprovedAt, n.ApprovedBy = Stamp{d.At}, d.Address
		}
	}
	if in.Filing != nil {
		n.Filing = &FilingRecord{in.Filing.Reference, Stamp{in.Filing.At}}
	}
	if d := in.Decision; d != nil && d.Content != nil {
		// What was decided stays as it was decided.
		n.Answers, n.AwareAt, n.Unit = d.Content.Answers, d.Content.AwareAt, d.Content.Unit
	}
	n.ContentSHA256 = n.contentHash()
	return n
}

// contentHash is the SHA-256, in hex, over the RFC 8785 canonical JSON of what was approved.
func (n *Notification) contentHash() string {
	data, err := json.Marshal(map[string]any{"form": n.Form, "form_version": n.FormVersion, "number": n.Number,
		"unit": n.Unit, "aware_at": n.AwareAt, "answers": n.Answers})
	if err == nil {
		data, err = jcs.Transform(data)
	}
	if err != nil {
		panic(fmt.Sprintf("canonical JSON of strings and numbers: %v", err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
