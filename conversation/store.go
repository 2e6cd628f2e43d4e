package conversation

import (
	"context"
	"errors"
	"time"
)

// Store is what the engine needs of a database. Package store implements it on SQLite and PostgreSQL.
type Store interface {
	// Accept commits a raw message. fresh is false if its id is in the ledger already.
	Accept(ctx context.Context, in RawInbound) (fresh bool, err error)
	// AcceptAll is Accept for many in one transaction, and tells of each in the same order.
	AcceptAll(ctx context.Context, in []RawInbound) (fresh []bool, err error)
	// Waiting lists the ids of messages that were accepted but have had no turn, oldest first.
	Waiting(ctx context.Context) ([]InboundID, error)
	// Update runs f in one transaction and commits if f returns nil. It returns ErrConflict if another transaction changed
	// what f wrote; the caller runs it again.
	Update(ctx context.Context, f func(Tx) error) error
	// View runs f in a read-only transaction.
	View(ctx context.Context, f func(Tx) error) error
	// Due lists the open incidents whose next due instant is at or before now, the earliest first.
	Due(ctx context.Context, now time.Time) ([]IncidentID, error)
	// NextDue is the earliest due instant of all open incidents; ok is false if there is none.
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
}

// Tx is one transaction. Every method may fail with the database's error, wrapped.
type Tx interface {
	// AcceptInbound takes a message up in this transaction, so that it is committed with its turn. fresh is false if its id is in the ledger already.
	// A message that the transaction does not finish is committed as Store.Accept does it.
	AcceptInbound(in RawInbound) (fresh bool, err error)
	// Inbound returns an accepted message. done is true if a turn has been taken.
	Inbound(id InboundID) (in RawInbound, done bool, err error)
	// Placed returns the incident that a message belongs to, "" if it led to none, and whether its turn has been taken. It returns ErrNotFound.
	Placed(id InboundID) (incident IncidentID, done bool, err error)
	// FinishInbound records that the message has had its turn, and re-seals it under the incident's key ("" = none).
	// keep false erases the raw text; outcome is a key ("answered", "automatic", "stranger", "failed").
	FinishInbound(id InboundID, incident IncidentID, outcome string, keep bool, at time.Time) error
	// EraseInbound erases the raw text of a message kept before; ReduceInbound replaces it by the text given, sealed as it was.
	EraseInbound(id InboundID) error
	ReduceInbound(id InboundID, text []byte) error

	// PersonByAddress finds who has the address. It returns ErrNotFound.
	PersonByAddress(a Address) (*Person, error)
	Person(id PersonID) (*Person, error)
	// SavePerson inserts (Version 0) or updates; addresses move to this person if another had them.
	SavePerson(p *Person) error

	// Incident loads the whole incident. It returns ErrNotFound.
	Incident(id IncidentID) (*Incident, error)
	// IncidentByNumber finds an incident by its number.
	IncidentByNumber(number string) (*Incident, error)
	// Incidents lists all incidents, by number.
	Incidents() ([]*Incident, error)
	// OpenIncidents lists the incidents that the person takes part in and whose status is open, the newest first.
	OpenIncidents(p PersonID) ([]IncidentID, error)
	// UnverifiedSince lists the incidents reported at or after an instant whose reporter was not certain then, the newest first.
	UnverifiedSince(at time.Time) ([]Unverified, error)
	// SaveIncident inserts (Version 0) or updates the incident, appends its new answers' revisions and the events, and
	// stores when it is next due (zero: never). ErrConflict if the stored version is not in.Version.
	SaveIncident(in *Incident, events []Event, nextDue time.Time) error
	// NextNumber returns the next number of a year's series, from 1.
	NextNumber(year int) (int, error)
	// Events returns the incident's log, oldest first.
	Events(id IncidentID) ([]Event, error)

	// Enqueue puts a message into the outbox. A message whose Dedup is already there is dropped silently.
	Enqueue(out Outbound) error
	// ThreadByToken and ThreadByMessage find the outbound that a message answers. They return ErrNotFound.
	ThreadByToken(token string) (*Thread, error)
	ThreadByMessage(messageID string) (*Thread, error)
	// ThreadByNote finds the incident in which somebody's own mail is remembered (NoteMessage). ErrNotFound if there is none.
	ThreadByNote(messageID string) (*Thread, error)
	// Resend puts a message that came back, or was given up, into the outbox again for another channel of the person: once, and not if it went
	// there already. ErrNotFound if it cannot.
	Resend(id OutboundID, to Channel) error
	// Thread returns an outbound's thread by its id.
	Thread(id OutboundID) (*Thread, error)
	// LastMessage is the Message-ID of the latest mail to or from the person about the incident, for In-Reply-To; "" if none.
	LastMessage(incident IncidentID, p PersonID) (string, error)
	// NoteMessage remembers the Message-ID of an inbound mail as the latest of the thread.
	NoteMessage(incident IncidentID, p PersonID, messageID string) error

	// RewriteInbound puts another raw text in the place of a message's, before its turn.
	RewriteInbound(id InboundID, raw []byte) error
	// KeepFile keeps a file's content, sealed under the incident's key, and File returns it, or ErrNotFound.
	KeepFile(incident IncidentID, id FileID, content []byte) error
	File(incident IncidentID, id FileID) ([]byte, error)

	// SaveForm keeps a form file that was used; FormFile returns it.
	SaveForm(id, version string, data []byte) error
	FormFile(version string) ([]byte, error)
}

// Outbox is the sending side of the store.
type Outbox interface {
	// Claim takes up to n unsent messages of one channel whose time has come, for the holder until the given instant: alerts first, then
	// the oldest; never two of the same person at once, alerts aside.
	Claim(ctx context.Context, holder string, channel Channel, until time.Time, n int) ([]Delivery, error)
	// Sent records deliveries, all or none. ErrNotFound if one is of a message that is not there; the others are recorded.
	Sent(ctx context.Context, list []Receipt) error
	// Retry puts a message back until notBefore; reason is a key.
	Retry(ctx context.Context, id OutboundID, notBefore time.Time, reason string) error
	// Dead gives a message up; reason is a key.
	Dead(ctx context.Context, id OutboundID, reason string) error
	// Move puts a message back for another channel of the person. ErrNotFound if the person has no address there.
	Move(ctx context.Context, id OutboundID, to Channel) error
	// Ref returns the channel's own id for a message that was sent, "" if unknown.
	Ref(ctx context.Context, id OutboundID) (string, error)
	// Unsent counts the messages that are neither sent nor given up, and those given up.
	Unsent(ctx context.Context) (waiting, dead int, err error)
}

// Receipt tells that a message was sent.
type Receipt struct {
	Outbound OutboundID
	Channel  Channel   // by which it went: of one that was put out again for another meanwhile the delivery does not count
	At       time.Time // by the domain's clock
	Ref      string    // the channel's own id for the message (activity id), "" if it gave none
}

// Delivery is a claimed message with its addressee.
type Delivery struct {
	Outbound Outbound
	To       Address
	Name     string
	Attempts int
	// Shown is the channel's own id for the message that this one replaces, where the store has looked it up.
	Shown string
	// Until is when the claim of a message that is handed over ends, in real time; zero for one that was claimed by asking.
	Until time.Time
}

// The store's errors.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("changed by another transaction")
)
