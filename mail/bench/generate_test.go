package bench

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	botAddress = "frist@bench.example"
	authserv   = "mx.bench.example"
	// perReporter is how many mails a person sends: a report, and then answers.
	perReporter = 10
)

// kind is what the mails of a mailbox are.
type kind string

const (
	answers   kind = "answers"   // of people who report and then answer
	automatic kind = "automatic" // absence notes
)

var sentences = []string{
	"Listan låg öppen i ungefär två timmar innan någon märkte det.",
	"Mottagaren har ringt och säger att bilagan är borttagen.",
	"Det rör sig om namn, adress och telefonnummer, inget mer såvitt vi vet.",
	"Systemförvaltaren tittar i loggarna och återkommer i eftermiddag.",
	"Enhetschefen är informerad och har pratat med dem som berörs.",
	"We do not know yet how many people the file was about.",
	"The folder was shared with everyone in the department by mistake.",
	"Nobody outside the organisation seems to have opened it.",
	"Pärmen hittades i konferensrummet på plan tre av en vaktmästare.",
	"Behörigheten togs bort samma förmiddag.",
}

var questions = []string{
	"[16] Vad har hänt? Beskriv med egna ord.",
	"[17] Vilka personuppgifter gäller det?",
	"[18] What kind of incident is it?\n  1. Sent to the wrong recipient\n  2. Lost\n  3. Seen by the wrong person",
	"[23] Ungefär hur många personer berörs?",
}

// quote is what a mail program leaves below the new text.
func quote(r *rand.Rand, depth int) string {
	intro := []string{"Den tors 5 mars 2026 kl 10:14 skrev Frist <" + botAddress + ">:", "On Thu, Mar 5, 2026 at 10:14 AM Frist <" + botAddress + "> wrote:",
		"________________________________\nFrån: Frist <" + botAddress + ">\nSkickat: den 5 mars 2026 10:14\nTill: Vera Ek\nÄmne: PUI-2026-0001"}[r.IntN(3)]
	var b strings.Builder
	for level := range depth {
		for _, line := range strings.Split("Hej!\n\n"+questions[r.IntN(len(questions))]+"\n\nSvara ovanför den här raden.\n"+said(r, 3), "\n") {
			b.WriteString(strings.Repeat("> ", level+1) + line + "\n")
		}
	}
	return "\n\n" + intro + "\n\n" + b.String()
}

func said(r *rand.Rand, n int) string {
	var list []string
	for range n {
		list = append(list, sentences[r.IntN(len(sentences))])
	}
	return strings.Join(list, " ")
}

// text is the mail's new text and what is quoted below it.
func text(r *rand.Rand, k kind, nth int) string {
	switch {
	case k == automatic:
		return "Jag är på semester till den 9 mars. Kontakta växeln i brådskande ärenden.\n\n" + said(r, 2) + "\n"
	case nth == 0:
		return "Hej,\n\nJag mejlade fel lista till fel person. " + said(r, 3) + "\n\nMvh\nVera Ek\n"
	}
	return fmt.Sprintf("16: Svar %d. %s\n\nMed vänliga hälsningar\nVera Ek", nth, said(r, 1+r.IntN(4))) + quote(r, 1+r.IntN(4))
}

// message makes one mail of 1 to 5 KB: every fourth also in HTML, every tenth with a small file.
func message(r *rand.Rand, k kind, n, reporters int) []byte {
	who, nth := n%reporters, n/reporters
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	from := fmt.Sprintf("vera%d@bench.example", who)
	head("Return-Path", "<"+from+">")
	head("Received", fmt.Sprintf("from mail.bench.example (mail.bench.example [192.0.2.7])\r\n\tby %s (Postfix) with ESMTPS id %08X\r\n\tfor <%s>; Thu,  5 Mar 2026 10:20:00 +0100 (CET)",
		authserv, n, botAddress))
	head("Authentication-Results", authserv+"; dmarc=pass header.from=bench.example; dkim=pass header.d=bench.example header.s=s1")
	head("DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=bench.example; s=s1;\r\n\th=from:to:subject:date:message-id; bh="+strings.Repeat("A", 43)+
		"=;\r\n\tb="+strings.Repeat("q", 68)+"\r\n\t"+strings.Repeat("w", 68)+"\r\n\t"+strings.Repeat("e", 34)+"==")
	head("From", "=?utf-8?q?Vera_Ek_=C3=85s?= <"+from+">")
	head("To", "Frist <"+botAddress+">")
	head("Subject", "=?utf-8?q?SV=3A_En_personuppgiftsincident_p=C3=A5_f=C3=B6rvaltningen?=")
	head("Date", "Thu, 05 Mar 2026 10:20:00 +0100")
	head("Message-ID", fmt.Sprintf("<%s.%d@bench.example>", k, n))
	if k == automatic {
		head("Auto-Submitted", "auto-replied")
	}
	head("MIME-Version", "1.0")
	body(&b, r, text(r, k, nth), n)
	return b.Bytes()
}

func body(b *bytes.Buffer, r *rand.Rand, plain string, n int) {
	html, file := n%4 == 0, n%10 == 3
	if !html && !file {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		encode(b, plain)
		return
	}
	w := multipart.NewWriter(b)
	sort := "alternative"
	if file {
		sort = "mixed"
	}
	fmt.Fprintf(b, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", sort, w.Boundary())
	part := func(contentType, encoding string) *bytes.Buffer {
		// A buffer cannot fail.
		w.CreatePart(textproto.MIMEHeader{"Content-Type": {contentType}, "Content-Transfer-Encoding": {encoding}})
		return b
	}
	encode(part("text/plain; charset=utf-8", "quoted-printable"), plain)
	if html && !file {
		encode(part("text/html; charset=utf-8", "quoted-printable"),
			"<html><body><div>"+strings.ReplaceAll(plain, "\n", "<br>\n")+"</div></body></html>")
	}
	if file {
		data := make([]byte, 600+r.IntN(1200))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		part(`application/octet-stream; name="lista.xlsx"`, "base64").WriteString(base64.StdEncoding.EncodeToString(data) + "\r\n")
	}
	w.Close()
}

func encode(b *bytes.Buffer, text string) {
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	w.Close()
}

// mailbox writes a Maildir of n mails, the same at every run, and returns how many bytes they have.
func mailbox(tb testing.TB, dir string, k kind, n int) (size int64) {
	tb.Helper()
	for _, d := range []string{"cur", "new", "tmp"} {
		must(tb, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	r := rand.New(rand.NewPCG(72, uint64(n)))
	at := time.Now().Add(-time.Hour)
	for i := range n {
		raw := message(r, k, i, max(1, n/perReporter))
		name := filepath.Join(dir, "new", fmt.Sprintf("%d.M%dP1.bench", at.Unix(), i))
		must(tb, os.WriteFile(name, raw, 0o644))
		must(tb, os.Chtimes(name, at, at))
		size += int64(len(raw))
	}
	return size
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
