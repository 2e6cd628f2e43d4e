package e2e

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frist/mail/mailtest"
)

// The program is killed at any instant, again and again, while reports and answers come in. In the end each report is an incident, each
// answer is kept, and everybody has been written to once: a mail that comes twice is the same mail.
func TestKilled(t *testing.T) {
	t.Parallel()
	const reporters, kills = 16, 20
	people, server := embeddedMail(t, reporters)
	server.Poll = "1s"
	d := settle(t, server)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))

	reported, answered := 0, map[int]bool{}
	// step lets a few people write: those who have got their question answer it, and others report.
	step := func() {
		for i := range reported {
			if answered[i] {
				continue
			}
			for _, m := range people[i].inbox() {
				if asks("B")(m) && !answered[i] {
					people[i].reply(m, "Nej\n\n16: "+story(i))
					answered[i] = true
				}
			}
		}
		for n := chance.IntN(3); n > 0 && reported < reporters; n-- {
			people[reported].send(letter{To: bot, Subject: "Incident", Text: "Ett brev gick till fel person."})
			reported++
		}
	}
	for range kills {
		p := d.start()
		step()
		d.ready(p)
		step()
		time.Sleep(time.Duration(chance.IntN(400)) * time.Millisecond)
		p.kill()
	}
	if len(answered) == 0 {
		t.Error("in all that time nobody was answered: the kills came too soon to tell anything")
	}
	d.serve()
	t.Cleanup(func() {
		for _, p := range people {
			if t.Failed() {
				t.Logf("%s has %q", p.Address, distinct(p.inbox()))
			}
		}
	})
	// What the killed process had claimed last stays claimed for some minutes, since it might still be at it.
	awaitWithin(t, 6*time.Minute, "everybody's second question", func() bool {
		step()
		for _, p := range people[:reporters] {
			if count(p.inbox(), asks("C")) == 0 {
				return false
			}
		}
		return true
	})
	dso := people[reporters]
	await(t, "the DSO to have all alerts", func() bool { return len(byNumber(dso.inbox())) == reporters })

	kept := map[string]incident{}
	for _, in := range d.incidents() {
		kept[in.Number] = in
	}
	if len(kept) != reporters {
		t.Errorf("%d incidents from %d reports", len(kept), reporters)
	}
	twice := 0
	for i, p := range people[:reporters] {
		inbox := p.inbox()
		decided := distinct(inbox)
		twice += len(inbox) - len(decided)
		if len(decided) != 2 {
			t.Errorf("%s was sent %d different mails, want the two questions: %q", p.Address, len(decided), decided)
		}
		for number := range byNumber(inbox) {
			if got := kept[number].Notification.Answers["16"]; got != story(i) {
				t.Errorf("%s, of %s: answer 16 is kept as %v", number, p.Address, got)
			}
		}
	}
	for number, mails := range byNumber(dso.inbox()) {
		if len(mails) != 1 {
			t.Errorf("the DSO was alerted of %s by %d different mails: %q", number, len(mails), mails)
		}
	}
	t.Logf("%d mails came twice", twice)
}

func story(i int) string { return fmt.Sprintf("Brev %d låg i fel kuvert.", i) }

// embeddedMail starts the mail system in memory; the reporters come first among the people, then the DSO.
func embeddedMail(t *testing.T, reporters int) ([]*person, settings) {
	t.Helper()
	accounts := map[string]string{bot: "bot", "dso@" + domain: "dso", "deputy@" + domain: "deputy", "drift@" + domain: "drift"}
	names := make([]string, reporters, reporters+1)
	for i := range reporters {
		names[i] = fmt.Sprintf("reporter%d", i)
		accounts[names[i]+"@"+domain] = names[i]
	}
	s, err := mailtest.Start(mailtest.Options{Accounts: accounts, AuthservID: authservID})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	dir := t.TempDir()
	// The certificate is trusted as it is shown: it is our own server, in this process.
	c, err := tls.Dial("tcp", s.IMAP, &tls.Config{RootCAs: s.RootCAs(), ServerName: "127.0.0.1"})
	must(t, err)
	defer c.Close()
	ca := filepath.Join(dir, "ca.pem")
	must(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.ConnectionState().PeerCertificates[0].Raw}), 0o600))
	_, port, err := net.SplitHostPort(s.Submission)
	must(t, err)
	system := &mailSystem{t: t, Dir: dir, Submission: port}
	var people []*person
	for _, name := range append(names, "dso") {
		a := name + "@" + domain
		people = append(people, &person{t: t, mail: system, Address: a, Password: name, fetch: func() [][]byte { return s.Mails(a) }})
	}
	return people, settings{IMAP: s.IMAP, SMTP: s.Submission, CA: ca, Username: bot, Password: "bot"}
}
