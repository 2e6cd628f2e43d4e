package mail

import "strings"

// separatorPhrases are what programs write between dashes, or on a line of its own with a colon, above another mail. By language; lower case.
var separatorPhrases = phraseSet(
	`original message|original mail|original email|original e-mail|forwarded message|forwarded mail|forwarded email|forwarded e-mail|reply message|reply above this line|begin forwarded message|forwarded message follows|original appointment|forwarded letter|end of forwarded message`,
	`ursprungligt meddelande|ursprungligt mail|ursprungligt mejl|ursprungligt e-postmeddelande|originalmeddelande|originalmeddelelse|vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail|vidarebefordrat mejl|vidarebefordrat e-postmeddelande|vidarebefordrat e-brev|vidaresänt meddelande|börja vidarebefordrat meddelande|ursprunglig avtalad tid|ursprunglig mötesbokning`,
	`oprindelig meddelelse|oprindelig besked|original besked|videresendt meddelelse|videresendt besked|videresendt mail|start på videresendt besked|oprindelig mail|oprindelig e-mail`,
	`opprinnelig melding|original melding|videresendt melding|opprinnelig e-post|videresendt e-post|videresendt mail|start på videresendt e-post|start på videresendt melding`,
	`upphafleg skilaboð|upprunaleg skilaboð|upprunalegur póstur|áframsend skilaboð|áframsendur póstur`,
	`alkuperäinen viesti|alkuperäinen sähköposti|välitetty viesti|edelleenlähetetty viesti|välitetty viesti / fwd.msg|edelleen lähetetty viesti|alkuperäinen tapaaminen|välitetty viesti alkaa`,
	`ursprüngliche nachricht|original-nachricht|originalnachricht|weitergeleitete nachricht|ursprüngliche mail|ursprüngliche e-mail|originalmail|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|anfang der weitergeleiteten mail|ursprünglicher termin`,
	`message d'origine|message d’origine|message original|message originel|message initial|message transféré|email transféré|e-mail transféré|courriel transféré|message transmis|mail original|courriel original|début du message transféré|début du message réexpédié|rendez-vous d'origine`,
	`mensaje original|mensaje reenviado|mensaje enviado|inicio del mensaje reenviado|correo original|correo reenviado|cita original`,
	`messaggio originale|messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|appuntamento originale`,
	`oorspronkelijk bericht|originele bericht|origineel bericht|oorspronkelijke bericht|doorgestuurd bericht|begin doorgestuurd bericht|oorspronkelijke afspraak`,
	`oryginalna wiadomość|wiadomość oryginalna|wiadomość przesłana dalej|wiadomość przekazana|przekazana wiadomość|treść przekazanej wiadomości|początek przekazywanej wiadomości|początek przekazanej wiadomości`,
	`mensagem original|mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada|compromisso original`,
	`исходное сообщение|оригинальное сообщение|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|начало переадресованного сообщения|оригинал сообщения`,
	`оригінальне повідомлення|вихідне повідомлення|переслане повідомлення|перенаправлене повідомлення|початок листа, що пересилається`,
	`původní zpráva|původní e-mail|přeposlaná zpráva|přeposlaný e-mail|začátek přeposlané zprávy|pôvodná správa|preposlaná správa|začiatok preposlanej správy`,
	`eredeti üzenet|továbbított üzenet|továbbított levél kezdete|mesaj original|mesajul original|mesaj redirecționat|începe mesajul redirecționat|mesaj transmis mai departe`,
	`orijinal mesaj|iletilen mesaj|yönlendirilen mesaj|iletilmiş ileti|orijinal ileti|özgün ileti|yönlendirilmiş ileti|iletilen ileti başlangıcı|αρχικό μήνυμα|προωθημένο μήνυμα`,
	`izvorna poruka|prosleđena poruka|proslijeđena poruka|početak proslijeđene poruke|originalna poruka|izvirno sporočilo|posredovano sporočilo|algne kiri|edastatud kiri|originālais ziņojums|pārsūtīts ziņojums|pirminis laiškas|persiųstas laiškas`,
	`原始邮件|原始郵件|转发的邮件|轉寄的郵件|转发邮件|元のメッセージ|転送されたメッセージ|転送メッセージ|원본 메시지|전달된 메시지`,
)

