package mail

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPConfig says where and as whom mail is submitted (RFC 6409).
type SMTPConfig struct {
	Addr     string                 // host:port
	TLS      TLSMode                // "none" on loopback only
	RootCAs  *x509.CertPool         // nil: the system's
	Username string                 // empty: no AUTH
	Password func() (string, error) // asked at each connection
	Tokens   *Tokens                // if not nil, the login is with a token instead
	Auth     AuthMode               // with Tokens
	HELO     string                 // name given in EHLO; empty: "localhost"
	Timeout  time.Duration          // for one command; 0: a minute. The reply to the whole message gets five times that

	CertificateEnds func(time.Time) // as IMAPConfig's
}

// SendError is why a message was not accepted.
type SendError struct {
	Permanent bool   // the same message to the same recipient will not be accepted later either
	Code      int    // the server's reply code (RFC 5321 section 4.2), 0 if there was none
	Msg       string // the operation and the cause, for the log: mail addresses taken out
	err       error
}

func (e *SendError) Error() string { return e.Msg }

func (e *SendError) Unwrap() error { return e.err }

// Sender submits mail. It is safe for concurrent use: each message has a connection to itself, which the next may use if it comes soon.
type Sender struct {
	cfg   SMTPConfig
	guard loginGuard
	idle  idleSession
}

// NewSender returns a Sender; nothing is dialled before Send.
func NewSender(cfg SMTPConfig) *Sender {
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.HELO == "" {
		cfg.HELO = "localhost"
	}
	return &Sender{cfg: cfg, guard: loginGuard{now: time.Now}}
}

// Send submits raw (RFC 5322, any line ends) from the envelope address from,
// empty for a bounce, to all of to, or to none of them: the first refusal ends
// it. The error is always a *SendError. If the connection breaks after the
// last octet the server may have taken the mail; the caller sends again, with
// the same Message-ID.
func (s *Sender) Send(ctx context.Context, from string, to []string, raw []byte) error {
	if len(to) == 0 {
		return &SendError{Permanent: true, Msg: "smtp: no recipient"}
	}
	for _, a := range append([]string{from}, to...) {
		if a == "" && from == "" {
			continue
		}
		if err := (Address{Addr: a}).check("envelope"); err != nil {
			return &SendError{Permanent: true, Msg: "smtp: " + err.Error(), err: err}
		}
	}
	if c := s.idle.take(); c != nil {
		begun, err := s.submit(ctx, c, from, to, raw)
		if err == nil {
			return nil
		}
		if begun || ctx.Err() != nil {
			return messageError(ctx, err)
		}
		// It may have been cut, or be refused what a new one is not: servers bound the messages of a session, with 4xx or 5xx, and logins run out.
	}
	c, err := s.connect(ctx)
	if err != nil {
		return setupError(ctx, err)
	}
	if _, err := s.submit(ctx, c, from, to, raw); err != nil {
		return messageError(ctx, err)
	}
	return nil
}

// submit hands one message over and keeps the connection for the next, or closes it. begun: the server may have taken the message.
func (s *Sender) submit(ctx context.Context, c *session, from string, to []string, raw []byte) (begun bool, err error) {
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	begun, err = s.transact(c.Client, from, to, raw)
	if !stop() || err != nil {
		c.conn.Close()
		return begun, err
	}
	s.idle.keep(c)
	return begun, nil
}

// Check connects and logs in, and sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return setupError(ctx, err)
	}
	c.end()
	return nil
}

func (s *Sender) endpoint() endpoint {
	return endpoint{s.cfg.Addr, s.cfg.TLS, s.cfg.RootCAs, s.cfg.CertificateEnds}
}

// connect returns a session that has said EHLO and logged in, in ctx.
//
// A token that the server refuses may have been withdrawn: it is tried once more with a new one.
func (s *Sender) connect(ctx context.Context) (*session, error) {
	if err := s.guard.closed(); err != nil {
		return nil, err
	}
	for {
		secret, err := s.secret(ctx)
		if err != nil {
			return nil, fmt.Errorf("auth: %w", err)
		}
		c, err := s.connectWith(ctx, secret)
		if errors.Is(err, ErrTokenRefused) && s.cfg.Tokens.Refused(secret) {
			continue
		}
		s.guard.result(err)
		return c, err
	}
}

// secret is what the login is done with, "" without a login.
func (s *Sender) secret(ctx context.Context) (string, error) {
	switch {
	case s.cfg.Username == "":
		return "", nil
	case s.cfg.Tokens != nil:
		return s.cfg.Tokens.Token(ctx)
	case s.cfg.Password == nil:
		return "", errors.New("no password set")
	}
	secret, err := s.cfg.Password()
	if err != nil {
		return "", fmt.Errorf("get password: %w", err)
	}
	return secret, nil
}

