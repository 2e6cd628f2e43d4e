package conversation

import (
	"strings"
	"testing"
	"time"
)

// press sends a button of the newest card to the person.
func (w *world) press(from, text string) {
	w.t.Helper()
	o := w.last(from)
	w.say(said{From: from, Channel: ChannelTeams, Invoke: true, Token: o.Token, Text: text, Fields: map[string]string{"token": o.Token, "verb": "say", "text": text}})
}

func TestAButtonPressedTwice(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Jag råkade mejla en lista till fel mottagare"})
	w.say(said{From: anna, Channel: ChannelTeams, Text: "nej"})
	early := w.now
	w.now = w.now.Add(time.Minute)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "070-000 00 01"})
	w.now = early
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Listan hade tolv namn."})
	w.now = early.Add(2 * time.Minute)
	w.press(anna, "denna")
	w.press(anna, "denna")
	if got := w.incident().Answers["16"].Value.Text; got != "Listan hade tolv namn." {
		t.Errorf("16 is %q", got)
	}
}

func TestWrittenBeforeTheFirstQuestion(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: anna, Channel: ChannelTeams, Text: "Jag råkade mejla en lista till fel mottagare"})
	o := w.last(anna)
	delete(w.m.SentAt, o.ID) // it has not been delivered yet
	raw := said{From: anna, Channel: ChannelTeams, Text: "Det var tolv namn på den"}
	w.now = w.now.Add(-time.Second)
	w.say(raw)
	if got := w.incident().FirstMessage; !strings.Contains(got, "tolv namn") {
		t.Errorf("the first message is %q", got)
	}
}

func TestHeldReportsAllWait(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	q := w.last(anna)
	w.mail(anna, "Nu har jag dessutom tappat bort min telefon")
	w.mail(anna, "Och en mapp med elevuppgifter ligger öppet")
	w.say(said{From: anna, Text: "16: Det blev fel.", Token: q.Token})
	for i, want := range []string{"telefon", "mapp"} {
		w.mail(anna, "nytt")
		if in := w.incident(); len(w.m.Inc) != i+2 || !strings.Contains(in.FirstMessage, want) {
			t.Fatalf("%d incidents, the newest %q", len(w.m.Inc), w.incident().FirstMessage)
		}
	}
}

func TestAFormerUnitIsOut(t *testing.T) {
	w := twoUnits(t)
	w.mail(anna, "Jag råkade mejla en lista till fel mottagare")
	alert := w.last(kim)
	w.answer(anna, "2")
	w.say(said{From: kim, Text: "tar", Token: alert.Token})
	if in := w.incident(); in.Watch.TakenBy != "" {
		t.Fatal("the former unit's DSO has taken it")
	}
	w.wantKey(w.last(kim), TextUnitMoved)
	w.answer(mio, "tar")
	w.fresh(kim)
	w.answer(anna, "ändra U: 1")
	if in := w.incident(); in.Unit != "social" || in.Watch.TakenBy != "" {
		t.Fatalf("moved back: unit %s, taken by %q", in.Unit, in.Watch.TakenBy)
	}
	if o := w.fresh(kim); len(o) == 0 || o[0].Kind != MessageAlert {
		t.Error("the first unit's DSO is not called again")
	}
}

func TestCannotTwice(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.answer(kim, "kan inte")
	w.answer(kim, "kan inte")
	if n := len(w.incident().Watch.Called); n != 2 {
		t.Errorf("%d called, want the DSO and the deputy", n)
	}
}

func TestOldVersionFromSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.reportAll()
	w.answer(anna, "klar")
	old := w.last(kim)
	w.answer(kim, "kan inte")
	w.answer(alex, "tar")
	for _, o := range w.to(alex) {
		if o.Kind == MessageReview {
			w.say(said{From: alex, Text: "29: 2", Token: o.Token})
			break
		}
	}
	w.fresh(kim)
	w.say(said{From: kim, Text: "29: 1", Token: old.Token})
	w.say(said{From: kim, Text: "godkänn", Token: old.Token})
	o := w.fresh(kim)
	if len(o) < 2 {
		t.Fatalf("the sender gets %d answers", len(o))
	}
	w.wantKey(o[len(o)-1], TextOldVersion)
	if w.incident().Decision != nil {
		t.Error("it counted")
	}
}

func TestReasonsHoldNoNumber(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	w.answer(kim, "inte anmälningspliktig: gällde bara 811218-9876, som var med")
	if got := w.incident().Decision.Reason; strings.Contains(got, "9876") {
		t.Errorf("the reason is %q", got)
	}
}
