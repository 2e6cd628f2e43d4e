package store

import (
	"bytes"
	"errors"
	"testing"

	"frist/conversation"
)

func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		one, two := h.incident("i1", "PUI-2026-0001"), h.incident("i2", "PUI-2026-0002")
		content := []byte("Namn;Personnummer\x00\xff Hemlig Person")
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.KeepFile(one.ID, "f1", content), tx.KeepFile(two.ID, "f2", nil))
		})
		for name, f := range map[string]func(tx conversation.Tx) error{
			"twice":           func(tx conversation.Tx) error { return tx.KeepFile(two.ID, "f1", content) },
			"of no incident":  func(tx conversation.Tx) error { return tx.KeepFile("none", "f3", content) },
			"without an id":   func(tx conversation.Tx) error { return tx.KeepFile(one.ID, "", content) },
			"without a place": func(tx conversation.Tx) error { return tx.KeepFile("", "f3", content) },
		} {
			if err := h.Update(t.Context(), f); err == nil {
				t.Errorf("a file %s is kept", name)
			}
		}
		has := func(in conversation.IncidentID, id conversation.FileID, want []byte) {
			t.Helper()
			h.view(func(tx conversation.Tx) error {
				got, err := tx.File(in, id)
				if want == nil && !errors.Is(err, conversation.ErrNotFound) || want != nil && (err != nil || !bytes.Equal(got, want)) {
					t.Errorf("file %s of %s: %q, %v", id, in, got, err)
				}
				return nil
			})
		}
		has(one.ID, "f1", content)
		has(two.ID, "f2", []byte{})
		has(two.ID, "f1", nil) // another incident's is not found
		if h.driver == SQLite && bytes.Contains(files(t, h.options.Path), []byte("Hemlig")) {
			t.Error("the file can be read from the disk")
		}
		must(t, h.Purge(t.Context(), one.ID))
		has(one.ID, "f1", nil)
		has(two.ID, "f2", []byte{})
	})
}

func TestRewriteInbound(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		in := h.incident("i1", "PUI-2026-0001")
		if _, err := h.Accept(t.Context(), conversation.RawInbound{ID: "m1", Channel: conversation.ChannelMail, At: start, Raw: []byte("all of it")}); err != nil {
			t.Fatal(err)
		}
		h.update(func(tx conversation.Tx) error {
			return errors.Join(tx.RewriteInbound("m1", []byte("less")), tx.FinishInbound("m1", in.ID, "answered", true, start))
		})
		h.view(func(tx conversation.Tx) error {
			raw, done, err := tx.Inbound("m1")
			if err != nil || !done || string(raw.Raw) != "less" {
				t.Errorf("%q, done %v, %v", raw.Raw, done, err)
			}
			return nil
		})
		for _, id := range []conversation.InboundID{"m1", "m2"} {
			if err := h.Update(t.Context(), func(tx conversation.Tx) error { return tx.RewriteInbound(id, nil) }); !errors.Is(err, conversation.ErrConflict) {
				t.Errorf("%s, which has had its turn or is not there: %v", id, err)
			}
		}
	})
}
