package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Error is a call to the connector or to the token endpoint that failed. It holds no address and nothing that was to be sent.
type Error struct {
	Op         string        // "send activity", "fetch token", …
	Status     int           // HTTP status; 0 when there was no answer
	Code       string        // the service's error code, such as BotNotInConversationRoster
	Message    string        // the service's own words, shortened
	RetryAfter time.Duration // how long the service asks to be left alone; 0 when it does not say
	Permanent  bool          // the same call will never succeed
	Blocked    bool          // 403: the person has blocked or removed the bot, or the tenant forbids it; Permanent too
	Err        error         // the cause, when there was no answer
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// responseError reads a refusal: {"error":{"code":…,"message":…}}, or anything else, since gateways answer in HTML.
func responseError(op string, resp *http.Response, body []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header, time.Now())}
	var refusal struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(body, &refusal) == nil {
		e.Code, e.Message = short(refusal.Error.Code), short(refusal.Error.Message)
	}
	e.Blocked = e.Status == http.StatusForbidden
	switch e.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusPreconditionFailed, http.StatusTooManyRequests:
		// 401 is mended by a setting; Teams asks for a retry of 412 as of 429
		// (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit).
	default:
		e.Permanent = e.Status >= 300 && e.Status < 500
	}
	return e
}

const maxRetryAfter = time.Hour

// retryAfter reads the Retry-After header, seconds or a date (RFC 9110 section 10.2.3), cut to an hour.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// withoutURL drops the address from a net/http error, because it names the person and the conversation.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

const maxMessage = 200

// short makes a service's text fit for one line of a log.
func short(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}
