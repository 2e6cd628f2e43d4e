package templates

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"

	"frist/conversation"
)

//go:embed html/mail.html
var mailHTML string

// mailStyle holds the inline styles: many mail clients read nothing else. Colours meet WCAG 2.2 AA on their backgrounds.
var mailStyle = map[string]string{
	"page":       "margin:0;padding:0;background:#ffffff;color:#1b1b1f;font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5",
	"table":      "width:100%;max-width:600px;margin:0 auto;border-collapse:collapse",
	"cell":       "padding:20px 16px 32px;color:#1b1b1f;overflow-wrap:anywhere",
	"facts":      "font-size:14px;color:#55565e;border-bottom:1px solid #c9cad1;padding-bottom:10px;margin-bottom:16px",
	"strong":     "color:#1b1b1f;font-weight:600",
	"due":        "color:#1b1b1f;font-size:18px;font-weight:700",
	"overdue":    "color:#8a2a00;font-size:18px;font-weight:700",
	"p":          "margin:0 0 14px",
	"small":      "margin:6px 0 10px;font-size:14px;color:#55565e",
	"soft":       "margin:0 0 8px;font-size:15px;font-weight:400;color:#55565e",
	"steps":      "margin:0 0 16px;padding-left:24px",
	"step":       "margin:0 0 8px;padding-left:4px",
	"box":        "background:#f3f4f7;border:1px solid #c9cad1;border-radius:6px;padding:16px;margin:20px 0",
	"h1":         "margin:0 0 10px;font-size:22px;line-height:1.3;font-weight:700;color:#1b1b1f",
	"h2":         "margin:28px 0 12px;font-size:18px;line-height:1.3;font-weight:700;color:#1b1b1f;border-color:#c9cad1",
	"h3":         "margin:0 0 8px;font-size:16px;line-height:1.4;font-weight:700;color:#1b1b1f",
	"section":    "margin:24px 0 8px;font-size:15px;font-weight:600;color:#55565e;border-bottom:1px solid #c9cad1;padding-bottom:4px",
	"field":      "margin:14px 0 2px;font-size:15px;line-height:1.4;font-weight:600;color:#1b1b1f",
	"value":      "margin:0 0 6px;white-space:pre-wrap",
	"mark":       "margin:0 0 6px;color:#55565e;font-style:italic",
	"must":       "margin:0 0 6px;color:#8a2a00;font-weight:600",
	"options":    "list-style:none;margin:0 0 14px;padding:0",
	"option":     "margin:0 0 8px;padding:0",
	"hanging":    "margin:0 0 6px;padding-left:30px;text-indent:-30px",
	"number":     "display:inline-block;min-width:26px;text-indent:0",
	"optionlink": "display:block;padding:10px 12px;border:2px solid #0b5394;border-radius:6px;background:#ffffff;color:#0b5394;font-weight:600;text-decoration:none",
	"button":     "display:inline-block;padding:10px 16px;margin:0 8px 8px 0;border:1px solid #0b5394;border-radius:6px;background:#ffffff;color:#0b5394;text-decoration:none",
	"mainbutton": "display:inline-block;padding:10px 20px;margin:0 8px 8px 0;border:1px solid #0b5394;border-radius:6px;background:#0b5394;color:#ffffff;font-weight:600;text-decoration:none",
	"plain":      "display:inline-block;margin:0 16px 8px 0;font-weight:600",
	"pattern":    "margin:0 0 12px;white-space:pre-wrap;font-family:Consolas,Menlo,monospace;font-size:15px",
	"how":        "margin:28px 0 10px;padding-top:14px;border-top:1px solid #c9cad1;font-weight:600",
}

// mailPage is parsed when it is first needed.
var mailPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("mail").Funcs(template.FuncMap{
		"br":   breaks,
		"inc":  func(i int) int { return i + 1 },
		"word": func(string) string { return "" }, "mark": func(docField) string { return "" }, "reply": func(replyView) string { return "" },
	}).Parse(styled(mailHTML)))
})

// styled puts the styles where the page names them, {{css "p"}}. A name that there is not stays, and cannot be parsed.
func styled(page string) string {
	for name, style := range mailStyle {
		page = strings.ReplaceAll(page, `{{css "`+name+`"}}`, template.HTMLEscapeString(style))
	}
	return page
}

