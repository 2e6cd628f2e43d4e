package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"path"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of what is read of one mail. What lies beyond is left out, and Problem says so.
const (
	maxRaw         = 64 << 20 // bytes of the whole mail
	maxHeaderBytes = 1 << 20  // bytes of one header section
	maxFields      = 2000     // fields of one header section
	maxParts       = 500      // MIME parts
	maxDepth       = 25       // multiparts within multiparts
	maxText        = 1 << 20  // bytes of Text
	maxDecoded     = 8 << 20  // bytes of all text parts, HTML included, that are decoded
	maxAddresses   = 1000     // in To and in Cc
	maxReferences  = 200      // message ids in References
	maxAttachments = 200
	maxReport      = 256 << 10 // bytes of a report or a returned mail that are looked at
	maxSubject     = 2000      // characters of Subject
)

// Address is one mailbox of an address field.
type Address struct {
	Name string // display name, decoded; never to be trusted
	Addr string // user@domain as written; "" where none could be read
}

// Attachment is a part that is not shown as text.
type Attachment struct {
	Name string `json:"name"` // file name without folders, decoded; may be ""
	Type string `json:"type"` // lower-case media type
	Size int64  `json:"size"` // bytes after transfer decoding
}

// Segment is a piece of new text, with the quoted lines directly above it (their first quote mark removed).
type Segment struct{ Quoted, Text string }

// Message is a mail as it was read.
type Message struct {
	MessageID   string // without angle brackets, as are InReplyTo and References
	InReplyTo   []string
	References  []string
	From        Address // the first of From
	Sender      Address
	ReplyTo     []Address // where its writer wants answers; never who wrote it
	To, Cc      []Address
	DeliveredTo []string // Delivered-To, X-Original-To and Envelope-To, top-down
	ReturnPath  string   // "<>" for the null sender, "" where there is no such field
	Subject     string
	Date        time.Time // zero where it could not be read; never to be trusted

	Text     string    // the whole text as a mail client shows it: text/plain, else made of HTML
	Reply    string    // the new text alone, its pieces parted by an empty line
	Segments []Segment // the pieces of Reply in order; a top-posted reply is one with no Quoted
	Doubtful bool      // Reply is empty or a guess
	Cut      string    // the lines of Text that Reply lacks

	AutoReply   string  // "" or why no person wrote it: one of the Auto… keys
	Absent      bool    // the automatic mail says that a person is away: a vacation notice, no receipt, list, ticket or bounce
	Bounce      *Bounce // nil unless it reports a failed delivery
	Attachments []Attachment

	// AuthenticationResults are the raw values of these fields, top-down (RFC 8601).
	AuthenticationResults []string
	// Loop holds what tells our own mail coming back: the fields X-Loop, X-Frist-* and Received, top-down, by
	// lower-case name.
	Loop map[string][]string

	// Encrypted is "" or how the mail or a part of it was encrypted: one of the Encrypted… keys. Nothing of that is in Text.
	Encrypted string
	// Problem is "" or what could not be read: a stable key, a colon, and short English.
	Problem string

	fields []field
	// contents are those of Attachments, in their order.
	contents []content
	// fromFields and fromExact serve Authenticated: an approval needs one address, read strictly.
	fromFields int
	fromExact  []*netmail.Address
}

// Parse reads a mail; it never returns nil and does not write to raw. It holds one copy of raw at most and only if that has a
// CR; attachments are decoded to count their bytes and not kept.
//
// Where it panics, which no mail is known to bring about, Problem begins with "panic:" and the fields hold what was read
// before: such a mail must be given to a person.
func Parse(raw []byte) *Message {
	m, _ := parse(raw)
	return m
}

// parse returns also the mail with LF, nil where reading it panicked.
func parse(raw []byte) (m *Message, normal []byte) {
	m = &Message{}
	m.guard(func() { normal = m.read(raw) })
	return m, normal
}

// problemPanic is the key of a Problem that is a fault of this program.
const problemPanic = "panic"

// guard turns a panic in f into a Problem that names the line at fault: one mail must not end the program, nor be lost.
func (m *Message) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			m.Problem = problemPanic + ": " + fmt.Sprint(r) + faultLine()
		}
	}()
	f()
}

