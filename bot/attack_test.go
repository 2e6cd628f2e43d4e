package bot

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
)

const mutations = 1000

// knock posts a good message under an Authorization header, past the HTTP client, which would mend or refuse some headers.
func (w *world) knock(t *testing.T, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	a := w.karin.Activity("message")
	a["text"] = "hej"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+Path, bytes.NewReader(must(json.Marshal(a))(t)))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/json")
	r.Header["Authorization"] = authorization
	answer := httptest.NewRecorder()
	w.bot.ServeHTTP(answer, r)
	return answer
}

// refused wants status 401, and nothing at the receiver.
func (w *world) refused(t *testing.T, authorization ...string) {
	t.Helper()
	before := len(w.receiver.taken())
	if answer := w.knock(t, authorization...); answer.Code != http.StatusUnauthorized || len(w.receiver.taken()) != before {
		t.Errorf("status %d, %d activities taken", answer.Code, len(w.receiver.taken())-before)
	}
}

// Every attack that has a name, each through the endpoint, before and after a good token has been remembered.
func TestAttacks(t *testing.T) {
	w := newWorld(t, nil)
	key, here := w.identity.Key(), w.connector.URL()
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	with := func(name string, value any) string {
		claims := w.identity.Claims(here)
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return "Bearer " + must(w.identity.Sign(claims))(t)
	}
	now, good := time.Now(), with("nbf", time.Now().Add(-2*time.Minute).Unix())
	jwk := map[string]any{"kty": "RSA", "e": "AQAB", "n": base64.RawURLEncoding.EncodeToString(stranger.N.Bytes())}
	own := func(header map[string]any) string { // signed by a stranger, who says in the header where to find the key
		header["alg"], header["kid"] = "RS256", key.ID
		return "Bearer " + signRS256(t, stranger, header, w.identity.Claims(here))
	}
	attacks := map[string][]string{
		"no header":                          nil,
		"two headers":                        {good, good},
		"forged":                             {"Bearer " + must(bottest.SignWith(key.ID, stranger, w.identity.Claims(here)))(t)},
		"swapped key":                        {"Bearer " + must(bottest.SignWith("key-2", stranger, w.identity.Claims(here)))(t)},
		"key in the header":                  {own(map[string]any{"jwk": jwk})},
		"address of keys in the header":      {own(map[string]any{"jku": "https://keys.example/jwks"})},
		"certificate in the header":          {own(map[string]any{"x5u": "https://keys.example/x5c", "x5c": []string{"AAAA"}})},
		"expired":                            {with("exp", now.Add(-6*time.Minute).Unix())},
		"of tomorrow":                        {with("nbf", now.Add(24*time.Hour).Unix())},
		"another bot's":                      {with("aud", "11111111-1111-4111-8111-111111111111")},
		"another issuer's":                   {with("iss", "https://login.microsoftonline.com/"+testTenant+"/v2.0")},
		"another cloud's":                    {with("iss", "https://api.botframework.us")},
		"another tenant's":                   {with("tid", "11111111-1111-4111-8111-111111111111")},
		"for another service URL":            {"Bearer " + must(w.identity.Token("https://smba.trafficmanager.net/emea/"))(t)},
		"for a service URL that begins ours": {"Bearer " + must(w.identity.Token(here+"x/"))(t)},
		"none":                               {"Bearer " + unsigned(t, map[string]any{"alg": "none", "typ": "JWT"}, w.identity.Claims(here)) + "."},
		"NONE":                               {"Bearer " + unsigned(t, map[string]any{"alg": "NONE", "kid": key.ID}, w.identity.Claims(here)) + ".AAAA"},
		"HS256 with the public key":          {"Bearer " + hs256(t, key.ID, key.Private.N.Bytes(), w.identity.Claims(here))},
		"the bot's own token":                {"Bearer " + must(w.bot.connector.token.get(testContext(t)))(t).AccessToken},
	}
	for _, round := range []string{"at first", "after a good one"} {
		for name, headers := range attacks {
			t.Run(round+"/"+name, func(t *testing.T) { w.refused(t, headers...) })
		}
		if answer := w.knock(t, good); answer.Code != http.StatusOK {
			t.Fatalf("the good token: %d", answer.Code)
		}
	}
	if n := len(w.receiver.taken()); n != 2 {
		t.Errorf("%d activities taken, want the two good ones", n)
	}
}

