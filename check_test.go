package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frist/bot/bottest"
	"frist/config"
	"frist/mail/mailtest"
)

func TestCheckPrints(t *testing.T) {
	a, b := call(t, "", "check", "-new-key"), call(t, "", "check", "-new-key")
	key, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(a.out, "\n"))
	if a.code != 0 || err != nil || len(key) != 32 || a.out == b.out || a.err != "" {
		t.Errorf("got %+v and %+v, %v", a, b, err)
	}
	if r := call(t, "", "check", "-example"); r.code != 0 || r.out != config.Example() || r.err != "" {
		t.Errorf("exit %d, %d bytes: %s", r.code, len(r.out), r.err)
	}
	call(t, "", "check").sentence(t, 2, "-config", "-example")
	call(t, "", "check", "-new-key", "-config", "x").sentence(t, 2, "-new-key")
	call(t, "", "check", "-example", "-new-key").sentence(t, 2, "-example")
	call(t, "", "check", "-colour").sentence(t, 2, "-c")
}

func TestCheck(t *testing.T) {
	file := sampleFile(t)
	r := call(t, "", "check", "-config", file)
	if r.code != 0 || r.err != "" || strings.Contains(r.out, "fault ") {
		t.Fatalf("got %+v", r)
	}
	for _, want := range []string{"ok settings: " + file, "ok form: imy, version ", "ok answers: ", "frist.db (new), its tables were brought up to date in",
		"incidents: 0", "ok teams: not used"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not in %q", want, r.out)
		}
	}
	fillSample(t, file)
	if r := call(t, "", "check", "-config", file); r.code != 0 || !strings.Contains(r.out, "its tables were up to date; incidents: 4,") {
		t.Errorf("got %+v", r)
	}
}

func TestCheckFaults(t *testing.T) {
	for name, c := range map[string]struct {
		changes []string
		lines   []string // on standard output, each the whole beginning or end
		says    string
	}{
		"settings": {[]string{"  address: frist@provkoping.example\n", "", "id: miljo", "id: Miljö"},
			[]string{"fault settings: config ", ", line 4: mail.address is missing", " → mail.address\n", " → units[0].id\n"}, "2 faults were found"},
		"form":    {[]string{"mail:\n", "form: edpb\nmail:\n"}, []string{`line 4: form there is no form "edpb"; use one of imy → form`}, "one fault"},
		"answers": {[]string{"    dso:", "    answers: {99: x}\n    dso:"}, []string{"fault answers: ", "has no question 99; remove the line → units[0].answers.99"}, "one fault"},
		"data":    {[]string{"mail:\n", "data: key\nmail:\n"}, []string{"fault database: make the data folder: ", " → data\n"}, "one fault"},
	} {
		t.Run(name, func(t *testing.T) {
			r := call(t, "", "check", "-config", sampleFile(t, c.changes...))
			r.sentence(t, 1, c.says)
			for _, want := range c.lines {
				if !strings.Contains(r.out, want) {
					t.Errorf("%q is not in %q", want, r.out)
				}
			}
		})
	}
	r := call(t, "", "check", "-config", filepath.Join(t.TempDir(), "absent.yaml"))
	r.sentence(t, 1, "one fault")
	if !strings.HasPrefix(r.out, "fault settings: read settings: ") {
		t.Errorf("got %q", r.out)
	}
}

// What is allowed but unwise is told, and fails nothing.
func TestCheckWarnings(t *testing.T) {
	r := call(t, "", "check", "-config", sampleFile(t))
	for _, want := range []string{"warning settings: no second route: ", " → administrator.second\n", "warning settings: unit miljo has one contact alone", " → units[0].deputy\n"} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d: %q is not in %q", r.code, want, r.out)
		}
	}
	cert, key := certificatePEM(t, 10)
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	if err := errors.Join(os.WriteFile(certFile, cert, 0o600), os.WriteFile(keyFile, key, 0o600), os.Chmod(keyFile, 0o644)); err != nil {
		t.Fatal(err)
	}
	r = call(t, "", "check", "-config", sampleFile(t, "mail:\n", "http: {tls: {cert: "+certFile+", key: "+keyFile+"}}\nmail:\n"))
	for _, want := range []string{"warning expiry: the certificate in http.tls.cert ends ", ", in 9 days → http.tls.cert\n", "k.pem can be read by others on this machine (mode 0644)"} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d: %q is not in %q", r.code, want, r.out)
		}
	}
}

