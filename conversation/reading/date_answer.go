package reading

import (
	"fmt"
	"strings"
	"time"
)

// DateValue is an answer to a question for a date.
type DateValue struct {
	Date    string // 2006-01-02
	Time    string // 15:04, or empty if no time was said
	Comment string // what was written beside the date, verbatim
	When    When
}

// dateLabel is the part of an answer that a labelled line gives.
type dateLabel int8

const (
	dateLine dateLabel = iota + 1
	timeLine
	commentLine
)

var dateLabels = table(map[string]dateLabel{
	"datum|date|dag|day": dateLine, "klockslag|tid|tidpunkt|time|klockan|kl": timeLine, "kommentar|comment": commentLine,
})

// DateAnswer reads a date of day grain or finer with a comment: labelled lines (datum:, klockslag:, kommentar:, or in
// English), else a date at the beginning of the first line and the rest as comment. Where the phrase says more than a date
// and a time can hold ("about", "yesterday evening", "between 9 and 11") the comment is the whole text, so that nothing is
// lost.
func DateAnswer(text string, lang Lang, now time.Time, dir Direction) (DateValue, Problem) {
	if strings.TrimSpace(text) == "" {
		return DateValue{}, Problem{Key: Empty}
	}
	if fields := dateFields(text); fields[dateLine] != nil || fields[timeLine] != nil {
		return labelledDate(fields, lang, now, dir)
	}
	if w, p := readDate(text, lang, now, dir); p.OK() {
		return dateValue(w, text, "")
	} else if p.Key != DateNotUnderstood {
		return DateValue{}, p
	}
	w, rest, p := readDatePrefix(text, lang, now, dir)
	if !p.OK() {
		return DateValue{}, p
	}
	return dateValue(w, text, rest)
}

// dateFields takes labelled lines apart; a value runs to the next label.
func dateFields(text string) map[dateLabel]*string {
	fields := map[dateLabel]*string{}
	var current *string
	for _, line := range lines(text) {
		name, value, found := strings.Cut(line, ":")
		label := dateLabels[bare(name)]
		if found && label != 0 && fields[label] == nil {
			value = strings.TrimSpace(value)
			current = &value
			fields[label] = current
			continue
		}
		if current == nil {
			if strings.TrimSpace(line) == "" {
				continue
			}
			return map[dateLabel]*string{}
		}
		*current += "\n" + line
	}
	for _, v := range fields {
		*v = strings.TrimSpace(*v)
	}
	return fields
}

func labelledDate(fields map[dateLabel]*string, lang Lang, now time.Time, dir Direction) (DateValue, Problem) {
	get := func(l dateLabel) string {
		if v := fields[l]; v != nil {
			return *v
		}
		return ""
	}
	date, clock, comment := get(dateLine), get(timeLine), get(commentLine)
	if date == "" {
		return DateValue{}, Problem{Key: DateNotUnderstood, Detail: clock}
	}
	if clock == "" {
		return labelled(date, comment, lang, now, dir)
	}
	if _, ok := Date(clock, lang, now, dir); !ok && strings.Trim(clock, "0123456789") == "" {
		clock = "kl " + clock // "tid: 9"
		if lang == English {
			clock = "at " + strings.TrimPrefix(clock, "kl ")
		}
	}
	v, p := labelled(date+" "+clock, comment, lang, now, dir)
	if p.OK() && v.Time == "" || p.Key == DateNotUnderstood {
		return DateValue{}, Problem{Key: TimeNotUnderstood, Detail: get(timeLine)}
	}
	return v, p
}

// labelled reads a phrase that a label says is a date: all of it must be one.
func labelled(phrase, comment string, lang Lang, now time.Time, dir Direction) (DateValue, Problem) {
	w, p := readDate(phrase, lang, now, dir)
	if !p.OK() {
		if p.Detail == "" {
			p.Detail = phrase
		}
		return DateValue{}, p
	}
	if comment == "" {
		return dateValue(w, phrase, "")
	}
	v, p := dateValue(w, phrase, comment)
	if p.OK() && w.Loose {
		v.Comment = phrase + "\n" + comment
	}
	return v, p
}

// dateValue is w as an answer; text is the message and rest what is left of it beside the date.
func dateValue(w When, text, rest string) (DateValue, Problem) {
	v := DateValue{Date: w.Start.Format("2006-01-02"), Comment: rest, When: w}
	last := w.End.Add(-time.Nanosecond)
	if w.Grain > Day || !w.HasTime && !sameDay(w.Start, last) {
		return DateValue{}, Problem{Key: DateTooCoarse}
	}
	if w.Loose {
		v.Comment = strings.TrimSpace(text)
	}
	if w.HasTime {
		v.Time = clockText(w.Start)
	}
	return v, Problem{}
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

var (
	svWeekdays = [...]string{"söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"}
	svMonths   = [...]string{"", "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
		"oktober", "november", "december"}
)

// ReadBack says w in full, so that whoever wrote it sees how it was read: "fredag 20 november 2026 kl. 16.40", "Friday 20
// November 2026 at 16:40"; a range with both its ends.
func ReadBack(w When, lang Lang) string {
	if w.Start.IsZero() {
		return ""
	}
	first := dayText(w.Start, w.Grain, lang)
	last := w.End.Add(-time.Nanosecond)
	if w.Grain < Day && w.HasTime {
		first += timeText(w.Start, lang)
		end := w.End.Add(-w.Grain.duration()) // the last hour or minute itself
		switch {
		case !end.After(w.Start):
			return first
		case sameDay(w.Start, end):
			return first + "–" + clockOf(end, lang)
		}
		return first + " – " + dayText(end, Day, lang) + timeText(end, lang)
	}
	if g := w.Grain; sameDay(w.Start, last) || g == Month || g == Year {
		if end := dayText(last, g, lang); end != first {
			return first + " – " + end
		}
		return first
	}
	return dayText(w.Start, Day, lang) + " – " + dayText(last, Day, lang)
}

func dayText(t time.Time, g Grain, lang Lang) string {
	switch {
	case g == Year:
		return fmt.Sprint(t.Year())
	case g == Month && lang == English:
		return t.Format("January 2006")
	case g == Month:
		return fmt.Sprintf("%s %d", svMonths[t.Month()], t.Year())
	case lang == English:
		return t.Format("Monday 2 January 2006")
	}
	return fmt.Sprintf("%s %d %s %d", svWeekdays[t.Weekday()], t.Day(), svMonths[t.Month()], t.Year())
}

func timeText(t time.Time, lang Lang) string {
	if lang == English {
		return " at " + clockOf(t, lang)
	}
	return " kl. " + clockOf(t, lang)
}

func clockOf(t time.Time, lang Lang) string {
	if lang == English {
		return t.Format("15:04")
	}
	return t.Format("15.04")
}
