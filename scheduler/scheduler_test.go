package scheduler

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type sweeper func(ctx context.Context, now time.Time) error

func (f sweeper) Sweep(ctx context.Context, now time.Time) error { return f(ctx, now) }

func run(t *testing.T, s sweeper, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	sch := &Scheduler{Sweeper: s, Schedule: EveryMinute, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if err := sch.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestSweepsAtOnceAndEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n int
		run(t, func(context.Context, time.Time) error { n++; return errors.New("try again") }, 72*time.Hour+30*time.Second)
		if want := 1 + 72*60; n != want {
			t.Errorf("%d sweeps in 72 hours, want %d", n, want)
		}
	})
}

func TestPanicDoesNotStopTheSweep(t *testing.T) {
	for _, at := range []int{1, 2} { // the first sweep is not cron's own
		synctest.Test(t, func(t *testing.T) {
			var n int
			run(t, func(context.Context, time.Time) error {
				n++
				if n == at {
					panic("a fault of the program")
				}
				return nil
			}, 5*time.Minute+30*time.Second)
			if n != 6 {
				t.Errorf("panic in sweep %d: %d sweeps, want 6", at, n)
			}
		})
	}
}

func TestSlowSweepIsNotStartedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		first := true
		run(t, func(context.Context, time.Time) error {
			if first {
				first = false
				return nil
			}
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(150 * time.Second)
			running.Add(-1)
			return nil
		}, 20*time.Minute)
		if most.Load() != 1 {
			t.Errorf("%d sweeps at once", most.Load())
		}
	})
}

func TestBadSchedule(t *testing.T) {
	s := &Scheduler{Sweeper: sweeper(func(context.Context, time.Time) error { return nil }), Schedule: "often", Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if err := s.Run(t.Context()); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
