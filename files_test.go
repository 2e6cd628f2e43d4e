package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"frist/conversation"
	"frist/mail"
)

// peopleTable is a list as an employee would have it, with as many rows.
func peopleTable(rows int) string {
	var b strings.Builder
	b.WriteString("Namn;Personnummer;E-post\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "Förnamn Efternamn;850709-9805;person%d@hem.example\r\n", i)
	}
	return b.String()
}

// withFiles is a mail with files: name, declared type, content by turns.
func withFiles(l letter, files ...string) letter {
	var b strings.Builder
	if l.text != "" {
		b.WriteString("--gr\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(l.text)) + "\n")
	}
	for ; len(files) > 0; files = files[3:] {
		s := base64.StdEncoding.EncodeToString([]byte(files[2]))
		fmt.Fprintf(&b, "--gr\nContent-Type: %s; name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\nContent-Transfer-Encoding: base64\n\n", files[1], files[0], files[0])
		for len(s) > 76 {
			b.WriteString(s[:76] + "\n")
			s = s[76:]
		}
		b.WriteString(s + "\n")
	}
	l.kind, l.body = "multipart/mixed; boundary=gr", b.String()+"--gr--\n"
	return l
}

func has(t *testing.T, where, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not say %q:\n%s", where, p, text)
		}
	}
}

// From a report with the leaked list to the list in the DSO's hands, over SMTP and IMAP: it is read, told, not kept, asked for, kept, sent to the DSO alone,
// exported, and gone with the incident.
func TestFilesByMail(t *testing.T) {
	w := newTown(t)
	list := peopleTable(1240)
	w.post(withFiles(letter{login: robin, subject: "Fel mottagare", text: "Jag råkade mejla en deltagarlista till fel person"}, "deltagare <b>850709-9805<b>.csv", "text/csv", list))
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 1 fil, 1 240 rader, 1 240 personnummer.")
	has(t, "the receipt", w.last(robin).msg.Text, "Filen du bifogade är avläst men inte sparad.", "har 1 240 rader")
	w.reply(kim, w.last(kim), "VISA")
	shown := w.last(kim)
	has(t, "what the DSO is shown", shown.msg.Text, "deltagare <b>…<b>.csv (text/csv", "1 240 rader", "kolumner som liknar namn, personnummer och e-postadresser", "adresser vid hem.example", "BEGÄR FILERNA")
	for _, m := range w.mails(kim) {
		_, page, _ := bytes.Cut(bytes.ReplaceAll(m.raw, []byte("=\r\n"), nil), []byte("<!DOCTYPE"))
		if bytes.Contains(page, []byte("<b>")) || strings.Contains(m.msg.Text, "Efternamn") {
			t.Errorf("the name is not escaped, or the content is told, in %q", m.msg.Subject)
		}
	}
	if n := w.keptFilesOf(firstNumber); n != 0 {
		t.Fatalf("%d files are kept that nobody asked for", n)
	}

	w.reply(kim, shown, "Begär filerna")
	asked := w.lastWith(robin, "behöver filen")
	w.post(withFiles(letter{login: robin, re: asked, noQuote: true}, "deltagare.csv", "text/csv", list, "bild.png", "image/png", "\x89PNG\r\n\x1a\n"))
	has(t, "the thanks", w.last(robin).msg.Text, "är sparade krypterat i ärendet")
	w.reply(kim, w.lastWith(kim, "har kommit"), "Skicka filerna")
	sent := w.lastWith(kim, "Här är 2 filer")
	for _, who := range []string{robin, alex} {
		for _, m := range w.mails(who) {
			if len(m.msg.Attachments) > 0 {
				t.Errorf("%s was sent files in %q", who, m.msg.Subject)
			}
		}
	}
	if a := sent.msg.Attachments; len(a) != 2 || a[0].Name != "deltagare.csv" {
		t.Errorf("attached: %+v", a)
	}
	if !bytes.Contains(bytes.ReplaceAll(sent.raw, []byte("\r\n"), nil), []byte(base64.StdEncoding.EncodeToString([]byte(list)))) {
		t.Error("the file is not what was sent")
	}

	doc, form, err := w.engine.Document(t.Context(), firstNumber)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := w.exportFiles(t.Context(), dir, exported{w.incident(firstNumber).ID, doc, form}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "1-deltagare.csv")); err != nil || string(data) != list {
		t.Errorf("exported: %d bytes, %v", len(data), err)
	}
	if log := w.log.String(); strings.Contains(log, "deltagare") || strings.Contains(log, "hem.example") {
		t.Error("a file's name or content stands in the log")
	}
	if err := w.store.Purge(t.Context(), w.incident(firstNumber).ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.keptFiles(t.Context(), w.incident(firstNumber).ID, sentFiles(doc)); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("after the purge: %v", err)
	}
}

