package mail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"frist/conversation"
	"frist/conversation/attachment"
	"frist/templates"
)

// Engine is what the channel needs of the conversation.
type Engine interface {
	AcceptAll(context.Context, []conversation.RawInbound) (fresh []bool, err error)
	Handle(context.Context, conversation.InboundID) (conversation.Reply, error)
}

// Channel joins a mailbox to the engine: mails become inbound messages, outbound messages become mails.
type Channel struct {
	Engine Engine
	Words  *templates.Catalogue
	// Address is the bot's own, Name its display name.
	Address, Name string
	// Trust says whose word on a mail's sender counts; Verifier is what checks by itself, for TrustOwn.
	Trust    Trust
	Verifier *Verifier
	// PlusAddressing: the server delivers local+token@domain to local@domain (RFC 5233), so the reply address may hold the token.
	PlusAddressing bool
	// Sender sends a composed mail; *Sender does.
	Sender interface {
		Send(ctx context.Context, from string, to []string, raw []byte) error
	}
	// Files bounds what is read of attachments; Scanner, nil where none is set, looks at each before.
	Files   attachment.Rules
	Scanner attachment.Scanner
	// Alarm tells the administrator, once a day for each key; Kept loads the files that a message names. Either may be nil.
	Alarm func(ctx context.Context, key string, line conversation.Line) error
	Kept  func(context.Context, conversation.IncidentID, []conversation.Attachment) ([][]byte, error)
	Log   *slog.Logger

	parsed parsed
	parser func([]byte) *Message // nil: Parse
	watch  attachment.Watch
}

// oversizeField marks a mail of which only the header was fetched. A mail that comes with it is treated so as well: its writer is told.
const oversizeField = "X-Frist-Oversize"

// Read reads a raw mail as an inbound message.
func (c *Channel) Read(raw conversation.RawInbound) (*conversation.Inbound, error) {
	scanned, received := c.verdicts(raw.Raw)
	m := c.parsed.take(raw)
	if m == nil {
		m, _ = c.parse(received)
	}
	if strings.HasPrefix(m.Problem, problemPanic) {
		return nil, fmt.Errorf("read mail: %s", m.Problem)
	}
	verdict := c.Trust.Judge(m)
	if !verdict.OK {
		c.Log.Info("a mail's sender is not known", "inbound", raw.ID, "mode", cmp.Or(c.Trust.Mode, TrustResults), "reason", verdict.Reason)
	}
	in := &conversation.Inbound{
		From: conversation.Address{Channel: conversation.ChannelMail, ID: strings.ToLower(m.From.Addr)}, Authenticated: verdict.OK, Name: m.From.Name,
		Subject: m.Subject, MessageID: m.MessageID, Token: c.token(m), Doubtful: m.Doubtful,
		References: append(m.InReplyTo, reversed(m.References)...), Automatic: m.AutoReply, Absent: m.Absent,
	}
	in.Oversize = len(m.Loop[strings.ToLower(oversizeField)]) > 0
	switch {
	case m.Bounce != nil && m.Bounce.Delayed:
		in.Automatic = "delayed" // the server tries on, and reports again if it gives up
	case m.Bounce != nil:
		in.Automatic, in.Bounced = "bounce", m.Bounce.OriginalMessageID
		in.Token = cmp.Or(in.Token, c.returned(received))
	}
	in.Guessed = m.guessed()
	if in.From.ID == strings.ToLower(c.Address) {
		in.Automatic = "own_mail"
	}
	if in.Automatic == "" && c.answersCheck(m) {
		in.Automatic = "check"
	}
	if m.Text != m.Reply {
		in.Whole = m.Text
	}
	in.Text, in.Parts = answersBetween(m)
	if n := len(in.Parts); n > 0 {
		in.Parts[n-1].Text = cutClosing(in.Parts[n-1].Text, m.From.Name)
	}
	in.Text = cutClosing(in.Text, m.From.Name)
	in.Attachments = readFiles(m, c.Files, scanned)
	if len(m.Attachments) > 0 {
		in.Bare = func() []byte { return WithoutAttachments(received) }
	}
	if in.Token == "" && len(in.References) == 0 && in.Text == "" && len(in.Parts) == 0 {
		in.Text = m.Text
	}
	if m.Encrypted != "" { // what stands beside it in the open is not all that was meant
		in.Doubtful = true
		if in.Text == "" && len(in.Parts) == 0 {
			in.Encrypted = m.Encrypted
		}
	}
	return in, nil
}

// marker is how our mails number a question: "[16]" at the start of its line.
var marker = pattern(`(?m)^[>\s]*\[([0-9]{1,2}(?:-[0-9]{1,2})?|[A-Z])\]`)

