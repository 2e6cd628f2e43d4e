package bottest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Issuer is the connector's, and the audience of a bot's own tokens.
const Issuer = "https://api.botframework.com"

// Fetches counts the requests to an Identity.
type Fetches struct{ Metadata, Keys, Tokens int }

// Identity plays login.botframework.com, which publishes the connector's signing keys, and the tenant's token endpoint.
type Identity struct {
	server *server

	mu           sync.Mutex
	appID        string
	secret       string
	endorsements []string
	lifetime     time.Duration
	keys         []identityKey
	made         int
	fetches      Fetches
	issued       []string
	tokenStatus  int
	certificates []*x509.Certificate
	assertions   map[string]bool // the ids of those that were used
}

type identityKey struct {
	kid     string
	private *rsa.PrivateKey
}

// NewIdentity starts one that knows an app and its secret. Its keys are endorsed for msteams.
func NewIdentity(appID, secret string) (*Identity, error) {
	i := &Identity{appID: appID, secret: secret, endorsements: []string{"msteams"}, lifetime: time.Hour}
	if err := i.Rotate(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/.well-known/openidconfiguration", i.metadata)
	mux.HandleFunc("GET /v1/.well-known/keys", i.jwks)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", i.token)
	var err error
	if i.server, err = serve(mux); err != nil {
		return nil, fmt.Errorf("start fake identity provider: %w", err)
	}
	return i, nil
}

// MetadataURL is the OpenID metadata of the connector.
func (i *Identity) MetadataURL() string {
	return i.server.url + "/v1/.well-known/openidconfiguration"
}

// TokenURL is the token endpoint of a tenant.
func (i *Identity) TokenURL(tenant string) string {
	return i.server.url + "/" + tenant + "/oauth2/v2.0/token"
}

// Close stops the server.
func (i *Identity) Close() error { return i.server.close() }

// Rotate replaces the signing key: what the old one signed is worth nothing once the keys have been fetched anew.
func (i *Identity) Rotate() error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make signing key: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made++
	i.keys = []identityKey{{fmt.Sprintf("key-%d", i.made), private}}
	return nil
}

// Endorse sets the channels of the keys; nil leaves the member out.
func (i *Identity) Endorse(channels []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.endorsements = channels
}

// TokenLifetime sets how long the bot's tokens live.
func (i *Identity) TokenLifetime(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lifetime = d
}

// FailTokens has the token endpoint answer with a status; 0 ends that.
func (i *Identity) FailTokens(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tokenStatus = status
}

// Fetches counts the requests to this moment.
func (i *Identity) Fetches() Fetches {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// Claims are those of a good token from the connector, for now and an hour.
func (i *Identity) Claims(serviceURL string) map[string]any {
	now := time.Now()
	return map[string]any{
		"iss": Issuer, "aud": i.appID, "serviceurl": serviceURL,
		"nbf": now.Add(-time.Minute).Unix(), "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// Token signs a good token; it fits ClientOptions.Token.
func (i *Identity) Token(serviceURL string) (string, error) { return i.Sign(i.Claims(serviceURL)) }

// Sign signs any claims with the present key.
func (i *Identity) Sign(claims map[string]any) (string, error) {
	key := i.Key()
	return SignWith(key.ID, key.Private, claims)
}

// Key is a signing key with its id.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// Key gives the present signing key.
func (i *Identity) Key() Key {
	i.mu.Lock()
	defer i.mu.Unlock()
	k := i.keys[len(i.keys)-1]
	return Key{k.kid, k.private}
}

// SignWith makes a compact RS256 token (RFC 7515) that names any key id.
func SignWith(kid string, private *rsa.PrivateKey, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	headers := jws.NewHeaders()
	for name, value := range map[string]string{jws.KeyIDKey: kid, jws.TypeKey: "JWT"} {
		if err := headers.Set(name, value); err != nil {
			return "", fmt.Errorf("sign token: %w", err)
		}
	}
	token, err := jws.Sign(payload, jws.WithKey(jwa.RS256(), private, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return string(token), nil
}

// Authorized tells whether an Authorization header carries a token that this provider issued to the bot; it fits
// Options.Authorize.
func (i *Identity) Authorized(header string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.ContainsFunc(i.issued, func(t string) bool { return header == "Bearer "+t })
}

// Revoke makes all tokens of the bot worthless before their time.
func (i *Identity) Revoke() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.issued = nil
}

func (i *Identity) metadata(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	i.fetches.Metadata++
	i.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": Issuer, "jwks_uri": i.server.url + "/v1/.well-known/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "token_endpoint_auth_methods_supported": []string{"private_key_jwt"},
	})
}

func (i *Identity) jwks(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetches.Keys++
	set := jwk.NewSet()
	for _, k := range i.keys {
		key, err := publicJWK(k, i.endorsements)
		if err == nil {
			err = set.AddKey(key)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	writeJSON(w, http.StatusOK, set)
}

// publicJWK has no "alg", as Microsoft's has none.
func publicJWK(k identityKey, endorsements []string) (jwk.Key, error) {
	key, err := jwk.Import(&k.private.PublicKey)
	if err != nil {
		return nil, err
	}
	members := map[string]any{jwk.KeyIDKey: k.kid, jwk.KeyUsageKey: "sig"}
	if endorsements != nil {
		members["endorsements"] = endorsements
	}
	for name, value := range members {
		if err := key.Set(name, value); err != nil {
			return nil, err
		}
	}
	return key, nil
}

func (i *Identity) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetches.Tokens++
	good := r.PostFormValue("grant_type") == "client_credentials" && r.PostFormValue("scope") == Issuer+"/.default" && r.PostFormValue("client_id") == i.appID
	if r.PostForm.Has("client_assertion") {
		if err := i.asserted(r); good && err != nil {
			writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS700027: " + err.Error()})
			return
		}
	} else {
		good = good && i.secret != "" && r.PostFormValue("client_secret") == i.secret
	}
	switch {
	case i.tokenStatus != 0:
		writeJSON(w, i.tokenStatus, map[string]any{"error": "temporarily_unavailable"})
		return
	case !good:
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "Invalid client secret provided."})
		return
	}
	token := "bot-token-" + randomHex(16)
	i.issued = append(i.issued, token)
	writeJSON(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(i.lifetime.Seconds()), "access_token": token})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller is gone
}
