package conversation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// The form file's shape. Every name in it is documented in templates/forms/README.md.
type (
	formFile struct {
		Form      string              `yaml:"form"`
		Authority string              `yaml:"authority"`
		Title     string              `yaml:"title"`
		FileAt    string              `yaml:"file_at"`
		Limit     string              `yaml:"limit"`
		Sections  []sectionFile       `yaml:"sections"`
		Order     map[string][]string `yaml:"order"`
		Conflicts []conflictFile      `yaml:"conflicts"`
		Fields    []fieldFile         `yaml:"fields"`
	}
	conflictFile struct {
		If   map[string][]string `yaml:"if"`
		Text map[string]string   `yaml:"text"`
	}
	sectionFile struct {
		Key   string `yaml:"key"`
		Label string `yaml:"label"`
	}
	fieldFile struct {
		Key         string                  `yaml:"key"`
		Code        string                  `yaml:"code"`
		Own         bool                    `yaml:"own"`
		Section     string                  `yaml:"section"`
		Kind        string                  `yaml:"kind"`
		Purpose     string                  `yaml:"purpose"`
		Asked       string                  `yaml:"asked"`
		Mandatory   bool                    `yaml:"mandatory"`
		Open        bool                    `yaml:"open"`
		PlainChoice bool                    `yaml:"plain_choice"`
		Direction   string                  `yaml:"direction"`
		After       string                  `yaml:"after"`
		When        *conditionFile          `yaml:"when"`
		Options     []optionFile            `yaml:"options"`
		Members     []memberFile            `yaml:"members"`
		Label       string                  `yaml:"label"`
		Help        string                  `yaml:"help"`
		Parts       map[string]string       `yaml:"parts"`
		Ask         map[string]questionFile `yaml:"ask"`
	}
	questionFile struct {
		Text    string `yaml:"text"`
		Short   string `yaml:"short"`
		Help    string `yaml:"help"`
		Example string `yaml:"example"`
		Again   string `yaml:"again"`
	}
	optionFile struct {
		Key        string   `yaml:"key"`
		Label      string   `yaml:"label"`
		EN         string   `yaml:"en"`
		Aliases    []string `yaml:"aliases"`
		Comment    bool     `yaml:"comment"`
		Unknown    bool     `yaml:"unknown"`
		Unverified bool     `yaml:"unverified"`
	}
	memberFile struct {
		Key       string   `yaml:"key"`
		Number    string   `yaml:"number"`
		Label     string   `yaml:"label"`
		EN        string   `yaml:"en"`
		Names     []string `yaml:"names"`
		Mandatory bool     `yaml:"mandatory"`
		Kind      string   `yaml:"kind"`
		Example   string   `yaml:"example"`
	}
	conditionFile struct {
		Field string   `yaml:"field"`
		In    []string `yaml:"in"`
		Fact  string   `yaml:"fact"`
	}
)

// Facts are the computed conditions that a form may name.
var facts = []string{"late"}

// ParseForm reads a form file. An error names the file, the line and what to write instead; all faults
// are reported together.
func ParseForm(name string, data []byte) (*Form, error) {
	if err := noText(name, data); err != nil {
		return nil, err
	}
	var ff formFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&ff); err != nil {
		return nil, formFault(name, data, err)
	}
	c := &formChecker{name: name, data: data}
	f := c.form(&ff)
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	f.Version = FormVersion(data)
	return f, nil
}

// FormVersion is what a form file's version is called: the first 12 hex digits of its SHA-256.
func FormVersion(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:12]
}

func (c *formChecker) form(ff *formFile) *Form {
	f := &Form{ID: ff.Form, Authority: ff.Authority, Title: ff.Title, FileAt: ff.FileAt, byKey: map[string]*Field{}, Order: map[Role][]string{}}
	limit, err := time.ParseDuration(ff.Limit)
	if err != nil || limit <= 0 {
		c.fault("$.limit", "limit %q is not a time; write hours, such as 72h", ff.Limit)
	}
	f.Limit = limit
	if ff.Form == "" {
		c.fault("$.form", "the form has no name; write form: imy")
	}
	sections := map[string]bool{}
	for i, s := range ff.Sections {
		path := fmt.Sprintf("$.sections[%d]", i)
		if sections[s.Key] {
			c.fault(path, "section %q stands twice; give each its own key", s.Key)
		}
		if s.Key == "" || s.Label == "" {
			c.fault(path, "a section needs both key and label")
		}
		sections[s.Key] = true
		f.Sections = append(f.Sections, Section(s))
	}
	for i := range ff.Fields {
		fd := c.field(&ff.Fields[i], i, sections)
		if f.byKey[fd.Key] != nil {
			c.fault(fmt.Sprintf("$.fields[%d].key", i), "field %q stands twice; remove one of them", fd.Key)
		}
		f.Fields = append(f.Fields, fd)
		f.byKey[fd.Key] = fd
	}
	for i, fd := range f.Fields {
		c.references(f, fd, fmt.Sprintf("$.fields[%d]", i))
	}
	c.order(f, ff)
	c.purposes(f)
	c.conflicts(f, ff)
	return f
}

