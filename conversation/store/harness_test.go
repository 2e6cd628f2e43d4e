package store

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/conversation"
)

// postgresEnv names a PostgreSQL URL whose role may create schemas; each test makes its own.
const postgresEnv = "FRIST_TEST_POSTGRES"

// each runs the test on both engines.
func each(t *testing.T, test func(t *testing.T, h *harness)) {
	t.Helper()
	t.Run(SQLite, func(t *testing.T) { test(t, newHarness(t, sqliteOptions(t))) })
	t.Run(PostgreSQL, func(t *testing.T) { test(t, newHarness(t, postgresOptions(t))) })
}

func sqliteOptions(tb testing.TB) Options {
	return Options{Driver: SQLite, Path: filepath.Join(tb.TempDir(), "odd name ?#%41.db")}
}

func postgresOptions(tb testing.TB) Options {
	tb.Helper()
	server := os.Getenv(postgresEnv)
	if server == "" {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("%s is not set, and CI tests both engines", postgresEnv)
		}
		tb.Skipf("%s is not set: no PostgreSQL server to test on", postgresEnv)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		tb.Fatal(err)
	}
	schema := "t" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		tb.Fatalf("make a schema on the server that %s names: %v", postgresEnv, err)
	}
	tb.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			tb.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return Options{Driver: PostgreSQL, DSN: u.String()}
}

var start = time.Date(2026, 3, 5, 8, 30, 0, 0, time.UTC)

// watch is a clock that stands until it is moved.
type watch struct {
	mu sync.Mutex
	at time.Time
}

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *watch) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

type harness struct {
	*Store
	tb      testing.TB
	options Options
	domain  *watch
	real    *watch
	log     *bytes.Buffer
}

func newHarness(tb testing.TB, o Options) *harness {
	tb.Helper()
	h := &harness{tb: tb, domain: &watch{at: start}, real: &watch{at: start.AddDate(1, 0, 0)}, log: new(bytes.Buffer)}
	o.MasterKey = bytes.Repeat([]byte{7}, 32)
	o.Now, o.Clock, o.Log = h.domain.now, h.real.now, slog.New(slog.NewTextHandler(h.log, nil))
	h.options = o
	s, err := Open(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	h.Store = s
	tb.Cleanup(func() { s.Close() })
	return h
}

func (h *harness) update(f func(tx conversation.Tx) error) {
	h.tb.Helper()
	if err := h.Update(h.tb.Context(), f); err != nil {
		h.tb.Fatal(err)
	}
}

func (h *harness) view(f func(tx conversation.Tx) error) {
	h.tb.Helper()
	if err := h.View(h.tb.Context(), f); err != nil {
		h.tb.Fatal(err)
	}
}

// raw runs SQL beside the store's own.
func (h *harness) raw(query string, args ...any) error {
	_, err := h.write.ExecContext(h.tb.Context(), query, args...)
	return err
}

func (h *harness) mustRaw(query string, args ...any) {
	h.tb.Helper()
	if err := h.raw(query, args...); err != nil {
		h.tb.Fatalf("%s: %v", query, err)
	}
}

func (h *harness) person(id string) *conversation.Person {
	h.tb.Helper()
	p := &conversation.Person{ID: conversation.PersonID(id), Name: "Name of " + id, Lang: conversation.Swedish, LastChannel: conversation.ChannelMail,
		Addresses: []conversation.Address{
			{Channel: conversation.ChannelTeams, ID: "tenant/" + id, Reference: `{"serviceUrl":"https://smba.example"}`},
			{Channel: conversation.ChannelMail, ID: id + "@kommun.example"}}}
	h.update(func(tx conversation.Tx) error { return tx.SavePerson(p) })
	return p
}

func newIncident(id, number string, reporter conversation.PersonID) *conversation.Incident {
	return &conversation.Incident{ID: conversation.IncidentID(id), Number: number, Unit: "skolan", Form: "imy", FormVersion: "0123456789ab",
		Status: conversation.StatusReported, Reporter: reporter, ReportedAt: start, AwareAt: start, DeadlineAt: start.Add(72 * time.Hour),
		FirstMessage: "Vi skickade klasslistan fel", Answers: map[string]conversation.Answer{}, Reminded: map[string]time.Time{},
		Conversations: []*conversation.Conversation{{Person: reporter, Role: conversation.RoleReporter}}}
}

func answer(text string, revision int, by conversation.PersonID) conversation.Answer {
	return conversation.Answer{Value: conversation.Value{Text: text}, Author: by, Role: conversation.RoleReporter, At: start, Revision: revision}
}

// incident stores an incident with a reporter and one answer.
func (h *harness) incident(id, number string) *conversation.Incident {
	h.tb.Helper()
	p := h.person("reporter-of-" + id)
	in := newIncident(id, number, p.ID)
	in.Answers["16"] = answer("Listan kom bort", 1, p.ID)
	h.update(func(tx conversation.Tx) error {
		return tx.SaveIncident(in, []conversation.Event{{At: start, Name: "reported", Person: p.ID}}, start.Add(time.Hour))
	})
	return in
}

func (h *harness) load(id conversation.IncidentID) (in *conversation.Incident) {
	h.tb.Helper()
	h.view(func(tx conversation.Tx) (err error) {
		in, err = tx.Incident(id)
		return err
	})
	return in
}

func outbound(id string, in *conversation.Incident, p conversation.PersonID) conversation.Outbound {
	out := conversation.Outbound{ID: conversation.OutboundID(id), Person: p, Role: conversation.RoleReporter, Channel: conversation.ChannelMail,
		Kind: conversation.MessageQuestion, At: start, Token: "token" + id, MessageID: id + "@frist.example", Revision: 2,
		Question: &conversation.Prompt{Field: "16"}, Lines: []conversation.Line{{Key: "saved"}}}
	if in != nil {
		out.Incident, out.Number = in.ID, in.Number
	}
	return out
}

func (h *harness) enqueue(outs ...conversation.Outbound) {
	h.tb.Helper()
	h.update(func(tx conversation.Tx) error {
		for _, out := range outs {
			if err := tx.Enqueue(out); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim claims up to n messages of each channel: mail first, then Teams.
func (h *harness) claim(holder string, n int) (list []conversation.Delivery) {
	h.tb.Helper()
	for _, c := range []conversation.Channel{conversation.ChannelMail, conversation.ChannelTeams} {
		l, err := h.Claim(h.tb.Context(), holder, c, h.real.now().Add(time.Minute), n)
		if err != nil {
			h.tb.Fatal(err)
		}
		list = append(list, l...)
	}
	return list
}

func ids(list []conversation.Delivery) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s ", d.Outbound.ID)
	}
	return strings.TrimSpace(b.String())
}

// files reads the SQLite file, its write-ahead log and index.
func files(tb testing.TB, path string) []byte {
	tb.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal", "-shm"} {
		f, err := os.Open(path + suffix)
		if err != nil {
			tb.Fatal(err)
		}
		data, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
