package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"frist/bot"
	"frist/config"
	"frist/conversation"
	"frist/conversation/store"
	"frist/mail"
	"frist/scheduler"
	"frist/templates"
)

func itoa(n int) string { return strconv.Itoa(n) }

// app is the whole program, wired: serve, demo, replay and the tests start and stop it.
type app struct {
	cfg        *config.Config
	words      *templates.Catalogue
	form       *conversation.Form
	store      *store.Store
	engine     *conversation.Engine
	mail       *mail.Channel
	mailbox    *mail.Reader
	bot        *bot.Bot
	teams      *bot.Channel
	dispatcher *conversation.Dispatcher
	listener   net.Listener
	holder     string
	now        func() time.Time
	log        *slog.Logger
	// started is when this process began, in real time; refused when it was last told that another owns the mailbox.
	started time.Time
	refused atomic.Pointer[time.Time]
	// owns is set while this process has the lease on the mailbox.
	owns atomic.Bool

	metrics   *metrics
	second    *secondRoute // nil if the settings have none
	tolerance tolerance
	sending   sending
	seen      seen
	// The watch's own: what does not work, since when the database is silent, which expiries were told.
	bad    map[string]bool
	silent time.Time
	warned map[string]bool

	sweeping sync.Mutex
	// waited are the messages without a turn that the last sweep saw.
	waited map[conversation.InboundID]bool
}

// options are what demo, replay and the tests set beside the settings.
type options struct {
	now   func() time.Time // nil: time.Now
	roots *x509.CertPool   // nil: the settings' ca_file, else the system's
	log   *slog.Logger
	// verify is store.Options.Verify.
	verify bool
}

