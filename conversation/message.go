package conversation

import (
	"strings"
	"time"
)

// RawInbound is a message as it came, committed before it is acknowledged.
type RawInbound struct {
	ID      InboundID
	Channel Channel
	// At is the receipt: IMAP INTERNALDATE, or the authenticated activity's time.
	At  time.Time
	Raw []byte
	// Parsed is what the channel has read of Raw already; nil when the message comes from the store.
	Parsed any
}

// Inbound is a message that a channel has read from its raw form.
type Inbound struct {
	ID InboundID
	At time.Time
	// From is the sender's address. It is only an identity if Authenticated.
	From          Address
	Authenticated bool
	// Known are further addresses that the channel knows to be the same person's (a Teams user's mail address by the
	// connector's member lookup).
	Known []Address
	Name  string
	// MessageID of a mail, without its angle brackets.
	MessageID string
	// Lang is the client's language if it says one; else empty.
	Lang Lang
	// Text is what the person wrote now, without quotes and signature.
	Text string
	// Subject of a mail: part of a first report, nothing else.
	Subject string
	// Parts are answers written between the quoted questions: field name and text.
	Parts []Part
	// Fields are the inputs of a submitted card, by input name.
	Fields map[string]string
	// Oversize is set when the message was too large to be read; nothing of it but its sender is known.
	Oversize bool
	// Joined is set when the person has installed the program: nothing was said yet.
	Joined bool
	// Left is set when they have removed it: they cannot be written to there any more.
	Left bool
	// Edits is the sender's earlier message that this one puts newer text in the place of, or, with Withdrawn, that they have deleted.
	Edits     InboundID
	Withdrawn bool
	// Named is set when the message named its incident by number.
	Named bool
	// Invoke is set when a card waits for an answer in place.
	Invoke bool
	// Token is the reply token that the message carries; References the ids of messages it answers.
	Token      string
	References []string
	// Automatic is a key when no person wrote it ("auto_submitted"); Bounced the id of the message that came back. Absent is set when an automatic
	// reply says that its sender is away.
	Automatic string
	// Guessed is set when it is the words alone that say so, and no header.
	Guessed bool
	Bounced string
	Absent  bool
	// Encrypted names how the message is encrypted, so that nothing of it could be read; else empty.
	Encrypted string
	// Whole is the text with all that was cut from it, as a mail client shows it; empty if Text is all there is.
	Whole string
	// Doubtful is set when the new text could not be told from the quoted.
	Doubtful    bool
	Attachments []Attachment
	// Bare is the raw message without the content of its files, which is what is kept of it; nil if it has none.
	Bare func() []byte
}

// Part is an answer that names its question.
type Part struct{ Field, Text string }

// joinParts makes one text of what was written between quoted lines, where it answers no question.
func (in *Inbound) joinParts() {
	all := []string{in.Text}
	for _, p := range in.Parts {
		all = append(all, p.Text)
	}
	in.Text, in.Parts = strings.TrimSpace(strings.Join(all, "\n\n")), nil
}

// MessageKind is what an outbound message is for; the channels choose its looks by it.
type MessageKind string

// The kinds of outbound messages.
const (
	MessageIntroduction MessageKind = "introduction" // to a greeting or "help" without a report
	MessageQuestion     MessageKind = "question"     // receipt or reply with the next question
	MessageNotice       MessageKind = "notice"       // says something, asks nothing
	MessageCheck        MessageKind = "check"        // check your answers
	MessageAlert        MessageKind = "alert"        // to the DSO: take it or not
	MessageReview       MessageKind = "review"       // to the DSO: the notification with its open questions
	MessageShow         MessageKind = "show"         // what there is so far
	MessageReminder     MessageKind = "reminder"
	MessageFile         MessageKind = "file"     // approved: how to file
	MessageFiles        MessageKind = "files"    // to the DSO: the files that were kept
	MessageOffer        MessageKind = "offer"    // the notification as a file, in Teams
	MessageAnswered     MessageKind = "answered" // replaces an answered card
	MessageAlarm        MessageKind = "alarm"    // to the administrator: the program needs somebody to look
)

