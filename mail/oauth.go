package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

// OAuth says how access tokens for the mail servers are had (OAuth 2.0, RFC 6749).
type OAuth struct {
	TokenURL     string                 // the token endpoint
	ClientID     string                 //
	ClientSecret func() (string, error) // asked at each fetch; nil: a public client
	RefreshToken func() (string, error) // asked at each fetch; nil: client credentials (section 4.4), not refreshing (section 6)
	Kept         Keeper                 // where a renewed refresh token is kept; nil: it is lost with the process
	Scopes       []string
	RootCAs      *x509.CertPool // nil: the system's
	Log          *slog.Logger
}

// Keeper keeps a secret, sealed, across restarts.
type Keeper interface {
	Kept(ctx context.Context, name string) (string, error) // "" if nothing is kept
	Keep(ctx context.Context, name, value string) error
}

const (
	tokenTimeout = 20 * time.Second
	// tokenMargin is how long before its end a token is renewed; of one that lives for less than ten minutes, half its life.
	tokenMargin = 5 * time.Minute
	// tokenLife is how long a token is used whose end the server does not tell.
	tokenLife = 10 * time.Minute
	// tokenForced is how often a refused login may force a renewal: a mailbox that refuses every token must not become a storm at the token endpoint.
	tokenForced = 5 * time.Minute
	// keptName is what the newest refresh token is kept as.
	keptName = "mail.oauth.refresh_token"
)

// Tokens fetches access tokens, one request at a time, and reuses each until shortly before its end. After a failure it waits, longer
// each time, and meanwhile gives the last token if that has not ended, or else the same error. It is safe for concurrent use; the
// mailbox and the sender share one.
type Tokens struct {
	cfg    OAuth
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	current token
	forced  time.Time // when a refusal last led to a renewal
	failed  error     // of the last fetch
	retry   time.Time // no fetch before it
	pause   backoff.ExponentialBackOff
	refresh string // the newest refresh token, as kept, where it could not be kept
}

type token struct {
	value      string
	renew, end time.Time
}

// NewTokens returns the tokens of cfg; nothing is fetched before the first call.
func NewTokens(cfg OAuth) *Tokens {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12}
	client := &http.Client{Transport: transport, Timeout: tokenTimeout, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		// The request carries the client's secret.
		if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
			return fmt.Errorf("it points to another server, %q", req.URL.Host)
		}
		if len(via) > 3 {
			return errors.New("it points around in a circle")
		}
		return nil
	}}
	return &Tokens{cfg: cfg, client: client, now: time.Now, pause: backoff.ExponentialBackOff{InitialInterval: time.Second,
		MaxInterval: 2 * time.Minute, Multiplier: 2, RandomizationFactor: 0.3}}
}

// Token returns a token that holds for some minutes yet. The error is a *TokenError, or that ctx has ended.
func (s *Tokens) Token(ctx context.Context) (string, error) {
	t, err := s.get(ctx)
	return t.value, err
}

// Check fetches a token if there is none, and tells until when it holds.
func (s *Tokens) Check(ctx context.Context) (end time.Time, err error) {
	t, err := s.get(ctx)
	return t.end, err
}

// Refused tells that a server did not take the token, and reports whether another may be had at once.
func (s *Tokens) Refused(value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.value != value {
		return true // it has been replaced meanwhile
	}
	if now := s.now(); s.forced.IsZero() || now.Sub(s.forced) >= tokenForced {
		s.forced, s.current = now, token{}
		return true
	}
	return false
}

func (s *Tokens) get(ctx context.Context) (token, error) {
	if t, ok := s.fresh(); ok {
		return t, nil
	}
	done := s.flight.DoChan("", func() (any, error) { return s.renewed(context.WithoutCancel(ctx)) })
	select {
	case r := <-done:
		if r.Err != nil {
			return token{}, r.Err
		}
		return r.Val.(token), nil
	case <-ctx.Done():
		return token{}, fmt.Errorf("fetch token: %w", ctx.Err())
	}
}

func (s *Tokens) fresh() (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.current.value != "" && s.now().Before(s.current.renew)
}

