package reading

import (
	"slices"
	"strings"
)

// ChoicesValue is several options of a list.
type ChoicesValue struct {
	Indexes []int  // sorted, each once, from 0
	Other   string // what was written for the option that asks for other text, verbatim
}

// otherWords begin the option that asks for other text, folded.
var otherWords = []string{"ovrigt", "ovriga", "annat", "annan", "other"}

// Choices reads several options: one a line, or parted by semicolons, commas, "och" or "and", numbers also by spaces.
// Known labels are looked for before anything is split, since labels have commas of their own. Text after the option
// "Övrigt" and a colon, with the lines up to the next option, is Other. If the list is open, what is no option is Other too.
func Choices(text string, options []Option, open bool) (ChoicesValue, Problem) {
	return NewList(options).Choices(text, open)
}

// Choices is the function Choices for a list that is used again.
func (m *List) Choices(text string, open bool) (ChoicesValue, Problem) {
	text = strings.TrimSpace(normalEnds(strings.ToValidUTF8(text, "\ufffd")))
	switch {
	case text == "":
		return ChoicesValue{}, Problem{Key: Empty}
	case len(text) > maxAnswer:
		return ChoicesValue{}, Problem{Key: TooLong}
	}
	c := chooser{List: m, open: open}
	c.other = c.otherOption(m.options)
	for _, line := range strings.Split(text, "\n") {
		c.line(line)
	}
	if !c.problem.OK() {
		return ChoicesValue{}, c.problem
	}
	slices.Sort(c.found)
	c.value.Indexes = slices.Compact(c.found)
	c.value.Other = strings.TrimSpace(strings.Join(c.otherText, "\n"))
	return c.value, Problem{}
}

type chooser struct {
	*List
	open      bool
	strict    bool // only labels, numbers and aliases, no parts of labels
	other     int  // the option that takes text; -1 if none
	inOther   bool // the lines are text, up to a line that is an option
	found     []int
	otherText []string
	value     ChoicesValue
	problem   Problem
}

// otherOption is the option that takes other text: the one that says so, else the one called "Övrigt" or the like.
func (c *chooser) otherOption(options []Option) int {
	if i := slices.IndexFunc(options, func(o Option) bool { return o.Other }); i >= 0 {
		return i
	}
	return slices.IndexFunc(c.labels, func(l string) bool { return slices.Contains(otherWords, l) })
}

// line reads one line: one option, several, or the text of "Övrigt".
func (c *chooser) line(line string) {
	item, ticked := unbullet(line)
	if !ticked && (!c.inOther || c.exact(bare(item)) >= 0) {
		return
	}
	if bare(item) == "" {
		if c.inOther {
			c.otherText = append(c.otherText, "")
		}
		return
	}
	if c.startsOther(item) {
		return
	}
	c.strict = c.inOther
	hits, p := c.items(item, 0)
	switch {
	case p.OK():
		c.found = append(c.found, hits...)
		c.inOther = len(hits) == 1 && hits[0] == c.other
	case c.inOther:
		c.otherText = append(c.otherText, strings.TrimRight(line, " \t"))
	case c.open && p.Key == ChoiceUnknown:
		c.otherText = append(c.otherText, strings.TrimSpace(item))
		c.inOther = true
		if c.other >= 0 {
			c.found = append(c.found, c.other)
		}
	case c.problem.OK():
		c.problem = p
	}
}

// startsOther reads "Övrigt: text", by the option's label, number or alias, also after other options on the line.
func (c *chooser) startsOther(item string) bool {
	head, rest, found := strings.Cut(item, ":")
	if !found || c.other < 0 {
		return false
	}
	before := ""
	if !c.isOther(head) {
		i := strings.LastIndexAny(head, ",;")
		if i < 0 || c.inOther || !c.isOther(head[i+1:]) {
			return false
		}
		before = head[:i]
	}
	if before != "" {
		hits, p := c.items(before, 0)
		if !p.OK() {
			return false
		}
		c.found = append(c.found, hits...)
	}
	c.found, c.inOther = append(c.found, c.other), true
	c.otherText = append(c.otherText, strings.TrimSpace(rest))
	return true
}

func (c *chooser) isOther(head string) bool {
	s := bare(unquote(head))
	n, _ := c.numbered(s)
	return c.exact(s) == c.other || n == c.other || slices.Contains(c.byAlias(s), c.other) || slices.Contains(otherWords, s)
}

// maxItems bounds how many options one line may hold.
const maxItems = 200

