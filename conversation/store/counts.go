package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"frist/conversation"
)

// Counts is how much there is of what, for metrics.
type Counts struct {
	Incidents map[conversation.Status]int
	// NextDeadline is the earliest of the open incidents, by the domain's clock; zero if there is none.
	NextDeadline time.Time
	// Inbound counts the messages without a turn; Unsent and Dead those in the outbox.
	Inbound, Unsent, Dead int
	// OldestInbound and OldestUnsent are since when the oldest of them waits, in real time; zero if none does. The update of an old card, which may
	// fail for long and is of little weight, has no part in it.
	OldestInbound, OldestUnsent time.Time
	// Waiting are the unsent by channel.
	Waiting map[conversation.Channel]Waiting
}

// Waiting is what waits to be sent on one channel.
type Waiting struct {
	N int
	// Oldest is since when the oldest waits, updates of old cards aside, OldestUrgent since when the oldest alert or alarm does, in real time;
	// zero if none does.
	Oldest, OldestUrgent time.Time
}

// Counts counts.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	err = s.view(ctx, func(t *tx) error {
		c = Counts{Incidents: map[conversation.Status]int{}}
		return errors.Join(t.countIncidents(&c), t.countQueues(&c))
	})
	return c, err
}

// Queues is Counts without the incidents: it costs the same however many there are.
func (s *Store) Queues(ctx context.Context) (c Counts, err error) {
	err = s.view(ctx, func(t *tx) error {
		c = Counts{}
		return t.countQueues(&c)
	})
	return c, err
}

func (t *tx) countQueues(c *Counts) error {
	c.Waiting = map[conversation.Channel]Waiting{}
	return errors.Join(
		t.row("count inbound", `SELECT COUNT(*), MIN(accepted_at) FROM inbound WHERE done_at IS NULL`, nil,
			&c.Inbound, (*instant)(&c.OldestInbound)),
		t.countOutbox(c))
}

func (t *tx) countIncidents(c *Counts) error {
	return t.rows("count incidents", `SELECT status, COUNT(*), MIN(deadline_at) FROM incident GROUP BY status`, nil, func(r *sql.Rows) error {
		var (
			status   conversation.Status
			n        int
			deadline instant
		)
		err := r.Scan(&status, &n, &deadline)
		c.Incidents[status] = n
		if at := time.Time(deadline); status.Open() && !at.IsZero() && (c.NextDeadline.IsZero() || at.Before(c.NextDeadline)) {
			c.NextDeadline = at
		}
		return err
	})
}

func (t *tx) countOutbox(c *Counts) error {
	const q = `
		SELECT channel, COUNT(*), MIN(CASE WHEN kind <> $3 THEN created_at END), MIN(CASE WHEN kind IN ($1, $2) THEN created_at END)
		FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL GROUP BY channel`
	err := t.rows("count the outbox", q, []any{string(conversation.MessageAlert), string(conversation.MessageAlarm), string(conversation.MessageAnswered)}, func(r *sql.Rows) error {
		var (
			channel        conversation.Channel
			n              int
			oldest, urgent instant
		)
		err := r.Scan(&channel, &n, &oldest, &urgent)
		w := Waiting{N: n, Oldest: time.Time(oldest), OldestUrgent: time.Time(urgent)}
		c.Waiting[channel], c.Unsent = w, c.Unsent+n
		if !w.Oldest.IsZero() && (c.OldestUnsent.IsZero() || w.Oldest.Before(c.OldestUnsent)) {
			c.OldestUnsent = w.Oldest
		}
		return err
	})
	return errors.Join(err, t.row("count the outbox", `SELECT COUNT(*) FROM outbox WHERE dead_at IS NOT NULL`, nil, &c.Dead))
}
