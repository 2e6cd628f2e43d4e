package reading

import "time"

// Grain is how finely a time is said, and the unit of lengths of time.
type Grain int8

// The grains, fine to coarse.
const (
	Second Grain = iota + 1
	Minute
	Hour
	Day
	Week
	Month
	Quarter
	Year
)

var grainNames = [...]string{"", "second", "minute", "hour", "day", "week", "month", "quarter", "year"}

// String gives the English name, "second" to "year".
func (g Grain) String() string { return grainNames[g] }

// lexicon is what one language's words mean. Keys are folded; several words are parted by single spaces.
type lexicon struct {
	weekdays map[string]time.Weekday
	months   map[string]time.Month
	units    map[string]Grain
	days     map[string]int     // "yesterday" -1
	parts    map[string]part    // parts of the day that may follow a day: "kväll", "in the evening"
	dayParts map[string]dayPart // "i morse": a day and a part of it at once
	last     map[string]rel     // words before a unit or weekday: "förra", "this", "next"
	agoDays  map[string]time.Weekday
	periods  map[string]period // "i fjol", "i år"
	now      map[string]bool
	noon     map[string]int // hours with a name of their own: "midnatt" 0, "noon" 12

	ago, before, hence, later, ahead map[string]bool // för 2 dagar SEDAN, FÖRE i går, FRÅN nu, SENARE, OM 2 dagar
	forAgo                           map[string]bool // the FÖR that a SEDAN must follow

	clock    map[string]bool   // words before an hour: "kl", "at"; true if they stand before other things too
	oclock   map[string]bool   // words after an hour: "o'clock"
	hourMark map[string]bool   // 15h30
	half     map[string]int    // half's minutes before (Swedish) or after (English) the hour
	quarter  map[string]bool   // kvart, quarter
	past, to map[string]bool   // över, i; past, to
	of       map[string]bool   // what joins parts of a date: "i", "of"
	glue     map[string]bool   // words that carry no meaning between parts: "den", "on"
	about    map[string]bound  // words that loosen or bound what follows: "cirka", "after"
	from     map[string]bool   // what a range begins with
	until    map[string]bool   // what stands between its ends
	quantity map[string]ratio  // quantities that are no numerals: "ett par", "en halv"
	lengths  map[string]length // lengths with a name of their own: "en kvart", "a fortnight"
	spans    map[string]rel    // DE SENASTE två veckorna

	lastInDate  int // the largest second number of a date of two: 12 where the day comes first
	ordinalEnds map[string]bool
	lastNth     map[string]bool // sista dagen
	week        map[string]bool // vecka 47
	holidays    map[string]holiday
	coarse      map[string]bool // times too long to be an answer and too vague to have ends: "i helgen"
}

// ratio is a quantity, as 3/2 hours.
type ratio struct {
	num, den int
	about    bool // "a couple" may be three
}

// rel says which one: the last, this or the next.
type rel int8

const (
	relLast rel = -1
	relThis rel = 0
	relNext rel = 1
	relBare rel = 2 // no word said which
	relAgo  rel = 3 // "i fredags": before today, whatever the direction
	relOn   rel = 4 // "på fredag": after today, whatever the direction
)

type period struct {
	unit Grain
	rel  rel
}

type dayPart struct {
	days int
	part part
}

// bound is how a word loosens the time after it.
type bound int8

const (
	boundAbout bound = iota + 1
	boundAfter
	boundBefore
)

// part is a part of the day.
type part int8

const (
	anyPart part = iota
	earlyMorning
	morning
	forenoon
	lunch
	afternoon
	evening
	night
	afterLunch
	overnight // an evening and the hours after midnight: "tonight", "i natt"
	am        // only beside an hour
	pm
)

// hours gives a part's hours, end exclusive. They follow what date readers take them for: no rule says what an evening is.
func (p part) hours(lang Lang) (from, to int) {
	switch p {
	case earlyMorning:
		if lang == English {
			return 0, 9
		}
		return 4, 9
	case morning:
		if lang == English {
			return 0, 12
		}
		return 4, 12
	case forenoon:
		return 8, 12
	case lunch:
		return 12, 14
	case afternoon:
		return 12, 19
	case evening:
		return 18, 24
	case overnight:
		if lang == English {
			return 18, 24
		}
	case afterLunch:
		return 13, 17
	}
	return 0, 0
}

// hour gives the hour that h names in this part of the day, beyond 24 for one after midnight; false for "15 in the morning".
func (p part) hour(h int, hasMinute bool) (int, bool) {
	switch p {
	case anyPart:
		return h, h < 24
	case am:
		return h % 12, h >= 1 && h <= 12
	case pm:
		return h%12 + 12, h >= 1 && h <= 12 || h > 12 && h < 24 && hasMinute
	case earlyMorning, morning, forenoon:
		return h, h >= 1 && h <= 11
	case lunch:
		if h == 1 || h == 2 {
			return h + 12, true
		}
		return h, h >= 11 && h <= 14
	case afternoon, afterLunch:
		if h >= 1 && h <= 7 {
			return h + 12, true
		}
		return h, h >= 12 && h <= 19
	case overnight:
		switch {
		case h == 0 || h == 12 || h == 24:
			return 24, true
		case h <= 4:
			return h + 24, true
		case h <= 11:
			return h + 12, true
		}
		return h, h >= 17 && h < 24
	case evening:
		if h >= 4 && h <= 11 {
			return h + 12, true
		}
		return h, h >= 16 && h < 24
	case night:
		switch {
		case h == 12 || h == 24:
			return 0, true
		case h >= 8 && h <= 11:
			return h + 12, true
		}
		return h, h < 7 || h >= 20 && h < 24
	}
	return 0, false
}

// duration is how long a grain below a day lasts.
func (g Grain) duration() time.Duration {
	switch g {
	case Second:
		return time.Second
	case Minute:
		return time.Minute
	}
	return time.Hour
}
