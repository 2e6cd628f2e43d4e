package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// transferEncoding is the part's Content-Transfer-Encoding as a bare word: "base64", "quoted-printable", "uuencode", or ""
// where the bytes stand as they are.
func transferEncoding(fields []field) string {
	encoding := strings.ToLower(strings.Trim(strings.TrimSpace(get(fields, "content-transfer-encoding")), `"';`))
	switch encoding, _, _ = strings.Cut(encoding, " "); {
	case strings.HasPrefix(encoding, "base64"):
		return "base64"
	case strings.HasPrefix(encoding, "quoted"):
		return "quoted-printable"
	case encoding == "x-uuencode" || encoding == "uuencode" || encoding == "x-uue":
		return "uuencode"
	}
	return ""
}

// strictReader decodes as the standards say. go-message would convert charsets as well if the header named one; that is
// ours, so it sees the encoding only.
func strictReader(encoding string, body []byte) (io.Reader, error) {
	h := message.Header{Header: textproto.Header{}}
	h.Set("Content-Transfer-Encoding", encoding)
	entity, err := message.New(h, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return entity.Body, nil
}

// decodeTransfer undoes the Content-Transfer-Encoding up to limit bytes; more tells that there is more. Where go-message
// gives up, what can be decoded is. Without an encoding the result is body itself: it is not to be written to.
func decodeTransfer(fields []field, body []byte, limit int) (out []byte, more bool) {
	encoding := transferEncoding(fields)
	switch encoding {
	case "":
		out = body
	case "uuencode":
		out = uudecode(body, limit+1)
	case "quoted-printable":
		// What keeps the rules is decoded to the same: there is no need to try strictly first.
		out = looseQuotedPrintable(body, limit+1)
	default:
		if out = decodeStrict(encoding, body, limit+1); out == nil {
			out = decodeLoose(body, limit+1)
		}
	}
	if len(out) > limit {
		return out[:limit], true
	}
	return out, false
}

// decodeStrict gives nil for what breaks the rules.
func decodeStrict(encoding string, body []byte, limit int) []byte {
	r, err := strictReader(encoding, body)
	if err != nil {
		return nil
	}
	// ReadFrom wants room beyond the end, or it doubles the buffer to find that there is no more
	buf := bytes.NewBuffer(make([]byte, 0, min(limit, len(body))+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(r, int64(limit))); err != nil {
		return nil
	}
	return buf.Bytes()
}

func decodeLoose(body []byte, limit int) []byte {
	if mostlyBase64(body) {
		return looseBase64(body, limit)
	}
	return body // declared base64 and plainly is not: mail filters add text without encoding it
}

// decodedSize is the number of bytes after transfer decoding; they are counted and not kept.
func decodedSize(fields []field, body []byte) int {
	encoding := transferEncoding(fields)
	switch encoding {
	case "":
		return len(body)
	case "uuencode":
		return len(uudecode(body, len(body)))
	}
	if r, err := strictReader(encoding, body); err == nil {
		if n, err := io.Copy(io.Discard, r); err == nil {
			return int(n)
		}
	}
	if encoding == "base64" {
		n := 0
		for _, c := range body {
			if isBase64(c) {
				n++
			}
		}
		return n * 3 / 4
	}
	size := 0
	for len(body) > 0 { // line by line: no more than the longest is held
		_, rest := cutLine(body)
		size += len(looseQuotedPrintable(body[:len(body)-len(rest)], len(body)))
		body = rest
	}
	return size
}

// mostlyBase64 looks at the beginning: its first line is whole base64, or few bytes are not and words are not parted by spaces.
func mostlyBase64(b []byte) bool {
	b = bytes.TrimLeft(b[:min(len(b), 4096)], "\n ")
	if first, _ := cutLine(b); len(first)%4 == 0 && isBase64Line(first) {
		return true
	}
	strange, spaces := 0, 0
	for i, c := range b {
		switch {
		case isBase64(c) || c == '=' || c == '\n' || c == '\r' || c == '\t':
		case c == ' ':
			if i > 0 && isBase64(b[i-1]) && i+1 < len(b) && isBase64(b[i+1]) {
				spaces++
			}
		default:
			strange++
		}
	}
	return strange*4 <= len(b) && spaces*20 <= len(b)
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// looseBase64 decodes what can be, up to limit bytes: other characters are left out, padding may be missing, and base64 may
// begin anew after it. A line after the padding that is something else is a footer that a list has added, and ends it.
func looseBase64(b []byte, limit int) []byte {
	room := min(limit, len(b)) + 3
	out := make([]byte, 0, room)
	clean := make([]byte, 0, min(room*4/3+4, len(b)))
	flush := func() {
		if len(clean)%4 == 1 {
			clean = clean[:len(clean)-1]
		}
		buf := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
		n, _ := base64.RawStdEncoding.Decode(buf, clean)
		out, clean = append(out, buf[:n]...), clean[:0]
	}
	padded := false
	for len(b) > 0 && len(out)+len(clean)*3/4 <= limit {
		var line []byte
		line, b = cutLine(b)
		if padded && !isBase64Line(line) {
			break
		}
		for _, c := range line {
			switch {
			case isBase64(c):
				clean = append(clean, c)
			case c == '=' && len(clean) > 0:
				flush()
				padded = true
			}
		}
	}
	flush()
	return out[:min(len(out), limit)]
}

func isBase64Line(line []byte) bool {
	for _, c := range bytes.TrimSpace(line) {
		if !isBase64(c) && c != '=' {
			return false
		}
	}
	return true
}

// looseQuotedPrintable decodes what can be, up to about limit bytes, and leaves the rest as it stands (RFC 2045 section 6.7).
func looseQuotedPrintable(b []byte, limit int) []byte {
	out := make([]byte, 0, min(limit, len(b)))
	for len(b) > 0 && len(out) < limit {
		line, rest := cutLine(b)
		hadLF := len(line) < len(b)
		line = bytes.TrimRight(line, " \t\r")
		soft := false
		for i := 0; i < len(line) && len(out) < limit; i++ {
			if line[i] != '=' {
				end := len(line)
				if n := bytes.IndexByte(line[i:], '='); n >= 0 {
					end = i + n
				}
				end = min(end, i+limit-len(out))
				out = append(out, line[i:end]...)
				i = end - 1
				continue
			}
			switch {
			case i == len(line)-1:
				soft = true
			case i+2 < len(line) && unhex(line[i+1]) < 16 && unhex(line[i+2]) < 16:
				out = append(out, unhex(line[i+1])<<4|unhex(line[i+2]))
				i += 2
			default:
				out = append(out, '=')
			}
		}
		if hadLF && !soft {
			out = append(out, '\n')
		}
		b = rest
	}
	return out
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// uudecode decodes the lines between "begin" and "end", or all where these are missing, up to about limit bytes.
func uudecode(b []byte, limit int) []byte {
	var out []byte
	for len(b) > 0 && len(out) < limit {
		var line []byte
		line, b = cutLine(b)
		if line = bytes.TrimRight(line, "\r"); bytes.HasPrefix(line, []byte("begin ")) {
			out = out[:0]
			continue
		}
		n, ok := uuLength(string(line))
		if !ok || n == 0 {
			if bytes.Equal(line, []byte("end")) {
				break
			}
			continue
		}
		start := len(out)
		for i := 1; i < len(line); i += 4 {
			var q [4]byte
			for k := range q {
				if i+k < len(line) {
					q[k] = (line[i+k] - ' ') & 0x3f
				}
			}
			out = append(out, q[0]<<2|q[1]>>4, q[1]<<4|q[2]>>2, q[2]<<6|q[3])
		}
		out = out[:min(len(out), start+n)]
	}
	return out
}

// uuLength reads how many bytes a uuencoded line says it holds. Trailing spaces may have been lost, and some encoders add a
// checksum character.
func uuLength(line string) (n int, ok bool) {
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return 0, false
	}
	n = int(line[0]-' ') & 0x3f
	want := 1 + (n+2)/3*4
	if len(line) > want+2 {
		return 0, false
	}
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '`' {
			return 0, false
		}
	}
	return n, true
}