// newApp opens the database and joins the parts; nothing is sent or received before Run.
func newApp(ctx context.Context, cfg *config.Config, o options) (a *app, err error) {
	a = &app{cfg: cfg, now: o.now, log: o.log, started: time.Now(), tolerance: defaultTolerance()}
	if a.now == nil {
		a.now = time.Now
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	host, _ := os.Hostname()
	a.holder = fmt.Sprintf("%s-%d-%s", host, os.Getpid(), hex.EncodeToString(random[:]))
	if a.words, err = templates.Load(cfg.Forms); err != nil {
		return nil, err
	}
	if a.form = a.words.Form(cfg.Form); a.form == nil {
		return nil, cfg.Fault("form", "there is no form %q; use one of %v", cfg.Form, a.words.FormIDs())
	}
	org, err := organisation(cfg, a.form)
	if err != nil {
		return nil, err
	}
	if a.store, err = openStore(ctx, cfg, a.now, a.log, func(s *store.Options) { s.Verify = o.verify }); err != nil {
		return nil, err
	}
	if err := a.join(ctx, org, o); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// join makes the engine and the channels, and joins them.
func (a *app) join(ctx context.Context, org *conversation.Organisation, o options) error {
	a.metrics = newMetrics(a)
	a.engine = &conversation.Engine{Store: countedStore{a.store, a.metrics}, Organisation: org, Form: a.form, FormFile: a.words.FormFile(a.form.Version),
		Phrase: a.words.Phrase, Now: a.now, Rand: rand.Reader, Log: a.log}
	a.dispatcher = &conversation.Dispatcher{Outbox: a.store, Holder: a.holder, Now: a.now, Log: a.log, Senders: map[conversation.Channel]conversation.Sender{}}
	a.store.HandTo(a.holder, a.dispatcher)
	a.dispatcher.Dead, a.dispatcher.Moved = a.undelivered, a.diverted
	if err := a.joinMail(o.roots); err != nil {
		return err
	}
	if err := a.joinTeams(); err != nil {
		return err
	}
	if err := a.joinSecond(o.roots); err != nil {
		return err
	}
	a.countSends()
	a.engine.Readers = map[conversation.Channel]conversation.Reader{conversation.ChannelMail: a.mail.Read}
	if a.teams != nil {
		a.engine.Readers[conversation.ChannelTeams] = a.teams.Read
	}
	if err := a.loadForms(ctx); err != nil {
		return err
	}
	return a.engine.Enroll(ctx)
}

// countSends has every attempt to send counted, and for mail also remembered.
func (a *app) countSends() {
	for ch, s := range a.dispatcher.Senders {
		counted := countedSender{Sender: s, channel: ch, m: a.metrics}
		if ch == conversation.ChannelMail {
			counted.after = a.sending.note
		}
		a.dispatcher.Senders[ch] = counted
	}
}

// openStore opens the database that the settings name.
func openStore(ctx context.Context, cfg *config.Config, now func() time.Time, log *slog.Logger, more ...func(*store.Options)) (*store.Store, error) {
	key, err := cfg.Key()
	if err != nil {
		return nil, err
	}
	o := store.Options{Driver: store.SQLite, Path: cfg.SQLiteFile(), MasterKey: key, Now: now, Log: log}
	for _, set := range more {
		set(&o)
	}
	if cfg.Database.SQLite() {
		if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		return store.Open(ctx, o)
	}
	o.Driver = store.PostgreSQL
	if o.DSN, err = cfg.Database.URL.Value(); err != nil {
		return nil, err
	}
	return store.Open(ctx, o)
}

// loadForms gives the texts the form versions that older incidents were begun with.
func (a *app) loadForms(ctx context.Context) error {
	files, err := a.store.Forms(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		_, err := a.words.AddForm(f.ID, f.Data)
		if err != nil && a.words.Form(f.ID) != nil { // the organisation cannot mend what is in the database, and a bot that does not start wakes nobody
			a.log.Error("an earlier version of the form cannot be read any more; its incidents are shown with the present one", "form", f.ID, "version", f.Version,
				"error", err)
		} else if err != nil {
			return fmt.Errorf("form %s version %s in the database: %w", f.ID, f.Version, err)
		}
	}
	return nil
}

func (a *app) joinMail(roots *x509.CertPool) (err error) {
	m := a.cfg.Mail
	imapRoots, smtpRoots := roots, roots
	if roots == nil {
		if imapRoots, err = config.RootCAs(m.IMAP.CAFile); err != nil {
			return err
		}
		if smtpRoots, err = config.RootCAs(m.SMTP.CAFile); err != nil {
			return err
		}
	}
	tokens, err := mailTokens(m, roots, a.store, a.log)
	if err != nil {
		return err
	}
	smtp := smtpConfig(m.SMTP, smtpRoots)
	smtp.CertificateEnds = a.seen.note("mail.smtp.addr")
	if m.SMTPTokens() {
		smtp.Tokens, smtp.Auth = tokens, mechanism(m)
	}
	sender := mail.NewSender(smtp)
	a.mail = &mail.Channel{Engine: a.engine, Words: a.words, Address: m.Address, Name: m.Name, Trust: trust(m), Verifier: mail.NewVerifier(),
		PlusAddressing: m.PlusAddressing, Sender: sender, Log: a.log}
	a.mail.Verifier.Own = m.Allows
	a.joinFiles()
	a.engine.MessageDomain = a.mail.Domain()
	a.dispatcher.Senders[conversation.ChannelMail] = a.mail
	inbox := imapConfig(m.IMAP, imapRoots)
	inbox.Gate, inbox.CertificateEnds = a.ownsMailbox, a.seen.note("mail.imap.addr")
	inbox.Prepare = a.mail.Prepare
	if m.IMAPTokens() {
		inbox.Tokens, inbox.Auth = tokens, mechanism(m)
	}
	a.mailbox = mail.NewReader(inbox, a.log, a.mail.Receive)
	return nil
}

func trust(m config.Mail) mail.Trust {
	return mail.Trust{Mode: mail.TrustMode(m.Authentication), AuthservID: m.AuthservID, TenantID: m.ExchangeTenantID}
}

func imapConfig(m config.IMAP, roots *x509.CertPool) mail.IMAPConfig {
	return mail.IMAPConfig{Addr: m.Addr, TLS: mail.TLSMode(m.TLS), RootCAs: roots, Username: m.Username, Password: m.Password.Value,
		Mailbox: m.Mailbox, Handled: m.Handled, Failed: m.Failed, Poll: m.Poll, MaxSize: m.MaxSize}
}

func smtpConfig(m config.SMTP, roots *x509.CertPool) mail.SMTPConfig {
	return mail.SMTPConfig{Addr: m.Addr, TLS: mail.TLSMode(m.TLS), RootCAs: roots, Username: m.Username, Password: m.Password.Value, HELO: m.Helo}
}

func (a *app) joinTeams() error {
	t := a.cfg.Teams
	if t == nil {
		return nil
	}
	a.teams = &bot.Channel{Engine: a.engine, Words: a.words, Outbox: a.store, People: a.engine, Now: a.now, Log: a.log}
	b, err := bot.New(bot.Config{AppID: t.AppID, Secret: t.Secret(), Certificate: t.Certificate(), TenantID: t.TenantID, TenantIDs: t.TenantIDs,
		MetadataURL: t.MetadataURL, TokenURL: t.TokenURL, PersonPerMinute: t.PersonPerMinute, TenantPerMinute: t.TenantPerMinute,
		Development: a.cfg.Development, Listen: a.cfg.HTTP.Listen, ServiceHosts: t.ServiceHosts, FileHosts: t.FileHosts}, a.teams, a.log)
	if err != nil {
		return err
	}
	a.bot, a.teams.Connector, a.teams.Files = b, b.Connector(), b.Files()
	a.teams.Offers = a.engine
	a.joinTeamsFiles(b.Files())
	a.dispatcher.Senders[conversation.ChannelTeams] = a.teams
	return nil
}

// mailboxLease is for how long one replica owns the mailbox without renewing it; mailboxRenew is how often it does. After a crash another takes
// over within that time and one poll.
const (
	mailboxLease = time.Minute
	mailboxRenew = 20 * time.Second
)

// ownsMailbox tells whether this process may read the mailbox now: of several replicas one does.
func (a *app) ownsMailbox(ctx context.Context) bool {
	_, ok, err := a.store.Lease(ctx, "mailbox", a.holder, mailboxLease)
	if err != nil {
		a.log.Error("the lease on the mailbox could not be had", "error", err)
	} else if !ok {
		now := time.Now()
		a.refused.Store(&now)
	}
	a.owns.Store(ok)
	return ok
}

// keepMailbox renews the lease while this process has it: the reader asks only before a round, and then waits for mail.
func (a *app) keepMailbox(ctx context.Context) error {
	tick := time.NewTicker(mailboxRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if a.owns.Load() {
			a.ownsMailbox(ctx)
		}
	}
}

// Run takes up what was left undone and then runs every part until the context ends or one fails.
func (a *app) Run(ctx context.Context, schedule bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{}, 6)
	parts := 0
	start := func(name string, run func(context.Context) error) {
		parts++
		go func() {
			err := run(ctx)
			if err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
			done <- struct{}{}
		}()
	}
	if a.cfg.Database.SQLite() {
		// The file is this process's alone: what another held, it held before it was killed.
		if err := a.store.Reclaim(ctx); err != nil {
			return err
		}
	}
	if waiting, err := a.store.Waiting(ctx); err == nil { // else Recover says so
		a.fetchFiles(ctx, waiting...)
	}
	if err := a.engine.Recover(ctx); err != nil {
		a.log.Error("messages that came before the start could not be taken up", "error", err)
	}
	start("outbox", a.dispatcher.Run)
	start("mailbox", a.mailbox.Run)
	start("lease", a.keepMailbox)
	if schedule {
		s := &scheduler.Scheduler{Sweeper: a, Schedule: scheduler.EveryMinute, Now: a.now, Log: a.log}
		start("scheduler", s.Run)
		start("supervision", a.supervise)
	}
	start("http", a.serveHTTP)
	<-ctx.Done()
	for range parts {
		<-done
	}
	if a.teams != nil {
		a.teams.Wait()
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// mailboxUnread is for how long the mailbox has not been read while it was for this process to do so: since it was last read, since the start
// if it never was, or since another replica had it.
func (a *app) mailboxUnread(ctx context.Context) (unread time.Duration, stale bool) {
	unread = a.mailboxAge()
	if t := a.refused.Load(); t != nil {
		unread = min(unread, time.Since(*t))
	}
	return unread, unread >= a.cfg.Limits.MailboxStale && a.ownsMailbox(ctx)
}

// Sweep does what is due, and takes up messages whose turn failed for a passing reason.
func (a *app) Sweep(ctx context.Context, now time.Time) error {
	return errors.Join(a.takeUp(ctx), a.engine.Sweep(ctx, now))
}

// takeUp gives their turn to the messages that had none at the sweep before either. A younger one is most likely having it just now.
func (a *app) takeUp(ctx context.Context) error {
	a.sweeping.Lock()
	defer a.sweeping.Unlock()
	ids, err := a.store.Waiting(ctx)
	if err != nil {
		return fmt.Errorf("find messages without a turn: %w", err)
	}
	before := a.waited
	a.waited = map[conversation.InboundID]bool{}
	var all []error
	a.fetchFiles(ctx, slices.DeleteFunc(slices.Clone(ids), func(id conversation.InboundID) bool { return !before[id] })...)
	for _, id := range ids {
		a.waited[id] = true
		if !before[id] {
			continue
		}
		if _, err := a.engine.Handle(ctx, id); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Close ends what Run does not: the lease and the database.
func (a *app) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(a.store.Release(ctx, "mailbox", a.holder), a.store.Close())
}
