package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"frist/bot"
	"frist/config"
	"frist/mail"
)

// checkTimeout is how long one server may take to answer.
const checkTimeout = 30 * time.Second

// rootCAs are the certificates to trust in a mail server.
func (k *checker) rootCAs(file string) (*x509.CertPool, error) {
	if k.roots != nil {
		return k.roots, nil
	}
	return config.RootCAs(file)
}

// checkLive signs in at the mail servers and at Teams, and tries an answer if it is to wait for one.
func (k *checker) checkLive(ctx context.Context, a *app) {
	before := k.faults
	signedIn, done := k.checkSignIn(ctx)
	defer done()
	m := k.cfg.Mail
	if signedIn || !m.IMAPTokens() {
		k.checkIMAP(ctx, a)
	}
	if signedIn || !m.SMTPTokens() {
		k.checkSMTP(ctx, "smtp", "mail.smtp", m.SMTP, a)
	}
	reached := k.faults == before
	if s := k.cfg.Administrator.Second; s != nil {
		k.checkSMTP(ctx, "second route", "administrator.second.smtp", s.SMTP, a)
	}
	k.checkTeams(ctx, a.bot)
	k.checkClamd(ctx)
	if k.wait > 0 && a.words != nil && reached {
		k.checkAnswer(ctx, a.words)
	}
}

// checkIMAP logs in, selects the mailbox and makes the folders that are missing, as the running program does.
func (k *checker) checkIMAP(ctx context.Context, a *app) {
	m := k.cfg.Mail.IMAP
	roots, err := k.rootCAs(m.CAFile)
	if err != nil {
		k.fault("imap", err, "mail.imap.ca_file")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	cfg := k.imap(roots)
	cfg.CertificateEnds = a.seen.note("mail.imap.addr")
	r := mail.NewReader(cfg, slog.New(slog.DiscardHandler), nil)
	lacks, err := r.Check(ctx)
	if err != nil {
		k.fault("imap", explainIMAP(err), mendIMAP(err))
		return
	}
	able := "it has IDLE, MOVE and UIDPLUS"
	if len(lacks) > 0 {
		able = "it lacks " + strings.Join(lacks, ", ")
	}
	k.ok("imap", "logged in at %s%s; the mailbox %s and the folders %s and %s are there; %s", m.Addr, withWhat(cfg.Tokens), m.Mailbox, m.Handled, m.Failed, able)
}

// checkSMTP logs in at the server of a section of the settings and sends nothing.
func (k *checker) checkSMTP(ctx context.Context, part, section string, m config.SMTP, a *app) {
	roots, err := k.rootCAs(m.CAFile)
	if err != nil {
		k.fault(part, err, section+".ca_file")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	cfg := smtpConfig(m, roots)
	if section == "mail.smtp" {
		cfg = k.smtp(roots)
	}
	cfg.CertificateEnds = a.seen.note(section + ".addr")
	if err := mail.NewSender(cfg).Check(ctx); err != nil {
		k.fault(part, explainSMTP(err), mendSMTP(err, section))
		return
	}
	if m.Username == "" {
		k.ok(part, "connected to %s, without a login", m.Addr)
		return
	}
	k.ok(part, "logged in at %s%s", m.Addr, withWhat(cfg.Tokens))
}

// checkClamd asks the virus scanner for its version.
func (k *checker) checkClamd(ctx context.Context) {
	scanner := clamd(k.cfg)
	if scanner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	version, err := scanner.Version(ctx)
	if err != nil {
		k.fault("clamd", err, "attachments.clamd")
		return
	}
	k.ok("clamd", "%s", version)
}

// checkTeams fetches the connector's signing keys and a token of the bot's own.
func (k *checker) checkTeams(ctx context.Context, b *bot.Bot) {
	if b == nil {
		return
	}
	if k.cfg.Teams.AppID == "" {
		k.ok("teams", "in development mode, without a login")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := b.Check(ctx); err != nil {
		k.each("teams", err, k.mendTeams)
		return
	}
	k.ok("teams", "the signing keys and a token were fetched")
}

func mendIMAP(err error) string {
	if s := mendConnection(err, "mail.imap"); s != "" {
		return s
	}
	switch text := err.Error(); {
	case errors.Is(err, mail.ErrTokenRefused):
		return "mail.imap.username, mail.oauth"
	case strings.Contains(text, "authenticated but not connected"):
		return "mail.imap.username"
	case strings.Contains(text, "login: the server offers"):
		return "mail.oauth"
	case strings.Contains(text, "login"), strings.Contains(text, "password"):
		return "mail.imap.username, mail.imap.password"
	case strings.Contains(text, "select mailbox"):
		return "mail.imap.mailbox"
	case strings.Contains(text, "create mailbox"):
		return "mail.imap.handled, mail.imap.failed"
	}
	return "mail.imap.addr, mail.imap.tls"
}

func mendSMTP(err error, section string) string {
	if s := mendConnection(err, section); s != "" {
		return s
	}
	switch text := err.Error(); {
	case errors.Is(err, mail.ErrTokenRefused):
		return "mail.smtp.username, mail.oauth"
	case strings.Contains(text, "auth: the server offers"):
		return "mail.oauth"
	case strings.Contains(text, "auth"):
		return section + ".username, " + section + ".password"
	case strings.Contains(text, "ehlo"):
		return section + ".helo, " + section + ".tls"
	}
	return section + ".addr, " + section + ".tls"
}

// mendConnection tells what mends a connection or its TLS, "" if those were not at fault.
func mendConnection(err error, section string) string {
	if causedBy[x509.UnknownAuthorityError](err) || causedBy[x509.CertificateInvalidError](err) {
		return section + ".ca_file"
	}
	if causedBy[x509.HostnameError](err) {
		return section + ".addr"
	}
	if causedBy[tls.RecordHeaderError](err) || strings.Contains(err.Error(), "starttls") {
		return section + ".tls, " + section + ".addr"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return section + ".addr"
	}
	return ""
}

func causedBy[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// entraFaults are error codes of Entra's token endpoint that point at one setting
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
var entraFaults = []struct{ code, mend string }{
	{"AADSTS7000215", "teams.app_secret"},             // invalid client secret
	{"AADSTS7000222", "teams.app_secret"},             // the secret has expired
	{"AADSTS700027", "teams.app_certificate"},         // the app has no such certificate, or the key is another's
	{"AADSTS700016", "teams.app_id, teams.tenant_id"}, // no such application in the tenant
	{"AADSTS90002", "teams.tenant_id"},                // no such tenant
}

func (k *checker) mendTeams(err error) string {
	e, ok := errors.AsType[*bot.Error](err)
	if !ok {
		return "teams.metadata_url"
	}
	for _, f := range entraFaults {
		if strings.Contains(e.Message, f.code) {
			return f.mend
		}
	}
	signIn := "teams.app_secret"
	if k.cfg.Teams.Certificate() != nil {
		signIn = "teams.app_certificate"
	}
	switch {
	case strings.Contains(e.Error(), "the app's"): // it cannot be read, or has ended
		return signIn
	case e.Status == 0:
		return "teams.token_url"
	}
	return "teams.app_id, " + signIn + ", teams.tenant_id"
}

// logKeeper is a log that keeps its records, from Info on, for what a part tells in no other way.
type logKeeper struct {
	mu      sync.Mutex
	records []slog.Record
}

func (l *logKeeper) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l *logKeeper) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r.Clone())
	return nil
}

func (l *logKeeper) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *logKeeper) WithGroup(string) slog.Handler      { return l }

func (l *logKeeper) all() []slog.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records[:len(l.records):len(l.records)]
}
