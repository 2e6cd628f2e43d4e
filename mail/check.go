package mail

import (
	"crypto/rand"
	"slices"
	"strings"
)

// CheckCode names one trial mail of `frist check -live`: it stands in the reply address, the Message-ID and the subject. No reply token has
// a hyphen, so none looks like it.
type CheckCode string

// NewCheckCode makes a code of 80 bits: whoever knows it can be set aside by the bot, and nothing more.
func NewCheckCode() CheckCode { return CheckCode("check-" + strings.ToLower(rand.Text()[:16])) }

// Subject is the code as it stands in a subject.
func (c CheckCode) Subject() string { return "[" + string(c) + "]" }

// MessageID is the trial mail's own.
func (c CheckCode) MessageID(domain string) string { return string(c) + "@" + domain }

var (
	checkToken   = pattern(`^check-[a-z2-7]{16}$`)
	checkSubject = pattern(`\[check-[a-z2-7]{16}\]`)
)

// answersCheck tells an answer to a trial mail by any of the three. A running bot sets it aside: it is no report.
func (c *Channel) answersCheck(m *Message) bool {
	if checkToken().MatchString(c.token(m)) || checkSubject().MatchString(m.Subject) {
		return true
	}
	for _, list := range [][]string{m.InReplyTo, m.References} {
		for _, id := range list {
			code, domain, _ := strings.Cut(id, "@")
			if checkToken().MatchString(code) && strings.EqualFold(domain, c.Domain()) {
				return true
			}
		}
	}
	return false
}

// CheckAnswer is what an answer to a trial mail tells of the way that it took.
type CheckAnswer struct {
	TokenIn    []string // fields in which the code came back in the address: To, Cc, Delivered-To
	References bool     // it names the mail that it answers, in In-Reply-To or References
	Subject    bool     // its subject has the code
	Bounce     bool     // it reports that the trial mail could not be delivered
	Automatic  string   // a key if a program wrote it
	From       string
}

// Any tells whether it is an answer to the trial mail at all.
func (a CheckAnswer) Any() bool { return len(a.TokenIn) > 0 || a.References || a.Subject || a.Bounce }

// Answers tells how a mail to the bot's address answers the trial mail.
func (c CheckCode) Answers(m *Message, address string) CheckAnswer {
	a := CheckAnswer{Automatic: m.AutoReply, From: m.From.Addr}
	local, domain, _ := strings.Cut(address, "@")
	plus, id := local+"+"+string(c)+"@"+domain, c.MessageID(domain)
	has := func(name string, list []string) {
		for _, addr := range list {
			if strings.EqualFold(strings.Trim(addr, "<> "), plus) {
				a.TokenIn = append(a.TokenIn, name)
				return
			}
		}
	}
	has("To", addrs(m.To))
	has("Cc", addrs(m.Cc))
	has("Delivered-To", m.DeliveredTo)
	for _, list := range [][]string{m.InReplyTo, m.References} {
		for _, ref := range list {
			a.References = a.References || strings.EqualFold(ref, id)
		}
	}
	a.Subject = strings.Contains(m.Subject, c.Subject())
	a.Bounce = m.Bounce != nil && (strings.EqualFold(m.Bounce.OriginalMessageID, id) || a.References)
	return a
}

func addrs(list []Address) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Addr
	}
	return out
}

// AuthservIDs are the names that begin the mail's Authentication-Results, top-down and each once; "" stands for a field without one, as
// Exchange Online writes it.
func (m *Message) AuthservIDs() (ids []string) {
	for _, value := range m.AuthenticationResults {
		clean, _ := plainResults(value)
		id := resultsID(clean)
		if strings.Contains(id, "=") {
			id = ""
		}
		if !slices.Contains(ids, id) && len(ids) < 20 {
			ids = append(ids, id)
		}
	}
	return ids
}

// ExchangeTenant is the tenant that Exchange's marks name, "" without them. It is a hint: see byExchange for what it proves.
func (m *Message) ExchangeTenant() string {
	if _, once := m.only(markAuthAs); !once {
		return ""
	}
	id, _ := m.only(markCrossTenant)
	return id
}
