package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frist/conversation"
	"frist/conversation/reading"
)

func load(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load("testdata/forms")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contract reads the keys of conversation/texts.go, with the arguments that stand in the constants' comments.
func contract(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../conversation/texts.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	arg := regexp.MustCompile(`\{(\w+)\}`)
	ast.Inspect(file, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			return true
		}
		for _, s := range d.Specs {
			v := s.(*ast.ValueSpec)
			lit, ok := v.Values[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			key, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			keys[key] = []string{}
			if v.Comment != nil {
				for _, m := range arg.FindAllStringSubmatch(v.Comment.Text(), -1) {
					keys[key] = append(keys[key], m[1])
				}
			}
		}
		return true
	})
	for kind, n := range conversation.Steps {
		for i := 1; i <= n; i++ {
			keys[conversation.StepKey(kind, strconv.Itoa(i))] = []string{}
			keys[conversation.DraftStep(kind, strconv.Itoa(i))] = []string{}
		}
	}
	for _, k := range conversation.ProblemKeys() {
		keys[conversation.ProblemKey(k)] = []string{"detail", "suggest", "field"}
	}
	if len(keys) < 150 {
		t.Fatalf("only %d keys read from texts.go", len(keys))
	}
	return keys
}

// usedArgs lists the arguments that a text names.
func usedArgs(w wording) []string {
	set := map[string]bool{}
	var walk func([]piece)
	walk = func(list []piece) {
		for _, p := range list {
			if p.kind == pieceArgument {
				set[p.text] = true
			}
			walk(p.args)
			walk(p.then)
			walk(p.otherwise)
		}
	}
	walk(w)
	return slices.Sorted(maps.Keys(set))
}

func TestTextsMatchContract(t *testing.T) {
	c, keys := load(t), contract(t)
	for _, k := range ownKeys {
		if _, twice := keys[k]; twice {
			t.Errorf("%s is both ours and the conversation's", k)
		}
	}
	for _, lang := range conversation.Langs {
		for k, allowed := range keys {
			w, ok := c.texts[lang][k]
			if !ok {
				t.Errorf("%s: %s is missing", lang, k)
				continue
			}
			for _, a := range usedArgs(w) {
				if !slices.Contains(allowed, a) {
					t.Errorf("%s: %s uses {%s}; the conversation gives %v", lang, k, a, allowed)
				}
			}
		}
		for k := range c.texts[lang] {
			if _, known := keys[k]; !known && !slices.Contains(ownKeys, k) {
				t.Errorf("%s: %s is used by nothing", lang, k)
			}
		}
	}
	for k := range c.texts[conversation.Swedish] {
		if strings.HasPrefix(k, "time_") {
			continue // languages write dates in their own ways
		}
		sv, en := usedArgs(c.texts[conversation.Swedish][k]), usedArgs(c.texts[conversation.English][k])
		if !slices.Equal(sv, en) {
			t.Errorf("%s: sv uses %v, en %v", k, sv, en)
		}
	}
}

// TestOwnKeysAreUsed looks for every key of ours in the code and the pages.
func TestOwnKeysAreUsed(t *testing.T) {
	var all strings.Builder
	for _, pattern := range []string{"*.go", "html/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f == "keys.go" || strings.HasSuffix(f, "_test.go") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
	}
	code := all.String()
	built := []string{"status_", "reply_", "command_", "word_decision_", "word_source_", "word_file_column_", "word_file_refused_", "teams_command_"} // the rest of the key comes from the data
	for _, k := range ownKeys {
		if strings.Contains(code, `"`+k+`"`) || slices.ContainsFunc(built, func(p string) bool { return strings.HasPrefix(k, p) && strings.Contains(code, `"`+p+`"`) }) {
			continue
		}
		t.Errorf("%s is used nowhere", k)
	}
}

