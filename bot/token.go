package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

const (
	connectorScope = "https://api.botframework.com/.default"
	// tokenMargin is how long before its expiry a token is no longer used. Entra's live an hour or more.
	tokenMargin  = 5 * time.Minute
	tokenTimeout = 15 * time.Second
)

// tokenSource keeps the bot's access token (OAuth 2.0 client credentials, RFC 6749 section 4.4). The secret is asked for at every
// fetch, so that a renewed one is taken up without a restart.
type tokenSource struct {
	client   *http.Client
	appID    string
	secret   func() (string, error)
	tokenURL string

	flight singleflight.Group

	mu    sync.Mutex
	token *oauth2.Token
}

func (s *tokenSource) get(ctx context.Context) (*oauth2.Token, error) {
	if t := s.cached(); t != nil {
		return t, nil
	}
	done := s.flight.DoChan("", func() (any, error) {
		if t := s.cached(); t != nil {
			return t, nil
		}
		t, err := s.fetch(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.token = t
		return t, nil
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
	if s.token == nil || s.token.Expiry.IsZero() || time.Until(s.token.Expiry) < tokenMargin {
		return nil
	}
	return s.token
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
	secret, err := s.secret()
	if err != nil {
		return nil, &Error{Op: "fetch token", Err: fmt.Errorf("read the app's secret: %w", err)}
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, s.client), tokenTimeout)
	defer cancel()
	config := clientcredentials.Config{
		ClientID: s.appID, ClientSecret: secret, TokenURL: s.tokenURL,
		Scopes: []string{connectorScope}, AuthStyle: oauth2.AuthStyleInParams,
	}
	token, err := config.Token(ctx)
	if err != nil {
		return nil, tokenError(err)
	}
	return token, nil
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
