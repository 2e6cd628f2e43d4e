package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frist/conversation"
	"frist/conversation/attachment"
)

// removedField marks a part whose content was taken away.
const removedField = "X-Frist-Removed: yes\n"

// WithoutAttachments is a mail with the content of its files taken away: its header, the header of each part, and its text remain. Line ends become LF.
// What is no text that a mail client shows counts as a file, and so does a mail that is nothing but one.
func WithoutAttachments(raw []byte) []byte {
	whole := normaliseLines(raw)
	fields, body := splitHeader(whole, nil)
	var b bytes.Buffer
	b.Write(whole[:len(whole)-len(body)])
	s := stripper{out: &b}
	s.part(fields, body)
	return b.Bytes()
}

type stripper struct {
	out          *bytes.Buffer
	depth, parts int
}

// part writes a part's content, whose header has been written.
func (s *stripper) part(fields []field, body []byte) {
	mediaType, params := contentField(get(fields, "content-type"))
	if s.parts++; s.parts > maxParts || s.depth > maxDepth {
		return
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		s.multipart(params["boundary"], body)
		return
	}
	if s.shown(mediaType, fields) {
		s.out.Write(body)
	}
}

// shown tells text that stands in the mail itself.
func (s *stripper) shown(mediaType string, fields []field) bool {
	disposition, _ := contentField(get(fields, "content-disposition"))
	text := !strings.Contains(mediaType, "/") || slices.Contains([]string{"text/plain", "text/html", "text/enriched", "text/richtext"}, mediaType)
	return text && disposition != "attachment"
}

func (s *stripper) multipart(boundary string, body []byte) {
	delimiter := "--" + strings.TrimRight(boundary, " \t")
	if boundary == "" {
		if delimiter = string(guessDelimiter(body)); delimiter == "" {
			return
		}
	}
	s.depth++
	for _, p := range splitParts(body, boundary) {
		fields, content := partHeader(p)
		s.out.WriteString("\n" + delimiter + "\n")
		head := p[:len(p)-len(content)]
		mark := s.out.Len()
		s.out.Write(head)
		before := s.out.Len()
		s.part(fields, content)
		if s.out.Len() == before && len(content) > 0 && len(fields) > 0 {
			s.out.Truncate(mark)
			s.out.WriteString(removedField)
			s.out.Write(head)
		}
	}
	s.depth--
	s.out.WriteString("\n" + delimiter + "--\n")
}

// attachKept adds the kept files that a message names.
func (c *Channel) attachKept(ctx context.Context, out conversation.Outbound, d *Draft) error {
	if len(out.Files) == 0 {
		return nil
	}
	if c.Kept == nil {
		return &conversation.Fault{Reason: "no_files", Permanent: true, Err: errors.New("kept files cannot be loaded")}
	}
	contents, err := c.Kept(ctx, out.Incident, out.Files)
	if errors.Is(err, conversation.ErrNotFound) {
		return &conversation.Fault{Reason: "no_files", Permanent: true, Err: err}
	}
	if err != nil {
		return &conversation.Fault{Reason: "files", Err: fmt.Errorf("load kept files: %w", err)}
	}
	for i, f := range out.Files {
		name := attachment.CleanName(f.Name)
		if name == "" {
			name = fmt.Sprintf("%d", i+1)
		}
		d.Attachments = append(d.Attachments, DraftAttachment{Name: name, Type: "application/octet-stream", Data: contents[i]})
	}
	return nil
}
