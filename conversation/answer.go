package conversation

import (
	"slices"
	"strconv"
	"strings"

	"frist/conversation/reading"
)

// Keys of the problems that the engine finds itself, beside those of package reading.
const (
	ProblemDateFuture = "date_future" // lies after now
	ProblemDatePast   = "date_past"   // lies before today
	ProblemDateBefore = "date_before" // {detail}: earlier than the answer to that field
)

// ProblemKeys lists every reason why an answer may not be accepted; each has a text.
func ProblemKeys() []string {
	return append(reading.ProblemKeys(), ProblemDateFuture, ProblemDatePast, ProblemDateBefore)
}

// read reads a text as an answer to the field. ok is false with a problem when it is not understood; open is set when the text is
// outside an open list and has to be confirmed.
func (t *turn) read(fd *Field, text string) (v Value, open bool, p reading.Problem) {
	text = strings.TrimRight(strings.TrimLeft(text, "\r\n"), " \t\r\n")
	lang := reading.Lang(t.Sender.lang(t.Organisation))
	if strings.TrimSpace(text) == "" {
		return v, false, reading.Problem{Key: reading.Empty}
	}
	switch fd.Kind {
	case KindText:
		return Value{Text: text}, false, p
	case KindChoice:
		var c reading.ChoiceValue
		c, p = t.list(fd).Choice(text, fd.Open)
		return Value{Choice: c.Label, Comment: c.Comment}, p.OK() && c.Index < 0, p
	case KindChoices:
		var c reading.ChoicesValue
		opts := t.options(fd)
		c, p = t.list(fd).Choices(text, fd.Open)
		for _, i := range c.Indexes {
			v.Choices = append(v.Choices, opts[i].Label)
		}
		v.Other = c.Other
		return v, false, p
	case KindDate:
		var d reading.DateValue
		d, p = reading.DateAnswer(text, lang, t.Now, direction(fd))
		v = Value{Date: d.Date, Time: d.Time, Comment: d.Comment}
		if p.OK() {
			p = t.plausible(fd, v)
		}
		return v, false, p
	case KindCount:
		var c reading.CountValue
		c, p = t.list(fd).Count(text)
		if p.OK() && c.IsExact {
			n := int64(c.Exact)
			return Value{Exact: &n}, false, p
		}
		return Value{Interval: c.Label}, false, countProblem(p, c)
	}
	return t.readEntries(fd, text)
}

// countProblem carries over the interval that is proposed for "about 40".
func countProblem(p reading.Problem, c reading.CountValue) reading.Problem {
	if p.Suggest == "" {
		p.Suggest = c.Suggest
	}
	return p
}

// readEntries reads an address or a group: labelled lines, entries parted by a line "---".
func (t *turn) readEntries(fd *Field, text string) (v Value, open bool, p reading.Problem) {
	labels := make([]reading.Label, len(fd.Members))
	for i, m := range fd.Members {
		labels[i] = reading.Label{Key: m.Key, Names: append([]string{m.Label}, m.Names...)}
	}
	entries, p := reading.Entries(text, labels)
	if p.Key == reading.EntriesNoLabel && fd.Kind == KindGroup {
		if v, ok := t.plainEntry(fd, text); ok {
			return v, false, reading.Problem{}
		}
	}
	if !p.OK() {
		return v, false, p
	}
	for _, e := range entries {
		if p = t.cleanEntry(fd, e); !p.OK() {
			return v, false, p
		}
	}
	if fd.Kind == KindAddress {
		if len(entries) != 1 {
			return v, false, reading.Problem{Key: reading.EntriesTwice}
		}
		return Value{Parts: entries[0]}, false, p
	}
	return Value{Entries: entries}, false, p
}

// plainEntry takes a message without labels as one entry: its text is the group's longest part, and a date at its beginning is read.
func (t *turn) plainEntry(fd *Field, text string) (Value, bool) {
	entry := map[string]string{}
	for _, m := range fd.Members {
		if m.Kind == "text" {
			entry[m.Key] = strings.TrimSpace(text)
		}
	}
	if len(entry) == 0 {
		return Value{}, false
	}
	w, rest, ok := reading.DatePrefix(text, reading.Lang(t.Sender.lang(t.Organisation)), t.Now, reading.Past)
	if ok && strings.TrimSpace(rest) != "" && !w.Start.After(t.Now) {
		local := w.Start.In(Stockholm())
		for _, m := range fd.Members {
			switch {
			case m.Kind == "date":
				entry[m.Key] = local.Format("2006-01-02")
			case m.Kind == "time" && w.HasTime:
				entry[m.Key] = local.Format("15:04")
			case m.Kind == "text":
				entry[m.Key] = strings.TrimSpace(rest)
			}
		}
	}
	return Value{Entries: []map[string]string{entry}}, true
}

// cleanEntry reads the dates and times of one entry in place.
func (t *turn) cleanEntry(fd *Field, e map[string]string) reading.Problem {
	lang := reading.Lang(t.Sender.lang(t.Organisation))
	for _, m := range fd.Members {
		text := e[m.Key]
		if text == "" {
			delete(e, m.Key)
			continue
		}
		switch m.Kind {
		case "date":
			d, p := reading.DateAnswer(text, lang, t.Now, reading.Past)
			if !p.OK() {
				return p
			}
			e[m.Key] = d.Date
			for _, other := range fd.Members {
				if other.Kind == "time" && e[other.Key] == "" && d.Time != "" {
					e[other.Key] = d.Time
				}
			}
		case "time":
			d, p := reading.DateAnswer(t.Now.In(Stockholm()).Format("2006-01-02")+" "+text, lang, t.Now, reading.Past)
			if !p.OK() || d.Time == "" {
				return reading.Problem{Key: reading.TimeNotUnderstood, Detail: text}
			}
			e[m.Key] = d.Time
		case "":
			if strings.ContainsAny(text, "\r\n") {
				e[m.Key] = strings.Join(strings.Fields(text), " ")
			}
		}
	}
	return reading.Problem{}
}

