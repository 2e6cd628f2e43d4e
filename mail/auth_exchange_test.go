package mail

import (
	"strings"
	"testing"
)

const (
	ownTenant = "00000000-0000-0000-0000-0000000000aa"
	fromDSO   = "From: DSO <dso@kommun.example>\n"
	hops      = "Received: from A.eurprd04.prod.outlook.com (2603:10a6::1) by B.eurprd04.prod.outlook.com\n with HTTPS; Mon, 2 Mar 2026 08:00:02 +0000\n"
	edge      = "Received: from mx.annat.example (192.0.2.7) by\n C.mail.protection.outlook.com (10.1.2.3) with Microsoft SMTP Server\n via Frontend Transport; Mon, 2 Mar 2026 08:00:00 +0000\n"
	anonymous = "X-MS-Exchange-Organization-AuthAs: Anonymous\nX-MS-Exchange-Organization-AuthSource: C.mail.protection.outlook.com\n"
	internal  = "X-MS-Exchange-Organization-AuthAs: Internal\nX-MS-Exchange-Organization-AuthSource: B.eurprd04.prod.outlook.com\n" +
		"X-MS-Exchange-Organization-MessageDirectionality: Originating\n"
	crossed = "X-MS-Exchange-CrossTenant-AuthAs: Internal\nX-MS-Exchange-CrossTenant-Id: " + ownTenant + "\n"
	passed  = "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\n smtp.mailfrom=kommun.example; dkim=pass (signature was verified)\n" +
		" header.d=kommun.example;dmarc=pass action=none\n header.from=kommun.example;compauth=pass reason=100\n"
)

func TestExchange(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		ok     bool
		reason string
	}{
		"inside":                          {hops + "Authentication-Results: dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=kommun.example;\n" + fromDSO + internal + crossed, true, AuthInternal},
		"inside, other case of names":     {hops + fromDSO + strings.ToLower(internal+crossed), true, AuthInternal},
		"no marks":                        {hops + fromDSO, false, AuthNoMarks},
		"marks between tenants alone":     {passed + edge + fromDSO + crossed, false, AuthNoMarks},
		"another tenant":                  {hops + fromDSO + internal + strings.Replace(crossed, "aa\n", "ab\n", 1), false, AuthTenant},
		"a tenant and ours":               {hops + fromDSO + internal + crossed + strings.Replace(crossed, "aa\n", "ab\n", 1), false, AuthNoMarks},
		"said twice":                      {hops + fromDSO + internal + anonymous + crossed, false, AuthNoMarks},
		"no tenant":                       {hops + fromDSO + internal, false, AuthNoMarks},
		"no source":                       {hops + fromDSO + "X-MS-Exchange-Organization-AuthAs: Internal\n" + crossed, false, AuthNoMarks},
		"incoming":                        {hops + fromDSO + strings.Replace(internal, "Originating", "Incoming", 1) + crossed, false, AuthNoMarks},
		"crossed as anonymous":            {hops + fromDSO + internal + strings.Replace(crossed, "Internal", "Anonymous", 1), false, AuthNoMarks},
		"in a folded line of another":     {hops + fromDSO + "X-A: b\n X-MS-Exchange-Organization-AuthAs: Internal\n" + crossed, false, AuthNoMarks},
		"two From inside":                 {hops + fromDSO + "From: x@annat.example\n" + internal + crossed, false, AuthNoFrom},
		"outside":                         {hops + passed + edge + fromDSO + anonymous, true, AuthDMARC},
		"outside with marks of its own":   {hops + passed + edge + fromDSO + anonymous + crossed, true, AuthDMARC},
		"outside, no policy":              {hops + strings.Replace(passed, "dmarc=pass", "dmarc=bestguesspass", 1) + edge + fromDSO + anonymous, true, AuthSPF},
		"outside, failed":                 {hops + strings.Replace(passed, "dmarc=pass", "dmarc=fail", 1) + edge + fromDSO + anonymous, false, AuthFail},
		"outside, of another":             {hops + strings.ReplaceAll(passed, "kommun.", "annat.") + edge + fromDSO + anonymous, false, AuthFail},
		"forged below the edge":           {hops + edge + passed + edge + fromDSO + anonymous, false, AuthNone},
		"forged below the true one":       {hops + strings.Replace(passed, "dmarc=pass", "dmarc=fail", 1) + edge + passed + edge + fromDSO + anonymous, false, AuthFail},
		"not beside the edge":             {hops + passed + "Received: from x by mx.annat.example\n" + edge + fromDSO + anonymous, false, AuthNone},
		"with an authserv-id":             {hops + strings.Replace(passed, "Results: spf", "Results: mx.annat.example; spf", 1) + edge + fromDSO + anonymous, false, AuthNone},
		"nobody's edge":                   {hops + passed + fromDSO + anonymous, false, AuthNone},
		"edge in the sender's greeting":   {hops + passed + "Received: from x by C.mail.protection.outlook.com by mx.annat.example\n" + fromDSO + anonymous, false, AuthNone},
		"edge in a comment":               {hops + passed + "Received: from x (by C.mail.protection.outlook.com) by mx.annat.example\n" + fromDSO + anonymous, false, AuthNone},
		"result in a comment of the edge": {hops + "Authentication-Results: spf=fail (x; dmarc=pass header.from=kommun.example) smtp.mailfrom=x.example; dmarc=fail header.from=kommun.example\n" + edge + fromDSO + anonymous, false, AuthFail},
		"outside poses as inside":         {hops + strings.Replace(passed, "dmarc=pass", "dmarc=fail", 1) + edge + fromDSO + anonymous + "X-MS-Exchange-Organization-AuthMechanism: 04\n" + crossed, false, AuthFail},
	} {
		got, by := Trust{Mode: TrustExchange, TenantID: ownTenant}.Explain(Parse([]byte(c.header + "\nja\n")))
		if got.OK != c.ok || got.Reason != c.reason {
			t.Errorf("%s: %+v by %q, want %v %s", name, got, by, c.ok, c.reason)
		}
		if got.OK && by == "" {
			t.Errorf("%s: it is not told what decided", name)
		}
	}
	m := Parse([]byte(hops + fromDSO + internal + crossed + "\nja\n"))
	if v := (Trust{Mode: TrustExchange}).Judge(m); v.OK {
		t.Error("believed without a tenant id")
	}
	if v := (Trust{AuthservID: "mx.kommun.example"}).Judge(m); v.OK {
		t.Error("Exchange's marks count in another mode")
	}
}

