package reading

import "strings"

// ChoiceValue is one option of a list, or text beside an open one.
type ChoiceValue struct {
	Index   int    // from 0; -1 for text that is no option
	Label   string // the option's, or the text
	Comment string // what was written after the option, verbatim
}

// Choice reads one option: by its label, its number from 1, an alias, or a clear part of its label, alone or with a
// comment after a colon or on the following lines. If the list is open, other text is taken as it stands.
func Choice(text string, options []Option, open bool) (ChoiceValue, Problem) {
	return NewList(options).Choice(text, open)
}

// Choice is the function Choice for a list that is used again.
func (m *List) Choice(text string, open bool) (ChoiceValue, Problem) {
	text = strings.TrimSpace(normalEnds(text))
	switch {
	case text == "":
		return ChoiceValue{Index: -1}, Problem{Key: Empty}
	case len(text) > maxAnswer:
		return ChoiceValue{Index: -1}, Problem{Key: TooLong}
	}
	if i, rest, ok := m.labelAtStart(text); ok {
		return ChoiceValue{i, m.options[i].Label, comment(rest)}, Problem{}
	}
	problem := Problem{Key: ChoiceUnknown, Detail: firstLine(text)}
	if n, is := m.numbered(bare(text)); is && n < 0 {
		if problem.Key = ChoiceNumber; !open {
			return ChoiceValue{Index: -1}, problem
		}
	}
	// A message is a looser match only as a whole, or to its first colon or line end.
	for _, cut := range []int{len(text), strings.IndexAny(text, ":\n")} {
		if cut < 0 {
			continue
		}
		switch hits := m.find(text[:cut], false); len(hits) {
		case 0:
		case 1:
			return ChoiceValue{hits[0], m.options[hits[0]].Label, comment(text[cut:])}, Problem{}
		default:
			return ChoiceValue{Index: -1}, Problem{Key: ChoiceAmbiguous, Detail: m.names(hits)}
		}
	}
	if open && problem.Key == ChoiceUnknown {
		return ChoiceValue{Index: -1, Label: text}, Problem{}
	}
	return ChoiceValue{Index: -1}, problem
}

// comment is rest without the colon or line end that parts it from the option.
func comment(rest string) string {
	rest = strings.TrimLeft(rest, " \t")
	for _, mark := range []string{":", ";"} {
		if after, found := strings.CutPrefix(rest, mark); found {
			return strings.TrimSpace(after)
		}
	}
	return strings.TrimSpace(rest)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
