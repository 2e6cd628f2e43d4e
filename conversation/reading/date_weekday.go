package reading

import "time"

// onWeekday places a weekday on its own or in a week that was said.
func (c *calendar) onWeekday(f frame) (When, Problem) {
	today := c.today()
	said := *f.weekday
	ahead := (int(said.day) - int(today.Weekday()) + 7) % 7 // 0 to 6 days
	in := func(days int) (When, Problem) { return c.unit(c.step(today, days, Day), Day), Problem{} }
	if f.period != nil {
		if f.period.unit != Week || said.rel != relBare && said.rel != relOn {
			return When{}, Problem{Key: DateNotUnderstood}
		}
		monday := c.step(c.trunc(today, Week), int(f.period.rel), Week)
		return c.unit(c.step(monday, (int(said.day)+6)%7, Day), Day), Problem{}
	}
	back := ahead - 7 // -7 to -1 days
	switch said.rel {
	case relAgo, relLast:
		return in(back)
	case relOn:
		if ahead == 0 {
			ahead = 7
		}
		return in(ahead)
	case relNext:
		return c.nextWeekday(ahead)
	case relThis:
		if c.dir == Past && ahead > 0 && (int(said.day)+6)%7 < (int(today.Weekday())+6)%7 {
			return in(back)
		}
		return in(ahead)
	}
	switch {
	case c.dir == Future && ahead == 0:
		return in(7)
	case c.dir == Future:
		return in(ahead)
	case c.dir == Past && ahead == 0:
		return When{}, Problem{Key: DateAmbiguous} // today, or a week ago?
	case c.dir == Past, -back < ahead:
		return in(back)
	}
	return in(ahead)
}

// nextWeekday: in English "next Friday" is the one of next week. In Swedish "nästa fredag" is for some the coming one and
// for others that of next week, so it is understood only where both are the same.
func (c *calendar) nextWeekday(ahead int) (When, Problem) {
	today := c.today()
	monday := c.step(c.trunc(today, Week), 1, Week)
	coming := c.step(today, ahead, Day)
	if ahead == 0 {
		coming = c.step(today, 7, Day)
	}
	ofNextWeek := c.step(monday, (int(coming.Weekday())+6)%7, Day)
	if c.lang == Swedish && !coming.Equal(ofNextWeek) {
		return When{}, Problem{Key: DateAmbiguous}
	}
	return c.unit(ofNextWeek, Day), Problem{}
}

// nth places "second Friday of June", "last day of June", "2nd quarter 2024".
func (c *calendar) nth(f frame) (When, Problem) {
	n := *f.nth
	if n.unit == Quarter {
		return c.nthQuarter(f)
	}
	if f.date.day != 0 || f.date.month == 0 && f.date.year != 0 {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	pick := func(month time.Time) (time.Time, bool) { return c.nthIn(n, month) }
	var t time.Time
	var ok bool
	switch {
	case f.period != nil && f.date.month == 0:
		if f.period.unit != Month {
			return When{}, Problem{Key: DateNotUnderstood}
		}
		t, ok = pick(c.step(c.trunc(c.today(), Month), int(f.period.rel), Month))
	case f.date.year != 0 || f.period != nil:
		year := f.date.year
		if year == 0 {
			year = c.now.Year() + int(f.period.rel)
		}
		t, ok = pick(c.day(year, f.date.month, 1))
	case f.date.month != 0:
		t, ok = c.choose(func(k int) (time.Time, bool) { return pick(c.day(c.now.Year()+k, f.date.month, 1)) })
	default:
		t, ok = pick(c.trunc(c.today(), Month))
	}
	if !ok {
		return When{}, Problem{Key: DateInvalid}
	}
	return c.unit(t, n.unit), Problem{}
}

// nthIn finds the nth day, weekday or whole week of a month.
func (c *calendar) nthIn(n nthSaid, month time.Time) (time.Time, bool) {
	length := 1
	step := 1
	first, last := month, c.step(c.step(month, 1, Month), -1, Day)
	if n.isDay || n.unit == Week {
		step = 7
		w := n.weekday
		if n.unit == Week {
			w, length = time.Monday, 7
		}
		first = c.step(first, (int(w)-int(first.Weekday())+7)%7, Day)
	}
	t := c.step(first, step*(n.n-1), Day)
	if n.n < 0 {
		end := c.step(last, 1-length, Day)
		days := end.Day() - first.Day()
		t = c.step(first, days-days%step+step*(n.n+1), Day)
	}
	return t, t.Month() == month.Month() && t.Year() == month.Year()
}

func (c *calendar) nthQuarter(f frame) (When, Problem) {
	year := f.date.year
	if f.period != nil && f.period.unit == Year {
		year = c.now.Year() + int(f.period.rel)
	} else if f.period != nil {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	if year == 0 {
		year = c.now.Year()
	}
	q := f.nth.n
	if q == -1 {
		q = 4
	}
	if q < 1 || q > 4 || f.date.month != 0 {
		return When{}, Problem{Key: DateInvalid}
	}
	return c.unit(c.day(year, 3*q-2, 1), Quarter), Problem{}
}
