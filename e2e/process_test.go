package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that a person would wait for; a busy machine gets no flaky test, a broken one still ends.
const patience = 90 * time.Second

// binary is the program, built once.
var binary = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	file := filepath.Join(scratch, "frist")
	cmd := exec.Command("go", "build", "-o", file, ".")
	cmd.Dir, cmd.Env = strings.TrimSpace(string(out)), append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, msg)
	}
	return file, nil
})

// scratch is a folder for what all tests share.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "frist-e2e-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(scratch)
		flag.Parse()
		// These tests wait more than they work, and some of them for minutes.
		if err := flag.Set("test.parallel", "8"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// frist runs the program to its end and returns what it printed and its exit code.
func frist(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	file, err := binary()
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// process is a server that runs beside the test.
type process struct {
	name   string
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
}

// launch starts a server, in a process group of its own, and ends it with the test. What it printed is shown if the test fails.
func launch(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	return launchWith(t, &syscall.SysProcAttr{Setpgid: true}, env, name, args...)
}

func launchWith(t *testing.T, attr *syscall.SysProcAttr, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(name), cmd: exec.Command(name, args...), output: &output{}, exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.SysProcAttr = attr
	p.cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM // nothing outlives a test that is killed
	p.cmd.WaitDelay = 5 * time.Second             // a server's children may hold its output open
	must(t, p.cmd.Start())
	go func() {
		p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", p.name, tail(p.output.String(), 6000))
		}
	})
	return p
}

// stop asks the server to end, and ends it if it does not.
func (p *process) stop() {
	select {
	case <-p.exited:
		return
	default:
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		p.kill()
	}
}

// kill ends the server and its children at once, as a power cut would.
func (p *process) kill() {
	select {
	case <-p.exited:
		return
	default:
	}
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
}

// output keeps what a process prints while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// ports hands each port out once, from below those that the system gives to outgoing connections.
var ports struct {
	sync.Mutex
	next int
}

// freePorts returns ports that nothing listens on.
func freePorts(t *testing.T, n int) (free []string) {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	if ports.next == 0 {
		ports.next = 12000 + rand.IntN(15000) // another run may be under way on this machine
	}
	for len(free) < n {
		if ports.next++; ports.next >= 32000 {
			t.Fatal("no port is free")
		}
		port := strconv.Itoa(ports.next)
		if l, err := net.Listen("tcp", addr(port)); err == nil {
			l.Close()
			free = append(free, port)
		}
	}
	return free
}

// listening waits until the port accepts, or the process that should has ended.
func listening(t *testing.T, p *process, port string) {
	t.Helper()
	await(t, p.name+" to listen", func() bool {
		select {
		case <-p.exited:
			t.Fatalf("%s ended at once", p.name)
		default:
		}
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// await looks again and again until something has come true, and fails the test when it does not in a reasonable time.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	awaitWithin(t, patience, what, ok)
}

func awaitWithin(t *testing.T, long time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(long); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s", long, what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, data string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(data), 0o644))
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
