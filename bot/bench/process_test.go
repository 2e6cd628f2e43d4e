package bench

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program that is measured, running by itself.
type process struct {
	cmd     *exec.Cmd
	started time.Time
	ended   chan struct{} // closed
	how     error         // what Wait said, once it has ended
	output  tail
}

// tail keeps the end of what a program prints, for a fault's text; of a crash its beginning, for the end are all the goroutines that there were.
type tail struct {
	mu      sync.Mutex
	buf     []byte
	crashed bool
}

const tailMax = 8 << 10

var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: |SIG[A-Z]+: )`)

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crashed {
		t.buf = append(t.buf, p[:min(len(p), max(0, tailMax-len(t.buf)))]...)
		return len(p), nil
	}
	if at := crash.FindIndex(p); at != nil {
		t.buf, t.crashed = bytes.Clone(p[at[0]:]), true
		return len(p), nil
	}
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailMax {
		t.buf = bytes.Clone(t.buf[len(t.buf)-tailMax:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crashed {
		return string(t.buf)
	}
	return string(t.buf[max(0, len(t.buf)-tailMax):])
}

// launch starts a program; it is ended with the test, if nobody has before.
func launch(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	p.started = time.Now()
	must(tb, cmd.Start())
	go func() {
		defer close(p.ended)
		p.how = cmd.Wait()
	}()
	tb.Cleanup(func() {
		if p.cmd != nil {
			_ = p.cmd.Process.Kill() // it may have ended
			<-p.ended
		}
	})
	return p
}

// stopMax is for how long a program may take to end by itself.
const stopMax = 20 * time.Second

// stop ends the program as an operator does.
func (p *process) stop(tb testing.TB) {
	tb.Helper()
	p.alive(tb)
	must(tb, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
	case <-time.After(stopMax):
		_ = p.cmd.Process.Kill() // it may end just now
		<-p.ended
		tb.Errorf("%s did not end within %s", p.cmd.Path, stopMax)
	}
	p.cmd = nil
}

// alive fails if the program has ended by itself, and tells how.
func (p *process) alive(tb testing.TB) {
	tb.Helper()
	select {
	case <-p.ended:
		how := "with status 0"
		if p.how != nil {
			how = p.how.Error()
		}
		tb.Fatalf("%s ended by itself after %.1f s: %s\n%s", filepath.Base(p.cmd.Path), time.Since(p.started).Seconds(), how, p.output.String())
	default:
	}
}

// sleep lets the program work on for a while.
func (p *process) sleep(tb testing.TB, d time.Duration) {
	tb.Helper()
	select {
	case <-p.ended:
		p.alive(tb)
	case <-time.After(d):
	}
}

// usage is what the kernel says of a process (proc(5)).
type usage struct {
	cpu  time.Duration
	peak int64 // bytes of resident memory, at most (VmHWM)
}

// clockTick is the unit of /proc/PID/stat on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

func (p *process) usage(tb testing.TB) (u usage) {
	tb.Helper()
	proc := func(name string) string {
		raw, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/" + name)
		if errors.Is(err, fs.ErrNotExist) {
			<-p.ended
			p.alive(tb)
		}
		must(tb, err)
		return string(raw)
	}
	stat, status := proc("stat"), proc("status")
	// The name of the program stands in brackets and may hold anything; the times are the 14th and 15th field.
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	for _, ticks := range f[11:13] {
		n, err := strconv.Atoi(ticks)
		must(tb, err)
		u.cpu += time.Duration(n) * clockTick
	}
	for line := range strings.Lines(status) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			must(tb, err)
			u.peak = n << 10
		}
	}
	if u.peak == 0 { // it has ended just now: it has no memory any more
		<-p.ended
		p.alive(tb)
	}
	return u
}

// ownCPU is what this process, which plays Teams and the people, has used.
func ownCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var r syscall.Rusage
	must(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// freePort is free now; nothing else here takes one at the same time.
func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	must(tb, l.Close())
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(tb, err)
	return port
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
