package conversation

import (
	"maps"
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
	for channel, want := range map[Channel]string{ChannelTeams: TextReviewHowCards, ChannelMail: TextReviewHowMail} {
		w.say(said{Channel: channel, From: kim, Text: "hjälp"})
		if got := keys(w.last(kim)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", channel, got)
		}
	}
}

// What comes to a list is proposed without what stands there, and taken in after it.
func TestDraftedEntriesAreProposedAlone(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	stood := w.incident().Answers["30"].Value.Entries
	w.say(said{Channel: ChannelTeams, From: kim, Text: "fortsätt"})
	for range 20 {
		if q := w.last(kim).Question; q == nil || q.Field == "30" {
			break
		}
		w.now = w.now.Add(time.Minute)
		w.say(said{Channel: ChannelTeams, From: kim, Text: "hoppa över"})
	}
	q := w.last(kim).Question
	if len(stood) == 0 || q == nil || q.Field != "30" || q.Proposed == nil || len(q.Proposed.Entries) == 0 {
		t.Fatalf("%d entries stand; asked %+v", len(stood), q)
	}
	for _, e := range q.Proposed.Entries {
		if slices.ContainsFunc(stood, func(old map[string]string) bool { return maps.Equal(old, e) }) {
			t.Errorf("proposed, and stands there: %v", e)
		}
	}
	w.now = w.now.Add(time.Minute)
	w.say(said{Channel: ChannelTeams, From: kim, Text: "ta med"})
	if got := w.incident().Answers["30"].Value.Entries; !slices.EqualFunc(got, slices.Concat(stood, q.Proposed.Entries), maps.Equal) {
		t.Errorf("%d entries stand, %d were proposed, and then there are %v", len(stood), len(q.Proposed.Entries), got)
	}
}
