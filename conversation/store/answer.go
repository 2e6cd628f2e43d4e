package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"frist/conversation"
)

// current is the newest revision of a field's answer: its JSON, "null" if the answer was taken back.
type current struct {
	field  string
	seq    int64
	sealed []byte // until it is opened
	plain  []byte
}

var takenBack = []byte("null")

// Revision is one answer that a field has had.
type Revision struct {
	Field string
	// Seq counts the revisions of all the incident's fields, from 1.
	Seq int64
	// Answer is nil if the answer was taken back.
	Answer *conversation.Answer
}

// Revisions lists every answer that the incident has had, oldest first.
func (s *Store) Revisions(ctx context.Context, id conversation.IncidentID) (out []Revision, err error) {
	err = s.view(ctx, func(t *tx) error {
		all, err := t.answerRows(id)
		if err != nil {
			return err
		}
		for _, c := range all {
			one := answerSet{c.field: c}
			if err := t.open(id, one); err != nil {
				return err
			}
			r := Revision{Field: c.field, Seq: c.seq}
			if err := json.Unmarshal(one[c.field].plain, &r.Answer); err != nil {
				return fmt.Errorf("answers of incident %s: %w", id, err)
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// currentAnswers reads the newest revision of each field and remembers it, for telling later what is new.
func (t *tx) currentAnswers(id conversation.IncidentID) (answerSet, error) {
	list, err := t.answerRows(id)
	if err != nil {
		return nil, err
	}
	out := make(answerSet, len(list))
	for _, c := range list {
		out[c.field] = c
	}
	if err := t.open(id, out); err != nil {
		return nil, err
	}
	t.remember(id, out)
	return out, nil
}

func (t *tx) remember(id conversation.IncidentID, answers answerSet) {
	if t.answers == nil {
		t.answers = map[conversation.IncidentID]answerSet{}
	}
	t.answers[id] = answers
}

// answerRows reads every revision, oldest first, as it is sealed.
func (t *tx) answerRows(id conversation.IncidentID) (list []current, err error) {
	const q = `SELECT field, seq, sealed FROM answer WHERE incident = $1 ORDER BY seq`
	err = t.rows("answers of incident "+string(id), q, []any{string(id)}, func(r *sql.Rows) error {
		var c current
		err := r.Scan(&c.field, &c.seq, &c.sealed)
		list = append(list, c)
		return err
	})
	return list, err
}

// open opens answers as they were read.
func (t *tx) open(id conversation.IncidentID, answers answerSet) error {
	if len(answers) == 0 {
		return nil
	}
	op := "answers of incident " + string(id)
	key, err := t.incidentKey(id)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	for field, c := range answers {
		if c.plain, err = key.Decrypt(c.sealed, answerBinding(id, field, c.seq)); err != nil {
			return fmt.Errorf("%s: field %s: the row was sealed elsewhere, or changed", op, field)
		}
		c.sealed = nil
		answers[field] = c
	}
	return nil
}

func answerBinding(id conversation.IncidentID, field string, seq int64) []byte {
	return binding("answer", string(id), field, strconv.FormatInt(seq, 10))
}

// answerSet holds the newest revision of each field.
type answerSet map[string]current

// decode leaves out what was taken back.
func (c answerSet) decode(id conversation.IncidentID) (map[string]conversation.Answer, error) {
	out := make(map[string]conversation.Answer, len(c))
	for field, a := range c {
		if bytes.Equal(a.plain, takenBack) {
			continue
		}
		var answer conversation.Answer
		if err := json.Unmarshal(a.plain, &answer); err != nil {
			return nil, fmt.Errorf("answers of incident %s: field %s: %w", id, field, err)
		}
		out[field] = answer
	}
	return out, nil
}

// saveAnswers appends a revision for each answer that differs from the stored one, and for each that was taken back.
func (t *tx) saveAnswers(in *conversation.Incident, k *known) error {
	op := "save the answers of incident " + string(in.ID)
	stored, ok := t.answers[in.ID]
	if !ok {
		var err error
		if stored, err = t.currentAnswers(in.ID); err != nil {
			return err
		}
	}
	last := k.seq
	if k.people == nil {
		if err := t.row(op, `SELECT COALESCE(MAX(seq), 0) FROM answer WHERE incident = $1`, []any{string(in.ID)}, &last); err != nil {
			return err
		}
	}
	var changed []string
	for field, a := range in.Answers {
		if given := k.given[field]; given == nil || !given.Equal(&a) {
			changed = append(changed, field)
		}
	}
	for field, c := range stored {
		if _, ok := in.Answers[field]; !ok && !bytes.Equal(c.plain, takenBack) {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	if k.given == nil {
		k.given = make(map[string]*conversation.Answer, len(in.Answers))
	}
	for _, field := range changed {
		c := current{field: field, seq: last + 1, plain: takenBack}
		a, ok := in.Answers[field]
		if ok {
			var err error
			if c.plain, err = json.Marshal(a); err != nil {
				return fmt.Errorf("%s: field %s: %w", op, field, err)
			}
			k.given[field] = &a
		} else {
			delete(k.given, field)
		}
		if old, ok := stored[field]; ok && bytes.Equal(old.plain, c.plain) {
			continue
		}
		if err := t.insertAnswer(op, in.ID, c, a); err != nil {
			return err
		}
		stored[field] = c
		last++
	}
	k.seq = last
	t.remember(in.ID, stored)
	return nil
}

func (t *tx) insertAnswer(op string, id conversation.IncidentID, c current, a conversation.Answer) error {
	key, err := t.incidentKey(id)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	sealed, err := key.Encrypt(c.plain, answerBinding(id, c.field, c.seq))
	if err != nil {
		return fmt.Errorf("%s: field %s: %w", op, c.field, err)
	}
	_, err = t.exec(op, `
		INSERT INTO answer (incident, seq, field, revision, author, role, at, inbound, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(id), c.seq, c.field, int64(a.Revision), string(a.Author), string(a.Role), instant(a.At), string(a.Inbound), sealed)
	return err
}
