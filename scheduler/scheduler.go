// Package scheduler does what happens because time passes: it asks the domain, at every tick of a cron schedule, to do what is
// due. It holds no times of its own: what is due, and when, stands in the database, so that a restart forgets nothing.
package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Sweeper does all that is due at an instant, once, however often and by however many processes it is asked.
type Sweeper interface {
	Sweep(ctx context.Context, now time.Time) error
}

// EveryMinute is the schedule of the sweep: a reminder is at most a minute late.
const EveryMinute = "* * * * *"

// Scheduler calls a Sweeper by the clock.
type Scheduler struct {
	Sweeper  Sweeper
	Schedule string // cron's five fields
	Now      func() time.Time
	Log      *slog.Logger
}

// Run sweeps at once, for what came due while the program was down, and then by the schedule until the context ends. A sweep that is still
// running is not started again.
func (s *Scheduler) Run(ctx context.Context) error {
	sweep := func() {
		if err := s.Sweeper.Sweep(ctx, s.Now()); err != nil && ctx.Err() == nil {
			s.Log.Error("a sweep failed and is tried again at the next tick", "error", err)
		}
	}
	log := cronLogger{s.Log}
	// With Recover outside SkipIfStillRunning one panic would stop the job for ever (cron v3.0.1): the inner wrapper gives its token back.
	job := cron.NewChain(cron.SkipIfStillRunning(log), cron.Recover(log)).Then(cron.FuncJob(sweep))
	c := cron.New(cron.WithLogger(log))
	if _, err := c.AddJob(s.Schedule, job); err != nil {
		return fmt.Errorf("read schedule %q: %w", s.Schedule, err)
	}
	job.Run()
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return ctx.Err()
}

// cronLogger passes cron's own messages to slog; its chatter about every run is left out.
type cronLogger struct{ log *slog.Logger }

func (l cronLogger) Info(string, ...any) {}

func (l cronLogger) Error(err error, msg string, kv ...any) {
	l.log.Error("the scheduler: "+msg, append(kv, "error", err)...)
}
