package reading

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Stockholm must be known on any machine
)

// Direction breaks ties where a phrase may mean a past or a coming time: a bare weekday, a day without a year.
type Direction string

// The directions. Any other value counts as Nearest.
const (
	Past    Direction = "past"
	Future  Direction = "future"
	Nearest Direction = "nearest"
)

// When is a time as somebody said it, in Europe/Stockholm. It lasts from Start until before End, which is one Grain after
// Start, or after the last Grain of a range.
type When struct {
	Start, End time.Time
	Grain      Grain
	HasTime    bool // a time of day was said, or follows from what was said ("two hours ago")
	Loose      bool // it says more than the times can hold: "about", "after", a part of the day, a range
}

// maxDatePhrase is the length in bytes beyond which no phrase for a date is looked for.
const maxDatePhrase = 300

var stockholm = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Stockholm") })

// Stockholm is the zone that dates are read in. The error is for a build without zone data; check it at start.
func Stockholm() (*time.Location, error) { return stockholm() }

// Date reads text as a date, a time or both; all of it must be understood. now is what it is relative to.
func Date(text string, lang Lang, now time.Time, dir Direction) (When, bool) {
	w, p := readDate(text, lang, now, dir)
	return w, p.OK()
}

// DatePrefix reads the longest beginning of text's first line that is a date and gives the rest of the text verbatim,
// without the comma, semicolon or dash that joined it.
func DatePrefix(text string, lang Lang, now time.Time, dir Direction) (w When, rest string, ok bool) {
	w, rest, p := readDatePrefix(text, lang, now, dir)
	return w, rest, p.OK()
}

func readDate(text string, lang Lang, now time.Time, dir Direction) (When, Problem) {
	text = strings.TrimSpace(text)
	if len(text) > maxDatePhrase {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	c, err := newCalendar(now, dir, lang)
	if err != nil {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	r := newReader(text, lang)
	stops := r.scan(c)
	if len(stops) == 0 || !r.onlyEnd(stops[len(stops)-1].next) {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	return c.resolve(stops[len(stops)-1].frame)
}

func readDatePrefix(text string, lang Lang, now time.Time, dir Direction) (When, string, Problem) {
	text = strings.TrimSpace(text)
	line, _, _ := strings.Cut(normalEnds(text), "\n")
	line = line[:min(len(line), maxDatePhrase)]
	c, err := newCalendar(now, dir, lang)
	if err != nil {
		return When{}, "", Problem{Key: DateNotUnderstood}
	}
	r := newReader(line, lang)
	stops := r.scan(c)
	problem := Problem{Key: DateNotUnderstood}
	for i := len(stops) - 1; i >= 0; i-- {
		s := stops[i]
		if !r.separable(s) {
			continue
		}
		w, p := c.resolve(s.frame)
		if p.OK() {
			return w, unjoin(text[r.toks[s.next-1].end:]), p
		}
		if p.Key != DateNotUnderstood {
			problem = p
			break // "31 februari 2026" is wrong, not February with a comment
		}
	}
	return When{}, "", problem
}

// unjoin removes what joins a comment to the date before it.
func unjoin(rest string) string {
	rest = strings.TrimSpace(rest)
	for _, joint := range []string{",", ";", "–", "—", "-", ".", ":", "!"} {
		if after, found := strings.CutPrefix(rest, joint); found {
			if joint == "-" && strings.HasPrefix(after, "-") {
				return rest
			}
			return strings.TrimSpace(after)
		}
	}
	return rest
}

// stop is a place where the tokens so far are a date.
type stop struct {
	frame
	next int
}

// onlyEnd reports whether nothing but closing punctuation stands from i on.
func (r *reader) onlyEnd(i int) bool {
	for ; i < len(r.toks); i++ {
		if !r.is(i, ".", "!", ",", ";", ")") {
			return false
		}
	}
	return len(r.toks) < maxDateTokens
}

// separable reports whether the tokens before s.next may be a date with other text after it: no word or number is cut in
// two, and a lone abbreviation ("Sat", "mar") is no date in a sentence.
func (r *reader) separable(s stop) bool {
	if s.next >= len(r.toks) {
		return true
	}
	t, prev := r.toks[s.next], r.toks[s.next-1]
	if t.glued {
		follows := r.at(s.next + 1)
		if t.kind != mark || strings.ContainsAny(t.text, "-/:.'&@_") && follows.glued {
			return false
		}
	}
	if s.next == 1 && prev.kind == word && len(prev.text) <= 4 && t.kind != mark {
		_, isDay := r.lex.days[prev.text]
		return isDay
	}
	return true
}

// scan reads parts of a date until something else comes, and gives the places where it may end.
func (r *reader) scan(c *calendar) []stop {
	var stops []stop
	var f frame
	i := 0
	for i < len(r.toks) {
		next, j := r.part(c, f, i)
		if j == i {
			break
		}
		f, i = next, j
		if !f.open() {
			stops = append(stops, stop{f, i})
		}
	}
	return stops
}

// part reads one part at i, or after words that only join parts; the longest reading wins.
func (r *reader) part(c *calendar, f frame, i int) (frame, int) {
	best, end := f, i
	try := func(g frame, start int) {
		for _, read := range components {
			if h, j := read(r, c, g, start); j > end && j > start {
				best, end = h, j
			}
		}
	}
	try(f, i)
	if end > i {
		return best, end
	}
	j := i
	if i > 0 {
		j = r.skip(r.skip(j, ")"), ",", ";", "(")
	}
	for range 3 {
		if f.about == 0 {
			if b, k, ok := lookup(r, j, r.lex.about); ok {
				g := f
				g.about = b
				if try(g, r.skip(k, "~")); end > i {
					return best, end
				}
			}
		}
		_, k, ok := lookup(r, j, r.lex.glue)
		if !ok {
			_, k, ok = lookup(r, j, r.lex.of)
		}
		try(f, j)
		if end > i || !ok {
			return best, end
		}
		j = k
	}
	try(f, j)
	return best, end
}
