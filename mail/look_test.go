package mail

import (
	"bytes"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"
)

// Pieces of which lines are made that come near to what the patterns find.
var pieces = strings.Split(`Den |On |вт, |tis. 3 |3 mars 2026 |2026-03-03 |03.03.2026, |10:15 |10.15|kl |um |AM|am,|CET |+0100 |,|, |"|(|)|[|]|<|>|<bot@kommun.example>|bot@kommun.example|@|a@|:| :|：|.|. |.se|.SE |www.|WWW |
|Eva |Ek|von |de |af |skrev |wrote |skrev jag |han |I |we |I,|och |och,|"och |e |Я |я |jag är |i’m |på semester |tillbaka |auto-reply|AutoReply |vacation response |vacation autoreply|
|tel |Tel: |040-12 34 56|12|?|!|extern|mail delivery |Mailer-Daemon|system administrator|postmaster|klick|[EXTERNAL]|EXTERN |länk |  |	`+"\u00a0", "|")

func someLine(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(9) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	if r.IntN(2) == 0 {
		return b.String()
	}
	// a day, a time and a name before an address
	line := someOf(r, "вт, ", "fre. ", "2026年3月3日(火) ") + b.String()[:min(b.Len(), r.IntN(12))] + someOf(r, "10:15", "10.15 ", "10:15, ", "10:15 pm, ", "10:15 CET ", "10:15 +01:00 ")
	for range r.IntN(3) {
		line += someOf(r, "Eva ", "\"Ek", "von ", "de ", "Ek\u00a0b ", "(Bo) ", "skrev ")
	}
	return strings.ToValidUTF8(line, "") + someOf(r, "<bot@kommun.example>:", " <b@a.example> :", "<bot@kommun.example>")
}

func someOf(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// What a look rules out is nothing that the pattern finds.
func TestLooksBeforePatterns(t *testing.T) {
	looks := map[string]struct {
		may     func(string) bool
		pattern *regexp.Regexp
	}{
		"contact":  {mayBeContact, contact()},
		"day":      {mayBeDayAddress, dayAddress()},
		"name":     {isBounceName, bounceName()},
		"absence":  {func(s string) bool { return containsAny(strings.ToLower(s), absentWords) }, absent()},
		"anywhere": {func(s string) bool { return containsAny(strings.ToLower(s), automaticWords) }, automaticAnywhere()},
	}
	r := rand.New(rand.NewPCG(1, 2))
	found := map[string]int{}
	for range 50000 {
		s := someLine(r)
		for name, l := range looks {
			if l.pattern.MatchString(s) {
				if found[name]++; !l.may(s) {
					t.Fatalf("%s: %q is passed over", name, s)
				}
			}
		}
	}
	for _, a := range attributions {
		if dayAddress().MatchString(a.line) && !mayBeDayAddress(a.line) {
			t.Errorf("%s is passed over", a.line)
		}
	}
	for name := range looks {
		if found[name] == 0 {
			t.Errorf("%s: no line was tried that counts", name)
		}
	}
}

// What is found word by word is what the patterns say.
func TestWordsAndAddresses(t *testing.T) {
	telling := regexp.MustCompile(`(?i)(?:^|[\s,"])(?:` + strings.Join(keys(tellingWords), "|") + `)[\s,]`)
	narrating := regexp.MustCompile(`(?:^|[\s,])(?:` + strings.Join(keys(narratingWords), "|") + `)\s`)
	r := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		s := someLine(r)
		if got, want := tells(s), telling.MatchString(s); got != want {
			t.Fatalf("tells(%q) is %v", s, got)
		}
		if got, want := narrates(s), narrating.MatchString(s); got != want {
			t.Fatalf("narrates(%q) is %v", s, got)
		}
		if got, want := findAddress(s), plainAddress().FindString(s); got != want {
			t.Fatalf("findAddress(%q) is %q, not %q", s, got, want)
		}
	}
}

func keys(set map[string]bool) (list []string) {
	for k := range set {
		list = append(list, regexp.QuoteMeta(k))
	}
	return list
}

// Quoted-printable that keeps the rules is decoded as the standard library decodes it.
func FuzzQuotedPrintable(f *testing.F) {
	for _, s := range []string{"", "=C3=A5", "a=\nb", "a \nb\t", "=3d", "=", "=A", "a=\n", "a=", "= \nb", "==", "a\n\n"} {
		f.Add([]byte(s), 100)
	}
	f.Fuzz(func(t *testing.T, body []byte, limit int) {
		if limit < 0 || bytes.IndexByte(body, '\r') >= 0 {
			return
		}
		want, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil {
			return
		}
		fields := []field{{"content-transfer-encoding", "quoted-printable"}}
		got, more := decodeTransfer(fields, body, limit)
		if len(want) > limit != more || !bytes.Equal(got, want[:min(limit, len(want))]) {
			t.Errorf("%q, %d: %q (more: %v), not %q", body, limit, got, more, want)
		}
	})
}
