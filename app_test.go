package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frist/config"
	"frist/conversation"
)

// newSampleApp wires the program by the sample settings; no part of it runs, and its mailbox cannot be reached.
func newSampleApp(t *testing.T) *app {
	t.Helper()
	cfg, err := config.Load(sampleFile(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data = t.TempDir()
	a, err := newApp(t.Context(), cfg, options{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// readiness is what GET /readyz answers.
func (a *app) readiness(t *testing.T) (code int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	data, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(data)
}

func (a *app) waiting(t *testing.T) int {
	t.Helper()
	n, _, err := a.store.Unsent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMailboxThatWasNeverRead(t *testing.T) {
	a := newSampleApp(t)
	if code, body := a.readiness(t); code != http.StatusOK {
		t.Errorf("just started: %d %s", code, body)
	}
	if err := a.watch(t.Context()); err != nil || a.waiting(t) != 0 {
		t.Errorf("just started: %d messages, error %v", a.waiting(t), err)
	}
	a.started = time.Now().Add(-a.cfg.Limits.MailboxStale - time.Minute)
	if code, body := a.readiness(t); code != http.StatusServiceUnavailable || !strings.Contains(body, "11m") {
		t.Errorf("after eleven minutes: %d %s", code, body)
	}
	for range 2 { // the second says nothing new
		if err := a.watch(t.Context()); err != nil || a.waiting(t) != 1 {
			t.Errorf("after eleven minutes: %d messages, error %v; want one, to the administrator", a.waiting(t), err)
		}
	}
}

// While another replica reads the mailbox, and for a while after it has ended, it is not this one that fails.
func TestMailboxOfAnotherReplica(t *testing.T) {
	a := newSampleApp(t)
	a.started = time.Now().Add(-time.Hour)
	if _, ok, err := a.store.Lease(t.Context(), "mailbox", "other", time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if code, body := a.readiness(t); code != http.StatusOK {
		t.Errorf("another reads it: %d %s", code, body)
	}
	if err := a.store.Release(t.Context(), "mailbox", "other"); err != nil {
		t.Fatal(err)
	}
	if code, body := a.readiness(t); code != http.StatusOK {
		t.Errorf("another has just ended: %d %s", code, body)
	}
	long := time.Now().Add(-a.cfg.Limits.MailboxStale)
	a.refused.Store(&long)
	if code, body := a.readiness(t); code != http.StatusServiceUnavailable {
		t.Errorf("nobody has read it for long: %d %s", code, body)
	}
}

// A message that has just come is being handled by who received it; the sweep takes it up when it is still there the next time.
func TestSweepLeavesYoungMessages(t *testing.T) {
	a := newSampleApp(t)
	var read int
	a.engine.Readers[conversation.ChannelMail] = func(raw conversation.RawInbound) (*conversation.Inbound, error) {
		read++
		return &conversation.Inbound{From: conversation.Address{Channel: conversation.ChannelMail, ID: "robot@provkoping.example"}, Automatic: "auto_submitted"}, nil
	}
	raw := conversation.RawInbound{ID: conversation.NewInboundID("mail", "one"), Channel: conversation.ChannelMail, At: time.Now(), Raw: []byte("hej")}
	if _, err := a.engine.Accept(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	for sweep, want := range []int{0, 1, 1} {
		if err := a.Sweep(t.Context(), a.now()); err != nil {
			t.Fatal(err)
		}
		if read != want {
			t.Errorf("after sweep %d: %d turns, want %d", sweep+1, read, want)
		}
	}
}
