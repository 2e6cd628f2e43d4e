package mail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/mail/mailtest"
)

const (
	oauthClient = "frist-client"
	oauthSecret = "klienthemlighet-1"
)

// provider is a running identity provider whose tokens open the bot's mailbox.
func provider(t *testing.T, change func(*mailtest.IdentityOptions)) *mailtest.Identity {
	t.Helper()
	opt := mailtest.IdentityOptions{ClientID: oauthClient, ClientSecret: oauthSecret, Mailbox: bot}
	if change != nil {
		change(&opt)
	}
	i, err := mailtest.NewIdentity(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func oauthConfig(i *mailtest.Identity) OAuth {
	return OAuth{TokenURL: i.TokenURL(), ClientID: oauthClient, ClientSecret: password(oauthSecret), Scopes: []string{"mail"}, Log: slog.New(slog.DiscardHandler)}
}

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// clocked returns tokens and the clock that they go by.
func clocked(cfg OAuth) (*Tokens, *hand) {
	s, h := NewTokens(cfg), &hand{at: time.Now()}
	s.now = h.now
	return s, h
}

func mustToken(t *testing.T, s *Tokens) string {
	t.Helper()
	v, err := s.Token(t.Context())
	if err != nil || v == "" {
		t.Fatalf("got token %q, %v", v, err)
	}
	return v
}

func TestTokensAreReusedAndRenewedEarly(t *testing.T) {
	i := provider(t, nil)
	s, clock := clocked(oauthConfig(i))
	first := mustToken(t, s)
	clock.move(54 * time.Minute)
	if again := mustToken(t, s); again != first {
		t.Error("a token with six minutes left was not reused")
	}
	clock.move(time.Minute + time.Second)
	if next := mustToken(t, s); next == first {
		t.Error("a token with less than five minutes left was reused")
	}
	// One that lives for a minute is renewed at half its life: with the usual margin no login could reuse it.
	i.Change(func(o *mailtest.IdentityOptions) { o.Life = time.Minute })
	clock.move(time.Hour)
	short := mustToken(t, s)
	clock.move(28 * time.Second)
	if mustToken(t, s) != short {
		t.Error("a short token was not reused in its first half")
	}
	clock.move(5 * time.Second)
	if mustToken(t, s) == short {
		t.Error("a short token was reused in its second half")
	}
	for _, g := range i.Requests() {
		if g != "client_credentials" {
			t.Errorf("grant %s", g)
		}
	}
}

func TestTokensAreFetchedOnce(t *testing.T) {
	i := provider(t, nil)
	s := NewTokens(oauthConfig(i))
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { mustToken(t, s) })
	}
	wg.Wait()
	if n := len(i.Requests()); n != 1 {
		t.Errorf("%d requests for 40 logins at once", n)
	}
}

func TestTokenEndpointDown(t *testing.T) {
	i := provider(t, nil)
	s, clock := clocked(oauthConfig(i))
	first := mustToken(t, s)
	i.Down(true)
	clock.move(57 * time.Minute)
	if got := mustToken(t, s); got != first {
		t.Error("the old token holds for three minutes yet, and is to be used while no new one can be had")
	}
	clock.move(4 * time.Minute)
	before := len(i.Requests())
	for range 100 {
		_, err := s.Token(t.Context())
		var te *TokenError
		if !errors.As(err, &te) || te.Status != http.StatusServiceUnavailable || strings.Contains(err.Error(), "maintenance") {
			t.Fatalf("got %v", err)
		}
	}
	if n := len(i.Requests()) - before; n > 1 {
		t.Errorf("100 logins asked the broken endpoint %d times", n)
	}
	i.Down(false)
	clock.move(3 * time.Minute) // the pause has its longest after some tries
	if mustToken(t, s) == first {
		t.Error("the old token came back")
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	i := provider(t, nil)
	s, clock := clocked(oauthConfig(i))
	first := mustToken(t, s)
	if !s.Refused(first) {
		t.Fatal("a refused token was not given up")
	}
	second := mustToken(t, s)
	if second == first || !s.Refused(first) {
		t.Error("the refusal of a token that is gone says nothing of the new one")
	}
	if s.Refused(second) || mustToken(t, s) != second {
		t.Error("a second refusal at once led to a third token")
	}
	clock.move(6 * time.Minute)
	if !s.Refused(second) {
		t.Error("after some minutes a refusal counts again")
	}
}

// memory is a Keeper.
type memory struct {
	mu     sync.Mutex
	values map[string]string
	broken bool
}

func (m *memory) Kept(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[name], nil
}

func (m *memory) Keep(_ context.Context, name, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errors.New("disk full")
	}
	m.values[name] = value
	return nil
}