// The second route is tried too, and what the servers' certificates say is told.
func TestCheckLiveSecondRoute(t *testing.T) {
	s := startServers(t)
	second := "administrator: {second: {email: jour@reserv.example, smtp: {addr: 'localhost" + s.post.SubmissionTLS[strings.LastIndex(s.post.SubmissionTLS, ":"):] +
		"', username: frist@provkoping.example, password: {file: password}}}, "
	check := func(second string) (string, error) {
		var b bytes.Buffer
		k := &checker{out: &b, roots: s.roots}
		k.check(t.Context(), sampleFile(t, "administrator: {", second, sampleIMAP, s.imap(), sampleSMTP, s.smtp()), true)
		return b.String(), k.result()
	}
	out, err := check(second)
	for _, want := range []string{"ok second route: logged in at localhost:", "ok expiry: the certificate of the server in mail.imap.addr ends ", "ok expiry: the certificate of the server in mail.smtp.addr ends ",
		"ok expiry: the certificate of the server in administrator.second.smtp.addr ends "} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %q is not in %q", err, want, out)
		}
	}
	out, err = check(strings.Replace(second, "frist@", "annan@", 1))
	if err == nil || !strings.Contains(out, "fault second route: ") || !strings.Contains(out, " → administrator.second.smtp.username, administrator.second.smtp.password\n") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCheckOtherMasterKey(t *testing.T) {
	file := sampleFile(t)
	if r := call(t, "", "check", "-config", file); r.code != 0 {
		t.Fatal(r)
	}
	other := base64.StdEncoding.EncodeToString([]byte("en annan nyckel, ocksa trettitva"))
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "key"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	r := call(t, "", "check", "-config", file)
	if r.code != 1 || !strings.Contains(r.out, "set the old key → master_key\n") || strings.Contains(r.out, other) {
		t.Errorf("got %+v", r)
	}
}

// liveServers are what -live talks to.
type liveServers struct {
	post     *mailtest.Server
	identity *bottest.Identity
	roots    *x509.CertPool
}

const (
	sampleApp    = "00000000-0000-0000-0000-00000000abcd"
	sampleSecret = "app-hemlighet-99"
)

func startServers(t *testing.T) liveServers {
	t.Helper()
	post, err := mailtest.Start(mailtest.Options{Accounts: map[string]string{"frist@provkoping.example": samplePassword, "drift@provkoping.example": samplePassword}})
	if err != nil {
		t.Fatal(err)
	}
	identity, err := bottest.NewIdentity(sampleApp, sampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { identity.Close(); post.Close() })
	return liveServers{post, identity, post.RootCAs()}
}

// The channels' lines in the sample settings, and with the servers' addresses and the login that they take.
const (
	sampleIMAP = `imap: {addr: "127.0.0.1:1", username: frist, password: {file: password}}`
	sampleSMTP = `smtp: {addr: "127.0.0.1:1", username: frist, password: {file: password}}`
)

func (s liveServers) imap() string { return served(sampleIMAP, s.post.IMAP) }
func (s liveServers) smtp() string { return served(sampleSMTP, s.post.SubmissionTLS) }

func served(line, addr string) string {
	return strings.NewReplacer("127.0.0.1:1", addr, "username: frist", "username: frist@provkoping.example").Replace(line)
}

