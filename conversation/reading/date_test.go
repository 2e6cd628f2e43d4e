package reading

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// ref is Sunday 22 November 2026, 10.00.
func ref(t testing.TB) time.Time {
	t.Helper()
	loc, err := Stockholm()
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 11, 22, 10, 0, 0, 0, loc)
}

// said is a reading on one line: the start as finely as its grain, and the end of a range.
func said(w When) string {
	layout := map[Grain]string{Year: "2006", Month: "2006-01", Quarter: "2006-01", Week: "2006-01-02", Day: "2006-01-02"}[w.Grain]
	if layout == "" {
		layout = "2006-01-02 15:04"
	}
	s := w.Start.Format(layout) + " " + w.Grain.String()
	if c := (&calendar{loc: w.Start.Location()}); !c.step(w.Start, 1, w.Grain).Equal(w.End) {
		s += " to " + w.End.Format(layout)
	}
	return s
}

func TestDateSwedish(t *testing.T) {
	for _, c := range []struct{ text, past, future string }{
		{"2026-11-05", "2026-11-05 day", ""},
		{"2026-11-05 14:30", "2026-11-05 14:30 minute", ""},
		{"2026-11-05T14:30:00Z", "2026-11-05 15:30 minute", ""},
		{"2026-07-05T14:30+02:00", "2026-07-05 14:30 minute", ""},
		{"20261105", "2026-11-05 day", ""},
		{"261105", "2026-11-05 day", ""},
		{"201105", "no", ""}, // 2020, or 20 November 2005: neither is near
		{"20/11", "2026-11-20 day", "2027-11-20 day"},
		{"20/11-26", "2026-11-20 day", ""},
		{"20/11 -26", "2026-11-20 day", ""},
		{"den 20/11 kl 9.15", "2026-11-20 09:15 minute", "2027-11-20 09:15 minute"},
		{"20.11.2026", "2026-11-20 day", ""},
		{"20.11.", "2026-11-20 day", "2027-11-20 day"},
		{"20.11", "no", ""}, // a date or a time
		{"20.40", "2026-11-21 20:40 minute", "2026-11-22 20:40 minute"},
		{"i går 20.11", "2026-11-21 20:11 minute", ""},
		{"26-11-20", "2026-11-20 day", ""},
		{"den 5 november 2026 kl. 9", "2026-11-05 09:00 hour", ""},
		{"torsdagen den 5:e november", "2026-11-05 day", "2026-11-05 day"}, // the weekday tells the year
		{"femte november", "2026-11-05 day", "2027-11-05 day"},
		{"tjugoförsta juni tjugohundratjugofem", "2025-06-21 day", ""},
		{"mars 3", "2026-03-03 day", "2027-03-03 day"},
		{"mars 21", "no", ""}, // March 2021, or the 21st
		{"den 15", "2026-11-15 day", "2026-12-15 day"},
		{"15:e nästa månad", "2026-12-15 day", ""},
		{"idag", "2026-11-22 day", ""},
		{"i går", "2026-11-21 day", ""},
		{"igar", "2026-11-21 day", ""},
		{"igår 14.30", "2026-11-21 14:30 minute", ""},
		{"igår, fredag", "no", ""}, // it was a Saturday
		{"igår, lördag", "2026-11-21 day", ""},
		{"i förrgår kl 7", "2026-11-20 07:00 hour", ""},
		{"i fredags", "2026-11-20 day", "2026-11-20 day"},
		{"i söndags", "2026-11-15 day", ""},
		{"förra fredagen", "2026-11-20 day", ""},
		{"fredag kl 16", "2026-11-20 16:00 hour", "2026-11-27 16:00 hour"},
		{"söndag", "no", "2026-11-29 day"}, // looking back: today or a week ago
		{"på torsdag", "2026-11-26 day", ""},
		{"nästa torsdag", "2026-11-26 day", ""},
		{"onsdag förra veckan", "2026-11-11 day", ""},
		{"onsdag vecka 47", "2026-11-18 day", "2026-11-18 day"},
		{"vecka 7", "2026-02-09 week", "2027-02-15 week"},
		{"vecka 54", "no", ""},
		{"i morse", "2026-11-22 04:00 hour to 2026-11-22 12:00", ""},
		{"i går kväll", "2026-11-21 18:00 hour to 2026-11-22 00:00", ""},
		{"i går kväll vid åtta", "2026-11-21 20:00 hour", ""},
		{"i natt", "no", ""}, // of two days
		{"sent i går kväll", "2026-11-21 18:00 hour to 2026-11-22 00:00", ""},
		{"i går eftermiddag vid tretiden", "2026-11-21 15:00 hour", ""},
		{"i går runt 15", "2026-11-21 15:00 hour", ""},
		{"jul", "no", ""}, // Christmas, not July
		{"i natt kl 2", "2026-11-22 02:00 hour", "2026-11-23 02:00 hour"},
		{"i natt kl 23", "2026-11-21 23:00 hour", "2026-11-22 23:00 hour"},
		{"klockan 8 på morgonen", "2026-11-22 08:00 hour", "2026-11-23 08:00 hour"},
		{"kl 15 på morgonen", "no", ""},
		{"tre på eftermiddagen i går", "2026-11-21 15:00 hour", ""},
		{"i går halv tre på eftermiddagen", "2026-11-21 14:30 minute", ""},
		{"i går halv tre", "no", "2026-11-21 02:30 minute"}, // looking back, both have been
		{"fem i halv fyra", "2026-11-22 03:25 minute", "2026-11-22 15:25 minute"},
		{"kvart över två", "2026-11-22 02:15 minute", "2026-11-22 14:15 minute"},
		{"tio minuter i tolv på dagen", "no", ""},
		{"14:30", "2026-11-21 14:30 minute", "2026-11-22 14:30 minute"},
		{"kl. 9", "2026-11-22 09:00 hour", "2026-11-23 09:00 hour"},
		{"kl 0930 i går", "2026-11-21 09:30 minute", ""},
		{"igår kl 24", "2026-11-22 00:00 hour", ""},
		{"igår mellan 9 och 11", "2026-11-21 09:00 hour to 2026-11-21 12:00", ""},
		{"igår 9:30-11:00", "2026-11-21 09:30 minute to 2026-11-21 11:01", ""},
		{"nyss", "2026-11-22 10:00 second", ""},
		{"för två timmar sedan", "2026-11-22 08:00 minute", ""},
		{"för 2,5 timmar sen", "2026-11-22 07:30 minute", ""},
		{"för en kvart sedan", "2026-11-22 09:45 second", ""},
		{"för en och en halv timme sedan", "2026-11-22 08:30 minute", ""},
		{"tre dagar sedan", "2026-11-19 10:00 hour", ""},
		{"för en månad sedan", "2026-10-22 day", ""},
		{"om en vecka", "2026-11-29 day", ""},
		{"om en vecka sedan", "no", ""},
		{"två dagar efter imorgon", "2026-11-25 day", ""},
		{"förra veckan", "2026-11-09 week", ""},
		{"i mars", "2026-03 month", "2027-03 month"},
		{"förra året", "2025 year", ""},
		{"5 mars i fjol", "2025-03-05 day", ""},
		{"första måndagen i oktober", "2026-10-05 day", "2027-10-04 day"},
		{"sista dagen i februari 2024", "2024-02-29 day", ""},
		{"10–12 november", "2026-11-10 day to 2026-11-13", ""},
		{"30 november - 2 december 2025", "2025-11-30 day to 2025-12-03", ""},
		{"senaste två dagarna", "2026-11-20 day to 2026-11-22", ""},
		{"julafton", "2025-12-24 day", "2026-12-24 day"},
		{"långfredagen 2027", "2027-03-26 day", ""},
		{"midsommarafton 2026", "2026-06-19 day", ""},
		{"29 feb", "2024-02-29 day", "2028-02-29 day"},
		{"2026-10-25 02:30", "2026-10-25 02:30 minute", ""},
		{"2026-03-29 02:30", "no", ""}, // summer time skips it
		{"söndag 20 november 2026", "no", ""},
		{"31 februari", "no", ""}, {"33 juni", "no", ""}, {"2026-13-01", "no", ""}, {"25:61", "no", ""}, {"kl 25", "no", ""},
		{"", "no", ""}, {"18", "no", ""}, {"den", "no", ""}, {"i", "no", ""}, {"kl", "no", ""}, {"i går i går", "no", ""},
		{"i går vid lunchen ungefär där", "no", ""}, {"för länge sedan", "no", ""}, {"några dagar sedan", "no", ""},
		{"kl. 16 GMT", "no", ""}, {"12:30:", "no", ""}, {"3 av 4", "no", ""}, {"1-10", "no", ""},
	} {
		for dir, want := range map[Direction]string{Past: c.past, Future: c.future} {
			if want == "" {
				continue
			}
			got := "no"
			if w, ok := Date(c.text, Swedish, ref(t), dir); ok {
				got = said(w)
			}
			if got != want {
				t.Errorf("Date(%q, %s) = %s, want %s", c.text, dir, got, want)
			}
		}
	}
}

