package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frist/mail"
)

// reply opens a mail in a mail client and answers it there.
type reply func(p *person, q *mail.Message, text string)

// What a person types into a mail client: letters beyond ASCII, a line that is longer than a screen, a blank line, lines that begin like a
// header or like the mbox format's separator, and one that begins with a space.
const typed = `Två brev om åtgärder i förskolan låg i fel kuvert – båda nådde samma förälder.
Den som fick dem ringde växeln redan i fredags, men lappen om samtalet blev liggande under en trave papper på expeditionen till i dag.

Från: expeditionen hörde jag det klockan nio.
From there it went on to the head teacher.
 Två brev till kan vara öppnade, säger vaktmästaren.`

// Real clients answer over IMAP and submission, as their users would, and the bot keeps what was typed, to the character. Outlook,
// Gmail and the iPhone's mail cannot be had here; mails written after theirs stand in mail/testdata.
func TestClients(t *testing.T) {
	t.Parallel()
	need(t, "root", "tmux", "mutt", "neomutt", "alpine", "thunderbird")
	names := []string{"mutt", "below", "between", "neomutt", "flowed", "alpine", "html", "plain"}
	m := startMail(t, append(names, "frist", "dso", "deputy", "drift")...)
	d := settle(t, m.settings())
	d.serve()
	bird := startThunderbird(t, m)
	for _, c := range []struct {
		name  string
		reply reply
		want  string
	}{
		{"mutt", mutt("mutt", "", ""), typed},
		{"below", mutt("mutt", `set send_charset="windows-1252"`, `^> Frist är ett program`), typed},
		{"between", mutt("mutt", "", `^> \[16\]`), typed},
		{"neomutt", mutt("neomutt", "", ""), typed},
		{"flowed", mutt("neomutt", "set text_flowed=yes", ""), typed},
		{"alpine", alpine, typed},
		{"plain", bird.reply(false), typed},
		// There Enter begins a paragraph, so that what its writer sees has space between all lines, and a space at the start of one stays.
		{"html", bird.reply(true), strings.NewReplacer("\n\n", "\n\n\n", "\n ", "\n\n\u00a0", "\n", "\n\n").Replace(typed)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := *m.people[c.name]
			p.t = t
			q := p.reports()
			c.reply(&p, q, typed)
			p.receives("the next question", asks("11"))
			if got := d.kept(q); got != c.want {
				t.Errorf("kept\n%q\nwant\n%q", got, c.want)
			}
			answered(t, m, &p, q)
		})
	}
}

// reports tells of an incident and answers what is asked, until the question of what has happened is put.
func (p *person) reports() *mail.Message {
	p.t.Helper()
	p.send(letter{To: bot, Subject: "Fel mottagare", Text: secretText})
	p.reply(p.receives("the first question", asks("B")), "Nej")
	p.reply(p.receives("the second question", asks("C")), "070-000 00 31")
	return p.receives("the question of what has happened", asks("16"))
}

// kept is what the bot holds for the answer of what has happened, in the incident that the mail is about.
func (d *town) kept(q *mail.Message) any {
	d.t.Helper()
	for _, in := range d.incidents() {
		if strings.Contains(q.Subject, in.Number) {
			return in.Notification.Answers["16"]
		}
	}
	return nil
}

// answered checks the reply as the bot's own mailbox has it: it went to the address with the token, and names what it answers.
func answered(t *testing.T, m *mailSystem, p *person, q *mail.Message) {
	t.Helper()
	handled := &person{t: t, mail: m, Address: bot, box: filepath.Join(m.Dir, "mail/frist/.Frist.Handled")}
	r := handled.receives("a reply to "+q.MessageID, func(r *mail.Message) bool {
		return r.From.Addr == p.Address && slices.Contains(r.InReplyTo, q.MessageID)
	})
	if len(q.ReplyTo) != 1 || len(r.To) != 1 || r.To[0].Addr != q.ReplyTo[0].Addr || !strings.HasPrefix(r.To[0].Addr, "frist+") {
		t.Errorf("the reply went to %v, and %v was asked for", r.To, q.ReplyTo)
	}
	if !slices.Equal(r.InReplyTo, []string{q.MessageID}) || !slices.Contains(r.References, q.MessageID) {
		t.Errorf("the reply is to %q, with references %q; it answers %q", r.InReplyTo, r.References, q.MessageID)
	}
}

// The data protection officer answers and approves in Thunderbird; nobody else is needed.
func TestApprovalInThunderbird(t *testing.T) {
	t.Parallel()
	need(t, "root", "thunderbird")
	m := startMail(t, "frist", "robin", "dso", "deputy", "drift")
	d := settle(t, m.settings())
	d.serve()
	bird := startThunderbird(t, m)
	robin, dso := m.people["robin"], m.people["dso"]
	q := robin.reports()
	var rest []string
	for _, number := range []string{"10", "11", "12", "13", "17", "18", "21", "23", "24", "25", "26", "27", "30", "31", "32"} {
		rest = append(rest, number+": hoppa över")
	}
	robin.reply(q, "16: Ett brev låg i fel kuvert.\n"+strings.Join(rest, "\n"))
	robin.reply(robin.receives("all answers to check", offers("KLAR")), "klar")

	first := dso.receives("the notification for review", offers("GODKÄNN"))
	bird.reply(true)(dso, first, `Hej!
ändra 3:
Adress: Storgatan 1
Postnummer: 199 01
Ort: Exempelstad
ändra 9:
Adress: Storgatan 1
Postnummer: 199 01
Ort: Exempelstad
ändra 5-8:
Namn: Kim Exempel
Roll: Dataskyddsombud
E-post: dso@exempelstad.example
Telefon: 070-000 00 11
29: 2`)
	second := dso.receives("the new version", func(o *mail.Message) bool { return offers("GODKÄNN")(o) && o.MessageID != first.MessageID })
	answered(t, m, dso, first)
	// Only the newest version can be approved.
	bird.reply(false)(dso, first, "godkänn")
	third := dso.receives("the newest version again", func(o *mail.Message) bool {
		return offers("GODKÄNN")(o) && o.MessageID != first.MessageID && o.MessageID != second.MessageID
	})
	if got := d.incidents()[0].Notification; got.Decision != "" {
		t.Fatalf("an old version was approved: %+v", got)
	}
	bird.reply(true)(dso, third, "godkänn")
	file := dso.receives("the file", func(o *mail.Message) bool { return len(o.Attachments) == 1 && !offers("GODKÄNN")(o) })
	if file.Attachments[0].Name != "notification.html" {
		t.Errorf("attached: %+v", file.Attachments)
	}
	got := d.incidents()[0].Notification
	if got.Decision != "approve" || got.ApprovedBy != dso.Address || got.Answers["29"] != "2. Begränsad" {
		t.Errorf("approved: %+v", got)
	}
	contact, _ := got.Answers["5-8"].([]any)
	if len(contact) != 1 || contact[0].(map[string]any)["email"] != "dso@exempelstad.example" {
		t.Errorf("contact: %v", got.Answers["5-8"])
	}
	answered(t, m, dso, third)
}

// offers tells a mail that has a ready answer, by its line.
func offers(word string) func(*mail.Message) bool {
	return func(m *mail.Message) bool {
		return strings.Contains(m.Text, "\n- ") && strings.Contains(m.Text, word+"\n")
	}
}
