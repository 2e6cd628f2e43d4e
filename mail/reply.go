package mail

import "strings"

// extraction is the new text of a reply and what was cut.
type extraction struct {
	segments []Segment
	doubtful bool
	cut      string
}

// addressed is what the header tells of a mail whose new text is sought.
type addressed struct {
	mine    func(addr string) bool // the mail was sent to that address
	answers bool                   // it answers a mail
}

// extractor goes through the lines of a mail once. Own lines gather; quoted ones in quoted until new text follows.
type extractor struct {
	addressed
	lines []string
	kinds []lineKind
	hints []lineHint

	from, to   int // the lines that new text is gathering in
	quoted     []string
	own        bool // new text was found
	segments   []Segment
	cut        []string
	doubtful   bool
	looked     int  // places looked at for an attribution
	forward    bool // the quoted lines belong to a forwarded mail
	introduced bool // what introduces a quote has been seen
	inside     bool // the lines are what somebody quoted
	opened     int  // forwarded mails that these lines were taken out of
	later      int8 // whether one stands further down: 0 not yet known, 1 yes, -1 no
}

// extract parts the new text from the mail that it answers. Each piece of new text is a run of lines of the mail, and the
// pieces keep their order.
func extract(lines []textLine, r addressed) extraction {
	x := newExtractor(lines, r)
	x.run()
	out := extraction{segments: x.segments, doubtful: x.doubtful, cut: strings.Trim(strings.Join(x.cut, "\n"), "\n")}
	if len(out.segments) == 0 {
		out.doubtful = true
	}
	return out
}

func newExtractor(lines []textLine, r addressed) *extractor {
	x := &extractor{addressed: r, lines: make([]string, len(lines)), kinds: make([]lineKind, len(lines)), hints: make([]lineHint, len(lines))}
	for i, l := range lines {
		x.lines[i], x.hints[i], x.kinds[i] = l.s, l.hint, classify(l.s)
	}
	return x
}

// fate is what happens to lines.
type fate uint8

const (
	keepLines fate = iota
	cutLines
	cutRest // these lines and all below
)

func (x *extractor) run() {
	for i := 0; i < len(x.lines); {
		n, what := x.at(i)
		switch what {
		case cutRest:
			x.flush()
			x.cut = append(x.cut, x.lines[i:]...)
			return
		case cutLines:
			x.flush()
			x.cut = append(x.cut, x.lines[i:i+n]...)
		default:
			x.keep(i, n)
		}
		i += n
	}
	x.flush()
	x.openForward()
}

// keep takes lines as new text. A blockquote that nothing marks as an older mail is somebody's way to set off a paragraph: it loses its mark.
func (x *extractor) keep(i, n int) {
	for k := i; k < i+n; k++ {
		if x.hints[k]&hintSetOff != 0 {
			x.lines[k] = unquote(x.lines[k])
		}
		x.own = x.own || x.kinds[k]&lineBlank == 0
	}
	if x.from == x.to {
		x.from = i
	}
	x.to = i + n
}

// at tells what to do with how many lines from i on.
func (x *extractor) at(i int) (n int, what fate) {
	if x.hints[i]&hintCut != 0 && x.own {
		return 0, cutRest
	}
	if x.isQuoted(i) {
		if n := x.ownQuote(i); n > 0 {
			return n, keepLines
		}
		return x.quoteRun(i), cutLines
	}
	n, certain := 0, true
	if x.hints[i]&hintIntro != 0 {
		n = x.introRun(i)
	} else if x.mayIntroduce(i) {
		n, certain = x.introducesQuote(i, strings.TrimSpace(x.lines[i]))
	}
	if n == 0 {
		return 1, keepLines
	}
	x.introduced = true
	if next := x.nextLine(i + n); next < 0 || x.isQuoted(next) {
		return n, cutLines
	}
	if !x.own {
		// Written below what it answers, or forwarded without a word: whose words these are cannot be seen.
		x.doubtful = true
		if !x.answers && !certain {
			return n, keepLines
		}
		return n, cutLines
	}
	if !certain || x.pointsBelow(i) {
		x.doubtful = true
	}
	return 0, cutRest
}

