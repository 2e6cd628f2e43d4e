package bot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
)

func TestTokenIsRenewed(t *testing.T) {
	w := newWorld(t, nil)
	c, ctx := w.bot.Connector(), testContext(t)
	send := func(tokens int) {
		t.Helper()
		must(c.Send(ctx, w.reference(), TextMessage("x", "")))(t)
		if f := w.identity.Fetches(); f.Tokens != tokens {
			t.Errorf("%d token fetches, want %d", f.Tokens, tokens)
		}
	}
	send(1)
	send(1)
	w.identity.Revoke()
	send(2) // refused, renewed, sent
	w.identity.TokenLifetime(tokenMargin - time.Second)
	w.identity.Revoke()
	send(3)
	send(4) // too near its expiry to keep
}

func TestTokenRefused(t *testing.T) {
	secret := "fel"
	w := newWorld(t, func(c *Config) { c.Secret = func() (string, error) { return secret, nil } })
	send := func() error {
		_, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", ""))
		return err
	}
	var e *Error
	if err := send(); !errors.As(err, &e) || e.Status != 401 || e.Code != "invalid_client" || e.Permanent || strings.Contains(err.Error(), secret) {
		t.Errorf("wrong secret: %v", err)
	}
	secret = "hemligt" // renewed while the program runs
	if err := send(); err != nil {
		t.Error(err)
	}
	w.identity.Revoke()
	w.identity.FailTokens(503)
	if err := send(); !errors.As(err, &e) || e.Status != 503 || e.Permanent {
		t.Errorf("token endpoint down: %v", err)
	}
}

func TestTokenIsRefusedForGood(t *testing.T) {
	w := newWorld(t, nil)
	w.connector.FailNext(10, bottest.Failure{Status: 401})
	_, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", ""))
	var e *Error
	if !errors.As(err, &e) || e.Status != 401 || e.Permanent {
		t.Error(err)
	}
	if n := w.connector.Last(); n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
}
