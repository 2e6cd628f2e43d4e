package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// signedIn is the minimal file with the section; its lines are counted on: mail.oauth is line 11, what stands in it comes from line 12.
func signedIn(lines ...string) string {
	text := strings.Replace(minimal, ", password: {env: IMAP}", "", 1)
	return strings.Replace(text, "units:\n", "  oauth:\n    "+strings.Join(lines, "\n    ")+"\nunits:\n", 1)
}

const (
	tenantLine = "tenant_id: 00000000-0000-0000-0000-000000000002"
	clientLine = "client_id: 00000000-0000-0000-0000-000000000003"
	secretLine = "client_secret: {env: S}"
)

func TestOAuthProviders(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  OAuth
	}{
		"microsoft": {[]string{"provider: microsoft", "flow: client_credentials", tenantLine, clientLine, secretLine, "secret_expires: 2027-03-01"},
			OAuth{TokenURL: "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000002/oauth2/v2.0/token",
				Scopes:        []string{"https://outlook.office365.com/.default"},
				SecretExpires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}},
		"microsoft signed in once": {[]string{"provider: microsoft", "flow: refresh_token", "tenant_id: exempelstad.example", clientLine, "refresh_token: {file: /r}"},
			OAuth{TokenURL: "https://login.microsoftonline.com/exempelstad.example/oauth2/v2.0/token",
				Scopes: []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}}},
		"google": {[]string{"provider: google", "flow: refresh_token", "client_id: 12-ab.apps.googleusercontent.com", secretLine, "refresh_token: {env: R}"},
			OAuth{TokenURL: "https://oauth2.googleapis.com/token", Scopes: []string{"https://mail.google.com/"}}},
		"other": {[]string{"provider: other", "flow: client_credentials", "client_id: frist", secretLine, "token_url: https://id.example/t", "scopes: [a, b]", "mechanism: oauthbearer"},
			OAuth{TokenURL: "https://id.example/t", Scopes: []string{"a", "b"}, Mechanism: "oauthbearer"}},
	} {
		t.Run(name, func(t *testing.T) {
			c2, err := Parse("x.yaml", []byte(signedIn(c.lines...)))
			if err != nil {
				t.Fatal(err)
			}
			got := *c2.Mail.OAuth
			if got.TokenURL != c.want.TokenURL || !reflect.DeepEqual(got.Scopes, c.want.Scopes) || !got.SecretExpires.Equal(c.want.SecretExpires) || got.Mechanism != c.want.Mechanism {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if !c2.Mail.IMAPTokens() || c2.Mail.SMTPTokens() {
				t.Error("the mailbox needs a token, and the mail server without a login none")
			}
		})
	}
}

func TestOAuthFaults(t *testing.T) {
	microsoft := []string{"provider: microsoft", "flow: client_credentials", tenantLine, clientLine, secretLine}
	with := func(extra ...string) []string { return append(append([]string{}, microsoft...), extra...) }
	for _, tt := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"nothing", []string{"mechanism: xoauth2"}, []string{"line 11: mail.oauth.provider is missing; write one of microsoft, google, other",
			"line 11: mail.oauth.flow is missing; write one of client_credentials, refresh_token", "line 11: mail.oauth.client_id is missing"}},
		{"provider", append([]string{"provider: yahoo"}, microsoft[1:]...), []string{"line 12: mail.oauth.provider is none of microsoft", "line 14: mail.oauth.tenant_id has a meaning with provider: microsoft alone"}},
		{"flow", with("flow: password")[5:], []string{"mail.oauth.flow is none of client_credentials, refresh_token", "provider is missing", "client_id is missing"}},
		{"no tenant", append(microsoft[:2:2], microsoft[3:]...), []string{"line 11: mail.oauth.tenant_id is missing; copy the directory"}},
		{"tenant", append(with("tenant_id: a/b")[:2:2], "tenant_id: a/b", clientLine, secretLine), []string{"line 14: mail.oauth.tenant_id is no tenant id"}},
		{"client", append(microsoft[:3:3], "client_id: frist", secretLine), []string{"line 15: mail.oauth.client_id is no application id"}},
		{"no client secret", microsoft[:4], []string{"line 11: mail.oauth.client_secret is missing; write {env: FRIST_OAUTH_CLIENT_SECRET}"}},
		{"client secret in clear", append(microsoft[:4:4], "client_secret: hemlig"), []string{"line 16: mail.oauth.client_secret stands here in clear; move it out of this file and write {env: FRIST_OAUTH_CLIENT_SECRET}"}},
		{"refresh token without its flow", with("refresh_token: {env: R}"), []string{"line 17: mail.oauth.refresh_token has no use in the flow client_credentials"}},
		{"no refresh token", []string{"provider: microsoft", "flow: refresh_token", tenantLine, clientLine}, []string{"line 11: mail.oauth.refresh_token is missing; sign in once"}},
		{"google as itself", []string{"provider: google", "flow: client_credentials", "client_id: g", secretLine}, []string{"line 13: mail.oauth.flow is client_credentials, which Google has not"}},
		{"google without secret", []string{"provider: google", "flow: refresh_token", "client_id: g", "refresh_token: {env: R}"}, []string{"line 11: mail.oauth.client_secret is missing"}},
		{"other without url", []string{"provider: other", "flow: client_credentials", "client_id: g", secretLine}, []string{"line 11: mail.oauth.token_url is missing; write the provider's token endpoint"}},
		{"token url", with("token_url: http://id.exempelstad.example/t"), []string{"line 17: mail.oauth.token_url is no https address"}},
		{"mechanism", with("mechanism: plain"), []string{"line 17: mail.oauth.mechanism is none of xoauth2, oauthbearer"}},
		{"scope", with("scopes: [a b]"), []string{"line 17: mail.oauth.scopes[0] is no scope"}},
		{"date", with("secret_expires: 1 mars"), []string{"line 17: mail.oauth.secret_expires is no date; write year, month and day"}},
		{"no such date", with("secret_expires: 2027-02-30"), []string{"line 17: mail.oauth.secret_expires is no date"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("x.yaml", []byte(signedIn(tt.lines...)))
			if err == nil {
				t.Fatal("no fault")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant %q", err, want)
				}
			}
			if n := len(strings.Split(err.Error(), "\n")); n != len(tt.want) {
				t.Errorf("%d faults, want %d:\n%v", n, len(tt.want), err)
			}
			if strings.Contains(err.Error(), "hemlig") {
				t.Errorf("a secret shows: %v", err)
			}
		})
	}
}

func TestOAuthBesidePasswords(t *testing.T) {
	lines := []string{"provider: microsoft", "flow: client_credentials", tenantLine, clientLine, secretLine}
	text := strings.Replace(signedIn(lines...), "username: frist", "username: frist, password: {env: IMAP}", 1)
	if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "line 11: mail.oauth is used by nothing, as mail.imap has a password") {
		t.Errorf("a password and a token for the mailbox: %v", err)
	}
	c, err := Parse("x.yaml", []byte(strings.Replace(text, "  smtp:\n", "  smtp:\n    username: frist\n", 1)))
	if err != nil || c.Mail.IMAPTokens() || !c.Mail.SMTPTokens() {
		t.Errorf("a password for the mailbox, a token for sending: %v", err)
	}
}
