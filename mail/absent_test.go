package mail

import (
	"encoding/base64"
	"testing"
)

// notice is an automatic mail with that subject and text, marked as programs mark theirs.
func notice(header, subject, text string) *Message {
	if header == "" {
		header = "Auto-Submitted: auto-replied"
	}
	return Parse([]byte("From: Eva Ek <eva.ek@kommun.example>\nTo: bot@kommun.example\n" + header + "\nSubject: =?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(subject)) +
		"?=\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n"))
}

func TestAbsent(t *testing.T) {
	for _, c := range []struct {
		header, subject, text string
	}{
		{"", "Automatiskt svar: Incident", "Hej! Jag är på semester till och med den 12 juli."},
		{"", "Automatiskt svar: Incident", ""},
		{"", "Autosvar: Incident", "Jag är tjänstledig. Kontakta växeln."},
		{"", "Autosvar: Incident", "Jag är ledig och åter på kontoret måndag."},
		{"", "Automatiskt svar: Incident", "Jag har slutat min tjänst. Vänd dig till registrator."},
		{"", "Re: Incident", "Tack för ditt mejl. Jag är just nu sjukskriven, i brådskande ärenden ring Kim."},
		{"", "Frånvarande: Incident", "Åter 3/8."},
		{"X-Autoreply: yes\nPrecedence: bulk", "Re: Incident", "Jag läser inte min e-post förrän i augusti."},
		{"X-MS-Exchange-Inbox-Rules-Loop: eva.ek@kommun.example\nX-Auto-Response-Suppress: All", "Re: Incident", "Jag är inte på plats i dag."},
		{"Precedence: junk", "away from my mail Re: Incident", "I will not be reading my mail for a while."},
		{"", "Automatic reply: Incident", "I am out of the office with limited access to e-mail."},
		{"", "AUTO: Eva Ek is out of the office (returning 2026-03-09)", "I am out of the office until 2026-03-09."},
		{"", "Automatisk svar: Incident", "Jeg er på ferie og tilbake mandag."},
		{"", "Automatisk svar: Incident", "Jeg holder fri. Jeg er ikke på kontoret."},
		{"", "Automaattinen vastaus: Incident", "Olen lomalla 1.7.-31.7."},
		{"", "Automatische Antwort: Incident", "Ich bin derzeit nicht im Büro und am 9. März wieder erreichbar."},
		{"", "Réponse automatique : Incident", "Je suis absente du bureau, de retour le 9 mars."},
		{"", "Respuesta automática: Incident", "Estoy de vacaciones hasta el 9 de marzo."},
		{"", "Risposta automatica: Incident", "Sono in ferie, rientro il 9 marzo."},
		{"", "Automatisch antwoord: Incident", "Ik ben met vakantie."},
		{"", "Odpowiedź automatyczna: Incident", "Jestem na urlopie do 9 marca."},
		{"", "Resposta automática: Incident", "Estou de férias até 9 de março."},
		{"", "Automatická odpověď: Incident", "Mám dovolenou do 9. března."},
		{"", "Sjálfvirkt svar: Incident", "Ég er í fríi."},
		{"X-Dummy: a", "Sv: Incident", "Hej! Jag är ledig till och med 12 juli och åter den 13."},
	} {
		if m := notice(c.header, c.subject, c.text); m.AutoReply == "" || !m.Absent || m.Bounce != nil {
			t.Errorf("%s, %s: auto %q, absent %v, bounce %v", c.subject, c.text, m.AutoReply, m.Absent, m.Bounce)
		}
	}
}

func TestNotAbsent(t *testing.T) {
	for _, c := range []struct {
		header, subject, text string
		auto                  bool
	}{
		{"", "Automatiskt svar: Incident", "Tack! Vi har tagit emot ditt ärende och återkommer. Ärendenummer 4711.", true},
		{"", "[#4711] Incident", "Your request has been received. A ticket has been created.", true},
		{"", "Automatic reply: Semesterlista", "We have received your message and will get back to you.", true},
		{"Auto-Submitted: auto-replied\nList-Id: <alla.kommun.example>", "Automatiskt svar: Incident", "Jag är på semester.", true},
		{"Auto-Submitted: auto-generated", "Nattens säkerhetskopia", "Kopian blev klar.", true},
		{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "Läst: Incident", "Ditt meddelande lästes.", true},
		{"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Semestertips", "Åk på semester med oss.", true},
		{"X-Dummy: a", "Frånvarolista på villovägar", "Jag är ledsen men frånvarolistan för klass 5 låg öppen medan jag var på semester.", false},
		{"X-Dummy: a", "Sv: Automatiskt svar: Incident", "Jag har semester men svarar ändå: det var 12 personer.", false},
		{"X-Dummy: a", "Semester", "Listan med semestrar skickades till fel person. Jag är tillbaka på kontoret.", false},
		{"X-Dummy: a", "Sv: Incident", "Är du på semester?", false},
	} {
		if m := notice(c.header, c.subject, c.text); m.Absent || (m.AutoReply != "") != c.auto {
			t.Errorf("%s, %s: auto %q, absent %v", c.subject, c.text, m.AutoReply, m.Absent)
		}
	}
}

