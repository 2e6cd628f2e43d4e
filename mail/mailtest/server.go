// Package mailtest is a mail system in memory, for demonstrations and tests: an
// IMAP server (RFC 9051), a submission server (RFC 6409) and an MX (RFC 5321)
// on loopback, with TLS from a certificate authority made at start. It stamps
// Authentication-Results (RFC 8601) as a real receiving system does. It keeps
// nothing on disk, relays to nowhere, and is no proof of how Dovecot or
// Exchange behave.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Options says which mail system is started.
type Options struct {
	Domains    []string          // local domains; empty: those of Accounts
	Accounts   map[string]string // address → password; each has an INBOX
	AuthservID string            // names this system in Authentication-Results; empty: "mx." and the first domain
	MaxSize    int64             // bytes of one mail; 0: 64 MiB

	// OnDeliver, if set, is told of each mail after it lies in the mailbox of
	// rcpt, the envelope recipient with its +token. It runs in the sender's
	// connection, so a slow one holds up the SMTP reply.
	OnDeliver func(rcpt string, raw []byte)
	Now       func() time.Time // for INTERNALDATE and Received; nil: time.Now
	Log       *slog.Logger     // nil: none

	// Tokens, if set, checks who a token lets in; passwords are not taken then. Mechanisms is what is offered; nil: XOAUTH2 and OAUTHBEARER.
	Tokens     func(mailbox, token string) bool
	Mechanisms []string

	// NoMove and NoUIDPlus leave those extensions out of the IMAP capabilities.
	NoMove, NoUIDPlus bool
	// NoAuth refuses every login at submission with the words of Exchange Online where SMTP AUTH is switched off.
	NoAuth bool
}

// Server is a running mail system.
type Server struct {
	IMAP          string // host:port, TLS from the first byte
	IMAPPlain     string // host:port, STARTTLS offered, not demanded
	Submission    string // host:port, STARTTLS and then AUTH demanded
	SubmissionTLS string // host:port, TLS from the first byte, AUTH demanded
	MX            string // host:port, no AUTH: mail from the outside

	opt      Options
	roots    *x509.CertPool
	accounts map[string]*account // by address, lower case
	imap     *imapserver.Server
	smtp     []*smtp.Server
	sockets  []net.Listener
	serving  sync.WaitGroup

	moves sync.Mutex // COPY, \Deleted and EXPUNGE of one move belong together

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever anything changes
	conns   map[net.Conn]struct{}
}

type account struct {
	user  *imapmemserver.User
	mails [][]byte // all that was ever delivered, in order; under Server.mu
}

// Start starts the servers on free ports. The caller closes it.
func Start(opt Options) (*Server, error) {
	if err := opt.complete(); err != nil {
		return nil, fmt.Errorf("start mail servers: %w", err)
	}
	s := &Server{
		opt: opt, accounts: map[string]*account{},
		changed: make(chan struct{}), conns: map[net.Conn]struct{}{},
	}
	for addr, password := range opt.Accounts {
		u := imapmemserver.NewUser(addr, password)
		if err := u.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("start mail servers: %w", err)
		}
		s.accounts[addr] = &account{user: u}
	}
	cert, roots, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("start mail servers: %w", err)
	}
	s.roots = roots
	if err := s.listen(&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}); err != nil {
		s.Close()
		return nil, fmt.Errorf("start mail servers: %w", err)
	}
	return s, nil
}

// complete fills in what is unset and lowers the case of all addresses.
func (o *Options) complete() error {
	accounts := map[string]string{}
	var own []string
	for addr, password := range o.Accounts {
		local, domain, ok := strings.Cut(strings.ToLower(addr), "@")
		if !ok || local == "" || domain == "" || strings.ContainsAny(local, "+ ") {
			return fmt.Errorf("account %q is not a mail address without +token", addr)
		}
		accounts[local+"@"+domain] = password
		own = append(own, domain)
	}
	if len(accounts) == 0 {
		return errors.New("no accounts")
	}
	if len(o.Domains) > 0 {
		own = nil
		for _, d := range o.Domains {
			own = append(own, strings.ToLower(d))
		}
	} else {
		slices.Sort(own)
	}
	o.Accounts, o.Domains = accounts, slices.Compact(own)
	if o.AuthservID == "" {
		o.AuthservID = "mx." + o.Domains[0]
	}
	if o.Mechanisms == nil {
		o.Mechanisms = []string{"XOAUTH2", "OAUTHBEARER"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxSize == 0 {
		o.MaxSize = 64 << 20
	}
	return nil
}

func (s *Server) listen(config *tls.Config) error {
	for _, addr := range []*string{&s.IMAP, &s.IMAPPlain, &s.Submission, &s.SubmissionTLS, &s.MX} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		*addr = l.Addr().String()
		s.sockets = append(s.sockets, l)
	}
	s.imap = s.newIMAP(config)
	submission, mx := s.newSMTP(config, true), s.newSMTP(config, false)
	s.smtp = []*smtp.Server{submission, mx}
	s.serve(s.imap.Serve, tls.NewListener(s.sockets[0], config))
	s.serve(s.imap.Serve, s.sockets[1])
	s.serve(submission.Serve, s.sockets[2])
	s.serve(submission.Serve, tls.NewListener(s.sockets[3], config))
	s.serve(mx.Serve, s.sockets[4])
	return nil
}

func (s *Server) serve(f func(net.Listener) error, l net.Listener) {
	s.serving.Go(func() {
		if err := f(l); err != nil {
			s.opt.Log.Debug("mail server ended", "error", err)
		}
	})
}

// Close ends all connections and frees the ports.
func (s *Server) Close() error {
	var errs []error
	for _, srv := range s.smtp {
		errs = append(errs, srv.Close())
	}
	if s.imap != nil {
		errs = append(errs, s.imap.Close())
	}
	// A library that had not come to Serve yet does not know its listener.
	for _, l := range s.sockets {
		l.Close()
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// RootCAs holds the authority that signed the servers' certificate, which is
// valid for 127.0.0.1, ::1 and localhost.
func (s *Server) RootCAs() *x509.CertPool { return s.roots }

// AuthservID is the name in this system's Authentication-Results.
func (s *Server) AuthservID() string { return s.opt.AuthservID }

// lookup finds the account of an envelope address; +token is ignored.
func (s *Server) lookup(addr string) *account {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return nil
	}
	local, _, _ := strings.Cut(addr[:at], "+")
	return s.accounts[strings.ToLower(local+addr[at:])]
}

func (s *Server) local(addr string) bool {
	_, domain := splitAddress(addr)
	return slices.Contains(s.opt.Domains, strings.ToLower(domain))
}

func splitAddress(addr string) (local, domain string) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr, ""
	}
	return addr[:at], addr[at+1:]
}

// change wakes IDLE and WaitFor.
func (s *Server) change() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// changes returns a channel that is closed at the next change.
func (s *Server) changes() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}
