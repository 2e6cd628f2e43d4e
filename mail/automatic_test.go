package mail

import (
	"fmt"
	"testing"
)

func TestAutoReply(t *testing.T) {
	for header, want := range map[string]string{
		"Subject: Lista borta":                              "",
		"Subject: Re: Automatiskt svar: Fråga":              "", // a person who answers one
		"Subject: Automatiskt svar: Fråga":                  AutoSubject,
		"Subject: Autosvar: Fråga":                          AutoSubject,
		"Subject: Frånvaro: Eva Ek":                         AutoSubject,
		"Subject: Frånvaro i skolan lades ut":               "",
		"Subject: Automatic reply: Question":                AutoSubject,
		"Subject: Out of office":                            AutoSubject,
		"Subject: Automatisch antwoord: Vraag":              AutoSubject,
		"Subject: Automaattinen vastaus: a":                 AutoSubject,
		"Subject: Réponse automatique : a":                  AutoSubject,
		"Subject: Automatik i lönesystemet":                 "",
		"Subject: Vacation list leaked":                     "",
		"Auto-Submitted: no":                                "",
		"Auto-Submitted: No (really)":                       "",
		"Auto-Submitted: auto-replied":                      AutoSubmitted,
		"Auto-Submitted: auto-generated; a=b":               AutoSubmitted,
		"X-Autoreply: yes":                                  AutoHeader,
		"X-Autorespond: a":                                  AutoHeader,
		"X-Autoreply: no":                                   "",
		"Precedence: bulk":                                  AutoPrecedence,
		"Precedence: auto_reply":                            AutoPrecedence,
		"Precedence: normal":                                "",
		"Precedence: list\nList-Id: <a.b.example>":          "",
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click": AutoBulkHeader,
		"X-Auto-Response-Suppress: DR, OOF, AutoReply":      "",
		"X-Auto-Response-Suppress: All":                     "",
		"X-MS-Exchange-Inbox-Rules-Loop: a@b.example":       "",
		"X-MS-Exchange-Inbox-Rules-Loop: a@b.example\nX-Auto-Response-Suppress: All": AutoExchangeRule,
		"Return-Path: <>":               AutoNullSender,
		"Return-Path: <eva@a.example>":  "",
		"From: no-reply@a.example":      AutoSender,
		"From: Eva <noreply@a.example>": AutoSender,
		"From: nora.replyn@a.example":   "",
		"Content-Type: multipart/report; report-type=disposition-notification; boundary=b": AutoReceipt,
		"Content-Type: multipart/report; report-type=feedback-report; boundary=b":          AutoFeedback,
	} {
		if got := Parse([]byte(header + "\n\nLönelistan ligger öppen på nätet.\n")).AutoReply; got != want {
			t.Errorf("%s: %q, not %q", header, got, want)
		}
	}
	for text, want := range map[string]string{
		"Jag är på semester och är åter den 3 augusti.":                           AutoText,
		"Hej! Jag är just nu frånvarande, tillbaka på måndag.\n\nMvh Eva":         AutoText,
		"I am out of the office until Monday and will reply when I am back.":      AutoText,
		"Jag var på semester när listan skickades, och fick den tillbaka i mars.": "",
		"Listan låg öppen medan jag var ledig.":                                   "",
	} {
		if got := replyTo(text).AutoReply; got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

// report makes a delivery report (RFC 3464) with that status part.
func report(status string) string {
	return "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: bot@kommun.example\nSubject: Undelivered Mail\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nDet gick inte fram.\n--b\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; mx.example\n\n" + status + "\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <ut.7@kommun.example>\nSubject: Fråga\n\nNär?\n--b--\n"
}

func TestBounces(t *testing.T) {
	for name, c := range map[string]struct {
		mail string
		want string
	}{
		"RFC 3464": {report("Final-Recipient: rfc822; eva@annat.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n <eva@annat.example>: okänd\n"),
			"[ut.7@kommun.example eva@annat.example 5.1.1 550 5.1.1 <eva@annat.example>: okänd] false"},
		"delayed": {report("Original-Recipient: rfc822;eva@annat.example\nFinal-Recipient: rfc822;e@c.example\nAction: delayed\nStatus: 4.4.1\n"),
			"[ut.7@kommun.example eva@annat.example 4.4.1 ] true"},
		"second failed": {report("Final-Recipient: rfc822; a@annat.example\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@annat.example\nAction: failed\nStatus: 5.2.2\n"),
			"[ut.7@kommun.example b@annat.example 5.2.2 ] false"},
		"delivered": {report("Final-Recipient: rfc822; a@annat.example\nAction: delivered\nStatus: 2.0.0\n"), ""},
		"Exim": {"From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: eva@annat.example\nTo: bot@kommun.example\nSubject: Mail delivery failed\n\n" +
			"A message that you sent could not be delivered.\n\n  eva@annat.example\n    550 no such user here\n\n------ This is a copy ------\n\nMessage-ID: <ut.7@kommun.example>\n",
			"[ut.7@kommun.example eva@annat.example 5.0.0 550 no such user here] false"},
		"plain text": {"Return-Path: <>\nFrom: postmaster@mx.example\nTo: bot@kommun.example\nSubject: failure notice\n\nThe address was not found.\n<eva@annat.example>:\n5.1.1 no mailbox\n\nReceived: from x\nMessage-ID:\n <ut.7@kommun.example>\n",
			"[ut.7@kommun.example eva@annat.example 5.1.1 ] false"},
		"Exchange": {"From: Microsoft Outlook <MicrosoftExchange329e71@kommun.example>\nIn-Reply-To: <ut.7@kommun.example>\nTo: bot@kommun.example\nSubject: =?utf-8?q?Kunde_inte_levereras=3A_Fr=C3=A5ga?=\n" +
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>Det gick inte att leverera till eva@annat.example\n--b--\n",
			"[ut.7@kommun.example eva@annat.example  ] false"},
		"a person about one":    {"From: eva@kommun.example\nTo: bot@kommun.example\nSubject: Undelivered Mail Returned to Sender\n\nDet här kom tillbaka, user unknown stod det. Vad gör jag?\n", ""},
		"a person forwards one": {"From: eva@kommun.example\nTo: bot@kommun.example\nSubject: VB: Undeliverable: Lista\n\nSe nedan.\n\nThe address was not found.\nMessage-ID: <x@y.example>\nReceived: from z\n", ""},
	} {
		m := Parse([]byte(c.mail))
		got := ""
		if m.Bounce != nil {
			b := m.Bounce
			got = fmt.Sprint([]string{b.OriginalMessageID, b.FailedRecipient, b.Status, b.Diagnostic}, b.Delayed)
		}
		if got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
		if name == "delivered" && m.AutoReply != AutoDelivery {
			t.Errorf("%s: %q", name, m.AutoReply)
		}
	}
	if (&Bounce{Status: "4.4.1"}).Permanent() || !(&Bounce{}).Permanent() {
		t.Error("Permanent")
	}
}
