package mail

import (
	"slices"
	"strings"

	"frist/conversation"
	"frist/conversation/reading"
)

// listedDomains is how many domains of recipients are named.
const listedDomains = 20

// mailFacts tells of an attached mail when it was sent, how many it went to, and at which domains they are.
func mailFacts(f *conversation.Facts, m *Message) {
	f.Sent = m.Date
	f.Personnummer = len(reading.FindPersonnummer(m.Text))
	seen := map[string]bool{}
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			addr := strings.ToLower(a.Addr)
			if addr == "" || seen[addr] {
				continue
			}
			seen[addr] = true
			f.Recipients++
			if d := domainOf(addr); d != "" && !slices.Contains(f.Domains, d) && len(f.Domains) < listedDomains {
				f.Domains = append(f.Domains, d)
			}
		}
	}
	slices.Sort(f.Domains)
}

// domainOf is the domain of a mail address in lower case, "" where it has none that is a name of hosts.
func domainOf(addr string) string {
	i := strings.LastIndexByte(addr, '@')
	d := strings.ToLower(strings.Trim(addr[i+1:], " .>"))
	if i < 0 || len(d) > 100 || !strings.Contains(d, ".") {
		return ""
	}
	for _, c := range d {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return ""
		}
	}
	return d
}
