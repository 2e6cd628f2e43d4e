package mailtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	bot  = "bot@kommun.example"
	vera = "vera@kommun.example"
)

func start(t *testing.T, opt Options) *Server {
	t.Helper()
	opt.Accounts = map[string]string{"Bot@Kommun.example": "b0t", vera: "v3ra"}
	s, err := Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func submit(t *testing.T, s *Server, user, password string) *smtp.Client {
	t.Helper()
	c, err := smtp.DialTLS(s.SubmissionTLS, &tls.Config{RootCAs: s.RootCAs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Auth(sasl.NewPlainClient("", user, password)); err != nil {
		t.Fatal(err)
	}
	return c
}

func login(t *testing.T, s *Server) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialTLS(s.IMAP, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: s.RootCAs()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(bot, "b0t").Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// fields returns the values of a header field, top-down.
func fields(raw []byte, name string) (values []string) {
	header, _ := splitHeader(raw)
	for _, f := range header {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

func TestAuthenticationResults(t *testing.T) {
	s := start(t, Options{AuthservID: "mx.kommun.example"})
	const forged = "Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example\r\n"
	for _, tc := range []struct {
		name   string
		header string
		outer  bool // by the MX, else submitted by vera
		want   string
		kept   int // foreign Authentication-Results
	}{
		{"own address", "From: Vera <Vera@kommun.example>\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=pass header.from=kommun.example", 0},
		{"another's address", "From: bot@kommun.example\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=fail header.from=kommun.example", 0},
		{"own address as the name", "From: \"vera@kommun.example\" <x@annan.example>\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=fail header.from=annan.example", 0},
		{"two authors", "From: vera@kommun.example, bot@kommun.example\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=fail header.from=kommun.example", 0},
		{"two From fields", "From: vera@kommun.example\r\nfrom : bot@kommun.example\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=fail header.from=unknown", 0},
		{"no From", "Subject: x\r\n", false, "auth=pass smtp.auth=vera@kommun.example; dmarc=fail header.from=unknown", 0},
		{"spoofed from outside", "From: vera@kommun.example\r\n", true, "auth=none; dmarc=fail header.from=kommun.example", 0},
		{"from outside", "From: x@annan.example\r\n", true, "auth=none; dmarc=none header.from=annan.example", 0},
		{"forged", "From: x@annan.example\r\n" + forged, true, "auth=none; dmarc=none header.from=annan.example", 0},
		{"forged in capitals", "From: x@annan.example\r\n" + strings.ToUpper(forged), true, "auth=none; dmarc=none header.from=annan.example", 0},
		{"forged, folded", "From: x@annan.example\r\nAuthentication-Results:\r\n\t(a (nested) comment) mx.kommun.example 1;\r\n dmarc=pass\r\n", true, "auth=none; dmarc=none header.from=annan.example", 0},
		{"forged, quoted", "From: x@annan.example\r\nAuthentication-Results : \"mx.kommun.example\"; dmarc=pass\r\n", true, "auth=none; dmarc=none header.from=annan.example", 0},
		{"another system's", "From: x@annan.example\r\nAuthentication-Results: mx.annan.example; dmarc=pass\r\n", true, "auth=none; dmarc=none header.from=annan.example", 1},
		{"forged result in From", "From: <x@\"a; dmarc=pass header.from=kommun.example\">\r\n", true, "auth=none; dmarc=fail header.from=unknown", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c *smtp.Client
			if tc.outer {
				var err error
				if c, err = smtp.Dial(s.MX); err != nil {
					t.Fatal(err)
				}
				defer c.Close()
			} else {
				c = submit(t, s, vera, "v3ra")
			}
			raw := "Return-Path: <forged@annan.example>\r\n" + tc.header + "\r\nHej\r\n"
			if err := c.SendMail("env@annan.example", []string{"bot+tok3n@kommun.example"}, strings.NewReader(raw)); err != nil {
				t.Fatal(err)
			}
			mails := s.Mails(bot)
			got := mails[len(mails)-1]
			results := fields(got, "Authentication-Results")
			if len(results) != 1+tc.kept || results[0] != "mx.kommun.example; "+tc.want {
				t.Errorf("Authentication-Results %q, want %q and %d foreign", results, tc.want, tc.kept)
			}
			if d := fields(got, "Delivered-To"); len(d) != 1 || d[0] != "bot+tok3n@kommun.example" {
				t.Errorf("Delivered-To %q", d)
			}
			if p := fields(got, "Return-Path"); len(p) != 1 || p[0] != "<env@annan.example>" {
				t.Errorf("Return-Path %q", p)
			}
			if len(fields(got, "Received")) != 1 {
				t.Error("no Received")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	s := start(t, Options{MaxSize: 1000})
	code := func(err error) int {
		var se *smtp.SMTPError
		if !errors.As(err, &se) {
			return 0
		}
		return se.Code
	}
	want := func(what string, err error, wanted int) {
		t.Helper()
		if code(err) != wanted {
			t.Errorf("%s: %v, want %d", what, err, wanted)
		}
	}
	mail := func(c *smtp.Client, to, body string) error {
		c.Reset()
		return c.SendMail(vera, []string{to}, strings.NewReader("From: "+vera+"\r\n\r\n"+body))
	}
	c := submit(t, s, "Vera@kommun.example", "v3ra")
	want("unknown user", mail(c, "nobody@kommun.example", "x"), 550)
	want("outside", mail(c, "x@annan.example", "x"), 550)
	want("too large", mail(c, bot, strings.Repeat("x\r\n", 1000)), 552)
	anonymous, err := smtp.DialStartTLS(s.Submission, &tls.Config{RootCAs: s.RootCAs(), ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer anonymous.Close()
	want("no login", mail(anonymous, bot, "x"), 530)
	for _, mech := range []sasl.Client{sasl.NewPlainClient("", vera, "wrong"), sasl.NewPlainClient(bot, vera, "v3ra"), sasl.NewPlainClient("", "x@kommun.example", "")} {
		c, err := smtp.DialTLS(s.SubmissionTLS, &tls.Config{RootCAs: s.RootCAs()})
		if err != nil {
			t.Fatal(err)
		}
		want("wrong login", c.Auth(mech), 535)
		c.Close()
	}
	plain, err := smtp.Dial(s.Submission)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if plain.SupportsAuth(sasl.Plain) {
		t.Error("AUTH is offered without TLS")
	}
	if len(s.Mails(bot)) != 0 {
		t.Error("something was delivered")
	}
}

func TestDeliverAndWait(t *testing.T) {
	now := time.Date(2026, 10, 25, 2, 30, 0, 0, time.FixedZone("CEST", 7200))
	told := make(chan string, 10)
	s := start(t, Options{
		Now:       func() time.Time { return now },
		OnDeliver: func(rcpt string, raw []byte) { told <- rcpt },
	})
	found := make(chan []byte, 1)
	go func() {
		raw, err := s.WaitFor(t.Context(), bot, func(raw []byte) bool { return bytes.Contains(raw, []byte("second")) })
		if err != nil {
			t.Error(err)
		}
		found <- raw
	}()
	then := now.Add(-72 * time.Hour)
	if err := s.Deliver(vera, "BOT+abc@kommun.example", []byte("From: "+vera+"\nSubject: first\n\nx\ry\n"), then); err != nil {
		t.Fatal(err)
	}
	if err := submit(t, s, vera, "v3ra").SendMail(vera, []string{bot}, strings.NewReader("From: "+vera+"\r\nSubject: second\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if raw := <-found; !bytes.Contains(raw, []byte("dmarc=pass")) {
		t.Errorf("found\n%s", raw)
	}
	first := s.Mails(bot)[0]
	if !bytes.Contains(first, []byte("dmarc=pass")) || !bytes.HasSuffix(first, []byte("\r\n\r\nx\r\ny\r\n")) {
		t.Errorf("delivered\n%q", first)
	}
	if a, b := <-told, <-told; a != "BOT+abc@kommun.example" || b != bot {
		t.Errorf("OnDeliver was told %q, %q", a, b)
	}
	c := login(t, s)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	msgs, err := c.Fetch(imap.UIDSetNum(1, 2), &imap.FetchOptions{InternalDate: true}).Collect()
	if err != nil || len(msgs) != 2 || !msgs[0].InternalDate.Equal(then) || !msgs[1].InternalDate.Equal(now) {
		t.Errorf("INTERNALDATE: %v, %v", msgs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.WaitFor(ctx, bot, func([]byte) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("WaitFor: %v", err)
	}
	if _, err := s.WaitFor(t.Context(), "nobody@kommun.example", nil); err == nil {
		t.Error("WaitFor waits for nobody")
	}
	if err := s.Deliver(vera, "nobody@kommun.example", nil, now); err == nil {
		t.Error("delivered to nobody")
	}
}

// MOVE and COPY of what another session has taken away are no errors, and the
// connection lives on.
func TestMoveOfNothing(t *testing.T) {
	s := start(t, Options{})
	for range 3 {
		if err := s.Deliver(vera, bot, []byte("From: "+vera+"\r\n\r\n"), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	c := login(t, s)
	if err := c.Create("Done", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, set := range []imap.NumSet{imap.UIDSetNum(2), imap.UIDSetNum(2), imap.UIDSetNum(99), imap.SeqSetNum(50)} {
		if _, err := c.Move(set, "Done").Wait(); err != nil {
			t.Errorf("MOVE %v: %v", set, err)
		}
	}
	if _, err := c.Copy(imap.UIDSetNum(2), "Done").Wait(); err != nil {
		t.Errorf("COPY: %v", err)
	}
	var refusal *imap.Error
	if _, err := c.Move(imap.UIDSetNum(1), "Nowhere").Wait(); !errors.As(err, &refusal) || refusal.Code != imap.ResponseCodeTryCreate {
		t.Errorf("MOVE to an absent mailbox: %v", err)
	}
	if n := c.Mailbox().NumMessages; n != 2 {
		t.Errorf("the client counts %d mails, want 2", n)
	}
	if n, err := s.Count(bot, "Done"); n != 1 || err != nil {
		t.Errorf("Done holds %d, %v", n, err)
	}
}

func TestStartRefuses(t *testing.T) {
	for name, opt := range map[string]Options{
		"no accounts": {},
		"no domain":   {Accounts: map[string]string{"vera": "x"}},
		"a token":     {Accounts: map[string]string{"vera+x@kommun.example": "x"}},
	} {
		if s, err := Start(opt); err == nil {
			s.Close()
			t.Errorf("%s: accepted", name)
		}
	}
}
