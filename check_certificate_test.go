package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// frist check signs in with a certificate, says when it ends, and which setting mends one that Entra does not have.
func TestCheckCertificate(t *testing.T) {
	s := startServers(t)
	const tenant = "11111111-0000-0000-0000-000000000001"
	file := sampleFile(t, sampleIMAP, s.imap(), sampleSMTP, s.smtp(),
		"units:\n", "development: true\nteams: {app_id: "+sampleApp+", app_certificate: {cert: c.pem, key: k.pem}, tenant_id: "+tenant+
			", metadata_url: \""+s.identity.MetadataURL()+"\", token_url: \""+s.identity.TokenURL(tenant)+"\"}\nunits:\n")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, mode os.FileMode, data []byte) {
		t.Helper()
		file := filepath.Join(filepath.Dir(file), name)
		if err := os.WriteFile(file, data, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	check := func() string {
		t.Helper()
		var b bytes.Buffer
		k := &checker{out: &b, roots: s.roots}
		k.check(t.Context(), file, true)
		return b.String()
	}
	put("password", 0o600, []byte(samplePassword))
	put("k.pem", 0o644, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	for _, c := range []struct {
		days    int
		trusted bool
		want    []string
	}{
		{300, false, []string{"fault teams: fetch token: status 401: invalid_client: AADSTS700027: ", " → teams.app_certificate\n", "warning settings: the file ", " → teams.app_certificate.key\n"}},
		{300, true, []string{"ok teams: the signing keys and a token were fetched\n", "ok expiry: the certificate in teams.app_certificate.cert ends "}},
		{-1, true, []string{"fault teams: fetch token: the app's certificate ended on ", " → teams.app_certificate\n", "warning expiry: the certificate in teams.app_certificate.cert ends "}},
		{29, true, []string{"ok teams: ", "warning expiry: the certificate in teams.app_certificate.cert ends "}},
	} {
		ends := time.Now().Add(time.Duration(c.days)*24*time.Hour + time.Hour)
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(1000 + c.days)), Subject: pkix.Name{CommonName: "frist"}, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		put("c.pem", 0o644, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		if c.trusted {
			s.identity.Trust(leaf)
		}
		out := check()
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%d days: no %q in\n%s", c.days, want, out)
			}
		}
		if strings.Contains(out, "the client secret for Teams") {
			t.Errorf("%d days: a client secret is missed\n%s", c.days, out)
		}
	}
}
