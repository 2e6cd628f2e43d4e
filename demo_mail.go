package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"frist/conversation"
	"frist/mail"
)

// received is a mail in somebody's inbox, by its number in the demo.
type received struct {
	n      int
	to     *part
	mail   *mail.Message
	opened bool
}

// send mails the text from one of the people: an answer to a mail, or a new one to the bot if there is none.
func (d *demo) send(from *part, to *received, text string) error {
	a := mailAccount{addr: from.addr, name: from.name, send: func(ctx context.Context, rcpt string, raw []byte) error {
		return d.x.submit(ctx, from.addr, rcpt, raw)
	}}
	m := newMail{to: d.x.cfg.Mail.Address, subject: d.say("subject"), text: text, at: d.x.clock.Now(), english: d.lang == conversation.English}
	told := d.say("sent_new", "to", m.to)
	if to != nil {
		m.answers = &wireMail{msg: to.mail, at: to.mail.Date}
		told = d.say("sent", "from", from.name, "n", itoa(to.n))
	}
	if _, err := a.write(d.ctx, m); err != nil {
		return err
	}
	d.note(told)
	return nil
}

// delivered is told of each mail in either direction, from the sender's connection.
func (d *demo) delivered(rcpt string, raw []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.post = append(d.post, envelope{rcpt, raw})
	d.wake()
}

// envelope is a mail that was delivered and not yet shown.
type envelope struct {
	rcpt string
	raw  []byte
}

// takePost keeps the new mails as files and gives those to people.
func (d *demo) takePost() []*received {
	d.mu.Lock()
	post := d.post
	d.post = nil
	d.mu.Unlock()
	var out []*received
	for _, e := range post {
		d.kept++
		name := filepath.Join(d.dir, "mail", fmt.Sprintf("%04d.eml", d.kept))
		if err := os.WriteFile(name, e.raw, 0o600); err != nil {
			d.fail(err)
		}
		for _, p := range d.parts {
			if strings.EqualFold(p.addr, e.rcpt) {
				r := &received{n: len(d.mails) + 1, to: p, mail: mail.Parse(e.raw)}
				d.mails = append(d.mails, r)
				p.answers = r
				out = append(out, r)
			}
		}
	}
	return out
}

const (
	// linesOwn and linesOther are how much of a new mail is shown at once, to whom is played now and to others.
	linesOwn, linesOther = 45, 14
)

// showMail shows a mail, of which at most so many lines; 0 is all.
func (d *demo) showMail(r *received, most int) {
	m := r.mail
	d.print("")
	d.print(d.con.accent("✉ " + d.say("mail_new", "n", itoa(r.n), "name", r.to.name, "role", d.say(r.to.key))))
	head := func(key, value string) { d.print("  " + d.con.faint(d.say(key)+": ") + printable(value)) }
	if most == 0 {
		head("mail_from", m.From.Name+" <"+m.From.Addr+">")
		head("mail_to", r.to.addr)
		head("mail_date", d.when(m.Date))
	}
	head("mail_subject", m.Subject)
	var files []string
	for _, a := range m.Attachments {
		files = append(files, a.Name)
	}
	if len(files) > 0 {
		head("mail_files", strings.Join(files, ", "))
	}
	lines := strings.Split(strings.Trim(m.Text, "\n"), "\n")
	rest := 0
	// A few lines more are not worth the cut.
	if most > 0 && len(lines) > most+4 {
		rest = len(lines) - most
		lines = lines[:most]
	}
	d.print("")
	for _, l := range lines {
		d.print(strings.TrimRight("  "+printable(l), " "))
	}
	if rest > 0 {
		d.print("  " + d.con.faint(d.say("cut", "lines", itoa(rest), "n", itoa(r.n))))
	} else {
		r.opened = true
	}
}

// inbox lists the mails of whom is played now.
func (d *demo) inbox() {
	d.print(d.con.bold(d.say("inbox", "name", d.now.name)))
	found := false
	for _, r := range d.mails {
		if r.to != d.now {
			continue
		}
		found = true
		mark := strings.Repeat(" ", len(d.say("row_new")))
		if !r.opened {
			mark = d.say("row_new")
		}
		d.print(fmt.Sprintf("%4d  %s  %s  %s", r.n, mark, r.mail.Date.In(d.zone).Format("2006-01-02 15:04"), printable(r.mail.Subject)))
	}
	if !found {
		d.note(d.say("no_mail", "name", d.now.name))
	}
}
