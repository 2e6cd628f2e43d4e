package store

import (
	"context"
	"database/sql"
	"time"

	"frist/conversation"
)

// Tell claims the telling of a trouble by the second route: ok is false if it was told less than every ago, by this process or another. Whoever
// then fails to tell it gives it back with Untold.
func (s *Store) Tell(ctx context.Context, name string, every time.Duration) (ok bool, err error) {
	now := s.clock()
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec("tell "+name, `
			INSERT INTO told (name, at) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE told.at <= $3`, name, instant(now), instant(now.Add(-every)))
		ok = n == 1
		if err != nil || !ok {
			return err
		}
		_, err = t.exec("forget what was told long ago", `DELETE FROM told WHERE at > 0 AND at < $1`, instant(now.Add(-toldFor)))
		return err
	})
	return ok && err == nil, err
}

// toldFor is how long it is remembered that a thing was told.
const toldFor = 60 * 24 * time.Hour

// Untold lets a trouble be told again at once.
func (s *Store) Untold(ctx context.Context, name string) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec("untell "+name, `
			INSERT INTO told (name, at) VALUES ($1, 0) ON CONFLICT (name) DO UPDATE SET at = 0`, name)
		return err
	})
}

// Recovered forgets a trouble. ok tells whether it was there: of several processes one is told so.
func (s *Store) Recovered(ctx context.Context, name string) (ok bool, err error) {
	// Nearly always there is nothing, and a look takes no lock.
	var there int
	err = s.view(ctx, func(t *tx) error {
		return t.row("look for trouble "+name, `SELECT COUNT(*) FROM told WHERE name = $1`, []any{name}, &there)
	})
	if err != nil || there == 0 {
		return false, err
	}
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec("forget trouble "+name, `DELETE FROM told WHERE name = $1`, name)
		ok = n == 1
		return err
	})
	return ok && err == nil, err
}

// LateAlarms returns the alarms that were decided before an instant and have not been sent, and those given up since another, the oldest first
// and at most n, all in real time.
func (s *Store) LateAlarms(ctx context.Context, before, deadSince time.Time, n int) (list []conversation.Outbound, err error) {
	err = s.view(ctx, func(t *tx) error {
		list = nil
		var rows []claim
		err := t.rows("list late alarms", `
			SELECT id, key_sealed, sealed FROM (
				SELECT id, key_sealed, sealed, created_at, seq FROM outbox
				WHERE kind = $1 AND sent_at IS NULL AND dead_at IS NULL AND created_at < $2
				UNION ALL
				SELECT id, key_sealed, sealed, created_at, seq FROM outbox WHERE kind = $1 AND sent_at IS NULL AND dead_at >= $3) AS late
			ORDER BY created_at, seq LIMIT $4`,
			[]any{string(conversation.MessageAlarm), instant(before), instant(deadSince), int64(n)}, func(r *sql.Rows) error {
				var c claim
				err := r.Scan(&c.id, &c.key, &c.sealed)
				rows = append(rows, c)
				return err
			})
		if err != nil {
			return err
		}
		for _, c := range rows {
			var out conversation.Outbound
			body, err := t.unseal("outbox", c.id, "", c.sealed, c.key)
			if err == nil {
				err = decode(body, &out)
			}
			if err != nil {
				s.log.Error("an alarm in the outbox cannot be opened", "outbound", c.id)
				continue
			}
			list = append(list, out)
		}
		return nil
	})
	return list, err
}
