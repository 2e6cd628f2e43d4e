package reading

// readDayMonth reads "den 5 november 2026", "femte maj", "7JUN", "20 of March".
func readDayMonth(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date != (ymd{}) || f.days != nil || f.shift != nil || f.dotted != nil {
		return f, i
	}
	d, j := r.dayMonth(c, i)
	if j == i {
		return f, i
	}
	f.date = d
	f.fault = calendarHas(d, f.fault)
	return f, j
}

// dayMonth reads a day, its month and perhaps a year.
func (r *reader) dayMonth(c *calendar, i int) (ymd, int) {
	n, j := r.dayNumber(r.skipGlue(i))
	if n == 0 {
		return ymd{}, i
	}
	j = r.skip(j, ".", "/", "-")
	if _, k, ok := lookup(r, j, r.lex.of); ok && r.lang == English {
		j = k
	}
	m, j, ok := lookup(r, j, r.lex.months)
	if !ok {
		return ymd{}, i
	}
	y, j := r.yearAfter(c, j, true)
	return ymd{y, int(m), n}, j
}

// readMonthDay reads "November 5, 2026" and "Nov5"; in Swedish not where the number may as well be a year.
func readMonthDay(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date != (ymd{}) || f.days != nil || f.shift != nil || f.dotted != nil {
		return f, i
	}
	m, j, ok := lookup(r, i, r.lex.months)
	if !ok {
		return f, i
	}
	n, k := r.dayNumber(r.skip(j, "the"))
	if r.lang == Swedish && !r.at(j).glued && abs(2000+n-c.now.Year()) <= 10 {
		return f, i // "mars 21" may be a month and a year
	}
	if n == 0 || r.is(k, ":", "h", "am", "pm") && r.at(k).glued || r.is(k, "am", "pm", "a.m", "p.m") {
		return f, i
	}
	last := k
	y, k := r.yearAfter(c, k, true)
	if _, o := r.ordinal(last - 1); y == 0 && o == last-1 && r.at(last-1).kind == digits && !r.nothingCounted(last) {
		return f, i // "in May 15 people"
	}
	f.date = ymd{y, int(m), n}
	f.fault = calendarHas(f.date, f.fault)
	return f, k
}

// readMonth reads a month with or without a year, and "förra mars", "next March".
func readMonth(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date.month != 0 || f.days != nil || f.shift != nil || f.weekday != nil && f.nth == nil {
		return f, i
	}
	if which, k, ok := lookup(r, i, r.lex.last); ok && !f.dated() && which != relThis {
		if m, k, ok := lookup(r, k, r.lex.months); ok {
			f.date.month, f.monthRel = int(m), which
			return f, k
		}
	}
	m, j, ok := lookup(r, i, r.lex.months)
	if !ok || len(r.at(i).text) <= 3 && r.lang == Swedish && r.is(i, "mar", "jan", "jul") && f.date.day == 0 && f.nth == nil {
		return f, i
	}
	y, j := r.yearAfter(c, j, false)
	if f.date.year != 0 && y != 0 {
		return f, i
	}
	f.date.month = int(m)
	if y != 0 {
		f.date.year = y
	}
	if f.nth != nil {
		f.nth = f.nth.placed()
	}
	return f, j
}

// dayNumber reads a day of the month in figures or words, as ordinal or plain; 0 if there is none.
func (r *reader) dayNumber(i int) (n, next int) {
	if n, j := r.ordinal(i); n >= 1 && n <= 31 {
		return n, j
	}
	if t := r.at(i); t.kind == digits && len(t.text) > 2 {
		return 0, i
	}
	n, j, _ := r.number(i)
	if n < 1 || n > 31 {
		return 0, i
	}
	return n, j
}

// yearAfter reads a year after a month: four figures or words; two figures only after a day, and only as the
// phrase's end, since "April 15" may go on "people".
func (r *reader) yearAfter(c *calendar, i int, afterDay bool) (year, next int) {
	j := r.skip(i, ",", ".", "-", "/")
	j = r.skip(j, "-", "'")
	if _, k, ok := lookup(r, j, r.lex.of); ok && r.lang == English {
		j = k
	}
	t := r.at(j)
	if t.kind == digits && (r.is(j+1, ":", ".", "h") && r.at(j+1).glued && r.joined(j+1)) {
		return 0, i
	}
	n, k, spelled := r.number(j)
	switch {
	case k == j:
	case spelled && plausibleYear(n), t.kind == digits && len(t.text) == 4 && plausibleYear(n):
		return n, k
	case r.is(j-1, "-") && (r.lang == English || !t.glued): // "June 14 - 16" is a range
	case afterDay && t.kind == digits && len(t.text) == 2 && r.onlyEnd(k):
		return c.fullYear(n), k
	}
	return 0, i
}

