package conversation

import (
	"slices"
	"time"
)

// Identifiers are distinct so that one cannot be taken for another. Each is its time and 80 random bits in
// base32 (Engine.id), but InboundID, which is a hash of what makes the message unique on its channel.
type (
	IncidentID string
	PersonID   string
	InboundID  string
	OutboundID string
)

// Channel is where a person is spoken to.
type Channel string

// The channels.
const (
	ChannelMail  Channel = "mail"
	ChannelTeams Channel = "teams"
)

// Address is a person on a channel. For mail, ID is the address in lower case; for Teams it is tenant/aadObjectId (or the
// user's channel id where there is none), and Reference what the channel needs to write first, as it made it.
type Address struct {
	Channel   Channel `json:"channel"`
	ID        string  `json:"id"`
	Reference string  `json:"reference,omitempty"`
}

// Person is a human with all their addresses.
type Person struct {
	ID        PersonID
	Name      string // as the channel gave it: shown, never trusted
	Lang      Lang
	Unit      string // remembered from the first incident; empty until known
	Addresses []Address
	// LastChannel is where the person last wrote; answers go there.
	LastChannel Channel
	// GreetedAt is when a greeting came that may become a report: its time counts then.
	GreetedAt time.Time
	// AbsentAt is when an automatic reply said that the person is away; zero once they have written again.
	AbsentAt time.Time
	Pace     Pace
	Version  int64
}

// Mail returns the person's mail address, or "".
func (p *Person) Mail() string { return p.address(ChannelMail).ID }

func (p *Person) address(c Channel) Address {
	for _, a := range p.Addresses {
		if a.Channel == c {
			return a
		}
	}
	return Address{}
}

// Status of an incident.
type Status string

// The statuses, in the order in which an incident passes them.
const (
	StatusUnverified    Status = "unverified" // the first message's sender is not certain, and nobody has confirmed it
	StatusReported      Status = "reported"
	StatusInReview      Status = "in_review"
	StatusApproved      Status = "approved"
	StatusNotified      Status = "notified"
	StatusNotNotifiable Status = "not_notifiable"
	StatusWithdrawn     Status = "withdrawn"
	StatusClosed        Status = "closed"
)

// Open reports whether the clock still runs.
func (s Status) Open() bool {
	return s == StatusUnverified || s == StatusReported || s == StatusInReview || s == StatusApproved
}

// Incident is what is reported, with all that has been answered and decided. It is the unit of change: every write
// names the Version that it read.
type Incident struct {
	ID      IncidentID
	Number  string // PUI-2026-0001
	Version int64
	Unit    string
	// UnitKnown is false while the default unit stands in.
	UnitKnown   bool
	Form        string
	FormVersion string
	Status      Status
	Reporter    PersonID
	// ReportedAt is the receipt of the first message; AwareAt and DeadlineAt follow from it and from the answers.
	ReportedAt, AwareAt, DeadlineAt time.Time
	FirstMessage                    string
	// FirstInbound is the message that it came with.
	FirstInbound InboundID `json:",omitempty"`
	// Answers by field key: the current revision of each. The store keeps every revision.
	Answers map[string]Answer
	// Proposals wait for a person's acceptance.
	Proposals []Proposal
	// Struck lists the fields whose drafts were declined.
	Struck []string
	// Revision counts accepted changes of the notification's content; a decision names the one it saw.
	Revision int
	// ReviewSent is the revision that was last sent for approval; 0 before the first.
	ReviewSent int
	Watch      Watch
	Decision   *Decision
	Filing     *Filing
	// Reminded holds the thresholds that have been decided, by key ("left-48h0m0s", "over-12h0m0s").
	Reminded      map[string]time.Time
	Conversations []*Conversation
	ClosedAt      time.Time
	// Log is the incident's history as far as a later turn looks at it: drafts (question 14, 30) and what is bounded. The store keeps the whole.
	Log []Event
	// Files lists the attachments that came with messages. FilesAskedAt is when the DSO first asked for them: what comes after is kept.
	Files        []Attachment
	FilesAskedAt time.Time `json:",omitzero"`
	// Notes are what colleagues without a part in the incident wrote in its thread.
	Notes []Note
	// Unverified is why it was not certain who reported, "" where it was; it stays when somebody has confirmed the incident. Claimed has the
	// address that the first message came from, Lang its language; AnnounceAt is when the DSO is told.
	Unverified string
	Claimed    PersonID
	Lang       Lang
	AnnounceAt time.Time
	// Purged is set when the content key is gone.
	Purged bool
}

