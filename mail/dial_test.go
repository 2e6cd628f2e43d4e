package mail

import (
	"log/slog"
	"testing"
	"time"

	"frist/mail/mailtest"
)

// Whoever asks for it learns when the servers' certificates end, by the handshake itself.
func TestCertificateEnds(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	for name, check := range map[string]func(ends func(time.Time)) error{
		"smtp tls": func(ends func(time.Time)) error {
			cfg := sender(s)
			cfg.CertificateEnds = ends
			return NewSender(cfg).Check(t.Context())
		},
		"smtp starttls": func(ends func(time.Time)) error {
			cfg := sender(s)
			cfg.Addr, cfg.TLS, cfg.CertificateEnds = s.Submission, TLSStart, ends
			return NewSender(cfg).Check(t.Context())
		},
		"imap tls": func(ends func(time.Time)) error {
			cfg := IMAPConfig{Addr: s.IMAP, TLS: TLSImplicit, RootCAs: s.RootCAs(), Username: bot, Password: password("b0t"), CertificateEnds: ends}
			_, err := NewReader(cfg, slog.New(slog.DiscardHandler), nil).Check(t.Context())
			return err
		},
		"imap starttls": func(ends func(time.Time)) error {
			cfg := IMAPConfig{Addr: s.IMAPPlain, TLS: TLSStart, RootCAs: s.RootCAs(), Username: bot, Password: password("b0t"), CertificateEnds: ends}
			_, err := NewReader(cfg, slog.New(slog.DiscardHandler), nil).Check(t.Context())
			return err
		},
	} {
		var at time.Time
		if err := check(func(ends time.Time) { at = ends }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// mailtest's certificates last three months.
		if days := time.Until(at).Hours() / 24; days < 85 || days > 95 {
			t.Errorf("%s: the certificate ends in %.0f days", name, days)
		}
	}
}
