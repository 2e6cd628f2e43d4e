package e2e

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/mail"
	"frist/mail/mailtest"
)

const clientSecret = "klienthemlighet-e2e"

// exchangeCaps are what Exchange Online says that it has, but for what belongs to the login: no CONDSTORE, no ESEARCH, no SPECIAL-USE.
const exchangeCaps = "IMAP4 IMAP4rev1 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"

// tokenTown is a provider, a town's mail that takes its tokens, and the settings with which the program signs in.
type tokenTown struct {
	*mailSystem
	provider *mailtest.Identity
}

func startTokens(t *testing.T, opt mailtest.IdentityOptions, capability string, names ...string) tokenTown {
	t.Helper()
	opt.ClientID, opt.ClientSecret, opt.Mailbox = "frist-e2e", clientSecret, bot
	p, err := mailtest.NewIdentity(opt)
	must(t, err)
	t.Cleanup(func() { p.Close() })
	m := startMailWith(t, func(m *mailSystem) { m.Introspect, m.Capability = p.IntrospectURL(), capability }, names...)
	return tokenTown{m, p}
}

// settle writes settings; flow and further lines of mail.oauth are given.
func (m tokenTown) settle(flow string, lines ...string) *town {
	m.t.Helper()
	s := m.settings()
	s.OAuth = append([]string{"provider: other", "flow: " + flow, "client_id: frist-e2e", "client_secret: {env: E2E_CLIENT_SECRET}",
		"token_url: " + m.provider.TokenURL(), "scopes: [mail]"}, lines...)
	d := settle(m.t, s)
	d.env = append(d.env, "E2E_CLIENT_SECRET="+clientSecret, "E2E_REFRESH_TOKEN=refresh-first")
	return d
}

// The whole program signs in with tokens only, at a Dovecot and a Postfix that ask the provider about each.
func TestSignInWithTokens(t *testing.T) {
	t.Parallel()
	for mechanism, capability := range map[string]string{"xoauth2": exchangeCaps, "oauthbearer": ""} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			const life = 6 * time.Second
			m := startTokens(t, mailtest.IdentityOptions{Life: life}, capability, "frist", "robin", "dso", "deputy", "drift")
			robin, dso := m.people["robin"], m.people["dso"]
			if told := robin.capabilities(); strings.Contains(told, "CONDSTORE") == (capability != "") || !strings.Contains(told, "MOVE") {
				t.Fatalf("Dovecot has %s", told)
			}
			d := m.settle("client_credentials", "mechanism: "+mechanism)
			p := d.serve()
			begun := time.Now()
			robin.send(letter{To: bot, Subject: "Fel mottagare", Text: secretText})
			dso.receives("the alert", numbered)
			first := robin.receives("the first question", asks("B"))

			// The connection that waits for mail outlives its token; what is sent then has a new one.
			await(t, "the first token to end", func() bool { return time.Since(begun) > life })
			robin.reply(first, "Nej")
			second := robin.receives("the next question", asks("C"))

			// All tokens are withdrawn, and the mailbox goes away and comes back.
			m.provider.Withdraw()
			robin.reply(second, "070-000 00 31\n\n16: Listan gick till grannkommunen.\n12: Nej")
			m.restartDovecot()
			third := robin.receives("the question after the server came back", asks("11"))

			m.outage(third)
			if out := p.output.String(); strings.Contains(out, "token-") || strings.Contains(out, clientSecret) {
				t.Error("a token or the client's secret stands in the log")
			}
			if got := d.incidents(); len(got) != 1 || got[0].Notification.Answers["16"] != "Listan gick till grannkommunen." {
				t.Errorf("kept: %+v", got)
			}
		})
	}
}

