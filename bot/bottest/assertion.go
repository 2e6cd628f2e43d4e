package bottest

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// maxAssertionLife is stricter than Entra, which only asks for it.
const maxAssertionLife = 10 * time.Minute

// Trust has the token endpoint take assertions signed with a certificate's key, as an upload in Entra does.
func (i *Identity) Trust(certificate *x509.Certificate) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.certificates = append(i.certificates, certificate)
}

// asserted checks the assertion of a token request by the rules of Entra's certificate credentials
// (https://learn.microsoft.com/entra/identity-platform/certificate-credentials). Each counts once.
func (i *Identity) asserted(r *http.Request) error {
	if r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || r.PostForm.Has("client_secret") {
		return errors.New("the request is not one with an assertion alone")
	}
	raw := []byte(r.PostFormValue("client_assertion"))
	certificate, err := i.signer(raw)
	if err != nil {
		return err
	}
	token, err := jwt.Parse(raw, jwt.WithKey(jwa.PS256(), certificate.PublicKey), jwt.WithIssuer(i.appID), jwt.WithSubject(i.appID),
		jwt.WithAudience(i.server.url+r.URL.Path), jwt.WithRequiredClaim(jwt.ExpirationKey), jwt.WithRequiredClaim(jwt.NotBeforeKey),
		jwt.WithAcceptableSkew(time.Minute))
	if err != nil {
		return err
	}
	begin, _ := token.NotBefore()
	end, _ := token.Expiration()
	id, ok := token.JwtID()
	switch {
	case end.Sub(begin) > maxAssertionLife:
		return errors.New("the assertion lives too long")
	case !ok || id == "" || i.assertions[id]:
		return errors.New("the assertion has no id of its own")
	}
	if i.assertions == nil {
		i.assertions = map[string]bool{}
	}
	i.assertions[id] = true
	return nil
}

// signer finds the certificate that an assertion names by its thumbprint.
func (i *Identity) signer(raw []byte) (*x509.Certificate, error) {
	message, err := jws.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read assertion: %w", err)
	}
	if len(message.Signatures()) != 1 {
		return nil, errors.New("the assertion has not one signature")
	}
	named, _ := message.Signatures()[0].ProtectedHeaders().X509CertThumbprintS256()
	for _, c := range i.certificates {
		sum := sha256.Sum256(c.Raw)
		if base64.RawURLEncoding.EncodeToString(sum[:]) != named {
			continue
		}
		if now := time.Now(); now.Before(c.NotBefore) || now.After(c.NotAfter) {
			return nil, errors.New("the certificate is not valid now")
		}
		return c, nil
	}
	return nil, errors.New("the certificate is not one of the app's")
}
