package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"frist/conversation"
)

// played is a notification.json as it was written.
type played struct {
	Form         string    `json:"form"`
	Number       string    `json:"number"`
	Unit         string    `json:"unit"`
	AwareAt      time.Time `json:"aware_at"`
	DeadlineAt   time.Time `json:"deadline_at"`
	Late         bool      `json:"late"`
	DSOAlertedAt time.Time `json:"dso_alerted_at"`
	Decision     string    `json:"decision"`
	ApprovedBy   string    `json:"approved_by"`
	Filing       *struct {
		Reference string    `json:"reference"`
		At        time.Time `json:"at"`
	} `json:"filing"`
	Answers map[string]any `json:"answers"`
}

func readPlayed(dir string) (*played, error) {
	data, err := os.ReadFile(filepath.Join(dir, "notification.json"))
	if err != nil {
		return nil, fmt.Errorf("read what came out: %w", err)
	}
	n := &played{}
	if err := json.Unmarshal(data, n); err != nil {
		return nil, fmt.Errorf("read what came out: %w", err)
	}
	return n, nil
}

// compare lists what differs from the case, each line beginning with the field. notes are what could not be compared.
func (p *player) compare(n *played) (faults, notes []string) {
	differs := func(name string, want, got any) {
		if want != got {
			faults = append(faults, fmt.Sprintf("%s differs: expected %v, got %v", name, want, got))
		}
	}
	c := p.c
	differs("form", c.Form, n.Form)
	if !p.real {
		differs("unit", c.Unit, n.Unit)
	}
	differs("decision", c.Decision, n.Decision)
	if c.Decision == string(conversation.OutcomeApprove) {
		differs("approved_by", p.dso.addr, n.ApprovedBy)
	}
	times, notes := p.compareTimes(n)
	faults = append(faults, times...)
	switch {
	case c.Filed == nil && n.Filing != nil:
		faults = append(faults, "filing is extra: "+n.Filing.Reference)
	case c.Filed != nil && n.Filing == nil:
		faults = append(faults, "filing is missing: expected "+c.Filed.Reference)
	case c.Filed != nil:
		differs("filing reference", c.Filed.Reference, n.Filing.Reference)
		// A filing is recorded to the minute.
		differs("filing time", localTime(c.Filed.At.Truncate(time.Minute)), localTime(n.Filing.At))
	}
	return append(faults, p.compareAnswers(n)...), notes
}

func (p *player) compareTimes(n *played) (faults, notes []string) {
	x := p.c.Expect
	// Against real servers receipt is now: then only what follows from the answer about the discovery can be known.
	follows := true
	if p.real {
		fd := p.form.For(conversation.PurposeAware)
		at, ok := p.c.values[fd.Key].Instant(conversation.Stockholm())
		follows = ok && at.Equal(x.AwareAt.Time)
	}
	for _, t := range []struct {
		name      string
		want, got time.Time
	}{{"aware_at", x.AwareAt.Time, n.AwareAt}, {"deadline_at", x.DeadlineAt.Time, n.DeadlineAt}} {
		switch {
		case t.want.IsZero():
		case !follows:
			notes = append(notes, t.name+" is not compared: receipt was now")
		case !t.want.Equal(t.got):
			faults = append(faults, fmt.Sprintf("%s differs: expected %s, got %s", t.name, localTime(t.want), localTime(t.got)))
		}
	}
	if x.Late != nil && p.real {
		notes = append(notes, "late is not compared: receipt was now")
	} else if x.Late != nil && *x.Late != n.Late {
		faults = append(faults, fmt.Sprintf("late differs: expected %t, got %t", *x.Late, n.Late))
	}
	switch by := x.DSOAlertedBy.Time; {
	case by.IsZero():
	case p.real:
		notes = append(notes, "dso_alerted_by is not compared: receipt was now")
	case n.DSOAlertedAt.IsZero() || n.DSOAlertedAt.After(by):
		faults = append(faults, fmt.Sprintf("dso_alerted_at is later than expected: by %s, got %s", localTime(by), localTime(n.DSOAlertedAt)))
	case len(p.toDSO) == 0 || p.toDSO[0].at.After(by):
		faults = append(faults, "dso_alerted_at: the alert reached the DSO later than "+localTime(by))
	}
	return faults, notes
}

