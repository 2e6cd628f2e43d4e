package reading

import "strings"

// readClock reads a time of day: "14:30", "kl 9", "halv tre", "kvart över två", "3 pm", "15h30", "ten thirty", "noon".
func readClock(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.clock != nil || f.instant != nil || f.span != nil || f.shift != nil && f.shift.grain < Day {
		return f, i
	}
	c, j := r.clock(i, beside{marked: f.part != anyPart, weak: f.about != 0 && (f.dated() || r.lang == English), dated: f.dated()})
	if j == i {
		return f, i
	}
	if r.at(j).glued && r.at(j).kind != mark || r.is(j, "/", "%") {
		return f, i
	}
	f.clock = &c
	f.fault = clockFault(c, f.fault)
	return f, j
}

func clockFault(c clock, fault Problem) Problem {
	if c.hour > 24 || c.minute > 59 || c.second > 59 || c.hour == 24 && (c.minute > 0 || c.second > 0) {
		return Problem{Key: TimeInvalid}
	}
	return fault
}

// beside is what stands beside a time of day: marked means that a bare number is an hour, as after "kl"; weak that it may
// be one if nothing else is counted, as after "vid" or "about"; dated that a day has been said, so that 13.10 is a time.
type beside struct{ marked, weak, dated bool }

// clock reads a time of day.
func (r *reader) clock(i int, by beside) (clock, int) {
	start := i
	if weak, j, ok := lookup(r, i, r.lex.clock); ok {
		i, by.marked, by.weak = j, by.marked || !weak, true
		if b, k, ok := lookup(r, i, r.lex.about); ok && b == boundAbout {
			i = k
		}
		i = r.skip(i, ".", ":", "~")
	} else if r.is(i, "@") {
		i, by.marked = i+1, true
	}
	c, j := r.spokenClock(i)
	if d, k := r.figureClock(i, by); k > j {
		c, j = d, k
	}
	if d, k := r.wordClock(i, by); k > j {
		c, j = d, k
	}
	if j == i {
		return clock{}, start
	}
	if c.part == anyPart {
		c.part, j = r.meridiem(j)
	}
	if _, k, ok := lookup(r, j, r.lex.oclock); ok {
		j = k
	}
	if c.part == anyPart {
		if p, k, ok := lookup(r, j, r.lex.parts); ok && (p != anyPart && k-j > 1 || p == afternoon || p == forenoon) {
			c.part, j = p, k
		}
	}
	return c, j
}

// figureClock reads 14:30, 14.30, 15h30, 3pm, and after a mark 9, 1430.
func (r *reader) figureClock(i int, by beside) (clock, int) {
	t := r.at(i)
	marked := by.marked || by.weak && r.nothingCounted(i+1)
	if t.kind != digits || len(t.text) > 4 {
		return clock{}, i
	}
	sep, m := r.at(i+1), r.at(i+2)
	pair := sep.glued && r.joined(i+1) && m.kind == digits
	switch {
	case len(t.text) > 2:
	case pair && sep.text == ":" && len(m.text) == 2:
		return r.seconds(clock{hour: atoi(t.text), minute: atoi(m.text), grain: Minute, twelve: t.text[0] != '0'}, i+3)
	case pair && sep.text == "." && len(m.text) == 2 && (marked || by.dated || atoi(m.text) > r.lex.lastInDate || r.meridiemFollows(i+3)) &&
		!(r.is(i+3, ".") && r.joined(i+3) && r.at(i+4).kind == digits && len(r.at(i+4).text) > 2):
		return r.seconds(clock{hour: atoi(t.text), minute: atoi(m.text), grain: Minute, twelve: t.text[0] != '0'}, i+3)
	case sep.glued && r.lex.hourMark[sep.text] && pair && len(m.text) == 2:
		return clock{hour: atoi(t.text), minute: atoi(m.text), grain: Minute}, i + 3
	case sep.glued && r.lex.hourMark[sep.text] && !(r.joined(i+1) && m.kind != mark):
		return clock{hour: atoi(t.text), grain: Hour}, i + 2
	}
	if _, k := r.meridiem(i + 1); k > i+1 && r.lang == English {
		return hourMinute(t.text, clock{grain: Hour}), i + 1
	}
	if sep.text == "-" && sep.glued && r.is(i+2, "tiden") && len(t.text) <= 2 {
		return clock{hour: atoi(t.text), grain: Hour, about: true}, i + 3
	}
	if marked && !(sep.glued && sep.kind == mark && pair && sep.text != "-" && sep.text != ",") &&
		!(len(t.text) == 4 && plausibleYear(atoi(t.text)) && t.text[:2] != "19" && t.text[:2] != "20") {
		c := hourMinute(t.text, clock{grain: Hour})
		c.twelve = c.grain == Minute && t.text[0] != '0'
		return c, i + 1
	}
	if _, k, ok := lookup(r, i+1, r.lex.oclock); ok && len(t.text) <= 2 && r.lang == English {
		return clock{hour: atoi(t.text), grain: Hour, twelve: true}, k
	}
	if len(t.text) <= 2 && r.dayFollows(i+1) {
		return clock{hour: atoi(t.text), grain: Hour}, i + 1
	}
	if p, _, ok := lookup(r, i+1, r.lex.parts); ok && len(t.text) <= 2 && p != lunch && p != afterLunch && r.at(i+2).kind == word {
		return clock{hour: atoi(t.text), grain: Hour}, i + 1
	}
	return clock{}, i
}

