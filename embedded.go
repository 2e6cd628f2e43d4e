package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"frist/bot"
	"frist/bot/bottest"
	"frist/config"
	"frist/mail"
	"frist/mail/mailtest"
)

// clock is the time of an embedded program: it stands still, or runs on from where it was put. It has whole seconds only, like IMAP's
// INTERNALDATE (RFC 9051 section 2.3.3): with finer ones a quick reply would seem older than what it answers.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	since time.Time // real time when it was put to at; zero: it stands still
}

func newClock(at time.Time, runs bool) *clock {
	c := &clock{at: at.Truncate(time.Second)}
	if runs {
		c.since = time.Now()
	}
	return c
}

// Now is the time by this clock, in whole seconds.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time {
	if c.since.IsZero() {
		return c.at
	}
	return c.at.Add(time.Since(c.since)).Truncate(time.Second)
}

// put moves the clock forward, to a whole second not before the instant; a time that has passed leaves it where it is.
func (c *clock) put(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at = at.Add(time.Second - 1).Truncate(time.Second); !at.After(c.now()) {
		return
	}
	c.at = at
	if !c.since.IsZero() {
		c.since = time.Now()
	}
}

// embeddedOptions say what an embedded program is started with.
type embeddedOptions struct {
	// dir holds the database and the secrets; it must exist.
	dir string
	// cfg has the organisation, its units and what else differs from the defaults. Servers, database, secrets, development mode and, where
	// there is none, a Teams channel without sign-in are filled in.
	cfg *config.Config
	// people are the mail accounts beside the bot's.
	people []string
	// employee is who writes in Teams; the member look-up gives the user's mail address.
	employee bottest.User
	// at is where the clock begins; runs lets it go on by itself.
	at   time.Time
	runs bool
	// patience is after how long what cannot be delivered, because the Teams client that it is for has gone, is not waited for any
	// more. 0: it is waited for, and settle fails.
	patience time.Duration
	// onMail is told of each mail in either direction, in order, in the sender's connection: it must not wait.
	onMail func(rcpt string, raw []byte)
	// verify holds what the store remembers against the database, at every turn.
	verify bool
	log    *slog.Logger
}

// embedded is the whole program with all that it needs on loopback: mail servers, a Teams connector with one person who writes there,
// and a clock that can be moved. People reach the program over HTTP, SMTP and IMAP alone.
type embedded struct {
	*app
	clock     *clock
	post      *mailtest.Server
	connector *bottest.Connector
	employee  *bottest.Client
	// endpoint is where activities are posted to.
	endpoint string

	patience time.Duration
	stuck    int // messages that are not waited for
	password string
	cancel   context.CancelFunc
	ran      chan error
}

// startEmbedded starts everything; the caller closes it. Nothing is swept but by moveTo.
func startEmbedded(ctx context.Context, o embeddedOptions) (x *embedded, err error) {
	x = &embedded{clock: newClock(o.at, o.runs), patience: o.patience, password: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start embedded servers: %w", err), x.Close())
		}
	}()
	accounts := map[string]string{o.cfg.Mail.Address: x.password}
	for _, a := range o.people {
		accounts[a] = x.password
	}
	x.post, err = mailtest.Start(mailtest.Options{Accounts: accounts, OnDeliver: o.onMail, Now: x.clock.Now, Log: o.log})
	if err != nil {
		return x, err
	}
	if x.connector, err = bottest.NewConnector(bottest.Options{Now: x.clock.Now}); err != nil {
		return x, err
	}
	if err := x.settings(o); err != nil {
		return x, err
	}
	if x.app, err = newApp(ctx, o.cfg, options{now: x.clock.Now, roots: x.post.RootCAs(), verify: o.verify, log: o.log}); err != nil {
		x.app = nil
		return x, err
	}
	if err := x.Listen(); err != nil {
		return x, err
	}
	x.endpoint = "http://" + x.listener.Addr().String() + bot.Path
	x.employee = bottest.NewClient(bottest.ClientOptions{Connector: x.connector, BotURL: x.endpoint, User: o.employee, Locale: locale(o.cfg.Language)})
	run, cancel := context.WithCancel(ctx)
	x.cancel, x.ran = cancel, make(chan error, 1)
	go func() { x.ran <- x.Run(run, false) }()
	return x, nil
}

func locale(lang string) string {
	if lang == "en" {
		return "en-GB"
	}
	return "sv-SE"
}

