package mail

import (
	"regexp"
	"strings"
)

// headerKind is a kind of line in the block of header lines that Outlook and others write above the mail that is answered.
type headerKind uint8

const (
	kindFrom headerKind = 1 << iota
	kindDate
	kindTo
	kindCc
	kindSubject
	kindOther
)

// headerLabel is a label's kind, and the languages that have it as a bit set.
type headerLabel struct {
	kind  headerKind
	langs uint64
}

// headerWords are the labels by language: from, date, to, cc, subject and other, parted by "|"; labels by ",".
// English ones are found in blocks of every language.
var headerWords = []string{
	"from|date,sent,sent at,sent on|to|cc,bcc|subject|reply-to,reply to,importance,attachments,priority,organization,resent-from,x-mailer,message-id,in reply to",
	"från,avsändare|skickat,datum,skickades|till,mottagare|kopia,kopia till,hemlig kopia|ämne,rubrik,ärende|prioritet,bifogade filer,svara till,bilagor",
	"fra|sendt,dato|til|kopi,cc,kopi til|emne|vedhæftede filer,prioritet,svar til,vedlegg,viktighet,vigtighed",
	"lähettäjä|lähetetty,päivämäärä,päiväys,pvm|vastaanottaja,saaja,kenelle|kopio|aihe|liitteet,tärkeys",
	"von|gesendet,datum,am,gesendet am|an|kopie,cc|betreff|antwort an,wichtigkeit,anlagen,priorität",
	"de,expéditeur,message de,de la part de|envoyé,envoye,date,envoyé le,date d'envoi,message du|à,a,pour,destinataire,destinataires|copie,copie à,cc|objet,sujet|pièces jointes,importance,répondre à",
	"de,remitente|enviado,fecha,enviado el,enviado en|para,a|cc,con copia|asunto|datos adjuntos,importancia",
	"da,mittente|inviato,data,inviato il|a,destinatario|cc,per conoscenza|oggetto|allegati,priorità",
	"van,afzender|verzonden,datum,verstuurd|aan|cc,kopie|onderwerp|bijlagen,urgentie",
	"od,nadawca|wysłano,data,wysłane,data wysłania|do|dw,kopia,udw|temat|załączniki",
	"de|enviado,enviada,data,enviada em,enviado em|para|cc,com cópia|assunto|anexos",
	"от,от кого|отправлено,дата,послано|кому|копия|тема|вложения",
	"від,від кого|надіслано,дата,відправлено|кому|копія|тема|",
	"od,odesílatel|odesláno,datum,posláno|komu|kopie|předmět|přílohy",
	"od,odosielateľ|odoslané,dátum,poslané|komu,pre|kópia,kopie|predmet|",
	"feladó|elküldve,dátum,küldve|címzett|másolatot kap,másolat|tárgy|mellékletek",
	"de la,expeditor,expeditorul,din partea|trimis,data,dată,data trimiterii|către,catre,destinatarul,destinatar|cc|subiect,subiectul|",
	"gönderen,kimden|tarih,gönderildi,gönderme tarihi,gönderilme tarihi|kime,alıcı|bilgi,cc|konu|",
	"από|στάλθηκε,ημερομηνία,απεσταλμένα|προς|κοιν.,κοιν|θέμα|",
	"saatja|saadetud,kuupäev|adressaat,kellele|koopia|teema|",
	"no|nosūtīts,datums|kam,līdz|kopija|temats,tēma|",
	"nuo,siuntėjas|išsiųsta,data|kam,skirta|kopija|tema|",
	"šalje,od,pošiljatelj,pošiljalac|poslano,datum,poslato|za,prima,primatelj|kopija|predmet,tema,naslov|",
	"发件人,寄件者,寄件人,發件人|发送时间,日期,寄件日期,傳送時間,發送時間|收件人,收件者|抄送,副本|主题,主旨,標題|",
	"差出人,送信者|日時,送信日時,日付|宛先|cc|件名|",
	"보낸 사람,보낸사람|보낸 날짜,날짜|받는 사람,받는사람|참조|제목|",
	"frá,sendandi|sent,dagsetning|til|afrit|efni|",
}

// headerLabels is headerWords by label.
var headerLabels = labelTable(headerWords)

func labelTable(words []string) map[string]headerLabel {
	kinds := []headerKind{kindFrom, kindDate, kindTo, kindCc, kindSubject, kindOther}
	table := map[string]headerLabel{}
	for lang, line := range words {
		for k, labels := range strings.Split(line, "|") {
			for _, label := range strings.Split(labels, ",") {
				if label == "" {
					continue
				}
				l := table[label]
				if l.kind == 0 || l.kind == kinds[k] {
					table[label] = headerLabel{kinds[k], l.langs | 1<<lang}
				}
			}
		}
	}
	return table
}

