package conversation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Value is a cleaned answer. Which members it uses follows from the field's kind; a blank Value is a
// question that was passed over, which differs from one that was never answered.
type Value struct {
	Blank    bool                `json:"blank,omitempty"`
	Unknown  bool                `json:"unknown,omitempty"` // blank because nobody knows yet: to be supplemented
	Text     string              `json:"text,omitempty"`
	Choice   string              `json:"choice,omitempty"`
	Comment  string              `json:"comment,omitempty"`
	Choices  []string            `json:"choices,omitempty"`
	Other    string              `json:"other,omitempty"`
	Date     string              `json:"date,omitempty"` // 2006-01-02, in Stockholm
	Time     string              `json:"time,omitempty"` // 15:04, or empty
	Exact    *int64              `json:"exact,omitempty"`
	Interval string              `json:"interval,omitempty"`
	Parts    map[string]string   `json:"parts,omitempty"`
	Entries  []map[string]string `json:"entries,omitempty"`
}

// Equal reports whether two answers are the same in all they hold.
func (a *Answer) Equal(b *Answer) bool {
	return a.Author == b.Author && a.Role == b.Role && a.At.Equal(b.At) && a.Revision == b.Revision && a.Inbound == b.Inbound && a.Value.equal(&b.Value)
}

func (v *Value) equal(w *Value) bool {
	return v.Blank == w.Blank && v.Unknown == w.Unknown && v.Text == w.Text && v.Choice == w.Choice && v.Comment == w.Comment &&
		slices.Equal(v.Choices, w.Choices) && v.Other == w.Other && v.Date == w.Date && v.Time == w.Time &&
		(v.Exact == w.Exact || v.Exact != nil && w.Exact != nil && *v.Exact == *w.Exact) && v.Interval == w.Interval &&
		maps.Equal(v.Parts, w.Parts) && slices.EqualFunc(v.Entries, w.Entries, maps.Equal)
}

// JSON returns the value in the shape that notification.json has for the field: a string for text and plain
// choice, else an object or a list. A blank value gives nil.
func (v Value) JSON(fd *Field) any {
	if v.Blank {
		return nil
	}
	put := func(m map[string]any, k, s string) {
		if s != "" {
			m[k] = s
		}
	}
	m := map[string]any{}
	switch fd.Kind {
	case KindText:
		return v.Text
	case KindChoice:
		if fd.PlainChoice {
			return v.Choice
		}
		m["choice"] = v.Choice
		put(m, "comment", v.Comment)
	case KindChoices:
		list := make([]any, len(v.Choices))
		for i, c := range v.Choices {
			list[i] = c
		}
		m["choices"] = list
		put(m, "other", v.Other)
	case KindDate:
		m["date"] = v.Date
		put(m, "time", v.Time)
		put(m, "comment", v.Comment)
	case KindCount:
		if v.Exact != nil {
			m["exact"] = *v.Exact
		} else {
			m["interval"] = v.Interval
		}
	case KindAddress:
		for _, mem := range fd.Members {
			put(m, mem.Key, v.Parts[mem.Key])
		}
	case KindGroup:
		list := make([]any, len(v.Entries))
		for i, e := range v.Entries {
			row := map[string]any{}
			for _, mem := range fd.Members {
				put(row, mem.Key, e[mem.Key])
			}
			list[i] = row
		}
		return list
	}
	return m
}

// ValueFromJSON is the inverse of Value.JSON: it reads a setting or a case file's answer, as decoded from
// YAML or JSON. The error says which part does not fit the field.
func ValueFromJSON(fd *Field, in any) (Value, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return Value{}, fmt.Errorf("answer %s: %w", fd.Key, err)
	}
	var v Value
	switch {
	case fd.Kind == KindText:
		err = json.Unmarshal(data, &v.Text)
	case fd.Kind == KindChoice && fd.PlainChoice:
		err = json.Unmarshal(data, &v.Choice)
	case fd.Kind == KindAddress:
		err = json.Unmarshal(data, &v.Parts)
	case fd.Kind == KindGroup:
		err = json.Unmarshal(data, &v.Entries)
	default:
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		return Value{}, fmt.Errorf("answer %s is not written as a %s", fd.Key, fd.Kind)
	}
	return v, v.fits(fd)
}

func (v Value) fits(fd *Field) error {
	known := func(label string) error {
		if fd.Option(label) == nil && !fd.Open {
			return fmt.Errorf("answer %s: %q is no option", fd.Key, label)
		}
		return nil
	}
	switch fd.Kind {
	case KindChoice:
		return known(v.Choice)
	case KindChoices:
		for _, c := range v.Choices {
			if err := known(c); err != nil {
				return err
			}
		}
	case KindDate:
		if _, err := time.Parse("2006-01-02", v.Date); err != nil {
			return fmt.Errorf("answer %s: date: %w", fd.Key, err)
		}
	case KindAddress:
		return memberKeys(fd, v.Parts)
	case KindGroup:
		for _, e := range v.Entries {
			if err := memberKeys(fd, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func memberKeys(fd *Field, m map[string]string) error {
	for k := range m {
		if fd.Member(k) == nil {
			return fmt.Errorf("answer %s: %q is no part of it", fd.Key, k)
		}
	}
	return nil
}

// Member returns the member with the key, nil if there is none.
func (fd *Field) Member(key string) *Member {
	for i := range fd.Members {
		if fd.Members[i].Key == key {
			return &fd.Members[i]
		}
	}
	return nil
}

// Complete reports whether every mandatory part of the answer is there.
func (v Value) Complete(fd *Field) bool {
	if v.Blank {
		return !fd.Mandatory
	}
	rows := v.Entries
	if fd.Kind == KindAddress {
		rows = []map[string]string{v.Parts}
	}
	if (fd.Kind == KindGroup) && fd.Mandatory && len(rows) == 0 {
		return false
	}
	for _, row := range rows {
		for _, m := range fd.Members {
			if m.Mandatory && row[m.Key] == "" {
				return false
			}
		}
	}
	return true
}

// Instant is the moment that a date answer names: a date without a time counts from its first minute, an
// hour that the end of summer time repeats from its first instant. ok is false without a date.
func (v Value) Instant(loc *time.Location) (at time.Time, ok bool) {
	if v.Date == "" {
		return time.Time{}, false
	}
	clock := v.Time
	if clock == "" {
		clock = "00:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", v.Date+" "+clock, loc)
	if err != nil {
		return time.Time{}, false
	}
	if earlier := at.Add(-time.Hour); earlier.In(loc).Format("15:04") == clock {
		at = earlier
	}
	return at, true
}
