package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// imapConn is one logged-in connection with the mailbox selected.
type imapConn struct {
	*imapclient.Client
	raw             net.Conn
	caps            imap.CapSet
	valid           uint32 // UIDVALIDITY
	handled, failed string // names as the server spells them
}

// connection makes a connection and serves it until it breaks. healthy is
// called when the mailbox has been gone through.
func (r *Reader) connection(ctx context.Context, healthy func()) error {
	c, err := r.open(ctx)
	if err != nil {
		return err
	}
	// go-imap's Close waits for its reading goroutine, which ends once the
	// connection under it is closed: every literal is drained where it is read.
	defer func() { c.raw.Close(); <-c.Closed() }()
	stop := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer stop()
	for ctx.Err() == nil {
		next, err := r.drain(ctx, c)
		if err != nil {
			return err
		}
		healthy()
		if err := r.idle(ctx, c, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// guard closes the connection when f takes longer than limit: go-imap waits
// for a reply for ever. The close unblocks whatever waits.
func (c *imapConn) guard(op string, limit time.Duration, f func() error) error {
	t := time.AfterFunc(limit, func() { c.raw.Close() })
	err := f()
	if !t.Stop() && err != nil {
		return fmt.Errorf("%s: no reply in %v: %w", op, limit, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// open connects and logs in. A token that the server refuses may have been withdrawn: it is tried once more with a new one.
func (r *Reader) open(ctx context.Context) (*imapConn, error) {
	for {
		secret, err := r.secret(ctx)
		if err != nil {
			return nil, fmt.Errorf("login: %w", err)
		}
		c, err := r.openWith(ctx, secret)
		if !errors.Is(err, ErrTokenRefused) || !r.cfg.Tokens.Refused(secret) {
			return c, err
		}
	}
}

// secret is what the login is done with. It comes before the connection, so that no server sees one that leads to nothing.
func (r *Reader) secret(ctx context.Context) (string, error) {
	if r.cfg.Tokens != nil {
		return r.cfg.Tokens.Token(ctx)
	}
	secret, err := r.cfg.Password()
	if err != nil {
		return "", fmt.Errorf("get password: %w", err)
	}
	return secret, nil
}

func (r *Reader) openWith(ctx context.Context, secret string) (*imapConn, error) {
	raw, err := r.endpoint().dial(ctx, r.times.command)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	c := &imapConn{raw: raw}
	if err := c.guard("greeting", r.times.command, func() error { return r.greet(c) }); err != nil {
		raw.Close()
		return nil, err
	}
	if err := r.prepare(c, secret); err != nil {
		raw.Close()
		<-c.Closed()
		return nil, err
	}
	return c, nil
}

func (r *Reader) greet(c *imapConn) (err error) {
	options := &imapclient.Options{
		TLSConfig: r.endpoint().tlsConfig(),
		// A command from inside this handler would deadlock; poke only signals.
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages != nil {
					r.poke()
				}
			},
		},
	}
	if r.cfg.TLS == TLSStart {
		c.Client, err = imapclient.NewStartTLS(c.raw, options)
		return err
	}
	c.Client = imapclient.New(c.raw, options)
	if err := c.WaitGreeting(); err != nil {
		c.raw.Close()
		<-c.Closed()
		return err
	}
	return nil
}

// prepare logs in, makes the mailboxes and selects the one to be read.
func (r *Reader) prepare(c *imapConn, secret string) error {
	if err := c.guard("login", r.times.command, func() error { return r.login(c, secret) }); err != nil {
		return err
	}
	err := c.guard("capability", r.times.command, func() error {
		if c.caps = c.Caps(); c.caps == nil {
			return errors.New("server told none")
		}
		return nil
	})
	if err != nil {
		return err
	}
	name, err := r.names(c)
	if err != nil {
		return err
	}
	c.handled, c.failed = name(r.cfg.Handled), name(r.cfg.Failed)
	for _, box := range []string{c.handled, c.failed} {
		if err := r.ensure(c, box); err != nil {
			return err
		}
	}
	return r.selectBox(c, name(r.cfg.Mailbox))
}

func (r *Reader) login(c *imapConn, secret string) error {
	caps := c.Caps()
	switch {
	case r.cfg.Tokens != nil:
		return r.loginBearer(c, secret)
	case caps.Has("AUTH=PLAIN"):
		// Before LOGIN: it carries UTF-8, and it is what Exchange Online has.
		return c.Authenticate(sasl.NewPlainClient("", r.cfg.Username, secret))
	case caps.Has(imap.CapLoginDisabled):
		return errors.New("server offers neither AUTH=PLAIN nor LOGIN")
	}
	return c.Login(r.cfg.Username, secret).Wait()
}

func (r *Reader) loginBearer(c *imapConn, token string) error {
	b, err := newBearer(r.cfg.Auth, func(m string) bool { return c.Caps().Has(imap.Cap("AUTH=" + m)) })
	if err != nil {
		return err
	}
	b.user, b.token, b.server = r.cfg.Username, token, r.cfg.Addr
	err = c.Authenticate(b)
	var reply *imap.Error
	if errors.As(err, &reply) && reply.Type == imap.StatusResponseTypeNo {
		return b.refused(errors.New(plainWords(reply.Error(), 200, []string{token})))
	}
	return err
}

// names returns how a mailbox that the settings spell with "/" is called on
// this server: Dovecot with Maildir parts levels with ".", and some servers put
// all mailboxes below INBOX (RFC 2342).
func (r *Reader) names(c *imapConn) (func(string) string, error) {
	prefix, delim := "", '/'
	err := c.guard("namespace", r.times.command, func() error {
		if c.caps.Has(imap.CapNamespace) {
			ns, err := c.Namespace().Wait()
			if err == nil && len(ns.Personal) > 0 {
				prefix, delim = ns.Personal[0].Prefix, ns.Personal[0].Delim
			}
			return err
		}
		list, err := c.List("", "", nil).Collect()
		if err == nil && len(list) > 0 {
			delim = list[0].Delim
		}
		return err
	})
	return func(name string) string {
		if strings.EqualFold(name, "INBOX") {
			return "INBOX"
		}
		if delim != 0 && delim != '/' {
			name = strings.ReplaceAll(name, "/", string(delim))
		}
		if prefix != "" && !strings.HasPrefix(name, prefix) {
			name = prefix + name
		}
		return name
	}, err
}

// ensure creates a mailbox that is absent. Two readers may both try.
func (r *Reader) ensure(c *imapConn, name string) error {
	exists := func() error {
		_, err := c.Status(name, &imap.StatusOptions{NumMessages: true}).Wait()
		return err
	}
	if c.guard("status", r.times.command, exists) == nil {
		return nil
	}
	create := func() error { return c.Create(name, nil).Wait() }
	if err := c.guard("create mailbox", r.times.command, create); err != nil {
		if c.guard("status", r.times.command, exists) == nil {
			return nil
		}
		return err
	}
	subscribe := func() error { return c.Subscribe(name).Wait() }
	if err := c.guard("subscribe mailbox", r.times.command, subscribe); err != nil {
		r.log.Debug("mailbox was created but not subscribed to", "error", err)
	}
	return nil
}

// selectBox never asks for CONDSTORE, which Exchange Online does not have. UIDs
// under another UIDVALIDITY are other mails (RFC 9051 section 2.3.1.1).
func (r *Reader) selectBox(c *imapConn, name string) error {
	return c.guard("select mailbox", r.times.command, func() error {
		data, err := c.Select(name, nil).Wait()
		if err != nil {
			return err
		}
		c.valid = data.UIDValidity
		if r.valid != c.valid {
			r.valid = c.valid
			clear(r.pending)
			clear(r.suspect)
		}
		return nil
	})
}

// idle waits for a reason to look again: the server says that mail came, Sync
// was called, an attempt is due at next (if not zero), or the poll's time.
func (r *Reader) idle(ctx context.Context, c *imapConn, next time.Time) error {
	wait := min(r.cfg.Poll, r.times.idle)
	if !next.IsZero() {
		wait = min(wait, max(0, time.Until(next)))
	}
	if len(r.wake) > 0 || r.awaited() || wait <= 0 {
		return nil
	}
	var cmd *imapclient.IdleCommand
	if c.caps.Has(imap.CapIdle) {
		err := c.guard("idle", r.times.command, func() (err error) { cmd, err = c.Idle(); return err })
		if err != nil {
			return err
		}
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-c.Closed():
	case <-t.C:
	case <-r.wake:
		r.poke() // drain takes it
	}
	if cmd == nil {
		return nil
	}
	return c.guard("idle", r.times.command, func() error {
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	})
}