const english = 1

// headerLine reads "Label: value" with the stars and spaces that text versions of bold labels leave.
func headerLine(line string) (l headerLabel, value string, ok bool) {
	if len(line) > 1000 {
		line = line[:1000]
	}
	at := strings.IndexAny(line, ":：")
	if at <= 0 || at > 60 {
		return l, "", false
	}
	label := strings.ToLower(strings.Trim(line[:at], " \t*_>\u00a0"))
	l, ok = headerLabels[label]
	value = strings.TrimPrefix(strings.TrimPrefix(line[at:], ":"), "：")
	return l, strings.Trim(value, " \t*_\u00a0"), ok
}

var hasDigit = regexp.MustCompile(`\d`)

// headerBlock gives the length of a block of header lines at line i and the address in its From, if any. A block has From,
// a date and one more kind (need 3), in one language; up to 14 lines, a value over several, an empty line between two. After
// a separator (need 1) one line will do.
func (x *extractor) headerBlock(i, need int) (n int, from string) {
	first, _, ok := headerLine(x.lines[i])
	if !ok || first.kind == kindOther || first.kind == kindCc {
		return 0, ""
	}
	var kinds headerKind
	langs := ^uint64(0)
	dated := false
	for k, gap := i, 0; k < len(x.lines) && k < i+14 && gap < 3; k++ {
		l, value, ok := headerLine(x.lines[k])
		if !ok || x.hints[k]&hintQuoted != 0 {
			gap++
			continue
		}
		if l.langs&english == 0 {
			if langs&l.langs == 0 {
				break
			}
			langs &= l.langs
		}
		if l.kind == kindFrom {
			if kinds&kindFrom != 0 {
				break // a second block
			}
			if a := anAddress.FindString(value); strings.Contains(a, "@") {
				from = strings.Trim(a, "<>[]()")
			}
		}
		if l.kind == kindDate {
			dated = dated || hasDigit.MatchString(value)
		}
		kinds |= l.kind
		gap, n = 0, k-i+1
	}
	if need <= 1 && kinds != 0 {
		return n, from
	}
	if kinds&kindFrom == 0 || kinds&kindDate == 0 || !dated {
		return 0, ""
	}
	if kinds&(kindTo|kindSubject|kindCc) == 0 && from == "" {
		return 0, ""
	}
	return n, from
}

// separatorPhrases are what programs write between dashes, or on a line of its own, above another mail.
const separatorPhrases = `original message|original mail|original e-?mail|forwarded message|forwarded mail|forwarded by[^-]*|reply message|reply above this line|begin forwarded message|forwarded message follows|original appointment|ursprunglig avtalad tid|ursprunglig mötesbokning|ursprünglicher termin|rendez-vous d'origine|` +
	`ursprungligt meddelande|ursprungligt mail|originalmeddelande|originalmeddelelse|vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail|vidarebefordrat mejl|vidarebefordrat e-postmeddelande|` +
	`oprindelig meddelelse|oprindelig besked|original besked|videresendt meddelelse|videresendt besked|videresendt mail|start på videresendt besked|opprinnelig melding|original melding|videresendt melding|` +
	`alkuperäinen viesti|alkuperäinen sähköposti|välitetty viesti|edelleenlähetetty viesti|välitetty viesti / fwd\.msg|edelleen lähetetty viesti|` +
	`ursprüngliche nachricht|original-?nachricht|originalnachricht|original ?message|weitergeleitete nachricht|ursprüngliche mail|anfang der weitergeleiteten (?:nachricht|e-?mail)|` +
	`message d'origine|message d’origine|message original|message initial|message transféré|e-?mail transféré|message transmis|mail original|début du message (?:transféré|réexpédié)|` +
	`mensaje original|mensaje reenviado|mensaje enviado|inicio del mensaje reenviado|correo original|` +
	`messaggio originale|messaggio inoltrato|inizio messaggio inoltrato|` +
	`oorspronkelijk bericht|originele bericht|origineel bericht|doorgestuurd bericht|begin doorgestuurd bericht|` +
	`oryginalna wiadomość|wiadomość oryginalna|wiadomość przesłana dalej|wiadomość przekazana|przekazana wiadomość|treść przekazanej wiadomości|początek przekazywanej wiadomości|` +
	`mensagem original|mensagem encaminhada|mensagem reencaminhada|início da mensagem (?:re)?encaminhada|` +
	`исходное сообщение|оригинальное сообщение|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|начало переадресованного сообщения|` +
	`оригінальне повідомлення|вихідне повідомлення|переслане повідомлення|перенаправлене повідомлення|початок листа, що пересилається|` +
	`původní zpráva|původní e-mail|přeposlaná zpráva|přeposlaný e-mail|začátek přeposlané zprávy|pôvodná správa|preposlaná správa|začiatok preposlanej správy|` +
	`eredeti üzenet|továbbított üzenet|továbbított levél kezdete|mesaj original|mesajul original|mesaj redirecționat|începe mesajul redirecționat|mesaj transmis mai departe|` +
	`orijinal mesaj|iletilen mesaj|yönlendirilen mesaj|iletilmiş ileti|orijinal ileti|yönlendirilmiş ileti|iletilen ileti başlangıcı|` +
	`αρχικό μήνυμα|προωθημένο μήνυμα|izvorna poruka|prosleđena poruka|proslijeđena poruka|početak proslijeđene poruke|originalna poruka|opprinnelig e-post|原始邮件|原始郵件|转发的邮件|轉寄的郵件|转发邮件|元のメッセージ|転送されたメッセージ|転送メッセージ|원본 메시지|전달된 메시지`

