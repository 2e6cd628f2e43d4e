package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"slices"
	"strings"
	"time"

	"frist/conversation"
	"frist/mail"
)

// mailAccount is a person at their mail program.
type mailAccount struct {
	addr, name string
	send       func(ctx context.Context, to string, raw []byte) error
}

// newMail is a mail that the person begins.
type newMail struct {
	to, subject, text string
	at                time.Time
	// answers is the mail that is replied to, nil if none.
	answers *wireMail
	english bool
}

// write sends a mail as a common mail program makes it: plain text, and in a reply the old mail quoted below the new text. It returns the
// Message-ID without angle brackets.
func (a *mailAccount) write(ctx context.Context, m newMail) (id string, err error) {
	_, domain, _ := strings.Cut(a.addr, "@")
	id = strings.ToLower(rand.Text()) + "@" + domain
	to, subject, text := m.to, m.subject, m.text
	var head bytes.Buffer
	if old := m.answers; old != nil {
		subject = old.msg.Subject
		if !strings.HasPrefix(strings.ToLower(subject), "re:") {
			subject = "Re: " + subject
		}
		if len(old.msg.ReplyTo) > 0 {
			to = old.msg.ReplyTo[0].Addr
		}
		text += "\n\n" + quoted(old, m.english)
	}
	field := func(name, value string) { fmt.Fprintf(&head, "%s: %s\r\n", name, value) }
	field("Message-ID", "<"+id+">")
	field("Date", m.at.In(conversation.Stockholm()).Format(time.RFC1123Z))
	field("MIME-Version", "1.0")
	field("From", mime.QEncoding.Encode("utf-8", a.name)+" <"+a.addr+">")
	field("To", "<"+to+">")
	field("Subject", foldWords(mime.QEncoding.Encode("utf-8", subject)))
	if old := m.answers; old != nil && old.msg.MessageID != "" {
		field("In-Reply-To", "<"+old.msg.MessageID+">")
		refs := old.msg.References
		if len(refs) > 10 {
			refs = refs[len(refs)-10:]
		}
		field("References", "<"+strings.Join(append(slices.Clone(refs), old.msg.MessageID), ">\r\n <")+">")
	}
	field("Content-Type", "text/plain; charset=UTF-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	head.WriteString("\r\n")
	w := quotedprintable.NewWriter(&head)
	if _, err := w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")); err != nil {
		return "", fmt.Errorf("write mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("write mail: %w", err)
	}
	if err := a.send(ctx, to, head.Bytes()); err != nil {
		return "", fmt.Errorf("send mail as %s: %w", a.addr, err)
	}
	return id, nil
}

// foldWords folds between encoded words (RFC 5322 section 2.2.3).
func foldWords(s string) string { return strings.ReplaceAll(s, "?= =?", "?=\r\n =?") }

// quoted is the old mail as a mail program puts it below a reply.
func quoted(old *wireMail, english bool) string {
	at := old.at.In(conversation.Stockholm())
	lead := "Den " + at.Format("2006-01-02") + " kl. " + at.Format("15:04") + ", skrev " + old.msg.From.Name + ":"
	if english {
		lead = "On " + at.Format("2006-01-02 15:04") + ", " + old.msg.From.Name + " wrote:"
	}
	var b strings.Builder
	b.WriteString(lead)
	for line := range strings.Lines(strings.TrimRight(old.msg.Text, "\n")) {
		b.WriteString("\n> " + strings.TrimRight(line, "\n"))
	}
	return b.String()
}

// asked is what the person was last asked, as read from a mail or card.
type asked struct {
	field string   // the question's number or letter; "" if none is put
	next  []string // those that may be answered in the same reply
	// ready are the replies that stand ready, lower case: "klar", "behåll", "ja".
	ready []string
	said  string // all that was said, for a fault's text

	letter *wireMail  // by mail
	card   *shownCard // by Teams
}

func (a *asked) check() bool { return a.has("klar", "done") }

// confirm is the reply that keeps what was written, "" if none is asked for.
func (a *asked) confirm() string {
	for _, w := range []string{"behåll", "keep", "ja", "yes"} {
		if slices.Contains(a.ready, w) {
			return w
		}
	}
	return ""
}

func (a *asked) has(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(a.ready, w) })
}

var (
	questionMark = regexp.MustCompile(`^\[([0-9]{1,2}(?:-[0-9]{1,2})?|[A-Z])\] `)
	readyLine    = regexp.MustCompile(`^- (?:.*: \S+ )?(\p{Lu}[\p{Lu} ’']*)$`)
)

// readAsked reads from a mail what it asks; nil if it asks nothing.
func readAsked(l *wireMail) *asked {
	a := &asked{letter: l, said: l.msg.Text}
	for line := range strings.Lines(l.msg.Text) {
		line = strings.TrimRight(line, "\n")
		if m := readyLine.FindStringSubmatch(line); m != nil {
			a.ready = append(a.ready, strings.ToLower(m[1]))
		}
		if m := questionMark.FindStringSubmatch(line); m != nil {
			if a.field == "" {
				a.field = m[1]
			} else {
				a.next = append(a.next, m[1])
			}
		}
	}
	if a.check() {
		a.field, a.next = "", nil
	} else if a.field == "" {
		return nil
	}
	return a
}

var numberInSubject = regexp.MustCompile(`\[(PUI-\d{4}-\d{4,})\]`)

// numberOf is the incident's number by a mail's subject, "" if there is none.
func numberOf(m *mail.Message) string {
	if found := numberInSubject.FindStringSubmatch(m.Subject); found != nil {
		return found[1]
	}
	return ""
}

// localTime is an instant for the timeline, in the offset that holds there then.
func localTime(t time.Time) string { return t.In(conversation.Stockholm()).Format(time.RFC3339) }