// pages are copies of mailPage that no mail uses now. To escape a page anew takes as long as to fill it in.
var pages = sync.Pool{New: func() any {
	p := &page{}
	p.Template = template.Must(mailPage().Clone()).Funcs(template.FuncMap{
		"word":  func(key string) string { return p.of.p.say(key) },
		"mark":  func(f docField) string { return p.of.p.markWords(f) },
		"reply": func(r replyView) string { return replyText(p.of.p, r) },
	})
	return p
}}

// page is filled in for one mail at a time.
type page struct {
	*template.Template
	of *mailView
}

// breaks escapes text and keeps its lines: not every client knows white-space.
func breaks(s string) template.HTML {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(s), "\n", "<br>"))
}

// block is a paragraph, or the steps that stand together.
type block struct {
	Text  string
	Steps []string
}

func blocks(lines []said) []block {
	var out []block
	for _, l := range lines {
		if !l.Step {
			out = append(out, block{Text: l.Text})
			continue
		}
		text := stepLine.ReplaceAllString(l.Text, "")
		if n := len(out); n > 0 && out[n-1].Steps != nil {
			out[n-1].Steps = append(out[n-1].Steps, text)
			continue
		}
		out = append(out, block{Steps: []string{text}})
	}
	return out
}

// putQuestion is a question within the page; Full has its explanation.
type putQuestion struct {
	Q     *questionView
	Full  bool
	Links bool
	Link  func(optionView) template.URL
}

// Spelled are the replies whose button does not say what to write.
func (v *mailView) Spelled() []replyView {
	return slices.DeleteFunc(slices.Clone(v.Replies), func(r replyView) bool { return strings.EqualFold(r.Label, r.Write) })
}

// Column and ColumnEnd give the text its width in Outlook for Windows, which knows no max-width.
func (v *mailView) Column() template.HTML {
	return `<!--[if mso]><table role="presentation" width="600" align="center"><tr><td><![endif]-->`
}

// ColumnEnd ends what Column began.
func (v *mailView) ColumnEnd() template.HTML { return `<!--[if mso]></td></tr></table><![endif]-->` }

// Due: the fact is the deadline, which is to be seen at once.
func (v *mailView) Due(f part) bool {
	return f.Label == v.p.say("word_deadline") || f.Label == v.p.say("word_deadline_reporter") || v.Overdue(f)
}

// Overdue: the fact is a deadline that has passed.
func (v *mailView) Overdue(f part) bool { return f.Label == v.p.say("word_deadline_late") }

// Main: the reply, by its place, is what the mail is there for. Where there are questions to answer none is.
func (v *mailView) Main(i int) bool { return i == 0 && v.Question == nil && len(v.Open) == 0 }

// Numbered: the label does not begin with the option's number itself, as the authority's "3. …".
func (o optionView) Numbered() bool { return !strings.HasPrefix(o.Label, strconv.Itoa(o.N)+". ") }

// Numbered: the options have numbers. A number of people is never a choice's number, so intervals have none.
func (q *questionView) Numbered() bool { return q.Kind != conversation.KindCount }

// Linked: one option is a whole answer.
func (q *questionView) Linked() bool { return q.Kind != conversation.KindChoices }

// Inline lists short options on one line.
func (q *questionView) Inline() string { return q.inline() }

// HasLinks: some link in the mail opens a ready answer.
func (v *mailView) HasLinks() bool {
	return v.Links && (len(v.Replies) > 0 || v.Question != nil && len(v.Question.Options) > 0 && v.Question.Linked())
}

func (v *mailView) html() (string, error) {
	page := pages.Get().(*page)
	page.of = v
	defer func() {
		page.of = nil
		pages.Put(page)
	}()
	link := func(body string) template.URL { return template.URL(mailto(v.to, v.Subject, body)) }
	data := struct {
		*mailView
		Blocks []block
		Put    func(*questionView, bool) putQuestion
		Link   func(string) template.URL
	}{v, blocks(v.Lines), nil, link}
	data.Put = func(q *questionView, full bool) putQuestion {
		return putQuestion{q, full, v.Links && full, func(o optionView) template.URL {
			if o.WithComment {
				return link(o.Value + ": ")
			}
			return link(o.Value)
		}}
	}
	var out strings.Builder
	out.Grow(16 << 10) // for nearly any but a review
	if err := page.Execute(&out, data); err != nil {
		return "", fmt.Errorf("mail page: %w", err)
	}
	return out.String(), nil
}
