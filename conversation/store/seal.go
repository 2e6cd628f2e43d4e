package store

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"frist/conversation"
)

// errPurged: the key is gone for good.
var errPurged = errors.New("the incident has been purged")

// binding is the associated data (RFC 5116 section 2.1) that ties a sealed column to its table and row. Lengths keep
// ("a", "bc") from reading like ("ab", "c").
func binding(table string, ids ...string) []byte {
	var b strings.Builder
	b.WriteString(table)
	for _, id := range ids {
		b.WriteByte('/')
		b.WriteString(strconv.Itoa(len(id)))
		b.WriteByte(':')
		b.WriteString(id)
	}
	return []byte(b.String())
}

// newKey makes an AES-256-GCM keyset and returns it also sealed under the master key, bound to its row.
func (s *Store) newKey(ad []byte) (key tink.AEAD, sealed []byte, err error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	var b bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), s.master, ad); err != nil {
		return nil, nil, fmt.Errorf("seal key: %w", err)
	}
	if key, err = aead.New(h); err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	return key, b.Bytes(), nil
}

func (s *Store) openKey(sealed, ad []byte) (tink.AEAD, error) {
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(sealed)), s.master, ad)
	if err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	key, err := aead.New(h)
	if err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	return key, nil
}

// incidentKey returns the incident's key. For an incident that is not inserted yet it makes one, which SaveIncident then keeps.
func (t *tx) incidentKey(id conversation.IncidentID) (tink.AEAD, error) {
	if k := t.keys[id]; k != nil {
		return k, nil
	}
	var sealed []byte
	err := t.row("key of incident "+string(id), `SELECT key_sealed FROM incident WHERE id = $1`, []any{string(id)}, &sealed)
	ad := binding("incident_key", string(id))
	var key tink.AEAD
	switch {
	case errors.Is(err, conversation.ErrNotFound):
		if key, sealed, err = t.store.newKey(ad); err == nil {
			if t.unsaved == nil {
				t.unsaved = map[conversation.IncidentID][]byte{}
			}
			t.unsaved[id] = sealed
		}
	case err == nil && sealed == nil:
		err = errPurged
	case err == nil:
		key, err = t.store.openKey(sealed, ad)
	}
	if err != nil {
		return nil, fmt.Errorf("incident %s: %w", id, err)
	}
	if t.keys == nil {
		t.keys = map[conversation.IncidentID]tink.AEAD{}
	}
	t.keys[id] = key
	return key, nil
}

// seal seals a row's content under its incident's key, or without an incident under a key of the row's own, which it returns sealed.
func (t *tx) seal(table, id string, incident conversation.IncidentID, plain []byte) (sealed, ownKey []byte, err error) {
	if incident == "" {
		return t.store.sealOwn(table, id, plain)
	}
	key, err := t.incidentKey(incident)
	if err != nil {
		return nil, nil, err
	}
	if sealed, err = key.Encrypt(plain, binding(table, id)); err != nil {
		return nil, nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil, nil
}

// sealOwn seals a row's content under a key of the row's own, which it returns sealed.
func (s *Store) sealOwn(table, id string, plain []byte) (sealed, ownKey []byte, err error) {
	key, ownKey, err := s.newKey(binding(table+"_key", id))
	if err != nil {
		return nil, nil, err
	}
	if sealed, err = key.Encrypt(plain, binding(table, id)); err != nil {
		return nil, nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, ownKey, nil
}

// unseal is the inverse of seal.
func (t *tx) unseal(table, id string, incident conversation.IncidentID, sealed, ownKey []byte) (plain []byte, err error) {
	var key tink.AEAD
	if ownKey != nil {
		key, err = t.store.openKey(ownKey, binding(table+"_key", id))
	} else {
		key, err = t.incidentKey(incident)
	}
	if err != nil {
		return nil, err
	}
	if plain, err = key.Decrypt(sealed, binding(table, id)); err != nil {
		return nil, errors.New("unseal: the row was sealed elsewhere, or changed")
	}
	return plain, nil
}
