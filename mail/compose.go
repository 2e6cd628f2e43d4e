package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const (
	// maxDraftID keeps a folded line under the 998 octets of RFC 5322 section 2.1.1.
	maxDraftID = 900
	// maxDraftReferences bounds what a long or hostile thread may add to each mail.
	maxDraftReferences = 40
)

// Draft is a mail to be composed.
type Draft struct {
	From    Address
	To      []Address
	ReplyTo Address // optional; may hold a +token
	Subject string
	Text    string // UTF-8, required
	HTML    string // UTF-8, optional: the same words for clients that show HTML

	MessageID  string   // without angle brackets, required
	InReplyTo  string   // without angle brackets, optional
	References []string // oldest first, without angle brackets

	Date          time.Time         // required
	AutoSubmitted string            // RFC 3834 section 5: "auto-replied" or "auto-generated" (the default)
	WantAbsence   bool              // Exchange may answer that the reader is away
	Headers       map[string]string // further fields; none that Compose writes itself
	Attachments   []DraftAttachment
}

// DraftAttachment is one attached file.
type DraftAttachment struct {
	Name string // file name; a path separator in it becomes "_"
	Type string // media type; empty means application/octet-stream
	Data []byte
}

// Compose renders a mail (RFC 5322, MIME): multipart/alternative of UTF-8 text
// and HTML in quoted-printable, inside multipart/mixed when there are
// attachments, with Auto-Submitted and X-Auto-Response-Suppress so that no
// autoresponder answers. A control character in any header value, name or
// address is an error: nothing is ever injected, nothing silently altered.
// Identifiers in References and In-Reply-To that cannot be written (they come
// from other people's mail) are left out.
func Compose(d Draft) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("compose mail: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	m.FromMailAddress(d.From.netmail())
	for _, to := range d.To {
		m.AddToMailAddress(to.netmail())
	}
	if d.ReplyTo.Addr != "" {
		m.ReplyToMailAddress(d.ReplyTo.netmail())
	}
	m.Subject(encodedSubject(singleSpaced(d.Subject)))
	m.SetDateWithValue(d.Date)
	m.SetMessageIDWithValue(d.MessageID)
	d.setHeaders(m)
	m.SetBodyString(gomail.TypeTextPlain, d.Text)
	if d.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, d.HTML)
	}
	for _, a := range d.Attachments {
		typ := a.Type
		if typ == "" {
			typ = "application/octet-stream"
		}
		err := m.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(typ)))
		if err != nil {
			return nil, fmt.Errorf("compose mail: attach file: %w", err)
		}
	}
	var b bytes.Buffer
	b.Grow(d.about())
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose mail: %w", err)
	}
	return b.Bytes(), nil
}

// about is how large the mail will be, in bytes: its attachments are encoded (RFC 2045 section 6.8), its texts a little.
func (d *Draft) about() int {
	n := 4<<10 + (len(d.Text)+len(d.HTML))*5/4
	for _, a := range d.Attachments {
		n += len(a.Data) * 11 / 8
	}
	return n
}

func (d *Draft) setHeaders(m *gomail.Msg) {
	auto := d.AutoSubmitted
	if auto == "" {
		auto = "auto-generated"
	}
	m.SetGenHeader("Auto-Submitted", auto)
	// Exchange's own switch, beside RFC 3834 (MS-OXCMAIL section 2.2.3.2.14): no receipts, no automatic answers.
	suppress := "All"
	if d.WantAbsence {
		suppress = "DR, NDR, RN, NRN, AutoReply" // all but OOF
	}
	m.SetGenHeader("X-Auto-Response-Suppress", suppress)
	if id := d.InReplyTo; writableID(id) {
		m.SetGenHeader("In-Reply-To", "<"+id+">")
	}
	if refs := referencesValue(d.References); refs != "" {
		m.SetGenHeader("References", refs)
	}
	for name, value := range d.Headers {
		m.SetGenHeader(gomail.Header(name), singleSpaced(value))
	}
}

