package store

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestKept(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		ctx := t.Context()
		if got, err := h.Kept(ctx, "a"); got != "" || err != nil {
			t.Fatalf("before anything was kept: %q, %v", got, err)
		}
		for _, value := range []string{"första hemligheten", "andra hemligheten"} {
			if err := h.Keep(ctx, "a", value); err != nil {
				t.Fatal(err)
			}
			if got, err := h.Kept(ctx, "a"); got != value || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, value)
			}
		}
		if err := h.Keep(ctx, "b", "en annan"); err != nil {
			t.Fatal(err)
		}
		// A row that was moved to another name is not believed.
		if _, err := h.write.Exec(`UPDATE kept SET sealed = (SELECT sealed FROM kept WHERE name = 'b') WHERE name = 'a'`); err != nil {
			t.Fatal(err)
		}
		if got, err := h.Kept(ctx, "a"); err == nil || got != "" || strings.Contains(err.Error(), "annan") {
			t.Errorf("a moved row: %q, %v", got, err)
		}
	})
}

func TestKeptIsSealedOnDisk(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	if err := h.Keep(t.Context(), "a", "en hemlighet i klartext"); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(h.options.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte("CREATE TABLE kept")) || bytes.Contains(data, []byte("i klartext")) {
		t.Error("the value stands in the file, or the file is not what was written")
	}
}
