package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

const secretText = "Jag råkade skicka listan över stugsemestern till fel adress i morse."

// asks tells the mail that puts a question, by the marker on its line.
func asks(field string) func(*mail.Message) bool {
	return func(m *mail.Message) bool {
		_, rest, ok := strings.Cut(m.Text, "----\n") // below it stands the question; further down those that may be answered with it
		question, _, _ := strings.Cut(rest, "----\n")
		return ok && strings.Contains(question, "["+field+"] ")
	}
}

// From the first mail to an answer, over real servers: the DSO knows within a minute, nothing is told that should not be, a server
// that goes away and comes back is no concern, and nobody without the reporter's login can speak for them.
func TestMail(t *testing.T) {
	t.Parallel()
	m := startMail(t, "frist", "robin", "dso", "deputy", "drift")
	robin, dso := m.people["robin"], m.people["dso"]
	d := settle(t, m.settings())
	d.serve()

	begun := time.Now()
	robin.send(letter{To: bot, Subject: "Fel mottagare", Text: secretText})
	alert := dso.receives("the alert", numbered)
	first := robin.receives("the first question", asks("B"))
	// The settings look into the mailbox once an hour: it was IDLE that woke the program.
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("the DSO was alerted and the reporter answered after %s", took)
	}
	if strings.Contains(alert.Text, "stugsemester") {
		t.Error("the alert tells what the reporter wrote")
	}
	for _, m := range []*mail.Message{alert, first} {
		if v := m.Authenticated(authservID); !v.OK || v.Domain != domain {
			t.Errorf("the town's own MX does not believe the mail %q: %+v", m.Subject, v)
		}
		if len(m.ReplyTo) != 1 || !strings.HasPrefix(m.ReplyTo[0].Addr, "frist+") {
			t.Errorf("%q is answered at %v", m.Subject, m.ReplyTo)
		}
	}

	// Anyone may write anything into From; the reply address may have leaked.
	robin.sendForged(letter{To: first.ReplyTo[0].Addr, Subject: "Re: " + first.Subject, Text: "Ja", Header: "In-Reply-To: <" + first.MessageID + ">\n"})
	// The answer is handed in, and then the mailbox goes away: before, while or after it is put there.
	robin.reply(first, "Nej")
	m.dovecot.kill()
	m.startDovecot()
	m.flush()
	next := robin.receives("the next question after the server came back", asks("C"))

	// One mail may answer several questions; the open one comes first.
	robin.reply(next, "070-000 00 31\n\n16: Listan gick till grannkommunen.\n12: Nej")
	robin.receives("the question after those", asks("11"))
	dso.receives("word of the forged answer", func(m *mail.Message) bool { return numbered(m) && m.MessageID != alert.MessageID })
	before := len(dso.inbox())
	dso.reply(alert, "TAR")
	await(t, "the DSO to be told that the incident is theirs", func() bool { return len(dso.inbox()) > before })

	got := d.incidents()
	if len(got) != 1 {
		t.Fatalf("%d incidents", len(got))
	}
	if a := got[0].Notification.Answers; a["16"] != "Listan gick till grannkommunen." || a["12"] != "Nej" {
		t.Errorf("kept answers: %v", a)
	}
	if got[0].TakenAt == "" {
		t.Error("that the DSO has it was not taken in")
	}
	if n := count(robin.inbox(), asks("C")); n != 1 {
		t.Errorf("the question after B was put %d times; one answer was true and one forged", n)
	}
	out := t.TempDir()
	d.frist("export", "--out", out, got[0].Number)
	text, err := os.ReadFile(filepath.Join(out, got[0].Number, "notification.txt"))
	must(t, err)
	if !strings.Contains(string(text), "Listan gick till grannkommunen.") {
		t.Errorf("the exported text lacks an answer:\n%s", text)
	}
}

// numbered tells a mail about an incident.
func numbered(m *mail.Message) bool { return strings.Contains(m.Subject, "PUI-") }

func count(list []*mail.Message, fits func(*mail.Message) bool) (n int) {
	for _, m := range list {
		if fits(m) {
			n++
		}
	}
	return n
}

// incident is a row of the register.
type incident struct {
	Number       string `json:"number"`
	TakenAt      string `json:"taken_at"`
	DSOAlertedAt string `json:"dso_alerted_at"`
	Notification struct {
		Answers    map[string]any `json:"answers"`
		Decision   string         `json:"decision"`
		ApprovedBy string         `json:"approved_by"`
	} `json:"notification"`
}

// incidents reads the register as an administrator would.
func (d *town) incidents() (list []incident) {
	d.t.Helper()
	must(d.t, json.Unmarshal([]byte(d.frist("register", "--format", "json")), &list))
	return list
}
