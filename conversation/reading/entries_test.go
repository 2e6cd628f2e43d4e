package reading

import (
	"fmt"
	"strings"
	"testing"
)

var measureLabels = []Label{
	{Key: "date", Names: []string{"datum"}}, {Key: "time", Names: []string{"klockslag", "tid"}}, {Key: "action", Names: []string{"åtgärd"}},
}

func TestEntries(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"datum: igår\nåtgärd: ringde", "[map[action:ringde date:igår]] "},
		{"Datum : igår\nTid:9\n---\nDATE: idag\n", "[map[date:igår time:9] map[date:idag]] "},
		{"åtgärd: ringde\n\n  obs: två gånger\nviktigt \ndatum: igår", "[map[action:ringde\n\n  obs: två gånger\nviktigt date:igår]] "},
		{"åtgärd:\n- ringde\n- mejlade\n", "[map[action:- ringde\n- mejlade]] "},
		{"- datum: igår\r\n- atgard: ringde", "[map[action:ringde date:igår]] "},
		{"datum: igår\n-----\n\n---\ndatum: idag", "[map[date:igår] map[date:idag]] "},
		{"datum:", "[map[date:]] "},
		{"jag ringde igår", "[] entries_no_label"},
		{"", "[] entries_no_label"},
		{"min datum: igår", "[] entries_no_label"},
		{"datum: igår\ndatum: idag", "[] entries_label_twice"},
		{"Hej!\ndatum: igår", "[map[date:igår]] entries_text_unplaced"},
	} {
		got, p := Entries(c.text, measureLabels)
		if s := fmt.Sprint(got, " ", p.Key); s != c.want {
			t.Errorf("Entries(%q) = %s, want %s", c.text, s, c.want)
		}
	}
}

func TestSplitNumbered(t *testing.T) {
	numbers := []string{"12", "14", "29", "30", "5-8", "C"}
	for _, c := range []struct{ text, want string }{
		{"29: stor\n30: inget", "|29=stor|30=inget"},
		{"Hej!\n\nFråga 29: stor\nmycket stor\n[30] inget", "Hej!|29=stor\nmycket stor|30=inget"},
		{"29: stor\n5–8: Kim", "|29=stor|5-8=Kim"},
		{"29: så här\n30) först\n12. sedan", "|29=så här\n30) först\n12. sedan"},
		{"C: 08-1\n29: stor\nD: nej", "|C=08-1|29=stor\nD: nej"},
		{"29 : stor\n * 30: inget", "|29=stor|30=inget"},
		{"29:\nstor\n\n30:\n1. ringde\n2. mejlade", "|29=stor|30=1. ringde\n2. mejlade"},
		{"29:2021-04-13 var det", "|29=2021-04-13 var det"},
		{"12:30 ringde vi\n14.10 svarade de\n2021-04-13: slut", "12:30 ringde vi\n14.10 svarade de\n2021-04-13: slut|"},
		{"30: ringde\n12:30 och 29.5\n29 personer\n30: igen", "|30=ringde\n12:30 och 29.5\n29 personer\n30: igen"},
		{"13: frågades inte", "13: frågades inte|"},
		{"29\nstor", "29\nstor|"},
		{"fråga 29\nstor", "|29=stor"},
		{"", "|"},
	} {
		lead, parts := SplitNumbered(c.text, numbers, false)
		got := lead + "|"
		for i, p := range parts {
			if i > 0 {
				got += "|"
			}
			got += p.Number + "=" + p.Text
		}
		if got != c.want {
			t.Errorf("SplitNumbered(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// Values are pieces of the message; a numbered reply keeps every word, in order; and neither invents keys.
func FuzzEntriesAndNumbered(f *testing.F) {
	for _, s := range []string{"datum: a\n---\ntid: b", "29: x\n30) y", ":::\n[29]\n(30)", "\xff: \r\r---", "Fråga 29\nfråga"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		whole := normalEnds(s)
		entries, _ := Entries(s, measureLabels)
		for _, e := range entries {
			for key, value := range e {
				if !strings.Contains(whole, value) || key != "date" && key != "time" && key != "action" {
					t.Fatalf("Entries(%q): %q = %q", s, key, value)
				}
			}
		}
		lead, parts := SplitNumbered(s, []string{"29", "30"}, false)
		at := strings.Index(whole, lead) + len(lead)
		for _, p := range parts {
			i := strings.Index(whole[at:], p.Text)
			if i < 0 || p.Number != "29" && p.Number != "30" {
				t.Fatalf("SplitNumbered(%q): %+v", s, p)
			}
			at += i + len(p.Text)
		}
		if len(parts) == 0 && lead != strings.TrimRight(normalEnds(whole), " \t\n\u00a0") {
			t.Fatalf("SplitNumbered(%q) lost text: %q", s, lead)
		}
	})
}

// Within free text only an empty line parts the answers, and what a person indents stays indented.
func TestSplitNumberedApart(t *testing.T) {
	text := "   Det hände så:\n12: tolv personer\n\n11: i går\n12:  nej"
	lead, parts := SplitNumbered(text, []string{"11", "12"}, true)
	if lead != "   Det hände så:\n12: tolv personer" || len(parts) != 2 || parts[0].Text != "i går" || parts[1].Text != " nej" {
		t.Errorf("%q %q", lead, parts)
	}
}