func TestEveryTextCanBeSaid(t *testing.T) {
	c, form := load(t), load(t).Form("prov")
	example := map[string]string{"at": "2026-11-20T15:40:00Z", "from": "2026-11-20T15:40:00Z", "to": "2026-11-23T15:40:00Z", "aware": "2026-11-20T15:40:00Z",
		"reported": "2026-11-20T15:40:00Z", "alerted": "2026-11-20T15:41:00Z", "left": "605", "over": "125", "date": "2026-11-20", "time": "16:40", "field": "16",
		"previous": "10", "fields": "10,16", "kind": "lost", "protected": "yes", "command": "return", "count": "2", "steps": "1, 2", "conflict": "0"}
	for key, args := range contract(t) {
		line := conversation.Line{Key: key, Args: map[string]string{}}
		for _, a := range args {
			line.Args[a] = example[a]
			if example[a] == "" {
				line.Args[a] = "«" + a + "»"
			}
		}
		for _, lang := range conversation.Langs {
			s, err := c.Say(lang, form, line)
			if err != nil || s == "" || strings.Contains(s, "<no value>") || strings.Contains(s, "2026-11-2") && key != "problem_empty" {
				t.Errorf("%s %s: %q, %v", lang, key, s, err)
			}
			if strings.Contains(s, "  ") || strings.HasSuffix(s, " ") {
				t.Errorf("%s %s: stray space in %q", lang, key, s)
			}
			// Without its arguments a text still says something, and shows no fault.
			if s := c.Phrase(lang, nil, conversation.Line{Key: key}); strings.Contains(s, "no value") {
				t.Errorf("%s %s without arguments: %q", lang, key, s)
			}
		}
	}
	if _, err := c.Say("sv", form, conversation.Line{Key: "no_such_text"}); err == nil {
		t.Error("an unknown key was said")
	}
	if _, err := c.Say("sv", form, conversation.Line{Key: conversation.TextReceipt}); err == nil {
		t.Error("a missing argument was passed over")
	}
}

func TestForbiddenWords(t *testing.T) {
	forbidden := []string{"varför gjorde", "72-timmarsklock", "anonym", "avbruten", "avbrutet", "why did you", "72-hour clock", "cancelled", "terminated", "ditt fel",
		"your fault", "slarv", "careless", "v.g.", "vänligen", "error", "felkod", "ogiltig", "invalid"}
	for _, lang := range conversation.Langs {
		for key, source := range sources(t, lang) {
			for _, w := range forbidden {
				if strings.Contains(strings.ToLower(source), w) {
					t.Errorf("%s %s: %q in %q", lang, key, w, source)
				}
			}
		}
	}
}

