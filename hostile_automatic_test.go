package main

import "testing"

// What an employee writes is no automatic mail because it begins as one: nothing of ours could have brought it about.
func TestReportsThatLookAutomatic(t *testing.T) {
	report := "--in\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; nils@fel.example\nAction: failed\nStatus: 5.1.1\n\n--in--\n"
	for name, l := range map[string]letter{
		"a text like an absence":     {subject: "Tappad sticka", text: "Hej, jag är ledig i dag men kom på att jag tappade en USB-sticka på bussen i går. Jag är tillbaka på måndag."},
		"a subject like an absence":  {subject: "Frånvaro: listan på villovägar", text: "Frånvarolistan med elever har hamnat hos fel förälder."},
		"a subject like an answer":   {subject: "Autosvar läckte uppgifter", text: "Vårt autosvar har skickat ut namn på klienter till alla som mejlat oss."},
		"a report of a server in it": {subject: "Fel adress", kind: "multipart/mixed; boundary=in", body: "--in\nContent-Type: text/plain\n\nJag skickade en elevlista till fel adress och fick detta tillbaka\n" + report},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			l.login = eve
			w.post(l)
			if n := w.incidents(); n != 1 {
				t.Fatalf("%d incidents", n)
			}
			// The same to what we have asked is what it says.
			q := w.last(eve)
			l.re, l.noQuote = q, true
			w.post(l)
			if n := len(w.mails(eve)); n != 1 {
				t.Errorf("%d mails to somebody who is away", n)
			}
		})
	}
}
