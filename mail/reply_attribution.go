package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Attributions are the lines that a mail program writes above a quote: "On Tue, 3 Mar 2026 at 10:15, Eva <e@a.example>
// wrote:". Four forms are known, over one to four lines. Each needs the verb where the programs put it, so that a person
// who tells what somebody wrote is not taken for one.

// auxiliaries may stand between a name or address and the verb.
const auxiliaries = `(?:(?:a|à|ha|har|heeft|hat|je|jest|va|has|sa|to|ezt|şunu|đã|následující|следующее|o|am|er|el|folgendes|følgende|följande|idatzi|пользователь|сообщил|het volgende|det følgende|det följande|님이)\s*){0,3}`

// clock is a time and its zone; names are words in capitals or quotes and nothing else, so that no sentence fits.
const (
	clock = `\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?(?:AM|PM|am|pm|CET|CEST|GMT|UTC|(?:GMT|UTC)?[+-]\d{1,2}:?\d{2}))*[,、\s]*`
	names = `(?:["'(]?[\p{Lu}\p{Lo}"'][^\s<]*\s*|(?:af|von|van|de|der|den|la|av)\s){0,7}`
)

const colon = `\s*[:：]\s*\**\s*$`

// The patterns of tokens: \x01 is an address, \x02 a verb.
var (
	// addressVerb: … <a@b> wrote:
	addressVerb = pattern(`(?i)\x01[\s,)"'*\]]*` + auxiliaries + `\x02(?:\s+(?:je|the following|le message suivant|lo siguiente|o seguinte|il seguente))?` + colon)
	// verbAddress: skrev Eva <a@b>:
	verbAddress = pattern(`\x02\s*:?\s+([^\x01]*)\x01[\s)"'*]*` + colon)
	// addressVerbDate: Eva <a@b> schrieb am 3. März 2026 um 10:15:
	addressVerbDate = pattern(`(?i)\x01[\s,)"'*]*` + auxiliaries + `\x02\s[^\d]*\d.*` + colon)
	// nameVerb: On 3 March 2026, Eva wrote:
	nameVerb = pattern(`(?i)[\s,"*、]` + auxiliaries + `\x02(?:\s+(?:je|the following))?` + colon)
	// dashed: ---- Eva wrote ----
	dashed = pattern(`^-{2,}\s?.+\s\x02\s?:?\s?-{2,}$`)
	// addressDateVerb: Eva <a@b>, 3 Mar 2026 Sal, 10:15 tarihinde şunu yazdı:
	addressDateVerb = pattern(`\x01[\s,)"'于於][^\d]*\d.*\x02` + colon)
	// byAddressDate: Wiadomość napisana przez Eva <a@b> w dniu 3 mar 2026, o godz. 10:15:
	byAddressDate = pattern(`(?i)^(?:wiadomość napisana przez|missatge de|mensaje de|message de|meddelelse fra|quoting|citerar|citerer|zitat von|citando a|lainaus|citát)\s.*\x01.*` + colon)
	// quotingName: Citerar Eva:
	quotingName = pattern(`(?i)^(?:quoting|citerar|citerer|zitat von|citando a|lainaus|citát)\s.{1,100}` + colon)
	// groupWise: >>> Eva <a@b> 2026-03-03 10:15 >>>
	groupWise = pattern(`^(?:>>> ?)?\P{N}*\d{1,4}[-./]\d{1,2}[-./]\d{1,4},? .{0,20}>>>$`)
	// dateAddress: 2026/3/3 Eva <a@b> and 03.03.2026, 10:15, "Eva" <a@b>: have no verb at all
	dateAddress = pattern(`^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4})[,\s]\s*(?:[^<]{0,30}?` + clock + `)?` + names + `<[^<>\s]+@[^<>\s]+>\s*:?$`)
	// dayAddress: вт, 3 мар. 2026 г. в 10:15, Eva <a@b>: and 2026年3月3日(火) 10:15 Eva <a@b>:
	dayAddress = pattern(`^\S{1,16}[.,]?\s[^<]{0,60}?` + clock + names + `<[^<>\s]+@[^<>\s]+>\s*[:：]$`)
	// dateName: 2026-03-03 10:15 GMT+01:00 Eva
	dateName = pattern(`^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:\d{2} \P{N}{2,60}$`)

	yearOrTime = pattern(`(?:^|\D)(?:(?:19|20)\d\d|\d{1,2}[:.h]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?:\D|$)`)
	mailtoLink = pattern(`(?i)<mailto:[^<>]*>|\[mailto:[^\[\]]*\]`)

	// pronoun follows the verb where a person tells: "skrev jag till bo@example.com:".
	pronoun      = pattern(`(?i)^(?:jag|vi|han|hon|de|jeg|ich|wir|er|sie|i|we|he|she|they|you|du|ni|till|to|til|an|i|om|att|ett|en|in|on|on|about|det|det)\s`)
	secondPerson = pattern(`(?i)(?:^|[\s,])(?:du|ni|you|det|detta|that|this|it)[\s,]`)
	// closesAddress is the rest of an address and colon that were broken onto a line of their own.
	closesAddress = pattern(`^>\s*(?:\p{L}[\p{L}() ]{0,24})?[:：]\s*$`)
)

