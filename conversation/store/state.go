package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"

	"frist/conversation"
)

// state is what an incident's sealed column holds: the incident without its answers, and the end of its log.
type state struct {
	Incident *conversation.Incident `json:"incident"`
	Log      head                   `json:"log"`
}

func sealState(key tink.AEAD, in *conversation.Incident, log head) ([]byte, error) {
	bare := *in
	bare.Answers, bare.Version = nil, 0
	plain, err := json.Marshal(state{&bare, log})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	sealed, err := key.Encrypt(plain, binding("incident", string(in.ID)))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

func (t *tx) state(r *incidentRow) (*state, error) {
	plain, err := t.unseal("incident", string(r.in.ID), r.in.ID, r.sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("incident %s: %w", r.in.ID, err)
	}
	var s state
	if err := decode(plain, &s); err != nil {
		return nil, fmt.Errorf("incident %s: %w", r.in.ID, err)
	}
	if s.Incident == nil {
		return nil, fmt.Errorf("incident %s: its state is empty", r.in.ID)
	}
	if d := s.Incident.Decision; d != nil {
		restore(d.Content)
	}
	return &s, nil
}

// decode keeps numbers whole; see restore.
func decode(plain []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if d.More() {
		return errors.New("decode: more than one value")
	}
	return nil
}

// restore gives the answers of a notification the types that Value.JSON gave them: a count is an int64, not a float64.
func restore(n *conversation.Notification) {
	if n == nil {
		return
	}
	for key, v := range n.Answers {
		n.Answers[key] = whole(v)
	}
}

func whole(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	}
	return v
}
