package reading

import "strings"

// A Swedish numeral may be written in one word (tjugohundraarton), an English one with hyphens (twenty-two); both
// fall apart into these pieces.
var (
	svNumerals = table(map[string]int{
		"noll": 0, "en|ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9, "tio": 10,
		"elva": 11, "tolv": 12, "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16, "sjutton": 17, "arton": 18,
		"nitton": 19, "tjugo|tjuge": 20, "trettio|tretti": 30, "fyrtio|fyrti": 40, "femtio|femti": 50, "sextio|sexti": 60,
		"sjuttio|sjutti": 70, "åttio|åtti": 80, "nittio|nitti": 90, "hundra": 100, "tusen": 1000, "miljon|miljoner": 1_000_000,
	})
	enNumerals = table(map[string]int{
		"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
		"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
		"eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
		"eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million|millions": 1_000_000,
	})
	svOrdinals = table(map[string]int{
		"första|förste": 1, "andra|andre": 2, "tredje": 3, "fjärde": 4, "femte": 5, "sjätte": 6, "sjunde": 7, "åttonde": 8,
		"nionde": 9, "tionde": 10, "elfte": 11, "tolfte": 12, "trettonde": 13, "fjortonde": 14, "femtonde": 15, "sextonde": 16,
		"sjuttonde": 17, "artonde": 18, "nittonde": 19, "tjugonde": 20, "trettionde": 30,
	})
	enOrdinals = table(map[string]int{
		"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
		"tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
		"seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
	})
)

func numerals(lang Lang) map[string]int {
	if lang == English {
		return enNumerals
	}
	return svNumerals
}

func ordinals(lang Lang) map[string]int {
	if lang == English {
		return enOrdinals
	}
	return svOrdinals
}

// longestNumeral is the length of the longest piece in the tables above, in bytes.
const longestNumeral = 9

// pieces takes a folded word apart into numerals; nil if it is not made of them alone.
func pieces(word string, lang Lang) []int {
	known := numerals(lang)
	if lang == English {
		n, ok := known[word]
		if !ok {
			return nil
		}
		return []int{n}
	}
	var out []int
next:
	for word != "" {
		for l := min(len(word), longestNumeral); l > 1; l-- {
			if n, ok := known[word[:l]]; ok {
				out, word = append(out, n), word[l:]
				continue next
			}
		}
		return nil
	}
	return out
}

// compose adds up the pieces of one numeral (2 1000 1 100 40 is 2140); ok only if they form one, "twenty three" but
// not "three twenty". largest is the least value that a further piece may not reach.
func compose(pieces []int) (total int, ok bool) {
	if len(pieces) == 0 {
		return 0, false
	}
	part, room, limit := 0, 1000, 1<<30 // part: below the next multiplier; room: the next digit must be smaller
	for i, n := range pieces {
		switch {
		case n >= 1000:
			if n >= limit || i > 0 && part == 0 {
				return 0, false
			}
			total, part, room, limit = total+max(part, 1)*n, 0, 1000, n
		case n == 100:
			// "nitton hundra femtio" is a year.
			if part >= 100 || i > 0 && part == 0 && total == 0 {
				return 0, false
			}
			part, room = max(part, 1)*100, 100
		default:
			if n >= room || n == 0 && len(pieces) > 1 {
				return 0, false
			}
			part += n
			room = 1
			if n >= 20 {
				room = 10
			}
		}
	}
	return total + part, true
}

// cardinal reads the numeral that the folded words spell, all of them.
func cardinal(words []string, lang Lang) (int, bool) {
	var all []int
	for i, w := range words {
		if i > 0 && i < len(words)-1 && (w == "och" || w == "and") {
			continue
		}
		p := pieces(w, lang)
		if p == nil {
			return 0, false
		}
		all = append(all, p...)
		if len(all) > 16 {
			return 0, false
		}
	}
	return compose(all)
}

// ordinalWord reads a folded word such as "tjugoforsta" or "fifth".
func ordinalWord(word string, lang Lang) (int, bool) {
	known := ordinals(lang)
	if n, ok := known[word]; ok {
		return n, true
	}
	if lang == English {
		return 0, false
	}
	for _, tens := range []string{"tjugo", "trettio"} {
		if rest, found := strings.CutPrefix(word, tens); found {
			if n, ok := known[rest]; ok && n < 10 {
				return numerals(lang)[tens] + n, true
			}
		}
	}
	return 0, false
}
