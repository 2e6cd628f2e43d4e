package conversation

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"
)

// Reader reads a channel's raw messages. It is called inside a turn and does no I/O.
type Reader func(RawInbound) (*Inbound, error)

// Engine takes inbound messages and the passing of time, and decides what is said: a turn is one transaction, and nothing leaves
// the program inside it.
type Engine struct {
	Store        Store
	Organisation *Organisation
	// Form is the form of new incidents, FormFile its file; older incidents keep the form that they were begun with.
	Form     *Form
	FormFile []byte
	// Readers by channel.
	Readers map[Channel]Reader
	// Phrase gives the words for drafts that become answers (templates).
	Phrase func(Lang, *Form, Line) string
	// MessageDomain is the domain of the Message-IDs.
	MessageDomain string
	Now           func() time.Time
	Rand          io.Reader // crypto/rand
	Log           *slog.Logger
}

// clockAhead is how far a server's clock may be ahead of ours.
const clockAhead = time.Hour

// conflictRetries is how often a turn is run again after another transaction came first.
const conflictRetries = 20

var tokenEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// token is the time in seconds, 28 bits of it, and 100 bits of randomness, in lower-case base32, 26 characters. The time is there for the database's sake;
// see id.
func (e *Engine) token() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(e.Rand, b[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	binary.BigEndian.PutUint32(b[:], uint32(e.Now().Unix())<<4|uint32(b[3]&0xf))
	return tokenEncoding.EncodeToString(b[:]), nil
}

var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// id is the time in milliseconds, 48 bits, and 80 bits of randomness, as in a UUID of version 7 (RFC 9562 section 5.7), in lower-case base32, 26
// characters. What was made at the same time lies together in the database's indexes, however large they are.
func (e *Engine) id() (string, error) {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(e.Now().UnixMilli())<<16)
	if _, err := io.ReadFull(e.Rand, b[6:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return idEncoding.EncodeToString(b[:]), nil
}

// NewInboundID hashes what makes a message unique on its channel.
func NewInboundID(parts ...string) InboundID {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return InboundID(hex.EncodeToString(h.Sum(nil)))
}

// Enroll makes sure that every contact in the settings is a person in the store. Call it once before the first turn.
func (e *Engine) Enroll(ctx context.Context) error {
	return e.update(ctx, func(tx Tx) error {
		if err := tx.SaveForm(e.Form.ID, e.Form.Version, e.FormFile); err != nil {
			return err
		}
		for i := range e.Organisation.Units {
			u := &e.Organisation.Units[i]
			contacts := make([]*Contact, 0, len(u.Chain)+1)
			for j := range u.Chain {
				contacts = append(contacts, &u.Chain[j])
			}
			if u.Decider != nil {
				contacts = append(contacts, u.Decider)
			}
			for _, c := range contacts {
				p, err := e.person(tx, Address{Channel: ChannelMail, ID: strings.ToLower(c.Mail)}, c.Name)
				if err != nil {
					return fmt.Errorf("enroll the contacts of unit %s: %w", u.ID, err)
				}
				c.Person = p.ID
			}
		}
		return nil
	})
}

// person finds who has the address, or makes a person of it.
func (e *Engine) person(tx Tx, a Address, name string) (*Person, error) {
	p, err := tx.PersonByAddress(a)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return p, err
	}
	id, err := e.id()
	if err != nil {
		return nil, err
	}
	p = &Person{ID: PersonID(id), Name: name, Addresses: []Address{a}}
	return p, tx.SavePerson(p)
}

// update runs f in a transaction and again after a conflict.
func (e *Engine) update(ctx context.Context, f func(Tx) error) error {
	var err error
	for range conflictRetries {
		if err = e.Store.Update(ctx, f); !errors.Is(err, ErrConflict) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("after %d tries: %w", conflictRetries, err)
}

// Reply is what a turn gives back to the channel at once: the card that answers an invoke, nil if there is none.
type Reply struct {
	Inline *Outbound
	Form   *Form
	// Waiting is set when the message is kept and had no turn.
	Waiting bool
}

// Handle gives an accepted message its turn, in one transaction: answers, log and outbox are committed together or not at all. A message
// that has had its turn is left alone.
func (e *Engine) Handle(ctx context.Context, id InboundID) (reply Reply, err error) {
	err = e.update(ctx, func(tx Tx) (err error) {
		reply, err = e.handle(tx, id, nil)
		return err
	})
	if errors.Is(err, ErrFailed) {
		// The message is kept, and does not come back at every start.
		err = errors.Join(err, e.update(ctx, func(tx Tx) error { return e.failed(tx, id) }),
			e.Alarm(ctx, "failed/"+string(id), Line{AlarmFailed, args("inbound", string(id)[:12])}))
	}
	if err != nil {
		return Reply{}, fmt.Errorf("handle inbound %s: %w", id, err)
	}
	return reply, nil
}

// ErrFailed: a message could not be given its turn and never will be; it is kept.
var ErrFailed = errors.New("the message cannot be handled")

// handle is Handle's work in one transaction. A fault of the program in one message must not end the program for all.
// in is the message if it has been read already.
func (e *Engine) handle(tx Tx, id InboundID, in *Inbound) (reply Reply, err error) {
	defer func() {
		if r := recover(); r != nil {
			e.Log.Error("a turn failed: this is a fault of the program", "inbound", id, "stack", string(debug.Stack()))
			err = ErrFailed
		}
	}()
	raw, done, err := tx.Inbound(id)
	if err != nil || done {
		return Reply{}, err
	}
	read := e.Readers[raw.Channel]
	if read == nil {
		return Reply{}, fmt.Errorf("the channel %s is not configured", raw.Channel)
	}
	if in != nil {
		again := *in // a turn that is run again after a conflict begins with what came
		in = &again
	} else if in, err = read(raw); err != nil {
		e.Log.Error("a message could not be read and is kept", "inbound", id, "channel", raw.Channel)
		return Reply{}, ErrFailed
	}
	in.ID, in.At = raw.ID, raw.At
	h := &handling{Engine: e, tx: tx, in: in, now: e.Now()}
	if in.At.Sub(h.now) > clockAhead {
		in.At = h.now // else the deadline would be later than 72 hours from now
	}
	if in.Bare != nil {
		// Whatever becomes of the message, its files are not kept with it.
		if err := tx.RewriteInbound(id, in.Bare()); err != nil {
			return Reply{}, err
		}
	}
	if err := h.route(); err != nil {
		return Reply{}, err
	}
	return h.reply, h.reply.part()
}

// part makes the card independent of the incident, which another turn may change as soon as this one is committed.
func (r *Reply) part() error {
	if r.Inline == nil || r.Inline.Document == nil && len(r.Inline.Files) == 0 {
		return nil // an answer's value is never changed in place
	}
	data, err := json.Marshal(r.Inline)
	if err != nil {
		return fmt.Errorf("copy the card: %w", err)
	}
	r.Inline = new(Outbound)
	if err := json.Unmarshal(data, r.Inline); err != nil {
		return fmt.Errorf("copy the card: %w", err)
	}
	return nil
}

// handling is one transaction's work: loading what a turn looks at and saving what it decided.
type handling struct {
	*Engine
	tx     Tx
	in     *Inbound
	now    time.Time
	people map[PersonID]*Person
	fault  error
	reply  Reply
}

// situation loads what a turn looks at.
func (h *handling) situation(in *Incident) (Situation, error) {
	form, err := h.form(in.Form, in.FormVersion)
	if err != nil {
		return Situation{}, err
	}
	return Situation{Organisation: h.Organisation, Form: form, Incident: in, Inbound: h.in, Now: h.now, Person: h.person, Phrase: h.Phrase}, nil
}

func (h *handling) form(id, version string) (*Form, error) {
	if version == h.Form.Version {
		return h.Form, nil
	}
	data, err := h.tx.FormFile(version)
	if err != nil {
		return nil, fmt.Errorf("form %s version %s: %w", id, version, err)
	}
	return ParseForm(id, data)
}

// person finds one of the incident's people; a failed look-up is kept and fails the commit.
func (h *handling) person(id PersonID) *Person {
	if id == "" {
		return nil
	}
	if p := h.people[id]; p != nil {
		return p
	}
	p, err := h.tx.Person(id)
	if err != nil {
		h.fault = errors.Join(h.fault, err)
		return nil
	}
	if h.people == nil {
		h.people = map[PersonID]*Person{}
	}
	h.people[id] = p
	return p
}

// commit saves the incident, its log and its messages.
func (h *handling) commit(in *Incident, r Result) error {
	if h.fault != nil {
		return h.fault
	}
	for i := range r.Outbound {
		if err := h.address(in, &r.Outbound[i]); err != nil {
			return err
		}
	}
	if err := h.tx.SaveIncident(in, r.Events, in.NextDue(h.Organisation, h.now)); err != nil {
		return err
	}
	for _, out := range r.Outbound {
		if err := h.tx.Enqueue(out); err != nil {
			return err
		}
	}
	for _, line := range r.Alarms {
		if err := h.alarm(line.Key+"/"+string(in.ID), line); err != nil {
			return err
		}
	}
	for _, id := range r.Release {
		if err := h.reduce(id); err != nil {
			return err
		}
	}
	return nil
}

// address gives a message its id, token and Message-ID, and its place in the mail thread.
func (h *handling) address(in *Incident, out *Outbound) error {
	id, err := h.id()
	if err != nil {
		return err
	}
	token, err := h.token()
	if err != nil {
		return err
	}
	out.ID, out.Token, out.MessageID = OutboundID(id), token, id+"@"+h.MessageDomain // by which the store finds it again
	if in != nil {
		if out.Channel == ChannelMail {
			if out.InReplyTo, err = h.tx.LastMessage(in.ID, out.Person); err != nil {
				return err
			}
		}
		if h.in != nil && h.in.MessageID != "" && out.AutoReplied {
			out.InReplyTo = h.in.MessageID
		}
		if c := in.conversation(out.Person); c != nil {
			if out.Sets {
				c.Outbound = out.ID
				c.live(out)
			}
			if out.Stands {
				c.Live = out.ID
			}
		}
	}
	return nil
}

// Document assembles an incident's notification as it now stands, with its form. ErrNotFound if there is no such number.
func (e *Engine) Document(ctx context.Context, number string) (doc *Document, form *Form, err error) {
	err = e.Store.View(ctx, func(tx Tx) error {
		in, err := tx.IncidentByNumber(number)
		if err != nil {
			return err
		}
		h := &handling{Engine: e, tx: tx, now: e.Now()}
		s, err := h.situation(in)
		if err != nil {
			return err
		}
		t := &turn{Situation: s}
		doc, form = t.document(true), s.Form
		return h.fault
	})
	return doc, form, err
}
