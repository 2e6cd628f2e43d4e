package templates

import (
	"errors"
	"fmt"
	"strings"

	"frist/conversation"
)

// OfferedFile is the notification as a file for a person's own drive.
type OfferedFile struct {
	File
	About string // what it is
}

// Offer renders what an outbound message of kind offer offers. It fails if the message has no document, or names a form that there is not.
func (c *Catalogue) Offer(out conversation.Outbound) (OfferedFile, error) {
	form := c.FormVersion(out.Form, out.FormVersion)
	if out.Document == nil || out.Document.Notification == nil || form == nil {
		return OfferedFile{}, fmt.Errorf("offer %s: %w", out.ID, errors.New("no document, or no form"))
	}
	p := c.phraser(out.Lang, form)
	page, err := c.HTML(out.Document, form, p.lang)
	if err != nil {
		return OfferedFile{}, fmt.Errorf("offer %s: %w", out.ID, err)
	}
	about := make([]string, 0, len(out.Lines))
	for _, l := range p.lines(out.Lines) {
		about = append(about, l.Text)
	}
	return OfferedFile{File{oneLine(out.Number) + ".html", "text/html; charset=utf-8", page}, strings.Join(about, " ")}, nil
}