// plausible checks a date against now and against the date that it follows.
func (t *turn) plausible(fd *Field, v Value) reading.Problem {
	at, ok := v.Instant(Stockholm())
	if !ok {
		return reading.Problem{Key: reading.DateNotUnderstood}
	}
	today := t.Now.In(Stockholm()).Format("2006-01-02")
	switch {
	case fd.Direction == "past" && (at.After(t.Now) || v.Date > today):
		return reading.Problem{Key: ProblemDateFuture, Detail: v.Date}
	case fd.Direction == "future" && v.Date < today:
		return reading.Problem{Key: ProblemDatePast, Detail: v.Date}
	}
	if fd.After != "" {
		start := t.Incident.Answers[fd.After].Value
		before := v.Date < start.Date || v.Date == start.Date && v.Time != "" && start.Time != "" && v.Time < start.Time
		if start.Date != "" && before {
			return reading.Problem{Key: ProblemDateBefore, Detail: fd.After}
		}
	}
	// The end may not be answered before the start is put right: the start is checked against it, too.
	for _, later := range t.Form.Fields {
		end := t.Incident.Answers[later.Key].Value
		if later.After == fd.Key && end.Date != "" && end.Date < v.Date && later.Purpose != PurposeAware {
			return reading.Problem{Key: ProblemDateBefore, Detail: later.Key}
		}
	}
	return reading.Problem{}
}

func direction(fd *Field) reading.Direction {
	if fd.Direction == "future" {
		return reading.Future
	}
	return reading.Past
}

// options are the field's own, or the units for the question which unit it is.
func (t *turn) options(fd *Field) []Option {
	if fd.Key != FieldUnit {
		return fd.Options
	}
	out := make([]Option, len(t.Organisation.Units))
	for i, u := range t.Organisation.Units {
		out[i] = Option{Key: u.ID, Label: u.Name, EN: u.Name, Aliases: []string{u.ID}}
	}
	return out
}

// list is what the field's options are found by.
func (t *turn) list(fd *Field) *optionList {
	if fd.list != nil && fd.Key != FieldUnit {
		return fd.list
	}
	return newOptionList(t.options(fd))
}

// readFields reads a submitted card: the inputs that templates gives a card of the field's kind.
func (t *turn) readFields(fd *Field, in map[string]string) (v Value, open bool, p reading.Problem) {
	join := func(parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" }), "\n")
	}
	switch fd.Kind {
	case KindChoice:
		if o := t.option(fd, in["answer"]); o != nil {
			v = Value{Choice: o.Label, Comment: strings.TrimRight(in["comment"], " \t\r\n")}
			return v, false, p
		}
		return t.read(fd, join(first(in["answer"], in["other"]), in["comment"]))
	case KindChoices:
		for _, n := range strings.FieldsFunc(in["answer"], func(r rune) bool { return r == ',' || r == ';' }) {
			i, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil || i < 1 || i > len(fd.Options) {
				return t.read(fd, in["answer"])
			}
			v.Choices = append(v.Choices, fd.Options[i-1].Label)
		}
		v.Other = strings.TrimRight(in["other"], " \t\r\n")
		if len(v.Choices) == 0 {
			return v, false, reading.Problem{Key: reading.Empty}
		}
		slices.SortFunc(v.Choices, func(a, b string) int { return t.index(fd, a) - t.index(fd, b) })
		v.Choices = slices.Compact(v.Choices)
		return v, false, p
	case KindDate:
		if in["date"] == "" {
			return v, false, reading.Problem{Key: reading.Empty}
		}
		v, open, p = t.read(fd, strings.TrimSpace(in["date"]+" "+in["time"]))
		v.Comment = strings.TrimRight(in["comment"], " \t\r\n")
		return v, open, p
	case KindCount:
		return t.read(fd, join(first(in["exact"], in["interval"])))
	case KindAddress, KindGroup:
		e, p := t.readEntry(fd, in)
		switch {
		case p.OK() && len(e) == 0:
			p = reading.Problem{Key: reading.Empty}
		case fd.Kind == KindGroup:
			return Value{Entries: []map[string]string{e}}, false, p
		}
		return Value{Parts: e}, false, p
	}
	return t.read(fd, in["answer"])
}

// readEntry reads a card's parts of an address or of one entry; empty if none is filled in.
func (t *turn) readEntry(fd *Field, in map[string]string) (map[string]string, reading.Problem) {
	e := map[string]string{}
	for _, m := range fd.Members {
		if s := strings.TrimRight(in["m."+m.Key], " \t\r\n"); s != "" {
			e[m.Key] = s
		}
	}
	if len(e) == 0 {
		return nil, reading.Problem{}
	}
	return e, t.cleanEntry(fd, e)
}

func (t *turn) option(fd *Field, label string) *Option {
	for _, o := range t.options(fd) {
		if o.Label == label {
			return &o
		}
	}
	return nil
}

func (t *turn) index(fd *Field, label string) int {
	return slices.IndexFunc(fd.Options, func(o Option) bool { return o.Label == label })
}

func first(s ...string) string {
	for _, x := range s {
		if strings.TrimSpace(x) != "" {
			return x
		}
	}
	return ""
}
