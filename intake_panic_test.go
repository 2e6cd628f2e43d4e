package main

import (
	"strings"
	"testing"

	"frist/conversation"
)

// A mail that the program fails on is kept in Failed and told to the administrator, and the mails around it go on.
func TestMailThatTheProgramFailsOn(t *testing.T) {
	w := newTown(t)
	w.quiet()
	read := w.engine.Readers[conversation.ChannelMail]
	w.engine.Readers[conversation.ChannelMail] = func(raw conversation.RawInbound) (*conversation.Inbound, error) {
		in, err := read(raw)
		if err == nil && strings.Contains(in.Subject, "omöjligt") {
			panic("index out of range")
		}
		return in, err
	}
	w.engine.Organisation.Administrator = alex
	for _, l := range []letter{
		{login: robin, subject: "Fel mottagare", text: "Jag skickade en lista till fel person i dag."},
		{login: robin, subject: "Något omöjligt", text: "Jag skickade en annan lista till fel person i går."},
		{login: eve, subject: "En borttappad pärm", text: "Jag lade en pärm på bussen i morse."},
	} {
		w.postRaw(l, l.raw())
	}
	w.quiet()
	for mailbox, want := range map[string]int{"INBOX": 0, "Frist/Handled": 2, "Frist/Failed": 1} {
		if n, err := w.embedded.post.Count(frist, mailbox); err != nil || n != want {
			t.Errorf("%s holds %d mails (%v), want %d", mailbox, n, err, want)
		}
	}
	if n := w.incidents(); n != 2 {
		t.Errorf("%d incidents of the mails around it", n)
	}
	told := 0
	for _, m := range w.mails(alex) {
		if strings.Contains(m.msg.Text, "kunde inte tas om hand") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the administrator was told %d times", told)
	}
}

// What the program fails on in the middle of a turn is kept without its files as well.
func TestFilesOfAMailThatTheProgramFailsOn(t *testing.T) {
	w := newTown(t)
	var id conversation.InboundID
	read := w.engine.Readers[conversation.ChannelMail]
	w.engine.Readers[conversation.ChannelMail] = func(raw conversation.RawInbound) (*conversation.Inbound, error) {
		in, err := read(raw)
		if err == nil {
			id = raw.ID
		}
		return in, err
	}
	phrase := w.engine.Phrase
	w.engine.Phrase = func(conversation.Lang, *conversation.Form, conversation.Line) string { panic("no words") }
	w.post(withFiles(letter{login: robin, subject: "Fel mottagare", text: "Jag skickade en lista till fel person i dag."}, "lista.csv", "text/csv", peopleTable(3)))
	w.engine.Phrase = phrase
	err := w.store.View(t.Context(), func(tx conversation.Tx) error {
		raw, done, err := tx.Inbound(id)
		if !done || !strings.Contains(string(raw.Raw), "X-Frist-Removed") || strings.Contains(string(raw.Raw), "UGVyc29ubnVtbWVy") {
			t.Errorf("done %v; kept:\n%s", done, raw.Raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