// dayFollows reports whether a part of a day follows, or in English a day: "8 i kväll", "9 tomorrow", "7, this morning".
func (r *reader) dayFollows(i int) bool {
	i = r.skip(i, ",")
	if _, _, ok := lookup(r, i, r.lex.dayParts); ok {
		return true
	}
	_, _, ok := lookup(r, i, r.lex.days)
	return ok && r.lang == English
}

// hourMinute splits 930 and 1430; one or two figures are an hour.
func hourMinute(s string, c clock) clock {
	if len(s) <= 2 {
		c.hour = atoi(s)
		return c
	}
	c.hour, c.minute, c.grain = atoi(s[:len(s)-2]), atoi(s[len(s)-2:]), Minute
	return c
}

func (r *reader) seconds(c clock, i int) (clock, int) {
	if r.is(i, ":", ".") && r.at(i).glued && r.joined(i) && r.at(i+1).kind == digits && len(r.at(i+1).text) == 2 {
		c.second, c.grain = atoi(r.at(i+1).text), Second
		i += 2
	}
	return c, i
}

// meridiem reads am or pm in their spellings; only English has them after any hour, Swedish fm and em are parts of a day.
func (r *reader) meridiem(i int) (part, int) {
	if r.lang != English {
		return anyPart, i
	}
	t := r.at(i)
	var p part
	switch {
	case t.text == "am" || t.text == "a" && t.glued:
		p = am
	case t.text == "pm" || t.text == "p" && t.glued:
		p = pm
	case (t.text == "a" || t.text == "p") && r.is(i+1, "."):
		p = am
		if t.text == "p" {
			p = pm
		}
	default:
		return anyPart, i
	}
	i++
	if r.is(i, ".") && r.at(i).glued && r.is(i+1, "m") {
		i += 2
	}
	if r.is(i, ".") && r.at(i).glued {
		i++
	}
	return p, i
}

func (r *reader) meridiemFollows(i int) bool { _, j := r.meridiem(i); return j > i }

