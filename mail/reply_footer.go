package mail

import "strings"

// What programs put below every mail of an organisation. It is cut from the end only, and only where its whole wording is a program's: people
// who report an incident write of personal data, confidentiality and wrong recipients too.

const (
	maxFooterParagraph = 14   // lines of a disclaimer
	minDisclaimer      = 70   // bytes: a shorter one is somebody's sentence
	maxDisclaimer      = 3000 // bytes of it that are looked at
)

// disclaimerStart begins a notice of confidentiality; it tells in the present tense what the message is.
var disclaimerStart = pattern(`(?i)^[\s*_|]*(?:` +
	`(?:this|the information (?:contained )?in this|the contents? of this|any views? .{0,40}in this) (?:e-?mail|message|communication|transmission)\b|confidentiality (?:notice|note|statement)|(?:legal )?disclaimer\b|if you (?:are not the intended|have received this (?:e-?mail|message|communication))|important notice:|notice: this|` +
	`(?:detta|denna) (?:e-?post|e-?brev|mejl|mail|meddelande)\p{L}*\s(?:(?:och|inklusive|med|samt)\s.{0,60})?(?:är|kan|innehåller|inkl)|(?:informationen|innehållet) i (?:detta|denna|det här) (?:e-?post|e-?brev|mejl|mail|meddelande)|om du (?:inte är (?:den )?(?:avsedd|rätt|adressat)|(?:har )?(?:fått|mottagit|erhållit) (?:detta|det här|denna) (?:e-?post|mejl|mail|meddelande)\p{L}* (?:av misstag|felaktigt|i misstag))|sekretess(?:meddelande|information|klausul)|` +
	`denne (?:e-?mail|e-?post|mail|meddelelse|besked|melding)\p{L}*\s(?:.{0,60})?(?:er|kan|inneholder|indeholder)|` +
	`tämä (?:viesti|sähköposti)|tämän (?:viestin|sähköposti)|` +
	`diese (?:e-?mail|nachricht|mail)\b.{0,60}(?:enthält|ist|kann)|der inhalt dieser (?:e-?mail|nachricht)|vertraulichkeitshinweis|die(?: in dieser)? (?:information|e-?mail).{0,60}vertraulich|` +
	`ce (?:message|courriel|mail|e-?mail|courrier)\b.{0,80}(?:est|sont|peut|contient)|les informations contenues|` +
	`este (?:mensaje|correo)|la información contenida|aviso (?:legal|de confidencialidad)|` +
	`(?:questo messaggio|questa e-?mail|le informazioni contenute|il contenuto di questa)|` +
	`(?:dit (?:bericht|e-?mail)|deze (?:e-?mail|mail)|de informatie (?:in|verzonden))|` +
	`(?:ta wiadomość|niniejsza wiadomość|treść (?:tej|niniejszej) wiadomości)|(?:esta mensagem|este e-?mail|as informações contidas)|(?:tato zpráva|tento e-?mail|obsah (?:této zprávy|tohoto e-?mailu)))`)

// disclaimerWords: two kinds of them must stand in a disclaimer, what it is and who may read it or what to do.
var (
	confidential = pattern(`(?i)confidential|privileged|konfidenti|sekretess|fortrolig|luottamuksel|vertraulich|confidentiel|confidencial|riservat|confidenzial|vertrouwelijk|poufn|důvěrn|solely for|intended (?:only|solely|for)|(?:endast|enbart|uteslutande) avse(?:dd|tt)|avse(?:dd|tt) (?:endast|enbart|uteslutande|för (?:den|adressat))|ausschließlich|uitsluitend`)
	addressee    = pattern(`(?i)intended recipient|addressee|named (?:above|recipient)|individual or entity|received (?:this|it) .{0,30}(?:in|by) (?:error|mistake)|unauthori[sz]ed|adressat|avsedd mottagare|rätt mottagare|av misstag|felaktigt|obehörig|mottager|modtager|mottaker|vastaanottaja|empfänger|adressaten|irrtümlich|destinataire|destinatario|destinatári|geadresseerde|bestemd|adresat|odbiorc|příjemc`)
)

