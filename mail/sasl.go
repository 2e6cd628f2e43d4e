package mail

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/emersion/go-sasl"
)

// AuthMode is the SASL mechanism of a login with a token.
type AuthMode string

const (
	// AuthOffered is what the server offers: AuthXOAuth2, or else AuthOAuthBearer.
	AuthOffered AuthMode = ""
	// AuthXOAuth2 is Microsoft's and Google's own; Exchange Online speaks no other.
	AuthXOAuth2 AuthMode = "xoauth2"
	// AuthOAuthBearer is the standard (RFC 7628).
	AuthOAuthBearer AuthMode = "oauthbearer"
)

// SASL names, as servers offer them.
const saslXOAuth2 = "XOAUTH2"

// bearer is the SASL client of a login with a token. go-sasl lacks XOAUTH2.
type bearer struct {
	mode        AuthMode
	user, token string
	server      string // host:port
	// answer: end the exchange as the mechanism says after the server's error, so that it gives its reason. Else the caller closes
	// the connection, as go-imap cannot send the empty answer that XOAUTH2 asks for.
	answer bool
	status string // what the server's error said
}

// newBearer chooses the mechanism.
func newBearer(mode AuthMode, offers func(mechanism string) bool) (*bearer, error) {
	switch {
	case mode != AuthOffered:
	case offers(saslXOAuth2):
		mode = AuthXOAuth2
	case offers(sasl.OAuthBearer):
		mode = AuthOAuthBearer
	default:
		return nil, errors.New("the server offers neither XOAUTH2 nor OAUTHBEARER; it may take passwords alone")
	}
	return &bearer{mode: mode}, nil
}

func (b *bearer) Start() (string, []byte, error) {
	if b.mode == AuthOAuthBearer {
		host, port, err := net.SplitHostPort(b.server)
		if err != nil {
			return "", nil, fmt.Errorf("server address: %w", err)
		}
		n, _ := strconv.Atoi(port)
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: b.user, Token: b.token, Host: host, Port: n}).Start()
	}
	return saslXOAuth2, []byte("user=" + b.user + "\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next is only called on failure: the challenge is the server's error in JSON (RFC 7628 section 3.2.2).
func (b *bearer) Next(challenge []byte) ([]byte, error) {
	var e struct {
		Status string `json:"status"`
	}
	if b.status = "no reason given"; json.Unmarshal(challenge, &e) == nil && e.Status != "" {
		b.status = plainWords(e.Status, 60, []string{b.token})
	}
	switch {
	case !b.answer:
		return nil, b.refused(nil)
	case b.mode == AuthOAuthBearer:
		return []byte{1}, nil
	}
	return []byte{}, nil
}

// refused is the error of a login that the server ended, with the reply if it gave one.
func (b *bearer) refused(reply error) error {
	err := ErrTokenRefused
	if b.status != "" {
		err = fmt.Errorf("%w (%s)", err, b.status)
	}
	if reply != nil {
		err = fmt.Errorf("%w: %w", err, reply)
	}
	return err
}
