package mail

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// berOf writes a value of definite length.
func berOf(tag byte, content ...string) string {
	s := strings.Join(content, "")
	n := len(s)
	return string([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}) + s
}

// openBER writes a value of indefinite length, as Outlook does.
func openBER(tag byte, content ...string) string {
	return string([]byte{tag, 0x80}) + strings.Join(content, "") + "\x00\x00"
}

const oidData = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"

// signedData is a CMS SignedData around an OCTET STRING, in the shape that wrap gives each value.
func signedData(wrap func(byte, ...string) string, octets string) string {
	return wrap(0x30, "\x06\x09", oidSigned, wrap(0xa0, wrap(0x30, "\x02\x01\x01", wrap(0x31, wrap(0x30, oidData)), wrap(0x30, oidData, wrap(0xa0, octets)), wrap(0x31))))
}

const signedMail = "Content-Type: text/plain; charset=utf-8\r\n\r\nhej på dig\r\n"

func TestSignedContent(t *testing.T) {
	half := len(signedMail) / 2
	a, b := berOf(0x04, signedMail[:half]), berOf(0x04, signedMail[half:])
	cut, _, _ := strings.Cut(signedData(openBER, openBER(0x24, a, b)), b)
	for name, cms := range map[string]string{
		"definite":               signedData(berOf, berOf(0x04, signedMail)),
		"indefinite":             signedData(openBER, openBER(0x24, a, b)),
		"pieces of known length": signedData(berOf, berOf(0x24, a, b)),
		"pieces of pieces":       signedData(openBER, openBER(0x24, openBER(0x24, a), berOf(0x24, b))),
		"cut off":                cut + b,
	} {
		for head, body := range map[string]string{
			"application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64": base64Of(cms),
			"application/octet-stream; name=smime.p7m\nContent-Transfer-Encoding: base64":                       base64Of(cms),
		} {
			m := Parse([]byte("Content-Type: " + head + "\n\n" + body))
			if m.Text != "hej på dig" || m.Problem != "" || m.Encrypted != "" || len(m.Attachments) != 0 {
				t.Errorf("%s: %q, problem %q, %v", name, m.Text, m.Problem, m.Attachments)
			}
		}
	}
	raw := []byte("Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: binary\n\n" + strings.ReplaceAll(signedData(openBER, openBER(0x24, a, b)), "\r", ""))
	before := bytes.Clone(raw)
	if Parse(raw); !bytes.Equal(raw, before) {
		t.Error("the mail was changed")
	}
}

// Whatever is wrong with it, it ends, is listed, and says so.
func TestSignedContentHostile(t *testing.T) {
	deep := strings.Repeat("\x24\x80", 1<<20)
	for name, cms := range map[string]string{
		"empty": "", "garbage": "garbage", "deep": deep, "deep at the start": strings.Repeat("\x30\x80", 1<<20), "deep pieces": signedData(openBER, deep),
		"deep to skip": signedData(openBER, "")[:15] + strings.Repeat("\x31\x80", 1<<20), "no content": signedData(berOf, ""), "huge length": "\x30\x84\xff\xff\xff\xff\x06",
		"compressed": berOf(0x30, "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", berOf(0xa0, "x")),
	} {
		m := Parse([]byte("Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" + base64Of(cms)))
		if m.Text != "" || !strings.HasPrefix(m.Problem, "smime: ") || len(m.Attachments) != 1 {
			t.Errorf("%s: %q, problem %q, %v", name, m.Text, m.Problem, m.Attachments)
		}
	}
	within := signedMail
	for range maxDepth + 1 {
		within = "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + base64Of(signedData(berOf, berOf(0x04, within)))
	}
	if m := Parse([]byte(within)); !strings.HasPrefix(m.Problem, "too_deep: ") {
		t.Errorf("signed again and again: %q", m.Problem)
	}
}

// FuzzCMS holds that what is found is a part of the input, and that the reader ends.
func FuzzCMS(f *testing.F) {
	f.Add([]byte(signedData(openBER, openBER(0x24, berOf(0x04, signedMail)))))
	f.Add([]byte(signedData(berOf, berOf(0x04, signedMail))))
	raw, err := os.ReadFile("testdata/smime_stream.eml")
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := bytes.Cut(raw, []byte("\n\n"))
	f.Add(looseBase64(body, len(body)))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := len(b)
		content, oid, err := signedContent(b)
		if len(content) > n || err == nil && oid != oidSigned {
			t.Fatalf("%d bytes of %d, %x", len(content), n, oid)
		}
		skipBER(b)
	})
}
