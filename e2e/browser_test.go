package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// seen is what a browser script tells of a page.
type seen struct {
	Text            string
	Outside, Errors []string
	Wrong           []string
	Open            map[string][]string
	Copied          []struct{ ID, Shown, Copied string }
}

// browse runs a script of the folder browser on a page. With FRIST_SCREENSHOTS=DIR it leaves pictures there.
func browse(t *testing.T, script, url string) (s seen) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, find("node"), filepath.Join("browser", script), url)
	cmd.Env = append(os.Environ(), "CHROMIUM="+find("chromium"), "HOME="+t.TempDir())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, errs.String())
	}
	must(t, json.Unmarshal(out, &s))
	return s
}

// The page that the DSO files from: whoever presses a copy button has exactly the answer in the clipboard.
func TestNotificationInBrowser(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright")
	out := t.TempDir()
	if _, errs, code := frist(t, nil, "replay", "--channel", "mail", "--out", out, "../testdata/cases/wrong-attachment.yaml"); code != 0 {
		t.Fatalf("make a notification: exit %d: %s", code, errs)
	}
	dir := filepath.Join(out, "wrong-attachment")
	page := browse(t, "document.cjs", "file://"+filepath.Join(dir, "notification.html"))
	if len(page.Outside)+len(page.Errors) > 0 {
		t.Errorf("requests to the outside %q, errors %q", page.Outside, page.Errors)
	}
	var n struct{ Answers map[string]any }
	data, err := os.ReadFile(filepath.Join(dir, "notification.json"))
	must(t, err)
	must(t, json.Unmarshal(data, &n))
	if len(page.Copied) < len(n.Answers) {
		t.Errorf("%d copy buttons for %d answers", len(page.Copied), len(n.Answers))
	}
	copied := map[string]bool{}
	for _, c := range page.Copied {
		copied[c.Copied] = true
		if c.Copied != c.Shown {
			t.Errorf("button of %s copied %q, and %q stands there", c.ID, c.Copied, c.Shown)
		}
	}
	for key, a := range n.Answers {
		if text, ok := a.(string); ok && !copied[text] {
			t.Errorf("no button copies answer %s, %q", key, text)
		}
	}
}
