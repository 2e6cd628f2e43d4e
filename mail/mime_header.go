package mail

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// field is a header field: its name in lower case, its value unfolded and otherwise as it came.
type field struct{ name, value string }

// normaliseLines makes every line end LF. A mail whose lines end in CR alone comes from old Macs and some gateways; in
// any other mail a stray CR must not begin a header line, or a sender could smuggle one past the receiving server. What
// has no CR is not copied.
func normaliseLines(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	return normaliseInto(make([]byte, 0, len(raw)), raw)
}

// normaliseInto appends raw so to out, which may be raw[:0].
func normaliseInto(out, raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	cr, lf := bytes.IndexByte(raw, '\r'), bytes.IndexByte(raw, '\n')
	stray := byte(' ') // what a CR becomes that has no LF
	if lf < 0 || cr+1 < len(raw) && cr+1 < lf && raw[cr+1] != '\r' {
		stray = '\n'
	}
	for {
		i := bytes.IndexByte(raw, '\r')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		end := i + 1
		for stray == ' ' && end < len(raw) && raw[end] == '\r' {
			end++
		}
		switch {
		case end < len(raw) && raw[end] == '\n':
			out = append(out, '\n')
			end++
		default:
			out = append(out, stray)
		}
		raw = raw[end:]
	}
}

// splitHeader reads header fields up to the first empty line. A line that is no field is left out if fields go on after it,
// and else begins the body. m may be nil.
func splitHeader(b []byte, m *Message) (fields []field, body []byte) {
	b = bytes.TrimLeft(b, "\n")
	fields = make([]field, 0, 16)
	size := 0
	for first := true; len(b) > 0; first = false {
		line, rest := cutLine(b)
		if len(bytes.TrimSpace(line)) == 0 && (len(line) == 0 || len(fields) > 0) {
			return fields, rest
		}
		if size += len(line); size > maxHeaderBytes {
			line = line[:1] // of no more interest
		}
		name, value, ok := fieldLine(line)
		switch {
		case size > maxHeaderBytes || len(fields) >= maxFields:
			if m != nil {
				m.problem("header_too_large", "only the beginning of the header was read")
			}
			if end := bytes.Index(b, []byte("\n\n")); end >= 0 {
				return fields, b[end+2:]
			}
			return fields, nil
		case (line[0] == ' ' || line[0] == '\t') && len(fields) > 0:
			b = continued(b, &fields[len(fields)-1], &size)
			continue
		case ok:
			fields = append(fields, field{name, value})
		case first && bytes.HasPrefix(line, []byte("From ")), bytes.HasPrefix(line, []byte(">From ")):
			// an mbox separator
		default:
			if next, _ := cutLine(rest); bytes.HasPrefix(line, []byte("--")) || !looksLikeField(next) {
				return fields, b
			}
		}
		b = rest
	}
	return fields, nil
}

// continued appends all folded lines at once: one by one the time would grow with the square of their number. Their white
// space stays (RFC 5322 section 2.2.3 takes out the line end alone), so a fold changes nothing.
func continued(b []byte, f *field, size *int) []byte {
	var v strings.Builder
	v.WriteString(f.value)
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		line, rest := cutLine(b)
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if *size += len(line); *size > maxHeaderBytes {
			break
		}
		v.Write(line)
		b = rest
	}
	f.value = strings.Trim(v.String(), " \t")
	return b
}

func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

func looksLikeField(line []byte) bool {
	_, _, ok := fieldLine(line)
	return ok
}

// fieldLine reads "Name: value". A space before the colon is tolerated, as old clients wrote it.
func fieldLine(line []byte) (name, value string, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 200 {
		return "", "", false
	}
	key := bytes.TrimRight(line[:colon], " \t")
	for _, c := range key {
		if c <= ' ' || c >= 0x7f {
			return "", "", false
		}
	}
	return strings.ToLower(string(key)), string(bytes.Trim(line[colon+1:], " \t")), true
}

// fieldDecoder decodes header values. Raw 8-bit bytes are UTF-8 if they can be, else of the fallback charset: the body's,
// as mail clients do.
type fieldDecoder struct{ fallback string }

func (d fieldDecoder) words() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: charsetReader}
}

// text decodes encoded words (RFC 2047), and those that break its rules as Outlook's and Thunderbird's readers do.
func (d fieldDecoder) text(v string) string {
	if !utf8.ValidString(v) {
		v, _ = decodeCharset([]byte(v), d.fallback)
	}
	if strings.Contains(v, "=?") {
		v = decodeWords(v)
	}
	return strings.TrimSpace(oneLine(v))
}

