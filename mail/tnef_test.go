package mail

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"
)

// tnefOf writes a TNEF stream of attributes.
func tnefOf(attributes ...[]byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, tnefSignature)
	out = append(out, 1, 0)
	for _, a := range attributes {
		out = append(out, a...)
	}
	return out
}

func attribute(level byte, id uint32, data []byte) []byte {
	out := append([]byte{level}, binary.LittleEndian.AppendUint32(nil, id)...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	out = append(out, data...)
	sum := uint16(0)
	for _, c := range data {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(out, sum)
}

// props writes MAPI properties, each made by prop.
func props(list ...[]byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		out = append(out, p...)
	}
	return out
}

func prop(id, kind uint16, data []byte) []byte {
	out := binary.LittleEndian.AppendUint16(nil, kind)
	out = binary.LittleEndian.AppendUint16(out, id)
	if _, fixed := mapiSizes[kind]; fixed {
		return append(out, data...)
	}
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	out = append(out, data...)
	return append(out, make([]byte, (4-len(data)%4)%4)...)
}

// named is a property with a name, and one with several values: both stand in the way of those that are looked for.
func named() [][]byte {
	p := binary.LittleEndian.AppendUint32(nil, 0x8001_0003)
	p = append(p, make([]byte, 16)...)
	p = binary.LittleEndian.AppendUint32(p, 1)
	p = binary.LittleEndian.AppendUint32(p, 6)
	p = append(p, "a\x00b\x00\x00\x00\x00\x00"...)
	p = binary.LittleEndian.AppendUint32(p, 7)
	many := binary.LittleEndian.AppendUint32(nil, 0x1234_101e)
	many = binary.LittleEndian.AppendUint32(many, 2)
	for range 2 {
		many = binary.LittleEndian.AppendUint32(many, 3)
		many = append(many, "xyz\x00"...)
	}
	return [][]byte{p, many}
}

func utf16le(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func u32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// literalRTF writes compressed RTF that refers to nothing (MS-OXRTFCP).
func literalRTF(s string) []byte {
	var body []byte
	for i := 0; i < len(s); i += 8 {
		body = append(body, 0)
		body = append(body, s[i:min(i+8, len(s))]...)
	}
	out := append(u32(uint32(len(body)+12)), u32(uint32(len(s)))...)
	return append(append(append(out, "LZFu"...), 0, 0, 0, 0), body...)
}

func winmail(before string, stream []byte) []byte {
	return []byte(mixed("mixed", "text/plain; charset=utf-8\n\n"+before, "application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"+base64Of(string(stream))))
}

func TestWinmailTexts(t *testing.T) {
	page := attribute(1, attOemCodepage, append(u32(1252), u32(0)...))
	fromHTML := `{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 L\'f6n & mer{\*\htmltag84 <br>}\htmlrtf\par\htmlrtf0 rad två\u8211?{\*\htmltag72 </p>}}`
	for name, c := range map[string]struct {
		stream []byte
		want   string
	}{
		"plain":          {tnefOf(page, attribute(1, attBody, []byte("L\xf6n\r\nborta\x00"))), "Lön\nborta"},
		"unicode":        {tnefOf(page, attribute(1, attMAPIProps, props(append(named(), prop(propBody, mapiUnicode, utf16le("Lön 😀")))...))), "Lön 😀"},
		"html":           {tnefOf(page, attribute(1, attMAPIProps, props(prop(propCodepage, 3, u32(65001)), prop(propBodyHTML, mapiBinary, []byte("<p>Lön</p><p>borta"))))), "Lön\n\nborta"},
		"rtf":            {tnefOf(attribute(1, attMAPIProps, props(prop(propRTFCompressed, mapiBinary, literalRTF(`{\rtf1\ansi\ansicpg1252 L\'f6n\par borta}`))))), "Lön\nborta"},
		"html in rtf":    {tnefOf(attribute(1, attMAPIProps, props(prop(propRTFCompressed, mapiBinary, literalRTF(strings.ReplaceAll(fromHTML, "å", `\'e5`)))))), "Lön & mer\nrad två–"},
		"text wins":      {tnefOf(attribute(1, attBody, []byte("ren")), attribute(1, attMAPIProps, props(prop(propBodyHTML, mapiBinary, []byte("<p>sida"))))), "ren"},
		"nothing at all": {tnefOf(), ""},
	} {
		m := Parse(winmail("", c.stream))
		if m.Text != c.want || m.Problem != "" || len(m.Attachments) != 0 {
			t.Errorf("%s: %q, not %q; problem %q, attachments %v", name, m.Text, c.want, m.Problem, m.Attachments)
		}
	}
	if m := Parse(winmail("skrivet", tnefOf(attribute(1, attBody, []byte("samma text"))))); m.Text != "skrivet" {
		t.Errorf("beside a text: %q", m.Text)
	}
}

func TestWinmailFiles(t *testing.T) {
	stream := tnefOf(
		attribute(2, attAttachRend, make([]byte, 14)), attribute(2, attAttachTitle, []byte("L\xd6NELI~1.XLS\x00")), attribute(2, attAttachData, []byte("12345")),
		attribute(2, attAttachMAPI, props(prop(propAttachLongName, mapiUnicode, utf16le("../lönelista våren.xlsx")), prop(propAttachMIMEType, mapiString8, []byte("Application/X-Excel\x00")))),
		attribute(2, attAttachRend, make([]byte, 14)), attribute(2, attAttachTitle, []byte("kort.txt\x00")), attribute(2, attAttachData, []byte("1")),
		attribute(2, attAttachRend, make([]byte, 14)),
		attribute(2, attAttachMAPI, props(prop(propDisplayName, mapiUnicode, utf16le("Ett brev")), prop(propAttachData, mapiObject, make([]byte, 16+9)))),
	)
	want := []Attachment{{"lönelista våren.xlsx", "application/x-excel", 5}, {"kort.txt", "application/octet-stream", 1}, {"Ett brev", "application/vnd.ms-outlook", 9}}
	m := Parse(winmail("hej", stream))
	if len(m.Attachments) != len(want) || m.Problem != "" {
		t.Fatalf("attachments %+v, problem %q", m.Attachments, m.Problem)
	}
	for i := range want {
		if m.Attachments[i] != want[i] {
			t.Errorf("%+v, not %+v", m.Attachments[i], want[i])
		}
	}
	for cut := range stream { // whatever is missing, what came before stays; six bytes are a stream of nothing
		if m := Parse(winmail("hej", stream[:cut])); m.Text != "hej" || len(m.Attachments) == 0 && cut != 6 {
			t.Fatalf("cut at %d: %+v", cut, m)
		}
	}
	if m := Parse(winmail("hej", []byte("nonsense"))); m.Attachments[0].Name != "winmail.dat" || !strings.HasPrefix(m.Problem, "tnef: ") {
		t.Errorf("nonsense: %+v, %q", m.Attachments, m.Problem)
	}
}

// The examples of MS-OXRTFCP sections 3.1 and 3.2: one that refers to the dictionary, and one whose references cross what
// they write.
func TestCompressedRTF(t *testing.T) {
	for in, want := range map[string]string{
		"2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af32068656c090020627705b06c647d0a800fa0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0":                                        "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(decompressRTF(b, 1000)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		for i := range b {
			decompressRTF(b[:i], 1000)
		}
	}
}

func TestRTF(t *testing.T) {
	for in, want := range map[string]string{
		`{\rtf1\ansi a\par b\line c\tab d}`:                         "a\nb\nc\td",
		`{\rtf1{\*\generator x;}{\info{\author y}}a{\b b}\plain c}`: "abc",
		`{\rtf1\uc2\u229\'e5\'e5x\uc0\u228 y}`:                      "åxäy",
		`{\rtf1\u-10179?\u-8704?}`:                                  "😀",
		`{\rtf1\ansicpg932 \'93\'fa\'96\'7b}`:                       "日本",
		`{\rtf1 a\{b\}\\c\~d\_e}`:                                   `a{b}\c d-e`,
		`{\rtf1 a{\pict\bin3 }}}b}c}`:                               "ac",
		`{\rtf1 {\field{\*\fldinst HYPERLINK "x"}{\fldrslt länk}}}`: "länk",
		`{\rtf1 a` + strings.Repeat("{", 5000) + `b`:                "ab",
		`{\rtf1 a` + strings.Repeat("}", 5000) + `b`:                "ab",
		`{\rtf1 a\'`:                         "a",
		`{\rtf1 a\`:                          "a",
		`{\rtf1 \bin99999999999999999999 a}`: "",
	} {
		var got []string
		for _, l := range rtfLines([]byte(strings.NewReplacer("ä", `\'e4`).Replace(in))) {
			got = append(got, l.s)
		}
		if s := strings.Join(got, "\n"); s != want {
			t.Errorf("%.60s: %q, not %q", in, s, want)
		}
	}
}

// FuzzTNEF holds that no stream makes Parse panic, and that no file in it is said to be larger than it is.
func FuzzTNEF(f *testing.F) {
	f.Add(tnefOf(attribute(1, attBody, []byte("hej")), attribute(2, attAttachRend, nil), attribute(2, attAttachMAPI, props(prop(propAttachData, mapiObject, make([]byte, 20))))))
	f.Add(tnefOf(attribute(1, attMAPIProps, props(append(named(), prop(propRTFCompressed, mapiBinary, literalRTF(`{\rtf1\fromhtml1 \u229?{\*\htmltag <p>}\'f6\bin2 ab}`)))...))))
	f.Fuzz(func(t *testing.T, stream []byte) {
		m := &Message{}
		w := &walker{m: m, textLeft: maxDecoded}
		w.tnef(part{kind: "application/ms-tnef", body: stream})
		if w.spare != nil {
			w.spare()
		}
		for _, a := range m.Attachments {
			if a.Size > int64(len(stream)) {
				t.Fatalf("%+v of %d bytes", a, len(stream))
			}
		}
		decompressRTF(stream, 1<<16)
		rtfLines(stream)
	})
}
