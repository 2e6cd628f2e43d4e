package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
)

// readByPython is a mail as Python's own parser has it, with what it thinks wrong.
type readByPython struct {
	Defects []string
	Headers [][2]string // decoded, in order
	Parts   []struct{ Type, Disposition, Encoding, Charset, Name, Content string }
}

// Our own mails as mail servers and an independent parser have them.
func TestOwnMailIsSound(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	for name, l := range letters(t) {
		t.Run(name, func(t *testing.T) {
			onTheWire(t, l.raw)
			cmd := exec.CommandContext(t.Context(), find("python3"), filepath.Join("mailparser", "read.py"))
			cmd.Stdin = bytes.NewReader(l.raw)
			out, err := cmd.Output()
			must(t, err)
			var m readByPython
			must(t, json.Unmarshal(out, &m))
			if len(m.Defects) > 0 {
				t.Errorf("defects: %q", m.Defects)
			}
			m.headers(t, l)
			m.parts(t, l)
		})
	}
}

// onTheWire checks bytes alone: RFC 5322 sections 2.1.1 and 2.3, and nothing that needs an 8-bit path.
func onTheWire(t *testing.T, raw []byte) {
	t.Helper()
	if n := bytes.Count(raw, []byte("\n")); n == 0 || n != bytes.Count(raw, []byte("\r\n")) || n != bytes.Count(raw, []byte("\r")) {
		t.Error("not every line ends with CRLF")
	}
	body := false
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		// 998 is allowed everywhere; 78 is asked for, and what quoted-printable and folded fields keep to.
		if len(line) > 998 || body && len(line) > 78 {
			t.Errorf("a line of %d octets: %.60q", len(line), line)
		}
		body = body || len(line) == 0
		for _, c := range line {
			if c >= 0x80 || c < ' ' && c != '\t' {
				t.Fatalf("octet %#x in %.60q", c, line)
			}
		}
	}
}

func (m *readByPython) all(name string) (values []string) {
	for _, h := range m.Headers {
		if strings.EqualFold(h[0], name) {
			values = append(values, h[1])
		}
	}
	return values
}

// headers: each field that a mail has once is there once, and no field that would make of it what it is not.
func (m *readByPython) headers(t *testing.T, l composed) {
	t.Helper()
	auto := "auto-generated"
	if l.out.AutoReplied {
		auto = "auto-replied"
	}
	suppress := "All"
	if l.out.Kind == conversation.MessageAlert {
		suppress = "DR, NDR, RN, NRN, AutoReply" // that its receiver is away is worth knowing
	}
	want := map[string]string{"From": "Frist <" + bot + ">", "To": "Robin Åkerhielm-Prov <robin@" + domain + ">",
		"Reply-To": "Frist <frist+" + l.out.Token + "@" + domain + ">", "Subject": l.words.Subject, "Message-ID": "<" + l.out.MessageID + ">",
		"Auto-Submitted": auto, "X-Auto-Response-Suppress": suppress, "MIME-Version": "1.0", "Date": "Fri, 20 Nov 2026 16:41:00 +0100"}
	if l.out.InReplyTo != "" {
		want["In-Reply-To"], want["References"] = "<"+l.out.InReplyTo+">", "<"+l.out.InReplyTo+">"
	}
	for name, value := range want {
		if got := m.all(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s is %q, want %q once", name, got, value)
		}
	}
	allowed := append(slices.Collect(maps.Keys(want)), "Content-Type")
	for _, h := range m.Headers {
		if !slices.Contains(allowed, h[0]) {
			t.Errorf("field %s: %s", h[0], h[1])
		}
	}
}

// parts: plain text, then HTML that is for clients that show it, then what is attached.
func (m *readByPython) parts(t *testing.T, l composed) {
	t.Helper()
	if len(m.Parts) != 2+len(l.words.Attachments) {
		t.Fatalf("%d parts", len(m.Parts))
	}
	lines := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	wants := []string{l.words.Text, l.words.HTML}
	types := []string{"text/plain", "text/html"}
	for _, a := range l.words.Attachments {
		wants, types = append(wants, string(a.Data)), append(types, "text/html")
	}
	for i, p := range m.Parts {
		if p.Type != types[i] || !strings.EqualFold(p.Charset, "utf-8") || !slices.Contains([]string{"quoted-printable", "base64"}, p.Encoding) {
			t.Errorf("part %d is %s in %s, %s", i, p.Type, p.Charset, p.Encoding)
		}
		if lines(p.Content) != lines(wants[i]) {
			t.Errorf("part %d reads differently from what was put in", i)
		}
		if i >= 2 && (p.Disposition != "attachment" || p.Name != l.words.Attachments[i-2].Name) {
			t.Errorf("part %d is %s %q", i, p.Disposition, p.Name)
		}
	}
	if found := remote.FindString(l.words.HTML); found != "" {
		t.Errorf("the HTML fetches, or might: %q", found)
	}
}

// remote is anything in HTML that fetches: a picture, a font, a style sheet, a tracker.
var remote = regexp.MustCompile(`(?i)<(img|script|link|iframe|object|embed|video|audio|source|base|form)\b|\b(src|srcset|background|poster|action)\s*=|url\s*\(|@import|@font-face|http-equiv`)
