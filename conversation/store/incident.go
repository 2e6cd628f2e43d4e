package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"frist/conversation"
)

// incidentRow is an incident as its row has it. in holds what the columns say; sealed is nil once the incident is purged.
type incidentRow struct {
	in     conversation.Incident
	sealed []byte
}

const incidentColumns = `id, number, unit, form, form_version, status, version, reporter, reported_at, aware_at, deadline_at, closed_at, sealed`

func (r *incidentRow) scan(scan func(...any) error) error {
	in := &r.in
	return scan(&in.ID, &in.Number, &in.Unit, &in.Form, &in.FormVersion, &in.Status, &in.Version, &in.Reporter,
		(*instant)(&in.ReportedAt), (*instant)(&in.AwareAt), (*instant)(&in.DeadlineAt), (*instant)(&in.ClosedAt), &r.sealed)
}

// incidentRow reads the row whose column, id or number, has the value.
func (t *tx) incidentRow(column, value string) (*incidentRow, error) {
	var r incidentRow
	err := r.scan(func(dest ...any) error {
		return t.row("incident "+value, `SELECT `+incidentColumns+` FROM incident WHERE `+column+` = $1`, []any{value}, dest...)
	})
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// load opens the row and adds the answers.
func (t *tx) load(r *incidentRow) (*conversation.Incident, error) {
	if r.sealed == nil {
		in := r.in
		in.Purged, in.Answers = true, map[string]conversation.Answer{}
		return &in, nil
	}
	state, err := t.state(r)
	if err != nil {
		return nil, err
	}
	in := state.Incident
	in.ID, in.Number, in.Version = r.in.ID, r.in.Number, r.in.Version
	answers, err := t.currentAnswers(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Answers, err = answers.decode(in.ID); err != nil {
		return nil, err
	}
	return in, nil
}

// Incident loads the whole incident. Of a purged one only what the columns say is left.
func (t *tx) Incident(id conversation.IncidentID) (*conversation.Incident, error) {
	if in, err := t.recall(id); in != nil || err != nil {
		return in, err
	}
	r, err := t.incidentRow("id", string(id))
	if err != nil {
		return nil, err
	}
	return t.load(r)
}

// IncidentByNumber loads the incident with the number.
func (t *tx) IncidentByNumber(number string) (*conversation.Incident, error) {
	if !indexable(number) {
		return nil, fmt.Errorf("incident by number: %w", conversation.ErrNotFound)
	}
	r, err := t.incidentRow("number", number)
	if err != nil {
		return nil, err
	}
	return t.load(r)
}

// Incidents loads all incidents, by number: PUI-2026-9999 stands before PUI-2026-10000.
func (t *tx) Incidents() ([]*conversation.Incident, error) {
	var rows []*incidentRow
	err := t.rows("list incidents", `SELECT `+incidentColumns+` FROM incident`, nil, func(r *sql.Rows) error {
		row := new(incidentRow)
		rows = append(rows, row)
		return row.scan(r.Scan)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b *incidentRow) int { return byNumber(a.in.Number, b.in.Number) })
	list := make([]*conversation.Incident, len(rows))
	for i, r := range rows {
		if list[i], err = t.load(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func byNumber(a, b string) int {
	pa, pb := strings.TrimRight(a, "0123456789"), strings.TrimRight(b, "0123456789")
	return cmp.Or(cmp.Compare(pa, pb), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// UnverifiedSince lists the incidents that were reported at or after an instant by somebody who was not certain, the newest first.
func (t *tx) UnverifiedSince(at time.Time) (list []conversation.Unverified, err error) {
	const q = `
		SELECT id, unverified, claimed, status, reported_at, announce_at FROM incident
		WHERE unverified <> '' AND reported_at >= $1 ORDER BY reported_at DESC, number DESC`
	err = t.rows("unverified incidents", q, []any{instant(at)}, func(r *sql.Rows) error {
		var u conversation.Unverified
		err := r.Scan(&u.Incident, &u.Why, &u.Claimed, &u.Status, (*instant)(&u.ReportedAt), (*instant)(&u.AnnounceAt))
		list = append(list, u)
		return err
	})
	return list, err
}

// OpenIncidents lists the open incidents that the person takes part in, the newest first.
func (t *tx) OpenIncidents(p conversation.PersonID) (ids []conversation.IncidentID, err error) {
	const q = `
		SELECT DISTINCT i.id, i.reported_at, i.number FROM participant p JOIN incident i ON i.id = p.incident
		WHERE p.person = $1 AND p.open = 1 ORDER BY i.reported_at DESC, i.number DESC`
	err = t.rows("open incidents of person "+string(p), q, []any{string(p)}, func(r *sql.Rows) error {
		var (
			id     conversation.IncidentID
			at     instant
			number string
		)
		err := r.Scan(&id, &at, &number)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// SaveIncident inserts (Version 0) or updates, and counts in.Version up. nextDue is only kept while the incident is open.
func (t *tx) SaveIncident(in *conversation.Incident, events []conversation.Event, nextDue time.Time) error {
	op := "save incident " + string(in.ID)
	if in.ID == "" || in.Number == "" {
		return fmt.Errorf("%s: it lacks an id or a number", op)
	}
	if in.Purged {
		return fmt.Errorf("%s: %w", op, errPurged)
	}
	k := t.known[in.ID]
	if k == nil || k.in != in {
		k = &known{in: in}
	}
	before := k.log
	if k.people == nil {
		var err error
		if before, err = t.head(in.ID); err != nil {
			return err
		}
	}
	lines := before.extend(in.ID, events)
	if len(lines) > 0 {
		before = lines[len(lines)-1].head
	}
	if !in.Status.Open() {
		nextDue = time.Time{}
	}
	if err := t.saveRow(op, in, before, columnsOf(in, nextDue), k); err != nil {
		return err
	}
	// The row names its version, so whoever comes here is the only one to do so.
	if err := t.insertLines(in.ID, lines); err != nil {
		return err
	}
	if err := t.saveAnswers(in, k); err != nil {
		return err
	}
	if err := t.saveParticipants(op, in, k); err != nil {
		return err
	}
	in.Version++
	k.key, k.answers, k.log, k.saved = t.keys[in.ID], t.answers[in.ID], before, true
	t.know(k)
	return nil
}

// columns are what the row says beside the version and the sealed state.
type columns struct {
	number, unit, form, formVersion, status, reporter, unverified, claimed string
	reportedAt, awareAt, deadlineAt, closedAt, nextDue, announceAt         int64 // microseconds
}

func columnsOf(in *conversation.Incident, nextDue time.Time) columns {
	return columns{clean(in.Number), clean(in.Unit), in.Form, in.FormVersion, string(in.Status), string(in.Reporter), in.Unverified, string(in.Claimed),
		micros(in.ReportedAt), micros(in.AwareAt), micros(in.DeadlineAt), micros(in.ClosedAt), micros(time.Time(ceil(nextDue))), micros(in.AnnounceAt)}
}

// micros is an instant's column, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func (t *tx) saveRow(op string, in *conversation.Incident, log head, cols columns, k *known) error {
	key, err := t.incidentKey(in.ID)
	if errors.Is(err, errPurged) {
		return fmt.Errorf("%s: %w: %w", op, conversation.ErrConflict, err) // since it was read
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	sealed, err := sealState(key, in, log)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if in.Version > 0 && k.columns == cols {
		// The state alone: an index whose column is named is written anew, though it stays as it was.
		n, err := t.exec(op, `UPDATE incident SET version = version + 1, sealed = $3 WHERE id = $1 AND version = $2 AND sealed IS NOT NULL`,
			string(in.ID), in.Version, sealed)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s: %w", op, conversation.ErrConflict)
		}
		return err
	}
	k.columns = cols
	null := func(micros int64) any {
		if micros == 0 {
			return nil
		}
		return micros
	}
	args := []any{string(in.ID), in.Version, cols.number, cols.unit, cols.form, cols.formVersion, cols.status, cols.reporter,
		null(cols.reportedAt), null(cols.awareAt), null(cols.deadlineAt), null(cols.closedAt), null(cols.nextDue), sealed, cols.unverified,
		cols.claimed, null(cols.announceAt)}
	query := `
		UPDATE incident SET version = version + 1, number = $3, unit = $4, form = $5, form_version = $6, status = $7, reporter = $8,
			reported_at = $9, aware_at = $10, deadline_at = $11, closed_at = $12, next_due = $13, sealed = $14, unverified = $15,
			claimed = $16, announce_at = $17
		WHERE id = $1 AND version = $2 AND sealed IS NOT NULL`
	if in.Version == 0 {
		wrapped := t.unsaved[in.ID]
		if wrapped == nil {
			return fmt.Errorf("%s: %w", op, conversation.ErrConflict) // it is there already
		}
		args = append(args, wrapped)
		query = `
			INSERT INTO incident (id, version, number, unit, form, form_version, status, reporter,
				reported_at, aware_at, deadline_at, closed_at, next_due, sealed, unverified, claimed, announce_at, key_sealed)
			VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
			ON CONFLICT DO NOTHING`
	}
	n, err := t.exec(op, query, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	delete(t.unsaved, in.ID)
	return nil
}

type participant struct {
	person conversation.PersonID
	role   conversation.Role
	open   int64
}

// saveParticipants notes who takes part: the reporter, and each who has a conversation.
func (t *tx) saveParticipants(op string, in *conversation.Incident, k *known) error {
	open := flag(in.Status.Open())
	want := map[participant]bool{}
	if in.Reporter != "" {
		want[participant{in.Reporter, conversation.RoleReporter, open}] = true
	}
	for _, c := range in.Conversations {
		want[participant{c.Person, c.Role, open}] = true
	}
	if k.people != nil && maps.Equal(k.people, want) {
		return nil
	}
	k.people = maps.Clone(want)
	var gone []participant
	err := t.rows(op, `SELECT person, role, open FROM participant WHERE incident = $1`, []any{string(in.ID)}, func(r *sql.Rows) error {
		var p participant
		err := r.Scan(&p.person, &p.role, &p.open)
		if want[p] {
			delete(want, p)
		} else {
			gone = append(gone, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range gone {
		_, err := t.exec(op, `DELETE FROM participant WHERE incident = $1 AND person = $2 AND role = $3`,
			string(in.ID), string(p.person), string(p.role))
		if err != nil {
			return err
		}
	}
	for p := range want {
		_, err := t.exec(op, `INSERT INTO participant (incident, person, role, open) VALUES ($1, $2, $3, $4)`,
			string(in.ID), string(p.person), string(p.role), p.open)
		if err != nil {
			return err
		}
	}
	return nil
}

// NextNumber returns the next number of a year's series, from 1. A rollback gives it back.
func (t *tx) NextNumber(year int) (int, error) {
	n, err := t.next(fmt.Sprintf("number/%d", year))
	return int(n), err
}

// Due lists the open incidents that are due at now, the earliest first.
func (s *Store) Due(ctx context.Context, now time.Time) (ids []conversation.IncidentID, err error) {
	err = s.view(ctx, func(t *tx) error {
		const q = `SELECT id FROM incident WHERE next_due <= $1 ORDER BY next_due, id`
		return t.rows("due incidents", q, []any{instant(now)}, func(r *sql.Rows) error {
			var id conversation.IncidentID
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}

// NextDue is the earliest instant at which an open incident is due.
func (s *Store) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		var next instant
		if err := t.row("next due instant", `SELECT MIN(next_due) FROM incident`, nil, &next); err != nil {
			return err
		}
		at, ok = time.Time(next), !time.Time(next).IsZero()
		return nil
	})
	return at, ok, err
}
