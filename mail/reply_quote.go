package mail

import "strings"

// isQuoted: ">>> see here <<<" is somebody's emphasis, and ">>> Eva 2026-03-03 >>>" begins a mail that has no marks.
func (x *extractor) isQuoted(i int) bool {
	if x.hints[i]&hintQuoted != 0 {
		return true
	}
	if x.kinds[i]&lineQuote == 0 {
		return false
	}
	if s := strings.TrimSpace(x.lines[i]); strings.HasPrefix(s, ">>>") && len(s) > 8 && len(s) <= maxAttribution {
		return !strings.HasSuffix(s, "<<<") && !isGroupWise(s)
	}
	return true
}

// quoteRun counts quoted lines from i on. A quoted line that was broken by a gateway has lost its mark: such a rest is taken
// along only where nobody can have written it, as an answer may well stand directly below its question.
func (x *extractor) quoteRun(i int) int {
	x.flush()
	k := i
	for k < len(x.lines) {
		if x.isQuoted(k) {
			if k == i && knownSeparator(strings.TrimSpace(unquote(x.lines[k]))) {
				x.forward = true
			}
			x.quoted = append(x.quoted, unquote(x.lines[k]))
			k++
			continue
		}
		if k+1 < len(x.lines) && x.kinds[k]&lineBlank == 0 && x.isQuoted(k+1) && (x.forward || brokenLink(x.lines[k-1], x.lines[k])) {
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

// ownQuote counts the lines of a quote at line i that its writer made, or 0: people set off what they cite with ">" or as a
// block of HTML, and to cut it would lose their words. A mail program says what it quotes, so a quote counts as the
// writer's where nothing introduces it and the mail answers nothing, or has words or another, introduced quote below; in an answer that is doubtful.
func (x *extractor) ownQuote(i int) int {
	if x.introduced || x.hints[i]&(hintQuoted|hintCite) != 0 {
		return 0
	}
	n := 1
	for i+n < len(x.lines) && x.kinds[i+n]&lineQuote != 0 && x.isQuoted(i+n) {
		n++
	}
	if x.introducesItself(i, n) {
		x.introduced = true
		return 0
	}
	if x.answers && x.quotesUs(i, n) {
		x.introduced = true
		return 0
	}
	switch {
	case x.hints[i]&hintSetOff != 0:
		x.doubtful = x.doubtful || x.answers
		return n
	case !x.answers:
		return n
	case !x.own && x.wordsBelow(i+n), x.announced(i), x.introducedLater(i + n):
		x.doubtful = true
		return n
	}
	x.introduced, x.doubtful = true, true
	return 0
}

// wordsBelow tells that from line i on something stands that is not quoted.
func (x *extractor) wordsBelow(i int) bool {
	for ; i < len(x.lines); i++ {
		if !blankLine(x.lines[i]) && x.kinds[i]&lineQuote == 0 {
			return true
		}
	}
	return false
}

// announced tells that the writer's own line directly above leads over to the quote: "she wrote:".
func (x *extractor) announced(i int) bool {
	return i > 0 && x.own && x.kinds[i-1]&lineColon != 0 && !yearOrTime().MatchString(x.lines[i-1]) && !strings.Contains(x.lines[i-1], "@")
}

// introducesItself tells that the quoted lines begin with what introduces a quote, as where all of a mail is a forwarded one.
func (x *extractor) introducesItself(i, n int) bool {
	const look = 8
	inner := make([]textLine, 0, look)
	for _, l := range x.lines[i : i+min(n, look)] {
		if l = unquote(l); len(inner) > 0 || !blankLine(l) {
			inner = append(inner, textLine{s: l})
		}
	}
	if len(inner) == 0 {
		return false
	}
	y := newExtractor(inner, x.addressed)
	y.inside = true
	if !y.mayIntroduce(0) {
		return false
	}
	found, _ := y.introducesQuote(0, strings.TrimSpace(y.lines[0]))
	x.forward = x.forward || y.forward
	return found > 0
}

// quotesUs tells that the quoted lines are of a mail of ours, which numbers its questions.
func (x *extractor) quotesUs(i, n int) bool {
	return marker().MatchString(strings.Join(x.lines[i:i+min(n, 100)], "\n"))
}

// introducedLater tells whether a quote is introduced at line i or below.
func (x *extractor) introducedLater(i int) bool {
	if x.later == 0 {
		x.later = -1
		before := *x
		for k := i; k < len(x.lines); k++ {
			if x.isQuoted(k) || x.kinds[k]&lineBlank != 0 {
				continue
			}
			found := 0
			if x.hints[k]&hintIntro != 0 {
				found = 1
			} else if x.mayIntroduce(k) {
				found, _ = x.introducesQuote(k, strings.TrimSpace(x.lines[k]))
			}
			if found > 0 {
				before.later = 1
				break
			}
		}
		*x = before
	}
	return x.later > 0
}

// maxForwards is how many mails forwarded within each other are opened.
const maxForwards = 3

// openForward reads a mail that was forwarded with quote marks and without a word: it is what its sender wants to tell.
func (x *extractor) openForward() {
	if len(x.segments) > 0 || !x.forward || len(x.quoted) == 0 || x.opened >= maxForwards {
		return
	}
	inner := make([]textLine, len(x.quoted))
	for i, l := range x.quoted {
		inner[i].s = l
	}
	y := newExtractor(inner, x.addressed)
	y.opened, y.inside = x.opened+1, true
	y.run()
	if len(y.segments) == 0 {
		return
	}
	opened := map[string]int{}
	for _, l := range x.quoted {
		opened[l]++
	}
	outer := make([]string, 0, len(x.cut))
	for _, l := range x.cut {
		if u := unquote(l); opened[u] > 0 {
			opened[u]--
		} else {
			outer = append(outer, l)
		}
	}
	x.segments, x.cut, x.doubtful = y.segments, append(outer, y.cut...), true
}
