package mail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostile builds mails of about size bytes that have cost other parsers time or memory.
func hostile(size int) map[string]string {
	text := "Content-Type: text/plain; charset=utf-8\n\n"
	page := "Content-Type: text/html; charset=utf-8\n\n"
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	var nested, siblings strings.Builder
	for i := 0; nested.Len() < size; i++ {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		fmt.Fprintf(&siblings, "--b\nContent-Type: text/plain\n\n%d\n", i)
	}
	return map[string]string{
		"blank lines":        text + fill("\n"),
		"quote marks":        text + fill(">"),
		"quoted lines":       text + fill("> a\n"),
		"spaced marks":       text + fill("> > "),
		"dashes":             text + fill("-"),
		"dash lines":         text + fill("---\n"),
		"signature marks":    text + fill("-- \n"),
		"signatures":         text + fill("-- \na\n"),
		"underscores":        text + fill("__\na@lists.example\n"),
		"from lines":         text + fill("Från: x\n"),
		"header blocks":      text + fill("Från: a@b.example\nSkickat: 3 mars 2026\nTill: c\n\nhej\n\n"),
		"colon lines":        text + fill("den 3 mars 2026 skrev:\n"),
		"open attributions":  text + fill("On Mon, Mar 3, 2026 at 10:15, <a@b.example>\n"),
		"attributions":       text + fill("On Mon, Mar 3, 2026 at 10:15, Bo <a@b.example> wrote:\n"),
		"one long line":      text + fill("On Mon, Bo <a@b.example> wrote: "),
		"separators":         text + fill("-----Original Message-----\n"),
		"device lines":       text + fill("Skickat från min iPhone\n"),
		"device paragraphs":  text + fill("a\n\nSkickat från min iPhone\n\n"),
		"banners":            text + fill("Du får inte ofta e-post från a@b.example. "),
		"carriage returns":   text + fill("\r"),
		"flowed":             "Content-Type: text/plain; format=flowed\n\n" + fill("> a \n"),
		"encoded words":      "Subject: " + fill("=?utf-8?q?=C3?= ") + "\n\n",
		"open encoded words": "Subject: " + fill("=?utf-8?q?") + "\n\n",
		"long header":        "Subject: " + fill("a") + "\n\nhej",
		"folded header":      "Subject: a\n" + fill(" b\n") + "\nhej",
		"many fields":        fill("A: b\n") + "\nhej",
		"no colon":           fill("a\n"),
		"addresses":          "To: " + fill("a@b.example, ") + "\n\n",
		"angles":             "To: " + fill("<") + "\n\n",
		"parentheses":        "From: " + fill("(") + "\n\n",
		"ids":                "References: " + fill("<a@b> ") + "\n\n",
		"parameters":         "Content-Type: text/plain; " + fill("a*1*=b;") + "\n\nhej",
		"results":            "From: a@b.example\nAuthentication-Results: mx; " + fill("dmarc=pass (") + "\n\n",
		"open elements":      page + fill("<div>"),
		"closed elements":    page + fill("<b></i></b>"),
		"quotes":             page + fill("<blockquote>a"),
		"lists":              page + fill("<ul><li>a"),
		"breaks":             page + fill("<br>"),
		"open tag":           page + fill("<a "),
		"angle brackets":     page + fill("<"),
		"entities":           page + fill("&amp;"),
		"hidden":             page + fill("<p style='display:none'>a"),
		"nested parts":       nested.String(),
		"sibling parts":      "Content-Type: multipart/mixed; boundary=b\n\n" + siblings.String(),
		"boundaries":         "Content-Type: multipart/mixed; boundary=b\n\n" + fill("--b\n"),
		"guessed boundary":   "Content-Type: multipart/mixed\n\n" + fill("--bbbb\n"),
		"statuses":           "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + fill("Status: 5.1.1\n\n"),
		"no statuses":        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + fill("x\ny\n"),
		"broken base64":      "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + fill("a=b*"),
		"broken quoted":      "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + fill("=Z"),
		"utf-7":              "Content-Type: text/plain; charset=utf-7\n\n" + fill("+"),
	}
}

