package mail

import (
	"encoding/base64"
	"strings"
	"testing"
)

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// What mail programs, gateways and lists do to texts.
func TestOddTexts(t *testing.T) {
	uu := "begin 644 lista.txt\n#:&5J\n`\nend\n"
	for name, c := range map[string]struct{ mail, want string }{
		"wrong boundary":          {"Content-Type: multipart/mixed; boundary=x\n\n--b\nContent-Type: text/plain\n\nhej\n--b--", "hej"},
		"two boundaries":          {"Content-Type: multipart/mixed; boundary=x; boundary=b\n\n--b\nContent-Type: text/plain\n\nhej\n--b--", "hej"},
		"boundary look-alikes":    {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nett\n--bb\n-- b\n--b x\ntvå\n--b--", "ett\n--bb\n-- b\n--b x\ntvå"},
		"inner boundary is outer": {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nett\n--bb--\n--b\n\ntvå\n--b--", "ett\ntvå"},
		"encoded multipart":       {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + base64Of("--b\r\n\r\nhej\r\n--b--\r\n"), "hej"},
		"type with garbage":       {"Content-Type: text/plain>\n\nhej", "hej"},
		"bare type":               {"Content-Type: html\n\n<p>hej", "hej"},
		"unknown text":            {mixed("mixed", "text/x-own\n\nhej"), "hej"},
		"markdown":                {mixed("alternative", "text/plain\n\nhej", "text/markdown\n\n*hej*"), "hej"},
		"html called plain":       {"Content-Type: text/plain\n\n<!DOCTYPE html><html><body><p>hej</p></body></html>", "hej"},
		"enriched":                {"Content-Type: text/enriched\n\n<bold>Hej</bold> du\nmed << tecken\n\n<color><param>red</param>rött</color>", "Hej du med < tecken\nrött"},
		"zero-width alternative":  {mixed("alternative", "text/plain; charset=utf-8\n\n\u200b\u00a0\n", "text/html\n\n<p>hej"), "hej"},
		"plain after html":        {mixed("alternative", "text/html\n\n<p>sida", "text/plain\n\nren"), "ren"},
		"related alternative":     {mixed("related", "multipart/alternative; boundary=c\n\n--c\n\nren\n--c\nContent-Type: text/html\n\n<p>sida\n--c--", "image/png; name=a.png\n\nx"), "ren"},
		"appledouble":             {mixed("mixed", "text/plain\n\nhej", "multipart/appledouble; boundary=c\n\n--c\nContent-Type: application/applefile\n\nx\n--c\nContent-Type: image/png; name=a.png\n\nx\n--c--"), "hej"},
		"digest":                  {mixed("digest", "message/rfc822\n\nSubject: a\n\nandras ord"), ""},
		"forwarded alone":         {mixed("mixed", "message/rfc822\n\nSubject: a\n\nandras ord"), ""},
		"text file alone":         {"Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nhej", "hej"},
		"text file alone, within": {mixed("mixed", "text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\nhej"), "hej"},
		"invitation":              {"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:möte\nBEGIN:VALARM\nDESCRIPTION:pling\nEND:VALARM\nDESCRIPTION;LANGUAGE=sv:Vi ses\\, kl 10\\n\n om läckan\nEND:VEVENT", "Vi ses, kl 10\nom läckan"},
		"invitation beside":       {mixed("alternative", "text/plain\n\nhej", "text/calendar\n\nDESCRIPTION:x"), "hej"},
		"uuencoded file":          {"Subject: a\n\nse filen\n" + uu, "se filen\n" + strings.TrimSuffix(uu, "\n")},
		"uuencoded part":          {"Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\n" + uu, "hej"},
		"begin, a word":           {"Subject: a\n\nbegin 100 times\noch sluta\nend", "begin 100 times\noch sluta\nend"},
		"base64 it is not":        {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nDet här är inte base64, fast det står så.", "Det här är inte base64, fast det står så."},
		"footer below base64":     {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64Of("hej på") + "\n____\nen listas fot, osv.", "hej på"},
		"two base64 texts":        {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + base64Of("ett t") + "\n" + base64Of("va"), "ett tva"},
		"quoted-printable CRLF":   {"Content-Type: text/plain\r\nContent-Transfer-Encoding: Quoted-Printable;\r\n\r\na=\r\nb =\r\n c=20=\r\n", "ab  c "},
		"8-bit quoted-printable":  {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nLön =C3=B6", "Lön ö"},
		"zip called text":         {mixed("mixed", "text/plain\n\nhej", "text/plain; name=a.txt\n\nPK\x03\x04\x00\x00\x00\x00\x00"), "hej"},
		"inline rtf":              {mixed("mixed", "text/rtf\n\n{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}L\\'f6n\\par och \\u8211?mer}"), "Lön\noch –mer"},
		"header folded by tabs":   {"Content-Type: text/plain;\n\tcharset=\"iso-8859-1\";\n\tformat=flowed\n\nL\xf6n \nher", "Lön her"},
		"entities of control":     {"Content-Type: text/html\n\na&#13;b&#0;c", "a b\uFFFDc"},
		"body in the header":      {"Subject: a\nContent-Type: text/plain; charset=utf-8\nHej, det här är brevet.\nDet har ingen tom rad.", "Hej, det här är brevet.\nDet har ingen tom rad."},
		"folded in nested header": {"Content-Type: multipart/mixed;\n boundary=\n \"b\"\n\n--b\nContent-Type: text/plain;\n charset=utf-8\n\nhej\n--b--", "hej"},
		"signed":                  {mixed("signed; micalg=sha-256", "text/plain\n\nhej", "application/pgp-signature; name=signature.asc\n\nx"), "hej"},
	} {
		if got := Parse([]byte(c.mail)).Text; got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

// Nothing that is encrypted becomes text, and what stands around it does.
func TestEncrypted(t *testing.T) {
	armour := "-----BEGIN PGP MESSAGE-----\n\nhQEMA5\n=abcd\n-----END PGP MESSAGE-----\n"
	notice := "multipart/alternative; boundary=c\n\n--c\n\nPROV har skickat ett skyddat meddelande\n--c--"
	rpmsg := "application/x-microsoft-rpmsg-message; name=message.rpmsg\nContent-Disposition: attachment; filename=message.rpmsg\n\nx"
	for name, c := range map[string]struct{ mail, encrypted, text string }{
		"PGP/MIME":          {mixed("encrypted; protocol=\"application/pgp-encrypted\"", "application/pgp-encrypted\n\nVersion: 1", "application/octet-stream; name=encrypted.asc\n\n"+armour), "pgp", ""},
		"PGP/MIME, mangled": {mixed("mixed", "text/plain\n\n", "application/pgp-encrypted\n\nVersion: 1", "application/octet-stream\n\n"+armour), "pgp", ""},
		"inline PGP":        {"Subject: a\n\n" + armour, "pgp", ""},
		"PGP within text":   {"Subject: a\n\nse nedan\n" + armour + "hälsar Eva", "pgp", "se nedan\nhälsar Eva"},
		"PGP cut off":       {"Subject: a\n\nse nedan\n-----BEGIN PGP MESSAGE-----\nhQEMA5", "pgp", "se nedan"},
		"PGP as HTML":       {"Content-Type: text/html\n\n<p>se nedan</p><pre>" + armour + "</pre>", "pgp", "se nedan\n"},
		"quoted PGP":        {"Subject: a\n\ndet gick inte att läsa\n> -----BEGIN PGP MESSAGE-----\n> hQEMA5", "", "det gick inte att läsa\n> -----BEGIN PGP MESSAGE-----\n> hQEMA5"},
		"S/MIME, broken":    {"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx", "smime", ""},
		"rights":            {"Content-Class: rpmsg.message\n" + mixed("mixed", notice, rpmsg), "rpmsg", ""},
		"rights forwarded":  {mixed("mixed", "text/plain\n\njag kan inte öppna det här", rpmsg), "rpmsg", "jag kan inte öppna det här"},
		"open":              {"Subject: a\n\nhej", "", "hej"},
	} {
		m := Parse([]byte(c.mail))
		if m.Encrypted != c.encrypted || m.Text != c.text || (c.encrypted != "") != strings.HasPrefix(m.Problem, "encrypted: ") {
			t.Errorf("%s: %q, text %q, problem %q", name, m.Encrypted, m.Text, m.Problem)
		}
	}
}

func TestBlocksAreListed(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Attachment
	}{
		"uuencode":          {"hej\nbegin 644 a.txt\n#:&5J\n`\nend\n", Attachment{"a.txt", "application/octet-stream", 3}},
		"uuencode, cut off": {"hej\nbegin 644 a.txt\n#:&5J", Attachment{"a.txt", "application/octet-stream", 3}},
		"yEnc":              {"hej\n=ybegin line=128 size=4 name=a b.jpg\nabcdefgh\n=yend size=4\n", Attachment{"a b.jpg", "application/octet-stream", 4}},
	} {
		m := Parse([]byte("Subject: a\n\n" + c.text))
		if len(m.Attachments) != 1 || m.Attachments[0] != c.want || m.Reply != "hej" {
			t.Errorf("%s: %+v, reply %q", name, m.Attachments, m.Reply)
		}
	}
}

func TestEncodedAttachmentSizes(t *testing.T) {
	for encoding, c := range map[string]struct {
		body string
		want int64
	}{
		"base64": {base64Of("a\r\nb\r\n"), 6}, "BASE64 ": {base64Of("1234"), 4}, "base64;": {"MTIz*NDU2", 6}, "binary": {"1234", 4},
		"quoted-printable": {"a=0D=0Ab", 4}, "x-uuencode": {"begin 644 a\n#:&5J\n`\nend", 3}, "nonsense": {"1234", 4},
	} {
		m := Parse([]byte(mixed("mixed", "application/pdf; name=a.pdf\nContent-Transfer-Encoding: "+encoding+"\n\n"+c.body)))
		if len(m.Attachments) != 1 || m.Attachments[0].Size != c.want {
			t.Errorf("%q: %+v", encoding, m.Attachments)
		}
	}
}

// A fault of the program in one mail does not end it, and names its line.
func TestPanicIsAProblem(t *testing.T) {
	m := &Message{Subject: "a"}
	m.guard(func() { _ = m.To[len(m.Subject)] })
	if !strings.HasPrefix(m.Problem, "panic: runtime error: index out of range") || !strings.Contains(m.Problem, " at mime_more_test.go:") || m.Subject != "a" {
		t.Errorf("problem %q", m.Problem)
	}
}
