package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"
)

// told is what came in a chat of Teams after the given call, in order: the texts of new messages.
func (w *town) told(chat string, after int) (out []string) {
	for _, c := range w.connector.Recorded() {
		m := c.Message()
		if c.Seq > after && c.Conversation == chat && c.Direction == bottest.FromBot && c.OK() && c.Method == http.MethodPost && m.Type == "message" {
			out = append(out, m.Text+m.Summary+cardText(string(m.Card)))
		}
	}
	return out
}

// colleague is somebody of the organisation who writes in Teams.
func (w *town) colleague(n int) *bottest.Client {
	name := fmt.Sprintf("kollega%03d", n)
	return bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, Locale: "sv-SE", User: bottest.User{ID: "29:1" + name,
		Name: "Kollega " + itoa(n), AADObjectID: fmt.Sprintf("00000000-0000-4000-8000-1000000%05d", n), Email: name + "@exempelstad.example"}})
}

// TestEventsThatNeedNothing: they are taken and not answered, whatever stands in them.
func TestEventsThatNeedNothing(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	before := w.connector.Last()
	for _, kind := range []string{"messageReaction", "typing", "event", "endOfConversation", "conversationUpdate", "messageUpdate", "messageDelete", "trace", "något-helt-annat"} {
		for _, odd := range []map[string]any{{}, {"id": nil}, {"from": nil, "id": 7}, {"reactionsAdded": []any{map[string]any{"type": "like"}}}, {"channelData": "x"}, {"membersAdded": "x"}} {
			a := w.employee.Activity(kind)
			for k, v := range odd {
				a[k] = v
			}
			if answer, err := w.employee.Post(t.Context(), a); err != nil || answer.Status != http.StatusOK || len(answer.Body) > 0 {
				t.Errorf("%s %v: status %d %s, %v", kind, odd, answer.Status, answer.Body, err)
			}
		}
	}
	w.quiet()
	if said := w.told(w.employee.Conversation(), before); len(said) != 0 || w.incidents() != 1 {
		t.Errorf("told: %q", said)
	}
	for _, c := range []struct {
		name   string
		value  any
		status int
		code   float64
	}{
		{"composeExtension/query", nil, http.StatusNotImplemented, 0}, {"task/fetch", map[string]any{}, http.StatusNotImplemented, 0}, {"", nil, http.StatusNotImplemented, 0},
		{"adaptiveCard/action", nil, http.StatusOK, 400}, {"adaptiveCard/action", "x", http.StatusOK, 400}, {"adaptiveCard/action", map[string]any{}, http.StatusOK, 400},
		{"adaptiveCard/action", map[string]any{"action": map[string]any{"data": "x"}}, http.StatusOK, 400},
	} {
		a := w.employee.Activity("invoke")
		a["name"], a["value"] = c.name, c.value
		answer, err := w.employee.Post(t.Context(), a)
		var body struct {
			StatusCode float64
			Type       string
			Value      struct{ Code, Message string }
		}
		if c.code != 0 && err == nil {
			err = json.Unmarshal(answer.Body, &body)
		}
		if err != nil || (c.code == 0) != (len(answer.Body) == 0) || answer.Status != c.status || body.StatusCode != c.code || c.code != 0 && (body.Type != "application/vnd.microsoft.error" || body.Value.Message == "") {
			t.Errorf("invoke %s %v: status %d %s, %v", c.name, c.value, answer.Status, answer.Body, err)
		}
	}
}

// TestInstalledAndRemoved: one welcome at each installation, and after the removal mail, until the person is there again.
func TestInstalledAndRemoved(t *testing.T) {
	w := newTown(t)
	install := func() error { return w.employee.Install(t.Context()) }
	for i, want := range []int{1, 0, 0} {
		if said := w.does(install); len(said) != want {
			t.Errorf("installation %d: told %q", i, said)
		}
	}
	w.say("Jag råkade mejla en deltagarlista till fel person")
	if said := w.does(func() error { return w.employee.Uninstall(t.Context()) }); len(said) != 0 {
		t.Errorf("told: %q", said)
	}
	calls := len(w.connector.Recorded())
	w.reply(kim, w.lastWith(kim, "svara TAR"), "TAR")
	if len(w.mails(robin)) != 1 || len(w.connector.Recorded()) != calls {
		t.Errorf("%d mails to somebody who has removed the app, %d calls to Teams", len(w.mails(robin)), len(w.connector.Recorded())-calls)
	}
	if n := len(w.mails(administrator)); n != 0 {
		t.Errorf("%d alarms", n)
	}
	if said := w.does(install); len(said) != 1 {
		t.Errorf("installed again: told %q", said)
	}
	if said := w.does(func() error { _, err := w.employee.Say(t.Context(), "nej"); return err }); len(said) != 1 || w.incident(firstNumber).Answers["protected"].Value.Choice != "Nej" {
		t.Errorf("told: %q", said)
	}
}

