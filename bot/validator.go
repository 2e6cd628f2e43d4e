package bot

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/schema"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// What a token from the connector must say (https://learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-authentication, "Authenticate requests from the Bot Connector service to your bot").
const (
	clockSkew      = 5 * time.Minute
	maxTokenLength = 16 << 10
	// maxVerified tokens are remembered. A connector uses one for an hour; only what has been verified gets in.
	maxVerified = 1000
)

// errNotEndorsed is refused with status 403, as the same document asks.
var errNotEndorsed = errors.New("the signing key is not endorsed for the channel")

// Validator authenticates activities by the connector's JSON Web Token (RFC 7519, RS256 alone). It is msbotbuilder-go's
// auth.TokenValidator.
type Validator struct {
	appID   string
	issuer  string
	tenants []string // in lower case; nil: any
	keys    *keySet
	now     func() time.Time
	// seen holds the tokens that have been verified, by their SHA-256: to verify one costs as much as all else that is done with an
	// activity before it is stored.
	seen *lru.Cache[[sha256.Size]byte, *verified]
}

var _ auth.TokenValidator = (*Validator)(nil)

// verified is what a good token said. It counts while the key that signed it is the one in use.
type verified struct {
	serviceURL string
	kid        string
	public     *rsa.PublicKey
	until      time.Time // with the skew
}

func newValidator(appID, issuer string, tenants []string, keys *keySet) (*Validator, error) {
	seen, err := lru.New[[sha256.Size]byte, *verified](maxVerified)
	if err != nil {
		return nil, fmt.Errorf("make token cache: %w", err)
	}
	return &Validator{appID: appID, issuer: issuer, tenants: tenants, keys: keys, now: time.Now, seen: seen}, nil
}

// AuthenticateRequest checks header, the value of Authorization, for an activity of which it reads ServiceURL and ChannelID. The
// last two arguments are the SDK's and unused. An error that is ErrKeysUnavailable is no refusal.
func (v *Validator) AuthenticateRequest(ctx context.Context, activity schema.Activity, header string, _ auth.CredentialProvider, _ string) (auth.ClaimsIdentity, error) {
	token, key, err := v.verify(ctx, header)
	if err != nil {
		return nil, fmt.Errorf("authenticate activity: %w", err)
	}
	if !sameServiceURL(token.serviceURL, activity.ServiceURL) {
		return nil, errors.New("authenticate activity: the token is for another service URL")
	}
	if !key.endorses(activity.ChannelID) {
		return nil, fmt.Errorf("authenticate activity: %w", errNotEndorsed)
	}
	return claims{v.issuer, v.appID, token.serviceURL}, nil
}

// verify checks all of a token that does not depend on the activity, and gives the key that signed it. A token that it has seen before costs
// a hash and two look-ups.
func (v *Validator) verify(ctx context.Context, header string) (*verified, signingKey, error) {
	raw, err := bearer(header)
	if err != nil {
		return nil, signingKey{}, err
	}
	digest := sha256.Sum256([]byte(raw))
	seen, known := v.seen.Get(digest)
	kid := ""
	if known {
		kid = seen.kid
	} else if kid, err = keyID(raw); err != nil {
		return nil, signingKey{}, err
	}
	key, err := v.keys.lookup(ctx, kid)
	if err != nil {
		return nil, signingKey{}, err
	}
	if known && seen.public == key.public && v.now().Before(seen.until) {
		return seen, key, nil
	}
	token, err := v.parse(ctx, raw, key)
	if err != nil {
		v.seen.Remove(digest)
		return nil, signingKey{}, err
	}
	token.kid = kid
	v.seen.Add(digest, token)
	return token, key, nil
}

func (v *Validator) parse(ctx context.Context, raw string, key signingKey) (*verified, error) {
	token, err := jwt.Parse([]byte(raw), jwt.WithKey(jwa.RS256(), key.public), jwt.WithContext(ctx),
		jwt.WithIssuer(v.issuer), jwt.WithAudience(v.appID), jwt.WithRequiredClaim(jwt.ExpirationKey),
		jwt.WithAcceptableSkew(clockSkew), jwt.WithClock(jwt.ClockFunc(v.now)))
	if err != nil {
		return nil, err
	}
	end, _ := token.Expiration()
	t := &verified{public: key.public, until: end.Add(clockSkew)}
	if err := token.Get("serviceurl", &t.serviceURL); err != nil || t.serviceURL == "" {
		return nil, errors.New("the token has no serviceurl claim")
	}
	// The connector's tokens name no tenant so far; the activity does. One that names another is not for this organisation.
	if token.Has("tid") && v.tenants != nil {
		var tenant string
		if err := token.Get("tid", &tenant); err != nil || !slices.Contains(v.tenants, strings.ToLower(tenant)) {
			return nil, errors.New("the token is for another tenant")
		}
	}
	return t, nil
}

// sameServiceURL disregards a trailing slash, which some channels add to one of the two.
func sameServiceURL(a, b string) bool {
	return strings.TrimRight(a, "/") == strings.TrimRight(b, "/")
}

// bearer reads an Authorization header: a compact JWS (RFC 7515 section 7.1), of which no more is looked at than its length.
func bearer(header string) (token string, err error) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", errors.New("no bearer token")
	}
	if token == "" || len(token) > maxTokenLength {
		return "", errors.New("malformed bearer token")
	}
	return token, nil
}

// keyID reads a token as far as is needed to find the signing key, so that one that is not plausible costs nothing more: it must name RS256
// and a key id, without critical extensions. Each part must be written in the one way that base64url allows (RFC 4648 section 3.5).
func keyID(token string) (kid string, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") { // which the decoder would pass over
		return "", errors.New("malformed bearer token")
	}
	var decoded [3][]byte
	for i, part := range parts {
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil || part == "" {
			return "", errors.New("malformed bearer token")
		}
	}
	var h struct {
		Alg  string          `json:"alg"`
		Kid  string          `json:"kid"`
		Crit json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(decoded[0], &h); err != nil {
		return "", errors.New("malformed bearer token header")
	}
	if h.Alg != jwa.RS256().String() || h.Kid == "" || h.Crit != nil {
		return "", errors.New("the bearer token is not signed with RS256 and a named key")
	}
	return h.Kid, nil
}

// claims is an auth.ClaimsIdentity. The SDK's own panics on a claim that is absent.
type claims struct{ issuer, audience, serviceURL string }

// GetClaimValue gives "" for what the token did not say.
func (c claims) GetClaimValue(name string) string {
	switch name {
	case auth.IssuerClaim:
		return c.issuer
	case auth.AudienceClaim:
		return c.audience
	case auth.ServiceURLClaim:
		return c.serviceURL
	}
	return ""
}

func (c claims) IsAuthenticated() bool { return true }
