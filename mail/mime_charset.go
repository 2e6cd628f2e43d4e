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
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
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
// are UTF-8 beyond doubt: "Ã¥" was never meant. Undeclared 8-bit text that is not UTF-8 is Windows-1252.
func decodeCharset(b []byte, label string) (s string, ok bool) {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	switch label {
	case "utf-8", "utf8":
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	case "utf-7", "unicode-1-1-utf-7":
		return decodeUTF7(b), true
	case "", "us-ascii", "ascii", "iso-8859-1", "iso8859-1", "latin1", "iso-8859-15", "windows-1252", "cp1252", "default", "8bit":
		if utf8.Valid(b) && !(label != "" && bytes.IndexByte(b, 0x1b) >= 0) {
			return string(b), true
		}
		if label != "iso-8859-15" {
			return decode1252(b), true
		}
	case "cp-850", "cp850", "ibm850":
		out, _ := charmap.CodePage850.NewDecoder().Bytes(b)
		return string(out), true
	}
	enc, _ := charset.Lookup(label)
	if enc == nil {
		enc, _ = ianaindex.MIME.Encoding(label)
	}
	if enc == nil {
		if utf8.Valid(b) {
			return string(b), false
		}
		return decode1252(b), false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD"), false
	}
	return string(out), true
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
