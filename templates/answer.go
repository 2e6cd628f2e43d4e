package templates

import (
	"encoding/json"
	"strconv"
	"strings"

	"frist/conversation"
)

// part is a piece of an answer with the label that the form gives it; the label may be empty.
type part struct{ Label, Text string }

// rows gives an answer as the form shows it: one row of parts, for a group one for each entry. Text is exact, to the character.
// label gives an option's wording: the authority's for a document, the person's for themselves.
func rows(fd *conversation.Field, v conversation.Value, label func(conversation.Option) string) [][]part {
	var row []part
	add := func(label, text string) {
		if text != "" {
			row = append(row, part{label, text})
		}
	}
	name := func(s string) string {
		if o := fd.Option(s); o != nil {
			return label(*o)
		}
		return s
	}
	switch fd.Kind {
	case conversation.KindText:
		add("", v.Text)
	case conversation.KindChoice:
		add("", name(v.Choice))
		add(fd.Parts["comment"], v.Comment)
	case conversation.KindChoices:
		for _, c := range v.Choices {
			add("", name(c))
		}
		add(fd.Parts["other"], v.Other)
	case conversation.KindDate:
		add(fd.Parts["date"], v.Date)
		add(fd.Parts["time"], v.Time)
		add(fd.Parts["comment"], v.Comment)
	case conversation.KindCount:
		if v.Exact != nil {
			add(fd.Parts["exact"], strconv.FormatInt(*v.Exact, 10))
		}
		add(fd.Parts["interval"], name(v.Interval))
	case conversation.KindAddress:
		row = memberRow(fd, v.Parts)
	case conversation.KindGroup:
		var all [][]part
		for _, e := range v.Entries {
			all = append(all, memberRow(fd, e))
		}
		return all
	}
	if row == nil {
		return nil
	}
	return [][]part{row}
}

// memberRow is an entry or an address with the authority's labels.
func memberRow(fd *conversation.Field, m map[string]string) []part {
	return labelled(fd, m, func(m conversation.Member) string { return m.Label })
}

func labelled(fd *conversation.Field, m map[string]string, label func(conversation.Member) string) []part {
	var row []part
	for _, mem := range fd.Members {
		if s := m[mem.Key]; s != "" {
			row = append(row, part{label(mem), s})
		}
	}
	return row
}

// authorityLabel is an option as the authority words it.
func authorityLabel(o conversation.Option) string { return o.Label }

// stored reads an answer out of a notification. An answer that an edited form no longer fits is shown all the same.
func stored(fd *conversation.Field, answer any) [][]part {
	v, err := conversation.ValueFromJSON(fd, answer)
	if r := rows(fd, v, authorityLabel); err == nil || len(r) > 0 {
		return r
	}
	if s, ok := answer.(string); ok {
		return [][]part{{{"", s}}}
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return nil
	}
	return [][]part{{{"", string(data)}}}
}

// readBack is an answer for its writer, on lines.
func (p phraser) readBack(fd *conversation.Field, v conversation.Value, options []conversation.Option) string {
	shown := *fd
	if len(options) > 0 {
		shown.Options = options
	}
	if v.Blank {
		if v.Unknown {
			return p.say("word_unknown_field")
		}
		return p.say("word_blank")
	}
	if fd.Kind == conversation.KindDate {
		s := p.date(v.Date, v.Time)
		if v.Comment != "" {
			s += "\n" + v.Comment
		}
		return s
	}
	return flat(rows(&shown, v, p.label))
}

// shown is readBack where nobody is to write the like: the parts of a list's entry in the person's own language, other parts without the form's
// labels, and a group's entries with their numbers and no line between them.
func (p phraser) shown(fd *conversation.Field, v conversation.Value, options []conversation.Option) string {
	switch {
	case v.Blank:
	case fd.Kind == conversation.KindCount && v.Exact != nil:
		return p.figures(strconv.FormatInt(*v.Exact, 10))
	case fd.Kind == conversation.KindAddress:
		return flat([][]part{p.memberRow(fd, v.Parts)})
	case fd.Kind == conversation.KindGroup:
		all := p.entries(fd, v)
		for i := range all {
			if len(all) > 1 {
				all[i] = strconv.Itoa(i+1) + ". " + all[i]
			}
		}
		return strings.Join(all, "\n")
	}
	plain := *fd
	plain.Parts = nil
	return p.readBack(&plain, v, options)
}

// proposed is shown for what may be accepted: a list's entries have no numbers, which those that stand there already have.
func (p phraser) proposed(fd *conversation.Field, v conversation.Value, options []conversation.Option) string {
	if fd.Kind != conversation.KindGroup {
		return p.shown(fd, v, options)
	}
	return strings.Join(p.entries(fd, v), "\n\n")
}

// entries are a group's, each on lines.
func (p phraser) entries(fd *conversation.Field, v conversation.Value) []string {
	all := make([]string, len(v.Entries))
	for i, e := range v.Entries {
		all[i] = flat([][]part{p.memberRow(fd, e)})
	}
	return all
}

// memberRow is an entry or an address with the labels in the person's language.
func (p phraser) memberRow(fd *conversation.Field, m map[string]string) []part {
	return labelled(fd, m, p.memberLabel)
}

// flat writes rows as lines of "label: text".
func flat(rs [][]part) string {
	var b strings.Builder
	for i, row := range rs {
		if i > 0 {
			b.WriteString("\n---\n")
		}
		for j, pt := range row {
			if j > 0 {
				b.WriteByte('\n')
			}
			if pt.Label != "" {
				b.WriteString(pt.Label + ": ")
			}
			b.WriteString(pt.Text)
		}
	}
	return b.String()
}
