package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frist/conversation"
)

// A whole case in Teams as people see it: the employee's in one browser, the data protection officer's in another.
func TestTeamsCases(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright", "playground")
	files := strings.Fields(os.Getenv("FRIST_E2E_CASES"))
	if len(files) == 0 {
		files = []string{"../testdata/cases/wrong-attachment.yaml", "../testdata/cases/tre-leverantorer.yaml"}
	}
	for _, file := range files {
		s := readCase(t, file)
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			playCase(t, s)
		})
	}
}

func playCase(t *testing.T, s *caseFile) {
	people, conf := embeddedMail(t, 1)
	conf.Teams = true
	conf.Answers = s.settled("19")
	d := settle(t, conf)
	d.serve()
	lang := []string{"PLAYGROUND_LOCALE=" + s.say("sv-SE", "en-US")}
	pages := openTalks(t, map[string]*playground{
		"anna": startPlayground(t, d.Port, "Anna", people[0].Address, lang),
		"kim":  startPlayground(t, d.Port, "Kim", people[1].Address, lang),
	})
	anna, kim := pages.talk("anna"), pages.talk("kim")
	kim.gets("a welcome", shown{}, func(s shown) bool { return s.Card != nil })
	s.report(anna)
	s.review(kim)

	got := d.incidents()
	if len(got) != 1 {
		t.Fatalf("%d incidents from one report", len(got))
	}
	out := t.TempDir()
	d.frist("export", "--out", out, got[0].Number)
	data, err := os.ReadFile(filepath.Join(out, got[0].Number, "notification.json"))
	must(t, err)
	var n struct {
		Decision   string
		ApprovedBy string `json:"approved_by"`
		Answers    map[string]any
	}
	must(t, json.Unmarshal(data, &n))
	s.compare(t, n.Answers)
	if n.Decision != s.Decision || n.ApprovedBy != people[1].Address {
		t.Errorf("%s by %q, want %s", n.Decision, n.ApprovedBy, s.Decision)
	}
	// What the page itself wants from outside is its fonts.
	if page := pages.end(); len(page.Errors) > 0 {
		t.Logf("requests to the outside %q, errors %q", page.Outside, page.Errors)
	}
}

// report plays the employee to the end.
func (s *caseFile) report(k *talk) {
	k.t.Helper()
	now := k.gets("a welcome", shown{}, func(s shown) bool { return s.Card != nil })
	k.shot("welcome")
	k.say(s.FirstMessage)
	live := func(n shown) bool { return n.asks() != "" || s.checks(n) }
	now = k.gets("the first question", now, live)
	k.shot("first")
	for turns := 0; !s.checks(now); turns++ {
		if turns > 60 {
			k.t.Fatal("the questions do not end")
		}
		key := now.asks()
		k.shot(key, now)
		s.answer(k, now)
		now = k.gets("what comes after "+key, now, live)
	}
	k.shot("check")
	k.press(now, "say", s.say("klar", "done"))
	k.gets("thanks", now, func(n shown) bool { return n.ID != now.ID })
	k.shot("end")
}

// checks tells the card on which all answers are read through.
func (s *caseFile) checks(n shown) bool { return n.button("say", s.say("klar", "done")) != nil }

// answer fills in the card that is shown.
func (s *caseFile) answer(k *talk, now shown) {
	k.t.Helper()
	fd := s.form.Field(now.asks())
	v, ok := s.values[fd.Key]
	if !ok {
		k.press(now, "say", s.say("hoppa över", "skip"))
		return
	}
	k.fill(now, s.inputs(fd, v))
	k.shot(fd.Key+"-filled", now)
	k.press(now, "answer", "")
}

// review plays the data protection officer to the decision.
func (s *caseFile) review(k *talk) {
	k.t.Helper()
	open := k.gets("the review", shown{}, func(n shown) bool { return n.button("say", s.say("godkänn", "approve")) != nil })
	k.shot("review", open)
	k.t.Log(string(open.Card))
	_ = conversation.RoleDSO
}
