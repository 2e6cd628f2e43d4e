package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/mail"
	"frist/templates"
)

type checkCommand struct {
	Config  string        `help:"Settings file." placeholder:"FILE"`
	Live    bool          `help:"Also log in at the mail servers, fetch a token for Teams, send the administrator a mail and read the answer."`
	Wait    time.Duration `help:"With -live: how long to wait for the answer; 0 sends no mail." default:"10m"`
	NewKey  bool          `help:"Print a new master key and nothing else."`
	Example bool          `help:"Print the example of a settings file, which explains each setting."`
}

// Help is what -h says beside the flags.
func (c *checkCommand) Help() string {
	return `Each thing that was tried is a line: "ok" and what there is, "warning" and what works but will not when it is needed, or "fault" and what is
wrong; then an arrow and the settings that mend it. Warnings alone leave the exit code 0. The
database is opened and its tables are brought up to date, as frist serve does. With -live the folders for handled and failed mail are made if
they are not there, and a mail goes to administrator.email. Reply to it: the answer tells which server's word counts on who wrote a mail,
whether the +part of the reply address comes back, and what to write in the settings. No other mail is touched, and a bot that runs
meanwhile takes the answer for no report. "wait" lines say what is waited for, and the last one, "write below mail", the settings to change.`
}

// Run checks, and fails if there is any fault.
func (c *checkCommand) Run(e env) error {
	switch {
	case c.NewKey && c.Example || (c.NewKey || c.Example) && (c.Config != "" || c.Live):
		return usage("-new-key and -example stand alone")
	case c.NewKey:
		return printKey(e.out)
	case c.Example:
		if _, err := io.WriteString(e.out, config.Example()); err != nil {
			return fmt.Errorf("print example: %w", err)
		}
		return nil
	case c.Config == "":
		return usage("name the settings file with -config, or begin one with -example")
	}
	if c.Wait < 0 {
		return usage("-wait is a time such as 10m, or 0 to send no mail")
	}
	k := &checker{out: e.out, wait: c.Wait, every: 2 * time.Second, verifier: mail.NewVerifier()}
	k.check(e.ctx, c.Config, c.Live)
	return k.result()
}

// printKey prints 32 random bytes in base64 (RFC 4648 section 4).
func printKey(w io.Writer) error {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	if _, err := fmt.Fprintln(w, base64.StdEncoding.EncodeToString(key)); err != nil {
		return fmt.Errorf("print key: %w", err)
	}
	return nil
}

// checker tries one part of the program after the other and tells of each.
type checker struct {
	out    io.Writer
	roots  *x509.CertPool // nil: the settings' ca_file, else the system's
	cfg    *config.Config
	tokens *mail.Tokens // of mail.oauth; nil without, or where none could be had
	hide   []string     // secrets, which a server's or driver's words may repeat
	faults int
	failed error // of out
	// wait is for how long an answer to the trial mail is waited for, 0 without one; every is how often it is looked for.
	wait, every time.Duration
	verifier    *mail.Verifier
}

func (k *checker) ok(part, format string, args ...any) {
	k.line("ok " + part + ": " + fmt.Sprintf(format, args...))
}

// warn tells what works but is unwise; it is no fault.
func (k *checker) warn(part, text, mend string) {
	k.line("warning " + part + ": " + text + " → " + mend)
}

// fault tells what is wrong; mend names the settings to change, "" if none does.
func (k *checker) fault(part string, err error, mend string) {
	k.faults++
	text := "fault " + part + ": " + err.Error()
	if mend != "" {
		text += " → " + mend
	}
	k.line(text)
}

// each tells every error of a joined one on a line of its own.
func (k *checker) each(part string, err error, mend func(error) string) {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // what errors.Join made, not what it holds
	if !ok || !strings.Contains(err.Error(), "\n") {
		k.fault(part, err, mend(err))
		return
	}
	for _, one := range joined.Unwrap() {
		k.each(part, one, mend)
	}
}

func (k *checker) line(s string) {
	for _, secret := range k.hide {
		s = strings.ReplaceAll(s, secret, "[secret]")
	}
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if _, err := fmt.Fprintln(k.out, s); err != nil && k.failed == nil {
		k.failed = fmt.Errorf("print what was found: %w", err)
	}
}

func (k *checker) result() error {
	switch {
	case k.failed != nil:
		return k.failed
	case k.faults == 1:
		return errors.New("one fault was found")
	case k.faults > 1:
		return fmt.Errorf("%d faults were found", k.faults)
	}
	return nil
}

var settingFault = regexp.MustCompile(`^config .*?(?:, line [0-9]+)?: ([a-z0-9_]+[a-z0-9_.\[\]-]*) `)

