package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
	"frist/mail"
)

// mouth is how the employee speaks with the program on one channel.
type mouth struct {
	name  string
	tell  func(text string)
	heard func() (field, said string)
}

func (w *town) mouths() (byMail, byTeams mouth) {
	byMail = mouth{"mail", func(text string) { w.t.Helper(); w.reply(robin, w.last(robin), text) }, func() (string, string) {
		l := w.last(robin)
		if a := readAsked(l); a != nil {
			return a.field, l.msg.Text
		}
		return "", l.msg.Text
	}}
	byTeams = mouth{"teams", func(text string) { w.t.Helper(); w.say(text) }, func() (string, string) {
		a, card := w.card()
		if fd := w.form.Lookup(a.field); fd != nil {
			return fd.Name(), cardText(card)
		}
		return a.field, cardText(card)
	}}
	return byMail, byTeams
}

// cardText gathers what a card shows, in order.
func cardText(card string) string {
	var any any
	if json.Unmarshal([]byte(card), &any) != nil {
		return ""
	}
	var b strings.Builder
	walkCard(any, func(kind, text string) { b.WriteString(text + "\n") })
	return b.String()
}

func walkCard(node any, see func(kind, text string)) {
	switch node := node.(type) {
	case map[string]any:
		kind, _ := node["type"].(string)
		if text, ok := node["text"].(string); ok {
			see(kind, text)
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			walkCard(node[key], see)
		}
	case []any:
		for _, child := range node {
			walkCard(child, see)
		}
	}
}

// dateRefused stands for a date that is understood but cannot be: that it is asked again is what is looked at.
const dateRefused = "]"

// wrongAnswers are, by question, what cannot be its answer and what is said to that.
var wrongAnswers = map[string][][2]string{
	"B":  {{"blåbär", "inget sådant val"}, {"99", "finns inte i listan"}, {"<b>ja</b>", "inget sådant val"}},
	"11": {{"xyz", "kunde inte läsa dagen"}, {"2027-03-01", dateRefused}, {"i november", "behöver en dag"}, {"31/2 2026", "Den dagen finns inte"}, {"i går 25:61", "klockslaget finns inte"}, {"måndag 12 november 2026", "stämmer inte ihop"}, {"{{.}}", "kunde inte läsa dagen"}},
	"10": {{"=cmd()", "kunde inte läsa dagen"}, {"nästa år", "behöver en dag"}, {"12/11 2027", dateRefused}},
	"12": {{"tja", "inget sådant val"}, {"7", "finns inte i listan"}, {"\U0001f937", "inget sådant val"}},
	"13": {{"i förrgår", dateRefused}, {"2030-01-01", dateRefused}, {"---", "kunde inte läsa dagen|kunde inte skilja"}},
	"18": {{"0", "finns inte i listan"}, {"[x](javascript:1)", "finns inte i listan"}, {"<script>", "finns inte i listan"}},
	"22": {{"bara ett namn", "Börja varje rad"}, {"orgnr", "Börja varje rad"}},
	"23": {{"många", "kunde inte läsa antalet"}, {"-3", "inte vara mindre än noll"}, {"2,5", "helt tal"}, {"99999999999999999999", "för stort"}},
	"24": {{"abc", "kunde inte läsa antalet"}, {"1e9", "kunde inte läsa antalet"}},
	"25": {{"99", "inget sådant val"}, {"8, blåbär", "inget sådant val"}, {"=HYPERLINK(1)", "inget sådant val"}},
	"26": {{"{{template \"x\"}}", "inget sådant val"}, {"10, 16, 99", "inget sådant val"}},
	"32": {{"2031-01-01", dateRefused}, {"snart", "kunde inte läsa dagen"}},
}

// rightAnswers lead past every question that the reporter can be asked.
func rightAnswers() map[string]string {
	m := maps.Clone(demoAnswers)
	m["12"], m["21"], m["31"] = "nej", "ja", "ja"
	m["22"] = "namn: Molnlagring Exempel AB\norganisationsnummer: 559999-9991"
	return m
}

func says(said, want string) bool {
	return slices.ContainsFunc(strings.Split(want, "|"), func(s string) bool { return strings.Contains(said, s) })
}

