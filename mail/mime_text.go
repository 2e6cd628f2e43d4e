package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// isText tells which media types clients show as text. RFC 2046 section 4.1.4 has an unknown one shown as plain text; those
// left out here are files.
func isText(kind string) bool {
	switch kind {
	case "text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/css", "text/javascript",
		"text/xml", "text/x-amp-html", "text/tab-separated-values", "text/x-sql", "text/x-log":
		return false
	case "application/rtf", "application/x-rtf":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

// looksBinary tells a file that calls itself text: an archive named .txt, say.
func looksBinary(p part) bool {
	label := strings.ToLower(p.params["charset"])
	if strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") || strings.HasPrefix(label, "ucs") || strings.HasPrefix(label, "unicode") {
		return false
	}
	begin := p.body[:min(len(p.body), 2048)]
	if transferEncoding(p.fields) == "quoted-printable" && !bytes.ContainsAny(begin, "\x00\x03") &&
		!bytes.Contains(begin, []byte("=00")) && !bytes.Contains(begin, []byte("=03")) {
		return false // neither zeros nor an archive's first bytes
	}
	b, _ := decodeTransfer(p.fields, begin, 1024)
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return false
	}
	return bytes.Count(b, []byte{0}) > len(b)/50+2 || bytes.HasPrefix(b, []byte("PK\x03\x04"))
}

// text reads a part that is shown. Once the text of an alternative was found, the others are not looked at.
func (w *walker) text(p part) []textLine {
	if w.quiet > 0 {
		return nil
	}
	var lines []textLine
	switch p.kind {
	case "text/html":
		lines = htmlLines(w.decodeHTML(p))
	case "text/enriched", "text/richtext":
		lines = htmlLines(enriched(w.decodeText(p, maxText)))
	case "text/rtf", "application/rtf", "application/x-rtf":
		b, _ := decodeTransfer(p.fields, p.body, min(4*maxText, w.textLeft))
		w.textLeft -= len(b)
		lines = rtfLines(b)
	default:
		lines = w.plain(p)
	}
	for i := range lines {
		if strings.ContainsAny(lines[i].s, "\r\x00") {
			lines[i].s = strings.NewReplacer("\r", " ", "\x00", "").Replace(lines[i].s)
		}
	}
	if lines = w.withoutPGP(lines); blank(lines) {
		return nil
	}
	return lines
}

// plain reads text/plain and what is taken for it. A page of HTML that calls itself plain is shown as a page.
func (w *walker) plain(p part) []textLine {
	s := w.decodeText(p, maxText+1)
	if begin := strings.ToLower(strings.TrimSpace(s[:min(len(s), 200)])); strings.HasPrefix(begin, "<!doctype html") || strings.HasPrefix(begin, "<html") {
		return htmlLines(s)
	}
	lines := plainLines(s, p.params)
	w.listBlocks(lines)
	return lines
}

// decodeText gives the part's text as UTF-8 with LF, of at most limit bytes before its charset is undone.
func (w *walker) decodeText(p part, limit int) string {
	b, more := decodeTransfer(p.fields, p.body, max(0, min(limit, w.textLeft)))
	w.textLeft -= len(b)
	if more {
		w.m.problem("text_truncated", "only the first part of the text was read")
	}
	s, ok := decodeCharset(b, p.params["charset"])
	if !ok && !more {
		w.m.problem("charset", "the text's charset is unknown or wrong")
	}
	if s = cleanText(s); more {
		s = strings.TrimRight(s, "\uFFFD") // half a character
	}
	return s
}

// decodeLines gives the part's bytes with LF, at most limit of them.
func (w *walker) decodeLines(p part, limit int) []byte {
	b, _ := decodeTransfer(p.fields, p.body, limit)
	return normaliseLines(b)
}

// cutString cuts after the first line end.
func cutString(s string) (line, rest string) {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// cleanText makes every line end LF and leaves out what no text holds.
func cleanText(s string) string {
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	s = strings.TrimPrefix(s, "\ufeff")
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// enriched makes HTML of text/enriched (RFC 1896) and text/richtext (RFC 1341): the first line end is a space, each further
// one a line end; "<<" or <lt> is an angle bracket.
func enriched(s string) string {
	s = strings.NewReplacer("<<", "&lt;", "<lt>", "&lt;", "<nl>", "<br>", "&", "&amp;").Replace(s)
	var out strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "\n<")
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		if rest, ok := strings.CutPrefix(s, "<param>"); ok {
			_, after, found := strings.Cut(rest, "</param>")
			if !found {
				return out.String()
			}
			s = after
			continue
		}
		n := len(s) - len(strings.TrimLeft(s, "\n"))
		switch n {
		case 0:
			out.WriteByte('<')
			s = s[1:]
		case 1:
			out.WriteByte(' ')
		default:
			out.WriteString(strings.Repeat("<br>", n-1))
		}
		s = s[n:]
	}
	out.WriteString(s)
	return out.String()
}

// invitation gives what a person wrote into a calendar entry (RFC 5545): its DESCRIPTION, else its SUMMARY.
func invitation(s string) []textLine {
	s = strings.NewReplacer("\n ", "", "\n\t", "").Replace(s)
	found := map[string]string{}
	alarm := false // it has a DESCRIPTION of its own
	for s != "" {
		var line string
		line, s = cutString(s)
		head, value, _ := strings.Cut(line, ":")
		name, _, _ := strings.Cut(strings.ToUpper(head), ";")
		switch {
		case strings.EqualFold(value, "VALARM"):
			alarm = name == "BEGIN"
		case !alarm && (name == "DESCRIPTION" || name == "SUMMARY") && found[name] == "":
			found[name] = value
		}
	}
	value := found["DESCRIPTION"]
	if value == "" {
		value = found["SUMMARY"]
	}
	return plainLines(strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(value), nil)
}

// plainLines makes lines of a text/plain part, undoing format=flowed (RFC 3676).
func plainLines(s string, params map[string]string) []textLine {
	s = strings.TrimSuffix(s, "\n")
	if s == "" {
		return nil
	}
	raw := strings.Split(s, "\n")
	if strings.EqualFold(params["format"], "flowed") {
		raw = unflow(raw, strings.EqualFold(params["delsp"], "yes"))
	}
	lines := make([]textLine, len(raw))
	for i, l := range raw {
		lines[i].s = l
	}
	return lines
}

// unflow joins lines of one quote depth that end in a space (RFC 3676 section 4).
func unflow(raw []string, delSp bool) []string {
	var out []string
	var b strings.Builder
	open, depth := false, 0
	for _, l := range raw {
		d := 0
		for d < len(l) && l[d] == '>' {
			d++
		}
		content := strings.TrimPrefix(l[d:], " ") // space-stuffing
		signature := content == "-- "
		if open && (d != depth || signature) {
			out, open = append(out, b.String()), false
		}
		if !open {
			b.Reset()
			if d > 0 {
				b.WriteString(strings.Repeat(">", d) + " ")
			}
			depth = d
		}
		flowed := strings.HasSuffix(content, " ") && !signature
		if flowed && delSp {
			content = content[:len(content)-1]
		}
		b.WriteString(content)
		if open = flowed; !open {
			out = append(out, b.String())
		}
	}
	if open {
		out = append(out, b.String())
	}
	return out
}