// Answer is an accepted, cleaned value with its author and time.
type Answer struct {
	Value    Value     `json:"value"`
	Author   PersonID  `json:"author,omitempty"` // empty: the settings, or the program's own reading
	Role     Role      `json:"role"`
	At       time.Time `json:"at"`
	Revision int       `json:"revision"` // of the incident
	// Inbound is the message that gave it; where it was edited, the one that was.
	Inbound InboundID `json:"inbound,omitempty"`
}

// Proposal is a value that counts only once a person has accepted it: a row that the program drafted, or a
// reporter's change after they had finished.
type Proposal struct {
	Field  string    `json:"field"`
	Value  Value     `json:"value"`
	Author PersonID  `json:"author,omitempty"` // empty: drafted by the program
	At     time.Time `json:"at"`
	// Source says what the draft was made from: "step", "log", "number", "reporter".
	Source string `json:"source"`
}

// Watch is who has been called and who has the incident.
type Watch struct {
	// Called lists the calls made, in order.
	Called []Call `json:"called,omitempty"`
	// TakenBy is who answered "I have it"; empty until then.
	TakenBy PersonID  `json:"taken_by,omitempty"`
	TakenAt time.Time `json:"taken_at,omitzero"`
}

// Call is one person called: a place in the chain DSO, deputy, on-call.
type Call struct {
	Person PersonID  `json:"person"`
	Post   Post      `json:"post"`
	At     time.Time `json:"at"`
	// Declined is set when the person answered that they cannot.
	Declined bool `json:"declined,omitempty"`
	// Former is set when the incident has become another unit's: the person may be called anew.
	Former bool `json:"former,omitempty"`
	// Absent is set when an automatic reply said that the person is away.
	Absent bool `json:"absent,omitempty"`
}

// Post is a place in a unit's chain of people.
type Post string

// The posts.
const (
	PostDSO    Post = "dso"
	PostDeputy Post = "deputy"
	PostOnCall Post = "on_call"
	// PostDecider decides; it is the DSO unless the settings name another.
	PostDecider Post = "decider"
)

// Outcome of a decision.
type Outcome string

// The outcomes.
const (
	OutcomeApprove       Outcome = "approve"
	OutcomeReturn        Outcome = "return"
	OutcomeNotNotifiable Outcome = "not_notifiable"
)

// Decision is the decider's answer to one revision of the notification.
type Decision struct {
	Outcome  Outcome   `json:"outcome"`
	By       PersonID  `json:"by"`
	Address  string    `json:"address"` // the authenticated address that it came from
	At       time.Time `json:"at"`
	Revision int       `json:"revision"`
	Reason   string    `json:"reason,omitempty"`
	// Content is the notification as it was approved; after the filing it stays frozen.
	Content *Notification `json:"content,omitempty"`
}

// Filing is the record that the notification was sent to the authority.
type Filing struct {
	Reference string    `json:"reference"`
	At        time.Time `json:"at"`
	By        PersonID  `json:"by"`
}

