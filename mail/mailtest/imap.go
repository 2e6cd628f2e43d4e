package mailtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
)

func (s *Server) newIMAP(config *tls.Config) *imapserver.Server {
	caps := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapSpecialUse: {}}
	if s.opt.NoMove {
		delete(caps, imap.CapMove)
	}
	if s.opt.NoUIDPlus {
		delete(caps, imap.CapUIDPlus)
	}
	return imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return s.newSession(c), nil, nil
		},
		Caps: caps, TLSConfig: config, Logger: logger{s.opt.Log},
		InsecureAuth: true, // it listens on loopback only
	})
}

// logger is what both server libraries write to.
type logger struct{ log *slog.Logger }

func (l logger) Printf(format string, v ...any) {
	l.log.Debug("mail server: " + strings.TrimSpace(fmt.Sprintf(format, v...)))
}

func (l logger) Println(v ...any) { l.Printf("%s", fmt.Sprintln(v...)) }

// session is one IMAP connection. Its UserSession is nil until Login.
type session struct {
	*imapmemserver.UserSession
	s    *Server
	conn net.Conn
}

var (
	_ imapserver.SessionIMAP4rev2 = (*session)(nil)
	_ imapserver.SessionSASL      = (*session)(nil)
)

func (s *Server) newSession(c *imapserver.Conn) *session {
	conn := c.NetConn()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = struct{}{}
	return &session{s: s, conn: conn}
}

func (ss *session) Close() error {
	ss.s.mu.Lock()
	delete(ss.s.conns, ss.conn)
	ss.s.mu.Unlock()
	return ss.UserSession.Close()
}

// AuthenticateMechanisms and Authenticate implement imapserver.SessionSASL.
func (ss *session) AuthenticateMechanisms() []string { return ss.s.mechanisms() }

// Authenticate logs in by SASL.
func (ss *session) Authenticate(mechanism string) (sasl.Server, error) {
	return ss.s.authenticate(mechanism, func(user string) error {
		ss.UserSession = imapmemserver.NewUserSession(ss.s.accounts[user].user)
		return nil
	}, imapserver.ErrAuthFailed)
}

func (ss *session) Login(username, password string) error {
	username = strings.ToLower(username)
	a := ss.s.accounts[username]
	if a == nil || ss.s.opt.Tokens != nil {
		return imapserver.ErrAuthFailed
	}
	if err := a.user.Login(username, password); err != nil {
		return err
	}
	ss.UserSession = imapmemserver.NewUserSession(a.user)
	return nil
}

// Idle replaces the memory server's, which sleeps through a change that comes
// between the last command and IDLE.
func (ss *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		changes := ss.s.changes()
		if err := ss.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changes:
		case <-stop:
			return nil
		}
	}
}

// Move replaces the memory server's, which drops the connection when nothing is
// there to be moved and tells of each expunged message twice.
func (ss *session) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	ss.s.moves.Lock()
	defer ss.s.moves.Unlock()
	defer ss.s.change()
	data, err := ss.UserSession.Copy(set, dest)
	if err != nil || len(data.SourceUIDs) == 0 {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	err = ss.UserSession.Store(nil, data.SourceUIDs, &imap.StoreFlags{
		Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted},
	}, nil)
	if err != nil {
		return err
	}
	return ss.UserSession.Expunge(nil, &data.SourceUIDs)
}

// Copy of nothing is no error (RFC 9051 section 6.4.7), but the memory server
// cannot say so.
func (ss *session) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	ss.s.moves.Lock()
	defer ss.s.moves.Unlock()
	defer ss.s.change()
	data, err := ss.UserSession.Copy(set, dest)
	if err != nil || len(data.SourceUIDs) == 0 {
		return nil, err
	}
	return data, nil
}

func (ss *session) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	defer ss.s.change()
	return ss.UserSession.Store(w, set, flags, options)
}

func (ss *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	ss.s.moves.Lock()
	defer ss.s.moves.Unlock()
	defer ss.s.change()
	return ss.UserSession.Expunge(w, uids)
}

func (ss *session) Append(mailbox string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	defer ss.s.change()
	return ss.UserSession.Append(mailbox, r, options)
}

// literal is a mail on its way into a mailbox.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (a *account) append(raw []byte, received time.Time) error {
	_, err := a.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: received})
	return err
}

// Count returns how many mails lie in a mailbox of an account, an error if
// either does not exist.
func (s *Server) Count(addr, mailbox string) (int, error) {
	a := s.lookup(addr)
	if a == nil {
		return 0, errors.New("count mail: no such account")
	}
	data, err := a.user.Status(mailbox, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return 0, fmt.Errorf("count mail: %w", err)
	}
	return int(*data.NumMessages), nil
}

// DropIMAP breaks every IMAP connection, as a restart of the server does; new
// ones are accepted at once. It returns how many there were.
func (s *Server) DropIMAP() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
	return len(s.conns)
}