// answersBetween ties the text that stands below a quoted question to it; the rest is the message's own text.
func answersBetween(m *Message) (text string, parts []conversation.Part) {
	var rest []string
	interleaved := len(m.Segments) > 1
	for _, s := range m.Segments {
		found := marker().FindAllStringSubmatch(s.Quoted, -1)
		if !interleaved || len(found) == 0 {
			rest = append(rest, s.Text)
			continue
		}
		parts = append(parts, conversation.Part{Field: found[len(found)-1][1], Text: s.Text})
	}
	return strings.Join(rest, "\n\n"), parts
}

func reversed(list []string) []string {
	out := make([]string, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i])
	}
	return out
}

// returnedMax bounds where a reply address is looked for in a mail that came back.
const returnedMax = 256 << 10

// returned finds the reply token in what a server sent back of a mail of ours: its Reply-To is often there where its Message-ID is not.
func (c *Channel) returned(raw []byte) string {
	raw = bytes.ToLower(raw[:min(len(raw), returnedMax)])
	local, domain, _ := strings.Cut(strings.ToLower(c.Address), "@")
	for rest := raw; ; {
		i := bytes.Index(rest, []byte(local+"+"))
		if i < 0 {
			return ""
		}
		rest = rest[i+len(local)+1:]
		if token, host, ok := bytes.Cut(rest[:min(len(rest), 64+len(domain))], []byte("@")); ok && bytes.HasPrefix(host, []byte(domain)) && replyToken().Match(token) {
			return string(token)
		}
	}
}

// replyToken is what the engine makes: its time and 100 random bits in base32.
var replyToken = pattern(`^[a-z2-7]{26}$`)

// token finds the reply token in the address that the mail was sent to.
func (c *Channel) token(m *Message) string {
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			if t := c.tokenIn(a.Addr); t != "" {
				return t
			}
		}
	}
	for _, a := range m.DeliveredTo {
		if t := c.tokenIn(a); t != "" {
			return t
		}
	}
	return ""
}

// tokenIn is the +part of one of the bot's own addresses, "" of any other.
func (c *Channel) tokenIn(addr string) string {
	local, domain, _ := strings.Cut(strings.ToLower(c.Address), "@")
	rest, ok := strings.CutPrefix(strings.ToLower(strings.Trim(addr, "<> ")), local+"+")
	if !ok {
		return ""
	}
	token, host, ok := strings.Cut(rest, "@")
	if !ok || host != domain {
		return ""
	}
	return token
}

// ReplyAddress is where an answer to a message with the token goes.
func (c *Channel) ReplyAddress(token string) string {
	local, domain, _ := strings.Cut(c.Address, "@")
	if !c.PlusAddressing || token == "" {
		return c.Address
	}
	return local + "+" + token + "@" + domain
}

// Send puts a message into words and sends it. It implements conversation.Sender.
func (c *Channel) Send(ctx context.Context, d conversation.Delivery) (ref string, err error) {
	out := d.Outbound
	reply := c.ReplyAddress(out.Token)
	words, err := c.Words.Mail(out, templates.MailContext{ReplyAddress: reply, BotName: c.Name})
	if err != nil {
		return "", &conversation.Fault{Reason: "not_rendered", Permanent: true, Err: err}
	}
	draft := Draft{From: Address{Name: c.Name, Addr: c.Address}, To: []Address{{Name: d.Name, Addr: d.To.ID}}, ReplyTo: Address{Name: c.Name, Addr: reply},
		Subject: words.Subject, Text: words.Text, HTML: words.HTML, MessageID: out.MessageID, InReplyTo: out.InReplyTo, Date: out.At.In(conversation.Stockholm()),
		AutoSubmitted: "auto-generated", WantAbsence: out.Kind == conversation.MessageAlert}
	if out.InReplyTo != "" {
		draft.References = []string{out.InReplyTo}
	}
	if out.AutoReplied {
		draft.AutoSubmitted = "auto-replied"
	}
	for _, a := range words.Attachments {
		draft.Attachments = append(draft.Attachments, DraftAttachment{Name: a.Name, Type: a.Type, Data: a.Data})
	}
	if err := c.attachKept(ctx, out, &draft); err != nil {
		return "", err
	}
	raw, err := Compose(draft)
	if err != nil {
		return "", &conversation.Fault{Reason: "not_composed", Permanent: true, Err: err}
	}
	if err := c.Sender.Send(ctx, c.Address, []string{d.To.ID}, raw); err != nil {
		f := &conversation.Fault{Reason: "smtp", Err: err}
		if se := (*SendError)(nil); errors.As(err, &se) {
			f.Permanent, f.Reason = se.Permanent, fmt.Sprintf("smtp_%d", se.Code)
		}
		return "", f
	}
	return "", nil
}

// Domain is the bot's mail domain, for Message-IDs.
func (c *Channel) Domain() string {
	_, domain, _ := strings.Cut(c.Address, "@")
	return domain
}
