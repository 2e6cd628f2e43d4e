package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"frist/conversation"
)

// Say puts a line into words. It fails on a key or an argument that is missing: tests use it.
//
// Instants are RFC 3339, lengths of time whole minutes, {date} 2006-01-02 and {time} 15:04 or empty; lists
// (fields, steps, numbers) are parted by comma, semicolon or line break.
func (c *Catalogue) Say(lang conversation.Lang, form *conversation.Form, line conversation.Line) (string, error) {
	s, missing, ok := c.phraser(lang, form).words(line.Key, arguments{byName: line.Args})
	switch {
	case !ok:
		return "", fmt.Errorf("phrase: no text %q in %s", line.Key, lang)
	case missing != "":
		return "", fmt.Errorf("phrase %s: no argument %q", line.Key, missing)
	}
	return s, nil
}

// Phrase puts a line into words for a person. What is missing is left out rather than shown as a fault; an unknown key gives "".
func (c *Catalogue) Phrase(lang conversation.Lang, form *conversation.Form, line conversation.Line) string {
	return c.phraser(lang, form).line(line)
}

// phraser is the texts in one language, about one form (nil if there is none).
type phraser struct {
	c    *Catalogue
	lang conversation.Lang
	form *conversation.Form
}

// phraser speaks Swedish where a language is unknown.
func (c *Catalogue) phraser(lang conversation.Lang, form *conversation.Form) phraser {
	if c.texts[lang] == nil {
		lang = conversation.Swedish
	}
	return phraser{c, lang, form}
}

// line puts a line into words.
func (p phraser) line(l conversation.Line) string {
	s, _, _ := p.words(l.Key, arguments{byName: l.Args})
	return s
}

// say gives one of our own words; args are name and value by turns.
func (p phraser) say(key string, args ...string) string {
	s, _, _ := p.words(key, arguments{byTurns: args})
	return s
}

// conflict is the form's own words for one of its contradictions, by its place.
func (p phraser) conflict(place string) string {
	i, err := strconv.Atoi(place)
	if err != nil || p.form == nil || i < 0 || i >= len(p.form.Conflicts) {
		return ""
	}
	return p.form.Conflicts[i].Text[p.lang]
}

// field names a question: "fråga 11 (När det upptäcktes)".
func (p phraser) field(key string) string {
	fd := p.lookup(key)
	if fd == nil {
		return p.say("word_question_number", "number", key)
	}
	if short := p.ask(fd).Short; short != "" {
		return p.say("word_question_named", "number", fd.Name(), "short", short)
	}
	return p.say("word_question_number", "number", fd.Name())
}

const namedFields = 3 // more are listed by number alone

func (p phraser) fields(keys string) string {
	named := split(keys)
	if len(named) > namedFields {
		for i, k := range named {
			named[i] = p.number(k)
		}
		return p.say("word_questions_number", "numbers", p.join(named))
	}
	for i, k := range named {
		named[i] = p.field(k)
	}
	return p.join(named)
}

// number is what a person calls the field when answering it.
func (p phraser) number(key string) string {
	if fd := p.lookup(key); fd != nil {
		return fd.Name()
	}
	return key
}

// option is the label of one of a field's options, by the option's key or label.
func (p phraser) option(field, key string) string {
	if fd := p.lookup(field); fd != nil && key != "" {
		for _, o := range fd.Options {
			if o.Key == key || o.Label == key {
				return p.label(o)
			}
		}
	}
	return key
}

func (p phraser) label(o conversation.Option) string {
	if p.lang == conversation.English && o.EN != "" {
		return o.EN
	}
	return o.Label
}

// authority is the short name, if the form's has one in parentheses.
func (p phraser) authority() string {
	if p.form == nil || p.form.Authority == "" {
		return p.say("word_authority")
	}
	name := p.form.Authority
	if i := strings.LastIndexByte(name, '('); i >= 0 && strings.HasSuffix(name, ")") {
		return name[i+1 : len(name)-1]
	}
	return name
}

// command is what a person writes for a command that takes a reason.
func (p phraser) command(name string) string {
	if s := p.say("command_" + name); s != "" {
		return s
	}
	return strings.ToUpper(name)
}

func (p phraser) list(s string) string { return p.join(split(s)) }

func (p phraser) join(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + p.say("word_and") + " " + items[len(items)-1]
}

// plural chooses by a number; %s in the text stands for it.
func (p phraser) plural(n, one, many string) string {
	if n == "1" {
		return strings.ReplaceAll(one, "%s", n)
	}
	return strings.ReplaceAll(many, "%s", n)
}

// pluralList chooses by how long a list is; %s in the text stands for the list.
func (p phraser) pluralList(s, one, many string) string {
	items := split(s)
	if len(items) == 1 {
		return strings.ReplaceAll(one, "%s", items[0])
	}
	return strings.ReplaceAll(many, "%s", p.join(items))
}

func (p phraser) lookup(key string) *conversation.Field {
	if p.form == nil {
		return nil
	}
	if fd := p.form.Field(key); fd != nil {
		return fd
	}
	return p.form.Lookup(key)
}

// ask is the plain wording of a field; Swedish stands in where a language is missing.
func (p phraser) ask(fd *conversation.Field) conversation.Question {
	if q, ok := fd.Ask[p.lang]; ok {
		return q
	}
	return fd.Ask[conversation.Swedish]
}

func split(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

const clipAt = 120 // characters of a person's own words that are repeated to them within a sentence

// clip makes a person's words fit into a sentence: one line, and not too long.
func clip(s string) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= clipAt {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:clipAt])) + "…"
}

// oneLine folds white space and drops what controls or reorders text (bidirectional marks too).
func oneLine(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), r == '\u2028', r == '\u2029':
			space = b.Len() > 0
		case unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
