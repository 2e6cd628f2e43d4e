package e2e

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// settings are what a test's own settings file says; every file is whole, as an administrator would write it.
type settings struct {
	IMAP, SMTP         string // host:port; IMAP with TLS, SMTP with STARTTLS
	CA                 string
	Username, Password string
	OAuth              []string // the lines of mail.oauth; there are then no passwords
	Database           string   // empty: SQLite
	Poll               string   // empty: an hour, so that only what the server tells of wakes the program
	AnswerWithin       string   // empty: half an hour
	Teams              bool     // the endpoint open to the Agents Playground
	TeamsAs            []string // the lines of teams, for an endpoint that asks for tokens, with
	TeamsSecret        string   // the secret for its own
	TeamsCA            string   // and the authority that it trusts for them
	Answers            []string // of the unit, as lines; nil: two that all have
}

// town is a deployment: a settings file, the secrets it names, and the port of its first process.
type town struct {
	t      *testing.T
	Config string
	Port   string
	env    []string
}

const bot = "frist@" + domain

// of a mail system that has the accounts frist, dso and deputy.
func (m *mailSystem) settings() settings {
	return settings{IMAP: addr(m.IMAPS), SMTP: addr(m.Submission), CA: filepath.Join(m.Dir, "ca.pem"), Username: bot, Password: m.people["frist"].Password}
}

// settle writes the settings and makes the secrets.
func settle(t *testing.T, s settings) *town {
	t.Helper()
	dir := t.TempDir()
	port := freePorts(t, 1)[0]
	var key [32]byte
	rand.Read(key[:])
	d := &town{t: t, Config: filepath.Join(dir, "frist.yaml"), Port: port, env: []string{"E2E_PASSWORD=" + s.Password, "E2E_DATABASE=" + s.Database,
		"E2E_KEY=" + base64.StdEncoding.EncodeToString(key[:])}}
	text := fmt.Sprintf(`
organisation: Exempelstads kommun
administrator: {email: drift@%[1]s}
data: data
master_key: {env: E2E_KEY}
http: {listen: "127.0.0.1:%[2]s"}
mail:
  address: %[3]s
  authserv_id: %[4]s
  allowed_domains: [%[1]s]
  imap: {addr: "%[5]s", username: %[7]s, password: {env: E2E_PASSWORD}, ca_file: "%[8]s", poll: %[9]s}
  smtp: {addr: "%[6]s", tls: starttls, username: %[7]s, password: {env: E2E_PASSWORD}, ca_file: "%[8]s", helo: localhost}
units:
  - id: kommun
    name: Exempelstads kommun
    dso: {name: Kim Exempel, email: dso@%[1]s, phone: 070-000 00 11}
    deputy: {name: Alex Prov, email: deputy@%[1]s, phone: 070-000 00 12}
    answers:
      1: Exempelstads kommun
      2: 212000-0000
`, domain, port, bot, authservID, s.IMAP, s.SMTP, s.Username, s.CA, cmp.Or(s.Poll, "1h"))
	if s.OAuth != nil {
		text = strings.ReplaceAll(text, " password: {env: E2E_PASSWORD},", "")
		text = strings.Replace(text, "units:\n", "  oauth:\n    "+strings.Join(s.OAuth, "\n    ")+"\nunits:\n", 1)
	}
	if s.Answers != nil {
		before, _, _ := strings.Cut(text, "      1: ")
		text = before + strings.Join(s.Answers, "")
	}
	if s.Database != "" {
		text += "database: {env: E2E_DATABASE}\n"
	}
	if s.AnswerWithin != "" {
		text += "limits: {answer_within: " + s.AnswerWithin + "}\n"
	}
	if s.Teams {
		text += "development: true\nteams: {}\n"
	}
	if s.TeamsAs != nil {
		d.env = append(d.env, "E2E_APP_SECRET="+s.TeamsSecret, "SSL_CERT_FILE="+s.TeamsCA)
		text = strings.Replace(text, "teams: {}\n", "teams:\n  "+strings.Join(s.TeamsAs, "\n  ")+"\n", 1)
	}
	write(t, d.Config, text)
	return d
}

// replica is a second settings file for the same deployment, with a port of its own.
func (d *town) replica() *town {
	d.t.Helper()
	text, err := os.ReadFile(d.Config)
	must(d.t, err)
	r := *d
	r.Port = freePorts(d.t, 1)[0]
	r.Config = strings.TrimSuffix(d.Config, ".yaml") + "-" + r.Port + ".yaml"
	write(d.t, r.Config, strings.Replace(string(text), "127.0.0.1:"+d.Port, "127.0.0.1:"+r.Port, 1))
	return &r
}

// serve starts the program and waits until it says that it is ready.
func (d *town) serve() *process {
	d.t.Helper()
	p := d.start()
	d.ready(p)
	return p
}

func (d *town) start() *process {
	d.t.Helper()
	file, err := binary()
	must(d.t, err)
	return launch(d.t, d.env, file, "serve", "--config", d.Config)
}

func (d *town) ready(p *process) {
	d.t.Helper()
	await(d.t, "frist to be ready", func() bool {
		select {
		case <-p.exited:
			d.t.Fatal("frist ended at once")
		default:
		}
		resp, err := (&http.Client{Timeout: 5 * time.Second}).Get("http://127.0.0.1:" + d.Port + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// frist runs another of the program's commands with the deployment's settings and returns what it printed.
func (d *town) frist(command string, args ...string) string {
	d.t.Helper()
	out, errs, code := frist(d.t, d.env, append([]string{command, "--config", d.Config}, args...)...)
	if code != 0 {
		d.t.Fatalf("frist %s exited %d: %s", command, code, errs)
	}
	return out
}
