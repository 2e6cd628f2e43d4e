package reading

import "time"

// readWeekday reads "fredag", "i fredags", "på fredag", "last Friday".
func readWeekday(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.weekday != nil || f.shift != nil || f.span != nil || f.nth != nil {
		return f, i
	}
	if d, j, ok := lookup(r, i, r.lex.agoDays); ok && f.days == nil {
		f.weekday = &weekdaySaid{d, relAgo}
		return f, j
	}
	which, j := relBare, i
	if w, k, ok := lookup(r, i, r.lex.last); ok {
		which, j = w, k
	} else if r.lang == Swedish {
		if k := r.skip(i, "nu"); r.is(k, "pa") {
			which, j = relOn, k+1
		}
	}
	d, j, ok := lookup(r, j, r.lex.weekdays)
	if !ok || f.days != nil && (which != relBare || f.part != anyPart) {
		return f, i
	}
	f.weekday = &weekdaySaid{d, which}
	return f, j
}

// readDays reads "igår", "the day after tomorrow", "now".
func readDays(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() {
		return f, i
	}
	if n, j, ok := lookup(r, i, r.lex.days); ok {
		f.days = &n
		return f, j
	}
	if _, j, ok := lookup(r, i, r.lex.now); ok && f.clock == nil && f.part == anyPart {
		f.shift = &shift{length: length{grain: Second}}
		return f, j
	}
	return f, i
}

// readPeriod reads "förra veckan", "nästa månad", "this quarter", "i fjol".
func readPeriod(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.period != nil || f.days != nil || f.shift != nil || f.span != nil || f.holidayRel != 0 {
		return f, i
	}
	p, j, ok := r.periodAt(i)
	if !ok {
		return f, i
	}
	switch { // what it may stand beside
	case p.unit == Week && f.date == ymd{} && f.holiday == nil && f.nth == nil:
	case p.unit == Month && f.date.month == 0 && f.date.year == 0 && f.weekday == nil && f.holiday == nil:
	case p.unit == Year && f.date.year == 0 && f.weekday == nil:
	case !f.dated():
	default:
		return f, i
	}
	if p.unit == Day && f.dated() {
		return f, i
	}
	f.period = &p
	if f.nth != nil {
		f.nth = f.nth.placed()
	}
	return f, j
}

func (r *reader) periodAt(i int) (period, int, bool) {
	if p, j, ok := lookup(r, i, r.lex.periods); ok {
		return p, j, true
	}
	which, j, ok := lookup(r, i, r.lex.last)
	if !ok {
		return period{}, i, false
	}
	unit, j, ok := lookup(r, j, r.lex.units)
	return period{unit, which}, j, ok && unit >= Day
}

// readWeek reads "vecka 47", "v.47".
func readWeek(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.week != 0 || f.date.month != 0 || f.period != nil && f.period.unit != Year || f.days != nil || f.shift != nil || f.nth != nil {
		return f, i
	}
	_, j, ok := lookup(r, i, r.lex.week)
	if t := r.at(j); !ok || t.kind != digits || len(t.text) > 2 {
		return f, i
	}
	if f.week = atoi(r.at(j).text); f.week < 1 || f.week > 53 {
		f.fault = Problem{Key: DateInvalid}
	}
	return f, j + 1
}

// readSpan reads "senaste två veckorna", "next 3 days".
func readSpan(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() || f.clock != nil || f.part != anyPart {
		return f, i
	}
	which, j, ok := lookup(r, i, r.lex.spans)
	if !ok {
		return f, i
	}
	n, k, _ := r.number(j)
	unit, end, ok := lookup(r, k, r.lex.units)
	if k == j || !ok || n < 1 || n > 1000 {
		return f, i
	}
	f.span = &spanSaid{n, unit, which}
	return f, end
}