// Line is a text by key with what is filled in. Instants are RFC 3339 in UTC; how they read is the texts' affair.
type Line struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// Prompt is a question that is put, or listed, to a person.
type Prompt struct {
	Field string `json:"field"`
	// Options replace the form's where the form has none (units) or where the prompt is no question of the form.
	Options []Option `json:"options,omitempty"`
	// Current is the answer there is; Proposed what may be accepted as it stands.
	Current  *Value `json:"current,omitempty"`
	Proposed *Value `json:"proposed,omitempty"`
	// Seen tells which answer there was when the question was put (see stamp).
	Seen string `json:"seen,omitempty"`
	// Typed is what a card that could not be taken was filled in with: only in the card that answers it, which is not kept.
	Typed map[string]string `json:"typed,omitempty"`
	// Again asks for the other explanation, after two misses.
	Again bool `json:"again,omitempty"`
}

// Choice is a reply that stands ready: a button on a card, a mailto link in a mail.
type Choice struct {
	// Key of the button's text; Reply is the command or answer that it sends.
	Key   string `json:"key"`
	Reply string `json:"reply"`
}

// Outbound is a message to a person, by keys: the words are put in when it is sent.
type Outbound struct {
	ID       OutboundID  `json:"id"`
	Incident IncidentID  `json:"incident"`
	Person   PersonID    `json:"person"`
	Role     Role        `json:"role"`
	Channel  Channel     `json:"channel"`
	Kind     MessageKind `json:"kind"`
	Lang     Lang        `json:"lang"`
	// At is when it was decided.
	At time.Time `json:"at"`
	// What every mail and card may show of the incident.
	Form        string    `json:"form"`
	FormVersion string    `json:"form_version"`
	Number      string    `json:"number"`
	Unit        string    `json:"unit"` // the unit's name
	Status      Status    `json:"status"`
	DeadlineAt  time.Time `json:"deadline_at"`
	// Lines are said first, in order; Question is put; Next may be answered in the same reply.
	Lines    []Line   `json:"lines,omitempty"`
	Question *Prompt  `json:"question,omitempty"`
	Next     []Prompt `json:"next,omitempty"`
	Choices  []Choice `json:"choices,omitempty"`
	// Done of Total questions are answered.
	Done  int `json:"done,omitempty"`
	Total int `json:"total,omitempty"`
	// Document is the notification as it stood, for review, show and file; Revision the one that a decision names.
	Document *Document `json:"document,omitempty"`
	Revision int       `json:"revision,omitempty"`
	// Files are kept files, which the mail channel attaches.
	Files []Attachment `json:"files,omitempty"`
	// Late is set when the deadline had passed.
	Late bool `json:"late,omitempty"`
	// Token goes into the reply address, the mailto links and the cards. InReplyTo threads a mail.
	Token     string `json:"token"`
	MessageID string `json:"message_id"`
	InReplyTo string `json:"in_reply_to,omitempty"`
	// AutoReplied: it answers a person's message at once (RFC 3834 auto-replied), else auto-generated.
	AutoReplied bool `json:"auto_replied,omitempty"`
	// Sets: this is the question that the person's next message answers.
	Sets bool `json:"-"`
	// Stands: this is the card in Teams on which the person can act.
	Stands bool `json:"-"`
	// Replaces is an earlier outbound whose card this one replaces (kind answered).
	Replaces OutboundID `json:"replaces,omitempty"`
	// Dedup makes a message that is decided once unique: incident, rule and deadline.
	Dedup string `json:"dedup,omitempty"`
}

// Thread is what an inbound answers: the outbound found by its token or message id.
type Thread struct {
	Outbound OutboundID
	Incident IncidentID
	Person   PersonID
	Kind     MessageKind
	Field    string
	Revision int
	// Channel is the one that it went, or is to go, by.
	Channel Channel
	// SentAt is when it was delivered, by the domain's clock; zero if it has not been.
	SentAt time.Time
	// Loose is set when only the reply address named it: mail programs remember addresses, so that a new report may go to an old one.
	Loose bool
}
