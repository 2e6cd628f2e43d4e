// Package attachment looks at the files that people send, and tells of each what it is by its bytes, the rows of a table, and how many national
// identity numbers there are. Both channels use it. It does no I/O of its own: a channel hands it bytes, and the scanner that looks at them first.
package attachment

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frist/conversation"
	"frist/conversation/reading"
)

// Rules bound what is read of the files that come with a message. A file beyond them is named to the DSO, and no more.
type Rules struct {
	MaxSize  int64 // bytes of one file
	MaxFiles int   // in one message
	// Refused are endings of names, without a dot and in lower case. A program is refused with "exe" whatever it is called.
	Refused []string
}

// OrDefault is what holds where nothing is set.
func (r Rules) OrDefault() Rules {
	if r.MaxSize == 0 {
		r.MaxSize = 10_000_000
	}
	if r.MaxFiles == 0 {
		r.MaxFiles = 20
	}
	return r
}

// Bounds of what one message's files may cost, whatever they unpack to.
const (
	MaxNested   = 2        // mails within mails
	maxUnpacked = 32 << 20 // bytes out of all archives
	maxListed   = 200      // files that are named
	maxName     = 120      // characters
)

// ListedDomains is how many domains of recipients are named.
const ListedDomains = 20

// File is one file as a channel has it.
type File struct {
	Name string
	Type string // media type that the sender declared
	Size int64  // bytes
	// Open gives at most limit bytes; nil where the file has none of its own.
	Open func(limit int64) []byte
	// Verdict is the scanner's; Refused why the channel has not got the file, one of the conversation's Refused… keys.
	Verdict Verdict
	Refused string
}

// Letter is a mail among the files. Recipients are mail addresses, To and Cc.
type Letter struct {
	Sent       time.Time
	Text       string
	Recipients []string
	Files      []File
}

// Reader reads the files of one message at a time. Its zero value reads with the default rules, and no mails.
type Reader struct {
	Rules Rules
	// Letter reads a mail; nil: a mail among the files is read as text.
	Letter func([]byte) *Letter
}

// Read describes the files, and those of the mails among them. Nothing of a file's content is in what it returns but counts, times and domains.
func (r Reader) Read(files []File) []conversation.Attachment {
	one := &reader{Reader: Reader{Rules: r.Rules.OrDefault(), Letter: r.Letter}, unpacked: maxUnpacked}
	for _, f := range files {
		one.file(f, "", 0)
	}
	return one.out
}

// reader reads the files of one message.
type reader struct {
	Reader
	unpacked int64 // what may still be unpacked
	out      []conversation.Attachment
}

// refused is why a file is not read, "" if it may be.
func (r *reader) refused(a File) string {
	switch {
	case len(r.out) >= r.Rules.MaxFiles:
		return conversation.RefusedMany
	case a.Size > r.Rules.MaxSize:
		return conversation.RefusedSize
	case a.Refused != "":
		return a.Refused
	case a.Verdict.Infected != "":
		return conversation.RefusedInfects
	case !a.Verdict.Clean:
		return conversation.RefusedScan
	}
	return ""
}

// file reads one file, and where it is a mail the files of that.
func (r *reader) file(a File, within string, depth int) {
	f := conversation.Attachment{Name: CleanName(a.Name), Type: a.Type, Declared: a.Type, Size: a.Size}
	f.Within = within
	if f.Refused = r.refused(a); f.Refused != "" {
		if f.Refused == conversation.RefusedInfects {
			f.Infected = a.Verdict.Infected
		}
		if len(r.out) < maxListed {
			r.out = append(r.out, f)
		}
		return
	}
	if a.Open == nil {
		r.out = append(r.out, f)
		return
	}
	data := a.Open(r.Rules.MaxSize)
	kind := sniff(data)
	f.Type, f.Mismatch = kind.name, kind.differs(f.Name, a.Type)
	if kind.name == "text/plain" && strings.HasPrefix(a.Type, "text/") {
		f.Type = a.Type // what kind of text it is, bytes do not tell
	}
	if kind.refused(f.Name, r.Rules.Refused) {
		f.Refused = conversation.RefusedType
	}
	at := len(r.out)
	r.out = append(r.out, f)
	if f.Refused != "" {
		return
	}
	if within == "" {
		limit := r.Rules.MaxSize
		r.out[at].Content = func() []byte { return a.Open(limit) }
	}
	r.facts(at, kind, data, depth)
}

// facts fills in what can be seen in a file.
func (r *reader) facts(at int, kind fileKind, data []byte, depth int) {
	f := &r.out[at]
	switch {
	case kind.is("application/pdf"):
		f.Pages = pdfPages(data)
	case kind.mail(f.Name, f.Declared) && r.Letter != nil:
		m := r.Letter(data)
		letterFacts(&f.Facts, m)
		if f.Type == "text/plain" {
			f.Type = "message/rfc822"
		}
		if depth >= MaxNested {
			return
		}
		name := f.Name
		for _, inner := range m.Files {
			inner.Verdict = Verdict{Clean: true} // it was scanned with the mail that it is in
			r.file(inner, name, depth+1)
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

// letterFacts tells of an attached mail when it was sent, how many it went to, and at which domains they are.
func letterFacts(f *conversation.Facts, m *Letter) {
	f.Sent = m.Sent
	f.Personnummer = len(reading.FindPersonnummer(m.Text))
	seen := map[string]bool{}
	for _, addr := range m.Recipients {
		addr = strings.ToLower(addr)
		if addr == "" || seen[addr] {
			continue
		}
		seen[addr] = true
		f.Recipients++
		if d := DomainOf(addr); d != "" && !slices.Contains(f.Domains, d) && len(f.Domains) < ListedDomains {
			f.Domains = append(f.Domains, d)
		}
	}
	slices.Sort(f.Domains)
}

// DomainOf is the domain of a mail address in lower case, "" where it has none that is a name of hosts.
func DomainOf(addr string) string {
	i := strings.LastIndexByte(addr, '@')
	d := strings.ToLower(strings.Trim(addr[i+1:], " .>"))
	if i < 0 || len(d) > 100 || !strings.Contains(d, ".") {
		return ""
	}
	for _, c := range d {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return ""
		}
	}
	return d
}

// CleanName is a file's name for people: what stands after the last slash, on one line, without what turns the direction of text (Unicode TR 36,
// section 3.3), and shortened in its middle, so that its ending is always seen.
func CleanName(name string) string {
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
	if len(clean) > maxName {
		const end = 20
		clean = append(append(clean[:maxName-end-1:maxName-end-1], '…'), clean[len(clean)-end:]...)
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
