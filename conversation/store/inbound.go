package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"frist/conversation"
)

// Accept commits a raw message, sealed under a key of its own since nobody knows yet which incident it belongs to.
func (s *Store) Accept(ctx context.Context, in conversation.RawInbound) (fresh bool, err error) {
	all, err := s.AcceptAll(ctx, []conversation.RawInbound{in})
	return err == nil && all[0], err
}

// AcceptAll is Accept for many messages in one transaction. fresh has an element for each, in the same order.
func (s *Store) AcceptAll(ctx context.Context, in []conversation.RawInbound) (fresh []bool, err error) {
	type row struct{ sealed, key []byte }
	rows := make([]row, len(in))
	for i, m := range in {
		if !indexable(string(m.ID)) {
			return nil, fmt.Errorf("accept inbound: its id is empty, too long or no text")
		}
		// Before the transaction: it holds SQLite's write lock.
		if rows[i].sealed, rows[i].key, err = s.sealOwn("inbound", string(m.ID), m.Raw); err != nil {
			return nil, fmt.Errorf("accept inbound %s: %w", m.ID, err)
		}
	}
	err = s.update(ctx, func(t *tx) error {
		fresh = make([]bool, len(in))
		for i, m := range in {
			n, err := t.exec("accept inbound "+string(m.ID), `
				INSERT INTO inbound (id, channel, at, accepted_at, outcome, key_sealed, sealed)
				VALUES ($1, $2, $3, $4, '', $5, $6)
				ON CONFLICT (id) DO NOTHING`,
				string(m.ID), string(m.Channel), instant(m.At), instant(s.clock()), rows[i].key, rows[i].sealed)
			if err != nil {
				return err
			}
			fresh[i] = n == 1
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// AcceptInbound holds the message until FinishInbound writes it, sealed under its incident's key at once.
func (t *tx) AcceptInbound(in conversation.RawInbound) (fresh bool, err error) {
	if !indexable(string(in.ID)) {
		return false, fmt.Errorf("accept inbound: its id is empty, too long or no text")
	}
	if err := t.settleInbound(); err != nil {
		return false, err
	}
	var there int
	if err := t.row("accept inbound "+string(in.ID), `SELECT COUNT(*) FROM inbound WHERE id = $1`, []any{string(in.ID)}, &there); err != nil {
		return false, err
	}
	if there > 0 {
		return false, nil
	}
	t.accepting = &in
	return true, nil
}

// insertInbound writes a message that is being accepted. Another transaction that accepted it at the same time came first: a conflict.
func (t *tx) insertInbound(op string, doneAt instant, incident conversation.IncidentID, outcome string, sealed, key []byte) error {
	in := t.accepting
	t.accepting = nil
	n, err := t.exec(op, `
		INSERT INTO inbound (id, channel, at, accepted_at, done_at, incident, outcome, key_sealed, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO NOTHING`,
		string(in.ID), string(in.Channel), instant(in.At), instant(t.store.clock()), doneAt, nullable(incident), outcome, key, sealed)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	return err
}

// settleInbound writes a message that was accepted and not finished.
func (t *tx) settleInbound() error {
	in := t.accepting
	if in == nil {
		return nil
	}
	op := "accept inbound " + string(in.ID)
	sealed, key, err := t.store.sealOwn("inbound", string(in.ID), in.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return t.insertInbound(op, instant{}, "", "", sealed, key)
}

// Waiting lists the ids of messages that have had no turn, by receipt and then in the order of their coming.
func (s *Store) Waiting(ctx context.Context) (ids []conversation.InboundID, err error) {
	err = s.view(ctx, func(t *tx) error {
		const q = `SELECT id FROM inbound WHERE done_at IS NULL ORDER BY at, accepted_at, id`
		return t.rows("list waiting inbound", q, nil, func(r *sql.Rows) error {
			var id conversation.InboundID
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}

// Inbound returns an accepted message. Raw is nil if it has been erased.
func (t *tx) Inbound(id conversation.InboundID) (in conversation.RawInbound, done bool, err error) {
	op := "inbound " + string(id)
	if t.accepting != nil && t.accepting.ID == id {
		return *t.accepting, false, nil
	}
	var (
		at, doneAt  instant
		incident    nullable
		key, sealed []byte
	)
	in.ID = id
	err = t.row(op, `SELECT channel, at, done_at, incident, key_sealed, sealed FROM inbound WHERE id = $1`,
		[]any{string(id)}, &in.Channel, &at, &doneAt, &incident, &key, &sealed)
	if err != nil {
		return conversation.RawInbound{}, false, err
	}
	in.At, done = time.Time(at), !time.Time(doneAt).IsZero()
	if sealed != nil {
		if in.Raw, err = t.unseal("inbound", string(id), conversation.IncidentID(incident), sealed, key); err != nil {
			return conversation.RawInbound{}, false, fmt.Errorf("%s: %w", op, err)
		}
	}
	return in, done, nil
}

// Placed returns the incident that a message belongs to.
func (t *tx) Placed(id conversation.InboundID) (conversation.IncidentID, bool, error) {
	var (
		incident nullable
		doneAt   instant
	)
	err := t.row("place of inbound "+string(id), `SELECT incident, done_at FROM inbound WHERE id = $1`, []any{string(id)}, &incident, &doneAt)
	return conversation.IncidentID(incident), !time.Time(doneAt).IsZero(), err
}

// FinishInbound records the turn. It returns ErrConflict if another transaction gave the message its turn meanwhile.
func (t *tx) FinishInbound(id conversation.InboundID, incident conversation.IncidentID, outcome string, keep bool, at time.Time) error {
	op := "finish inbound " + string(id)
	in, done, err := t.Inbound(id)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if done {
		return fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	var sealed, key []byte
	if keep && in.Raw != nil {
		if sealed, key, err = t.seal("inbound", string(id), incident, in.Raw); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	if at.IsZero() {
		at = t.store.now()
	}
	if t.accepting != nil && t.accepting.ID == id {
		return t.insertInbound(op, instant(at), incident, outcome, sealed, key)
	}
	n, err := t.exec(op, `
		UPDATE inbound SET done_at = $2, incident = $3, outcome = $4, key_sealed = $5, sealed = $6
		WHERE id = $1 AND done_at IS NULL`,
		string(id), instant(at), nullable(incident), outcome, key, sealed)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	return err
}

// EraseInbound erases the raw text; its id stays in the ledger. A message that was never accepted is not missed.
func (t *tx) EraseInbound(id conversation.InboundID) error {
	if err := t.settleInbound(); err != nil {
		return err
	}
	_, err := t.exec("erase inbound "+string(id), `UPDATE inbound SET key_sealed = NULL, sealed = NULL WHERE id = $1`, string(id))
	return err
}

// ReduceInbound replaces what is kept of a message by a text, sealed under the incident's key, or its own if it has none.
func (t *tx) ReduceInbound(id conversation.InboundID, text []byte) error {
	op := "reduce inbound " + string(id)
	if err := t.settleInbound(); err != nil {
		return err
	}
	var incident nullable
	if err := t.row(op, `SELECT incident FROM inbound WHERE id = $1`, []any{string(id)}, &incident); err != nil {
		return err
	}
	sealed, key, err := t.seal("inbound", string(id), conversation.IncidentID(incident), text)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = t.exec(op, `UPDATE inbound SET key_sealed = $2, sealed = $3 WHERE id = $1`, string(id), key, sealed)
	return err
}
