package main

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/config"
	"frist/conversation"
)

// scrape asks for the metrics as a peer with these headers would, given as name and value.
func (a *app) scrape(t *testing.T, peer string, headers ...string) (code int, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.RemoteAddr = peer
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestWhoReadsMetrics(t *testing.T) {
	a := newSampleApp(t)
	const here, there = "127.0.0.1:5000", "192.0.2.7:5000"
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("mat-tal-42\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, peer string
		token      bool
		headers    []string
		want       int
	}{
		{"here", here, false, nil, 200},
		{"here over IPv6", "[::1]:5000", false, nil, 200},
		{"elsewhere", there, false, nil, 403},
		{"elsewhere, as though here", there, false, []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"through a proxy here", here, false, []string{"X-Forwarded-For", "192.0.2.7"}, 403},
		{"through a proxy of RFC 7239", here, false, []string{"Forwarded", "for=192.0.2.7"}, 403},
		{"elsewhere with a token that is not set", there, false, []string{"Authorization", "Bearer "}, 403},
		{"with the token", there, true, []string{"Authorization", "Bearer mat-tal-42"}, 200},
		{"with another token", there, true, []string{"Authorization", "Bearer mat-tal-43"}, 401},
		{"without the token", here, true, nil, 401},
		{"with an empty token", here, true, []string{"Authorization", "Bearer "}, 401},
		{"as basic", here, true, []string{"Authorization", "Basic mat-tal-42"}, 401},
	} {
		a.cfg.HTTP.MetricsToken = config.Secret{}
		if c.token {
			a.cfg.HTTP.MetricsToken = config.Secret{File: token}
		}
		if code, body := a.scrape(t, c.peer, c.headers...); code != c.want || (code == 200) != strings.Contains(body, "frist_build_info") {
			t.Errorf("%s: %d, want %d", c.name, code, c.want)
		}
	}
	a.cfg.HTTP.MetricsToken = config.Secret{File: "absent"} // a token that cannot be read lets nobody in
	if code, _ := a.scrape(t, here, "Authorization", "Bearer "); code != 401 {
		t.Errorf("the token cannot be read: %d", code)
	}
}

func TestMetrics(t *testing.T) {
	a := newSampleApp(t)
	a.cfg.Teams = &config.Teams{AppSecretExpires: time.Now().Add(20*24*time.Hour + time.Hour)}
	a.seen.note("mail.imap.addr")(time.Now().Add(40*24*time.Hour + time.Hour))
	from := func(automatic string) {
		a.engine.Readers[conversation.ChannelMail] = func(conversation.RawInbound) (*conversation.Inbound, error) {
			if automatic == "" {
				return nil, errors.New("it cannot be read")
			}
			return &conversation.Inbound{From: conversation.Address{Channel: conversation.ChannelMail, ID: "tove.prov@provkoping.example"}, Name: "Tove Prov",
				Automatic: automatic, Text: "hemlig text"}, nil
		}
		raw := conversation.RawInbound{ID: conversation.NewInboundID("mail", automatic), Channel: conversation.ChannelMail, At: time.Now(), Raw: []byte("hej")}
		if _, err := a.engine.Accept(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		if _, err := a.engine.Handle(t.Context(), raw.ID); err != nil && !errors.Is(err, conversation.ErrFailed) {
			t.Fatal(err)
		}
	}
	from("auto_submitted")
	from("") // fails, and is told to the administrator
	if err := a.dispatcher.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.owns.Store(true)
	code, body := a.scrape(t, "127.0.0.1:1")
	if code != http.StatusOK {
		t.Fatal(code, body)
	}
	for _, want := range []string{`frist_turns_total{channel="mail",outcome="automatic"} 1`, `frist_turns_total{channel="mail",outcome="failed"} 1`,
		`frist_turn_seconds_count{channel="mail"} 2`, `frist_sends_total{channel="mail",result="failed"} 1`, `frist_send_seconds_count{channel="mail"} 1`,
		`frist_outbox_waiting{channel="mail"} 1`, `frist_outbox_waiting{channel="teams"} 0`, "frist_outbox_oldest_seconds{channel=\"mail\"} ", "frist_outbox_dead 0",
		"frist_inbound_waiting 0", `frist_incidents{status="unverified"} 0`, `frist_incidents{status="reported"} 0`, `frist_expiry_days{setting="teams.app_secret"} 20.`, `frist_expiry_days{setting="mail.imap.addr"} 40.`,
		"frist_mailbox_owner 1", "frist_mailbox_age_seconds ", "frist_database_up 1", "go_goroutines ", "process_start_time_seconds "} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("%s is not shown", want)
		}
	}
	for _, not := range []string{"provkoping", "Tove", "hemlig", "frist_next_deadline"} {
		if strings.Contains(body, not) {
			t.Errorf("%s is shown", not)
		}
	}
	if code, body := a.readiness(t); code != http.StatusOK || strings.Contains(body, "info ") {
		t.Errorf("%d %s", code, body)
	}
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz?verbose", nil))
	for _, want := range []string{"ready\n", "ok   database: ", "ok   outbox: waiting to be sent: 1, given up: 0, the oldest for ", "ok   inbound: ", "info expiry: teams.app_secret ends ", ", in 20 days\n",
		"info second route: false"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q is not in %s", want, w.Body.String())
		}
	}
}

func TestMetricsWithoutADatabase(t *testing.T) {
	cfg, err := config.Load(sampleFile(t))
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, options{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if code, body := a.scrape(t, "127.0.0.1:1"); code != http.StatusOK || !strings.Contains(body, "\nfrist_database_up 0") || strings.Contains(body, "frist_outbox_waiting") {
		t.Errorf("got %d %s", code, body)
	}
}

// The earliest deadline of the open incidents is shown by the program's own clock.
func TestMetricsOfDeadlines(t *testing.T) {
	file := sampleFile(t)
	fillSample(t, file)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, options{now: func() time.Time { return reportedAt.Add(time.Hour) }, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, body := a.scrape(t, "127.0.0.1:1")
	if !strings.Contains(body, "\nfrist_next_deadline_seconds 255600\n") || !strings.Contains(body, `frist_incidents{status="reported"} `) {
		t.Errorf("got %s", body)
	}
}
