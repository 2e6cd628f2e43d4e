package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"frist/conversation"
	"frist/templates"
)

// caseFile is a case file: what people say, and what must stand in the notification.
type caseFile struct {
	Name         string `yaml:"-"`
	Lang         string `yaml:"lang"`
	FirstMessage string `yaml:"first_message"`
	Decision     string `yaml:"decision"`
	Reason       string `yaml:"reason"`
	Filed        struct {
		Reference string `yaml:"reference"`
	} `yaml:"filed"`
	Answers map[string]any `yaml:"answers"`

	words  *templates.Catalogue
	form   *conversation.Form
	values map[string]conversation.Value
}

// readCase reads a case as if it had been in 2021, since by the machine's clock all of it must have happened.
func readCase(t *testing.T, path string) *caseFile {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	s := &caseFile{Name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
	must(t, yaml.Unmarshal([]byte(strings.ReplaceAll(string(data), ` "2026-`, ` "2021-`)), s))
	if s.Lang == "" {
		s.Lang = "sv"
	}
	words, err := templates.Load("")
	must(t, err)
	s.words, s.form, s.values = words, words.Form("imy"), map[string]conversation.Value{}
	for key, in := range s.Answers {
		s.values[key], err = conversation.ValueFromJSON(s.form.Field(key), in)
		must(t, err)
	}
	// What we ask for our own sake stands in no case.
	s.values["protected"] = conversation.Value{Choice: "Nej"}
	s.values["phone"] = conversation.Value{Text: "070-000 00 41"}
	return s
}

// say picks the words of the people's language.
func (s *caseFile) say(sv, en string) string {
	if s.Lang == "en" {
		return en
	}
	return sv
}

// settled are the answers that the unit's settings give, as lines of a settings file. What is left out the DSO is asked.
func (s *caseFile) settled(t *testing.T, except ...string) (lines []string) {
	t.Helper()
	for _, fd := range s.form.Fields {
		if v, ok := s.values[fd.Key]; ok && fd.Asked == conversation.RoleSettings && !slices.Contains(except, fd.Key) {
			data, err := json.Marshal(v.JSON(fd)) // YAML reads JSON
			must(t, err)
			lines = append(lines, fmt.Sprintf("      %s: %s\n", fd.Key, data))
		}
	}
	return lines
}

// typed is an answer as it is written in a message.
func (s *caseFile) typed(fd *conversation.Field, v conversation.Value) string {
	after := func(sep, text string) string {
		if text == "" {
			return ""
		}
		return sep + text
	}
	switch fd.Kind {
	case conversation.KindChoice:
		return v.Choice + after(": ", v.Comment)
	case conversation.KindChoices:
		var lines []string
		for _, c := range v.Choices {
			if o := fd.Option(c); o != nil && o.Comment && v.Other != "" {
				c += ": " + v.Other
			}
			lines = append(lines, c)
		}
		return strings.Join(lines, "\n")
	case conversation.KindDate:
		return v.Date + after(" ", v.Time) + after(", ", v.Comment)
	case conversation.KindCount:
		if v.Exact != nil {
			return strconv.FormatInt(*v.Exact, 10)
		}
		return v.Interval
	case conversation.KindAddress:
		return entry(fd, v.Parts)
	case conversation.KindGroup:
		var all []string
		for _, e := range v.Entries {
			all = append(all, entry(fd, e))
		}
		return strings.Join(all, "\n---\n")
	}
	return v.Text
}

func entry(fd *conversation.Field, parts map[string]string) string {
	var lines []string
	for _, m := range fd.Members {
		if parts[m.Key] != "" {
			lines = append(lines, m.Names[0]+": "+parts[m.Key])
		}
	}
	return strings.Join(lines, "\n")
}

// inputs are the values that fill the inputs of a question's card, by the ids that templates/card.go tells of. A group's card has room
// for one entry, the first.
func (s *caseFile) inputs(fd *conversation.Field, v conversation.Value) map[string]string {
	in := map[string]string{}
	put := func(id, value string) {
		if value != "" {
			in[id] = value
		}
	}
	members := func(parts map[string]string) {
		for key, value := range parts {
			put("m."+key, value)
		}
	}
	switch fd.Kind {
	case conversation.KindChoice:
		if fd.Option(v.Choice) == nil {
			put("other", v.Choice)
			break
		}
		put("answer", v.Choice)
		put("comment", v.Comment)
	case conversation.KindChoices:
		var numbers []string
		for _, c := range v.Choices {
			numbers = append(numbers, strconv.Itoa(slices.Index(fd.Labels(), c)+1))
		}
		put("answer", strings.Join(numbers, ","))
		put("other", v.Other)
	case conversation.KindDate:
		put("date", v.Date)
		put("time", v.Time)
		put("comment", v.Comment)
	case conversation.KindCount:
		if v.Exact != nil {
			put("exact", strconv.FormatInt(*v.Exact, 10))
		}
		put("interval", v.Interval)
	case conversation.KindAddress:
		members(v.Parts)
	case conversation.KindGroup:
		members(v.Entries[0])
	default:
		put("answer", v.Text)
	}
	return in
}

// compare tells what of a notification differs from the case.
func (s *caseFile) compare(t *testing.T, got map[string]any) {
	t.Helper()
	keys := maps.Clone(got)
	maps.Copy(keys, s.Answers)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		var want any
		if v, ok := s.values[key]; ok {
			data, err := json.Marshal(v.JSON(s.form.Field(key)))
			must(t, err)
			must(t, json.Unmarshal(data, &want))
		}
		if !reflect.DeepEqual(want, got[key]) {
			t.Errorf("%s: answer %s is %v, want %v", s.Name, key, got[key], want)
		}
	}
}
