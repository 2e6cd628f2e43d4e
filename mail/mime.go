package mail

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// textLine is a line of Text, with what the HTML said of it.
type textLine struct {
	s    string
	hint lineHint
}

// walker goes through the parts of a mail. Each part's bytes are cut out of its parent's, so a part that cannot be read
// takes nothing else with it, and time grows with depth times size.
type walker struct {
	m           *Message
	bodyCharset string
	parts       int
	depth       int

	reportType  string   // of multipart/report (RFC 6522)
	statuses    [][]byte // bodies of message/delivery-status (RFC 3464)
	disposition bool     // a message/disposition-notification was seen (RFC 8098)
	feedback    bool     // a message/feedback-report was seen (RFC 5965)
	returned    [][]byte // returned mails or their headers, as they came
}

// charsetOf is the charset of a part, or of the first part that names one.
func charsetOf(fields []field) string {
	_, params := contentField(get(fields, "content-type"))
	return params["charset"]
}

func get(fields []field, name string) string {
	for _, f := range fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// walk gives the lines that a mail client shows for a part, and notes attachments and reports.
func (w *walker) walk(fields []field, body []byte) []textLine {
	if w.parts++; w.parts > maxParts {
		w.m.problem("too_many_parts", "only the first parts were read")
		return nil
	}
	mediaType, params := contentField(get(fields, "content-type"))
	if !strings.Contains(mediaType, "/") {
		mediaType = "text/plain" // RFC 2045 section 5.2, also for what cannot be read
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		return w.multipart(mediaType, params, body)
	}
	disposition, dparams := contentField(get(fields, "content-disposition"))
	name := fileName(dparams["filename"], params["name"])
	attached := disposition == "attachment" || name != "" && w.parts > 1 && mediaType != "text/html" && mediaType != "text/plain"
	switch {
	case mediaType == "message/delivery-status" || mediaType == "message/global-delivery-status":
		w.statuses = append(w.statuses, decodeTransfer(fields, body))
	case mediaType == "message/disposition-notification" || mediaType == "message/global-disposition-notification":
		w.disposition = true
	case mediaType == "message/feedback-report":
		w.feedback = true
	case mediaType == "message/rfc822" || mediaType == "message/global" || strings.HasPrefix(mediaType, "text/rfc822-header"):
		returned := decodeTransfer(fields, body)
		w.returned = append(w.returned, returned)
		w.attach(nameOfMail(name, returned), mediaType, len(returned))
	case mediaType == "text/plain" && !attached:
		return plainLines(w.decodeText(fields, body, params["charset"]), params)
	case mediaType == "text/html" && !attached:
		return htmlLines(w.decodeHTML(fields, body, params["charset"]))
	case (mediaType == "text/enriched" || mediaType == "text/richtext") && !attached:
		return htmlLines(w.decodeText(fields, body, params["charset"]))
	case mediaType == "text/plain" && w.parts == 1:
		// a mail that is nothing but an attachment: its text is still what was sent
		w.attach(name, mediaType, len(decodeTransfer(fields, body)))
		return plainLines(w.decodeText(fields, body, params["charset"]), params)
	default:
		if strings.Contains(mediaType, "pkcs7-mime") || strings.Contains(mediaType, "pgp-encrypted") {
			w.m.problem("encrypted", "the mail is encrypted and cannot be read")
		}
		w.attach(name, mediaType, len(decodeTransfer(fields, body)))
	}
	return nil
}

func (w *walker) attach(name, mediaType string, size int) {
	if len(w.m.Attachments) >= maxAttachments {
		w.m.problem("too_many_attachments", "only the first attachments were listed")
		return
	}
	w.m.Attachments = append(w.m.Attachments, Attachment{Name: name, Type: mediaType, Size: int64(size)})
}

// multipart reads the parts of a multipart; of alternatives the plain text that is not empty is shown, else the last that
// has text (RFC 2046 section 5.1.4 has the best last, but what we want is the text).
func (w *walker) multipart(mediaType string, params map[string]string, body []byte) []textLine {
	if w.depth >= maxDepth {
		w.m.problem("too_deep", "parts nested too deep were left out")
		return nil
	}
	w.depth++
	defer func() { w.depth-- }()
	if mediaType == "multipart/report" && w.reportType == "" {
		w.reportType = strings.ToLower(params["report-type"])
		if w.reportType == "" {
			w.reportType = "unknown"
		}
	}
	parts := splitParts(body, params["boundary"])
	if len(parts) == 0 {
		w.m.problem("no_parts", "a multipart has no parts")
		if body = bytes.TrimSpace(body); len(body) == 0 || bytes.HasPrefix(body, []byte("--")) && !bytes.Contains(body, []byte("\n")) {
			return nil
		}
		s, _ := decodeCharset(body, w.bodyCharset)
		return plainLines(s, nil)
	}
	var shown, plain []textLine
	for _, p := range parts {
		fields, content := partHeader(p)
		if mediaType == "multipart/digest" && get(fields, "content-type") == "" {
			fields = append(fields, field{"content-type", "message/rfc822"})
		}
		kind, _ := contentField(get(fields, "content-type"))
		lines := w.walk(fields, content)
		switch {
		case blank(lines):
		case mediaType != "multipart/alternative":
			shown = append(shown, lines...)
		case plain == nil && (kind == "text/plain" || kind == ""):
			plain = lines
		default:
			shown = lines
		}
	}
	if plain != nil {
		return plain
	}
	return shown
}

func blank(lines []textLine) bool {
	for _, l := range lines {
		if strings.TrimSpace(l.s) != "" {
			return false
		}
	}
	return true
}

// partHeader reads a part's header. A part that begins with an empty line has none (RFC 2046 section 5.1).
func partHeader(p []byte) ([]field, []byte) {
	if len(p) == 0 || p[0] == '\n' {
		return nil, bytes.TrimPrefix(p, []byte("\n"))
	}
	return splitHeader(p, nil)
}

// splitParts cuts a multipart's body at its boundary lines. What stands before the first is for clients of before MIME; a
// missing last boundary is tolerated. Without a boundary parameter the first line that looks like one is taken.
func splitParts(body []byte, boundary string) [][]byte {
	delimiter := []byte("--" + strings.TrimRight(boundary, " \t"))
	if boundary == "" {
		if delimiter = guessDelimiter(body); delimiter == nil {
			return nil
		}
	}
	var parts [][]byte
	start, pos := -1, 0
	for pos < len(body) && len(parts) <= maxParts {
		line, rest := cutLine(body[pos:])
		next := len(body) - len(rest)
		if bytes.HasPrefix(line, delimiter) {
			switch tail := bytes.TrimRight(line[len(delimiter):], " \t"); {
			case len(tail) == 0:
				if start >= 0 {
					parts = append(parts, partBytes(body, start, pos))
				}
				start = next
			case bytes.Equal(tail, []byte("--")):
				if start >= 0 {
					parts = append(parts, partBytes(body, start, pos))
				}
				return parts
			}
		}
		pos = next
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts
}

// partBytes leaves out the line end before the boundary, which belongs to the boundary.
func partBytes(body []byte, start, end int) []byte {
	if end > start && body[end-1] == '\n' {
		end--
	}
	return body[start:max(start, end)]
}

func guessDelimiter(body []byte) []byte {
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		next, _ := cutLine(rest)
		if len(line) > 2 && bytes.HasPrefix(line, []byte("--")) && bytes.HasPrefix(bytes.ToLower(next), []byte("content-")) {
			return bytes.TrimRight(line, " \t")
		}
	}
	return nil
}

// decodeTransfer undoes the Content-Transfer-Encoding. Where go-message gives up, what can be decoded is.
func decodeTransfer(fields []field, body []byte) []byte {
	encoding := strings.ToLower(strings.Trim(strings.TrimSpace(get(fields, "content-transfer-encoding")), `"';`))
	if encoding, _, _ = strings.Cut(encoding, " "); encoding == "" || encoding == "7bit" || encoding == "8bit" || encoding == "binary" {
		return body
	}
	// go-message converts charsets as well if the header names one; that is ours, so it sees the encoding only
	var h message.Header
	h.Header = textproto.Header{}
	h.Set("Content-Transfer-Encoding", encoding)
	if entity, err := message.New(h, bytes.NewReader(body)); err == nil {
		if out, err := io.ReadAll(entity.Body); err == nil {
			return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
		}
	}
	switch {
	case strings.HasPrefix(encoding, "base64"):
		return looseBase64(body)
	case strings.HasPrefix(encoding, "quoted"):
		return looseQuotedPrintable(body)
	}
	return body
}

func (w *walker) decodeText(fields []field, body []byte, charset string) string {
	b := decodeTransfer(fields, body)
	if len(b) > 4*maxText {
		b = b[:4*maxText]
		w.m.problem("text_truncated", "only the first part of the text was read")
	}
	s, ok := decodeCharset(b, charset)
	if !ok {
		w.m.problem("charset", "the text's charset is unknown or wrong")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(s, "\x00", "")
}

// fileName is the first name given, without folders and without what could mislead a reader.
func fileName(names ...string) string {
	for _, name := range names {
		name = fieldDecoder{}.text(name)
		name = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) { // bidirectional overrides hide an ending
				return -1
			}
			return r
		}, name)
		if i := strings.LastIndexAny(name, `/\`); i >= 0 {
			name = name[i+1:]
		}
		if name = strings.TrimSpace(name); name != "" {
			if r := []rune(name); len(r) > 255 {
				name = string(r[:255])
			}
			return name
		}
	}
	return ""
}

// nameOfMail names an attached mail by its subject, as clients show it.
func nameOfMail(name string, mail []byte) string {
	if name != "" {
		return name
	}
	fields, _ := splitHeader(mail, nil)
	if subject := (fieldDecoder{}).text(get(fields, "subject")); subject != "" {
		return fileName(strings.NewReplacer("/", "-", `\`, "-").Replace(subject) + ".eml")
	}
	return ""
}
