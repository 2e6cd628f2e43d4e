package store

import (
	"context"
	"errors"
	"fmt"

	"frist/conversation"
)

// Kept returns what Keep last kept under the name, "" if nothing.
func (s *Store) Kept(ctx context.Context, name string) (value string, err error) {
	op := "read what is kept as " + name
	err = s.view(ctx, func(t *tx) error {
		var sealed []byte
		err := t.row(op, `SELECT sealed FROM kept WHERE name = $1`, []any{name}, &sealed)
		if errors.Is(err, conversation.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		plain, err := s.master.Decrypt(sealed, binding("kept", name))
		if err != nil {
			return fmt.Errorf("%s: it was sealed elsewhere, or changed", op)
		}
		value = string(plain)
		return nil
	})
	return value, err
}

// Keep keeps a secret of the program's own under a name, sealed under the master key, in place of the one before.
func (s *Store) Keep(ctx context.Context, name, value string) error {
	sealed, err := s.master.Encrypt([]byte(value), binding("kept", name))
	if err != nil {
		return fmt.Errorf("seal %s: %w", name, err)
	}
	return s.update(ctx, func(t *tx) error {
		_, err := t.exec("keep "+name, `
			INSERT INTO kept (name, at, sealed) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at, sealed = excluded.sealed`, name, instant(s.clock()), sealed)
		return err
	})
}
