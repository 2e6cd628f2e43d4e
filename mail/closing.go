package mail

import "strings"

// closingPhrase is how a writer takes leave, alone on its line or with a name after it. Swedish and English, and what neighbours write.
var closingPhrase = pattern(`(?i)^[\s–—-]*(?:med\s+)?(?:` +
	`m\.?\s?v\.?\s?h\.?|vänlig(?:a|en)?(?:\s+häls?ning(?:ar)?)?|(?:bästa|hjärtliga|varma|många|glada)\s+hälsningar|vänlig\s+hälsning|hälsning(?:ar|en)?|hälsar|allt\s+gott|` +
	`(?:with\s+)?(?:best|kind|kindest|warm|warmest|many)\s+(?:regards|wishes)|regards|best|sincerely|yours(?:\s+(?:sincerely|faithfully|truly))?|cheers|br|kr|` +
	`(?:med\s+)?vennlig\s+hilsen|(?:med\s+)?venlig\s+hilsen|hilsen|mvh|ystävällisin\s+terveisin|terveisin` +
	`)[\s,.!]*((?:[/,–-]\s*)?\pL[\pL.'’-]*(?:\s+\pL[\pL.'’-]*){0,3})?[\s,.!]*$`)

const (
	closingLines = 30  // a signature is no longer than that
	closingWidth = 120 // bytes of one of its lines that is no telephone, address or link
	contactWidth = 400
)

// cutClosing takes the closing and the signature below it off the end of what somebody wrote: "TAR, Mvh Kim" is TAR, and who writes that they
// lost a list does not mean their own telephone number to be part of the answer. A closing is a phrase of leave-taking on a line of its own with
// nothing but short lines below it, or the sender's own name with nothing but a signature below it. At least one line must stand above.
// What stands below a signature on every mail of an organisation has been cut before (see cleanPiece).
func cutClosing(text, sender string) string {
	lines := strings.Split(text, "\n")
	end := len(lines)
	for end > 0 && blankLine(lines[end-1]) {
		end--
	}
	top, at, contacts, seen := 0, -1, 0, 0
	for top < end && blankLine(lines[top]) {
		top++
	}
	for i := end - 1; i > top && seen <= closingLines; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		reaches := isContactLine(line) && len(line) <= contactWidth || strings.Contains(line, " | ") && len(line) <= contactWidth
		if len(line) > closingWidth && !reaches || strings.Contains(line, "[") && marker().MatchString(line) ||
			strings.Contains(line, ":") && answerMark().MatchString(line) {
			break
		}
		if closingPhrase().MatchString(line) {
			at = i
			break
		}
		// the name is looked for further up: it stands in the signature again, or a closing above it
		if isName(line, sender) && (i == end-1 || contacts > 0) || contacts > 0 && beginsWithName(line, sender) {
			at = i
		}
		if seen++; reaches {
			contacts++
		}
	}
	if at < 0 {
		return text
	}
	return strings.TrimRight(strings.Join(lines[:at], "\n"), " \t\r\n")
}

// beginsWithName tells a line such as "Eva Ek, registrator" or "Eva Ek | IT".
func beginsWithName(line, sender string) bool {
	sender = strings.TrimSpace(sender)
	if !strings.Contains(sender, " ") || len(line) <= len(sender) || !strings.EqualFold(line[:len(sender)], sender) {
		return false
	}
	return strings.ContainsAny(strings.TrimLeft(line[len(sender):], " ")[:1], ",|/-(")
}

// answerMark begins an answer by number, which is no part of a signature: "29: 3".
var answerMark = pattern(`^(?:[0-9]{1,2}(?:-[0-9]{1,2})?|[A-Z])\s*:`)

// isName reports whether a line is the sender's display name, or the first name of it.
func isName(line, sender string) bool {
	line = strings.Trim(strings.TrimSpace(line), "/-–, ")
	first, _, _ := strings.Cut(strings.TrimSpace(sender), " ")
	return line != "" && (strings.EqualFold(line, strings.TrimSpace(sender)) || len(first) > 2 && strings.EqualFold(line, first))
}
