package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
	at := strings.IndexAny(line[:min(len(line), maxLabel+1)], ":：")
	if at <= 0 {
		return l, "", false
	}
	label := strings.Trim(line[:at], " \t*_>\u00a0")
	var buffer [2 * maxLabel]byte
	lower := buffer[:0]
	for _, r := range label {
		lower = utf8.AppendRune(lower, unicode.ToLower(r))
	}
	if l, ok = headerLabels[string(lower)]; !ok {
		return l, "", false
	}
	value = strings.TrimPrefix(strings.TrimPrefix(line[at:], ":"), "：")
	return l, strings.Trim(value, " \t*_\u00a0"), true
}

// headerBlock gives the length of a block of header lines at line i and the address in its From, if any. A block has From,
// a date and one more kind (need 3), in one language; up to 14 lines, a value over several, an empty line between two. After
// a separator (need 1) one line will do.
func (x *extractor) headerBlock(i, need int) (n int, from string) {
	if x.kinds[i]&lineLabel == 0 {
		return 0, ""
	}
	first, _, ok := headerLine(x.lines[i])
	if !ok || first.kind == kindOther || first.kind == kindCc {
		return 0, ""
	}
	var b headerKinds
	for k, gap := i, 0; k < len(x.lines) && k < i+14 && gap < 3; k++ {
		if x.kinds[k]&lineLabel == 0 || x.hints[k]&hintQuoted != 0 {
			gap++
			continue
		}
		l, value, ok := headerLine(x.lines[k])
		if !ok {
			gap++
			continue
		}
		if !b.add(l, value) {
			break
		}
		gap, n = 0, k-i+1
	}
	if need <= 1 && b.kinds != 0 || b.complete() {
		return n, b.from
	}
	return 0, ""
}

// headerKinds is what the lines of a block have told so far.
type headerKinds struct {
	kinds headerKind
	langs uint64 // languages that have all its labels; 0 before the first
	dated bool
	from  string
}

// add takes a line in; false where it belongs to another block.
func (b *headerKinds) add(l headerLabel, value string) bool {
	if l.langs&english == 0 {
		if b.langs != 0 && b.langs&l.langs == 0 {
			return false
		}
		if b.langs == 0 {
			b.langs = ^uint64(0)
		}
		b.langs &= l.langs
	}
	if l.kind == kindFrom {
		if b.kinds&kindFrom != 0 {
			return false
		}
		b.from = findAddress(value)
	}
	if l.kind == kindDate {
		b.dated = b.dated || yearOrTime().MatchString(value)
	}
	b.kinds |= l.kind
	return true
}

func (b *headerKinds) complete() bool {
	return b.kinds&kindFrom != 0 && b.kinds&kindDate != 0 && b.dated && (b.kinds&(kindTo|kindSubject|kindCc) != 0 || b.from != "")
}