func TestDateEnglish(t *testing.T) {
	for _, c := range []struct{ text, past, future string }{
		{"yesterday at 2:30 pm", "2026-11-21 14:30 minute", ""},
		{"5 November 2026 14:30", "2026-11-05 14:30 minute", ""},
		{"November 5, 2026 at 9", "2026-11-05 09:00 hour", ""},
		{"the 5th of November", "2026-11-05 day", "2027-11-05 day"},
		{"thirty first of August", "2026-08-31 day", "2027-08-31 day"},
		{"Nov 5", "2026-11-05 day", "2027-11-05 day"},
		{"20/11/2026", "2026-11-20 day", ""},
		{"11/20/2026", "2026-11-20 day", ""},
		{"8/10/2026", "no", ""}, // August or October
		{"8/8/2026", "2026-08-08 day", ""},
		{"last Friday", "2026-11-20 day", ""},
		{"next Friday", "2026-11-27 day", ""},
		{"Friday at 4pm", "2026-11-20 16:00 hour", "2026-11-27 16:00 hour"},
		{"this morning at 9", "2026-11-22 09:00 hour", ""},
		{"last night at 2", "2026-11-22 02:00 hour", ""},
		{"last night at 11", "2026-11-21 23:00 hour", ""},
		{"10 at night", "2026-11-21 22:00 hour", "2026-11-22 22:00 hour"},
		{"half past two", "2026-11-22 02:30 minute", "2026-11-22 14:30 minute"},
		{"half past two yesterday", "no", ""},
		{"a quarter to nine", "2026-11-22 08:45 minute", ""},
		{"noon", "2026-11-21 12:00 hour", "2026-11-22 12:00 hour"},
		{"two hours ago", "2026-11-22 08:00 minute", ""},
		{"half an hour ago", "2026-11-22 09:30 minute", ""},
		{"a week ago", "2026-11-15 day", ""},
		{"a few hours ago", "no", ""},
		{"1-2pm yesterday", "2026-11-21 13:00 hour to 2026-11-21 15:00", ""},
		{"between 9:30 and 11:00 on Friday", "2026-11-20 09:30 minute to 2026-11-20 11:01", ""},
		{"June 4 - 6", "2026-06-04 day to 2026-06-07", ""},
		{"last week", "2026-11-09 week", ""},
		{"in March", "2026-03 month", ""},
		{"first Monday of October 2026", "2026-10-05 day", ""},
		{"4th quarter 2025", "2025-10 quarter", ""},
		{"Good Friday 2027", "2027-03-26 day", ""},
		{"last weekend", "no", ""}, {"the day", "no", ""}, {"May I", "no", ""}, {"5.17", "no", ""}, {"25 o'clock", "no", ""},
	} {
		for dir, want := range map[Direction]string{Past: c.past, Future: c.future} {
			if want == "" {
				continue
			}
			got := "no"
			if w, ok := Date(c.text, English, ref(t), dir); ok {
				got = said(w)
			}
			if got != want {
				t.Errorf("Date(%q, %s) = %s, want %s", c.text, dir, got, want)
			}
		}
	}
}

