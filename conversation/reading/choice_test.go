package reading

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var fruit = []Option{
	{Label: "Stenfrukt: Plommon", Aliases: []string{"plommon"}},
	{Label: "Stenfrukt: Övrigt"},
	{Label: "Bär, även torkade (till exempel lingon och blåbär)", Aliases: []string{"berries"}},
	{Label: "Okänt/kan inte ange", Aliases: []string{"vet inte", "don't know"}},
	{Label: "Äpplen"},
	{Label: "Äpplen och päron"},
}

func TestChoice(t *testing.T) {
	steps := []Option{{Label: "0. Ingen"}, {Label: "1. Liten"}, {Label: "2. Stor"}}
	yesNo := []Option{{Label: "Ja", Aliases: []string{"yes", "japp"}}, {Label: "Nej", Aliases: []string{"no"}}}
	for _, c := range []struct {
		options []Option
		text    string
		open    bool
		want    string // index|comment, or the key
	}{
		{fruit, "Stenfrukt: Plommon", false, "0|"},
		{fruit, "stenfrukt : plommon.", false, "0|"},
		{fruit, "STENFRUKT:  plommon", false, "0|"},
		{fruit, "”Stenfrukt: Övrigt”", false, "1|"},
		{fruit, "stenfrukt: ovrigt", false, "1|"},
		{fruit, "Stenfrukt: Övrigt: en persika", false, "1|en persika"},
		{fruit, "Stenfrukt: Övrigt\nen persika:\n mogen", false, "1|en persika:\n mogen"},
		{fruit, "3", false, "2|"},
		{fruit, "3.", false, "2|"},
		{fruit, "3)", false, "2|"},
		{fruit, "alternativ 3", false, "2|"},
		{fruit, "3: mest lingon", false, "2|mest lingon"},
		{fruit, "3\nmest lingon", false, "2|mest lingon"},
		{fruit, "7", false, "choice_number"},
		{fruit, "0", false, "choice_number"},
		{fruit, "Berries", false, "2|"},
		{fruit, "vet inte", false, "3|"},
		{fruit, "Vet inte: frågar kollegan", false, "3|frågar kollegan"},
		{fruit, "lingon", false, "2|"},
		{fruit, "Äpplen", false, "4|"},
		{fruit, "päron", false, "5|"},
		{fruit, "stenfrukt", false, "choice_ambiguous"},
		{fruit, "Stenfrukt: banan", false, "choice_ambiguous"},
		{fruit, "banan", false, "choice_unknown"},
		{fruit, "  en banan\nfrån Kanarieöarna ", true, "-1|"},
		{fruit, "12:30 hände det", true, "-1|"},
		{fruit, "", false, "empty"},
		{steps, "1", false, "1|"},
		{steps, "2. Stor", false, "2|"},
		{steps, "liten", false, "1|"},
		{yesNo, "japp", false, "0|"},
		{yesNo, "Nej!", false, "1|"},
		{yesNo, "no: not at all", false, "1|not at all"},
		{yesNo, "jaha", false, "choice_unknown"},
	} {
		v, p := Choice(c.text, c.options, c.open)
		got := fmt.Sprintf("%d|%s", v.Index, v.Comment)
		if !p.OK() {
			got = p.Key
		}
		if got != c.want {
			t.Errorf("Choice(%q) = %s, want %s", c.text, got, c.want)
		}
	}
	if v, _ := Choice("  en banan\nfrån öarna ", fruit, true); v.Label != "en banan\nfrån öarna" {
		t.Errorf("open text = %q", v.Label)
	}
	if _, p := Choice("stenfrukt", fruit, false); p.Detail != "Stenfrukt: Plommon\nStenfrukt: Övrigt" {
		t.Errorf("candidates = %q", p.Detail)
	}
}

var tools = []Option{
	{Label: "Hammare"},
	{Label: "Såg, fil eller rasp (till exempel en lövsåg)"},
	{Label: "Skruv och mutter"},
	{Label: "Borr"},
	{Label: "Övrigt", Aliases: []string{"other"}},
}