// What a person says who tells something; no program writes it in an attribution.
var (
	tellingWords = wordSet(`i we he she they and then who jag vi han hon de och som där sedan jeg og ich wir und er sie je nous elle y yo io e ja minä я мы`)
	// narratingWords are the same before an address, where names have words such as "de" and "och" has none.
	narratingWords = wordSet(`I we he she they who that then when where and jag vi han hon och som där då när att fick fått kom sedan jeg hun der ich wir dass nous`)
)

func tells(s string) bool { return hasWord(strings.ToLower(s), tellingWords, `"`, ",") }

func narrates(s string) bool { return hasWord(s, narratingWords, "", "") }

const spaces = " \t\n\f\r"

// hasWord tells that one of the words stands in s, after its beginning, a space, a comma or a sign of before, and before a space or a sign of after.
func hasWord(s string, words map[string]bool, before, after string) bool {
	for {
		end := strings.IndexAny(s, spaces+","+before)
		if end < 0 {
			return false
		}
		if words[s[:end]] && strings.IndexByte(spaces+after, s[end]) >= 0 {
			return true
		}
		s = s[end+1:]
	}
}

// isDatedAddress tells a date and an address without a verb.
func isDatedAddress(s string) bool {
	if !strings.Contains(s, "@") {
		return false
	}
	return s[0] >= '0' && s[0] <= '9' && dateAddress().MatchString(s) || mayBeDayAddress(s) && dayAddress().MatchString(s) && yearOrTime().MatchString(s)
}

// mayBeDayAddress looks at the words before the address alone: behind the last one that is no part of a name stands the time.
func mayBeDayAddress(s string) bool {
	at := strings.IndexByte(s, '<')
	if at < 0 {
		return false
	}
	words := strings.FieldsFunc(s[:at], func(r rune) bool { return r < utf8.RuneSelf && strings.IndexByte(spaces, byte(r)) >= 0 })
	if len(words) < 2 {
		return true // the sign may be of the first word
	}
	for i := len(words) - 1; i >= 0; i-- {
		r, _ := utf8.DecodeRuneInString(words[i])
		switch {
		case strings.ContainsAny(words[i], "0123456789"):
			return true
		case unicode.IsUpper(r), unicode.Is(unicode.Lo, r), strings.ContainsRune(`"'(`, r), particles[words[i]]:
		default:
			return strings.HasPrefix(words[i], "am") || strings.HasPrefix(words[i], "pm") || r == ',' || r == '、'
		}
	}
	return true
}

var particles = wordSet(`af von van de der den la av`)

// attributionStarts are the words that attributions begin with.
var attributionStarts = wordSet(`on at den d dne dnia dňa w le am el il em op in no på στις στις στο в у ср a ke ons fre na la în pe vào kuupäev þann dana pada tarih em
	mån tis tors lör sön måndag tisdag onsdag torsdag fredag lördag söndag man tir tirs tor lør søn mandag tirsdag lørdag søndag
	mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday mo di mi do fr sa so lun mar mer jeu ven sam dim ma ti ke to pe la su
	понедельник вторник среда четверг пятница суббота воскресенье пн вт чт пт сб нд вс`)

const (
	maxAttribution      = 500 // bytes of an attribution's lines
	maxAttributionLines = 4
	maxLooked           = 2000 // places looked at; no mail has as many
)

// startsAttribution tells a beginning such as "Den ", "On ", "tis. 3" or a digit.
func startsAttribution(s string) bool {
	if dashes := strings.TrimLeft(s, "-"); len(s)-len(dashes) >= 3 {
		s = dashes
	}
	s = strings.TrimLeft(s, " \t*_\"(")
	if s == "" {
		return false
	}
	if s[0] >= '0' && s[0] <= '9' || strings.HasPrefix(s, "在") || strings.HasPrefix(s, "於") {
		return true
	}
	end := strings.IndexAny(s, "., \t")
	if end <= 0 || end > 40 {
		return false
	}
	if attributionStarts[strings.ToLower(s[:end])] {
		return true
	}
	// a word and a day's number: "tirs. 3. mars"
	rest := strings.TrimLeft(s[end:], ".,")
	if len([]rune(s[:end])) > 10 || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return false
	}
	rest = rest[1:]
	digits := 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	return (digits == 1 || digits == 2) && digits < len(rest) && strings.ContainsAny(rest[digits:digits+1], ". \t")
}

