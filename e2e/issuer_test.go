package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"
)

const appID = "5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e02"

// issuer stands for login.microsoftonline.com, which gives tokens to whoever has a secret of the app's. Their keys are those that the
// identity provider of bottest publishes.
type issuer struct {
	Port, CA string
	keys     *bottest.Identity

	mu     sync.Mutex
	claims map[string]func() map[string]any // by secret: what the token says
	issued map[string]int                   // by secret
}

// startIssuer starts one on loopback, with TLS under its real name.
func startIssuer(t *testing.T) *issuer {
	t.Helper()
	dir := t.TempDir()
	certificate(t, dir, "login.microsoftonline.com")
	keys, err := bottest.NewIdentity(appID, "")
	must(t, err)
	t.Cleanup(func() { keys.Close() })
	i := &issuer{CA: filepath.Join(dir, "ca.pem"), keys: keys, claims: map[string]func() map[string]any{}, issued: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /botframework.com/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": bottest.Issuer, "jwks_uri": strings.Replace(keys.MetadataURL(), "openidconfiguration", "keys", 1)})
	})
	mux.HandleFunc("POST /"+tenant+"/oauth2/v2.0/token", i.token)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, i.Port, err = net.SplitHostPort(l.Addr().String())
	must(t, err)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go s.ServeTLS(l, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	t.Cleanup(func() { s.Close() })
	return i
}

// secret makes one more secret of the app's. With a service URL its tokens are those that Teams shows to the bot from there, else those
// that the bot shows to Teams.
func (i *issuer) secret(name, serviceURL string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims[name] = func() map[string]any {
		claims := i.keys.Claims(serviceURL)
		if serviceURL == "" {
			delete(claims, "serviceurl")
			claims["aud"], claims["appid"] = bottest.Issuer, appID
		}
		return claims
	}
	return name
}

// teams are the lines of a settings file for a bot that asks for tokens, and gets its own here.
func (i *issuer) teams() []string {
	return []string{"app_id: " + appID, "tenant_id: " + tenant, "app_secret: {env: E2E_APP_SECRET}", "metadata_url: " + i.keys.MetadataURL(),
		"token_url: https://127.0.0.1:" + i.Port + "/" + tenant + "/oauth2/v2.0/token"}
}

// tokens counts what was issued to the holder of a secret.
func (i *issuer) tokens(secret string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.issued[secret]
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	secret := r.PostFormValue("client_secret")
	claims := i.claims[secret]
	if claims == nil || r.PostFormValue("client_id") != appID || r.PostFormValue("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client", "error_description": "the secret is not the app's"})
		return
	}
	says := claims()
	// A token is for whom it was asked for.
	if aud, _ := says["aud"].(string); !strings.Contains(r.PostFormValue("scope"), aud+"/.default") {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_scope", "error_description": r.PostFormValue("scope")})
		return
	}
	signed, err := i.keys.Sign(says)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	i.issued[secret]++
	json.NewEncoder(w).Encode(map[string]any{"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": signed})
}
