package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/mail/mailtest"
)

// frist is the program as it is delivered, with its settings and its data in a folder of the test's.
type frist struct {
	dir, binary, config string
	port                string
}

// buildFrist builds the program as README says.
func buildFrist(tb testing.TB) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), "frist")
	cmd := exec.Command("go", "build", "-o", binary, "frist")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if raced {
		cmd = exec.Command("go", "build", "-race", "-o", binary, "frist")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build frist: %v: %s", err, out)
	}
	return binary
}

const settings = `organisation: Provköpings kommun
administrator: {email: it@bench.example}
development: true
data: %[1]s/data
master_key: {file: %[1]s/master_key}
http: {listen: "127.0.0.1:%[2]s"}
mail:
  address: frist@bench.example
  authserv_id: mx.bench.example
  allowed_domains: [bench.example]
  imap: {addr: %[3]q, tls: none, username: frist@bench.example, password: {file: %[1]s/password}}
  smtp: {addr: %[4]q, tls: none}
teams: {person_per_minute: 1000000, tenant_per_minute: 1000000}
form: imy
units:
  - id: all
    name: Provköpings kommun
    default: true
    domains: [bench.example]
    dso: {name: Dan Sol, email: dso@bench.example, phone: 08-465 004 11}
    answers:
      1: Provköpings kommun
      2: 212000-9994
      3: {street: Torget 1, postcode: 012 34, city: Provköping, country: Sverige}
      5-8:
        - {name: Dan Sol, role: Dataskyddsombud, email: dso@bench.example, phone: 08-465 004 11}
      9: {street: Torget 1, postcode: 012 34, city: Provköping, country: Sverige}
      19: Offentlig sektor
      20: {choice: Socialtjänst}
`

// newFrist writes the settings. Mail goes to servers on loopback, an alert for each report and a review at its end; none comes.
func newFrist(tb testing.TB, binary string) *frist {
	tb.Helper()
	f := &frist{dir: tb.TempDir(), binary: binary, port: freePort(tb)}
	post, err := mailtest.Start(mailtest.Options{Accounts: map[string]string{"frist@" + domain: "bench"}})
	must(tb, err)
	tb.Cleanup(func() { must(tb, post.Close()) })
	f.config = filepath.Join(f.dir, "frist.yaml")
	for name, data := range map[string]string{
		"frist.yaml": fmt.Sprintf(settings, f.dir, f.port, post.IMAPPlain, startPost(tb)),
		"master_key": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("7", 32))), "password": "bench",
	} {
		must(tb, os.WriteFile(filepath.Join(f.dir, name), []byte(data), 0o600))
	}
	return f
}

func (f *frist) command() *exec.Cmd { return exec.Command(f.binary, "serve", "-config", f.config) }

// fristRun is one run of Frist with its starts and what was kept.
type fristRun struct {
	*figures
	fresh, again time.Duration // from the process's start to the first reply: on a new database, and on the one that the run left
	updates      int64         // cards that were replaced
	kept, differ int           // answers
}

func (r *fristRun) String() string {
	return fmt.Sprintf("%v; %d cards replaced; first reply after %.0f ms, on a new database %.0f ms; %d answers kept, %d of them wrong", r.figures, r.updates,
		ms(r.again), ms(r.fresh), r.kept, r.differ)
}

// run starts the program, has people report, starts it once more, and looks up what was kept.
func (f *frist) run(tb testing.TB, t *teams) *fristRun {
	tb.Helper()
	ctx := tb.Context()
	t.talkTo(f.port)
	p := launch(tb, f.command())
	r := &fristRun{fresh: first(ctx, tb, t, p, "hej")}
	shapes := &shapes{of: map[string][]input{}}
	var mu sync.Mutex
	var everybody []*person
	r.figures = load(ctx, tb, p, func(ctx context.Context, n int, taken *taken) error {
		one := &person{chat: t.join(n, shapes.read), taken: taken, answers: map[string]any{}}
		if err := one.report(ctx); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		everybody = append(everybody, one)
		return nil
	})
	r.updates = t.updates.Load()
	p.stop(tb)
	p = launch(tb, f.command())
	r.again = first(ctx, tb, t, p, "hej")
	p.stop(tb)
	r.kept, r.differ = f.stored(tb, everybody)
	return r
}

// stored compares the answers that were kept with those that were given, and tells how many there are and how many differ.
func (f *frist) stored(tb testing.TB, people []*person) (answers, differ int) {
	tb.Helper()
	out := filepath.Join(f.dir, "export")
	for len(people) > 0 {
		some := people[:min(100, len(people))]
		people = people[len(some):]
		args := []string{"export", "-config", f.config, "-out", out}
		for _, p := range some {
			args = append(args, p.number)
		}
		if text, err := exec.Command(f.binary, args...).CombinedOutput(); err != nil {
			tb.Fatalf("export: %v: %s", err, text)
		}
		for _, p := range some {
			raw, err := os.ReadFile(filepath.Join(out, p.number, "notification.json"))
			must(tb, err)
			var n struct{ Answers map[string]any }
			must(tb, json.Unmarshal(raw, &n))
			for field, want := range p.answers {
				answers++
				if got := n.Answers[field]; !reflect.DeepEqual(got, want) {
					if differ++; differ < 10 {
						tb.Errorf("%s: question %s was answered %v and %v is kept", p.number, field, want, got)
					}
				}
			}
		}
		must(tb, os.RemoveAll(out))
	}
	return answers, differ
}
