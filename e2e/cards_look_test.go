package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// Our cards in Microsoft's own renderer: it knows all that stands in them, and on a phone and at a desk, in light and in dark, with the help
// folded and unfolded, nothing is cut, and axe-core has no complaint.
func TestOwnCardsLook(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright", "axe", "adaptivecards")
	dir := t.TempDir()
	cards, err := filepath.Glob("../templates/testdata/card/sv-*.json")
	must(t, err)
	english, err := filepath.Glob("../templates/testdata/card/en-*.json")
	must(t, err)
	for _, path := range append(cards, english...) {
		data, err := os.ReadFile(path)
		must(t, err)
		write(t, filepath.Join(dir, filepath.Base(path)), string(data))
	}
	if len(cards) < 20 {
		t.Fatalf("%d cards", len(cards))
	}
	page := browse(t, "cards.cjs", dir)
	if len(page.Outside)+len(page.Errors) > 0 {
		t.Errorf("requests to the outside %q, errors %q", page.Outside, page.Errors)
	}
	for _, w := range page.Wrong {
		t.Error(w)
	}
}