// TestBlockedInTeams: what Teams refuses goes by mail, and the administrator is told once a day for the person, without the name of who reported.
func TestBlockedInTeams(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		w := newTown(t)
		w.say("Jag råkade mejla en deltagarlista till fel person")
		w.connector.FailNext(4, bottest.Failure{Status: status, Code: "MessageWritesBlocked", Method: http.MethodPost})
		for _, text := range []string{"nej", "070-174 06 33", "VISA", "hjälp"} {
			w.say(text)
		}
		if n := len(w.mails(robin)); n != 4 {
			t.Errorf("%d: %d mails", status, n)
		}
		alarms := w.mails(administrator)
		if len(alarms) != 1 {
			t.Fatalf("%d: %d alarms", status, len(alarms))
		}
		if text := alarms[0].msg.Text; !strings.Contains(text, firstNumber) || !strings.Contains(text, itoa(status)) || strings.Contains(text, "Robin") {
			t.Errorf("%d: the alarm says\n%s", status, text)
		}
		w.clock.put(w.clock.Now().Add(25 * time.Hour))
		w.connector.FailNext(1, bottest.Failure{Status: status, Method: http.MethodPost})
		w.say("VISA")
		if n := len(w.mails(administrator)); n != 2 {
			t.Errorf("%d: %d alarms the day after", status, n)
		}
	}
}

// TestTeamsAsksForPatience: what Teams asks to be tried again is, after the time that it names, and each message comes once and in order.
func TestTeamsAsksForPatience(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	for _, f := range []bottest.Failure{{Status: http.StatusTooManyRequests, RetryAfter: "2"}, {Status: http.StatusPreconditionFailed}, {Status: http.StatusBadGateway}} {
		f.Method = http.MethodPost
		w.connector.FailNext(1, f)
		begun := time.Now()
		said := w.does(func() error { _, err := w.employee.Say(t.Context(), "hjälp"); return err })
		if len(said) != 1 || f.RetryAfter != "" && time.Since(begun) < 2*time.Second {
			t.Errorf("%+v: after %v %d messages", f, time.Since(begun), len(said))
		}
	}
	// Nobody waits an hour for an answer.
	w.connector.FailNext(1, bottest.Failure{Status: http.StatusTooManyRequests, RetryAfter: "3600", Method: http.MethodPost})
	w.say("hjälp")
	if len(w.mails(robin)) != 1 || len(w.mails(administrator)) != 1 {
		t.Errorf("%d mails, %d alarms", len(w.mails(robin)), len(w.mails(administrator)))
	}
}

// TestSentWithoutID: a card that cannot be replaced later stays, and nothing is sent twice or given up for it.
func TestSentWithoutID(t *testing.T) {
	w := newTown(t)
	w.connector.FailNext(receiptCards, bottest.Failure{NoID: true, Method: http.MethodPost})
	w.say("Jag råkade mejla en deltagarlista till fel person")
	said := w.does(func() error { _, err := w.employee.Say(t.Context(), "nej"); return err })
	if _, updated := w.cards(); len(said) != 1 || updated != 0 {
		t.Errorf("%d cards are updated; told: %q", updated, said)
	}
	// The next can be, but the person has deleted it.
	w.connector.FailNext(1, bottest.Failure{Status: http.StatusNotFound, Method: http.MethodPut})
	said = w.does(func() error { _, err := w.employee.Say(t.Context(), "070-174 06 33"); return err })
	_, dead, err := w.store.Unsent(t.Context())
	if err != nil || len(said) != 1 || dead != 0 || len(w.mails(administrator)) != 0 {
		t.Errorf("%d given up, %d alarms; told: %q, %v", dead, len(w.mails(administrator)), said, err)
	}
}

// TestGroupChat: a chat that others read is told once where the bot works, if it was mentioned or added there, and nothing of it is kept.
func TestGroupChat(t *testing.T) {
	w := newTown(t)
	group := func(chat, kind string, more map[string]any) map[string]any {
		w.connector.AddGroup(chat)
		a := w.employee.Activity(kind)
		a["conversation"] = map[string]any{"id": chat, "conversationType": "groupChat", "isGroup": true, "tenantId": a["conversation"].(map[string]any)["tenantId"]}
		for k, v := range more {
			a[k] = v
		}
		return a
	}
	bot := w.employee.Activity("message")["recipient"].(map[string]any)
	mention := map[string]any{"text": "<at>Frist</at> Jag mejlade en lista till fel person", "entities": []any{map[string]any{"type": "mention", "text": "<at>Frist</at>", "mentioned": bot}}}
	const lunch, school, channel = "19:lunch@thread.v2", "19:skola@thread.v2", "19:kanal@thread.tacv2"
	post := func(a map[string]any) {
		if answer, err := w.employee.Post(t.Context(), a); err != nil || answer.Status != http.StatusOK {
			t.Errorf("status %d, %v", answer.Status, err)
		}
		w.quiet()
	}
	post(group(lunch, "message", map[string]any{"text": "VISA"}))
	if said := w.told(lunch, 0); len(said) != 0 {
		t.Errorf("told without a mention: %q", said)
	}
	for range 3 {
		post(group(lunch, "message", mention))
		post(group(school, "conversationUpdate", map[string]any{"membersAdded": []any{bot}}))
		post(group(school, "installationUpdate", map[string]any{"action": "add"}))
		post(group(channel+";messageid=1795312557716", "message", mention))
		post(group(channel+";messageid=1795312557799", "message", mention))
	}
	post(group(lunch, "messageUpdate", mention))
	post(group(lunch, "conversationUpdate", map[string]any{"membersAdded": []any{map[string]any{"id": "29:1ny"}}}))
	link := "https://teams.microsoft.com/l/chat/0/0?users=" + bot["id"].(string)
	for _, chat := range []string{lunch, school, channel + ";messageid=1795312557716"} {
		if said := w.told(chat, 0); len(said) != 1 || !strings.Contains(said[0], link) {
			t.Errorf("%s: told %q", chat, said)
		}
	}
	if said := w.told(channel+";messageid=1795312557799", 0); len(said) != 0 {
		t.Errorf("told in the same channel again: %q", said)
	}
	if w.incidents() != 0 || len(w.mails(kim)) != 0 {
		t.Errorf("%d incidents, %d alerts", w.incidents(), len(w.mails(kim)))
	}
}

