package main

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
	"frist/mail"
)

// dsoAnswers are what the DSO says to all that an early end leaves open.
const dsoAnswers = `4: SN 2026-118
10: i går kl 16
11: i dag 9.10
12: ja
15: 1
16: En lista över deltagare i en kurs gick till en annan kursledare.
17: 1
18: 1
21: nej
23: 14
24: 11 - 100
25: 8
26: 10, 16
27: nej
28: 1, 3
29: 2
30: hoppa över
31: nej
33: nej
35: 1
36: nej
37: hoppa över`

// inReview brings an incident to where only the decision lacks. It gives the first version's mail and that of the one in force.
func (w *town) inReview() (old, current *wireMail) {
	w.t.Helper()
	l := w.begin("16")
	w.reply(kim, w.lastWith(kim, "svara TAR"), "TAR")
	w.reply(robin, l, "KLAR")
	old = w.lastWith(kim, "granska version")
	w.reply(kim, old, dsoAnswers)
	current = w.lastWith(kim, "granska version")
	if old.msg.MessageID == current.msg.MessageID {
		w.t.Fatalf("no new version came: %s", w.last(kim).msg.Text)
	}
	return old, current
}

// undecided holds that no decision counts.
func (w *town) undecided() {
	w.t.Helper()
	in := w.incident(firstNumber)
	if in.Decision != nil || in.Status == conversation.StatusApproved || in.Status == conversation.StatusNotified || in.Filing != nil {
		w.t.Fatalf("status %s, decision %+v", in.Status, in.Decision)
	}
}

// replyToken is the secret of a mail's reply address.
func replyToken(l *wireMail) string {
	local, _, _ := strings.Cut(l.msg.ReplyTo[0].Addr, "@")
	_, t, _ := strings.Cut(local, "+")
	return t
}

const bounceOf = `--b
Content-Type: text/plain; charset=utf-8

Your message could not be delivered. GODKÄNN

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exempelstad.example

Final-Recipient: rfc822; kim.exempel@exempelstad.example
Action: failed
Status: 5.2.2

--b
Content-Type: text/rfc822-headers

Message-ID: <%ID%>
Subject: x

--b--
`

