package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"frist/bot"
	"frist/bot/bottest"
	"frist/config"
	"frist/conversation"
	"frist/mail"
)

// stage is what a case is played on: the program, the people's mail accounts and Teams, and the time.
type stage struct {
	*app
	wire     *wire
	reporter *mailAccount
	dso      *mailAccount
	client   *bottest.Client // the reporter in Teams; nil without Teams
	// settle waits until nothing moves; moveTo lets the clock stop at all that falls due. Real time cannot be moved.
	settle func(context.Context) error
	moveTo func(context.Context, time.Time) error
	real   bool
	close  func() error
}

// The invented people of an embedded case.
const (
	replayDomain   = "exempelstad.example"
	replayBot      = "frist@" + replayDomain
	replayReporter = "robin.ek@" + replayDomain
	replayDSO      = "kim.modell@" + replayDomain
	replayDeputy   = "alex.prov@" + replayDomain
	replayOnCall   = "jour@" + replayDomain
)

// embeddedStage starts the program and its servers for one case, in a folder of its own that goes with it.
func embeddedStage(ctx context.Context, c *replayCase, form *conversation.Form, log *slog.Logger) (*stage, error) {
	dir, err := os.MkdirTemp("", "frist-replay-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the case: %w", err)
	}
	w := &wire{bot: replayBot, inTeams: "Robin Ek"}
	// Nothing is sent before the clock is there.
	var x *embedded
	w.now = func() time.Time { return x.clock.Now() }
	x, err = startEmbedded(ctx, embeddedOptions{
		dir: dir, cfg: replaySettings(c, form), people: []string{replayReporter, replayDSO, replayDeputy, replayOnCall},
		employee: bottest.User{ID: "29:1robin-ek", Name: "Robin Ek", AADObjectID: "6f0f6d26-6f1c-4e0b-8a39-6b9f1f6a1c11",
			Email: replayReporter, UPN: replayReporter},
		at: c.At.Time, onMail: w.mail, log: log,
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	w.connector = x.connector
	s := &stage{app: x.app, wire: w, client: x.employee, settle: x.settle, moveTo: x.moveTo,
		close: func() error { return errors.Join(x.Close(), os.RemoveAll(dir)) }}
	account := func(addr, name string) *mailAccount {
		return &mailAccount{addr: addr, name: name, send: func(ctx context.Context, to string, raw []byte) error { return x.submit(ctx, addr, to, raw) }}
	}
	s.reporter, s.dso = account(replayReporter, "Robin Ek"), account(replayDSO, "Kim Modell")
	return s, nil
}

// replaySettings are those of an invented organisation with the case's unit. Whatever the settings can answer they answer
// otherwise than the case, so that the DSO has to correct it.
func replaySettings(c *replayCase, form *conversation.Form) *config.Config {
	cfg := config.Default()
	cfg.Organisation, cfg.Language, cfg.Form = "Exempelstads kommun", c.Lang, c.Form
	cfg.Administrator.Email = "drift@" + replayDomain
	cfg.Mail.Address, cfg.Mail.AllowedDomains = replayBot, []string{replayDomain}
	person := func(name, addr, phone string) config.Person {
		return config.Person{Name: name, Email: addr, Phone: phone}
	}
	u := config.Unit{ID: c.Unit, Name: "Provenheten", Default: true, DSO: person("Kim Modell", replayDSO, "08-465 004 31"),
		Deputy: person("Alex Prov", replayDeputy, "08-465 004 32"), OnCall: person("Jouren", replayOnCall, "08-465 004 33"),
		Answers: map[string]any{}}
	u.Decider = u.DSO
	address := map[string]any{"street": "Box 9901", "postcode": "199 01", "city": "Exempelstad", "country": "Sverige"}
	for _, fd := range form.Fields {
		if fd.Asked != conversation.RoleSettings {
			continue
		}
		switch fd.Kind {
		case conversation.KindAddress:
			u.Answers[fd.Key] = address
		case conversation.KindGroup:
			u.Answers[fd.Key] = []any{map[string]any{"name": "Vera Modell", "role": "Registrator", "email": "registrator@" + replayDomain, "phone": "08-465 004 34"}}
		case conversation.KindChoice:
			if label := otherOption(fd, c.values[fd.Key].Choice); fd.PlainChoice {
				u.Answers[fd.Key] = label
			} else {
				u.Answers[fd.Key] = map[string]any{"choice": label}
			}
		default:
			u.Answers[fd.Key] = "Prövonämnden"
			if fd.Key == "2" {
				u.Answers[fd.Key] = "212000-9994"
			}
		}
	}
	cfg.Units = []config.Unit{u}
	return cfg
}

func otherOption(fd *conversation.Field, label string) string {
	for _, o := range fd.Options {
		if o.Label != label && !o.Comment {
			return o.Label
		}
	}
	return ""
}

// The environment variables that hold the mail accounts of the two people who are played against real servers.
const (
	envReporter = "FRIST_REPLAY_REPORTER"
	envDSO      = "FRIST_REPLAY_DSO"
)

// realWait is how long a real server may take to deliver.
const realWait = 2 * time.Minute

// realStage runs the program with a settings file against the servers that it names; receipt is then now. The reporter's and the DSO's
// accounts lie on the same mail servers. Teams is there only in development mode, where no real tenant is needed.
func realStage(ctx context.Context, cfg *config.Config, log *slog.Logger) (s *stage, err error) {
	a, err := newApp(ctx, cfg, options{log: log})
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(ctx)
	ran := make(chan error, 4)
	started := 0
	s = &stage{app: a, real: true, wire: &wire{now: time.Now, bot: cfg.Mail.Address}}
	s.close = func() error {
		cancel()
		var errs []error
		for range started {
			errs = append(errs, <-ran)
		}
		errs = append(errs, a.Close())
		if s.wire.connector != nil {
			errs = append(errs, s.wire.connector.Close())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := a.Listen(); err != nil {
		return s, err
	}
	var readers []*mail.Reader
	for _, p := range []struct {
		env  string
		into **mailAccount
	}{{envReporter, &s.reporter}, {envDSO, &s.dso}} {
		acc, r, err := s.realAccount(ctx, p.env, log)
		if err != nil {
			return s, err
		}
		*p.into = acc
		readers = append(readers, r)
	}
	if cfg.Teams != nil && cfg.Development && cfg.Teams.AppID == "" {
		if s.wire.connector, err = bottest.NewConnector(bottest.Options{}); err != nil {
			return s, err
		}
		s.wire.inTeams = s.reporter.name
		s.client = bottest.NewClient(bottest.ClientOptions{Connector: s.wire.connector, BotURL: "http://" + a.listener.Addr().String() + bot.Path,
			Locale: locale(cfg.Language), User: bottest.User{ID: "29:1replay-reporter", Name: s.reporter.name,
				AADObjectID: "0c7c4d0e-5f3b-4b76-9d2a-3f1e8a9d5b21", Email: s.reporter.addr, UPN: s.reporter.addr}})
	}
	start := func(f func(context.Context) error) {
		started++
		go func() { ran <- f(run) }()
	}
	start(func(ctx context.Context) error { return a.Run(ctx, true) })
	for _, r := range readers {
		start(r.Run)
	}
	s.moveTo = func(context.Context, time.Time) error { return nil }
	s.settle = func(ctx context.Context) error { return s.settleReal(ctx, readers) }
	return s, nil
}

// settleReal waits until the program has nothing to send and then looks into the people's mailboxes.
func (s *stage) settleReal(ctx context.Context, readers []*mail.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, realWait)
	defer cancel()
	for {
		if s.teams != nil {
			s.teams.Wait()
		}
		if err := s.mailbox.Sync(ctx); err != nil {
			return fmt.Errorf("wait for the bot's mailbox: %w", err)
		}
		waiting, _, err := s.store.Unsent(ctx)
		if err != nil {
			return err
		}
		if waiting == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d messages are still to be sent: %w", waiting, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	for _, r := range readers {
		if err := r.Sync(ctx); err != nil {
			return fmt.Errorf("read a person's mailbox: %w", err)
		}
	}
	return nil
}

// realAccount opens the mail account that an environment variable names as "address:password".
func (s *stage) realAccount(ctx context.Context, env string, log *slog.Logger) (*mailAccount, *mail.Reader, error) {
	addr, password, ok := strings.Cut(os.Getenv(env), ":")
	if !ok || !strings.Contains(addr, "@") || password == "" {
		return nil, nil, usage("with -config, the environment variable %s holds a mail account as address:password", env)
	}
	m := s.cfg.Mail
	smtpRoots, err := config.RootCAs(m.SMTP.CAFile)
	if err != nil {
		return nil, nil, err
	}
	imapRoots, err := config.RootCAs(m.IMAP.CAFile)
	if err != nil {
		return nil, nil, err
	}
	secret := func() (string, error) { return password, nil }
	sender := mail.NewSender(mail.SMTPConfig{Addr: m.SMTP.Addr, TLS: mail.TLSMode(m.SMTP.TLS), RootCAs: smtpRoots, Username: addr, Password: secret})
	if err := sender.Check(ctx); err != nil {
		return nil, nil, fmt.Errorf("log in with the account of %s: %w", env, err)
	}
	name, _, _ := strings.Cut(addr, "@")
	acc := &mailAccount{addr: addr, name: name, send: func(ctx context.Context, to string, raw []byte) error {
		s.wire.mail(to, raw)
		return sender.Send(ctx, addr, []string{to}, raw)
	}}
	reader := mail.NewReader(mail.IMAPConfig{Addr: m.IMAP.Addr, TLS: mail.TLSMode(m.IMAP.TLS), RootCAs: imapRoots, Username: addr, Password: secret},
		log, func(_ context.Context, mails []mail.Fetched) []error {
			for _, f := range mails {
				s.wire.mail(addr, f.Raw)
			}
			return make([]error, len(mails))
		})
	return acc, reader, nil
}