// inText finds the setting in an error of package config, which names it after the line.
func inText(err error) string {
	if m := settingFault.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

func (k *checker) check(ctx context.Context, file string, live bool) {
	cfg, err := config.Load(file)
	if err != nil {
		k.each("settings", err, inText)
		return
	}
	k.cfg = cfg
	k.collectSecrets()
	k.ok("settings", "%s, units %s", file, unitNames(cfg))
	for _, w := range cfg.Warnings() {
		k.warn("settings", w.Text, w.Path)
	}
	a := &app{cfg: cfg, now: time.Now, log: slog.New(slog.DiscardHandler), engine: &conversation.Engine{},
		dispatcher: &conversation.Dispatcher{Senders: map[conversation.Channel]conversation.Sender{}}}
	k.checkTexts(a)
	k.checkDatabase(ctx, a)
	switch err := a.joinTeams(); {
	case err != nil:
		k.fault("teams", err, "teams")
	case cfg.Teams == nil:
		k.ok("teams", "not used, as there is no section teams")
	case !live:
		k.ok("teams", "the settings can be used")
	}
	if live {
		k.checkLive(ctx, a)
	}
	k.checkExpiries(a)
}

// checkExpiries tells when secrets and certificates end: those of the settings, and with -live those that the servers showed.
func (k *checker) checkExpiries(a *app) {
	for _, e := range a.expiries() {
		text := fmt.Sprintf("%s ends %s, %s", e, e.ends.UTC().Format(time.DateOnly), e.left())
		if e.threshold(time.Now()) > 0 {
			k.warn("expiry", text, e.setting)
		} else {
			k.ok("expiry", "%s", text)
		}
	}
	if t := k.cfg.Teams; t != nil && !t.AppSecret.IsZero() && t.AppSecretExpires.IsZero() {
		k.warn("expiry", "the day on which the client secret for Teams ends is not known, so nobody is told before", "teams.app_secret_expires")
	}
	if o := k.cfg.Mail.OAuth; o != nil && !o.ClientSecret.IsZero() && o.SecretExpires.IsZero() {
		k.warn("expiry", "the day on which the client secret for mail ends is not known, so nobody is told before", "mail.oauth.secret_expires")
	}
}

func unitNames(cfg *config.Config) string {
	names := make([]string, len(cfg.Units))
	for i, u := range cfg.Units {
		names[i] = u.ID
	}
	return strings.Join(names, ", ")
}

// collectSecrets finds what must not be printed. A very short one would hide parts of ordinary words, and is no secret.
func (k *checker) collectSecrets() {
	for _, s := range k.cfg.Secrets() {
		if v, err := s.Value(); err == nil && len(v) >= 4 {
			k.hide = append(k.hide, v)
		}
	}
}

// checkTexts loads forms and texts, and fits the settings' answers to the form.
func (k *checker) checkTexts(a *app) {
	var err error
	if a.words, err = templates.Load(k.cfg.Forms); err != nil {
		k.each("texts", err, func(error) string { return "forms" })
		return
	}
	if a.form = a.words.Form(k.cfg.Form); a.form == nil {
		k.fault("form", k.cfg.Fault("form", "there is no form %q; use one of %s", k.cfg.Form, strings.Join(a.words.FormIDs(), ", ")), "form")
		return
	}
	k.ok("form", "%s, version %s", a.form.ID, a.form.Version)
	if _, err = organisation(k.cfg, a.form); err != nil {
		k.each("answers", err, inText)
		return
	}
	k.ok("answers", "those in the settings fit the form")
}

// checkDatabase opens the database, which brings its tables up to date, and looks at what waits in it.
func (k *checker) checkDatabase(ctx context.Context, a *app) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	name, mend := "PostgreSQL", "database"
	if k.cfg.Database.SQLite() {
		name, mend = k.cfg.SQLiteFile(), "data"
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			name += " (new)"
		}
	}
	steps := &logKeeper{}
	s, err := openStore(ctx, k.cfg, a.now, slog.New(steps))
	if err != nil {
		if strings.Contains(err.Error(), "master key") {
			mend = "master_key"
		}
		k.fault("database", err, mend)
		return
	}
	a.store = s
	state := "its tables were up to date"
	if n := len(steps.all()); n > 0 {
		state = fmt.Sprintf("its tables were brought up to date in %d steps", n)
	}
	c, err := s.Counts(ctx)
	if err == nil && a.words != nil {
		err = a.loadForms(ctx)
	}
	if err = errors.Join(err, s.Close()); err != nil {
		k.fault("database", err, mend)
		return
	}
	incidents := 0
	for _, n := range c.Incidents {
		incidents += n
	}
	k.ok("database", "%s, %s; incidents: %d, messages waiting to be sent: %d, given up: %d", name, state, incidents, c.Unsent, c.Dead)
}