func TestPhrases(t *testing.T) {
	c := load(t)
	form := c.Form("prov")
	for _, tc := range []struct{ lang, key, args, want string }{
		{"sv", "read_date", "field=10 date=2026-11-20 time=16:40", "Jag läste fråga 10 (När det hände) som fredag 20 november 2026 kl. 16.40. Blev det fel? Skriv ÄNDRA 10: och rätt tid."},
		{"en", "read_date", "field=10 date=2026-11-20 time=16:40", "I read question 10 (When it happened) as Friday 20 November 2026 at 16:40. Is that wrong? Write CHANGE 10: and the right time."},
		{"sv", "read_date", "field=10 date=2026-11-20 time=", "Jag läste fråga 10 (När det hände) som fredag 20 november 2026. Blev det fel? Skriv ÄNDRA 10: och rätt tid."},
		{"sv", "reminder", "left=45", "45 minuter återstår till fristen."},
		{"sv", "reminder", "left=61", "1 timme 1 minut återstår till fristen."},
		{"sv", "reminder", "left=605", "10 timmar återstår till fristen."},
		{"sv", "reminder", "left=1440", "24 timmar återstår till fristen."},
		{"sv", "reminder_overdue", "over=86399", "Fristen gick ut för 59 dygn 23 timmar sedan. Anmäl ändå, så snart det går."},
		{"sv", "reminder_overdue", "over=86400", "Fristen gick ut för flera månader sedan. Anmäl ändå, så snart det går."},
		{"en", "reminder_overdue", "over=525599", "The deadline passed several months ago. Notify all the same, as soon as you can."},
		{"sv", "reminder_overdue", "over=3000000", "Fristen gick ut för mer än ett år sedan. Anmäl ändå, så snart det går."},
		{"en", "reminder", "left=3000", "2 days 2 hours remain until the deadline."},
		{"sv", "reminder_overdue", "over=0", "Fristen gick ut för mindre än en minut sedan. Anmäl ändå, så snart det går."},
		{"sv", "told_taken", "name=Kim at=2026-11-20T15:52:00Z", "Kim har tagit hand om ärendet fre 20/11 kl. 16.52."},
		{"en", "told_taken", "name=Kim at=2026-07-20T15:52:00Z", "Kim took charge of the incident on Mon 20 Jul at 17:52."},
		{"sv", "receipt_kind", "kind=lost", "Jag har uppfattat det så här: Borttappat. Stämmer det inte? Skriv ÄNDRA A."},
		{"en", "receipt_kind", "kind=lost", "I have understood it like this: Lost. Is that wrong? Write CHANGE A."},
		{"sv", "step_noted", "steps=1,3", "Bra. Steg 1 och 3 är noterade och föreslås som åtgärd i anmälan."},
		{"sv", "step_noted", "steps=2", "Bra. Steg 2 är noterat och föreslås som åtgärd i anmälan."},
		{"sv", "review_open", "fields=1,3,16,29", "Inte besvarat än: frågorna 1, 3, 16 och 29."},
		{"sv", "lacking", "fields=1,3", "Det går inte att godkänna än. Detta är obligatoriskt och tomt: fråga 1 (Organisation) och fråga 3 (Postadress)."},
		{"sv", "reason_missing", "command=not_notifiable", "Skriv skälet efter ett kolon: INTE ANMÄLNINGSPLIKTIG: ditt skäl."},
		{"sv", "who_reads", "", "Ditt namn fylls inte i på anmälan till PM, men det finns i organisationens eget ärende."},
		{"sv", "files_seen", "count=2", "De 2 filer du bifogade är avlästa men inte sparade. Radera dem inte. Skicka dem inte vidare. Behövs de hör vi av oss."},
		{"sv", "file_persons", "name=lista.csv rows=1240 sheets=", "Filen lista.csv har 1 240 rader. Gäller det 1 240 personer? Svara i så fall TA MED. Skriv annars rätt antal."},
		{"en", "file_persons", "name=lista.csv rows=1240 sheets=2", "The file lista.csv has 1,240 rows on 2 sheets. Does it concern 1,240 people? If so, answer ACCEPT. Otherwise type the right number."},
		{"sv", "alert_files", "count=2 rows=1240 personnummer=12 recipients=3 outside=elsewhere.example mismatch=1 infected= unscanned=", "Bifogat: 2 filer, 1 240 rader, 12 personnummer, mejl till 3 mottagare (utanför organisationen: elsewhere.example). Obs: 1 fil är något annat än namnet säger."},
		{"sv", "call_now", "name=Kim phone=08-1 next= next_phone=", "Ring nu: Kim, 08-1. Skyddade personuppgifter kan inte vänta."},
		{"sv", "field_unknown", "field=99", "Det finns ingen fråga 99. Skriv VISA för att se alla nummer."},
		{"sv", "problem_time_ambiguous", "detail=03:00 suggest=15:00 field=10", "Klockslaget går att läsa på två sätt: 03:00 eller 15:00. Skriv det med siffror, till exempel 14.30."},
		{"en", "problem_time_ambiguous", "detail=03:00 suggest=15:00 field=10", "The time can be read in two ways: 03:00 or 15:00. Write it in figures, for example 14:30."},
		{"sv", "problem_choice_ambiguous", "detail=Ja;Nej suggest= field=27", "Det kan betyda flera av valen: Ja och Nej. Skriv valets nummer."},
	} {
		args := map[string]string{}
		for _, kv := range strings.Fields(tc.args) {
			k, v, _ := strings.Cut(kv, "=")
			args[k] = v
		}
		got, err := c.Say(conversation.Lang(tc.lang), form, conversation.Line{Key: tc.key, Args: args})
		if err != nil || got != tc.want {
			t.Errorf("%s %s %s:\n got %q, %v\nwant %q", tc.lang, tc.key, tc.args, got, err, tc.want)
		}
	}
}

