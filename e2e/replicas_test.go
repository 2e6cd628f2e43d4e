package e2e

import (
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

// Two processes share a database and a mailbox. Each report is answered once and each call made once, also when the process that reads
// the mailbox is killed.
func TestReplicas(t *testing.T) {
	t.Parallel()
	need(t, "postgres", "psql")
	old, later := []string{"r1", "r2", "r3", "r4"}, []string{"r5", "r6", "r7", "r8"}
	m := startMail(t, append(append([]string{"frist", "dso", "deputy", "drift"}, old...), later...)...)
	s := m.settings()
	s.Poll, s.Database, s.AnswerWithin = "1s", schema(t), "1m"
	d := settle(t, s)

	// These came while nothing was running.
	for _, name := range old {
		m.people[name].send(letter{To: bot, Subject: "Borttappad dator", Text: "Min dator med deltagarlistor är borta."})
	}
	processes := []*process{d.serve(), d.replica().serve()}
	deputy := m.people["deputy"]
	awaitWithin(t, 3*time.Minute, "the deputy to be called, since the DSO did not answer", func() bool { return len(byNumber(deputy.inbox())) == len(old) })

	owner := holder(t, s.Database)
	for _, name := range later[:2] {
		m.people[name].send(letter{To: bot, Subject: "Fel bilaga", Text: "Jag bifogade fel fil."})
	}
	killed := false
	for _, p := range processes {
		if strings.Contains(owner, "-"+strconv.Itoa(p.cmd.Process.Pid)+"-") {
			p.kill()
			killed = true
		}
	}
	if !killed {
		t.Fatalf("the mailbox belongs to %q, which is neither process", owner)
	}
	for _, name := range later[2:] {
		m.people[name].send(letter{To: bot, Subject: "Fel bilaga", Text: "Jag bifogade fel fil."})
	}
	awaitWithin(t, 5*time.Minute, "all later reports to be answered, once the dead process's lease has run out", func() bool {
		for _, name := range later {
			if len(m.people[name].inbox()) == 0 {
				return false
			}
		}
		return len(byNumber(m.people["dso"].inbox())) == len(old)+len(later)
	})
	if n := len(d.incidents()); n != len(old)+len(later) {
		t.Errorf("%d incidents from %d reports", n, len(old)+len(later))
	}
	for _, name := range append(old, later...) {
		if got := distinct(m.people[name].inbox()); len(got) != 1 {
			t.Errorf("%s was answered by %d mails: %q", name, len(got), got)
		}
	}
	for _, who := range []string{"dso", "deputy"} {
		for number, mails := range byNumber(m.people[who].inbox()) {
			if len(mails) != 1 {
				t.Errorf("%s was called to %s by %d mails: %q", who, number, len(mails), mails)
			}
		}
	}
}

// Replicas come up at once on an empty database, as they do at the first deployment.
func TestReplicasStartTogether(t *testing.T) {
	t.Parallel()
	need(t, "postgres", "psql")
	d := settle(t, settings{IMAP: addr("9"), SMTP: addr("9"), Username: bot, Password: "none", Database: schema(t)})
	towns := []*town{d, d.replica(), d.replica(), d.replica()}
	var processes []*process
	for _, d := range towns {
		processes = append(processes, d.start())
	}
	for i, d := range towns {
		d.ready(processes[i])
	}
}

// distinct lists mails by Message-ID: one that comes twice is delivered twice, and decided once.
func distinct(list []*mail.Message) map[string]string {
	found := map[string]string{}
	for _, m := range list {
		found[m.MessageID] = m.Subject
	}
	return found
}

// byNumber parts mails by the incident in the subject.
func byNumber(list []*mail.Message) map[string]map[string]string {
	found := map[string]map[string]string{}
	for _, m := range list {
		_, rest, ok := strings.Cut(m.Subject, "PUI-")
		if !ok || len(rest) < 9 {
			continue
		}
		if number := "PUI-" + rest[:9]; found[number] == nil {
			found[number] = map[string]string{m.MessageID: m.Subject}
		} else {
			found[number][m.MessageID] = m.Subject
		}
	}
	return found
}

// schema makes an empty schema on the PostgreSQL server and returns its URL.
func schema(t *testing.T) string {
	t.Helper()
	name := "e2e" + strings.ToLower(rand.Text())
	psql(t, os.Getenv(postgresEnv), "CREATE SCHEMA "+name)
	t.Cleanup(func() { psql(t, os.Getenv(postgresEnv), "DROP SCHEMA "+name+" CASCADE") })
	u, err := url.Parse(os.Getenv(postgresEnv))
	must(t, err)
	q := u.Query()
	q.Set("options", "-csearch_path="+name)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// holder is the process that owns the mailbox, as it names itself: host, process id and a random part.
func holder(t *testing.T, db string) (name string) {
	t.Helper()
	await(t, "a process to own the mailbox", func() bool {
		name = psql(t, db, "SELECT holder FROM lease WHERE name = 'mailbox'")
		return name != ""
	})
	return name
}

func psql(t *testing.T, db, command string) string {
	t.Helper()
	out, err := exec.Command("psql", db, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command).CombinedOutput()
	if err != nil {
		t.Errorf("psql %q: %v: %s", command, err, out)
	}
	return strings.TrimSpace(string(out))
}