func TestRepeatedHourIsTheFirst(t *testing.T) {
	w, ok := Date("2026-10-25 02:30", Swedish, ref(t), Past)
	if _, offset := w.Start.Zone(); !ok || offset != 7200 {
		t.Errorf("02:30 on the night that summer time ends = %v, %v; want the one of summer time", w.Start, ok)
	}
}

func TestDatePrefix(t *testing.T) {
	for _, c := range []struct{ text, want, rest string }{
		{"13 april 08:30, ungefär", "2026-04-13 08:30 minute", "ungefär"},
		{"2026-11-20 kl 14.30 ringde de", "2026-11-20 14:30 minute", "ringde de"},
		{"2026-11-20 – i samband med bytet", "2026-11-20 day", "i samband med bytet"},
		{"I fredags. Då såg vi det.\nEller hörde.", "2026-11-20 day", "Då såg vi det.\nEller hörde."},
		{"13 april 15 elever drabbades", "2026-04-13 day", "15 elever drabbades"},
		{"i går vid 14-tiden, per brev", "2026-11-21 14:00 hour", "per brev"},
		{"i går vid 3 skolor", "2026-11-21 day", "vid 3 skolor"},
		{"i går vid tre skolor", "2026-11-21 day", "vid tre skolor"},
		{"i går ca 15 elever", "2026-11-21 day", "ca 15 elever"},
		{"i går mellan 9 och 11 personer", "2026-11-21 day", "mellan 9 och 11 personer"},
		{"i går kl 9 såg vi det", "2026-11-21 09:00 hour", "såg vi det"},
		{"i går vid 9 på morgonen, tror jag", "2026-11-21 09:00 hour", "tror jag"},
		{"i går på kvällen", "2026-11-21 day", "på kvällen"},
		{"idag", "2026-11-22 day", ""},
		{"5 maj-listan", "no", ""}, {"ons du kommer", "no", ""}, {"Vi såg det i går", "no", ""}, {"31 februari, tror jag", "no", ""},
		{"2026-11-20x", "no", ""}, {"20/11/2026/5", "no", ""},
	} {
		got := "no"
		w, rest, ok := DatePrefix(c.text, Swedish, ref(t), Past)
		if ok {
			got = said(w)
		}
		if got != c.want || rest != c.rest {
			t.Errorf("DatePrefix(%q) = %s, %q; want %s, %q", c.text, got, rest, c.want, c.rest)
		}
	}
}