func (c *formChecker) field(in *fieldFile, i int, sections map[string]bool) *Field {
	path := fmt.Sprintf("$.fields[%d]", i)
	fd := &Field{Key: in.Key, Code: in.Code, Own: in.Own, Section: in.Section, Kind: Kind(in.Kind), Purpose: Purpose(in.Purpose), Asked: Role(in.Asked),
		Mandatory: in.Mandatory, Open: in.Open, PlainChoice: in.PlainChoice, Direction: in.Direction, After: in.After,
		Label: in.Label, Help: in.Help, Parts: in.Parts, Ask: map[Lang]Question{}}
	if in.Key == "" {
		c.fault(path, "a field has no key; give it the authority's number or a name")
	}
	if in.Own != (in.Code != "") {
		c.fault(path, "field %q: code and own belong together; a field of our own has a letter, one of the authority's has its number", in.Key)
	}
	if !in.Own && !sections[in.Section] {
		c.fault(path, "field %q: no section %q; use one of the sections above", in.Key, in.Section)
	}
	kinds := []Kind{KindText, KindChoice, KindChoices, KindDate, KindCount, KindAddress, KindGroup}
	if !slices.Contains(kinds, fd.Kind) {
		c.fault(path+".kind", "field %q: unknown kind %q; use one of %v", in.Key, in.Kind, kinds)
	}
	if !slices.Contains([]Role{RoleReporter, RoleDSO, RoleSettings}, fd.Asked) {
		c.fault(path+".asked", "field %q: asked is %q; use reporter, dso or settings", in.Key, in.Asked)
	}
	if in.Label == "" && !in.Own {
		c.fault(path, "field %q: the authority's label is missing", in.Key)
	}
	if !slices.Contains([]string{"", "past", "future"}, in.Direction) {
		c.fault(path+".direction", "field %q: direction is %q; use past or future", in.Key, in.Direction)
	}
	if in.When != nil {
		fd.When = &Condition{Field: in.When.Field, In: in.When.In, Fact: in.When.Fact}
	}
	c.options(fd, in, path)
	c.members(fd, in, path)
	for lang, q := range in.Ask {
		fd.Ask[Lang(lang)] = Question(struct{ Text, Help, Example, Again, Short string }{q.Text, q.Help, q.Example, q.Again, q.Short})
	}
	for _, lang := range Langs {
		q := fd.Ask[lang]
		if q.Text == "" || q.Help == "" || q.Example == "" || q.Again == "" || q.Short == "" {
			c.fault(path, "field %q: ask.%s needs text, short, help, example and again", in.Key, lang)
		}
	}
	return fd
}

func (c *formChecker) options(fd *Field, in *fieldFile, path string) {
	needs := fd.Kind == KindChoice || fd.Kind == KindChoices || fd.Kind == KindCount
	if needs != (len(in.Options) > 0) && fd.Key != FieldUnit {
		c.fault(path, "field %q: options belong to choice, choices and count, and those need them", fd.Key)
	}
	seen := map[string]bool{}
	for j, o := range in.Options {
		if o.Label == "" || o.EN == "" {
			c.fault(fmt.Sprintf("%s.options[%d]", path, j), "field %q: an option needs label and en", fd.Key)
		}
		if seen[o.Label] {
			c.fault(fmt.Sprintf("%s.options[%d]", path, j), "field %q: option %q stands twice", fd.Key, o.Label)
		}
		seen[o.Label] = true
		fd.Options = append(fd.Options, Option(o))
	}
	fd.list = newOptionList(fd.Options)
}

