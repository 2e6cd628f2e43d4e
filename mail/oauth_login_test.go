package mail

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frist/mail/mailtest"
)

// tokenMail is a mail system that takes the provider's tokens.
func tokenMail(t *testing.T, i *mailtest.Identity, change func(*mailtest.Options)) *mailtest.Server {
	t.Helper()
	opt := mailtest.Options{Tokens: i.Good}
	if change != nil {
		change(&opt)
	}
	return startMail(t, opt)
}

func tokenReader(s *mailtest.Server, tokens *Tokens, rec *recorder) *Reader {
	r := reader(s, rec.handle)
	r.cfg.Password, r.cfg.Tokens = nil, tokens
	return r
}

func tokenSender(s *mailtest.Server, tokens *Tokens) *Sender {
	cfg := sender(s)
	cfg.Password, cfg.Tokens = nil, tokens
	return NewSender(cfg)
}

func TestLoginWithTokens(t *testing.T) {
	for name, tc := range map[string]struct {
		offered []string
		auth    AuthMode
		want    string // in the error
	}{
		"both offered":        {nil, AuthOffered, ""},
		"xoauth2 offered":     {[]string{"XOAUTH2"}, AuthOffered, ""},
		"oauthbearer offered": {[]string{"OAUTHBEARER"}, AuthOffered, ""},
		"xoauth2 set":         {nil, AuthXOAuth2, ""},
		"oauthbearer set":     {nil, AuthOAuthBearer, ""},
		"passwords alone":     {[]string{"PLAIN"}, AuthOffered, "the server offers neither XOAUTH2 nor OAUTHBEARER; it may take passwords alone"},
	} {
		t.Run(name, func(t *testing.T) {
			i := provider(t, nil)
			s := tokenMail(t, i, func(o *mailtest.Options) { o.Mechanisms = tc.offered })
			tokens := NewTokens(oauthConfig(i))
			r, snd := tokenReader(s, tokens, newRecorder(nil)), tokenSender(s, tokens)
			r.cfg.Auth, snd.cfg.Auth = tc.auth, tc.auth
			_, ierr := r.Check(t.Context())
			serr := snd.Send(t.Context(), bot, []string{vera}, letter(bot, "hej"))
			for _, err := range []error{ierr, serr} {
				if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got %v, want %q", err, tc.want)
				}
			}
			if n := len(i.Requests()); n != 1 {
				t.Errorf("%d token requests for two logins", n)
			}
		})
	}
}

// A connection that waits for mail outlives its token. The next one has a new token, and so it is when all tokens were withdrawn.
func TestMailboxGoesOnAfterItsToken(t *testing.T) {
	i := provider(t, func(o *mailtest.IdentityOptions) { o.Life = time.Second })
	s := tokenMail(t, i, nil)
	rec := newRecorder(nil)
	r := tokenReader(s, NewTokens(oauthConfig(i)), rec)
	run(t, r)
	post(t, s, "one")
	rec.await(t, "one")
	time.Sleep(1100 * time.Millisecond) // the token ends, by the clock of the server
	post(t, s, "two")
	rec.await(t, "two")
	i.Change(func(o *mailtest.IdentityOptions) { o.Life = time.Hour })
	s.DropIMAP()
	post(t, s, "three")
	rec.await(t, "three")
	i.Withdraw()
	s.DropIMAP()
	post(t, s, "four")
	rec.await(t, "four")
	if n := len(i.Requests()); n != 3 {
		t.Errorf("%d token requests, want the first, one after its end and one after the withdrawal", n)
	}
}

func TestTokenOfAnotherMailbox(t *testing.T) {
	for _, mode := range []AuthMode{AuthXOAuth2, AuthOAuthBearer} {
		t.Run(string(mode), func(t *testing.T) {
			i := provider(t, func(o *mailtest.IdentityOptions) { o.Mailbox = vera })
			s := tokenMail(t, i, nil)
			var log bytes.Buffer
			tokens := NewTokens(oauthConfig(i))
			r, snd := tokenReader(s, tokens, newRecorder(nil)), tokenSender(s, tokens)
			r.log = slog.New(slog.NewTextHandler(&log, nil))
			r.cfg.Auth, snd.cfg.Auth = mode, mode
			_, err := r.Check(t.Context())
			if !errors.Is(err, ErrTokenRefused) || !strings.Contains(err.Error(), "login: the server refuses the token") || strings.Contains(err.Error(), "token-") {
				t.Errorf("imap: %v", err)
			}
			for range 50 {
				err := snd.Send(t.Context(), bot, []string{vera}, letter(bot, "hej"))
				var se *SendError
				if !errors.As(err, &se) || se.Permanent || se.Code != 535 || !errors.Is(err, ErrTokenRefused) || strings.Contains(err.Error(), "token-") {
					t.Fatalf("smtp: %#v", err)
				}
			}
			// Two for the mailbox, and then the queue of 50 messages is one login: its token is known to be the newest.
			if requests, logins := len(i.Requests()), i.Checks(); requests > 2 || logins > 4 {
				t.Errorf("%d token requests and %d logins", requests, logins)
			}
		})
	}
}

// Exchange Online's words where a mailbox may not submit; the token itself is good.
func TestSubmissionSwitchedOff(t *testing.T) {
	i := provider(t, nil)
	s := tokenMail(t, i, func(o *mailtest.Options) { o.NoAuth = true })
	err := tokenSender(s, NewTokens(oauthConfig(i))).Send(t.Context(), bot, []string{vera}, letter(bot, "hej"))
	if err == nil || !strings.Contains(err.Error(), "SmtpClientAuthentication is disabled") {
		t.Errorf("got %v", err)
	}
}

func TestLoginGuard(t *testing.T) {
	clock := &hand{at: time.Now()}
	g := loginGuard{now: clock.now}
	refused := &smtp.SMTPError{Code: 535}
	waits := 0
	for range 60 {
		if g.closed() == nil {
			g.result(refused)
			waits++
		}
		clock.move(time.Second)
	}
	if waits < 4 || waits > 9 {
		t.Errorf("%d logins in a minute of refusals", waits)
	}
	clock.move(2 * time.Minute)
	g.result(errors.New("connection reset"))
	if g.closed() != nil {
		t.Error("a broken connection is no refusal")
	}
	g.result(refused)
	clock.move(2 * time.Minute)
	g.result(nil)
	g.result(refused)
	clock.move(1500 * time.Millisecond)
	if g.closed() != nil {
		t.Error("after a good login the pause is not short again")
	}
}
