package e2e

import (
	"path/filepath"
	"testing"
)

// Our own mails in a browser: on a phone and at a desk, in light and in dark, nothing is cut or hard to read, and axe-core has no complaint.
func TestOwnMailLooks(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright", "axe")
	dir := t.TempDir()
	all := letters(t)
	for name, l := range all {
		write(t, filepath.Join(dir, name+".html"), l.words.HTML)
	}
	page := browse(t, "mails.cjs", dir)
	if len(page.Outside)+len(page.Errors) > 0 {
		t.Errorf("requests to the outside %q, errors %q", page.Outside, page.Errors)
	}
	for _, w := range page.Wrong {
		t.Error(w)
	}
}