func TestLoadReportsEveryFault(t *testing.T) {
	_, faults := parseTexts("x.yaml", []byte("a: \"{{.x\"\nb: fine\nc: |-\n  one\n  {{nope .x}}\n"))
	if len(faults) != 2 || !strings.Contains(faults[0].Error(), "x.yaml, line 1: a: ") || !strings.Contains(faults[1].Error(), "x.yaml, line 5: c: function") {
		t.Errorf("faults: %v", faults)
	}
	if _, faults := parseTexts("x.yaml", []byte("a: b\na: c\n")); len(faults) != 1 {
		t.Errorf("a key twice: %v", faults)
	}
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "no .yaml file") {
		t.Errorf("empty folder: %v", err)
	}
	for name, text := range map[string]string{"a.yaml": "form: \n", "b.yaml": "form: x\nlimits: 3\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "a.yaml") || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("two faulty forms: %v", err)
	}
}

func TestFormVersions(t *testing.T) {
	c := load(t)
	if c.Form("imy") == nil || c.Form("prov") == nil || c.Form("none") != nil {
		t.Fatalf("forms: %v", c.FormIDs())
	}
	data := c.FormFile(c.Form("prov").Version)
	old := []byte(strings.Replace(string(data), "Anmälan på prov", "Anmälan förr", 1))
	form, err := c.AddForm("old", old)
	if err != nil {
		t.Fatal(err)
	}
	if c.FormVersion("prov", form.Version).Title != "Anmälan förr" || c.Form("prov").Title != "Anmälan på prov" || string(c.FormFile(form.Version)) != string(old) {
		t.Error("an earlier version took the present one's place, or is not found")
	}
	if c.FormVersion("prov", "unknown") != c.Form("prov") {
		t.Error("an unknown version does not fall back on the present form")
	}
}

// TestCommandsAreUnderstood: what a person is told to write is a command to the reader, and the same in each language.
func TestCommandsAreUnderstood(t *testing.T) {
	c := load(t)
	words := []string{"reply_yes", "reply_no", "reply_previous", "reply_this", "reply_drop", "reply_new", "reply_old"} // answers to a choice that waits, no commands
	for _, key := range ownKeys {
		if !strings.HasPrefix(key, "reply_") && !strings.HasPrefix(key, "command_") || slices.Contains(words, key) {
			continue
		}
		var names []reading.CommandName
		for _, lang := range conversation.Langs {
			text := c.phraser(lang, nil).say(key)
			if strings.HasPrefix(key, "command_") {
				text += ": skäl"
			}
			cmd, ok := reading.ReadCommand(text)
			if !ok || text != strings.ToUpper(text) && !strings.HasPrefix(key, "command_") {
				t.Errorf("%s %s: %q is no command in capitals", lang, key, text)
			}
			names = append(names, cmd.Name)
		}
		if names[0] != names[1] {
			t.Errorf("%s: %q in Swedish, %q in English", key, names[0], names[1])
		}
	}
	for _, text := range []string{"ÄNDRA 11: i går", "CHANGE 11: yesterday", "INSKICKAD IMY-2026-1234 23/11 15.10", "FILED IMY-2026-1234 23 Nov 15:10", "PAUSA", "PAUSE", "AVBRYT", "CANCEL", "ÄNDRA A", "CHANGE A"} {
		if _, ok := reading.ReadCommand(text); !ok {
			t.Errorf("%q is no command", text)
		}
	}
}
