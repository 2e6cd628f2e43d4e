package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Attributions are the lines that a mail program writes above a quote: "On Tue, 3 Mar 2026 at 10:15, Eva <e@a.example>
// wrote:". Four forms are known, over one to four lines. Each needs the verb where the programs put it, so that a person
// who tells what somebody wrote is not taken for one.

// wroteVerbs are the verbs of "… wrote:" in the languages of mail programs.
const wroteVerbs = `(?:wrote|writes|sent|skrev|skriver|schrieb|geschrieben|écrit|ecrit|escribió|escribio|escribiu|escreveu|` +
	`scritto|scrive|schreef|geschreven|pisze|napisał\(a\)|napisał\(-a\)|napisał|napisała|napsal\(a\)|napsal|napsala|napísal\(a\)|napísal|` +
	`napísala|napisal|napisala|napisao|napisala|kirjoitti|kirjutas|rašė|rakstīja|написал\(а\)|написал|написала|пишет|пише|написав|написав\(-ла\)|написав\(ла\)|` +
	`написала|написа|напісаў|írta|scris|έγραψε|yazdı|yazmış|escriure|escrigué|idatzi zuen|viết|menulis|skrifaði|写道|寫道|написали|написано|書きました|のメール|작성|작성했습니다|כתב|כתבה|كتب)`

// auxiliaries may stand between a name or address and the verb.
const auxiliaries = `(?:(?:a|à|ha|har|heeft|hat|je|jest|va|has|sa|to|ezt|şunu|đã|následující|следующее|o|am|er|el|folgendes|følgende|följande|пользователь|сообщил|het volgende|det følgende|det följande|님이)\s*){0,3}`

// someAddress is an address as attributions show it; what stands in angle brackets may have been masked.
const someAddress = `(?:<[^<>]{0,300}>+|\[[^\[\]]{1,300}\]|\([^()\s]+@[^()\s]+\)|[^\s<>()"',;:\[\]]+@[^\s<>()"',;:\[\]]+)`

// clock is a time and its zone; names are words in capitals or quotes and nothing else, so that no sentence fits.
const (
	clock = `\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?(?:AM|PM|am|pm|CET|CEST|GMT|UTC|(?:GMT|UTC)?[+-]\d{1,2}:?\d{2}))*[,、\s]*`
	names = `(?:["'(]?[\p{Lu}\p{Lo}"'][^\s<]*\s*|(?:af|von|van|de|der|den|la|av)\s){0,7}`
)

const colon = `\s*[:：]\s*\**\s*$`

