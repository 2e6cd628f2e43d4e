package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/mail"
	"frist/mail/mailtest"
)

// cable joins a free port to a server until it is cut.
type cable struct {
	addr string
	to   string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{addr: l.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); c.set(true) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.join(conn)
		}
	}()
	return c
}

func (c *cable) join(conn net.Conn) {
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		conn.Close()
		return
	}
	c.mu.Lock()
	whole := !c.cut
	if whole {
		c.conns[conn], c.conns[far] = true, true
	}
	c.mu.Unlock()
	if whole {
		go func() { io.Copy(far, conn); far.Close() }()
		io.Copy(conn, far)
	}
	conn.Close()
	far.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, conn)
	delete(c.conns, far)
}

// set cuts the cable, which ends every connection, or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	for conn := range c.conns {
		conn.Close()
	}
}

const (
	mailbox  = "frist@provkoping.example"
	operator = "drift@provkoping.example"
	reserve  = "jour@reserv.example"
)

// watched is the program with cables to its mail servers, and a second route that has none.
type watched struct {
	*app
	post       *mailtest.Server
	imap, smtp *cable
}

// startWatched wires the program, with a watch that loses its patience soon; run starts it.
func startWatched(t *testing.T) *watched {
	t.Helper()
	post, err := mailtest.Start(mailtest.Options{Accounts: map[string]string{mailbox: samplePassword, operator: samplePassword, reserve: samplePassword}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { post.Close() })
	w := &watched{post: post, imap: newCable(t, post.IMAP), smtp: newCable(t, post.SubmissionTLS)}
	file := sampleFile(t, "administrator: {", "language: sv\nhttp: {listen: '127.0.0.1:0'}\nadministrator: {second: {email: "+reserve+", smtp: {addr: '"+post.SubmissionTLS+
		"', username: "+reserve+", password: {file: password}}}, ", sampleIMAP, served(sampleIMAP, w.imap.addr), sampleSMTP, served(sampleSMTP, w.smtp.addr))
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Mail.IMAP.Poll, cfg.Limits.MailboxStale = 50*time.Millisecond, 2*time.Second
	w.app, err = newApp(t.Context(), cfg, options{roots: post.RootCAs(), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	w.tolerance = tolerance{look: 20 * time.Millisecond, urgent: 300 * time.Millisecond, waiting: time.Second, database: 300 * time.Millisecond, again: time.Hour}
	return w
}

func (w *watched) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- w.Run(ctx, true) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	until(t, "the mailbox is read", func() bool { return !w.mailbox.LastSuccess().IsZero() })
}

// until waits for what must come.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to be that %s", what)
		}
	}
}

// told counts the mails to an address that have all of these words.
func (w *watched) told(t *testing.T, addr string, words ...string) (n int) {
	t.Helper()
mails:
	for _, raw := range w.post.Mails(addr) {
		m := mail.Parse(raw)
		for _, word := range words {
			if !strings.Contains(m.Subject+"\n"+strings.Join(strings.Fields(m.Text), " "), word) {
				continue mails
			}
		}
		n++
	}
	return n
}

const (
	saysStale  = "Brevlådan har inte kunnat läsas"
	saysUnsent = "inte kunnat skickas"
	saysFailed = "beteckningen abcdef"
	saysOver   = "Frist fungerar igen"
)

// What the ordinary route cannot send, the second tells at once, and once; and it tells when mail goes out again.
func TestSecondRouteWhenMailCannotBeSent(t *testing.T) {
	w := startWatched(t)
	w.run(t)
	w.smtp.set(true)
	if err := w.engine.Alarm(t.Context(), "failed/1", conversation.Line{Key: conversation.AlarmFailed, Args: map[string]string{"inbound": "abcdef"}}); err != nil {
		t.Fatal(err)
	}
	until(t, "the alarm comes by the second route", func() bool { return w.told(t, reserve, "Frist behöver tillsyn", "den andra vägen", saysFailed) > 0 })
	until(t, "it tells that nothing is sent", func() bool { return w.told(t, reserve, saysUnsent) > 0 })
	if code, body := w.readiness(t); w.told(t, operator) != 0 || code != http.StatusOK {
		t.Errorf("%d mails went the ordinary way; readiness %d %s", w.told(t, operator), code, body)
	}
	until(t, "readiness shows it", func() bool {
		code, body := w.readiness(t)
		return code == http.StatusOK && strings.Contains(body, "late outbox")
	})
	w.smtp.set(false)
	until(t, "it tells that mail is sent again", func() bool { return w.told(t, reserve, saysOver, "Det går att skicka mejl igen") == 1 })
	until(t, "the alarm comes by the ordinary route too", func() bool { return w.told(t, operator, saysFailed) == 1 })
	if a, b := w.told(t, reserve, saysUnsent), w.told(t, reserve, saysFailed); a != 1 || b != 1 {
		t.Errorf("told %d and %d times", a, b)
	}
	for _, raw := range w.post.Mails(reserve) {
		if m := mail.Parse(raw); m.AutoReply == "" || m.From.Addr != reserve || bytes.Contains(raw, []byte("mailto:")) {
			t.Errorf("the second route's mail is from %s, automatic %q:\n%s", m.From.Addr, m.AutoReply, m.Text)
		}
	}
}