func (s *Sender) connectWith(ctx context.Context, secret string) (*session, error) {
	conn, err := s.endpoint().dial(ctx, s.cfg.Timeout)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	// go-smtp's own timeouts cannot be set before STARTTLS is through.
	timer := time.AfterFunc(s.cfg.Timeout, func() { conn.Close() })
	defer timer.Stop()
	c, err := s.greet(conn)
	if err == nil {
		err = s.login(c, secret)
	}
	if !stop() {
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &session{Client: c, conn: conn, began: time.Now()}, nil
}

func (s *Sender) greet(conn net.Conn) (c *smtp.Client, err error) {
	if s.cfg.TLS == TLSStart {
		if c, err = smtp.NewClientStartTLS(conn, s.endpoint().tlsConfig()); err != nil {
			return nil, fmt.Errorf("starttls: %w", err)
		}
	} else {
		c = smtp.NewClient(conn)
	}
	c.CommandTimeout = s.cfg.Timeout
	c.SubmissionTimeout = 5 * s.cfg.Timeout
	if err := c.Hello(s.cfg.HELO); err != nil {
		return nil, fmt.Errorf("ehlo: %w", err)
	}
	return c, nil
}

// login is only reached over TLS or loopback: endpoint.check sees to that.
func (s *Sender) login(c *smtp.Client, secret string) error {
	if s.cfg.Username == "" {
		return nil
	}
	if s.cfg.Tokens != nil {
		return s.loginBearer(c, secret)
	}
	var mech sasl.Client
	switch {
	case !c.SupportsAuth(sasl.Plain) && c.SupportsAuth(sasl.Login):
		mech = sasl.NewLoginClient(s.cfg.Username, secret) // Exchange Online offers LOGIN but not PLAIN
	default:
		mech = sasl.NewPlainClient("", s.cfg.Username, secret)
	}
	if err := c.Auth(mech); err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

func (s *Sender) loginBearer(c *smtp.Client, token string) error {
	b, err := newBearer(s.cfg.Auth, c.SupportsAuth)
	if err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	b.user, b.token, b.server, b.answer = s.cfg.Username, token, s.cfg.Addr, true
	err = c.Auth(b)
	var reply *smtp.SMTPError
	if errors.As(err, &reply) && reply.Code == 535 {
		plain := *reply
		plain.Message = plainWords(reply.Message, 200, []string{token})
		err = b.refused(&plain)
	}
	if err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

// transact submits one message. begun: its text was being sent.
func (s *Sender) transact(c *smtp.Client, from string, to []string, raw []byte) (begun bool, err error) {
	if max, ok := c.MaxMessageSize(); ok && max > 0 && len(raw) > max {
		return false, fmt.Errorf("mail: %w", &smtp.SMTPError{Code: 552, Message: "message exceeds the size that the server announced"})
	}
	if err := c.Mail(from, &smtp.MailOptions{Size: int64(len(raw))}); err != nil {
		return false, fmt.Errorf("mail: %w", err)
	}
	for _, rcpt := range to {
		if err := c.Rcpt(rcpt, nil); err != nil {
			return false, fmt.Errorf("rcpt: %w", err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return false, fmt.Errorf("data: %w", err)
	}
	if _, err := bytes.NewReader(raw).WriteTo(w); err != nil {
		return true, fmt.Errorf("data: %w", err)
	}
	if err := w.Close(); err != nil {
		return true, fmt.Errorf("data: %w", err)
	}
	return true, nil
}

// setupError is never permanent: what is wrong before MAIL is wrong with the
// server or the settings, not with this message.
func setupError(ctx context.Context, err error) *SendError {
	e := messageError(ctx, err)
	e.Permanent = false
	return e
}

func messageError(ctx context.Context, err error) *SendError {
	if cause := ctx.Err(); cause != nil {
		err = fmt.Errorf("%w (%w)", err, cause) // the connection was closed under it
	}
	e := &SendError{Msg: "smtp: " + hideAddresses(err.Error()), err: err}
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		e.Code = reply.Code
		e.Permanent = reply.Code >= 500 && !aboutCredentials(reply.Code)
	}
	return e
}

// aboutCredentials are the replies of RFC 4954 section 6, which settings can mend.
func aboutCredentials(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// hideAddresses takes mail addresses out of a server's reply, which likes to
// repeat them, and which goes to the log.
func hideAddresses(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if strings.Contains(w, "@") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}
