package reading

import (
	"strconv"
	"strings"
)

// CountValue is an exact number, or one of the intervals that were offered.
type CountValue struct {
	Exact    int // if IsExact
	IsExact  bool
	Interval int    // index of the interval, from 0; -1 if none
	Label    string // the interval's
	Suggest  string // with CountAbout: the interval that holds the number, if one does
}

// maxCount is the largest number that is taken.
const maxCount = 1_000_000_000

// countUnits may follow a number, folded.
var countUnits = table(map[string]bool{
	"st|stycken|styck|personer|person|registrerade|uppgifter|poster|individer|elever|barn|kunder|användare|anställda": true,
	"people|persons|individuals|records|pupils|children|customers|users|employees|data subjects|pcs":                  true,
})

// aboutWords make a number inexact, folded.
var aboutWords = []string{"cirka", "ca", "circa", "runt", "omkring", "ungefar", "uppskattningsvis", "typ", "minst", "hogst", "mer an", "fler an",
	"over", "under", "farre an", "mindre an", "upp till", "max", "nastan", "about", "around", "approximately", "approx", "roughly", "at least",
	"at most", "kanske", "maybe", "perhaps", "more than", "less than", "fewer than", "over", "under", "up to", "nearly", "almost", "~", ">", "<", "≈", "c:a"}

// aboutAfter are those of them that may stand last.
var aboutAfter = []string{" ungefar", " cirka", " ca", " typ", " kanske", " about", " approximately", " roughly", " or so", " maybe"}

// Count reads an exact number ("12", "1 200", "12 st", "tolv") or one of the intervals, by its text, its bounds or an
// alias. A bare number is always the number itself, never an interval's place in the list.
func Count(text string, intervals []Option) (CountValue, Problem) {
	return NewList(intervals).Count(text)
}

// Count is the function Count for a list of intervals that is used again.
func (m *List) Count(text string) (CountValue, Problem) {
	none := CountValue{Interval: -1}
	s := bare(text)
	switch {
	case s == "":
		return none, Problem{Key: Empty}
	case len(text) > 200:
		return none, Problem{Key: CountNotUnderstood}
	}
	if i := m.exact(s); i >= 0 {
		return m.interval(i), Problem{}
	}
	if hits := m.byAlias(s); len(hits) == 1 {
		return m.interval(hits[0]), Problem{}
	}
	if n, p := exactCount(s); p.Key != CountNotUnderstood {
		if !p.OK() {
			return none, p
		}
		return CountValue{Exact: n, IsExact: true, Interval: -1}, p
	}
	if lo, hi, ok := bounds(s); ok {
		for i, l := range m.labels {
			if a, b, ok := bounds(l); ok && a == lo && b == hi {
				return m.interval(i), Problem{}
			}
		}
		if i := m.holding(lo, hi); i >= 0 {
			return CountValue{Interval: i, Suggest: m.options[i].Label}, Problem{Key: CountAbout, Detail: s, Suggest: m.options[i].Label}
		}
	}
	return m.about(s, none)
}

// holding finds the interval that lo and hi both lie in; -1 if none.
func (m *List) holding(lo, hi int) int {
	for i, l := range m.labels {
		if a, b, ok := bounds(l); ok && lo >= a && hi <= b {
			return i
		}
	}
	return -1
}

func (m *List) interval(i int) CountValue {
	return CountValue{Interval: i, Label: m.options[i].Label}
}

// about reads an inexact number and finds the interval to suggest.
func (m *List) about(s string, none CountValue) (CountValue, Problem) {
	for _, w := range aboutAfter {
		if rest, found := strings.CutSuffix(s, w); found && !strings.HasPrefix(s, w) {
			s = "ca " + rest // "25 elever ungefär"
			break
		}
	}
	for _, w := range aboutWords {
		rest, found := strings.CutPrefix(s, w)
		if !found || isWordByte(w[len(w)-1]) && !atWordEnd(rest, 0) {
			continue
		}
		n, p := exactCount(strings.TrimLeft(rest, " .:"))
		if !p.OK() {
			break
		}
		if i := m.holding(n, n); i >= 0 {
			none.Interval, none.Suggest = i, m.options[i].Label
			return none, Problem{Key: CountAbout, Detail: s, Suggest: none.Suggest}
		}
		return none, Problem{Key: CountAbout, Detail: s}
	}
	return none, Problem{Key: CountNotUnderstood, Detail: s}
}

