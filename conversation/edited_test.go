package conversation

import (
	"fmt"
	"testing"
)

// saidLast is the id of the newest message to the engine.
func (w *world) saidLast() InboundID { return NewInboundID("test", fmt.Sprint(w.n)) }

// The ids of messages are unique within a chat only: that of another person's chat leads nobody into their incident.
func TestQuotedMessageOfAnotherChat(t *testing.T) {
	w, card := teams(t)
	w.say(said{From: "eva@exempelstad.example", Channel: ChannelTeams, Text: "Jag har tappat bort en telefon", References: []string{card.MessageID}})
	if len(w.m.Inc) != 2 || w.incident().Reporter == w.person(anna).ID {
		t.Errorf("%d incidents; %s", len(w.m.Inc), w.events())
	}
}

// Whoever stands on the DSO's side may mend their answer by an edit for as long as the incident is their unit's.
func TestEditFromAnotherUnit(t *testing.T) {
	w := twoUnits(t)
	reporterAnswers[FieldUnit] = "1"
	w.reviewed()
	delete(reporterAnswers, FieldUnit)
	w.say(said{From: kim, Channel: ChannelTeams, Text: "29: 2"})
	answer := w.saidLast()
	edit := func(text string) Value {
		w.say(said{From: kim, Channel: ChannelTeams, Edits: answer, Text: text})
		return w.incident().Answers["29"].Value
	}
	before := w.incident().Answers["29"].Value.Choice
	mended := edit("29: 3").Choice
	if mended == before {
		t.Fatalf("the edit changed nothing: %q", mended)
	}
	w.answer(anna, "ändra U: Skolförvaltningen")
	w.say(said{From: kim, Channel: ChannelTeams, Text: "U: ta med"})
	if got := w.incident().Unit; got != "school" {
		t.Fatalf("unit %s", got)
	}
	if got := edit("29: 1").Choice; got != mended {
		t.Errorf("whoever is not of the unit made it %q", got)
	}
}
