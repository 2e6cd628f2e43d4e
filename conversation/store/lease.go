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