// TestInvokeTwice: a button whose press is delivered again, at once or a little later, shows the same card.
func TestInvokeTwice(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	data := map[string]any{"answer": "Nej"}
	for _, act := range a.card.actions {
		for k, v := range act.Data {
			if act.Verb == "answer" {
				data[k] = v
			}
		}
	}
	pressed := w.employee.Activity("invoke")
	pressed["name"], pressed["replyToId"] = "adaptiveCard/action", a.card.id
	pressed["value"] = map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "answer", "data": data}}
	bodies := make([]string, 9)
	var wg sync.WaitGroup
	for i := range bodies[:8] {
		wg.Go(func() {
			answer, err := w.employee.Post(t.Context(), pressed)
			if err != nil {
				t.Error(err)
			}
			bodies[i] = string(answer.Body)
		})
	}
	wg.Wait()
	w.quiet()
	answer, err := w.employee.Post(t.Context(), pressed)
	if err != nil {
		t.Fatal(err)
	}
	bodies[8] = string(answer.Body)
	if slices.Sort(bodies); bodies[0] != bodies[8] || !strings.Contains(bodies[0], "AdaptiveCard") {
		t.Errorf("%s\n%s", bodies[0], bodies[8])
	}
	if n := count(w.events(firstNumber), "answered"); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// TestOverlap: the press of a button and a typed answer whose requests overlap are taken in the order in which they came; a press that comes second
// is that of an old card, and overwrites nothing.
func TestOverlap(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	a, _ := w.card()
	press := func(answer string) {
		submit := w.employee.Activity("message")
		submit["replyToId"] = a.card.id
		value := map[string]any{"answer": answer}
		for _, act := range a.card.actions {
			for k, v := range act.Data {
				if act.Verb == "answer" {
					value[k] = v
				}
			}
		}
		submit["value"] = value
		if _, err := w.employee.Post(t.Context(), submit); err != nil {
			t.Fatal(err)
		}
	}
	write := func(answer string) {
		if _, err := w.employee.Say(t.Context(), "ändra protected: "+answer); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		first, second func(string)
		want          string
	}{{press, write, "Nej"}, {write, press, "Ja"}, {press, write, "Nej"}} {
		c.first("Ja")
		c.second("Nej")
		w.quiet()
		if got := w.incident(firstNumber).Answers["protected"].Value.Choice; got != c.want {
			t.Errorf("%d: protected %q, want %q", i, got, c.want)
		}
	}
}

// TestManyAtOnce: two hundred people report at the same moment, some twice, and each gets one number and one answer.
func TestManyAtOnce(t *testing.T) {
	const n = 200
	w := newTown(t)
	var wg sync.WaitGroup
	people := make([]*bottest.Client, n)
	for i := range people {
		people[i] = w.colleague(i)
		report := people[i].Activity("message")
		report["text"] = fmt.Sprintf("Jag har tappat pärm %d på bussen", i)
		for range 1 + i%2 {
			wg.Go(func() {
				for {
					answer, err := people[i].Post(t.Context(), report)
					if err == nil && answer.Status == http.StatusOK {
						return
					}
					if err != nil || answer.Status != http.StatusInternalServerError { // Teams delivers what took too long again
						t.Errorf("%d: status %d, %v", i, answer.Status, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if err := w.settle(t.Context()); err != nil {
		t.Log("on a busy machine it takes longer:", err)
		w.quiet()
	}
	if got := w.incidents(); got != n {
		t.Errorf("%d incidents of %d", got, n)
	}
	numbers := map[string]bool{}
	for i, p := range people {
		said := w.told(p.Conversation(), 0)
		if len(said) != receiptCards {
			t.Fatalf("%d is told %q", i, said)
		}
		at := strings.Index(said[0], "PUI-2026-")
		if at < 0 {
			t.Fatalf("%d is told %q", i, said)
		}
		numbers[said[0][at:at+13]] = true
	}
	if len(numbers) != n {
		t.Errorf("%d numbers of %d", len(numbers), n)
	}
}
