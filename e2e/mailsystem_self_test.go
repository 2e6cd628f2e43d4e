package e2e

import (
	"strings"
	"testing"

	"frist/mail"
)

// The mail system itself: what the other tests rest on.
func TestMailSystem(t *testing.T) {
	t.Parallel()
	m := startMail(t, "kim", "robin")
	kim, robin := m.people["kim"], m.people["robin"]

	kim.send(letter{To: "robin+abc@" + domain, Subject: "Med inloggning", Text: "Hej å ä ö",
		Header: "Authentication-Results: " + authservID + "; dmarc=pass header.from=" + domain + "\n"})
	got := robin.receives("a mail of kim", func(m *mail.Message) bool { return m.Subject == "Med inloggning" })
	if v := got.Authenticated(authservID); !v.OK || v.Reason != mail.AuthDKIM {
		t.Errorf("a mail sent after login: %+v, fields %q", v, got.AuthenticationResults)
	}
	if !strings.Contains(got.Text, "Hej å ä ö") || len(got.DeliveredTo) == 0 || got.DeliveredTo[0] != "robin+abc@"+domain {
		t.Errorf("text %q, delivered to %q", got.Text, got.DeliveredTo)
	}

	kim.sendForged(letter{To: robin.Address, Subject: "Utan inloggning", Text: "Hej",
		Header: "Authentication-Results: " + authservID + "; dkim=pass header.d=" + domain + "\n"})
	got = robin.receives("a mail in the name of kim", func(m *mail.Message) bool { return m.Subject == "Utan inloggning" })
	if v := got.Authenticated(authservID); v.OK {
		t.Errorf("a mail sent without login: %+v, fields %q", v, got.AuthenticationResults)
	}
}
