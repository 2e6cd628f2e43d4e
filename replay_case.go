package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"frist/conversation"
)

// maxCase bounds a case file, in bytes.
const maxCase = 1 << 20

// replayCase is a case file: what the people say, when, and what must come out of it.
type replayCase struct {
	Form         string         `yaml:"form"`
	Unit         string         `yaml:"unit"`
	Lang         string         `yaml:"lang"` // "sv" (the default) or "en": in which language the people write commands
	FirstMessage string         `yaml:"first_message"`
	At           caseTime       `yaml:"at"`          // when the first message is sent
	FinishedAt   caseTime       `yaml:"finished_at"` // when the reporter answers
	Expect       caseExpect     `yaml:"expect"`
	Decision     string         `yaml:"decision"` // approve, return or not_notifiable
	Reason       string         `yaml:"reason"`   // of a decision other than approve
	Filed        *caseFiling    `yaml:"filed"`    // after approve alone
	Answers      map[string]any `yaml:"answers"`  // by the authority's number, in the shapes of notification.json

	path, name string
	values     map[string]conversation.Value
}

type caseExpect struct {
	AwareAt      caseTime `yaml:"aware_at"`
	DeadlineAt   caseTime `yaml:"deadline_at"`
	Late         *bool    `yaml:"late"`
	DSOAlertedBy caseTime `yaml:"dso_alerted_by"`
}

type caseFiling struct {
	Reference string   `yaml:"reference"`
	At        caseTime `yaml:"at"`
}

// caseTime is an instant in RFC 3339; the zero one was not given.
type caseTime struct{ time.Time }

// UnmarshalYAML reads RFC 3339, with or without quotes.
func (t *caseTime) UnmarshalYAML(data []byte) error {
	s := strings.Trim(strings.TrimSpace(string(data)), `"'`)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("%q is no time such as 2026-11-20T16:40:00+01:00", s)
	}
	t.Time = at.UTC()
	return nil
}

