package store

import (
	"context"
	"database/sql"
	"time"
)

// Lease takes or prolongs the named lease for the holder, for ttl from now in real time. ok is false while another holds it. fence grows each
// time that the lease is taken anew, also after it had run out: whoever acts under a lower fence has lost it.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (fence int64, ok bool, err error) {
	now := s.clock()
	err = s.update(ctx, func(t *tx) error {
		ok = false
		return t.rows("take lease "+name, `
			INSERT INTO lease (name, holder, until, fence) VALUES ($1, $2, $3, 1)
			ON CONFLICT (name) DO UPDATE SET
				fence = CASE WHEN lease.holder = excluded.holder AND lease.until > $4 THEN lease.fence ELSE lease.fence + 1 END,
				holder = excluded.holder, until = excluded.until
			WHERE lease.holder = excluded.holder OR lease.until <= $4
			RETURNING fence`, []any{name, holder, instant(now.Add(ttl)), instant(now)},
			func(r *sql.Rows) error {
				ok = true
				return r.Scan(&fence)
			})
	})
	if err != nil {
		return 0, false, err
	}
	return fence, ok, nil
}

// Release gives the lease up, if the holder has it.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec("release lease "+name, `UPDATE lease SET until = 0 WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}

// Reclaim forgets the leases and claims of processes that are gone. It is for a database that one process has to itself, as SQLite's: a new start
// need not wait for those of the one before, which may have been killed, to run out. Of a second process on the same file it would take what it
// is about to send, which then goes out twice.
func (s *Store) Reclaim(ctx context.Context) error {
	return s.update(ctx, func(t *tx) error {
		if _, err := t.exec("forget leases", `UPDATE lease SET until = 0`); err != nil {
			return err
		}
		t.reordered()
		_, err := t.exec("forget claims", `UPDATE outbox SET claimed_by = '', claimed_until = NULL WHERE sent_at IS NULL AND dead_at IS NULL`)
		return err
	})
}