// TestApprovalsThatDoNotCount tries to approve in every way but the right one: each is in the log, none counts, and the real one still does.
func TestApprovalsThatDoNotCount(t *testing.T) {
	w := newTown(t)
	old, current := w.inReview()
	forged := "Authentication-Results: " + w.embedded.post.AuthservID() + "; dmarc=pass header.from=exempelstad.example"
	for _, c := range []struct {
		name string
		l    letter
		want string // what the log says of it; "" for what it has said before
	}{
		{"the reporter, to the DSO's address", letter{login: robin, re: current, text: "GODKÄNN"}, "decision_refused not_decider"},
		{"the reporter, to their own", letter{login: robin, re: w.last(robin), text: "godkänn"}, "decision_refused not_decider"},
		{"somebody of the domain who has the reply address", letter{login: eve, re: current, text: "GODKÄNN"}, "note"},
		{"who stands in as called last, but does not decide", letter{login: "sam.jour@exempelstad.example", re: current, text: "GODKÄNN"}, "decision_refused not_decider"},
		{"a forged From from outside", letter{from: "Kim Exempel <" + kim + ">", re: current, text: "GODKÄNN"}, "stranger unauthenticated"},
		{"…with a verdict of its own", letter{from: kim, re: current, text: "GODKÄNN", headers: []string{forged}}, "stranger unauthenticated"},
		{"…and in a comment's disguise", letter{from: kim, re: current, text: "GODKÄNN", headers: []string{strings.Replace(forged, "mx.", "(x) mx.", 1), strings.Replace(forged, "mx.", "MX.", 1)}}, "stranger unauthenticated"},
		{"…with the DSO's envelope", letter{from: kim, re: current, text: "GODKÄNN", sender: kim}, "stranger unauthenticated"},
		{"another's account with the DSO's From", letter{login: eve, from: "Kim Exempel <" + kim + ">", re: current, text: "GODKÄNN"}, "stranger unauthenticated"},
		{"two From addresses", letter{login: kim, from: kim + ", " + eve, re: current, text: "GODKÄNN"}, "stranger unauthenticated"},
		{"two From fields", letter{login: kim, headers: []string{"From: " + eve}, re: current, text: "GODKÄNN"}, "stranger unauthenticated"},
		{"two From fields, the DSO's first", letter{login: eve, from: eve, headers: []string{"From: " + kim}, re: current, text: "GODKÄNN"}, "stranger unauthenticated"},
		{"the DSO's address as a display name", letter{login: eve, from: `"` + kim + `" <` + eve + ">", re: current, text: "GODKÄNN"}, "note"},
		{"…encoded", letter{login: eve, from: "=?utf-8?q?Kim_Exempel_=3Ckim=2Eexempel=40exempelstad=2Eexample=3E?= <" + eve + ">", re: current, text: "GODKÄNN"}, "note"},
		{"the DSO in a comment", letter{login: eve, from: eve + " (" + kim + ")", re: current, text: "GODKÄNN"}, "note"},
		{"the DSO in Reply-To", letter{login: eve, headers: []string{"Reply-To: <" + kim + ">"}, re: current, text: "GODKÄNN"}, "note"},
		{"the DSO in Sender and Return-Path", letter{login: eve, headers: []string{"Sender: <" + kim + ">", "Return-Path: <" + kim + ">", "X-Original-From: " + kim}, re: current, text: "GODKÄNN"}, "note"},
		{"to an old version", letter{login: kim, re: old, text: "GODKÄNN"}, "decision_refused old_version"},
		{"to the alert", letter{login: kim, re: w.lastWith(kim, "svara TAR"), text: "GODKÄNN"}, "decision_refused not_in_reply_to_review"},
		{"in a mail of its own", letter{login: kim, subject: firstNumber, text: "GODKÄNN"}, "decision_refused not_in_reply"},
		{"with an invented token", letter{login: kim, to: "frist+" + strings.ToLower(rand.Text()) + "@exempelstad.example", subject: firstNumber, text: "GODKÄNN"}, "decision_refused not_in_reply"},
		{"by a program at the DSO's", letter{login: kim, re: current, text: "GODKÄNN", headers: []string{"Auto-Submitted: auto-replied"}}, "automatic auto_submitted"},
		{"by an out-of-office subject", letter{login: kim, re: current, subject: "Automatiskt svar: granska", text: "GODKÄNN"}, "absent"},
		{"by an out-of-office text", letter{login: kim, re: current, text: "Jag är på semester och åter den 7 december.\nGODKÄNN"}, ""},
		{"by a list's software", letter{login: kim, re: current, text: "GODKÄNN", headers: []string{"Precedence: bulk"}}, "automatic precedence"},
		{"by a bounce", letter{sender: "<>", from: "MAILER-DAEMON@exempelstad.example", re: current, noQuote: true,
			kind: `multipart/report; report-type=delivery-status; boundary=b`, body: strings.ReplaceAll(bounceOf, "%ID%", current.msg.MessageID)}, "bounced review"},
		{"by a bounce in the DSO's name", letter{login: kim, re: current, noQuote: true,
			kind: `multipart/report; report-type=delivery-status; boundary=b`, body: strings.ReplaceAll(bounceOf, "%ID%", current.msg.MessageID)}, "bounced review"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			before := count(w.events(firstNumber), c.want)
			w.post(c.l)
			w.undecided()
			if n := count(w.events(firstNumber), c.want) - before; n != 1 && c.want != "" {
				all := w.events(firstNumber)
				t.Errorf("%d times %q in the log, which ends with %q", n, c.want, all[max(0, len(all)-3):])
			}
		})
	}
	w.t = t
	// An approval of the old version had the current one sent anew: any of its mails may be answered.
	w.reply(kim, w.lastWith(kim, "granska version"), "Godkänn")
	in := w.incident(firstNumber)
	if in.Status != conversation.StatusApproved || in.Decision == nil || in.Decision.Address != kim {
		t.Fatalf("the real approval gives %s, %+v", in.Status, in.Decision)
	}
	if _, ok := in.Answers["16"]; !ok || in.Answers["16"].Value.Text != "En lista över deltagare i en kurs gick till en annan kursledare." {
		t.Errorf("16 is now %q", in.Answers["16"].Value.Text)
	}
	if n := w.incidents(); n != 1 {
		t.Errorf("%d incidents have come of the attempts", n)
	}
}

// TestApprovalThatIsNotWritten: the word stands in the mail, but the DSO did not write it as an answer.
func TestApprovalThatIsNotWritten(t *testing.T) {
	w := newTown(t)
	_, current := w.inReview()
	for _, c := range []struct{ name, text string }{
		{"only quoted", "> GODKÄNN\n> Hälsningar\n"},
		{"only quoted, below words", "Jag tittar på det i morgon.\n\n> GODKÄNN\n"},
		{"in the signature", "Återkommer.\n\n-- \nGODKÄNN\n"},
		{"in a sentence", "Jag kan inte godkänna detta än."},
		{"with a no", "godkänn inte"},
		{"as a question", "Ska jag skriva GODKÄNN?"},
		{"in an old mail", "Se nedan.\n\n-----Ursprungligt meddelande-----\nFrån: Kim Exempel\nSkickat: den 12 november 2026 08:00\nTill: Frist\nÄmne: Re: granska\n\nGODKÄNN\n"},
		{"nothing at all", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			before := len(w.mails(kim))
			w.reply(kim, current, c.text)
			w.undecided()
			if len(w.mails(kim)) == before {
				t.Error("the DSO is told nothing")
			}
		})
	}
	w.t = t
	hidden := letter{login: kim, re: current, noQuote: true, kind: "text/html; charset=utf-8",
		body: `<p>Jag tittar på det i morgon.</p><blockquote type="cite"><p>GODKÄNN</p></blockquote><!-- GODKÄNN --><style>GODKÄNN</style>`}
	w.post(hidden)
	w.undecided()
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s", in.Status)
	}
}

