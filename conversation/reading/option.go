package reading

import (
	"slices"
	"strings"
)

// Option is one answer of a list.
type Option struct {
	Label   string   // the authority's exact text
	Aliases []string // other wordings, in either language
	Other   bool     // it asks for other text, as "Övrigt" does
}

// maxAnswer is the length in bytes beyond which a message is no choice from a list with a comment.
const maxAnswer = 64 << 10

// List is a list of options, prepared to be found in what people write. Labels are compared folded, so case, diacritics, quotes, kinds of dash and
// runs of space do not matter. It never changes, and is safe for concurrent use.
type List struct {
	options []Option
	labels  []string   // folded, without a closing full stop
	closed  []string   // the same without spaces
	aliases [][]string // folded
}

// NewList prepares options, which must not be changed any more.
func NewList(options []Option) *List {
	m := &List{options: options}
	for _, o := range options {
		label := bare(o.Label)
		m.labels, m.closed = append(m.labels, label), append(m.closed, withoutSpaces(label))
		var aliases []string
		for _, a := range o.Aliases {
			if a = bare(a); a != "" {
				aliases = append(aliases, a)
			}
		}
		m.aliases = append(m.aliases, aliases)
	}
	return m
}

func withoutSpaces(s string) string { return strings.ReplaceAll(s, " ", "") }

// find gives the options that text means: by exact label, else number, else alias, else the beginning of a label or a
// whole word of it. None means that nothing matches; two or more that it is ambiguous. Only the first of these ways that
// finds anything counts. If strict, parts of labels do not.
func (m *List) find(text string, strict bool) []int {
	s := bare(unquote(text))
	if s == "" {
		return nil
	}
	if i := m.exact(s); i >= 0 {
		return []int{i}
	}
	if i, is := m.numbered(s); is {
		if i < 0 {
			return nil
		}
		return []int{i}
	}
	if hits := m.byAlias(s); len(hits) > 0 || strict {
		return hits
	}
	return m.byBeginning(s)
}

func (m *List) exact(s string) int {
	return slices.Index(m.closed, withoutSpaces(s)) // a label that is the same with its spaces is so without
}

var optionWords = []string{"alternativ", "alt", "val", "nummer", "nr", "option", "choice", "number", "no", "svar", "answer"}

// numbered reads "2", "2.", "2)", "alternativ 2"; is tells that it is such a number, which may be no option's (-1).
func (m *List) numbered(s string) (i int, is bool) {
	for _, w := range optionWords {
		if rest, found := strings.CutPrefix(s, w); found {
			s = strings.TrimLeft(rest, ". ")
			break
		}
	}
	s = strings.Trim(s, " .):([]#")
	if s == "" || len(s) > 4 || strings.Trim(s, "0123456789") != "" {
		return -1, false
	}
	for i, l := range m.labels { // "3. Betydande" has its own number
		if rest, found := strings.CutPrefix(l, s); found && strings.HasPrefix(rest, ". ") {
			return i, true
		}
	}
	if n := atoi(s); n >= 1 && n <= len(m.options) {
		return n - 1, true
	}
	return -1, true
}

func (m *List) byAlias(s string) []int {
	var hits []int
	for i, aliases := range m.aliases {
		for _, a := range aliases {
			if a == s {
				hits = append(hits, i)
				break
			}
		}
	}
	return hits
}

// shortestBeginning is the number of letters from which the beginning of a label or a word of it is clear.
const shortestBeginning = 3

func (m *List) byBeginning(s string) []int {
	if len(s) < shortestBeginning {
		return nil
	}
	var begin, inside []int
	for i, l := range m.labels {
		switch {
		case strings.HasPrefix(l, s) && atWordEnd(l, len(s)):
			begin = append(begin, i)
		case strings.HasPrefix(l, s):
			inside = append(inside, i)
		case containsWords(l, s):
			inside = append(inside, i)
		}
	}
	// A whole first word is clearer than a part, but not when it is a common beginning.
	if len(begin) == 1 && len(inside) > 0 && len(s) <= 2*shortestBeginning {
		return append(begin, inside...)
	}
	if len(begin) > 0 {
		return begin
	}
	return inside
}

func atWordEnd(s string, i int) bool { return i >= len(s) || !isWordByte(s[i]) }

func atWordStart(s string, i int) bool { return i == 0 || !isWordByte(s[i-1]) }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}

// containsWords reports whether words stand in s as whole words.
func containsWords(s, words string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], words)
		if i < 0 {
			return false
		}
		i += from
		if atWordStart(s, i) && atWordEnd(s, i+len(words)) {
			return true
		}
		from = i + 1
	}
}

// unquote removes one pair of quotes around the whole.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	for _, q := range [][2]string{{`"`, `"`}, {"'", "'"}, {"”", "”"}, {"“", "”"}, {"„", "”"}, {"»", "«"}, {"»", "»"}, {"«", "»"}} {
		if len(s) > len(q[0])+len(q[1]) && strings.HasPrefix(s, q[0]) && strings.HasSuffix(s, q[1]) {
			return strings.TrimSpace(s[len(q[0]) : len(s)-len(q[1])])
		}
	}
	return s
}

// labelAtStart finds the longest label or alias that text begins with, before a colon, a line end or the text's end,
// and gives what follows.
func (m *List) labelAtStart(text string) (i int, rest string, ok bool) {
	best := 0
	for _, cut := range cuts(text) {
		s := bare(unquote(text[:cut]))
		found := m.exact(s)
		if found < 0 {
			if hits := m.byAlias(s); len(hits) == 1 {
				found = hits[0]
			} else if n, is := m.numbered(s); is {
				found = n
			}
		}
		if found >= 0 && cut > best {
			i, rest, ok, best = found, text[cut:], true, cut
		}
	}
	return i, rest, ok
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// maxCuts bounds the places that are tried in one message.
const maxCuts = 12

// cuts gives the places where a label may end: before each colon, semicolon of the first lines, at a line's end, and at the
// text's end.
func cuts(text string) []int {
	var out []int
	for i := 0; i < len(text) && len(out) < maxCuts; i++ {
		switch text[i] {
		case ':', '\n', ';':
			if i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1]) {
				continue // 12:30
			}
			out = append(out, i)
		}
	}
	return append(out, len(text))
}

// names lists the labels of options, one a line.
func (m *List) names(hits []int) string {
	var b strings.Builder
	for k, i := range hits {
		if k > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.options[i].Label)
	}
	return b.String()
}
