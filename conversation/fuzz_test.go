package conversation

import (
	"strings"
	"testing"
	"time"
)

// FuzzTurn plays any messages from the reporter and the DSO. The laws: no turn fails, the reporter always gets an answer, an answer that was
// given never disappears, the revision never falls, and no decision comes from anything but the decider's word.
func FuzzTurn(f *testing.F) {
	f.Add("Jag tappade en dator\x00nej\x00hoppa över\x00tillbaka\x00ändra 16: x\x00klar\x00godkänn")
	f.Add("hej\x00Jag mejlade fel person 19811218-9876\x00maskera\x00vet inte\x0011: i går\x00>15: 1\x00>godkänn")
	f.Add("I sent a list to the wrong person\x001\x002\x003\x004\x005\x006\x00>tar\x00>29: 3\n30: ta med\x00>returnera: mer\x00avbryt")
	f.Fuzz(func(t *testing.T, script string) {
		w := newWorld(t)
		revision, decided := 0, false
		answers := map[string]bool{}
		for i, text := range strings.Split(script, "\x00") {
			if i == 30 {
				break
			}
			from := anna
			if strings.HasPrefix(text, ">") && len(w.m.Inc) > 0 {
				from, text = kim, text[1:]
			}
			before := len(w.m.Out)
			s := said{From: from, Text: text}
			if len(w.m.People) > 3 && len(w.to(from)) > 0 {
				s.Token = w.last(from).Token
			}
			w.say(s)
			w.now = w.now.Add(time.Minute)
			if len(w.m.Out) == before && !isThanks(text) && from == anna && strings.TrimSpace(text) != "" {
				t.Fatalf("no answer to %q", text)
			}
			if len(w.m.Inc) == 0 {
				continue
			}
			in := w.incident()
			if in.Revision < revision {
				t.Fatalf("the revision fell from %d to %d", revision, in.Revision)
			}
			revision = in.Revision
			for key := range answers {
				if _, ok := in.Answers[key]; !ok && len(w.m.Inc) == 1 {
					t.Fatalf("the answer to %s disappeared", key)
				}
			}
			if len(w.m.Inc) > 1 {
				return
			}
			for key := range in.Answers {
				answers[key] = true
			}
			if in.Decision != nil && !decided && from != kim {
				t.Fatalf("a decision came of the reporter's %q", text)
			}
			decided = in.Decision != nil
		}
	})
}
