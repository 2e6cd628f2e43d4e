package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Dovecot, Postfix, and both are stopped in the middle of a conversation and started again. It goes on by itself: nothing is lost and
// nothing comes twice.
func TestMailServersStopAndStart(t *testing.T) {
	t.Parallel()
	m := startMail(t, "frist", "robin", "dso", "deputy", "drift")
	robin, dso := m.people["robin"], m.people["dso"]
	inbox := &person{t: t, mail: m, Address: bot, box: filepath.Join(m.Dir, "mail/frist")}
	handled := &person{t: t, mail: m, Address: bot, box: filepath.Join(inbox.box, ".Frist.Handled")}
	d := settle(t, m.settings())
	frist := d.serve()
	logged := func(what string) func() bool {
		before := strings.Count(frist.output.String(), what)
		return func() bool { return strings.Count(frist.output.String(), what) > before }
	}
	// A mail lies in its box a moment before Postfix is told so; whoever stops Dovecot just then gets it twice.
	quiet := func() { await(t, "Postfix to be done", func() bool { return len(m.queued()) == 0 }) }
	holds := func() {
		await(t, "Postfix to hold the answer", func() bool { return slices.Contains(m.queued(), robin.Address+" deferred") })
	}
	robin.send(letter{To: bot, Subject: "Fel mottagare", Text: secretText})
	first := robin.receives("the first question", asks("B"))

	// There is no mailbox while the reporter answers: the answer waits in Postfix.
	quiet()
	gone := logged("mailbox connection ended")
	session := robin.dial() // it is Dovecot that knows the password
	m.dovecot.stop()
	await(t, "frist to notice that the mailbox is gone", gone)
	robin.sendOn(session, letter{To: first.ReplyTo[0].Addr, Text: "Nej", Answers: first})
	holds()
	m.startDovecot()
	m.flush()
	second := robin.receives("the second question", asks("C"))

	// Nothing can be sent while frist has something to say. It is held up until the answer is there and Postfix is not.
	must(t, frist.cmd.Process.Signal(syscall.SIGSTOP))
	robin.reply(second, "070-000 00 31")
	await(t, "the answer to lie in the mailbox", func() bool { return len(inbox.inbox()) == 1 })
	quiet()
	m.postfix.stop()
	unsent := logged("a message could not be sent")
	must(t, frist.cmd.Process.Signal(syscall.SIGCONT))
	await(t, "frist to try to send", unsent)
	m.startPostfix()
	third := robin.receives("the third question", asks("16"))

	// Both stop: the answer has been handed in, and Postfix comes back before there is a mailbox.
	quiet()
	gone = logged("mailbox connection ended")
	session = robin.dial()
	m.dovecot.stop()
	robin.sendOn(session, letter{To: third.ReplyTo[0].Addr, Text: typed, Answers: third})
	holds()
	m.postfix.stop()
	await(t, "frist to notice that the mailbox is gone", gone)
	m.startPostfix()
	m.startDovecot()
	m.flush()
	last := robin.receives("the fourth question", asks("11"))

	if got := d.kept(last); got != typed {
		t.Errorf("kept %q", got)
	}
	for _, field := range []string{"B", "C", "16", "11"} {
		if n := count(robin.inbox(), asks(field)); n != 1 {
			t.Errorf("question %s was put %d times", field, n)
		}
	}
	await(t, "frist to be done with the last answer", func() bool { return len(inbox.inbox()) == 0 && len(handled.inbox()) == 4 })
	for p, want := range map[*person]int{robin: 4, dso: 1, handled: 4, inbox: 0} {
		if all := p.inbox(); len(all) != want || len(distinct(all)) != want {
			t.Errorf("%s has %d mails, want %d: %q", p.box, len(all), want, distinct(all))
		}
	}
	if n := len(d.incidents()); n != 1 {
		t.Errorf("%d incidents from one report", n)
	}
}