// faultLine names the innermost line of this package that was running when it panicked.
func faultLine() string {
	pcs := make([]uintptr, 50)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); strings.HasPrefix(f.Function, "frist/mail.") {
			return fmt.Sprintf(" at %s:%d", path.Base(f.File), f.Line)
		}
	}
	return ""
}

func (m *Message) read(raw []byte) (normal []byte) {
	if len(raw) > maxRaw {
		raw = raw[:maxRaw]
		m.problem("too_large", "only the beginning was read")
	}
	normal = normaliseLines(raw)
	fields, body := splitHeader(normal, m)
	m.fields = fields
	if len(fields) == 0 {
		m.problem("no_header", "not a mail: no header fields")
	}
	m.readFields(charsetOf(fields))
	w := &walker{m: m, textLeft: maxDecoded}
	lines := w.walk(fields, body)
	if blank(lines) && w.spare != nil {
		lines = w.spare()
	}
	if m.Encrypted == EncryptedRPMSG && isRightsNotice(m) {
		lines = nil
	}
	if len(lines) == 0 && len(m.Attachments) == 0 && len(fields) == 0 && len(bytes.TrimSpace(body)) == 0 {
		m.Problem = "empty: the mail is empty"
	}
	m.setText(lines)
	m.Bounce = findBounce(m, w)
	m.AutoReply = findAutoReply(m, w)
	m.Absent = isAbsence(m)
	return normal
}

// isRightsNotice tells a mail whose readable text is Microsoft's, not its sender's: Exchange puts it around the encrypted
// message (MS-OXORMMS section 2.1.1).
func isRightsNotice(m *Message) bool {
	class, _ := m.first("content-class")
	return strings.EqualFold(class, "rpmsg.message")
}

// problem notes the first problem only: later ones mostly follow from it.
func (m *Message) problem(key, english string) {
	if m.Problem == "" {
		m.Problem = key + ": " + english
	}
}

// setText fills Text and what is extracted from it.
func (m *Message) setText(lines []textLine) {
	size := 0
	for _, l := range lines {
		size += len(l.s) + 1
	}
	var b strings.Builder
	b.Grow(min(size, maxText))
	for i, l := range lines {
		if rest := maxText - b.Len() - 1; len(l.s) > rest {
			lines[i].s = strings.ToValidUTF8(l.s[:max(rest, 0)], "")
			b.WriteString("\n" + lines[i].s)
			lines = lines[:i+1]
			m.problem("text_truncated", "only the first part of the text was read")
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.s)
	}
	m.Text = b.String()
	x := extract(lines, addressed{mine: m.mine, answers: m.answers()})
	m.Segments, m.Doubtful, m.Cut = x.segments, x.doubtful, x.cut
	pieces := make([]string, 0, len(x.segments))
	for _, s := range x.segments {
		pieces = append(pieces, s.Text)
	}
	m.Reply = strings.Join(pieces, "\n\n")
}

// mine tells whether the mail was written to addr, so that a quoted mail from addr is one that it answers. The part
// after a plus is left out: a reply goes to bot+token@ while its quote says bot@.
func (m *Message) mine(addr string) bool {
	want := bareAddress(addr)
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			if bareAddress(a.Addr) == want {
				return true
			}
		}
	}
	for _, a := range m.DeliveredTo {
		if bareAddress(a) == want {
			return true
		}
	}
	return false
}

// answers tells that the mail answers or forwards another.
func (m *Message) answers() bool {
	return len(m.InReplyTo) > 0 || len(m.References) > 0 || replied().MatchString(m.Subject)
}