// compareAnswers compares every answer, both ways, in the form's order.
func (p *player) compareAnswers(n *played) (faults []string) {
	keys := map[string]bool{}
	for k := range p.c.Answers {
		keys[k] = true
	}
	for k := range n.Answers {
		keys[k] = true
	}
	order := make([]string, 0, len(keys))
	for _, fd := range p.form.Fields {
		if keys[fd.Key] {
			order = append(order, fd.Key)
			delete(keys, fd.Key)
		}
	}
	var strange []string
	for k := range keys {
		strange = append(strange, k)
	}
	slices.Sort(strange)
	for _, key := range append(order, strange...) {
		want, wanted := p.c.Answers[key]
		got, there := n.Answers[key]
		if fd := p.form.Field(key); wanted && fd != nil && !fd.Own {
			var err error
			if want, err = shape(fd, p.c.values[key]); err != nil {
				faults = append(faults, fmt.Sprintf("answer %s cannot be compared: %v", key, err))
				continue
			}
		}
		switch {
		case !there:
			faults = append(faults, fmt.Sprintf("answer %s is missing: expected %s", key, excerpt(want, 0)))
		case !wanted:
			faults = append(faults, fmt.Sprintf("answer %s is extra: got %s", key, excerpt(got, 0)))
		default:
			if want, got = trimmed(want), trimmed(got); !reflect.DeepEqual(want, got) {
				at := firstDifference(flatJSON(want), flatJSON(got))
				faults = append(faults, fmt.Sprintf("answer %s differs: expected %s, got %s", key, excerpt(want, at), excerpt(got, at)))
			}
		}
	}
	return faults
}

// trimmed takes trailing white space off every string.
func trimmed(v any) any {
	switch v := v.(type) {
	case string:
		return strings.TrimRight(v, " \t\r\n")
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = trimmed(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = trimmed(x)
		}
		return out
	}
	return v
}

func flatJSON(v any) []rune {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return []rune(fmt.Sprint(v))
	}
	return []rune(strings.TrimSpace(b.String()))
}

func firstDifference(a, b []rune) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// excerpt is a value's JSON, or 80 characters of it around a place.
func excerpt(v any, at int) string {
	const width = 80
	r := flatJSON(v)
	if len(r) <= width {
		return string(r)
	}
	from := max(0, min(at-width/2, len(r)-width))
	s := string(r[from : from+width])
	if from > 0 {
		s = "…" + s
	}
	if from+width < len(r) {
		s += "…"
	}
	return s
}

// trace looks for every answer in what people wrote: an answer that nobody gave has no place in a notification.
func (p *player) trace(n *played) (faults []string) {
	texts, inputs := p.said()
	said := strings.ReplaceAll(strings.Join(texts, "\n\x00\n"), "\r\n", "\n")
	for _, fd := range p.form.Fields {
		got, ok := n.Answers[fd.Key]
		if !ok {
			continue
		}
		v, err := conversation.ValueFromJSON(fd, got)
		if err != nil {
			faults = append(faults, fmt.Sprintf("answer %s: %v", fd.Key, err))
			continue
		}
		for _, piece := range pieces(v) {
			label := p.c.label(fd, piece)
			ticked := slices.ContainsFunc(inputs, func(in map[string]string) bool {
				return in["field"] == fd.Key && slices.Contains(strings.Split(in["answer"], ","), strconv.Itoa(optionIndex(fd, piece)+1))
			})
			if !ticked && !strings.Contains(said, strings.TrimRight(piece, " \t\r\n")) && !strings.Contains(said, label) {
				faults = append(faults, fmt.Sprintf("answer %s cannot be traced: nobody wrote %s", fd.Key, excerpt(piece, 0)))
			}
		}
	}
	return faults
}

// pieces are all that a value says.
func pieces(v conversation.Value) []string {
	out := append([]string{v.Text, v.Choice, v.Comment, v.Other, v.Date, v.Time, v.Interval}, v.Choices...)
	if v.Exact != nil {
		out = append(out, strconv.FormatInt(*v.Exact, 10))
	}
	for _, parts := range append(v.Entries, v.Parts) {
		for _, s := range parts {
			out = append(out, s)
		}
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	slices.Sort(out)
	return slices.Compact(out)
}
