package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

// check runs check -live while the administrator, drift, answers its mail, and returns what it printed and its exit code.
func (m *mailSystem) check(d *town, answered int) (out string, code int) {
	m.t.Helper()
	drift := m.people["drift"]
	type result struct {
		out  string
		code int
	}
	done := make(chan result, 1)
	go func() {
		out, errs, code := frist(m.t, d.env, "check", "--live", "--wait", patience.String(), "--config", d.Config)
		done <- result{out + errs, code}
	}()
	trials := func() []*mail.Message {
		var list []*mail.Message
		for _, mail := range drift.inbox() {
			if strings.Contains(mail.Subject, "[check-") {
				list = append(list, mail)
			}
		}
		return list
	}
	await(m.t, "the administrator to receive the trial mail", func() bool { return len(trials()) > answered })
	drift.reply(trials()[answered], "ok")
	r := <-done
	return r.out, r.code
}

// Over Postfix, OpenDKIM and Dovecot: what check -live finds in an answer, and what it says to write.
func TestCheckLive(t *testing.T) {
	t.Parallel()
	m := startMail(t, "frist", "drift", "dso", "deputy")
	d := settle(t, m.settings())
	handled := filepath.Join(m.Dir, "mail/frist/.Frist.Handled")

	out, code := m.check(d, 0)
	if code != 0 {
		t.Errorf("exit %d:\n%s", code, out)
	}
	says(t, out, "ok servers: Authentication-Results are by "+authservID+", the topmost\n",
		"ok verdict: with results ("+authservID+") the answer is believed to be from "+domain+", by dkim\n",
		"ok token: the part after the + came back, in To and Delivered-To\n", "ok references: ", "ok subject: was kept\n", "ok settings: ")
	if n := len(mailsIn(t, handled)); n != 1 {
		t.Errorf("%d mails are handled", n)
	}

	// A guess in the settings is set right, while the bot runs.
	text, err := os.ReadFile(d.Config)
	must(t, err)
	write(t, d.Config, strings.Replace(string(text), "authserv_id: "+authservID, "authserv_id: gissning.example", 1))
	d.serve()
	out, code = m.check(d, 1)
	if code != 1 {
		t.Errorf("exit %d:\n%s", code, out)
	}
	says(t, out, "fault verdict: with results (gissning.example) the answer is not believed: no_results → ",
		"write below mail: authentication: results; authserv_id: "+authservID+"\n")
	if n := len(d.incidents()); n != 0 {
		t.Errorf("the answer was taken for a report: %d incidents", n)
	}
	// Check and bot may move the answer at the same moment: Dovecot then files it twice.
	different := map[string]bool{}
	for _, f := range mailsIn(t, handled) {
		raw, err := os.ReadFile(f)
		must(t, err)
		different[mail.Parse(raw).MessageID] = true
	}
	if len(different) != 2 {
		t.Errorf("%d different mails are handled", len(different))
	}
}

func says(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(out, s) {
			t.Errorf("%q is not in:\n%s", s, out)
		}
	}
}

// mailsIn lists the mails of a Maildir folder.
func mailsIn(t *testing.T, box string) (list []string) {
	t.Helper()
	for _, d := range []string{"new", "cur"} {
		found, err := filepath.Glob(filepath.Join(box, d, "*"))
		must(t, err)
		list = append(list, found...)
	}
	return list
}

// zone answers from the file that stands for the DNS in the mail system.
type zone string

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	text, err := os.ReadFile(string(z))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if record, ok := strings.CutPrefix(line, strings.TrimSuffix(name, ".")+" "); ok {
			return []string{strings.TrimSpace(record)}, nil
		}
	}
	return nil, nil
}

// Our own check agrees with OpenDKIM on mail that OpenDKIM signed and Postfix and Dovecot carried, and on mail that came without a login.
func TestOwnCheckOfRealMail(t *testing.T) {
	t.Parallel()
	m := startMail(t, "kim", "robin")
	kim, robin := m.people["kim"], m.people["robin"]
	kim.send(letter{To: robin.Address, Subject: "Å", Text: "Rad ett\n\n.\nFrom rad två  \n\n\n"})
	kim.sendForged(letter{To: robin.Address, Subject: "Å", Text: "Hej"})
	await(t, "both mails", func() bool { return len(mailsIn(t, robin.box)) == 2 })
	v := &mail.Verifier{Resolver: zone(filepath.Join(m.Dir, "dns"))}
	believed := 0
	for _, file := range mailsIn(t, robin.box) {
		raw, err := os.ReadFile(file)
		must(t, err)
		own, err := v.Verify(t.Context(), raw, time.Now())
		must(t, err)
		if theirs := mail.Parse(raw).Authenticated(authservID); own.OK != theirs.OK {
			t.Errorf("we say %+v, OpenDKIM %+v of\n%s", own, theirs, raw)
		}
		if own.OK {
			believed++
		}
	}
	if believed != 1 {
		t.Errorf("%d of two mails are believed", believed)
	}
}
