package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
)

// Whole cases in Teams as people see it, from the first message to the filing: the employee and the data protection officer each at their
// own Playground. The first is played without authentication, further ones with tokens that both sides sign and check.
// FRIST_E2E_CASES=FILE… plays other case files.
func TestTeamsCases(t *testing.T) {
	t.Parallel()
	need(t, "chromium", "node", "playwright", "playground")
	files := strings.Fields(os.Getenv("FRIST_E2E_CASES"))
	if len(files) == 0 {
		files = []string{"../testdata/cases/wrong-attachment.yaml", "../testdata/cases/tre-leverantorer.yaml"}
	}
	for n, file := range files {
		s := readCase(t, file)
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			playCase(t, s, n > 0)
		})
	}
}

func playCase(t *testing.T, s *caseFile, tokens bool) {
	people, conf := embeddedMail(t, 1)
	conf.Teams, conf.Answers = true, s.settled(t, "19")
	var i *issuer
	if tokens {
		i = startIssuer(t)
		conf.TeamsAs, conf.TeamsSecret, conf.TeamsCA = i.teams(), i.secret("the bot's secret", ""), i.CA
	}
	d := settle(t, conf)
	d.serve()
	locale := s.say("sv-SE", "en-US")
	pages := map[string]*playground{"anna": startPlayground(t, d, "Anna", people[0].Address, locale, i), "kim": startPlayground(t, d, "Kim", people[1].Address, locale, i)}
	b := openTalks(t, pages)
	anna, kim := b.talk("anna"), b.talk("kim")
	met := kim.gets("a welcome", shown{}, func(n shown) bool { return n.Card != nil })
	first := s.begin(anna)
	alert := s.take(kim, met)
	s.report(anna, first)
	s.review(kim, alert)
	s.checkExport(t, d, people[1].Address)
	end := b.end()
	for _, e := range end.Errors {
		if !strings.HasPrefix(e, "Failed to load ") { // the page's own fonts and animations, which lie outside
			t.Errorf("an error on a page: %s", e)
		}
	}
	for name, cards := range end.Open {
		for _, text := range cards {
			t.Errorf("a card is left that %s could still fill in: %s", name, text)
		}
	}
	if len(byNumber(people[1].inbox())) == 0 {
		t.Error("the alert did not come by mail too")
	}
	if tokens {
		i.checkTokens(t, d, pages)
	}
}

// checkExport compares what was exported with the case.
func (s *caseFile) checkExport(t *testing.T, d *town, dso string) {
	t.Helper()
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
		Filing     *struct{ Reference string }
		Answers    map[string]any
	}
	must(t, json.Unmarshal(data, &n))
	s.compare(t, n.Answers)
	if n.Decision != s.Decision || s.Decision == "approve" && n.ApprovedBy != dso {
		t.Errorf("%s by %q, want %s by %q", n.Decision, n.ApprovedBy, s.Decision, dso)
	}
	if (n.Filing != nil) != (s.Filed.Reference != "") || n.Filing != nil && n.Filing.Reference != s.Filed.Reference {
		t.Errorf("filing %+v, want %q", n.Filing, s.Filed.Reference)
	}
}

// checkTokens: everybody used a token of their own, and neither side takes anything without one.
func (i *issuer) checkTokens(t *testing.T, d *town, pages map[string]*playground) {
	t.Helper()
	secrets := []string{"the bot's secret"}
	for _, p := range pages {
		secrets = append(secrets, p.secret)
	}
	for _, secret := range secrets {
		if i.tokens(secret) == 0 {
			t.Errorf("no token was asked for with %q", secret)
		}
	}
	for _, url := range []string{"http://" + addr(d.Port) + "/api/messages", pages["anna"].URL + "/_connector/v3/conversations/a:1personal-Anna/activities"} {
		resp, err := http.Post(url, "application/json", bytes.NewReader([]byte(`{"type":"message","text":"hej"}`)))
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers %d to a message without a token", url, resp.StatusCode)
		}
	}
}

// begin plays the employee's first message.
func (s *caseFile) begin(k *talk) shown {
	k.t.Helper()
	welcome := k.gets("a welcome", shown{}, func(n shown) bool { return n.Card != nil })
	k.say(s.FirstMessage)
	now := k.gets("the first question", welcome, s.live)
	k.shot("first", now)
	return now
}

// take plays the data protection officer, who has it.
func (s *caseFile) take(k *talk, met shown) shown {
	k.t.Helper()
	alert := k.gets("the alert", met, func(n shown) bool { return n.button("say", s.say("tar", "take")) != nil })
	k.shot("alert", alert)
	k.press(alert, "say", s.say("tar", "take"))
	return k.gets("that it is theirs", alert, func(n shown) bool { return n.button("say", s.say("tar", "take")) == nil })
}

