package reading

import "time"

// frame collects what a phrase says about a time, before it is put on the calendar. A part that says a thing twice does
// not fit, so the phrase is not understood.
type frame struct {
	date, dateTo ymd
	monthRel     rel // "last March": not this month's
	weekday      *weekdaySaid
	period       *period
	week         int // ISO 8601 week number
	nth          *nthSaid
	days         *int // from today
	shift        *shift
	span         *spanSaid
	holiday      holiday
	holidayRel   rel
	instant      *time.Time
	clock        *clock
	clockTo      *clock
	part         part
	partAfter    bool // the part stands with a preposition, not as a part of the day's name
	about        bound
	dotted       *[2]int // "20.11": a date or a time
	fault        Problem
}

// ymd is a date of which parts may be missing (0).
type ymd struct{ year, month, day int }

type weekdaySaid struct {
	day time.Weekday
	rel rel
}

// nthSaid is "third Tuesday", "last day": n counts from 1, or from -1 at the end.
type nthSaid struct {
	n       int
	unit    Grain
	weekday time.Weekday // with unit Day and isDay
	isDay   bool
	done    bool // what it is the nth of has been said
}

// shift is a time counted from now, or from the day that base days are away.
type shift struct {
	length
	sign  int
	base  int
	dated bool // counted from a day, not from this instant
}

// length of time; its grain is how finely it was said.
type length struct {
	years, months, days int
	dur                 time.Duration
	grain               Grain
	about               bool
}

type spanSaid struct {
	n    int
	unit Grain
	rel  rel
}

// clock is a time of day.
type clock struct {
	hour, minute, second int
	grain                Grain
	part                 part // am, pm or a part of the day that stands with it
	spoken               bool // on the twelve-hour clock by nature: "half past two"
	about                bool // "vid tretiden"
	twelve               bool // digits that English may mean on the twelve-hour clock
}

// dated reports whether a day has been said in any way.
func (f frame) dated() bool {
	return f.date != ymd{} || f.weekday != nil || f.period != nil || f.nth != nil || f.days != nil || f.shift != nil ||
		f.span != nil || f.holiday != nil || f.instant != nil || f.week != 0
}

// open reports whether the frame needs more to be a date: "third Tuesday of".
func (f frame) open() bool { return false }

// component reads one part of a phrase at token i and adds it to the frame. It gives i if the part is not there or does
// not fit. Components are pure: the frame's pointers are set, never written through.
type component func(r *reader, c *calendar, f frame, i int) (frame, int)

// components in the order in which they win when they read equally far.
var components = []component{
	readInstant, readDayRange, readNumericDate, readDayMonth, readMonthDay, readMonth, readNth, readDayOfMonth, readYear,
	readWeek, readShift, readSpan, readPeriod, readWeekday, readDays, readHoliday,
	readCoarse, readClockRange, readClock, readDayPart, readPart,
}
