package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"frist/config"
	"frist/conversation"
)

type registerCommand struct {
	Config string `help:"Settings file." required:"" placeholder:"FILE"`
	Format string `help:"csv or json." enum:"csv,json" default:"csv"`
	Out    string `help:"File to write, readable by its owner alone; standard output if it is left out." placeholder:"FILE"`
	BOM    bool   `help:"Begin CSV with a byte order mark, by which Excel knows UTF-8." name:"bom"`
}

// Help is what -h says beside the flags.
func (c *registerCommand) Help() string {
	return `The register that GDPR article 33.5 asks for: an incident a row, by number, with the facts, the effects and the measures. It holds
personal data. CSV is written by RFC 4180 in UTF-8, with a column answer_N for each question N of the form; several parts of an answer stand on
lines of their own. A cell that begins with = + - @, a tab or a line break gets an apostrophe before it, so that no spreadsheet takes it for a
formula. JSON is exact: the same columns, and the whole notification. Of a purged incident only the number and the times are left.`
}

// Run writes the register.
func (c *registerCommand) Run(e env) error {
	if c.BOM && c.Format == "json" {
		return usage("-bom is for -format csv")
	}
	a, err := openRecords(e.ctx, c.Config)
	if err != nil {
		return err
	}
	rows, err := a.register(e.ctx)
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	var data []byte
	if c.Format == "json" {
		data, err = registerJSON(rows)
	} else {
		data = registerCSV(rows, a.form, c.BOM)
	}
	if err != nil {
		return err
	}
	if c.Out != "" {
		return replaceFile(c.Out, data)
	}
	if _, err := e.out.Write(data); err != nil {
		return fmt.Errorf("write register: %w", err)
	}
	return nil
}

// openRecords opens the settings' database for reading what is recorded: no server is asked for, and no database is made.
func openRecords(ctx context.Context, file string) (*app, error) {
	cfg, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	if cfg.Database.SQLite() {
		if _, err := os.Stat(cfg.SQLiteFile()); errors.Is(err, fs.ErrNotExist) {
			return nil, cfg.Fault("data", "has no database yet: there is no file %s; frist serve makes it at its first start", cfg.SQLiteFile())
		}
	}
	return newApp(ctx, cfg, options{log: slog.New(slog.DiscardHandler)})
}

// registerEntry is an incident in the register. Times are RFC 3339 in Stockholm's offset. Of a purged incident only Number, Purged and times are set.
type registerEntry struct {
	Number       string               `json:"number"`
	Purged       bool                 `json:"purged,omitempty"`
	Unit         string               `json:"unit,omitempty"`
	Status       conversation.Status  `json:"status,omitempty"`
	ReportedAt   conversation.Stamp   `json:"reported_at,omitzero"`
	AwareAt      conversation.Stamp   `json:"aware_at,omitzero"`
	DeadlineAt   conversation.Stamp   `json:"deadline_at,omitzero"`
	DSOAlertedAt conversation.Stamp   `json:"dso_alerted_at,omitzero"`
	TakenAt      conversation.Stamp   `json:"taken_at,omitzero"`
	Decision     conversation.Outcome `json:"decision,omitempty"`
	DecidedAt    conversation.Stamp   `json:"decided_at,omitzero"`
	DecidedBy    string               `json:"decided_by,omitempty"` // mail address
	Reason       string               `json:"reason,omitempty"`
	Late         *bool                `json:"late,omitempty"` // nil if nothing is, or was, to be notified; and if purged
	FiledAt      conversation.Stamp   `json:"filed_at,omitzero"`
	Reference    string               `json:"reference,omitempty"`
	Kind         string               `json:"kind,omitempty"` // the option's key, else its text
	FormVersion  string               `json:"form_version,omitempty"`

	Notification *conversation.Notification `json:"notification,omitempty"`

	form *conversation.Form
}

