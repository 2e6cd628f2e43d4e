package reading

import (
	"strings"
	"testing"
)

// The numbers are made from the check-digit rule; Skatteverket's test numbers look the same.
func TestFindPersonnummer(t *testing.T) {
	p := testNumber("850709", "123")
	co := testNumber("850769", "123") // a samordningsnummer: the day plus 60
	four := p[6:]
	for _, c := range []struct {
		text string
		want string // the text with what is found in brackets
	}{
		{"Anna, " + p[:6] + "-" + four + ".", "Anna, [" + p[:6] + "-" + four + "]."},
		{p, "[" + p + "]"},
		{"19" + p, "[19" + p + "]"},
		{"19" + p[:6] + "-" + four, "[19" + p[:6] + "-" + four + "]"},
		{p[:6] + "+" + four, "[" + p[:6] + "+" + four + "]"},
		{p[:6] + " " + four, "[" + p[:6] + " " + four + "]"},
		{p[:6] + " – " + four, "[" + p[:6] + " – " + four + "]"},
		{p[:6] + "\u00a0-\u00a0" + four, "[" + p[:6] + "\u00a0-\u00a0" + four + "]"},
		{"\u202d" + p[:6] + "\u200e-\u200d" + four + "\u202c", "\u202d[" + p[:6] + "\u200e-\u200d" + four + "]\u202c"}, // what cannot be seen hides nothing
		{"8\u200b5\ufeff" + p[2:], "[8\u200b5\ufeff" + p[2:] + "]"}, {p + "\u200b1", p + "\u200b1"},
		{fullWidth(p[:6]) + "－" + fullWidth(four), "[" + fullWidth(p[:6]) + "－" + fullWidth(four) + "]"}, {p[:6] + "_" + four, "[" + p[:6] + "_" + four + "]"},
		{"1985-07-09-" + four, "[1985-07-09-" + four + "]"},
		{"85.07.09-" + four, "[85.07.09-" + four + "]"},
		{co[:6] + "-" + co[6:], "[" + co[:6] + "-" + co[6:] + "]"},
		{"a" + p + "b " + p, "a[" + p + "]b [" + p + "]"},
		{p + "," + p, "[" + p + "],[" + p + "]"},
		{"1" + p, "1" + p}, {p + "1", p + "1"}, {"3" + p[:6] + "-" + four, "3" + p[:6] + "-" + four},
		{p[:9] + string('0'+(p[9]-'0'+1)%10), p[:9] + string('0'+(p[9]-'0'+1)%10)}, // wrong check digit
		{testNumber("851309", "123"), testNumber("851309", "123")},                 // no such month
		{testNumber("850731", "123"), "[" + testNumber("850731", "123") + "]"},
		{testNumber("850631", "123"), testNumber("850631", "123")}, // no such day
		{testNumber("212100", "014"), testNumber("212100", "014")}, // an organisation number
		{"2026-11-20 14:30", "2026-11-20 14:30"}, {"08-555 000 12", "08-555 000 12"}, {"070-123 45 67", "070-123 45 67"},
		{"2026-11-20", "2026-11-20"}, {"2026-11-20 " + lastFour("261120"), "2026-11-20 " + lastFour("261120")}, {"PUI-2026-0001", "PUI-2026-0001"}, {"", ""},
	} {
		var b strings.Builder
		last := 0
		for _, s := range FindPersonnummer(c.text) {
			b.WriteString(c.text[last:s.Start] + "[" + c.text[s.Start:s.End] + "]")
			last = s.End
		}
		if b.WriteString(c.text[last:]); b.String() != c.want {
			t.Errorf("in %q found %q, want %q", c.text, b.String(), c.want)
		}
	}
}

// fullWidth has digits as wide as Chinese characters (U+FF10 to U+FF19).
func fullWidth(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '\uff10' }, digits)
}

// testNumber adds the check digit.
func testNumber(date, serial string) string {
	for _, d := range "0123456789" {
		if luhn(date + serial + string(d)) {
			return date + serial + string(d)
		}
	}
	return ""
}

// lastFour are four figures that would make date a personnummer, and are a time of day.
func lastFour(date string) string { return testNumber(date, "143")[6:] }

func TestMaskPersonnummer(t *testing.T) {
	p := testNumber("850709", "123")
	if got, want := MaskPersonnummer("Från "+p+" till 19"+p+"!", "(dolt)"), "Från (dolt) till (dolt)!"; got != want {
		t.Errorf("masked = %q, want %q", got, want)
	}
}

// Spans lie in order in the text; outside them nothing changes; and after masking nothing is found.
func FuzzPersonnummer(f *testing.F) {
	p := testNumber("850709", "123")
	for _, s := range []string{p, "19" + p, p + p, p[:6] + "-" + p[6:] + " " + p, "1 " + p, p[:2] + "-" + p[2:4] + "-" + p[4:6] + " " + p[6:], "\xff" + p + "\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		var kept strings.Builder
		for _, span := range FindPersonnummer(s) {
			if span.Start < last || span.End <= span.Start || span.End > len(s) {
				t.Fatalf("spans of %q: %v", s, FindPersonnummer(s))
			}
			kept.WriteString(s[last:span.Start] + "#")
			last = span.End
		}
		kept.WriteString(s[last:])
		masked := MaskPersonnummer(s, "#")
		if masked != kept.String() {
			t.Fatalf("%q masked is %q", s, masked)
		}
		if left := FindPersonnummer(masked); len(left) > 0 {
			t.Fatalf("%q masked is %q, where %v is found", s, masked, left)
		}
	})
}
