package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

// The mailbox was filled while the program was down, and Dovecot is killed again and again while it is taken in: every mail is filed, each report
// is one incident, and nobody is answered twice.
func TestIntakeWithoutServer(t *testing.T) {
	t.Parallel()
	const reporters, notes, kills = 8, 2400, 4
	names := []string{"frist", "dso", "deputy", "drift"}
	for i := range reporters {
		names = append(names, fmt.Sprintf("anmalare%d", i))
	}
	m := startMail(t, names...)
	frist := m.people["frist"]
	var ids []string
	for i := range notes {
		ids = append(ids, frist.finds(m, i, m.people["drift"], "Auto-Submitted: auto-replied\n", "Jag är på semester till måndag."))
		if i%(notes/reporters) == 70 {
			p := m.people[fmt.Sprintf("anmalare%d", i/(notes/reporters))]
			ids = append(ids, frist.finds(m, i, p, "", "Jag lade ett brev i fel kuvert. Det gick till en granne."))
		}
	}
	must(t, exec.Command("chown", "-R", "mail:mail", frist.box).Run())
	s := m.settings()
	s.Poll = "1s"
	d := settle(t, s)
	p := d.start()

	handled := filepath.Join(frist.box, ".Frist.Handled")
	cut := 0
	for range kills {
		before := len(mailsIn(t, handled))
		// A killed Dovecot may leave a lock in the Maildir, which it breaks after two minutes.
		awaitWithin(t, 5*time.Minute, "some mail to be filed", func() bool { n := len(mailsIn(t, handled)); return n > before || n >= len(ids) })
		if len(mailsIn(t, frist.box)) > 0 {
			cut++
		}
		m.dovecot.kill()
		m.startDovecot()
	}
	if cut == 0 {
		t.Error("all was taken in before the first kill: it came too late to tell anything")
	}
	awaitWithin(t, 4*time.Minute, "the mailbox to be empty", func() bool { return len(mailsIn(t, frist.box)) == 0 })
	d.ready(p)
	// Postfix and the program have lost Dovecot too, and each comes back to it in its own time.
	var flushed time.Time
	awaitWithin(t, 5*time.Minute, "everybody's question", func() bool {
		if time.Since(flushed) > 2*time.Second {
			m.flush()
			flushed = time.Now()
		}
		for i := range reporters {
			if len(m.people[fmt.Sprintf("anmalare%d", i)].inbox()) == 0 {
				return false
			}
		}
		return len(byNumber(m.people["dso"].inbox())) == reporters
	})
	if n := len(d.incidents()); n != reporters {
		t.Errorf("%d incidents of %d reports", n, reporters)
	}
	for i := range reporters {
		name := fmt.Sprintf("anmalare%d", i)
		// Killed before it has said that it took a mail, Dovecot is given the same mail again.
		var different []string
		for _, l := range m.people[name].inbox() {
			different = append(different, l.MessageID)
		}
		slices.Sort(different)
		if different = slices.Compact(different); len(different) != 1 {
			t.Errorf("%s was sent %d different mails", name, len(different))
		}
	}
	// Dovecot may be killed between the copy and the removal of a mail; it is then filed twice, but handled once.
	var filed []string
	for _, f := range mailsIn(t, handled) {
		raw, err := os.ReadFile(f)
		must(t, err)
		filed = append(filed, mail.Parse(raw).MessageID)
	}
	slices.Sort(filed)
	slices.Sort(ids)
	if filed = slices.Compact(filed); !slices.Equal(filed, ids) {
		t.Errorf("%d different mails of %d are filed", len(filed), len(ids))
	}
	t.Logf("Dovecot was killed %d times with mail in the mailbox", cut)
}

// finds puts a mail into the person's mailbox as if it had come while nobody looked, and returns its Message-ID.
func (p *person) finds(m *mailSystem, n int, from *person, header, text string) (id string) {
	p.t.Helper()
	id, raw := from.compose(letter{To: p.Address, Subject: "Ett meddelande", Text: text,
		Header: fmt.Sprintf("Authentication-Results: %s; dmarc=pass header.from=%s\n%s", m.Authserv, m.Domain, header)})
	for _, d := range []string{"cur", "new", "tmp"} {
		must(p.t, os.MkdirAll(filepath.Join(p.box, d), 0o755))
	}
	name := fmt.Sprintf("%d.M%dP1.%s", time.Now().Unix()-3600+int64(n), n, strings.ReplaceAll(id[:20], "@", ""))
	write(p.t, filepath.Join(p.box, "new", name), string(raw))
	return id
}