// spokenClock reads an hour said by its neighbours: "halv tre", "fem i halv tre", "kvart över två", "ten past five".
func (r *reader) spokenClock(i int) (clock, int) {
	if d, j, ok := lookup(r, i, r.lex.half); ok {
		if c, k := r.hourName(j); k > j {
			return c.plus(d), k
		}
	}
	var n, j int
	if _, k, ok := lookup(r, i, r.lex.quarter); ok {
		n, j = 15, k
	} else if m, k, spelled := r.number(i); k > i && m >= 1 && m < 30 && (spelled || len(r.at(i).text) <= 2) {
		n, j = m, k
		if u, k, ok := lookup(r, j, r.lex.units); ok && u == Minute {
			j = k
		} else if !spelled && n%5 != 0 {
			return clock{}, i
		}
	} else {
		return clock{}, i
	}
	sign := 1
	_, k, ok := lookup(r, j, r.lex.past)
	if !ok {
		sign = -1
		if _, k, ok = lookup(r, j, r.lex.to); !ok {
			return clock{}, i
		}
	}
	if d, l, ok := lookup(r, k, r.lex.half); ok && r.lang == Swedish {
		if c, m := r.hourName(l); m > l {
			return c.plus(d + sign*n), m
		}
	}
	k = r.skip(k, "kl", "klockan")
	if c, l := r.hourName(k); l > k {
		return c.plus(sign * n), l
	}
	return clock{}, i
}

// hourName reads the hour of a spoken time: a number of 1 to 24 or "midnight".
func (r *reader) hourName(i int) (clock, int) {
	if h, j, ok := lookup(r, i, r.lex.noon); ok {
		return clock{hour: h, grain: Minute}, j
	}
	n, j, _ := r.number(i)
	if j == i || n < 1 || n > 24 || r.at(i).kind == digits && len(r.at(i).text) > 2 {
		return clock{}, i
	}
	if r.is(j, ":", ".") && r.joined(j) && r.at(j).glued {
		return clock{}, i
	}
	c := clock{hour: n % 24, grain: Minute, spoken: n <= 12}
	c.part, j = r.meridiem(j)
	return c, j
}

func (c clock) plus(minutes int) clock {
	total := (c.hour*60 + c.minute + minutes + 1440) % 1440
	c.hour, c.minute, c.grain = total/60, total%60, Minute
	if c.spoken && c.hour == 0 {
		c.hour = 12
	}
	if c.spoken && c.hour > 12 {
		c.hour -= 12
	}
	return c
}

// wordClock reads named hours and hours in words: "midnatt", "kl tre", "arton och trettio", "ten thirty".
func (r *reader) wordClock(i int, by beside) (clock, int) {
	if h, j, ok := lookup(r, i, r.lex.noon); ok {
		return clock{hour: h, grain: Hour}, j
	}
	if name, is := strings.CutSuffix(r.at(i).text, "tiden"); is && r.lang == Swedish { // vid tretiden
		if h, ok := cardinal([]string{name}, Swedish); ok && h >= 1 && h <= 24 {
			return clock{hour: h, grain: Hour, spoken: h <= 12, about: true}, i + 1
		}
	}
	h, j := r.numeralAt(i)
	if j == i || h > 24 {
		return clock{}, i
	}
	marked := by.marked || by.weak && r.nothingCounted(j)
	k := r.skip(j, "och", "-")
	if m, l := r.numeralAt(k); l > k && m >= 10 && m < 60 && (marked || by.weak && r.nothingCounted(l) || r.lang == English) {
		return clock{hour: h, minute: m, grain: Minute, spoken: h <= 12 && h > 0}, l
	}
	_, _, part := lookup(r, j, r.lex.parts)
	_, _, oclock := lookup(r, j, r.lex.oclock)
	if marked || r.meridiemFollows(j) || r.lang == English && oclock || part && r.at(j+1).kind == word {
		return clock{hour: h, grain: Hour, spoken: h <= 12 && h > 0}, j
	}
	return clock{}, i
}

// numeralAt reads one number in words of at most two ("twenty five").
func (r *reader) numeralAt(i int) (int, int) {
	if r.at(i).kind != word {
		return 0, i
	}
	n, ok := cardinal([]string{r.at(i).text}, r.lang)
	if !ok {
		return 0, i
	}
	if n >= 20 && n%10 == 0 {
		j := r.skip(i+1, "-")
		if m, ok := cardinal([]string{r.at(j).text}, r.lang); ok && m > 0 && m < 10 {
			return n + m, j + 1
		}
	}
	return n, i + 1
}

