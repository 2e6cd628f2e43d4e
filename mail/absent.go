package mail

import "strings"

// Whether an automatic mail says that a person is away is told by words, since no header does: RFC 3834 and all that came before it mark vacation notices
// and receipts of ticket systems alike. The tables hold what the programs' own templates say and what people write into them.

// absenceSubject begins the subject of a notice of absence, behind "Re:" too.
var absenceSubject = pattern(`(?i)(?:^|[^\p{L}])(?:frånvaro|frånvarande|semester|tjänstledig|föräldraledig|sjukskriven|ledig|ej på plats|inte på (?:plats|kontoret|jobbet)|ej på kontoret|out of (?:the )?office|ooo|away (?:from|until|on)|on (?:vacation|holiday|leave|annual leave|parental leave|maternity leave)|(?:annual|parental|maternity|sick) leave|vacation|holiday (?:notice|message|reply)|absence|absent\p{L}*|` +
	`fravær\p{L}*|ferie\p{L}*|ikke (?:på|til) kontoret|ikke til stede|poissaolo\p{L}*|poissa|lomalla|fjarverandi|abwesen\p{L}*|urlaub\p{L}*|nicht im (?:büro|haus)|außer haus|afwezig\p{L}*|vakantie|congés?|en vacances|ausente|ausência|fuera de (?:la )?oficina|vacaciones|assen(?:te|za)|fuori (?:sede|ufficio)|ferie|fora do escritório|férias|nieobecn\p{L}*|urlop\p{L}*|poza biurem|nepřítom\p{L}*|neprítom\p{L}*|dovolen\p{L}*|mimo kancelář|távollét\p{L}*|házon kívül|szabadság\p{L}*|concediu|ofis dışında|отсутств\p{L}*|отпуск\p{L}*|відсутн\p{L}*|відпуст\p{L}*|puhkus\p{L}*|prombūtn\p{L}*|atostog\p{L}*|απουσ\p{L}*|不在|休假|休暇|외출|부재)(?:$|[^\p{L}])`)

// absenceText is what such a notice says, in any place.
var absenceText = pattern(`(?i)(?:^|[^\p{L}])(?:` +
	// Swedish
	`frånvarande|(?:jag|vi) (?:är|har|kommer att vara) (?:just nu |för närvarande |för tillfället |nu )?(?:ledig|borta|bortrest|semester|på semester|sjuk|sjukskriven|tjänstledig|föräldraledig|på (?:tjänsteresa|resa|utbildning|konferens|kurs)|inte (?:på plats|på kontoret|i tjänst|på jobbet))|på semester|semesterledig|har semester|föräldraledig|tjänstledig|sjukskriven|inte (?:på|i) (?:plats|kontoret|tjänst|jobbet)|ej (?:på plats|på kontoret|i tjänst)|åter (?:på (?:plats|kontoret|jobbet)|i tjänst|den|på|igen|måndag|tisdag|onsdag|torsdag|fredag|\d)|tillbaka (?:den|på (?:kontoret|jobbet|plats)|igen|måndag|tisdag|onsdag|torsdag|fredag|\d)|läser (?:inte|ej) (?:min |mina )?(?:mejl|mail|e-post)|har (?:slutat|avslutat min)|slutat min (?:anställning|tjänst)|arbetar inte längre|inte längre (?:kvar|anställd)|` +
	// English
	`out of (?:the )?office|away from (?:the office|my desk|work)|(?:i am|i'm|i’m|i will be) (?:currently |now )?(?:away|out|on (?:vacation|holiday|leave|annual leave|parental leave|maternity leave|sick leave|a business trip)|travelling|traveling|unavailable|not (?:in|at) (?:the|my) office)|on (?:annual|parental|maternity|paternity|sick|medical) leave|on vacation|on holiday|limited (?:access to|e-?mail)|no access to (?:my )?e-?mail|(?:i will|i'll|will) (?:be back|return|be returning)|back in the office|no longer (?:work|with|employed)|returning on|` +
	// Danish, Norwegian, Icelandic, Finnish
	`fraværende|på ferie|ikke (?:på|til) kontoret|ikke til ?stede|(?:tilbage|tilbake) (?:igen|igjen|den|på|mandag|\d)|på barsel|i permisjon|jeg har fri|har sluttet|er stoppet|í (?:fríi|orlofi|leyfi)|fjarverandi|ekki við|poissa|lomalla|vuosilomalla|olen vapaalla|virkavapaalla|perhevapaalla|palaan|tavoitettavissa|` +
	// German, Dutch
	`nicht (?:im (?:büro|haus|hause|dienst)|am arbeitsplatz|erreichbar)|abwesend|abwesenheit|im urlaub|außer haus|elternzeit|wieder (?:erreichbar|im (?:büro|haus)|für sie da|da)|afwezig|niet (?:aanwezig|op kantoor)|(?:met|op) (?:vakantie|verlof)|weer (?:aanwezig|bereikbaar|op kantoor)|` +
	// French, Spanish, Italian, Portuguese, Catalan, Romanian
	`(?:je suis|suis) (?:actuellement )?(?:absente?|en congés?|en vacances|en déplacement)|absente? du bureau|de retour (?:le|au)|en congés?|fuera de (?:la |mi )?oficina|(?:estoy|estaré) (?:ausente|de vacaciones|fuera)|de vacaciones|de (?:vuelta|regreso)|assente|fuori (?:sede|ufficio)|in ferie|rientr\p{L}+|fora do escritório|(?:estou|estarei) (?:ausente|de férias|fora)|de férias|regress\p{L}+|fora de l['’]oficina|în concediu|absent|nu sunt la birou|` +
	// Polish, Czech, Slovak, Hungarian, Slavic and Baltic languages, Turkish, Greek
	`nieobecn\p{L}*|na urlopie|poza biurem|(?:jestem|będę) nieosiągaln\p{L}*|nepřítom\p{L}*|neprítom\p{L}*|(?:mám|na) dovolen\p{L}*|mimo kancelář\p{L}*|szabadságon|házon kívül|nem vagyok (?:az irodában|elérhető)|távol (?:vagyok|leszek)|na dopustu|odsot\p{L}*|odsutan|odsutna|na godišnjem|(?:я )?(?:нахожусь )?в отпуске|отсутству\p{L}*|вне офиса|у відпустці|відсутн\p{L}*|puhkusel|kontorist väljas|eemal|atvaļinājumā|prombūtnē|atostogauju|atostogose|nesu biure|ofis(?:im)?(?:de değilim| dışında\p{L}*)|izinde\p{L}*|tatilde\p{L}*|εκτός γραφείου|σε άδεια|απουσιάζω` +
	`)(?:$|[^\p{L}])|不在|休假|外出|休暇|出張|부재|휴가`)

