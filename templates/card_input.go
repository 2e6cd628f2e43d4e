package templates

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"frist/conversation"
)

// inputs are what a question's card has to fill in, with the answer that there is.
func (p phraser) inputs(q *questionView) []element {
	v := conversation.Value{}
	if q.value != nil && !q.value.Blank {
		v = *q.value
	}
	switch q.Kind {
	case conversation.KindChoice:
		return p.choiceInputs(q, v)
	case conversation.KindChoices:
		return p.choicesInputs(q, v)
	case conversation.KindDate:
		return []element{
			p.required(element{Type: "Input.Date", ID: "date", input: &input{Label: p.say("word_date"), Value: filled(v.Date)}}, "word_need_date"),
			{Type: "Input.Time", ID: "time", input: &input{Label: p.say("word_time"), Value: filled(v.Time)}},
			{Type: "Input.Text", ID: "comment", input: &input{Label: p.say("word_comment"), Value: filled(v.Comment), IsMultiline: true}},
		}
	case conversation.KindCount:
		zero := int64(0)
		exact := element{Type: "Input.Number", ID: "exact", input: &input{Label: p.say("word_exact"), Min: &zero, ErrorMessage: p.say("word_need_count")}}
		if v.Exact != nil {
			exact.Value = *v.Exact
		}
		interval := p.choiceSet(q, "interval", p.say("word_or_interval"))
		interval.Value = filled(v.Interval)
		return []element{exact, interval}
	case conversation.KindAddress:
		return p.memberInputs(q, v.Parts)
	case conversation.KindGroup:
		return p.memberInputs(q, nil)
	}
	in := element{Type: "Input.Text", ID: "answer", input: &input{Label: p.say("word_answer"), Value: filled(v.Text), IsMultiline: true}}
	if len(q.Example) <= placeholderMax {
		in.Placeholder = q.Example
	}
	if q.field.Key == conversation.FieldPhone {
		in.IsMultiline, in.Style = false, "Tel"
	}
	return []element{p.required(in, "word_need_answer")}
}

// placeholderMax is how long an example may be, in bytes, to stand in its input.
const placeholderMax = 120

// required has the client ask for an input before anything is sent: only where what is sent without it would certainly be refused.
func (p phraser) required(e element, fault string) element {
	e.IsRequired, e.ErrorMessage = true, p.say(fault)
	return e
}

