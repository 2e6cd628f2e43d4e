package mail

import (
	"strings"
	"unicode/utf8"
)

// lineKind is what the bytes of a line tell at once. It decides which of the costlier questions are asked about the line: most
// lines answer none of them.
type lineKind uint8

const (
	lineBlank  lineKind = 1 << iota
	lineQuote           // begins with a quote mark
	lineLabel           // has a colon where a header line's label ends
	lineEnds            // ends as attributions do
	lineColon           // … with a colon
	lineSigns           // begins with a sign, as separators and drawn lines do
	lineMarker          // begins as the line that asks to write above it
)

// maxLabel is how far from its beginning a header line has its colon, in bytes.
const maxLabel = 60

func classify(line string) (k lineKind) {
	s := strings.TrimSpace(line)
	if s == "" {
		return lineBlank
	}
	if isQuote(line) {
		k |= lineQuote
	}
	for i := 0; i < len(line) && i <= maxLabel; i++ {
		if line[i] == ':' || line[i] == 0xEF && strings.HasPrefix(line[i:], "：") {
			k |= lineLabel
			break
		}
	}
	end := strings.TrimRight(s, " *\t\u00a0")
	switch {
	case strings.HasSuffix(end, ":"), strings.HasSuffix(end, "："):
		k |= lineEnds | lineColon
	case strings.HasSuffix(end, ">"), strings.HasSuffix(end, "--") && !isDivider(end):
		k |= lineEnds
	case len(s) > 16 && s[4] == '-' && s[7] == '-' && s[0] == '2':
		k |= lineEnds
	}
	first := strings.TrimLeft(s, " \t*_|(")
	if first == "" || !letterOrDigit(first) {
		k |= lineSigns
	}
	if n := len(s); n > 10 && isMarkerStart(s) {
		k |= lineMarker
	}
	return k
}

func letterOrDigit(s string) bool {
	c := s[0]
	if c >= utf8.RuneSelf {
		return !strings.HasPrefix(s, "–") && !strings.HasPrefix(s, "—") && !strings.HasPrefix(s, "─")
	}
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// markerStarts begin the line that ticket systems ask people to write above.
var markerStarts = []string{"svara ovanför", "skriv ditt svar ovanför", "skriv svaret ovanför", "please reply above", "please type your reply above", "type your reply above",
	"reply above this line", "write your reply above", "skriv dit svar over", "svar over denne", "skriv svar over", "antworten sie oberhalb", "bitte antworten sie oberhalb", "kirjoita vastauksesi tämän",
	"répondez au-dessus", "responda por encima", "escriba su respuesta por encima", "antwoord boven deze"}

// isMarkerStart looks behind the signs that such a line may be drawn with.
func isMarkerStart(s string) bool {
	s = strings.TrimLeft(s, "-#=*_ \t")
	if s == "" {
		return false
	}
	c := s[0] | 0x20
	if c != 's' && c != 'p' && c != 't' && c != 'r' && c != 'w' && c != 'a' && c != 'b' && c != 'k' && c != 'e' {
		return false
	}
	for _, m := range markerStarts {
		if len(s) >= len(m) && c == m[0] && strings.EqualFold(s[:len(m)], m) {
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

// isDivider tells a line drawn of signs.
func isDivider(s string) bool {
	if len(s) < 2 {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t', '*', '_', '=', '~', '#', '+', '.', '-':
		case 0xE2: // – — ─
			if r := s[i:]; !strings.HasPrefix(r, "–") && !strings.HasPrefix(r, "—") && !strings.HasPrefix(r, "─") {
				return false
			}
			i += 2
		default:
			return false
		}
	}
	return true
}

func blankLine(s string) bool { return strings.TrimSpace(s) == "" }
