package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	utfText "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var errUnknownCharset = errors.New("unknown charset")

// charsetReader is for mime.WordDecoder.
func charsetReader(label string, r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s, ok := decodeCharset(b, label)
	if !ok {
		return nil, errUnknownCharset
	}
	return strings.NewReader(s), nil
}

// decodeCharset makes UTF-8 of b. ok is false if the label is unknown; the text is then a guess.
//
// A declared UTF-8 is believed, as mail clients do. A declared single-byte Latin charset (or none) is not, where the bytes
// are UTF-8 beyond doubt: "Ã¥" was never meant. Undeclared 8-bit text that is not UTF-8 is Windows-1252. A byte order mark
// tells more than any label.
func decodeCharset(b []byte, label string) (s string, ok bool) {
	label = charsetName(label)
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")), strings.HasPrefix(label, "utf-32"):
		return decodeWith(utf32.UTF32(endOf(b, label, 4), utf32.UseBOM), b)
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")), strings.HasPrefix(label, "utf-16"):
		return decodeWith(utfText.UTF16(utfText.Endianness(endOf(b, label, 2)), utfText.UseBOM), b)
	case label == "utf-8":
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	case label == "utf-7" || label == "unicode-1-1-utf-7":
		return decodeUTF7(b), true
	}
	switch label {
	case "", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252":
		if label == "" && bytes.Contains(b, []byte("\x1b$")) {
			label = "iso-2022-jp" // nothing else has this escape
			break
		}
		if utf8.Valid(b) && !(label != "" && bytes.IndexByte(b, 0x1b) >= 0) {
			return string(b), true
		}
		if label != "iso-8859-15" {
			return decode1252(b), true
		}
	}
	enc, name := charset.Lookup(label)
	if enc == nil {
		enc, _ = ianaindex.MIME.Encoding(label)
	}
	if label == "hz-gb-2312" {
		enc, name = simplifiedchinese.HZGB2312, label
	}
	if enc == nil || name == "replacement" { // that is what browsers show for ISO-2022-KR and -CN: nothing
		if utf8.Valid(b) {
			return string(b), false
		}
		return decode1252(b), false
	}
	return decodeWith(enc, b)
}

func decodeWith(enc encoding.Encoding, b []byte) (s string, ok bool) {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD"), false
	}
	return string(out), true
}

// endOf tells the byte order of UTF-16 and UTF-32 without a mark: what the label says, else where the zeros of the first
// letter stand; RFC 2781 section 4.3 has the big end first.
func endOf(b []byte, label string, width int) utf32.Endianness {
	if strings.HasSuffix(label, "le") || !strings.HasSuffix(label, "be") && len(b) >= width && b[0] != 0 && b[width-1] == 0 {
		return utf32.LittleEndian
	}
	return utf32.BigEndian
}

var (
	isoLatin    = pattern(`^(?:iso)?[-_ ]?8859[-_ ]?(\d{1,2})(?:[-_:].*)?$`)
	windowsPage = pattern(`^(?:cp|win|windows|ms|x-cp|x-ansi)[-_]?(125[0-8]|874)$`)
	ibmPage     = pattern(`^(?:cp|ibm|dos)[-_]?(437|8[0-9]{2})$`)
)

// charsetAliases are names seen in mail that no table of charsets has, and names of no charset at all.
var charsetAliases = map[string]string{
	"utf8": "utf-8", "utf": "utf-8", "utf8mb4": "utf-8", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf16": "utf-16", "utf32": "utf-32",
	"ascii": "us-ascii", "ansi_x3.4-1968": "us-ascii", "iso646-us": "us-ascii", "latin1": "iso-8859-1", "latin-1": "iso-8859-1", "iso-latin-1": "iso-8859-1",
	"latin9": "iso-8859-15", "latin-9": "iso-8859-15",
	"default": "", "8bit": "", "7bit": "", "binary": "", "ansi": "", "none": "", "unknown": "", "unknown-8bit": "", "x-unknown": "", "_autodetect": "",
	"cp932": "shift_jis", "cp936": "gbk", "cp949": "euc-kr", "ms949": "euc-kr", "cp950": "big5", "gb-2312": "gbk", "gb_2312-80": "gbk",
	"x-mac-roman": "macintosh", "mac-roman": "macintosh", "hz": "hz-gb-2312", "cp65001": "utf-8",
}

// charsetName is the label as the tables of charsets have it.
func charsetName(label string) string {
	if label == "utf-8" || label == "" {
		return label
	}
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	if alias, ok := charsetAliases[label]; ok {
		return alias
	}
	if m := isoLatin().FindStringSubmatch(label); m != nil {
		return "iso-8859-" + m[1]
	}
	if m := windowsPage().FindStringSubmatch(label); m != nil {
		return "windows-" + m[1]
	}
	if m := ibmPage().FindStringSubmatch(label); m != nil {
		return "ibm" + m[1]
	}
	return label
}

func decode1252(b []byte) string {
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// decodeUTF7 reads UTF-7 (RFC 2152), which x/text does not know. A run that cannot be read is left as it is.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteByte(b[i])
			continue
		}
		end := i + 1
		for end < len(b) && isBase64(b[end]) {
			end++
		}
		switch run := b[i+1 : end]; {
		case len(run) == 0:
			out.WriteByte('+')
		default:
			out.WriteString(utf16BE(run))
		}
		if end < len(b) && b[end] == '-' {
			end++
		}
		i = end - 1
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD")
}

func utf16BE(run []byte) string {
	raw, err := base64.RawStdEncoding.DecodeString(string(run))
	if err != nil {
		raw = looseBase64(run, len(run))
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}
