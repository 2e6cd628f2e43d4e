package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"frist/conversation"
)

// Planted texts, one for each place where what people write is kept. No other row or log line may have them.
var planted = []string{"PLANTED-RAW", "PLANTED-GREETING", "PLANTED-FIRST", "PLANTED-ANSWER", "PLANTED-OLD", "PLANTED-OUTBOX", "PLANTED-HELLO", "PLANTEDTOKEN"}

func plant(h *harness) *conversation.Incident {
	h.tb.Helper()
	p := h.person("p1")
	in := newIncident("i1", "PUI-2026-0001", p.ID)
	in.FirstMessage = "PLANTED-FIRST"
	in.Answers["16"] = answer("PLANTED-OLD", 1, p.ID)
	for id, raw := range map[conversation.InboundID]string{"m1": "PLANTED-RAW", "m2": "PLANTED-GREETING", "m3": "PLANTED-RAW waits"} {
		if _, err := h.Accept(h.tb.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelMail, At: start, Raw: []byte(raw)}); err != nil {
			h.tb.Fatal(err)
		}
	}
	h.update(func(tx conversation.Tx) error {
		return errors.Join(tx.SaveIncident(in, []conversation.Event{{At: start, Name: "reported"}}, start.Add(time.Hour)),
			tx.FinishInbound("m1", in.ID, "answered", true, start), tx.FinishInbound("m2", "", "introduction", true, start))
	})
	in.Answers["16"] = answer("PLANTED-ANSWER", 2, p.ID)
	about, hello := outbound("o1", in, p.ID), outbound("o2", nil, p.ID)
	about.Lines[0].Args = map[string]string{"value": "PLANTED-OUTBOX"}
	about.Token = "plantedtoken"
	hello.Lines[0].Args = map[string]string{"value": "PLANTED-HELLO"}
	h.update(func(tx conversation.Tx) error {
		return errors.Join(tx.SaveIncident(in, []conversation.Event{{At: start, Name: "answered", Field: "16"}}, start.Add(time.Hour)),
			tx.Enqueue(about), tx.Enqueue(hello))
	})
	return in
}

func TestSealedAtRest(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	plant(h)
	check := func(when string) {
		t.Helper()
		data := bytes.ToUpper(files(t, h.options.Path))
		for _, text := range planted {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s: %s stands in clear in the file", when, text)
			}
			if strings.Contains(strings.ToUpper(h.log.String()), text) {
				t.Errorf("%s: %s stands in the log", when, text)
			}
		}
		if !bytes.Contains(data, []byte("PUI-2026-0001")) {
			t.Errorf("%s: not even the number is found, so nothing is shown", when)
		}
	}
	check("write-ahead log")
	h.mustRaw(`PRAGMA wal_checkpoint(TRUNCATE)`)
	check("file")
	h.claim("a", 9)
	check("claimed")
	info, err := os.Stat(h.options.Path)
	must(t, err)
	wal, err := os.Stat(h.options.Path + "-wal")
	must(t, err)
	if info.Mode().Perm() != 0o600 || wal.Mode().Perm() != 0o600 {
		t.Errorf("modes %v and %v", info.Mode(), wal.Mode())
	}
}

