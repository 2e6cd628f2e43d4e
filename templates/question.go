package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"frist/conversation"
)

// questionView is a question as it is put to a person, in their language.
type questionView struct {
	Number, Text string
	// Explain is the help, or the other explanation after two misses; More the help that then stands below it.
	Explain, More string
	Example       string
	Pattern       bool // the example is label: value lines to copy
	Options       []optionView
	HowTo         []string // how to answer
	Now, Proposed string
	ProposedHow   string // how to accept what is proposed
	Kind          conversation.Kind
	field         *conversation.Field
	value         *conversation.Value // Current or Proposed, to fill in
}

type optionView struct {
	N           int
	Label       string // in the person's language
	Value       string // the authority's, which is what is answered
	WithComment bool
}

// question lays a prompt out. It fails on a field that the form does not have.
func (p phraser) question(pr conversation.Prompt) (*questionView, error) {
	if p.form == nil {
		return nil, fmt.Errorf("question %q: no form", pr.Field)
	}
	fd := p.form.Field(pr.Field)
	if fd == nil {
		return nil, fmt.Errorf("question %q: form %s has no such field", pr.Field, p.form.ID)
	}
	ask := p.ask(fd)
	q := &questionView{Number: fd.Name(), Text: p.prose(ask.Text), Explain: p.prose(ask.Help), Example: ask.Example, Kind: fd.Kind, field: fd,
		Pattern: fd.Kind == conversation.KindAddress || fd.Kind == conversation.KindGroup || strings.Contains(ask.Example, "\n")}
	if pr.Again && ask.Again != "" {
		q.Explain, q.More = p.prose(ask.Again), q.Explain
	}
	options := fd.Options
	if len(pr.Options) > 0 {
		options = pr.Options
	}
	for i, o := range options {
		q.Options = append(q.Options, optionView{i + 1, p.label(o), o.Label, o.Comment && !fd.PlainChoice})
	}
	q.HowTo = p.howTo(fd, q.Options)
	if pr.Current != nil {
		q.Now, q.value = p.readBack(fd, *pr.Current, pr.Options), pr.Current
	}
	if pr.Proposed != nil {
		q.Proposed, q.ProposedHow = p.proposed(fd, *pr.Proposed, pr.Options), p.say("word_proposed_how")
		if q.value == nil {
			q.value = pr.Proposed
		}
	}
	return q, nil
}

// filled reports whether what is proposed stands in the input, to be changed or sent as it is.
func (q *questionView) filled() bool {
	return q.Kind == conversation.KindText && q.Proposed != "" && q.Now == ""
}

func (p phraser) howTo(fd *conversation.Field, options []optionView) []string {
	var out []string
	switch {
	case len(options) == 0 && fd.Kind == conversation.KindGroup && !strings.Contains(p.ask(fd).Help, "---"):
		return []string{p.say("word_many_rows")}
	case len(options) == 0:
		return nil
	case fd.Kind == conversation.KindCount:
		return []string{p.say("word_interval")}
	case fd.Kind == conversation.KindChoices:
		out = append(out, p.say("word_choose_many", "example", severalOf(len(options))))
	default:
		out = append(out, p.say("word_choose"))
	}
	if i := slices.IndexFunc(options, func(o optionView) bool { return o.WithComment }); i >= 0 {
		n := strconv.Itoa(options[i].N)
		if fd.Kind == conversation.KindChoices {
			n = options[i].Label
		}
		out = append(out, p.say("word_choose_comment", "option", options[i].Label, "example", n+": "+p.say("word_own_words")))
	}
	return out
}

// severalOf is an example of several numbers that exist in a list.
func severalOf(n int) string {
	switch {
	case n >= 8:
		return "2, 8"
	case n >= 3:
		return "1, 3"
	}
	return "1, 2"
}

var emphasis = regexp.MustCompile(`\*([^*\n]+)\*`)

// prose makes the form file's *words to write* into quoted ones.
func (p phraser) prose(s string) string {
	if !strings.Contains(s, "*") {
		return s
	}
	if p.lang == conversation.English {
		return emphasis.ReplaceAllString(s, "“$1”")
	}
	return emphasis.ReplaceAllString(s, "”$1”")
}

// inline lists short options on one line, "" where they would not fit.
func (q *questionView) inline() string {
	if len(q.Options) == 0 || len(q.Options) > 6 || q.Kind == conversation.KindCount {
		return ""
	}
	var parts []string
	n := 0
	for _, o := range q.Options {
		s := o.Label
		if o.Numbered() {
			s = strconv.Itoa(o.N) + " " + s
		}
		n += len(s)
		parts = append(parts, s)
	}
	if n > 140 {
		return ""
	}
	return strings.Join(parts, " · ")
}

// said is a line in words. Steps are numbered lines that belong together.
type said struct {
	Text string
	Step bool
}

func (p phraser) lines(lines []conversation.Line) []said {
	var out []said
	for _, l := range lines {
		if s := p.line(l); s != "" {
			out = append(out, said{s, strings.HasPrefix(l.Key, "step_") && stepLine.MatchString(s)})
		}
	}
	return out
}

var stepLine = regexp.MustCompile(`^\d+\. `)

// replyView is an answer that stands ready.
type replyView struct {
	Label string
	Write string // what a person would write instead
	Send  string // what the button or link sends
}

func (p phraser) replies(choices []conversation.Choice) []replyView {
	var out []replyView
	for _, ch := range choices {
		r := replyView{Label: p.say(ch.Key), Send: ch.Reply}
		if r.Write = p.say("reply_" + strings.TrimPrefix(ch.Key, "button_")); r.Write != "" {
			r.Send = strings.ToLower(r.Write) // in the person's own language
		} else {
			r.Write = strings.ToUpper(ch.Reply)
		}
		if r.Label == "" {
			r.Label = ch.Reply
		}
		out = append(out, r)
	}
	return out
}
