package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"frist/config"
	"frist/mail"
)

// checkSignIn fetches a token if one is needed, and reports whether all is there that a login with a token needs. done is called when nobody
// logs in any more: until then, the provider may replace the refresh token.
func (k *checker) checkSignIn(ctx context.Context) (ok bool, done func()) {
	kept, done, err := k.keeper(ctx)
	if err != nil {
		k.fault("sign-in", errors.New("not tried, as the database, which keeps the refresh token, cannot be opened"), "")
		return false, done
	}
	return k.fetchToken(ctx, kept), done
}

// keeper opens the database where a refresh token is used: the provider may replace it by any login that is tried.
func (k *checker) keeper(ctx context.Context) (kept mail.Keeper, done func(), err error) {
	if o := k.cfg.Mail.OAuth; o == nil || o.Flow != config.FlowRefreshToken {
		return nil, func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	s, err := openStore(ctx, k.cfg, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, func() {}, err
	}
	return s, func() {
		if err := s.Close(); err != nil {
			k.fault("database", err, "")
		}
	}, nil
}

func (k *checker) fetchToken(ctx context.Context, kept mail.Keeper) (ok bool) {
	o := k.cfg.Mail.OAuth
	if o == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	tokens, err := mailTokens(k.cfg.Mail, k.roots, kept, slog.New(slog.DiscardHandler))
	if err != nil {
		k.fault("sign-in", err, "mail.oauth.ca_file")
		return false
	}
	end, err := tokens.Check(ctx)
	if err != nil {
		k.fault("sign-in", err, mendSignIn(err, o))
		return false
	}
	host := o.TokenURL
	if u, err := url.Parse(o.TokenURL); err == nil {
		host = u.Host
	}
	k.ok("sign-in", "%s issued a token for %s", host, time.Until(end).Round(time.Minute))
	k.tokens = tokens
	return true
}

// imap and smtp are how the program signs in at the servers of the settings.
func (k *checker) imap(roots *x509.CertPool) mail.IMAPConfig {
	c := imapConfig(k.cfg.Mail.IMAP, roots)
	if k.cfg.Mail.IMAPTokens() {
		c.Tokens, c.Auth = k.tokens, mechanism(k.cfg.Mail)
	}
	return c
}

func (k *checker) smtp(roots *x509.CertPool) mail.SMTPConfig {
	c := smtpConfig(k.cfg.Mail.SMTP, roots)
	if k.cfg.Mail.SMTPTokens() {
		c.Tokens, c.Auth = k.tokens, mechanism(k.cfg.Mail)
	}
	return c
}

func withWhat(tokens *mail.Tokens) string {
	if tokens != nil {
		return " with a token"
	}
	return ""
}

// mendSignIn names the settings that mend a token endpoint's refusal.
func mendSignIn(err error, o *config.OAuth) string {
	e, ok := errors.AsType[*mail.TokenError](err)
	if !ok {
		return "mail.oauth.token_url"
	}
	for _, f := range entraFaults {
		if strings.Contains(e.Message, f.code) {
			return strings.ReplaceAll(strings.ReplaceAll(f.mend, "teams.", "mail.oauth."), "app_", "client_")
		}
	}
	switch e.Code {
	case "invalid_client", "unauthorized_client":
		if o.ClientSecret.IsZero() {
			return "mail.oauth.client_id, mail.oauth.client_secret"
		}
		return "mail.oauth.client_secret, mail.oauth.client_id"
	case "invalid_grant":
		return "mail.oauth.refresh_token"
	case "invalid_scope":
		return "mail.oauth.scopes"
	}
	switch {
	case e.Status != 0 && o.Provider == config.ProviderMicrosoft:
		return "mail.oauth.tenant_id, mail.oauth.client_id"
	case e.Status != 0:
		return "mail.oauth.token_url, mail.oauth.client_id"
	}
	if mend := mendConnection(err, "mail.oauth"); strings.HasSuffix(mend, ".ca_file") {
		return mend
	}
	return "mail.oauth.token_url"
}