// report plays the employee to the end. On the way they go back, answer once with what cannot be understood, type an answer instead of
// filling in the card, and change one.
func (s *caseFile) report(k *talk, now shown) {
	k.t.Helper()
	var asked []string
	for !s.checks(now) {
		if word := s.confirms(now); word != "" {
			k.press(now, "say", word)
			now = k.gets("what comes after "+word, now, s.live)
			continue
		}
		key := now.asks()
		if asked = append(asked, key); len(asked) > 80 {
			k.t.Fatalf("the questions do not end: %v", asked)
		}
		if k.shot(key, now); len(asked) == 2 { // the picture in README.md: what to do now, the first question answered, the next
			k.shotWith(3, "begun", now)
		}
		now = k.gets("what comes after "+key, s.step(k, now, asked), s.live)
	}
	k.shot("check", now)
	k.press(now, "say", "ändra 12")
	now = k.gets("question 12 again", now, func(n shown) bool { return n.asks() == "12" })
	k.shot("change", now)
	now = k.gets("the check again", s.answer(k, now), s.checks)
	k.shot("check-again")
	k.press(now, "say", s.say("klar", "done"))
	k.gets("thanks", now, func(n shown) bool { return n.ID != now.ID && n.button("answer", "") == nil })
	k.shot("end")
	if at := slices.Index(asked, "12"); at < 0 || !slices.Contains(asked[at+1:], "12") {
		k.t.Errorf("going back did not lead from the next question to 12: %v", asked)
	}
	if n := times(asked, "11"); n != 2 {
		k.t.Errorf("after an answer that nobody understands question 11 was put %d times in all", n)
	}
}

func times(list []string, one string) (n int) {
	for _, s := range list {
		if s == one {
			n++
		}
	}
	return n
}

// live tells a card that waits for the employee.
func (s *caseFile) live(n shown) bool { return n.asks() != "" || s.checks(n) || s.confirms(n) != "" }

// confirms is what keeps an answer that the bot has read back: one outside the list, or with what looks like a personnummer.
func (s *caseFile) confirms(n shown) string {
	for _, word := range []string{s.say("behåll", "keep"), s.say("ja", "yes")} {
		if n.button("say", word) != nil {
			return word
		}
	}
	return ""
}

// checks tells the card on which all answers are read through.
func (s *caseFile) checks(n shown) bool { return n.button("say", s.say("klar", "done")) != nil }

// step answers the newest card, or does what people do instead, and returns the card that it was done on.
func (s *caseFile) step(k *talk, now shown, asked []string) shown {
	k.t.Helper()
	key := asked[len(asked)-1]
	before := asked[:len(asked)-1]
	again := slices.Contains(before, key)
	switch {
	case key == "11" && !again:
		k.say("när hönsen fick tänder")
	case key == "12" && !again:
		text := s.say("hoppa över", "skip")
		if v, ok := s.values[key]; ok {
			text = s.typed(s.form.Field(key), v)
		}
		k.say(text)
	case len(before) > 0 && before[len(before)-1] == "12" && times(before, "12") == 1:
		k.press(now, "say", s.say("tillbaka", "back"))
	default:
		return s.answer(k, now)
	}
	return now
}

// answer fills in a card with what the case has, or skips it. A group's card takes an entry at a time, and the last is returned.
func (s *caseFile) answer(k *talk, now shown) shown {
	k.t.Helper()
	fd := s.form.Field(now.asks())
	v, ok := s.values[fd.Key]
	if !ok {
		k.press(now, "say", s.say("hoppa över", "skip"))
		return now
	}
	for fd.Kind == conversation.KindGroup && now.button("add", "") != nil && len(v.Entries) > 1 {
		k.press(now, "add", "", s.inputs(fd, conversation.Value{Entries: v.Entries[:1]}))
		v.Entries = v.Entries[1:]
		now = k.gets("room for another entry", now, func(n shown) bool { return n.asks() == fd.Key })
	}
	k.press(now, "answer", "", s.inputs(fd, v))
	return now
}

// review plays the data protection officer: they answer what is open, decide on the newest version, and tell of the filing.
func (s *caseFile) review(k *talk, before shown) {
	k.t.Helper()
	approvable := func(n shown) bool { return n.button("return", "") != nil }
	// One may have come at the deadline; what counts is the one after the employee's last word.
	finished := s.words.Phrase(conversation.Lang(s.Lang), s.form, conversation.Line{Key: conversation.TextReviewFinished})
	now := k.gets("the review", before, func(n shown) bool { return approvable(n) && strings.Contains(n.words(), finished) })
	k.shot("review", now)
	k.press(now, "say", s.say("fortsätt", "continue"))
	asked := func(n shown) bool { return n.asks() != "" || approvable(n) || s.confirms(n) != "" }
	var puts []string
	for now = k.gets("an open question", now, asked); !approvable(now); {
		if puts = append(puts, now.asks()); times(puts, now.asks()) > 5 {
			k.t.Fatalf("question %s does not end: %s", now.asks(), tail(now.words(), 2000))
		}
		k.shot("asked-"+now.asks(), now)
		if word := s.confirms(now); word != "" {
			k.press(now, "say", word)
		} else if fd := s.form.Field(now.asks()); fd.Kind == conversation.KindGroup {
			k.press(now, "say", s.say("stryk", "decline")) // what the bot proposes to add to the employee's answer
		} else {
			now = s.answer(k, now)
		}
		now = k.gets("an open question, or the whole", now, asked)
	}
	k.shot("version", now)
	switch s.Decision {
	case "approve":
		k.press(now, "say", s.say("godkänn", "approve"))
	case "return", "not_notifiable":
		k.press(now, s.Decision, "", map[string]string{"reason": s.Reason})
	}
	if s.Filed.Reference == "" {
		k.gets("that it is decided", now, func(n shown) bool { return n.ID == now.ID && !approvable(n) })
		return
	}
	now = k.gets("where to tell of the filing", now, func(n shown) bool { return n.has("reference") })
	k.shot("file", now)
	k.press(now, "filed", "", map[string]string{"reference": s.Filed.Reference})
	k.gets("that it is filed", now, func(n shown) bool { return n.ID == now.ID && n.button("filed", "") == nil })
	k.shot("filed")
}