// TestWrongAnswers gives wrong answers at every question, on both channels: each is told what is wrong and asked again, and nothing
// wrong is kept.
func TestWrongAnswers(t *testing.T) {
	for _, channel := range []string{"mail", "teams"} {
		t.Run(channel, func(t *testing.T) {
			w := newTown(t)
			m, byTeams := w.mouths()
			const first = "Jag råkade mejla en deltagarlista till fel person"
			if channel == "teams" {
				m = byTeams
				w.say(first)
			} else {
				w.post(letter{login: robin, subject: "Hjälp", text: first})
			}
			right, seen := rightAnswers(), map[string]bool{}
			for range 40 {
				field, said := m.heard()
				if seen[field] || field == "" {
					break
				}
				seen[field] = true
				answer, ok := right[field]
				if !ok {
					t.Fatalf("no answer for %q: %s", field, said)
				}
				w.wrong(m, field, answer)
				m.tell(answer)
			}
			for field := range right {
				if !seen[field] {
					t.Errorf("question %s was never put", field)
				}
			}
			answers, _ := w.documents(firstNumber)
			if answers["23"].(map[string]any)["exact"] != 14.0 || answers["12"] != "Nej" || answers["13"].(map[string]any)["time"] != "09:15" {
				t.Errorf("answers %v", answers)
			}
		})
	}
}

// wrong gives the wrong answers to the question that is open.
func (w *town) wrong(m mouth, field, right string) {
	w.t.Helper()
	fd := w.form.Lookup(field)
	list := slices.Clone(wrongAnswers[field])
	if fd.Kind != conversation.KindText && fd.Key[0] == '1' || fd.Kind == conversation.KindGroup {
		list = append(list, [2]string{strings.Repeat("x", 100_001), "för lång"})
	}
	for i, c := range list {
		if i > 0 && i%3 == 0 {
			m.tell(right)
			m.tell("ändra " + field)
		}
		had, was := w.incident(firstNumber).Answers[fd.Key]
		m.tell(c[0])
		got, said := m.heard()
		input := shortLine(c[0])
		if got != field {
			w.t.Errorf("%s: after %q question %s is put: %s", field, input, got, shortLine(said))
			continue
		}
		if !says(said, c[1]) {
			w.t.Errorf("%s: to %q nothing is said of %q, but: %s", field, input, c[1], firstChars(said, 400))
		}
		if now, is := w.incident(firstNumber).Answers[fd.Key]; is != was || !reflect.DeepEqual(now.Value, had.Value) {
			w.t.Errorf("%s: %q became the answer %+v", field, input, now.Value)
		}
	}
}

