package mail

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// textLine is a line of Text, with what the HTML said of it.
type textLine struct {
	s    string
	hint lineHint
}

// walker goes through the parts of a mail. Each part's bytes are cut out of its parent's, so a part that cannot be read
// takes nothing else with it, and time grows with depth times size. Only what becomes text is decoded and kept; the bytes
// of attachments are counted.
type walker struct {
	m        *Message
	parts    int
	depth    int
	textLeft int // bytes of text that may still be decoded
	quiet    int // > 0: within an alternative whose text was found already
	several  int // > 0: within a multipart of several parts
	// spare gives the text where no part has any: of a winmail.dat, an invitation. It may be nil.
	spare func() []textLine

	reportType  string   // of multipart/report (RFC 6522)
	statuses    [][]byte // bodies of message/delivery-status (RFC 3464)
	disposition bool     // a message/disposition-notification was seen (RFC 8098)
	feedback    bool     // a message/feedback-report was seen (RFC 5965)
	returned    [][]byte // returned mails or their headers, as they came
}

// part is one MIME part that is no multipart.
type part struct {
	fields   []field
	body     []byte
	kind     string // media type, lower case
	params   map[string]string
	name     string
	attached bool // it says of itself that it is no text to be shown
}

// charsetOf is the charset of a part, or "".
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

// mediaTypeOf repairs what is no media type: RFC 2045 section 5.2 has text/plain for what cannot be read.
func mediaTypeOf(value string) string {
	if i := strings.IndexAny(value, "<>()[]@,:\\\"'=? \t"); i >= 0 {
		value = value[:i]
	}
	switch major, minor, _ := strings.Cut(value, "/"); {
	case value == "html":
		return "text/html"
	case major == "multipart" && minor == "":
		return "multipart/mixed"
	case major == "" || minor == "":
		return "text/plain"
	}
	return value
}

// walk gives the lines that a mail client shows for a part, and notes attachments and reports.
func (w *walker) walk(fields []field, body []byte) []textLine {
	if w.parts++; w.parts > maxParts {
		w.m.problem("too_many_parts", "only the first parts were read")
		return nil
	}
	kind, params := contentField(get(fields, "content-type"))
	kind = mediaTypeOf(kind)
	if strings.HasPrefix(kind, "multipart/") {
		return w.multipart(kind, params, fields, body)
	}
	disposition, dparams := contentField(get(fields, "content-disposition"))
	p := part{fields: fields, body: body, kind: kind, params: params, name: fileName(dparams["filename"], params["name"])}
	p.attached = disposition == "attachment" || p.name != "" && kind != "text/html" && kind != "text/plain"
	return w.leaf(p)
}

// leaf reads a part by what it is. A forwarded mail in a part of its own is listed and not shown: what stands in it are not
// its sender's words, and often it is the very mail that went astray.
func (w *walker) leaf(p part) []textLine {
	switch {
	case p.kind == "message/delivery-status" || p.kind == "message/global-delivery-status":
		w.statuses = append(w.statuses, w.decodeLines(p, maxReport))
	case p.kind == "message/disposition-notification" || p.kind == "message/global-disposition-notification":
		w.disposition = true
	case p.kind == "message/feedback-report":
		w.feedback = true
	case p.kind == "message/rfc822" || p.kind == "message/global" || strings.HasPrefix(p.kind, "text/rfc822-header"):
		returned := w.decodeLines(p, maxReport)
		w.returned = append(w.returned, returned)
		w.attach(nameOfMail(p.name, returned), p.kind, decodedSize(p.fields, p.body))
		w.hold(p.fields, p.body)
	case p.isCMS():
		return w.cms(p)
	case p.kind == "application/ms-tnef" || p.kind == "application/vnd.ms-tnef" || strings.EqualFold(p.name, "winmail.dat"):
		w.tnef(p)
	case p.kind == "application/pgp-encrypted":
		w.encrypted(EncryptedPGP)
		w.attachPart(p)
	case p.kind == "application/x-microsoft-rpmsg-message" || strings.EqualFold(p.name, "message.rpmsg"):
		w.encrypted(EncryptedRPMSG)
		w.attachPart(p)
	case isText(p.kind) && !p.attached && !looksBinary(p):
		return w.text(p)
	case p.kind == "text/plain" && w.several == 0 && !looksBinary(p):
		// a mail that is nothing but a text file: that is what was sent
		w.attachPart(p)
		return w.text(p)
	default:
		if p.kind == "text/calendar" && w.spare == nil {
			w.spare = func() []textLine { return invitation(w.decodeText(p, maxText)) }
		}
		w.attachPart(p)
	}
	return nil
}

