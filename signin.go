package main

import (
	"crypto/x509"
	"log/slog"

	"frist/config"
	"frist/mail"
)

// mailTokens is where the mail servers' access tokens come from, nil if none is needed.
func mailTokens(m config.Mail, roots *x509.CertPool, kept mail.Keeper, log *slog.Logger) (*mail.Tokens, error) {
	o := m.OAuth
	if o == nil {
		return nil, nil
	}
	if roots == nil {
		var err error
		if roots, err = config.RootCAs(o.CAFile); err != nil {
			return nil, err
		}
	}
	cfg := mail.OAuth{TokenURL: o.TokenURL, ClientID: o.ClientID, Scopes: o.Scopes, RootCAs: roots, Kept: kept, Log: log}
	if !o.ClientSecret.IsZero() {
		cfg.ClientSecret = o.ClientSecret.Value
	}
	if o.Flow == config.FlowRefreshToken {
		cfg.RefreshToken = o.RefreshToken.Value
	}
	return mail.NewTokens(cfg), nil
}

// mechanism is how the mail servers are shown a token.
func mechanism(m config.Mail) mail.AuthMode { return mail.AuthMode(m.OAuth.Mechanism) }
