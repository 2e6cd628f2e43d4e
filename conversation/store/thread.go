package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"frist/conversation"
)

// tokenTime is how many of a token's characters are kept in clear: they tell when it was made (Engine.token), and keep tokens of one time together in the
// index, however large that is. They are of the time alone.
const tokenTime = 5

// tokenHash is what is stored of a reply token, "" for none. A mail server may have changed the case of the address that it stood in.
func tokenHash(token string) string {
	if token == "" {
		return ""
	}
	token = strings.ToLower(token)
	return clean(token[:min(tokenTime, len(token))]) + bareHash(token)
}

// bareHash is what was stored of a token before.
func bareHash(token string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(token)))
	return hex.EncodeToString(sum[:])
}

// Enqueue puts a message into the outbox, behind the person's others.
func (t *tx) Enqueue(out conversation.Outbound) error {
	op := "enqueue outbound " + string(out.ID)
	if out.ID == "" || out.Person == "" {
		return fmt.Errorf("%s: it lacks an id or a person", op)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	sealed, key, err := t.seal("outbox", string(out.ID), out.Incident, body)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	var field string
	if out.Question != nil {
		field = out.Question.Field
	}
	now := instant(t.store.clock())
	seq, claim, err := t.hand(out)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	n, err := t.exec(op, `
		INSERT INTO outbox (id, incident, person, channel, kind, field, revision, dedup, token_hash, message_id,
			created_at, seq, not_before, claimed_by, claimed_until, attempts, ref, reason, key_sealed, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, $15, $16, $17, '', '', $13, $14)
		ON CONFLICT (dedup) DO NOTHING`,
		string(out.ID), nullable(out.Incident), string(out.Person), string(out.Channel), string(out.Kind), field, int64(out.Revision),
		nullable(out.Dedup), nullable(tokenHash(out.Token)), bareID(out.MessageID), now, seq, key, sealed, claim.by, instant(claim.until), flag(claim.by != ""))
	if err != nil || n == 0 {
		return err
	}
	t.noteHanded(claim, out, body)
	if out.Channel == conversation.ChannelMail {
		return t.NoteMessage(out.Incident, out.Person, out.MessageID)
	}
	return nil
}

// nextOutbox is the place of a person's next message. PostgreSQL needs a row to lock; on SQLite one transaction writes at a time.
func (t *tx) nextOutbox(p conversation.PersonID) (seq int64, err error) {
	if t.store.driver == SQLite {
		t.store.ranks.drop(p) // it may not be handed over
		err = t.row("count outbox", `SELECT COALESCE(MAX(seq), 0) + 1 FROM outbox WHERE person = $1`, []any{string(p)}, &seq)
		return seq, err
	}
	return t.next("outbox/" + string(p))
}

const threadColumns = `id, COALESCE(incident, ''), person, kind, field, revision, channel, sent_at`

func (t *tx) thread(op, condition string, args ...any) (*conversation.Thread, error) {
	var th conversation.Thread
	err := t.row(op, `SELECT `+threadColumns+` FROM outbox WHERE `+condition, args,
		&th.Outbound, &th.Incident, &th.Person, &th.Kind, &th.Field, &th.Revision, &th.Channel, (*instant)(&th.SentAt))
	if err != nil {
		return nil, err
	}
	return &th, nil
}

// Thread returns an outbound's thread by its id.
func (t *tx) Thread(id conversation.OutboundID) (*conversation.Thread, error) {
	return t.thread("thread of outbound "+string(id), `id = $1`, string(id))
}

// ThreadByToken finds the outbound with the reply token, in either case.
func (t *tx) ThreadByToken(token string) (*conversation.Thread, error) {
	const op, condition = "thread by token", `token_hash = $1`
	th, err := t.thread(op, condition, tokenHash(token))
	if errors.Is(err, conversation.ErrNotFound) {
		return t.thread(op, condition, bareHash(token))
	}
	return th, err
}

// ThreadByMessage finds the outbound with the Message-ID, with or without angle brackets, or the activity id that Teams gave it. An activity
// id is unique in its conversation only, so the caller compares Thread.Person; the newest is returned.
func (t *tx) ThreadByMessage(messageID string) (*conversation.Thread, error) {
	const op = "thread by message"
	id := bareID(messageID)
	if id == "" {
		return nil, fmt.Errorf("%s: %w", op, conversation.ErrNotFound)
	}
	own, _, _ := strings.Cut(id, "@") // see Engine.address
	return t.thread(op, `id = $2 AND message_id = $1 OR ref = $1 AND ref <> '' ORDER BY created_at DESC, seq DESC LIMIT 1`, id, own)
}

// ThreadByNote finds the incident in which somebody's own mail is remembered, the newest if there are several.
func (t *tx) ThreadByNote(messageID string) (*conversation.Thread, error) {
	const op = "thread by note"
	th := &conversation.Thread{}
	err := t.row(op, `SELECT incident, person FROM thread_message WHERE message_id = $1 ORDER BY at DESC, incident LIMIT 1`, []any{bareID(messageID)},
		&th.Incident, &th.Person)
	if err != nil {
		return nil, err
	}
	return th, nil
}

// LastMessage is the Message-ID, without angle brackets, of the latest mail to or from the person about the incident. A mail that waits in
// the outbox counts: it leaves before any that answers it.
func (t *tx) LastMessage(incident conversation.IncidentID, p conversation.PersonID) (id string, err error) {
	const q = `SELECT message_id FROM thread_message WHERE incident = $1 AND person = $2 ORDER BY seq DESC, at DESC, message_id LIMIT 1`
	err = t.rows("latest mail about incident "+string(incident), q, []any{string(incident), string(p)},
		func(r *sql.Rows) error { return r.Scan(&id) })
	return id, err
}

// NoteMessage remembers the Message-ID as the latest of the thread. One that no mail client could have made is passed over.
func (t *tx) NoteMessage(incident conversation.IncidentID, p conversation.PersonID, messageID string) error {
	id := bareID(messageID)
	if id == "" || incident == "" {
		return nil
	}
	_, err := t.exec("note a mail about incident "+string(incident), `
		INSERT INTO thread_message (incident, person, message_id, seq, at)
		VALUES ($1, $2, $3, (SELECT COALESCE(MAX(seq), 0) + 1 FROM thread_message WHERE incident = $1 AND person = $2), $4)
		ON CONFLICT (incident, person, message_id) DO UPDATE SET seq = excluded.seq, at = excluded.at`,
		string(incident), string(p), id, instant(nonzero(t.store.now())))
	return err
}

// forgetMessage takes a mail out of its thread: it will not be sent as a mail.
func (t *tx) forgetMessage(incident, person, messageID string) error {
	_, err := t.exec("forget a mail about incident "+incident,
		`DELETE FROM thread_message WHERE incident = $1 AND person = $2 AND message_id = $3`, incident, person, messageID)
	return err
}

// nonzero is t, or the beginning of 1970 where a clock stands at the zero time, which a column cannot hold.
func nonzero(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0)
	}
	return t
}
