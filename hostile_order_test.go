package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTwoQuickMessages: the second was written before the question that followed the first had come.
func TestTwoQuickMessages(t *testing.T) {
	for _, c := range []struct{ word, kind, protected string }{
		{"FÖRRA", "Publicerat eller öppet för fel personer", ""},
		{"DENNA", "Borttappat eller stulet", "Nej"},
		{"SLÄNG", "Borttappat eller stulet", ""},
	} {
		t.Run(c.word, func(t *testing.T) {
			w := newTown(t)
			w.say("Något har hänt med våra personuppgifter hos oss")
			first, second := w.employee.Activity("message"), w.employee.Activity("message")
			first["text"], second["text"] = "2", "nej"
			if c.word == "FÖRRA" {
				second["text"] = "3"
			}
			w.clock.put(w.clock.Now().Add(5 * time.Second))
			for _, a := range []map[string]any{first, second} {
				if answer, err := w.employee.Post(t.Context(), a); err != nil || answer.Status != http.StatusOK {
					t.Fatal(err)
				}
				w.quiet()
			}
			in := w.incident(firstNumber)
			if _, ok := in.Answers["protected"]; ok {
				t.Fatal("the second message answers a question that its writer had not seen")
			}
			if _, card := w.card(); !strings.Contains(cardText(card), "FÖRRA") {
				t.Fatalf("it is not asked where it belongs: %s", firstChars(cardText(card), 300))
			}
			w.say(c.word)
			in = w.incident(firstNumber)
			if got := in.Answers["kind"].Value.Choice; got != c.kind {
				t.Errorf("kind %q, want %q", got, c.kind)
			}
			if got := in.Answers["protected"].Value.Choice; got != c.protected {
				t.Errorf("protected %q, want %q", got, c.protected)
			}
		})
	}
}

// TestOlderMailChangesItsAnswer: a reply to an older question's mail is about that question, and says so.
func TestOlderMailChangesItsAnswer(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	w.reply(robin, l, "Listan gick till fel skola.")
	next := w.last(robin)
	w.reply(robin, next, "i dag 9.10")
	open := readAsked(w.last(robin)).field
	for _, c := range []struct{ name, text string }{{"its token", "Listan gick till två skolor."}, {"References alone", "Listan gick till tre skolor."}} {
		again := letter{login: robin, re: l, text: c.text}
		if c.name != "its token" {
			again.to = frist
		}
		w.post(again)
		w.kept("16", c.text)
		said := w.last(robin)
		if !strings.Contains(said.msg.Text, "Ändrat: fråga 16") {
			t.Errorf("%s: the change is not told: %s", c.name, firstChars(said.msg.Text, 200))
		}
		if a := readAsked(said); a == nil || a.field != open {
			t.Errorf("%s: the open question is not put again", c.name)
		}
	}
	// From Teams, and then by mail to the older question once more.
	w.say("i går kl 16")
	w.reply(robin, l, "Det var fyra skolor.")
	w.kept("16", "Det var fyra skolor.")
	if v := w.incident(firstNumber).Answers["10"].Value; v.Date != "2026-11-11" {
		t.Errorf("10 is %+v", v)
	}
}

// TestWhichIncident: a message of a person with two open incidents is not guessed about.
func TestWhichIncident(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	w.say("NYTT: Jag har tappat bort en telefon")
	if n := w.incidents(); n != 2 {
		t.Fatalf("%d incidents", n)
	}
	const second = "PUI-2026-0002"
	w.say("nej")
	said := w.lastCall()
	if !strings.Contains(said, firstNumber) || !strings.Contains(said, second) {
		t.Fatalf("it is not asked which: %s", firstChars(said, 300))
	}
	for _, n := range []string{firstNumber, second} {
		if _, ok := w.incident(n).Answers["protected"]; ok {
			t.Errorf("%s took the answer", n)
		}
	}
	w.say(second + " ja")
	if got := w.incident(second).Answers["protected"].Value.Choice; got != "Ja" {
		t.Errorf("protected %q in the one that was named", got)
	}
	if _, ok := w.incident(firstNumber).Answers["protected"]; ok {
		t.Error("the other took the answer")
	}
	// A mail is tied to its incident by what it answers.
	w.post(letter{login: robin, subject: "Frist " + firstNumber, text: "vet inte"})
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Vet inte" {
		t.Errorf("protected %q in the one that the subject names", got)
	}
	// Another's incident cannot be named.
	w.post(letter{login: eve, subject: "Om " + firstNumber, text: "ändra 16: påhittat av en annan"})
	if _, ok := w.incident(firstNumber).Answers["16"]; ok {
		t.Error("somebody else's mail names the incident and is taken in")
	}
	// The old card of either is about its own, and changes no newer answer.
	for _, c := range w.connector.Recorded() {
		if a := readCard(c); a != nil && a.field == "protected" {
			w.execute(a, "answer", map[string]any{"answer": "Nej"})
		}
	}
	for n, want := range map[string]string{firstNumber: "Vet inte", second: "Ja"} {
		if got := w.incident(n).Answers["protected"].Value.Choice; got != want || count(w.events(n), "old_card") != 1 {
			t.Errorf("%s: protected %q after its old card", n, got)
		}
	}
}

// TestChannelsAtOnce: the same question is answered by mail and then on the card that was put before: the card changes nothing, and says so.
func TestChannelsAtOnce(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	w.post(letter{login: robin, subject: "Frist " + firstNumber, text: "ja"})
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Ja" {
		t.Fatalf("protected %q", got)
	}
	said := string(w.execute(a, "answer", map[string]any{"answer": "Nej"}).Body)
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Ja" {
		t.Errorf("protected %q after the card", got)
	}
	if !strings.Contains(said, "ändra B") || !strings.Contains(said, "gammalt") {
		t.Errorf("the card says %s", firstChars(said, 600))
	}
	if n := count(w.events(firstNumber), "answered"); n != 1 {
		t.Errorf("%d answers are logged", n)
	}
	if !slices.ContainsFunc(w.mails(robin), func(l *wireMail) bool { a := readAsked(l); return a != nil && a.field == "C" }) {
		t.Error("the answer did not go where the person had written")
	}
}

// TestAnswerBeforeItsQuestionIsNoted: the program was killed when the first question had come and that was not noted. Its answer is no part of
// what happened; the question is put again.
func TestAnswerBeforeItsQuestionIsNoted(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a := w.employee.Activity("message")
	a["text"], a["timestamp"] = "nej", w.clock.Now().Add(-2*time.Second).UTC().Format(time.RFC3339Nano)
	before := w.connector.Last()
	if _, err := w.employee.Post(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	in := w.incident(firstNumber)
	if _, ok := in.Answers["protected"]; ok || strings.Contains(in.FirstMessage, "nej") {
		t.Errorf("answered %v; the first message is %q", ok, in.FirstMessage)
	}
	if said := w.told(w.employee.Conversation(), before); len(said) != 1 || !strings.Contains(said[0], "[B]") {
		t.Errorf("told: %q", said)
	}
	w.say("nej")
	if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != "Nej" {
		t.Errorf("protected is %q", got)
	}
}
