package mail

import "strings"

// InspectResult is how a mail was read, as `frist inspect mail` prints it.
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
	// AuthservIDs are the names that begin its Authentication-Results, top-down: one of them is what mail.authserv_id should be.
	AuthservIDs []string `json:"authserv_ids,omitempty"`
}

// Inspect reads a mail for `frist inspect mail`.
func Inspect(file string, raw []byte) InspectResult {
	m := Parse(raw)
	r := InspectResult{
		File: file, MessageID: m.MessageID, From: m.From.Addr, Subject: m.Subject, Text: m.Text, Reply: m.Reply,
		AutoReply: m.AutoReply != "", Bounce: m.Bounce != nil, Attachments: m.Attachments, Problem: m.Problem,
		Encrypted: m.Encrypted,
	}
	for _, v := range m.AuthenticationResults {
		if id, _, ok := strings.Cut(strings.TrimSpace(v), ";"); ok {
			r.AuthservIDs = append(r.AuthservIDs, strings.TrimSpace(id))
		}
	}
	if r.Attachments == nil {
		r.Attachments = []Attachment{}
	}
	return r
}
