package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"frist/conversation"
)

// claim is a row that was claimed.
type claim struct {
	id, person        string
	incident          nullable
	channel           conversation.Channel
	attempts, at, seq int64
	key, sealed       []byte
}

// claimTries is how often Claim looks again after it and another claimer stood in each other's way.
const claimTries = 5

// Claim takes messages as conversation.Outbox says. Delivery.Attempts counts this one: it is 1 the first time. A claim that is neither
// recorded as sent nor put back before until passes may be taken by another holder. Delivery.To.ID is empty if the person has no
// address on the channel. A message that cannot be opened is given up, so that it does not stand in the way of others.
func (s *Store) Claim(ctx context.Context, holder string, channel conversation.Channel, until time.Time, n int) (list []conversation.Delivery, err error) {
	if n <= 0 {
		return nil, nil
	}
	for range claimTries {
		err = s.update(ctx, func(t *tx) error {
			list = list[:0]
			return t.claim(holder, channel, until, n, &list)
		})
		if !errors.Is(err, conversation.ErrConflict) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// claimQuery takes of one channel ($8) for each person only the first unsent message, so that each gets theirs in order and a message that
// cannot leave on one channel holds up nothing on the other. An alert waits for nothing, and nothing waits for the update of an old card that
// keeps failing ($6, $7). The conditions outside the parentheses are those that PostgreSQL looks at again on a row that another claimer has
// just changed.
const claimQuery = `
	UPDATE outbox SET claimed_by = $1, claimed_until = $2, attempts = attempts + 1
	WHERE id IN (
		SELECT o.id FROM outbox o
		WHERE o.channel = $8 AND o.sent_at IS NULL AND o.dead_at IS NULL AND o.not_before <= $3 AND (o.claimed_until IS NULL OR o.claimed_until < $3)
		AND (o.kind = $5 OR NOT EXISTS (
			SELECT 1 FROM outbox e
			WHERE e.person = o.person AND e.channel = o.channel AND e.seq < o.seq AND e.sent_at IS NULL AND e.dead_at IS NULL
			AND NOT (e.kind = $6 AND e.attempts >= $7)))
		ORDER BY o.kind <> $5, o.created_at, o.seq LIMIT $4)
	AND channel = $8 AND sent_at IS NULL AND dead_at IS NULL AND not_before <= $3 AND (claimed_until IS NULL OR claimed_until < $3)
	RETURNING id, incident, person, channel, attempts, created_at, seq, key_sealed, sealed`

func (t *tx) claim(holder string, channel conversation.Channel, until time.Time, n int, list *[]conversation.Delivery) error {
	t.reordered()
	var claims []claim
	err := t.rows("claim from the outbox", claimQuery, []any{holder, instant(until), instant(t.store.clock()), int64(n),
		string(conversation.MessageAlert), string(conversation.MessageAnswered), int64(conversation.MoveAfter), string(channel)},
		func(r *sql.Rows) error {
			var c claim
			err := r.Scan(&c.id, &c.incident, &c.person, &c.channel, &c.attempts, &c.at, &c.seq, &c.key, &c.sealed)
			claims = append(claims, c)
			return err
		})
	if err != nil {
		return err
	}
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq), cmp.Compare(a.id, b.id))
	})
	for _, c := range claims {
		d, err := t.delivery(c)
		if errors.Is(err, errUnreadable) {
			t.store.log.Error("a message in the outbox cannot be opened and is given up", "outbound", c.id, "incident", string(c.incident))
			err = t.dead(conversation.OutboundID(c.id), "unreadable")
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		*list = append(*list, d)
	}
	return nil
}

var errUnreadable = errors.New("the message cannot be opened")

func (t *tx) delivery(c claim) (d conversation.Delivery, err error) {
	body, err := t.unseal("outbox", c.id, conversation.IncidentID(c.incident), c.sealed, c.key)
	if err != nil {
		return d, fmt.Errorf("outbound %s: %w: %w", c.id, errUnreadable, err)
	}
	if err := decode(body, &d.Outbound); err != nil {
		return d, fmt.Errorf("outbound %s: %w: %w", c.id, errUnreadable, err)
	}
	if doc := d.Outbound.Document; doc != nil {
		restore(doc.Notification)
	}
	p, err := t.Person(conversation.PersonID(c.person))
	if err != nil {
		return d, err
	}
	d.Outbound.Channel = c.channel // it may have been moved
	d.Name, d.Attempts, d.To.Channel = p.Name, int(c.attempts), c.channel
	if i := slices.IndexFunc(p.Addresses, func(a conversation.Address) bool { return a.Channel == c.channel }); i >= 0 {
		d.To = p.Addresses[i]
	}
	return d, nil
}

