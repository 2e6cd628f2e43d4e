package mailtest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func (s *Server) newSMTP(config *tls.Config, submission bool) *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if submission {
			return &submitSession{smtpSession{s: s, conn: c, submission: true}}, nil
		}
		return &smtpSession{s: s, conn: c}, nil
	}))
	srv.Domain = s.opt.AuthservID
	srv.TLSConfig = config
	srv.MaxMessageBytes = s.opt.MaxSize
	srv.MaxRecipients = 100
	srv.ReadTimeout, srv.WriteTimeout = 5*time.Minute, 5*time.Minute
	srv.ErrorLog = logger{s.opt.Log}
	return srv
}

// smtpSession is one SMTP connection.
type smtpSession struct {
	s          *Server
	conn       *smtp.Conn
	submission bool
	user       string // who has logged in, lower case
	from       string
	to         []string
}

// submitSession is a connection on which AUTH is offered and demanded.
type submitSession struct{ smtpSession }

var _ smtp.AuthSession = (*submitSession)(nil)

func (ss *submitSession) AuthMechanisms() []string { return ss.s.mechanisms() }

func (ss *submitSession) Auth(mechanism string) (sasl.Server, error) {
	return ss.s.authenticate(mechanism, func(user string) error {
		if ss.s.opt.NoAuth {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 139}, Message: "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."}
		}
		ss.user = user
		return nil
	}, smtp.ErrAuthFailed)
}

func (ss *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if ss.submission && ss.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	ss.from = from
	return nil
}

func (ss *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case !ss.s.local(to):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "No delivery to the outside here"}
	case ss.s.lookup(to) == nil:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user"}
	}
	ss.to = append(ss.to, to)
	return nil
}

func (ss *smtpSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // too large, or the connection broke
	}
	e := envelope{from: ss.from, user: ss.user, helo: ss.conn.Hostname(), peer: ss.conn.Conn().RemoteAddr().String()}
	for _, to := range ss.to {
		if err := ss.s.deliver(e, to, raw, ss.s.opt.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (ss *smtpSession) Reset()        { ss.from, ss.to = "", nil }
func (ss *smtpSession) Logout() error { return nil }

// deliver stamps a mail, puts it into the mailbox of to and tells OnDeliver.
func (s *Server) deliver(e envelope, to string, raw []byte, received time.Time) error {
	a := s.lookup(to)
	if a == nil {
		return errors.New("no such account")
	}
	stamped := s.stamp(e, to, raw, received)
	if err := a.append(stamped, received); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	s.mu.Lock()
	a.mails = append(a.mails, stamped)
	s.mu.Unlock()
	s.change()
	if s.opt.OnDeliver != nil {
		s.opt.OnDeliver(to, stamped)
	}
	return nil
}
