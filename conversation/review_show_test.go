package conversation

import (
	"slices"
	"testing"
	"time"
)

// A DSO who gets the review by mail and then opens Teams finds it there, with what can be pressed.
func TestReviewShownInTeams(t *testing.T) {
	w := newWorld(t)
	w.mail(anna, "Jag har tappat bort en telefon")
	w.clock(49 * time.Hour)
	if w.incident().Status != StatusInReview {
		t.Fatalf("status %s", w.incident().Status)
	}
	w.say(said{Channel: ChannelTeams, From: kim, Text: "tar"})
	if o := w.last(kim); !slices.Contains(keys(o), TextTakenReview) || slices.Contains(keys(o), TextTaken) {
		t.Errorf("who takes it in review is told %v", keys(o))
	}
	w.fresh(kim)
	w.fresh(alex)
	revision := w.incident().Revision
	w.say(said{Channel: ChannelTeams, From: kim, Text: "visa"})
	got := w.fresh(kim)
	if len(got) != 1 || got[0].Kind != MessageReview || got[0].Channel != ChannelTeams || got[0].Revision != revision {
		t.Fatalf("asked to show the review: %+v", got)
	}
	if !slices.ContainsFunc(got[0].Choices, func(c Choice) bool { return c.Key == ButtonApprove }) {
		t.Errorf("nothing to approve with: %v", got[0].Choices)
	}
	if o := w.fresh(alex); len(o) != 0 {
		t.Errorf("another is sent %s", o[0].Kind)
	}
	w.say(said{Channel: ChannelTeams, From: kim, Text: "godkänn"})
	if w.incident().Status != StatusApproved {
		t.Errorf("not approved: %v", keys(w.last(kim)))
	}
}

// What may be written is told as it is done where it is asked: on cards and in a chat, or in one reply.
func TestHelpIsForItsChannel(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	for channel, want := range map[Channel]string{ChannelTeams: TextReviewHowCards, ChannelMail: TextReviewHow} {
		w.say(said{Channel: channel, From: kim, Text: "hjälp"})
		if got := keys(w.last(kim)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", channel, got)
		}
	}
}
