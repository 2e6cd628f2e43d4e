package mail

import "testing"

func TestAuthenticated(t *testing.T) {
	const from = "From: DSO <dso@kommun.example>\n"
	for name, c := range map[string]struct {
		header string
		want   Verdict
	}{
		"dmarc":                   {from + "Authentication-Results: mx.kommun.example; spf=fail smtp.mailfrom=x.example; dmarc=pass (p=REJECT) header.from=kommun.example", Verdict{true, "dmarc", "kommun.example"}},
		"version":                 {from + "Authentication-Results: mx.kommun.example 1; dmarc=pass header.from=kommun.example", Verdict{true, "dmarc", "kommun.example"}},
		"folded, spaced":          {from + "Authentication-Results: mx.kommun.example;\n\tdkim = pass header.d=kommun.example;\n dmarc = pass header.from = kommun.example", Verdict{true, "dmarc", "kommun.example"}},
		"login":                   {from + "Authentication-Results: mx.kommun.example; auth=pass smtp.auth=dso@kommun.example", Verdict{true, "login", "kommun.example"}},
		"login of somebody else":  {from + "Authentication-Results: mx.kommun.example; auth=pass smtp.auth=eva@kommun.example", Verdict{false, "no_aligned_mechanism", "kommun.example"}},
		"login and dmarc=fail":    {from + "Authentication-Results: mx.kommun.example; auth=pass smtp.auth=eva@kommun.example; dmarc=fail header.from=kommun.example", Verdict{false, "dmarc_failed", "kommun.example"}},
		"dkim":                    {from + "Authentication-Results: mx.kommun.example; dkim=pass header.d=kommun.example", Verdict{true, "dkim", "kommun.example"}},
		"dkim of a subdomain":     {from + "Authentication-Results: mx.kommun.example; dkim=pass header.i=@post.kommun.example", Verdict{true, "dkim", "kommun.example"}},
		"spf":                     {from + "Authentication-Results: mx.kommun.example; spf=pass smtp.mailfrom=dso@kommun.example", Verdict{true, "spf", "kommun.example"}},
		"dmarc=none and dkim":     {from + "Authentication-Results: mx.kommun.example; dkim=pass header.d=kommun.example; dmarc=none header.from=kommun.example", Verdict{true, "dkim", "kommun.example"}},
		"dkim of another":         {from + "Authentication-Results: mx.kommun.example; dkim=pass header.d=annat.example; spf=pass smtp.mailfrom=x@annat.example", Verdict{false, "no_aligned_mechanism", "kommun.example"}},
		"dkim, but dmarc=fail":    {from + "Authentication-Results: mx.kommun.example; dkim=pass header.d=kommun.example; dmarc=fail header.from=kommun.example", Verdict{false, "dmarc_failed", "kommun.example"}},
		"dmarc of another":        {from + "Authentication-Results: mx.kommun.example; dmarc=pass header.from=annat.example", Verdict{false, "dmarc_failed", "kommun.example"}},
		"two dmarc":               {from + "Authentication-Results: mx.kommun.example; dmarc=fail header.from=kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "dmarc_failed", "kommun.example"}},
		"other server":            {from + "Authentication-Results: mx.annat.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_results", "kommun.example"}},
		"longer name":             {from + "Authentication-Results: mx.kommun.example.annat.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_results", "kommun.example"}},
		"other server on top":     {from + "Authentication-Results: mx.annat.example; dmarc=fail\nAuthentication-Results: MX.kommun.example; dmarc=pass header.from=kommun.example", Verdict{true, "dmarc", "kommun.example"}},
		"forged below":            {from + "Authentication-Results: mx.kommun.example; dmarc=fail header.from=kommun.example\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "dmarc_failed", "kommun.example"}},
		"forged below none":       {from + "Authentication-Results: mx.kommun.example; none\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_aligned_mechanism", "kommun.example"}},
		"in a comment":            {from + "Authentication-Results: mx.kommun.example; spf=fail (x; dmarc=pass header.from=kommun.example) smtp.mailfrom=x.example", Verdict{false, "no_aligned_mechanism", "kommun.example"}},
		"in a nested comment":     {from + "Authentication-Results: mx.kommun.example; spf=fail (a (b\\) ; c) ; dmarc=pass header.from=kommun.example) smtp.mailfrom=x", Verdict{false, "no_aligned_mechanism", "kommun.example"}},
		"in quotes":               {from + "Authentication-Results: mx.kommun.example; spf=pass smtp.mailfrom=\"a; dmarc=pass header.from=kommun.example\"@x.example", Verdict{false, "results_unreadable", "kommun.example"}},
		"comment left open":       {from + "Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example (", Verdict{false, "results_unreadable", "kommun.example"}},
		"id in a comment":         {from + "Authentication-Results: (mx.kommun.example;) mx.annat.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_results", "kommun.example"}},
		"by a lone CR":            {from + "X-A: b\rAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_results", "kommun.example"}},
		"two From":                {from + from + "Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_single_from", ""}},
		"two addresses":           {"From: dso@kommun.example, x@annat.example\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_single_from", ""}},
		"no From":                 {"Sender: dso@kommun.example\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_single_from", ""}},
		"unreadable From":         {"From: dso@kommun.example <x@annat.example> <\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example", Verdict{false, "no_single_from", ""}},
		"address as display name": {"From: \"dso@kommun.example\" <x@annat.example>\nAuthentication-Results: mx.kommun.example; dmarc=pass header.from=annat.example", Verdict{true, "dmarc", "annat.example"}},
		"nothing":                 {from, Verdict{false, "no_results", "kommun.example"}},
	} {
		// a server's own fields stand on top; that they stand below From here makes no difference to the rule
		mail := c.header + "\n\nja\n"
		if name == "by a lone CR" {
			mail = "Received: by mx\r\n" + mail
		}
		if got := Parse([]byte(mail)).Authenticated("mx.kommun.example"); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
	m := Parse([]byte(from + "Authentication-Results: ; dmarc=pass header.from=kommun.example\n\n"))
	if got := m.Authenticated(""); got.OK || got.Reason != AuthNoServer {
		t.Errorf("without an id: %+v", got)
	}
}
