package store

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"frist/conversation"
)

// Courier sends messages as soon as they are committed.
type Courier interface {
	// Ready reports whether it takes any now.
	Ready() bool
	// Hand gives it messages that are claimed for it, in order. left are people for whom messages wait that it must claim.
	Hand(list []conversation.Delivery, left []conversation.PersonID)
}

// HandTo has messages whose turn comes at once claimed for a holder when they are put into the outbox, and handed to the courier when that is
// committed: they need not be looked for, nor opened. Call it before the store is used.
func (s *Store) HandTo(holder string, c Courier) { s.holder, s.courier = holder, c }

const (
	// handedMax bounds how many messages to one person on one channel are handed over and not sent yet.
	handedMax = 256
	// handMark tells a handed message's claim from one that the same holder made by looking.
	handMark = "/handed"
)

// lines keep messages to a person in order until they are handed over: of two transactions, the first to be committed may be the last to get that
// far. Each is closed when the transaction has handed over what it claimed, or has failed.
type lines struct {
	mu   sync.Mutex
	last map[conversation.PersonID]chan struct{}
}

// queue is a transaction's place in them.
type queue struct {
	ended  chan struct{}
	before []<-chan struct{}
	people []conversation.PersonID
}

// join puts the transaction behind the one that claimed a message to the person before. It holds the person's series, so that one has been
// committed, or runs before it in a shared transaction.
func (l *lines) join(q *queue, p conversation.PersonID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.ended == nil {
		q.ended = make(chan struct{})
	}
	switch last := l.last[p]; {
	case last == q.ended:
		return
	case last != nil:
		q.before = append(q.before, last)
	case l.last == nil:
		l.last = map[conversation.PersonID]chan struct{}{}
	}
	l.last[p] = q.ended
	q.people = append(q.people, p)
}

func (l *lines) leave(q *queue) {
	if q.ended == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range q.people {
		if l.last[p] == q.ended {
			delete(l.last, p)
		}
	}
	close(q.ended)
	*q = queue{}
}

// claimed is by whom a new message is claimed and until when; by nobody, if it is to wait.
type claimed struct {
	by    string
	until time.Time
	to    conversation.Address
	name  string
	// shown is Delivery.Shown.
	shown string
}

// handed is a message of a transaction's that the courier gets.
type handed struct {
	claimed
	// message is what goes out. With a document it is nil, and body the message as it was sealed: a document shares the incident's lists, which the
	// next turn may change.
	message *conversation.Outbound
	body    []byte
}

// hand claims a message that is about to be put into the outbox, unless one that is not handed waits before it.
func (t *tx) hand(out conversation.Outbound) (seq int64, c claimed, err error) {
	if t.store.courier == nil || !t.store.courier.Ready() {
		seq, err = t.nextOutbox(out.Person)
		t.left = append(t.left, out.Person)
		return seq, c, err
	}
	c.by, c.until = t.store.holder+handMark, t.store.clock().Add(conversation.ClaimFor)
	if out.Kind == conversation.MessageAlert { // it waits for nothing
		seq, err = t.nextOutbox(out.Person)
	} else {
		var behind bool
		if seq, behind, err = t.placeOf(out, c); err == nil && behind {
			t.left = append(t.left, out.Person)
			return seq, claimed{}, nil
		}
		t.store.lines.join(&t.queue, out.Person)
	}
	if err == nil {
		c, err = t.addressee(out, c)
	}
	return seq, c, err
}

// waitingBefore counts the messages that wait for the person on the channel, up to handedMax, and those of them that are handed over. The bound stands in
// the text: with one that is given SQLite plans the statement anew each time.
var waitingBefore = fmt.Sprintf(`COUNT(*), COUNT(CASE WHEN claimed_by = $3 AND claimed_until >= $4 THEN 1 END) FROM (
	SELECT claimed_by, claimed_until FROM outbox
	WHERE person = $1 AND channel = $2 AND sent_at IS NULL AND dead_at IS NULL ORDER BY seq LIMIT %d) AS first`, handedMax)

// placeOf is a new message's place among the person's; behind tells that one waits before it on its channel that is not handed over, or that as
// many as may be are.
func (t *tx) placeOf(out conversation.Outbound, c claimed) (seq int64, behind bool, err error) {
	now := c.until.Add(-conversation.ClaimFor)
	if t.shares() {
		if seq, ok := t.store.ranks.next(out.Person, out.Channel, now); ok {
			return seq, false, nil
		}
	}
	var waiting, handed int
	args := []any{string(out.Person), string(out.Channel), c.by, instant(now.Add(conversation.ClaimFor / 2))}
	if t.store.driver == SQLite {
		err = t.row("place in the outbox", `SELECT (SELECT COALESCE(MAX(seq), 0) + 1 FROM outbox WHERE person = $1), `+waitingBefore, args, &seq, &waiting, &handed)
	} else if seq, err = t.nextOutbox(out.Person); err == nil { // the series first: it keeps others out until the commit
		err = t.row("messages before", `SELECT `+waitingBefore, args, &waiting, &handed)
	}
	behind = waiting > handed || waiting >= handedMax
	if err == nil && t.shares() {
		if behind {
			t.store.ranks.drop(out.Person)
		} else {
			t.store.ranks.put(out.Person, out.Channel, seq, waiting+1, now)
		}
	}
	return seq, behind, err
}

// addressee notes where the message goes, and which it replaces.
func (t *tx) addressee(out conversation.Outbound, c claimed) (claimed, error) {
	p, err := t.Person(out.Person)
	if err != nil {
		return claimed{}, err
	}
	c.name, c.to.Channel = p.Name, out.Channel
	for _, a := range p.Addresses {
		if a.Channel == out.Channel {
			c.to = a
			break
		}
	}
	if out.Replaces != "" {
		c.shown, err = t.ref(out.Replaces)
	}
	return c, err
}

func (t *tx) noteHanded(c claimed, out conversation.Outbound, body []byte) {
	switch {
	case c.by == "":
	case out.Document == nil && len(out.Files) == 0:
		out.Lines, out.Next, out.Choices = slices.Clone(out.Lines), slices.Clone(out.Next), slices.Clone(out.Choices)
		if out.Question != nil {
			q := *out.Question
			out.Question = &q
		}
		t.handed = append(t.handed, handed{claimed: c, message: &out})
	default:
		t.handed = append(t.handed, handed{claimed: c, body: body})
	}
}

// committed hands over what the transaction claimed.
func (t *tx) committed() {
	defer t.store.lines.leave(&t.queue)
	if t.store.courier == nil || len(t.handed) == 0 && len(t.left) == 0 {
		return
	}
	list := make([]conversation.Delivery, 0, len(t.handed))
	for _, h := range t.handed {
		d := conversation.Delivery{To: h.to, Name: h.name, Attempts: 1, Until: h.until, Shown: h.shown}
		if h.message != nil {
			d.Outbound = *h.message
		} else if err := decode(h.body, &d.Outbound); err != nil {
			t.store.log.Error("a message could not be handed over and waits for its claim to end", "error", err)
			continue
		}
		if doc := d.Outbound.Document; doc != nil {
			restore(doc.Notification)
		}
		list = append(list, d)
	}
	for _, first := range t.queue.before {
		<-first
	}
	t.store.courier.Hand(list, t.left)
}