// Automatic mail of further programs, none of it from a person who is away.
func TestOtherMachines(t *testing.T) {
	for name, c := range map[string]struct{ header, subject, text, want string }{
		"calendar":       {"Content-Class: urn:content-classes:calendarmessage", "Accepterat: Möte om incidenten", "", AutoCalendar},
		"calendar words": {"Content-Class: urn:content-classes:calendarmessage", "Avböjt: Möte om incidenten", "Jag kan inte då, men listan var på 12 personer.", ""},
		"accepted list":  {"X-Dummy: a", "Accepterat: listan", "Den accepterade listan låg öppen.", ""},
		"challenge":      {"X-Dummy: a", "Please confirm your message to Eva", "Click to prove that you are a person.", AutoChallenge},
		"TMDA":           {"X-Delivery-Agent: TMDA/1.1", "Incident", "Confirm.", AutoChallenge},
		"ServiceNow":     {"X-ServiceNow-Generated: true", "Ärende INC0012", "Ditt ärende finns.", AutoHeader},
		"inbox rule":     {"X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "Incident", "Tack.", AutoExchangeRule},
		"FreeScout":      {"X-FreeScout-Mail-Type: auto.reply", "Incident", "Tack.", AutoHeader},
		"FreeScout user": {"X-FreeScout-Mail-Type: user.reply", "Incident", "Det var jag.", ""},
	} {
		if m := notice(c.header, c.subject, c.text); m.AutoReply != c.want || m.Absent {
			t.Errorf("%s: %q, absent %v", name, m.AutoReply, m.Absent)
		}
	}
}

// Reports as text, in the words of the servers named.
func TestTextBounces(t *testing.T) {
	for name, c := range map[string]struct {
		header, subject, text string
		want                  Bounce
	}{
		"qmail": {"From: MAILER-DAEMON@mx.example\nReturn-Path: <>", "failure notice",
			"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<eva@annat.example>:\n203.0.113.5 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <bot@kommun.example>\nMessage-ID: <ut.7@kommun.example>\n",
			Bounce{OriginalMessageID: "ut.7@kommun.example", FailedRecipient: "eva@annat.example", Status: "5.1.1"}},
		"Exchange Online": {"From: Microsoft Outlook <MicrosoftExchange329@kommun.example>\nReturn-Path: <>", "Olevererbart: Incident",
			"Det gick inte att leverera meddelandet till eva@annat.example.\n\nFjärrservern returnerade '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n\nUrsprungliga meddelanderubriker:\n\nReceived: from a.example\nMessage-ID: <ut.7@kommun.example>\n",
			Bounce{OriginalMessageID: "ut.7@kommun.example", FailedRecipient: "eva@annat.example", Status: "5.1.10"}},
		"sendmail delayed": {"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nReturn-Path: <>", "Warning: could not send message for past 4 hours",
			"**    THIS IS A WARNING MESSAGE ONLY  **\n\neva@annat.example... Deferred: 451 4.4.1 reply: read error\n\nMessage-ID: <ut.7@kommun.example>\n",
			Bounce{OriginalMessageID: "ut.7@kommun.example", FailedRecipient: "eva@annat.example", Status: "4.4.1", Delayed: true}},
		"Exim delayed": {"From: Mail Delivery System <Mailer-Daemon@mx.example>\nX-Failed-Recipients: eva@annat.example\nReturn-Path: <>", "Warning: message 1abc delayed 24 hours",
			"This message was created automatically.\nMessage-ID: <ut.7@kommun.example>\n", Bounce{OriginalMessageID: "ut.7@kommun.example", FailedRecipient: "eva@annat.example", Delayed: true}},
		"Lotus": {"From: Mailer-Daemon@kommun.example", "DELIVERY FAILURE: User eva (eva@annat.example) not listed in Domino Directory",
			"Your message\n\n  Subject: Incident\n\nwas not delivered to:\n\n  eva@annat.example\n\nbecause:\n\n  User eva not listed in Domino Directory\n", Bounce{FailedRecipient: "eva@annat.example"}},
		"gateway": {"From: gateway@kommun.example", "Incident : non remis (delivery failed)", "Your message could not be delivered to\neva@annat.example\n", Bounce{FailedRecipient: "eva@annat.example"}},
	} {
		m := Parse([]byte(c.header + "\nTo: bot@kommun.example\nSubject: " + c.subject + "\nContent-Type: text/plain; charset=utf-8\n\n" + c.text))
		if m.Bounce == nil {
			t.Errorf("%s: no bounce", name)
			continue
		}
		got := *m.Bounce
		got.Diagnostic = ""
		if got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if m.Absent {
			t.Errorf("%s: absent", name)
		}
	}
	both := report("Final-Recipient: rfc822; a@annat.example\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822; b@annat.example\nAction: failed\nStatus: 5.2.2\n")
	if b := Parse([]byte(both)).Bounce; b == nil || b.FailedRecipient != "b@annat.example" || b.Delayed || !b.Permanent() {
		t.Errorf("delayed and failed: %+v", b)
	}
}

// Subjects that servers give their reports, by language: with the null sender each is one.
func TestBounceSubjects(t *testing.T) {
	for _, subject := range []string{"Olevererbart: Incident", "Undeliverable: Incident", "Unzustellbar: Incident", "Non remis : Incident", "No se puede entregar: Incident", "Non recapitabile: Incident",
		"Onbestelbaar: Incident", "Não é possível entregar: Incident", "Kan ikke leveres: Incident", "Toimitus epäonnistui: Incident", "Nie można dostarczyć: Incident", "Nedoručitelné: Incident",
		"Kézbesíthetetlen: Incident", "Не удается доставить: Incident", "Teslim edilemiyor: Incident", "配信不能: Incident", "无法送达: Incident", "배달할 수 없음: Incident", "Nelivrat: Incident"} {
		if m := notice("Return-Path: <>", subject, "—"); m.Bounce == nil {
			t.Errorf("%s: no bounce", subject)
		}
		if m := notice("X-Dummy: a", "VB: "+subject, "Vad betyder det här?"); m.Bounce != nil {
			t.Errorf("%s, forwarded by a person: a bounce", subject)
		}
	}
}
