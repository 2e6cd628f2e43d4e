package mail

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	utfText "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each charset under the names that mail gives it, and under wrong ones.
func TestCharsets(t *testing.T) {
	le, be := utfText.UTF16(utfText.LittleEndian, utfText.IgnoreBOM), utfText.UTF16(utfText.BigEndian, utfText.IgnoreBOM)
	for _, c := range []struct{ label, in, want string }{
		{"us-ascii", "Lön", "Lön"},
		{"us-ascii", "L\xf6n \x93x\x94", "Lön “x”"},
		{"ISO-8859-1", "\x80 50", "€ 50"}, // which ISO 8859-1 has not, and Windows-1252 has
		{"iso_8859-1:1987", "L\xf6n", "Lön"},
		{"8859_1", "L\xf6n", "Lön"},
		{"latin-1", "L\xf6n", "Lön"},
		{"iso-8859-15", "L\xf6n \xa4", "Lön €"},
		{"iso-8859-2", encoded(t, charmap.ISO8859_2, "Łódź"), "Łódź"},
		{"cp1250", encoded(t, charmap.Windows1250, "Łódź"), "Łódź"},
		{"win-1251", encoded(t, charmap.Windows1251, "письмо"), "письмо"},
		{"koi8-r", encoded(t, charmap.KOI8R, "письмо"), "письмо"},
		{"cp850", encoded(t, charmap.CodePage850, "Löner"), "Löner"},
		{"ibm437", encoded(t, charmap.CodePage437, "Löner"), "Löner"},
		{"macintosh", encoded(t, charmap.Macintosh, "Löner"), "Löner"},
		{"utf-16", "\xff\xfe" + encoded(t, le, "Lön"), "Lön"},
		{"utf-16", "\xfe\xff" + encoded(t, be, "Lön"), "Lön"},
		{"utf-16", encoded(t, be, "Lön"), "Lön"},
		{"utf-16le", encoded(t, le, "Lön"), "Lön"},
		{"utf-8", "\xff\xfe" + encoded(t, le, "Lön"), "Lön"},
		{"", "\xff\xfe" + encoded(t, le, "Lön"), "Lön"},
		{"utf-32", encoded(t, utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "Lön"), "Lön"},
		{"utf-8", "\xef\xbb\xbfLön", "Lön"},
		{"UTF8", "Lön", "Lön"},
		{"", encoded(t, japanese.ISO2022JP, "日本語"), "日本語"},
		{"iso-2022-jp", encoded(t, japanese.ISO2022JP, "日本語"), "日本語"},
		{"euc-jp", encoded(t, japanese.EUCJP, "日本語"), "日本語"},
		{"cp932", encoded(t, japanese.ShiftJIS, "日本語"), "日本語"},
		{"gb2312", encoded(t, simplifiedchinese.GBK, "中文"), "中文"},
		{"gb18030", encoded(t, simplifiedchinese.GB18030, "中文"), "中文"},
		{"hz-gb-2312", encoded(t, simplifiedchinese.HZGB2312, "中文"), "中文"},
		{"big5", encoded(t, traditionalchinese.Big5, "中文"), "中文"},
		{"ks_c_5601-1987", encoded(t, korean.EUCKR, "한국"), "한국"},
		{"iso-2022-kr", "hej", "hej"}, // not known here
		{"unknown-8bit", "L\xf6n", "Lön"},
	} {
		raw := "Content-Type: text/plain; charset=\"" + c.label + "\"\nContent-Transfer-Encoding: base64\n\n" + base64Of(c.in)
		if m := Parse([]byte(raw)); m.Text != c.want {
			t.Errorf("%s %q: %q, not %q (%s)", c.label, c.in, m.Text, c.want, m.Problem)
		}
	}
}
