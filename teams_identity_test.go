package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
	"frist/conversation"
)

// person is who has a Teams user, by the directory's id.
func (w *town) person(u bottest.User) (p *conversation.Person) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx conversation.Tx) (err error) {
		p, err = tx.PersonByAddress(conversation.Address{Channel: conversation.ChannelTeams, ID: "5f0c1c52-7d0e-4a36-9d3a-0d8a3f6a7b10/" + u.AADObjectID})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// lookUps counts how often somebody was asked for in the directory.
func (w *town) lookUps() (n int) {
	for _, c := range w.connector.Recorded() {
		if c.Direction == bottest.FromBot && c.Method == http.MethodGet {
			n++
		}
	}
	return n
}

// TestInstallingIsNotWriting: the app alone does not draw the DSO's mail to a chat that they may never open; a word there does.
func TestInstallingIsNotWriting(t *testing.T) {
	w := newTown(t)
	k := w.chat("00001", "Kim Exempel", kim)
	if err := k.client.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	l := w.begin("16")
	w.lastWith(kim, "svara TAR")
	if !k.last().has("Jag tar det") {
		t.Error("the alert did not come in Teams as well")
	}
	w.reply(robin, l, "KLAR")
	w.lastWith(kim, "granska version")
	if n := len(k.live()); n != 0 {
		t.Errorf("%d live cards in a chat in which nobody has written, with the review sent by mail", n)
	}
}

// TestTeamsPersonIsLookedUpOnce: the store knows them from then on, also after a restart, and no message waits for the directory.
func TestTeamsPersonIsLookedUpOnce(t *testing.T) {
	w := newTown(t)
	k := w.chat("00001", "Kim Exempel", kim)
	for range 3 {
		k.say("hej")
	}
	if n := w.lookUps(); n != 1 {
		t.Errorf("%d look-ups for three messages", n)
	}
	w.restart(func() {})
	w.endpoint = "http://" + w.listener.Addr().String() + "/api/messages"
	k = w.chat("00001", "Kim Exempel", kim)
	w.connector.FailNext(1, bottest.Failure{Status: http.StatusServiceUnavailable}) // the directory, behind the turn, or the answer
	k.say("visa")
	if p := w.person(bottest.User{AADObjectID: "00000000-0000-4000-8000-000000000001"}); p.Mail() != kim {
		t.Errorf("the DSO in Teams has the mail address %q", p.Mail())
	}
}

// TestTeamsOnly: somebody of whom the directory gives no mail address, though it has the DSO's name, is guided wholly in Teams.
func TestTeamsOnly(t *testing.T) {
	w := newTown(t)
	p := w.chat("00008", "Kim Exempel", "")
	p.say("Jag råkade mejla en deltagarlista till fel person")
	w.lastWith(kim, "svara TAR")
	p.say("nej")
	if a := w.incident(firstNumber).Answers["protected"]; a.Value.Choice != "Nej" {
		t.Errorf("protected is %q", a.Value.Choice)
	}
	sent := len(w.mails(kim))
	cards := len(p.cards())
	w.reply(kim, w.lastWith(kim, "svara TAR"), "TAR")
	if err := w.moveTo(t.Context(), w.clock.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if texts := strings.Join(textsOf(p.cards()[cards:]), "\n"); !strings.Contains(texts, "väntar vi på dina svar") {
		t.Errorf("no reminder came in Teams: %s", texts)
	}
	if n := len(w.mails(kim)) - sent; n == 0 {
		t.Error("the DSO is not reminded")
	}
	if _, dead, err := w.store.Unsent(t.Context()); err != nil || dead > 0 {
		t.Errorf("%d messages were given up, %v", dead, err)
	}
	// They block the program: there is no other way to them, which the administrator hears.
	w.connector.FailNext(50, bottest.Failure{Status: http.StatusForbidden, Code: "MessageWritesBlocked"})
	if err := w.moveTo(t.Context(), w.clock.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.lastWith(administrator, firstNumber)
}

func textsOf(cards []shown) (out []string) {
	for _, s := range cards {
		out = append(out, s.text)
	}
	return out
}

// TestLookUpFails: the report is taken and alerted all the same, and the person is joined later.
func TestLookUpFails(t *testing.T) {
	w := newTown(t)
	u := bottest.User{ID: "29:00002", Name: "Robin Exempel", AADObjectID: "00000000-0000-4000-8000-000000000002", Email: robin, UPN: robin}
	r := w.chatOf(u)
	w.connector.FailNext(1, bottest.Failure{Status: http.StatusInternalServerError})
	r.say("Jag råkade mejla en deltagarlista till fel person")
	w.lastWith(kim, "svara TAR")
	if p := w.person(u); p.Mail() != "" {
		t.Fatalf("the mail address %q is known", p.Mail())
	}
	r.say("nej")
	w.restart(func() {}) // else the next try comes ten minutes later
	w.endpoint = "http://" + w.listener.Addr().String() + "/api/messages"
	r = w.chatOf(u)
	r.say("visa")
	if p := w.person(u); p.Mail() != robin {
		t.Errorf("the mail address is %q", p.Mail())
	}
	if w.incident(firstNumber).Reporter != w.person(u).ID || w.incidents() != 1 {
		t.Error("the report is another person's now")
	}
}

// TestBothChannelsAtOnce: a question answered by mail is shown as such where its card stands, and the next may be answered in Teams.
func TestBothChannelsAtOnce(t *testing.T) {
	w := newTown(t)
	r := w.chat("00002", "Robin Exempel", robin)
	r.say("Jag råkade mejla en deltagarlista till fel person")
	card := r.bottom()
	r.wants(card, "skyddade")
	w.post(letter{login: robin, subject: firstNumber, text: "nej"})
	if v := w.incident(firstNumber).Answers["protected"].Value.Choice; v != "Nej" {
		t.Fatalf("protected is %q", v)
	}
	i := slices.IndexFunc(r.cards(), func(s shown) bool { return s.id == card.id })
	now := r.cards()[i]
	r.wants(now, "Besvarad via mejl")
	if len(now.inputs) > 0 || now.has("Svara") || now.has("Hoppa") {
		t.Errorf("the answered card still asks: %q %q", now.inputs, now.titles)
	}
	open := readAsked(w.last(robin))
	r.say("070-000 00 00")
	in := w.incident(firstNumber)
	if _, ok := in.Answers[w.form.Lookup(open.field).Key]; !ok {
		t.Errorf("%s, put by mail, is not answered in Teams: %s", open.field, r.last().text)
	}
	if r.bottom().id == card.id {
		t.Error("the next question did not come in Teams")
	}
}
