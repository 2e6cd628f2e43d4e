package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"frist/conversation"
)

type exportCommand struct {
	Config  string   `help:"Settings file." required:"" placeholder:"FILE"`
	Out     string   `help:"Folder to write into: a folder for each incident, readable by its owner alone." required:"" placeholder:"DIR"`
	Numbers []string `arg:"" help:"Incidents by number, such as PUI-2026-0001." name:"number"`
}

// Help is what -h says beside the flags.
func (c *exportCommand) Help() string {
	return `Each folder gets the notification as JSON, text and HTML, and in the folder files what came by mail and was kept because the data protection
officer asked for it. The names of those files are the senders' own: open none that you do not expect.`
}

// exported is what is written of one incident.
type exported struct {
	id   conversation.IncidentID
	doc  *conversation.Document
	form *conversation.Form
}

// Run writes notification.json, .html and .txt of each incident and the files that were kept, or nothing if one of them is not there. It prints the folders.
func (c *exportCommand) Run(e env) error {
	numbers, err := incidentNumbers(c.Numbers)
	if err != nil {
		return err
	}
	a, err := openRecords(e.ctx, c.Config)
	if err != nil {
		return err
	}
	return errors.Join(a.export(e, c.Out, numbers), a.Close())
}

// incidentNumbers brings numbers as typed into the form in which they are kept.
func incidentNumbers(typed []string) (numbers []string, err error) {
	seen := map[string]bool{}
	for _, s := range typed {
		n := strings.ToUpper(strings.TrimSpace(s))
		if seen[n] {
			return nil, usage("%s is named twice", n)
		}
		seen[n] = true
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func (a *app) export(e env, dir string, numbers []string) error {
	list, err := a.documents(e.ctx, numbers)
	if err != nil {
		return err
	}
	for i, x := range list {
		folder := filepath.Join(dir, numbers[i])
		if err := writeDocuments(a.words, folder, x.doc, x.form, conversation.Lang(a.cfg.Language)); err != nil {
			return fmt.Errorf("export incident %s: %w", numbers[i], err)
		}
		if err := a.exportFiles(e.ctx, filepath.Join(folder, "files"), x); err != nil {
			return fmt.Errorf("export incident %s: %w", numbers[i], err)
		}
		if _, err := fmt.Fprintln(e.out, folder); err != nil {
			return fmt.Errorf("export incident %s: %w", numbers[i], err)
		}
	}
	return nil
}

// documents assembles all of the incidents before the first is written.
func (a *app) documents(ctx context.Context, numbers []string) (list []exported, err error) {
	var unknown, purged []string
	for _, n := range numbers {
		in, err := a.incident(ctx, n)
		switch {
		case errors.Is(err, conversation.ErrNotFound):
			unknown = append(unknown, n)
			continue
		case err != nil:
			return nil, fmt.Errorf("export incident %s: %w", n, err)
		case in.Purged:
			purged = append(purged, n)
			continue
		}
		doc, form, err := a.engine.Document(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("export incident %s: %w", n, err)
		}
		list = append(list, exported{in.ID, doc, form})
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("there is no incident %s; frist register lists them", strings.Join(unknown, ", "))
	}
	if len(purged) > 0 {
		return nil, fmt.Errorf("incident %s was purged, and nothing is left to export", strings.Join(purged, ", "))
	}
	return list, nil
}

func (a *app) incident(ctx context.Context, number string) (in *conversation.Incident, err error) {
	err = a.store.View(ctx, func(tx conversation.Tx) error {
		in, err = tx.IncidentByNumber(number)
		return err
	})
	return in, err
}
