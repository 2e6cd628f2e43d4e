package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
	"frist/conversation"
)

// TestTeamsDecisionsThatDoNotCount tries to approve in Teams in every way but the right one: none counts, and the real one still does.
func TestTeamsDecisionsThatDoNotCount(t *testing.T) {
	w, k := kimInTeams(t)
	first := k.lastWith("Returnera")
	review := k.approvable()
	r := w.chat("00002", "Robin Exempel", robin)
	a := w.chat("00003", "Alex Prov", alex)
	r.say("visa")
	a.say("hej")
	twin := w.chat("00004", "Kim Exempel", "kim.exempel@annan.example")
	lone := w.chat("00005", "Kim Exempel", "")
	guest := w.chatOf(bottest.User{ID: "29:00006", Name: "Kim Exempel", AADObjectID: "00000000-0000-4000-8000-000000000006", Email: kim,
		UPN: "kim.exempel_exempelstad.example#EXT#@exempelstad.example"})
	abroad := &chat{w, bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, TenantID: "11111111-2222-4333-8444-555555555555",
		User: bottest.User{ID: "29:00007", Name: "Kim Exempel", AADObjectID: "00000000-0000-4000-8000-000000000001"}})}
	for _, c := range []struct {
		name string
		do   func()
		want string // what the log says of it
	}{
		{"the card of an older version", func() {
			k.press(first, "Returnera", map[string]any{"text": "godkänn"})
			k.pressAs(first, "say", map[string]any{"text": "godkänn"})
		}, "decision_refused old_version"},
		{"the reporter, with the DSO's card", func() { r.press(review, "Godkänn", nil) }, "decision_refused not_decider"},
		{"the reporter, typed", func() { r.say("Godkänn") }, "decision_refused not_decider"},
		{"the deputy, whom nobody has called, with the DSO's card", func() { a.press(review, "Godkänn", nil) }, "decision_refused not_in_reply"},
		{"the deputy, naming the number", func() { a.say("godkänn " + firstNumber); a.say(firstNumber + " godkänn") }, ""},
		{"somebody of another domain by the DSO's name", func() { twin.press(review, "Godkänn", nil) }, "stranger not_theirs"},
		{"somebody without a mail address by the DSO's name", func() { lone.press(review, "Godkänn", nil) }, ""},
		{"a guest with the DSO's address", func() { guest.press(review, "Godkänn", nil) }, ""},
		{"the same id in another tenant", func() { abroad.press(review, "Godkänn", nil) }, ""},
		{"an invented token", func() {
			k.pressAs(review, "say", map[string]any{"text": "godkänn", "token": "abcdefghijklmnopqrstuvwxyz"})
		}, ""},
		{"a button that was never there", func() { k.pressAs(review, "not_notifiable", map[string]any{"reason": ""}) }, ""},
		{"in a sentence", func() { k.say("Jag kan inte godkänna detta än, vi väntar på ett besked") }, ""},
		{"below answers", func() { k.say("29: 3\nGODKÄNN") }, "decision_refused below_answers"},
	} {
		before := count(w.events(firstNumber), c.want)
		c.do()
		w.undecided()
		if c.want != "" && count(w.events(firstNumber), c.want) == before {
			all := w.events(firstNumber)
			t.Errorf("%s: no %q in the log, which ends with %q", c.name, c.want, all[max(0, len(all)-3):])
		}
	}
	for _, c := range []*chat{r, twin, lone, guest, abroad} {
		for _, s := range c.cards() {
			if strings.Contains(s.text, firstNumber) && c != r {
				t.Errorf("a stranger is shown %s", s.text)
			}
		}
	}
	k.press(k.lastWith("Godkänn"), "Godkänn", nil)
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved || in.Decision.Address != kim {
		t.Errorf("the real approval gives %s", in.Status)
	}
}

// pressAs sends what a button would, with data of one's own.
func (c *chat) pressAs(s shown, verb string, in map[string]any) {
	c.t.Helper()
	data := map[string]any{}
	for _, a := range s.actions {
		for k, v := range a.Data {
			data[k] = v
		}
	}
	for k, v := range in {
		data[k] = v
	}
	if _, err := c.client.Execute(c.t.Context(), s.id, verb, data); err != nil {
		c.t.Fatal(err)
	}
	c.quiet()
}

// TestTypedApprovalInTeams: nobody quotes in a chat, so the word is for the version that stands there, if it is the newest and has come.
func TestTypedApprovalInTeams(t *testing.T) {
	w, k := kimInTeams(t)
	k.approvable()
	k.press(k.bottom(), "Gå igenom", nil)
	if k.bottom().has("Till anmälan") {
		k.say("hoppa över")
	}
	k.say("29: 1")
	w.undecided()
	if s := k.bottom(); !s.has("Godkänn") {
		t.Fatalf("the new version is not at the bottom: %s", s.text)
	}
	k.say("Godkänn")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved || in.Decision.Revision != in.Revision {
		t.Errorf("status %s", in.Status)
	}
}

