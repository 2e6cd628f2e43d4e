package reading

import (
	"fmt"
	"time"
)

// calendar puts what was said on the time line, relative to now.
type calendar struct {
	now  time.Time
	loc  *time.Location
	dir  Direction
	lang Lang
}

func newCalendar(now time.Time, dir Direction, lang Lang) (*calendar, error) {
	loc, err := Stockholm()
	if err != nil {
		return nil, fmt.Errorf("load the zone of dates: %w", err)
	}
	return &calendar{now.In(loc), loc, dir, lang}, nil
}

// day is the midnight that begins a day; it may be given as the 0th or 32nd.
func (c *calendar) day(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, c.loc)
}

func (c *calendar) today() time.Time { return c.day(c.now.Year(), int(c.now.Month()), c.now.Day()) }

func (c *calendar) of(d ymd) time.Time { return c.day(d.year, d.month, d.day) }

// fullYear gives the century to a year of two figures: at most ten years ahead.
func (c *calendar) fullYear(yy int) int {
	y := c.now.Year() - c.now.Year()%100 + yy
	if y > c.now.Year()+10 {
		y -= 100
	}
	return y
}

// near keeps the days that lie within a year of now.
func (c *calendar) near(ds []ymd) []ymd {
	var out []ymd
	for _, d := range ds {
		if gap := c.of(d).Sub(c.now); gap.Abs() < 367*24*time.Hour {
			out = append(out, d)
		}
	}
	return out
}

// trunc is the beginning of the unit that t lies in.
func (c *calendar) trunc(t time.Time, unit Grain) time.Time {
	y, m, d := t.Year(), int(t.Month()), t.Day()
	switch unit {
	case Second:
		return t.Truncate(time.Second)
	case Minute:
		return t.Truncate(time.Minute)
	case Hour:
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	case Week:
		return c.day(y, m, d-(int(t.Weekday())+6)%7)
	case Month:
		return c.day(y, m, 1)
	case Quarter:
		return c.day(y, m-(m-1)%3, 1)
	case Year:
		return c.day(y, 1, 1)
	}
	return c.day(y, m, d)
}

// step is t n units later; t must be the beginning of one.
func (c *calendar) step(t time.Time, n int, unit Grain) time.Time {
	y, m, d := t.Year(), int(t.Month()), t.Day()
	switch unit {
	case Second:
		return t.Add(time.Duration(n) * time.Second)
	case Minute:
		return t.Add(time.Duration(n) * time.Minute)
	case Hour:
		return t.Add(time.Duration(n) * time.Hour)
	case Week:
		return c.day(y, m, d+7*n)
	case Month:
		return c.day(y, m+n, d)
	case Quarter:
		return c.day(y, m+3*n, d)
	case Year:
		return c.day(y+n, m, d)
	}
	return c.day(y, m, d+n)
}

// unit is the When of the one unit that begins at start.
func (c *calendar) unit(start time.Time, g Grain) When {
	return When{Start: start, End: c.step(start, 1, g), Grain: g}
}

// at is a wall-clock time on a day: the first of a repeated hour; false in the hour that summer time skips.
func (c *calendar) at(day time.Time, h, m, s int) (time.Time, bool) {
	t := time.Date(day.Year(), day.Month(), day.Day(), h, m, s, 0, c.loc)
	if earlier := t.Add(-time.Hour); earlier.Hour() == t.Hour() && earlier.Minute() == t.Minute() {
		t = earlier
	}
	return t, t.Hour() == h%24 && t.Minute() == m
}

// choose takes from candidate(k), k = …, -1, 0, 1, … (in order of time, ok false where there is none) the one that the
// direction asks for. Today counts as past and as future.
func (c *calendar) choose(candidate func(k int) (time.Time, bool)) (time.Time, bool) {
	const reach = 10
	today := c.today()
	var before, after time.Time
	for k := -reach; k <= reach; k++ {
		t, ok := candidate(k)
		if !ok {
			continue
		}
		if !t.After(today) {
			before = t
		}
		if !t.Before(today) && after.IsZero() {
			after = t
		}
	}
	switch {
	case before.IsZero() && after.IsZero():
		return time.Time{}, false
	case after.IsZero(), c.dir == Past && !before.IsZero():
		return before, true
	case before.IsZero(), c.dir == Future:
		return after, true
	}
	if today.Sub(before) < after.Sub(today) {
		return before, true
	}
	return after, true
}