func (c *formChecker) members(fd *Field, in *fieldFile, path string) {
	needs := fd.Kind == KindAddress || fd.Kind == KindGroup
	if needs != (len(in.Members) > 0) {
		c.fault(path, "field %q: members belong to address and group, and those need them", fd.Key)
	}
	seen := map[string]bool{}
	for j, m := range in.Members {
		if m.Key == "" || m.Label == "" || len(m.Names) == 0 || seen[m.Key] {
			c.fault(fmt.Sprintf("%s.members[%d]", path, j), "field %q: a member needs a key of its own, a label and names", fd.Key)
		}
		if !slices.Contains([]string{"", "text", "date", "time"}, m.Kind) {
			c.fault(fmt.Sprintf("%s.members[%d]", path, j), "field %q: member kind %q is unknown; use text, date or time", fd.Key, m.Kind)
		}
		seen[m.Key] = true
		fd.Members = append(fd.Members, Member(m))
	}
}

// references checks what a field says of other fields.
func (c *formChecker) references(f *Form, fd *Field, path string) {
	if fd.After != "" {
		if a := f.byKey[fd.After]; a == nil || a.Kind != KindDate {
			c.fault(path+".after", "field %q: after names %q, which is no date field", fd.Key, fd.After)
		}
	}
	w := fd.When
	if w == nil {
		return
	}
	switch {
	case w.Fact != "" && w.Field != "":
		c.fault(path+".when", "field %q: a condition has either fact or field", fd.Key)
	case w.Fact != "":
		if !slices.Contains(facts, w.Fact) {
			c.fault(path+".when", "field %q: unknown fact %q; use one of %v", fd.Key, w.Fact, facts)
		}
	default:
		other := f.byKey[w.Field]
		if other == nil || other.Kind != KindChoice || other == fd {
			c.fault(path+".when", "field %q: the condition names %q, which is no single choice of this form", fd.Key, w.Field)
			return
		}
		if len(w.In) == 0 {
			c.fault(path+".when", "field %q: the condition lists no option", fd.Key)
		}
		for _, label := range w.In {
			if other.Option(label) == nil {
				c.fault(path+".when", "field %q: %q is no option of %q", fd.Key, label, w.Field)
			}
		}
	}
}

// order checks that each list names fields that exist, once, and that no question is forgotten.
func (c *formChecker) order(f *Form, ff *formFile) {
	for role, keys := range ff.Order {
		if Role(role) != RoleReporter && Role(role) != RoleDSO {
			c.fault("$.order", "order.%s: only reporter and dso are asked in an order", role)
		}
		seen := map[string]bool{}
		for _, k := range keys {
			if f.byKey[k] == nil || seen[k] {
				c.fault("$.order."+role, "order.%s: %q is unknown or stands twice", role, k)
			}
			seen[k] = true
		}
		f.Order[Role(role)] = keys
	}
	for _, fd := range f.Fields {
		role := fd.Asked
		if role == RoleSettings {
			role = RoleDSO
		}
		if !slices.Contains(f.Order[role], fd.Key) {
			c.fault("$.order", "field %q is asked of the %s but missing in order.%s", fd.Key, role, role)
		}
	}
}

// purposes checks that no two fields serve the same purpose, and that each is of the kind that it takes.
func (c *formChecker) purposes(f *Form) {
	seen := map[Purpose]bool{}
	for i, fd := range f.Fields {
		if fd.Purpose == "" {
			continue
		}
		path := fmt.Sprintf("$.fields[%d].purpose", i)
		kind, known := purposes[fd.Purpose]
		switch {
		case !known:
			c.fault(path, "field %q: unknown purpose %q; use one of %v", fd.Key, fd.Purpose, slices.Sorted(maps.Keys(purposes)))
		case kind != fd.Kind:
			c.fault(path, "field %q: the purpose %s is for a %s", fd.Key, fd.Purpose, kind)
		case seen[fd.Purpose]:
			c.fault(path, "field %q: another field serves the purpose %s already", fd.Key, fd.Purpose)
		}
		seen[fd.Purpose] = true
	}
}

// conflicts checks that each contradiction names options that there are, and has its words in every language.
func (c *formChecker) conflicts(f *Form, ff *formFile) {
	for i, in := range ff.Conflicts {
		path := fmt.Sprintf("$.conflicts[%d]", i)
		out := Conflict{If: in.If, Text: map[Lang]string{}}
		if len(in.If) < 2 {
			c.fault(path, "a conflict is between at least two fields; name them under if")
		}
		for key, labels := range in.If {
			fd := f.byKey[key]
			for _, label := range labels {
				if fd == nil || fd.Option(label) == nil {
					c.fault(path, "%q is no option of field %q", label, key)
				}
			}
		}
		for _, lang := range Langs {
			if out.Text[lang] = in.Text[string(lang)]; out.Text[lang] == "" {
				c.fault(path, "text.%s is missing", lang)
			}
		}
		f.Conflicts = append(f.Conflicts, out)
	}
}
