package bot

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// assertionType says that an assertion is a signed token (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long an assertion may be used; Entra asks for 5 to 10 minutes at most.
const assertionLife = 5 * time.Minute

// assertion is what a bot shows at the token endpoint in place of a secret: a token signed with its certificate's key, PS256, that
// names the certificate by its SHA-256 (https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
func assertion(pair tls.Certificate, appID, tokenURL string, now time.Time) (string, error) {
	key, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return "", errors.New("the app's certificate has no RSA key, the only kind that Entra takes")
	}
	leaf, err := leafOf(pair)
	if err != nil {
		return "", err
	}
	if now.After(leaf.NotAfter) {
		return "", fmt.Errorf("the app's certificate ended on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	token, err := jwt.NewBuilder().Issuer(appID).Subject(appID).Audience([]string{tokenURL}).JwtID(uuid.NewString()).
		IssuedAt(now).NotBefore(now).Expiration(now.Add(assertionLife)).Build()
	if err != nil {
		return "", fmt.Errorf("make assertion: %w", err)
	}
	token.Options().Enable(jwt.FlattenAudience) // a word, as the document has it, and not a list of one
	thumbprint := sha256.Sum256(leaf.Raw)
	headers := jws.NewHeaders()
	if err := headers.Set(jws.X509CertThumbprintS256Key, base64.RawURLEncoding.EncodeToString(thumbprint[:])); err != nil {
		return "", fmt.Errorf("make assertion: %w", err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.PS256(), key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", fmt.Errorf("sign assertion: %w", err)
	}
	return string(signed), nil
}

func leafOf(pair tls.Certificate) (*x509.Certificate, error) {
	if pair.Leaf != nil {
		return pair.Leaf, nil
	}
	if len(pair.Certificate) == 0 {
		return nil, errors.New("the app's certificate is empty")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("read the app's certificate: %w", err)
	}
	return leaf, nil
}
