package reading

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form that readers compare: lower case, no diacritics (people type "igar" on foreign
// keyboards), plain quotes and hyphens, runs of white space as one space. It is never shown.
func fold(s string) string {
	f := folder{}
	f.out.Grow(len(s))
	f.write(s)
	return f.out.String()
}

type folder struct {
	out   strings.Builder
	space bool
}

// write folds a piece of text; pieces are parted at a plain rune.
func (f *folder) write(s string) {
	for at := 0; at < len(s); {
		if r, size := plainRune(s[at:]); size > 0 {
			f.add(r)
			at += size
			continue
		}
		// What is not plain is decomposed together, up to the next plain rune: marks of one letter may change places.
		from := at
		for at < len(s) {
			if _, size := plainRune(s[at:]); size > 0 {
				break
			}
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
		}
		for _, r := range norm.NFKD.String(s[from:at]) {
			f.add(r)
		}
	}
}

// add folds one decomposed rune.
func (f *folder) add(r rune) {
	switch r = foldRune(r); {
	case r == 0:
	case r == ' ':
		f.space = f.out.Len() > 0
	default:
		if f.space {
			f.out.WriteByte(' ')
			f.space = false
		}
		f.out.WriteRune(r)
	}
}

// plainRune reads a rune that needs no table to be decomposed: ASCII, of the letters with a diacritic the Swedish ones, without it, and a byte that is
// no UTF-8, as U+FFFD. size is 0 for any other.
func plainRune(s string) (r rune, size int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	if len(s) > 1 && s[0] == 0xc3 {
		switch s[1] {
		case 0x85, 0x84, 0xa5, 0xa4: // Å Ä å ä
			return 'a', 2
		case 0x96, 0xb6: // Ö ö
			return 'o', 2
		case 0x89, 0xa9: // É é
			return 'e', 2
		}
	}
	if r, size := utf8.DecodeRuneInString(s); size == 1 {
		return r, 1
	}
	return 0, 0
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
func bare(s string) string { return withoutEnd(fold(s)) }

func withoutEnd(folded string) string { return strings.TrimSpace(strings.TrimRight(folded, " .!,;")) }

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
