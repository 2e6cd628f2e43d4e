package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frist/bot/bottest"
)

// TestLogTellsNothing plays an incident with all that can go wrong, with the log at its most talkative: no answer, address, token or
// personnummer stands there.
func TestLogTellsNothing(t *testing.T) {
	w := newTown(t)
	const personnummer = "19811218-9876" // the tax authority's own example
	answers := []string{"Deltagarlistan hamnade hos Fredrika på Ängsgården", "070-174 06 33", "SN 2026-118", "Bengts mapp låg öppen", "påhittat av en annan"}
	l := w.begin("16")
	w.reply(robin, l, answers[0]+" "+personnummer)
	w.reply(robin, w.last(robin), "BEHÅLL")
	w.say("ändra C: " + answers[1])
	w.say("ändra 16: " + answers[3] + " " + personnummer)
	w.say("MASKERA")
	w.reply(kim, w.lastWith(kim, "svara TAR"), "TAR")
	w.post(letter{login: eve, re: l, text: answers[4]})
	w.post(letter{from: kim, re: w.last(kim), text: answers[4]})
	w.post(letter{login: kim, re: w.last(kim), text: answers[4], headers: []string{"Auto-Submitted: auto-replied"}})
	w.postRaw(letter{login: robin}, []byte("\x00\xff garbage "+answers[4]+"\r\n"))
	w.post(letter{login: eve, subject: "Hej", text: "hjälp"})
	for _, body := range []map[string]any{{"type": "message"}, {"type": "message", "text": answers[4], "channelId": "webchat"}, {"type": "invoke", "name": answers[4]}} {
		if a, err := w.employee.Post(t.Context(), body); err != nil || a.Status == http.StatusOK {
			t.Errorf("a broken activity is answered %d, %v", a.Status, err)
		}
	}
	// Somebody in Teams without a mail address, whom nothing reaches by mail either.
	lone := bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, User: bottest.User{ID: "29:ensam", Name: "Ensam Person", Email: "ensam.person@exempelstad.example"}})
	if _, err := lone.Say(t.Context(), "hej"); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.reply(robin, w.last(robin), "KLAR")
	w.reply(kim, w.lastWith(kim, "granska version"), dsoAnswers)
	if err := w.moveTo(t.Context(), demoStart.Add(50*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.reply(kim, w.lastWith(kim, "granska version"), "GODKÄNN")
	w.reply(kim, w.last(kim), "INSKICKAD IMY-2026-4711")
	if in := w.incident(firstNumber); in.Filing == nil {
		t.Fatalf("the incident is not filed but %s", in.Status)
	}
	log := w.log.String()
	if strings.Count(log, "\n") < 5 {
		t.Errorf("the log is too short to prove anything: %s", log)
	}
	secrets := append([]string{personnummer, "9876", "exempelstad.example", "robin.exempel", "kim.exempel", "eva.utan", "Robin Exempel", "Kim Exempel", "Ensam", "ensam.person",
		"deltagarlista", "Deltagarlista", "kursledare", "IMY-2026-4711", "29:robin", w.password, "garbage"}, answers...)
	for _, who := range []string{robin, kim, alex, eve} {
		for _, l := range w.mails(who) {
			if len(l.msg.ReplyTo) > 0 {
				secrets = append(secrets, replyToken(l))
			}
		}
	}
	for _, s := range secrets {
		if i := strings.Index(log, s); s != "" && i >= 0 {
			t.Errorf("the log has %q: %s", s, log[max(0, strings.LastIndexByte(log[:i], '\n')+1):i+strings.IndexByte(log[i:], '\n')])
		}
	}
}
