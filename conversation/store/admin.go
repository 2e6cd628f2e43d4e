package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"frist/conversation"
)

// EventPurged is the line that Purge leaves in the log.
const EventPurged = "purged"

// Purge destroys the incident's key and what can be erased: its state, raw messages, files and outbox bodies. Its answers can then never be read. The
// number, the status, the times and the log remain. Messages that waited are given up. A purged incident stays purged without an
// error. Copies of the database made before still hold the key, and so do
// PostgreSQL's dead rows until it vacuums them.
func (s *Store) Purge(ctx context.Context, id conversation.IncidentID) error {
	var done bool
	err := s.update(ctx, func(t *tx) (err error) {
		done, err = t.purge(id)
		return err
	})
	if err != nil || !done {
		return err
	}
	s.log.Info("an incident was purged", "incident", string(id))
	if s.driver == SQLite {
		// The write-ahead log still has the pages as they were.
		var busy, pages, moved int
		err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
		if err == nil && busy != 0 {
			err = errors.New("another process reads from it")
		}
		if err != nil {
			return fmt.Errorf("incident %s is purged, but the write-ahead log still holds its sealed key: %w", id, err)
		}
	}
	return nil
}

func (t *tx) purge(id conversation.IncidentID) (done bool, err error) {
	op := "purge incident " + string(id)
	t.purged = id
	r, err := t.incidentRow("id", string(id))
	if err != nil || r.sealed == nil {
		return false, err
	}
	n, err := t.exec(op, `
		UPDATE incident SET key_sealed = NULL, sealed = NULL, next_due = NULL, version = version + 1 WHERE id = $1 AND version = $2`,
		string(id), r.in.Version)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	if err != nil {
		return false, err
	}
	h, err := t.head(id)
	if err != nil {
		return false, err
	}
	lines := h.extend(id, []conversation.Event{{At: t.store.now(), Name: EventPurged}})
	if err := t.insertLines(id, lines); err != nil {
		return false, err
	}
	for _, query := range []string{
		`UPDATE inbound SET key_sealed = NULL, sealed = NULL WHERE incident = $1`,
		`UPDATE outbox SET key_sealed = NULL, sealed = NULL WHERE incident = $1`,
		`UPDATE participant SET open = 0 WHERE incident = $1`,
		`DELETE FROM thread_message WHERE incident = $1`,
		`DELETE FROM file WHERE incident = $1`,
	} {
		if _, err := t.exec(op, query, string(id)); err != nil {
			return false, err
		}
	}
	_, err = t.exec(op, `UPDATE outbox SET dead_at = $2, reason = 'purged' WHERE incident = $1 AND sent_at IS NULL AND dead_at IS NULL`,
		string(id), instant(t.store.clock()))
	return true, err
}

// SaveForm keeps a form file that was used. A version is the file's hash, so one that is there stays as it is.
func (t *tx) SaveForm(id, version string, data []byte) error {
	_, err := t.exec("save form "+id, `INSERT INTO form_file (version, id, at, data) VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING`,
		version, id, instant(nonzero(t.store.now())), data)
	return err
}

// FormFile returns the form file with the version.
func (t *tx) FormFile(version string) (data []byte, err error) {
	err = t.row("form file "+version, `SELECT data FROM form_file WHERE version = $1`, []any{version}, &data)
	return data, err
}

// FormFile is a form file that was used.
type FormFile struct {
	ID, Version string
	// At is when it was first used.
	At   time.Time
	Data []byte
}

// Forms lists the form files that were used, by when.
func (s *Store) Forms(ctx context.Context) (list []FormFile, err error) {
	err = s.view(ctx, func(t *tx) error {
		return t.rows("list form files", `SELECT id, version, at, data FROM form_file ORDER BY at, version`, nil, func(r *sql.Rows) error {
			var f FormFile
			err := r.Scan(&f.ID, &f.Version, (*instant)(&f.At), &f.Data)
			list = append(list, f)
			return err
		})
	})
	return list, err
}

// Ping reports whether the database answers and its tables are there.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM master_key`).Scan(&one)
	if err == nil && one != 1 {
		err = errors.New("its tables are empty")
	}
	return fault("ask the database", err)
}
