package mail

import (
	"context"
	"strings"
)

// InspectResult is how a mail was read, as `frist inspect mail` prints it. The keys up to problem are for programs and stay as they are.
type InspectResult struct {
	File        string       `json:"file"` // as given
	MessageID   string       `json:"message_id"`
	From        string       `json:"from"` // the address alone
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	Reply       string       `json:"reply"`
	AutoReply   bool         `json:"auto_reply"`
	Bounce      bool         `json:"bounce"`
	Attachments []Attachment `json:"attachments"` // never null
	Problem     string       `json:"problem"`
	Encrypted   string       `json:"encrypted,omitempty"` // smime, pgp or rpmsg
	// AuthservIDs are the names that begin its Authentication-Results, top-down, each once; "" is a field without a name (Exchange Online).
	AuthservIDs []string `json:"authserv_ids,omitempty"`
	// Why tells the reasons; nil for a file that could not be read.
	Why *InspectWhy `json:"why,omitempty"`
}

// InspectWhy is why a mail was read as it was.
type InspectWhy struct {
	Sender InspectSender `json:"sender"`
	// Token is the +part of an address that it was sent to, and TokenIn the field; with settings only of the bot's own address.
	Token      string   `json:"token,omitempty"`
	TokenIn    string   `json:"token_in,omitempty"`
	InReplyTo  []string `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	Automatic  string   `json:"automatic,omitempty"` // why it counts as automatic, a key
	BounceOf   string   `json:"bounce_of,omitempty"` // Message-ID of the mail that came back
	// Doubtful: the reply is a guess. Lines are not counted where they are empty.
	Doubtful   bool `json:"doubtful,omitempty"`
	TextLines  int  `json:"text_lines"`
	ReplyLines int  `json:"reply_lines"`
	CutLines   int  `json:"cut_lines"`
	// Taken, with settings, is what the bot would do with it: one of the Taken… keys.
	Taken string `json:"taken,omitempty"`
}

// InspectSender is whether From is believed, and by whose word.
type InspectSender struct {
	Mode string `json:"mode"` // as the setting mail.authentication, with what belongs to it
	// Assumed: without settings, the topmost server is taken for the organisation's own.
	Assumed bool   `json:"assumed,omitempty"`
	OK      bool   `json:"ok"`
	Reason  string `json:"reason"` // one of the Auth… keys
	Domain  string `json:"domain,omitempty"`
	By      string `json:"by,omitempty"` // the header field that decided
}

// What the bot does with a mail.
const (
	TakenAside      = "aside"      // a program wrote it: it gets no turn
	TakenUnverified = "unverified" // From is not believed: a new report is announced as unconfirmed, and no answer counts
	TakenKnown      = "known_only" // From is believed, but its domain is not allowed: only who has a part in an incident is heard as themselves
	TakenIn         = "in"         // it gets its turn
)

// Inspect reads a mail without settings.
func Inspect(file string, raw []byte) InspectResult {
	return Inspector{}.Inspect(context.Background(), file, raw)
}

// Inspector reads mails for `frist inspect mail`, with settings as the bot would. Without, both fields are nil.
type Inspector struct {
	Channel *Channel
	Allows  func(addr string) bool // whether a first mail from the address may open an incident
}

// Inspect reads a mail. With authentication: own it asks the name server.
func (i Inspector) Inspect(ctx context.Context, file string, raw []byte) InspectResult {
	m := Parse(raw)
	r := InspectResult{
		File: file, MessageID: m.MessageID, From: m.From.Addr, Subject: m.Subject, Text: m.Text, Reply: m.Reply,
		AutoReply: m.AutoReply != "", Bounce: m.Bounce != nil, Attachments: m.Attachments, Problem: m.Problem, AuthservIDs: m.AuthservIDs(),
		Encrypted: m.Encrypted,
	}
	if r.Attachments == nil {
		r.Attachments = []Attachment{}
	}
	r.Why = &InspectWhy{Sender: i.sender(ctx, raw, m), InReplyTo: m.InReplyTo, References: m.References,
		Automatic: m.AutoReply, Doubtful: m.Doubtful, TextLines: lines(m.Text), ReplyLines: lines(m.Reply), CutLines: lines(m.Cut)}
	if m.Bounce != nil {
		r.Why.BounceOf = m.Bounce.OriginalMessageID
	}
	i.findToken(m, r.Why)
	if i.Channel != nil {
		i.taken(m, r.Why)
	}
	return r
}

func lines(s string) (n int) {
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// sender judges From by the settings, or else by what the mail itself suggests.
func (i Inspector) sender(ctx context.Context, raw []byte, m *Message) InspectSender {
	t := Trust{Mode: TrustResults}
	if i.Channel != nil {
		t = i.Channel.Trust
	} else if ids := m.AuthservIDs(); len(ids) > 0 && ids[0] != "" {
		t.AuthservID = ids[0]
	} else if id := m.ExchangeTenant(); id != "" {
		t = Trust{Mode: TrustExchange, TenantID: id}
	}
	s := InspectSender{Mode: t.String(), Assumed: i.Channel == nil}
	var v Verdict
	if t.Mode == TrustOwn {
		var err error
		if v, err = i.Channel.Verifier.Verify(ctx, raw, m.Date); err != nil {
			v.Reason = AuthNoDNS
		}
	} else {
		v, s.By = t.Explain(m)
		s.By = strings.Join(strings.Fields(s.By), " ") // as it was folded says nothing
	}
	if s.OK, s.Reason, s.Domain = v.OK, v.Reason, v.Domain; s.Assumed && s.Reason == AuthNoServer {
		s.Reason = AuthNone
	}
	return s
}

// String names it as the settings do: the mode, and what belongs to it in brackets.
func (t Trust) String() string {
	switch t.Mode {
	case TrustExchange:
		return "exchange (" + t.TenantID + ")"
	case TrustOwn:
		return "own"
	}
	if t.AuthservID == "" {
		return "results"
	}
	return "results (" + t.AuthservID + ")"
}

// findToken finds the +part where the bot looks for it.
func (i Inspector) findToken(m *Message, w *InspectWhy) {
	for _, f := range []struct {
		name  string
		addrs []string
	}{{"To", addrs(m.To)}, {"Cc", addrs(m.Cc)}, {"Delivered-To", m.DeliveredTo}} {
		for _, a := range f.addrs {
			local, _, _ := strings.Cut(strings.Trim(a, "<> "), "@")
			_, token, plus := strings.Cut(local, "+")
			if i.Channel != nil {
				token = i.Channel.tokenIn(a)
				plus = token != ""
			}
			if plus {
				w.Token, w.TokenIn = token, f.name
				return
			}
		}
	}
}

func (i Inspector) taken(m *Message, w *InspectWhy) {
	switch {
	case m.Bounce != nil:
		w.Automatic = "bounce"
	case strings.EqualFold(m.From.Addr, i.Channel.Address):
		w.Automatic = "own_mail"
	case w.Automatic == "" && i.Channel.answersCheck(m):
		w.Automatic = "check"
	}
	switch {
	case w.Automatic != "":
		w.Taken = TakenAside
	case !w.Sender.OK:
		w.Taken = TakenUnverified
	case i.Allows != nil && !i.Allows(m.From.Addr):
		w.Taken = TakenKnown
	default:
		w.Taken = TakenIn
	}
}