// loadCases reads all case files before anything is played. A name that comes twice is bad usage: the second would
// overwrite what came out of the first.
func loadCases(paths []string) ([]*replayCase, error) {
	var all []*replayCase
	seen := map[string]string{}
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".yaml")
		if strings.Trim(name, ".") == "" || strings.ContainsAny(name, `/\`) {
			return nil, usage("%s is no name for a case; call it NAME.yaml", p)
		}
		if other, twice := seen[strings.ToLower(name)]; twice {
			return nil, usage("%s and %s have the same name %s; name each case once", other, p, name)
		}
		seen[strings.ToLower(name)] = p
	}
	for _, p := range paths {
		c, err := loadCase(p)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func loadCase(path string) (*replayCase, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, usage("read case: %w", err)
	case !info.Mode().IsRegular() || info.Size() > maxCase:
		return nil, usage("read case: %s is no file of at most %d bytes", path, maxCase)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("read case: %w", err)
	}
	c := &replayCase{path: path, name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.DisallowUnknownField()).Decode(c); err != nil {
		return nil, fmt.Errorf("case %s: %s", path, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("case %s: %w", path, err)
	}
	return c, nil
}

func (c *replayCase) check() error {
	var faults []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	if c.Lang == "" {
		c.Lang = string(conversation.Swedish)
	}
	need(c.Form != "", "form is missing")
	need(c.Unit != "", "unit is missing")
	need(c.Lang == "sv" || c.Lang == "en", "lang is %q; write sv or en", c.Lang)
	need(strings.TrimSpace(c.FirstMessage) != "", "first_message is missing")
	need(!c.At.IsZero(), "at is missing")
	need(!c.FinishedAt.Before(c.At.Time), "finished_at is before at")
	switch c.Decision {
	case "", string(conversation.OutcomeApprove):
		need(c.Filed == nil || c.Decision != "" && !c.Filed.At.Before(c.FinishedAt.Time), "filed is before finished_at, or without decision: approve")
	case string(conversation.OutcomeReturn), string(conversation.OutcomeNotNotifiable):
		need(c.Filed == nil, "filed stands beside decision: %s", c.Decision)
	default:
		need(false, "decision is %q; write approve, return or not_notifiable", c.Decision)
	}
	return errors.Join(faults...)
}

// read reads the answers by the form. An answer to a question that the form does not have is kept: it is a difference.
func (c *replayCase) read(form *conversation.Form) error {
	if form.ID != c.Form {
		return fmt.Errorf("case %s: it is played on form %s, not %s", c.path, form.ID, c.Form)
	}
	c.values = map[string]conversation.Value{}
	for key, raw := range c.Answers {
		fd := form.Field(key)
		if fd == nil || fd.Own {
			continue
		}
		v, err := conversation.ValueFromJSON(fd, raw)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.path, err)
		}
		if fd.Kind == conversation.KindChoices {
			slices.SortStableFunc(v.Choices, func(a, b string) int { return optionIndex(fd, a) - optionIndex(fd, b) })
		}
		c.values[key] = v
	}
	return nil
}

func (c *replayCase) english() bool { return c.Lang == string(conversation.English) }

// say picks the words of the case's language.
func (c *replayCase) say(sv, en string) string {
	if c.english() {
		return en
	}
	return sv
}

// typed is a value as a person writes it in a message.
func (c *replayCase) typed(fd *conversation.Field, v conversation.Value) string {
	switch fd.Kind {
	case conversation.KindText:
		return v.Text
	case conversation.KindChoice:
		return joined(c.label(fd, v.Choice), ": ", v.Comment)
	case conversation.KindChoices:
		var lines []string
		for _, label := range v.Choices {
			if o := fd.Option(label); o != nil && o.Comment && v.Other != "" {
				continue
			}
			lines = append(lines, c.label(fd, label))
		}
		if v.Other != "" {
			lines = append(lines, c.say("Övrigt", "Other")+": "+v.Other)
		}
		return strings.Join(lines, "\n")
	case conversation.KindDate:
		if v.Comment == "" {
			return joined(v.Date, " ", v.Time)
		}
		// On lines with labels no word of the comment can be taken for a part of the date.
		lines := []string{c.say("datum", "date") + ": " + v.Date}
		if v.Time != "" {
			lines = append(lines, c.say("klockslag", "time")+": "+v.Time)
		}
		return strings.Join(append(lines, c.say("kommentar", "comment")+": "+v.Comment), "\n")
	case conversation.KindCount:
		if v.Exact != nil {
			return strconv.FormatInt(*v.Exact, 10)
		}
		return c.label(fd, v.Interval)
	case conversation.KindAddress:
		return c.entry(fd, v.Parts)
	}
	entries := make([]string, len(v.Entries))
	for i, e := range v.Entries {
		entries[i] = c.entry(fd, e)
	}
	return strings.Join(entries, "\n---\n")
}

// label is an option as the person reads it in the list.
func (c *replayCase) label(fd *conversation.Field, label string) string {
	if o := fd.Option(label); o != nil && c.english() && o.EN != "" {
		return o.EN
	}
	return label
}

// entry is one entry of a group, or an address, as "label: value" lines.
func (c *replayCase) entry(fd *conversation.Field, parts map[string]string) string {
	var lines []string
	for _, m := range fd.Members {
		if s := parts[m.Key]; s != "" {
			name := m.Names[0]
			if c.english() {
				name = m.Key
			}
			lines = append(lines, name+": "+s)
		}
	}
	return strings.Join(lines, "\n")
}

// joined puts sep between two pieces where both are there.
func joined(a, sep, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

func optionIndex(fd *conversation.Field, label string) int {
	return slices.IndexFunc(fd.Options, func(o conversation.Option) bool { return o.Label == label })
}

// shape is a value in the shape of notification.json, as JSON decodes it.
func shape(fd *conversation.Field, v conversation.Value) (any, error) {
	return throughJSON(v.JSON(fd))
}

func throughJSON(in any) (out any, err error) {
	data, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	return out, err
}
