package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"frist/conversation"
)

func TestOpenAgain(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		h.update(func(tx conversation.Tx) error { return tx.SaveForm("imy", "0123456789ab", []byte("form: imy")) })
		must(t, h.Store.Close())
		if err := h.Ping(t.Context()); err == nil {
			t.Error("a closed store answers")
		}
		again, err := Open(t.Context(), h.options)
		must(t, err)
		h.Store = again
		t.Cleanup(func() { again.Close() })
		must(t, h.Ping(t.Context()))
		if got := h.load(in.ID); got.Answers["16"].Value.Text != "Listan kom bort" {
			t.Errorf("got %+v", got)
		}
		h.update(func(tx conversation.Tx) error {
			if data, err := tx.FormFile("0123456789ab"); err != nil || string(data) != "form: imy" {
				t.Errorf("form %q, error %v", data, err)
			}
			if _, err := tx.FormFile("none"); err == nil {
				t.Error("there is a form that nobody saved")
			}
			return tx.SaveForm("imy", "0123456789ab", []byte("other"))
		})
		forms, err := h.Forms(t.Context())
		if err != nil || len(forms) != 1 || string(forms[0].Data) != "form: imy" || !forms[0].At.Equal(start) {
			t.Errorf("forms %+v, error %v", forms, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		refused := func(o Options, want string) {
			t.Helper()
			s, err := Open(t.Context(), o)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
		o := h.options
		o.MasterKey = bytes.Repeat([]byte{8}, 32)
		refused(o, "the master key is not the one that this database was sealed with")
		o.MasterKey = o.MasterKey[:31]
		refused(o, "has 31 bytes; it must have 32")
		h.mustRaw(`INSERT INTO migration (version_id, is_applied) VALUES (9001, TRUE)`)
		refused(h.options, "the database has version 9001 and this program knows versions up to 9: a newer program has used it")
	})
	for _, o := range []Options{{Driver: "oracle"}, {Driver: SQLite}, {Driver: SQLite, Path: ":memory:"}, {Driver: SQLite, Path: t.TempDir()},
		{Driver: PostgreSQL, DSN: "postgres://u:hemligt@host:notaport/x"}, {Driver: PostgreSQL, DSN: "postgres://u:hemligt@127.0.0.1:1/x"}} {
		o.MasterKey = make([]byte, 32)
		s, err := Open(t.Context(), o)
		if err == nil {
			s.Close()
		}
		if err == nil || strings.Contains(err.Error(), "hemligt") {
			t.Errorf("%s %s: %v", o.Driver, o.Path, err)
		}
	}
}

// Many open an empty database at once; each finds it whole.
func TestOpenAtOnce(t *testing.T) {
	for driver, options := range map[string]func(testing.TB) Options{SQLite: sqliteOptions, PostgreSQL: postgresOptions} {
		t.Run(driver, func(t *testing.T) {
			o := options(t)
			o.MasterKey = bytes.Repeat([]byte{7}, 32)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					s, err := Open(t.Context(), o)
					if err != nil {
						t.Error(err)
						return
					}
					defer s.Close()
					if err := s.Ping(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			s, err := Open(t.Context(), o)
			must(t, err)
			defer s.Close()
			var all []int64
			rows, err := s.read.Query(`SELECT version_id FROM migration ORDER BY version_id`)
			must(t, err)
			defer rows.Close()
			for rows.Next() {
				var v int64
				must(t, rows.Scan(&v))
				all = append(all, v)
			}
			must(t, rows.Err())
			if !slices.Equal(all, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
				t.Errorf("steps taken: %v", all)
			}
		})
	}
}

const crashEnv = "FRIST_TEST_CRASH"

// What was committed is there after kill -9.
func TestKilled(t *testing.T) {
	if path := os.Getenv(crashEnv); path != "" {
		crash(t, path)
	}
	h := newHarness(t, sqliteOptions(t))
	must(t, h.Store.Close())
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), crashEnv+"="+h.options.Path)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	scan := bufio.NewScanner(out)
	for scan.Scan() && scan.Text() != "committed" {
	}
	must(t, child.Process.Kill())
	child.Wait()
	s, err := Open(t.Context(), h.options)
	must(t, err)
	defer s.Close()
	waiting, err := s.Waiting(t.Context())
	if err != nil || fmt.Sprint(waiting) != "[m1]" {
		t.Errorf("waiting %v, error %v", waiting, err)
	}
}

// crash commits one message, and never another.
func crash(t *testing.T, path string) {
	s, err := Open(t.Context(), Options{Driver: SQLite, Path: path, MasterKey: bytes.Repeat([]byte{7}, 32)})
	must(t, err)
	_, err = s.Accept(t.Context(), conversation.RawInbound{ID: "m1", Channel: conversation.ChannelMail, At: start, Raw: []byte("hej")})
	must(t, err)
	s.Update(t.Context(), func(tx conversation.Tx) error {
		must(t, tx.EraseInbound("m1"))
		must(t, tx.FinishInbound("m1", "", "answered", true, start))
		fmt.Println("committed")
		select {} // until killed
	})
}

// One turn's writes: a message accepted, then the incident, an answer, two log lines, a reply and the message's end.
func BenchmarkTurn(b *testing.B) {
	for driver, options := range map[string]func(testing.TB) Options{SQLite: sqliteOptions, PostgreSQL: postgresOptions} {
		b.Run(driver, func(b *testing.B) {
			h := newHarness(b, options(b))
			in := h.incident("i1", "PUI-2026-0001")
			for n := 0; b.Loop(); n++ {
				id := conversation.InboundID(fmt.Sprint("m", n))
				_, err := h.Accept(b.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelMail, At: start, Raw: make([]byte, 8<<10)})
				must(b, err)
				h.update(func(tx conversation.Tx) error {
					in, err := tx.Incident(in.ID)
					must(b, err)
					in.Answers[fmt.Sprint(n%40)] = answer(fmt.Sprint("svar ", n), n, in.Reporter)
					must(b, tx.SaveIncident(in, []conversation.Event{{At: start, Name: "answered"}, {At: start, Name: "asked"}}, start))
					must(b, tx.Enqueue(outbound(fmt.Sprint("o", n), in, in.Reporter)))
					return tx.FinishInbound(id, in.ID, "answered", true, start)
				})
			}
		})
	}
}

// A migration is run whole, so it must not hold the way back as well.
func TestMigrationsOnlyGoForward(t *testing.T) {
	for _, driver := range []string{SQLite, PostgreSQL} {
		steps, err := migrationSteps(driver)
		must(t, err)
		for i, step := range steps {
			if step.Version != int64(i+1) {
				t.Errorf("%s: step %d has the number %d", driver, i+1, step.Version)
			}
		}
	}
	files, err := migrations.ReadDir("migrations")
	must(t, err)
	for _, f := range files {
		text, err := migrations.ReadFile("migrations/" + f.Name())
		must(t, err)
		if bytes.Contains(text, []byte("goose Down")) {
			t.Errorf("%s has a way back, which would be run too", f.Name())
		}
	}
}
