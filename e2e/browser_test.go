package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seen is what a browser script tells of a page.
type seen struct {
	Text            string
	Outside, Errors []string
	Wrong           []string
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

// Anna reports in Teams and fills in two cards.
func TestTeamsInPlayground(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright", "playground")
	people, s := embeddedMail(t, 1)
	s.Teams = true
	d := settle(t, s)
	d.serve()
	port := freePorts(t, 1)[0]
	conf := filepath.Join(t.TempDir(), "playground.yml")
	write(t, conf, strings.ReplaceAll(playgroundConf, "DOMAIN", domain))
	preload, err := filepath.Abs("browser/loopback.cjs")
	must(t, err)
	here := "http://" + addr(port)
	p := launch(t, []string{"TEAMSAPPTESTER_BROWSER=none", "M365_AGENTS_PLAYGROUND_CONFIG_PATH=" + conf,
		"M365_AGENTS_PLAYGROUND_LOGFILE=" + filepath.Join(filepath.Dir(conf), "log")},
		find("node"), "--require", preload, filepath.Join(os.Getenv(nodeEnv), "node_modules/@microsoft/m365agentsplayground/cli.js"), "start",
		"-e", "http://"+addr(d.Port)+"/api/messages", "-p", port, "-c", "msteams", "--service-url", here+"/_connector", "--disable-telemetry")
	listening(t, p, port)
	page := browse(t, "teams.cjs", here)
	// Both cards are put as answered, with the answer, and can be answered no more.
	if n := strings.Count(page.Text, "✓ Answered"); n != 2 {
		t.Errorf("%d answered cards:\n%s", n, page.Text)
	}
	await(t, "the DSO to be alerted by mail", func() bool { return len(byNumber(people[1].inbox())) == 1 })
	if n := len(d.incidents()); n != 1 {
		t.Errorf("%d incidents from one report", n)
	}
}

// The Playground's own ids have the wrong form; these are formed like those of Teams. It wants exactly five further users.
const playgroundConf = `
version: "0.1.1"
tenantId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e01
bot: {id: "28:5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e02", name: Frist}
currentUser: {id: "29:1anna", name: Anna Exempel, userPrincipleName: anna@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e03, givenName: Anna, surname: Exempel, email: reporter0@DOMAIN}
users:
  - {id: "29:1u1", name: Ulla Ett, userPrincipleName: u1@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e11, givenName: Ulla, surname: Ett, email: u1@DOMAIN}
  - {id: "29:1u2", name: Ulla Två, userPrincipleName: u2@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e12, givenName: Ulla, surname: Två, email: u2@DOMAIN}
  - {id: "29:1u3", name: Ulla Tre, userPrincipleName: u3@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e13, givenName: Ulla, surname: Tre, email: u3@DOMAIN}
  - {id: "29:1u4", name: Ulla Fyra, userPrincipleName: u4@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e14, givenName: Ulla, surname: Fyra, email: u4@DOMAIN}
  - {id: "29:1u5", name: Ulla Fem, userPrincipleName: u5@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e15, givenName: Ulla, surname: Fem, email: u5@DOMAIN}
personalChat: {id: "a:1personal-anna"}
groupChat: {id: "19:00000000000000000000000000000001@thread.v2", name: Grupp}
team:
  id: "19:00000000000000000000000000000002@thread.tacv2"
  name: Lag
  aadGroupId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e21
  channels:
    - {id: "19:00000000000000000000000000000003@thread.tacv2", name: Kanal}
`