// A quarter of a megabyte of anything is read within seconds: what grows with the square of the size takes minutes.
func TestHostileMailEnds(t *testing.T) {
	for name, mail := range hostile(256 << 10) {
		done := make(chan struct{})
		go func() { Parse([]byte(mail)); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: still being read after 20 s", name)
		}
	}
}

// BenchmarkHostile shows that twice the size takes about twice the time.
func BenchmarkHostile(b *testing.B) {
	for _, size := range []int{32 << 10, 64 << 10, 128 << 10} {
		mails := hostile(size)
		b.Run(strconv.Itoa(size>>10)+"kB", func(b *testing.B) {
			for b.Loop() {
				for _, mail := range mails {
					Parse([]byte(mail))
				}
			}
		})
	}
}

// Large mails are read in part, and say so.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ mail, problem string }{
		"header": {"Subject: a\nX-Pad: " + strings.Repeat("b", 10<<20) + "\n\nhej", "header_too_large"},
		"fields": {strings.Repeat("A: b\n", 10000) + "\nhej", "header_too_large"},
		"nested": {hostile(1 << 20)["nested parts"], "too_deep"},
		"parts":  {hostile(1 << 20)["sibling parts"], "too_many_parts"},
		"text":   {"Subject: a\n\n" + strings.Repeat("hej hej\n", 1<<18), "text_truncated"},
	} {
		m := Parse([]byte(c.mail))
		if key, _, _ := strings.Cut(m.Problem, ":"); key != c.problem {
			t.Errorf("%s: problem is %q", name, m.Problem)
		}
		if len(m.Text) > maxText {
			t.Errorf("%s: %d bytes of text", name, len(m.Text))
		}
	}
	if m := Parse([]byte("Subject: a\nX-Pad: " + strings.Repeat("b", 10<<20) + "\n\nhej")); m.Subject != "a" || m.Text != "hej" {
		t.Errorf("around a large header: subject %q, text %q", m.Subject, m.Text)
	}
}

// FuzzParse holds these laws for any bytes: Parse neither panics nor hangs, each line of Reply is (the end of) a line of
// Text, Segments are the pieces of Reply, an empty Reply is Doubtful, and those of readingLaws.
func FuzzParse(f *testing.F) {
	for _, s := range hostile(300) {
		f.Add([]byte(s))
	}
	for _, s := range large(2000) {
		if len(s) < 4000 {
			f.Add([]byte(s))
		}
	}
	for _, a := range attributions {
		f.Add([]byte("From: a@b.example\n\n" + ownWords + "\n" + a.line + "\n> a\n"))
	}
	for _, b := range headerBlocks {
		f.Add([]byte("From: a@b.example\nContent-Type: text/html\n\n<p>" + strings.ReplaceAll(b, "\n", "<br>") + "<hr><blockquote>a</blockquote>"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		m := Parse(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("the mail was changed")
		}
		inOrder(t, m)
		var pieces []string
		for _, s := range m.Segments {
			pieces = append(pieces, s.Text)
		}
		if strings.Join(pieces, "\n\n") != m.Reply {
			t.Fatalf("segments %q, reply %q", m.Segments, m.Reply)
		}
		if m.Reply == "" && !m.Doubtful {
			t.Fatal("an empty reply without doubt")
		}
		if m.Authenticated("mx.example").OK && len(m.AuthenticationResults) == 0 {
			t.Fatal("authenticated by nothing")
		}
		readingLaws(t, raw, m)
	})
}

func BenchmarkExtract(b *testing.B) {
	raw := []byte("From: eva@kommun.example\nTo: bot@kommun.example\nContent-Type: text/plain; charset=utf-8\n\n" + ownWords +
		"\n\n" + headerBlocks["sv"] + "\n\n" + strings.Repeat("En rad ur det gamla brevet, som ingen läser om.\n", 200))
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		Parse(raw)
	}
}
