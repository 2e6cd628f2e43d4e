package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkFirst starts Frist again and again, on a new database and on the one that is then there, and prints how long after the process's
// start the first reply came, what processor time it had then taken, and the memory that was resident at most half a second later.
func BenchmarkFirst(b *testing.B) {
	binary := buildFrist(b)
	t := startTeams(b)
	var fresh, again starts
	for range *runs {
		f := newFrist(b, binary)
		t.talkTo(f.port)
		fresh.one(b, t, f.command())
		again.one(b, t, f.command())
	}
	b.Logf("%d starts each, minimum / median / maximum\nnew database: %v\nold database: %v", *runs, &fresh, &again)
}

// starts are what the starts of one kind took.
type starts struct{ ms, cpu, peak, settled []float64 }

func (s *starts) String() string {
	return fmt.Sprintf("first reply after %s ms, CPU %s ms, memory at most %s MB, %s MB half a second later", spread(s.ms), spread(s.cpu), spread(s.peak), spread(s.settled))
}

// settling is how long a program is left alone before its memory is looked at once more.
const settling = 500 * time.Millisecond

func (s *starts) one(b *testing.B, t *teams, cmd *exec.Cmd) {
	p := launch(b, cmd)
	s.ms = append(s.ms, ms(first(b.Context(), b, t, p, "hej")))
	s.cpu = append(s.cpu, ms(p.ran(b)))
	s.peak = append(s.peak, float64(p.usage(b).peak)/(1<<20))
	time.Sleep(settling)
	s.settled = append(s.settled, float64(p.usage(b).peak)/(1<<20))
	p.stop(b)
}

// ran is the processor time of all threads, finer than usage has it (proc(5), /proc/PID/task/TID/schedstat).
func (p *process) ran(tb testing.TB) (sum time.Duration) {
	tb.Helper()
	files, err := filepath.Glob("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/task/*/schedstat")
	must(tb, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // the thread has ended
		}
		must(tb, err)
		n, err := strconv.ParseInt(strings.Fields(string(raw))[0], 10, 64)
		must(tb, err)
		sum += time.Duration(n)
	}
	return sum
}