// Conversation is one person's part in an incident. Its position is never stored: see Next.
type Conversation struct {
	Person PersonID `json:"person"`
	Role   Role     `json:"role"`
	Post   Post     `json:"post,omitempty"` // of those on the DSO's side
	// Delivered is the question last put to the person, and the outbound that carried it.
	Delivered string     `json:"delivered,omitempty"`
	Outbound  OutboundID `json:"outbound,omitempty"`
	// On is the channel that it went by.
	On Channel `json:"on,omitempty"`
	// Live is the card in Teams on which the person can act: take the incident, decide, tell of the filing. It is replaced as soon as it no
	// longer holds.
	Live OutboundID `json:"live,omitempty"`
	// Cards are those in Teams that can still be filled in, the newest last.
	Cards []LiveCard `json:"cards,omitempty"`
	// Previous is the question put before that, for a message written before Delivered was seen.
	Previous string `json:"previous,omitempty"`
	// Misses counts answers in a row that were not understood.
	Misses int `json:"misses,omitempty"`
	// Missed is the question that the last such answer was for, MissedBy the message: its writer may mend it there.
	Missed   string    `json:"missed,omitempty"`
	MissedBy InboundID `json:"missed_by,omitempty"`
	// Pending is what waits for the person's choice before it is stored as an answer.
	Pending *Pending `json:"pending,omitempty"`
	// Held waits behind Pending, where one message gave several things to choose about.
	Held []Pending `json:"held,omitempty"`
	// Changing is a field that the person asked to change, without having said to what.
	Changing string `json:"changing,omitempty"`
	// Steps are the advised steps that the person reported done.
	Steps []string `json:"steps,omitempty"`
	// Finished: the person has checked the answers and said that they are done.
	Finished bool `json:"finished,omitempty"`
	Paused   bool `json:"paused,omitempty"`
	Ended    bool `json:"ended,omitempty"` // avbryt: no more questions
}

// Pending is a value held, sealed, until its writer has chosen.
type Pending struct {
	// Why: "personnummer" (mask or keep), "open" (text outside an open list), "unseen" (written before the question was seen),
	// "suggest" (an interval that fits), "doubtful" (it is not certain what of the mail is new), "new" (of this incident or another), "which".
	Why   string `json:"why"`
	Field string `json:"field"`
	Value Value  `json:"value"`
	Text  string `json:"text,omitempty"`
	// Inbound is the message whose raw text is erased when the choice is made.
	Inbound InboundID `json:"inbound,omitempty"`
	// Origin is the message of which Inbound is an edit; empty if it is none.
	Origin InboundID `json:"origin,omitempty"`
	// More: further entries of the group were to follow.
	More bool `json:"more,omitempty"`
}

// Event is a line of the incident's append-only log: keys and times, never content.
type Event struct {
	At     time.Time `json:"at"`
	Name   string    `json:"event"`
	Person PersonID  `json:"person,omitempty"`
	Field  string    `json:"field,omitempty"`
	// Detail is a key, such as the reason for a refusal.
	Detail string `json:"detail,omitempty"`
	// Hash is the SHA-256 of the content concerned, where there is any.
	Hash string `json:"hash,omitempty"`
}

// lookedAt are the events that a later turn looks at.
const (
	eventStepDone        = "step_done"
	eventCalled          = "called"
	eventTaken           = "taken"
	eventStranger        = "stranger"
	eventAddedUnverified = "added_unverified"
	eventBounced         = "bounced"
	eventUndelivered     = "undelivered"
)

var lookedAt = map[string]bool{eventStepDone: true, eventCalled: true, eventTaken: true, eventStranger: true, eventAddedUnverified: true,
	eventBounced: true, eventUndelivered: true}

// log notes an event in what is read and written with each turn, if a later one looks at it.
func (in *Incident) log(e Event) {
	if lookedAt[e.Name] {
		in.Log = append(in.Log, e)
	}
}

// rename puts one person in another's place throughout the incident.
func (in *Incident) rename(from, to PersonID) {
	swap := func(p *PersonID) {
		if *p == from {
			*p = to
		}
	}
	swap(&in.Reporter)
	swap(&in.Claimed)
	swap(&in.Watch.TakenBy)
	for i := range in.Watch.Called {
		swap(&in.Watch.Called[i].Person)
	}
	if mine := in.conversation(to); mine != nil && in.conversation(from) != nil {
		// Both had a part: whoever reported goes on as the reporter.
		other := in.conversation(from)
		in.Conversations = slices.DeleteFunc(in.Conversations, func(c *Conversation) bool {
			return c == mine && other.Role == RoleReporter || c == other && other.Role != RoleReporter
		})
	}
	for _, c := range in.Conversations {
		swap(&c.Person)
	}
	for i := range in.Proposals {
		swap(&in.Proposals[i].Author)
	}
}

// greeted notes when somebody first wrote without having reported yet: that time counts if a report follows within the limit.
func (p *Person) greeted(at time.Time, limit time.Duration) {
	if p.GreetedAt.IsZero() || at.Sub(p.GreetedAt) > limit {
		p.GreetedAt = at
	}
}