// exactCount reads the whole folded s as one number.
func exactCount(s string) (int, Problem) {
	number, unit := s, ""
	for i := range len(s) {
		if !isDigit(s[i]) && !strings.ContainsRune(" .,-+'", rune(s[i])) {
			number, unit = s[:i], strings.TrimSpace(s[i:])
			break
		}
	}
	if strings.TrimSpace(number) == "" {
		return wordCount(s)
	}
	if unit != "" && !units(unit) {
		return 0, Problem{Key: CountNotUnderstood}
	}
	return figures(strings.TrimSpace(number))
}

// units reports whether s is a unit, or a piece of one: "st", "elever", "st elever".
func units(s string) bool {
	first, second, two := strings.Cut(s, " ")
	return countUnits[s] || two && countUnits[first] && countUnits[strings.TrimSpace(second)]
}

func wordCount(s string) (int, Problem) {
	words := strings.Fields(strings.ReplaceAll(s, "-", " "))
	for range 2 {
		if len(words) > 1 && countUnits[words[len(words)-1]] {
			words = words[:len(words)-1]
		}
	}
	for _, lang := range []Lang{Swedish, English} {
		if len(words) > 10 {
			break
		}
		if n, ok := cardinal(words, lang); ok {
			return n, Problem{}
		}
	}
	return 0, Problem{Key: CountNotUnderstood}
}

// figures reads digits in groups of three ("1 200", "1.200", "1,200") or in one run.
func figures(s string) (int, Problem) {
	if rest, found := strings.CutPrefix(s, "-"); found {
		if rest = strings.TrimSpace(rest); rest != "" && strings.Trim(rest, "0123456789") == "" {
			return 0, Problem{Key: CountNegative, Detail: s}
		}
		return 0, Problem{Key: CountNotUnderstood}
	}
	for _, sep := range []string{" ", ".", ",", "'"} {
		groups := strings.Split(s, sep)
		if len(groups) < 2 {
			continue
		}
		ok := len(groups[0]) >= 1 && len(groups[0]) <= 3
		plain := ok
		for i, g := range groups {
			plain = plain && strings.Trim(g, "0123456789") == "" && g != ""
			ok = ok && (i == 0 || len(g) == 3)
		}
		switch {
		case ok && plain:
			return figures(strings.Join(groups, ""))
		case plain && len(groups) == 2 && sep != " " && sep != "'":
			return 0, Problem{Key: CountDecimal, Detail: s}
		}
		return 0, Problem{Key: CountNotUnderstood}
	}
	if strings.Trim(s, "0123456789") != "" {
		return 0, Problem{Key: CountNotUnderstood}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > maxCount {
		return 0, Problem{Key: CountTooLarge, Detail: s}
	}
	return n, Problem{}
}

// openEnd stands for the missing end of "more than 100 000".
const openEnd = 1 << 40

// bounds reads the ends of an interval: "1 - 10", "mellan 11 och 100", "fler än 100 000", "100 001 eller fler".
func bounds(s string) (lo, hi int, ok bool) {
	for _, w := range []string{"mer an ", "fler an ", "over ", "more than ", ">", "fler an", "mer an"} {
		if rest, found := strings.CutPrefix(s, w); found {
			n, p := exactCount(strings.TrimSpace(rest))
			return n + 1, openEnd, p.OK()
		}
	}
	for _, w := range []string{" eller fler", " eller mer", " och uppat", " or more", "+"} {
		if rest, found := strings.CutSuffix(s, w); found {
			n, p := exactCount(rest)
			return n, openEnd, p.OK()
		}
	}
	for _, w := range []string{"mellan ", "between ", "fran ", "from "} {
		s = strings.TrimPrefix(s, w)
	}
	for _, sep := range []string{"-", " till ", " och ", " to ", " and "} {
		a, b, found := strings.Cut(s, sep)
		if !found {
			continue
		}
		lo, p := exactCount(strings.TrimSpace(a))
		hi, q := exactCount(strings.TrimSpace(b))
		return lo, hi, p.OK() && q.OK() && strings.TrimSpace(a) != "" && lo <= hi
	}
	return 0, 0, false
}
