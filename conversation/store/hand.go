package store

import (
	"time"

	"frist/conversation"
)

// Courier sends messages as soon as they are committed.
type Courier interface {
	// Ready reports whether it takes any now.
	Ready() bool
	// Hand gives it messages that are claimed for it: each list is for one person on one channel, in order. left are people for whom
	// messages wait that it must claim.
	Hand(lists [][]conversation.Delivery, left []conversation.PersonID)
}

// HandTo has messages whose turn comes at once claimed for a holder when they are put into the outbox, and handed to the courier when that is
// committed: they need not be looked for, nor opened. Call it before the store is used.
func (s *Store) HandTo(holder string, c Courier) { s.holder, s.courier = holder, c }

// handFor is how long a handed message is the courier's.
const handFor = 2 * time.Minute

// claimed is by whom a new message is claimed and until when; by nobody, if it is to wait.
type claimed struct {
	by    string
	until time.Time
	to    conversation.Address
	name  string
}

// handed is a message of a transaction's that the courier gets.
type handed struct {
	claimed
	kind    conversation.MessageKind
	person  conversation.PersonID
	channel conversation.Channel
	// body is the message as it was sealed: what goes out shares nothing with what the turn goes on to change.
	body []byte
}

// hand claims a message that is about to be put into the outbox, unless another of the person's waits before it that is not handed too.
func (t *tx) hand(out conversation.Outbound, seq int64) (c claimed, err error) {
	if t.store.courier == nil || !t.store.courier.Ready() {
		return c, nil
	}
	if out.Kind != conversation.MessageAlert {
		var before, mine int
		for _, h := range t.handed {
			if h.person == out.Person && h.channel == out.Channel {
				mine++
			}
		}
		err := t.row("messages before", `
			SELECT COUNT(*) FROM outbox WHERE person = $1 AND channel = $2 AND seq < $3 AND sent_at IS NULL AND dead_at IS NULL`,
			[]any{string(out.Person), string(out.Channel), seq}, &before)
		if err != nil || before > mine {
			t.left = append(t.left, out.Person)
			return c, err
		}
	}
	p, err := t.Person(out.Person)
	if err != nil {
		return c, err
	}
	c = claimed{by: t.store.holder, until: t.store.clock().Add(handFor), name: p.Name, to: conversation.Address{Channel: out.Channel}}
	for _, a := range p.Addresses {
		if a.Channel == out.Channel {
			c.to = a
			break
		}
	}
	return c, nil
}

func (t *tx) noteHanded(c claimed, out conversation.Outbound, body []byte) {
	if c.by != "" {
		t.handed = append(t.handed, handed{c, out.Kind, out.Person, out.Channel, body})
	}
}

// committed hands over what the transaction claimed, and remembers what it saved.
func (t *tx) committed() {
	t.remembered()
	if len(t.handed) == 0 && len(t.left) == 0 {
		return
	}
	type line struct {
		person  conversation.PersonID
		channel conversation.Channel
		alone   int
	}
	var order []line
	lists := map[line][]conversation.Delivery{}
	for i, h := range t.handed {
		d := conversation.Delivery{To: h.to, Name: h.name, Attempts: 1}
		if err := decode(h.body, &d.Outbound); err != nil {
			t.store.log.Error("a message could not be handed over and waits for its claim to end", "error", err)
			continue
		}
		if doc := d.Outbound.Document; doc != nil {
			restore(doc.Notification)
		}
		l := line{h.person, h.channel, 0}
		if h.kind == conversation.MessageAlert {
			l.alone = i + 1
		}
		if lists[l] == nil {
			order = append(order, l)
		}
		lists[l] = append(lists[l], d)
	}
	all := make([][]conversation.Delivery, len(order))
	for i, l := range order {
		all[i] = lists[l]
	}
	t.store.courier.Hand(all, t.left)
}
