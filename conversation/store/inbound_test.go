package store

import (
	"fmt"
	"testing"

	"frist/conversation"
)

// Many messages are committed together, and each is told of: one that came before, or twice in the same batch, is not fresh.
func TestAcceptAll(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		raw := func(id conversation.InboundID, text string) conversation.RawInbound {
			return conversation.RawInbound{ID: id, Channel: conversation.ChannelMail, At: start, Raw: []byte(text)}
		}
		fresh, err := h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m1", "one"), raw("m2", "two"), raw("m1", "other"), raw("m3", "")})
		if err != nil || fmt.Sprint(fresh) != "[true true false true]" {
			t.Fatalf("fresh %v, error %v", fresh, err)
		}
		if fresh, err = h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m4", "four"), raw("m2", "two")}); err != nil || fmt.Sprint(fresh) != "[true false]" {
			t.Errorf("again: fresh %v, error %v", fresh, err)
		}
		if fresh, err = h.AcceptAll(t.Context(), nil); err != nil || len(fresh) > 0 {
			t.Errorf("of none: fresh %v, error %v", fresh, err)
		}
		h.view(func(tx conversation.Tx) error {
			got, _, err := tx.Inbound("m1")
			if string(got.Raw) != "one" {
				t.Errorf("m1 says %q", got.Raw)
			}
			return err
		})
		// All or none: the second has no id.
		if _, err := h.AcceptAll(t.Context(), []conversation.RawInbound{raw("m5", "five"), raw("", "none")}); err == nil {
			t.Error("a message without an id was accepted")
		}
		waiting, err := h.Waiting(t.Context())
		if err != nil || fmt.Sprint(waiting) != "[m1 m2 m3 m4]" {
			t.Errorf("waiting %v, error %v", waiting, err)
		}
	})
}
