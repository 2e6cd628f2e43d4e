package mail

import (
	"strings"

	"frist/conversation"
	"frist/conversation/attachment"
)

// decorationMax is how many bytes a picture within the text may have that is taken for a logo.
const decorationMax = 16 << 10

// readFiles describes the files of a mail, and those of the mails attached to it. Verdicts are the scanner's, in the order of m.Attachments; nil
// where no scanner is set.
func readFiles(m *Message, rules attachment.Rules, verdicts []attachment.Verdict) []conversation.Attachment {
	verdict := func(i int) (v attachment.Verdict) {
		switch {
		case verdicts == nil:
			v.Clean = true
		case i < len(verdicts):
			v = verdicts[i]
		}
		return v
	}
	return attachment.Reader{Rules: rules, Letter: Letter}.Read(m.files(verdict))
}

// Letter reads a mail that is a file.
func Letter(data []byte) *attachment.Letter { return letterOf(Parse(data)) }

func letterOf(m *Message) *attachment.Letter {
	l := &attachment.Letter{Sent: m.Date, Text: m.Text, Files: m.files(func(int) (v attachment.Verdict) { return v })}
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			l.Recipients = append(l.Recipients, a.Addr)
		}
	}
	return l
}

// files are the mail's attachments but for what decorates its text.
func (m *Message) files(verdict func(i int) attachment.Verdict) (list []attachment.File) {
	for i := range m.Attachments {
		f := m.file(i)
		if f.decorates() {
			continue
		}
		file := attachment.File{Name: f.Name, Type: f.Type, Size: f.Size, Verdict: verdict(i)}
		if f.body != nil || f.Size == 0 {
			file.Open = func(limit int64) []byte {
				data, _ := f.decode(limit)
				return data
			}
		}
		list = append(list, file)
	}
	return list
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