// Sent records deliveries. Of two for the same message the first counts; one of a message that was given up counts too, and one of a
// message that was put out again for another channel (Resend) only on that.
func (s *Store) Sent(ctx context.Context, list []conversation.Receipt) error {
	for _, r := range list {
		if ref := bareID(r.Ref); ref != "" {
			s.refs.put(r.Outbound, ref)
		}
	}
	var missing error
	err := s.update(ctx, func(t *tx) error {
		missing = nil
		for _, r := range list {
			err := t.record("record the delivery of outbound "+string(r.Outbound), r.Outbound, `
				UPDATE outbox SET sent_at = $2, ref = $3, dead_at = NULL, reason = '', claimed_by = '', claimed_until = NULL
				WHERE id = $1 AND sent_at IS NULL AND (resent = 0 OR channel = $4)`, instant(nonzero(r.At)), bareID(r.Ref), string(r.Channel))
			if errors.Is(err, conversation.ErrNotFound) {
				missing = errors.Join(missing, err)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return cmp.Or(err, missing)
}

// Retry puts a message back until notBefore, in real time. It keeps its place before the person's later messages on the channel.
func (s *Store) Retry(ctx context.Context, id conversation.OutboundID, notBefore time.Time, reason string) error {
	return s.update(ctx, func(t *tx) error {
		t.reordered()
		return t.record("put back outbound "+string(id), id, `
			UPDATE outbox SET not_before = $2, reason = $3, claimed_by = '', claimed_until = NULL
			WHERE id = $1 AND sent_at IS NULL AND dead_at IS NULL`, instant(nonzero(notBefore)), clean(reason))
	})
}

// record runs an update of one message; where it changes nothing, the message must at least be there.
func (t *tx) record(op string, id conversation.OutboundID, query string, args ...any) error {
	n, err := t.exec(op, query, append([]any{string(id)}, args...)...)
	if err == nil && n == 0 {
		_, err = t.Thread(id)
	}
	return err
}

// Dead gives a message up and lets the person's later ones on the channel pass. One that has been sent stays so.
func (s *Store) Dead(ctx context.Context, id conversation.OutboundID, reason string) error {
	return s.update(ctx, func(t *tx) error { return t.dead(id, reason) })
}

func (t *tx) dead(id conversation.OutboundID, reason string) error {
	t.reordered()
	op := "give up outbound " + string(id)
	where, err := t.place(op, id)
	if err != nil {
		return err
	}
	n, err := t.exec(op, `
		UPDATE outbox SET dead_at = $2, reason = $3, claimed_by = '', claimed_until = NULL
		WHERE id = $1 AND sent_at IS NULL AND dead_at IS NULL`, string(id), instant(t.store.clock()), clean(reason))
	if err != nil || n == 0 {
		return err
	}
	return t.forgetMessage(where.incident, where.person, where.messageID)
}

// Move puts a message back for another channel of the person, with its attempts counted anew. It returns ErrNotFound, and leaves the message
// as it is, if the person has no address there.
func (s *Store) Move(ctx context.Context, id conversation.OutboundID, to conversation.Channel) error {
	return s.update(ctx, func(t *tx) error {
		t.reordered()
		op := "move outbound " + string(id)
		where, err := t.place(op, id)
		if err != nil {
			return err
		}
		p, err := t.Person(conversation.PersonID(where.person))
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if !slices.ContainsFunc(p.Addresses, func(a conversation.Address) bool { return a.Channel == to }) {
			return fmt.Errorf("%s: the person's address on channel %s: %w", op, to, conversation.ErrNotFound)
		}
		n, err := t.exec(op, `
			UPDATE outbox SET channel = $2, not_before = $3, attempts = 0, claimed_by = '', claimed_until = NULL
			WHERE id = $1 AND sent_at IS NULL AND dead_at IS NULL`, string(id), string(to), instant(t.store.clock()))
		if err != nil || n == 0 {
			return err
		}
		if to == conversation.ChannelMail {
			return t.NoteMessage(conversation.IncidentID(where.incident), conversation.PersonID(where.person), where.messageID)
		}
		return t.forgetMessage(where.incident, where.person, where.messageID)
	})
}

// Resend puts a message out again for another channel of the person: one that has been sent there or put out again before is not found.
func (t *tx) Resend(id conversation.OutboundID, to conversation.Channel) error {
	op := "resend outbound " + string(id)
	t.store.refs.drop(id)
	t.reordered()
	var person conversation.PersonID
	err := t.row(op, `
		UPDATE outbox SET channel = $2, not_before = $3, attempts = 0, claimed_by = '', claimed_until = NULL, sent_at = NULL, dead_at = NULL, ref = '', resent = 1
		WHERE id = $1 AND channel <> $2 AND resent = 0 AND EXISTS (SELECT 1 FROM address a WHERE a.person = outbox.person AND a.channel = $2)
		RETURNING person`, []any{string(id), string(to), instant(t.store.clock())}, &person)
	if err == nil {
		t.left = append(t.left, person)
	}
	return err
}

// place is where a message stands in its mail thread.
type place struct{ incident, person, messageID string }

func (t *tx) place(op string, id conversation.OutboundID) (p place, err error) {
	err = t.row(op, `SELECT COALESCE(incident, ''), person, message_id FROM outbox WHERE id = $1`, []any{string(id)},
		&p.incident, &p.person, &p.messageID)
	return p, err
}

// Ref returns the channel's own id for a message, "" if it has none or is unknown.
func (s *Store) Ref(ctx context.Context, id conversation.OutboundID) (ref string, err error) {
	if ref, ok := s.refs.get(id); ok {
		return ref, nil
	}
	err = s.view(ctx, func(t *tx) error {
		ref, err = t.ref(id)
		return err
	})
	return ref, err
}

func (t *tx) ref(id conversation.OutboundID) (ref string, err error) {
	if ref, ok := t.store.refs.get(id); ok {
		return ref, nil
	}
	err = t.rows("reference of outbound "+string(id), `SELECT ref FROM outbox WHERE id = $1`, []any{string(id)},
		func(r *sql.Rows) error { return r.Scan(&ref) })
	return ref, err
}

// Unsent counts the messages that wait and those given up.
func (s *Store) Unsent(ctx context.Context) (waiting, dead int, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.row("count the outbox", `
			SELECT COUNT(CASE WHEN sent_at IS NULL AND dead_at IS NULL THEN 1 END), COUNT(dead_at) FROM outbox`, nil, &waiting, &dead)
	})
	return waiting, dead, err
}
