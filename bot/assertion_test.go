package bot

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// selfSigned makes a certificate that is valid for so long.
func selfSigned(t *testing.T, key crypto.Signer, life time.Duration) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "frist"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(life)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))(t)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: must(x509.ParseCertificate(der))(t)}
}

func rsaCertificate(t *testing.T, life time.Duration) tls.Certificate {
	t.Helper()
	return selfSigned(t, must(rsa.GenerateKey(rand.Reader, 2048))(t), life)
}

// With a certificate the bot shows an assertion, which the token endpoint verifies; a renewed certificate counts at the next renewal.
func TestSignInWithCertificate(t *testing.T) {
	var mu sync.Mutex
	var pair tls.Certificate
	put := func(p tls.Certificate) {
		mu.Lock()
		defer mu.Unlock()
		pair = p
	}
	w := newWorld(t, func(c *Config) {
		c.Secret, c.Certificate = nil, func() (tls.Certificate, error) {
			mu.Lock()
			defer mu.Unlock()
			if len(pair.Certificate) == 0 {
				return pair, errors.New("no such file")
			}
			return pair, nil
		}
	})
	send := func() error {
		_, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", ""))
		return err
	}
	if err := send(); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("without a file: %v", err)
	}
	first := rsaCertificate(t, time.Hour)
	put(first)
	var e *Error
	if err := send(); !errors.As(err, &e) || e.Status != 401 || e.Code != "invalid_client" || e.Permanent {
		t.Errorf("a certificate that was not uploaded: %v", err)
	}
	w.identity.Trust(first.Leaf)
	for range 3 {
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	if f := w.identity.Fetches(); f.Tokens != 2 {
		t.Errorf("%d token requests, want the refused one and one more", f.Tokens)
	}
	second := rsaCertificate(t, time.Hour)
	stolen := first
	stolen.PrivateKey = second.PrivateKey
	put(stolen) // names the certificate that is trusted, signed with another key
	w.identity.Revoke()
	if err := send(); !errors.As(err, &e) || e.Code != "invalid_client" {
		t.Errorf("another's key: %v", err)
	}
	w.identity.Trust(second.Leaf)
	put(second)
	for range 2 {
		w.identity.Revoke()
		if err := send(); err != nil { // each with an assertion of its own: the endpoint takes none twice
			t.Error(err)
		}
	}
}

func TestUnusableCertificate(t *testing.T) {
	elliptical := selfSigned(t, must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), time.Hour)
	for name, c := range map[string]struct {
		pair tls.Certificate
		want string
	}{
		"ended":    {rsaCertificate(t, -time.Hour), "ended on"},
		"elliptic": {elliptical, "no RSA key"},
		"empty":    {tls.Certificate{PrivateKey: rsaCertificate(t, time.Hour).PrivateKey}, "is empty"},
	} {
		if _, err := assertion(c.pair, testApp, "https://login.example/token", time.Now()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token that nears its end is renewed before it has ended, and serves on while that fails.
func TestTokenServesWhileRenewalFails(t *testing.T) {
	w := newWorld(t, nil)
	send := func() error {
		_, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", ""))
		return err
	}
	w.identity.TokenLifetime(tokenMargin - time.Second)
	if err := send(); err != nil {
		t.Fatal(err)
	}
	w.identity.FailTokens(503)
	for range 5 {
		if err := send(); err != nil {
			t.Error(err)
		}
	}
	if f := w.identity.Fetches(); f.Tokens != 2 {
		t.Errorf("%d token requests; a renewal that failed is not tried again at once", f.Tokens)
	}
	w.identity.FailTokens(0)
	w.identity.TokenLifetime(tokenLast - time.Second)
	w.identity.Revoke()
	if err := send(); err != nil {
		t.Fatal(err)
	}
	w.identity.FailTokens(503)
	if err := send(); err == nil {
		t.Error("a token that ends within seconds was used")
	}
}

func TestOneTokenRequestAtATime(t *testing.T) {
	w := newWorld(t, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", "")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f := w.identity.Fetches(); f.Tokens != 1 {
		t.Errorf("%d token requests for 50 messages at once", f.Tokens)
	}
}

// The assertion is what Entra's document describes, to the letter, checked here without the library that made it.
func TestAssertion(t *testing.T) {
	pair := rsaCertificate(t, time.Hour)
	const endpoint = "https://login.microsoftonline.com/" + testTenant + "/oauth2/v2.0/token"
	now := time.Now()
	token := must(assertion(pair, testApp, endpoint, now))(t)
	parts := strings.Split(token, ".")
	part := func(i int) []byte { return must(base64.RawURLEncoding.DecodeString(parts[i]))(t) }
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	public := &pair.PrivateKey.(*rsa.PrivateKey).PublicKey
	if err := rsa.VerifyPSS(public, crypto.SHA256, digest[:], part(2), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}); err != nil {
		t.Error(err)
	}
	thumbprint := sha256.Sum256(pair.Certificate[0])
	var header, claims map[string]any
	if err := errors.Join(json.Unmarshal(part(0), &header), json.Unmarshal(part(1), &claims)); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])}
	if d := cmp.Diff(want, header); d != "" {
		t.Error(d)
	}
	id, _ := claims["jti"].(string)
	if len(id) != 36 || strings.Contains(must(assertion(pair, testApp, endpoint, now))(t), parts[1]) {
		t.Errorf("the id %q is not new each time", id)
	}
	at := float64(now.Unix())
	want = map[string]any{"iss": testApp, "sub": testApp, "aud": endpoint, "jti": id, "iat": at, "nbf": at, "exp": at + 300}
	if d := cmp.Diff(want, claims); d != "" {
		t.Error(d)
	}
}
