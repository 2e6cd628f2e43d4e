package reading

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// foldWhole is what fold means, without its short cut for plain runes.
func foldWhole(s string) string {
	var f folder
	for _, r := range norm.NFKD.String(s) {
		f.add(r)
	}
	return f.out.String()
}

// FuzzFold: what is plain is folded as all else is, whatever stands beside it.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "  I Går, kl 9 ", "Övrigt – «ÅÄÖ» é É", "a\u030a\u0323b", "å\u0323\u030aö", "Å\u0344ﬁ½ ½ Ⅷ", "가각\u1100\u1161", "\xc3", "\xc3A\xe2\xc3\x85", "ä\u302e\u0301x",
		strings.Repeat("a\u0301", 3) + strings.Repeat("\u0301\u0323", 40) + "å"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := fold(s), foldWhole(string([]rune(s))); got != want {
			t.Errorf("%q is folded to %q, as a whole to %q", s, got, want)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, s := range map[string]string{"ascii": "The list was open for about two hours before anybody noticed.", "swedish": "Listan låg öppen i ungefär två timmar innan någon märkte det.",
		"greek": "Ο κατάλογος ήταν ανοιχτός για περίπου δύο ώρες."} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fold(s)
			}
		})
	}
}