var (
	// separatorLine is a known phrase between dashes; other text may follow on the line, as in what Yahoo writes.
	separatorLine = regexp.MustCompile(`^[\s*_|]*[-\x{2013}\x{2014}]{2,}\s*\**(?:` + separatorPhrases + `)\**:?\s*[-\x{2013}\x{2014}]{2,}`)
	// phraseLine is a known phrase alone on its line, with a colon.
	phraseLine = regexp.MustCompile(`^[\s*_]*(?:` + separatorPhrases + `)\s*[:：]\**$`)
	// dashedWords is any phrase between dashes: believed where header lines follow it.
	dashedWords = regexp.MustCompile(`^[\s*]*-{2,}\s*[\p{L}\p{M}][\p{L}\p{M}\s.,/'’&-]{2,60}-{2,}(.*)$`)
	// replyMarker is the line that ticket systems ask people to write above.
	replyMarker = regexp.MustCompile(`^[-#=*_\s]{0,80}(?:please )?(?:svara ovanför (?:den här|denna|denne) rad(?:en)?|skriv ditt svar ovanför (?:den här|denna) rad(?:en)?|(?:type your )?reply above this line|skriv dit svar over denne linje|antworten sie oberhalb dieser zeile)`)
	oneLineHead = regexp.MustCompile(`^\s*\p{L}[\p{L} ]{0,30}\s?[:：].*@`)
	// forwardWords tell a forwarded mail from one that is answered.
	forwardWords = regexp.MustCompile(`(?i)forward|vidare|videre|weiter|transf|reenv|inoltr|doorgest|encaminh|välit|edelleen|przes|przek|перес|перен|переад`)
)

// separator gives the length of a separator at line i with the header lines that follow it, or of a line drawn above them.
func (x *extractor) separator(i int, trimmed string) int {
	if len(trimmed) > 2000 {
		return 0
	}
	lower := strings.ToLower(trimmed)
	known, generic := replyMarker.MatchString(lower), false
	if known {
		// nothing more to ask
	} else if strings.HasSuffix(lower, "-") || strings.Contains(lower, "--") || strings.Contains(lower, "——") {
		known = separatorLine.MatchString(lower)
		if m := dashedWords.FindStringSubmatch(lower); !known && m != nil {
			if oneLineHead.MatchString(m[1]) {
				known = true
			}
			generic = strings.TrimSpace(m[1]) == ""
		}
	} else if endsAttribution(trimmed) {
		known = phraseLine.MatchString(lower)
	}
	drawn := !known && len(trimmed) >= 3 && isDivider(trimmed)
	if !known && !generic && !drawn {
		return 0
	}
	next := x.nextLine(i + 1)
	need := 3
	if known {
		need = 1
	}
	if next >= 0 && next <= i+3 && !x.isQuoted(next) {
		if n, from := x.headerBlock(next, need); n > 0 && (known || from == "" || x.mine(from) || !strings.HasSuffix(x.lineAbove(i), ":")) {
			x.forward = x.forward || forwardWords.MatchString(lower)
			return next + n - i
		}
	}
	if !known {
		return 0
	}
	x.forward = x.forward || forwardWords.MatchString(lower)
	if next >= 0 && next <= i+3 && !x.isQuoted(next) {
		if n := x.attribution(next, strings.TrimSpace(x.lines[next])); n > 0 {
			return next + n - i
		}
	}
	return 1
}
