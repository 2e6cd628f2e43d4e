package templates

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"frist/conversation"
)

// JSON writes notification.json: UTF-8, indented by two spaces, without HTML escapes.
func (c *Catalogue) JSON(n *conversation.Notification) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(n); err != nil {
		return nil, fmt.Errorf("write notification %s: %w", n.Number, err)
	}
	return out.Bytes(), nil
}

// docView is a notification as it is shown: in the authority's order, with its labels.
type docView struct {
	Title, Authority string
	Facts            []part
	Sections         []docSection
}

type docSection struct {
	Label  string // the authority's, in Swedish; "" where the fields are in the reader's words
	Fields []docField
}

type docField struct {
	Number, Label string
	Mandatory     bool
	Mark          string // why it is blank or incomplete; "" when it is answered
	Rows          [][]part
	Group         bool
}

// document lays a notification out. Without doc.Applies every field that has an answer stands in it.
func (p phraser) document(doc *conversation.Document) docView {
	n := doc.Notification
	v := docView{Title: p.form.Title, Authority: p.form.Authority, Facts: p.facts(doc)}
	for _, s := range p.form.Sections {
		sec := docSection{Label: s.Label}
		for _, fd := range p.form.Fields {
			if fd.Own || fd.Section != s.Key {
				continue
			}
			answer, answered := n.Answers[fd.Key]
			if !answered && !slices.Contains(doc.Applies, fd.Key) {
				continue
			}
			f := docField{Number: fd.Key, Label: fd.Label, Mandatory: fd.Mandatory, Group: fd.Kind == conversation.KindGroup}
			if answered {
				f.Rows = stored(fd, answer)
			}
			switch {
			case len(f.Rows) == 0:
				f.Mark = p.mark(doc, fd)
			case slices.Contains(doc.Lacking, fd.Key):
				f.Mark = p.say("word_incomplete")
			}
			sec.Fields = append(sec.Fields, f)
		}
		if len(sec.Fields) > 0 {
			v.Sections = append(v.Sections, sec)
		}
	}
	return v
}

func (p phraser) mark(doc *conversation.Document, fd *conversation.Field) string {
	switch {
	case slices.Contains(doc.Unknown, fd.Key):
		return p.say("word_unknown_field")
	case slices.Contains(doc.Open, fd.Key):
		return p.say("word_open_field")
	}
	return p.say("word_blank")
}

// facts are what is known of the notification besides the form's fields.
func (p phraser) facts(doc *conversation.Document) []part {
	n := doc.Notification
	var out []part
	add := func(key, text string) {
		if text != "" {
			out = append(out, part{p.say(key), text})
		}
	}
	when := func(s conversation.Stamp) string {
		if s.IsZero() {
			return ""
		}
		return p.when(s.Time)
	}
	add("word_incident", n.Number)
	add("word_unit", cmp.Or(doc.Unit, n.Unit))
	if doc.Status != "" {
		add("word_status", p.say("status_"+string(doc.Status)))
	}
	add("word_aware", when(n.AwareAt))
	deadline := when(n.DeadlineAt)
	if n.Late && deadline != "" {
		deadline += " (" + strings.ToLower(p.say("word_late")) + ")"
	}
	add("word_deadline", deadline)
	add("word_alerted", when(n.DSOAlertedAt))
	decision := p.say("word_decision_none")
	if n.Decision != "" {
		decision = p.say("word_decision_" + string(n.Decision))
	}
	add("word_decision", decision)
	add("word_reason", n.Reason)
	add("word_approved", when(n.ApprovedAt))
	add("word_approved_by", n.ApprovedBy)
	if n.Filing != nil {
		add("word_filed", when(n.Filing.At))
		add("word_reference", n.Filing.Reference)
	}
	add("word_hash", n.ContentSHA256)
	add("word_form_version", strings.TrimSpace(n.Form+" "+n.FormVersion))
	return out
}

// Text writes the notification as plain text, with the authority's labels in its order. Answers stand on lines of their own and
// are not indented, so that they can be copied as they are.
func (c *Catalogue) Text(doc *conversation.Document, form *conversation.Form) string {
	p := phraser{c, conversation.Swedish, form}
	v := p.document(doc)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s\n\n", v.Title, strings.Repeat("=", len([]rune(v.Title))), v.Authority)
	for _, f := range v.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Label, f.Text)
	}
	p.writeSections(&b, v.Sections)
	return b.String()
}

func (p phraser) writeSections(b *strings.Builder, sections []docSection) {
	for _, s := range sections {
		if s.Label != "" {
			fmt.Fprintf(b, "\n%s\n%s\n", s.Label, strings.Repeat("-", len([]rune(s.Label))))
		}
		for _, f := range s.Fields {
			fmt.Fprintf(b, "\n%s. %s\n", f.Number, f.Label)
			if f.Mark != "" {
				fmt.Fprintf(b, "(%s)\n", p.markWords(f))
			}
			for i, row := range f.Rows {
				if f.Group && len(f.Rows) > 1 {
					fmt.Fprintf(b, "(%d)\n", i+1)
				}
				for _, pt := range row {
					if pt.Label != "" {
						fmt.Fprintf(b, "%s: ", pt.Label)
					}
					fmt.Fprintf(b, "%s\n", pt.Text)
				}
			}
		}
	}
}

func (p phraser) markWords(f docField) string {
	if f.Mandatory && len(f.Rows) == 0 {
		return f.Mark + " · " + strings.ToLower(p.say("word_mandatory"))
	}
	return f.Mark
}

// deadline is when the notification is due, or empty when nothing is waited for any more.
func openDeadline(out conversation.Outbound) time.Time {
	if out.Status != "" && !out.Status.Open() {
		return time.Time{}
	}
	return out.DeadlineAt
}