func firstChars(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// TestEmptyMessages: a message without words is not an answer, and its sender is told.
func TestEmptyMessages(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	for i, c := range []letter{{re: l, noQuote: true}, {re: l, noQuote: true, text: " \n\t\n\u00a0\n"}, {re: l}} {
		c.login = robin
		before := len(w.mails(robin))
		w.post(c)
		if n := len(w.mails(robin)) - before; n != 1 {
			t.Errorf("%d: %d mails", i, n)
		}
		if a := readAsked(w.last(robin)); a == nil || a.field != "16" {
			t.Errorf("%d: the question is not put again", i)
		}
		if said := w.last(robin).msg.Text; !says(said, "var tomt|kunde inte skilja") {
			t.Errorf("%d: %s", i, firstChars(said, 200))
		}
		if _, ok := w.incident(firstNumber).Answers["16"]; ok {
			t.Errorf("%d: an empty mail is an answer", i)
		}
	}
}

// TestTooMuch: what is too large to keep is refused with words, and the program goes on.
func TestTooMuch(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	for name, c := range map[string]letter{
		"100 kB":    {text: strings.Repeat("långt ", 20_000)},
		"3 MB":      {text: strings.Repeat("långt ", 500_000)},
		"3 MB line": {text: strings.Repeat("x", 3<<20)},
	} {
		before := len(w.mails(robin))
		c.login, c.re = robin, l
		w.post(c)
		if n := len(w.mails(robin)) - before; n != 1 || !says(w.last(robin).msg.Text, "för lång|för stort|kunde inte skilja") {
			t.Errorf("%s: %d mails; %s", name, n, firstChars(w.last(robin).msg.Text, 200))
		}
		if a := readAsked(w.last(robin)); a == nil || a.field != "16" {
			t.Errorf("%s: question 16 is not put again", name)
		}
		if _, ok := w.incident(firstNumber).Answers["16"]; ok {
			t.Fatalf("%s: it is the answer", name)
		}
	}
	// A large file is not kept, but the words beside it are.
	w.post(letter{login: robin, re: l, noQuote: true, kind: "multipart/mixed; boundary=b", body: "--b\nContent-Type: text/plain; charset=utf-8\n\nListan gick fel.\n" +
		"--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"lista.xlsx\"\nContent-Transfer-Encoding: base64\n\n" +
		strings.Repeat(strings.Repeat("QUJD", 18)+"\n", 3<<20/54) + "\n--b--\n"})
	w.kept("16", "Listan gick fel.")
	if _, err := w.employee.Say(t.Context(), strings.Repeat("x", 300<<10)); err == nil {
		t.Error("300 kB in Teams are taken")
	}
	w.reply(robin, l, "Och så var det inte mer.")
	w.kept("16", "Och så var det inte mer.")
}

// TestClumsyCards presses buttons with what no card has.
func TestClumsyCards(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	for range 3 {
		a, _ := w.card()
		fd := w.form.Lookup(a.field)
		for _, in := range []map[string]any{
			{}, {"answer": ""}, {"answer": nil, "token": 7}, {"field": "nope"}, {"field": "29", "answer": "x"}, {"answer": []any{"a"}}, {"token": "invented", "answer": "blåbär"},
			{"answer": map[string]any{"x": strings.Repeat("x", 1000)}}, {"exact": -1e300}, {"date": "2099-01-01", "time": "99:99"},
		} {
			had := w.incident(firstNumber)
			if answer := w.execute(a, "answer", in); answer.Status != http.StatusOK {
				t.Errorf("%s %v: status %d", a.field, in, answer.Status)
			}
			now := w.incident(firstNumber)
			if fd.Kind == conversation.KindText && in["answer"] == "blåbär" {
				break // that is an answer to a text question
			}
			// Too many answers that are none leave the question open.
			if v := now.Answers[fd.Key].Value; !v.Unknown && !reflect.DeepEqual(v, had.Answers[fd.Key].Value) {
				t.Errorf("%s: %v became %+v", a.field, in, v)
			}
			if _, ok := now.Answers["29"]; ok {
				t.Fatal("the reporter answered the DSO's question")
			}
		}
		for _, verb := range []string{"", "nope", "answer\x00", strings.Repeat("v", 10_000)} {
			if answer := w.execute(a, verb, map[string]any{"answer": "x"}); answer.Status != http.StatusOK {
				t.Errorf("verb %q: status %d", firstChars(verb, 20), answer.Status)
			}
		}
		w.say(rightAnswers()[fd.Name()])
	}
	if a, _ := w.card(); a.field == "" || w.incidents() != 1 {
		t.Error("the conversation has ended")
	}
}

// TestNullCharacter: a NUL is no reason to lose a message.
func TestNullCharacter(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	w.reply(robin, l, "före\x00efter och \x01\x1b[31m mer")
	answers, page := w.documents(firstNumber)
	if got, _ := answers["16"].(string); !strings.Contains(got, "före") || !strings.Contains(got, "efter och") {
		t.Errorf("kept %q", got)
	}
	if !strings.Contains(shownBy(t, page), "efter och") {
		t.Error("the document lacks it")
	}
	w.say("ändra 16: före\x00efter i Teams")
	answers, _ = w.documents(firstNumber)
	if got, _ := answers["16"].(string); !strings.Contains(got, "före") || !strings.Contains(got, "efter i Teams") {
		t.Errorf("kept %q", got)
	}
	if m := mail.Parse(w.last(kim).raw); m.Problem != "" {
		t.Errorf("a mail of ours: %s", m.Problem)
	}
}
