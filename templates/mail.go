package templates

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"frist/conversation"
)

// Mail is a message ready to be composed. Text and HTML say the same.
type Mail struct {
	Subject, Text, HTML string
	Attachments         []File
}

// File is an attachment.
type File struct {
	Name, Type string
	Data       []byte
}

// MailContext is what a mail needs besides the message.
type MailContext struct {
	// ReplyAddress is where an answer goes, with its +token: "frist+abc@example.org".
	ReplyAddress string
	// BotName is the organisation's name for the program.
	BotName string
}

// mailView is a mail's content, in order; text and HTML are both made of it.
type mailView struct {
	Lang     conversation.Lang
	Subject  string
	Facts    []part
	Lines    []said
	DoNow    string
	Progress string

	Question *questionView
	Links    bool
	Next     []*questionView
	NextHow  string
	Replies  []replyView

	Open         []*questionView
	OpenReporter []*questionView
	Proposals    []proposalView
	ProposalsHow string
	DocTitle     string
	Sections     []docSection
	About        []part

	How      string
	Attached string
	Footer   string

	p  phraser
	to string
}

type proposalView struct{ Number, Label, Text, Source, How string }

const notificationFile = "notification.html"

// Mail puts an outbound message into a mail. It fails if the message names a form, or a question, that there is not.
func (c *Catalogue) Mail(out conversation.Outbound, in MailContext) (Mail, error) {
	out = discreet(out)
	form := c.FormVersion(out.Form, out.FormVersion)
	if form == nil && (out.Question != nil || len(out.Next) > 0 || out.Document != nil) {
		return Mail{}, fmt.Errorf("mail %s: no form %q", out.ID, out.Form)
	}
	p := c.phraser(out.Lang, form)
	v := &mailView{Lang: p.lang, Subject: p.subject(out), Facts: p.mailFacts(out), Lines: p.lines(out.Lines), DoNow: p.say("word_do_now"),
		Replies: p.replies(out.Choices), Footer: p.say("word_footer", "bot", oneLine(in.BotName)), p: p, to: in.ReplyAddress}
	if err := v.questions(out); err != nil {
		return Mail{}, fmt.Errorf("mail %s: %w", out.ID, err)
	}
	if out.Document != nil && out.Document.Notification != nil {
		v.document(out)
	}
	v.How = p.say("word_how_reply_plain")
	switch {
	case out.Kind == conversation.MessageAlarm:
		v.How = "" // it is for somebody to act on, not to answer
	case out.Kind == conversation.MessageReview:
		v.How = p.say("word_how_reply_review", "revision", fmt.Sprint(out.Revision))
	case v.Question != nil:
		v.How = p.say("word_how_reply")
	}
	m := Mail{Subject: v.Subject}
	if doc := out.Document; doc != nil && doc.Notification != nil && (out.Kind == conversation.MessageFile || out.Kind == conversation.MessageReview || out.Kind == conversation.MessageOffer) {
		page, err := c.HTML(doc, form, p.lang)
		if err != nil {
			return Mail{}, fmt.Errorf("mail %s: %w", out.ID, err)
		}
		v.Attached = p.say("word_attached", "file", notificationFile)
		m.Attachments = []File{{notificationFile, "text/html; charset=utf-8", page}}
	}
	var err error
	if m.Text = v.text(); in.ReplyAddress != "" {
		v.Links = true
	}
	if m.HTML, err = v.html(); err != nil {
		return Mail{}, fmt.Errorf("mail %s: %w", out.ID, err)
	}
	return m, nil
}

// discreet takes every answer and free text out of the messages that may carry none.
func discreet(out conversation.Outbound) conversation.Outbound {
	if out.Kind != conversation.MessageAlert && out.Kind != conversation.MessageReminder {
		return out
	}
	out.Document, out.Question, out.Next = nil, nil, nil
	kept := make([]conversation.Line, 0, len(out.Lines))
	for _, l := range out.Lines {
		args := map[string]string{}
		for k, s := range l.Args {
			if k != "text" && k != "value" && k != "reason" && k != "detail" && k != "suggest" {
				args[k] = clip(s)
			}
		}
		kept = append(kept, conversation.Line{Key: l.Key, Args: args})
	}
	out.Lines = kept
	return out
}

