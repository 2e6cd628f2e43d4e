package store

import (
	"cmp"
	"context"
	"crypto/subtle"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	aeadsubtle "github.com/tink-crypto/tink-go/v2/aead/subtle"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the database, brings its tables up to date and checks that the master key is the one it was sealed with. A database that a
// newer program has written is refused.
func Open(ctx context.Context, o Options) (*Store, error) {
	if len(o.MasterKey) != 32 {
		return nil, fmt.Errorf("open store: the master key has %d bytes; it must have 32", len(o.MasterKey))
	}
	master, err := aeadsubtle.NewAESGCM(o.MasterKey)
	if err != nil {
		return nil, fmt.Errorf("open store: master key: %w", err)
	}
	s := &Store{driver: o.Driver, master: master, now: o.Now, clock: o.Clock, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)), verify: o.Verify}
	if s.now == nil {
		s.now = time.Now
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if err := s.connect(ctx, o); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	return s.update(ctx, (*tx).checkMasterKey)
}

func (s *Store) connect(ctx context.Context, o Options) (err error) {
	switch o.Driver {
	case SQLite:
		return s.connectSQLite(o.Path)
	case PostgreSQL:
		cfg, err := pgx.ParseConfig(o.DSN)
		if err != nil {
			return fmt.Errorf("PostgreSQL address: %w", err)
		}
		s.write = stdlib.OpenDB(*cfg)
		s.read = s.write
		s.write.SetMaxOpenConns(16)
		s.write.SetConnMaxIdleTime(5 * time.Minute)
		if err := s.write.PingContext(ctx); err != nil {
			return errors.Join(fmt.Errorf("connect to PostgreSQL: %w", err), s.write.Close())
		}
		return nil
	}
	return fmt.Errorf("driver %q: write %s or %s", o.Driver, SQLite, PostgreSQL)
}

// connectSQLite opens the file so that a commit is on the disk when it returns (WAL with synchronous=FULL), and what is erased is
// overwritten (secure_delete). The page caches are small, since a page of 4 KB takes 8 KB with this driver: with 2 MB instead of 8 for the writes a
// turn reads no more from the file while that has some 10 MB, and 150 KB more (3 % of its processor time) once it has 450 MB.
func (s *Store) connectSQLite(path string) error {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("SQLite needs the path of a file")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("SQLite file %s: %w", path, err)
	}
	// SQLite gives -wal and -shm the mode of the file itself.
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("SQLite file: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return fmt.Errorf("SQLite file: %w", err)
	}
	if s.write, err = openSQLite(abs, "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=cache_size(-2000)"); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	// The first connection makes the file's journal a WAL; SQLite's busy_timeout does not wait for another process that does the same.
	_, err = backoff.Retry(context.Background(), func() (struct{}, error) { return struct{}{}, s.write.Ping() },
		backoff.WithBackOff(backoff.NewConstantBackOff(20*time.Millisecond)), backoff.WithMaxElapsedTime(5*time.Second))
	if err != nil {
		return errors.Join(fmt.Errorf("SQLite file %s: %w", abs, err), s.write.Close())
	}
	if s.read, err = openSQLite(abs, "_pragma=query_only(1)&_pragma=cache_size(-500)"); err != nil {
		return errors.Join(err, s.write.Close())
	}
	s.read.SetMaxOpenConns(min(4, max(2, runtime.GOMAXPROCS(0))))
	return nil
}

func openSQLite(abs, params string) (*sql.DB, error) {
	file := filepath.ToSlash(abs)
	if !strings.HasPrefix(file, "/") {
		file = "/" + file // C:/…
	}
	dsn := (&url.URL{Scheme: "file", Path: file}).String() +
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)&" + params
	db, err := openKept(dsn)
	if err != nil {
		return nil, fmt.Errorf("SQLite file %s: %w", abs, err)
	}
	return db, nil
}

// migrate takes the steps that the database lacks. Several processes may do it at once: PostgreSQL lets one at a time; on SQLite a step and its
// number are committed together and each number once, so whoever comes second fails, looks again and finds the step taken.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := migrationSteps(s.driver)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithTableName("migration"), goose.WithGoMigrations(steps...),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler))}
	dialect := goose.DialectSQLite3
	if s.driver == PostgreSQL {
		dialect = goose.DialectPostgres
		// Without it, replicas that start together on an empty database stand in each other's way.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return fmt.Errorf("migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, s.write, nil, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	for {
		before, known, err := p.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the database's version: %w", err)
		}
		if before == known {
			return nil
		}
		if before > known {
			return fmt.Errorf("the database has version %d and this program knows versions up to %d: a newer program has used it; run that one",
				before, known)
		}
		done, err := p.Up(ctx)
		if err == nil {
			for _, step := range done {
				s.log.Info("the database was migrated", "version", step.Source.Version)
			}
			return nil
		}
		if after, _, verr := p.GetVersions(ctx); verr != nil || after == before {
			return fmt.Errorf("migrate the database from version %d: %w", before, err)
		}
	}
}

// migrationSteps are the files that the driver takes, NUMBER_NAME.sql or NUMBER_NAME.DRIVER.sql. Each is run whole, as both databases can: goose's
// own reader, which would part its statements, takes megabytes for every file. So a file has no way back (+goose Down).
func migrationSteps(driver string) (steps []*goose.Migration, err error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".sql")
		if own := path.Ext(name); own != "" && own != "."+driver {
			continue
		}
		version, err := goose.NumericComponent(file.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file.Name(), err)
		}
		text, err := migrations.ReadFile("migrations/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file.Name(), err)
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(text))
			return err
		}}, nil))
	}
	return steps, nil
}

const masterKeyProof = "the master key of this database"

// checkMasterKey leaves known text in a new database, and opens it in an old one.
func (t *tx) checkMasterKey() error {
	const op = "check the master key"
	ad := binding("master_key", "proof")
	proof, err := t.store.master.Encrypt([]byte(masterKeyProof), ad)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if _, err := t.exec(op, `INSERT INTO master_key (name, sealed) VALUES ('proof', $1) ON CONFLICT (name) DO NOTHING`, proof); err != nil {
		return err
	}
	if err := t.row(op, `SELECT sealed FROM master_key WHERE name = 'proof'`, nil, &proof); err != nil {
		return err
	}
	text, err := t.store.master.Decrypt(proof, ad)
	if err != nil || subtle.ConstantTimeCompare(text, []byte(masterKeyProof)) != 1 {
		return errors.New("the master key is not the one that this database was sealed with; set the old key")
	}
	return nil
}
