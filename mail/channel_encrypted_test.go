package mail

import (
	"log/slog"
	"os"
	"testing"

	"frist/conversation"
)

// The conversation is told that a mail was encrypted, and gets none of it as text. Words beside it count once they are confirmed.
func TestReadEncrypted(t *testing.T) {
	c := &Channel{Address: "frist@kommun.example", Trust: Trust{AuthservID: "mx.kommun.example"}, Log: slog.New(slog.DiscardHandler)}
	for file, want := range map[string]struct{ encrypted, text string }{
		"smime_enveloped.eml": {EncryptedSMIME, ""},
		"smime_opaque.eml":    {"", "Jag skickade lönelistan till fel person."},
	} {
		raw, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		in, err := c.Read(conversation.RawInbound{Raw: raw})
		if err != nil || in.Encrypted != want.encrypted || in.Text != want.text {
			t.Errorf("%s: %+v, %v", file, in, err)
		}
	}
	in, err := c.Read(conversation.RawInbound{Raw: []byte("Subject: a\n\nse nedan\n-----BEGIN PGP MESSAGE-----\n\nhQEMA5\n-----END PGP MESSAGE-----\n")})
	if err != nil || in.Encrypted != "" || in.Text != "se nedan" || !in.Doubtful {
		t.Errorf("encrypted in part: %+v, %v", in, err)
	}
}
