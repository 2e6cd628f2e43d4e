package mail

import (
	"fmt"
	"strings"
)

// maxEncodedWord lets the first encoded word stand on the line of the field's name. go-mail folds before a word that does not fit there,
// and a field whose first line is empty is read by some (Python's email) as if it began with a space.
const maxEncodedWord = 62

// encodedSubject writes a subject that is not plain ASCII as encoded words (RFC 2047 section 4.2); none parts a character.
func encodedSubject(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x7f }) {
		return s
	}
	const start, end = "=?utf-8?q?", "?="
	var words []string
	word := start
	for _, r := range s {
		piece := encodedRune(r)
		if len(word)+len(piece)+len(end) > maxEncodedWord {
			words = append(words, word+end)
			word = start
		}
		word += piece
	}
	return strings.Join(append(words, word+end), " ")
}

func encodedRune(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r > ' ' && r < 0x7f && r != '=' && r != '?' && r != '_':
		return string(r)
	}
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "=%02X", c)
	}
	return b.String()
}
