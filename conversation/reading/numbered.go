package reading

import "strings"

// Numbered is the answer to one question of a list.
type Numbered struct {
	Number string // as given
	Text   string // verbatim but for white space at its end
}

// SplitNumbered takes a reply to several questions apart. A line that begins with one of the numbers and a mark ("29:",
// "[29]", "Fråga 29:"), or with the letter of a question of our own ("C:"), begins an answer that runs to the next such line;
// lead is what stands before the first. Times ("12:30"), dates, numbered lists ("1.", "1)") and numbers that were not asked
// about begin nothing, nor does a number that was answered already, so that a list within an answer stays there.
//
// Where the text before the first mark may be free text, apart is set: a mark then begins an answer only after an empty line, so that
// a line "12: twelve" within somebody's own words stays there.
func SplitNumbered(text string, numbers []string, apart bool) (lead string, parts []Numbered) {
	asked := map[string]string{}
	for _, n := range numbers {
		asked[fold(n)] = n
	}
	text = normalEnds(text)
	start := 0 // of the text that belongs to the last part, or the lead
	end := func(at int) {
		piece := strings.TrimRight(text[start:at], " \t\n\u00a0")
		if len(parts) == 0 {
			lead = piece
			return
		}
		// One space after the mark, or the line end, belongs to the mark.
		parts[len(parts)-1].Text = strings.TrimLeft(strings.TrimPrefix(piece, " "), "\n")
	}
	parted := true // the line before is empty, or there is none
	for at := 0; at <= len(text); {
		line, _, more := strings.Cut(text[at:], "\n")
		if number, body := questionAt(line, asked); body >= 0 && (parted || !apart || len(parts) > 0) {
			end(at)
			parts = append(parts, Numbered{Number: number})
			delete(asked, fold(number))
			start = at + body
		}
		parted = strings.TrimSpace(line) == ""
		if !more {
			break
		}
		at += len(line) + 1
	}
	end(len(text))
	return lead, parts
}

// questionAt gives the question that a line begins with and where its answer begins; -1 if there is none.
func questionAt(line string, asked map[string]string) (number string, body int) {
	i := len(line) - len(strings.TrimLeft(line, " \t*_>\u00a0"))
	marked := false
	for _, w := range []string{"fråga", "question", "nr", "q", "svar"} {
		if len(line) >= i+len(w) && strings.EqualFold(line[i:i+len(w)], w) {
			rest := line[i+len(w):]
			if j := len(rest) - len(strings.TrimLeft(rest, " .\u00a0")); j > 0 || w == "q" {
				i, marked = i+len(w)+j, true
				break
			}
		}
	}
	bracket := strings.HasPrefix(line[i:], "[") || strings.HasPrefix(line[i:], "(")
	if bracket {
		i++
	}
	j := i
	if letter := j < len(line) && line[j] >= 'A' && line[j] <= 'Z'; letter {
		j++ // a question of our own: "C: 070-000 00 01"
	}
	for j < len(line) && (isDigit(line[j]) || line[j] == '-' && j > i || strings.HasPrefix(line[j:], "–")) {
		if line[j] >= 0x80 {
			j += len("–") - 1
		}
		j++
	}
	number, ok := asked[fold(line[i:j])]
	if !ok || j == i {
		return "", -1
	}
	if bracket {
		if j >= len(line) || line[j] != ']' && line[j] != ')' {
			return "", -1
		}
		j++
	}
	rest := strings.TrimLeft(line[j:], " *_\u00a0")
	spaced := len(rest) < len(line)-j
	after := len(line) - len(rest) + 1
	switch {
	case strings.HasPrefix(rest, ":"):
		if !spaced && !marked && !bracket && minutes(line[after:]) {
			return "", -1 // 12:30
		}
		return number, after
	case bracket, marked && rest == "":
		return number, len(line) - len(rest)
	}
	return "", -1
}

// minutes reports whether s begins with two figures, as a time of day goes on after its hour.
func minutes(s string) bool {
	return len(s) >= 2 && isDigit(s[0]) && isDigit(s[1]) && (len(s) == 2 || !isDigit(s[2]))
}
