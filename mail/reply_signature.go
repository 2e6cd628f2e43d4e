package mail

import (
	"regexp"
	"strings"
	"unicode"
)

// Limits of what is cut below a mark: more than this is somebody's text.
const (
	maxSignature = 25 // lines below "-- " (RFC 3676 section 4.3)
	maxFooter    = 8  // lines of a mailing list's footer
)

// cleanPiece takes off what a program put around a piece of new text: the banner above (first piece only), signatures marked
// as such, "Sent from my …" and drawn lines below. Sign-offs and names are kept.
func cleanPiece(piece []string, first bool) (kept, cut []string) {
	kept = trimLines(piece)
	if first && len(kept) > 0 {
		kept, cut = cutBanner(kept)
	}
	if at := signatureMark(kept); at >= 0 {
		cut = append(cut, kept[at:]...)
		kept = kept[:at]
	}
	for len(kept) > 0 {
		last := strings.TrimSpace(kept[len(kept)-1])
		if last != "" && !isDivider(last) && last != "\u1427" && !isDeviceLine(last) {
			break
		}
		cut = append(cut, kept[len(kept)-1])
		kept = kept[:len(kept)-1]
	}
	if len(kept) > 1 && isDeviceLine(kept[0]) && strings.TrimSpace(kept[1]) == "" {
		cut = append(cut, kept[0])
		kept = kept[1:]
	}
	kept, removed := innerDeviceLines(kept)
	return trimLines(kept), append(cut, removed...)
}

// innerDeviceLines takes out a device line that stands alone between empty lines: below it stands a signature or a
// postscript, which are kept.
func innerDeviceLines(kept []string) (out, cut []string) {
	for i, l := range kept {
		if i > 0 && i+1 < len(kept) && strings.TrimSpace(kept[i-1]) == "" && strings.TrimSpace(kept[i+1]) == "" && isDeviceLine(l) {
			cut = append(cut, l)
			continue
		}
		out = append(out, l)
	}
	return out, cut
}