// TestTypedApprovalOfWhatHasNotCome: the version in force could not be delivered, so no word typed meanwhile is for it; and an alert is no version.
func TestTypedApprovalOfWhatHasNotCome(t *testing.T) {
	w := newTown(t)
	k := w.chat("00001", "Kim Exempel", kim)
	k.say("hej")
	l := w.begin("16")
	k.say("tar")
	if w.incident(firstNumber).Watch.TakenBy == "" {
		t.Fatal("TAR in the chat takes nothing")
	}
	k.say("godkänn")
	w.undecided()
	w.reply(robin, l, "KLAR")
	k.approvable()
	// The DSO answers one of several questions on its card: the version that stands in the chat is not what there is now.
	k.say("ändra 16")
	q := k.bottom()
	k.wants(q, "[16]")
	k.say("En lista gick till fel mottagare.")
	if in := w.incident(firstNumber); in.Answers["16"].Value.Text != "En lista gick till fel mottagare." {
		t.Fatalf("16 is %q", in.Answers["16"].Value.Text)
	}
	k.say("GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s: %s", in.Status, k.last().text)
	}
}

// TestApprovalHalfway: while the DSO goes through the questions, the version that stands in the chat is an old one. The new one is sent.
func TestApprovalHalfway(t *testing.T) {
	w, k := kimInTeams(t)
	review := k.lastWith("Gå igenom")
	k.press(review, "Gå igenom", nil)
	k.say("SN 2026-118")
	before := w.incident(firstNumber).Revision
	k.say("godkänn")
	w.undecided()
	if count(w.events(firstNumber), "decision_refused old_version") != 1 {
		t.Errorf("the log ends with %q", w.events(firstNumber))
	}
	s := k.bottom()
	k.wants(s, "version "+itoa(before))
	if n := len(k.live()); n != 1 {
		t.Errorf("%d live cards", n)
	}
}

// TestApprovalTwice: a double click counts once and says nothing new, and the same version by mail afterwards is told to be approved.
func TestApprovalTwice(t *testing.T) {
	w, k := kimInTeams(t)
	review := k.approvable()
	k.press(review, "Godkänn", nil)
	cards, mails := len(k.cards()), len(w.mails(kim))
	answer := k.press(review, "Godkänn", nil)
	if n := count(w.events(firstNumber), "approved"); n < 1 || len(k.cards()) != cards || len(w.mails(kim)) != mails {
		t.Errorf("the second click gives %d cards and %d mails", len(k.cards())-cards, len(w.mails(kim))-mails)
	}
	if !strings.Contains(string(answer.Body), "Godkänt: version") {
		t.Errorf("the second click shows %s", answer.Body)
	}
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	if said := w.last(kim).msg.Text; !strings.Contains(said, "Godkänt: version") {
		t.Errorf("by mail it is said: %s", firstChars(said, 300))
	}
	if n := len(slices.DeleteFunc(w.events(firstNumber), func(e string) bool { return !strings.HasPrefix(e, "approved ") })); n != 1 {
		t.Errorf("approved %d times", n)
	}
}

// TestOtherDecisionsInTeams: return and no notification, by the card and typed; everybody's card goes out.
func TestOtherDecisionsInTeams(t *testing.T) {
	w := newTown(t)
	k, a := w.chat("00001", "Kim Exempel", kim), w.chat("00003", "Alex Prov", alex)
	k.say("hej")
	a.say("hej")
	l := w.begin("16")
	k.press(k.lastWith("Kan inte"), "Kan inte", nil)
	if n := len(k.live()); n != 0 {
		t.Errorf("%d live cards at whoever cannot", n)
	}
	alert := a.lastWith("Jag tar det")
	w.reply(robin, l, "KLAR")
	review := a.lastWith("Returnera")
	if s := a.cards(); slices.ContainsFunc(s, func(s shown) bool { return s.id == alert.id && len(s.actions) > 0 }) {
		t.Error("the alert is still live")
	}
	a.press(review, "Returnera", nil)
	if in := w.incident(firstNumber); in.Decision != nil {
		t.Error("returned without a reason")
	}
	a.press(review, "Returnera", map[string]any{"reason": "Vem fick listan?"})
	in := w.incident(firstNumber)
	if in.Decision == nil || in.Decision.Outcome != conversation.OutcomeReturn || in.Decision.Reason != "Vem fick listan?" || len(a.live()) != 0 {
		t.Fatalf("decision %+v, %d live cards", in.Decision, len(a.live()))
	}
	w.lastWith(robin, "Vem fick listan?")
	w.reply(robin, w.last(robin), "KLAR")
	again := a.lastWith("Returnera")
	if again.id == review.id {
		t.Fatal("no new review came")
	}
	a.say("inte anmälningspliktig: listan var tom")
	if in := w.incident(firstNumber); in.Status != conversation.StatusNotNotifiable || in.Decision.Reason != "listan var tom" || len(a.live())+len(k.live()) != 0 {
		t.Errorf("status %s, %d live cards", in.Status, len(a.live())+len(k.live()))
	}
}