// items reads a line of one or more options: first whole labels wherever they stand, then what is left between separators.
func (c *chooser) items(item string, depth int) ([]int, Problem) {
	item = strings.TrimSpace(item)
	if hits := c.find(item, c.strict); len(hits) == 1 {
		return hits, Problem{}
	} else if len(hits) > 1 && !strings.ContainsAny(item, ",;") {
		return nil, Problem{Key: ChoiceAmbiguous, Detail: c.names(hits)}
	}
	if numbers := c.numberList(item); numbers != nil {
		return numbers, Problem{}
	}
	if depth > maxItems {
		return nil, Problem{Key: TooLong}
	}
	if i, rest, ok := c.leadingLabel(item); ok {
		more, p := []int(nil), Problem{}
		if strings.Trim(rest, " ,;.&") != "" {
			more, p = c.items(rest, depth+1)
		}
		return append(more, i), p
	}
	for _, sep := range []string{";", ",", " och ", " and ", " & ", " samt "} {
		if a, b, found := cutFold(item, sep); found {
			first, p := c.items(a, depth+1)
			if !p.OK() {
				return nil, p
			}
			if strings.Trim(b, " .") == "" {
				return first, Problem{}
			}
			second, p := c.items(b, depth+1)
			return append(first, second...), p
		}
	}
	return nil, Problem{Key: ChoiceUnknown, Detail: item}
}

// cutFold is strings.Cut for a separator in any case.
func cutFold(s, sep string) (before, after string, found bool) {
	lower := asciiLower(s)
	i := strings.Index(lower, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// leadingLabel finds the longest label that the item begins with, if a separator follows it.
func (c *chooser) leadingLabel(item string) (i int, rest string, ok bool) {
	ends := []int{}
	for k, r := range item {
		if r == ',' || r == ';' || strings.HasPrefix(asciiLower(item[k:min(len(item), k+6)]), " och ") ||
			strings.HasPrefix(asciiLower(item[k:min(len(item), k+6)]), " and ") {
			ends = append(ends, k)
		}
		if len(ends) > maxCuts {
			break
		}
	}
	for k := len(ends) - 1; k >= 0; k-- {
		s := bare(unquote(item[:ends[k]]))
		found := c.exact(s)
		if found < 0 {
			continue
		}
		rest := strings.TrimLeft(item[ends[k]:], " ,;")
		for _, w := range []string{"och ", "and "} {
			if strings.HasPrefix(asciiLower(rest), w) {
				rest = rest[len(w):]
			}
		}
		return found, rest, true
	}
	return 0, "", false
}

// numberList reads "1, 3 och 5", "1 3 5", "2-4"; nil if it is not only numbers of options.
func (c *chooser) numberList(item string) []int {
	fields := strings.FieldsFunc(bare(item), func(r rune) bool { return strings.ContainsRune(" ,;&+.)", r) })
	var out []int
	for _, f := range fields {
		if f == "och" || f == "and" || f == "samt" || f == "nr" || f == "alternativ" {
			continue
		}
		a, b, isRange := strings.Cut(f, "-")
		lo, ok := c.numbered(a)
		if !ok || lo < 0 {
			return nil
		}
		hi := lo
		if isRange {
			if hi, ok = c.numbered(b); !ok || hi < lo {
				return nil
			}
		}
		for k := lo; k <= hi && len(out) < maxItems; k++ {
			out = append(out, k)
		}
	}
	return out
}

// unbullet removes a list's bullet or box; ticked is false for an empty box.
func unbullet(line string) (item string, ticked bool) {
	s := strings.TrimSpace(line)
	for _, box := range []string{"☐", "[ ]", "[]", "□", "◻"} {
		if rest, found := strings.CutPrefix(strings.TrimLeft(s, "-*• "), box); found {
			return rest, false
		}
	}
	for _, b := range []string{"- ", "* ", "• ", "· ", "– ", "[x]", "[X]", "☑", "☒", "✓", "✔", "✅", "(x)", "(X)"} {
		if rest, found := strings.CutPrefix(s, b); found {
			s = strings.TrimLeft(rest, "\ufe0f \t")
		}
	}
	return s, true
}

// dontKnow is what people write instead of an answer, folded; the whole message.
var dontKnow = table(map[string]bool{
	"vet inte|vet ej|jag vet inte|jag vet ej|vet inte än|det vet jag inte|ingen aning|jag har ingen aning|osäker|okänt|oklart|det är oklart|inte känt|vi vet inte|vi vet inte än|vi vet ej|vet icke|veit ej|ej känt|kan inte svara": true,
	"don't know|dont know|do not know|i don't know|i dont know|i do not know|not known|unknown|no idea|i have no idea|not sure|unsure|unclear|we don't know|we do not know|dunno|idk":                                               true,
	"?|??|???": true,
})

// DontKnow reports whether the whole message says that its writer does not know.
func DontKnow(text string) bool {
	s := bare(text)
	return dontKnow[s] || dontKnow[strings.TrimRight(s, "? ")] && len(s) < 40
}