// capabilities is what the mailbox says that it has after the login (RFC 9051 section 6.1.1).
func (p *person) capabilities() string {
	p.t.Helper()
	pem, err := os.ReadFile(filepath.Join(p.mail.Dir, "ca.pem"))
	must(p.t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c, err := tls.Dial("tcp", addr(p.mail.IMAPS), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	must(p.t, err)
	defer c.Close()
	must(p.t, c.SetDeadline(time.Now().Add(patience)))
	fmt.Fprintf(c, "a LOGIN %s %s\r\nb CAPABILITY\r\n", p.Address, p.Password)
	told := ""
	for in := bufio.NewScanner(c); in.Scan() && !strings.HasPrefix(in.Text(), "b "); {
		if strings.HasPrefix(in.Text(), "* CAPABILITY ") {
			told = in.Text()
		}
	}
	return told
}

func (m tokenTown) restartDovecot() {
	m.t.Helper()
	m.dovecot.kill()
	m.startDovecot()
	m.flush()
}

// outage stops the provider, so that nobody can log in, and starts it again. No mail is lost and no storm breaks out.
func (m tokenTown) outage(question *mail.Message) {
	m.t.Helper()
	robin := m.people["robin"]
	m.provider.Down(true)
	m.provider.Withdraw()
	robin.reply(question, "igår kl 10")
	m.restartDovecot()
	before, begun, had := len(m.provider.Requests()), time.Now(), len(robin.inbox())
	await(m.t, "the program to ask the provider in vain", func() bool { return len(m.provider.Requests()) >= before+3 })
	// Mailbox and sender share one pause, of at least 0.7 and then 1.4 seconds.
	if took := time.Since(begun); took < 2*time.Second {
		m.t.Errorf("three requests to a broken provider within %s", took)
	}
	m.provider.Down(false)
	await(m.t, "the answer to be taken in", func() bool { return len(robin.inbox()) > had })
}

// A provider that replaces the refresh token at each use: the newest outlives a restart, and checking in between does no harm.
func TestSignInWithRefreshToken(t *testing.T) {
	t.Parallel()
	m := startTokens(t, mailtest.IdentityOptions{RefreshToken: "refresh-first", Rotate: true, Life: time.Minute},
		"", "frist", "robin", "dso", "deputy", "drift")
	robin := m.people["robin"]
	d := m.settle("refresh_token", "refresh_token: {env: E2E_REFRESH_TOKEN}")
	p := d.serve()
	robin.send(letter{To: bot, Subject: "Fel mottagare", Text: secretText})
	first := robin.receives("the first question", asks("B"))
	p.stop()
	if m.provider.Refreshed() == "refresh-first" {
		t.Fatal("the refresh token was never replaced")
	}
	if out := d.frist("check", "--live", "--wait", "0"); !strings.Contains(out, "ok sign-in: "+m.provider.Addr) || !strings.Contains(out, "with a token") {
		t.Errorf("check said\n%s", out)
	}
	// It was killed, not stopped: what it was given is in the database all the same. The next token is due in half a minute.
	p = d.serve()
	robin.reply(first, "Nej")
	second := robin.receives("the next question", asks("C"))
	p.kill()
	d.serve()
	robin.reply(second, "070-000 00 31")
	robin.receives("the question after that", asks("16"))
}

// What is wrong with the sign-in, and the setting that mends it.
func TestCheckSignIn(t *testing.T) {
	t.Parallel()
	m := startTokens(t, mailtest.IdentityOptions{}, "", "frist", "robin")
	check := func(d *town) string {
		t.Helper()
		out, _, code := frist(t, d.env, "check", "--live", "--wait", "0", "--config", d.Config)
		if code != 1 {
			t.Errorf("exit code %d", code)
		}
		for _, secret := range []string{"token-", clientSecret, "fel-hemlighet"} {
			if strings.Contains(out, secret) {
				t.Errorf("%q is shown:\n%s", secret, out)
			}
		}
		return out
	}
	d := m.settle("client_credentials")
	if out := d.frist("check", "--live", "--wait", "0"); !strings.Contains(out, "ok sign-in: ") || strings.Count(out, " with a token") != 2 {
		t.Errorf("all is well, but check said\n%s", out)
	}
	for _, c := range []struct {
		name string
		do   func(d *town)
		want []string
	}{
		{"wrong secret", func(d *town) { d.env = append(d.env, "E2E_CLIENT_SECRET=fel-hemlighet") },
			[]string{"fault sign-in: fetch token: status 401: invalid_client: ", " → mail.oauth.client_secret, mail.oauth.client_id\n"}},
		{"wrong secret at Entra", func(*town) { m.provider.Refuse("invalid_client", "AADSTS7000215: Invalid client secret provided.") },
			[]string{"AADSTS7000215", " → mail.oauth.client_secret\n"}},
		{"wrong tenant", func(*town) { m.provider.Refuse("invalid_request", "AADSTS90002: Tenant 'x' not found.") },
			[]string{"AADSTS90002", " → mail.oauth.tenant_id\n"}},
		{"provider down", func(*town) { m.provider.Down(true) }, []string{"fault sign-in: fetch token: status 503 → mail.oauth."}},
		{"another's mailbox", func(*town) { m.provider.Change(func(o *mailtest.IdentityOptions) { o.Mailbox = "robin@" + domain }) },
			[]string{"ok sign-in: ", "fault imap: login: the server refuses the token", "IMAP.AccessAsApp", " → mail.imap.username, mail.oauth\n",
				"fault smtp: smtp: auth: the server refuses the token", "SMTP.SendAsApp", " → mail.smtp.username, mail.oauth\n"}},
	} {
		d := m.settle("client_credentials")
		c.do(d)
		out := check(d)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not in\n%s", c.name, want, out)
			}
		}
		m.provider.Refuse("", "")
		m.provider.Down(false)
	}
	// A server that takes passwords alone.
	plain := startMail(t, "frist")
	s := plain.settings()
	s.OAuth = []string{"provider: other", "flow: client_credentials", "client_id: frist-e2e", "client_secret: {env: E2E_CLIENT_SECRET}",
		"token_url: " + m.provider.TokenURL()}
	d = settle(t, s)
	d.env = append(d.env, "E2E_CLIENT_SECRET="+clientSecret)
	if out := check(d); strings.Count(out, "the server offers neither XOAUTH2 nor OAUTHBEARER") != 2 || !strings.Contains(out, " → mail.oauth\n") {
		t.Errorf("check said\n%s", out)
	}
}
