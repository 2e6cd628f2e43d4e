package mail

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"
	"golang.org/x/net/publicsuffix"
)

// Verdict tells whether a mail's From can be believed.
type Verdict struct {
	OK     bool
	Reason string // stable key: why, or why not
	Domain string // From's domain in lower case; "" where there is not exactly one address
}

// Reasons of a Verdict.
const (
	AuthDMARC     = "dmarc"                // OK: dmarc=pass for From's domain (RFC 7489)
	AuthLogin     = "login"                // OK: auth=pass of From's own account (RFC 4954)
	AuthDKIM      = "dkim"                 // OK: dkim=pass of an aligned domain, and no DMARC result
	AuthSPF       = "spf"                  // OK: spf=pass of an aligned domain, and no DMARC result
	AuthNoFrom    = "no_single_from"       // From is missing, unreadable or several
	AuthNoServer  = "no_authserv_id"       // none was configured
	AuthNone      = "no_results"           // our server says nothing
	AuthMalformed = "results_unreadable"   // our server's field cannot be read beyond doubt
	AuthFail      = "dmarc_failed"         // a DMARC result that is not pass, or for another domain
	AuthUnproved  = "no_aligned_mechanism" // nothing passed that is aligned with From
)

// Authenticated believes what the server with this authserv-id says about the mail (RFC 8601): the topmost
// Authentication-Results field that carries exactly this id, and no other. A field below it may have come with the mail. What
// the server has to strip is told in the package's documentation.
func (m *Message) Authenticated(authservID string) Verdict {
	if m.fromFields != 1 || len(m.fromExact) != 1 {
		return Verdict{Reason: AuthNoFrom}
	}
	from := strings.ToLower(m.fromExact[0].Address)
	domain := from[strings.LastIndexByte(from, '@')+1:]
	v := Verdict{Domain: domain}
	if authservID = strings.TrimSpace(authservID); authservID == "" {
		v.Reason = AuthNoServer
		return v
	}
	for _, value := range m.AuthenticationResults {
		clean, ok := plainResults(value)
		if id := resultsID(clean); !strings.EqualFold(id, authservID) {
			continue
		}
		if !ok {
			v.Reason = AuthMalformed
			return v
		}
		_, results, err := authres.Parse(clean)
		if err != nil {
			v.Reason = AuthMalformed
			return v
		}
		v.OK, v.Reason = judge(results, from, domain)
		return v
	}
	v.Reason = AuthNone
	return v
}

// judge weighs the results. The first login or DMARC result decides; DKIM and SPF count only where DMARC was not looked at.
func judge(results []authres.Result, from, domain string) (ok bool, reason string) {
	dmarc, reason := false, AuthUnproved
	aligned := ""
	for _, r := range results {
		switch r := r.(type) {
		case *authres.AuthResult:
			if r.Value == authres.ResultPass && strings.EqualFold(r.Auth, from) {
				return true, AuthLogin
			}
		case *authres.DMARCResult:
			if !dmarc && r.Value == authres.ResultPass && alignedWith(r.From, domain, true) {
				aligned = AuthDMARC
			}
			if r.Value != authres.ResultNone || dmarc { // "none" means that the domain publishes no policy
				if aligned != AuthDMARC {
					reason = AuthFail
				}
				dmarc = true
			}
		case *authres.DKIMResult:
			signer := r.Domain
			if signer == "" {
				signer = r.Identifier[strings.LastIndexByte(r.Identifier, '@')+1:]
			}
			if r.Value == authres.ResultPass && aligned == "" && alignedWith(signer, domain, false) {
				aligned = AuthDKIM
			}
		case *authres.SPFResult:
			if r.Value == authres.ResultPass && aligned == "" && alignedWith(r.From[strings.LastIndexByte(r.From, '@')+1:], domain, false) {
				aligned = AuthSPF
			}
		}
	}
	switch {
	case aligned == AuthDMARC && reason != AuthFail:
		return true, AuthDMARC
	case dmarc || aligned == "":
		return false, reason
	}
	return true, aligned
}

// alignedWith compares domains: the same, or (relaxed, RFC 7489 section 3.1) of the same organisation by the public suffix
// list. For DMARC the field repeats From's own domain or its organisation's.
func alignedWith(a, domain string, dmarc bool) bool {
	a = strings.ToLower(strings.TrimSuffix(strings.Trim(a, "<>"), "."))
	a = a[strings.LastIndexByte(a, '@')+1:]
	if a == "" || domain == "" {
		return false
	}
	if a == domain {
		return true
	}
	if dmarc {
		return strings.HasSuffix(domain, "."+a) && organisation(domain) == a
	}
	return organisation(a) == organisation(domain)
}

func organisation(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// plainResults takes comments out and quotes off, so that authres, which knows neither, can read the rest. ok is false where
// a quoted string or an open comment could hide another result: a sender chooses what stands in smtp.mailfrom.
func plainResults(v string) (clean string, ok bool) {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case depth > 0:
			switch c {
			case '\\':
				i++
			case '(':
				depth++
			case ')':
				depth--
			}
		case c == '(':
			depth++
			b.WriteByte(' ')
		case c == ')', c == '\\':
			return b.String(), false
		case c == '"':
			end := strings.IndexByte(v[i+1:], '"')
			if end < 0 || strings.ContainsAny(v[i+1:i+1+end], "\\; \t=()\r\n") {
				return b.String(), false
			}
			b.WriteString(v[i+1 : i+1+end])
			i += end + 1
		default:
			b.WriteByte(c)
		}
	}
	return equalsSpace(b.String()), depth == 0
}

// equalsSpace closes up "dmarc = pass", which the grammar allows and authres does not read.
func equalsSpace(s string) string {
	if !strings.Contains(s, " =") && !strings.Contains(s, "= ") {
		return s
	}
	parts := strings.Split(s, "=")
	for i := range parts {
		if i > 0 {
			parts[i] = strings.TrimLeft(parts[i], " \t")
		}
		if i < len(parts)-1 {
			parts[i] = strings.TrimRight(parts[i], " \t")
		}
	}
	return strings.Join(parts, "=")
}

func resultsID(clean string) string {
	id, _, _ := strings.Cut(clean, ";")
	words := strings.Fields(id)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
