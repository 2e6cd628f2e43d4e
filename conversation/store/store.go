package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/tink-crypto/tink-go/v2/tink"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"frist/conversation"
)

// The drivers.
const (
	SQLite     = "sqlite"
	PostgreSQL = "postgres"
)

// Options say which database to open.
type Options struct {
	// Driver is SQLite or PostgreSQL.
	Driver string
	// Path of the SQLite file; it is made if it is missing. Only its owner may read it.
	Path string
	// DSN is the PostgreSQL URL or keyword string, as libpq reads it.
	DSN string
	// MasterKey is 32 bytes. It seals the incidents' keys.
	MasterKey []byte
	// Now is the domain's clock: what people are told and what the log says.
	Now func() time.Time
	// Clock is real time, for claims, back-off and leases; nil means time.Now.
	Clock func() time.Time
	Log   *slog.Logger
	// Verify holds every incident that is taken from memory against the database; a difference fails the transaction. For tests.
	Verify bool
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	// write has one connection on SQLite, so that writers of one process queue instead of polling the file's lock.
	write, read *sql.DB
	driver      string
	master      tink.AEAD
	now, clock  func() time.Time
	log         *slog.Logger
	group       group // SQLite's
	courier     Courier
	holder      string
	lines       lines
	memory      memory
	people      people // SQLite's, for the group's goroutine alone
	refs        refs
	ranks       ranks // SQLite's, for the group's goroutine alone
	version     int64 // of SQLite's file, as other connections have written it
	verify      bool
}

var (
	_ conversation.Store  = (*Store)(nil)
	_ conversation.Outbox = (*Store)(nil)
	_ conversation.Tx     = (*tx)(nil)
)

// Close closes the database. Transactions that run are ended first.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Update runs f in one transaction; see conversation.Store. f must use the Tx it is given and no other method of the store.
func (s *Store) Update(ctx context.Context, f func(conversation.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return f(t) })
}

// View runs f in a read-only transaction on one snapshot.
func (s *Store) View(ctx context.Context, f func(conversation.Tx) error) error {
	return s.view(ctx, func(t *tx) error { return f(t) })
}

// update is READ COMMITTED on PostgreSQL: each write names the version that it read, which is all that is needed. On SQLite the
// transaction holds the write lock from its beginning, and is shared. f may be run again after a conflict, or when a shared transaction broke.
func (s *Store) update(ctx context.Context, f func(*tx) error) error {
	var t *tx
	var err error
	if s.driver == SQLite {
		t, err = s.group.do(ctx, f, s.together)
	} else {
		if t, err = s.transact(ctx, s.write, nil, f); err == nil {
			t.remembered()
		}
	}
	if err == nil {
		t.committed()
	}
	return err
}

func (s *Store) view(ctx context.Context, f func(*tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if s.driver == PostgreSQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	_, err := s.transact(ctx, s.read, opts, f)
	return err
}

func (s *Store) transact(ctx context.Context, db *sql.DB, opts *sql.TxOptions, f func(*tx) error) (*tx, error) {
	dbtx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return nil, fault("begin transaction", err)
	}
	defer dbtx.Rollback() // after a commit it does nothing; a panic in f must not leave the connection in use
	t := &tx{ctx: ctx, db: dbtx, store: s, readOnly: opts != nil && opts.ReadOnly}
	committed := false
	defer func() {
		if !committed {
			s.lines.leave(&t.queue)
		}
	}()
	if err := f(t); err != nil {
		return nil, err
	}
	if err := t.settled(); err != nil {
		return nil, err
	}
	if err := dbtx.Commit(); err != nil {
		return nil, fault("commit", err)
	}
	committed = true
	return t, nil
}

// tx is one transaction's work. Exported methods of Store open one; the methods of tx never do.
type tx struct {
	ctx context.Context
	// caller is the context of who asked, where the statements do not end with it.
	caller context.Context
	db     *sql.Tx
	store  *Store
	// readOnly: what it reads is a snapshot that others may have left behind.
	readOnly bool
	known    map[conversation.IncidentID]*known
	people   map[conversation.PersonID]*conversation.Person
	// wrote are the people that it wrote, as they were given.
	wrote []*conversation.Person
	// purged is the incident that is erased.
	purged conversation.IncidentID
	// keys holds the incidents' keys that were opened; unsaved those made for incidents that are not inserted yet.
	keys    map[conversation.IncidentID]tink.AEAD
	unsaved map[conversation.IncidentID][]byte
	// answers are the current answers as they are stored, for telling what is new.
	answers map[conversation.IncidentID]answerSet
	// accepting is the message that this transaction takes up, until it is written.
	accepting *conversation.RawInbound
	// handed are the messages that are sent as soon as this is committed, and left are people for whom one waits.
	handed []handed
	left   []conversation.PersonID
	queue  queue
	// absent lists the addresses that were looked for and belonged to nobody.
	absent map[conversation.Address]bool
}

// settled refuses a commit that would leave something sealed under a key that nobody has.
func (t *tx) settled() error {
	if err := t.settleInbound(); err != nil {
		return err
	}
	for id := range t.unsaved {
		return fmt.Errorf("commit: something was written for incident %s, which was not saved", id)
	}
	return nil
}

func (t *tx) exec(op, query string, args ...any) (rows int64, err error) {
	if err := t.gone(op); err != nil {
		return 0, err
	}
	r, err := t.db.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, fault(op, err)
	}
	if rows, err = r.RowsAffected(); err != nil {
		return 0, fault(op, err)
	}
	return rows, nil
}

// row reads one row. It returns ErrNotFound if there is none.
func (t *tx) row(op, query string, args []any, dest ...any) error {
	if err := t.gone(op); err != nil {
		return err
	}
	return fault(op, t.db.QueryRowContext(t.ctx, query, args...).Scan(dest...))
}

// rows calls scan for each row. scan must not use the transaction.
func (t *tx) rows(op, query string, args []any, scan func(*sql.Rows) error) error {
	if err := t.gone(op); err != nil {
		return err
	}
	r, err := t.db.QueryContext(t.ctx, query, args...)
	if err != nil {
		return fault(op, err)
	}
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return fault(op, err)
		}
	}
	return fault(op, r.Err())
}

// next counts a series up and returns the new number, from 1. The row stays locked until the commit, so that numbers are given in the order
// of the commits and none is lost by a rollback.
func (t *tx) next(series string) (n int64, err error) {
	err = t.row("count series "+series, `
		INSERT INTO series (name, last) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET last = series.last + 1
		RETURNING last`, []any{series}, &n)
	return n, err
}

// fault names the operation and turns the database's word for "another transaction came first" into ErrConflict.
func fault(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", op, conversation.ErrNotFound)
	case lostRace(err):
		return fmt.Errorf("%s: %w: %w", op, conversation.ErrConflict, err)
	}
	return fmt.Errorf("%s: %w", op, err)
}

func lostRace(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization_failure, deadlock_detected
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY // another process held the file for longer than busy_timeout
	}
	return false
}
