package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
)

// newDrive is where the employee keeps what they attach in Teams.
func (w *town) newDrive() *bottest.Drive {
	w.t.Helper()
	d, err := bottest.NewDrive()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return d
}

// attach writes in Teams with a file, and waits until nothing moves.
func (w *town) attach(text, name, url string) {
	w.t.Helper()
	if _, err := w.employee.Attach(w.t.Context(), text, bottest.File{Name: name, URL: url}); err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
}

// From a report in Teams with the leaked list to the list in the DSO's hands: read, told, not kept, asked for, kept, mailed, exported.
func TestFilesInTeams(t *testing.T) {
	w := newTown(t)
	d := w.newDrive()
	list := peopleTable(1240)
	w.attach("Jag råkade mejla en deltagarlista till fel person", "deltagare 850709-9805.csv", d.Add(bottest.Served{Body: []byte(list)}))
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 1 fil, 1 240 rader, 1 240 personnummer.")
	has(t, "the receipt", w.receipt(), "Filen du bifogade är avläst men inte sparad.", "har 1 240 rader")
	if strings.Contains(w.receipt(), "850709") {
		t.Error("the name's number is said again")
	}
	w.reply(kim, w.lastWith(kim, "Misstänkt"), "VISA")
	shown := w.last(kim)
	has(t, "what the DSO is shown", shown.msg.Text, "1 240 rader", "kolumner som liknar namn, personnummer och e-postadresser", "BEGÄR FILERNA")
	if n := w.keptFilesOf(firstNumber); n != 0 {
		t.Fatalf("%d files are kept that nobody asked for", n)
	}
	w.reply(kim, shown, "Begär filerna")
	has(t, "the request", w.lastCall(), "behöver filen", "Skicka den igen här")
	w.attach("", "deltagare.csv", d.Add(bottest.Served{Body: []byte(list)}))
	has(t, "the thanks", w.lastCall(), "är sparad krypterat i ärendet")
	w.reply(kim, w.lastWith(kim, "har kommit"), "Skicka filerna")
	if a := w.lastWith(kim, "Här är filen").msg.Attachments; len(a) != 1 || a[0].Name != "deltagare.csv" || a[0].Size != int64(len(list)) {
		t.Errorf("attached: %+v", a)
	}
	doc, form, err := w.engine.Document(t.Context(), firstNumber)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := w.exportFiles(t.Context(), dir, exported{w.incident(firstNumber).ID, doc, form}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "1-deltagare.csv")); err != nil || string(data) != list {
		t.Errorf("exported: %d bytes, %v", len(data), err)
	}
	if log := w.log.String(); strings.Contains(log, "deltagare") || strings.Contains(log, "tempauth") {
		t.Error("a file's name or address stands in the log")
	}
}

// What cannot be fetched is said, and the words are a report all the same; a mail among the files is read.
func TestFileInTeamsNotFetched(t *testing.T) {
	w := newTown(t)
	d := w.newDrive()
	w.attach("Jag råkade mejla en deltagarlista till fel person", "lista.csv", d.Add(bottest.Served{Type: "text/html", Page: true, Body: []byte("<html>Sign in")}))
	has(t, "the receipt", w.receipt(), "Filen lista.csv gick inte att hämta från Teams", "Skicka den igen")
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 1 fil")
	w.reply(kim, w.lastWith(kim, "Misstänkt"), "VISA")
	has(t, "what the DSO is shown", w.last(kim).msg.Text, "INTE LÄST: gick inte att hämta från Teams")
	if f := w.incident(firstNumber).Files; len(f) != 1 || f[0].Refused != conversation.RefusedFetch {
		t.Errorf("%+v", f)
	}
	mail := "Date: Wed, 11 Nov 2026 15:40:00 +0100\nFrom: a@exempelstad.example\nTo: fel@elsewhere.example\nSubject: Lista\n\nSe bilagan.\n"
	w.attach("", "Lista.eml", d.Add(bottest.Served{Type: "message/rfc822", Body: []byte(mail)}))
	if f := w.incident(firstNumber).Files; len(f) != 2 || f[1].Recipients != 1 || f[1].Sent.IsZero() {
		t.Errorf("%+v", f)
	}
}

