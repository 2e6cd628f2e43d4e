package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frist/config"
	"frist/conversation"
)

// Each threshold is told once for each end, also after a new start, and anew for the one that takes its place.
func TestExpiryWarnings(t *testing.T) {
	a := newSampleApp(t)
	a.cfg.Teams = &config.Teams{}
	ends := func(days float64) {
		a.cfg.Teams.AppSecretExpires = time.Now().Add(time.Duration(days * 24 * float64(time.Hour)))
	}
	for i, c := range []struct {
		days float64
		want int // alarms in all
	}{{31, 0}, {29.5, 1}, {20, 2}, {13.5, 3}, {2.5, 4}, {-1, 5}} {
		ends(c.days)
		for range 2 {
			a.warned = nil // as after a new start
			if err := a.warnExpiry(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := a.waiting(t); n != c.want {
			t.Errorf("%d: %.1f days before: %d alarms, want %d", i, c.days, n, c.want)
		}
	}
	late, err := a.store.LateAlarms(t.Context(), time.Now().Add(time.Hour), time.Now(), 9)
	if err != nil || len(late) != 5 || late[0].Lines[0].Key != conversation.AlarmSecretEnds || late[0].Lines[0].Args["setting"] != "teams.app_secret" {
		t.Errorf("%+v, %v", late, err)
	}
}

func TestThreshold(t *testing.T) {
	now := time.Now()
	for days, want := range map[int]int{-1: 3, 0: 3, 3: 3, 4: 14, 14: 14, 15: 30, 30: 30, 31: 0, 400: 0} {
		if got := (expiry{ends: now.Add(time.Duration(days) * 24 * time.Hour)}).threshold(now); got != want {
			t.Errorf("%d days before: %d, want %d", days, got, want)
		}
	}
}

// A certificate that is renewed on the disk is served at once; a pair that does not fit leaves the one before in use.
func TestRenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	write := func(days int) {
		c, k := certificatePEM(t, days)
		for file, data := range map[string][]byte{cert: c, key: k} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(time.Duration(days) * time.Second)
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(20)
	c := &certificate{cert: cert, key: key, log: slog.New(slog.DiscardHandler)}
	ends := func(want int) {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		if days := int(time.Until(pair.Leaf.NotAfter).Hours()/24 + .5); days != want {
			t.Errorf("the certificate that is served ends in %d days, want %d", days, want)
		}
	}
	ends(20)
	old, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	write(90)
	ends(90)
	if err := os.WriteFile(cert, old, 0o600); err != nil { // with the new key
		t.Fatal(err)
	}
	ends(90)
	write(91)
	ends(91)
	if got := fileEnds(cert, time.Now()); int(time.Until(got).Hours()/24+.5) != 91 {
		t.Errorf("the file ends %v", got)
	}
	more, _ := certificatePEM(t, 5)
	gone, _ := certificatePEM(t, -5)
	if err := os.WriteFile(cert, bytes.Join([][]byte{gone, old, more}, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := fileEnds(cert, time.Now()); int(time.Until(got).Hours()/24+.5) != 5 {
		t.Errorf("the first of several ends %v", got)
	}
	if err := os.WriteFile(cert, gone, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := fileEnds(cert, time.Now()); !got.Before(time.Now()) || got.IsZero() {
		t.Errorf("one that has ended: %v", got)
	}
	if _, err := (&certificate{cert: "absent", key: key}).get(nil); err == nil || !fileEnds("absent", time.Now()).IsZero() {
		t.Error("an absent file is a certificate")
	}
}

// The running program serves a renewed certificate from the next connection on.
func TestHTTPSWithARenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	put := func(days int) {
		c, k := certificatePEM(t, days)
		if err := errors.Join(os.WriteFile(cert, c, 0o600), os.WriteFile(key, k, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put(20)
	file := sampleFile(t, "mail:\n", "http: {listen: '127.0.0.1:0', tls: {cert: "+cert+", key: "+key+"}}\nmail:\n")
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, options{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- a.serveHTTP(ctx) }()
	days := func() int {
		t.Helper()
		conn, err := tls.Dial("tcp", a.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it looks at the certificate
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return int(time.Until(conn.ConnectionState().PeerCertificates[0].NotAfter).Hours()/24 + .5)
	}
	if n := days(); n != 20 {
		t.Errorf("it ends in %d days", n)
	}
	if e := a.expiries(); len(e) != 1 || e[0].setting != "http.tls.cert" || e[0].left() != "in 19 days" {
		t.Errorf("expiries: %+v", e)
	}
	put(200)
	if n := days(); n != 200 {
		t.Errorf("after it was renewed it ends in %d days", n)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// certificatePEM makes a certificate of its own authority that ends so many days from now, and its key.
func certificatePEM(t *testing.T, days int) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ends := time.Now().Add(time.Duration(days) * 24 * time.Hour)
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: ends.AddDate(-1, 0, 0),
		NotAfter: ends, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}
