package e2e

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"frist/conversation"
	"frist/mail"
	"frist/templates"
)

// composed is one of the bot's own mails: the words, and the mail as it is handed to a server.
type composed struct {
	out   conversation.Outbound
	words templates.Mail
	raw   []byte
}

// caught keeps what is sent.
type caught struct{ raw []byte }

func (c *caught) Send(_ context.Context, _ string, _ []string, raw []byte) error {
	c.raw = raw
	return nil
}

// letters are the bot's mails of every kind, with a question of every kind of field, in each language, by name ("sv-alert").
func letters(t *testing.T) map[string]composed {
	t.Helper()
	words, err := templates.Load("")
	must(t, err)
	all := map[string]composed{}
	for _, lang := range conversation.Langs {
		for name, out := range outbounds(words.Form("imy"), lang) {
			got := &caught{}
			ch := &mail.Channel{Words: words, Address: bot, Name: "Frist", PlusAddressing: true, Sender: got, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
			to := conversation.Address{Channel: conversation.ChannelMail, ID: "robin@" + domain}
			_, err := ch.Send(t.Context(), conversation.Delivery{Outbound: out, To: to, Name: "Robin Åkerhielm-Prov"})
			must(t, err)
			m, err := words.Mail(out, templates.MailContext{ReplyAddress: ch.ReplyAddress(out.Token), BotName: ch.Name})
			must(t, err)
			all[string(lang)+"-"+name] = composed{out, m, got.raw}
		}
	}
	return all
}

func said(key string, args ...string) conversation.Line {
	l := conversation.Line{Key: key, Args: map[string]string{}}
	for i := 0; i < len(args); i += 2 {
		l.Args[args[i]] = args[i+1]
	}
	return l
}

// outbounds is one message of each kind.
func outbounds(form *conversation.Form, lang conversation.Lang) map[string]conversation.Outbound {
	at := time.Date(2026, 11, 20, 15, 41, 0, 0, time.UTC)
	base := func(role conversation.Role, kind conversation.MessageKind, lines ...conversation.Line) conversation.Outbound {
		return conversation.Outbound{ID: "o1", Incident: "i1", Person: "p1", Role: role, Kind: kind, Lang: lang, At: at, Form: form.ID, FormVersion: form.Version,
			Number: "PUI-2026-0012", Unit: "Barn- och utbildningsnämnden", Status: conversation.StatusReported, DeadlineAt: at.Add(72 * time.Hour), Lines: lines,
			Token: "abcdefghijklmnopqrstuvwxyz", MessageID: "o1." + string(kind) + "@" + domain, InReplyTo: "before@client." + domain, Done: 3, Total: 17}
	}
	reporter := func(kind conversation.MessageKind, lines ...conversation.Line) conversation.Outbound {
		return base(conversation.RoleReporter, kind, lines...)
	}
	dso := func(kind conversation.MessageKind, lines ...conversation.Line) conversation.Outbound {
		return base(conversation.RoleDSO, kind, lines...)
	}
	all := map[string]conversation.Outbound{
		"notice": reporter(conversation.MessageNotice, said(conversation.TextToldTaken, "name", "Kim Exempel", "at", "2026-11-20T15:52:00Z")),
		"alert": dso(conversation.MessageAlert, said(conversation.TextAlert, "at", "2026-11-20T15:40:00Z", "kind", "misdirected", "protected", "yes"),
			said(conversation.TextAlertNext, "name", "Alex Prov", "at", "2026-11-20T16:10:00Z")),
		"reminder-reporter": reporter(conversation.MessageReminder, said(conversation.TextReminder, "left", "605"),
			said(conversation.TextWaitsReporter, "done", "3", "total", "17")),
		"alarm": dso(conversation.MessageAlarm, said(conversation.AlarmUnauthenticated, "at", "2026-11-20T15:40:00Z")),
		"show":  dso(conversation.MessageShow, said(conversation.TextShow, "done", "3", "total", "17")),
		"file": dso(conversation.MessageFile, said(conversation.TextApproved, "revision", "3", "hash", "ab12cd34ef56"),
			said(conversation.TextFileHow, "url", form.FileAt)),
		"review": dso(conversation.MessageReview, said(conversation.TextReviewFinished), said(conversation.TextReviewProposals, "fields", "30"),
			said(conversation.TextReviewHow)),
		"check": reporter(conversation.MessageCheck, said(conversation.TextCheck)),
	}
	o := reporter(conversation.MessageIntroduction, said(conversation.TextIntroduction))
	o.Number, o.Unit, o.DeadlineAt, o.Done, o.Total = "", "", time.Time{}, 0, 0
	all["introduction"] = o
	o = all["alarm"]
	o.Number, o.Unit, o.DeadlineAt, o.InReplyTo = "", "", time.Time{}, ""
	all["alarm"] = o
	o = dso(conversation.MessageReminder, said(conversation.TextReminderOverdue, "over", "160"), said(conversation.TextWaitsReview))
	o.Late, o.DeadlineAt = true, at.Add(-3*time.Hour)
	all["reminder"] = o
	for name, word := range map[string][]conversation.Choice{
		"alert":  {{Key: conversation.ButtonTake, Reply: "tar"}, {Key: conversation.ButtonCannot, Reply: "kan inte"}, {Key: conversation.ButtonShow, Reply: "visa"}},
		"review": {{Key: conversation.ButtonApprove, Reply: "godkänn"}}, "check": {{Key: conversation.ButtonDone, Reply: "klar"}}} {
		o = all[name]
		o.Choices = word
		all[name] = o
	}
	for _, name := range []string{"review", "show", "file", "check"} {
		o = all[name]
		o.Document, o.Revision = exampleDocument(form), 3
		if name == "check" {
			o.Document.Reporter, o.Document.FirstMessage, o.Document.Files = "", "", nil
		}
		all[name] = o
	}
	o = all["review"]
	o.Next = []conversation.Prompt{{Field: "29", Proposed: &conversation.Value{Choice: "3. Betydande"}}}
	all["review"] = o
	questions(all, form, reporter)
	return all
}

// questions adds a question of each kind of field, the first with the receipt.
func questions(all map[string]conversation.Outbound, form *conversation.Form, reporter func(conversation.MessageKind, ...conversation.Line) conversation.Outbound) {
	usual := []conversation.Choice{{Key: conversation.ButtonDontKnow, Reply: "vet inte"}, {Key: conversation.ButtonSkip, Reply: "hoppa över"},
		{Key: conversation.ButtonBack, Reply: "tillbaka"}, {Key: conversation.ButtonHelp, Reply: "hjälp"}}
	seen := map[conversation.Kind]bool{}
	for _, fd := range form.Fields {
		if fd.Key == conversation.FieldUnit || seen[fd.Kind] {
			continue
		}
		seen[fd.Kind] = true
		o := reporter(conversation.MessageQuestion, said(conversation.TextSaved, "field", "16"))
		o.Question, o.Choices, o.AutoReplied = &conversation.Prompt{Field: fd.Key}, usual, true
		all["ask-"+string(fd.Kind)] = o
	}
	o := reporter(conversation.MessageQuestion, said(conversation.TextReceipt, "number", "PUI-2026-0012"), said(conversation.TextReceiptKind, "kind", "misdirected"),
		said("step_misdirected_1"), said("step_misdirected_2"), said("step_misdirected_3"), said(conversation.TextStepsDone),
		said(conversation.TextReceiptAlerted, "name", "Kim Exempel"), said(conversation.TextReceiptEnough))
	o.Question, o.Choices, o.AutoReplied = &conversation.Prompt{Field: "protected"}, usual[1:], true
	o.Next = []conversation.Prompt{{Field: "phone"}, {Field: "16"}, {Field: "10"}, {Field: "25"}}
	all["question"] = o
	o = reporter(conversation.MessageQuestion, said(conversation.ProblemKey("choice_unknown"), "detail", long, "suggest", "", "field", "18"))
	o.Question = &conversation.Prompt{Field: "16", Again: true, Current: &conversation.Value{Text: long}, Proposed: &conversation.Value{Text: long}}
	all["long-words"] = o
}

// long is text that will not break by itself.
var long = "https://intranet.exempelstad.example/" + repeated("personuppgiftsincidentrapport/", 8) + " " + repeated("Flygspaningssimulatoranläggning", 5) + "\n<b>inte</b> &amp; fet"

func repeated(s string, n int) (all string) {
	for range n {
		all += s
	}
	return all
}

// exampleDocument is a notification with answers, blanks and proposals.
func exampleDocument(form *conversation.Form) *conversation.Document {
	at := time.Date(2026, 11, 20, 15, 40, 0, 0, time.UTC)
	d := &conversation.Document{Status: conversation.StatusInReview, Unit: "Barn- och utbildningsnämnden",
		Notification: &conversation.Notification{Form: form.ID, FormVersion: form.Version, Number: "PUI-2026-0012", Unit: "bun", AwareAt: conversation.Stamp{Time: at},
			DeadlineAt: conversation.Stamp{Time: at.Add(72 * time.Hour)}, DSOAlertedAt: conversation.Stamp{Time: at.Add(time.Minute)}, ContentSHA256: "ab12cd34ef56ab12cd34ef56",
			Answers: map[string]any{"1": "Exempelstads kommun", "2": "212000-0000",
				"3":   map[string]any{"street": "Storgatan 1", "postcode": "199 01", "city": "Exempelstad"},
				"5-8": []any{map[string]any{"name": "Kim Exempel", "role": "Dataskyddsombud", "email": "dso@" + domain, "phone": "070-000 00 11"}},
				"10":  map[string]any{"date": "2026-11-20", "time": "15:10", "comment": "ungefär"}, "12": "Nej", "16": typed + "\n" + long,
				"18": map[string]any{"choice": "Mänskliga faktorn: Fel i det enskilda fallet"}, "23": map[string]any{"exact": float64(24)},
				"25": map[string]any{"choices": []any{"Barn", "Skolelever i förskola, grundskola eller gymnasium"}},
				"30": []any{map[string]any{"date": "2026-11-20", "time": "15:20", "action": "Mottagaren ringdes."}, map[string]any{"action": "Breven hämtades."}}}},
		Open: []string{"29", "27"}, Unknown: []string{"24"}, Lacking: []string{"9"},
		Proposals: []conversation.Proposal{{Field: "30", Source: "log", Value: conversation.Value{Entries: []map[string]string{
			{"date": "2026-11-20", "time": "16:41", "action": "Kim Exempel larmades om incidenten."}}}}},
		Own:          map[string]conversation.Value{"kind": {Choice: "Fel mottagare"}, "phone": {Text: "070-000 00 31"}},
		FirstMessage: secretText, Reporter: "Robin Prov <robin@" + domain + ">",
		Files: []conversation.Attachment{{Name: "följebrev.docx", Type: "application/msword", Size: 20480}}}
	for _, fd := range form.Fields {
		if !fd.Own && fd.Key != "13" && fd.Key != "14" && fd.Key != "22" {
			d.Applies = append(d.Applies, fd.Key)
		}
	}
	return d
}
