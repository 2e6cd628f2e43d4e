package mail

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
}

// Inspect reads a mail for `frist inspect mail`.
func Inspect(file string, raw []byte) InspectResult {
	m := Parse(raw)
	r := InspectResult{
		File: file, MessageID: m.MessageID, From: m.From.Addr, Subject: m.Subject, Text: m.Text, Reply: m.Reply,
		AutoReply: m.AutoReply != "", Bounce: m.Bounce != nil, Attachments: m.Attachments, Problem: m.Problem,
	}
	if r.Attachments == nil {
		r.Attachments = []Attachment{}
	}
	return r
}