func phraseSet(lists ...string) map[string]bool {
	set := map[string]bool{}
	for _, list := range lists {
		for _, p := range strings.Split(list, "|") {
			set[p] = true
		}
	}
	return set
}

// maxPhrase is the longest phrase that is looked up, in bytes.
const maxPhrase = 120

var (
	// dashedWords is any phrase between dashes: believed where header lines follow it.
	dashedWords = pattern(`^[\s*]*-{2,}\s*[\p{L}\p{M}][\p{L}\p{M}\s.,/'’&-]{2,60}-{2,}(.*)$`)
	oneLineHead = pattern(`^\s*\p{L}[\p{L} ]{0,30}\s?[:：].*@`)
)

// forwardWords tell a forwarded mail from one that is answered.
var forwardWords = []string{"forward", "vidare", "videre", "weiter", "transf", "reenv", "inoltr", "doorgest", "encaminh", "välit", "edelleen", "przes", "przek", "перес", "перен", "переад", "áframsen"}

func tellsForward(s string) bool {
	return len(s) <= maxAttribution && containsAny(strings.ToLower(s), forwardWords)
}

// cutDashes takes dashes off the front, and whether there were two at least.
func cutDashes(s string) (rest string, ok bool) {
	rest = strings.TrimLeft(s, "-–—")
	return rest, len(s)-len(rest) >= 2
}

// knownSeparator tells a known phrase between dashes, or alone on its line with a colon. Other text may follow the second dashes, as in what Yahoo
// writes.
func knownSeparator(s string) bool {
	s = strings.TrimLeft(s, " \t*_|")
	if rest, ok := cutDashes(s); ok {
		end := strings.Index(rest, "--")
		if other := strings.IndexAny(rest, "–—"); end < 0 || other >= 0 && other < end {
			end = other
		}
		if end < 0 || end > maxPhrase {
			return false
		}
		return isPhrase(rest[:end])
	}
	s = strings.TrimRight(s, " \t*_")
	head, colon := strings.CutSuffix(s, ":")
	if !colon {
		head, colon = strings.CutSuffix(s, "：")
	}
	return colon && len(head) <= maxPhrase && isPhrase(head)
}

func isPhrase(s string) bool {
	s = strings.ToLower(strings.Trim(s, " \t*_:"))
	return separatorPhrases[s] || strings.HasPrefix(s, "forwarded by ") || strings.HasPrefix(s, "vidarebefordrat av ")
}

// separator gives the length of a separator at line i with the header lines that follow it, or of a line drawn above them, and the address in
// their From, if any.
func (x *extractor) separator(i int, trimmed string) (n int, from string) {
	if x.kinds[i]&(lineSigns|lineColon|lineMarker) == 0 || len(trimmed) > 2000 {
		return 0, ""
	}
	known := x.kinds[i]&lineMarker != 0 || knownSeparator(trimmed)
	generic := false
	if !known && strings.HasPrefix(strings.TrimLeft(trimmed, " \t*"), "--") && !isDivider(trimmed) {
		if m := dashedWords().FindStringSubmatch(trimmed); m != nil {
			known = oneLineHead().MatchString(m[1])
			generic = strings.TrimSpace(m[1]) == ""
		}
	}
	drawn := !known && len(trimmed) >= 3 && isDivider(trimmed)
	if !known && !generic && !drawn {
		return 0, ""
	}
	next := x.nextLine(i + 1)
	near := next >= 0 && next <= i+3 && !x.isQuoted(next)
	need := 3
	if known {
		need = 1
	}
	if near {
		if n, from := x.headerBlock(next, need); n > 0 && (known || from == "" || x.mine(from) || !strings.HasSuffix(x.lineAbove(i), ":")) {
			x.forward = x.forward || tellsForward(trimmed)
			return next + n - i, from
		}
	}
	if !known {
		return 0, ""
	}
	x.forward = x.forward || tellsForward(trimmed)
	if near && !strings.HasPrefix(x.lines[next], "--") && x.mayIntroduce(next) {
		if n := x.attribution(next, strings.TrimSpace(x.lines[next])); n > 0 {
			return next + n - i, findAddress(strings.Join(x.lines[next:next+n], " "))
		}
	}
	return 1, ""
}
