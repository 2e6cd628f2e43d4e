package mail

import (
	"log/slog"
	"slices"
	"testing"

	"frist/mail/mailtest"
)

func TestReaderCheck(t *testing.T) {
	for _, c := range []struct {
		options mailtest.Options
		lacks   []string
	}{{mailtest.Options{}, nil}, {mailtest.Options{NoMove: true, NoUIDPlus: true}, []string{"MOVE", "UIDPLUS"}}} {
		c.options.Accounts = map[string]string{"bo@prov.example": "pw"}
		s, err := mailtest.Start(c.options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		cfg := IMAPConfig{Addr: s.IMAP, TLS: TLSImplicit, RootCAs: s.RootCAs(), Username: "bo@prov.example"}
		cfg.Password = func() (string, error) { return "pw", nil }
		lacks, err := NewReader(cfg, slog.New(slog.DiscardHandler), nil).Check(t.Context())
		if err != nil || !slices.Equal(lacks, c.lacks) {
			t.Errorf("got %v, %v; want %v", lacks, err, c.lacks)
		}
		cfg.Password = func() (string, error) { return "no", nil }
		if _, err := NewReader(cfg, slog.New(slog.DiscardHandler), nil).Check(t.Context()); err == nil {
			t.Error("a wrong password was taken")
		}
	}
}
