package mail

import (
	"crypto/rand"
	"regexp"
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
	checkToken   = regexp.MustCompile(`^check-[a-z2-7]{16}$`)
	checkSubject = regexp.MustCompile(`\[check-[a-z2-7]{16}\]`)
)

// answersCheck tells an answer to a trial mail by any of the three. A running bot sets it aside: it is no report.
func (c *Channel) answersCheck(m *Message) bool {
	if checkToken.MatchString(c.token(m)) || checkSubject.MatchString(m.Subject) {
		return true
	}
	for _, list := range [][]string{m.InReplyTo, m.References} {
		for _, id := range list {
			code, domain, _ := strings.Cut(id, "@")
			if checkToken.MatchString(code) && strings.EqualFold(domain, c.Domain()) {
				return true
			}
		}
	}
	return false
}