// A thousand tokens that differ from a good one, each in one way, are refused, also once the good one is remembered.
func TestMutatedTokens(t *testing.T) {
	w := newWorld(t, nil)
	good := must(w.identity.Token(w.connector.URL()))(t)
	if answer := w.knock(t, "Bearer "+good); answer.Code != http.StatusOK {
		t.Fatal(answer.Code)
	}
	m := mutator{t: t, random: mrand.New(mrand.NewPCG(1, 2)), good: good, claims: w.identity.Claims(w.connector.URL()),
		kid: w.identity.Key().ID, stranger: must(rsa.GenerateKey(rand.Reader, 2048))(t)}
	made := map[string]bool{good: true}
	for i := 0; len(made) <= mutations; i++ {
		name, token := m.next(i)
		if made[token] {
			continue
		}
		made[token] = true
		answer := w.knock(t, "Bearer "+token)
		if answer.Code != http.StatusUnauthorized {
			t.Errorf("mutation %d (%s): status %d", i, name, answer.Code)
		}
	}
	if n := len(w.receiver.taken()); n != 1 {
		t.Errorf("%d activities taken, want the good one", n)
	}
	if f := w.identity.Fetches(); f.Keys > 2 {
		t.Errorf("%d mutations led to %d fetches of the keys", mutations, f.Keys)
	}
}

// mutator makes tokens of a good one; the same seed makes the same.
type mutator struct {
	t         *testing.T
	random    *mrand.Rand
	good, kid string
	claims    map[string]any
	stranger  *rsa.PrivateKey
}

func (m *mutator) next(i int) (name, token string) {
	ways := []struct {
		name string
		make func() string
	}{
		{"bit", m.bit}, {"letter", m.letter}, {"decoded bit", m.decodedBit}, {"cut", m.cut}, {"swapped parts", m.swapped},
		{"header", m.header}, {"white space", m.space}, {"duplicate member", m.duplicate}, {"claim signed by another", m.resigned}, {"encoding", m.encoding},
	}
	way := ways[i%len(ways)]
	return way.name, way.make()
}