var (
	verbAnywhere = regexp.MustCompile(`(?i)(?:^|[^\p{L}])` + wroteVerbs + `(?:$|[^\p{L}])`)
	anAddress    = regexp.MustCompile(someAddress)
	// addressVerb: … <a@b> wrote:
	addressVerb = regexp.MustCompile(`(?i)` + someAddress + `[\s,)"'*\]]*` + auxiliaries + wroteVerbs + `(?:\s+(?:je|the following|le message suivant|lo siguiente|o seguinte|il seguente))?` + colon)
	// verbAddress: skrev Eva <a@b>:
	verbAddress = regexp.MustCompile(`(?i)(?:^|[^\p{L}])` + wroteVerbs + `\s*:?\s+(.{0,120}?)` + someAddress + `[\s)"'*]*` + colon)
	// addressVerbDate: Eva <a@b> schrieb am 3. März 2026 um 10:15:
	addressVerbDate = regexp.MustCompile(`(?i)` + someAddress + `[\s,)"'*]*` + auxiliaries + wroteVerbs + `\s.{0,80}\d.{0,60}` + colon)
	// nameVerb: On 3 March 2026, Eva wrote:
	nameVerb = regexp.MustCompile(`(?i)[\s,"*、]` + auxiliaries + wroteVerbs + `(?:\s+(?:je|the following))?` + colon)
	// dashed: ---- Eva wrote ----
	dashed = regexp.MustCompile(`(?i)^-{2,}\s?.{1,300}\s` + wroteVerbs + `\s?:?\s?-{2,}$`)
	// addressDateVerb: Eva <a@b>, 3 Mar 2026 Sal, 10:15 tarihinde şunu yazdı:
	addressDateVerb = regexp.MustCompile(`(?i)` + someAddress + `[\s,)"'].{0,60}\d.{0,60}` + wroteVerbs + colon)
	// byAddressDate: Wiadomość napisana przez Eva <a@b> w dniu 3 mar 2026, o godz. 10:15:
	byAddressDate = regexp.MustCompile(`(?i)^(?:wiadomość napisana przez|missatge de|mensaje de|message de|meddelelse fra|quoting|citerar|citerer|zitat von|citando a|lainaus)\s.{0,120}` + someAddress + `.{0,100}` + colon)
	// quoting: Citerar Eva:
	quotingName = regexp.MustCompile(`(?i)^(?:quoting|citerar|citerer|zitat von|citando a|lainaus)\s.{1,100}` + colon)
	// groupWise: >>> Eva <a@b> 2026-03-03 10:15 >>>
	groupWise = regexp.MustCompile(`^(?:>>> ?)?\P{N}{0,100}\d{1,4}[-./]\d{1,2}[-./]\d{1,4},? .{0,20}>>>$`)
	// dateAddress: 2026/3/3 Eva <a@b> and 03.03.2026, 10:15, "Eva" <a@b>: have no verb at all
	dateAddress = regexp.MustCompile(`^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4})[,\s]\s*(?:[^<]{0,30}?` + clock + `)?` + names + `<[^<>\s]+@[^<>\s]+>\s*:?$`)
	// dayAddress: вт, 3 мар. 2026 г. в 10:15, Eva <a@b>: and 2026年3月3日(火) 10:15 Eva <a@b>:
	dayAddress = regexp.MustCompile(`^\S{1,16}[.,]?\s[^<]{0,60}?` + clock + names + `<[^<>\s]+@[^<>\s]+>\s*[:：]$`)
	// dateName: 2026-03-03 10:15 GMT+01:00 Eva
	dateName = regexp.MustCompile(`^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:\d{2} \P{N}{2,60}$`)

	attributionStart = regexp.MustCompile(`(?i)^[\s*_"(]*(?:(?:on|at|den|d\.|dne|dnia|dňa|w dniu|le|am|el|il|em|op|in data|no dia|på|στις|στις|в|у|ср|a|ke|ons|fre|na|la|în|pe|vào|kuupäev|þann|dana|pada|tarih|em|` +
		`mån|tis|tors|lör|sön|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|man|tir|tor|lør|søn|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|` +
		`lun|mar|mer|jeu|ven|sam|dim|ma|ti|ke|to|pe|la|su|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|чт|пт|сб|нд|вс)[.,\s]|在|於|\d|\S{1,10}[.,]?\s\d{1,2}[.\s])`)
	yearOrTime = regexp.MustCompile(`(?:^|\D)(?:(?:19|20)\d\d|\d{1,2}[:.h]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?:\D|$)`)
	mailtoLink = regexp.MustCompile(`(?i)<mailto:[^<>]*>|\[mailto:[^\[\]]*\]`)

	// tells are words of a person who tells something; no program writes them in an attribution.
	tells = regexp.MustCompile(`(?i)(?:^|[\s,"])(?:i|we|he|she|they|and|then|who|jag|vi|han|hon|de|och|som|där|sedan|jeg|og|ich|wir|und|er|sie|je|nous|elle|y|yo|io|e|ja|minä|я|мы)[\s,]`)
	// narrates is the same before an address, where names have words such as "de" and "och" has none.
	narrates = regexp.MustCompile(`(?:^|[\s,])(?:I|we|he|she|they|who|that|then|when|where|and|jag|vi|han|hon|och|som|där|då|när|att|fick|fått|kom|sedan|jeg|hun|der|ich|wir|dass|nous)\s`)
	// pronoun follows the verb where a person tells: "skrev jag till bo@example.com:".
	pronoun      = regexp.MustCompile(`(?i)^(?:jag|vi|han|hon|de|jeg|ich|wir|er|sie|i|we|he|she|they|you|du|ni|till|to|til|an|i|om|att|ett|en|in|on|on|about|det|det)\s`)
	secondPerson = regexp.MustCompile(`(?i)(?:^|[\s,])(?:du|ni|you|det|detta|that|this|it)[\s,]`)
	// closesAddress is the rest of an address and colon that were broken onto a line of their own.
	closesAddress = regexp.MustCompile(`^>\s*(?:\p{L}[\p{L}() ]{0,24})?[:：]\s*$`)
)

const (
	maxAttribution = 500  // bytes of an attribution's lines
	maxLooked      = 2000 // places looked at; no mail has as many, and each costs a tenth of a millisecond
)