// filled leaves the value of an empty input out.
func filled(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (p phraser) choiceSet(q *questionView, id, label string) element {
	e := element{Type: "Input.ChoiceSet", ID: id, Style: "compact", Wrap: true, input: &input{Label: label, Placeholder: p.say("word_pick")}}
	for _, o := range q.Options {
		e.Choices = append(e.Choices, cardChoice{o.Label, o.Value})
	}
	return e
}

// choiceInputs: up to six options are all in sight; the value is the authority's label.
func (p phraser) choiceInputs(q *questionView, v conversation.Value) []element {
	set := p.choiceSet(q, "answer", p.say("word_answer"))
	if len(set.Choices) == 0 {
		return []element{{Type: "Input.Text", ID: "answer", input: &input{Label: p.say("word_answer"), Value: filled(v.Choice)}}}
	}
	switch n := len(set.Choices); {
	case n <= 6:
		set.Style, set.Placeholder = "expanded", ""
	case n > 10:
		set.Style = "filtered" // finds by typing
	}
	comment := v.Comment != ""
	for _, o := range q.Options {
		comment = comment || o.WithComment
		if o.Value == v.Choice {
			set.Value = v.Choice
		}
	}
	out := []element{set}
	if q.field.Open {
		other := element{Type: "Input.Text", ID: "other", input: &input{Label: p.say("word_other")}}
		if set.Value == nil {
			other.Value = filled(v.Choice)
		}
		out = append(out, other)
	} else {
		out[0] = p.required(set, "word_need_choice")
	}
	if comment {
		out = append(out, element{Type: "Input.Text", ID: "comment", input: &input{Label: p.say("word_comment"), Value: filled(v.Comment), IsMultiline: true}})
	}
	return out
}

// choicesInputs: the values are the options' numbers, since Teams joins them with commas and the labels hold commas.
func (p phraser) choicesInputs(q *questionView, v conversation.Value) []element {
	set := element{Type: "Input.ChoiceSet", ID: "answer", Style: "expanded", Wrap: true, input: &input{Label: p.say("word_answer"), IsMultiSelect: true}}
	var chosen []string
	other := v.Other != "" || q.field.Open
	for _, o := range q.Options {
		n := strconv.Itoa(o.N)
		set.Choices = append(set.Choices, cardChoice{o.Label, n})
		for _, c := range v.Choices {
			if c == o.Value {
				chosen = append(chosen, n)
			}
		}
		other = other || o.WithComment
	}
	set.Value = filled(strings.Join(chosen, ","))
	out := []element{set}
	if other {
		out = append(out, element{Type: "Input.Text", ID: "other", input: &input{Label: p.say("word_other"), Value: filled(v.Other), IsMultiline: true}})
	}
	return out
}

// memberLabel names a part of an address or an entry, in the person's language where the form has it.
func (p phraser) memberLabel(m conversation.Member) string {
	if p.lang == conversation.English && m.EN != "" {
		return m.EN
	}
	return m.Label
}

func (p phraser) memberInputs(q *questionView, values map[string]string) []element {
	var out []element
	for _, m := range q.field.Members {
		e := element{Type: "Input.Text", ID: "m." + m.Key, input: &input{Label: p.memberLabel(m), Placeholder: m.Example, Value: filled(values[m.Key])}}
		switch m.Kind {
		case "text":
			e.IsMultiline = true
		case "date":
			e.Type, e.Placeholder = "Input.Date", ""
		case "time":
			e.Type, e.Placeholder = "Input.Time", ""
		}
		out = append(out, e)
	}
	return out
}

// heading is a question's text as a heading for screen readers.
func heading(q *questionView) element {
	return element{Type: "TextBlock", Text: escapeMarkdown(q.Text), Size: "Large", Weight: "Bolder", Wrap: true, Style: "heading"}
}

// plainElement shows text as it stands: a TextRun knows no markdown, unlike a TextBlock.
func plainElement(text, spacing string) element {
	return element{Type: "RichTextBlock", Text: breakable(neutral(oneTrim(text))), Spacing: spacing}
}

// plainElements gives each line an element of its own, since a TextRun folds line breaks.
func plainElements(text string) []element {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	out := make([]element, 0, strings.Count(text, "\n")+1)
	gap := true
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			gap = true
			continue
		}
		spacing := "None"
		if gap {
			spacing = ""
		}
		out = append(out, plainElement(line, spacing))
		gap = false
	}
	return out
}

func subtle(text string) element {
	e := plainElement(text, "")
	e.IsSubtle = true
	return e
}

func bold(text, spacing string) element {
	e := plainElement(text, spacing)
	e.Weight = "Bolder"
	return e
}

// wordMax is how long a word may be, in letters, before it may be broken after every half as many: the web renderer cuts off what it cannot
// break. Addresses of usual length stay whole, so that they can be copied.
const wordMax = 40

func breakable(s string) string {
	if longestWord(s) <= wordMax {
		return s
	}
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if utf8.RuneCountInString(word) <= wordMax {
			b.WriteString(word)
			continue
		}
		for n, r := range []rune(word) {
			if n > 0 && n%(wordMax/2) == 0 {
				b.WriteRune('\u200b')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func longestWord(s string) (longest int) {
	n := 0
	for _, r := range s {
		if n++; r == ' ' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

func oneTrim(s string) string { return strings.TrimRight(s, " \t\r\n") }

var activeSyntax = strings.NewReplacer("{{", "{\u200b{", "${", "$\u200b{")

// neutral keeps a person's text from being read as a date function of the card or as card templating.
func neutral(s string) string {
	if strings.IndexByte(s, '{') < 0 {
		return s
	}
	return activeSyntax.Replace(s)
}

var entity = regexp.MustCompile(`^&(#|[A-Za-z])[0-9A-Za-z]*;`)

// escapeMarkdown makes text stand as it is in a TextBlock (CommonMark 2.4: a backslash before ASCII punctuation): no more of it than needed, for
// not every client takes the backslash away.
func escapeMarkdown(s string) string {
	text := neutral(s)
	if !strings.ContainsAny(text, "\\`*_[]~|<>#+-&\r\n") {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune("\\`*_[]~|<>", r), i == 0 && strings.ContainsRune("#+-", r), r == '&' && entity.MatchString(text[i:]):
			b.WriteByte('\\')
		case r == '\n' || r == '\r':
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// limit cuts text after n characters.
func limit(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n])) + " …"
}
