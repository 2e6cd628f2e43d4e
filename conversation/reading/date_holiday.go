package reading

import "time"

// holiday is a rule for a named day of the year.
type holiday = *holidayRule

type holidayRule struct {
	month, day int
	weekday    time.Weekday // the first such weekday from month and day on, if move is set
	move       bool
	easter     bool // day counts from Easter Sunday
}

func fixed(month, day int) holiday { return &holidayRule{month: month, day: day} }

func easterPlus(days int) holiday { return &holidayRule{day: days, easter: true} }

func firstFrom(month, day int, w time.Weekday) holiday {
	return &holidayRule{month: month, day: day, weekday: w, move: true}
}

// Swedish public holidays as in lag (1989:253) 1 §, and the eves.
var svHolidays = table(map[string]holiday{
	"nyårsdagen": fixed(1, 1), "trettondagen|trettondedag jul|trettondedagen": fixed(1, 6), "trettondagsafton": fixed(1, 5),
	"alla hjärtans dag": fixed(2, 14), "skärtorsdagen|skärtorsdag": easterPlus(-3), "långfredagen|långfredag": easterPlus(-2),
	"påskafton|påskaftonen": easterPlus(-1), "påskdagen": easterPlus(0), "annandag påsk|annandagen påsk": easterPlus(1),
	"valborg|valborgsmässoafton": fixed(4, 30), "första maj": fixed(5, 1), "kristi himmelsfärdsdag|kristi himmelsfärd": easterPlus(39),
	"pingstdagen": easterPlus(49), "pingstafton": easterPlus(48), "nationaldagen|sveriges nationaldag": fixed(6, 6),
	"midsommarafton": firstFrom(6, 19, time.Friday), "midsommardagen|midsommar": firstFrom(6, 20, time.Saturday),
	"alla helgons dag|allhelgonadagen": firstFrom(10, 31, time.Saturday), "halloween": fixed(10, 31), "lucia|luciadagen": fixed(12, 13),
	"julafton|julaftonen": fixed(12, 24), "juldagen": fixed(12, 25), "annandag jul|annandagen": fixed(12, 26),
	"nyårsafton|nyårsaftonen": fixed(12, 31),
})

var enHolidays = table(map[string]holiday{
	"new year's day|new years day|new year's|new years": fixed(1, 1), "epiphany": fixed(1, 6),
	"valentine's day|valentines day|valentine's|st valentine's day":                                            fixed(2, 14),
	"st patrick's day|saint patrick's day|st patricks day|saint patricks day|st paddy's day|saint paddy's day": fixed(3, 17),
	"maundy thursday|covenant thu|covenant thursday|holy thursday":                                             easterPlus(-3), "good friday": easterPlus(-2), "holy saturday|easter saturday|black saturday": easterPlus(-1),
	"easter|easter sunday|easter day": easterPlus(0), "easter monday|easter mon": easterPlus(1), "palm sunday|branch sunday": easterPlus(-7),
	"ascension day": easterPlus(39), "pentecost|whit sunday|white sunday": easterPlus(49), "whit monday|monday of the holy spirit": easterPlus(50),
	"trinity sunday": easterPlus(56), "may day": fixed(5, 1), "midsummer eve|midsummer's eve": firstFrom(6, 19, time.Friday),
	"midsummer|midsummer's day|midsummer day": firstFrom(6, 20, time.Saturday), "independence day": fixed(7, 4),
	"thanksgiving|thanksgiving day": firstFrom(11, 22, time.Thursday), "black friday": firstFrom(11, 23, time.Friday),
	"martin luther king day|mlk day|martin luther king jr day|civil rights day": firstFrom(1, 15, time.Monday),
	"halloween": fixed(10, 31), "all saints' day|all saints day": fixed(11, 1), "boss's day|boss day|bosses day": fixed(10, 16),
	"christmas eve|xmas eve": fixed(12, 24), "christmas|christmas day|xmas|xmas day": fixed(12, 25), "boxing day": fixed(12, 26),
	"new year's eve|new years eve": fixed(12, 31),
})

// in gives the day in a year.
func (h *holidayRule) in(year int) ymd {
	t := time.Date(year, time.Month(max(h.month, 1)), h.day, 0, 0, 0, 0, time.UTC)
	switch {
	case h.easter:
		t = easter(year).AddDate(0, 0, h.day)
	case h.move:
		t = t.AddDate(0, 0, (int(h.weekday)-int(t.Weekday())+7)%7)
	}
	return ymd{t.Year(), int(t.Month()), t.Day()}
}

// easter is Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876, as in Meeus, Astronomical Algorithms).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