// live runs check -live with settings that have these two lines.
func (s liveServers) live(t *testing.T, imap, smtp string) (out string, err error) {
	t.Helper()
	const tenant = "11111111-0000-0000-0000-000000000001"
	file := sampleFile(t, sampleIMAP, imap, sampleSMTP, smtp,
		"units:\n", "development: true\nteams: {app_id: "+sampleApp+", app_secret: {file: secret}, tenant_id: "+tenant+
			", metadata_url: \""+s.identity.MetadataURL()+"\", token_url: \""+s.identity.TokenURL(tenant)+"\"}\nunits:\n")
	secrets := map[string]string{"password": samplePassword, "secret": sampleSecret, "wrong": "fel-losen-00"}
	for name, value := range secrets {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	k := &checker{out: &b, roots: s.roots}
	k.check(t.Context(), file, true)
	for _, value := range secrets {
		if strings.Contains(b.String(), value) {
			t.Errorf("a secret was printed: %s", b.String())
		}
	}
	return b.String(), k.result()
}

func TestCheckLive(t *testing.T) {
	s := startServers(t)
	mail := []byte("From: a@provkoping.example\r\nSubject: hej\r\n\r\nhej\r\n")
	if err := s.post.Deliver("a@provkoping.example", "frist@provkoping.example", mail, reportedAt); err != nil {
		t.Fatal(err)
	}
	out, err := s.live(t, s.imap(), s.smtp())
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"ok imap: logged in at " + s.post.IMAP, "ok smtp: logged in at " + s.post.SubmissionTLS,
		"ok teams: the signing keys and a token were fetched"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %q", want, out)
		}
	}
	if n, err := s.post.Count("frist@provkoping.example", "INBOX"); n != 1 || err != nil {
		t.Errorf("the mailbox has %d mails afterwards, %v; want the one that lay there", n, err)
	}
	if n := len(s.post.Mails("frist@provkoping.example")); n != 1 {
		t.Errorf("%d mails were delivered, want none but the first", n)
	}
}

func TestCheckLiveFaults(t *testing.T) {
	s := startServers(t)
	for name, c := range map[string]struct {
		imap, smtp string
		want       string // the end of the one faulty line
	}{
		"imap password": {strings.Replace(s.imap(), "file: password", "file: wrong", 1), s.smtp(), " → mail.imap.username, mail.imap.password"},
		"imap port":     {sampleIMAP, s.smtp(), " → mail.imap.addr"},
		"imap no tls":   {served(sampleIMAP, s.post.IMAPPlain), s.smtp(), " → mail.imap.tls, mail.imap.addr"},
		"imap mailbox":  {strings.Replace(s.imap(), "}}", "}, mailbox: Saknas}", 1), s.smtp(), " → mail.imap.mailbox"},
		"smtp password": {s.imap(), strings.Replace(s.smtp(), "file: password", "file: wrong", 1), " → mail.smtp.username, mail.smtp.password"},
		"smtp port":     {s.imap(), sampleSMTP, " → mail.smtp.addr"},
		"smtp no tls":   {s.imap(), served(sampleSMTP, s.post.Submission), " → mail.smtp.tls, mail.smtp.addr"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := s.live(t, c.imap, c.smtp)
			if err == nil || err.Error() != "one fault was found" || !strings.Contains(out, c.want+"\n") {
				t.Errorf("got %v: %s", err, out)
			}
		})
	}
	distrusting := s
	distrusting.roots = nil
	out, err := distrusting.live(t, s.imap(), s.smtp())
	if err == nil || !strings.Contains(out, " → mail.imap.ca_file\n") || !strings.Contains(out, " → mail.smtp.ca_file\n") {
		t.Errorf("got %v: %s", err, out)
	}
	s.identity.FailTokens(401)
	if out, err := s.live(t, s.imap(), s.smtp()); err == nil || !strings.Contains(out, "fault teams: fetch token: status 401") || !strings.Contains(out, " → teams.app_id, teams.app_secret, teams.tenant_id\n") {
		t.Errorf("got %v: %s", err, out)
	}
	s.identity.Close()
	if out, err := s.live(t, s.imap(), s.smtp()); err == nil || !strings.Contains(out, " → teams.metadata_url\n") || !strings.Contains(out, " → teams.token_url\n") {
		t.Errorf("got %v: %s", err, out)
	}
}
