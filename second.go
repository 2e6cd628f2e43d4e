package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/mail"
	"frist/templates"
)

// lateMax is how many late alarms one mail by the second route may hold; lateAgain is longer than an alarm counts as late, so that each is told once.
const (
	lateMax   = 20
	lateLook  = 500 // how many are looked through
	lateFor   = 24 * time.Hour
	lateAgain = 30 * lateFor
)

// secondRoute tells the administrator what the ordinary route, the outbox, cannot: through another mail server, at once, and even while the
// database is down. A nil one tells nobody.
type secondRoute struct {
	sender      *mail.Sender
	email, from string
	name        string // of the bot
	lang        conversation.Lang
	words       *templates.Catalogue
	ledger      ledger
	limits      *tolerance
	log         *slog.Logger
	wake        chan struct{}

	mu     sync.Mutex
	events map[string]conversation.Line

	// The watch alone uses these: when late alarms were told last, and what was told while the ledger could not be asked.
	lateAt time.Time
	told   map[string]time.Time
}

// secondTimeout is how long a mail by the second route may take.
const secondTimeout = 2 * time.Minute

// ledger remembers what was told, over restarts and for all replicas; *store.Store does.
type ledger interface {
	Tell(ctx context.Context, name string, every time.Duration) (ok bool, err error)
	Untold(ctx context.Context, name string) error
	Recovered(ctx context.Context, name string) (ok bool, err error)
}

// joinSecond makes the second route, if the settings have one.
func (a *app) joinSecond(roots *x509.CertPool) (err error) {
	s := a.cfg.Administrator.Second
	if s == nil {
		return nil
	}
	if roots == nil {
		if roots, err = config.RootCAs(s.SMTP.CAFile); err != nil {
			return err
		}
	}
	smtp := smtpConfig(s.SMTP, roots)
	smtp.CertificateEnds = a.seen.note("administrator.second.smtp.addr")
	a.second = &secondRoute{sender: mail.NewSender(smtp), email: s.Email, from: s.From, name: a.cfg.Mail.Name, lang: conversation.Lang(a.cfg.Language),
		words: a.words, ledger: a.store, limits: &a.tolerance, log: a.log, wake: make(chan struct{}, 1),
		events: map[string]conversation.Line{}, told: map[string]time.Time{}}
	return nil
}

// raised is signalled when there is something to tell at once.
func (s *secondRoute) raised() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.wake
}

// raise has an event told at the next watch, which it wakes.
func (s *secondRoute) raise(name string, line conversation.Line) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.events[name] = line
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// tell puts what is new into one mail: troubles that began or last, those that are over, events, and alarms that could not be sent as usual. What
// could not be told is told at the next call.
func (s *secondRoute) tell(ctx context.Context, found []trouble, late []conversation.Outbound) error {
	if s == nil {
		return nil
	}
	var wrong, over []conversation.Line
	var names []string
	claim := func(name string, line conversation.Line) {
		if s.claim(ctx, name, s.limits.again) {
			names, wrong = append(names, name), append(wrong, line)
		}
	}
	for _, t := range found {
		switch {
		case t.bad:
			claim(t.name, t.line)
		case t.good && s.recovered(ctx, t.name):
			names, over = append(names, t.name), append(over, t.works)
		}
	}
	s.mu.Lock()
	events := s.events
	s.events = map[string]conversation.Line{}
	s.mu.Unlock()
	for name, line := range events {
		claim(name, line)
	}
	if lines, claimed := s.late(ctx, late); len(lines) > 0 {
		names, wrong = append(names, claimed...), append(wrong, lines...)
	}
	if len(wrong)+len(over) == 0 {
		return nil
	}
	if len(wrong) > 0 {
		wrong = append([]conversation.Line{{Key: conversation.AlarmSecondRoute}}, wrong...)
	}
	sending, cancel := context.WithTimeout(ctx, secondTimeout)
	defer cancel()
	err := s.send(sending, append(wrong, over...))
	if err != nil {
		s.putBack(ctx, names, events)
		return fmt.Errorf("tell by the second route: %w", err)
	}
	s.log.Info("the administrator was told by the second route", "troubles", strings.Join(names, " "))
	return nil
}

// late are the lines of the alarms that were not told yet. They are gathered for a while after each mail that had any.
func (s *secondRoute) late(ctx context.Context, alarms []conversation.Outbound) (lines []conversation.Line, names []string) {
	if time.Since(s.lateAt) < s.limits.urgent {
		return nil, nil
	}
	for _, out := range alarms {
		if len(lines) >= lateMax {
			break
		}
		// The watch tells by itself, and with when it is over, of the mailbox that is not read.
		if len(out.Lines) > 0 && out.Lines[0].Key == conversation.AlarmStale || !s.claim(ctx, "late/"+out.Dedup, lateAgain) {
			continue
		}
		lines, names = append(lines, out.Lines...), append(names, "late/"+out.Dedup)
	}
	if len(lines) > 0 {
		s.lateAt = time.Now()
	}
	return lines, names
}

// claim tells whether a thing is to be told now. Without the database this process remembers by itself.
func (s *secondRoute) claim(ctx context.Context, name string, every time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	if t := s.told[name]; !t.IsZero() && time.Since(t) < every {
		return false
	}
	ok, err := s.ledger.Tell(ctx, name, every)
	if err != nil {
		s.told[name] = time.Now()
		return true
	}
	delete(s.told, name)
	return ok
}

func (s *secondRoute) recovered(ctx context.Context, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	_, here := s.told[name]
	ok, err := s.ledger.Recovered(ctx, name)
	if err != nil {
		return false
	}
	delete(s.told, name)
	return ok || here
}

// putBack lets what could not be told be told again.
func (s *secondRoute) putBack(ctx context.Context, names []string, events map[string]conversation.Line) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), databasePatience)
	defer cancel()
	s.lateAt = time.Time{}
	for _, name := range names {
		delete(s.told, name)
		if err := s.ledger.Untold(ctx, name); err != nil {
			s.log.Warn("what was not told could not be noted", "trouble", name, "error", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, line := range events {
		if _, newer := s.events[name]; !newer {
			s.events[name] = line
		}
	}
}

// send puts the lines into words and sends them. Nothing in them names a person or holds an answer: alarms have keys and numbers alone.
func (s *secondRoute) send(ctx context.Context, lines []conversation.Line) error {
	now := time.Now()
	words, err := s.words.Mail(conversation.Outbound{Kind: conversation.MessageAlarm, Role: conversation.RoleDSO, Lang: s.lang, At: now, Lines: lines},
		templates.MailContext{BotName: s.name})
	if err != nil {
		return err
	}
	_, domain, _ := strings.Cut(s.from, "@")
	raw, err := mail.Compose(mail.Draft{From: mail.Address{Name: s.name, Addr: s.from}, To: []mail.Address{{Addr: s.email}},
		Subject: words.Subject, Text: words.Text, HTML: words.HTML, MessageID: strings.ToLower(rand.Text()) + "@" + domain,
		Date: now.In(conversation.Stockholm()), AutoSubmitted: "auto-generated"})
	if err != nil {
		return err
	}
	return s.sender.Send(ctx, s.from, []string{s.email}, raw)
}
