package main

import (
	"fmt"
	"os"
	"time"

	"frist/config"
	"frist/conversation"
	"frist/conversation/attachment"
	"frist/mail"
)

type inspectFileCommand struct {
	Files  []string `arg:"" help:"Files as people would attach them." name:"file"`
	Config string   `help:"Settings file: read the files with its attachments.max_size and refused. No scanner is asked." placeholder:"FILE"`
}

// Help is what -h says beside the flags: every key of the JSON.
func (c *inspectFileCommand) Help() string {
	return `One JSON object a file, as the bot would tell the DSO of it, by mail or in Teams; a mail's own files follow it:
file (as given), problem (empty, or why it could not be read); name, type (by its bytes), size; refused (too_large or type, empty if it is read);
mismatch: the bytes are not what the name says; rows, sheets, more (there are more rows than were counted), columns (what they look like);
pages; personnummer: how many national identity numbers; sent, recipients: of a mail; domains; within: the mail that it is attached to.`
}

// fileResult is what is seen in a file.
type fileResult struct {
	File         string     `json:"file"`
	Problem      string     `json:"problem"`
	Name         string     `json:"name"`
	Type         string     `json:"type"`
	Size         int64      `json:"size"`
	Refused      string     `json:"refused"`
	Mismatch     bool       `json:"mismatch"`
	Rows         int        `json:"rows"`
	Sheets       int        `json:"sheets,omitempty"`
	More         bool       `json:"more,omitempty"`
	Columns      []string   `json:"columns,omitempty"`
	Pages        int        `json:"pages,omitempty"`
	Personnummer int        `json:"personnummer"`
	Sent         *time.Time `json:"sent,omitempty"`
	Recipients   int        `json:"recipients,omitempty"`
	Domains      []string   `json:"domains,omitempty"`
	Within       string     `json:"within,omitempty"`
}

// Run prints what is seen in each file, in order, also of one that cannot be read; then it fails in the end.
func (c *inspectFileCommand) Run(e env) error {
	reader := attachment.Reader{Letter: mail.Letter}
	if c.Config != "" {
		data, err := os.ReadFile(c.Config)
		if err != nil {
			return fmt.Errorf("read settings: %w; name the file with -config", err)
		}
		cfg, err := config.Parse(c.Config, data) // no secret is needed to read a file
		if err != nil {
			return err
		}
		reader.Rules = fileRules(cfg)
	}
	return inspectEach(e, c.Files, func(name string, data []byte, problem string) []any {
		if problem != "" {
			return []any{fileResult{File: name, Problem: problem}}
		}
		one := attachment.File{Name: name, Size: int64(len(data)), Verdict: attachment.Verdict{Clean: true},
			Open: func(limit int64) []byte { return data[:min(int64(len(data)), limit)] }}
		var seen []any
		for _, f := range reader.Read([]attachment.File{one}) {
			seen = append(seen, seenFile(name, f))
		}
		return seen
	})
}

func seenFile(file string, f conversation.Attachment) fileResult {
	r := fileResult{File: file, Name: f.Name, Type: f.Type, Size: f.Size, Refused: f.Refused, Mismatch: f.Mismatch, Rows: f.Rows, Sheets: f.Sheets, More: f.More,
		Columns: f.Columns, Pages: f.Pages, Personnummer: f.Personnummer, Recipients: f.Recipients, Domains: f.Domains, Within: f.Within}
	if !f.Sent.IsZero() {
		r.Sent = &f.Sent
	}
	return r
}