// PostgreSQL has no file to search; every text and binary column of every table is.
func TestSealedInPostgres(t *testing.T) {
	h := newHarness(t, postgresOptions(t))
	plant(h)
	rows, err := h.read.Query(`SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	if len(tables) < 14 {
		t.Fatalf("tables %v", tables)
	}
	for _, table := range tables {
		for _, text := range planted {
			var n int
			query := fmt.Sprintf(`SELECT COUNT(*) FROM %s x WHERE x::text ILIKE '%%' || $1 || '%%' OR x::text LIKE '%%' || encode($1::text::bytea, 'hex') || '%%'`, table)
			must(t, h.read.QueryRow(query, text).Scan(&n))
			if n > 0 {
				t.Errorf("%s stands in clear in %s", text, table)
			}
		}
	}
}

// A sealed value that is put into another row does not open there.
func TestSealedRowsCannotMove(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		plant(h)
		second := h.incident("i2", "PUI-2026-0002")
		h.incident("i3", "PUI-2026-0003")
		h.enqueue(outbound("o3", second, second.Reporter), outbound("o4", second, second.Reporter))
		refused := func(name string, f func(tx conversation.Tx) error) {
			t.Helper()
			if err := h.View(t.Context(), f); err == nil || errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		load := func(id conversation.IncidentID) func(tx conversation.Tx) error {
			return func(tx conversation.Tx) error {
				_, err := tx.Incident(id)
				return err
			}
		}
		swap := func(table, columns, to, from string) {
			h.mustRaw(fmt.Sprintf(`UPDATE %[1]s SET (%[2]s) = (SELECT %[2]s FROM %[1]s WHERE id = '%[3]s') WHERE id = '%[4]s'`, table, columns, from, to))
		}
		h.mustRaw(`INSERT INTO answer (incident, seq, field, revision, author, role, at, inbound, sealed)
			SELECT incident, 9, '17', revision, author, role, at, inbound, sealed FROM answer WHERE incident = 'i2' AND field = '16'`)
		refused("an answer in another field", load("i2"))
		h.view(load("i3"))
		h.mustRaw(`UPDATE incident SET sealed = (SELECT sealed FROM incident WHERE id = 'i1') WHERE id = 'i3'`)
		refused("an incident's state", load("i3"))
		swap("incident", "key_sealed, sealed", "i3", "i1")
		refused("an incident's state with its key", load("i3"))
		swap("inbound", "key_sealed, sealed", "m2", "m3")
		refused("a raw message with its key", func(tx conversation.Tx) error {
			_, _, err := tx.Inbound("m2")
			return err
		})
		h.mustRaw(`UPDATE inbound SET incident = 'i1', key_sealed = NULL WHERE id = 'm3'`)
		refused("a raw message under an incident's key", func(tx conversation.Tx) error {
			_, _, err := tx.Inbound("m3")
			return err
		})
		swap("outbox", "key_sealed, sealed", "o1", "o2")
		if got := ids(h.claim("a", 9)); strings.Contains(got, "o1") {
			t.Errorf("a message's body was moved, and claimed: %s", got)
		}
		if got := ids(h.claim("a", 9)); got != "o2" {
			t.Errorf("one behind a message that cannot be opened: %q", got)
		}
		h.view(func(tx conversation.Tx) error {
			_, _, err := tx.Inbound("m1")
			return err
		})
		if !strings.Contains(h.log.String(), "cannot be opened") {
			t.Errorf("the log says %s", h.log)
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := plant(h)
		second := h.incident("i2", "PUI-2026-0002")
		must(t, h.Purge(t.Context(), in.ID))
		must(t, h.Purge(t.Context(), in.ID))
		if err := h.Purge(t.Context(), "none"); !errors.Is(err, conversation.ErrNotFound) {
			t.Errorf("purge of nothing: %v", err)
		}
		got := h.load(in.ID)
		if !got.Purged || got.Number != in.Number || got.FirstMessage != "" || got.Answers == nil || len(got.Answers) > 0 ||
			!got.ReportedAt.Equal(in.ReportedAt) || got.Status != in.Status || got.Version != 3 {
			t.Errorf("got %+v", got)
		}
		for name, f := range map[string]func(tx conversation.Tx) error{
			"what was read before is conflict": func(tx conversation.Tx) error { return tx.SaveIncident(in, nil, start) },
			"what was read after":              func(tx conversation.Tx) error { return tx.SaveIncident(got, nil, start) },
			"a message":                        func(tx conversation.Tx) error { return tx.Enqueue(outbound("o9", in, in.Reporter)) },
		} {
			if err := h.Update(t.Context(), f); err == nil || strings.HasSuffix(name, "conflict") != errors.Is(err, conversation.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Revisions(t.Context(), in.ID); !errors.Is(err, errPurged) {
			t.Errorf("the answers: %v", err)
		}
		h.view(func(tx conversation.Tx) error {
			raw, done, err := tx.Inbound("m1")
			if err != nil || !done || raw.Raw != nil {
				t.Errorf("its message: %+v, error %v", raw, err)
			}
			if raw, _, err := tx.Inbound("m3"); err != nil || raw.Raw == nil {
				t.Errorf("another message: %+v, error %v", raw, err)
			}
			if other, err := tx.Incident(second.ID); err != nil || other.FirstMessage == "" {
				t.Errorf("another incident: %+v, error %v", other, err)
			}
			if open, err := tx.OpenIncidents(in.Reporter); err != nil || len(open) > 0 {
				t.Errorf("open: %v, error %v", open, err)
			}
			all, err := tx.Incidents()
			if err != nil || len(all) != 2 {
				t.Errorf("all: %v, error %v", all, err)
			}
			events, err := tx.Events(in.ID)
			if err != nil || len(events) != 3 || events[2].Name != EventPurged {
				t.Errorf("events %+v, error %v", events, err)
			}
			return nil
		})
		must(t, h.VerifyLog(t.Context(), in.ID))
		if due, err := h.Due(t.Context(), start.AddDate(9, 0, 0)); err != nil || fmt.Sprint(due) != "[i2]" {
			t.Errorf("due %v, error %v", due, err)
		}
		if got := ids(h.claim("a", 9)); got != "o2" {
			t.Errorf("its message is claimed: %q", got)
		}
	})
}

// After a purge the incident's sealed key is in neither the file nor the write-ahead log.
func TestPurgeErasesTheKey(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	in := plant(h)
	var key []byte
	must(t, h.read.QueryRow(`SELECT key_sealed FROM incident WHERE id = 'i1'`).Scan(&key))
	if !bytes.Contains(files(t, h.options.Path), key) {
		t.Fatal("the key is not found even before")
	}
	must(t, h.Purge(t.Context(), in.ID))
	if bytes.Contains(files(t, h.options.Path), key) {
		t.Error("the key can still be read from the disk")
	}
}

func TestLogIsChained(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		events := []conversation.Event{{At: start.Add(1500 * time.Nanosecond), Name: "answered", Person: "p1", Field: "16", Detail: "x\x00y", Hash: "ab"}, {Name: "reminded"}}
		h.update(func(tx conversation.Tx) error {
			in, err := tx.Incident("i1")
			must(t, err)
			return tx.SaveIncident(in, events, start)
		})
		h.view(func(tx conversation.Tx) error {
			got, err := tx.Events("i1")
			want := conversation.Event{At: start.Add(time.Microsecond), Name: "answered", Person: "p1", Field: "16", Detail: "xy", Hash: "ab"}
			if err != nil || len(got) != 3 || got[0].Name != "reported" || got[1] != want || got[2].Name != "reminded" || !got[2].At.IsZero() {
				t.Errorf("events %+v, error %v", got, err)
			}
			return nil
		})
		must(t, h.VerifyLog(t.Context(), "i1"))
		for _, change := range []string{
			`UPDATE event SET detail = 'other' WHERE seq = 2`, `DELETE FROM event WHERE seq = 3`,
			`UPDATE answer SET field = '17'`, `DELETE FROM answer`,
		} {
			if err := h.raw(change); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", change, err)
			}
		}
		if h.driver == SQLite {
			if err := h.raw(`REPLACE INTO event SELECT incident, seq, at, name, person, field, 'other', hash, chain FROM event WHERE seq = 2`); err == nil {
				t.Error("REPLACE changed the log")
			}
			h.mustRaw(`DROP TRIGGER event_stay`)
			h.mustRaw(`DROP TRIGGER event_keep`)
		} else {
			if err := h.raw(`TRUNCATE event`); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("TRUNCATE: %v", err)
			}
			h.mustRaw(`ALTER TABLE event DISABLE TRIGGER event_keep`)
		}
		must(t, h.VerifyLog(t.Context(), "i1"))
		broken := func(change, undo, want string) {
			t.Helper()
			h.mustRaw(change)
			if err := h.VerifyLog(t.Context(), "i1"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", change, err)
			}
			if undo != "" {
				h.mustRaw(undo)
				must(t, h.VerifyLog(t.Context(), "i1"))
			}
		}
		broken(`UPDATE event SET detail = 'other' WHERE seq = 2`, `UPDATE event SET detail = 'xy' WHERE seq = 2`, "line 2 does not follow")
		broken(`UPDATE event SET at = at + 1 WHERE seq = 1`, `UPDATE event SET at = at - 1 WHERE seq = 1`, "line 1 does not follow")
		broken(`DELETE FROM event WHERE seq = 3`, "", "ends at line 2 and should end at line 3")
		broken(`DELETE FROM event WHERE seq = 1`, "", "line 1 does not follow")
	})
}
