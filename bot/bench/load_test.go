package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	atOnce = flag.Int("at-once", 64, "how many turns are under way at the same time")
	span   = flag.Duration("for", 0, "how long the load is measured, after a third of that to warm up; 0: a few people, all of whose turns count")
)

// fewPeople take part where nothing is measured.
const fewPeople = 6

// talk is one person's whole dialogue; n is a number of their own, from 1.
type talk func(ctx context.Context, n int, t *taken) error

// figures are what one run came to.
type figures struct {
	counts
	wall     time.Duration
	times    []time.Duration // of every turn, sorted
	cpu, own time.Duration   // the program's, and that of Teams and the people
	peak     int64           // bytes of memory, with the warming up
	early    int             // see taken
}

// rate is in turns a second.
func (f *figures) rate() float64 { return float64(len(f.times)) / f.wall.Seconds() }

// percentile of the turns' times, in milliseconds; p in [0, 100].
func (f *figures) percentile(p float64) float64 {
	if len(f.times) == 0 {
		return 0
	}
	return ms(f.times[min(len(f.times)-1, int(float64(len(f.times))*p/100))])
}

// perTurnOf is a turn's share of processor time, in microseconds.
func (f *figures) perTurnOf(cpu time.Duration) float64 {
	return float64(cpu.Microseconds()) / float64(max(1, len(f.times)))
}

func (f *figures) String() string {
	return fmt.Sprintf("%d turns in %.1f s: %.0f a second; ms p50 %.1f, p95 %.1f, p99 %.1f, max %.1f; memory %.0f MB; CPU %.0f µs a turn, and %.0f for Teams and the people; %d lost, %d doubled, %d repeated, %d refused, %d early",
		len(f.times), f.wall.Seconds(), f.rate(), f.percentile(50), f.percentile(95), f.percentile(99), f.percentile(100), float64(f.peak)/(1<<20),
		f.perTurnOf(f.cpu), f.perTurnOf(f.own), f.lost, f.doubled, f.repeated, f.refused, f.early)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// load has people talk to the program, and returns when nobody does any more.
func load(ctx context.Context, tb testing.TB, p *process, talk talk) *figures {
	tb.Helper()
	defer quiet()()
	c := &crowd{talk: talk, gate: make(chan struct{}, *atOnce), people: fewPeople}
	if *span > 0 {
		c.people = 0
	}
	defer c.over.Store(true)
	var all sync.WaitGroup
	start := func() {
		for range *atOnce {
			all.Go(func() { c.work(ctx) })
		}
	}
	f := &figures{}
	from, before, own := time.Now(), p.usage(tb), ownCPU(tb)
	start()
	if *span > 0 {
		p.sleep(tb, *span/3)
		from, before, own = time.Now(), p.usage(tb), ownCPU(tb)
		p.sleep(tb, *span)
	} else {
		all.Wait()
	}
	to, after := time.Now(), p.usage(tb)
	f.wall, f.cpu, f.own = to.Sub(from), after.cpu-before.cpu, ownCPU(tb)-own
	c.over.Store(true)
	all.Wait()
	f.peak, f.counts, f.early = p.usage(tb).peak, c.counts, c.early
	for _, t := range c.turns {
		if !t.end.Before(from) && !t.end.After(to) {
			f.times = append(f.times, t.took)
		}
	}
	slices.Sort(f.times)
	if out := p.output.String(); strings.Contains(out, "DATA RACE") {
		tb.Errorf("the program has a race:\n%s", out)
	}
	if len(c.errs) > 0 {
		tb.Errorf("%d dialogues failed, among them: %v\n%s", len(c.errs), errors.Join(c.errs[:min(5, len(c.errs))]...), p.output.String())
	}
	return f
}

// quiet has this process, which plays Teams and the people, take as little as it can of the processors that it shares with what is measured: on
// several it would spend as much on looking for work as on doing it, and its memory is nobody's concern. One is enough for 15,000 of the ceiling's turns a second.
func quiet() (as func()) {
	procs, percent := runtime.GOMAXPROCS(1), debug.SetGCPercent(800)
	return func() {
		runtime.GOMAXPROCS(procs)
		debug.SetGCPercent(percent)
	}
}

// crowd are the people of a run.
type crowd struct {
	talk   talk
	gate   chan struct{}
	people int // 0: until over is set
	over   atomic.Bool
	last   atomic.Int64

	mu    sync.Mutex
	turns []turn
	early int
	counts
	errs []error
}

// work has one person talk after another.
func (c *crowd) work(ctx context.Context) {
	for !c.over.Load() {
		n := int(c.last.Add(1))
		if c.people > 0 && n > c.people {
			return
		}
		t := &taken{gate: c.gate, over: &c.over}
		err := c.talk(ctx, n, t)
		c.mu.Lock()
		c.add(t.counts)
		c.early += t.early
		c.turns = append(c.turns, t.turns...)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("person %d: %w", n, err))
		}
		c.mu.Unlock()
	}
}

// first has one person write as soon as anybody listens, and tells how long after the program's start they were answered.
func first(ctx context.Context, tb testing.TB, t *teams, p *process, text string) time.Duration {
	tb.Helper()
	c := t.join(0, readText)
	ctx, cancel := context.WithTimeout(ctx, replyMax)
	defer cancel()
	for {
		err := t.bot.post(c.text(text), time.Now().Add(replyMax))
		if err == nil {
			break
		}
		t.bot.close() // those that the program before it had
		select {
		case <-ctx.Done():
			tb.Fatalf("the program does not answer: %v\n%s", err, p.output.String())
		case <-time.After(time.Millisecond):
		}
	}
	select {
	case m := <-c.said:
		return m.at.Sub(p.started)
	case <-ctx.Done():
		tb.Fatalf("no first reply came\n%s", p.output.String())
	}
	return 0
}

// TestLoad: people report at once, and nothing is lost, doubled or changed. With -for it is measured too.
func TestLoad(t *testing.T) {
	ms := startTeams(t)
	run := newFrist(t, buildFrist(t)).run(t, ms)
	t.Log(run)
	if run.counts != (counts{}) || run.differ > 0 || run.kept == 0 {
		t.Error("a turn went wrong")
	}
	if strays := ms.strays.Load(); strays > 0 {
		t.Errorf("%d calls about chats that there are not, or more than was asked for", strays)
	}
}
