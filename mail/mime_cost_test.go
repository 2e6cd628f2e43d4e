package mail

import (
	"runtime"
	"strings"
	"testing"
)

// lines64 is n bytes of base64 as mail programs write it.
func lines64(n int, eol string) string {
	line := strings.Repeat("QUJD", 19) + eol
	return strings.Repeat(line, n/len(line))
}

// large builds mails of about size bytes whose weight lies in one thing.
func large(size int) map[string]string {
	const eol = "\r\n"
	attach := func(head, body string) string {
		before, _, _ := strings.Cut(mixed("mixed", "text/plain; charset=utf-8\n\nse filen", head), "\n--=_x--")
		return strings.ReplaceAll(before, "\n", eol) + body + eol + "--=_x--" + eol
	}
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	flat := func(n int) string { // n parts
		part := "--b" + eol + "Content-Type: text/plain" + eol + eol + strings.Repeat("hej ", max(1, size/n/4)) + eol
		return "Content-Type: multipart/mixed; boundary=b" + eol + eol + strings.Repeat(part, n)
	}
	return map[string]string{
		"base64 file":           attach("application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n", lines64(size, eol)),
		"quoted-printable file": "Content-Type: multipart/mixed; boundary=b" + eol + eol + "--b" + eol + "Content-Type: application/pdf" + eol + "Content-Transfer-Encoding: quoted-printable" + eol + eol + fill(strings.Repeat("=41", 25)+"="+eol),
		"binary file":           "Content-Type: application/pdf" + eol + eol + fill("abcdefgh"+eol),
		"broken base64 file":    "Content-Type: application/pdf" + eol + "Content-Transfer-Encoding: base64" + eol + eol + fill("QUJDRA=*"+eol),
		"broken quoted file":    "Content-Type: application/pdf" + eol + "Content-Transfer-Encoding: quoted-printable" + eol + eol + fill("=Z"),
		"text":                  "Content-Type: text/plain; charset=utf-8" + eol + eol + fill("hej på dig, det här är en rad"+eol),
		"text of one line":      "Content-Type: text/plain" + eol + eol + fill("hej "),
		"8-bit text":            "Content-Type: text/plain; charset=windows-1252" + eol + eol + fill("\xe5\xe4\xf6 \x80"+eol),
		"base64 text":           "Content-Type: text/plain" + eol + "Content-Transfer-Encoding: base64" + eol + eol + lines64(size, eol),
		"quoted-printable text": "Content-Type: text/plain" + eol + "Content-Transfer-Encoding: quoted-printable" + eol + eol + fill("=C3=A5 och =C3=B6"+eol),
		"uuencoded text":        "Subject: a" + eol + eol + "begin 644 a.bin" + eol + fill("M"+strings.Repeat("A", 60)+eol) + "end" + eol,
		"page":                  "Content-Type: text/html" + eol + eol + fill("<p>hej <b>på</b> dig</p>"),
		"zip called text":       attach("text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\nUEsDBAAAAAA", lines64(size, eol)),
		"winmail.dat":           "Content-Type: application/ms-tnef" + eol + "Content-Transfer-Encoding: base64" + eol + eol + wrapped(base64Of(string(tnefOf(attribute(2, attAttachRend, nil), attribute(2, attAttachData, make([]byte, size*3/4))))), eol),
		"signed":                "Content-Type: application/pkcs7-mime" + eol + "Content-Transfer-Encoding: base64" + eol + eol + wrapped(base64Of(signedData(openBER, openBER(0x24, strings.Repeat(berOf(0x04, strings.Repeat("a", 1000)), size*3/4/1005)))), eol),
		"500 parts":             flat(500),
		"10000 parts":           flat(10000),
		"header":                "Subject: a" + eol + "X-Pad: " + fill("abc ") + eol + eol + "hej",
		"fields":                fill("A: b"+eol) + eol + "hej",
		"addresses":             "To: " + fill("eva@kommun.example, ") + eol + eol + "hej",
	}
}

func wrapped(s, eol string) string {
	var b strings.Builder
	for ; len(s) > 76; s = s[76:] {
		b.WriteString(s[:76] + eol)
	}
	return b.String() + s + eol
}

// allocated is how many bytes f allocates, freed or not: never less than what it holds at its peak.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// textCost is what reading and extracting maxText bytes of text may allocate, however large the mail.
const textCost = 160 << 20

// A large mail costs at most twice its size beside itself, whatever it is made of, and a fixed amount for its text. Since all that
// is allocated is counted, freed or not, it holds less at its peak.
func TestLargeMailMemory(t *testing.T) {
	const size = 5 << 20
	twice := large(2 * size)
	for name, mail := range large(size) {
		raw, rawTwice := []byte(mail), []byte(twice[name])
		used, usedTwice := allocated(func() { Parse(raw) }), allocated(func() { Parse(rawTwice) })
		more := len(rawTwice) - len(raw)
		if limit := uint64(more)*5/2 + 4<<20; usedTwice > used+limit {
			t.Errorf("%s: %d bytes allocated for %d, but %d for %d", name, used, len(raw), usedTwice, len(rawTwice))
		}
		if usedTwice > 2*uint64(len(rawTwice))+textCost {
			t.Errorf("%s: %d bytes allocated for %d", name, usedTwice, len(rawTwice))
		}
	}
}

// Four times of anything hostile takes about four times the memory.
func TestHostileMemory(t *testing.T) {
	four := hostile(128 << 10)
	for name, mail := range hostile(32 << 10) {
		raw, rawFour := []byte(mail), []byte(four[name])
		used, usedFour := allocated(func() { Parse(raw) }), allocated(func() { Parse(rawFour) })
		if usedFour > 8*used+4<<20 {
			t.Errorf("%s: %d bytes allocated for %d, but %d for %d", name, used, len(raw), usedFour, len(rawFour))
		}
		if usedFour > 300*uint64(len(rawFour)) {
			t.Errorf("%s: %d bytes allocated for %d", name, usedFour, len(rawFour))
		}
	}
}

// BenchmarkParse reads mails as people send them: a reply of 1, 10 and 100 kB, and one with a file of 5 MB.
func BenchmarkParse(b *testing.B) {
	head := "From: Eva Prov <eva@kommun.example>\r\nTo: Frist <frist@kommun.example>\r\nSubject: =?utf-8?q?L=C3=B6nelista?=\r\nMessage-ID: <1@kommun.example>\r\n" +
		"Date: Tue, 3 Mar 2026 10:15:00 +0100\r\nMIME-Version: 1.0\r\n"
	text := func(size int) string {
		return strings.Repeat("Listan låg i fel mapp, och den som öppnade den hörde av sig.\r\n", size/64)
	}
	reply := func(size int) string {
		return head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text(size/3) +
			"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>" + text(size*2/3) + "</p>\r\n--b--\r\n"
	}
	file := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text(1<<10) +
		"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines64(5<<20, "\r\n") + "--b--\r\n"
	for _, c := range []struct{ name, mail string }{{"1kB", reply(1 << 10)}, {"10kB", reply(10 << 10)}, {"100kB", reply(100 << 10)}, {"5MB-file", file}} {
		b.Run(c.name, func(b *testing.B) {
			raw := []byte(c.mail)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw)
			}
		})
	}
}

// BenchmarkLarge reads mails of 10 MB whose weight lies in one thing.
func BenchmarkLarge(b *testing.B) {
	for name, mail := range large(10 << 20) {
		b.Run(name, func(b *testing.B) {
			raw := []byte(mail)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw)
			}
		})
	}
}
