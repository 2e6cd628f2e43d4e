package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A decision that is typed in a chat is for the card that stands there and had come before, and for nothing else.
func TestTypedDecisionIsForTheStandingCard(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration // since the card came
		say   said
		want  Status
		event string
	}{
		{"typed", time.Minute, said{Text: "godkänn"}, StatusApproved, "approved"},
		{"in the second in which it came", 0, said{Text: "godkänn"}, StatusApproved, "approved"},
		{"before it came", -time.Second, said{Text: "godkänn"}, StatusInReview, "decision_refused not_in_reply"},
		{"in reply to what is not ours", time.Minute, said{Text: "godkänn", References: []string{"1700000000000"}}, StatusInReview, "decision_refused not_in_reply"},
		{"by mail", time.Minute, said{Text: "godkänn", Channel: ChannelMail}, StatusInReview, "decision_refused not_in_reply"},
		{"without reason", time.Minute, said{Text: "inte anmälningspliktig"}, StatusInReview, ""},
		{"not to be notified", time.Minute, said{Text: "inte anmälningspliktig: ingen risk"}, StatusNotNotifiable, "not_notifiable"},
		{"returned", time.Minute, said{Text: "returnera: skriv mer"}, StatusReported, "returned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.reviewed()
			w.say(said{From: kim, Channel: ChannelTeams, Text: "visa"})
			w.now = w.now.Add(time.Minute)
			w.say(said{From: kim, Channel: ChannelTeams, Text: "29: 4"})
			if w.incident().conversation(w.person(kim).ID).Live == "" {
				t.Fatal("no card stands in the chat")
			}
			w.now = w.now.Add(c.after)
			if c.say.From = kim; c.say.Channel == "" {
				c.say.Channel = ChannelTeams
			}
			w.say(c.say)
			if in := w.incident(); in.Status != c.want {
				t.Errorf("status %s, want %s", in.Status, c.want)
			}
			if c.event != "" && !slices.ContainsFunc(strings.Split(w.events(), "; "), func(e string) bool { return e == c.event || strings.HasPrefix(e, c.event+" ") }) {
				t.Errorf("log %s, want %s", w.events(), c.event)
			}
		})
	}
}

// Not to notify is decided on the newest version too.
func TestNotNotifiableInReplyToAnOldVersion(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	old := w.last(kim)
	w.answer(kim, "29: 4")
	newest := w.last(kim)
	for _, c := range []struct {
		to   Outbound
		want Status
	}{{old, StatusInReview}, {newest, StatusNotNotifiable}} {
		w.say(said{From: kim, Text: "inte anmälningspliktig: ingen risk", Token: c.to.Token})
		if in := w.incident(); in.Status != c.want {
			t.Errorf("in reply to version %d: status %s, want %s", c.to.Revision, in.Status, c.want)
		}
	}
	if !strings.Contains(w.events(), "decision_refused old_version") {
		t.Errorf("log %s", w.events())
	}
}