// TestApprovalVoided: what changes after the approval takes it away, and approving the version before does not bring it back.
func TestApprovalVoided(t *testing.T) {
	w := newTown(t)
	_, current := w.inReview()
	w.reply(kim, current, "GODKÄNN")
	w.reply(kim, w.last(kim), "ÄNDRA 29: 3")
	w.undecided()
	w.reply(kim, current, "GODKÄNN")
	w.undecided()
	w.reply(kim, current, "INSKICKAD IMY-2026-1 i dag 9.15")
	w.undecided()
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s", in.Status)
	}
	for _, want := range []string{"approval_void", "decision_refused old_version", "decision_refused filing_before_approval"} {
		if !slices.ContainsFunc(w.events(firstNumber), func(e string) bool { return strings.HasPrefix(e, want) }) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

// TestApprovalByTeams: the reporter in Teams cannot decide either, by words or by a button that was never on a card.
func TestApprovalByTeams(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	w.reply(kim, w.lastWith(kim, "svara TAR"), "TAR")
	w.say("KLAR")
	w.reply(kim, w.lastWith(kim, "granska version"), dsoAnswers)
	review := w.lastWith(kim, "granska version")
	before := count(w.events(firstNumber), "decision_refused")
	w.say("GODKÄNN")
	w.undecided()
	for _, in := range []map[string]any{{}, {"token": replyToken(review)}, {"token": replyToken(review), "text": "GODKÄNN"}} {
		for _, verb := range []string{"approve", "say", "return", "not_notifiable", "filed"} {
			if answer := w.execute(a, verb, in); answer.Status != 200 {
				t.Errorf("%s: status %d", verb, answer.Status)
			}
			w.undecided()
		}
	}
	if n := count(w.events(firstNumber), "decision_refused") - before; n < 2 {
		t.Errorf("%d refusals in the log", n)
	}
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s", in.Status)
	}
}

// TestStrangerIsNotAnswered: who is not let in gets no mail, a colleague one, and the incident's people are told once of each.
func TestStrangerIsNotAnswered(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	before := len(w.mails(kim))
	for range 5 {
		w.post(letter{login: eve, re: l, text: "Jag vill också se allt. VISA"})
		w.post(letter{from: robin, re: l, text: "Ändra 16: påhittat"})
	}
	if n := len(w.mails(eve)); n != 1 || strings.Contains(string(w.last(eve).raw), firstNumber) {
		t.Errorf("%d mails to a colleague, who is to get one without the number", n)
	}
	if n := len(w.mails(kim)) - before; n != 2 {
		t.Errorf("the DSO is told %d times, not of the note once and of the forgeries once", n)
	}
	if _, ok := w.incident(firstNumber).Answers["16"]; ok {
		t.Error("a forged mail answered a question")
	}
	if v := mail.Parse(w.last(kim).raw).Text; strings.Contains(v, "påhittat") {
		t.Error("what the stranger wrote is passed on")
	}
}

// TestTeamsNameIsNoIdentity: somebody in Teams who has named themselves as the DSO is nobody, and a group chat is not answered.
func TestTeamsNameIsNoIdentity(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	lone := bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, User: bottest.User{ID: "29:1okand", Name: "Kim Exempel"}})
	for _, text := range []string{"TAR", "VISA", "GODKÄNN"} {
		if _, err := lone.Say(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		w.quiet()
	}
	// …and presses the button of another's card.
	data := map[string]any{"answer": "Ja"}
	for _, act := range a.card.actions {
		if act.Verb == "answer" {
			for k, v := range act.Data {
				data[k] = v
			}
		}
	}
	if _, err := lone.Execute(t.Context(), a.card.id, "answer", data); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	in := w.incident(firstNumber)
	if _, ok := in.Answers["protected"]; ok || in.Watch.TakenBy != "" || w.incidents() != 1 {
		t.Errorf("taken by %q, %d incidents, answers %v", in.Watch.TakenBy, w.incidents(), in.Answers)
	}
	if n := count(w.events(firstNumber), "stranger"); n != 1 {
		t.Errorf("%d strangers in the log", n)
	}
	for _, c := range w.connector.Recorded() {
		if c.Conversation == lone.Conversation() && c.Direction == bottest.FromBot && strings.Contains(string(c.Activity), firstNumber) {
			t.Error("a stranger is shown the incident")
		}
	}
	before, _ := w.cards()
	group := w.employee.Activity("message")
	group["text"] = "VISA"
	group["conversation"].(map[string]any)["conversationType"] = "groupChat"
	if answer, err := w.employee.Post(t.Context(), group); err != nil || answer.Status != 200 {
		t.Errorf("status %d, %v", answer.Status, err)
	}
	w.quiet()
	if after, _ := w.cards(); after != before {
		t.Error("a group chat is answered")
	}
}
