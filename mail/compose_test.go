package mail

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
)

var updateCompose = flag.Bool("update-compose", false, "rewrite the golden files of Compose")

func draft() Draft {
	return Draft{
		From:       Address{"Frist – incidentrapport", bot},
		To:         []Address{{`Vera "Vee" Åström, registrator`, vera}},
		ReplyTo:    Address{"", "bot+mfrggzdfmztwq2lknnwg23tpob@kommun.example"},
		Subject:    "PUI-2026-0007: När upptäcktes händelsen? Svara på det här mejlet med en dag och helst ett klockslag",
		Text:       "Hej Vera!\n\nNär upptäckte du att pärmen var borta?\n.\nFrån början: =3D\n",
		HTML:       "<p>Hej Vera!</p>\n<p>När upptäckte du att pärmen var borta?</p>\n",
		MessageID:  "q7.mfrggzdf@kommun.example",
		InReplyTo:  "a1@klient.example",
		References: []string{"a0@klient.example", "a1@klient.example"},
		Date:       time.Date(2026, 11, 22, 10, 15, 0, 0, time.FixedZone("CET", 3600)),
		Headers:    map[string]string{"X-Frist-Incident": "PUI-2026-0007"},
	}
}

var boundary = regexp.MustCompile(`\b[0-9a-f]{60}\b`)

func TestComposeGolden(t *testing.T) {
	attached := draft()
	attached.AutoSubmitted = "auto-replied"
	attached.Attachments = []DraftAttachment{{"anmälan ../1.html", "text/html; charset=utf-8", []byte("<p>Anmälan</p>\n")}, {"a.bin", "", []byte{0, 1, 2}}}
	textOnly := draft()
	textOnly.HTML, textOnly.InReplyTo, textOnly.References, textOnly.Headers = "", "", nil, nil
	for name, d := range map[string]Draft{"alternative": draft(), "attached": attached, "text": textOnly} {
		raw, err := Compose(d)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]string{}
		got := boundary.ReplaceAllStringFunc(string(raw), func(b string) string {
			if ids[b] == "" {
				ids[b] = "boundary-" + string(rune('1'+len(ids)))
			}
			return ids[b]
		})
		file := filepath.Join("testdata", "compose", name+".golden")
		if *updateCompose {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s; got\n%s", name, file, got)
		}
	}
}

// What an independent parser reads is what was put in.
func TestComposeReadsBack(t *testing.T) {
	d := draft()
	d.Attachments = []DraftAttachment{{"bilaga å.txt", "text/plain; charset=utf-8", []byte("innehåll")}}
	raw, err := Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	subject, _ := r.Header.Subject()
	check("Subject", subject, d.Subject)
	for field, want := range map[string]Address{"From": d.From, "To": d.To[0], "Reply-To": d.ReplyTo} {
		list, err := r.Header.AddressList(field)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", field, list, err)
		}
		check(field, Address{list[0].Name, list[0].Address}, want)
	}
	id, _ := r.Header.MessageID()
	check("Message-ID", id, d.MessageID)
	refs, _ := r.Header.MsgIDList("References")
	if !slices.Equal(refs, d.References) {
		t.Errorf("References %q", refs)
	}
	date, _ := r.Header.Date()
	check("Date", date.Equal(d.Date), true)
	for field, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Mime-Version": "1.0",
		"In-Reply-To": "<a1@klient.example>", "X-Frist-Incident": "PUI-2026-0007",
		"X-Mailer": "", "User-Agent": "", "List-Unsubscribe": "",
	} {
		check(field, r.Header.Get(field), want)
	}
	var texts []string
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p.Body)
		texts = append(texts, strings.ReplaceAll(string(b), "\r\n", "\n"))
		if h, ok := p.Header.(*gomail.AttachmentHeader); ok {
			name, _ := h.Filename()
			check("file name", name, "bilaga å.txt")
		}
	}
	if !slices.Equal(texts, []string{d.Text, d.HTML, "innehåll"}) {
		t.Errorf("parts %q", texts)
	}
	for _, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("bad line: %q", line)
		}
		if !isASCII7(line) {
			t.Errorf("eight-bit line: %q", line)
		}
	}
}

func isASCII7(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 }) }

// evil is what someone would write who wants a field of their own in our mail.
const evil = "x\r\nBcc: spy@annan.example"

func TestComposeRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Draft){
		"line break in Subject":         func(d *Draft) { d.Subject = evil },
		"LF in Subject":                 func(d *Draft) { d.Subject = "x\nBcc: spy@annan.example" },
		"CR in Subject":                 func(d *Draft) { d.Subject = "x\rBcc: spy@annan.example" },
		"NUL in Subject":                func(d *Draft) { d.Subject = "x\x00" },
		"line break in From name":       func(d *Draft) { d.From.Name = evil },
		"line break in From":            func(d *Draft) { d.From.Addr = "a@b.example>" + evil },
		"line break in To name":         func(d *Draft) { d.To[0].Name = evil },
		"line break in To":              func(d *Draft) { d.To[0].Addr = "a@b.example\r\nBcc: spy@annan.example" },
		"two addresses in To":           func(d *Draft) { d.To[0].Addr = "a@b.example, spy@annan.example" },
		"bracket in To":                 func(d *Draft) { d.To[0].Addr = "a@b.example> <spy@annan.example" },
		"name in To":                    func(d *Draft) { d.To[0].Addr = "Spy <spy@annan.example>" },
		"comment in To":                 func(d *Draft) { d.To[0].Addr = "a@b.example (x)" },
		"empty To":                      func(d *Draft) { d.To[0].Addr = "" },
		"no To":                         func(d *Draft) { d.To = nil },
		"line break in Reply-To":        func(d *Draft) { d.ReplyTo.Addr = "bot+x\r\n@kommun.example" },
		"name alone in Reply-To":        func(d *Draft) { d.ReplyTo = Address{Name: "x"} },
		"line break in Message-ID":      func(d *Draft) { d.MessageID = "a@b" + evil },
		"bracket in Message-ID":         func(d *Draft) { d.MessageID = "a@b> <c@d" },
		"no Message-ID":                 func(d *Draft) { d.MessageID = "" },
		"line break in In-Reply-To":     func(d *Draft) { d.InReplyTo = "a@b" + evil },
		"line break in References":      func(d *Draft) { d.References = []string{"a@b", "c@d" + evil} },
		"line break in a value":         func(d *Draft) { d.Headers["X-A"] = evil },
		"line break in a field name":    func(d *Draft) { d.Headers["X-A: b\r\nBcc"] = "spy@annan.example" },
		"colon in a field name":         func(d *Draft) { d.Headers["Bcc:"] = "spy@annan.example" },
		"own Bcc":                       func(d *Draft) { d.Headers["BCC"] = "spy@annan.example" },
		"own Content-Type":              func(d *Draft) { d.Headers["content-type"] = "text/html" },
		"own List-Unsubscribe":          func(d *Draft) { d.Headers["List-Unsubscribe"] = "<https://annan.example>" },
		"line break in Auto-Submitted":  func(d *Draft) { d.AutoSubmitted = "auto-replied" + evil },
		"Auto-Submitted: no":            func(d *Draft) { d.AutoSubmitted = "no" },
		"no Date":                       func(d *Draft) { d.Date = time.Time{} },
		"no text":                       func(d *Draft) { d.Text = " \n" },
		"line break in attachment name": func(d *Draft) { d.Attachments = []DraftAttachment{{Name: evil}} },
		"nameless attachment":           func(d *Draft) { d.Attachments = []DraftAttachment{{}} },
		"line break in attachment type": func(d *Draft) { d.Attachments = []DraftAttachment{{Name: "a", Type: "text/plain\r\n" + evil}} },
		"bad attachment type":           func(d *Draft) { d.Attachments = []DraftAttachment{{Name: "a", Type: "text plain;;"}} },
	} {
		d := draft()
		spoil(&d)
		if raw, err := Compose(d); err == nil {
			t.Errorf("%s: accepted:\n%.600s", name, raw)
		} else if strings.Contains(err.Error(), "@") {
			t.Errorf("%s: an address in the error %v", name, err)
		}
	}
}

// Identifiers of other people's mail are left out when they cannot be written,
// and a thread does not grow without end.
func TestComposeReferences(t *testing.T) {
	d := draft()
	d.InReplyTo = "not an id"
	d.References = []string{"root@x", "a b", "ö@x", "<c@d>", strings.Repeat("x", 2000)}
	for i := range 100 {
		d.References = append(d.References, strings.Repeat("y", 100)+string(rune('a'+i%26))+"@x")
	}
	d.References = append(d.References, "parent@x")
	raw, err := Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	refs := strings.Fields(e.Header.Get("References"))
	if len(refs) != maxDraftReferences || refs[0] != "<root@x>" || refs[len(refs)-1] != "<parent@x>" {
		t.Errorf("%d references, from %s to %s", len(refs), refs[0], refs[len(refs)-1])
	}
	if e.Header.Has("In-Reply-To") {
		t.Error("an unusable In-Reply-To was written")
	}
}

// FuzzCompose states the law: whatever the words are, a mail that is composed
// has exactly the fields of one with harmless words.
func FuzzCompose(f *testing.F) {
	f.Add("Hej", "Vera", "a@b", "värde", "a.txt")
	f.Add(evil, evil, evil, evil, evil)
	f.Add(strings.Repeat("å ", 300), `"\`, "a@b", "=?utf-8?q?=0d=0aBcc:_x?=", `x".txt`)
	names := func(t *testing.T, raw []byte) (keys []string) {
		e, err := gomessage.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("does not read back: %v", err)
		}
		for fields := e.Header.Fields(); fields.Next(); {
			keys = append(keys, strings.ToLower(fields.Key()))
		}
		return keys
	}
	f.Fuzz(func(t *testing.T, subject, name, id, value, file string) {
		d := draft()
		d.Attachments = []DraftAttachment{{Name: "a.txt"}}
		plainRaw, err := Compose(d)
		if err != nil {
			t.Fatal(err)
		}
		d.Subject, d.To[0].Name, d.InReplyTo, d.Headers["X-Frist-Incident"], d.Attachments[0].Name = subject, name, id, value, file
		raw, err := Compose(d)
		if err != nil {
			return
		}
		want, got := names(t, plainRaw), names(t, raw)
		if !writableID(id) {
			want = slices.DeleteFunc(want, func(k string) bool { return k == "in-reply-to" })
		}
		if !slices.Equal(got, want) {
			t.Errorf("fields %q, want %q", got, want)
		}
	})
}