// encrypted notes how the mail, or a part of it, was encrypted; the first kind counts.
func (w *walker) encrypted(kind string) {
	if w.m.Encrypted == "" {
		w.m.Encrypted = kind
	}
	w.m.problem("encrypted", "the mail is encrypted and cannot be read")
}

func (w *walker) attachPart(p part) {
	w.attach(p.name, p.kind, decodedSize(p.fields, p.body))
	w.hold(p.fields, p.body)
}

func (w *walker) attach(name, mediaType string, size int) {
	if len(w.m.Attachments) >= maxAttachments {
		w.m.problem("too_many_attachments", "only the first attachments were listed")
		return
	}
	w.m.Attachments = append(w.m.Attachments, Attachment{Name: name, Type: mediaType, Size: int64(size)})
}

// multipart reads the parts of a multipart; of alternatives the plain text that is not empty is shown, else the last that
// has text (RFC 2046 section 5.1.4 has the best last, but what we want is the text). What the first part of a
// multipart/signed says is taken as it stands: nobody judges the signature here (RFC 1847).
func (w *walker) multipart(kind string, params map[string]string, fields []field, body []byte) []textLine {
	if w.depth >= maxDepth {
		w.m.problem("too_deep", "parts nested too deep were left out")
		return nil
	}
	w.depth++
	defer func() { w.depth-- }()
	switch {
	case kind == "multipart/report" && w.reportType == "":
		if w.reportType = strings.ToLower(params["report-type"]); w.reportType == "" {
			w.reportType = "unknown"
		}
	case kind == "multipart/encrypted":
		w.encrypted(encryptedBy(params["protocol"]))
	}
	parts := splitParts(body, params["boundary"])
	if len(parts) == 0 && transferEncoding(fields) != "" { // RFC 2045 section 6.4 forbids it, and yet
		body, _ = decodeTransfer(fields, body, len(body))
		body = normaliseLines(body)
		parts = splitParts(body, params["boundary"])
	}
	if len(parts) == 0 {
		return w.noParts(params, body)
	}
	if len(parts) > 1 {
		w.several++
		defer func() { w.several-- }()
	}
	return w.siblings(kind, parts)
}

func (w *walker) siblings(kind string, parts [][]byte) []textLine {
	var shown, plain []textLine
	for _, p := range parts {
		fields, content := partHeader(p)
		partKind, _ := contentField(get(fields, "content-type"))
		partKind = strings.TrimPrefix(partKind, "application/x-")
		partKind = strings.TrimPrefix(partKind, "application/")
		switch {
		case kind == "multipart/digest" && partKind == "":
			fields = append(fields, field{"content-type", "message/rfc822"})
		case kind == "multipart/signed" && (partKind == "pkcs7-signature" || partKind == "pgp-signature"):
			continue // clients show it as a mark
		case kind == "multipart/appledouble" && partKind == "applefile":
			continue // what only a Mac's file system wants to know (RFC 1740)
		}
		lines := w.walk(fields, content)
		switch {
		case blank(lines):
		case kind != "multipart/alternative":
			shown = append(shown, lines...)
		case plain == nil && (partKind == "text/plain" || partKind == ""):
			plain = lines
			w.quiet++
			defer func() { w.quiet-- }()
		default:
			shown = lines
		}
	}
	if plain != nil {
		return plain
	}
	return shown
}

// noParts shows a multipart without boundaries as the text that it then is.
func (w *walker) noParts(params map[string]string, body []byte) []textLine {
	w.m.problem("no_parts", "a multipart has no parts")
	if body = bytes.TrimSpace(body); len(body) == 0 || bytes.HasPrefix(body, []byte("--")) && !bytes.Contains(body, []byte("\n")) {
		return nil
	}
	return w.text(part{kind: "text/plain", body: body, params: map[string]string{"charset": params["charset"]}})
}

func blank(lines []textLine) bool {
	return !slices.ContainsFunc(lines, func(l textLine) bool {
		return strings.ContainsFunc(l.s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
	})
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
