package reading

import (
	"fmt"
	"testing"
)

var intervals = []Option{
	{Label: "1 - 10"}, {Label: "11 - 100"}, {Label: "101 - 1 000"}, {Label: "Fler än 1 000", Aliases: []string{"massor"}},
	{Label: "Okänt", Aliases: []string{"vet inte"}},
}

func TestCount(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"12", "12"}, {" 12. ", "12"}, {"1 200", "1200"}, {"1\u00a0200", "1200"}, {"1.200", "1200"}, {"1 234 567", "1234567"}, {"12 st", "12"},
		{"12 personer", "12"}, {"tolv", "12"}, {"twelve people", "12"}, {"hundratjugofem", "125"}, {"två tusen etthundra", "2100"},
		{"one hundred and five", "105"}, {"0", "0"}, {"1", "1"}, {"5", "5"}, {"en", "1"},
		{"1 - 10", "#0"}, {"1-10", "#0"}, {"1–10", "#0"}, {"1 – 10 personer", "#0"}, {"mellan 11 och 100", "#1"}, {"11 till 100", "#1"},
		{"between 11 and 100", "#1"}, {"101-1000", "#2"}, {"fler än 1000", "#3"}, {"1001 eller fler", "#3"}, {"massor", "#3"}, {"Vet inte", "#4"},
		{"cirka 40", "count_about 11 - 100"}, {"ca. 40 st", "count_about 11 - 100"}, {"~ 40", "count_about 11 - 100"}, {"20-30", "count_about 11 - 100"},
		{"minst 5000", "count_about Fler än 1 000"}, {"över 40", "count_about 11 - 100"}, {"5-50", "count_not_understood "},
		{"-3", "count_negative "}, {"2,5", "count_decimal "}, {"1.5", "count_decimal "}, {"3000000000", "count_too_large "},
		{"99999999999999999999999", "count_too_large "}, {"många", "count_not_understood "}, {"12 av 40", "count_not_understood "},
		{"typ 25 st elever", "count_about 11 - 100"}, {"25 elever ungefär", "count_about 11 - 100"}, {"tjugo ungefär", "count_about 11 - 100"}, {"25 st elever", "25"},
		{"kanske 40", "count_about 11 - 100"}, {"tolv stycken barn", "12"}, {"around 30 or so", "count_not_understood "}, {"ungefär", "count_not_understood "},
		{"1 20", "count_not_understood "}, {"12a", "count_not_understood "}, {"tre tjugo", "count_not_understood "}, {"--", "count_not_understood "}, {"", "empty "},
	} {
		v, p := Count(c.text, intervals)
		got := fmt.Sprint(v.Exact)
		switch {
		case !p.OK():
			got = p.Key + " " + p.Suggest
		case !v.IsExact:
			got = fmt.Sprintf("#%d", v.Interval)
		}
		if got != c.want {
			t.Errorf("Count(%q) = %s, want %s", c.text, got, c.want)
		}
	}
}

func TestNumerals(t *testing.T) {
	for n := 1; n < 100_000; n += 1 + n/13 {
		if got, ok := cardinal([]string{fold(spell(n))}, Swedish); !ok || got != n {
			t.Errorf("%s = %d, %v; want %d", spell(n), got, ok, n)
		}
	}
}

// spell writes a number below a million in Swedish, in one word.
func spell(n int) string {
	small := []string{"", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tretton", "fjorton", "femton",
		"sexton", "sjutton", "arton", "nitton"}
	tens := []string{"", "", "tjugo", "trettio", "fyrtio", "femtio", "sextio", "sjuttio", "åttio", "nittio"}
	switch {
	case n >= 1000:
		return spell(n/1000) + "tusen" + spell(n%1000)
	case n >= 100:
		return small[n/100] + "hundra" + spell(n%100)
	case n >= 20:
		return tens[n/10] + small[n%10]
	}
	return small[n]
}

// What is accepted is a whole number in range or one of the intervals, and an exact number reads the same when it is
// written in figures.
func FuzzCount(f *testing.F) {
	for _, s := range []string{"1 200", "cirka 40", "mellan 1 och 2", "tjugotusen", ">>>", "1-1-1", "\xff12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, p := Count(s, intervals)
		if !p.OK() {
			return
		}
		if v.IsExact == (v.Interval >= 0) || v.Exact < 0 || v.Exact > maxCount {
			t.Fatalf("Count(%q) = %+v", s, v)
		}
		if again, p := Count(fmt.Sprint(v.Exact), intervals); v.IsExact && (!p.OK() || again.Exact != v.Exact) {
			t.Fatalf("Count(%q) = %d reads back as %+v", s, v.Exact, again)
		}
	})
}