// readNth reads "första tisdagen", "sista dagen", "2:a kvartalet"; what it is the nth of is said by a later part.
func readNth(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() {
		return f, i
	}
	i0 := i
	i = r.skipGlue(i)
	n, j := r.ordinal(i)
	if _, k, ok := lookup(r, max(j, i), r.lex.lastNth); ok {
		n, j = -max(n, 1), k
	}
	if n == 0 || n > 10 || n < -10 {
		return f, i0
	}
	said := nthSaid{n: n}
	if d, k, ok := lookup(r, j, r.lex.weekdays); ok {
		said.weekday, said.isDay, said.unit, j = d, true, Day, k
	} else if u, k, ok := lookup(r, j, r.lex.units); ok && (u == Day || u == Week || u == Quarter) {
		said.unit, j = u, k
	} else {
		return f, i0
	}
	if said.n < 0 && r.lang == English && !said.isOf(r, j) {
		return f, i0 // "last Friday", "the last day": not counted from a month's end
	}
	if k := r.ofTheMonth(j); k > j {
		f.period, j = &period{Month, relThis}, k
	} else if !said.isOf(r, j) && said.unit != Quarter && !said.isDay {
		return f, i0
	}
	f.nth = &said
	return f, j
}

// isOf reports whether "of" and a month, year or period follow.
func (nthSaid) isOf(r *reader, j int) bool {
	_, k, ok := lookup(r, j, r.lex.of)
	if !ok {
		k = j
	}
	_, _, month := lookup(r, k, r.lex.months)
	_, _, period := r.periodAt(k)
	return month || period || ok && r.ofTheMonth(j) > j
}

// ofTheMonth steps over "of the month", "i månaden".
func (r *reader) ofTheMonth(j int) int {
	_, k, ok := lookup(r, j, r.lex.of)
	if !ok {
		return j
	}
	k = r.skip(k, "the")
	if r.is(k, "month", "manaden") {
		return k + 1
	}
	return j
}

// placed is n with what it belongs to said.
func (n *nthSaid) placed() *nthSaid {
	m := *n
	m.done = true
	return &m
}

// readCoarse reads a time that has no clear ends, with what follows it as far as it is one: "i helgen", "hösten 2025".
func readCoarse(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() || f.clock != nil {
		return f, i
	}
	_, j, ok := lookup(r, i, r.lex.coarse)
	if !ok {
		return f, i
	}
	f.fault = Problem{Key: DateTooCoarse}
	f.span = &spanSaid{1, Year, relThis}
	if t := r.at(j); t.kind == digits && len(t.text) == 4 {
		j++
	} else if _, k, ok := lookup(r, j, r.lex.months); ok {
		j = k
	} else if _, k, ok := r.periodAt(j); ok {
		j = k
	}
	return f, j
}

// readHoliday reads a day with a name: "julafton", "Good Friday".
func readHoliday(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.date.month != 0 || f.date.day != 0 || f.weekday != nil || f.days != nil || f.shift != nil || f.span != nil ||
		f.holiday != nil || f.nth != nil || f.period != nil && f.period.unit != Year {
		return f, i
	}
	which, j, said := lookup(r, i, r.lex.last)
	if !said {
		which, j = relBare, i
	}
	h, j, ok := lookup(r, j, r.lex.holidays)
	if !ok {
		return f, i
	}
	f.holiday, f.holidayRel = h, which
	return f, j
}

// readShift reads lengths of time counted from now or from a day: "för två timmar sedan", "in a week", "tre veckor från
// imorgon", "two days before yesterday".
func readShift(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() || f.part != anyPart {
		return f, i
	}
	start := i
	_, j, forSaid := lookup(r, i, r.lex.forAgo)
	_, k, ahead := lookup(r, i, r.lex.ahead)
	switch {
	case forSaid:
		start = j
	case ahead:
		start = k
	}
	exact := start
	start = r.skipAbout(start)
	l, end := r.length(start)
	if start > exact || l.about {
		f.about = boundAbout
	}
	if end == start || f.clock != nil && l.grain < Day {
		return f, i
	}
	s := shift{length: l, sign: 1}
	if _, j, ok := lookup(r, end, r.lex.ago); ok && !ahead {
		s.sign, end = -1, j
	} else if _, j, ok := lookup(r, end, r.lex.later); ok && !forSaid {
		end = j
	} else if base, sign, j := r.shiftBase(end); j > end && l.grain >= Day && !forSaid {
		s.base, s.sign, s.dated, end = base, sign, true, j
	} else if _, j, ok := lookup(r, end, r.lex.hence); ok && !forSaid {
		_, j, now := lookup(r, j, r.lex.now)
		if !now {
			return f, i
		}
		end = j
	} else if !ahead || forSaid {
		return f, i
	}
	f.shift = &s
	return f, end
}