func sentFiles(doc *conversation.Document) (kept []conversation.Attachment) {
	for _, f := range doc.Files {
		if f.ID != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

func (w *town) keptFilesOf(number string) (n int) {
	for _, f := range w.incident(number).Files {
		if f.ID != "" {
			n++
		}
	}
	return n
}

// A photo, or somebody's mail as an attachment, is a first report by itself.
func TestFileAloneByMail(t *testing.T) {
	w := newTown(t)
	w.post(withFiles(letter{login: robin, subject: "IMG_2034"}, "IMG_2034.jpg", "image/jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00"))
	if n := w.incidents(); n != 1 {
		t.Fatalf("%d incidents", n)
	}
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 1 fil.")
	inner := "Date: Wed, 11 Nov 2026 15:40:00 +0100\nFrom: a@exempelstad.example\nTo: fel@elsewhere.example\nSubject: Lista\n\nSe bilagan.\n"
	l := letter{login: eve, subject: "VB: Lista", kind: "multipart/mixed; boundary=gr", body: "--gr\nContent-Type: message/rfc822\n\n" + inner + "\n--gr--\n"}
	w.post(l)
	if n := w.incidents(); n != 2 {
		t.Fatalf("%d incidents", n)
	}
	has(t, "the alert", w.lastWith(kim, "utanför").msg.Text, "mejl till 1 mottagare (utanför organisationen: elsewhere.example)")
	q := w.last(eve)
	for range 40 {
		if a := readAsked(q); a == nil || a.field == "10" {
			break
		}
		w.reply(eve, q, "hoppa över")
		q = w.last(eve)
	}
	has(t, "the question", q.msg.Text, "är daterat onsdag 11 november", "Var det då det hände?")
	w.reply(eve, q, "Ja")
	if v := w.incident("PUI-2026-0002").Answers["10"].Value; v.Date != "2026-11-11" || v.Time != "15:40" {
		t.Errorf("when it happened: %+v", v)
	}
}

// scans answers for a virus scanner.
type scans func(data []byte) (string, error)

func (f scans) Scan(_ context.Context, data []byte) (string, error) { return f(data) }

func TestFilesAreScanned(t *testing.T) {
	w := newTown(t)
	var down, alarmed atomic.Bool
	alarm := w.mail.Alarm
	w.mail.Alarm = func(ctx context.Context, key string, line conversation.Line) error {
		alarmed.Store(key == "scan")
		return alarm(ctx, key, line)
	}
	w.mail.Scanner = scans(func(data []byte) (string, error) {
		switch {
		case down.Load():
			return "", &mail.ScanError{Err: errors.New("connection refused")}
		case bytes.Contains(data, []byte("HARM")):
			return "Test.Harm-1", nil
		}
		return "", nil
	})
	w.post(withFiles(letter{login: robin, text: "Jag råkade mejla en deltagarlista till fel person"}, "lista.csv", "text/csv", peopleTable(5), "faktura.pdf", "application/pdf", "%PDF-1.4 HARM"))
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 2 filer, 5 rader", "Varning: 1 fil med skadlig kod")
	has(t, "the receipt", w.last(robin).msg.Text, "Varning: filen faktura.pdf innehåller skadlig kod (Test.Harm-1)")
	down.Store(true)
	w.post(withFiles(letter{login: eve, text: "Jag har skickat fel lista till en kund i dag"}, "lista.csv", "text/csv", peopleTable(7)))
	has(t, "the receipt", w.last(eve).msg.Text, "kunde inte kontrolleras mot virus")
	if f := w.incident("PUI-2026-0002").Files; len(f) != 1 || f[0].Refused != conversation.RefusedScan || f[0].Rows != 0 {
		t.Errorf("what could not be scanned was read: %+v", f)
	}
	if !alarmed.Load() {
		t.Error("the administrator is not told")
	}
}
