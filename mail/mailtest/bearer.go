package mailtest

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
)

// mechanisms are what both servers offer.
func (s *Server) mechanisms() []string {
	if s.opt.Tokens == nil {
		return []string{sasl.Plain}
	}
	return s.opt.Mechanisms
}

// authenticate is the server's side of a mechanism. login takes the name of who has proved to be it; refused is what else is answered.
func (s *Server) authenticate(mechanism string, login func(user string) error, refused error) (sasl.Server, error) {
	checked := func(user, token string) error {
		user = strings.ToLower(user)
		if s.accounts[user] == nil || !s.opt.Tokens(user, token) {
			return refused
		}
		return login(user)
	}
	switch {
	case s.opt.Tokens != nil && mechanism == "XOAUTH2":
		return &xoauth2Server{check: checked, refused: refused}, nil
	case s.opt.Tokens != nil && mechanism == sasl.OAuthBearer:
		return &bearerServer{Server: sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if checked(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), refused: refused}, nil
	case s.opt.Tokens == nil && mechanism == sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			user = strings.ToLower(user)
			a := s.accounts[user]
			if a == nil || identity != "" && !strings.EqualFold(identity, user) || a.user.Login(user, password) != nil {
				return refused
			}
			return login(user)
		}), nil
	}
	return nil, refused
}

// bearerServer gives the protocol's own error in place of the library's.
type bearerServer struct {
	sasl.Server
	refused error
}

func (b *bearerServer) Next(response []byte) ([]byte, bool, error) {
	challenge, done, err := b.Server.Next(response)
	if err != nil {
		err = b.refused
	}
	return challenge, done, err
}

// xoauth2Server is the server's side of Microsoft's and Google's XOAUTH2: after a bad token it tells why, and the client answers with
// nothing.
type xoauth2Server struct {
	check   func(user, token string) error
	refused error
	told    bool
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case x.told && len(response) > 0:
		return nil, true, errors.New("the answer to the error is not empty")
	case x.told:
		return nil, true, x.refused
	case response == nil:
		return []byte{}, false, nil
	}
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	token, end, _ := strings.Cut(strings.TrimPrefix(rest, "auth=Bearer "), "\x01")
	if end != "\x01" {
		return nil, true, errors.New("the answer does not end as it should")
	}
	if err := x.check(user, token); err == nil || !errors.Is(err, x.refused) {
		return nil, true, err
	}
	x.told = true
	challenge, err = json.Marshal(map[string]string{"status": "400", "schemes": "Bearer", "scope": "https://mail.example/"})
	return challenge, false, err
}
