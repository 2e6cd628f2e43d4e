package reading

import "time"

// resolve turns what was said into a time, or a Problem.
func (c *calendar) resolve(f frame) (When, Problem) {
	if f.fault.Key != "" {
		return When{}, f.fault
	}
	f, p := c.settleDotted(f)
	if !p.OK() {
		return When{}, p
	}
	if f.instant != nil {
		return When{Start: *f.instant, End: f.instant.Add(time.Minute), Grain: Minute, HasTime: true}, Problem{}
	}
	w, p := c.base(f)
	if !p.OK() {
		return When{}, p
	}
	w.Loose = f.about != 0 || f.dateTo != (ymd{}) || w.Loose
	if f.clock == nil && f.part == anyPart {
		return w, Problem{}
	}
	if w.Grain != Day && !(f.shift != nil && f.shift.grain >= Day) || f.dateTo != (ymd{}) {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	return c.withClock(w, f)
}

// settleDotted decides whether "20.11" is a date or a time: by what else was said, else by what it can be.
func (c *calendar) settleDotted(f frame) (frame, Problem) {
	if f.dotted == nil {
		return f, Problem{}
	}
	a, b := f.dotted[0], f.dotted[1]
	isTime := a < 24 && b < 60
	isDate := len(valid(ymd{leapYear, b, a})) == 1
	if c.lang == English && !isDate && len(valid(ymd{leapYear, a, b})) == 1 && !f.dated() && f.clock == nil {
		return f, Problem{Key: DateAmbiguous} // 5.17
	}
	switch {
	case isTime && isDate && !f.dated() && f.clock == nil:
		return f, Problem{Key: DateAmbiguous}
	case isTime && f.clock == nil && (f.dated() || !isDate):
		f.clock = &clock{hour: a, minute: b, grain: Minute}
	case isDate && !f.dated():
		f.date = ymd{0, b, a}
	case f.clock == nil:
		return f, Problem{Key: TimeInvalid}
	default:
		return f, Problem{Key: DateNotUnderstood}
	}
	f.dotted = nil
	return f, Problem{}
}

// base finds the day or longer time that was said; today if only a time of day was.
func (c *calendar) base(f frame) (When, Problem) {
	switch {
	case f.shift != nil:
		return c.shifted(*f.shift), Problem{}
	case f.span != nil:
		return c.spanned(*f.span), Problem{}
	case f.holiday != nil:
		return c.onHoliday(f)
	case f.nth != nil:
		return c.nth(f)
	case f.days != nil:
		t := c.step(c.today(), *f.days, Day)
		if f.weekday != nil && f.weekday.day != t.Weekday() {
			return When{}, Problem{Key: DateWeekday}
		}
		return c.unit(t, Day), Problem{}
	case f.week != 0:
		return c.inWeek(f)
	case f.weekday != nil && (f.date == ymd{}):
		return c.onWeekday(f)
	case f.date != ymd{}:
		return c.onDate(f)
	case f.period != nil:
		start := c.step(c.trunc(c.today(), f.period.unit), int(f.period.rel), f.period.unit)
		return c.unit(start, f.period.unit), Problem{}
	}
	return c.unit(c.today(), Day), Problem{}
}

func (c *calendar) shifted(s shift) When {
	t := c.now
	if s.dated {
		t = c.step(c.today(), s.base, Day)
	}
	months := s.sign * (12*s.years + s.months)
	y, m := t.Year(), int(t.Month())+months
	last := c.day(y, m+1, 0).Day() // a month after 31 January is the end of February
	d := min(t.Day(), last) + s.sign*s.days
	if months != 0 || s.days != 0 {
		t = time.Date(y, time.Month(m), d, t.Hour(), t.Minute(), t.Second(), 0, c.loc)
	}
	t = t.Add(time.Duration(s.sign) * s.dur)
	switch {
	case s.dated:
		return c.unit(t, Day)
	case s.grain <= Minute:
		return When{Start: t.Truncate(time.Second), End: t.Truncate(time.Second).Add(time.Second), Grain: Second, HasTime: true, Loose: s.dur == 0}
	case s.grain == Hour:
		t = c.trunc(t, Minute)
		return When{Start: t, End: t.Add(time.Minute), Grain: Minute, HasTime: true}
	case s.grain == Day:
		// "14 days ago" is said of a time of day as much as of a day.
		t = c.trunc(t, Hour)
		return When{Start: t, End: t.Add(time.Hour), Grain: Hour}
	}
	return c.unit(c.trunc(t, Day), Day)
}

func (c *calendar) spanned(s spanSaid) When {
	now := c.trunc(c.now, s.unit)
	w := When{Grain: s.unit, HasTime: s.unit < Day, Loose: true}
	if s.rel == relLast {
		w.Start, w.End = c.step(now, -s.n, s.unit), now
	} else {
		w.Start, w.End = c.step(now, 1, s.unit), c.step(now, 1+s.n, s.unit)
	}
	return w
}

func (c *calendar) onHoliday(f frame) (When, Problem) {
	year := f.date.year
	if f.period != nil {
		year = c.now.Year() + int(f.period.rel)
	}
	if year != 0 {
		return c.unit(c.of(f.holiday.in(year)), Day), Problem{}
	}
	by := *c
	switch f.holidayRel {
	case relLast:
		by.dir = Past
	case relNext:
		by.dir = Future
	}
	t, _ := by.choose(func(k int) (time.Time, bool) {
		t := c.of(f.holiday.in(c.now.Year() + k))
		return t, f.holidayRel == relBare || !t.Equal(c.today())
	})
	return c.unit(t, Day), Problem{}
}

// onDate places a day, month or year of which the year or the month may be missing, beside a weekday if one was said.
func (c *calendar) onDate(f frame) (When, Problem) {
	d := f.date
	if f.period != nil {
		start := c.step(c.trunc(c.today(), f.period.unit), int(f.period.rel), f.period.unit)
		switch {
		case f.period.unit == Year && d.year == 0:
			d.year = start.Year()
		case f.period.unit == Month && d.month == 0 && d.year == 0:
			d.year, d.month = start.Year(), int(start.Month())
		default:
			return When{}, Problem{Key: DateNotUnderstood}
		}
	}
	switch {
	case d.day == 0 && d.month == 0:
		return c.unit(c.day(d.year, 1, 1), Year), Problem{}
	case d.day == 0:
		if f.weekday != nil {
			return When{}, Problem{Key: DateNotUnderstood}
		}
		return c.unit(c.month(d, f.monthRel), Month), Problem{}
	case d.month == 0 && d.year != 0:
		return When{}, Problem{Key: DateNotUnderstood}
	}
	t, ok := c.dayOf(d, f.weekday)
	if !ok {
		return When{}, Problem{Key: DateInvalid}
	}
	if f.weekday != nil && t.Weekday() != f.weekday.day {
		if t, ok = c.matching(d, f.weekday.day); !ok {
			return When{}, Problem{Key: DateWeekday}
		}
	}
	w := c.unit(t, Day)
	if f.dateTo != (ymd{}) {
		to := f.dateTo
		if to.year == 0 {
			to.year = t.Year()
		}
		w.End = c.step(c.of(to), 1, Day)
		if w.End.Before(w.Start) && f.dateTo.year == 0 {
			w.End = c.step(w.End, 1, Year)
		}
		if !w.End.After(w.Start) || len(valid(to)) == 0 {
			return When{}, Problem{Key: DateInvalid}
		}
	}
	return w, Problem{}
}

// month is the beginning of a month, of the year that the direction asks for if none was said.
func (c *calendar) month(d ymd, which rel) time.Time {
	if d.year != 0 {
		return c.day(d.year, d.month, 1)
	}
	if which != relThis {
		year := c.now.Year()
		if ahead := d.month - int(c.now.Month()); which == relLast && ahead >= 0 {
			year--
		} else if which == relNext && ahead <= 0 {
			year++
		}
		return c.day(year, d.month, 1)
	}
	if int(c.now.Month()) == d.month {
		return c.day(c.now.Year(), d.month, 1)
	}
	t, _ := c.choose(func(k int) (time.Time, bool) { return c.day(c.now.Year()+k, d.month, 1), true })
	return t
}

// dayOf is a day whose year, or month too, may be missing. A weekday picks among the months only if no month was said.
func (c *calendar) dayOf(d ymd, w *weekdaySaid) (time.Time, bool) {
	if d.year != 0 {
		return c.of(d), len(valid(d)) == 1
	}
	return c.choose(func(k int) (time.Time, bool) {
		e := ymd{c.now.Year() + k, d.month, d.day}
		if d.month == 0 {
			first := c.day(c.now.Year(), int(c.now.Month())+k, 1)
			e = ymd{first.Year(), int(first.Month()), d.day}
			if w != nil && len(valid(e)) == 1 && c.of(e).Weekday() != w.day {
				return time.Time{}, false
			}
		}
		return c.of(e), len(valid(e)) == 1
	})
}

// matching is the one day of that month and day, within a year of now, that is such a weekday. The weekday tells more
// than the direction.
func (c *calendar) matching(d ymd, w time.Weekday) (time.Time, bool) {
	if d.year != 0 {
		return time.Time{}, false
	}
	var hits []ymd
	for k := -1; k <= 1; k++ {
		if e := (ymd{c.now.Year() + k, d.month, d.day}); len(valid(e)) == 1 && c.of(e).Weekday() == w {
			hits = append(hits, e)
		}
	}
	if hits = c.near(hits); len(hits) != 1 {
		return time.Time{}, false
	}
	return c.of(hits[0]), true
}

func (c *calendar) inWeek(f frame) (When, Problem) {
	year := c.now.Year()
	if f.period != nil {
		year += int(f.period.rel)
	}
	monday := func(year int) (time.Time, bool) {
		t := c.trunc(c.day(year, 1, 4), Week) // week 1 holds 4 January
		t = c.step(t, f.week-1, Week)
		_, week := t.ISOWeek()
		return t, week == f.week
	}
	var t time.Time
	ok := true
	switch {
	case f.date.year != 0:
		t, ok = monday(f.date.year)
	case f.period != nil:
		t, ok = monday(year)
	default:
		if _, week := c.now.ISOWeek(); week == f.week {
			t = c.trunc(c.today(), Week)
			break
		}
		t, ok = c.choose(func(k int) (time.Time, bool) { return monday(year + k) })
	}
	if !ok {
		return When{}, Problem{Key: DateInvalid}
	}
	if f.weekday != nil {
		return c.unit(c.step(t, (int(f.weekday.day)+6)%7, Day), Day), Problem{}
	}
	return c.unit(t, Week), Problem{}
}
