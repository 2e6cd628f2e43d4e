package reading

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form that readers compare: lower case, no diacritics (people type "igar" on foreign
// keyboards), plain quotes and hyphens, runs of white space as one space. It is never shown.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKD.String(s) {
		r = foldRune(r)
		switch {
		case r == 0:
		case r == ' ':
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldRune folds one decomposed rune; 0 means that it is dropped.
func foldRune(r rune) rune {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '-':
		return '-'
	case '’', '‘', '‛', '´', '`', '′':
		return '\''
	case '“', '”', '„', '«', '»', '″':
		return '"'
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\ufe0f':
		return 0
	}
	switch {
	case r < 0x80 && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9'):
		return r
	case unicode.Is(unicode.Mn, r):
		return 0
	case unicode.IsSpace(r):
		return ' '
	}
	return unicode.ToLower(r)
}

// bare is fold without the punctuation that ends a message.
func bare(s string) string {
	return strings.TrimSpace(strings.TrimRight(fold(s), " .!,;"))
}

// table spreads lines of alternatives ("a|b|c") over one map.
func table[T any](m map[string]T) map[string]T {
	out := make(map[string]T, 2*len(m))
	for k, v := range m {
		for alt := range strings.SplitSeq(k, "|") {
			out[fold(alt)] = v
		}
	}
	return out
}

// lines splits text at LF, CRLF and CR.
func lines(text string) []string {
	return strings.Split(normalEnds(text), "\n")
}

func normalEnds(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}
