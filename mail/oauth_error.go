package mail

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// ErrTokenRefused is why a login failed: the mail server did not take a token that the token endpoint had issued.
var ErrTokenRefused = errors.New("the server refuses the token")

// TokenError is why no token was issued. It holds neither token nor secret.
type TokenError struct {
	Status     int    // of HTTP; 0 if there was no answer
	Code       string // RFC 6749 section 5.2; "" if the answer had none
	Message    string // the server's own words, shortened, mail addresses taken out
	RetryAfter time.Duration
	Err        error // the cause where there was no answer
	Again      bool  // somebody must sign in again: the refresh token is not taken any more
}

// Error tells also what to do where the code says it.
func (e *TokenError) Error() string {
	s := "fetch token"
	if e.Status != 0 {
		s += fmt.Sprintf(": status %d", e.Status)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			s += ": " + part
		}
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Again {
		s += "; sign in again as the mailbox and set the new refresh token"
	}
	return s
}

func (e *TokenError) Unwrap() error { return e.Err }

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = 10 * time.Minute

// newTokenError keeps of an answer what is fit for a log. secret and refresh were sent.
func newTokenError(err error, now time.Time, secret, refresh string) *TokenError {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		if u := (*url.Error)(nil); errors.As(err, &u) {
			host := ""
			if parsed, perr := url.Parse(u.URL); perr == nil {
				host = parsed.Host
			}
			err = fmt.Errorf("ask %s: %w", host, u.Err)
		}
		return &TokenError{Err: err}
	}
	secrets := []string{secret, refresh}
	e := &TokenError{Code: plainWords(refused.ErrorCode, 60, secrets), Message: plainWords(refused.ErrorDescription, 300, secrets)}
	e.Again = e.Code == "invalid_grant" && refresh != ""
	if r := refused.Response; r != nil {
		e.Status, e.RetryAfter = r.StatusCode, retryAfter(r.Header, now)
	}
	return e
}

// retryAfter reads RFC 9110 section 10.2.3.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	wait := time.Duration(0)
	if n, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(max(n, 0), 1<<20)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// entraIDs are what Entra ends its messages with: numbers of the request, for its makers.
var entraIDs = pattern(` *Trace ID:.*$`)

// plainWords is a server's text on one line, without secrets, addresses or anything that looks like a token.
func plainWords(s string, limit int, secrets []string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s = entraIDs().ReplaceAllString(s, "")
	for _, secret := range secrets {
		if len(secret) >= 4 {
			s = strings.ReplaceAll(s, secret, "[secret]")
		}
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		if len(w) > 100 || strings.HasPrefix(w, "eyJ") {
			words[i] = "…"
		}
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, hideAddresses(strings.Join(words, " ")))
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return s
}