// attribution gives the number of lines of the attribution that begins at line i, or 0.
func (x *extractor) attribution(i int, trimmed string) int {
	if len(trimmed) > maxAttribution {
		return 0
	}
	if dashed.MatchString(trimmed) || dateName.MatchString(trimmed) || isGroupWise(trimmed) {
		return 1
	}
	started := attributionStart.MatchString(trimmed)
	joined := ""
	for n := 1; n <= 4 && i+n <= len(x.lines); n++ {
		line := strings.TrimSpace(x.lines[i+n-1])
		if line == "" || x.isQuoted(i+n-1) && !(n > 1 && closesAddress.MatchString(line) && strings.Contains(joined, "<")) {
			return 0
		}
		if joined != "" {
			joined += " "
		}
		if joined += line; len(joined) > maxAttribution {
			return 0
		}
		if started && (dateAddress.MatchString(joined) || dayAddress.MatchString(joined) && yearOrTime.MatchString(joined)) {
			return n
		}
		if !endsAttribution(line) {
			continue
		}
		next := x.nextLine(i + n)
		quoted := next >= 0 && x.isQuoted(next)
		if x.looked++; x.looked > maxLooked {
			return 0
		}
		if isAttribution(joined, started, n, quoted) {
			if n > 1 && (!started && !anAddress.MatchString(trimmed) && !verbAnywhere.MatchString(trimmed) || x.laterStart(i, n, quoted)) {
				return 0
			}
			return n
		}
	}
	return 0
}

// laterStart tells that the attribution ending n lines from i begins below i, so that line i is somebody's words.
func (x *extractor) laterStart(i, n int, quoted bool) bool {
	for k := 1; k < n; k++ {
		if !attributionStart.MatchString(x.lines[i+k]) {
			continue
		}
		rest := make([]string, 0, n-k)
		for _, l := range x.lines[i+k : i+n] {
			rest = append(rest, strings.TrimSpace(l))
		}
		whole, later := strings.Join(x.lines[i:i+n], " "), strings.Join(rest, " ")
		if anAddress.MatchString(whole) && !anAddress.MatchString(later) {
			continue // the address stands above the date
		}
		if isAttribution(later, true, n-k, quoted) {
			return true
		}
	}
	return false
}

func endsAttribution(line string) bool {
	line = strings.TrimRight(line, " *\t")
	return strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：")
}

// isAttribution tells it of joined lines. started: they begin as attributions do; quoted: a quote mark follows.
func isAttribution(s string, started bool, n int, quoted bool) bool {
	s = mailtoLink.ReplaceAllString(strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(s), "")
	if !verbAnywhere.MatchString(s) && !strings.ContainsAny(s, "写寫作書") {
		if byAddressDate.MatchString(s) && yearOrTime.MatchString(s) || quoted && quotingName.MatchString(s) {
			return true
		}
		return quoted && started && anAddress.MatchString(s) && yearOrTime.MatchString(s)
	}
	dated, at := yearOrTime.MatchString(s), anAddress.FindStringIndex(s)
	if at != nil && narrates.MatchString(s[:at[0]]) && !quoted {
		return false
	}
	if at == nil {
		return isNamed(s, started, quoted, dated, n)
	}
	named := n <= 3 && shortName(s)
	last := endsInVerb(s)
	switch {
	case last && addressVerb.MatchString(s):
		return started || named
	case byAddressDate.MatchString(s):
		return dated || quoted
	case dated && (addressVerbDate.MatchString(s) || last && addressDateVerb.MatchString(s)):
		return started || named
	case started && dated:
		if m := verbAddress.FindStringSubmatch(s); m != nil && !pronoun.MatchString(m[1]+" ") {
			return true
		}
	}
	return isNamed(s, started, quoted, dated, n)
}

// endsInVerb tells that a verb may be the last before the colon: all end in a letter or in "(a)". It spares expressions that cost far more.
func endsInVerb(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, ":： *\t\n\f\r"))
	return last == ')' || unicode.IsLetter(last)
}

// isNamed tells an attribution that gives a name and no address.
func isNamed(s string, started, quoted, dated bool, n int) bool {
	switch {
	case quoted && dated:
		return !tells.MatchString(s) && (started || n <= 2 && len(strings.Fields(s)) <= 16 && !secondPerson.MatchString(s))
	case quoted:
		return started && nameVerb.MatchString(s)
	}
	return started && dated && nameVerb.MatchString(s) && !tells.MatchString(s) && !strings.Contains(strings.ToLower(s), "skrev")
}

// isGroupWise tells ">>> Eva 2026-03-03 10:15 >>>", below which the old mail stands without marks.
func isGroupWise(s string) bool { return strings.HasSuffix(s, ">>>") && groupWise.MatchString(s) }

// shortName tells that little more than a name stands before the address.
func shortName(s string) bool {
	at := anAddress.FindStringIndex(s)
	if at == nil {
		return false
	}
	before := strings.Trim(s[:at[0]], ` "'*-`)
	return len(strings.Fields(before)) <= 6 && !strings.ContainsAny(before, "?!;:") && !strings.Contains(before, ". ") && !tells.MatchString(" "+before+" ")
}
