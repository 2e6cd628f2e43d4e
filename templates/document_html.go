package templates

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"

	"frist/conversation"
)

var (
	//go:embed html/document.html
	documentHTML string
	//go:embed html/document.css
	documentCSS string
	//go:embed html/document.js
	documentJS string
)

// documentPage is parsed when it is first needed; it never changes.
var documentPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("document").Parse(documentHTML))
})

// documentData is what the page is filled with. Part and Entry number what they are called for.
type documentData struct {
	Lang                 conversation.Lang
	Policy, Number       string
	Style, Script        template.HTML
	View                 docView
	FileAt, FileAtWord   string
	How, Mandatory       string
	Copy, Copied, Failed string
	Mark                 func(docField) string
	Part                 func(docField, part) partData
	Entry                func(int) string
}

type partData struct {
	ID, Label, Name, Copy string
	Exact                 template.HTML
}

// HTML writes the notification as one file that needs nothing else: the authority's order and labels, and a button at each
// value that copies it to the character. Its policy (CSP) lets nothing run or load but its own script and style.
func (c *Catalogue) HTML(doc *conversation.Document, form *conversation.Form, lang conversation.Lang) ([]byte, error) {
	p := c.phraser(lang, form)
	count := 0
	d := documentData{Lang: p.lang, Policy: documentPolicy(), Number: doc.Notification.Number,
		Style:  template.HTML("<style>" + documentCSS + "</style>"),
		Script: template.HTML("<script>" + documentJS + "</script>"),
		View:   p.document(doc), FileAt: form.FileAt, FileAtWord: p.say("word_file_at"), How: p.say("word_document_how"),
		Mandatory: strings.ToLower(p.say("word_mandatory")),
		Copy:      p.say("word_copy"), Copied: p.say("word_copied"), Failed: p.say("word_copy_failed"),
		Mark:  p.markWords,
		Entry: func(i int) string { return p.say("word_row", "n", strconv.Itoa(i+1)) },
	}
	d.Part = func(f docField, pt part) partData {
		count++
		name := f.Number + ". " + f.Label
		if pt.Label != "" {
			name += ": " + pt.Label
		}
		return partData{ID: "v" + strconv.Itoa(count), Label: pt.Label, Exact: exactHTML(pt.Text), Copy: d.Copy,
			Name: p.say("word_copy_field", "field", name)}
	}
	var out bytes.Buffer
	out.Grow(16 << 10)
	if err := documentPage().Execute(&out, d); err != nil {
		return nil, fmt.Errorf("write document %s: %w", d.Number, err)
	}
	return out.Bytes(), nil
}

// documentPolicy names the page's own script and style by their hashes (CSP level 3, hash sources).
func documentPolicy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + hash(documentJS) + "; style-src " + hash(documentCSS) + "; base-uri 'none'; form-action 'none'"
}

// exactHTML escapes text so that the page's text content is the same to the character: a bare carriage return would be read as a
// line feed (HTML, 13.2.3.5), so it is written as a reference.
func exactHTML(s string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(s), "\r", "&#13;"))
}
