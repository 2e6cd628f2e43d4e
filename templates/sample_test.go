package templates

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frist/conversation"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is made now; look at the change, then run go test ./templates -update", path)
	}
}

// hostile is what a person may write: markup, templating, markdown, quotes and line ends.
const hostile = "<b>Tre</b> listor & \"en\" till\r\n*inte* _kursivt_ [länk](https://fel.example)\n  {{DATE(2026-11-20T10:00:00Z,SHORT)}} ${x} åäö 🙂"

// planted must never stand in an alert or a reminder.
const planted = "PLANTERAT SVAR"

var bot = MailContext{ReplyAddress: "frist+abc234@parken.example", BotName: "Parkens incidentbot"}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func line(key string, kv ...string) conversation.Line {
	l := conversation.Line{Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(kv); i += 2 {
		l.Args[kv[i]] = kv[i+1]
	}
	return l
}

func base(c *Catalogue, lang conversation.Lang, role conversation.Role, kind conversation.MessageKind) conversation.Outbound {
	return conversation.Outbound{ID: "out1", Incident: "inc1", Person: "p1", Role: role, Kind: kind, Lang: lang, At: instant("2026-11-20T15:41:00Z"),
		Form: "prov", FormVersion: c.Form("prov").Version, Number: "PUI-2026-0007", Unit: "Parknämnden", Status: conversation.StatusReported,
		DeadlineAt: instant("2026-11-23T15:40:00Z"), Token: "abc234", MessageID: "m1@parken.example"}
}

func document() *conversation.Document {
	return &conversation.Document{
		Notification: &conversation.Notification{Form: "prov", FormVersion: "0123456789ab", Number: "PUI-2026-0007", Unit: "Parknämnden",
			AwareAt: conversation.Stamp{Time: instant("2026-11-20T15:40:00Z")}, DeadlineAt: conversation.Stamp{Time: instant("2026-11-23T15:40:00Z")},
			DSOAlertedAt: conversation.Stamp{Time: instant("2026-11-20T15:40:30Z")}, ContentSHA256: "ab12cd34",
			Answers: map[string]any{
				"1": "Parknämnden i Provby", "3": map[string]any{"street": "Box 1", "city": "Provby"},
				"10": map[string]any{"date": "2026-11-20", "time": "15:10", "comment": "ungefär"}, "16": hostile,
				"18": map[string]any{"choice": "Övrigt", "comment": "Två saker\nsamtidigt"}, "23": map[string]any{"exact": float64(1200000)},
				"25": map[string]any{"choices": []any{"Anställda, även tidigare", "Övrigt"}, "other": "Besökare"},
				"30": []any{map[string]any{"date": "2026-11-20", "time": "15:20", "action": "Mottagaren ringdes."}, map[string]any{"action": "Listan raderades."}},
			}},
		Status:  conversation.StatusInReview,
		Applies: []string{"1", "3", "10", "16", "18", "23", "25", "27", "29", "30", "35"},
		Open:    []string{"29"}, Unknown: []string{"27"}, Lacking: []string{"3"},
		Proposals:    []conversation.Proposal{{Field: "30", Source: "log", Value: conversation.Value{Entries: []map[string]string{{"date": "2026-11-20", "time": "16:41", "action": "Kim Exempel larmades om incidenten."}}}}},
		Own:          map[string]conversation.Value{"kind": {Choice: "Fel mottagare"}, "phone": {Text: "070-000 00 00"}},
		FirstMessage: "Jag mejlade en lista\ntill fel skola.", Reporter: "Sam Prov <sam@parken.example>",
		Files: []conversation.Attachment{{Name: "lista\r\n.xlsx", Type: "application/vnd.ms-excel", Size: 20480,
			Facts: conversation.Facts{Rows: 1240, Sheets: 2, Columns: []string{"name", "mail"}, Personnummer: 12, Mismatch: true, Within: "Fwd: <b>lista</b>.eml"}},
			{Name: "Fwd: <b>lista</b>.eml", Type: "message/rfc822", Size: 30480, Facts: conversation.Facts{Sent: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC), Recipients: 3,
				Domains: []string{"elsewhere.example", "exempelstad.example"}, Outside: []string{"elsewhere.example"}}},
			{Name: "rapport.pdf.exe", Type: "application/octet-stream", Size: 2048, Facts: conversation.Facts{Refused: conversation.RefusedInfects, Infected: "Win.Test.EICAR_HDB-1"}}},
	}
}

