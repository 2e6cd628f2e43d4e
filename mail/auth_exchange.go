package mail

import "strings"

// The marks that Exchange puts on a mail. Those of the organisation pass its header firewall in neither direction: Exchange Online strips
// them from what comes from outside before it writes its own ("Demystifying and troubleshooting hybrid mail flow: when is a message
// internal?", Exchange Team Blog, 2020). Those named CrossTenant travel between tenants, so alone they prove nothing.
const (
	markAuthAs      = "x-ms-exchange-organization-authas"     // Internal or Anonymous
	markAuthSource  = "x-ms-exchange-organization-authsource" // the server that said so
	markDirection   = "x-ms-exchange-organization-messagedirectionality"
	markCrossAuthAs = "x-ms-exchange-crosstenant-authas"
	markCrossTenant = "x-ms-exchange-crosstenant-id"
)

// byExchange believes Exchange Online, for a mailbox that lies there.
//
// Internal mail: exactly one AuthAs, which says Internal, one AuthSource, no direction but Originating, and CrossTenant marks that agree
// and carry the tenant's own id. It needs no signature; Exchange lets nobody but those with the right to it send as another mailbox.
//
// Mail from outside has AuthAs Anonymous, and the Authentication-Results that Exchange wrote count. They carry no authserv-id ("Anti-spam
// message headers in Microsoft 365", Microsoft Learn), so they are known by their place: the topmost such field, with no Received field
// of the service's edge (by *.protection.outlook.com) above it and that field as the next one below. What came with the mail lies below.
//
// It holds as long as no connector lets outside mail in with its organisation headers kept (CloudServicesMailEnabled, or
// TreatMessagesAsInternal, for a server that takes mail from anywhere).
func (m *Message) byExchange(tenant, from, domain string) (ok bool, reason, by string) {
	authAs, one := m.only(markAuthAs)
	source, sourced := m.only(markAuthSource)
	if !one || !sourced || source == "" || tenant == "" {
		return false, AuthNoMarks, ""
	}
	by = "X-MS-Exchange-Organization-AuthAs: " + authAs
	switch strings.ToLower(authAs) {
	case "internal":
		if m.count(markDirection) > 0 {
			if d, one := m.only(markDirection); !one || !strings.EqualFold(d, "Originating") {
				return false, AuthNoMarks, "X-MS-Exchange-Organization-MessageDirectionality: " + d
			}
		}
		if as, one := m.only(markCrossAuthAs); !one || !strings.EqualFold(as, "Internal") {
			return false, AuthNoMarks, by
		}
		if id, one := m.only(markCrossTenant); !one || !strings.EqualFold(id, tenant) {
			return false, AuthTenant, "X-MS-Exchange-CrossTenant-Id: " + id
		}
		return true, AuthInternal, by
	case "anonymous":
		return m.byEdge(from, domain)
	}
	return false, AuthNoMarks, by
}

// byEdge judges mail from outside by what Exchange Online's edge wrote.
func (m *Message) byEdge(from, domain string) (ok bool, reason, by string) {
	value, found := "", false
	for _, f := range m.fields {
		switch {
		case f.name == "authentication-results" && !found:
			value, found = f.value, true
		case f.name == "received" && atEdge(f.value):
			if !found {
				return false, AuthNone, ""
			}
			clean, plain := plainResults(value)
			if first, _, _ := strings.Cut(clean, ";"); !strings.Contains(first, "=") {
				return false, AuthNone, resultsField + value // with an authserv-id: not what Exchange writes
			}
			// authres wants an id to begin with.
			ok, reason = weigh("exchange; "+clean, plain, from, domain)
			return ok, reason, resultsField + value
		case f.name == "received" && found:
			return false, AuthNone, resultsField + value
		}
	}
	return false, AuthNone, ""
}

// atEdge tells a Received field that a server of Exchange Online's edge wrote (RFC 5321 section 4.4). Its "from" part holds what the
// sender said of itself, and what it says may look like a "by" part: the first after the last comment of "from" cannot be told safely, so
// there must be one alone.
func atEdge(received string) bool {
	clean, _ := plainResults(received)
	words := strings.Fields(clean)
	by, n := "", 0
	for i, w := range words {
		if strings.EqualFold(w, "by") && i+1 < len(words) {
			by, n = strings.ToLower(words[i+1]), n+1
		}
	}
	return n == 1 && strings.HasSuffix(by, ".protection.outlook.com")
}

// only is the value of a field that stands there exactly once, trimmed.
func (m *Message) only(name string) (value string, once bool) {
	n := 0
	for _, f := range m.fields {
		if f.name == name {
			n++
			value = strings.TrimSpace(f.value)
		}
	}
	return value, n == 1
}

func (m *Message) count(name string) (n int) {
	for _, f := range m.fields {
		if f.name == name {
			n++
		}
	}
	return n
}
