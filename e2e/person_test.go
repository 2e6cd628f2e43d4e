package e2e

import (
	"cmp"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frist/mail"
)

// person has a mail account. They send as a mail client does, by submission with STARTTLS and a login, and read their own mailbox.
type person struct {
	t        *testing.T
	mail     *mailSystem
	Address  string
	Password string
	box      string          // Maildir, or
	fetch    func() [][]byte // what gives the mails instead
}

// letter is a mail that a person writes.
type letter struct {
	To, Subject, Text string
	Answers           *mail.Message // the mail that it is a reply to
	Header            string        // further fields, each ended by a line break
	Kind              string        // the Content-Type, if not plain text; Text is then the whole body
}

// send posts a letter and returns its Message-ID.
func (p *person) send(l letter) string {
	p.t.Helper()
	return p.sendOn(p.dial(), l)
}

// dial logs in at the submission port.
func (p *person) dial() *smtp.Client {
	p.t.Helper()
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(p.mail.Dir, "ca.pem"))
	must(p.t, err)
	roots.AppendCertsFromPEM(pem)
	for tries := 0; ; tries++ {
		c, err := smtp.Dial(addr(p.mail.Submission))
		must(p.t, err)
		must(p.t, c.StartTLS(&tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}))
		err = c.Auth(smtp.PlainAuth("", p.Address, p.Password, "127.0.0.1"))
		var reply *textproto.Error
		if tries < 5 && errors.As(err, &reply) && reply.Code == 454 {
			c.Close() // temporary: Dovecot was restarted, and Postfix has just found that out
			continue
		}
		must(p.t, err)
		return c
	}
}

// sendOn posts a letter over a connection that has been logged in, and ends it.
func (p *person) sendOn(c *smtp.Client, l letter) string {
	p.t.Helper()
	defer c.Close()
	id, raw := p.compose(l)
	must(p.t, deliver(c, p.Address, l.To, raw))
	return id
}

// sendForged posts a letter at the MX, as anyone in the world can, with no login.
func (p *person) sendForged(l letter) {
	p.t.Helper()
	_, raw := p.compose(l)
	c, err := smtp.Dial(addr(p.mail.MX))
	must(p.t, err)
	defer c.Close()
	must(p.t, deliver(c, p.Address, l.To, raw))
}

func deliver(c *smtp.Client, from, to string, raw []byte) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// compose writes a letter as common mail clients do: a reply goes to Reply-To, carries In-Reply-To and References, and has what it answers
// quoted below.
func (p *person) compose(l letter) (id string, raw []byte) {
	id = rand.Text() + "@client." + domain
	if q := l.Answers; q != nil {
		l.Header += fmt.Sprintf("In-Reply-To: <%s>\nReferences: <%s>\n", q.MessageID, q.MessageID)
		l.Subject = "Re: " + q.Subject
		l.Text += "\n\nDen " + time.Now().Format("2006-01-02 15:04") + " skrev " + q.From.Name + " <" + q.From.Addr + ">:\n"
		for line := range strings.Lines(q.Text) {
			l.Text += "> " + line
		}
	}
	text := fmt.Sprintf("From: <%s>\nTo: <%s>\nSubject: %s\nDate: %s\nMessage-ID: <%s>\n%sMIME-Version: 1.0\nContent-Type: %s\nContent-Transfer-Encoding: 8bit\n\n%s\n",
		p.Address, l.To, mime.QEncoding.Encode("utf-8", l.Subject), time.Now().Format(time.RFC1123Z), id, l.Header, cmp.Or(l.Kind, "text/plain; charset=utf-8"), l.Text)
	return id, []byte(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
}

// reply answers a mail.
func (p *person) reply(q *mail.Message, text string) string {
	p.t.Helper()
	to := q.From
	if len(q.ReplyTo) > 0 {
		to = q.ReplyTo[0]
	}
	return p.send(letter{To: to.Addr, Text: text, Answers: q})
}

// inbox is all mail that has come, in the order it came.
func (p *person) inbox() []*mail.Message {
	p.t.Helper()
	var list []*mail.Message
	if p.fetch != nil {
		for _, raw := range p.fetch() {
			list = append(list, mail.Parse(raw))
		}
		return list
	}
	var files []string
	for _, d := range []string{"new", "cur"} {
		found, err := filepath.Glob(filepath.Join(p.box, d, "*"))
		must(p.t, err)
		files = append(files, found...)
	}
	slices.SortFunc(files, func(a, b string) int { return arrived(a).Compare(arrived(b)) })
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if errors.Is(err, fs.ErrNotExist) {
			return p.inbox() // a mail program has marked it as read meanwhile: its name is another now
		}
		must(p.t, err)
		list = append(list, mail.Parse(raw))
	}
	return list
}

// receives waits for a mail that fits, and returns the newest such.
func (p *person) receives(what string, fits func(*mail.Message) bool) (found *mail.Message) {
	p.t.Helper()
	await(p.t, p.Address+" to receive "+what, func() bool {
		for _, m := range slices.Backward(p.inbox()) {
			if fits(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// arrived is when Dovecot put a mail there, by the file's name: seconds, ".M", microseconds, "P".
func arrived(file string) time.Time {
	var seconds, micro int64
	fmt.Sscanf(filepath.Base(file), "%d.M%dP", &seconds, &micro)
	return time.Unix(seconds, micro*1000)
}