func TestRefreshTokenIsReplaced(t *testing.T) {
	i := provider(t, func(o *mailtest.IdentityOptions) { o.RefreshToken, o.Rotate, o.ClientSecret = "refresh-0", true, "" })
	kept := &memory{values: map[string]string{}}
	cfg := oauthConfig(i)
	cfg.ClientSecret, cfg.RefreshToken, cfg.Kept = nil, password("refresh-0"), kept
	s, clock := clocked(cfg)
	mustToken(t, s)
	clock.move(time.Hour)
	mustToken(t, s)
	// After a restart only the kept one is good; so it is beside another replica.
	other, _ := clocked(cfg)
	mustToken(t, other)
	clock.move(time.Hour)
	mustToken(t, s)
	// Somebody has signed in again: what stands in the settings counts, not what came of the one before.
	again := provider(t, func(o *mailtest.IdentityOptions) { o.RefreshToken, o.Rotate, o.ClientSecret = "refresh-new", true, "" })
	cfg.TokenURL, cfg.RefreshToken = again.TokenURL(), password("refresh-new")
	mustToken(t, NewTokens(cfg))
	// What cannot be kept is at least not lost at once.
	kept.broken = true
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	s, clock = clocked(cfg)
	mustToken(t, s)
	clock.move(time.Hour)
	mustToken(t, s)
	if !strings.Contains(log.String(), "could not be kept") || strings.Contains(log.String(), again.Refreshed()) || strings.Contains(log.String(), "refresh-") {
		t.Errorf("logged %s", log.String())
	}
}

func TestTokenErrors(t *testing.T) {
	long := strings.Repeat("x", 500)
	for _, tc := range []struct {
		name, code, description string
		want                    string
	}{
		{"secret", "invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1-2 Correlation ID: 3", "fetch token: status 400: invalid_client: AADSTS7000215: Invalid client secret provided."},
		{"echo", "invalid_request", "you sent " + oauthSecret + " and eyJhbGciOi.x.y for anna@kommun.example\r\nand\x1b[2J " + long, "fetch token: status 400: invalid_request: you sent [secret] and … for … and[2J …"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := provider(t, nil)
			i.Refuse(tc.code, tc.description)
			if _, err := NewTokens(oauthConfig(i)).Token(t.Context()); err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %v", err, tc.want)
			}
		})
	}
	i := provider(t, nil)
	cfg := oauthConfig(i)
	cfg.RefreshToken = password("refresh-old")
	if _, err := NewTokens(cfg).Token(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "; sign in again as the mailbox and set the new refresh token") {
		t.Errorf("an old refresh token: %v", err)
	}
	i.Close()
	if _, err := NewTokens(cfg).Token(t.Context()); err == nil || !strings.Contains(err.Error(), "fetch token: ask "+i.Addr+": dial tcp") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestTokenEndpointsOddAnswers(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the client's secret went to another server") }))
	defer stranger.Close()
	for name, tc := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   string
	}{
		"points elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stranger.URL, http.StatusTemporaryRedirect)
		}, "it points to another server"},
		"points at itself": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusTemporaryRedirect) }, "in a circle"},
		"html":             {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>sign in to the proxy")) }, "cannot parse"},
		"no token":         {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"token_type":"Bearer"}`)) }, "missing access_token"},
		"odd token": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"access_token":"a\u0001b"}`))
		}, "holds what no token may"},
		"ask later": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999999999")
			http.Error(w, "", http.StatusTooManyRequests)
		}, "status 429"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(tc.answer))
			defer s.Close()
			_, err := NewTokens(OAuth{TokenURL: s.URL, Log: slog.New(slog.DiscardHandler)}).Token(t.Context())
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\x01") {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
