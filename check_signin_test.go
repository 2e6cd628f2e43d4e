package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frist/config"
	"frist/mail"
	"frist/mail/mailtest"
)

const (
	sampleBox          = "frist@provkoping.example"
	sampleClientSecret = "klienthemlighet-77"
)

// checkTokens runs check -live with a section mail.oauth, against servers that take the provider's tokens.
func checkTokens(t *testing.T, id mailtest.IdentityOptions, box mailtest.Options, oauth ...string) string {
	t.Helper()
	id.ClientID, id.ClientSecret = "frist-client", sampleClientSecret
	provider, err := mailtest.NewIdentity(id)
	if err != nil {
		t.Fatal(err)
	}
	box.Accounts, box.Tokens = map[string]string{sampleBox: "x"}, provider.Good
	post, err := mailtest.Start(box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { provider.Close(); post.Close() })
	s := liveServers{post: post}
	token := func(line string) string { return strings.Replace(line, ", password: {file: password}", "", 1) }
	oauth = append([]string{"  oauth:", "provider: other", "client_id: frist-client", "client_secret: {file: secret}", "token_url: " + provider.TokenURL()}, oauth...)
	file := sampleFile(t, sampleIMAP, token(s.imap()), sampleSMTP, token(s.smtp()), "units:\n", strings.Join(oauth, "\n    ")+"\nunits:\n")
	for name, value := range map[string]string{"secret": sampleClientSecret, "refresh": "refresh-77"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	(&checker{out: &b, roots: post.RootCAs()}).check(t.Context(), file, true)
	for _, secret := range []string{sampleClientSecret, "refresh-", "token-"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("%q was printed: %s", secret, b.String())
		}
	}
	if id.Rotate {
		keptIsNewest(t, file, provider)
	}
	return b.String()
}

// keptIsNewest fetches a token as a later start of the program does.
func keptIsNewest(t *testing.T, file string, provider *mailtest.Identity) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(t.Context(), cfg, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tokens, err := mailTokens(cfg.Mail, nil, s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before := len(provider.Requests())
	if _, err := tokens.Token(t.Context()); err != nil || len(provider.Requests()) != before+1 {
		t.Errorf("after the check no token can be had: %v", err)
	}
}

func TestCheckSignIn(t *testing.T) {
	const itself, signedIn = "flow: client_credentials", "flow: refresh_token"
	for name, c := range map[string]struct {
		id    mailtest.IdentityOptions
		box   mailtest.Options
		oauth []string
		want  []string
	}{
		"itself":  {mailtest.IdentityOptions{Mailbox: sampleBox}, mailtest.Options{}, []string{itself, "secret_expires: 2199-03-01"}, []string{" issued a token for 1h0m0s\n", "ok expiry: mail.oauth.client_secret ends 2199-03-01,", "ok imap: logged in at 127.0.0.1:", "ok smtp: logged in at 127.0.0.1:", " with a token\n"}},
		"refresh": {mailtest.IdentityOptions{Mailbox: sampleBox, RefreshToken: "refresh-77", Rotate: true}, mailtest.Options{}, []string{signedIn, "refresh_token: {file: refresh}"}, []string{"ok sign-in", "ok imap", "ok smtp"}},
		"refresh, another's mailbox": {mailtest.IdentityOptions{Mailbox: "annan@provkoping.example", RefreshToken: "refresh-77", Rotate: true}, mailtest.Options{},
			[]string{signedIn, "refresh_token: {file: refresh}"}, []string{"ok sign-in", "fault imap: ", "fault smtp: "}},
		"old refresh token": {mailtest.IdentityOptions{Mailbox: sampleBox, RefreshToken: "another"}, mailtest.Options{}, []string{signedIn, "refresh_token: {file: refresh}"},
			[]string{"invalid_grant", "; sign in again as the mailbox and set the new refresh token → mail.oauth.refresh_token\n"}},
		"smtp off": {mailtest.IdentityOptions{Mailbox: sampleBox}, mailtest.Options{NoAuth: true}, []string{itself},
			[]string{"ok imap", "fault smtp: ", "; SMTP AUTH is off for this mailbox: switch it on", " → mail.smtp.username, mail.oauth\n"}},
		"another's mailbox": {mailtest.IdentityOptions{Mailbox: "annan@provkoping.example"}, mailtest.Options{}, []string{itself},
			[]string{"ok sign-in", "; a token was issued, but does not open this mailbox", "Add-MailboxPermission", "SMTP.SendAsApp", " → mail.imap.username, mail.oauth\n"}},
		"day not known": {mailtest.IdentityOptions{Mailbox: sampleBox}, mailtest.Options{}, []string{itself},
			[]string{"the client secret for mail ends is not known", "mail.oauth.secret_expires"}},
		"passwords alone": {mailtest.IdentityOptions{Mailbox: sampleBox}, mailtest.Options{Mechanisms: []string{"PLAIN"}}, []string{itself},
			[]string{"fault imap: login: the server offers neither XOAUTH2 nor OAUTHBEARER; it may take passwords alone → mail.oauth\n", "fault smtp: smtp: auth: the server offers neither"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := checkTokens(t, c.id, c.box, c.oauth...)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in %s", want, out)
				}
			}
		})
	}
}

// Exchange Online lets a good token in and then has no mailbox for it.
func TestMendNoMailbox(t *testing.T) {
	err := errors.New("namespace: imap: NO [] User is authenticated but not connected.")
	if mend := mendIMAP(err); mend != "mail.imap.username" {
		t.Errorf("got %q", mend)
	}
}

func TestMendSignIn(t *testing.T) {
	microsoft, other := &config.OAuth{Provider: config.ProviderMicrosoft, ClientSecret: config.Secret{Env: "S"}}, &config.OAuth{Provider: config.ProviderOther}
	for want, c := range map[string]struct {
		err error
		o   *config.OAuth
	}{
		"mail.oauth.client_secret":                       {&mail.TokenError{Status: 401, Code: "invalid_client", Message: "AADSTS7000222: ended"}, microsoft},
		"mail.oauth.client_id, mail.oauth.tenant_id":     {&mail.TokenError{Status: 400, Code: "unauthorized_client", Message: "AADSTS700016: no such app"}, microsoft},
		"mail.oauth.client_secret, mail.oauth.client_id": {&mail.TokenError{Status: 401, Code: "invalid_client"}, microsoft},
		"mail.oauth.client_id, mail.oauth.client_secret": {&mail.TokenError{Status: 401, Code: "invalid_client"}, other},
		"mail.oauth.scopes":                              {&mail.TokenError{Status: 400, Code: "invalid_scope"}, other},
		"mail.oauth.tenant_id, mail.oauth.client_id":     {&mail.TokenError{Status: 404}, microsoft},
		"mail.oauth.token_url, mail.oauth.client_id":     {&mail.TokenError{Status: 404}, other},
		"mail.oauth.token_url":                           {&mail.TokenError{Err: os.ErrDeadlineExceeded}, other},
	} {
		if diff := cmp.Diff(want, mendSignIn(c.err, c.o)); diff != "" {
			t.Errorf("%v:\n%s", c.err, diff)
		}
	}
}