func bareAddress(addr string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.Trim(addr, "<> \t")), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// readFields fills what stands in the header. A field that may occur once is read where it stands first, but for
// Message-ID: where there are two, servers show the last one in their ENVELOPE, so we do as well.
func (m *Message) readFields(bodyCharset string) {
	d := fieldDecoder{fallback: bodyCharset}
	for _, f := range m.fields {
		switch f.name {
		case "message-id":
			if ids := messageIDs(f.value, 1); len(ids) > 0 {
				m.MessageID = ids[0]
			}
		case "in-reply-to":
			m.InReplyTo = append(m.InReplyTo, messageIDs(f.value, maxReferences-len(m.InReplyTo))...)
		case "references":
			m.References = append(m.References, messageIDs(f.value, maxReferences-len(m.References))...)
		case "from":
			m.readFrom(d, f.value)
		case "sender":
			if as := d.addresses(f.value); len(as) > 0 && m.Sender.Addr == "" {
				m.Sender = as[0]
			}
		case "reply-to":
			m.ReplyTo = capped(append(m.ReplyTo, d.addresses(f.value)...))
		case "to":
			m.To = capped(append(m.To, d.addresses(f.value)...))
		case "cc":
			m.Cc = capped(append(m.Cc, d.addresses(f.value)...))
		case "delivered-to", "x-original-to", "envelope-to":
			if len(m.DeliveredTo) < maxReferences {
				m.DeliveredTo = append(m.DeliveredTo, strings.Trim(strings.TrimSpace(f.value), "<>"))
			}
		case "return-path":
			if m.ReturnPath == "" {
				m.ReturnPath = strings.TrimSpace(f.value)
			}
		case "subject":
			if m.Subject == "" {
				m.readSubject(d.text(f.value))
			}
		case "date":
			if t, err := parseDate(strings.TrimSpace(f.value)); err == nil && m.Date.IsZero() {
				m.Date = t
			}
		case "authentication-results":
			m.AuthenticationResults = append(m.AuthenticationResults, f.value)
		}
		if f.name == "x-loop" || f.name == "received" || strings.HasPrefix(f.name, "x-frist-") {
			if m.Loop == nil {
				m.Loop = map[string][]string{}
			}
			m.Loop[f.name] = append(m.Loop[f.name], f.value)
		}
	}
}

// parseDate tries the form that nearly every mail has first.
func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s); err == nil {
		return t, nil
	}
	return netmail.ParseDate(s)
}

// readSubject joins runs of white space, which folding leaves.
func (m *Message) readSubject(s string) {
	if s = strings.Join(strings.Fields(s), " "); len(s) > maxSubject {
		if r := []rune(s); len(r) > maxSubject {
			s = string(r[:maxSubject])
			m.problem("subject_truncated", "only the beginning of the subject was read")
		}
	}
	m.Subject = s
}

func (m *Message) readFrom(d fieldDecoder, value string) {
	m.fromFields++
	exact, err := (&netmail.AddressParser{WordDecoder: d.words()}).ParseList(value)
	var as []Address
	if err == nil {
		m.fromExact = append(m.fromExact, exact...)
		as = plainAddresses(exact)
	} else {
		m.fromFields++ // unreadable: counts as more than one, so never authenticated
	}
	if err != nil || !utf8.ValidString(value) {
		as = d.addresses(value)
	}
	if len(as) > 0 && m.From.Addr == "" {
		m.From = as[0]
	}
}

func capped(as []Address) []Address {
	if len(as) > maxAddresses {
		return as[:maxAddresses]
	}
	return as
}

// first is the first value of a field, trimmed, and whether it is there.
func (m *Message) first(name string) (string, bool) {
	for _, f := range m.fields {
		if f.name == name {
			return strings.TrimSpace(f.value), true
		}
	}
	return "", false
}

// messageIDs reads at most limit ids. Ids without angle brackets are taken as well: Exchange and old gateways write them.
func messageIDs(value string, limit int) []string {
	var ids []string
	for value != "" && len(ids) < limit {
		start := strings.IndexByte(value, '<')
		if start < 0 {
			break
		}
		end := strings.IndexByte(value[start:], '>')
		if end < 0 {
			value = strings.TrimSpace(value[start+1:])
			break
		}
		if id := oneLine(strings.Join(strings.Fields(value[start+1:start+end]), "")); id != "" {
			ids = append(ids, id)
		}
		value = value[start+end+1:]
	}
	if len(ids) == 0 && limit > 0 {
		for _, word := range strings.Fields(value) {
			if strings.Contains(word, "@") {
				return []string{oneLine(strings.Trim(word, "<>"))}
			}
		}
	}
	return ids
}
