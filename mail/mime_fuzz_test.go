package mail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// readingLaws hold for the reading m of any bytes.
func readingLaws(t *testing.T, raw []byte, m *Message) {
	if strings.HasPrefix(m.Problem, problemPanic) {
		t.Fatal(m.Problem)
	}
	for _, s := range []string{m.Text, m.Subject, m.From.Name} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r") {
			t.Fatalf("no clean text: %q", s)
		}
	}
	if strings.Contains(m.Subject, "\n") || strings.Contains(m.From.Name, "\n") {
		t.Fatalf("more than a line: %q, %q", m.Subject, m.From.Name)
	}
	sum := int64(0)
	for _, a := range m.Attachments {
		sum += a.Size
		if a.Size < 0 || strings.ContainsAny(a.Name, "/\\\r\n\x00") || !utf8.ValidString(a.Name) {
			t.Fatalf("attachment %+v", a)
		}
	}
	if sum > 3*int64(len(raw)) {
		t.Fatalf("attachments of %d bytes in a mail of %d", sum, len(raw))
	}
	once := shown(t, raw)
	if again := shown(t, raw); again != once {
		t.Fatalf("read twice: %s\n%s", once, again)
	}
	if bytes.IndexByte(raw, '\r') < 0 {
		for _, eol := range []string{"\r\n", "\r"} {
			if other := shown(t, bytes.ReplaceAll(raw, []byte("\n"), []byte(eol))); other != once {
				t.Fatalf("with %q: %s\nelse %s", eol, other, once)
			}
		}
	}
	inner := Parse(withinMultipart(raw))
	if strings.HasPrefix(m.Problem, "too_") || strings.HasPrefix(inner.Problem, "too_") {
		return // one more part may be one too many
	}
	if inner.Text != m.Text || inner.Encrypted != m.Encrypted {
		t.Fatalf("within a multipart: %q %s, else %q %s", inner.Text, inner.Encrypted, m.Text, m.Encrypted)
	}
}

func shown(t *testing.T, raw []byte) string {
	out, err := json.Marshal(Inspect("", raw))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// withinMultipart puts the body of a mail, with the fields that describe it, into a multipart/mixed.
func withinMultipart(raw []byte) []byte {
	fields, body := splitHeader(normaliseLines(raw), nil)
	boundary := "fresh"
	for n := 0; bytes.Contains(raw, []byte(boundary)); n++ {
		boundary = fmt.Sprintf("fresh%d", n)
	}
	var out, inner strings.Builder
	for _, f := range fields {
		to := &out
		if f.name == "content-type" || f.name == "content-transfer-encoding" || f.name == "content-disposition" {
			to = &inner
		}
		to.WriteString(f.name + ": " + f.value + "\n")
	}
	return []byte(out.String() + "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n" + inner.String() + "\n" + string(body) + "\n--" + boundary + "--\n")
}

// FuzzHeader holds that no value brings line ends or control characters into what is read of it, and that folding it at white space
// changes nothing.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{
		"=?utf-8?q?L=C3=B6n?= =?utf-8?b?bGlzdGE=?= och mer", "Eva Prov <eva@kommun.example>, Bo  <bo@kommun.example>", "<a@b.example> <c@d.example>",
		"text/plain; name*0*=utf-8''l%C3; name*1*=%B6n; name*2=\"b c\"", "\"a\tb\" <a@b.example>", "=?iso-8859-1?q?a=0D=0Ab?= x", "a\xf6 \u00a0 b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "\r\n") {
			return
		}
		whole := headerOf(value)
		for _, s := range append([]string{whole.Subject, whole.From.Name, whole.From.Addr}, whole.References...) {
			if strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("%q", s)
			}
		}
		for _, a := range append(append(whole.To, whole.Cc...), Address{Name: whole.Attachments[0].Name}) {
			if strings.ContainsAny(a.Name+a.Addr, "\r\n\x00") || !utf8.ValidString(a.Name) {
				t.Fatalf("%q", a)
			}
		}
		folded := fold(value)
		got := headerOf(folded)
		got.fields, whole.fields, got.fromExact, whole.fromExact = nil, nil, nil, nil
		if !reflect.DeepEqual(got, whole) {
			t.Fatalf("folded %q: %+v\nelse %+v", folded, got, whole)
		}
	})
}

func headerOf(value string) *Message {
	return Parse([]byte("From: " + value + "\nTo: " + value + "\nCc: a@b.example, " + value + "\nSubject: " + value + "\nReferences: " + value +
		"\nContent-Type: application/x; name=" + value + "\nContent-Disposition: attachment\n\nhej"))
}

// fold puts a line end before each run of white space, but where nothing stands on one of its sides.
func fold(value string) string {
	var out strings.Builder
	line := 0 // where the line begins
	for i := range len(value) {
		white := value[i] == ' ' || value[i] == '\t'
		if white && i > 0 && value[i-1] != ' ' && value[i-1] != '\t' && strings.TrimSpace(value[line:i]) != "" && strings.TrimSpace(value[i:]) != "" {
			out.WriteString(value[line:i] + "\n")
			line = i
		}
	}
	return out.String() + value[line:]
}
