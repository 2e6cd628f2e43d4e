package reading

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Span is a piece of a text: the bytes from Start until before End.
type Span struct{ Start, End int }

// FindPersonnummer finds Swedish personnummer and samordningsnummer (the day plus 60) of 10 or 12 digits, in order, none
// overlapping. Between date and last four digits may stand a hyphen or dash, a plus sign or spaces, or nothing; the date may
// have separators of its own. The date must exist and the check digit be right (folkbokföringslag 1991:481, 18 §), so
// organisation numbers, whose third digit is at least 2, phone numbers and dates are left alone.
func FindPersonnummer(text string) []Span {
	var out []Span
	for i := 0; i < len(text); {
		_, size := digitAt(text, i)
		if size == 0 {
			i++
			continue
		}
		if end := personnummerAt(text, i); end > 0 {
			out = append(out, Span{i, end})
			i = end
			continue
		}
		for ; size > 0; _, size = digitAt(text, i) { // not from the middle of a run
			i += size
		}
	}
	return out
}

// digitAt reads the digit at i, which may be one of full width (U+FF10 to U+FF19), as ASCII; size is 0 if there is none.
func digitAt(text string, i int) (d byte, size int) {
	if i >= len(text) {
		return 0, 0
	}
	if isDigit(text[i]) {
		return text[i], 1
	}
	if text[i] == 0xef {
		if r, size := utf8.DecodeRuneInString(text[i:]); r >= '\uff10' && r <= '\uff19' {
			return byte(r-'\uff10') + '0', size
		}
	}
	return 0, 0
}

// seen is the place of the first character from i on that can be seen: marks of direction, joiners and soft hyphens come along when text is pasted,
// and hide nothing from a reader.
func seen(text string, i int) int {
	for i < len(text) && text[i] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.Is(unicode.Cf, r) {
			break
		}
		i += size
	}
	return i
}

// MaskPersonnummer puts replacement in the place of each.
func MaskPersonnummer(text, replacement string) string {
	var b strings.Builder
	last := 0
	for _, s := range FindPersonnummer(text) {
		b.WriteString(text[last:s.Start])
		b.WriteString(replacement)
		last = s.End
	}
	b.WriteString(text[last:])
	return b.String()
}

// personnummerAt gives the end of the number that begins with the digit at i, or 0.
func personnummerAt(text string, i int) int {
	for _, n := range []int{12, 10} {
		digits, end, ok := gather(text, i, n)
		if ok && isPersonnummer(digits) {
			return end
		}
	}
	return 0
}

// gather collects n digits from i on, over the separators that people write within a personnummer; ok if no digit follows.
// Between year, month and day stands at most one; before the last four as many as three ("850709 - 1234"), but not only
// spaces after a date with hyphens, which is a date and a time ("2026-11-20 1430").
func gather(text string, i, n int) (digits string, end int, ok bool) {
	var d [12]byte
	seps := 0
	var inner, sign bool
	for k := 0; k < n; {
		i = seen(text, i)
		if digit, size := digitAt(text, i); size > 0 {
			d[k] = digit
			k, i, seps = k+1, i+size, 0
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		kind := separators[r]
		left := n - k
		seps++
		switch {
		case kind == 0, k == 0, left == 4 && seps > 3, left != 4 && (seps > 1 || kind == last):
			return "", 0, false
		case left != 4 && left != 6 && left != 8 && !(left == 10 && n == 12):
			return "", 0, false
		case left == 4:
			sign = sign || kind != space
		default:
			inner = inner || kind != space
		}
		i += size
	}
	if _, size := digitAt(text, seen(text, i)); size > 0 || inner && !sign {
		return "", 0, false
	}
	return string(d[:n]), i, true
}

// separatorKind tells where a separator may stand.
type separatorKind int8

const (
	space  separatorKind = iota + 1
	inside               // also between year, month and day
	last                 // only before the last four digits
)

var separators = map[rune]separatorKind{
	' ': space, '\u00a0': space, '\u202f': space, '\u2009': space, '\u3000': space, '\t': space,
	'-': inside, '–': inside, '‐': inside, '‑': inside, '‒': inside, '−': inside, '－': inside, '﹣': inside, '.': inside, '/': inside, '_': inside,
	'+': last, '＋': last, '—': last, '―': last,
}

// isPersonnummer checks 10 or 12 digits.
func isPersonnummer(d string) bool {
	century := 0
	if len(d) == 12 {
		century = atoi(d[:2])
		if century < 18 || century > 20 {
			return false
		}
		d = d[2:]
	}
	month, day := atoi(d[2:4]), atoi(d[4:6])
	if day > 60 {
		day -= 60
	}
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	year := 2000 + atoi(d[:2]) // without a century: leap years are the same in the 1900s, but for 1900
	if century != 0 {
		year = 100*century + atoi(d[:2])
	}
	if day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return false
	}
	return luhn(d)
}

// luhn checks the last digit of d (ISO/IEC 7812-1 annex B).
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