// A mailbox that cannot be read is told by both routes, once, and by the second also when it is over.
func TestSecondRouteWhenTheMailboxCannotBeRead(t *testing.T) {
	w := startWatched(t)
	w.run(t)
	if code, body := w.readiness(t); code != http.StatusOK || !strings.HasPrefix(body, "ready\n") || !strings.Contains(body, "ok   mailbox: last read ") {
		t.Errorf("%d %s", code, body)
	}
	w.imap.set(true)
	until(t, "the second route tells of it", func() bool { return w.told(t, reserve, "Frist behöver tillsyn", saysStale) > 0 })
	until(t, "the ordinary route tells of it", func() bool { return w.told(t, operator, saysStale) > 0 })
	if code, body := w.readiness(t); code != http.StatusServiceUnavailable || !strings.HasPrefix(body, "not ready\n") || !strings.Contains(body, "fail mailbox: it has not been read for ") {
		t.Errorf("%d %s", code, body)
	}
	w.imap.set(false)
	until(t, "it is over", func() bool { return w.told(t, reserve, saysOver, "Brevlådan kan läsas igen") == 1 })
	until(t, "it is ready", func() bool { code, _ := w.readiness(t); return code == http.StatusOK })
	if a, b := w.told(t, reserve, saysStale), w.told(t, operator, saysStale); a != 1 || b != 1 {
		t.Errorf("told %d times by the second route and %d by the ordinary", a, b)
	}
}

// The second route is down as well: what it did not tell it tells when it is back, also after a new start.
func TestSecondRouteThatFailsForAWhile(t *testing.T) {
	w := startWatched(t)
	found := []trouble{{name: troubleMailbox, bad: true, line: forMinutes(conversation.AlarmStale, time.Hour), works: conversation.Line{Key: conversation.AlarmMailboxWorks}}}
	over := []trouble{{name: troubleMailbox, good: true, works: found[0].works}}
	good, cfg := w.second.sender, smtpConfig(w.cfg.Administrator.Second.SMTP, w.post.RootCAs())
	cfg.Addr = "127.0.0.1:1"
	w.second.sender = mail.NewSender(cfg)
	w.second.raise(eventDead, conversation.Line{Key: conversation.AlarmDead, Args: map[string]string{"number": "PUI-2026-0001", "reason": "smtp_550"}})
	for range 2 {
		if err := w.second.tell(t.Context(), found, nil); err == nil {
			t.Fatal("nothing listens there, and it was told")
		}
	}
	w.second.sender = good
	for range 3 {
		if err := w.second.tell(t.Context(), found, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.told(t, reserve, saysStale, "PUI-2026-0001"); n != 1 || len(w.post.Mails(reserve)) != 1 {
		t.Errorf("told %d times in %d mails, want once, with what was given up", n, len(w.post.Mails(reserve)))
	}
	// A new start remembers nothing but what the ledger has.
	if err := w.joinSecond(w.post.RootCAs()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.second.tell(t.Context(), found, nil); err != nil || len(w.post.Mails(reserve)) != 1 {
			t.Errorf("a new start: %v, %d mails", err, len(w.post.Mails(reserve)))
		}
	}
	for range 2 {
		if err := w.second.tell(t.Context(), over, nil); err != nil || len(w.post.Mails(reserve)) != 2 || w.told(t, reserve, saysOver) != 1 {
			t.Errorf("it is over: %v, %d mails", err, len(w.post.Mails(reserve)))
		}
	}
}

// brokenLedger is one whose database is down.
type brokenLedger struct{}

func (brokenLedger) Tell(context.Context, string, time.Duration) (bool, error) { return false, io.EOF }
func (brokenLedger) Untold(context.Context, string) error                      { return io.EOF }
func (brokenLedger) Recovered(context.Context, string) (bool, error)           { return false, io.EOF }

// The database is down: the second route tells of it, once, and when it answers again.
func TestSecondRouteWithoutADatabase(t *testing.T) {
	w := startWatched(t)
	whole := w.second.ledger
	w.second.ledger = brokenLedger{}
	found := trouble{name: troubleDatabase, bad: true, line: forMinutes(conversation.AlarmDatabase, time.Hour), works: conversation.Line{Key: conversation.AlarmDatabaseWorks}}
	for range 3 {
		if err := w.second.tell(t.Context(), []trouble{found}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.told(t, reserve, "Databasen har inte svarat på 1 timme"); n != 1 {
		t.Errorf("told %d times", n)
	}
	w.second.ledger = whole
	found.bad, found.good = false, true
	for range 3 {
		if err := w.second.tell(t.Context(), []trouble{found}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.told(t, reserve, saysOver, "Databasen svarar igen"); n != 1 || len(w.post.Mails(reserve)) != 2 {
		t.Errorf("%d of %d mails say that it is over", n, len(w.post.Mails(reserve)))
	}
	// The watch itself notices.
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.second.ledger = brokenLedger{}
	until(t, "the watch tells of the database", func() bool {
		if err := w.watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		return w.told(t, reserve, "Databasen har inte svarat") == 2
	})
	if code, body := w.readiness(t); code != http.StatusServiceUnavailable || !strings.Contains(body, "fail database: it cannot be reached") {
		t.Errorf("%d %s", code, body)
	}
}

// A message that is given up is told at once by the second route, with its number and why.
func TestDeadLetter(t *testing.T) {
	w := startWatched(t)
	w.run(t)
	w.dispatcher.Dead(conversation.Delivery{Outbound: conversation.Outbound{ID: "o1", Number: "PUI-2026-0042", Kind: conversation.MessageReminder}}, "smtp_550")
	until(t, "both routes tell of it", func() bool {
		return w.told(t, reserve, "PUI-2026-0042", "smtp_550") == 1 && w.told(t, operator, "smtp_550") == 1
	})
}
