package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
)

// TestOwnMailComesBack: a forwarding rule or a confused server sends our own mails to us.
func TestOwnMailComesBack(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	before := w.sent()
	for _, raw := range [][]byte{l.raw, w.last(kim).raw} {
		w.postRaw(letter{sender: frist, to: frist}, raw)
		w.postRaw(letter{sender: frist, to: l.msg.ReplyTo[0].Addr}, raw)
		// …by the program's own account, so that it is authenticated, and without what says that a program wrote it.
		for i, to := range []string{frist, l.msg.ReplyTo[0].Addr} {
			plain := strings.NewReplacer("Auto-Submitted:", "X-Was:", "Message-ID: <", "Message-ID: <"+itoa(i)).Replace(string(raw))
			w.postRaw(letter{login: frist, to: to}, []byte(plain))
		}
	}
	w.quiet()
	if n := w.sent() - before; n != 0 {
		t.Errorf("%d mails are sent in answer to our own", n)
	}
	if n := w.incidents(); n != 1 {
		t.Errorf("%d incidents", n)
	}
}

// TestAutoResponder: a program answers each of our mails.
func TestAutoResponder(t *testing.T) {
	for _, c := range []struct {
		name string
		l    letter
		most int
	}{
		{"says so", letter{headers: []string{"Auto-Submitted: auto-replied"}, text: "Tack för ditt mejl."}, 0},
		{"by its subject", letter{subject: "Automatiskt svar: Din incidentrapport", text: "Tack för ditt mejl."}, 0},
		{"by its text", letter{text: "Hej! Jag är på semester och åter den 7 december. Vid brådskande ärenden ring växeln."}, 0},
		{"null sender", letter{headers: []string{"X-Auto-Response-Suppress: All", "X-MS-Exchange-Inbox-Rules-Loop: " + robin}, text: "Frånvarande."}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTown(t)
			w.begin("16")
			before := w.sent()
			for range 20 {
				l := c.l
				l.login, l.re = robin, w.last(robin)
				w.post(l)
			}
			if n := w.sent() - before; n > c.most {
				t.Errorf("%d mails are sent to a program, at most %d are in order", n, c.most)
			}
			if a := readAsked(w.last(robin)); a == nil || a.field != "16" {
				t.Error("the question is no longer open")
			}
		})
	}
}

// TestMailTwice: a server delivers a mail again.
func TestMailTwice(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	answer := letter{login: robin, re: l, text: "Listan skickades till en annan skola."}
	raw := answer.raw()
	before := w.sent()
	w.postRaw(answer, raw)
	w.postRaw(answer, raw)
	w.quiet()
	w.postRaw(answer, append([]byte("X-Relayed: again\r\n"), raw...))
	w.quiet()
	if n := w.sent() - before; n != 1 {
		t.Errorf("%d mails answer one that came three times", n)
	}
	if n := count(w.events(firstNumber), "answered"); n != len(w.incident(firstNumber).Answers)-settled(w)-1 {
		t.Errorf("%d answers are logged", n)
	}
	// The first message, too.
	first := letter{login: eve, subject: "Borta", text: "Jag har tappat bort en usb-sticka med elevuppgifter"}
	raw = first.raw()
	for range 3 {
		w.postRaw(first, raw)
	}
	w.quiet()
	if n := w.incidents(); n != 2 {
		t.Errorf("%d incidents of two reports", n)
	}
}

// settled counts the answers that the settings gave.
func settled(w *town) (n int) {
	for _, a := range w.incident(firstNumber).Answers {
		if a.Role == conversation.RoleSettings {
			n++
		}
	}
	return n
}

func count(list []string, name string) (n int) {
	for _, s := range list {
		if strings.HasPrefix(s, name) {
			n++
		}
	}
	return n
}

// parallel posts the same activity from many at once; every one must be told that it was taken.
func (w *town) parallel(activity map[string]any) {
	w.t.Helper()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			a, err := w.employee.Post(w.t.Context(), activity)
			if err != nil || a.Status != http.StatusOK {
				w.t.Errorf("status %d, %v", a.Status, err)
			}
		})
	}
	wg.Wait()
	w.quiet()
}