// TestReporterDSOInTeams: a DSO who reported does not decide.
func TestReporterDSOInTeams(t *testing.T) {
	w := newTown(t)
	k, a := w.chat("00001", "Kim Exempel", kim), w.chat("00003", "Alex Prov", alex)
	a.say("hej")
	k.say("Jag råkade mejla en deltagarlista till fel person")
	k.say("KLAR")
	k.say("godkänn")
	k.press(a.lastWith("Returnera"), "Returnera", map[string]any{"reason": "x"})
	w.undecided()
}

// TestTwoReviewsInTeams: with two incidents under review the word is for the one at the bottom of the chat.
func TestTwoReviewsInTeams(t *testing.T) {
	w, k := kimInTeams(t)
	k.approvable()
	if err := w.moveTo(t.Context(), w.clock.Now().Add(1e9)); err != nil {
		t.Fatal(err)
	}
	w.post(letter{login: robin, subject: "Ny sak", text: "NYTT: Jag tappade en pärm med deltagare på bussen i dag"})
	k.say("godkänn")
	w.undecided()
	in := w.incident("PUI-2026-0002")
	if in.Decision != nil {
		t.Error("the new incident, of which there is only an alert, is decided")
	}
	k.press(k.lastWith("Godkänn"), "Godkänn", nil)
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s", in.Status)
	}
}

// TestApprovalOfAnOldMail: the DSO has gone on in Teams, and answers the first version's mail. The newest comes by mail, its card in the chat says so.
func TestApprovalOfAnOldMail(t *testing.T) {
	w, k := kimInTeams(t)
	old := w.lastWith(kim, "granska version")
	card := k.approvable()
	w.reply(kim, old, "GODKÄNN")
	w.undecided()
	i := slices.IndexFunc(k.cards(), func(s shown) bool { return s.id == card.id })
	k.wants(k.cards()[i], "skickats till din e-post")
	if n := len(k.live()); n != 0 {
		t.Errorf("%d live cards", n)
	}
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved {
		t.Errorf("status %s", in.Status)
	}
}

// TestWholeByMail: the notification that stands in the chat is had by mail, and may be approved there.
func TestWholeByMail(t *testing.T) {
	w, k := kimInTeams(t)
	k.press(k.approvable(), "Skicka som mejl", nil)
	l := w.last(kim)
	if len(l.msg.Attachments) == 0 || !strings.Contains(l.msg.Subject, "granska version") {
		t.Fatalf("the mail is %q with %d files", l.msg.Subject, len(l.msg.Attachments))
	}
	w.reply(kim, l, "GODKÄNN")
	if in := w.incident(firstNumber); in.Status != conversation.StatusApproved || len(k.live()) != 0 {
		t.Errorf("status %s, %d live cards", in.Status, len(k.live()))
	}
}

// TestUnverifiedInTeams: an unconfirmed report is dismissed by its alert's button, which then is gone.
func TestUnverifiedInTeams(t *testing.T) {
	w := newTown(t)
	k := w.chat("00001", "Kim Exempel", kim)
	k.say("hej")
	w.post(letter{from: "robin.privat@hem.example", subject: "Hjälp", text: "Jag har tappat min jobbdator på tåget i dag"})
	k.press(k.lastWith("Avfärda"), "Avfärda", nil)
	if in := w.incident(firstNumber); in.Status != conversation.StatusWithdrawn {
		t.Errorf("status %s", in.Status)
	}
	for _, s := range k.cards() {
		if s.has("Avfärda") {
			t.Error("the alert can still be pressed")
		}
	}
}

// TestWhoCannotDecideHasNoButton: the on-call contact has taken it, in Teams: their card leads through the questions, and decides nothing.
func TestWhoCannotDecideHasNoButton(t *testing.T) {
	w := newTown(t)
	s := w.chat("00009", "Sam Jour", "sam.jour@exempelstad.example")
	s.say("hej")
	l := w.begin("16")
	if err := w.moveTo(t.Context(), w.clock.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.press(s.lastWith("Jag tar det"), "Jag tar det", nil)
	w.reply(robin, l, "KLAR")
	card := s.lastWith("Gå igenom")
	if card.has("Godkänn") || card.has("Returnera") {
		t.Errorf("buttons %q", card.titles)
	}
	s.pressAs(card, "say", map[string]any{"text": "godkänn"})
	w.undecided()
}