// readClockRange reads "från 9 till 11", "9:30-11:00", "1-2pm", "mellan kl. 14 och 15".
func readClockRange(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.clock != nil || f.instant != nil || f.span != nil || f.shift != nil {
		return f, i
	}
	_, j, from := lookup(r, i, r.lex.from)
	if !from {
		j = i
	}
	_, _, marked := lookup(r, j, r.lex.clock)
	a, k := r.clock(j, beside{marked: true, dated: true})
	if k == j || r.at(k).glued && r.at(k).kind == word {
		return f, i
	}
	u := r.untilAt(k)
	b, end := r.clock(u, beside{marked: true, dated: true})
	if u == k || end == u || r.at(end).glued && r.at(end).kind != mark || r.is(end, "/") ||
		r.is(end, "-") && r.at(end).glued {
		return f, i
	}
	if b.grain == Hour && b.part == anyPart && !r.nothingCounted(end) {
		return f, i // "between 9 and 11 people"
	}
	sure := from || marked || a.grain < Hour || b.grain < Hour || a.part != anyPart || b.part != anyPart
	if _, _, month := lookup(r, end, r.lex.months); !sure || month {
		return f, i
	}
	if a.part == anyPart && (b.part == am || b.part == pm) {
		if a.part = b.part; a.hour%12 > b.hour%12 && b.part == pm {
			a.part = am
		}
	} else if b.part == anyPart {
		if b.part = a.part; a.part == am && b.hour%12 <= a.hour%12 {
			b.part = pm
		} else if a.part == pm && b.hour%12 <= a.hour%12 {
			b.part = am
		}
	}
	if a.part == anyPart && a.hour <= b.hour {
		a.part = b.part // "9 - 10 at night"
	}
	f.clock, f.clockTo = &a, &b
	f.fault = clockFault(b, clockFault(a, f.fault))
	return f, end
}

// readDayPart reads a day and a part of it in one: "i morse", "tonight".
func readDayPart(r *reader, _ *calendar, f frame, i int) (frame, int) {
	if f.dated() || f.part != anyPart {
		return f, i
	}
	d, j, ok := lookup(r, i, r.lex.dayParts)
	if !ok {
		return f, i
	}
	f.days, f.part = &d.days, d.part
	return f, j
}

// readPart reads a part of the day: "kväll" after "i går", "in the morning" after an hour.
func readPart(r *reader, _ *calendar, f frame, i int) (frame, int) {
	p, j, ok := lookup(r, i, r.lex.parts)
	if !ok || f.part != anyPart || f.instant != nil || f.span != nil || f.clock != nil && f.clock.part != anyPart ||
		f.shift != nil && f.shift.grain < Day {
		return f, i
	}
	if !f.dated() && f.clock == nil && r.lang == Swedish && p != afterLunch {
		return f, i
	}
	f.part, f.partAfter = p, j-i > 1 && r.lang == Swedish && p != afterLunch && p != lunch
	return f, j
}

// nothingCounted reports whether what follows a bare number is no thing that it counts: the end, a mark, or a word of a time.
func (r *reader) nothingCounted(i int) bool {
	if r.at(i).kind != word {
		return true
	}
	if _, _, month := lookup(r, i, r.lex.months); month {
		return false
	}
	for _, known := range []bool{in(r, i, r.lex.parts), in(r, i, r.lex.dayParts), in(r, i, r.lex.days), in(r, i, r.lex.weekdays),
		in(r, i, r.lex.agoDays), in(r, i, r.lex.last), in(r, i, r.lex.glue), in(r, i, r.lex.until), in(r, i, r.lex.oclock), in(r, i, r.lex.past),
		in(r, i, r.lex.to), in(r, i, r.lex.clock)} {
		if known {
			return true
		}
	}
	return r.meridiemFollows(i)
}

func in[T any](r *reader, i int, table map[string]T) bool {
	_, _, ok := lookup(r, i, table)
	return ok
}
