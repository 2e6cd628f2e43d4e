package mail

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Limits of HTML: open elements followed, and how deep quotes and lists are shown.
const (
	maxOpen   = 512
	maxQuotes = 20
)

// htmlLines turns HTML into the lines that a mail client shows. It works on tokens, not on a tree, so that no nesting costs
// more than linear time: block elements begin lines, blockquotes become "> " marks, list items begin with "- ", links are
// shown by their text. Hidden text, styles and scripts are left out.
func htmlLines(s string) []textLine {
	t := &htmlText{z: html.NewTokenizer(strings.NewReader(s))}
	t.z.SetMaxBuf(1 << 20)
	for {
		switch t.z.Next() {
		case html.ErrorToken:
			t.endLine()
			return trimBlank(t.lines)
		case html.TextToken:
			t.text(string(t.z.Text()))
		case html.StartTagToken:
			t.start(false)
		case html.SelfClosingTagToken:
			t.start(true)
		case html.EndTagToken:
			name, _ := t.z.TagName()
			t.end(string(name))
		}
	}
}

// openElement is an element that has been begun and what ends with it.
type openElement struct {
	name                               string
	skip, pre, quote, quoted, margined bool
	list, intro, cite, setOff          bool
}

type htmlText struct {
	z     *html.Tokenizer
	lines []textLine
	b     strings.Builder
	open  []openElement

	skip, pre, quotes, quoted, lists int
	intros, cites, setOffs           int
	inLine, space, gap               bool // something stands on the line; a space is due; an empty line is due
	cut                              bool // the next line carries hintCut
	size                             int
}

// blockElements begin and end a line; those that are true also leave an empty line around them.
var blockElements = map[string]bool{
	"address": false, "article": false, "aside": false, "blockquote": false, "body": false, "center": false, "dd": false,
	"dir": false, "div": false, "dl": true, "dt": false, "fieldset": false, "figure": false, "footer": false, "form": false,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "header": false, "hr": false, "html": false,
	"li": false, "main": false, "menu": false, "nav": false, "ol": true, "p": true, "pre": true, "section": false,
	"table": false, "tbody": false, "tfoot": false, "thead": false, "title": false, "tr": false, "ul": true,
}

var voidElements = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "source": true, "wbr": true,
}

var hiddenStyle = pattern(`(?i)display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden`)

// noMargin is a paragraph that its program shows as a line: Outlook's, and any with margin 0.
var noMargin = pattern(`(?i)\bmargin(-top|-bottom)?\s*:\s*0|msonormal|msoplaintext`)

func (t *htmlText) start(selfClosing bool) {
	nameBytes, more := t.z.TagName()
	e := openElement{name: string(nameBytes)}
	var a markup
	for n := 0; more && n < 50; n++ {
		var k, v []byte
		k, v, more = t.z.TagAttr()
		switch string(k) {
		case "id", "name":
			a.id += " " + strings.ToLower(string(v))
		case "class":
			a.class = strings.ToLower(string(v))
		case "style":
			a.style = string(v)
		case "type", "cite":
			a.cite = true
		case "hidden":
			e.skip = true
		}
	}
	switch e.name {
	case "script", "style", "head", "title", "template", "object", "svg", "math":
		e.skip = true
	case "body":
		t.leaveHead() // some mails never close it
	}
	if a.style != "" && hiddenStyle().MatchString(a.style) {
		e.skip = true
	}
	margin, block := blockElements[e.name]
	if block && t.skip == 0 {
		e.margined = margin && !noMargin().MatchString(a.style) && !noMargin().MatchString(a.class) && !(e.name != "p" && t.lists > 0)
		t.endLine()
		t.gap = t.gap || e.margined
	}
	t.hint(&e, a)
	t.begin(e, selfClosing)
}

// begin notes the element and does what its beginning shows.
func (t *htmlText) begin(e openElement, selfClosing bool) {
	switch e.name {
	case "br":
		if t.skip == 0 {
			t.breakLine()
		}
	case "li":
		if t.skip == 0 {
			t.put("- ")
			t.inLine, t.space = false, false
		}
	case "td", "th":
		t.space = true
	case "ul", "ol":
		e.list = true
	case "pre", "textarea":
		e.pre = true
	}
	if voidElements[e.name] || selfClosing && !blockElements[e.name] && e.name != "div" && e.name != "p" || len(t.open) >= maxOpen {
		return
	}
	t.open = append(t.open, e)
	t.count(e, 1)
}

