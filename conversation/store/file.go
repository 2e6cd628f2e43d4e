package store

import (
	"errors"
	"fmt"

	"frist/conversation"
)

// KeepFile keeps a file's content, sealed under the incident's key.
func (t *tx) KeepFile(incident conversation.IncidentID, id conversation.FileID, content []byte) error {
	op := "keep file " + string(id)
	if incident == "" || !indexable(string(id)) {
		return errors.New(op + ": it lacks an id or an incident")
	}
	sealed, _, err := t.seal("file", string(id), incident, content)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err = t.exec(op, `INSERT INTO file (id, incident, sealed) VALUES ($1, $2, $3)`, string(id), string(incident), sealed)
	return err
}

// File returns the content of one of the incident's files. ErrNotFound if it has none of that id, as after a purge.
func (t *tx) File(incident conversation.IncidentID, id conversation.FileID) ([]byte, error) {
	op := "file " + string(id)
	var sealed []byte
	err := t.row(op, `SELECT sealed FROM file WHERE id = $1 AND incident = $2`, []any{string(id), string(incident)}, &sealed)
	if err != nil {
		return nil, err
	}
	content, err := t.unseal("file", string(id), incident, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return content, nil
}

// RewriteInbound puts another raw text in the place of a message's that has had no turn.
func (t *tx) RewriteInbound(id conversation.InboundID, raw []byte) error {
	op := "rewrite inbound " + string(id)
	if t.accepting != nil && t.accepting.ID == id {
		t.accepting.Raw = raw
		return nil
	}
	sealed, key, err := t.seal("inbound", string(id), "", raw)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	n, err := t.exec(op, `UPDATE inbound SET key_sealed = $2, sealed = $3 WHERE id = $1 AND done_at IS NULL`, string(id), key, sealed)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", op, conversation.ErrConflict)
	}
	return err
}