// cards counts the new cards and messages in Teams; updates of old ones apart.
func (w *town) cards() (created, updated int) {
	for _, c := range w.connector.Recorded() {
		if c.Direction != bottest.FromBot || !c.OK() || c.Message().Type != "message" {
			continue
		}
		if c.Method == http.MethodPut {
			updated++
		} else {
			created++
		}
	}
	return created, updated
}

// TestActivityEightTimes: Teams delivers an activity again, at the same moment.
func TestActivityEightTimes(t *testing.T) {
	w := newTown(t)
	report := w.employee.Activity("message")
	report["text"] = "Jag råkade mejla en deltagarlista till fel person"
	w.parallel(report)
	if created, _ := w.cards(); created != receiptCards || w.incidents() != 1 || len(w.mails(kim)) != 1 {
		t.Fatalf("%d cards, %d incidents, %d alerts", created, w.incidents(), len(w.mails(kim)))
	}
	w.parallel(report)
	if created, _ := w.cards(); created != receiptCards {
		t.Errorf("%d cards after the same again", created)
	}
	typed := w.employee.Activity("message")
	typed["text"] = "nej"
	w.parallel(typed)
	if created, _ := w.cards(); created != receiptCards+1 {
		t.Errorf("%d cards after one answer", created)
	}
	a, _ := w.card()
	if a.field != "phone" {
		t.Fatalf("%q is asked", a.field)
	}
	pressed := w.employee.Activity("invoke")
	data := map[string]any{"answer": "070-174 06 33"}
	for _, act := range a.card.actions {
		if act.Verb == "answer" {
			for k, v := range act.Data {
				data[k] = v
			}
		}
	}
	pressed["name"], pressed["replyToId"] = "adaptiveCard/action", a.card.id
	pressed["value"] = map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "answer", "data": data}, "trigger": "manual"}
	w.parallel(pressed)
	if created, _ := w.cards(); created != receiptCards+2 {
		t.Errorf("%d cards after two answers", created)
	}
	in := w.incident(firstNumber)
	if got := in.Answers["phone"].Value.Text; got != "070-174 06 33" {
		t.Errorf("phone %q", got)
	}
	if n := count(w.events(firstNumber), "answered"); n != 2 {
		t.Errorf("%d answers are logged", n)
	}
}

// TestStoppedBeforeTurn: the program ends after it has acknowledged a message and before its turn.
func TestStoppedBeforeTurn(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	mail := letter{login: robin, re: l, text: "Listan gick till en annan skola."}.raw()
	mail = append([]byte("Authentication-Results: "+w.embedded.post.AuthservID()+"; dmarc=pass header.from=exempelstad.example\r\n"), mail...)
	a := w.employee.Activity("message")
	a["text"] = "NYTT: Jag har tappat bort en telefon"
	activity, err := json.Marshal(map[string]any{"activity": a, "mail": robin, "name": "Robin Exempel"})
	if err != nil {
		t.Fatal(err)
	}
	w.restart(func() {
		s, err := openStore(t.Context(), w.cfg, w.clock.Now, w.app.log)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for i, in := range []conversation.RawInbound{{Channel: conversation.ChannelMail, Raw: mail}, {Channel: conversation.ChannelTeams, Raw: activity},
			{Channel: conversation.ChannelMail, Raw: []byte{0, 0xff, '\n'}}} {
			in.ID, in.At = conversation.NewInboundID("test", fmt.Sprint(i)), w.clock.Now()
			if _, err := s.Accept(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
	})
	w.quiet()
	if got := w.incident(firstNumber).Answers["16"].Value.Text; got != "Listan gick till en annan skola." {
		t.Errorf("16 is %q", got)
	}
	if n := w.incidents(); n != 2 {
		t.Errorf("%d incidents, want the second that Teams had acknowledged", n)
	}
	if ids, err := w.store.Waiting(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("%d messages still wait, %v", len(ids), err)
	}
	if !slices.ContainsFunc(w.mails(kim), func(m *wireMail) bool { return strings.Contains(m.msg.Subject, "PUI-2026-0002") }) {
		t.Error("the DSO is not alerted to what came before the stop")
	}
}
