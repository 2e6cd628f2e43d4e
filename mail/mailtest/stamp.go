package mailtest

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
)

// envelope is how a mail came in.
type envelope struct {
	from string // MAIL FROM, empty for a bounce
	user string // who had logged in, empty for the MX
	helo string
	peer string
}

// stamp puts the trace fields of a delivery on top of raw, with CRLF line ends,
// and takes away what the sender wrote in this system's name (RFC 8601 section 5).
func (s *Server) stamp(e envelope, rcpt string, raw []byte, received time.Time) []byte {
	header, body := splitHeader(crlf(raw))
	var b bytes.Buffer
	protocol := "ESMTP"
	if e.user != "" {
		protocol = "ESMTPSA"
	}
	fmt.Fprintf(&b, "Return-Path: <%s>\r\nDelivered-To: %s\r\n", e.from, rcpt)
	fmt.Fprintf(&b, "Authentication-Results: %s;\r\n %s\r\n", s.opt.AuthservID, s.results(e, header))
	fmt.Fprintf(&b, "Received: from %s (%s)\r\n by %s with %s\r\n for <%s>; %s\r\n",
		oneWord(e.helo), e.peer, s.opt.AuthservID, protocol, rcpt, received.Format(time.RFC1123Z))
	for _, f := range header {
		if strings.EqualFold(f.name, "Return-Path") || strings.EqualFold(f.name, "Authentication-Results") && s.forged(f.value) {
			continue
		}
		b.WriteString(f.raw)
	}
	b.Write(body)
	return b.Bytes()
}

// results is the verdict of RFC 8601 section 2.3: dmarc passes for the one
// address with which its sender has logged in, and for nothing else.
func (s *Server) results(e envelope, header []field) string {
	addr, ok := fromAddress(header)
	_, domain := splitAddress(addr)
	domain = oneWord(strings.ToLower(domain))
	switch {
	case e.user != "" && ok && strings.EqualFold(addr, e.user):
		return fmt.Sprintf("auth=pass smtp.auth=%s; dmarc=pass header.from=%s", e.user, domain)
	case e.user != "":
		return fmt.Sprintf("auth=pass smtp.auth=%s; dmarc=fail header.from=%s", e.user, domain)
	case ok && !s.local(addr):
		return "auth=none; dmarc=none header.from=" + domain
	}
	return "auth=none; dmarc=fail header.from=" + domain
}

// fromAddress is the one author of a mail; ok is false when there is none, or
// more than one, in one field or in several.
func fromAddress(header []field) (addr string, ok bool) {
	var values []string
	for _, f := range header {
		if strings.EqualFold(f.name, "From") {
			values = append(values, f.value)
		}
	}
	if len(values) != 1 {
		return "", false
	}
	list, err := netmail.ParseAddressList(values[0])
	if err != nil || len(list) == 0 {
		return "", false
	}
	return list[0].Address, len(list) == 1
}

// forged reports whether an incoming Authentication-Results names this system,
// or is so built that its reader might think so.
func (s *Server) forged(value string) bool {
	id, _, _ := strings.Cut(withoutComments(value), ";")
	words := strings.Fields(id)
	return len(words) == 0 || strings.EqualFold(strings.Trim(words[0], `"`), s.opt.AuthservID) || strings.ContainsAny(words[0], `"\`)
}

// withoutComments drops RFC 5322 comments, which may nest.
func withoutComments(v string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// field is one header field: raw with its line ends, value unfolded.
type field struct{ name, value, raw string }

// splitHeader parts a mail with CRLF line ends. Lines that are no field are
// kept as they are, without a name.
func splitHeader(raw []byte) (header []field, body []byte) {
	for len(raw) > 0 && !bytes.HasPrefix(raw, []byte("\r\n")) {
		end := lineEnd(raw)
		for end < len(raw) && (raw[end] == ' ' || raw[end] == '\t') {
			end += lineEnd(raw[end:])
		}
		line := string(raw[:end])
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			name = ""
		}
		header = append(header, field{
			name:  strings.TrimRight(name, " \t"),
			value: strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "")),
			raw:   line,
		})
		raw = raw[end:]
	}
	return header, raw
}

func lineEnd(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n")); i >= 0 {
		return i + 2
	}
	return len(b)
}

// crlf makes all line ends CRLF: LF and CR alone count as one too.
func crlf(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+len(raw)/40)
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; c {
		case '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			out = append(out, "\r\n"...)
		case '\n':
			out = append(out, "\r\n"...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// oneWord keeps what a stranger wrote from becoming more than one word.
func oneWord(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`;()"\<>`, r) {
			return -1
		}
		return r
	}, s)
	if clean == "" {
		return "unknown"
	}
	return clean
}
