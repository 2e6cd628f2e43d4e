package mail

import (
	"regexp"
	"strings"
)

// extraction is the new text of a reply and what was cut.
type extraction struct {
	segments []Segment
	doubtful bool
	cut      string
}

// extractor goes through the lines of a mail once. Own lines gather in piece; quoted ones in quoted until new text follows.
type extractor struct {
	lines []string
	hints []lineHint
	mine  func(addr string) bool

	piece, quoted []string
	segments      []Segment
	cut           []string
	doubtful      bool
	looked        int  // places looked at for an attribution
	forward       bool // the quoted lines belong to a forwarded mail
}

// extract parts the new text from the mail that it answers. Each piece of new text is a run of lines of the mail, and the
// pieces keep their order. mine tells whether an address is one that the mail was sent to.
func extract(lines []textLine, mine func(addr string) bool) extraction {
	x := &extractor{mine: mine, lines: make([]string, len(lines)), hints: make([]lineHint, len(lines))}
	for i, l := range lines {
		x.lines[i], x.hints[i] = l.s, l.hint
	}
	x.run()
	out := extraction{segments: x.segments, doubtful: x.doubtful, cut: strings.Trim(strings.Join(x.cut, "\n"), "\n")}
	if len(out.segments) == 0 {
		out.doubtful = true
	}
	return out
}

func (x *extractor) run() {
	for i := 0; i < len(x.lines); {
		switch n, end := x.at(i); {
		case end:
			x.flush()
			x.cut = append(x.cut, x.lines[i:]...)
			return
		case n > 0:
			x.flush()
			x.cut = append(x.cut, x.lines[i:i+n]...)
			i += n
		default:
			x.piece = append(x.piece, x.lines[i])
			i++
		}
	}
	x.flush()
}

// at tells how many lines from i on are not new text, and whether nothing after them is.
func (x *extractor) at(i int) (n int, end bool) {
	line := x.lines[i]
	if x.hints[i]&hintCut != 0 && x.hasOwn() {
		return 0, true
	}
	if x.isQuoted(i) {
		return x.quoteRun(i), false
	}
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		return 0, false
	}
	n, certain := x.introducesQuote(i, trimmed)
	if n == 0 {
		return 0, false
	}
	if next := x.nextLine(i + n); next < 0 || x.isQuoted(next) {
		return n, false
	}
	if !x.hasOwn() {
		// Written below what it answers, or forwarded without a word: whose words these are cannot be seen.
		x.doubtful = true
		return n, false
	}
	if !certain {
		x.doubtful = true
	}
	return 0, true
}

// introducesQuote finds an attribution, a separator or a header block at line i and its length. certain is false where it
// could be text that the writer pasted.
func (x *extractor) introducesQuote(i int, trimmed string) (n int, certain bool) {
	if n = x.separator(i, trimmed); n > 0 {
		return n, true
	}
	if n, from := x.headerBlock(i, 3); n > 0 {
		certain = from == "" || x.mine(from)
		if above := x.lineAbove(i); !certain && strings.HasSuffix(above, ":") && !isDivider(above) {
			x.doubtful = true
			return 0, false // "this is the mail:" and then the mail, told to us
		}
		return n, certain
	}
	if n = x.attribution(i, trimmed); n > 0 {
		from := plainAddress.FindString(strings.Join(x.lines[i:i+n], " "))
		return n, from != "" && x.mine(from)
	}
	return 0, false
}

// lineAbove is the nearest line above that is not empty, trimmed.
func (x *extractor) lineAbove(i int) string {
	for i--; i >= 0; i-- {
		if s := strings.TrimSpace(x.lines[i]); s != "" {
			return s
		}
	}
	return ""
}

// nextLine is the next line from i on that is not empty, or -1.
func (x *extractor) nextLine(i int) int {
	for ; i < len(x.lines); i++ {
		if strings.TrimSpace(x.lines[i]) != "" {
			return i
		}
	}
	return -1
}

// isQuoted: ">>> see here <<<" is somebody's emphasis, and ">>> Eva 2026-03-03 >>>" begins a mail that has no marks.
func (x *extractor) isQuoted(i int) bool {
	if x.hints[i]&hintQuoted != 0 {
		return true
	}
	if !isQuote(x.lines[i]) {
		return false
	}
	if s := strings.TrimSpace(x.lines[i]); strings.HasPrefix(s, ">>>") && len(s) > 8 && len(s) <= maxAttribution {
		return !strings.HasSuffix(s, "<<<") && !isGroupWise(s)
	}
	return true
}

// hasOwn tells whether new text has been found so far.
func (x *extractor) hasOwn() bool {
	if len(x.segments) > 0 {
		return true
	}
	for _, l := range x.piece {
		if strings.TrimSpace(l) != "" {
			return true
		}
	}
	return false
}

// isQuote tells a line that begins with a quote mark. Up to three spaces before it are tolerated: more is code.
func isQuote(line string) bool {
	for n := 0; n < len(line) && n < 4; n++ {
		switch line[n] {
		case '>':
			return true
		case ' ':
		default:
			return false
		}
	}
	return false
}

// unquote takes off the first quote mark.
func unquote(line string) string {
	if !isQuote(line) {
		return line
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(line, " "), ">"), " ")
}

// quoteRun counts quoted lines from i on. A quoted line that was broken by a gateway has lost its mark: such a rest is taken
// along only where nobody can have written it, as an answer may well stand directly below its question.
func (x *extractor) quoteRun(i int) int {
	x.flush()
	k := i
	for k < len(x.lines) {
		if x.isQuoted(k) {
			if separatorLine.MatchString(strings.ToLower(unquote(x.lines[k]))) && k == i {
				x.forward = true
			}
			x.quoted = append(x.quoted, unquote(x.lines[k]))
			k++
			continue
		}
		if k+1 < len(x.lines) && x.isQuoted(k+1) && strings.TrimSpace(x.lines[k]) != "" &&
			(x.forward || brokenLink(x.lines[k-1], x.lines[k])) {
			k++
			continue
		}
		break
	}
	return k - i
}

// brokenLink tells a link that a gateway broke over two lines.
func brokenLink(quoted, rest string) bool {
	open := max(strings.LastIndex(quoted, "(http"), strings.LastIndex(quoted, "<http"))
	return open >= 0 && !strings.ContainsAny(quoted[open:], ")> ") && !strings.ContainsAny(strings.TrimSpace(rest), " \t")
}

// flush ends a piece of new text.
func (x *extractor) flush() {
	if len(x.piece) == 0 {
		return
	}
	kept, cut := cleanPiece(x.piece, len(x.segments) == 0)
	x.piece = nil
	x.cut = append(x.cut, cut...)
	if len(kept) == 0 {
		return
	}
	quoted := strings.Trim(strings.Join(x.quoted, "\n"), "\n")
	x.quoted = nil
	x.segments = append(x.segments, Segment{Quoted: quoted, Text: strings.Join(kept, "\n")})
}

var dividerLine = regexp.MustCompile(`^[\s*_=~#+.\-\x{2013}\x{2014}\x{2500}]{2,}$`)

// isDivider tells a line drawn of signs.
func isDivider(s string) bool { return len(s) > 1 && dividerLine.MatchString(s) }
