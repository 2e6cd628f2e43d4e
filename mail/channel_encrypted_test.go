package mail

import (
	"os"
	"testing"

	"frist/conversation"
)

// The conversation is told that a mail was encrypted, and gets none of it as text.
func TestReadEncrypted(t *testing.T) {
	c := &Channel{Address: "frist@kommun.example", AuthservID: "mx.kommun.example"}
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
}
