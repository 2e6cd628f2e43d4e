package bot

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frist/bot/bottest"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

const service = "https://smba.trafficmanager.net/emea/"

var fromTeams = schema.Activity{ServiceURL: service, ChannelID: "msteams"}

func testValidator(t *testing.T) (*bottest.Identity, *Validator) {
	t.Helper()
	identity := must(bottest.NewIdentity(testApp, "hemligt"))(t)
	t.Cleanup(func() { _ = identity.Close() })
	return identity, validatorAt(t, identity.MetadataURL())
}

func validatorAt(t *testing.T, metadataURL string) *Validator {
	t.Helper()
	return must(newValidator(testApp, bottest.Issuer, []string{testTenant}, &keySet{
		client: http.DefaultClient, metadataURL: metadataURL, issuer: bottest.Issuer, development: true, now: time.Now, log: slog.New(slog.DiscardHandler),
	}))(t)
}

func (v *Validator) check(t *testing.T, header string) error {
	t.Helper()
	id, err := v.AuthenticateRequest(testContext(t), fromTeams, header, nil, "")
	if (id == nil) == (err == nil) {
		t.Fatalf("identity %v with error %v", id, err)
	}
	return err
}

func TestTokens(t *testing.T) {
	identity, v := testValidator(t)
	key := identity.Key()
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	with := func(name string, value any) string {
		claims := identity.Claims(service)
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return "Bearer " + must(identity.Sign(claims))(t)
	}
	now := time.Now()
	good := with("serviceurl", service)
	public := must(x509.MarshalPKIXPublicKey(&key.Private.PublicKey))(t)
	secrets := map[string][]byte{
		"der": public, "pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), "modulus": key.Private.N.Bytes(),
	}
	cases := []struct {
		name, header string
		ok           bool
	}{
		{"good", good, true},
		{"scheme in lower case", strings.Replace(good, "Bearer", "bearer", 1), true},
		{"service URL without the slash", with("serviceurl", strings.TrimSuffix(service, "/")), true},
		{"audience among several", with("aud", []string{"another", testApp}), true},
		{"expired within the skew", with("exp", now.Add(-4*time.Minute).Unix()), true},
		{"not yet valid within the skew", with("nbf", now.Add(4*time.Minute).Unix()), true},
		{"expired", with("exp", now.Add(-6*time.Minute).Unix()), false},
		{"expiry at the epoch", with("exp", 0), false},
		{"expiry null", with("exp", json.RawMessage("null")), false},
		{"expiry a word", with("exp", "never"), false},
		{"no expiry", with("exp", nil), false},
		{"not yet valid", with("nbf", now.Add(6*time.Minute).Unix()), false},
		{"wrong audience", with("aud", "another"), false},
		{"audience with our id inside", with("aud", testApp+"x"), false},
		{"no audience", with("aud", nil), false},
		{"wrong issuer", with("iss", "https://sts.windows.net/"+testTenant), false},
		{"issuer of another type", with("iss", 7), false},
		{"no issuer", with("iss", nil), false},
		{"wrong service URL", with("serviceurl", "https://smba.trafficmanager.net/amer/"), false},
		{"service URL of another type", with("serviceurl", []string{service}), false},
		{"empty service URL", with("serviceurl", ""), false},
		{"no service URL", with("serviceurl", nil), false},
		{"our tenant", with("tid", strings.ToUpper(testTenant)), true},
		{"another tenant", with("tid", "9b1f5a1c-0000-4000-8000-000000000009"), false},
		{"tenant of another type", with("tid", []string{testTenant}), false},
		{"wrong key", "Bearer " + must(bottest.SignWith(key.ID, stranger, identity.Claims(service)))(t), false},
		{"no key id", "Bearer " + must(bottest.SignWith("", key.Private, identity.Claims(service)))(t), false},
		{"changed claims", "Bearer " + forge(t, good, identity.Claims(service+"x")), false},
		{"none", "Bearer " + unsigned(t, map[string]any{"alg": "none", "kid": key.ID}, identity.Claims(service)) + ".", false},
		{"none with a signature", "Bearer " + unsigned(t, map[string]any{"alg": "none", "kid": key.ID}, identity.Claims(service)) + ".AAAA", false},
		{"critical header", "Bearer " + unsigned(t, map[string]any{"alg": "RS256", "kid": key.ID, "crit": []string{"exp"}}, identity.Claims(service)) + ".AAAA", false},
		{"nothing", "", false},
		{"no scheme", strings.TrimPrefix(good, "Bearer "), false},
		{"basic", strings.Replace(good, "Bearer", "Basic", 1), false},
		{"two parts", "Bearer a.b", false},
		{"too long", good + strings.Repeat("A", maxTokenLength), false},
	}
	for name, secret := range secrets {
		token := hs256(t, key.ID, secret, identity.Claims(service))
		cases = append(cases, struct {
			name, header string
			ok           bool
		}{"HS256 with the public key as " + name, "Bearer " + token, false})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := v.check(t, c.header); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
	if f := identity.Fetches(); f.Metadata != 1 || f.Keys != 1 {
		t.Errorf("%d metadata and %d key fetches, want one each", f.Metadata, f.Keys)
	}
}

func unsigned(t *testing.T, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string { return base64.RawURLEncoding.EncodeToString(must(json.Marshal(v))(t)) }
	return part(header) + "." + part(claims)
}

func hs256(t *testing.T, kid string, secret []byte, claims map[string]any) string {
	t.Helper()
	input := unsigned(t, map[string]any{"alg": "HS256", "typ": "JWT", "kid": kid}, claims)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// forge keeps header and signature and puts other claims between them.
func forge(t *testing.T, header string, claims map[string]any) string {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(header, "Bearer "), ".")
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString(must(json.Marshal(claims))(t)) + "." + parts[2]
}

func TestEndorsements(t *testing.T) {
	for _, c := range []struct {
		channels []string
		ok       bool
	}{{[]string{"webchat", "msteams"}, true}, {nil, true}, {[]string{"webchat"}, false}, {[]string{}, false}} {
		identity, v := testValidator(t)
		identity.Endorse(c.channels)
		err := v.check(t, "Bearer "+must(identity.Token(service))(t))
		if (err == nil) != c.ok {
			t.Errorf("endorsed for %v: error %v", c.channels, err)
		}
	}
}

func TestImplausibleTokensFetchNothing(t *testing.T) {
	identity, v := testValidator(t)
	kid := identity.Key().ID
	claims := identity.Claims(service)
	for _, header := range []string{
		"Bearer " + hs256(t, kid, []byte("x"), claims),
		"Bearer " + unsigned(t, map[string]any{"alg": "RS256"}, claims) + ".AAAA",
		"Bearer " + unsigned(t, map[string]any{"alg": "RS256", "kid": kid, "crit": []string{"b64"}}, claims) + ".AAAA",
		"", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer e30.e30.AA", "Basic YTpi",
	} {
		if err := v.check(t, header); err == nil {
			t.Errorf("%q was accepted", header)
		}
	}
	if f := identity.Fetches(); f != (bottest.Fetches{}) {
		t.Errorf("fetched %+v", f)
	}
}

func TestRotatedKeyIsAcceptedAtOnce(t *testing.T) {
	identity, v := testValidator(t)
	old := "Bearer " + must(identity.Token(service))(t)
	if err := v.check(t, old); err != nil {
		t.Fatal(err)
	}
	if err := identity.Rotate(); err != nil {
		t.Fatal(err)
	}
	renewed := "Bearer " + must(identity.Token(service))(t)
	var wg sync.WaitGroup
	for range 16 { // those who come while the keys are being fetched wait for them
		wg.Go(func() {
			if err := v.check(t, renewed); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := v.check(t, old); !errors.Is(err, errUnknownKey) {
		t.Errorf("the withdrawn key: error %v", err)
	}
	if f := identity.Fetches(); f.Keys != 2 {
		t.Errorf("%d key fetches, want 2", f.Keys)
	}
}

func TestUnknownKeysFetchOnce(t *testing.T) {
	identity, v := testValidator(t)
	if err := v.check(t, "Bearer "+must(identity.Token(service))(t)); err != nil {
		t.Fatal(err)
	}
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	for i := range 50 {
		token := must(bottest.SignWith(fmt.Sprint("made-up-", i), stranger, identity.Claims(service)))(t)
		if err := v.check(t, "Bearer "+token); err == nil {
			t.Fatal("a made-up key was accepted")
		}
	}
	if f := identity.Fetches(); f.Metadata > 2 || f.Keys > 2 {
		t.Errorf("50 unknown keys led to %+v", f)
	}
}

func TestKeysOverTime(t *testing.T) {
	identity, v := testValidator(t)
	now := time.Now()
	v.keys.now = func() time.Time { return now }
	kid := identity.Key().ID
	try := func(want error, fetches int) {
		t.Helper()
		if _, err := v.keys.lookup(testContext(t), kid); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
		if f := identity.Fetches(); f.Metadata != fetches {
			t.Errorf("%d fetches, want %d", f.Metadata, fetches)
		}
	}
	try(nil, 1)
	now = now.Add(keysFresh - time.Second)
	try(nil, 1)
	now = now.Add(2 * time.Second)
	try(nil, 2) // the daily refresh
	if err := identity.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(keysFresh + time.Minute)
	try(nil, 2) // the provider is away: yesterday's keys serve
	now = now.Add(keysStale)
	try(ErrKeysUnavailable, 2)
}

// silent is a provider that takes a connection and says nothing.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// While the provider is silent, what is signed with a key of yesterday is not held up long enough for Teams to give up.
func TestKeysProviderIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &keySet{client: &http.Client{Transport: silent{}}, metadataURL: "https://login.example/", now: time.Now, log: slog.New(slog.DiscardHandler),
			keys: map[string]signingKey{"k": {}}, fetched: time.Now()}
		time.Sleep(keysFresh)
		for range 200 {
			start := time.Now()
			if _, err := s.lookup(t.Context(), "k"); err != nil || time.Since(start) > staleWait {
				t.Fatalf("after %s: %v", time.Since(start), err)
			}
			time.Sleep(time.Second)
		}
		if _, err := s.lookup(t.Context(), "another"); err == nil {
			t.Error("an unknown key is known")
		}
		time.Sleep(fetchTimeout) // the last fetch
	})
}

func TestKeysUnavailable(t *testing.T) {
	var mu sync.Mutex
	var asked int
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		if answer == "" {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	now := time.Now()
	v := validatorAt(t, server.URL)
	v.keys.now = func() time.Time { return now }
	for i, a := range []string{
		"", "not JSON", `{}`, `{"jwks_uri":"ftp://x.example/k"}`, `{"jwks_uri":"http://x.example/k"}`,
		`{"issuer":"https://api.botframework.example","jwks_uri":"` + server.URL + `"}`, `{"jwks_uri":"` + server.URL + `","keys":[]}`,
		strings.Repeat(" ", maxKeysBody+1),
	} {
		mu.Lock()
		answer = a
		before := asked
		mu.Unlock()
		if _, err := v.keys.lookup(testContext(t), "k"); !errors.Is(err, ErrKeysUnavailable) {
			t.Errorf("answer %d: error %v", i, err)
		}
		if _, err := v.keys.lookup(testContext(t), "k"); !errors.Is(err, ErrKeysUnavailable) {
			t.Errorf("answer %d again: error %v", i, err)
		}
		mu.Lock()
		if n := asked - before; n < 1 || n > 2 {
			t.Errorf("answer %d: %d requests; a second attempt within a second must wait", i, n)
		}
		mu.Unlock()
		now = now.Add(firstRetry)
	}
}

func FuzzBearer(f *testing.F) {
	f.Add("Bearer e30.e30.AA")
	f.Add("Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k"}`)) + ".e30.AA")
	f.Fuzz(func(t *testing.T, header string) {
		token, err := bearer(header)
		if err != nil {
			return
		}
		if kid, err := keyID(token); err == nil && (kid == "" || !strings.HasSuffix(header, token) || strings.Count(token, ".") != 2) {
			t.Errorf("token %q, kid %q", token, kid)
		}
	})
}
