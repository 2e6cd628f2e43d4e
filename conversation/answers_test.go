package conversation

import (
	"strings"
	"testing"
	"time"
)

func TestWrongInput(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Hej, jag råkade mejla en lista till fel mottagare")
	for range 40 {
		o := w.last(anna)
		if o.Kind == MessageCheck {
			break
		}
		fd := w.e.Form.Field(o.Question.Field)
		for _, bad := range map[Kind][]string{
			KindChoice: {"", "nittionio", "99"}, KindChoices: {"", "varken eller", "99"}, KindDate: {"", "xyzzy", "2027-12-24", "31 februari"},
			KindCount: {"", "många", "-3", "2,5"}, KindGroup: {""}, KindText: {"", strings.Repeat("å", 60_000)}, KindAddress: {""},
		}[fd.Kind] {
			if fd.Open && bad == "nittionio" {
				continue // read back, and asked
			}
			w.now = w.now.Add(2 * time.Minute) // a person takes their time
			w.answer(anna, bad)
			if _, ok := w.incident().Answers[fd.Key]; ok {
				t.Fatalf("%s took %.20q", fd.Key, bad)
			}
			again := w.last(anna)
			if again.Question == nil || again.Question.Field != fd.Key || len(again.Lines) == 0 {
				t.Fatalf("%s: after %.20q: %s %v", fd.Key, bad, again.Kind, keys(again))
			}
		}
		if fd.Kind == KindText && fd.Purpose == PurposeWhat {
			text := "<b>html</b>\n=cmd()\nFrom: x\n{{.}} [länk](http://x.example)"
			w.answer(anna, text)
			if got := w.incident().Answers[fd.Key].Value.Text; got != text {
				t.Errorf("kept %q, want it to the character", got)
			}
			continue
		}
		w.answer(anna, reporterAnswers[fd.Key])
		if _, ok := w.incident().Answers[fd.Key]; !ok {
			t.Fatalf("%s did not take %q: %v", fd.Key, reporterAnswers[fd.Key], keys(w.last(anna)))
		}
	}
}

func TestMissesEnd(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Hej, jag råkade mejla en lista till fel mottagare")
	w.wantAsked(anna, "protected")
	for i := range 4 {
		w.answer(anna, "snurra")
		if o := w.last(anna); i == 1 && !o.Question.Again {
			t.Error("no other explanation after two misses")
		}
	}
	w.wantAsked(anna, "phone")
	if a := w.incident().Answers["protected"].Value; !a.Blank || a.Comment != "snurra" {
		t.Errorf("left as %+v", a)
	}
}

func TestPersonnummerWaitsForAChoice(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag mejlade fel mottagare uppgifter om 19811218-9876")
	if in := w.incident(); strings.Contains(in.FirstMessage, "9876") {
		t.Fatalf("the first message is kept as %q", in.FirstMessage)
	}
	for w.last(anna).Question.Field != "16" {
		w.answer(anna, reporterAnswers[w.last(anna).Question.Field])
	}
	w.answer(anna, "Det gällde 811218-9876 och en till.")
	if _, ok := w.incident().Answers["16"]; ok {
		t.Fatal("stored before its writer chose")
	}
	w.wantKey(w.last(anna), TextPersonnummer)
	// What is held stays held until its writer has chosen.
	w.answer(anna, "hjälp")
	w.wantKey(w.last(anna), TextPersonnummer)
	w.answer(anna, "maskera")
	if got := w.incident().Answers["16"].Value.Text; got != "Det gällde «draft_mask» och en till." {
		t.Errorf("stored %q", got)
	}
}

func TestCommands(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej")
	w.wantAsked(anna, "phone")
	w.answer(anna, "tillbaka")
	w.wantAsked(anna, "protected")
	w.answer(anna, "vet inte")
	w.wantKey(w.last(anna), TextCallNow)
	w.wantAsked(anna, "phone")
	w.answer(anna, "hoppa över")
	w.wantAsked(anna, "16")
	w.answer(anna, "hjälp")
	w.wantKey(w.last(anna), TextHelp)
	w.wantAsked(anna, "16")
	w.answer(anna, "visa")
	if o := w.last(anna); o.Kind != MessageShow {
		t.Errorf("visa gives %s", o.Kind)
	}
	w.answer(anna, "ändra C: 070-000 00 02")
	if got := w.incident().Answers["phone"].Value.Text; got != "070-000 00 02" {
		t.Errorf("phone %q", got)
	}
	w.answer(anna, "paus")
	w.wantKey(w.last(anna), TextPaused)
	w.answer(anna, "fortsätt")
	w.wantAsked(anna, "16")
	w.answer(anna, "gjort 1 och 2")
	w.wantKey(w.last(anna), TextStepNoted)
	w.answer(anna, "avbryt")
	w.wantKey(w.last(anna), TextCancelled)
	if in := w.incident(); in.Status != StatusInReview {
		t.Errorf("avbryt left the incident %s; it must go on to the DSO", in.Status)
	}
}

func TestNumberedAnswersInOneMail(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	w.answer(anna, "nej\n\nC: 070-000 00 01\n16: Det blev fel i adressfältet.\nJag såg det direkt.\n11: i dag 16.30")
	in := w.incident()
	for key, want := range map[string]string{"protected": "Nej", "phone": "070-000 00 01", "16": "Det blev fel i adressfältet.\nJag såg det direkt.", "11": "2026-11-20"} {
		v := in.Answers[key].Value
		if got := v.Choice + v.Text + v.Date; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	w.wantAsked(anna, "10")
}

func TestSeveralChoicesInOneReply(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	w.answer(kim, "15: Något som inte står i listan\n29: 3\n37: Gäller 811218-9876.")
	if o := w.last(kim); o.Kind != MessageNotice || len(o.Choices) != 2 {
		t.Fatalf("the choice is asked for in %s with %v", o.Kind, o.Choices)
	}
	w.answer(kim, "ja")
	if got := w.incident().Answers["15"].Value.Choice; got != "Något som inte står i listan" {
		t.Errorf("15 is %q", got)
	}
	w.wantKey(w.last(kim), TextPersonnummer)
	w.answer(kim, "behåll")
	in := w.incident()
	if in.Answers["37"].Value.Text != "Gäller 811218-9876." || in.Answers["29"].Value.Choice == "" {
		t.Errorf("37 is %+v, 29 %+v", in.Answers["37"].Value, in.Answers["29"].Value)
	}
}