// readYear reads a year on its own or after the rest: "2014", "sjunde juni 8:05, 2024".
func readYear(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date.year != 0 || f.days != nil || f.shift != nil || f.instant != nil || f.weekday != nil && f.date.month == 0 && f.nth == nil {
		return f, i
	}
	t := r.at(i)
	n, j, spelled := r.number(i)
	if j == i || !plausibleYear(n) || !spelled && len(t.text) != 4 || r.at(j).glued && r.at(j).kind != mark {
		return f, i
	}
	if spelled && !f.dated() {
		return f, i
	}
	f.date.year = n
	if f.nth != nil && f.nth.unit == Quarter {
		f.nth = f.nth.placed()
	}
	f.fault = calendarHas(f.date, f.fault)
	return f, j
}

// readDayOfMonth reads a day without a month: "den 15", "27:e", "the 21st", and "20 nästa månad".
func readDayOfMonth(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.date != (ymd{}) || f.days != nil || f.shift != nil || f.period != nil || f.nth != nil || f.dotted != nil {
		return f, i
	}
	n, j := r.ordinal(i)
	if n == 0 && (r.is(i-1, "den", "the") || r.is(i, "den", "the")) {
		k := r.skip(i, "den", "the")
		if n, j = r.ordinal(k); n == 0 && r.at(k).kind == digits && !r.timeFollows(k+1) {
			n, j = r.dayNumber(k)
		}
	}
	if n == 0 && r.at(i).kind == digits { // 20 nästa månad
		k := i + 1
		if _, after, ok := lookup(r, k, r.lex.of); ok {
			k = after
		}
		if p, _, ok := r.periodAt(k); ok && p.unit == Month {
			n, j = r.dayNumber(i)
		}
	}
	if n < 1 || n > 31 {
		return f, i
	}
	if w := r.at(j - 1); w.kind == word && w.text != "e" && w.text != "a" && f.weekday == nil && r.is(j, "second", "day", "dag", "dagen") {
		return f, i
	}
	f.date.day = n
	return f, j
}

// timeFollows reports whether the figures before i go on, as those of a time or of a date in figures.
func (r *reader) timeFollows(i int) bool {
	return r.is(i, ":", ".", "/", "-") && r.at(i).glued && r.joined(i) && r.at(i+1).kind == digits
}

// skipGlue steps over one article before a day: "den", "the".
func (r *reader) skipGlue(i int) int { return r.skip(i, "den", "the") }

// readDayRange reads "4-6 juni", "from the 4th to the 6th of June", "4 juni - 6 juli 2024", "June 4 - 6".
func readDayRange(r *reader, c *calendar, f frame, i int) (frame, int) {
	if f.date != (ymd{}) || f.dated() && f.weekday == nil {
		return f, i
	}
	start := i
	if _, j, ok := lookup(r, i, r.lex.from); ok {
		start = j
	}
	a, j := r.dayMonth(c, start)
	if j == start {
		if g, k := readMonthDay(r, c, f, start); k > start {
			a, j = g.date, k
		} else if a.day, j = r.dayNumber(r.skipGlue(start)); a.day == 0 {
			return f, i
		}
	}
	k := r.untilAt(j)
	if k == j {
		return f, i
	}
	b, end := r.dayMonth(c, k)
	if end == k {
		if g, e := readMonthDay(r, c, frame{}, k); e > k {
			b, end = g.date, e
		} else if b.day, end = r.dayNumber(r.skipGlue(k)); b.day == 0 || a.month == 0 || r.timeFollows(end) || r.meridiemFollows(end) {
			return f, i
		}
	}
	if b.month == 0 {
		b.month = a.month
	}
	if a.month == 0 {
		a.month = b.month
	}
	if a.year == 0 && b.year != 0 {
		a.year = b.year
		if a.month > b.month {
			a.year--
		}
	}
	f.date, f.dateTo = a, b
	f.fault = calendarHas(b, calendarHas(a, f.fault))
	return f, end
}

// untilAt steps over what joins the ends of a range.
func (r *reader) untilAt(i int) int {
	if r.is(i, "-") {
		return i + 1
	}
	if _, j, ok := lookup(r, i, r.lex.until); ok {
		return j
	}
	return i
}

// calendarHas is fault, or that the calendar lacks the day.
func calendarHas(d ymd, fault Problem) Problem {
	y := d.year
	if y == 0 {
		y = leapYear
	}
	if d.month != 0 && d.day != 0 && len(valid(ymd{y, d.month, d.day})) == 0 {
		return Problem{Key: DateInvalid}
	}
	return fault
}

func abs(n int) int { return max(n, -n) }
