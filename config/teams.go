package config

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Teams is the Teams channel. With Development the three ids may be empty: the endpoint is then open. The bot shows who it is by its secret
// or by its certificate, never both.
type Teams struct {
	AppID            string    `yaml:"app_id"`
	AppSecret        Secret    `yaml:"app_secret"`
	AppSecretExpires time.Time `yaml:"app_secret_expires"` // midnight UTC of the day; zero if not known
	AppCertificate   TLS       `yaml:"app_certificate"`
	TenantID         string    `yaml:"tenant_id"`
	TenantIDs        []string  `yaml:"tenant_ids"` // beside TenantID
	MetadataURL      string    `yaml:"metadata_url"`
	TokenURL         string    `yaml:"token_url"`
	ServiceHosts     []string  `yaml:"service_hosts"` // lower case, "*." before a domain for all hosts below it; empty: Microsoft's own
	FileHosts        []string  `yaml:"file_hosts"`    // likewise, where what people attach lies
	PersonPerMinute  int       `yaml:"person_per_minute"`
	TenantPerMinute  int       `yaml:"tenant_per_minute"`
	App              TeamsApp  `yaml:"app"`
}

// What Teams.PersonPerMinute and Teams.TenantPerMinute are if they are not set, and at most. Nobody writes or presses a button more than once a second
// for long, and 3000 is far more than a municipality does on its worst day; half a minute's worth may come at once.
const (
	DefaultPersonPerMinute = 60
	DefaultTenantPerMinute = 3000
	mostPerMinute          = 1_000_000
)

// minKeyBits is the shortest RSA key that Entra's certificates should have.
const minKeyBits = 2048

func (t *Teams) complete() {
	if t == nil {
		return
	}
	if t.MetadataURL == "" {
		t.MetadataURL = MetadataURL
	}
	if t.TokenURL == "" && t.TenantID != "" {
		t.TokenURL = "https://login.microsoftonline.com/" + t.TenantID + "/oauth2/v2.0/token"
	}
	if t.PersonPerMinute == 0 {
		t.PersonPerMinute = DefaultPersonPerMinute
	}
	if t.TenantPerMinute == 0 {
		t.TenantPerMinute = DefaultTenantPerMinute
	}
	lower(t.ServiceHosts)
	lower(t.FileHosts)
}

func (c *Config) checkTeams(d *decoder) {
	t := c.Teams
	if t == nil || c.Development && t.AppID == "" && t.AppSecret.IsZero() && t.AppCertificate == (TLS{}) && t.TenantID == "" {
		return
	}
	const remedy = "write it as Entra shows it, or remove the whole section teams to run without Teams"
	if d.required("teams.app_id", t.AppID, remedy) && !guidFormat.MatchString(t.AppID) {
		d.fault("teams.app_id", "is no application id; copy it from Entra, such as 00000000-0000-0000-0000-000000000001")
	}
	t.checkSignIn(d)
	const copyTenant = "copy it from Entra, such as 00000000-0000-0000-0000-000000000002"
	if d.required("teams.tenant_id", t.TenantID, remedy) && !guidFormat.MatchString(t.TenantID) {
		d.fault("teams.tenant_id", "is no tenant id, by which Teams tells where people belong; %s", copyTenant)
	} else if t.TokenURL != "" {
		d.url("teams.token_url", t.TokenURL)
	}
	for i, id := range t.TenantIDs {
		path := fmt.Sprintf("teams.tenant_ids[%d]", i)
		switch {
		case !guidFormat.MatchString(id):
			d.fault(path, "is no tenant id; %s", copyTenant)
		case strings.EqualFold(id, t.TenantID), slices.ContainsFunc(t.TenantIDs[:i], func(other string) bool { return strings.EqualFold(id, other) }):
			d.fault(path, "stands there already; write each tenant once, and the bot's own in tenant_id alone")
		}
	}
	d.url("teams.metadata_url", t.MetadataURL)
	for i, h := range t.FileHosts {
		if !hostFormat.MatchString(strings.TrimPrefix(h, "*.")) {
			d.fault(fmt.Sprintf("teams.file_hosts[%d]", i), "is no host; write a name alone, such as exempelstad-my.sharepoint.com or *.sharepoint.com")
		}
	}
	for i, h := range t.ServiceHosts {
		if !hostFormat.MatchString(strings.TrimPrefix(h, "*.")) {
			d.fault(fmt.Sprintf("teams.service_hosts[%d]", i), "is no host; write a name alone, such as smba.trafficmanager.net or *.botframework.com")
		}
	}
	perMinute := func(path string, n int) {
		if n < 1 || n > mostPerMinute {
			d.fault(path, "is %d; write a number from 1 to %d", n, mostPerMinute)
		}
	}
	perMinute("teams.person_per_minute", t.PersonPerMinute)
	perMinute("teams.tenant_per_minute", t.TenantPerMinute)
}

// checkSignIn wants exactly one of secret and certificate, and all of it.
func (t *Teams) checkSignIn(d *decoder) {
	pair := t.AppCertificate
	switch {
	case t.AppSecret.IsZero() && pair == (TLS{}):
		d.fault("teams.app_secret", "is missing; write {env: FRIST_APP_SECRET} or {file: PATH}, or name a certificate in app_certificate, or remove the whole section teams to run without Teams")
	case !t.AppSecret.IsZero() && pair != (TLS{}):
		d.fault("teams.app_certificate", "stands beside teams.app_secret; remove one of them: the bot signs in with a secret or with a certificate")
	case pair != (TLS{}) && (pair.Cert == "" || pair.Key == ""):
		d.fault("teams.app_certificate", "needs both cert and key; write the files of the certificate that Entra has and of its key")
	}
	if pair != (TLS{}) && !t.AppSecretExpires.IsZero() {
		d.fault("teams.app_secret_expires", "has no use with a certificate, which tells itself when it ends; remove it")
	}
}

// Certificate reads AppCertificate, anew at each call so that renewed files count: PEM, with an RSA key. nil without one.
func (t *Teams) Certificate() func() (tls.Certificate, error) {
	if t.AppCertificate == (TLS{}) {
		return nil
	}
	return func() (tls.Certificate, error) { return t.AppCertificate.rsaPair() }
}

// Secret reads AppSecret, anew at each call. nil without one.
func (t *Teams) Secret() func() (string, error) {
	if t.AppSecret.IsZero() {
		return nil
	}
	return t.AppSecret.Value
}

const maxPEM = 1 << 20

func (t TLS) rsaPair() (tls.Certificate, error) {
	cert, err := readFile(t.Cert, maxPEM)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	key, err := readFile(t.Key, maxPEM)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read its key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return tls.Certificate{}, errors.New("its key is no RSA key, the only kind that Entra takes")
	}
	if bits := private.N.BitLen(); bits < minKeyBits {
		return tls.Certificate{}, fmt.Errorf("its key has %d bits, fewer than %d", bits, minKeyBits)
	}
	return pair, nil
}

// checkCertificate looks at the files of AppCertificate. One that has ended is no fault: mail must go on without Teams.
func (t *Teams) checkCertificate(d *decoder) {
	if t == nil || t.AppCertificate.Cert == "" || t.AppCertificate.Key == "" {
		return
	}
	if _, err := t.AppCertificate.rsaPair(); err != nil {
		d.fault("teams.app_certificate", "cannot be used: %v; name the certificate that Entra has and its own RSA key, both PEM files and the key without a password", err)
	}
}