func (t *htmlText) count(e openElement, by int) {
	for _, c := range []struct {
		on bool
		n  *int
	}{{e.skip, &t.skip}, {e.pre, &t.pre}, {e.quote, &t.quotes}, {e.quoted, &t.quoted}, {e.list, &t.lists},
		{e.intro, &t.intros}, {e.cite, &t.cites}, {e.setOff, &t.setOffs}} {
		if c.on {
			*c.n += by
		}
	}
}

func (t *htmlText) leaveHead() {
	for i, e := range t.open {
		if e.name == "head" {
			for _, inner := range t.open[i:] {
				t.count(inner, -1)
			}
			t.open = t.open[:i]
			return
		}
	}
}

// end closes the nearest element of that name and all that was left open in it.
func (t *htmlText) end(name string) {
	if name == "br" && t.skip == 0 {
		t.breakLine()
		return
	}
	i := len(t.open) - 1
	for i >= 0 && t.open[i].name != name {
		// an inline end tag does not reach out of its block
		if _, inner := blockElements[t.open[i].name]; inner {
			if _, outer := blockElements[name]; !outer && name != "td" && name != "th" {
				return
			}
		}
		i--
	}
	if i < 0 {
		return
	}
	if _, block := blockElements[name]; block && t.skip == 0 {
		t.endLine()
		t.gap = t.gap || t.open[i].margined
	}
	for _, e := range t.open[i:] {
		t.count(e, -1)
	}
	t.open = t.open[:i]
}

func (t *htmlText) text(s string) {
	if t.skip > 0 {
		return
	}
	if t.pre > 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				t.breakLine()
			}
			if l != "" {
				t.put(l)
				t.inLine = true
			}
		}
		return
	}
	from := -1
	for i, r := range s {
		if space := r != '\u00a0' && unicode.IsSpace(r); space {
			if from >= 0 {
				t.put(s[from:i])
				from = -1
			}
			t.space = t.inLine
		} else if from < 0 {
			from = i
			t.spaceDue()
		}
	}
	if from >= 0 {
		t.put(s[from:])
	}
}

func (t *htmlText) spaceDue() {
	if t.space && t.inLine {
		t.put(" ")
	}
	t.space, t.inLine = false, true
}

func (t *htmlText) prefix() string {
	if t.quotes == 0 {
		return ""
	}
	return strings.Repeat(">", min(t.quotes, maxQuotes)) + " "
}

// put writes to the line, after the empty line that is due.
func (t *htmlText) put(s string) {
	if t.size += len(s); t.size > 2*maxText {
		return
	}
	if t.b.Len() == 0 {
		if t.gap && len(t.lines) > 0 && strings.Trim(t.lines[len(t.lines)-1].s, "> \u00a0") != "" {
			t.add(strings.TrimSpace(t.prefix()))
		}
		t.gap = false
	}
	t.b.WriteString(s)
}

func (t *htmlText) endLine() {
	if t.b.Len() > 0 {
		t.flush()
	}
	t.inLine, t.space = false, false
}

// breakLine ends the line also where it is empty.
func (t *htmlText) breakLine() {
	t.gap = t.gap && t.b.Len() > 0
	t.flush()
	t.inLine, t.space = false, false
}

func (t *htmlText) flush() {
	s := strings.TrimRight(strings.ReplaceAll(t.b.String(), "\u00a0", " "), " ")
	t.b.Reset()
	if t.size++; t.size > 2*maxText {
		return
	}
	t.add(strings.TrimRight(t.prefix()+s, " "))
}

func (t *htmlText) add(s string) {
	l := textLine{s: s}
	if t.cut && strings.TrimSpace(s) != "" {
		l.hint, t.cut = hintCut, false
	}
	if t.quoted > 0 {
		l.hint |= hintQuoted
	}
	l.hint |= t.blockHint()
	t.lines = append(t.lines, l)
}

// trimBlank takes empty lines off both ends.
func trimBlank(lines []textLine) []textLine {
	for len(lines) > 0 && strings.TrimSpace(lines[0].s) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1].s) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

var metaCharset = pattern(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{2,40})`)

// decodeHTML decodes a text/html part; where the part names no charset its meta element does.
func (w *walker) decodeHTML(p part) string {
	if p.params["charset"] == "" {
		b, _ := decodeTransfer(p.fields, p.body, 4096)
		if m := metaCharset().FindSubmatch(b); m != nil && !bytes.HasPrefix(bytes.ToLower(m[1]), []byte("utf-16")) {
			p.params["charset"] = string(m[1])
		}
	}
	return w.decodeText(p, 4*maxText)
}
