package mail

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSubjects(t *testing.T) {
	for in, want := range map[string]string{
		"Hej":                                         "Hej",
		"=?utf-8?q?L=C3=B6nelista_borta?=":            "Lönelista borta",
		"=?iso-8859-1?Q?L=F6nelista?= borta":          "Lönelista borta",
		"=?utf-8?b?TMO2bmU=?=\n =?utf-8?b?bGlzdGE=?=": "Lönelista",
		"=?utf-8?q?L=C3?=\n =?utf-8?q?=B6n?=":         "Lön", // a character split between two words
		"Sv:=?utf-8?q?L=C3=B6n?=lista":                "Sv:Lönlista",
		"=?windows-1252?q?=93citat=94?=":              "“citat”",
		"=?utf-8*sv?q?L=C3=B6n?=":                     "Lön",
		"=?nonsense?q?L=F6n?=":                        "=?nonsense?q?L=F6n?=",
		"=?utf-8?q?Lista 1?=":                         "Lista 1", // a space where none may be
		"Lön":                                         "Lön",
		"L\xf6n":                                      "Lön",
		"=?utf-8?q?a=0D=0ABcc:_x?=":                   "a Bcc: x",
		"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=":          "日本",
		"=?utf-8?q??= x":                              "x",
		"50 % =? 10":                                  "50 % =? 10",
	} {
		if got := Parse([]byte("Subject: " + in + "\n\n")).Subject; got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

func TestTexts(t *testing.T) {
	for name, c := range map[string]struct{ mail, want string }{
		"CR alone":              {"Subject: a\rContent-Type: text/plain\r\rrad ett\rrad två", "rad ett\nrad två"},
		"CRLF":                  {"Subject: a\r\n\r\nrad ett\r\nrad två\r\n", "rad ett\nrad två"},
		"mbox":                  {"From eva Tue Mar  3 10:15:00 2026\nSubject: a\n\nhej", "hej"},
		"garbage in the header": {"Subject: a\nnonsense\nContent-Type: text/plain; charset=utf-8\n\nhej", "hej"},
		"no header":             {"bara text\noch mer", "bara text\noch mer"},
		"latin-1 in none":       {"Subject: a\n\nL\xf6n", "Lön"},
		"utf-8 as latin-1":      {"Content-Type: text/plain; charset=iso-8859-1\n\nLön", "Lön"},
		"latin-1 as utf-8":      {"Content-Type: text/plain; charset=utf-8\n\nL\xf6n", "L\uFFFDn"},
		"windows-1252":          {"Content-Type: text/plain; charset=windows-1252\n\n\x93L\xf6n\x94", "“Lön”"},
		"utf-7":                 {"Content-Type: text/plain; charset=utf-7\n\nL+APY-n 1 +- 1", "Lön 1 + 1"},
		"unknown charset":       {"Content-Type: text/plain; charset=nonsense\n\nL\xf6n", "Lön"},
		"quoted-printable":      {"Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\nL=C3=B6n=\nlista =ZZ =", "Lönlista =ZZ "},
		"base64, broken":        {"Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n\nTMO2\n*bm\nxpc3Rh", "Lönlista"},
		"flowed":                {"Content-Type: text/plain; format=flowed\n\nden här raden \ngår vidare\n > inget citat\n>citat \n>vidare\n-- \nEva", "den här raden går vidare\n> inget citat\n> citat vidare\n-- \nEva"},
		"flowed, delsp":         {"Content-Type: text/plain; format=flowed; delsp=yes\n\nsam \nman", "samman"},
		"alternative":           {mixed("alternative", "text/plain\n\nren text", "text/html\n\n<p>inte den"), "ren text"},
		"empty alternative":     {mixed("alternative", "text/plain\n\n \n", "text/html\n\n<p>men den"), "men den"},
		"html alone":            {mixed("alternative", "text/html\n\n<p>a</p><p>b"), "a\n\nb"},
		"mixed texts":           {mixed("mixed", "text/plain\n\nett", "text/plain\n\ntvå"), "ett\ntvå"},
		"attached text":         {mixed("mixed", "text/plain\n\nett", "text/plain\nContent-Disposition: attachment; filename=b.txt\n\ntvå"), "ett"},
		"no last boundary":      {"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\nhej", "hej"},
		"no boundary parameter": {"Content-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\nhej\n--b--", "hej"},
		"no parts":              {"Content-Type: multipart/mixed; boundary=b\n\nhej", "hej"},
		"broken part header":    {"Content-Type: multipart/mixed; boundary=b\n\n--b\nnonsense\n\nhej\n--b\nContent-Type: text/plain\n\ndu\n--b--", "nonsense\n\nhej\ndu"},
		"boundary in base64":    {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nhej\n--b--", "hej"},
		"related in mixed":      {mixed("mixed", "multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<b>hej</b>\n--c\nContent-Type: image/png\n\nx\n--c--"), "hej"},
		"attached mail":         {mixed("mixed", "text/plain\n\nse bifogat", "message/rfc822\n\nSubject: den\n\ninte den här texten"), "se bifogat"},
		"NUL":                   {"Subject: a\n\nhe\x00j", "hej"},
	} {
		if got := Parse([]byte(c.mail)).Text; got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

// mixed makes a multipart of parts that begin with their media type.
func mixed(kind string, parts ...string) string {
	s := "Subject: a\nMIME-Version: 1.0\nContent-Type: multipart/" + kind + "; boundary=\"=_x\"\n\n"
	for _, p := range parts {
		s += "--=_x\nContent-Type: " + p + "\n"
	}
	return s + "--=_x--\n"
}

func TestAttachments(t *testing.T) {
	for header, want := range map[string]string{
		`application/pdf; name="lista.pdf"`:                                                                                  "lista.pdf",
		"application/pdf\nContent-Disposition: attachment; filename=\"l\xc3\xb6n.pdf\"":                                      "lön.pdf",
		"application/pdf\nContent-Disposition: attachment; filename*=utf-8''l%C3%B6n.pdf":                                    "lön.pdf",
		"application/pdf\nContent-Disposition: attachment; filename*=iso-8859-1'sv'l%F6n.pdf":                                "lön.pdf",
		"application/pdf\nContent-Disposition: attachment;\n filename*0*=utf-8''l%C3;\n filename*1*=%B6n;\n filename*2=.pdf": "lön.pdf",
		"application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?q?l=C3=B6n.pdf?=\"":                            "lön.pdf",
		"application/pdf\nContent-Disposition: attachment; filename=../../etc/passwd":                                        "passwd",
		`application/pdf; name="C:\Users\eva\a.pdf"`:                                                                         "a.pdf",
		"application/pdf; name=\"a\u202efdp.exe\"":                                                                           "afdp.exe",
		"application/pdf; name=\"a\"; name=\"b\"":                                                                            "a",
		"message/rfc822\n\nSubject: Fel lista":                                                                               "Fel lista.eml",
		"application/pdf":                                                                                                    "",
	} {
		head := header
		if !strings.Contains(header, "\n\n") {
			head += "\n\n1234"
		}
		m := Parse([]byte(mixed("mixed", "text/plain\n\nhej", head)))
		if len(m.Attachments) != 1 || m.Attachments[0].Name != want || m.Text != "hej" {
			t.Errorf("%q: %+v, text %q", header, m.Attachments, m.Text)
		}
	}
	m := Parse([]byte(mixed("mixed", "text/plain\n\nhej", "image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nMTIz\nNDU2")))
	if len(m.Attachments) != 1 || m.Attachments[0] != (Attachment{"a.png", "image/png", 6}) {
		t.Errorf("attachments: %+v", m.Attachments)
	}
}

func TestHTML(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a</p><p>b</p>":                                       "a\n\nb",
		"<p class=MsoNormal>a<p class=MsoNormal>b":               "a\nb",
		"<div>a</div><div><br></div><div>b</div>":                "a\n\nb",
		"a<br>b<br><br>c":                                        "a\nb\n\nc",
		"a   b\n c&nbsp;d &amp; e":                               "a b c d & e",
		"<ul><li>a<li>b</ul>c":                                   "- a\n- b\n\nc",
		"a<blockquote>b<blockquote>c</blockquote></blockquote>d": "a\n> b\n>> c\nd",
		"<head><title>x</title><style>p{}</style></head><body>a<script>x()</script>": "a",
		"<style>x</style>a<!-- b -->c":                          "ac",
		"<p style='display:none'>x</p>a":                        "a",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>": "a b\nc",
		"<pre>a\n  b</pre>":                                     "a\n  b",
		"<b>a</b><i>b</i> c":                                    "ab c",
		"a<hr>b":                                                "a\nb",
		"<a href='https://x.example'>länk</a>":                  "länk",
		"<b>a</p>b</b>c":                                        "abc",
		"<div>a<div>b</div>c":                                   "a\nb\nc",
	} {
		if got := Parse([]byte("Content-Type: text/html; charset=utf-8\n\n" + in)).Text; got != want {
			t.Errorf("%s: %q, not %q", in, got, want)
		}
	}
}

// Replies as HTML alone, in the shape that each program gives them.
func TestHTMLReplies(t *testing.T) {
	for program, html := range map[string]string{
		"Outlook for the web": `<div class="elementToProof">Det var jag.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg"><b>Från:</b> Bot<br><b>Skickat:</b> igår<br></div><div>När?</div>`,
		"Outlook":             `<p class=MsoNormal>Det var jag.<o:p></o:p></p><div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Från:</b> Bot &lt;bot@kommun.example&gt; <br><b>Skickat:</b> den 3 mars 2026 10:15<br><b>Till:</b> Eva<br><b>Ämne:</b> Fråga</p></div><p>När?</p>`,
		"Outlook for iOS":     `<div>Det var jag.</div><div id="ms-outlook-mobile-signature"><div>Skickat från <a href="https://aka.example">Outlook för iOS</a></div></div><div id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg"><b>Från:</b> Bot</div><div>När?</div></div>`,
		"Gmail":               `<div dir="ltr">Det var jag.</div><br><div class="gmail_quote"><div class="gmail_attr">Den tis 3 mars 2026 kl 10:15 skrev Bot &lt;<a href="mailto:bot@kommun.example">bot@kommun.example</a>&gt;:<br></div><blockquote class="gmail_quote"><div>När?</div></blockquote></div>`,
		"Thunderbird":         `<p>Det var jag.</p><div class="moz-cite-prefix">Den 2026-03-03 kl. 10:15, skrev Bot:<br></div><blockquote type="cite"><p>När?</p></blockquote>`,
		"Apple Mail":          `<div>Det var jag.</div><div><br><blockquote type="cite"><div>3 mars 2026 kl. 10:15 skrev Bot &lt;bot@kommun.example&gt;:</div><br><div>När?</div></blockquote></div>`,
		"Yahoo":               `<div>Det var jag.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>Den tisdag 3 mars 2026, Bot skrev:</div><div>När?</div></div>`,
	} {
		m := Parse([]byte("To: bot@kommun.example\nContent-Type: text/html; charset=utf-8\n\n<html><body>" + html + "</body></html>"))
		if m.Reply != "Det var jag." {
			t.Errorf("%s: reply is %q of %q", program, m.Reply, m.Text)
		}
	}
	inner := `<div>Svar nedan.</div><div class="gmail_quote"><div>Den tis 3 mars 2026 kl 10:15 skrev Bot &lt;bot@kommun.example&gt;:</div><blockquote>När?</blockquote><div>Igår.</div><blockquote>Hur många?</blockquote><div>Tolv.</div></div>`
	if m := Parse([]byte("Content-Type: text/html; charset=utf-8\n\n" + inner)); m.Reply != "Svar nedan.\n\nIgår.\n\nTolv." {
		t.Errorf("interleaved: %q", m.Reply)
	}
}

func TestHeaderFields(t *testing.T) {
	m := Parse([]byte("Return-Path: <eva@kommun.example>\nDelivered-To: bot+abc@kommun.example\nReceived: by mx.example\n" +
		"Message-ID: <1@a.example>\nIn-Reply-To: <q1@bot.example>\nReferences: <q0@bot.example>\n\t<q1@bot.example>\n" +
		"From: =?utf-8?q?Eva_=C3=96?= <eva@kommun.example>\nReply-To: annan@kommun.example\nTo: Bot <bot+abc@kommun.example>, grupp: a@b.example;\n" +
		"Cc: trasig <x, bo@kommun.example\nDate: Tue, 3 Mar 2026 10:15:00 +0100\nX-Loop: bot@kommun.example\nX-Frist-Id: 7\n\nhej"))
	for _, c := range [][2]any{
		{m.MessageID, "1@a.example"}, {m.InReplyTo[0], "q1@bot.example"}, {strings.Join(m.References, " "), "q0@bot.example q1@bot.example"},
		{m.From, Address{"Eva Ö", "eva@kommun.example"}}, {m.ReplyTo[0].Addr, "annan@kommun.example"}, {m.To[0].Addr, "bot+abc@kommun.example"},
		{m.DeliveredTo[0], "bot+abc@kommun.example"}, {m.ReturnPath, "<eva@kommun.example>"}, {m.Date.UTC().Format("15:04"), "09:15"},
		{m.Loop["x-loop"][0], "bot@kommun.example"}, {m.Loop["x-frist-id"][0], "7"}, {len(m.Loop["received"]), 1}, {m.Problem, ""},
	} {
		if c[0] != c[1] {
			t.Errorf("%v, not %v", c[0], c[1])
		}
	}
}

// The mails in testdata with what is to be read of them beside each, as Inspect gives it.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal("no mails", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		enc := json.NewEncoder(&got)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		r := Inspect(filepath.Base(file), raw)
		r.Why = nil // the reasons have a test of their own
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: %s", file, got.String())
		}
	}
}
