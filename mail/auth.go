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
	AuthInternal  = "exchange_internal"    // OK: Exchange says that it was submitted inside the tenant
	AuthNoFrom    = "no_single_from"       // From is missing, unreadable, several or not in ASCII
	AuthNoServer  = "no_authserv_id"       // none was configured
	AuthNone      = "no_results"           // our server says nothing
	AuthMalformed = "results_unreadable"   // our server's field cannot be read beyond doubt
	AuthFail      = "dmarc_failed"         // a DMARC result that is not pass, or for another domain
	AuthUnproved  = "no_aligned_mechanism" // nothing passed that is aligned with From
	AuthNoMarks   = "no_exchange_marks"    // not the marks of Exchange, or one of them twice
	AuthTenant    = "other_tenant"         // Exchange's marks are those of another tenant
	AuthUnsigned  = "no_signature"         // no DKIM signature of a domain aligned with From
	AuthSignature = "signature_invalid"    // such a signature that does not verify, or is not to be relied on
	AuthNoDNS     = "dns_failed"           // for an hour the signer's key could not be looked up
	AuthUnchecked = "not_checked"          // it came in while mail.authentication was another
)

// TrustMode says whose word on a mail's sender counts.
type TrustMode string

const (
	// TrustResults believes the Authentication-Results of one server, by its name.
	TrustResults TrustMode = "results"
	// TrustExchange believes the marks of the organisation's own Exchange Online.
	TrustExchange TrustMode = "exchange"
	// TrustOwn believes what the program's own check of the DKIM signature found: see Verifier.
	TrustOwn TrustMode = "own"
)

// Trust says whose word on a mail's sender counts. Reply-To, Sender and display names never do.
type Trust struct {
	Mode       TrustMode // empty: TrustResults
	AuthservID string    // for TrustResults (RFC 8601 section 2.5)
	TenantID   string    // for TrustExchange: the organisation's Entra tenant, a GUID
}

// Judge tells whether the mail's From can be believed.
func (t Trust) Judge(m *Message) Verdict {
	v, _ := t.Explain(m)
	return v
}

// Explain is Judge with the header field that decided, as "Name: value"; "" where none did.
func (t Trust) Explain(m *Message) (v Verdict, by string) {
	from, domain, ok := m.author()
	if !ok {
		return Verdict{Reason: AuthNoFrom}, ""
	}
	v = Verdict{Domain: domain}
	switch t.Mode {
	case TrustExchange:
		v.OK, v.Reason, by = m.byExchange(t.TenantID, from, domain)
	case TrustOwn:
		v.OK, v.Reason, by = m.byStamp()
	default:
		v.OK, v.Reason, by = m.byResults(t.AuthservID, from, domain)
	}
	return v, by
}

// Authenticated believes what the server with this authserv-id says about the mail (RFC 8601): the topmost
// Authentication-Results field that carries exactly this id, and no other. A field below it may have come with the mail. What
// the server has to strip is told in the package's documentation.
func (m *Message) Authenticated(authservID string) Verdict {
	return Trust{AuthservID: authservID}.Judge(m)
}

// author is the one address of From, in lower case. It must read the same by the strict grammar as by the lenient one that names the
// sender everywhere else, and be ASCII, as the settings' addresses are: some foreign letters become ASCII ones in lower case.
func (m *Message) author() (from, domain string, ok bool) {
	if m.fromFields != 1 || len(m.fromExact) != 1 || m.fromExact[0].Address != m.From.Addr {
		return "", "", false
	}
	from = m.From.Addr
	for i := range len(from) {
		if from[i] <= ' ' || from[i] >= 0x7f {
			return "", "", false
		}
	}
	from = strings.ToLower(from)
	domain = from[strings.LastIndexByte(from, '@')+1:]
	return from, domain, true
}

const resultsField = "Authentication-Results: "

func (m *Message) byResults(authservID, from, domain string) (ok bool, reason, by string) {
	if authservID = strings.TrimSpace(authservID); authservID == "" {
		return false, AuthNoServer, ""
	}
	for _, value := range m.AuthenticationResults {
		clean, plain := plainResults(value)
		if id := resultsID(clean); !strings.EqualFold(id, authservID) {
			continue
		}
		ok, reason = weigh(clean, plain, from, domain)
		return ok, reason, resultsField + value
	}
	return false, AuthNone, ""
}

// weigh judges by one field that is believed; plain is false where it cannot be read beyond doubt.
func weigh(clean string, plain bool, from, domain string) (ok bool, reason string) {
	if !plain {
		return false, AuthMalformed
	}
	_, results, err := authres.Parse(clean)
	if err != nil {
		return false, AuthMalformed
	}
	return judge(results, from, domain)
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
			// "none" means that the domain publishes no policy, and Exchange's "bestguesspass" that besides DKIM or SPF passed.
			if r.Value != authres.ResultNone && r.Value != "bestguesspass" || dmarc {
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