// settings fills in what the embedded servers decide.
func (x *embedded) settings(o embeddedOptions) error {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make master key: %w", err)
	}
	cfg := o.cfg
	secrets := filepath.Join(o.dir, "secrets")
	if err := os.MkdirAll(secrets, 0o700); err != nil {
		return fmt.Errorf("make the folder for secrets: %w", err)
	}
	for name, value := range map[string]string{"master_key": base64.StdEncoding.EncodeToString(key), "mail_password": x.password} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(value+"\n"), 0o600); err != nil {
			return fmt.Errorf("write secret: %w", err)
		}
	}
	password := config.Secret{File: filepath.Join(secrets, "mail_password")}
	cfg.MasterKey = config.Secret{File: filepath.Join(secrets, "master_key")}
	cfg.Data = o.dir
	cfg.Development = true
	cfg.HTTP.Listen = "127.0.0.1:0"
	if cfg.Teams == nil {
		cfg.Teams = &config.Teams{}
	}
	cfg.Mail.AuthservID, cfg.Mail.PlusAddressing = x.post.AuthservID(), true
	cfg.Mail.IMAP.Addr, cfg.Mail.IMAP.TLS = x.post.IMAP, config.TLSImplicit
	cfg.Mail.IMAP.Username, cfg.Mail.IMAP.Password = cfg.Mail.Address, password
	cfg.Mail.SMTP.Addr, cfg.Mail.SMTP.TLS = x.post.SubmissionTLS, config.TLSImplicit
	cfg.Mail.SMTP.Username, cfg.Mail.SMTP.Password = cfg.Mail.Address, password
	return nil
}

// Close stops everything that was started.
func (x *embedded) Close() error {
	var errs []error
	if x.cancel != nil {
		x.cancel()
		errs = append(errs, <-x.ran)
	}
	if x.app != nil {
		errs = append(errs, x.app.Close())
	}
	if x.connector != nil {
		errs = append(errs, x.connector.Close())
	}
	if x.post != nil {
		errs = append(errs, x.post.Close())
	}
	return errors.Join(errs...)
}

// submit sends a mail as one of the people, through the submission server. from is the address of an account.
func (x *embedded) submit(ctx context.Context, from, to string, raw []byte) error {
	s := mail.NewSender(mail.SMTPConfig{Addr: x.post.SubmissionTLS, TLS: mail.TLSMode(config.TLSImplicit), RootCAs: x.post.RootCAs(), Username: from,
		Password: func() (string, error) { return x.password, nil }})
	return s.Send(ctx, from, []string{to}, raw)
}

const (
	settleEvery = 5 * time.Millisecond
	settleMax   = 30 * time.Second
)

// settle waits until nothing moves any more: every message has had its turn, the outbox is empty, and so is the bot's mailbox.
func (x *embedded) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleMax)
	defer cancel()
	start := time.Now()
	for {
		x.teams.Wait()
		if err := x.mailbox.Sync(ctx); err != nil {
			return fmt.Errorf("wait for the mailbox: %w", err)
		}
		if err := x.dispatcher.Drain(ctx); err != nil {
			return fmt.Errorf("wait for the outbox: %w", err)
		}
		// The mailbox first: a mail that has left it has had its turn, so what that turn says is counted below.
		mails, err := x.post.Count(x.cfg.Mail.Address, x.cfg.Mail.IMAP.Mailbox)
		if err != nil {
			return err
		}
		waiting, _, err := x.store.Unsent(ctx)
		if err != nil {
			return err
		}
		if x.patience > 0 && mails == 0 && time.Since(start) > x.patience {
			x.stuck = waiting
		}
		if mails == 0 && waiting <= x.stuck {
			x.stuck = waiting
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d mails and %d outbound messages are left: %w", mails, waiting, ctx.Err())
		case <-time.After(settleEvery):
		}
	}
}

// step moves the clock to the next instant, no later than the one given, at which something is due: that is done, and all that it leads
// to. Where nothing is due any more the clock is moved to the instant itself, and more is false.
func (x *embedded) step(ctx context.Context, to time.Time) (more bool, err error) {
	due, ok, err := x.store.NextDue(ctx)
	if err != nil {
		return false, err
	}
	if !ok || due.After(to) {
		x.clock.put(to)
		return false, nil
	}
	x.clock.put(due)
	if err := x.engine.Sweep(ctx, x.clock.Now()); err != nil {
		return false, err
	}
	if next, ok, err := x.store.NextDue(ctx); err != nil || ok && !next.After(due) {
		return false, errors.Join(fmt.Errorf("what is due at %s stays due", due.Format(time.RFC3339)), err)
	}
	return true, x.settle(ctx)
}

// moveTo moves the clock to an instant, stopping at every one before it where something is due.
func (x *embedded) moveTo(ctx context.Context, to time.Time) error {
	for {
		if more, err := x.step(ctx, to); err != nil || !more {
			return err
		}
	}
}