// renewed fetches a token, unless it is not time yet after a failure. It runs once at a time.
func (s *Tokens) renewed(ctx context.Context) (token, error) {
	if t, ok := s.fresh(); ok {
		return t, nil
	}
	s.mu.Lock()
	err, wait := s.failed, s.now().Before(s.retry)
	s.mu.Unlock()
	var t token
	if !wait {
		t, err = s.fetch(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.current, s.failed, s.retry = t, nil, time.Time{}
		s.pause.Reset()
		return t, nil
	}
	if !wait {
		pause := s.pause.NextBackOff()
		if te := (*TokenError)(nil); errors.As(err, &te) {
			pause = max(pause, te.RetryAfter)
		}
		s.failed, s.retry = err, s.now().Add(pause)
		s.cfg.Log.Warn("a token for the mail server could not be fetched", "again_after", pause, "error", err)
	}
	if s.current.value != "" && s.now().Before(s.current.end) {
		return s.current, nil // shortly before its end, but it holds
	}
	return token{}, err
}

// fetch asks for a token. A refresh token that another replica has replaced meanwhile is tried once more in its new form.
func (s *Tokens) fetch(ctx context.Context) (token, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, s.client), tokenTimeout)
	defer cancel()
	if s.cfg.RefreshToken == nil {
		t, err := s.request(ctx, "")
		return s.dated(t), err
	}
	tried := ""
	for {
		origin, newest, err := s.refreshToken(ctx)
		if err != nil {
			return token{}, &TokenError{Err: err}
		}
		t, err := s.request(ctx, newest)
		if te := (*TokenError)(nil); errors.As(err, &te) && te.Code == "invalid_grant" && tried == "" {
			if _, now, again := s.refreshToken(ctx); again == nil && now != newest {
				tried = newest
				continue
			}
		}
		if err == nil && t.RefreshToken != "" && t.RefreshToken != newest {
			s.keep(ctx, keptToken{Of: origin, Token: t.RefreshToken})
		}
		return s.dated(t), err
	}
}

// request does the one request of either flow. The library's client for client credentials documents that the grant may be another;
// unlike its client for refresh tokens it sends the scopes, which choose among what a token of Microsoft's is good for.
func (s *Tokens) request(ctx context.Context, refresh string) (*oauth2.Token, error) {
	c := clientcredentials.Config{ClientID: s.cfg.ClientID, TokenURL: s.cfg.TokenURL, Scopes: s.cfg.Scopes, AuthStyle: oauth2.AuthStyleInParams}
	if s.cfg.ClientSecret != nil {
		var err error
		if c.ClientSecret, err = s.cfg.ClientSecret(); err != nil {
			return nil, &TokenError{Err: fmt.Errorf("read the client's secret: %w", err)}
		}
	}
	if refresh != "" {
		c.EndpointParams = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	}
	t, err := c.Token(ctx)
	if err != nil {
		return nil, newTokenError(err, s.now(), c.ClientSecret, refresh)
	}
	// It is put into a SASL message between control characters.
	if strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &TokenError{Err: errors.New("the token holds what no token may (RFC 6750 section 2.1)")}
	}
	return t, nil
}

// dated tells when a token that has just come is renewed and when it ends.
func (s *Tokens) dated(t *oauth2.Token) token {
	if t == nil {
		return token{}
	}
	now, life := s.now(), tokenLife
	if !t.Expiry.IsZero() {
		life = time.Until(t.Expiry)
	}
	return token{value: t.AccessToken, renew: now.Add(life - min(tokenMargin, life/2)), end: now.Add(life)}
}

// keptToken is the newest refresh token, and of which one in the settings it is the heir.
type keptToken struct {
	Of    string `json:"of"` // SHA-256, hex
	Token string `json:"token"`
}

// refreshToken returns the newest refresh token: the one in the settings, or what the server has replaced it with since.
func (s *Tokens) refreshToken(ctx context.Context) (origin, newest string, err error) {
	set, err := s.cfg.RefreshToken()
	if err != nil {
		return "", "", fmt.Errorf("read the refresh token: %w", err)
	}
	sum := sha256.Sum256([]byte(set))
	origin = hex.EncodeToString(sum[:])
	s.mu.Lock()
	kept := s.refresh
	s.mu.Unlock()
	if kept == "" && s.cfg.Kept != nil {
		if kept, err = s.cfg.Kept.Kept(ctx, keptName); err != nil {
			return "", "", err
		}
	}
	var k keptToken
	if json.Unmarshal([]byte(kept), &k) == nil && k.Of == origin && k.Token != "" {
		return origin, k.Token, nil
	}
	return origin, set, nil
}

// keep keeps a refresh token that the server has replaced the last one with; that one may have ended by this.
func (s *Tokens) keep(ctx context.Context, k keptToken) {
	data, err := json.Marshal(k)
	if err == nil && s.cfg.Kept != nil {
		err = s.cfg.Kept.Keep(ctx, keptName, string(data))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh = ""
	if err != nil || s.cfg.Kept == nil {
		s.refresh = string(data)
		s.cfg.Log.Error("the refresh token was renewed but could not be kept; after a restart somebody may have to sign in again", "error", err)
	}
}