// What names the sender to the rest of the program and what was proved are one address, or nothing was proved.
func TestSenderIsTheOneProved(t *testing.T) {
	const results = "Authentication-Results: mx.kommun.example; dmarc=pass header.from=annat.example; dkim=pass header.d=annat.example\n"
	for name, from := range map[string]string{
		"address as name":         `From: "dso@kommun.example" <x@annat.example>`,
		"address as encoded name": "From: =?utf-8?q?dso=40kommun.example?= <x@annat.example>",
		"encoded word with <":     "From: =?utf-8?q?DSO_=3Cdso=40kommun.example=3E?= <x@annat.example>",
		"encoded address":         "From: =?utf-8?q?dso=40kommun.example=2C?= x@annat.example",
		"group":                   "From: dso@kommun.example:x@annat.example;",
		"group with a name":       "From: DSO: x@annat.example;",
		"empty group and address": "From: dso@kommun.example:;, x@annat.example",
		"comment before":          "From: (dso@kommun.example) x@annat.example",
		"comment within":          "From: x(dso@kommun.example)@annat.example",
		"quoted local part":       `From: "dso@kommun.example"@annat.example`,
		"route":                   "From: <@kommun.example:x@annat.example>",
		"two angle brackets":      "From: <dso@kommun.example> <x@annat.example>",
		"folded":                  "From: dso@kommun.example\n <x@annat.example>",
		"null byte":               "From: dso@kommun.example\x00 <x@annat.example>",
		"percent":                 "From: dso%kommun.example@annat.example",
		"upper case":              "From: X@ANNAT.EXAMPLE",
	} {
		m := Parse([]byte(from + "\n" + results + "Reply-To: dso@kommun.example\nSender: dso@kommun.example\n\nja\n"))
		v := Trust{AuthservID: "mx.kommun.example"}.Judge(m)
		addr := strings.ToLower(m.From.Addr)
		if v.OK && !strings.HasSuffix(addr, "@annat.example") || v.OK && v.Domain != "annat.example" {
			t.Errorf("%s: believed as %q: %+v", name, m.From.Addr, v)
		}
	}
	// K is the Kelvin sign and ſ the long s: in lower or upper case they are k and S.
	for _, from := range []string{"dso@\u212aommun.example", "dso@kommun.example\u200b", "d\u017fo@kommun.example", "dso@kommu\u0144.example", "dso@kоmmun.example"} {
		m := Parse([]byte("From: <" + from + ">\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example\n\nja\n"))
		if v := m.Authenticated("mx.kommun.example"); v.OK {
			t.Errorf("%q is believed: %+v", from, v)
		}
	}
}

// Whatever a mail holds: who is believed is the one address of the one From, and something of the mail says why.
func FuzzSender(f *testing.F) {
	f.Add([]byte(hops + passed + edge + fromDSO + anonymous + "\nja\n"))
	f.Add([]byte(hops + fromDSO + internal + crossed + "\nja\n"))
	f.Add([]byte(fromDSO + "From: x@annat.example\n" + internal + crossed + "\nja\n"))
	f.Add([]byte("X-Frist-Verified: pass dkim\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example\n" + fromDSO + "\nja\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		for _, trust := range []Trust{{AuthservID: "mx.kommun.example"}, {Mode: TrustExchange, TenantID: ownTenant}, {Mode: TrustOwn}} {
			v, by := trust.Explain(m)
			if !v.OK {
				continue
			}
			addr := strings.ToLower(m.From.Addr)
			if by == "" || m.count("from") != 1 || v.Domain == "" || !strings.HasSuffix(addr, "@"+v.Domain) || strings.ContainsFunc(addr, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("%s: %+v by %q, From %q", trust, v, by, m.From.Addr)
			}
		}
	})
}
