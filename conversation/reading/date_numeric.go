package reading

import (
	"strings"
	"time"
)

// readInstant reads an ISO 8601 date and time joined by T, with or without a zone.
func readInstant(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.dated() || f.clock != nil || r.at(i).kind != digits || len(r.at(i).text) != 4 || !r.is(i+1, "-") || !r.is(i+5, "t") {
		return f, i
	}
	j := i + 1
	for r.at(j).glued {
		j++
	}
	for j > i && r.is(j-1, ".", ",", ";", "!") {
		j--
	}
	var s strings.Builder
	for _, t := range r.toks[i:j] {
		s.WriteString(strings.ToUpper(t.text))
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s.String(), c.loc); err == nil {
			t = t.In(c.loc)
			f.instant = &t
			return f, j
		}
	}
	f.fault = Problem{Key: DateInvalid, Detail: s.String()}
	return f, j
}

// readNumericDate reads days written in figures: 2026-11-20, 20/11, 20/11-26, 20.11.2026, 20261120, 7/Jun/2024.
func readNumericDate(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date != (ymd{}) || f.days != nil || f.shift != nil || f.holiday != nil || f.instant != nil {
		return f, i
	}
	a := r.at(i)
	if a.kind != digits && a.kind != word {
		return f, i
	}
	sep := r.at(i + 1)
	if sep.kind != mark || !sep.glued || !r.joined(i+1) || !strings.Contains("-/.", sep.text) {
		return readCompactDate(r, c, f, i)
	}
	b := r.at(i + 2)
	j := i + 3
	if r.is(j, "-", "/", ".") && r.at(j).glued && r.joined(j) && r.at(j+1).kind == digits {
		return r.threeFigures(c, f, [3]token{a, b, r.at(j + 1)}, sep.text+r.at(j).text, j+2)
	}
	if r.is(j, "-") && r.joined(j) && r.at(j+1).kind == digits && len(r.at(j+1).text) == 2 && sep.text == "/" {
		return r.threeFigures(c, f, [3]token{a, b, r.at(j + 1)}, "/-", j+2) // 20/11 -26
	}
	return r.twoFigures(f, a, b, sep.text, j)
}

// threeFigures reads a date of three parts; the two separators tell the orders apart.
func (r *reader) threeFigures(c *calendar, f frame, t [3]token, seps string, j int) (frame, int) {
	if r.at(j).glued && r.at(j).kind != mark && !r.is(j, "t") {
		return f, -1
	}
	if n, k := r.figuresWithMonth(c, t); k {
		f.date = n
		return f, j
	}
	for _, x := range t {
		if x.kind != digits || len(x.text) > 4 {
			return f, -1
		}
	}
	n := [3]int{atoi(t[0].text), atoi(t[1].text), atoi(t[2].text)}
	var readings []ymd
	switch {
	case len(t[0].text) == 4 && len(t[2].text) <= 2 && len(t[1].text) <= 2:
		readings = valid(ymd{n[0], n[1], n[2]})
	case len(t[2].text) == 4 && len(t[0].text) <= 2 && len(t[1].text) <= 2:
		readings = r.dayMonthOrders(n[0], n[1], n[2])
	case len(t[0].text) <= 2 && len(t[1].text) <= 2 && len(t[2].text) == 2:
		readings = r.dayMonthOrders(n[0], n[1], c.fullYear(n[2]))
		if seps[0] == seps[1] && seps[0] != '.' && len(t[0].text) == 2 {
			readings = distinct(append(readings, valid(ymd{c.fullYear(n[0]), n[1], n[2]})...))
		}
		if len(readings) > 1 {
			readings = c.near(readings)
		}
	default:
		return f, -1
	}
	f.date, f.fault = oneOf(readings, t[0].text+seps[:1]+t[1].text+seps[1:]+t[2].text, f.fault)
	return f, j
}

// figuresWithMonth reads 7/Jun/2024 and 2024/jun/7.
func (r *reader) figuresWithMonth(c *calendar, t [3]token) (ymd, bool) {
	m, ok := r.lex.months[t[1].text]
	if !ok || t[0].kind != digits || t[2].kind != digits {
		return ymd{}, false
	}
	y, d := t[2].text, t[0].text
	if len(d) == 4 {
		y, d = d, y
	}
	if len(d) > 2 || len(y) != 2 && len(y) != 4 {
		return ymd{}, false
	}
	year := atoi(y)
	if len(y) == 2 {
		year = c.fullYear(year)
	}
	got := valid(ymd{year, int(m), atoi(d)})
	return ymd{year, int(m), atoi(d)}, len(got) == 1
}

