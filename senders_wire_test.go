package main

import (
	"strings"
	"testing"

	"frist/conversation"
)

// TestUncertainSender: a first report that nobody vouches for is announced to the DSO, and nothing of it leaves the program otherwise.
func TestUncertainSender(t *testing.T) {
	w := newTown(t)
	const private = "robin.privat@hem.example"
	w.post(letter{from: "Robin <" + private + ">", subject: "Borttappad dator", text: "Jag glömde min jobbdator på bussen i morse, den var inte låst."})
	in := w.incident(firstNumber)
	if in.Status != conversation.StatusUnverified {
		t.Fatalf("status %s", in.Status)
	}
	alert := w.lastWith(kim, "BEKRÄFTA")
	if text := alert.msg.Text; !strings.Contains(text, private) || strings.Contains(text, "bussen") {
		t.Errorf("the alert says\n%s", text)
	}
	if n := w.sent(); n != 1 {
		t.Errorf("%d mails went out", n)
	}
	w.reply(kim, alert, "VISA")
	if text := w.last(kim).msg.Text; !strings.Contains(text, "bussen") {
		t.Errorf("shown is\n%s", text)
	}
	w.reply(kim, alert, "GODKÄNN")
	w.reply(kim, alert, "29: 3")
	if in := w.incident(firstNumber); in.Status != conversation.StatusUnverified || len(in.Answers) != 0 {
		t.Errorf("status %s, answers %v", in.Status, in.Answers)
	}
	w.reply(kim, alert, "Bekräfta")
	if in := w.incident(firstNumber); in.Status != conversation.StatusReported || in.Watch.TakenBy == "" {
		t.Errorf("status %s, taken by %q", in.Status, in.Watch.TakenBy)
	}
}