// The DSO, who is known in Teams, has approved by mail: the notification is offered as a file in Teams, and put on their own drive when they take it.
func TestNotificationAsFileInTeams(t *testing.T) {
	w := newTown(t)
	d := w.newDrive()
	dso := bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.endpoint, User: bottest.User{ID: "29:kim", Name: "Kim Exempel",
		AADObjectID: "00000000-0000-4000-8000-000000000009", Email: kim}})
	_, current := w.inReview()
	if _, err := dso.Say(t.Context(), "hej"); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.reply(kim, current, "GODKÄNN")
	call, card := w.offered()
	if call.Conversation != dso.Conversation() || card.Name != firstNumber+".html" {
		t.Fatalf("%+v", card)
	}
	// Somebody else who got hold of the card's context gets nothing.
	if _, err := w.employee.Consent(t.Context(), "1", true, card.Content.AcceptContext, card.Name, d.UploadURL()); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.teams.Wait()
	if n := len(d.Uploads()); n != 0 {
		t.Fatalf("%d files went to somebody else", n)
	}
	if _, err := dso.Consent(t.Context(), call.ActivityID, true, card.Content.AcceptContext, card.Name, d.UploadURL()); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.teams.Wait()
	up := d.Uploads()
	if len(up) != 1 {
		t.Fatalf("%d uploads", len(up))
	}
	has(t, "the file", string(up[0].Body), "En lista över deltagare i en kurs gick till en annan kursledare.", firstNumber)
	if n := strings.Count(strings.Join(w.events(firstNumber), "\n"), "document_fetched"); n != 1 {
		t.Errorf("noted %d times: %q", n, w.events(firstNumber))
	}
}

// offeredCard is a file consent card.
type offeredCard struct {
	ContentType, Name string
	Content           struct{ AcceptContext json.RawMessage }
}

// offered is the newest file that was offered in Teams.
func (w *town) offered() (bottest.Recorded, offeredCard) {
	w.t.Helper()
	for _, c := range slices.Backward(w.connector.Recorded()) {
		var a struct{ Attachments []offeredCard }
		if c.Direction == bottest.FromBot && json.Unmarshal(c.Activity, &a) == nil && len(a.Attachments) == 1 && strings.HasSuffix(a.Attachments[0].ContentType, "file.consent") {
			return c, a.Attachments[0]
		}
	}
	w.t.Fatal("no file was offered")
	return bottest.Recorded{}, offeredCard{}
}

// The program was stopped between the acknowledgement and the turn: the file is fetched at the next start, and what is kept of the message opens none.
func TestFileInTeamsAfterAStop(t *testing.T) {
	w := newTown(t)
	d := w.newDrive()
	w.say("hej") // so that the program has begun before it is stopped
	activity := w.employee.Activity("message")
	activity["text"] = "Jag råkade mejla en deltagarlista till fel person"
	activity["attachments"] = []any{map[string]any{"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "lista.csv",
		"content": map[string]any{"downloadUrl": d.Add(bottest.Served{Body: []byte(peopleTable(7))})}}}
	raw, err := json.Marshal(map[string]any{"activity": activity})
	if err != nil {
		t.Fatal(err)
	}
	id := conversation.NewInboundID("teams", "stopped")
	w.restart(func() {
		s, err := openStore(t.Context(), w.cfg, w.clock.Now, w.app.log)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Accept(t.Context(), conversation.RawInbound{ID: id, Channel: conversation.ChannelTeams, At: w.clock.Now(), Raw: raw}); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	w.quiet()
	has(t, "the alert", w.lastWith(kim, "Misstänkt").msg.Text, "Bifogat: 1 fil, 7 rader")
	var kept conversation.RawInbound
	if err := w.store.View(t.Context(), func(tx conversation.Tx) (err error) {
		kept, _, err = tx.Inbound(id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(kept.Raw), "tempauth") || strings.Contains(string(kept.Raw), "downloadUrl") {
		t.Errorf("kept: %s", kept.Raw)
	}
}
