package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// TLSMode says how a connection is protected.
type TLSMode string

const (
	// TLSImplicit speaks TLS from the first byte (RFC 8314): IMAP port 993, submission port 465.
	TLSImplicit TLSMode = "tls"
	// TLSStart upgrades with STARTTLS before any credential: IMAP port 143, submission port 587.
	TLSStart TLSMode = "starttls"
	// TLSNone is allowed on loopback alone.
	TLSNone TLSMode = "none"
)

// endpoint is one server that is dialled.
type endpoint struct {
	addr  string // host:port
	mode  TLSMode
	roots *x509.CertPool
	ends  func(time.Time) // told at each handshake when the server's certificates end; may be nil
}

// check refuses settings with which no connection may be tried.
func (e endpoint) check() error {
	host, _, err := net.SplitHostPort(e.addr)
	if err != nil {
		return fmt.Errorf("server address: %w", err)
	}
	switch e.mode {
	case TLSImplicit, TLSStart:
		return nil
	case TLSNone:
		if !isLoopback(host) {
			return errors.New(`tls mode "none" is allowed on loopback only`)
		}
		return nil
	}
	return fmt.Errorf("unknown tls mode %q", e.mode)
}

// isLoopback wants a literal address: "localhost" is the one name that RFC 6761
// section 6.3 binds to loopback.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (e endpoint) tlsConfig() *tls.Config {
	host, _, _ := net.SplitHostPort(e.addr)
	c := &tls.Config{ServerName: host, RootCAs: e.roots, MinVersion: tls.VersionTLS12}
	if e.ends != nil {
		c.VerifyConnection = func(s tls.ConnectionState) error {
			e.ends(chainEnds(s))
			return nil
		}
	}
	return c
}

// chainEnds is when the first certificate ends of the chain by which the server was verified, or of the one that lasts longest where there are
// several.
func chainEnds(s tls.ConnectionState) (last time.Time) {
	for _, chain := range s.VerifiedChains {
		first := chain[0].NotAfter
		for _, c := range chain[1:] {
			if c.NotAfter.Before(first) {
				first = c.NotAfter
			}
		}
		if first.After(last) {
			last = first
		}
	}
	return last
}

// dial connects, and for TLSImplicit does the handshake too; STARTTLS is left
// to the protocol's own client.
func (e endpoint) dial(ctx context.Context, timeout time.Duration) (net.Conn, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.addr)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if e.mode != TLSImplicit {
		return conn, nil
	}
	tconn := tls.Client(conn, e.tlsConfig())
	if err := tconn.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return tconn, nil
}
