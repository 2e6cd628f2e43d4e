package mail

import (
	"mime"
	"strings"
	"testing"
	"time"
)

func TestEncodedSubject(t *testing.T) {
	for _, s := range []string{"", "Plain", "[PUI-2026-0007] Socialnämnden – frist mån 23/11 16.40 – svara TAR", "å", strings.Repeat("åäö =?_", 60), "🙂" + strings.Repeat("x", 200)} {
		got := encodedSubject(s)
		back, err := new(mime.WordDecoder).DecodeHeader(got)
		if err != nil || back != s {
			t.Errorf("%q reads back as %q, %v", s, back, err)
		}
		for word := range strings.SplitSeq(got, " ") {
			if got != s && len(word) > maxEncodedWord {
				t.Errorf("encoded word of %d octets: %s", len(word), word)
			}
		}
	}
	// The first word stands beside the field's name.
	d := Draft{From: Address{Addr: "frist@exempelstad.example"}, To: []Address{{Addr: "kim@exempelstad.example"}}, MessageID: "m1@exempelstad.example",
		Date: time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC), Text: "Hej", Subject: strings.Repeat("åtgärder ", 30)}
	raw, err := Compose(d)
	if err != nil || !strings.Contains(string(raw), "\r\nSubject: =?utf-8?q?=C3=A5tg") {
		t.Errorf("%v: %s", err, raw)
	}
}
