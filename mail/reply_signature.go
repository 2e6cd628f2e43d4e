package mail

import (
	"strings"
	"unicode"
)

// Limits of what is cut below a mark: more than this is somebody's text.
const (
	maxSignature = 25   // lines below "-- " (RFC 3676 section 4.3)
	maxFooter    = 8    // lines of a mailing list's footer
	maxEnd       = 40   // lines and footers taken off the end
	maxAsked     = 1000 // paragraphs of one line that may be a device line
)

// cleanPiece takes off what programs put around a piece of new text: the banners above (first piece only), signatures marked
// as such, "Sent from my …", disclaimers and drawn lines below. Sign-offs and names are kept. doubtful: it is not sure that what
// stands below a mark is a signature, so it is kept.
func cleanPiece(piece []string, first bool) (kept, cut []string, doubtful bool) {
	kept = trimLines(piece)
	if first && len(kept) > 0 {
		kept, cut = cutBanners(kept)
	}
	at, doubtful := signatureMark(kept)
	if at >= 0 {
		cut = append(cut, kept[at:]...)
		kept = kept[:at]
	}
	kept, below := cutEnd(kept)
	cut = append(cut, below...)
	if len(kept) > 1 && isDeviceLine(kept[0]) && blankLine(kept[1]) {
		cut = append(cut, kept[0])
		kept = kept[1:]
	}
	kept, removed := innerDeviceLines(kept)
	return trimLines(kept), append(cut, removed...), doubtful
}

// cutEnd takes drawn lines, device lines and footers off the end.
func cutEnd(kept []string) (rest, cut []string) {
	for n := 0; len(kept) > 0 && n < maxEnd; n++ {
		last := strings.TrimSpace(kept[len(kept)-1])
		if last == "" {
			n-- // drawn lines and footers count
		}
		take := 0
		if last == "" || isDivider(last) || last == "\u1427" || isDeviceLine(last) || isImageLine(last) {
			take = 1
		} else {
			take = footerLines(kept)
		}
		if take == 0 {
			break
		}
		cut = append(cut, kept[len(kept)-take:]...)
		kept = kept[:len(kept)-take]
	}
	return kept, cut
}

// innerDeviceLines takes out a device line that stands alone between empty lines: below it stands a signature or a
// postscript, which are kept.
func innerDeviceLines(kept []string) (out, cut []string) {
	out = kept
	asked := 0
	for i, l := range kept {
		inner := i > 0 && i+1 < len(kept) && asked < maxAsked && l != "" && len(l) <= maxDevice && blankLine(kept[i-1]) && blankLine(kept[i+1])
		if inner {
			asked++
			inner = isDeviceLine(l)
		}
		if inner && len(cut) == 0 {
			out = append(make([]string, 0, len(kept)), kept[:i]...)
		}
		if inner {
			cut = append(cut, l)
		} else if len(cut) > 0 {
			out = append(out, l)
		}
	}
	return out, cut
}

func trimLines(lines []string) []string {
	for len(lines) > 0 && invisible(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && invisible(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func invisible(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == ""
}

var listFooter = pattern(`(?i)mailing list|mailman|listinfo|unsubscribe|@lists?\.|sändlista|e-postlista|avprenumerera|google groups`)

// signatureMark finds the line where a signature or a list's footer begins, the topmost of those that are near enough to each other,
// or -1. doubtful: below a mark stands what may be somebody's words.
func signatureMark(lines []string) (mark int, doubtful bool) {
	mark = -1
	end, below := len(lines), 0 // the lines below line i, down to the mark already found: where they end, and how many are not empty
	for i := len(lines) - 1; i >= 0 && end-i <= 3*maxSignature; i-- {
		s := strings.TrimRight(lines[i], " \t")
		if s == "" {
			continue
		}
		if isMark(lines, i, s, end, below) {
			if owner := ownBelow(lines[i+1:end], lines[i] == "-- "); owner {
				return mark, true
			}
			mark, end, below = i, i, 0
			continue
		}
		if below++; below > maxSignature {
			break
		}
	}
	return mark, false
}

func isMark(lines []string, i int, s string, end, below int) bool {
	switch {
	case s == "--" || s == "—" && i > 0 && blankLine(lines[i-1]):
		return true
	case len(s) >= 2 && s[0] == '_' && strings.Trim(s, "_") == "":
		return below <= maxFooter && listFooter().MatchString(strings.Join(lines[i+1:end], "\n"))
	case strings.HasPrefix(s, "-- ") && i > 0 && blankLine(lines[i-1]):
		return below == 0 && end == len(lines) && len(strings.Fields(s)) <= 4 // "-- Eva" on the last line
	}
	return false
}

// ownBelow tells that sentences stand below two dashes: somebody drew a line in their text. A line of RFC 3676 ("-- ", standard) is drawn by
// programs, and people put a motto below it, so more is asked there.
func ownBelow(below []string, standard bool) bool {
	sentences, words, seen := 0, 0, 0
	for _, l := range below {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		n := len(strings.Fields(l))
		if seen++; seen == 1 && standard && n <= 4 || seen > 6 || isContactLine(l) || isFooterLine(l) || listFooter().MatchString(l) {
			break
		}
		words += n
		if ends := strings.ContainsAny(l[len(l)-1:], ".?!"); ends && n >= 5 || standard && strings.Contains(l, ". ") {
			sentences++
		}
		if ends := strings.ContainsAny(l[len(l)-1:], ".?!"); ends && standard && strings.Contains(l, ". ") {
			sentences++
		}
	}
	if standard {
		return sentences >= 2 && words >= 12
	}
	return sentences >= 1
}

var contact = pattern(`(?i)\S@\S+\.\S|https?://|www\.|(?:^|[^\p{L}])(?:tel|telefon|tfn|mobil|mobile|phone|fax|växel|vx|direkt|besöksadress|postadress|besök|adress|box|e-?post|e-?mail|mail|webb?|webbplats|hemsida|orgnr|org\.? ?nr)(?:\s?:|\s?\.?:?\s?\+?\d)|\+?\d[\d \-/()]{6,}\d|^\d{3} ?\d{2} \p{Lu}|\p{L}\.(?:se|com|nu|org|eu)(?:$|[\s/|])`)

// isContactLine tells a line of a signature: telephone, address, link.
func isContactLine(l string) bool {
	return len(l) <= 200 && mayBeContact(l) && contact().MatchString(l) && len(strings.Fields(l)) <= 14
}

// mayBeContact looks for the signs that contact wants, one of them at least: the pattern costs more.
func mayBeContact(l string) bool {
	for i := range len(l) {
		switch c := l[i]; {
		case c == '@', c == ':', c >= '0' && c <= '9':
			return true
		case c == '.' && (i > 0 && l[i-1]|0x20 == 'w' || i+1 < len(l) && l[i+1] > ' '):
			return true
		}
	}
	return false
}
