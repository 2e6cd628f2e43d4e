package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// SQLite lets one write at a time, and a commit waits for the disk. So the updates that arrive while one commits run together in the next
// transaction: one that fails takes none of the others with it, and none returns before the commit that it is in. There are no savepoints, which
// cost more than to run again what little fails.

// groupMax bounds how many updates share a commit, and so how long the first of them waits for the last.
const groupMax = 256

// group lines updates up for a goroutine that runs them: all that have come, and then all that came meanwhile. It ends when none has come for a
// while. SQLite runs deep, and a stack that has grown once serves for all.
type group struct {
	mu      sync.Mutex
	waiting []*update
	running bool
	// more tells the goroutine that it waits in vain no longer.
	more chan struct{}
}

// groupRest is how long the goroutine waits for the next update.
const groupRest = 5 * time.Second

// update is one caller's work.
type update struct {
	ctx context.Context
	f   func(*tx) error
	// done is closed when it has been run.
	done chan struct{}
	err  error
	// panicked is what f panicked with; its caller gets it.
	panicked any
	tx       *tx
}

// do runs f in a transaction that others may share, and returns when that is committed, or f has failed alone.
func (g *group) do(ctx context.Context, f func(*tx) error, run func([]*update)) (*tx, error) {
	u := &update{ctx: ctx, f: f, done: make(chan struct{})}
	g.enter(u, run)
	select {
	case <-u.done:
	case <-ctx.Done():
		if g.withdraw(u) {
			return nil, fault("begin transaction", ctx.Err())
		}
		<-u.done
	}
	if u.panicked != nil {
		panic(u.panicked)
	}
	return u.tx, u.err
}

func (g *group) enter(u *update, run func([]*update)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, u)
	if !g.running {
		g.running, g.more = true, make(chan struct{}, 1)
		go g.work(run)
		return
	}
	select {
	case g.more <- struct{}{}:
	default:
	}
}

// withdraw takes back an update that nobody has begun with.
func (g *group) withdraw(u *update) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, u)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

func (g *group) work(run func([]*update)) {
	defer g.end(run)
	rest := time.NewTimer(groupRest)
	defer rest.Stop()
	for {
		batch := g.next()
		if batch == nil {
			rest.Reset(groupRest)
			select {
			case <-g.more:
			case <-rest.C:
				return
			}
			continue
		}
		runAll(batch, run)
	}
}

// end hands over to another goroutine if anybody waits: one has come just now, or what a caller passed has ended this one (runtime.Goexit).
func (g *group) end(run func([]*update)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running = len(g.waiting) > 0; g.running {
		go g.work(run)
	}
}

// next returns those who wait, nil if none does.
func (g *group) next() []*update {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), groupMax)
	if n == 0 {
		return nil
	}
	batch := append([]*update(nil), g.waiting[:n]...)
	g.waiting = slices.Delete(g.waiting, 0, n)
	return batch
}

// runAll leaves no caller waiting, whatever happens.
func runAll(batch []*update, run func([]*update)) {
	ended := false
	defer func() {
		r := recover()
		for _, u := range batch {
			switch {
			case r != nil: // a fault of the program, outside of what a caller passed
				u.panicked = r
			case !ended:
				u.err = errors.New("shared transaction: what it ran ended its goroutine")
			}
			close(u.done)
		}
	}()
	run(batch)
	ended = true
}

// together runs updates in one transaction. One that fails is rolled back with those before it, which then run again without it. If the commit
// breaks, each has one to itself: then whoever is at fault fails alone.
func (s *Store) together(batch []*update) {
	for len(batch) > 0 {
		failed, begun, err := s.commitAll(batch)
		switch {
		case failed >= 0:
			s.together(batch[:failed])
			s.together(batch[failed : failed+1])
			batch = batch[failed+1:]
			continue
		case err != nil && begun && len(batch) > 1:
			for i := range batch {
				s.together(batch[i : i+1])
			}
		case err != nil:
			for _, u := range batch {
				if u.err == nil {
					u.err = err
				}
			}
		}
		return
	}
}

// commitAll leaves each update's own error in it. failed is the place of one that stands in the others' way, else negative; err is the transaction's.
// With either nothing is committed.
func (s *Store) commitAll(batch []*update) (failed int, begun bool, err error) {
	failed = -1
	db, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		return failed, false, fault("begin transaction", err)
	}
	defer db.Rollback() // after a commit it does nothing
	if err := s.unchanged(db); err != nil {
		return failed, true, err
	}
	defer func() {
		for _, u := range batch {
			if u.tx != nil && (failed >= 0 || err != nil || !u.good()) {
				s.lines.leave(&u.tx.queue)
			}
		}
	}()
	for i, u := range batch {
		u.run(db, s)
		switch {
		case u.good() || u.tx == nil:
		case len(batch) > 1:
			return i, true, nil
		default:
			return failed, true, nil
		}
	}
	if err := db.Commit(); err != nil {
		return failed, true, fault("commit", err)
	}
	for _, u := range batch {
		if u.good() {
			u.tx.remembered()
		}
	}
	return failed, true, nil
}

// unchanged forgets what is remembered if another connection has written: then it may no longer be so. SQLite counts such writes.
func (s *Store) unchanged(db *sql.Tx) error {
	var version int64
	if err := db.QueryRow(`PRAGMA data_version`).Scan(&version); err != nil {
		return fault("ask for other writers", err)
	}
	if version != s.version {
		s.version = version
		s.memory.forget()
		s.people.forget()
		s.ranks.forget()
	}
	return nil
}

// run runs an update unless its caller has gone. Its statements are not cut short when they go later: SQLite would then roll the others back too.
func (u *update) run(db *sql.Tx, s *Store) {
	u.err, u.panicked, u.tx = u.ctx.Err(), nil, nil
	if u.err != nil {
		return
	}
	u.tx = &tx{ctx: context.Background(), caller: u.ctx, db: db, store: s}
	defer func() { u.panicked = recover() }()
	if u.err = u.f(u.tx); u.err == nil {
		u.err = u.tx.settled()
	}
}

func (u *update) good() bool { return u.tx != nil && u.err == nil && u.panicked == nil }

// gone is the error of a caller who does not wait any more.
func (t *tx) gone(op string) error {
	if t.caller != nil && t.caller.Err() != nil {
		return fmt.Errorf("%s: %w", op, t.caller.Err())
	}
	return nil
}
