package bot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

const (
	// tokenMargin is how long before its expiry a token is renewed. Entra's live an hour or more.
	tokenMargin = 5 * time.Minute
	// tokenLast is how long before its expiry it is used no longer, whatever becomes of the renewal: a call takes time.
	tokenLast = callTimeout + 10*time.Second
	// renewRetry is how long after a renewal that failed the next one is tried, while the old token serves.
	renewRetry   = 15 * time.Second
	tokenTimeout = 15 * time.Second
)

// tokenSource keeps the bot's access token (OAuth 2.0 client credentials, RFC 6749 section 4.4). Secret or certificate is asked for at
// every fetch, so that a renewed one is taken up without a restart.
type tokenSource struct {
	client      *http.Client
	appID       string
	secret      func() (string, error)          // nil: with the certificate
	certificate func() (tls.Certificate, error) // nil: with the secret
	tokenURL    string
	scope       string

	flight singleflight.Group

	mu     sync.Mutex
	token  *oauth2.Token
	failed time.Time // when the last renewal failed
}

// get gives a token that has not ended. Callers at the same time share one fetch, which outlives whoever began it.
func (s *tokenSource) get(ctx context.Context) (*oauth2.Token, error) {
	if t := s.cached(); t != nil {
		return t, nil
	}
	done := s.flight.DoChan("", func() (any, error) {
		if t := s.cached(); t != nil {
			return t, nil
		}
		t, err := s.fetch(context.WithoutCancel(ctx))
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			s.token, s.failed = t, time.Time{}
			return t, nil
		}
		if s.token != nil && time.Until(s.token.Expiry) > tokenLast {
			s.failed = time.Now()
			return s.token, nil
		}
		return nil, err
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*oauth2.Token), nil
	case <-ctx.Done():
		return nil, &Error{Op: "fetch token", Err: ctx.Err()}
	}
}

func (s *tokenSource) cached() *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == nil || s.token.Expiry.IsZero() {
		return nil
	}
	left := time.Until(s.token.Expiry)
	if left >= tokenMargin || left > tokenLast && time.Since(s.failed) < renewRetry {
		return s.token
	}
	return nil
}

// drop forgets a token that the connector refused, unless it has been replaced meanwhile.
func (s *tokenSource) drop(t *oauth2.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == t {
		s.token = nil
	}
}

func (s *tokenSource) fetch(ctx context.Context) (*oauth2.Token, error) {
	config := clientcredentials.Config{
		ClientID: s.appID, TokenURL: s.tokenURL, Scopes: []string{s.scope}, AuthStyle: oauth2.AuthStyleInParams,
	}
	if err := s.identify(&config); err != nil {
		return nil, &Error{Op: "fetch token", Err: err}
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, s.client), tokenTimeout)
	defer cancel()
	token, err := config.Token(ctx)
	if err != nil {
		return nil, tokenError(err)
	}
	return token, nil
}

// identify adds what shows that the bot is the app: its secret, or an assertion signed with its certificate.
func (s *tokenSource) identify(config *clientcredentials.Config) (err error) {
	if s.certificate == nil {
		if config.ClientSecret, err = s.secret(); err != nil {
			return fmt.Errorf("read the app's secret: %w", err)
		}
		return nil
	}
	pair, err := s.certificate()
	if err != nil {
		return fmt.Errorf("read the app's certificate: %w", err)
	}
	signed, err := assertion(pair, s.appID, s.tokenURL, time.Now())
	if err != nil {
		return err
	}
	config.EndpointParams = url.Values{"client_assertion_type": {assertionType}, "client_assertion": {signed}}
	return nil
}

// tokenError keeps status and cause of a refusal. It is never permanent: the message can go as soon as the setting is mended.
func tokenError(err error) *Error {
	e := &Error{Op: "fetch token", Err: withoutURL(err)}
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		e.Code, e.Message, e.Err = refused.ErrorCode, short(refused.ErrorDescription), nil
		if refused.Response != nil {
			e.Status = refused.Response.StatusCode
			e.RetryAfter = retryAfter(refused.Response.Header, time.Now())
		}
	}
	return e
}
