package reading

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a run of digits or one other character of a message. Words are folded.
type token struct {
	text       string
	kind       tokenKind
	start, end int  // bytes in the message
	glued      bool // no space before it
}

type tokenKind int8

const (
	word tokenKind = iota + 1
	digits
	mark
)

// maxDateTokens bounds the work on one phrase; nobody says a date in more.
const maxDateTokens = 40

// lex splits the beginning of text into tokens, at most maxDateTokens of them.
func lex(text string) []token {
	var toks []token
	glued := false
	for i := 0; i < len(text) && len(toks) < maxDateTokens; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || foldRune(r) == 0 && !unicode.Is(unicode.Mn, r) {
			glued = glued && !unicode.IsSpace(r)
			i += size
			continue
		}
		t := token{start: i, glued: glued, kind: mark}
		var end int
		switch {
		case r >= '0' && r <= '9':
			t.kind, end = digits, i+runOf(text[i:], func(r, _ rune) bool { return r >= '0' && r <= '9' })
		case unicode.IsLetter(r):
			t.kind, end = word, i+runOf(text[i:], inWord)
		default:
			end = i + size
		}
		t.text, t.end = fold(text[i:end]), end
		toks = append(toks, t)
		i, glued = max(end, i+1), true
	}
	return toks
}

func runOf(s string, in func(r, next rune) bool) int {
	for i, r := range s {
		if r == utf8.RuneError {
			return i
		}
		if next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):]); !in(r, next) {
			return i
		}
	}
	return len(s)
}

// inWord holds for letters, their combining accents, and an apostrophe before a letter ("o'clock").
func inWord(r, next rune) bool {
	if foldRune(r) == '\'' {
		return unicode.IsLetter(next)
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r)
}

// reader walks over the tokens of one phrase.
type reader struct {
	toks []token
	lang Lang
	lex  *lexicon
}

func newReader(text string, lang Lang) *reader {
	r := &reader{toks: lex(text), lang: lang, lex: svLexicon}
	if lang == English {
		r.lex = enLexicon
	}
	return r
}

// at gives token i, or an empty one beyond the end.
func (r *reader) at(i int) token {
	if i < 0 || i >= len(r.toks) {
		return token{}
	}
	return r.toks[i]
}

// is reports whether token i is one of texts.
func (r *reader) is(i int, texts ...string) bool {
	t := r.at(i)
	for _, s := range texts {
		if t.text == s && t.kind != 0 {
			return true
		}
	}
	return false
}

// skip steps over token i if it is one of texts.
func (r *reader) skip(i int, texts ...string) int {
	if r.is(i, texts...) {
		return i + 1
	}
	return i
}

// joined reports whether tokens i and i+1 stand together without space.
func (r *reader) joined(i int) bool { return i+1 < len(r.toks) && r.toks[i+1].glued }

// longestPhrase is the number of words in the longest key of any table of phrases.
const longestPhrase = 5

// lookup finds the longest key of table that the words from i spell. An abbreviation may end in a full stop.
func lookup[T any](r *reader, i int, table map[string]T) (v T, next int, ok bool) {
	var b strings.Builder
	for j := i; j < i+longestPhrase; j++ {
		t := r.at(j)
		if t.kind != word {
			break
		}
		if j > i {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		if found, is := table[b.String()]; is {
			v, next, ok = found, j+1, true
		}
	}
	if ok && r.is(next, ".") && r.at(next).glued && next-i == 1 && len(r.at(i).text) <= 5 {
		next++
	}
	return v, next, ok
}

// number reads digits (at most six) or a numeral in words; spelled tells which.
func (r *reader) number(i int) (n, next int, spelled bool) {
	t := r.at(i)
	if t.kind == digits {
		if len(t.text) > 6 {
			return 0, i, false
		}
		return atoi(t.text), i + 1, false
	}
	if t.kind != word {
		return 0, i, false
	}
	var words []string
	best := i
	for j := i; j < i+5 && r.at(j).kind == word; j++ {
		words = append(words, r.at(j).text)
		if v, ok := cardinal(words, r.lang); ok {
			n, best = v, j+1
		}
		if r.is(j+1, "-") && r.at(j+1).glued && r.joined(j+1) && r.at(j+2).kind == word {
			j++ // twenty-two
		}
	}
	return n, best, best > i
}

// ordinal reads "femte", "27:e", "3rd", "twenty-second".
func (r *reader) ordinal(i int) (n, next int) {
	t := r.at(i)
	if t.kind == digits && len(t.text) <= 2 {
		j := i + 1
		if r.lang == Swedish && r.is(j, ":") && r.at(j).glued {
			j++
		}
		if r.at(j).glued && r.at(j).kind == word && r.lex.ordinalEnds[r.at(j).text] {
			return atoi(t.text), j + 1
		}
		return 0, i
	}
	if n, ok := ordinalWord(t.text, r.lang); ok && t.kind == word {
		return n, i + 1
	}
	if tens := numerals(r.lang)[t.text]; (tens == 20 || tens == 30) && t.kind == word {
		j := r.skip(i+1, "-")
		if n, ok := ordinalWord(r.at(j).text, r.lang); ok && n < 10 {
			return tens + n, j + 1
		}
	}
	return 0, i
}

// atoi reads ASCII digits, few enough to fit.
func atoi(s string) (n int) {
	for _, c := range []byte(s) {
		n = 10*n + int(c-'0')
	}
	return n
}