func TestReadBack(t *testing.T) {
	for _, c := range []struct{ text, sv, en string }{
		{"2026-11-20 16:40", "fredag 20 november 2026 kl. 16.40", "Friday 20 November 2026 at 16:40"},
		{"2026-11-20", "fredag 20 november 2026", "Friday 20 November 2026"},
		{"2026-11-20 9:30-11:00", "fredag 20 november 2026 kl. 09.30–11.00", "Friday 20 November 2026 at 09:30–11:00"},
		{"2026-11-20 22:30-01:00", "fredag 20 november 2026 kl. 22.30 – lördag 21 november 2026 kl. 01.00", "Friday 20 November 2026 at 22:30 – Saturday 21 November 2026 at 01:00"},
		{"november 2026", "november 2026", "November 2026"},
		{"2025", "2025", "2025"},
	} {
		w, ok := Date(c.text, Swedish, ref(t), Past)
		if sv, en := ReadBack(w, Swedish), ReadBack(w, English); !ok || sv != c.sv || en != c.en {
			t.Errorf("ReadBack(%q) = %q, %q", c.text, sv, en)
		}
	}
	if got := ReadBack(When{}, Swedish); got != "" {
		t.Errorf("ReadBack of nothing = %q", got)
	}
}

func TestDateAnswer(t *testing.T) {
	for _, c := range []struct{ text, date, time, comment string }{
		{"13 april 08:30, ungefär", "2026-04-13", "08:30", "ungefär"},
		{"2026-11-20\nStrax efter att\n  systemet gick ner", "2026-11-20", "", "Strax efter att\n  systemet gick ner"},
		{"datum: 2026-11-20\nklockslag: 14.30\nkommentar: två\n\nrader: och en till ", "2026-11-20", "14:30", "två\n\nrader: och en till"},
		{"Date: 20 november 2026\nTime: 9", "2026-11-20", "09:00", ""},
		{"kommentar: först\ndatum: igår", "2026-11-21", "", "först"},
		{"cirka kl 14 i går", "2026-11-21", "14:00", "cirka kl 14 i går"},
		{"i går kväll", "2026-11-21", "", "i går kväll"},
		{"för ca två timmar sedan", "2026-11-22", "08:00", "för ca två timmar sedan"},
		{"för ett par timmar sedan", "2026-11-22", "08:00", "för ett par timmar sedan"},
		{"i går vid tretiden på eftermiddagen", "2026-11-21", "15:00", "i går vid tretiden på eftermiddagen"},
		{"i går mellan 9 och 11", "2026-11-21", "09:00", "i går mellan 9 och 11"},
		{"för två timmar sedan", "2026-11-22", "08:00", ""},
		{"för tre dagar sedan", "2026-11-19", "", ""},
	} {
		v, p := DateAnswer(c.text, Swedish, ref(t), Past)
		if !p.OK() || v.Date != c.date || v.Time != c.time || v.Comment != c.comment {
			t.Errorf("DateAnswer(%q) = %s %s %q, %v", c.text, v.Date, v.Time, v.Comment, p)
		}
	}
	for _, c := range []struct{ text, key string }{
		{" \n", Empty}, {"i mars", DateTooCoarse}, {"förra veckan", DateTooCoarse}, {"10-12 november", DateTooCoarse},
		{"i helgen", DateTooCoarse}, {"hösten 2025", DateTooCoarse}, {"i slutet av oktober", DateTooCoarse},
		{"25:61", TimeInvalid}, {"i går 25:61", TimeInvalid}, {"datum: igår\nklockslag: 25:61", TimeInvalid},
		{"datum: igår\nklockslag: på eftermiddagen", TimeNotUnderstood}, {"klockslag: 14:30", DateNotUnderstood},
		{"31 februari", DateInvalid}, {"2026-02-30, tror jag", DateInvalid}, {"söndag 20 november 2026", DateWeekday},
		{"20.11", DateAmbiguous}, {"i natt", DateAmbiguous}, {"i går halv tre", TimeAmbiguous}, {"vet inte", DateNotUnderstood},
		{"datum: tidigt", DateNotUnderstood},
	} {
		if v, p := DateAnswer(c.text, Swedish, ref(t), Past); p.Key != c.key {
			t.Errorf("DateAnswer(%q) = %v, %v; want %s", c.text, v, p, c.key)
		}
	}
	if _, p := DateAnswer("i går halv tre", Swedish, ref(t), Past); p.Detail != "02:30" || p.Suggest != "14:30" {
		t.Errorf("the two times to ask about = %q, %q", p.Detail, p.Suggest)
	}
}