// attribution gives the number of lines of the attribution that begins at line i, or 0.
func (x *extractor) attribution(i int, trimmed string) int {
	if len(trimmed) > maxAttribution || !x.endsNear(i) {
		return 0
	}
	if x.kinds[i]&lineEnds != 0 && (dateName().MatchString(trimmed) || isGroupWise(trimmed) || strings.HasPrefix(trimmed, "--") && dashed().MatchString(tokenise(trimmed).s)) {
		return 1
	}
	started := startsAttribution(trimmed)
	joined := trimmed
	for n := 1; n <= maxAttributionLines && i+n <= len(x.lines); n++ {
		if n > 1 {
			line := strings.TrimSpace(x.lines[i+n-1])
			if line == "" || x.isQuoted(i+n-1) && !(closesAddress().MatchString(line) && strings.Contains(joined, "<")) {
				return 0
			}
			if joined += " " + line; len(joined) > maxAttribution {
				return 0
			}
		} else if x.isQuoted(i) {
			return 0
		}
		if x.kinds[i+n-1]&lineEnds == 0 {
			continue
		}
		if x.looked++; x.looked > maxLooked {
			return 0
		}
		if started && isDatedAddress(joined) {
			return n
		}
		if x.kinds[i+n-1]&lineColon == 0 {
			continue
		}
		next := x.nextLine(i + n)
		quoted := x.inside || next >= 0 && x.isQuoted(next)
		t := tokenise(joined)
		if t.isAttribution(joined, started, n, quoted) || t.ours(x.mine, joined) {
			if n > 1 && (!started && !beginsAttribution(trimmed) || x.laterStart(i, n, quoted)) {
				return 0
			}
			return n
		}
	}
	return 0
}

// beginsAttribution: a first line that has neither address nor verb is no part of one, unless it begins as they do.
func beginsAttribution(line string) bool {
	t := tokenise(line)
	return t.address || t.verb
}

// laterStart tells that the attribution ending n lines from i begins below i, so that line i is somebody's words.
func (x *extractor) laterStart(i, n int, quoted bool) bool {
	for k := 1; k < n; k++ {
		if !startsAttribution(x.lines[i+k]) {
			continue
		}
		rest := make([]string, 0, n-k)
		for _, l := range x.lines[i+k : i+n] {
			rest = append(rest, strings.TrimSpace(l))
		}
		whole, later := tokenise(strings.Join(x.lines[i:i+n], " ")), strings.Join(rest, " ")
		t := tokenise(later)
		if whole.address && !t.address {
			continue // the address stands above the date
		}
		if t.isAttribution(later, true, n-k, quoted) {
			return true
		}
	}
	return false
}

// isAttribution tells it of joined lines, plain being what the tokens were made of. started: they begin as attributions do; quoted: a
// quote mark follows.
func (t tokens) isAttribution(plain string, started bool, n int, quoted bool) bool {
	if !t.verb {
		if byAddressDate().MatchString(t.s) && yearOrTime().MatchString(plain) || quoted && quotingName().MatchString(plain) {
			return true
		}
		return quoted && started && t.address && yearOrTime().MatchString(plain)
	}
	dated := yearOrTime().MatchString(plain)
	if !t.address {
		return t.isNamed(started, quoted, dated, n)
	}
	before, _, _ := strings.Cut(t.s, string(tokenAddress))
	if narrates(before) && !quoted {
		return false
	}
	named := n <= 3 && shortName(before)
	switch {
	case addressVerb().MatchString(t.s):
		return started || named || quoted && dated
	case byAddressDate().MatchString(t.s):
		return dated || quoted
	case dated && (addressVerbDate().MatchString(t.s) || addressDateVerb().MatchString(t.s)):
		return started || named
	case started && dated:
		if m := verbAddress().FindStringSubmatch(t.s); m != nil && len(m[1]) <= 120 && !pronoun().MatchString(m[1]+" ") {
			return true
		}
	}
	return t.isNamed(started, quoted, dated, n)
}

// ours tells an attribution of whatever wording that names an address to which the mail was sent, a time and a verb at their places.
func (t tokens) ours(mine func(string) bool, plain string) bool {
	if !t.verb || !t.address || !yearOrTime().MatchString(plain) || !mine(findAddress(plain)) {
		return false
	}
	if m := verbAddress().FindStringSubmatch(t.s); m != nil {
		return len(m[1]) <= 120 && !pronoun().MatchString(m[1]+" ")
	}
	before, _, _ := strings.Cut(t.s, string(tokenAddress))
	return addressVerb().MatchString(t.s) && !narrates(before)
}

// isNamed tells an attribution that gives a name and no address.
func (t tokens) isNamed(started, quoted, dated bool, n int) bool {
	switch {
	case quoted && dated:
		return !tells(t.s) && (started || n <= 2 && len(strings.Fields(t.s)) <= 16 && !secondPerson().MatchString(t.s))
	case quoted:
		return started && nameVerb().MatchString(t.s)
	}
	return started && dated && nameVerb().MatchString(t.s) && !tells(t.s) && !t.swedish
}

// isGroupWise tells ">>> Eva 2026-03-03 10:15 >>>", below which the old mail stands without marks.
func isGroupWise(s string) bool { return strings.HasSuffix(s, ">>>") && groupWise().MatchString(s) }

// shortName tells that little more than a name stands before the address.
func shortName(before string) bool {
	before = strings.Trim(before, ` "'*-`)
	return len(strings.Fields(before)) <= 6 && !strings.ContainsAny(before, "?!;:") && !strings.Contains(before, ". ") && !tells(" "+before+" ")
}