// singleSpaced leaves no run of spaces at which go-mail could fold a line into
// one of white space alone (RFC 5322 section 3.2.2 calls that obsolete).
func singleSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// referencesValue keeps the thread's first identifier and its newest ones, as RFC
// 5322 section 3.6.4 needs the parent and clients like the root.
func referencesValue(ids []string) string {
	var kept []string
	for _, id := range ids {
		if writableID(id) {
			kept = append(kept, "<"+id+">")
		}
	}
	if n := len(kept); n > maxDraftReferences {
		kept = append(kept[:1:1], kept[n-maxDraftReferences+1:]...)
	}
	return strings.Join(kept, " ")
}

func (a Address) netmail() *netmail.Address {
	return &netmail.Address{Name: a.Name, Address: a.Addr}
}

// check is the only guard against injection: go-mail writes values as given.
func (d *Draft) check() error {
	if len(d.To) == 0 {
		return errors.New("no recipient")
	}
	if err := d.From.check("From"); err != nil {
		return err
	}
	for _, to := range d.To {
		if err := to.check("To"); err != nil {
			return err
		}
	}
	if d.ReplyTo != (Address{}) {
		if err := d.ReplyTo.check("Reply-To"); err != nil {
			return err
		}
	}
	if err := noControls("Subject", d.Subject); err != nil {
		return err
	}
	for _, id := range append([]string{d.MessageID, d.InReplyTo}, d.References...) {
		if err := noControls("message identifier", id); err != nil {
			return err
		}
	}
	switch {
	case !writableID(d.MessageID):
		return errors.New("no usable Message-ID")
	case d.Date.IsZero():
		return errors.New("no Date")
	case strings.TrimSpace(d.Text) == "":
		return errors.New("no text")
	case d.AutoSubmitted != "" && d.AutoSubmitted != "auto-replied" && d.AutoSubmitted != "auto-generated":
		return errors.New("unknown Auto-Submitted value")
	}
	return d.checkExtras()
}

func (d *Draft) checkExtras() error {
	for name, value := range d.Headers {
		if !isFieldName(name) || reservedField(name) {
			return fmt.Errorf("header field %.80q may not be set", name)
		}
		if err := noControls(name, value); err != nil {
			return err
		}
	}
	for _, a := range d.Attachments {
		if a.Name == "" {
			return errors.New("attachment without a name")
		}
		if err := noControls("attachment name", a.Name); err != nil {
			return err
		}
		if a.Type == "" {
			continue
		}
		if err := noControls("attachment type", a.Type); err != nil {
			return err
		}
		if _, _, err := mime.ParseMediaType(a.Type); err != nil {
			return fmt.Errorf("attachment type: %w", err)
		}
	}
	return nil
}

// check wants an addr-spec that parses back to itself, so that what looks like
// one address can never become two.
func (a Address) check(field string) error {
	if err := noControls(field, a.Name+a.Addr); err != nil {
		return err
	}
	p, err := netmail.ParseAddress("<" + a.Addr + ">")
	if err != nil || p.Address != a.Addr || p.Name != "" {
		return fmt.Errorf("%s: not one mail address", field)
	}
	return nil
}

// noControls refuses control characters; of those a tab alone is harmless.
func noControls(field, value string) error {
	for _, r := range value {
		if (r < ' ' && r != '\t') || r == 0x7f {
			return fmt.Errorf("%s: control character in value", field)
		}
	}
	return nil
}

// writableID reports whether id can stand between angle brackets (RFC 5322
// section 3.6.4). Unquoted spaces and brackets are what breaks a header apart.
func writableID(id string) bool {
	if id == "" || len(id) > maxDraftID {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// isFieldName is RFC 5322's ftext: printable ASCII without colon.
func isFieldName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != ""
}

// reservedField names the fields that Compose writes, those that a relay writes,
// and List-Unsubscribe, which would offer an employee to opt out of the law.
func reservedField(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id",
		"in-reply-to", "references", "mime-version", "auto-submitted", "x-auto-response-suppress",
		"return-path", "received", "delivered-to", "authentication-results",
		"user-agent", "x-mailer", "list-unsubscribe", "list-unsubscribe-post":
		return true
	}
	return strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "resent-")
}