// samples is one message of each kind, and one question of each kind of field.
func samples(c *Catalogue, lang conversation.Lang) map[string]conversation.Outbound {
	reporter := func(kind conversation.MessageKind) conversation.Outbound {
		o := base(c, lang, conversation.RoleReporter, kind)
		o.Done, o.Total = 3, 10
		return o
	}
	dso := func(kind conversation.MessageKind) conversation.Outbound {
		return base(c, lang, conversation.RoleDSO, kind)
	}
	usual := []conversation.Choice{{Key: conversation.ButtonDontKnow, Reply: "vet inte"}, {Key: conversation.ButtonSkip, Reply: "hoppa över"}, {Key: conversation.ButtonBack, Reply: "tillbaka"}, {Key: conversation.ButtonHelp, Reply: "hjälp"}}
	all := map[string]conversation.Outbound{}

	o := reporter(conversation.MessageIntroduction)
	o.Number, o.DeadlineAt, o.Lines = "", time.Time{}, []conversation.Line{line(conversation.TextIntroduction)}
	all["introduction"] = o

	o = reporter(conversation.MessageQuestion)
	o.Lines = []conversation.Line{line(conversation.TextReceipt, "number", o.Number), line(conversation.TextReceiptKind, "kind", "misdirected"),
		line("step_misdirected_1"), line("step_misdirected_2"), line("step_misdirected_3"), line(conversation.TextStepsDone),
		line(conversation.TextReceiptAlerted, "name", "Kim Exempel"), line(conversation.TextReceiptEnough)}
	o.Question, o.Choices = &conversation.Prompt{Field: "protected"}, usual[1:]
	o.Next = []conversation.Prompt{{Field: "phone"}, {Field: "16"}, {Field: "10"}, {Field: "25"}}
	all["question"] = o

	for _, key := range []string{"unit", "10", "16", "18", "23", "25", "30", "3"} {
		o = reporter(conversation.MessageQuestion)
		o.Lines = []conversation.Line{line(conversation.TextSaved, "field", "16")}
		o.Question, o.Choices = &conversation.Prompt{Field: key}, usual
		if key == "unit" {
			o.Question.Options = []conversation.Option{{Key: "park", Label: "Parken", EN: "Parken"}, {Key: "skog", Label: "Skogen", EN: "Skogen"}}
		}
		all["ask-"+key] = o
	}
	o = reporter(conversation.MessageQuestion)
	o.Lines = []conversation.Line{line(conversation.ProblemKey("choice_unknown"), "detail", hostile, "suggest", "", "field", "18")}
	o.Question = &conversation.Prompt{Field: "18", Again: true, Current: &conversation.Value{Choice: "Övrigt", Comment: hostile}}
	all["change"] = o
	o = reporter(conversation.MessageQuestion)
	o.Lines, o.Question = []conversation.Line{line(conversation.TextFirstMessageUse)}, &conversation.Prompt{Field: "16", Proposed: &conversation.Value{Text: hostile}}
	o.Choices = []conversation.Choice{{Key: conversation.ButtonUseFirst, Reply: "ta med"}}
	all["proposed"] = o
	o = reporter(conversation.MessageNotice)
	o.Lines = []conversation.Line{line(conversation.TextToldTaken, "name", "Kim Exempel", "at", "2026-11-20T15:52:00Z")}
	all["notice"] = o
	o = reporter(conversation.MessageCheck)
	o.Lines, o.Document = []conversation.Line{line(conversation.TextCheck)}, document()
	o.Document.Reporter, o.Document.FirstMessage, o.Document.Files = "", "", nil
	o.Choices = []conversation.Choice{{Key: conversation.ButtonDone, Reply: "klar"}}
	all["check"] = o
	o = reporter(conversation.MessageReminder)
	o.Lines = []conversation.Line{line(conversation.TextReminder, "left", "605"), line(conversation.TextWaitsReporter, "done", "3", "total", "10")}
	all["reminder-reporter"] = o

	o = dso(conversation.MessageAlert)
	o.Lines = []conversation.Line{line(conversation.TextAlert, "at", "2026-11-20T15:40:00Z", "kind", "misdirected", "protected", ""), line(conversation.TextAlertNext, "name", "Alex Prov", "at", "2026-11-20T16:10:00Z")}
	o.Choices = []conversation.Choice{{Key: conversation.ButtonTake, Reply: "tar"}, {Key: conversation.ButtonCannot, Reply: "kan inte"}, {Key: conversation.ButtonShow, Reply: "visa"}}
	all["alert"] = o
	o = dso(conversation.MessageReminder)
	o.Late, o.DeadlineAt = true, instant("2026-11-20T13:00:00Z")
	o.Lines = []conversation.Line{line(conversation.TextReminderOverdue, "over", "160"), line(conversation.TextWaitsReview)}
	all["reminder"] = o
	o = dso(conversation.MessageReview)
	o.Revision, o.Document = 3, document()
	o.Lines = []conversation.Line{line(conversation.TextReviewFinished), line(conversation.TextConflict, "conflict", "0"), line(conversation.TextReviewProposals, "fields", "30"), line(conversation.TextReviewHow)}
	o.Next = []conversation.Prompt{{Field: "29", Proposed: &conversation.Value{Choice: "3. Betydande"}}}
	o.Choices = []conversation.Choice{{Key: conversation.ButtonApprove, Reply: "godkänn"}}
	all["review"] = o
	o = dso(conversation.MessageShow)
	o.Document, o.Lines = document(), []conversation.Line{line(conversation.TextShow, "done", "3", "total", "10")}
	all["show"] = o
	o = dso(conversation.MessageFile)
	o.Status, o.Document = conversation.StatusApproved, document()
	n := o.Document.Notification
	n.Decision, n.ApprovedAt, n.ApprovedBy = conversation.OutcomeApprove, conversation.Stamp{Time: instant("2026-11-21T09:00:00Z")}, "kim@parken.example"
	o.Lines = []conversation.Line{line(conversation.TextApproved, "revision", "3", "hash", "ab12cd34"), line(conversation.TextFileHow, "url", "https://prov.example/anmalan")}
	all["file"] = o
	o.Kind, o.Lines = conversation.MessageOffer, []conversation.Line{line(conversation.TextOffer, "number", o.Number)}
	all["offer"] = o
	o = reporter(conversation.MessageQuestion)
	o.Question, o.Choices = &conversation.Prompt{Field: "30", Seen: "abc", Current: &conversation.Value{Entries: []map[string]string{
		{"date": "2026-11-20", "time": "15:20", "action": hostile}, {"action": "Listan raderades."}}}}, usual
	all["entries"] = o
	o = reporter(conversation.MessageAnswered)
	o.Question = &conversation.Prompt{Field: "16", Current: &conversation.Value{Text: hostile}}
	all["answered"] = o
	return all
}
