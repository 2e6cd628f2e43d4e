package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	teamsIDs = "app_id: 00000000-0000-0000-0000-00000000000a, tenant_id: 00000000-0000-0000-0000-00000000000b"
	teamsKey = "app_certificate: {cert: c.pem, key: k.pem}"
)

func TestTeamsFaults(t *testing.T) {
	for name, c := range map[string]struct{ settings, want string }{
		"neither":         {"", "teams.app_secret is missing; write {env: FRIST_APP_SECRET} or {file: PATH}, or name a certificate in app_certificate"},
		"both":            {", app_secret: {env: S}, " + teamsKey, "teams.app_certificate stands beside teams.app_secret; remove one of them"},
		"no key":          {", app_certificate: {cert: c.pem}", "teams.app_certificate needs both cert and key"},
		"no certificate":  {", app_certificate: {key: k.pem}", "teams.app_certificate needs both cert and key"},
		"a last day":      {", app_secret_expires: 2027-03-01, " + teamsKey, "teams.app_secret_expires has no use with a certificate"},
		"tenant":          {", app_secret: {env: S}, tenant_ids: [kommunen.example]", "teams.tenant_ids[0] is no tenant id; copy it from Entra"},
		"the bot's again": {", app_secret: {env: S}, tenant_ids: [00000000-0000-0000-0000-00000000000B]", "teams.tenant_ids[0] stands there already"},
		"twice": {", app_secret: {env: S}, tenant_ids: [00000000-0000-0000-0000-00000000000c, 00000000-0000-0000-0000-00000000000c]",
			"teams.tenant_ids[1] stands there already"},
		"no rate":  {", app_secret: {env: S}, person_per_minute: -1", "teams.person_per_minute is -1; write a number from 1"},
		"too much": {", app_secret: {env: S}, tenant_per_minute: 9999999", "teams.tenant_per_minute is 9999999; write a number from 1"},
	} {
		_, err := Parse("x.yaml", []byte(minimal+"teams: {"+teamsIDs+c.settings+"}\n"))
		if err == nil || !strings.Contains(err.Error(), "line 15: "+c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// People's activities carry the tenant's id, never its name.
	_, err := Parse("x.yaml", []byte(minimal+"teams: {app_id: 00000000-0000-0000-0000-00000000000a, app_secret: {env: S}, tenant_id: kommunen.onmicrosoft.example}\n"))
	if err == nil || !strings.Contains(err.Error(), "line 15: teams.tenant_id is no tenant id") {
		t.Error(err)
	}
}

// pair writes a certificate and a key into a folder.
func pair(t *testing.T, dir string, certified, kept crypto.Signer, ends time.Time) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "frist"}, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, certified.Public(), certified)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(kept)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "c.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, filepath.Join(dir, "k.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTeamsCertificate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "frist.yaml")
	write(t, path, minimal+"teams: {"+teamsIDs+", "+teamsKey+"}\n")
	t.Setenv("KEY", testKey)
	t.Setenv("IMAP", "p")
	good, other := rsaKey(t, 2048), rsaKey(t, 2048)
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	year := time.Now().AddDate(1, 0, 0)
	for _, c := range []struct {
		what            string
		certified, kept crypto.Signer
		ends            time.Time
		want            string
	}{
		{"no files", nil, nil, year, "line 15: teams.app_certificate cannot be used: read certificate: "},
		{"another's key", good, other, year, "line 15: teams.app_certificate cannot be used: tls: private key does not match"},
		{"elliptic", elliptic, elliptic, year, "line 15: teams.app_certificate cannot be used: its key is no RSA key"},
		{"short", rsaKey(t, 1024), nil, year, "line 15: teams.app_certificate cannot be used: its key has 1024 bits, fewer than 2048"},
		{"ended", good, good, time.Now().Add(-time.Hour), ""},
		{"good", good, good, year, ""},
	} {
		if c.certified != nil {
			if c.kept == nil {
				c.kept = c.certified
			}
			pair(t, dir, c.certified, c.kept, c.ends)
		}
		settings, err := Load(path)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", c.what, err)
		}
		if err != nil {
			continue
		}
		if settings.Teams.Secret() != nil {
			t.Error("a secret beside the certificate")
		}
		if p, err := settings.Teams.Certificate()(); err != nil || !p.Leaf.NotAfter.Equal(c.ends.Truncate(time.Second)) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
