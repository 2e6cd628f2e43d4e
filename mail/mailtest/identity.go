package mailtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Identity plays an OAuth 2.0 provider over HTTP on loopback: a token endpoint with client credentials and refresh tokens (RFC 6749
// sections 4.4 and 6), and introspection (RFC 7662) for the mail server that must check the tokens.
type Identity struct {
	Addr string // host:port

	server *http.Server

	mu       sync.Mutex
	opt      IdentityOptions
	refresh  string
	tokens   map[string]grant
	made     int
	requests []string // the grant of each request that came to the token endpoint
	checks   int
	down     bool
	refusal  []string // of the next requests: error, error_description
}

// IdentityOptions say who may have tokens for what.
type IdentityOptions struct {
	ClientID, ClientSecret string // no secret: a public client
	RefreshToken           string // the one that somebody got by signing in; empty: none is taken
	Rotate                 bool   // each use of a refresh token gives a new one and ends the old
	Mailbox                string // whose the tokens are
	Life                   time.Duration
	Addr                   string // empty: a free port
}

type grant struct {
	mailbox string
	end     time.Time
}

// NewIdentity starts a provider. The caller closes it.
func NewIdentity(opt IdentityOptions) (*Identity, error) {
	if opt.Addr == "" {
		opt.Addr = "127.0.0.1:0"
	}
	if opt.Life == 0 {
		opt.Life = time.Hour
	}
	l, err := net.Listen("tcp", opt.Addr)
	if err != nil {
		return nil, fmt.Errorf("start identity provider: %w", err)
	}
	i := &Identity{Addr: l.Addr().String(), opt: opt, refresh: opt.RefreshToken, tokens: map[string]grant{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("POST /introspect", i.introspect)
	i.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = i.server.Serve(l) }() // it ends with Close
	return i, nil
}

// Close ends it.
func (i *Identity) Close() error { return i.server.Close() }

// TokenURL is the token endpoint, IntrospectURL where a server asks about a token.
func (i *Identity) TokenURL() string      { return "http://" + i.Addr + "/token" }
func (i *Identity) IntrospectURL() string { return "http://" + i.Addr + "/introspect" }

// Change changes whose tokens are issued from now on, and how.
func (i *Identity) Change(f func(*IdentityOptions)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f(&i.opt)
}

// Down makes the token endpoint answer 503, until it is called with false.
func (i *Identity) Down(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Refuse makes the token endpoint answer with the error and its description (RFC 6749 section 5.2); an empty code ends that.
func (i *Identity) Refuse(code, description string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refusal = nil
	if code != "" {
		i.refusal = []string{code, description}
	}
}

// Withdraw ends all tokens that were issued.
func (i *Identity) Withdraw() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.tokens)
}

// Requests are the grants that were asked for, in order, also those that were refused.
func (i *Identity) Requests() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string{}, i.requests...)
}

// Checks counts the tokens that a server was shown.
func (i *Identity) Checks() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.checks
}

// Refreshed is the refresh token that counts now.
func (i *Identity) Refreshed() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.refresh
}

// Good reports whether the token opens the mailbox.
func (i *Identity) Good(mailbox, token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.checks++
	g, ok := i.tokens[token]
	return ok && g.mailbox == mailbox && time.Now().Before(g.end)
}

func (i *Identity) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	grantType := r.PostFormValue("grant_type")
	i.requests = append(i.requests, grantType)
	fail := func(status int, code, description string) {
		answer(w, status, map[string]any{"error": code, "error_description": description})
	}
	switch {
	case i.down:
		http.Error(w, "<html>down for maintenance</html>", http.StatusServiceUnavailable)
		return
	case i.refusal != nil:
		fail(http.StatusBadRequest, i.refusal[0], i.refusal[1])
		return
	case r.PostFormValue("client_id") != i.opt.ClientID || r.PostFormValue("client_secret") != i.opt.ClientSecret:
		fail(http.StatusUnauthorized, "invalid_client", "the client or its secret is not known")
		return
	}
	body := map[string]any{"token_type": "Bearer", "expires_in": int(i.opt.Life / time.Second)}
	switch {
	case grantType == "client_credentials" && i.opt.ClientSecret != "":
	case grantType == "refresh_token" && i.refresh != "" && r.PostFormValue("refresh_token") == i.refresh:
		if i.opt.Rotate {
			i.refresh = "refresh-" + rand.Text()
			body["refresh_token"] = i.refresh
		}
	default:
		fail(http.StatusBadRequest, "invalid_grant", "the grant is not known or has ended")
		return
	}
	i.made++
	access := fmt.Sprintf("token-%d-%s", i.made, rand.Text())
	i.tokens[access] = grant{i.opt.Mailbox, time.Now().Add(i.opt.Life)}
	body["access_token"] = access
	answer(w, http.StatusOK, body)
}

func (i *Identity) introspect(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.checks++
	g, ok := i.tokens[r.PostFormValue("token")]
	if !ok || !time.Now().Before(g.end) {
		answer(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	answer(w, http.StatusOK, map[string]any{"active": true, "username": g.mailbox, "exp": g.end.Unix()})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who asked is gone
}
