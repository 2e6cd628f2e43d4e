package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/mail"
)

// thunderbird is a running Thunderbird without a screen, in which people have accounts. It is driven over Marionette, Mozilla's remote
// protocol, of which a message is its length, a colon and JSON.
type thunderbird struct {
	mail *mailSystem

	mu   sync.Mutex // one person at a time
	conn net.Conn
	in   *bufio.Reader
	last int
}

// thunderbirdPrefs: nothing asks, and nothing calls home.
const thunderbirdPrefs = `
user_pref("mail.biff.show_alert", false);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("app.update.auto", false);
user_pref("browser.region.network.url", "");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("mail.SpellCheckBeforeSend", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("marionette.port", %s);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
`

func startThunderbird(t *testing.T, m *mailSystem) *thunderbird {
	t.Helper()
	need(t, "thunderbird")
	dir, port := t.TempDir(), freePorts(t, 1)[0]
	profile := filepath.Join(dir, "profile")
	write(t, filepath.Join(profile, "user.js"), fmt.Sprintf(thunderbirdPrefs, port))
	p := launch(t, []string{"HOME=" + dir, "LANG=sv_SE.UTF-8", "MOZ_CRASHREPORTER_DISABLE=1"}, find("thunderbird"), "--headless", "--no-remote",
		"--marionette", "-remote-allow-system-access", "--profile", profile)
	t.Cleanup(p.kill)
	listening(t, p, port)
	b := &thunderbird{mail: m}
	var err error
	b.conn, err = net.Dial("tcp", addr(port))
	must(t, err)
	t.Cleanup(func() { b.conn.Close() })
	b.in = bufio.NewReader(b.conn)
	_, err = b.receive() // its greeting
	must(t, err)
	for _, c := range []struct {
		name   string
		params map[string]any
	}{{"WebDriver:NewSession", nil}, {"Marionette:SetContext", map[string]any{"value": "chrome"}},
		{"WebDriver:SetTimeouts", map[string]any{"script": 3 * patience.Milliseconds()}}} {
		_, err := b.call(c.name, c.params)
		must(t, err)
	}
	return b
}

func (b *thunderbird) receive() (json.RawMessage, error) {
	if err := b.conn.SetReadDeadline(time.Now().Add(4 * patience)); err != nil {
		return nil, err
	}
	size, err := b.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(b.in, text)
	return text, err
}

// call sends a command, [0, id, name, parameters], and returns the result of the reply, [1, id, error, result].
func (b *thunderbird) call(name string, params map[string]any) (json.RawMessage, error) {
	if params == nil {
		params = map[string]any{}
	}
	b.last++
	text, err := json.Marshal([]any{0, b.last, name, params})
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(b.conn, "%d:%s", len(text), text); err != nil {
		return nil, err
	}
	text, err = b.receive()
	if err != nil {
		return nil, err
	}
	var reply [4]json.RawMessage
	if err := json.Unmarshal(text, &reply); err != nil {
		return nil, err
	}
	if string(reply[2]) != "null" {
		return nil, fmt.Errorf("%s: %s", name, reply[2])
	}
	return reply[3], nil
}

// reply answers a mail, as HTML or as plain text.
func (b *thunderbird) reply(html bool) reply {
	return func(p *person, q *mail.Message, text string) {
		p.t.Helper()
		b.mu.Lock()
		defer b.mu.Unlock()
		script, err := os.ReadFile("thunderbird/reply.js")
		must(p.t, err)
		ca, err := os.ReadFile(filepath.Join(b.mail.Dir, "ca.pem"))
		must(p.t, err)
		authority, _ := pem.Decode(ca)
		imap, err := strconv.Atoi(b.mail.IMAPS)
		must(p.t, err)
		submission, err := strconv.Atoi(b.mail.Submission)
		must(p.t, err)
		job := map[string]any{"address": p.Address, "password": p.Password, "name": "Robin Prov", "imap": imap, "submission": submission, "html": html,
			"authority": base64.StdEncoding.EncodeToString(authority.Bytes), "message": q.MessageID, "text": text, "patience": patience.Milliseconds()}
		result, err := b.call("WebDriver:ExecuteAsyncScript", map[string]any{"script": string(script), "args": []any{job}, "sandbox": "system", "newSandbox": true})
		must(p.t, err)
		var got struct {
			Value struct{ Shown, Failed string }
		}
		must(p.t, json.Unmarshal(result, &got))
		if got.Value.Failed != "" {
			p.t.Fatalf("Thunderbird: %s", got.Value.Failed)
		}
	}
}
