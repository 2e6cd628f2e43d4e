package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

// eicar is the test file that virus scanners agree to find (EICAR's Anti-Malware Testfile). It stands here in pieces, so that none finds this file.
func eicar() string {
	return `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR" + "-STANDARD-" + "ANTIVIRUS-TEST-FILE" + "!$H+H*"
}

// startClamd runs a real daemon whose only signature is that of the test file: those of ClamAV are not ours to hand out.
func startClamd(t *testing.T, dir string) *process {
	t.Helper()
	write(t, filepath.Join(dir, "own.ndb"), "Frist.Test.Eicar:0:0:"+hex.EncodeToString([]byte(eicar()))+"\n")
	config := filepath.Join(dir, "clamd.conf")
	write(t, config, fmt.Sprintf("DatabaseDirectory %[1]s\nLocalSocket %[1]s/s\nForeground yes\nUser root\nStreamMaxLength 1M\n", dir))
	p := launch(t, nil, find("clamd"), "-c", config)
	await(t, "clamd to listen", func() bool {
		conn, err := net.DialTimeout("unix", filepath.Join(dir, "s"), time.Second)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return p
}

// shortDir is a folder whose path fits into a socket's name (108 bytes).
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "clamd-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestClamd(t *testing.T) {
	t.Parallel()
	need(t, "root", "clamd")
	dir := shortDir(t)
	daemon := startClamd(t, dir)
	c := &mail.Clamd{Network: "unix", Addr: filepath.Join(dir, "s"), Timeout: 20 * time.Second}
	if v, err := c.Version(t.Context()); err != nil || !strings.HasPrefix(v, "ClamAV ") {
		t.Errorf("version %q, %v", v, err)
	}
	if found, err := c.Scan(t.Context(), []byte(eicar())); err != nil || !strings.HasPrefix(found, "Frist.Test.Eicar") {
		t.Errorf("the test file: %q, %v", found, err)
	}
	for name, data := range map[string]string{"text": "Namn;Ort\nKalle;Exempelstad\n", "nothing": "", "much": strings.Repeat("a", 900_000)} {
		if found, err := c.Scan(t.Context(), []byte(data)); err != nil || found != "" {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	// More than the daemon takes is no clean file.
	if found, err := c.Scan(t.Context(), []byte(strings.Repeat("a", 3<<20))); err == nil {
		t.Errorf("too much: %q and no error", found)
	}
	daemon.kill()
	if found, err := c.Scan(t.Context(), []byte("x")); err == nil {
		t.Errorf("no daemon: %q and no error", found)
	}
}

// withFile is a report with one file.
func withFile(name, kind, content string) letter {
	return letter{To: bot, Subject: "Fel mottagare", Kind: "multipart/mixed; boundary=gr", Text: "--gr\nContent-Type: text/plain; charset=utf-8\n\n" + secretText +
		"\n--gr\nContent-Type: " + kind + "; name=\"" + name + "\"\nContent-Disposition: attachment; filename=\"" + name + "\"\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString([]byte(content)) + "\n--gr--"}
}

// A clean file is read, a harmful one refused and told, and without the daemon nothing is read; the report counts in each case.
func TestFilesAreScanned(t *testing.T) {
	t.Parallel()
	need(t, "root", "clamd")
	m := startMail(t, "frist", "robin", "sam", "kim", "dso", "deputy", "drift")
	dso := m.people["dso"]
	d := settle(t, m.settings())
	dir := shortDir(t)
	daemon := startClamd(t, dir)
	text, err := os.ReadFile(d.Config)
	must(t, err)
	write(t, d.Config, string(text)+"attachments: {clamd: \"unix:"+dir+"/s\"}\n")
	if out := d.frist("check", "--live", "--wait", "0"); !strings.Contains(out, "ok clamd: ClamAV ") {
		t.Errorf("check does not tell of clamd:\n%s", out)
	}
	d.serve()
	told := func(part string) func(*mail.Message) bool {
		return func(m *mail.Message) bool { return strings.Contains(m.Text, part) }
	}

	robin := m.people["robin"]
	robin.send(withFile("deltagare.csv", "text/csv", "Namn;Telefon\nKalle Karlsson;070-174 06 21\nLisa Larsson;070-174 06 22\n"))
	dso.receives("word of a clean file", told("Bifogat: 1 fil, 2 rader."))
	robin.receives("what was seen", told("deltagare.csv har 2 rader"))

	sam := m.people["sam"]
	sam.send(withFile("faktura.pdf", "application/pdf", eicar()))
	dso.receives("word of a harmful file", told("Varning: 1 fil med skadlig kod"))
	sam.receives("a warning", told("Frist.Test.Eicar"))

	daemon.kill()
	kim := m.people["kim"]
	kim.send(withFile("lista.csv", "text/csv", "Namn;Ort\nA;B\n"))
	dso.receives("word of a file that was not scanned", told("kunde inte kontrolleras mot virus"))
	m.people["drift"].receives("the alarm", told("attachments.clamd"))
	if out, _, code := frist(t, d.env, "check", "--live", "--wait", "0", "--config", d.Config); code != 1 || !strings.Contains(out, "fault clamd: ") || !strings.Contains(out, "→ attachments.clamd") {
		t.Errorf("check exits %d and says of a daemon that is gone:\n%s", code, out)
	}
	if n := len(d.incidents()); n != 3 {
		t.Errorf("%d incidents", n)
	}
}