func trimLines(lines []string) []string {
	for len(lines) > 0 && invisible(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && invisible(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func invisible(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == ""
}

var listFooter = regexp.MustCompile(`(?i)mailing list|mailman|listinfo|unsubscribe|@lists?\.|sändlista|e-postlista|avprenumerera|google groups`)

// signatureMark finds the line where a signature or a list's footer begins, or -1.
func signatureMark(lines []string) int {
	for i := len(lines) - 1; i >= 0; i-- {
		s := strings.TrimRight(lines[i], " \t")
		below := lines[i+1:]
		switch {
		case s == "--" || s == "—" && i > 0 && strings.TrimSpace(lines[i-1]) == "":
			if count(below) > maxSignature || lines[i] != "-- " && isProse(below) {
				return -1
			}
			// the topmost of several marks that are near enough
			if up := signatureMark(lines[:i]); up >= 0 && count(lines[up+1:]) <= maxSignature {
				return up
			}
			return i
		case len(s) >= 2 && strings.Trim(s, "_") == "" && count(below) <= maxFooter && listFooter.MatchString(strings.Join(below, "\n")):
			return i
		case strings.HasPrefix(lines[i], "-- ") && i > 0 && strings.TrimSpace(lines[i-1]) == "" && count(below) == 0 && len(strings.Fields(s)) <= 4:
			return i // "-- Eva" on the last line
		}
		if len(lines)-i > 3*maxSignature {
			return -1
		}
	}
	return -1
}

// isProse tells that sentences stand below two dashes that are not RFC 3676's "-- ": somebody drew a line in their text.
func isProse(below []string) bool {
	seen := 0
	for _, l := range below {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if seen++; seen > 3 {
			return false
		}
		if len(strings.Fields(l)) >= 5 && strings.ContainsAny(l[len(l)-1:], ".?!") {
			return true
		}
	}
	return false
}

func count(lines []string) (n int) {
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			n++
		}
	}
	return n
}

// sentFrom begins "Sent from my …" in the languages of phones.
var sentFrom = regexp.MustCompile(`(?i)^[\s*_(\[]*(?:sent|skickat|skickad|skickades|sendt|send|lähetetty|gesendet|verschickt|envoyé|envoyée|envoye|enviado|enviada|enviat|inviato|inviata|verzonden|verstuurd|wysłane|wysłano|отправлено|надіслано|відправлено|odesláno|odoslané|posláno|trimis|elküldve|poslano|gönderildi|saadetud|nosūtīts|išsiųsta|στάλθηκε)\s+(.+)$`)

// getOutlook begins "Get Outlook for iOS".
var getOutlook = regexp.MustCompile(`(?i)^[\s*_(\[]*(?:get|hämta|skaffa|hent|få|hanki|lataa|télécharger|téléchargez|obtenir|obtenez|obtener|obtén|obtenga|descarga|scarica|ottieni|download|pobierz|obter|baixe|obtenha|получите|скачать|holen sie sich|laden sie|prenez)\s(?:the\s|die\s|nya\s)?outlook(?:-appen)?\s(?:för|for|für|til|pour|para|per|voor|dla|на|для)\s\S+|^[\s*_]*outlook\s(?:für|for|för|til)\s\S+\s(?:beziehen|herunterladen|laden|holen)`)

var germanDevice = regexp.MustCompile(`(?i)^von (?:meinem|meiner|unserem|mobile|outlook)\s?.{0,50}\sgesendet\.?$`)

var linkTail = regexp.MustCompile(`\s*[<(\[]?https?://\S*[>)\]]?\s*$`)

// deviceWords begin the names of devices and mail programs; fillers may stand before and between them.
var deviceWords = []string{"iphone", "ipad", "ipod", "ios", "android", "samsung", "galaxy", "huawei", "blackberry", "mobil", "mobile",
	"phone", "telefon", "smartphone", "outlook", "mail", "gmail", "yahoo", "windows", "surface", "htc", "nokia", "sony", "xperia",
	"oneplus", "pixel", "xiaomi", "redmi", "motorola", "proton", "spark", "acompli", "tablet", "puhelim", "webmail", "hotmail",
	"handy", "app", "e-post", "epost", "e-mail", "email", "device", "enhet", "apple", "mac", "watch", "icloud", "aol", "thunderbird",
	"tutanota", "fairphone", "lg", "zte", "oppo", "bluemail", "microsoft", "google", "livemail", "móvil", "móbil", "portable", "téléphone",
	"telemóvel", "celular", "cellulare", "teléfono", "dispositivo", "appareil", "smartfon", "компьютер", "телефон", "айфон", "nine", "mailbox", "superhuman", "hey"}

var fillers = map[string]bool{"from": true, "my": true, "min": true, "mitt": true, "mi": true, "från": true, "fra": true, "via": true,
	"using": true, "with": true, "the": true, "a": true, "an": true, "de": true, "depuis": true, "mon": true, "ma": true, "à": true,
	"partir": true, "med": true, "mit": true, "der": true, "dem": true, "von": true, "vom": true, "aus": true, "meinem": true,
	"meiner": true, "mijn": true, "vanaf": true, "met": true, "van": true, "een": true, "desde": true, "do": true, "meu": true,
	"minha": true, "da": true, "dal": true, "mio": true, "il": true, "z": true, "ze": true, "mojego": true, "с": true, "из": true,
	"моего": true, "от": true, "з": true, "мого": true, "lo": true, "minun": true, "for": true, "för": true, "til": true, "para": true,
	"pour": true, "per": true, "für": true, "voor": true, "dla": true, "on": true, "by": true, "secure": true, "new": true, "nya": true,
	"free": true, "en": true, "et": true, "un": true, "une": true, "av": true, "af": true, "and": true, "och": true, "mini": true,
	"pro": true, "plus": true, "max": true, "ultra": true, "touch": true, "enabled": true, "wireless": true, "personal": true,
	"mobilen": true, "tele2": true, "telia": true, "tre": true, "telenor": true, "at&t": true, "verizon": true, "t-mobile": true,
	"network": true, "4g": true, "5g": true, "lte": true, "la": true, "el": true, "work": true, "jobb": true, "på": true, "op": true, "auf": true, "sur": true, "su": true}

// isDeviceLine tells "Sent from my iPhone" and its like, and the advertisement of Outlook for phones. Every word of the line
// must belong to it: "Sent from my phone to the wrong person" is an answer.
func isDeviceLine(line string) bool {
	line = strings.TrimSpace(line)
	if len(line) == 0 || len(line) > 200 {
		return false
	}
	if getOutlook.MatchString(line) && len(strings.Fields(linkTail.ReplaceAllString(line, ""))) <= 6 {
		return true
	}
	if germanDevice.MatchString(line) {
		return true
	}
	m := sentFrom.FindStringSubmatch(linkTail.ReplaceAllString(line, ""))
	if m == nil {
		return false
	}
	words := strings.Fields(strings.ToLower(strings.Trim(m[1], " *_.!)]")))
	device := false
	for _, w := range words {
		w = strings.Trim(w, `",.()®™*_`)
		switch {
		case isDeviceWord(w):
			device = true
		case w == "" || fillers[w] || device && hasDigit.MatchString(w):
		default:
			return false
		}
	}
	return device && len(words) <= 10
}

func isDeviceWord(w string) bool {
	for _, d := range deviceWords {
		if strings.HasPrefix(w, d) {
			return true
		}
	}
	return false
}

// rareSender is the banner that Exchange puts on top of a mail from an address that seldom writes, in its languages.
var rareSender = regexp.MustCompile(`(?i)^\s*(?:\[?\s*)(?:du får inte ofta e-post från|vissa (?:personer|användare) som (?:tog emot|fick) (?:det här|detta) (?:meddelandet|meddelande) får inte ofta e-post från|` +
	`you don['’]t often get e-?mail from|some people who received this message don['’]t often get e-?mail from|` +
	`du får ikke ofte e-?(?:mails?|post) fra|du modtager ikke ofte mails? fra|du får ikke ofte mails? fra|et saa usein sähköpostia (?:lähettäjältä|osoitteesta)|` +
	`sie erhalten nicht (?:oft|häufig) e-?mails? von|sie erhalten nicht oft eine e-mail von|vous n['’](?:obtenez|recevez) pas souvent d['’]?e-?mails? (?:à partir )?de|` +
	`no suele recibir correos? electrónicos? de|non si ricevono spesso messaggi di posta elettronica da|u ontvangt niet vaak e-?mail van|rzadko otrzymujesz wiadomości e-mail (?:od|z)|` +
	`você não costuma receber emails? de|não recebe frequentemente e-?mails? de)\s+\S+@[^\s.<>]+(?:\.[^\s.<>]+)*\.?\s*`)

// rareSenderLink is its second sentence with the link.
var rareSenderLink = regexp.MustCompile(`(?i)^\s*(?:[^<\[.\n]{5,90})?[<\[(]?https?://aka\.ms/LearnAboutSenderIdentification\s?[^\s>\])]*[>\])]?\s*\]?`)

var rareSenderWords = regexp.MustCompile(`(?i)^\s*(?:läs mer om varför det(?:ta|t här)? är viktigt|läs om varför det(?:ta|t här)? är viktigt|lär dig varför det(?:ta|t här)? är viktigt|ta reda på varför det(?:ta|t här)? är viktigt|learn why this is important|få mere at vide om,? hvorfor dette er vigtigt|finn ut hvorfor dette er viktig|lue,? miksi tämä on tärkeää|erfahren sie,? warum dies wichtig ist|découvrez pourquoi c['’]est important|pourquoi c['’]est important)\.?\s*`)

// cutBanner takes the banner off the first lines; the writer's words may follow it on its own line.
func cutBanner(lines []string) (kept, cut []string) {
	at := rareSender.FindStringIndex(lines[0])
	if at == nil {
		return lines, nil
	}
	cut = append(cut, lines[0][:at[1]])
	rest := append([]string{lines[0][at[1]:]}, lines[1:]...)
	for k := 0; k < 3 && len(rest) > 0; k++ {
		loc := rareSenderLink.FindStringIndex(rest[0])
		if loc == nil {
			loc = rareSenderWords.FindStringIndex(rest[0])
		}
		if loc != nil {
			cut = append(cut, rest[0][:loc[1]])
			rest[0] = rest[0][loc[1]:]
		}
		if strings.TrimSpace(rest[0]) != "" {
			break
		}
		rest = rest[1:]
	}
	return trimLines(rest), cut
}
