package conversation

import (
	"slices"
	"strings"
	"time"

	"frist/conversation/reading"
)

// Form is one authority's question list, read from a YAML file by ParseForm. It is data: a second
// authority's form is another file, not another program.
type Form struct {
	// ID names the form, such as "imy". Version is the first 12 hex digits of the file's SHA-256.
	ID      string
	Version string
	// Authority is the authority's own name; Title the form's heading in the authority's words.
	Authority, Title string
	// FileAt is where a person files the notification (an https address).
	FileAt string
	// Limit is how long after awareness the notification is due (GDPR article 33.1: 72 h).
	Limit time.Duration
	// Sections in the document's order.
	Sections []Section
	// Fields in the document's order; ours, which have no number, stand first.
	Fields []*Field
	// Order lists, for each role, the keys of the fields that it is asked, in the order of asking.
	Order map[Role][]string
	// Conflicts are answers that contradict each other.
	Conflicts []Conflict

	byKey map[string]*Field
}

// Section is a heading of the authority's form.
type Section struct{ Key, Label string }

// Kind says how a field's answer is read and stored.
type Kind string

// The kinds of fields and the members of Value that each uses.
const (
	KindText    Kind = "text"    // Text
	KindChoice  Kind = "choice"  // Choice, Comment
	KindChoices Kind = "choices" // Choices, Other
	KindDate    Kind = "date"    // Date, Time, Comment
	KindCount   Kind = "count"   // Exact or Interval
	KindAddress Kind = "address" // Parts
	KindGroup   Kind = "group"   // Entries
)

// Role is a person's part in an incident.
type Role string

// RoleSettings marks fields that the settings answer for the whole unit.
const (
	RoleReporter Role = "reporter"
	RoleDSO      Role = "dso"
	RoleSettings Role = "settings"
)

// Field is one question of a form.
type Field struct {
	// Key is the authority's number ("16", "5-8"), or a name for a field of our own ("kind").
	Key string
	// Code is the letter under which a field of our own is shown and answered ("A"); empty if it has a number.
	Code string
	// Own is set for what we ask for our own sake: it is no part of the notification.
	Own     bool
	Section string
	Kind    Kind
	// Purpose is set on the questions that the program itself makes use of.
	Purpose Purpose
	// Asked is who answers: the reporter, the DSO, or the settings (and the DSO where they are blank).
	Asked Role
	// Mandatory stops an approval while the answer is blank.
	Mandatory bool
	// Open lets a list take other text than its options, after it has been read back.
	Open bool
	// PlainChoice: the answer is a bare option, without room for a comment.
	PlainChoice bool
	// Direction of a date: "past" or "future".
	Direction string
	// After names a date field that this date may not precede.
	After   string
	When    *Condition
	Options []Option
	// Members of an address or of a repeated group, in the document's order.
	Members []Member
	// Label and Help are the authority's own words, in its language, kept exactly.
	Label, Help string
	// Parts are the authority's labels for the parts of one answer: "date", "time", "comment", "exact", "interval".
	Parts map[string]string
	// Ask is what a person is asked, by language.
	Ask map[Lang]Question

	list *optionList // nil in a field that ParseForm has not made
}

// Question is the plain wording of a field in one language.
type Question struct {
	// Text asks; Help explains; Example shows an answer; Again explains in another way after two misses.
	Text, Help, Example, Again string
	// Short names the field in a list ("Vad som hänt").
	Short string
}

// Option is one item of a list.
type Option struct {
	// Key names the option to the program, in fields of our own ("lost"); empty elsewhere.
	Key string
	// Label is the authority's exact text, and what is stored.
	Label string
	// EN is the label in English, shown to a person who writes English.
	EN string
	// Aliases are other wordings that mean this option.
	Aliases []string
	// Comment is set where the option asks for a comment ("Övrigt").
	Comment bool
	// Unknown is set on the list's own "don't know".
	Unknown bool
	// Unverified marks a label that has not been checked against the authority's service.
	Unverified bool
}

// optionList is what options are found by in what people write.
type optionList struct {
	*reading.List
	labels map[string]bool // in either language, bare
}

func newOptionList(options []Option) *optionList {
	l := &optionList{labels: make(map[string]bool, 2*len(options))}
	list := make([]reading.Option, len(options))
	for i, o := range options {
		list[i] = reading.Option{Label: o.Label, Aliases: append([]string{o.EN}, o.Aliases...), Other: o.Comment}
		l.labels[bare(o.Label)], l.labels[bare(o.EN)] = true, true
	}
	l.List = reading.NewList(list)
	return l
}

// Member is one part of an address or of a group's entry.
type Member struct {
	// Key is the part's name in the notification ("postcode"); Number the authority's number, if it has one of its own.
	Key, Number string
	// Label is the authority's; EN the same in English; Names are the labels that a person may type before the value.
	Label, EN string
	Names     []string
	Mandatory bool
	// Kind is "" (one line of text), "text" (several lines), "date" or "time".
	Kind string
	// Example shows a value.
	Example string
}

// Condition says when a field applies: when Field's answer is one of In, or when the computed Fact holds.
type Condition struct {
	Field string
	In    []string
	Fact  string
}

// Conflict is a contradiction that the DSO is asked about: every field named in If has one of the answers listed.
type Conflict struct {
	If   map[string][]string
	Text map[Lang]string
}

// For returns the field that serves the purpose, nil if the form has none.
func (f *Form) For(p Purpose) *Field {
	for _, fd := range f.Fields {
		if fd.Purpose == p {
			return fd
		}
	}
	return nil
}

// key is the key of the field that serves the purpose, "" if the form has none.
func (f *Form) key(p Purpose) string {
	if fd := f.For(p); fd != nil {
		return fd.Key
	}
	return ""
}

// Field returns the field with the key, nil if there is none.
func (f *Form) Field(key string) *Field { return f.byKey[key] }

// Lookup finds a field by what a person calls it: its key, its number, its code, or a number within "5-8".
func (f *Form) Lookup(name string) *Field {
	name = strings.TrimSpace(strings.ToLower(strings.ReplaceAll(name, "–", "-")))
	for _, fd := range f.Fields {
		if strings.EqualFold(fd.Key, name) || fd.Code != "" && strings.EqualFold(fd.Code, name) {
			return fd
		}
		for _, m := range fd.Members {
			if m.Number != "" && m.Number == name {
				return fd
			}
		}
	}
	return nil
}

// Name is what a field is called towards a person: its number or its code.
func (fd *Field) Name() string {
	if fd.Code != "" {
		return fd.Code
	}
	return fd.Key
}

// Option returns the option with the label, nil if there is none.
func (fd *Field) Option(label string) *Option {
	for i := range fd.Options {
		if fd.Options[i].Label == label {
			return &fd.Options[i]
		}
	}
	return nil
}

// Labels lists the options as the authority words them.
func (fd *Field) Labels() []string {
	out := make([]string, len(fd.Options))
	for i, o := range fd.Options {
		out[i] = o.Label
	}
	return out
}

// UnknownOption returns the list's own "don't know", nil if it has none.
func (fd *Field) UnknownOption() *Option {
	for i := range fd.Options {
		if fd.Options[i].Unknown {
			return &fd.Options[i]
		}
	}
	return nil
}

// Asks reports whether the form asks the role for the field.
func (f *Form) Asks(role Role, key string) bool { return slices.Contains(f.Order[role], key) }