// pointsBelow tells that the words above line i send the reader to what stands below, where answers are not told from what they answer.
func (x *extractor) pointsBelow(i int) bool {
	const look = 12
	above := strings.Join(x.lines[max(0, i-look):i], " ")
	return len(above) <= 400 && containsAny(strings.ToLower(above), belowWords) && below().MatchString(above)
}

// belowWords: all that below finds has one of them.
var belowWords = []string{"nedan", "under", "rött", "rødt", "rödt", "blått", "grönt", "mejlet", "mailet", "below", "line", " red", " blue", "unten", "ci-dessous"}

var below = pattern(`(?i)(?:^|[^\p{L}])(?:(?:svar\p{L}*|skriv\p{L}*|kommentar\p{L}*|ifyll\p{L}*|fyllt i|text\p{L}*) .{0,30}(?:nedan|i rött|i blått|i grönt|med rött|med rödt|i mejlet|i mailet|under varje)|se (?:nedan|under)|i rött|i rødt|(?:see|answers?|comments?|replies|responses?|answered|replied) .{0,20}(?:below|inline|in-line|in red|in blue)|inline|siehe unten|voir ci-dessous)(?:$|[^\p{L}])`)

// introRun counts the lines that the HTML marks as an attribution.
func (x *extractor) introRun(i int) (n int) {
	blank := true
	for i+n < len(x.lines) && x.hints[i+n]&hintIntro != 0 {
		blank = blank && x.kinds[i+n]&lineBlank != 0
		x.forward = x.forward || tellsForward(x.lines[i+n])
		n++
	}
	if blank {
		return 0
	}
	return n
}

// mayIntroduce tells by the kinds of the lines whether a quote may be introduced at line i.
func (x *extractor) mayIntroduce(i int) bool {
	return x.kinds[i]&(lineSigns|lineLabel|lineEnds|lineMarker) != 0 || x.endsNear(i)
}

// endsNear tells that the paragraph at line i has a line that may end an attribution, near enough.
func (x *extractor) endsNear(i int) bool {
	for n := 0; n < maxAttributionLines && i+n < len(x.lines); n++ {
		switch k := x.kinds[i+n]; {
		case k&lineBlank != 0:
			return false
		case k&lineEnds != 0:
			return true
		}
	}
	return false
}

// introducesQuote finds an attribution, a separator or a header block at line i and its length. certain is false where it
// could be text that the writer pasted.
func (x *extractor) introducesQuote(i int, trimmed string) (n int, certain bool) {
	if n, from := x.separator(i, trimmed); n > 0 {
		return n, from == "" || x.mine(from)
	}
	if n, from := x.headerBlock(i, 3); n > 0 {
		certain = from == "" || x.mine(from)
		if above := x.lineAbove(i); !certain && strings.HasSuffix(above, ":") && !isDivider(above) {
			x.doubtful = true
			return 0, false // "this is the mail:" and then the mail, told to us
		}
		return n, certain
	}
	if isDivider(trimmed) {
		return 0, false
	}
	if n = x.attribution(i, trimmed); n > 0 {
		from := findAddress(strings.Join(x.lines[i:i+n], " "))
		return n, from != "" && x.mine(from)
	}
	return 0, false
}

// lineAbove is the nearest line above that is not empty, trimmed.
func (x *extractor) lineAbove(i int) string {
	for i--; i >= 0; i-- {
		if x.kinds[i]&lineBlank == 0 {
			return strings.TrimSpace(x.lines[i])
		}
	}
	return ""
}

// nextLine is the next line from i on that is not empty, or -1.
func (x *extractor) nextLine(i int) int {
	for ; i < len(x.lines); i++ {
		if x.kinds[i]&lineBlank == 0 {
			return i
		}
	}
	return -1
}

// flush ends a piece of new text.
func (x *extractor) flush() {
	if x.from == x.to {
		return
	}
	kept, cut, doubtful := cleanPiece(x.lines[x.from:x.to:x.to], len(x.segments) == 0)
	x.from, x.to = 0, 0
	x.cut = append(x.cut, cut...)
	if len(kept) == 0 {
		return
	}
	x.doubtful = x.doubtful || doubtful
	quoted := strings.Trim(strings.Join(x.quoted, "\n"), "\n")
	x.quoted = nil
	x.segments = append(x.segments, Segment{Quoted: quoted, Text: strings.Join(kept, "\n")})
}
