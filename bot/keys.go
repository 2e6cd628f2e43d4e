package bot

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"golang.org/x/sync/singleflight"
)

// How long the connector's signing keys serve. Microsoft asks for a refresh a day, and announces a key days before it is used.
const (
	keysFresh = 24 * time.Hour
	keysStale = 5 * 24 * time.Hour // as long as the metadata cannot be fetched

	firstRetry   = time.Second // between attempts while there are no keys at all
	refreshRetry = time.Minute // between attempts of the daily refresh, and between those for unknown key ids

	fetchTimeout = 10 * time.Second
	staleWait    = time.Second // for the daily refresh, where the key is known: Teams waits for an answer
	maxKeysBody  = 1 << 20
)

var (
	errUnknownKey = errors.New("the token is signed with an unknown key")
	// ErrKeysUnavailable says that a token could be neither accepted nor refused, because the signing keys could not be fetched.
	ErrKeysUnavailable = errors.New("signing keys unavailable")
)

// signingKey is one of the connector's keys with the channels that it speaks for.
type signingKey struct {
	public       *rsa.PublicKey
	endorsements []string
	endorsed     bool // the key names its channels at all
}

// keySet keeps the signing keys that the OpenID metadata points to. An unknown key id leads to a fetch at once, so that a new
// key is accepted when it is first used, but to no more than one a minute.
type keySet struct {
	client      *http.Client
	metadataURL string
	issuer      string
	development bool
	now         func() time.Time
	log         *slog.Logger

	flight singleflight.Group

	mu      sync.Mutex
	keys    map[string]signingKey
	fetched time.Time // last success
	tried   time.Time
	unknown time.Time // last attempt for an unknown key id
}

func (s *keySet) lookup(ctx context.Context, kid string) (signingKey, error) {
	key, known, age := s.get(kid)
	if known && age < keysFresh {
		return key, nil
	}
	if known && age < keysStale {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, staleWait)
		defer cancel()
	}
	err := s.refresh(ctx)
	switch key, known, age = s.get(kid); {
	case known && age < keysStale:
		return key, nil
	case age < keysStale && err == nil:
		return signingKey{}, errUnknownKey
	case err == nil:
		err = errors.New("tried a moment ago")
	}
	return signingKey{}, fmt.Errorf("%w: %w", ErrKeysUnavailable, err)
}

func (s *keySet) get(kid string) (key signingKey, known bool, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known = s.keys[kid]
	return key, known, s.ageLocked()
}

func (s *keySet) ageLocked() time.Duration {
	if s.keys == nil {
		return keysStale
	}
	return s.now().Sub(s.fetched)
}

// refresh fetches the keys unless that was tried a moment ago. Callers at the same time share one fetch, which outlives
// the request of whoever began it.
func (s *keySet) refresh(ctx context.Context) error {
	done := s.flight.DoChan("", func() (any, error) {
		if !s.permit() {
			return nil, nil
		}
		fetchCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		keys, err := s.fetch(fetchCtx)
		if err != nil {
			s.log.Error("fetching the signing keys failed", "error", err)
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.keys, s.fetched = keys, s.now()
		return nil, nil
	})
	select {
	case r := <-done:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *keySet) permit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, age := s.now(), s.ageLocked()
	switch {
	case s.keys == nil:
		if now.Sub(s.tried) < firstRetry {
			return false
		}
	case age >= keysFresh:
		if now.Sub(s.tried) < refreshRetry {
			return false
		}
	default:
		if now.Sub(s.unknown) < refreshRetry {
			return false
		}
		s.unknown = now
	}
	s.tried = now
	return true
}

// fetch reads the metadata document and then the key set that it names (OpenID Connect Discovery 1.0 section 4, RFC 7517).
func (s *keySet) fetch(ctx context.Context) (map[string]signingKey, error) {
	raw, err := s.download(ctx, s.metadataURL)
	if err != nil {
		return nil, fmt.Errorf("fetch OpenID metadata: %w", err)
	}
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(raw, &metadata); err != nil {
		return nil, fmt.Errorf("read OpenID metadata: %w", err)
	}
	if metadata.Issuer != "" && metadata.Issuer != s.issuer {
		return nil, fmt.Errorf("read OpenID metadata: issuer %q is not %s", metadata.Issuer, s.issuer)
	}
	if err := checkEndpoint("jwks_uri", metadata.JWKSURI, s.development); err != nil {
		return nil, fmt.Errorf("read OpenID metadata: %w", err)
	}
	if raw, err = s.download(ctx, metadata.JWKSURI); err != nil {
		return nil, fmt.Errorf("fetch signing keys: %w", err)
	}
	return parseKeys(raw)
}

func (s *keySet) download(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", req.URL.Host, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeysBody+1))
	if err == nil && len(body) > maxKeysBody {
		err = fmt.Errorf("%s answered more than %d bytes", req.URL.Host, maxKeysBody)
	}
	return body, err
}

// parseKeys keeps the RSA signature keys of a JWK set; one that cannot be read does not take the others with it.
func parseKeys(raw []byte) (map[string]signingKey, error) {
	set, err := jwk.Parse(raw, jwk.WithIgnoreParseError(true))
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	keys := map[string]signingKey{}
	for i := range set.Len() {
		key, _ := set.Key(i)
		kid, ok := key.KeyID()
		if use, has := key.KeyUsage(); !ok || kid == "" || has && use != "sig" {
			continue
		}
		var k signingKey
		var public rsa.PublicKey
		if err := jwk.Export(key, &public); err != nil {
			continue
		}
		k.public = &public
		if k.endorsed = key.Has("endorsements"); k.endorsed {
			k.endorsements = endorsements(key)
		}
		keys[kid] = k
	}
	if len(keys) == 0 {
		return nil, errors.New("read signing keys: no usable RSA key")
	}
	return keys, nil
}

// endorsements reads Microsoft's own member of a JWK: the channels whose tokens the key may sign. Of another shape it names none.
func endorsements(key jwk.Key) []string {
	var list []any
	if err := key.Get("endorsements", &list); err != nil {
		return nil
	}
	var names []string
	for _, item := range list {
		if name, ok := item.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

func (k signingKey) endorses(channel string) bool {
	return !k.endorsed || slices.Contains(k.endorsements, channel)
}