func TestChoices(t *testing.T) {
	for _, c := range []struct {
		text string
		open bool
		want string // indexes|other, or the key and detail
	}{
		{"Hammare", false, "[0]|"},
		{"1, 3 och 4", false, "[0 2 3]|"},
		{"1 3 4", false, "[0 2 3]|"},
		{"2-4", false, "[1 2 3]|"},
		{"4;1;4", false, "[0 3]|"},
		{"hammare\nborr", false, "[0 3]|"},
		{"- Hammare\n- [x] Borr\n* Skruv och mutter\n[ ] Övrigt", false, "[0 2 3]|"},
		{"☑ Hammare\n☐ Borr", false, "[0]|"},
		{"Borr; Såg, fil eller rasp (till exempel en lövsåg)", false, "[1 3]|"},
		{"Såg, fil eller rasp (till exempel en lövsåg), Borr", false, "[1 3]|"},
		{"Hammare, Skruv och mutter och Borr", false, "[0 2 3]|"},
		{"Hammare and borr", false, "[0 3]|"},
		{"lövsåg", false, "[1]|"},
		{"Hammare\nÖvrigt: en tång:\n- liten\n\noch röd\nBorr", false, "[0 3 4]|en tång:\n- liten\n\noch röd"},
		{"Other: pliers", false, "[4]|pliers"},
		{"5: tång", false, "[4]|tång"},
		{"Hammare, övrigt: tång, sax", false, "[0 4]|tång, sax"},
		{"Övrigt\nen tång", false, "[4]|en tång"},
		{"Övrigt", false, "[4]|"},
		{"Hammare, pump", false, "choice_unknown pump"},
		{"1, 9", false, "choice_unknown 9"},
		{"Hammare\nen pump", true, "[0 4]|en pump"},
		{"", false, "empty "},
	} {
		v, p := Choices(c.text, tools, c.open)
		got := fmt.Sprintf("%v|%s", v.Indexes, v.Other)
		if !p.OK() {
			got = p.Key + " " + p.Detail
		}
		if got != c.want {
			t.Errorf("Choices(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestDontKnow(t *testing.T) {
	for text, want := range map[string]bool{
		"vet inte": true, "Vet ej.": true, "Ingen aning!": true, "don’t know": true, "?": true, "vet inte?": true, "Jag vet inte": true,
		"vet inte vem det var": false, "": false, "nej": false, "-": false,
	} {
		if got := DontKnow(text); got != want {
			t.Errorf("DontKnow(%q) = %v", text, got)
		}
	}
}

// Every label, number and alias chooses its option, whatever else is in the list; indexes are sorted, each once; and text
// beside an option is a piece of the message.
func FuzzChoices(f *testing.F) {
	for _, s := range []string{"1, 2", "Övrigt: x\ny", "Hammare och borr, 3", "\xffa,b;c", "[x] 1", ",,,;;;", "och och och", "1-4-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, open := range []bool{false, true} {
			v, p := Choices(s, tools, open)
			if p.OK() && (!slices.IsSorted(v.Indexes) || len(slices.Compact(slices.Clone(v.Indexes))) != len(v.Indexes)) {
				t.Fatalf("Choices(%q) = %v", s, v)
			}
			for _, i := range v.Indexes {
				if i < 0 || i >= len(tools) {
					t.Fatalf("Choices(%q) = %v", s, v)
				}
			}
			c, p := Choice(s, fruit, open)
			if p.OK() && !strings.Contains(normalEnds(s), c.Comment) {
				t.Fatalf("Choice(%q): comment %q", s, c.Comment)
			}
			if p.OK() && c.Index < 0 && (!open || c.Label != strings.TrimSpace(normalEnds(s))) {
				t.Fatalf("Choice(%q) = %+v", s, c)
			}
			if c, p := Choice(fruit[2].Label+": "+s, fruit, open); !p.OK() || c.Index != 2 {
				t.Fatalf("a label before %q was not found: %v", s, p)
			}
		}
	})
}

// A label that only begins like "Övrigt" is an option as any other.
func TestChoicesOtherIsTheMarkedOption(t *testing.T) {
	options := []Option{{Label: "Barn"}, {Label: "Övriga boende som drabbas hårt"}, {Label: "Övrigt:", Other: true}}
	v, p := Choices("Barn\nÖvrigt: Grannar", options, false)
	if !p.OK() || len(v.Indexes) != 2 || v.Indexes[1] != 2 || v.Other != "Grannar" {
		t.Errorf("%+v %+v", v, p)
	}
}