// oneLine keeps a decoded value from holding line ends or control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// decodeWords decodes each encoded word that can be. Neighbours of one charset and encoding are joined before they are
// decoded, since some programs split a character between two words.
func decodeWords(v string) string {
	var out strings.Builder
	prev := ""         // charset and encoding of the word before
	var pending []byte // its undecoded content
	flush := func() {
		if prev == "" {
			return
		}
		if s, err := decodeWord(prev, string(pending)); err == nil {
			out.WriteString(s)
		} else {
			out.WriteString("=?" + prev + "?" + string(pending) + "?=")
		}
		prev, pending = "", pending[:0]
	}
	for v != "" {
		start := strings.Index(v, "=?")
		if start < 0 {
			break
		}
		head, content, end := encodedWord(v[start:])
		if end == 0 {
			flush()
			out.WriteString(v[:start+2])
			v = v[start+2:]
			continue
		}
		if prev == "" || strings.TrimSpace(v[:start]) != "" {
			flush()
			out.WriteString(v[:start])
		}
		if prev != "" && (prev != head || bytes.HasSuffix(pending, []byte("="))) {
			flush()
		}
		prev, pending = head, append(pending, content...)
		v = v[start+end:]
	}
	flush()
	out.WriteString(v)
	return out.String()
}

// encodedWord finds "=?charset?encoding?content?=" at the start of v; end is 0 if there is none.
func encodedWord(v string) (head, content string, end int) {
	limit := min(len(v), 4096)
	q1 := strings.IndexByte(v[2:limit], '?')
	if q1 < 1 || 2+q1+2 >= limit || v[2+q1+2] != '?' || !strings.ContainsRune("qQbB", rune(v[2+q1+1])) {
		return "", "", 0
	}
	from := 2 + q1 + 3
	stop := strings.Index(v[from:limit], "?=")
	if stop < 0 {
		return "", "", 0
	}
	charset, _, _ := strings.Cut(v[2:2+q1], "*") // RFC 2231 section 5 puts a language after it
	return strings.ToLower(charset) + "?" + strings.ToLower(v[2+q1+1:2+q1+2]), v[from : from+stop], from + stop + 2
}

func decodeWord(head, content string) (string, error) {
	charset, encoding, _ := strings.Cut(head, "?")
	var b []byte
	if encoding == "b" {
		b = looseBase64([]byte(content), len(content))
	} else {
		b = looseQuotedPrintable([]byte(strings.ReplaceAll(content, "_", "=20")), 3*len(content))
	}
	s, ok := decodeCharset(b, charset)
	if !ok {
		return "", errUnknownCharset
	}
	return s, nil
}

// addresses reads an address field as well as it can be read; see fromExact for where that will not do.
func (d fieldDecoder) addresses(v string) []Address {
	if !utf8.ValidString(v) {
		v, _ = decodeCharset([]byte(v), d.fallback)
	}
	if list, err := (&netmail.AddressParser{WordDecoder: d.words()}).ParseList(v); err == nil {
		return plainAddresses(list)
	}
	var out []Address
	for _, one := range splitAddresses(v) {
		name, addr := "", one
		if i := strings.LastIndexByte(one, '<'); i >= 0 {
			name = strings.Trim(strings.TrimSpace(one[:i]), `"`)
			addr, _, _ = strings.Cut(one[i+1:], ">")
		}
		addr = strings.Trim(strings.TrimSpace(addr), "<>;")
		if !strings.Contains(addr, "@") || strings.ContainsAny(addr, " \t") {
			name, addr = strings.TrimSpace(one), ""
		}
		if name != "" || addr != "" {
			out = append(out, Address{d.text(name), oneLine(addr)})
		}
		if len(out) > maxAddresses {
			break
		}
	}
	return out
}

func plainAddresses(list []*netmail.Address) (out []Address) {
	for _, a := range list {
		out = append(out, Address{oneLine(a.Name), oneLine(a.Address)})
	}
	return out
}

// splitAddresses splits at commas and semicolons that stand outside quotes and angle brackets.
func splitAddresses(v string) []string {
	var out []string
	quoted, angle, start := false, false, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '<' && !quoted:
			angle = true
		case c == '>' && !quoted:
			angle = false
		case (c == ',' || c == ';') && !quoted && !angle:
			out = append(out, strings.TrimSpace(v[start:i]))
			start = i + 1
		}
	}
	return append(out, strings.TrimSpace(v[start:]))
}
