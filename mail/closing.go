package mail

import (
	"regexp"
	"strings"
)

// closingPhrase is how a writer takes leave, alone on its line or with a name after it. Swedish and English, and what neighbours write.
var closingPhrase = regexp.MustCompile(`(?i)^[\s–—-]*(?:med\s+)?(?:` +
	`m\.?\s?v\.?\s?h\.?|vänlig(?:a|en)?(?:\s+häls?ning(?:ar)?)?|(?:bästa|hjärtliga|varma|många|glada)\s+hälsningar|vänlig\s+hälsning|hälsning(?:ar|en)?|hälsar|allt\s+gott|` +
	`(?:with\s+)?(?:best|kind|kindest|warm|warmest|many)\s+(?:regards|wishes)|regards|best|sincerely|yours(?:\s+(?:sincerely|faithfully|truly))?|cheers|br|kr|` +
	`(?:med\s+)?vennlig\s+hilsen|(?:med\s+)?venlig\s+hilsen|hilsen|mvh|ystävällisin\s+terveisin|terveisin` +
	`)[\s,.!]*((?:[/,–-]\s*)?\pL[\pL.'’-]*(?:\s+\pL[\pL.'’-]*){0,3})?[\s,.!]*$`)

const (
	closingLines = 12  // a signature is no longer than that
	closingWidth = 120 // bytes of one of its lines
)

// cutClosing takes the closing and the signature below it off the end of what somebody wrote: "TAR, Mvh Kim" is TAR, and who writes that they
// lost a list does not mean their own telephone number to be part of the answer. A closing is a phrase of leave-taking on a line of its own with
// nothing but short lines below it, or the sender's own name alone at the end. At least one line must stand above.
func cutClosing(text, sender string) string {
	lines := strings.Split(text, "\n")
	end := len(lines)
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	for i := end - 1; i > 0 && end-i <= closingLines; i-- {
		line := strings.TrimSpace(lines[i])
		if len(line) > closingWidth || marker.MatchString(line) || answerMark.MatchString(line) {
			break
		}
		if line != "" && closingPhrase.MatchString(line) && strings.TrimSpace(strings.Join(lines[:i], "")) != "" {
			return strings.TrimRight(strings.Join(lines[:i], "\n"), " \t\r\n")
		}
	}
	if end > 1 && isName(lines[end-1], sender) && strings.TrimSpace(strings.Join(lines[:end-1], "")) != "" {
		return strings.TrimRight(strings.Join(lines[:end-1], "\n"), " \t\r\n")
	}
	return text
}

// answerMark begins an answer by number, which is no part of a signature: "29: 3".
var answerMark = regexp.MustCompile(`^(?:[0-9]{1,2}(?:-[0-9]{1,2})?|[A-Z])\s*:`)

// isName reports whether a line is the sender's display name, or the first name of it.
func isName(line, sender string) bool {
	line = strings.Trim(strings.TrimSpace(line), "/-–, ")
	first, _, _ := strings.Cut(strings.TrimSpace(sender), " ")
	return line != "" && (strings.EqualFold(line, strings.TrimSpace(sender)) || len(first) > 2 && strings.EqualFold(line, first))
}
