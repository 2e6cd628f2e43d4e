package reading

import (
	"fmt"
	"time"
)

// withClock puts the time of day on the day that w begins with.
func (c *calendar) withClock(w When, f frame) (When, Problem) {
	day := c.trunc(w.Start, Day)
	if f.clock == nil {
		return c.partOf(day, f)
	}
	start, p := c.timeOn(day, *f.clock, f, !f.dated() || f.part == overnight && f.days != nil && *f.days == 0)
	if !p.OK() {
		return When{}, p
	}
	out := When{Start: start, Grain: f.clock.grain, HasTime: true, Loose: f.about != 0 || f.clock.about || f.clockTo != nil}
	out.End = c.step(start, 1, out.Grain)
	if f.clockTo == nil {
		return out, Problem{}
	}
	out.Grain = min(f.clock.grain, f.clockTo.grain)
	end, p := c.timeOn(c.trunc(start, Day), *f.clockTo, f, false)
	if !p.OK() {
		return When{}, p
	}
	if !end.After(start) {
		if end, p = c.timeOn(c.step(c.trunc(start, Day), 1, Day), *f.clockTo, f, false); !p.OK() || f.clock.part == f.clockTo.part && f.clock.part != anyPart {
			return When{}, Problem{Key: TimeInvalid}
		}
	}
	out.End = c.step(end, 1, out.Grain)
	return out, Problem{}
}

// partOf is a part of the day as a range of hours.
func (c *calendar) partOf(day time.Time, f frame) (When, Problem) {
	from, to := f.part.hours(c.lang)
	if f.part == overnight && to == 0 {
		return When{}, Problem{Key: DateAmbiguous} // "i natt" is a part of two days
	}
	if to == 0 || f.partAfter {
		return When{}, Problem{Key: DateNotUnderstood}
	}
	start, ok := c.at(day, from, 0, 0)
	if !ok {
		return When{}, Problem{Key: TimeInvalid}
	}
	end, _ := c.at(day, to, 0, 0)
	return When{Start: start, End: end, Grain: Hour, Loose: true}, Problem{}
}

// timeOn is a time of day on a day. free means that no day was said, so that the direction may move it to the day before
// or after, and may tell the halves of the day apart.
func (c *calendar) timeOn(day time.Time, k clock, f frame, free bool) (time.Time, Problem) {
	p := k.part
	if p == anyPart {
		p = f.part
	}
	hour, ok := p.hour(k.hour, k.grain < Hour)
	if !ok && k.hour == 24 {
		hour, ok = 24, p == anyPart
	}
	if !ok {
		return time.Time{}, Problem{Key: TimeInvalid}
	}
	t, ok := c.at(day, hour, k.minute, k.second)
	if !ok {
		return time.Time{}, Problem{Key: TimeInvalid}
	}
	halves := p == anyPart && k.hour >= 1 && k.hour <= 12 && (k.spoken || k.twelve)
	if halves {
		if other, ok := c.at(day, (hour+12)%24, k.minute, k.second); ok {
			return c.chooseHalf(t, other, k, free && f.clockTo == nil)
		}
	}
	if !free {
		return t, Problem{}
	}
	switch {
	case c.dir == Future && t.Before(c.now.Truncate(time.Minute)):
		t, ok = c.at(c.step(day, 1, Day), hour, k.minute, k.second)
	case c.dir == Past && t.After(c.now):
		t, ok = c.at(c.step(day, -1, Day), hour, k.minute, k.second)
	}
	if !ok {
		return t, Problem{Key: TimeInvalid}
	}
	return t, Problem{}
}

// chooseHalf tells 2:30 from 14:30 where the words do not. Without a day the direction does. With one, looking back, both
// are asked about if both have been; figures then mean the 24-hour clock, as they do in Sweden.
func (c *calendar) chooseHalf(t, other time.Time, k clock, free bool) (time.Time, Problem) {
	am, pm := t, other
	if pm.Before(am) {
		am, pm = pm, am
	}
	switch {
	case free && c.dir == Future:
		return soonest(c.now, am, pm), Problem{}
	case free && c.dir == Past && k.spoken:
		return latest(c.now, am, pm), Problem{}
	case free && c.dir == Past && t.After(c.now):
		return t.AddDate(0, 0, -1), Problem{}
	case free && k.spoken:
		if am.Sub(c.now).Abs() <= pm.Sub(c.now).Abs() {
			return am, Problem{}
		}
		return pm, Problem{}
	case k.spoken && c.dir == Past && !pm.After(c.now):
		return t, Problem{Key: TimeAmbiguous, Detail: clockText(am), Suggest: clockText(pm)}
	}
	return t, Problem{}
}

func soonest(now, a, b time.Time) time.Time {
	now = now.Truncate(time.Minute)
	for _, t := range []time.Time{a, b, a.AddDate(0, 0, 1)} {
		if !t.Before(now) {
			return t
		}
	}
	return b.AddDate(0, 0, 1)
}

func latest(now, a, b time.Time) time.Time {
	for _, t := range []time.Time{b, a, b.AddDate(0, 0, -1)} {
		if !t.After(now) {
			return t
		}
	}
	return a.AddDate(0, 0, -1)
}

// clockText is a time of day as 15:04.
func clockText(t time.Time) string { return fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()) }
