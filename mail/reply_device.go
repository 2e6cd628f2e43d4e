package mail

import "strings"

// getOutlook begins "Get Outlook for iOS".
var getOutlook = pattern(`(?i)^[\s*_(\[]*(?:get|hämta|skaffa|hent|få|hanki|lataa|télécharger|téléchargez|obtenir|obtenez|obtener|obtén|obtenga|descarga|scarica|ottieni|download|pobierz|obter|baixe|obtenha|получите|скачать|holen sie sich|laden sie|prenez)\s(?:the\s|die\s|nya\s)?outlook(?:-appen)?\s(?:för|for|für|til|pour|para|per|voor|dla|на|для)\s\S+|^[\s*_]*outlook\s(?:für|for|för|til)\s\S+\s(?:beziehen|herunterladen|laden|holen)`)

var germanDevice = pattern(`(?i)^(?:von (?:meinem|meiner|unserem|mobile|outlook)|diese nachricht wurde von meinem|diese e-?mail wurde von meinem)\s?.{0,70}\sgesendet\.?$`)

// sentWords begin "Sent from my …" in the languages of phones; getWords the advertisement of a program.
var (
	sentWords = wordSet(`sent skickat skickad skickades sendt send lähetetty gesendet verschickt envoyé envoyée envoye enviado enviada enviat inviato inviata verzonden verstuurd wysłane
	wysłano отправлено надіслано відправлено odesláno odoslané posláno trimis elküldve poslano gönderildi saadetud nosūtīts išsiųsta στάλθηκε sent`)
	getWords = wordSet(`get hämta skaffa hent få hanki lataa télécharger téléchargez obtenir obtenez obtener obtén obtenga descarga scarica ottieni download pobierz obter baixe
	obtenha получите скачать holen laden prenez outlook`)
)

var linkTail = pattern(`\s*[<(\[]?https?://\S*[>)\]]?\s*$`)

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

const maxDevice = 200 // bytes

// isDeviceLine tells "Sent from my iPhone" and its like, and the advertisement of Outlook for phones. Every word of the line
// must belong to it: "Sent from my phone to the wrong person" is an answer.
func isDeviceLine(line string) bool {
	line = strings.TrimSpace(line)
	if len(line) == 0 || len(line) > maxDevice {
		return false
	}
	first := firstLower(line)
	switch {
	case first == "von" || first == "diese":
		return germanDevice().MatchString(line)
	case getWords[first]:
		return getOutlook().MatchString(line) && len(strings.Fields(withoutLink(line))) <= 6
	case !sentWords[first]:
		return false
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(strings.ReplaceAll(withoutLink(line), "\t", " "), " *_(["), " ")
	words := strings.Fields(strings.ToLower(strings.Trim(rest, " *_.!)]")))
	device := false
	for _, w := range words {
		w = strings.Trim(w, `",.()®™*_`)
		switch {
		case isDeviceWord(w):
			device = true
		case w == "" || fillers[w] || device && strings.ContainsAny(w, "0123456789"):
		default:
			return false
		}
	}
	return device && len(words) <= 10
}

// withoutLink takes off a link at the end.
func withoutLink(line string) string {
	if strings.Contains(line, "://") {
		return linkTail().ReplaceAllString(line, "")
	}
	return line
}

// firstLower is the first word of a line, lower case, without the signs around it.
func firstLower(line string) string {
	line = strings.TrimLeft(line, " \t*_([")
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		line = line[:i]
	}
	if len(line) > 40 {
		return ""
	}
	return strings.ToLower(line)
}

func isDeviceWord(w string) bool {
	for _, d := range deviceWords {
		if strings.HasPrefix(w, d) {
			return true
		}
	}
	return false
}