// subject names the incident; to the DSO's side also the unit, the deadline and the word to answer. It is always one line.
func (p phraser) subject(out conversation.Outbound) string {
	var s string
	switch {
	case out.Kind == conversation.MessageAlarm && worksAgain(out.Lines):
		s = p.say("subject_alarm_over")
	case out.Kind == conversation.MessageAlarm:
		s = p.say("subject_alarm")
	case out.Kind == conversation.MessageIntroduction || out.Number == "":
		s = p.say("subject_introduction")
	case out.Role == conversation.RoleDSO:
		s = p.subjectDSO(out)
	case out.Kind == conversation.MessageCheck:
		s = p.say("subject_reporter_check")
	case out.Kind == conversation.MessageReminder:
		s = p.say("subject_reporter_reminder")
	default:
		s = p.say("subject_reporter")
	}
	if out.Number != "" {
		s = "[" + out.Number + "] " + s
	}
	return oneLine(s)
}

// worksAgain tells whether an alarm says of nothing but that it is over.
func worksAgain(lines []conversation.Line) bool {
	over := []string{conversation.AlarmMailboxWorks, conversation.AlarmSendingWorks, conversation.AlarmDatabaseWorks}
	return !slices.ContainsFunc(lines, func(l conversation.Line) bool { return !slices.Contains(over, l.Key) })
}

func (p phraser) subjectDSO(out conversation.Outbound) string {
	deadline, key := "", "subject_dso"
	if at := openDeadline(out); !at.IsZero() {
		deadline = p.day(at) + " " + p.clock(at)
		if out.At.Sub(at) >= daysMonths*24*time.Hour { // it may be another year's
			deadline = p.longDay(at.In(conversation.Stockholm()))
		}
		if out.Late {
			key = "subject_dso_late"
		}
	}
	unit := []rune(oneLine(out.Unit))
	if len(unit) > 60 {
		unit = append(unit[:59], '…')
	}
	s := p.say(key, "unit", string(unit), "deadline", deadline)
	what := map[conversation.MessageKind]string{conversation.MessageAlert: "subject_alert", conversation.MessageReview: "subject_review",
		conversation.MessageFile: "subject_file", conversation.MessageOffer: "subject_file", conversation.MessageShow: "subject_show", conversation.MessageReminder: "subject_reminder"}
	k := what[out.Kind]
	if out.Kind == conversation.MessageAlert && out.Status == conversation.StatusUnverified {
		k = "subject_alert_unverified"
	}
	if k != "" {
		s += " – " + p.say(k, "revision", fmt.Sprint(out.Revision))
	}
	return s
}

// mailFacts is the head of a mail: number, unit and deadline. A reporter reads when the notification is due, and no more.
func (p phraser) mailFacts(out conversation.Outbound) []part {
	var f []part
	if out.Number == "" {
		return nil
	}
	f = append(f, part{p.say("word_incident"), oneLine(out.Number)})
	at := openDeadline(out)
	if out.Role == conversation.RoleReporter {
		if !at.IsZero() && !out.Late {
			f = append(f, part{p.say("word_deadline_reporter"), p.when(at)})
		}
		return f
	}
	if out.Unit != "" {
		f = append(f, part{p.say("word_unit"), oneLine(out.Unit)})
	}
	if !at.IsZero() {
		key := "word_deadline"
		if out.Late {
			key = "word_deadline_late"
		}
		f = append(f, part{p.say(key), p.when(at)})
	}
	if out.Kind == conversation.MessageReview && out.Revision > 0 {
		f = append(f, part{p.say("word_version"), fmt.Sprint(out.Revision)})
	}
	return f
}