// dayMonthOrders gives the dates that a and b may be in some order: the day first, as everywhere but in the USA; the
// month first if that alone is a date, or in English, where either is meant.
func (r *reader) dayMonthOrders(a, b, year int) []ymd {
	out := valid(ymd{year, b, a})
	if len(out) == 0 || r.lang == English {
		out = distinct(append(out, valid(ymd{year, a, b})...))
	}
	return out
}

// twoFigures reads a day and month, or a month and year. A full stop between may be a time's and is kept for later.
func (r *reader) twoFigures(f frame, a, b token, sep string, j int) (frame, int) {
	if r.at(j).glued && (r.at(j).kind != mark || r.joined(j) && strings.Contains("-/:", r.at(j).text)) {
		return f, -1
	}
	if m, ok := r.lex.months[a.text]; ok && b.kind == digits && len(b.text) <= 2 && sep != "." { // Oct/2
		f.date, f.fault = oneOf(valid(ymd{leapYear, int(m), atoi(b.text)}), a.text, f.fault)
		f.date.year = 0
		return f, j
	}
	if a.kind != digits || b.kind != digits {
		return f, -1
	}
	x, y := atoi(a.text), atoi(b.text)
	switch {
	case len(a.text) <= 2 && len(b.text) == 4 && x >= 1 && x <= 12 && plausibleYear(y):
		f.date = ymd{year: y, month: x}
		return f, j
	case len(a.text) == 4 && len(b.text) == 2 && y >= 1 && y <= 12 && plausibleYear(x) && sep != ".":
		f.date = ymd{year: x, month: y}
		return f, j
	case len(a.text) > 2 || len(b.text) > 2 || sep == "-" && (len(a.text) != 2 || len(b.text) != 2):
		return f, -1
	}
	if sep == "." {
		if r.is(j, ".") && r.at(j).glued { // 13.4.
			f.date, f.fault = oneOf(valid(ymd{leapYear, y, x}), a.text+sep+b.text, f.fault)
			f.date.year = 0
			return f, j + 1
		}
		if len(b.text) == 2 && f.dotted == nil && f.clock == nil {
			f.dotted = &[2]int{x, y}
			return f, j
		}
		return f, -1
	}
	readings := r.dayMonthOrders(x, y, leapYear)
	if sep == "-" { // 15-02 as well as 02-15 is written in Swedish
		readings = distinct(append(readings, valid(ymd{leapYear, x, y})...))
	}
	f.date, f.fault = oneOf(readings, a.text+sep+b.text, f.fault)
	f.date.year = 0
	return f, j
}

// readCompactDate reads 20261120, and in Swedish 261120 if that is a day within a year and no other reading is.
func readCompactDate(r *reader, c *calendar, f frame, i int) (frame, int) {
	t := r.at(i)
	if t.kind != digits || r.at(i+1).glued && r.at(i+1).kind != mark {
		return f, i
	}
	switch {
	case len(t.text) == 8:
		d := ymd{atoi(t.text[:4]), atoi(t.text[4:6]), atoi(t.text[6:])}
		if plausibleYear(d.year) && len(valid(d)) == 1 {
			f.date = d
			return f, i + 1
		}
	case len(t.text) == 6 && r.lang == Swedish:
		a, b, e := atoi(t.text[:2]), atoi(t.text[2:4]), atoi(t.text[4:])
		first := c.near(valid(ymd{c.fullYear(a), b, e}))
		other := c.near(valid(ymd{c.fullYear(e), b, a}))
		if len(first) == 1 && (len(other) == 0 || first[0] == other[0]) {
			f.date = first[0]
			return f, i + 1
		}
	}
	return f, i
}

// leapYear stands for a year that is not said when a day and month are checked.
const leapYear = 2024

func plausibleYear(y int) bool { return y >= 1900 && y < 2100 }

// valid is d in a list if the calendar has that day.
func valid(d ymd) []ymd {
	if d.year < 1000 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > monthLength(d.year, d.month) {
		return nil
	}
	return []ymd{d}
}

func monthLength(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func distinct(ds []ymd) []ymd {
	if len(ds) == 2 && ds[0] == ds[1] {
		return ds[:1]
	}
	return ds
}

// oneOf takes the only reading; none or several are a fault.
func oneOf(readings []ymd, said string, fault Problem) (ymd, Problem) {
	switch len(readings) {
	case 0:
		return ymd{1, 1, 1}, Problem{Key: DateInvalid, Detail: said}
	case 1:
		return readings[0], fault
	}
	return readings[0], Problem{Key: DateAmbiguous, Detail: said}
}
