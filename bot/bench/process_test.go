package bench

import (
	"bytes"
	"net"
	"os"
	"os/exec"
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
	ended   chan error
	output  tail
}

// tail keeps the end of what a program prints, for a fault's text.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailMax = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*tailMax {
		t.buf = bytes.Clone(t.buf[len(t.buf)-tailMax:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf[max(0, len(t.buf)-tailMax):])
}

// launch starts a program; it is ended with the test, if nobody has before.
func launch(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	p.started = time.Now()
	must(tb, cmd.Start())
	go func() { p.ended <- cmd.Wait() }()
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

// usage is what the kernel says of a process (proc(5)).
type usage struct {
	cpu  time.Duration
	peak int64 // bytes of resident memory, at most (VmHWM)
}

// clockTick is the unit of /proc/PID/stat on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

func (p *process) usage(tb testing.TB) (u usage) {
	tb.Helper()
	dir := "/proc/" + strconv.Itoa(p.cmd.Process.Pid)
	stat, err := os.ReadFile(dir + "/stat")
	must(tb, err)
	// The name of the program stands in brackets and may hold anything; the times are the 14th and 15th field.
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, ticks := range f[11:13] {
		n, err := strconv.Atoi(ticks)
		must(tb, err)
		u.cpu += time.Duration(n) * clockTick
	}
	status, err := os.ReadFile(dir + "/status")
	must(tb, err)
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			must(tb, err)
			u.peak = n << 10
		}
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
