package bot

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/schema"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// What a token from the connector must say (https://learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-authentication, "Authenticate requests from the Bot Connector service to your bot").
const (
	issuer         = "https://api.botframework.com"
	clockSkew      = 5 * time.Minute
	maxTokenLength = 16 << 10
)

// Validator authenticates activities by the connector's JSON Web Token (RFC 7519, RS256 alone). It is msbotbuilder-go's
// auth.TokenValidator.
type Validator struct {
	appID string
	keys  *keySet
	now   func() time.Time
}

var _ auth.TokenValidator = (*Validator)(nil)

// AuthenticateRequest checks header, the value of Authorization, for an activity of which it reads ServiceURL and ChannelID. The
// last two arguments are the SDK's and unused. An error that is ErrKeysUnavailable is no refusal.
func (v *Validator) AuthenticateRequest(ctx context.Context, activity schema.Activity, header string, _ auth.CredentialProvider, _ string) (auth.ClaimsIdentity, error) {
	raw, kid, err := bearer(header)
	if err != nil {
		return nil, fmt.Errorf("authenticate activity: %w", err)
	}
	key, err := v.keys.lookup(ctx, kid)
	if err != nil {
		return nil, fmt.Errorf("authenticate activity: %w", err)
	}
	token, err := jwt.Parse([]byte(raw), jwt.WithKey(jwa.RS256(), key.public), jwt.WithContext(ctx),
		jwt.WithIssuer(issuer), jwt.WithAudience(v.appID), jwt.WithRequiredClaim(jwt.ExpirationKey),
		jwt.WithAcceptableSkew(clockSkew), jwt.WithClock(jwt.ClockFunc(v.now)))
	if err != nil {
		return nil, fmt.Errorf("authenticate activity: %w", err)
	}
	var serviceURL string
	if err := token.Get("serviceurl", &serviceURL); err != nil || serviceURL == "" {
		return nil, errors.New("authenticate activity: the token has no serviceurl claim")
	}
	if !sameServiceURL(serviceURL, activity.ServiceURL) {
		return nil, errors.New("authenticate activity: the token is for another service URL")
	}
	if !key.endorses(activity.ChannelID) {
		return nil, errors.New("authenticate activity: the signing key is not endorsed for the channel")
	}
	return claims{auth.IssuerClaim: issuer, auth.AudienceClaim: v.appID, "serviceurl": serviceURL}, nil
}

// sameServiceURL disregards a trailing slash, which some channels add to one of the two.
func sameServiceURL(a, b string) bool {
	return strings.TrimRight(a, "/") == strings.TrimRight(b, "/")
}

// bearer reads an Authorization header as far as is needed to find the signing key, so that a request without a plausible token
// costs nothing more: a compact JWS (RFC 7515 section 7.1) that names RS256 and a key id, without critical extensions.
func bearer(header string) (token, kid string, err error) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", "", errors.New("no bearer token")
	}
	parts := strings.Split(token, ".")
	if len(token) > maxTokenLength || len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return "", "", errors.New("malformed bearer token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return "", "", errors.New("malformed bearer token header")
	}
	var h struct {
		Alg  string          `json:"alg"`
		Kid  string          `json:"kid"`
		Crit json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return "", "", errors.New("malformed bearer token header")
	}
	if h.Alg != jwa.RS256().String() || h.Kid == "" || h.Crit != nil {
		return "", "", errors.New("the bearer token is not signed with RS256 and a named key")
	}
	return token, h.Kid, nil
}

// claims is an auth.ClaimsIdentity. The SDK's own panics on a claim that is absent.
type claims map[string]string

func (c claims) GetClaimValue(name string) string { return c[name] }
func (c claims) IsAuthenticated() bool            { return true }
