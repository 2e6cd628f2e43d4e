package conversation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormFaults: each fault is told with its line and what to write instead.
func TestFormFaults(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "templates", "forms", "imy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	check := func(from, to, want string) {
		t.Helper()
		if !strings.Contains(good, from) {
			t.Fatalf("the form has no %q", from)
		}
		_, err := ParseForm("imy.yaml", []byte(strings.Replace(good, from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "imy.yaml") {
			t.Errorf("%q for %q: %v, want %q", to, from, err, want)
		}
	}
	check("limit: 72h", "limit: soon", "write hours")
	check("title: ", "title: Anm\xe4lan #", "line 10: this is not UTF-8; save the file as UTF-8")
	check("title: ", "title: \"a\x07\" #", "line 10: there is a control character, U+0007; remove it")
	check("title: ", "title: *viktigt #", "line 10: *viktigt is no text; write it within quotation marks")
	check(good, "# nothing yet\n", "the file is empty")
	check(good, "- a\n", "line 1: cannot unmarshal !!seq: the form's fields belong here")
	check("limit: 72h", "limits: 72h", "unknown field")
	check("purpose: aware", "purpose: clock", "unknown purpose")
	check("purpose: what", "purpose: aware", "the purpose aware is for a date")
	check("kind: date", "kind: day", "unknown kind")
	check(`- key: "17"`, `- key: "16"`, "stands twice")
	check(`fact: late`, `fact: early`, "unknown fact")
	check(`reporter: [unit, `, `reporter: [unit, unit, `, "stands twice")
	check(`reporter: [unit, kind, `, `reporter: [unit, `, "missing in order.reporter")
	check(`["4. Mycket allvarlig"]`, `["5. Värst"]`, "is no option")
	check(`asked: dso`, `asked: nobody`, "use reporter, dso or settings")
}

// TestIMYForm: the authority's 37 questions, in its order, each with what a person is asked.
func TestIMYForm(t *testing.T) {
	f, err := imyForm()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, fd := range f.Fields {
		if !fd.Own {
			keys = append(keys, fd.Key)
		}
	}
	want := "1 2 3 4 5-8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("questions %s", got)
	}
	for p, kind := range purposes {
		if fd := f.For(p); fd == nil || fd.Kind != kind {
			t.Errorf("no %s for the purpose %s", kind, p)
		}
	}
	for key, n := range map[string]int{"25": 14, "26": 19, "28": 10, "35": 4} {
		if got := len(f.Field(key).Options); got != n {
			t.Errorf("%s has %d options, want %d", key, got, n)
		}
	}
}