// footerPhrase is a line that tells of the environment, of the organisation's handling of personal data, or of a virus scan. Each is a whole line.
var footerPhrase = pattern(`(?i)^[\s*_|P]{0,4}(?:` +
	`(?:please )?consider (?:the environment|your environmental)|think (?:of the environment|before (?:you )?print)|tänk på miljön|tänk på vår miljö|spara på miljön|skriv (?:bara|inte) ut (?:detta|det här|den här|denna)|behöver du (?:verkligen )?skriva ut|tenk på miljøet|tænk på miljøet|` +
	`(?:bitte )?denken sie an die umwelt|bitte prüfen sie.{0,40}(?:ausdruck|druck)|pensez à l['’]environnement|avant d['’]imprimer|antes de imprimir|prima di stampare|denk aan het milieu|` +
	`(?:så(?: här)?|hur|läs (?:mer|gärna)? ?(?:om|här)?.{0,30}|information om (?:hur)?.{0,40}|för (?:mer )?information om .{0,40}|här kan du läsa .{0,40})\s?(?:vi|vår|kommunen|\p{Lu}[\p{L} ]{1,40}|region\p{L}*)?\s?(?:behandl|hanter|personuppgiftsbehandl)\p{L}*\s.{0,60}personuppgift|` +
	`(?:läs (?:mer|om)|information om|för information om|mer information om|läs mer om).{0,80}(?:personuppgift|gdpr|dataskydd|integritetspolicy)|(?:gdpr|dataskydd|integritetspolicy|personuppgifter|behandling av personuppgifter)\s?:?\s*[<(\[]?https?://\S+|` +
	`(?:när|genom att|om) du (?:skickar|kontaktar|mejlar|mailar|kommunicerar|skriver|har kontakt|e-postar)\b.{0,200}personuppgift|` +
	`(?:how we|read (?:more )?about how we|information (?:on|about) how we|for information (?:on|about) how) .{0,60}personal data|we process personal data|` +
	`virus-?free\b|virusfri\b|this e-?mail has been (?:checked|scanned)|den här e-posten har (?:kontrollerats|genomsökts)|detta e-?post\p{L}* har (?:kontrollerats|genomsökts|skannats)|diese e-?mail wurde von .{0,30}virensoftware|no virus found in this)`)

// imageLine is what the text of a mail shows for a picture: "[cid:image001.png@01D…]", "[Logotyp]", "![…](https://…)".
var imageLine = pattern(`(?i)^(?:!?\[(?:cid:|image|bild|logo|beskrivning|description|inline image|infogad bild|ett? bild|a picture|picture|text,? ?logo|\p{L}[\p{L} ]{0,40}(?:logo|logga|logotyp|logotype|vapen))[^\]]{0,200}\]\s*(?:[<(]https?://[^>)]*[>)])?|<?cid:\S+>?)$`)

func isImageLine(s string) bool {
	return len(s) <= 600 && (s[0] == '[' || s[0] == '!' || s[0] == '<' || s[0] == 'c') && imageLine().MatchString(s)
}

// isFooterLine tells a line that no person writes by hand.
func isFooterLine(s string) bool {
	return len(s) >= 15 && len(s) <= 600 && mayBeFooter(s) && footerPhrase().MatchString(s)
}

// mayBeFooter looks at the first letter alone: the patterns cost more.
func mayBeFooter(s string) bool {
	s = strings.TrimLeft(s, " \t*_|")
	return s != "" && (s[0] >= 0x80 || strings.IndexByte("abcdefghiklmnoprstvwpq", s[0]|0x20) >= 0)
}

// footerLines gives the number of lines of the footer that the text ends with, or 0. Something must stand above it.
func footerLines(kept []string) int {
	start := len(kept)
	for start > 0 && len(kept)-start < maxFooterParagraph && !blankLine(kept[start-1]) {
		start--
	}
	if start == 0 || !blankLine(kept[start-1]) {
		start = len(kept) - 1 // no paragraph of its own: its last line alone
	}
	if start == 0 {
		return 0
	}
	last := kept[len(kept)-1]
	if isFooterLine(last) && (strings.Contains(last, "://") || len(kept)-start == 1 || contactAbove(kept[:len(kept)-1])) && privacyHere(last, kept) {
		return 1
	}
	if isPrivacyLink(kept) {
		return 1
	}
	paragraph := strings.Join(kept[start:], " ")
	if len(paragraph) >= minDisclaimer && isDisclaimer(paragraph) {
		return len(kept) - start
	}
	return 0
}

var (
	privacyWord = pattern(`(?i)personuppgift|gdpr|dataskydd|integritet|personal data|privacy|personoplysning|personopplysning|datenschutz`)
	anyLink     = pattern(`(?i)https?://|www\.|\S\.(?:se|com|nu|org|eu|example)/`)
)

// isPrivacyLink tells a line below a signature that links to how an organisation handles personal data.
func isPrivacyLink(kept []string) bool {
	last := kept[len(kept)-1]
	return len(last) <= 600 && anyLink().MatchString(last) && privacyWord().MatchString(last) && contactAbove(kept[:len(kept)-1])
}

// privacyHere: who reports an incident may end with a sentence on how personal data is handled. A program's has a link, asks to read, or stands
// below a signature.
func privacyHere(line string, kept []string) bool {
	lower := strings.ToLower(line)
	if !strings.Contains(lower, "personuppgift") && !strings.Contains(lower, "personal data") {
		return true
	}
	return strings.Contains(lower, "://") || strings.Contains(lower, "www.") || strings.HasPrefix(lower, "läs mer") || contactAbove(kept[:len(kept)-1])
}

// contactAbove tells that a signature's lines stand directly above.
func contactAbove(lines []string) bool {
	for i, seen := len(lines)-1, 0; i >= 0 && seen < 8; i-- {
		if l := strings.TrimSpace(lines[i]); l != "" {
			if seen++; isContactLine(l) {
				return true
			}
		}
	}
	return false
}

func isDisclaimer(paragraph string) bool {
	if !mayBeFooter(paragraph) {
		return false
	}
	if len(paragraph) > maxDisclaimer {
		paragraph = paragraph[:maxDisclaimer]
	}
	return disclaimerStart().MatchString(paragraph) && confidential().MatchString(paragraph) && addressee().MatchString(paragraph)
}
