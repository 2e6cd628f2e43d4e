package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"frist/conversation"
)

// A message is placed once it has had its turn, in the incident that it led to, or in none.
func TestPlaced(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.incident("i1", "PUI-2026-0001")
		for _, id := range []conversation.InboundID{"m1", "m2", "m3"} {
			if _, err := h.Accept(t.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelTeams, At: start, Raw: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.FinishInbound("m1", "i1", "answered", true, start), tx.FinishInbound("m2", "", "thanks", true, start))
		})
		h.view(func(tx conversation.Tx) error {
			for id, want := range map[conversation.InboundID]string{"m1": "i1 true <nil>", "m2": " true <nil>", "m3": " false <nil>"} {
				incident, done, err := tx.Placed(id)
				if got := fmt.Sprint(incident, done, err); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
					t.Errorf("%s: %s, want %s", id, got, want)
				}
			}
			if _, _, err := tx.Placed("m4"); !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("of an unknown message: %v", err)
			}
			return nil
		})
	})
}

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
