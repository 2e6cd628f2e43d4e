package bot

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"frist/bot/bottest"
)

// A token that has been seen is not believed longer than a new one would be.
func TestRememberedTokenEnds(t *testing.T) {
	identity, v := testValidator(t)
	now := time.Now()
	v.now = func() time.Time { return now }
	claims := identity.Claims(service)
	claims["exp"] = now.Add(time.Minute).Unix()
	good := "Bearer " + must(identity.Sign(claims))(t)
	for _, after := range []time.Duration{0, time.Minute, 5 * time.Minute} {
		now = time.Now().Add(after)
		if err := v.check(t, good); err != nil {
			t.Errorf("after %s: %v", after, err)
		}
	}
	now = time.Now().Add(time.Minute + clockSkew + time.Second)
	for range 2 {
		if err := v.check(t, good); err == nil {
			t.Error("it counts after its end")
		}
	}
}

// When the keys are fetched anew, and another key has the id that the first had, the first's tokens are worth nothing.
func TestRememberedTokenEndsWithItsKey(t *testing.T) {
	identity, v := testValidator(t)
	good := "Bearer " + must(identity.Token(service))(t)
	for range 2 {
		if err := v.check(t, good); err != nil {
			t.Fatal(err)
		}
	}
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	v.keys.mu.Lock()
	v.keys.keys = map[string]signingKey{identity.Key().ID: {public: &stranger.PublicKey}}
	v.keys.mu.Unlock()
	if err := v.check(t, good); err == nil {
		t.Error("it counts although its key has been replaced")
	}
	v.keys.mu.Lock()
	v.keys.keys = map[string]signingKey{"another": {public: &stranger.PublicKey}}
	v.keys.mu.Unlock()
	v.keys.unknown = time.Now()
	if err := v.check(t, good); !errors.Is(err, errUnknownKey) {
		t.Errorf("with its key withdrawn: %v", err)
	}
}

func benchToken(b *testing.B) (*bottest.Identity, *Validator, string) {
	b.Helper()
	identity, err := bottest.NewIdentity(testApp, "hemligt")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = identity.Close() })
	v, err := newValidator(testApp, bottest.Issuer, []string{testTenant}, &keySet{client: http.DefaultClient, metadataURL: identity.MetadataURL(),
		issuer: bottest.Issuer, development: true, now: time.Now, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	token, err := identity.Token(service)
	if err != nil {
		b.Fatal(err)
	}
	return identity, v, "Bearer " + token
}

// benchConfig is of a bot that asks for such tokens, and bounds nobody.
func benchConfig(identity *bottest.Identity) Config {
	return Config{AppID: testApp, Secret: func() (string, error) { return "x", nil }, TenantID: testTenant, Development: true, Listen: "127.0.0.1:0",
		MetadataURL: identity.MetadataURL(), TokenURL: identity.TokenURL(testTenant), PersonPerMinute: 1e9, TenantPerMinute: 1e9}
}

func BenchmarkToken(b *testing.B) {
	_, v, header := benchToken(b)
	for name, forget := range map[string]bool{"seen": false, "new": true} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if forget {
					v.seen.Purge()
				}
				if _, err := v.AuthenticateRequest(b.Context(), fromTeams, header, nil, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkActivity is all that is done with an activity before the Receiver has it, and with one that is refused.
func BenchmarkActivity(b *testing.B) {
	identity, _, header := benchToken(b)
	bot, err := New(benchConfig(identity), &forgetful{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"type": "message", "id": "1", "channelId": "msteams", "serviceUrl": service, "text": "Jag har skickat fel mejl",
		"from": map[string]any{"id": karin.ID}, "conversation": map[string]any{"id": "a:1", "conversationType": "personal", "tenantId": testTenant}})
	if err != nil {
		b.Fatal(err)
	}
	for name, authorization := range map[string]string{"good": header, "no token": "", "forged": header[:len(header)-4] + "AAAA"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if status := served(b, bot, body, authorization); (status == http.StatusOK) != (name == "good") {
					b.Fatal(status)
				}
			}
		})
	}
}

type forgetful struct{ Receiver }

func (forgetful) Message(context.Context, *Activity) error { return nil }
