package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"frist/conversation"
)

// head is the end of an incident's log: the number of its last line, and the chain up to it. It is sealed with the incident, so that
// whoever can write to the database, but lacks the key, can neither change nor cut the log unseen.
type head struct {
	Seq   int64  `json:"seq"`
	Chain string `json:"chain"` // hex
}

// after is the head when the event stands last: SHA-256 over the chain before, and each column with its length.
func (h head) after(incident conversation.IncidentID, e conversation.Event) head {
	sum := sha256.New()
	for _, s := range []string{h.Chain, string(incident), strconv.FormatInt(h.Seq+1, 10), strconv.FormatInt(e.At.UnixMicro(), 10),
		e.Name, string(e.Person), e.Field, e.Detail, e.Hash} {
		fmt.Fprintf(sum, "%d:%s", len(s), s)
	}
	return head{h.Seq + 1, hex.EncodeToString(sum.Sum(nil))}
}

// Events returns the incident's log, oldest first, with times in whole microseconds.
func (t *tx) Events(id conversation.IncidentID) ([]conversation.Event, error) {
	lines, err := t.lines(id)
	events := make([]conversation.Event, len(lines))
	for i, l := range lines {
		events[i] = l.Event
	}
	return events, err
}

// line is an event as it is stored.
type line struct {
	conversation.Event
	head
}

func (t *tx) lines(id conversation.IncidentID) (lines []line, err error) {
	err = t.rows("events of incident "+string(id), `
		SELECT seq, at, name, person, field, detail, hash, chain FROM event WHERE incident = $1 ORDER BY seq`, []any{string(id)},
		func(r *sql.Rows) error {
			var l line
			var at instant
			err := r.Scan(&l.Seq, &at, &l.Name, &l.Person, &l.Field, &l.Detail, &l.Event.Hash, &l.Chain)
			l.At = time.Time(at)
			lines = append(lines, l)
			return err
		})
	return lines, err
}

// head is the stored end of the log.
func (t *tx) head(id conversation.IncidentID) (h head, err error) {
	err = t.rows("end of the log of incident "+string(id), `SELECT seq, chain FROM event WHERE incident = $1 ORDER BY seq DESC LIMIT 1`,
		[]any{string(id)}, func(r *sql.Rows) error { return r.Scan(&h.Seq, &h.Chain) })
	return h, err
}

// extend is what the events become behind h: the lines to insert, of which the last is the new head.
func (h head) extend(id conversation.IncidentID, events []conversation.Event) (lines []line) {
	for _, e := range events {
		// The chain is over what the row holds.
		e.At = e.At.Truncate(time.Microsecond)
		e.Name, e.Person, e.Field = clean(e.Name), conversation.PersonID(clean(string(e.Person))), clean(e.Field)
		e.Detail, e.Hash = clean(e.Detail), clean(e.Hash)
		h = h.after(id, e)
		lines = append(lines, line{e, h})
	}
	return lines
}

func (t *tx) insertLines(id conversation.IncidentID, lines []line) error {
	for _, l := range lines {
		_, err := t.exec("append to the log of incident "+string(id), `
			INSERT INTO event (incident, seq, at, name, person, field, detail, hash, chain)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			string(id), l.Seq, instant(l.At), l.Name, string(l.Person), l.Field, l.Detail, l.Event.Hash, l.Chain)
		if err != nil {
			return err
		}
	}
	return nil
}

// VerifyLog recomputes the chain of an incident's log and holds it against the sealed end. The error names the first line that does not
// follow from the one before. The end of a purged incident's log is not known, only that its lines follow.
func (s *Store) VerifyLog(ctx context.Context, id conversation.IncidentID) error {
	return s.view(ctx, func(t *tx) error {
		op := "verify the log of incident " + string(id)
		row, err := t.incidentRow("id", string(id))
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		lines, err := t.lines(id)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		var h head
		for _, l := range lines {
			if h = h.after(id, l.Event); h != l.head {
				return fmt.Errorf("%s: line %d does not follow from the one before", op, h.Seq)
			}
		}
		if row.sealed == nil {
			return nil
		}
		state, err := t.state(row)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if state.Log != h {
			return fmt.Errorf("%s: it ends at line %d and should end at line %d", op, h.Seq, state.Log.Seq)
		}
		return nil
	})
}
