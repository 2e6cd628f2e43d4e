package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OAuth is how access tokens for the mail servers are had (OAuth 2.0, RFC 6749). IMAP and SMTP use them where they have no password.
type OAuth struct {
	Provider      string    `yaml:"provider"`
	Flow          string    `yaml:"flow"`
	TenantID      string    `yaml:"tenant_id"`
	ClientID      string    `yaml:"client_id"`
	ClientSecret  Secret    `yaml:"client_secret"` // may be absent with FlowRefreshToken
	SecretExpires time.Time `yaml:"secret_expires"`
	RefreshToken  Secret    `yaml:"refresh_token"` // with FlowRefreshToken
	TokenURL      string    `yaml:"token_url"`
	Scopes        []string  `yaml:"scopes"`
	Mechanism     string    `yaml:"mechanism"` // empty: what the server offers
	CAFile        string    `yaml:"ca_file"`
}

// The values of OAuth.Provider.
const (
	ProviderMicrosoft = "microsoft"
	ProviderGoogle    = "google"
	ProviderOther     = "other"
)

// The values of OAuth.Flow.
const (
	FlowClientCredentials = "client_credentials" // RFC 6749 section 4.4
	FlowRefreshToken      = "refresh_token"      // RFC 6749 section 6
)

// The values of OAuth.Mechanism.
const (
	MechanismXOAuth2     = "xoauth2"
	MechanismOAuthBearer = "oauthbearer" // RFC 7628
)

// IMAPTokens reports whether the mailbox is opened with a token.
func (m Mail) IMAPTokens() bool { return m.OAuth != nil && m.IMAP.Password.IsZero() }

// SMTPTokens reports whether mail is submitted with a token.
func (m Mail) SMTPTokens() bool {
	return m.OAuth != nil && m.SMTP.Username != "" && m.SMTP.Password.IsZero()
}

// complete fills in what a provider is known to have; nil stays as it is.
func (o *OAuth) complete() {
	if o == nil {
		return
	}
	var tokenURL string
	var scopes []string
	switch {
	case o.Provider == ProviderMicrosoft && o.TenantID != "":
		tokenURL = "https://login.microsoftonline.com/" + url.PathEscape(o.TenantID) + "/oauth2/v2.0/token"
		scopes = []string{"https://outlook.office365.com/.default"}
		if o.Flow == FlowRefreshToken {
			scopes = []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}
		}
	case o.Provider == ProviderGoogle:
		tokenURL, scopes = "https://oauth2.googleapis.com/token", []string{"https://mail.google.com/"}
	}
	if o.TokenURL == "" {
		o.TokenURL = tokenURL
	}
	if o.Scopes == nil {
		o.Scopes = scopes
	}
}

func (c *Config) checkOAuth(d *decoder) {
	o := c.Mail.OAuth
	if o == nil {
		return
	}
	if !c.Mail.IMAPTokens() && !c.Mail.SMTPTokens() {
		d.fault("mail.oauth", "is used by nothing, as mail.imap has a password and mail.smtp needs no token; remove the passwords to sign in with tokens, or this section to sign in with passwords")
		return
	}
	d.oneOf("mail.oauth.provider", o.Provider, ProviderMicrosoft, ProviderGoogle, ProviderOther)
	d.oneOf("mail.oauth.flow", o.Flow, FlowClientCredentials, FlowRefreshToken)
	if o.Mechanism != "" {
		d.oneOf("mail.oauth.mechanism", o.Mechanism, MechanismXOAuth2, MechanismOAuthBearer)
	}
	if o.Provider == ProviderGoogle && o.Flow == FlowClientCredentials {
		d.fault("mail.oauth.flow", "is client_credentials, which Google has not for mail; write refresh_token")
	}
	c.checkTenant(d)
	if d.required("mail.oauth.client_id", o.ClientID, "write the application (client) id, as the provider shows it") {
		if o.Provider == ProviderMicrosoft && !guidFormat.MatchString(o.ClientID) {
			d.fault("mail.oauth.client_id", "is no application id; copy it from Entra, such as 00000000-0000-0000-0000-000000000003")
		}
	}
	if o.ClientSecret.IsZero() && (o.Flow == FlowClientCredentials || o.Provider == ProviderGoogle) {
		d.fault("mail.oauth.client_secret", "is missing; write {env: FRIST_OAUTH_CLIENT_SECRET} or {file: PATH}")
	}
	switch {
	case o.Flow == FlowRefreshToken && o.RefreshToken.IsZero():
		d.fault("mail.oauth.refresh_token", "is missing; sign in once as the mailbox and write {env: FRIST_OAUTH_REFRESH_TOKEN} or {file: PATH}")
	case o.Flow == FlowClientCredentials && !o.RefreshToken.IsZero():
		d.fault("mail.oauth.refresh_token", "has no use in the flow client_credentials; remove it, or write flow: refresh_token")
	}
	for i, s := range o.Scopes {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			d.fault(fmt.Sprintf("mail.oauth.scopes[%d]", i), "is no scope; write each one alone, such as https://mail.google.com/")
		}
	}
}

func (c *Config) checkTenant(d *decoder) {
	o := c.Mail.OAuth
	if o.Provider != ProviderMicrosoft {
		if o.TenantID != "" {
			d.fault("mail.oauth.tenant_id", "has a meaning with provider: microsoft alone; remove it, or write that provider")
		}
		if o.Provider == ProviderOther && !d.required("mail.oauth.token_url", o.TokenURL, "write the provider's token endpoint, such as https://id.exempelstad.example/token") {
			return
		}
	} else if !d.required("mail.oauth.tenant_id", o.TenantID, "copy the directory (tenant) id from Entra, such as 00000000-0000-0000-0000-000000000002") {
		return
	} else if !guidFormat.MatchString(o.TenantID) && !hostFormat.MatchString(o.TenantID) {
		d.fault("mail.oauth.tenant_id", "is no tenant id; copy it from Entra, such as 00000000-0000-0000-0000-000000000002")
		return
	}
	if o.TokenURL != "" {
		d.url("mail.oauth.token_url", o.TokenURL)
	}
}

func (d *decoder) oneOf(path, value string, known ...string) {
	switch {
	case value == "":
		d.fault(path, "is missing; write one of %s", strings.Join(known, ", "))
	case !slices.Contains(known, value):
		d.fault(path, "is none of %s; write one of them", strings.Join(known, ", "))
	}
}