// skipAbout steps over a word like "cirka" inside a length of time.
func (r *reader) skipAbout(i int) int {
	if b, j, ok := lookup(r, i, r.lex.about); ok && b == boundAbout {
		return r.skip(j, "~")
	}
	return r.skip(i, "~")
}

// shiftBase reads "efter idag", "från imorgon", "before yesterday".
func (r *reader) shiftBase(i int) (base, sign, next int) {
	sign = 1
	_, j, ok := lookup(r, i, r.lex.hence)
	if !ok {
		if _, j, ok = lookup(r, i, r.lex.before); !ok {
			return 0, 0, i
		}
		sign = -1
	}
	base, j, ok = lookup(r, j, r.lex.days)
	if !ok {
		return 0, 0, i
	}
	return base, sign, j
}

// length reads "två timmar", "en och en halv timme", "ett år, två månader och tre dagar", "4h20min".
func (r *reader) length(i int) (length, int) {
	var sum length
	end := i
	var used [Year + 1]bool
	for j := i; ; {
		one, k := r.oneLength(j)
		if k == j || used[one.grain] {
			return sum, end
		}
		used[one.grain] = true
		sum.years, sum.months, sum.days = sum.years+one.years, sum.months+one.months, sum.days+one.days
		sum.dur += one.dur
		sum.about = sum.about || one.about
		if sum.grain == 0 || one.grain < sum.grain {
			sum.grain = one.grain
		}
		end = k
		j = r.skip(r.skip(k, ","), "och", "and")
	}
}

func (r *reader) oneLength(i int) (length, int) {
	named, named1, isNamed := lookup(r, i, r.lex.lengths)
	q, j, ok := lookup(r, i, r.lex.quantity)
	if ok {
		if n, k, _ := r.number(i); k > j {
			q, j = ratio{num: n, den: 1}, k
		}
	} else {
		n, k, _ := r.number(i)
		q, j, ok = ratio{num: n, den: 1}, k, k > i
		if k > i {
			q, j = r.andHalf(n, k)
		}
	}
	if ok {
		if unit, k, is := lookup(r, j, r.lex.units); is && k > named1 {
			if l, fits := makeLength(q, unit); fits {
				return l, k
			}
		}
	}
	if isNamed {
		return named, named1
	}
	return length{}, i
}

// andHalf reads what makes n and a half: "2,5", "2.5", "två och en halv".
func (r *reader) andHalf(n, i int) (ratio, int) {
	if r.is(i, ",", ".") && r.at(i).glued && r.is(i+1, "5") && r.joined(i) {
		return ratio{num: 2*n + 1, den: 2}, i + 2
	}
	if r.is(i, "och", "and") {
		if q, j, ok := lookup(r, i+1, r.lex.quantity); ok && q.num == 1 && q.den == 2 {
			return ratio{num: 2*n + 1, den: 2}, j
		}
	}
	return ratio{num: n, den: 1}, i
}

// makeLength is q units; half days and the like have no plain meaning on a calendar.
func makeLength(q ratio, unit Grain) (length, bool) {
	whole := q.den == 1
	if q.num > 100_000 || !whole && (unit >= Day || unit == Second) {
		return length{}, false
	}
	l := length{grain: unit, about: q.about}
	switch unit {
	case Second:
		l.dur = time.Second * time.Duration(q.num)
	case Minute:
		l.dur = time.Minute * time.Duration(q.num) / time.Duration(q.den)
	case Hour:
		l.dur = time.Hour * time.Duration(q.num) / time.Duration(q.den)
	case Day:
		l.days = q.num
	case Week:
		l.days = 7 * q.num
	case Month:
		l.months = q.num
	case Quarter:
		l.months = 3 * q.num
	case Year:
		l.years = q.num
	}
	return l, q.num <= 1000 || unit <= Hour
}
