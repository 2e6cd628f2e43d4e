package templates

import (
	"strconv"
	"strings"
	"time"

	"frist/conversation"
)

// instant has f put an instant in RFC 3339 into words. What is no time is shown as it stands.
func (p phraser) instant(s string, f func(time.Time) string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return f(t)
}

func (p phraser) clock(t time.Time) string {
	return t.In(conversation.Stockholm()).Format(p.say("time_clock"))
}

// day is short: "fre 20/11".
func (p phraser) day(t time.Time) string {
	t = t.In(conversation.Stockholm())
	return p.say("time_day", "weekday_short", p.nth("weekdays_short", int(t.Weekday())), "day", strconv.Itoa(t.Day()),
		"month", strconv.Itoa(int(t.Month())), "month_short", p.nth("months_short", int(t.Month())-1))
}

func (p phraser) longDay(t time.Time) string {
	return p.say("time_date", "weekday", p.nth("weekdays", int(t.Weekday())), "day", strconv.Itoa(t.Day()),
		"month_name", p.nth("months", int(t.Month())-1), "year", strconv.Itoa(t.Year()))
}

// when is in full: "fredag 20 november 2026 kl. 16.40".
func (p phraser) when(t time.Time) string {
	t = t.In(conversation.Stockholm())
	return p.say("time_at", "date", p.longDay(t), "clock", t.Format(p.say("time_clock")))
}

// date reads a stored answer back: 2006-01-02, and 15:04 or "".
func (p phraser) date(date, clock string) string {
	d, err := time.Parse("2006-01-02", date)
	if err != nil {
		return strings.TrimSpace(date + " " + clock)
	}
	if c, err := time.Parse("15:04", clock); err == nil {
		return p.say("time_at", "date", p.longDay(d), "clock", c.Format(p.say("time_clock")))
	}
	return p.longDay(d)
}

// From so many days on, how many no longer says anything.
const (
	daysMonths = 60
	daysYear   = 365
)

// left is a length of time in whole minutes, in words: "2 dygn 4 timmar", "45 minuter", "flera månader".
func (p phraser) left(minutes string) string {
	m, err := strconv.Atoi(minutes)
	if err != nil {
		return minutes
	}
	if m < 1 {
		return p.say("time_now")
	}
	days, hours, mins := m/(24*60), m/60, m%60
	switch {
	case days >= daysYear:
		return p.say("time_year")
	case days >= daysMonths:
		return p.say("time_months")
	}
	if m < 48*60 {
		days = 0
	} else {
		hours, mins = hours%24, 0
	}
	if hours >= 6 {
		mins = 0 // near the end the minutes matter
	}
	var parts []string
	add := func(key string, n int) {
		one, many, _ := strings.Cut(p.say(key), "|")
		switch {
		case n == 1:
			parts = append(parts, one)
		case n > 1:
			parts = append(parts, strings.ReplaceAll(many, "%d", strconv.Itoa(n)))
		}
	}
	add("time_days", days)
	add("time_hours", hours)
	add("time_minutes", mins)
	return strings.Join(parts, " ")
}

// nth is a word of a text that lists words.
func (p phraser) nth(key string, i int) string {
	for word := range strings.FieldsSeq(p.say(key)) {
		if i == 0 {
			return word
		}
		i--
	}
	return ""
}
