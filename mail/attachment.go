package mail

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"frist/conversation"
)

// FileRules bound what is read of the files that come with a mail. A file beyond them is named to the DSO, and no more.
type FileRules struct {
	MaxSize  int64 // bytes of one file
	MaxFiles int   // in one mail
	// Refused are endings of names, without a dot and in lower case. A program is refused with "exe" whatever it is called.
	Refused []string
}

// orDefault is what holds where nothing is set.
func (r FileRules) orDefault() FileRules {
	if r.MaxSize == 0 {
		r.MaxSize = 10_000_000
	}
	if r.MaxFiles == 0 {
		r.MaxFiles = 20
	}
	return r
}

// Bounds of what one mail's files may cost, whatever they unpack to.
const (
	maxUnpacked   = 32 << 20 // bytes out of all archives
	maxNested     = 2        // mails within mails
	maxFileName   = 120      // characters
	decorationMax = 16 << 10 // bytes of a picture within the text that is taken for a logo
)

// fileReader reads the files of one mail.
type fileReader struct {
	rules    FileRules
	verdicts []verdict // by file; nil: nothing was scanned
	unpacked int64     // what may still be unpacked
	out      []conversation.Attachment
}

// readFiles describes the files of a mail, and those of the mails attached to it. Verdicts are the scanner's, in the order of m.Attachments; nil
// where no scanner is set. Nothing of a file's content is in what it returns but counts, times and domains.
func readFiles(m *Message, rules FileRules, verdicts []verdict) []conversation.Attachment {
	r := &fileReader{rules: rules.orDefault(), verdicts: verdicts, unpacked: maxUnpacked}
	for i := range m.Attachments {
		if f := m.file(i); !f.decorates() {
			r.file(f, r.verdict(i), "", 0)
		}
	}
	return r.out
}

func (r *fileReader) verdict(i int) verdict {
	switch {
	case r.verdicts == nil:
		return verdict{clean: true}
	case i < len(r.verdicts):
		return r.verdicts[i]
	}
	return verdict{}
}

// file reads one file, and where it is a mail the files of that.
func (r *fileReader) file(a filePart, v verdict, within string, depth int) {
	f := conversation.Attachment{Name: cleanName(a.Name), Type: a.Type, Declared: a.Type, Size: a.Size}
	f.Within = within
	var data []byte
	switch {
	case len(r.out) >= r.rules.MaxFiles:
		f.Refused = conversation.RefusedMany
	case a.Size > r.rules.MaxSize:
		f.Refused = conversation.RefusedSize
	case v.infected != "":
		f.Refused, f.Infected = conversation.RefusedInfects, v.infected
	case !v.clean:
		f.Refused = conversation.RefusedScan
	case a.body == nil && a.Size > 0:
		r.out = append(r.out, f) // it has no bytes of its own in the mail
		return
	default:
		data, _ = a.decode(r.rules.MaxSize)
	}
	if f.Refused != "" {
		if len(r.out) < maxAttachments {
			r.out = append(r.out, f)
		}
		return
	}
	kind := sniff(data)
	f.Type, f.Mismatch = kind.name, kind.differs(f.Name, a.Type)
	if kind.name == "text/plain" && strings.HasPrefix(a.Type, "text/") {
		f.Type = a.Type // what kind of text it is, bytes do not tell
	}
	if kind.refused(f.Name, r.rules.Refused) {
		f.Refused = conversation.RefusedType
	}
	at := len(r.out)
	r.out = append(r.out, f)
	if f.Refused != "" {
		return
	}
	if within == "" {
		max := r.rules.MaxSize
		r.out[at].Content = func() []byte {
			data, _ := a.decode(max)
			return data
		}
	}
	r.facts(at, kind, data, depth)
}

// facts fills in what can be seen in a file.
func (r *fileReader) facts(at int, kind fileKind, data []byte, depth int) {
	f := &r.out[at]
	switch {
	case kind.is("application/pdf"):
		f.Pages = pdfPages(data)
	case kind.mail(f.Name, f.Declared):
		m := Parse(data)
		mailFacts(&f.Facts, m)
		if f.Type == "text/plain" {
			f.Type = "message/rfc822"
		}
		if depth >= maxNested {
			return
		}
		name := f.Name
		for i := range m.Attachments {
			if inner := m.file(i); !inner.decorates() {
				r.file(inner, verdict{clean: true}, name, depth+1) // it was scanned with the mail that it is in
			}
		}
	case kind.text():
		t := newTable()
		t.readText(data, ending(f.Name))
		t.into(&f.Facts)
	case kind.zip():
		t := newTable()
		if r.unpacked = t.readWorkbook(data, r.unpacked); t.sheets > 0 {
			t.into(&f.Facts)
		}
	}
}

// content is a part's bytes as they came, still encoded, with the part's fields. A file that was found otherwise has none.
type content struct {
	fields []field
	body   []byte
}

// hold keeps the content of the part that was attached last.
func (w *walker) hold(fields []field, body []byte) {
	if n := len(w.m.Attachments); n > len(w.m.contents) {
		w.m.contents = append(append(w.m.contents, make([]content, n-1-len(w.m.contents))...), content{fields, body})
	}
}

// filePart is an attachment with its content.
type filePart struct {
	Attachment
	content
}

func (m *Message) file(i int) filePart {
	f := filePart{Attachment: m.Attachments[i]}
	if i < len(m.contents) {
		f.content = m.contents[i]
	}
	return f
}

// decorates tells a logo within a signature: a small picture that the text shows in its place (RFC 2392), which nobody attached.
func (a filePart) decorates() bool {
	if a.Size > decorationMax || !strings.HasPrefix(a.Type, "image/") {
		return false
	}
	disposition, _ := contentField(get(a.fields, "content-disposition"))
	return disposition != "attachment" && get(a.fields, "content-id") != ""
}

// decode undoes the Content-Transfer-Encoding of at most limit bytes; more is set where there are further ones.
func (a filePart) decode(limit int64) (data []byte, more bool) {
	return decodeTransfer(a.fields, a.body, int(limit))
}

// cleanName is a file's name for people: what stands after the last slash, on one line, without what turns the direction of text (Unicode TR 36,
// section 3.3), and shortened in its middle, so that its ending is always seen.
func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	var b strings.Builder
	for _, c := range name {
		switch {
		case unicode.IsSpace(c) || unicode.IsControl(c) || c == '\u2028' || c == '\u2029':
			b.WriteByte(' ')
		case unicode.Is(unicode.Cf, c) || c == utf8.RuneError || unicode.Is(unicode.Co, c):
		default:
			b.WriteRune(c)
		}
	}
	clean := []rune(strings.Join(strings.Fields(b.String()), " "))
	if len(clean) > maxFileName {
		const end = 20
		clean = append(append(clean[:maxFileName-end-1:maxFileName-end-1], '…'), clean[len(clean)-end:]...)
	}
	return strings.Trim(string(clean), ". ")
}

// ending is what stands after a name's last dot, in lower case.
func ending(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return strings.ToLower(name[i+1:])
	}
	return ""
}

// pdfPages counts the page objects that stand in clear (ISO 32000-1 section 7.7.3.3); 0 where they are compressed.
func pdfPages(data []byte) (n int) {
	for {
		i := bytes.Index(data, []byte("/Type"))
		if i < 0 {
			return n
		}
		data = bytes.TrimLeft(data[i+len("/Type"):], " \t\r\n")
		if rest, ok := bytes.CutPrefix(data, []byte("/Page")); ok && (len(rest) == 0 || rest[0] != 's') {
			n++
		}
	}
}
