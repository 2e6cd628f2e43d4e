package mail

import "strings"

// lineHint is what a mail program's HTML says of a line, beyond what its text shows.
type lineHint uint8

const (
	hintCut    lineHint = 1 << iota // the older mail begins here and goes on to the end
	hintQuoted                      // the line stands in a container of the older mail
	hintIntro                       // the line is of what a program writes above the older mail
	hintCite                        // the line stands in a blockquote that a program made of the older mail
	hintSetOff                      // … in a blockquote that nothing marks as one
)

// markup is what an element's attributes tell, lower case but for the style.
type markup struct {
	id, class, style string // id holds the name too
	cite             bool   // has the attribute type or cite
}

// The marks that mail programs put on elements. Exchange writes "x_" before those of others.
var (
	cutMarks    = []string{"divrplyfwdmsg", "appendonsend", "stopspelling", "replysplit", "zwchr"}
	introMarks  = []string{"gmail_attr", "moz-cite-prefix", "outlookmessageheader", "yahoo-quoted-begin", "quote-header-attribution"}
	quotedMarks = []string{"yahoo_quoted", "protonmail_quote", "moz-forward-container", "messagereplysection", "zmail_extra", "missive_quote", "tutanota_quote", "front-blockquote",
		"mail-editor-reference-message-container", "olk_src_body_section", "ydp-quoted"}
	citeMarks = []string{"quote", "cite", "reply", "forward"}
)

// indented is a blockquote by which Gmail's and Apple's editors set text in.
var indented = pattern(`(?i)border\s*:\s*(?:none|0|medium none)|margin(?:-left)?\s*:\s*(?:0(?:px)? 0(?:px)? 0(?:px)? )?40px`)

var ruled = pattern(`(?i)border-left|border-inline-start|border\s*:\s*[1-9]`)

// hint reads the marks that mail programs put around the mail that is answered.
func (t *htmlText) hint(e *openElement, a markup) {
	marks := a.id + " " + a.class
	if marks != " " {
		switch {
		case containsAny(marks, cutMarks) || strings.TrimSpace(a.id) == "quote" && e.name == "div":
			t.cut = true
		case containsAny(marks, introMarks):
			e.intro = true
		case containsAny(marks, quotedMarks):
			e.quoted = true
		}
	}
	if e.name != "blockquote" || t.skip > 0 {
		return
	}
	switch {
	case strings.Contains(marks, "webkit-indent"):
	case a.cite || containsAny(marks, citeMarks):
		e.quote, e.cite = true, true
	case indented().MatchString(a.style) && !ruled().MatchString(a.style):
	default:
		e.quote, e.setOff = true, !ruled().MatchString(a.style)
	}
}

// blockHint is the hint of a line within the elements that are open.
func (t *htmlText) blockHint() (h lineHint) {
	if t.intros > 0 {
		h |= hintIntro
	}
	if t.cites > 0 {
		h |= hintCite
	} else if t.setOffs > 0 && t.setOffs == t.quotes {
		h |= hintSetOff
	}
	return h
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
