package mail

import "strings"

// rareSender is the banner that Exchange puts on top of a mail from an address that seldom writes, in its languages.
var rareSender = pattern(`(?i)^\s*(?:\[?\s*)(?:du får inte ofta e-post från|vissa (?:personer|användare) som (?:tog emot|fick) (?:det här|detta) (?:meddelandet|meddelande) får inte ofta e-post från|` +
	`you don['’]t often get e-?mail from|some people who received this message don['’]t often get e-?mail from|` +
	`du får ikke ofte e-?(?:mails?|post) fra|du modtager ikke ofte mails? fra|du får ikke ofte mails? fra|et saa usein sähköpostia (?:lähettäjältä|osoitteesta)|` +
	`sie erhalten nicht (?:oft|häufig) e-?mails? von|sie erhalten nicht oft eine e-mail von|vous n(?:['’]obtenez|e recevez) pas souvent (?:d['’])?(?:de )?(?:e-?mails?|courriers?|courriels?) (?:à partir )?de|` +
	`no suele recibir correos? electrónicos? de|non si ricevono spesso messaggi di posta elettronica da|u ontvangt niet vaak e-?mail van|rzadko otrzymujesz wiadomości e-mail (?:od|z)|` +
	`você não costuma receber emails? de|não recebe frequentemente e-?mails? de)\s+\S+@[^\s.<>]+(?:\.[^\s.<>]+)*\.?\s*`)

// rareSenderLink is its second sentence with the link.
var rareSenderLink = pattern(`(?i)^\s*(?:[^<\[.\n]{5,90})?[<\[(]?https?://aka\.ms/LearnAboutSenderIdentification\s?[^\s>\])]*[>\])]?\s*\]?`)

var rareSenderWords = pattern(`(?i)^\s*(?:(?:läs|läs mer|lär dig|ta reda på|lär dig mer)(?: om)? varför det(?:ta| här)? är viktigt|learn why this is important|få mere at vide om,? hvorfor dette er vigtigt|finn ut hvorfor dette er viktig|lue,? miksi tämä on tärkeää|erfahren sie,? warum dies wichtig ist|découvrez pourquoi c['’]est important|pourquoi c['’]est important)\.?\s*`)

// outsideBanner is the warning that organisations put above mail from outside: a paragraph of its own, that begins as below and speaks of the
// sender and of links. A mark such as "[EXTERNAL]" may stand alone on the first line.
var (
	outsideBanner = pattern(`(?i)^[\W_]{0,12}(?:(?:caution|warning|attention|alert|important|notice|varning|obs|observera|viktigt|advarsel|achtung|vorsicht|warnung|hinweis|attenzione|atención|atenção|let op|uwaga|varoitus|huomio)\b[\s:!.*|\-–]{0,8}|(?:external|extern|ekstern|externe|externt|externer) (?:e-?mail|e-?post|mail|mejl|message|sender|avsändare|meddelande|absender|afsender|avsender)\b[\s:!.*|\-–]{0,8}){0,2}` +
		`(?:this (?:e-?mail|message) (?:is from|originated|originates|came|comes|was sent|has been sent|has originated)|you are receiving this (?:e-?mail|message) from outside|(?:detta|det här|den här) (?:e-?post|e-?brev|mejl|mail|meddelande)\p{L}*\s(?:kommer|kom|är|har|skickades|härrör|skickat)|(?:mejlet|mailet|e-postmeddelandet|meddelandet|avsändaren) (?:kommer|är|har)|denne (?:e-?mail|e-?post|mail|meddelelse|melding)\p{L}* (?:kommer|er|kom|stammer)|diese (?:e-?mail|nachricht|mail) (?:kommt|stammt|wurde|ist)|ce (?:message|courriel|mail|e-?mail) (?:provient|vient|a été)|tämä (?:viesti|sähköposti)|deze (?:e-?mail|mail) (?:komt|is)|do not click|klicka inte|be careful|var försiktig|external sender|extern avsändare|$)`)
	outsideWords = []string{"outside", "extern", "utanför", "utifrån", "ekstern", "udefra", "utenfor", "außerhalb", "extérieur", "ulkopuol", "buiten"}
	linkWords    = pattern(`(?i)click|links?\b|attachment|klick|länk|bilag|bifoga|vedhæft|vedlegg|lenke|anhäng|anlagen|pièce|liens?\b|cliqu|linkk|liite|bijlage|recogni[sz]e|trust|litar på|känner igen`)
	outsideMark  = pattern(`(?i)^[\s*_]*[\[(<]+\s*(?:external|extern|externt?|ekstern|externe|ext|external e-?mail|external sender|extern avsändare|extern e-?post|externt mejl|externt mail)\s*[\])>]+[\s*_:]*$`)
)

const maxBanner = 6 // lines of a paragraph that warns

// cutBanners takes off the paragraphs above the text that servers put there.
func cutBanners(lines []string) (kept, cut []string) {
	kept = lines
	for range 3 {
		rest, above := cutBanner(kept)
		if len(above) == 0 {
			rest, above = cutOutside(kept)
		}
		if len(above) == 0 {
			break
		}
		kept, cut = rest, append(cut, above...)
		if len(kept) == 0 {
			break
		}
	}
	return kept, cut
}

// cutOutside takes off a warning that the mail is from outside.
func cutOutside(lines []string) (kept, cut []string) {
	n := 0
	if mark := lines[0][:min(len(lines[0]), 100)]; strings.ContainsAny(mark, "[(<") && outsideMark().MatchString(mark) {
		n = 1
	} else {
		for n < len(lines) && n <= maxBanner && !blankLine(lines[n]) && !(n > 0 && isDivider(strings.TrimSpace(lines[n]))) {
			n++
		}
		text := strings.Join(lines[:n], " ")
		if n > maxBanner || len(text) > 800 || !containsAny(strings.ToLower(text), outsideWords) || !outsideBanner().MatchString(text) || !linkWords().MatchString(text) {
			return lines, nil
		}
	}
	for n < len(lines) && (blankLine(lines[n]) || isDivider(strings.TrimSpace(lines[n]))) {
		n++
	}
	if n == len(lines) {
		return lines, nil // nothing would be left
	}
	return lines[n:], lines[:n:n]
}

// cutBanner takes the banner off the first lines; the writer's words may follow it on its own line.
func cutBanner(lines []string) (kept, cut []string) {
	if !strings.Contains(lines[0], "@") {
		return lines, nil
	}
	at := rareSender().FindStringIndex(lines[0])
	if at == nil {
		return lines, nil
	}
	cut = append(cut, lines[0][:at[1]])
	rest := append([]string{lines[0][at[1]:]}, lines[1:]...)
	for k := 0; k < 3 && len(rest) > 0; k++ {
		loc := rareSenderLink().FindStringIndex(rest[0])
		if loc == nil {
			loc = rareSenderWords().FindStringIndex(rest[0])
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
