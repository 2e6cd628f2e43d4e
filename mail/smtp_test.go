package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"frist/mail/mailtest"
)

func sender(s *mailtest.Server) SMTPConfig {
	return SMTPConfig{
		Addr: s.SubmissionTLS, TLS: TLSImplicit, RootCAs: s.RootCAs(),
		Username: bot, Password: password("b0t"), HELO: "frist.kommun.example", Timeout: 5 * time.Second,
	}
}

func TestSend(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	for name, change := range map[string]func(*SMTPConfig){
		"tls":      func(*SMTPConfig) {},
		"starttls": func(c *SMTPConfig) { c.Addr, c.TLS = s.Submission, TLSStart },
		"none":     func(c *SMTPConfig) { c.Addr, c.TLS, c.Username = s.MX, TLSNone, "" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := sender(s)
			change(&cfg)
			snd := NewSender(cfg)
			if err := snd.Check(t.Context()); err != nil {
				t.Errorf("Check: %v", err)
			}
			raw := strings.ReplaceAll(string(letter(bot, "over "+name)), "\r\n", "\n") + ".\n..\n"
			if err := snd.Send(t.Context(), bot, []string{dsou, vera}, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			for _, to := range []string{dsou, vera} {
				mails := s.Mails(to)
				last := string(mails[len(mails)-1])
				if !strings.HasSuffix(last, "borta.\r\n.\r\n..\r\n") || subjectOf([]byte(last)) != "over "+name {
					t.Errorf("%s got\n%s", to, last)
				}
				if !strings.Contains(last, "from frist.kommun.example") {
					t.Error("EHLO name is not ours")
				}
			}
		})
	}
}

func TestSendErrors(t *testing.T) {
	s := startMail(t, mailtest.Options{MaxSize: 20_000})
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	closed.Close()
	silent := listen(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	for _, tc := range []struct {
		name      string
		change    func(*SMTPConfig)
		from, to  string
		size      int
		permanent bool
		code      int
	}{
		{name: "unknown recipient", to: "nobody@kommun.example", permanent: true, code: 550},
		{name: "relay", to: "x@annan.example", permanent: true, code: 550},
		{name: "too large", size: 30_000, permanent: true, code: 552},
		{name: "line break in the recipient", to: "vera@kommun.example>\r\nRCPT TO:<dso@kommun.example", permanent: true},
		{name: "line break in the sender", from: "bot@kommun.example\nX", permanent: true},
		{name: "two recipients in one", to: "vera@kommun.example, dso@kommun.example", permanent: true},
		{name: "wrong password", change: func(c *SMTPConfig) { c.Password = password("x") }, code: 535},
		{name: "no password to be had", change: func(c *SMTPConfig) { c.Password = func() (string, error) { return "", errors.New("file is gone") } }},
		{name: "no login", change: func(c *SMTPConfig) { c.Username = "" }, code: 530},
		{name: "unknown authority", change: func(c *SMTPConfig) { c.RootCAs = nil }},
		{name: "unknown authority after STARTTLS", change: func(c *SMTPConfig) { c.RootCAs, c.Addr, c.TLS = nil, s.Submission, TLSStart }},
		{name: "no STARTTLS there", change: func(c *SMTPConfig) { c.TLS = TLSStart; c.Addr = listen(t, plainSMTP) }},
		{name: "nobody listens", change: func(c *SMTPConfig) { c.Addr = closed.Addr().String() }},
		{name: "silence", change: func(c *SMTPConfig) { c.Addr, c.TLS, c.Timeout = silent, TLSNone, 50*time.Millisecond }},
		{name: "silence before STARTTLS", change: func(c *SMTPConfig) { c.Addr, c.TLS, c.Timeout = silent, TLSStart, 50*time.Millisecond }},
		{name: "plain text to the outside", change: func(c *SMTPConfig) { c.Addr, c.TLS = "smtp.kommun.example:587", TLSNone }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg, from, to := sender(s), bot, vera
			if tc.change != nil {
				tc.change(&cfg)
			}
			if tc.from != "" {
				from = tc.from
			}
			if tc.to != "" {
				to = tc.to
			}
			before := len(s.Mails(dsou))
			err := NewSender(cfg).Send(t.Context(), from, []string{dsou, to}, append(letter(bot, "e"), make([]byte, tc.size)...))
			var se *SendError
			if !errors.As(err, &se) || se.Permanent != tc.permanent || se.Code != tc.code {
				t.Errorf("got %#v, want permanent %v, code %d", err, tc.permanent, tc.code)
			}
			if err != nil && strings.Contains(err.Error(), "@") {
				t.Errorf("an address in the error: %v", err)
			}
			if len(s.Mails(dsou)) != before {
				t.Error("one of two recipients got the mail all the same")
			}
		})
	}
}

// plainSMTP offers no STARTTLS, as one does from whom an attacker has cut it.
func plainSMTP(c net.Conn) {
	io.WriteString(c, "220 hej\r\n")
	b := make([]byte, 1000)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
		io.WriteString(c, "250-hej\r\n250 AUTH PLAIN\r\n")
	}
}

func TestSendStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := listen(t, func(c net.Conn) {
		io.WriteString(c, "220 hej\r\n")
		c.Read(make([]byte, 100))
		cancel() // in the middle of EHLO
		io.Copy(io.Discard, c)
	})
	snd := NewSender(SMTPConfig{Addr: addr, TLS: TLSNone})
	err := snd.Send(ctx, bot, []string{vera}, letter(bot, "stop"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Send: %v", err)
	}
}
