package mail

import (
	"slices"
	"strconv"
	"strings"
)

// The lines around an armoured message (RFC 9580 section 6.2).
const (
	pgpBegin = "-----BEGIN PGP MESSAGE-----"
	pgpEnd   = "-----END PGP MESSAGE-----"
)

// listBlocks lists the uuencoded and yEnc files that stand within a text. Their lines stay in it, as most clients show them,
// and are marked, since nobody typed them.
func (w *walker) listBlocks(lines []textLine) {
	for i := 0; i < len(lines); i++ {
		n, name, size := 0, "", 0
		switch first := lines[i].s; {
		case strings.HasPrefix(first, "begin "):
			n, name, size = uuBlock(lines[i:])
		case strings.HasPrefix(first, "=ybegin "):
			n, name, size = yencBlock(lines[i:])
		}
		if n == 0 {
			continue
		}
		w.attach(fileName(name), "application/octet-stream", size)
		for k := range lines[i : i+n] {
			lines[i+k].hint |= hintQuoted
		}
		i += n - 1
	}
}

// uuBlock measures "begin 644 name" with lines that all say their own length right, to "end" or the end of the text (POSIX
// uuencode). Anything else is a person's sentence that begins with that word: n is then 0.
func uuBlock(lines []textLine) (n int, name string, size int) {
	mode, name, found := strings.Cut(strings.TrimPrefix(lines[0].s, "begin "), " ")
	if _, err := strconv.ParseUint(mode, 8, 32); err != nil || !found {
		return 0, "", 0
	}
	for i, l := range lines[1:] {
		if l.s == "end" {
			return i + 2, name, size
		}
		length, valid := uuLength(l.s)
		if !valid && l.s != "" {
			return 0, "", 0
		}
		size += length
	}
	if size == 0 {
		return 0, "", 0
	}
	return len(lines), name, size
}

// yencBlock measures "=ybegin line=128 size=123 name=a.jpg" to "=yend" (yEnc 1.3). A second "=ybegin" before it ends the
// search, which keeps the time linear.
func yencBlock(lines []textLine) (n int, name string, size int) {
	first := lines[0].s
	_, name, found := strings.Cut(first, " name=")
	if !found {
		return 0, "", 0
	}
	there := 0
	for i, l := range lines[1:] {
		switch {
		case strings.HasPrefix(l.s, "=ybegin "):
			return 0, "", 0
		case strings.HasPrefix(l.s, "=yend"):
			for _, word := range strings.Fields(first) {
				if value, ok := strings.CutPrefix(word, "size="); ok {
					size, _ = strconv.Atoi(value)
				}
			}
			return i + 2, name, max(0, min(size, there))
		}
		there += len(l.s)
	}
	return 0, "", 0
}

// withoutPGP leaves out armoured messages, up to their end or that of the text. A quoted one is left: what its writer said
// about it stands around it.
func (w *walker) withoutPGP(lines []textLine) []textLine {
	begin := slices.IndexFunc(lines, func(l textLine) bool { return strings.TrimSpace(l.s) == pgpBegin })
	if begin < 0 {
		return lines
	}
	w.encrypted(EncryptedPGP)
	out, inside := lines[:begin], false
	for _, l := range lines[begin:] {
		switch strings.TrimSpace(l.s) {
		case pgpBegin:
			inside = true
		case pgpEnd:
			inside = false
		default:
			if !inside {
				out = append(out, l)
			}
		}
	}
	return out
}
