package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/conversation/reading"
	"frist/mail"
	"frist/templates"
)

type inspectCommand struct {
	Mail   inspectMailCommand   `cmd:"" help:"Show how mails are read: a JSON object for each file."`
	File   inspectFileCommand   `cmd:"" help:"Show what is seen in files that people attach: a JSON object for each."`
	Answer inspectAnswerCommand `cmd:"" help:"Show how answers are read: a phrase a line on standard input, a JSON object a line on standard output."`
}

type inspectMailCommand struct {
	Files  []string `arg:"" help:"Mails as files in the format of RFC 5322 (.eml)." name:"file"`
	Config string   `help:"Settings file: judge the mail as the bot with these settings would." placeholder:"FILE"`
}

// Help is what -h says beside the flags: every key of the JSON.
func (c *inspectMailCommand) Help() string {
	return `One JSON object a file:
file, message_id, from, subject; text (all that a mail program shows), reply (what its writer added); auto_reply, bounce (true or false);
attachments (name, type, size in bytes); problem (empty, or what could not be read); encrypted (smime, pgp or rpmsg); authserv_ids: the servers whose Authentication-Results
it has, top-down ("" is one without a name).
why.sender: whether From is believed (ok, reason), as which domain, by which header field (by), in which mode of mail.authentication; assumed
is true without -config, where the topmost server is taken for your own. reason is dmarc, login, dkim, spf or exchange_internal if it is
believed; else no_single_from, no_authserv_id, no_results, results_unreadable, dmarc_failed, no_aligned_mechanism, no_exchange_marks,
other_tenant, no_signature, signature_invalid or dns_failed.
why.token, token_in: the +part of the address and where it stood. why.in_reply_to, references: the mails that it answers. why.automatic: why it counts as written by a program.
why.bounce_of: the mail that came back. why.doubtful: the reply is a guess. why.text_lines, reply_lines, cut_lines: how many lines (not empty)
the text and the reply have, and were left out of the reply.
why.taken, with -config: aside (a program wrote it), unverified (From is not believed: a new report is announced as unconfirmed, and no answer
counts), known_only (believed, but its domain is not in allowed_domains: only who has a part in an incident is heard as themselves), in (it gets
its turn).`
}

// maxMailFile is more than any mail server takes, in bytes.
const maxMailFile = 64 << 20

// Run prints a JSON object a file, in order, also for a file that cannot be read; then it fails in the end.
func (c *inspectMailCommand) Run(e env) error {
	i, err := c.inspector()
	if err != nil {
		return err
	}
	return inspectEach(e, c.Files, func(name string, raw []byte, problem string) []any {
		if problem != "" {
			return []any{mail.InspectResult{File: name, Attachments: []mail.Attachment{}, Problem: problem}}
		}
		return []any{i.Inspect(e.ctx, name, raw)}
	})
}

// inspectEach prints the objects that see makes of each file, in order; problem is set, and data nil, for one that cannot be read. Those
// make it fail in the end.
func inspectEach(e env, files []string, see func(name string, data []byte, problem string) []any) error {
	out := newObjects(e.out)
	unread := 0
	for _, name := range files {
		if e.ctx.Err() != nil {
			return errors.Join(out.flush(), e.ctx.Err())
		}
		data, err := readMailFile(name)
		problem := ""
		if err != nil {
			unread++
			data, problem = nil, "unreadable: "+withoutPath(err)
		}
		for _, object := range see(name, data, problem) {
			if err := out.print(object); err != nil {
				return err
			}
		}
	}
	if err := out.flush(); err != nil {
		return err
	}
	if unread > 0 {
		return fmt.Errorf("%d of %d files could not be read; see problem", unread, len(files))
	}
	return nil
}

// inspector reads mails as the bot with the settings does.
func (c *inspectMailCommand) inspector() (mail.Inspector, error) {
	if c.Config == "" {
		return mail.Inspector{}, nil
	}
	data, err := os.ReadFile(c.Config)
	if err != nil {
		return mail.Inspector{}, fmt.Errorf("read settings: %w; name the file with -config", err)
	}
	cfg, err := config.Parse(c.Config, data) // no secret is needed to read a mail
	if err != nil {
		return mail.Inspector{}, err
	}
	m := cfg.Mail
	return mail.Inspector{Allows: m.Allows, Channel: &mail.Channel{Address: m.Address, Name: m.Name, Trust: trust(m), Verifier: mail.NewVerifier(),
		PlusAddressing: m.PlusAddressing, Log: slog.New(slog.DiscardHandler)}}, nil
}

// readMailFile reads what a mail can be at most and one byte more, by which its reader sees that there was more.
func readMailFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxMailFile+1))
}