// Whatever is written, a reading ends after it begins, in Stockholm, is the same each time, and the rest that DatePrefix
// gives is the end of the text.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"i går kl 14.30, ungefär", "4-6 juni", "\xff\xfe igår", "20/11-26", "for\u0308 tva\u030a timmar sedan",
		"99999999999999", "datum: 1\ntid: 2", "kl. ::", "i i i i i i", "första sista dagen i i i", "2026-11-20T25:00", "12:30:", "\r\r5 maj"} {
		f.Add(s)
	}
	now := ref(f)
	f.Fuzz(func(t *testing.T, s string) {
		for _, lang := range []Lang{Swedish, English} {
			for _, dir := range []Direction{Past, Future, Nearest} {
				w, ok := Date(s, lang, now, dir)
				again, same := Date(s, lang, now, dir)
				if ok != same || w != again {
					t.Fatalf("Date(%q) differs from itself", s)
				}
				if ok && (!w.End.After(w.Start) || w.Start.Location() != now.Location() || ReadBack(w, lang) == "") {
					t.Fatalf("Date(%q) = %+v", s, w)
				}
				if _, rest, ok := DatePrefix(s, lang, now, dir); ok && !strings.HasSuffix(strings.TrimSpace(s), rest) {
					t.Fatalf("DatePrefix(%q) rest = %q", s, rest)
				}
				v, p := DateAnswer(s, lang, now, dir)
				if p.OK() && (len(v.Date) != 10 || utf8.ValidString(s) && !utf8.ValidString(v.Comment)) {
					t.Fatalf("DateAnswer(%q) = %+v", s, v)
				}
			}
		}
	})
}
