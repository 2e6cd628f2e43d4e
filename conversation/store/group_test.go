package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

// batch has updates wait behind one that holds the database, so that they share the next transaction on SQLite, in the order given. It returns what
// each returned, or panicked with.
func (h *harness) batch(updates ...func(conversation.Tx) error) []error {
	h.tb.Helper()
	errs := make([]error, len(updates))
	held, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = h.Update(h.tb.Context(), func(conversation.Tx) error { close(held); <-free; return nil })
	})
	<-held
	for i, f := range updates {
		all.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("panicked: %v", r)
				}
			}()
			errs[i] = h.Update(h.tb.Context(), f)
		})
		for h.driver == SQLite && h.queued() <= i {
			runtime.Gosched()
		}
	}
	close(free)
	all.Wait()
	return errs
}

func (h *harness) queued() int {
	h.group.mu.Lock()
	defer h.group.mu.Unlock()
	return len(h.group.waiting)
}

func keepForm(version string) func(conversation.Tx) error {
	return func(tx conversation.Tx) error { return tx.SaveForm("imy", version, []byte(version)) }
}

func (h *harness) forms() string {
	h.tb.Helper()
	list, err := h.Forms(h.tb.Context())
	must(h.tb, err)
	var versions []string
	for _, f := range list {
		versions = append(versions, f.Version)
	}
	return strings.Join(versions, " ")
}

// One that fails, panics, leaves something without its key or breaks a foreign key at the commit takes none of the others with it.
func TestFailedUpdateTakesNoOtherWithIt(t *testing.T) {
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		f    func(tx conversation.Tx) error
		want func(err error) bool
	}{
		"fails":  {func(conversation.Tx) error { return refused }, func(err error) bool { return errors.Is(err, refused) }},
		"panics": {func(conversation.Tx) error { panic("oh") }, func(err error) bool { return err != nil && err.Error() == "panicked: oh" }},
		"no incident": {func(tx conversation.Tx) error { return tx.KeepFile("nobody's", "f", []byte("x")) },
			func(err error) bool { return err != nil && strings.Contains(err.Error(), "was not saved") }},
		"foreign key": {func(tx conversation.Tx) error { return tx.Enqueue(outbound("stray", nil, "nobody")) },
			func(err error) bool { return err != nil }},
		"bad statement": {func(tc conversation.Tx) error { _, err := tc.(*tx).exec("nonsense", "SELEKT"); return err },
			func(err error) bool { return err != nil && strings.Contains(err.Error(), "nonsense") }},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				bad := func(tx conversation.Tx) error { return errors.Join(keepForm("bad")(tx), c.f(tx)) }
				if name == "panics" {
					bad = func(tx conversation.Tx) error { _ = keepForm("bad")(tx); return c.f(tx) }
				}
				errs := h.batch(keepForm("a"), bad, keepForm("b"))
				if errs[0] != nil || errs[2] != nil || !c.want(errs[1]) {
					t.Errorf("errors %v", errs)
				}
				if got := h.forms(); got != "a b" && got != "b a" {
					t.Errorf("committed %q", got)
				}
				if waiting, _, err := h.Unsent(t.Context()); err != nil || waiting != 0 {
					t.Errorf("%d messages are left, error %v", waiting, err)
				}
				h.update(keepForm("c")) // the database can be written to
			})
		})
	}
}

// What ends the goroutine that runs it, as a test's Fatal does, is no success, and the database can be written to.
func TestUpdateThatEndsItsGoroutine(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	errs := h.batch(keepForm("a"), func(conversation.Tx) error { runtime.Goexit(); return nil }, keepForm("b"))
	for i, err := range errs {
		if err == nil {
			t.Errorf("update %d is said to be committed", i)
		}
	}
	h.update(keepForm("c"))
	if got := h.forms(); got != "c" {
		t.Errorf("committed %q", got)
	}
}

// Nobody is told that an update is done before it is on the disk: another connection sees it.
func TestUpdateReturnsAfterItsCommit(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		var updates []func(conversation.Tx) error
		for i := range groupMax + 5 { // more than share one commit
			updates = append(updates, keepForm(fmt.Sprint("v", i)))
		}
		for i, err := range h.batch(updates...) {
			if err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		}
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				id := conversation.InboundID(fmt.Sprint("m", i))
				if _, err := h.Accept(t.Context(), conversation.RawInbound{ID: id, At: start, Raw: []byte("x")}); err != nil {
					t.Error(err)
				}
				err := h.View(t.Context(), func(tx conversation.Tx) error { _, _, err := tx.Inbound(id); return err })
				if err != nil {
					t.Errorf("%s was accepted: %v", id, err)
				}
			})
		}
		all.Wait()
		if n := len(strings.Fields(h.forms())); n != groupMax+5 {
			t.Errorf("%d are committed", n)
		}
	})
}

func TestCallerWhoIsGoneLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		ctx, cancel := context.WithCancel(t.Context())
		err := h.Update(ctx, func(tx conversation.Tx) error {
			if err := keepForm("gone")(tx); err != nil {
				return err
			}
			cancel()
			return keepForm("after")(tx)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		ran := false
		err = h.Update(ctx, func(conversation.Tx) error { ran = true; return nil })
		if !errors.Is(err, context.Canceled) || ran {
			t.Errorf("before its begin: ran %v, error %v", ran, err)
		}
		if got := h.forms(); got != "" {
			t.Errorf("committed %q", got)
		}
	})
}

// Whoever waits for a transaction that takes long may go; those behind still get their turn.
func TestCallerMayLeaveTheQueue(t *testing.T) {
	h := newHarness(t, sqliteOptions(t)) // PostgreSQL runs updates side by side
	held, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = h.Update(t.Context(), func(conversation.Tx) error { close(held); <-free; return nil })
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { left <- h.Update(ctx, keepForm("left")) }()
	for h.queued() < 1 {
		runtime.Gosched()
	}
	all.Go(func() {
		if err := h.Update(t.Context(), keepForm("stayed")); err != nil {
			t.Error(err)
		}
	})
	for h.queued() < 2 {
		runtime.Gosched()
	}
	cancel()
	select {
	case err := <-left:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for the transaction of another")
	}
	close(free)
	all.Wait()
	if got := h.forms(); got != "stayed" {
		t.Errorf("committed %q", got)
	}
}

// An update that is run again after the shared commit broke decides nothing twice.
func TestUpdatesRunAgainCountOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.person("p1")
		numbers := make([]int, 2)
		number := func(i int) func(conversation.Tx) error {
			return func(tx conversation.Tx) (err error) {
				if numbers[i], err = tx.NextNumber(2026); err != nil {
					return err
				}
				return tx.Enqueue(outbound(fmt.Sprint("o", i), nil, "p1"))
			}
		}
		errs := h.batch(number(0), func(tx conversation.Tx) error { return tx.Enqueue(outbound("stray", nil, "nobody")) }, number(1))
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Fatalf("errors %v", errs)
		}
		if numbers[0]+numbers[1] != 3 || numbers[0] == numbers[1] {
			t.Errorf("numbers %v", numbers)
		}
		if waiting, _, err := h.Unsent(t.Context()); err != nil || waiting != 2 {
			t.Errorf("%d messages, error %v", waiting, err)
		}
	})
}