// withoutPath is the error without the file's name, which stands beside it already.
func withoutPath(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

type inspectAnswerCommand struct {
	Kind      string `help:"What is asked for: date, count or choice." enum:"date,count,choice" required:""`
	Lang      string `help:"Language of the phrases: sv or en." enum:"sv,en" default:"sv"`
	Now       string `help:"For a date: when it was written, as 2026-11-20T16:40:00; without a zone in Europe/Stockholm." placeholder:"REF"`
	Direction string `help:"For a date that may lie before or after REF: past, future or nearest." enum:"past,future,nearest" default:"past"`
	Field     string `help:"For a count or choice: whose intervals or options, by the form's number." placeholder:"NUMBER"`
}

// maxPhrase bounds one line of standard input, in bytes.
const maxPhrase = 1 << 20

// Run prints a JSON object for each line of standard input, also for an empty one.
func (c *inspectAnswerCommand) Run(e env) error {
	read, err := c.reader()
	if err != nil {
		return err
	}
	out := newObjects(e.out)
	lines := bufio.NewScanner(e.in)
	lines.Buffer(nil, maxPhrase)
	for lines.Scan() {
		// At once, for whoever types or asks through a pipe.
		if err := errors.Join(out.print(read(lines.Text())), out.flush()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read phrases from standard input: %w", err)
	}
	return nil
}

// reader is the reader of one phrase for the kind.
func (c *inspectAnswerCommand) reader() (func(string) any, error) {
	if c.Kind == "date" {
		if c.Field != "" {
			return nil, usage("-field is for -kind count and choice")
		}
		now, err := parseReference(c.Now)
		if err != nil {
			return nil, err
		}
		return func(s string) any {
			return readDatePhrase(s, reading.Lang(c.Lang), now, reading.Direction(c.Direction))
		}, nil
	}
	if c.Now != "" {
		return nil, usage("-now is for -kind date")
	}
	fd, err := inspectField(c.Field, conversation.Kind(c.Kind))
	if err != nil {
		return nil, err
	}
	options := make([]reading.Option, len(fd.Options))
	for i, o := range fd.Options {
		options[i] = reading.Option{Label: o.Label, Aliases: append([]string{o.EN}, o.Aliases...)}
	}
	if fd.Kind == conversation.KindCount {
		return func(s string) any { return readCountPhrase(s, options) }, nil
	}
	return func(s string) any { return readChoicePhrase(s, options, fd.Open) }, nil
}

// inspectField finds a question of the program's own form.
func inspectField(name string, kind conversation.Kind) (*conversation.Field, error) {
	words, err := templates.Load("")
	if err != nil {
		return nil, err
	}
	if fd := words.Form("imy").Lookup(name); fd != nil && fd.Kind == kind && len(fd.Options) > 0 {
		return fd, nil
	}
	return nil, usage("-kind %s needs -field with the number of such a question in the form", kind)
}

// parseReference reads an instant: RFC 3339, or without a zone, and then with or without seconds or time, in Europe/Stockholm.
func parseReference(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, usage("-kind date needs -now, such as 2026-11-20T16:40:00")
	}
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, conversation.Stockholm()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("-now %q is no time; write it as 2026-11-20T16:40:00", s)
}

// datePhrase is how a phrase for a date was read. Start and End are dates where no time of day was said, else RFC 3339 with Stockholm's
// offset; End is exclusive. All are empty if it was not understood.
type datePhrase struct {
	Text       string `json:"text"`
	Understood bool   `json:"understood"`
	Start      string `json:"start"`
	End        string `json:"end"`
	Grain      string `json:"grain"`
	ReadBack   string `json:"read_back"`
}

func readDatePhrase(text string, lang reading.Lang, now time.Time, dir reading.Direction) datePhrase {
	w, ok := reading.Date(text, lang, now, dir)
	if !ok {
		return datePhrase{Text: text}
	}
	layout := time.RFC3339
	if w.Grain >= reading.Day {
		layout = time.DateOnly
	}
	return datePhrase{Text: text, Understood: true, Start: w.Start.Format(layout), End: w.End.Format(layout), Grain: w.Grain.String(),
		ReadBack: reading.ReadBack(w, lang)}
}

// countPhrase is how a count was read: Exact or Interval. Suggest is an interval that is proposed for an inexact number.
type countPhrase struct {
	Text       string `json:"text"`
	Understood bool   `json:"understood"`
	Exact      *int   `json:"exact,omitempty"`
	Interval   string `json:"interval,omitempty"`
	Suggest    string `json:"suggest,omitempty"`
	Problem    string `json:"problem,omitempty"` // a key
}

func readCountPhrase(text string, intervals []reading.Option) countPhrase {
	v, p := reading.Count(text, intervals)
	r := countPhrase{Text: text, Understood: p.OK(), Suggest: p.Suggest, Problem: p.Key}
	if p.OK() && v.IsExact {
		r.Exact = &v.Exact
	} else if p.OK() {
		r.Interval = v.Label
	}
	return r
}

// choicePhrase is how a choice was read. Listed is false for other text, which an open list takes.
type choicePhrase struct {
	Text       string `json:"text"`
	Understood bool   `json:"understood"`
	Listed     bool   `json:"listed"`
	Choice     string `json:"choice,omitempty"`
	Comment    string `json:"comment,omitempty"`
	Problem    string `json:"problem,omitempty"` // a key
}

func readChoicePhrase(text string, options []reading.Option, open bool) choicePhrase {
	v, p := reading.Choice(text, options, open)
	if !p.OK() {
		return choicePhrase{Text: text, Problem: p.Key}
	}
	return choicePhrase{Text: text, Understood: true, Listed: v.Index >= 0, Choice: v.Label, Comment: v.Comment}
}

// objects writes JSON objects, one a line, without HTML escapes.
type objects struct {
	buffer *bufio.Writer
	enc    *json.Encoder
}

func newObjects(w io.Writer) *objects {
	o := &objects{buffer: bufio.NewWriter(w)}
	o.enc = json.NewEncoder(o.buffer)
	o.enc.SetEscapeHTML(false)
	return o
}

func (o *objects) print(v any) error {
	if err := o.enc.Encode(v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func (o *objects) flush() error {
	if err := o.buffer.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