func (m *mutator) bit() string {
	b := []byte(m.good)
	b[m.random.IntN(len(b))] ^= 1 << m.random.IntN(8)
	return string(b)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func (m *mutator) letter() string {
	b := []byte(m.good)
	b[m.random.IntN(len(b))] = alphabet[m.random.IntN(len(alphabet))]
	return string(b)
}

// changed has one part of the token replaced by what change makes of what it holds.
func (m *mutator) changed(part int, change func([]byte) []byte) string {
	parts := strings.Split(m.good, ".")
	parts[part] = base64.RawURLEncoding.EncodeToString(change(must(base64.RawURLEncoding.DecodeString(parts[part]))(m.t)))
	return strings.Join(parts, ".")
}

func (m *mutator) decodedBit() string {
	return m.changed(m.random.IntN(3), func(b []byte) []byte {
		b[m.random.IntN(len(b))] ^= 1 << m.random.IntN(8)
		return b
	})
}

func (m *mutator) cut() string {
	from := m.random.IntN(len(m.good))
	to := from + 1 + m.random.IntN(len(m.good)-from)
	if m.random.IntN(2) == 0 {
		return m.good[:from] + m.good[to:]
	}
	return m.good[:to] + m.good[from:]
}

func (m *mutator) swapped() string {
	parts := strings.Split(m.good, ".")
	var chosen []string
	for range 1 + m.random.IntN(5) {
		chosen = append(chosen, parts[m.random.IntN(3)])
	}
	return strings.Join(chosen, ".")
}

func (m *mutator) header() string {
	values := []any{"none", "HS256", "PS256", "RS512", "rs256", "", nil, m.kid + "x", "../" + m.kid, []string{"exp"}, map[string]any{}, "JWE", 1, true, m.random.IntN(1000)}
	return m.changed(0, func(b []byte) []byte {
		var header map[string]any
		if err := json.Unmarshal(b, &header); err != nil {
			m.t.Fatal(err)
		}
		header[[]string{"alg", "kid", "crit", "typ", "b64", "zip", "x"}[m.random.IntN(7)]] = values[m.random.IntN(len(values))]
		return must(json.Marshal(header))(m.t)
	})
}

func (m *mutator) space() string {
	space := []string{" ", "\t", "\n", "\r\n", "\x00", "\u00a0", "=", "%20"}[m.random.IntN(8)]
	if m.random.IntN(2) == 0 {
		at := m.random.IntN(len(m.good) + 1)
		return m.good[:at] + space + m.good[at:]
	}
	return m.changed(m.random.IntN(2), func(b []byte) []byte { // in the JSON, where it changes nothing but the signature's worth
		at := bytes.IndexByte(b, ':') + 1
		return slices.Concat(b[:at], bytes.Repeat([]byte(" "), 1+m.random.IntN(9)), b[at:])
	})
}

func (m *mutator) duplicate() string {
	part := m.random.IntN(2)
	members := [][]string{
		{`"alg":"none"`, `"alg":"RS256"`, fmt.Sprintf(`"kid":%q`, m.kid), `"typ":"JWT"`},
		{`"aud":"x"`, fmt.Sprintf(`"aud":%q`, testApp), `"exp":9999999999`, `"iss":"https://api.botframework.com"`, `"serviceurl":"https://evil.example/"`},
	}[part]
	member := members[m.random.IntN(len(members))]
	return m.changed(part, func(b []byte) []byte {
		if m.random.IntN(2) == 0 {
			return []byte("{" + member + "," + string(b[1:]))
		}
		return []byte(string(b[:len(b)-1]) + "," + member + "}")
	})
}

func (m *mutator) resigned() string {
	claims := map[string]any{}
	for k, v := range m.claims {
		claims[k] = v
	}
	claims[[]string{"exp", "nbf", "jti", "tid"}[m.random.IntN(4)]] = time.Now().Unix() + int64(m.random.IntN(100_000))
	return must(bottest.SignWith([]string{m.kid, "key-2", "key-3"}[m.random.IntN(3)], m.stranger, claims))(m.t)
}

func (m *mutator) encoding() string {
	parts := strings.Split(m.good, ".")
	part := m.random.IntN(3)
	raw := must(base64.RawURLEncoding.DecodeString(parts[part]))(m.t)
	switch m.random.IntN(4) {
	case 0:
		parts[part] = base64.StdEncoding.EncodeToString(raw)
	case 1:
		parts[part] = parts[part][:m.random.IntN(len(parts[part]))] + "\n" + parts[part]
	case 2: // the bits of the last letter that stand for nothing
		last := strings.IndexByte(alphabet, parts[2][len(parts[2])-1])
		parts[2] = parts[2][:len(parts[2])-1] + string(alphabet[last|(1+m.random.IntN(15))])
	case 3:
		parts[part] += strings.Repeat("A", 1+m.random.IntN(40))
	}
	return strings.Join(parts, ".")
}

// signRS256 signs any header.
func signRS256(t *testing.T, key *rsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	input := unsigned(t, header, claims)
	digest := sha256.Sum256([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]))(t))
}

// Neither secret nor token nor message follows a redirect, wherever it stands.
func TestRedirectsLeadNowhere(t *testing.T) {
	reached := make(chan string, 100)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path }))
	defer elsewhere.Close()
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer door.Close()
	w := newWorld(t, func(c *Config) { c.TokenURL, c.MetadataURL = door.URL+"/token", door.URL+"/metadata" })
	if err := w.bot.Check(testContext(t)); err == nil {
		t.Error("a redirected sign-in succeeded")
	}
	w = newWorld(t, nil)
	ref := w.reference()
	ref.ServiceURL = door.URL + "/"
	if _, err := w.bot.Connector().Send(testContext(t), ref, TextMessage("hemligt", "")); err == nil {
		t.Error("a redirected message was sent")
	}
	if len(reached) != 0 {
		t.Errorf("%s was reached", <-reached)
	}
}