// register lists all incidents, by number, as they stood at one moment.
func (a *app) register(ctx context.Context) (rows []registerEntry, err error) {
	err = a.store.View(ctx, func(tx conversation.Tx) error {
		list, err := tx.Incidents()
		if err != nil {
			return err
		}
		for _, in := range list {
			row, err := a.entry(tx, in)
			if err != nil {
				return fmt.Errorf("register incident %s: %w", in.Number, err)
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

func (a *app) entry(tx conversation.Tx, in *conversation.Incident) (registerEntry, error) {
	r := registerEntry{Number: in.Number, ReportedAt: conversation.Stamp{Time: in.ReportedAt}, AwareAt: conversation.Stamp{Time: in.AwareAt},
		DeadlineAt: conversation.Stamp{Time: in.DeadlineAt}}
	if in.Purged {
		r.Purged = true
		log, err := tx.Events(in.ID)
		r.timesOf(log)
		return r, err
	}
	if r.form = a.words.FormVersion(in.Form, in.FormVersion); r.form == nil {
		return r, fmt.Errorf("the database has no form %s of version %s", in.Form, in.FormVersion)
	}
	now := a.now()
	r.Unit, r.Status, r.FormVersion = in.Unit, in.Status, in.FormVersion
	if in.Status != conversation.StatusNotNotifiable && in.Status != conversation.StatusWithdrawn {
		late := in.LateAt(now)
		r.Late = &late
	}
	r.Notification = in.Notification(r.form, in.Unit, now)
	r.DSOAlertedAt, r.TakenAt = r.Notification.DSOAlertedAt, conversation.Stamp{Time: in.Watch.TakenAt}
	if d := in.Decision; d != nil {
		r.Decision, r.DecidedAt, r.DecidedBy, r.Reason = d.Outcome, conversation.Stamp{Time: d.At}, d.Address, d.Reason
	}
	if f := in.Filing; f != nil {
		r.FiledAt, r.Reference = conversation.Stamp{Time: f.At}, f.Reference
	}
	r.Kind = in.Answers[conversation.FieldKind].Value.Choice
	if fd := r.form.Field(conversation.FieldKind); fd != nil {
		if o := fd.Option(r.Kind); o != nil && o.Key != "" {
			r.Kind = o.Key
		}
	}
	return r, nil
}

// timesOf takes from a purged incident's log what it still tells. When it was filed is not there: the log has when that was recorded.
func (r *registerEntry) timesOf(log []conversation.Event) {
	for _, ev := range log {
		at := conversation.Stamp{Time: ev.At}
		switch ev.Name {
		case "called":
			if r.DSOAlertedAt.IsZero() {
				r.DSOAlertedAt = at
			}
		case "taken":
			r.TakenAt = at
		case "approved", "returned", "not_notifiable":
			r.DecidedAt = at
		case "approval_void":
			r.DecidedAt = conversation.Stamp{}
		}
	}
}

// registerJSON is a list of objects; empty, not null, without incidents.
func registerJSON(rows []registerEntry) ([]byte, error) {
	if rows == nil {
		rows = []registerEntry{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(rows); err != nil {
		return nil, fmt.Errorf("write register: %w", err)
	}
	return b.Bytes(), nil
}

var registerColumns = []string{"number", "unit", "status", "reported_at", "aware_at", "deadline_at", "dso_alerted_at", "taken_at", "decision",
	"decided_at", "decided_by", "reason", "late", "filed_at", "reference", "kind", "form_version", "purged"}

// registerCSV has a heading, and the columns of the present form and of every form that a row has. encoding/csv would change the line ends
// within cells.
func registerCSV(rows []registerEntry, form *conversation.Form, bom bool) []byte {
	keys := answerKeys(rows, form)
	var b bytes.Buffer
	if bom {
		b.WriteString("\ufeff")
	}
	heading := slices.Clone(registerColumns)
	for _, k := range keys {
		heading = append(heading, "answer_"+k)
	}
	b.Write(csvLine(heading...))
	for _, r := range rows {
		cells := []string{r.Number, r.Unit, string(r.Status), stampText(r.ReportedAt), stampText(r.AwareAt), stampText(r.DeadlineAt),
			stampText(r.DSOAlertedAt), stampText(r.TakenAt), string(r.Decision), stampText(r.DecidedAt), r.DecidedBy, r.Reason, "",
			stampText(r.FiledAt), r.Reference, r.Kind, r.FormVersion, strconv.FormatBool(r.Purged)}
		if r.Late != nil {
			cells[slices.Index(registerColumns, "late")] = strconv.FormatBool(*r.Late)
		}
		for _, k := range keys {
			cells = append(cells, r.cell(k))
		}
		b.Write(csvLine(cells...))
	}
	return b.Bytes()
}

// answerKeys are the questions of the authority in the form's order, and then those that only the forms of older rows have.
func answerKeys(rows []registerEntry, form *conversation.Form) (keys []string) {
	add := func(f *conversation.Form) {
		for _, fd := range f.Fields {
			if !fd.Own && !slices.Contains(keys, fd.Key) {
				keys = append(keys, fd.Key)
			}
		}
	}
	add(form)
	for _, r := range rows {
		if r.form != nil && r.form != form {
			add(r.form)
		}
	}
	return keys
}

// cell is an answer for a person who reads a table: parts on lines of their own, the members of an address or of a group's entry on one.
func (r *registerEntry) cell(key string) string {
	if r.Notification == nil {
		return ""
	}
	answer, ok := r.Notification.Answers[key]
	fd := r.form.Field(key)
	if !ok || fd == nil {
		return ""
	}
	v, err := conversation.ValueFromJSON(fd, answer)
	if err != nil {
		data, _ := json.Marshal(answer) // strings, numbers, lists and maps of them
		return string(data)
	}
	var lines []string
	switch {
	case v.Exact != nil:
		lines = []string{strconv.FormatInt(*v.Exact, 10)}
	case v.Date != "":
		lines = []string{strings.TrimSpace(v.Date + " " + v.Time), v.Comment}
	case v.Parts != nil:
		lines = []string{memberLine(fd, v.Parts)}
	case v.Entries != nil:
		for _, e := range v.Entries {
			lines = append(lines, memberLine(fd, e))
		}
	default:
		lines = append(slices.Clone(v.Choices), v.Text, v.Choice, v.Interval, v.Comment, v.Other)
	}
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

func memberLine(fd *conversation.Field, m map[string]string) string {
	var parts []string
	for _, mem := range fd.Members {
		if s := m[mem.Key]; s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func stampText(s conversation.Stamp) string {
	if s.IsZero() {
		return ""
	}
	return s.In(conversation.Stockholm()).Truncate(time.Second).Format(time.RFC3339)
}

// csvLine is a record of CSV (RFC 4180). What a spreadsheet would run as a formula is made text.
func csvLine(cells ...string) []byte {
	var b bytes.Buffer
	for i, s := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
			s = "'" + s
		}
		if strings.ContainsAny(s, "\",\r\n") || strings.TrimSpace(s) != s {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		b.WriteString(s)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// replaceFile writes a file for its owner alone; whoever opens it meanwhile sees the old one or the new one whole.
func replaceFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
