package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
)

const (
	domain = "exempelstad.example"
	// authservID is whose Authentication-Results count: the server that takes mail in.
	authservID = "mx." + domain
)

// mailSystem is a town's mail: Postfix takes mail from people who log in, OpenDKIM signs it, and it goes to Postfix's other door, the MX,
// as mail from anywhere does. There OpenDKIM checks the signature and Dovecot puts the mail into a mailbox.
type mailSystem struct {
	t        *testing.T
	Dir      string
	Domain   string
	Authserv string

	IMAPS, LMTP, SASL, MX, Submission, Sign, Verify string // ports on 127.0.0.1

	// Introspect is where Dovecot asks about tokens (RFC 7662), empty without; Capability is what IMAP tells that it has, empty: all.
	Introspect, Capability string

	people  map[string]*person
	dovecot *process
	postfix *process
}

// startMail starts a mail system in which the people have accounts.
func startMail(t *testing.T, names ...string) *mailSystem {
	t.Helper()
	return startMailWith(t, func(*mailSystem) {}, names...)
}

func startMailWith(t *testing.T, change func(*mailSystem), names ...string) *mailSystem {
	t.Helper()
	need(t, "root", "dovecot", "postfix", "opendkim")
	// Not t.TempDir, which other users may not enter: the servers drop root's rights.
	dir, err := os.MkdirTemp("", "frist-mail-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	p := freePorts(t, 7)
	m := &mailSystem{t: t, Dir: dir, Domain: domain, Authserv: authservID, IMAPS: p[0], LMTP: p[1], SASL: p[2], MX: p[3], Submission: p[4], Sign: p[5],
		Verify: p[6], people: map[string]*person{}}
	change(m)
	certificate(t, dir)
	m.accounts(names)
	m.dkim()
	m.startDovecot()
	m.makePostfix()
	m.startPostfix()
	return m
}

// addr is where a server listens.
func addr(port string) string { return "127.0.0.1:" + port }

func (m *mailSystem) accounts(names []string) {
	var users, boxes strings.Builder
	for _, name := range names {
		p := &person{t: m.t, mail: m, Address: name + "@" + domain, Password: rand.Text(), box: filepath.Join(m.Dir, "mail", name)}
		m.people[name] = p
		fmt.Fprintf(&users, "%s:{PLAIN}%s::::::\n", p.Address, p.Password)
		fmt.Fprintf(&boxes, "%s ok\n", p.Address)
	}
	write(m.t, filepath.Join(m.Dir, "users"), users.String())
	write(m.t, filepath.Join(m.Dir, "boxes"), boxes.String())
	box := filepath.Join(m.Dir, "mail")
	must(m.t, os.Mkdir(box, 0o755))
	must(m.t, exec.Command("chown", "mail:mail", box).Run())
}

// dkim starts the signer and the verifier. What stands for the DNS is a file.
func (m *mailSystem) dkim() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(m.t, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(m.t, err)
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	must(m.t, os.WriteFile(filepath.Join(m.Dir, "dkim.key"), private, 0o600))
	write(m.t, filepath.Join(m.Dir, "dns"), fmt.Sprintf("e2e._domainkey.%s v=DKIM1; k=rsa; p=%s\n", domain, base64.StdEncoding.EncodeToString(public)))
	for _, mode := range []struct{ name, port, conf string }{{"signer", m.Sign, signerConf}, {"verifier", m.Verify, verifierConf}} {
		conf := filepath.Join(m.Dir, mode.name+".conf")
		m.fill(conf, mode.conf)
		p := launch(m.t, nil, find("opendkim"), "-f", "-x", conf)
		m.t.Cleanup(p.kill) // it takes seconds to end in peace, and has nothing to lose
		listening(m.t, p, mode.port)
	}
}

func (m *mailSystem) startDovecot() {
	conf := filepath.Join(m.Dir, "dovecot.conf")
	m.fill(filepath.Join(m.Dir, "dovecot-oauth2.conf"), dovecotOAuth2Conf)
	m.fill(conf, dovecotConf)
	m.dovecot = launch(m.t, nil, find("dovecot"), "-F", "-c", conf)
	listening(m.t, m.dovecot, m.IMAPS)
	listening(m.t, m.dovecot, m.LMTP)
}

func (m *mailSystem) makePostfix() {
	for _, d := range []string{"postfix", "queue", "state"} {
		must(m.t, os.Mkdir(filepath.Join(m.Dir, d), 0o755))
	}
	must(m.t, exec.Command("chown", "postfix", filepath.Join(m.Dir, "state")).Run())
	m.fill(filepath.Join(m.Dir, "postfix/main.cf"), mainCF)
	write(m.t, filepath.Join(m.Dir, "postfix/senders"), "/^(.+)$/ $1\n")
	m.fill(filepath.Join(m.Dir, "postfix/master.cf"), masterCF)
	m.t.Cleanup(func() {
		if log, err := os.ReadFile(filepath.Join(m.Dir, "postfix.log")); err == nil && m.t.Failed() {
			m.t.Logf("postfix logged:\n%s", tail(string(log), 6000))
		}
	})
}

func (m *mailSystem) startPostfix() {
	conf := filepath.Join(m.Dir, "postfix")
	// "postfix start" would leave a daemon behind when the test is killed; its master alone is a child like any other, but makes its
	// own process group.
	if out, err := exec.Command(find("postfix"), "-c", conf, "check").CombinedOutput(); err != nil {
		m.t.Fatalf("make the queue: %v: %s", err, out)
	}
	m.postfix = launchWith(m.t, &syscall.SysProcAttr{}, nil, find("master"), "-s", "-c", conf)
	listening(m.t, m.postfix, m.MX)
	listening(m.t, m.postfix, m.Submission)
}

// queued is who sent each mail that Postfix holds, once for each, and which of its queues that is in: "robin@… deferred".
func (m *mailSystem) queued() (held []string) {
	m.t.Helper()
	out, err := exec.Command(find("postqueue"), "-c", filepath.Join(m.Dir, "postfix"), "-j").Output()
	must(m.t, err)
	for line := range bytes.Lines(out) {
		var one struct {
			Sender string `json:"sender"`
			Queue  string `json:"queue_name"`
		}
		must(m.t, json.Unmarshal(line, &one))
		held = append(held, one.Sender+" "+one.Queue)
	}
	return held
}

// flush makes Postfix try again at once what it could not deliver.
func (m *mailSystem) flush() {
	out, err := exec.Command(find("postqueue"), "-c", filepath.Join(m.Dir, "postfix"), "-f").CombinedOutput()
	if err != nil {
		m.t.Fatalf("flush the queue: %v: %s", err, out)
	}
}

// fill writes a configuration file.
func (m *mailSystem) fill(file, text string) {
	var b strings.Builder
	must(m.t, template.Must(template.New("").Parse(text)).Execute(&b, m))
	write(m.t, file, b.String())
}
