package mail

import (
	"bytes"
	"strings"
)

// Bounce says that a mail of ours was not delivered, or not yet.
type Bounce struct {
	OriginalMessageID string // of the mail that came back, without angle brackets; "" if it does not say
	FailedRecipient   string // "" if it does not say
	Status            string // enhanced status code such as "5.1.1" (RFC 3463); "" if it does not say
	Diagnostic        string // what the other server said, one line
	Delayed           bool   // nothing has failed yet: the server tries on (RFC 3464 section 2.3.3)
}

// Permanent tells that trying again will not help (RFC 3463 section 3.1). What does not say counts as permanent.
func (b *Bounce) Permanent() bool { return !b.Delayed && !strings.HasPrefix(b.Status, "4") }

// findBounce reads delivery reports: those of RFC 3464 and those that older and odder servers write as plain text, which
// are known by their sender together with what they say.
func findBounce(m *Message, w *walker) *Bounce {
	if w.feedback || w.reportType == "feedback-report" || w.disposition || w.reportType == "disposition-notification" {
		return nil
	}
	if len(w.statuses) > 0 || w.reportType == "delivery-status" || w.reportType == "unknown" && bounceSender(m) {
		b, delivered := readStatuses(w.statuses)
		if delivered {
			return nil
		}
		return completeBounce(b, m, w)
	}
	if failed, ok := m.first("x-failed-recipients"); ok { // Exim
		return completeBounce(&Bounce{FailedRecipient: firstAddress(failed)}, m, w)
	}
	if textBounce(m, w) {
		return completeBounce(&Bounce{}, m, w)
	}
	return nil
}

// readStatuses reads the groups of message/delivery-status (RFC 3464 section 2). delivered: each recipient got the mail.
func readStatuses(statuses [][]byte) (b *Bounce, delivered bool) {
	b = &Bounce{}
	good, bad := 0, 0
	for _, status := range statuses {
		for n, rest := 0, bytes.TrimSpace(status); len(rest) > 0 && n < 1000; n++ {
			var fields []field
			before := len(rest)
			if fields, rest = splitHeader(rest, nil); len(rest) >= before {
				break // nothing that could be read
			}
			action := strings.ToLower(firstWord(get(fields, "action")))
			code := enhancedCode().FindString(get(fields, "status"))
			switch {
			case action == "delivered" || action == "relayed" || action == "expanded":
				good++
				continue
			case action == "" && get(fields, "final-recipient") == "" && code == "":
				continue // the group about the message
			}
			delayed := action == "delayed"
			if bad++; bad > 1 && b.FailedRecipient != "" && (delayed || !b.Delayed) {
				continue // the first that failed is told, else the first that is late
			}
			b.Delayed = delayed
			b.Status = code
			b.FailedRecipient = recipient(fields)
			b.Diagnostic = diagnostic(get(fields, "diagnostic-code"))
		}
	}
	return b, good > 0 && bad == 0
}

func recipient(fields []field) string {
	for _, name := range []string{"original-recipient", "final-recipient", "x-actual-recipient"} {
		_, addr, ok := strings.Cut(get(fields, name), ";")
		if addr = firstAddress(addr); ok && addr != "" {
			return addr
		}
	}
	return firstAddress(get(fields, "final-recipient"))
}

func diagnostic(s string) string {
	if _, text, ok := strings.Cut(s, ";"); ok {
		s = text
	}
	s = strings.Join(strings.Fields(fieldDecoder{}.text(s)), " ")
	if r := []rune(s); len(r) > 500 {
		s = string(r[:500])
	}
	return s
}

var (
	plainAddress = pattern(`[^\s<>()"',;:\[\]]+@[^\s<>()"',;:\[\]]+`)
	enhancedCode = pattern(`[245]\.\d{1,3}\.\d{1,3}`)
	replyCode    = pattern(`(?m)(?:^|[\s<(\[#])([45]\d\d)[\s-]+#?([45]\.\d{1,3}\.\d{1,3})?`)
	messageIDRow = pattern(`(?im)^[ \t>|]*Message-?ID\s*:\s*(?:\r?\n[ \t>|]+)?<([^<>\s]{1,400})>`)
)

// findAddress is the first that plainAddress finds, or "": the first run of its characters that has an @ within.
func findAddress(s string) string {
	const ends = " \t\n\f\r<>()\"',;:[]"
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			return ""
		}
		start := strings.LastIndexAny(s[:at], ends) + 1
		end := len(s)
		if n := strings.IndexAny(s[at:], ends); n >= 0 {
			end = at + n
		}
		if run := s[start:end]; len(run) > 2 && strings.Contains(run[1:len(run)-1], "@") {
			return run
		}
		s = s[end:]
	}
}

func firstAddress(s string) string {
	return strings.Trim(findAddress(s), ".")
}

// completeBounce looks for what is missing in the returned mail and the text.
func completeBounce(b *Bounce, m *Message, w *walker) *Bounce {
	for _, returned := range w.returned {
		if b.OriginalMessageID != "" {
			break
		}
		fields, _ := splitHeader(returned, nil)
		for _, f := range fields {
			if ids := messageIDs(f.value, 1); f.name == "message-id" && len(ids) > 0 {
				b.OriginalMessageID = ids[0]
			}
		}
	}
	text := m.Text[:min(len(m.Text), 64<<10)]
	if id := messageIDRow().FindStringSubmatch(text); b.OriginalMessageID == "" && id != nil {
		b.OriginalMessageID = id[1]
	}
	// what the server put into the report's own header: Exchange and Gmail name the mail there
	if b.OriginalMessageID == "" && len(m.InReplyTo) > 0 {
		b.OriginalMessageID = m.InReplyTo[0]
	}
	if b.OriginalMessageID == "" && len(m.References) > 0 {
		b.OriginalMessageID = m.References[len(m.References)-1]
	}
	if b.FailedRecipient == "" {
		for _, a := range plainAddress().FindAllString(text, 20) {
			if a = strings.Trim(a, "."); !m.mine(a) && !automaticSender(Address{Addr: a}) {
				b.FailedRecipient = a
				break
			}
		}
	}
	if b.Status == "" {
		if code := enhancedCode().FindString(text); code != "" && code[0] != '2' {
			b.Status = code
		} else if c := replyCode().FindStringSubmatch(text); c != nil {
			b.Status = c[1][:1] + ".0.0"
		}
	}
	if len(w.statuses) == 0 && delayedSubject().MatchString(m.Subject) && !strings.HasPrefix(b.Status, "5") {
		b.Delayed = true
	}
	if b.Diagnostic == "" {
		for _, line := range strings.Split(text, "\n") {
			if replyCode().MatchString(line) {
				b.Diagnostic = diagnostic(strings.ReplaceAll(line, ";", ","))
				break
			}
		}
	}
	return b
}
