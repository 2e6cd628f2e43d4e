package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
	"frist/mail"
)

// The people of the hostile tests: those of the demo, and one who has an account of the domain but no part in anything.
const (
	robin = "robin.exempel@exempelstad.example"
	kim   = "kim.exempel@exempelstad.example"
	alex  = "alex.prov@exempelstad.example"
	eve   = "eva.utan@exempelstad.example"
	frist = "frist@exempelstad.example"

	administrator = "it@exempelstad.example"
)

// town is an embedded program with its people, who reach it over the wire alone.
type town struct {
	t *testing.T
	*embedded
	log *safeBuffer
	// read are the mails that were looked at before, by whom they went to.
	read map[string][]*wireMail
}

// safeBuffer may be written and read at once.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newTown starts the program; the clock stands still.
func newTown(t *testing.T) *town {
	t.Helper()
	parts := demoParts()
	people := []string{eve, administrator}
	for _, p := range parts {
		people = append(people, p.addr)
	}
	log := &safeBuffer{}
	x, err := startEmbedded(t.Context(), embeddedOptions{dir: t.TempDir(), cfg: demoSettings("sv", parts), people: people, at: demoStart,
		employee: demoEmployee(parts[0]), verify: true, log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, embedded: x, log: log, read: map[string][]*wireMail{}}
	t.Cleanup(func() {
		// A connection that was dialled and never used holds up a server's end (net/http, Server.Shutdown).
		http.DefaultClient.CloseIdleConnections()
		if err := w.embedded.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *town) quiet() {
	w.t.Helper()
	if err := w.settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// letter is a mail to the program. What is unset is as a common mail program would have it.
type letter struct {
	from    string // the From field as it stands in the mail; "" is login's address
	login   string // whose account submits it; "" sends it to the MX without any
	to      string // "" is where answers to re go, else the program
	subject string
	text    string
	re      *wireMail // the mail that is answered
	noQuote bool
	headers []string // further header lines, which stand first
	// kind and body replace the text: a Content-Type and what stands below it.
	kind, body string
	id         string
	sender     string // envelope; "" is login, "<>" the null sender
}

func (l letter) recipient() string {
	switch {
	case l.to != "":
		return l.to
	case l.re != nil && len(l.re.msg.ReplyTo) > 0:
		return l.re.msg.ReplyTo[0].Addr
	}
	return frist
}

func (l letter) raw() []byte {
	var b bytes.Buffer
	for _, h := range l.headers {
		b.WriteString(h + "\r\n")
	}
	from, id := firstSet(l.from, "<"+l.login+">"), firstSet(l.id, strings.ToLower(rand.Text())+"@exempelstad.example")
	fmt.Fprintf(&b, "From: %s\r\nTo: <%s>\r\nMessage-ID: <%s>\r\nDate: Thu, 12 Nov 2026 09:20:00 +0100\r\nMIME-Version: 1.0\r\n", from, l.recipient(), id)
	subject, text := l.subject, l.text
	if l.re != nil {
		if subject == "" {
			subject = "Re: " + l.re.msg.Subject
		}
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.re.msg.MessageID, l.re.msg.MessageID)
		if !l.noQuote {
			text += "\n\n" + quoted(l.re, false)
		}
	}
	fmt.Fprintf(&b, "Subject: %s\r\n", foldWords(mime.QEncoding.Encode("utf-8", subject)))
	if l.kind != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n\r\n%s", l.kind, strings.ReplaceAll(l.body, "\n", "\r\n"))
		return b.Bytes()
	}
	b.WriteString("Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	_, _ = q.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")) // a buffer takes all
	_ = q.Close()
	return b.Bytes()
}

// post sends a mail over SMTP and waits until nothing moves.
func (w *town) post(l letter) {
	w.t.Helper()
	w.postRaw(l, l.raw())
	w.quiet()
}

func (w *town) postRaw(l letter, raw []byte) {
	w.t.Helper()
	var err error
	if l.login != "" {
		err = w.submit(w.t.Context(), l.login, l.recipient(), raw)
	} else {
		sender := strings.Trim(firstSet(l.sender, "someone@elsewhere.example"), "<>")
		err = mail.NewSender(mail.SMTPConfig{Addr: w.embedded.post.MX, TLS: mail.TLSNone}).Send(w.t.Context(), sender, []string{l.recipient()}, raw)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// reply answers a mail as its addressee does.
func (w *town) reply(who string, to *wireMail, text string) {
	w.t.Helper()
	w.post(letter{login: who, re: to, text: text})
}

// mails are all that were delivered to somebody.
func (w *town) mails(who string) []*wireMail {
	read := w.read[who]
	for _, raw := range w.embedded.post.Mails(who)[len(read):] {
		m := mail.Parse(raw)
		read = append(read, &wireMail{at: m.Date, from: m.From.Addr, to: who, raw: raw, msg: m})
	}
	w.read[who] = read
	return slices.Clone(read)
}

func (w *town) last(who string) *wireMail {
	w.t.Helper()
	all := w.mails(who)
	if len(all) == 0 {
		w.t.Fatalf("no mail to %s", who)
	}
	return all[len(all)-1]
}

// lastWith is the newest mail to somebody whose text has the part.
func (w *town) lastWith(who, part string) *wireMail {
	w.t.Helper()
	for _, l := range slices.Backward(w.mails(who)) {
		if strings.Contains(l.msg.Text, part) || strings.Contains(l.msg.Subject, part) {
			return l
		}
	}
	w.t.Fatalf("no mail to %s says %q", who, part)
	return nil
}

// sent counts every mail that the program has sent.
func (w *town) sent() (n int) {
	for _, who := range []string{robin, kim, alex, eve, "sam.jour@exempelstad.example"} {
		n += len(w.mails(who))
	}
	return n
}

// say writes in Teams and waits until nothing moves.
func (w *town) say(text string) {
	w.t.Helper()
	if _, err := w.employee.Say(w.t.Context(), text); err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
}

// card is the newest question in Teams, with the whole card as it went over the wire.
func (w *town) card() (*asked, string) {
	w.t.Helper()
	for _, c := range slices.Backward(w.connector.Recorded()) {
		if a := readCard(c); a != nil {
			return a, string(c.Message().Card)
		}
	}
	w.t.Fatal("no card came")
	return nil, ""
}

// lastCall is the newest message that came in Teams, whether it asks or not.
func (w *town) lastCall() string {
	w.t.Helper()
	for _, c := range slices.Backward(w.connector.Recorded()) {
		if m := c.Message(); c.Direction == bottest.FromBot && c.OK() && (m.Card != nil || m.Text != "") {
			return m.Text + m.Summary + string(m.Card)
		}
	}
	w.t.Fatal("nothing came in Teams")
	return ""
}

// execute presses a button of a card, with the card's own data for the verb and what is put in.
func (w *town) execute(a *asked, verb string, in map[string]any) bottest.Answer {
	w.t.Helper()
	data := map[string]any{}
	for k, v := range in {
		data[k] = v
	}
	for _, act := range a.card.actions {
		if act.Verb != verb {
			continue
		}
		for k, v := range act.Data {
			if _, ok := data[k]; !ok {
				data[k] = v
			}
		}
		break
	}
	answer, err := w.employee.Execute(w.t.Context(), a.card.id, verb, data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
	return answer
}

// incident is how the store has it.
func (w *town) incident(number string) (in *conversation.Incident) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx conversation.Tx) (err error) {
		in, err = tx.IncidentByNumber(number)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return in
}

func (w *town) incidents() (n int) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx conversation.Tx) error {
		list, err := tx.Incidents()
		n = len(list)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// events are the incident's log as "name detail".
func (w *town) events(number string) (out []string) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx conversation.Tx) error {
		in, err := tx.IncidentByNumber(number)
		if err != nil {
			return err
		}
		list, err := tx.Events(in.ID)
		for _, e := range list {
			out = append(out, strings.TrimSpace(e.Name+" "+e.Detail))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// begin reports by mail and answers until the question stands; the question's mail is given.
func (w *town) begin(until string) *wireMail {
	w.t.Helper()
	w.post(letter{login: robin, subject: "Hjälp", text: "Jag råkade mejla en deltagarlista till fel person"})
	for range 40 {
		l := w.last(robin)
		a := readAsked(l)
		if a == nil {
			w.t.Fatalf("nothing is asked: %s", l.msg.Text)
		}
		if a.field == until || until == "" {
			return l
		}
		answer, ok := demoAnswers[a.field]
		if !ok {
			w.t.Fatalf("no answer for %q: %s", a.field, l.msg.Text)
		}
		w.reply(robin, l, answer)
	}
	w.t.Fatalf("question %s never comes", until)
	return nil
}

// number of the town's first incident.
const firstNumber = "PUI-2026-0001"

// restart stops the program, lets f do what happens before the next start, and starts it again on the same servers.
func (w *town) restart(f func()) {
	w.t.Helper()
	w.cancel()
	if err := <-w.ran; err != nil {
		w.t.Fatal(err)
	}
	if err := w.app.Close(); err != nil {
		w.t.Fatal(err)
	}
	cfg, log := w.cfg, w.app.log
	f()
	a, err := newApp(w.t.Context(), cfg, options{now: w.clock.Now, roots: w.embedded.post.RootCAs(), log: log})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		w.t.Fatal(err)
	}
	run, cancel := context.WithCancel(w.t.Context())
	w.app, w.cancel, w.ran = a, cancel, make(chan error, 1)
	go func() { w.ran <- a.Run(run, false) }()
}

// receiptCards is how many cards meet a report: what to do now, and the first question.
const receiptCards = 2

// receipt is the first of the two cards that came last in Teams.
func (w *town) receipt() string {
	w.t.Helper()
	var said []string
	for _, c := range w.connector.Recorded() {
		if m := c.Message(); c.Direction == bottest.FromBot && c.OK() && m.Card != nil {
			said = append(said, m.Text+m.Summary+string(m.Card))
		}
	}
	if len(said) < receiptCards {
		w.t.Fatalf("%d cards", len(said))
	}
	return said[len(said)-receiptCards]
}
