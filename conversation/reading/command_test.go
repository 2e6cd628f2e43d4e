package reading

import (
	"strings"
	"testing"
)

func TestReadCommand(t *testing.T) {
	for _, c := range []struct {
		text string
		want Command
	}{
		{"tillbaka", Command{Name: Back}}, {"Hoppa över!", Command{Name: Skip}}, {"HJÄLP", Command{Name: Help}}, {"hjalp", Command{Name: Help}},
		{"/help", Command{Name: Help}}, {"vet inte", Command{Name: DontKnowAnswer}}, {"visa", Command{Name: Show}}, {"avbryt.", Command{Name: Cancel}},
		{"paus", Command{Name: Pause}}, {"fortsätt", Command{Name: Resume}}, {"klar", Command{Name: Done}}, {"jag tar det", Command{Name: Take}},
		{"Tar", Command{Name: Take}}, {"kan inte", Command{Name: Cannot}}, {"Godkänns", Command{Name: Approve}}, {" approved ", Command{Name: Approve}},
		{"maskera", Command{Name: Mask}}, {"keep", Command{Name: Keep}}, {"stryk", Command{Name: Decline}}, {"ta med 1, 3 och 4", Command{Name: Accept, Text: "1, 3 och 4"}},
		{"returnera: datumet i 11 är fel\noch 12 saknas", Command{Name: Return, Text: "datumet i 11 är fel\noch 12 saknas"}},
		{"return", Command{Name: Return}},
		{"Inte anmälningspliktig: allt var krypterat", Command{Name: NotNotifiable, Text: "allt var krypterat"}},
		{"not notifiable: all of it was encrypted", Command{Name: NotNotifiable, Text: "all of it was encrypted"}},
		{"inskickad DNR-7 kl 14.10", Command{Name: Filed, Text: "DNR-7 kl 14.10"}}, {"filed: DNR-7", Command{Name: Filed, Text: "DNR-7"}}, {"Inskickad", Command{Name: Filed}},
		{"ändra 11", Command{Name: Change, Field: "11"}}, {"ändra fråga 5-8: namn: Kim", Command{Name: Change, Field: "5-8", Text: "namn: Kim"}},
		{"Ändra 30: datum: igår\nåtgärd: ringde\n---\ndatum: idag", Command{Name: Change, Field: "30", Text: "datum: igår\nåtgärd: ringde\n---\ndatum: idag"}},
		{"change phone: 08-1", Command{Name: Change, Field: "phone", Text: "08-1"}},
	} {
		if got, ok := ReadCommand(c.text); !ok || got != c.want {
			t.Errorf("ReadCommand(%q) = %+v, %v", c.text, got, ok)
		}
	}
	for _, text := range []string{"", "ja", "nej", "yes", "tillbaka till skolan", "hjälp oss med datorn", "visa\nmer", "ta bort mejlet från servern", "remove the file",
		"Vi kan inte", "klar med allt utom en sak", "ändra rutinen för utskick i hela förvaltningen", "godkänn inte", "tar tid: en vecka", "inskickad av misstag",
		"hjälp: vad menas", "Ändra: allt", "back: ont"} {
		if got, ok := ReadCommand(text); ok {
			t.Errorf("ReadCommand(%q) = %+v", text, got)
		}
	}
}

// No wording stands for two commands, and each is found as it is written in its table.
func TestCommandWordsAgree(t *testing.T) {
	for w, c := range enCommands {
		if sv, both := svCommands[w]; both && sv != c {
			t.Errorf("%q is %v and %v", w, sv, c)
		}
	}
	for _, words := range []map[string]commandWord{svCommands, enCommands} {
		for w, c := range words {
			if got, ok := ReadCommand(strings.ToUpper(w) + "!"); !ok || got.Name != c.name {
				t.Errorf("ReadCommand(%q) = %v, %v", w, got, ok)
			}
		}
	}
}

// What follows a command comes out as it was written.
func FuzzReadCommand(f *testing.F) {
	for _, s := range []string{"ändra 11: x", "returnera: \r\n", "/", ":", "filed \xff1", "change  : :"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := ReadCommand(s)
		if ok && (c.Name == "" || !strings.HasSuffix(strings.TrimSpace(normalEnds(s)), c.Text)) || !ok && c != (Command{}) {
			t.Fatalf("ReadCommand(%q) = %+v, %v", s, c, ok)
		}
	})
}