// questions lays out the question put, those that may be answered too, and in a review all that is open.
func (v *mailView) questions(out conversation.Outbound) (err error) {
	p := v.p
	if out.Question != nil {
		if v.Question, err = p.question(*out.Question); err != nil {
			return err
		}
		if out.Total > 0 {
			v.Progress = p.say("word_progress", "n", fmt.Sprint(min(out.Done+1, out.Total)), "total", fmt.Sprint(out.Total))
		}
	}
	review := out.Kind == conversation.MessageReview
	listed := map[string]bool{}
	for _, pr := range out.Next {
		q, err := p.question(pr)
		if err != nil {
			return err
		}
		listed[pr.Field] = true
		q.ProposedHow = p.say("word_proposals_how", "number", q.Number)
		switch {
		case !review:
			v.Next = append(v.Next, q)
		case q.field.Asked == conversation.RoleReporter:
			v.OpenReporter = append(v.OpenReporter, q)
		default:
			v.Open = append(v.Open, q)
		}
	}
	if len(v.Next) > 0 {
		v.NextHow = p.say("word_next_how", "number", v.Next[0].Number)
	}
	if !review || out.Document == nil {
		return nil
	}
	for _, key := range out.Document.Open {
		if fd := p.form.Field(key); fd != nil && !listed[key] {
			q, err := p.question(conversation.Prompt{Field: key})
			if err != nil {
				return err
			}
			if fd.Asked == conversation.RoleReporter {
				v.OpenReporter = append(v.OpenReporter, q)
			} else {
				v.Open = append(v.Open, q)
			}
		}
	}
	return nil
}

// document lays out the notification; for the DSO's side with its proposals and how to reach the reporter.
func (v *mailView) document(out conversation.Outbound) {
	p, doc := v.p, out.Document
	all := p.document(doc)
	v.DocTitle, v.Sections = p.say("word_notification"), all.Sections
	if out.Role == conversation.RoleReporter {
		v.DocTitle, v.Sections = p.say("word_answers"), p.reporterSections(all.Sections, doc)
	}
	for _, pr := range doc.Proposals {
		fd := p.form.Field(pr.Field)
		if fd == nil || out.Kind == conversation.MessageFile || out.Role == conversation.RoleReporter {
			continue
		}
		text := p.readBack(fd, pr.Value, nil)
		if fd.Kind != conversation.KindDate {
			text = flat(rows(fd, pr.Value, authorityLabel))
		}
		v.Proposals = append(v.Proposals, proposalView{fd.Name(), p.ask(fd).Short, text, p.say("word_source_" + pr.Source),
			p.say("word_proposals_how", "number", fd.Name())})
	}
	if out.Kind == conversation.MessageFile {
		return
	}
	add := func(label, text string) {
		if text != "" {
			v.About = append(v.About, part{label, text})
		}
	}
	add(p.say("word_reporter"), doc.Reporter)
	for _, fd := range p.form.Fields {
		if val, ok := doc.Own[fd.Key]; ok && fd.Own {
			label := p.ask(fd).Short
			if fd.Key == conversation.FieldPhone {
				label = p.say("word_phone") // the form's own words are to the reporter: "your number"
			}
			add(label, p.readBack(fd, val, nil))
		}
	}
	add(p.say("word_first_message"), doc.FirstMessage)
	var notes []string
	for _, n := range doc.Notes {
		notes = append(notes, p.when(n.At)+", "+oneLine(n.From)+":\n"+n.Text)
	}
	add(p.say("word_notes"), strings.Join(notes, "\n\n"))
	add(p.say("word_files"), p.files(doc.Files, out.Role))
}

// reporterSections keeps what a reporter is asked. One who does not read Swedish gets it in the words in which they were asked.
func (p phraser) reporterSections(all []docSection, doc *conversation.Document) []docSection {
	var out []docSection
	for _, s := range all {
		s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f docField) bool { return !p.form.Asks(conversation.RoleReporter, f.Number) })
		if p.lang != conversation.Swedish {
			s.Label = ""
			for i := range s.Fields {
				p.inOwnWords(&s.Fields[i], doc)
			}
		}
		if len(s.Fields) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (p phraser) inOwnWords(f *docField, doc *conversation.Document) {
	fd := p.form.Field(f.Number)
	f.Label = p.ask(fd).Short
	if text, _ := p.checkAnswer(fd, doc); len(f.Rows) > 0 {
		f.Rows = [][]part{{{Text: text}}}
	}
}
