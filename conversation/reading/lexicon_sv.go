package reading

import "time"

var svLexicon = &lexicon{
	weekdays: table(map[string]time.Weekday{
		"måndag|måndagen|mån|må": time.Monday, "tisdag|tisdagen|tis|tisd": time.Tuesday, "onsdag|onsdagen|ons": time.Wednesday,
		"torsdag|torsdagen|tors|tor": time.Thursday, "fredag|fredagen|fre": time.Friday,
		"lördag|lördagen|lör": time.Saturday, "söndag|söndagen|sön": time.Sunday,
	}),
	agoDays: table(map[string]time.Weekday{
		"i måndags": time.Monday, "i tisdags": time.Tuesday, "i onsdags": time.Wednesday, "i torsdags": time.Thursday,
		"i fredags": time.Friday, "i lördags": time.Saturday, "i söndags": time.Sunday,
	}),
	months: table(map[string]time.Month{
		"januari|jan": 1, "februari|feb|febr": 2, "mars|mar": 3, "april|apr": 4, "maj": 5, "juni|jun": 6, "juli|jul": 7,
		"augusti|aug": 8, "september|sep|sept": 9, "oktober|okt": 10, "november|nov": 11, "december|dec": 12,
	}),
	units: table(map[string]Grain{
		"sekund|sekunder|sekunden|sekunderna|sek": Second, "minut|minuter|minuten|minuterna|min": Minute,
		"timme|timma|timmar|timmen|timman|timmarna|tim|h": Hour, "dag|dagar|dagen|dagarna|dygn|dygnet|dygnen": Day, "vecka|veckor|veckan|veckorna": Week,
		"månad|månader|månaden|månaderna|mån": Month, "kvartal|kvartalet": Quarter, "år|året|åren": Year,
	}),
	days: table(map[string]int{
		"idag|i dag": 0, "igår|i går": -1, "förrgår|i förrgår|iförrgår|dagen före igår|dagen före i går|dagen innan igår|dagen innan i går": -2, "imorgon|i morgon|imorrn|i morrn|imorron|i morron": 1,
		"övermorgon|i övermorgon|iövermorgon|dagen efter imorgon|dagen efter i morgon": 2,
	}),
	parts: table(map[string]part{
		"morgon|morgonen|morse|på morgonen|på morgonkvisten": morning, "bitti|tidigt på morgonen|tidig morgon": earlyMorning,
		"förmiddag|förmiddagen|på förmiddagen|fm|f m": forenoon, "lunch|vid lunch|vid lunchtid|lunchtid": lunch,
		"eftermiddag|eftermiddagen|på eftermiddagen|på em|em|e m": afternoon, "kväll|kvällen|på kvällen|på kvällskvisten": evening,
		"natt|natten|på natten": night, "på dagen": afternoon, "efter lunch|efter lunchen": afterLunch,
	}),
	dayParts: table(map[string]dayPart{
		"i morse|imorse": {0, morning}, "i förmiddags|i förmiddag": {0, forenoon}, "i eftermiddag|i eftermiddags": {0, afternoon},
		"i kväll|ikväll": {0, evening}, "i går kväll|igår kväll|i går afton|igår afton|i aftse": {-1, evening},
		"i natt|inatt": {0, overnight}, "under förmiddagen": {0, forenoon}, "under eftermiddagen": {0, afternoon},
		"under kvällen": {0, evening}, "under morgonen": {0, morning},
	}),
	last: table(map[string]rel{
		"förra|förre|föregående|förgående|i förra|under förra|den förra":                                  relLast,
		"denna|detta|den här|det här|innevarande|nuvarande|aktuell|i denna|i den här|under denna|i detta": relThis,
		"nästa|nästkommande|kommande|i nästa|under nästa|den kommande":                                    relNext,
	}),
	periods: table(map[string]period{
		"i år": {Year, relThis}, "i fjol|ifjol": {Year, relLast},
	}),
	now:      table(map[string]bool{"nu|just nu|nyss|alldeles nyss|precis nu": true}),
	noon:     table(map[string]int{"midnatt|vid midnatt": 0, "mitt på dagen|klockan tolv på dagen|middagstid|på middagen": 12}),
	ago:      table(map[string]bool{"sedan|sen|tillbaka|sedan dess": true}),
	before:   table(map[string]bool{"före|innan": true}),
	hence:    table(map[string]bool{"från|efter": true}),
	later:    table(map[string]bool{"senare": true}),
	ahead:    table(map[string]bool{"om|efter": true}),
	forAgo:   table(map[string]bool{"för": true}),
	clock:    table(map[string]bool{"kl|klockan|klocka|klockslag|klockan är|vid klockan|vid kl": false, "vid": true}),
	oclock:   table(map[string]bool{"prick|exakt|blank": true}),
	hourMark: table(map[string]bool{"h": true}),
	half:     table(map[string]int{"halv": -30}),
	quarter:  table(map[string]bool{"kvart|en kvart": true}),
	past:     table(map[string]bool{"över|efter": true}),
	to:       table(map[string]bool{"i|före": true}),
	of:       table(map[string]bool{"i|under": true}),
	glue:     table(map[string]bool{"den|på|vid|på den|under": true}),
	about: table(map[string]bound{
		"cirka|ca|c a|circa|runt|omkring|ungefär|typ|kring|vid ungefär|någon gång|strax efter|strax före|tidigt|sent": boundAbout,
		"efter|från|sedan|från och med|fr o m|tidigast":                                                               boundAfter, "före|innan|senast|till och med|t o m|senast den": boundBefore,
	}),
	from:  table(map[string]bool{"från|mellan|från och med": true}),
	until: table(map[string]bool{"till|och|t o m|till och med|fram till": true}),
	quantity: table(map[string]ratio{
		"en|ett": {1, 1, false}, "ett par": {2, 1, true}, "en halv|ett halvt|halv|halvt": {1, 2, false}, "en och en halv|ett och ett halvt|halvannan": {3, 2, false},
	}),
	lengths: table(map[string]length{
		"en kvart|kvart": {dur: 15 * time.Minute, grain: Minute}, "en halvtimme|halvtimme|en halvtimma|halvtimma": {dur: 30 * time.Minute, grain: Minute},
		"tre kvart|trekvart": {dur: 45 * time.Minute, grain: Minute},
	}),
	spans: table(map[string]rel{
		"senaste|de senaste|sista|de sista|under de senaste|det senaste|den senaste": relLast,
		"nästa|kommande|de närmaste|de kommande|närmaste":                            relNext,
	}),
	lastInDate:  12,
	ordinalEnds: table(map[string]bool{"e|a|de|te|dje|nde": true}),
	lastNth:     table(map[string]bool{"sista": true}),
	week:        table(map[string]bool{"vecka|v|vecka nr": true}),
	holidays:    svHolidays,
	coarse: table(map[string]bool{
		"i helgen|förra helgen|nu i helgen|under helgen|helgen|senaste tiden|den senaste tiden|en tid|länge|nyligen|häromdagen": true,
		"i höstas|i vintras|i våras|i somras|i vinter|i sommar|i höst|i vår":                                                    true,
		"våren|sommaren|hösten|vintern|under våren|under sommaren|under hösten|under vintern":                                   true,
		"i början av|i slutet av|i mitten av|början av|slutet av|mitten av":                                                     true,
	}),
}