// receiptText is how a program acknowledges that something has come in.
var receiptText = pattern(`(?i)(?:ärende|diarie|referens|ärendets?)\s?(?:nummer|nr|id)|\bticket\b|\bcase (?:number|id|#)|case no|\brequest (?:id|number|#)|reference (?:number|no)|#\d{3,}|har (?:tagit emot|mottagit) (?:ditt|din|er|ert|ärendet|din fråga)|har (?:mottagits|tagits emot|registrerats|skapats|kommit in)|tack för att du (?:kontaktar|kontaktat|hör av dig)|vi (?:återkommer|svarar|hanterar|besvarar)|we (?:have )?received your|has been (?:received|registered|created|logged)|thank you for contacting|we will (?:get back|respond|reply)|vi har modtaget|vi har mottatt|olemme vastaanottaneet|ihre anfrage|haben ihre .{0,40}(?:erhalten|empfangen)|bien reçu votre|hemos recibido|abbiamo ricevuto|hebben uw .{0,30}ontvangen|recebemos|otrzymaliśmy|přijali jsme|unsubscribe|avprenumerera|nyhetsbrev|newsletter`)

// personal is the subject that a program gives to the answer that a person left behind: only vacation notices and the receipts of ticket systems have it.
var personal = pattern(`(?i)^\s*(?:automatisk[at]?\s?svar|autosvar|automatic reply|auto:|automaattinen vastaus|automatische antwort|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|odpowiedź automatyczna|resposta automática|automatická odpov\p{L}+|automatikus válasz|răspuns automat|otomatik yanıt|автоответ|автоматический ответ|автоматична відповідь|sjálfvirkt svar|automatiskais? atbilde|αυτόματη απάντηση)`)

const maxNoticeText = 4000 // bytes of a notice's text that are looked at

// isAbsence tells a notice that a person is away from other mail that no person wrote: receipts, lists, bounces, tickets.
func isAbsence(m *Message) bool {
	switch m.AutoReply {
	case "", AutoReceipt, AutoDelivery, AutoFeedback, AutoBulkHeader, AutoCalendar, AutoChallenge:
		return false
	}
	if m.Bounce != nil || automaticSender(m.From) {
		return false
	}
	for _, f := range m.fields {
		switch f.name {
		case "list-id", "list-unsubscribe", "list-post", "x-beenthere", "x-mailing-list":
			return false
		}
	}
	if m.AutoReply == AutoText || absenceSubject().MatchString(withoutAnswered(m.Subject)) {
		return true
	}
	text := m.Text
	if strings.TrimSpace(m.Reply) != "" {
		text = m.Reply
	}
	text = text[:min(len(text), maxNoticeText)]
	switch {
	case absenceText().MatchString(text):
		return true
	case receiptText().MatchString(text) || receiptText().MatchString(m.Subject):
		return false
	}
	return personal().MatchString(m.Subject)
}

// withoutAnswered leaves out what an automatic reply says of the mail that it answers: "Automatiskt svar: Frånvarolistan" is about a list.
func withoutAnswered(subject string) string {
	if loc := personal().FindStringIndex(subject); loc != nil {
		rest := subject[loc[1]:]
		if strings.HasPrefix(strings.TrimLeft(rest, " "), ":") {
			return ""
		}
	}
	if replied().MatchString(subject) {
		return ""
	}
	return subject
}
