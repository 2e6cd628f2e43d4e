package reading

import "time"

var enLexicon = &lexicon{
	weekdays: table(map[string]time.Weekday{
		"monday|mon": time.Monday, "tuesday|tue|tues": time.Tuesday, "wednesday|wed|weds": time.Wednesday,
		"thursday|thu|thur|thurs": time.Thursday, "friday|fri": time.Friday, "saturday|sat": time.Saturday, "sunday|sun": time.Sunday,
	}),
	months: table(map[string]time.Month{
		"january|jan": 1, "february|feb|febr": 2, "march|mar": 3, "april|apr": 4, "may": 5, "june|jun": 6, "july|jul": 7,
		"august|aug": 8, "september|sep|sept": 9, "october|oct": 10, "november|nov": 11, "december|dec": 12,
	}),
	units: table(map[string]Grain{
		"second|seconds|sec|secs": Second, "minute|minutes|min|mins": Minute, "hour|hours|hr|hrs|h": Hour, "day|days": Day,
		"week|weeks": Week, "month|months": Month, "quarter|quarters|qtr|qtrs": Quarter, "year|years|yr|yrs": Year,
	}),
	days: table(map[string]int{
		"today|earlier today|later today": 0, "yesterday": -1, "day before yesterday|the day before yesterday": -2,
		"tomorrow|tmrw|tmr": 1, "day after tomorrow|the day after tomorrow|the day after tmrw|day after tmrw": 2,
	}),
	parts: table(map[string]part{
		"morning|in the morning|in the am": morning, "early morning|early in the morning|early this morning": earlyMorning,
		"lunch|at lunch|at lunchtime|lunchtime": lunch, "afternoon|in the afternoon": afternoon,
		"evening|in the evening": evening, "night|at night|in the night": night, "after lunch": afterLunch,
	}),
	dayParts: table(map[string]dayPart{
		"this morning": {0, morning}, "this afternoon|during the afternoon": {0, afternoon},
		"this evening|during the evening": {0, evening}, "tonight|this night": {0, overnight}, "last night|yesterday night": {-1, overnight},
		"last evening": {-1, evening}, "tomorrow night": {1, overnight},
	}),
	last: table(map[string]rel{
		"last|the last|past|the past|previous|the previous":                                         relLast,
		"this|the current|current|the present|present":                                              relThis,
		"next|the next|the following|following|the coming|coming|upcoming|the upcoming|this coming": relNext,
	}),
	periods:  map[string]period{},
	now:      table(map[string]bool{"now|right now|just now|at the moment|at this moment|at this time|immediately": true}),
	noon:     table(map[string]int{"midnight|at midnight": 0, "noon|at noon|midday|at midday": 12}),
	ago:      table(map[string]bool{"ago|back|earlier": true}),
	before:   table(map[string]bool{"before": true}),
	hence:    table(map[string]bool{"from|after": true}),
	later:    table(map[string]bool{"later|hence|from now|from right now|from this moment|from today": true}),
	ahead:    table(map[string]bool{"in|within|in another": true}),
	forAgo:   map[string]bool{},
	clock:    table(map[string]bool{"at": true}),
	oclock:   table(map[string]bool{"o'clock|oclock|exactly|sharp|on the dot": true}),
	hourMark: table(map[string]bool{"h": true}),
	half:     table(map[string]int{"half|half past|half after": 30}),
	quarter:  table(map[string]bool{"quarter|a quarter": true}),
	past:     table(map[string]bool{"past|after": true}),
	to:       table(map[string]bool{"to|before|till|til": true}),
	of:       table(map[string]bool{"of|in": true}),
	glue:     table(map[string]bool{"the|on|on the|at|in|during|for": true}),
	about: table(map[string]bound{
		"about|around|approximately|approx|circa|roughly|at about|at around|at approximately|some time": boundAbout,
		"after|since|from|later than|anytime after|any time after|shortly after":                        boundAfter,
		"before|by|until|up to|no later than|shortly before":                                            boundBefore,
	}),
	from:  table(map[string]bool{"from|between|from the|later than": true}),
	until: table(map[string]bool{"to|until|till|til|and|thru|through|to the|but before": true}),
	quantity: table(map[string]ratio{
		"a|an": {1, 1, false}, "a couple|a couple of|a pair of|couple of|couple": {2, 1, true}, "half an|half a|a half": {1, 2, false},
		"one and a half": {3, 2, false}, "a quarter of an|quarter of an": {1, 4, false}, "three quarters of an": {3, 4, false},
	}),
	lengths: table(map[string]length{
		"a fortnight|fortnight": {days: 14, grain: Day}, "an hour and a half": {dur: 90 * time.Minute, grain: Minute},
	}),
	spans: table(map[string]rel{
		"last|the last|past|the past|previous|the previous": relLast, "next|the next": relNext,
	}),
	lastInDate:  31,
	ordinalEnds: table(map[string]bool{"st|nd|rd|th": true}),
	lastNth:     table(map[string]bool{"last|the last": true}),
	week:        table(map[string]bool{"week|week number|wk": true}),
	holidays:    enHolidays,
	coarse: table(map[string]bool{
		"this weekend|last weekend|over the weekend|next weekend|the weekend|at the weekend|recently|lately":      true,
		"last spring|last summer|last autumn|last fall|last winter|this spring|this summer|this autumn|this fall": true,
		"spring|summer|autumn|winter|in the spring|in the summer|in the autumn|in the fall|in the winter":         true,
		"early in|late in|the beginning of|the end of|at the beginning of|at the end of|beginning of|end of":      true,
	}),
}
