package mail

import (
	"fmt"
	"strings"
	"testing"
)

// moreAttributions are those of further programs and languages, as attributions above.
var moreAttributions = []struct {
	program, line string
	quotedOnly    bool
}{
	{"Gmail is", "Þann þri., 3. mars 2026 kl. 10:15 skrifaði Incidentbot <bot@kommun.example>:", false},
	{"Gmail sk", "ut 3. 3. 2026 o 10:15 Incidentbot <bot@kommun.example> napísal(a):", false},
	{"Gmail sl", "V V tor., 3. mar. 2026 ob 10:15 je oseba Incidentbot <bot@kommun.example> napisala:", false},
	{"Gmail lt", "2026-03-03, an, 10:15 Incidentbot <bot@kommun.example> rašė:", false},
	{"Gmail lv", "otrd., 2026. g. 3. marts, plkst. 10:15 — lietotājs Incidentbot (<bot@kommun.example>) rakstīja:", false},
	{"Gmail uk", "вт, 3 бер. 2026 р. о 10:15 Incidentbot <bot@kommun.example> пише:", false},
	{"Gmail ca", "Missatge de Incidentbot <bot@kommun.example> del dia dt., 3 de març 2026 a les 10:15:", false},
	{"Gmail ko", "2026년 3월 3일 (화) 오전 10:15, Incidentbot <bot@kommun.example>님이 작성:", false},
	{"Gmail sr", "уто, 3. мар 2026. у 10:15 Incidentbot <bot@kommun.example> је написао/ла:", true},
	{"Gmail long name", "Den tis 3 mars 2026 kl 10:15 skrev Kommunens incidentbot för dataskydd och informationssäkerhet <bot@kommun.example>:", false},
	{"Gmail mailto", "Den tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example<mailto:bot@kommun.example>>:", false},
	{"Apple Mail da", "Den 3. mar. 2026 kl. 10.15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Apple Mail nb", "3. mar. 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Apple Mail de", "Am 03.03.2026 um 10:15 schrieb Incidentbot <bot@kommun.example>:", false},
	{"Apple Mail fr", "Le 3 mars 2026 à 10:15, Incidentbot <bot@kommun.example> a écrit :", false},
	{"Apple Mail it", "Il giorno 3 mar 2026, alle ore 10:15, Incidentbot <bot@kommun.example> ha scritto:", false},
	{"Apple Mail es", "El 3 mar 2026, a las 10:15, Incidentbot <bot@kommun.example> escribió:", false},
	{"Apple Mail cs", "3. 3. 2026 v 10:15, Incidentbot <bot@kommun.example>:", true},
	{"Apple Mail sv kl", "Den tisdag 3 mars 2026 kl. 10.15.33 skrev Incidentbot <bot@kommun.example>:", false},
	{"iPhone sv angle", "3 mars 2026 kl. 10:15 skrev bot@kommun.example:", false},
	{"iPhone en", "On 3 Mar 2026, at 10:15, bot@kommun.example wrote:", false},
	{"Outlook mobile sv", "Den 3 mars 2026 10:15 +0100 skrev Incidentbot <bot@kommun.example>:", false},
	{"Thunderbird en", "On 03/03/2026 10:15, Incidentbot wrote:", true},
	{"Thunderbird es", "El 3/3/26 a las 10:15, Incidentbot escribió:", true},
	{"Thunderbird it", "Il 03/03/2026 10:15, Incidentbot ha scritto:", true},
	{"Thunderbird nl", "Op 03-03-2026 om 10:15 schreef Incidentbot:", true},
	{"Thunderbird pt", "Em 03/03/2026 10:15, Incidentbot escreveu:", true},
	{"Thunderbird sv via", "Den 2026-03-03 kl. 10:15, skrev Incidentbot via Kommunen:", true},
	{"Thunderbird is", "Þann 3.3.2026 10:15, skrifaði Incidentbot:", true},
	{"Proton en", "On Tuesday, March 3rd, 2026 at 10:15, Incidentbot <bot@kommun.example> wrote:", false},
	{"Proton sv", "tisdag 3 mars 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Fastmail", "On Tue, Mar 3, 2026, at 10:15 AM, Incidentbot wrote:", true},
	{"Hey", "On March 3, 2026, Incidentbot <bot@kommun.example> wrote:", false},
	{"eM Client", `------ Originalmeddelande ------`, false},
	{"Zimbra", `----- Den 3 mar 2026, på kl. 10:15, Incidentbot <bot@kommun.example> skrev:`, false},
	{"SOGo sv", "Den Tisdag, Mars 03, 2026 10:15 CET, skrev Incidentbot <bot@kommun.example>:", false},
	{"Roundcube en", "On 2026-03-03 10:15, Incidentbot wrote:", true},
	{"Roundcube de", "Am 2026-03-03 10:15, schrieb Incidentbot:", true},
	{"mail.ru", "Вторник, 3 марта 2026, 10:15 +03:00 от Incidentbot <bot@kommun.example>:", true},
	{"Evolution sv", "tis 2026-03-03 klockan 10:15 +0100 skrev Incidentbot:", true},
	{"Evolution en", "On Tue, 2026-03-03 at 10:15 +0100, Incidentbot wrote:", true},
	{"Claws", "On Tue, 3 Mar 2026 10:15:00 +0100\nIncidentbot <bot@kommun.example> wrote:", false},
	{"Samsung Mail", "-------- Ursprungligt meddelande --------", false},
	{"Front", "On March 3, 2026 at 10:15 AM GMT+1 bot@kommun.example wrote:", false},
	{"Superhuman", "On Tue, Mar 03, 2026 at 10:15 AM, Incidentbot < bot@kommun.example > wrote:", true},
	{"HubSpot", "On Tue, Mar 3, 2026 at 10:15 AM, Incidentbot, <bot@kommun.example> wrote:", false},
	{"Notes", "-----Incidentbot/Kommunen skrev: -----", false},
	{"Notes en", `-----"Incidentbot" <bot@kommun.example> wrote: -----`, false},
	{"Airmail", "On 3 March 2026 at 10:15:00, Incidentbot (bot@kommun.example) wrote:", false},
	{"Newton", "On Tue, Mar 3, 2026 at 10:15am, Incidentbot <bot@kommun.example> wrote:", false},
}

func TestMoreAttributions(t *testing.T) {
	for _, a := range moreAttributions {
		shapes := map[string]string{
			"quoted":   ownWords + "\n\n" + a.line + "\n\n> När upptäcktes det?\n> Svara kort.\n",
			"tight":    ownWords + "\n" + a.line + "\n> När upptäcktes det?\n",
			"unmarked": ownWords + "\n\n" + a.line + "\n\nNär upptäcktes det?\nSvara kort.\n",
			"below":    a.line + "\n> När upptäcktes det?\n\n" + ownWords,
		}
		for shape, text := range shapes {
			if a.quotedOnly && shape == "unmarked" {
				continue
			}
			if got := replyTo(text).Reply; got != ownWords {
				t.Errorf("%s, %s: %q\nreply is %q", a.program, shape, text, got)
			}
		}
	}
}

// moreBlocks are header blocks of further programs and languages.
var moreBlocks = map[string]string{
	"is":            "Frá: Incidentbot <bot@kommun.example>\nSent: þriðjudagur, 3. mars 2026 10:15\nTil: Eva Ek\nEfni: Spurning",
	"cs":            "Od: Incidentbot <bot@kommun.example>\nOdesláno: úterý 3. března 2026 10:15\nKomu: Eva Ek\nPředmět: Otázka",
	"sk":            "Od: Incidentbot <bot@kommun.example>\nOdoslané: utorok 3. marca 2026 10:15\nKomu: Eva Ek\nPredmet: Otázka",
	"hu":            "Feladó: Incidentbot <bot@kommun.example>\nElküldve: 2026. március 3., kedd 10:15\nCímzett: Eva Ek\nTárgy: Kérdés",
	"ro":            "De la: Incidentbot <bot@kommun.example>\nTrimis: marți, 3 martie 2026 10:15\nCătre: Eva Ek\nSubiect: Întrebare",
	"tr":            "Kimden: Incidentbot <bot@kommun.example>\nGönderildi: 3 Mart 2026 Salı 10:15\nKime: Eva Ek\nKonu: Soru",
	"ru":            "От: Incidentbot <bot@kommun.example>\nОтправлено: 3 марта 2026 г. 10:15\nКому: Eva Ek\nТема: Вопрос",
	"pt-BR mac":     "De: Incidentbot <bot@kommun.example>\nData: terça-feira, 3 de março de 2026 10:15\nPara: Eva Ek\nAssunto: Pergunta",
	"sv bold":       "*Från:* Incidentbot <bot@kommun.example>\n*Skickat:* den 3 mars 2026 10:15\n*Till:* Eva Ek <eva@kommun.example>\n*Ämne:* Fråga",
	"sv bold out":   "**Från:** Incidentbot <bot@kommun.example>\n**Skickat:** den 3 mars 2026 10:15\n**Till:** Eva Ek\n**Ämne:** Fråga",
	"sv prio":       "Från: Incidentbot <bot@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek <eva@kommun.example>\nKopia: Bo Ek\nÄmne: Fråga\nPrioritet: Hög",
	"sv mailto":     "Från: Incidentbot [mailto:bot@kommun.example]\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek\nÄmne: Fråga",
	"sv och":        "Från: Incidentbot <bot@kommun.example>\nSkickat: tisdag den 3 mars 2026 10:15\nTill: Eva Ek\nÄmne: Fråga",
	"sv datum":      "Från: Incidentbot <bot@kommun.example>\nDatum: 3 mars 2026 10:15\nTill: Eva Ek\nÄmne: Fråga",
	"sv order":      "Ämne: Fråga\nFrån: Incidentbot <bot@kommun.example>\nTill: Eva Ek\nDatum: 3 mars 2026 10:15",
	"sv tab":        "Från:\tIncidentbot <bot@kommun.example>\nSkickat:\tden 3 mars 2026 10:15\nTill:\tEva Ek\nÄmne:\tFråga",
	"sv appointm":   "-----Ursprunglig avtalad tid-----\nFrån: Incidentbot <bot@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek\nÄmne: Fråga\nNär: den 4 mars 2026 10:00-11:00.\nVar: Teams",
	"web.de":        "Gesendet: Dienstag, 03. März 2026 um 10:15 Uhr\nVon: \"Incidentbot\" <bot@kommun.example>\nAn: eva@kommun.example\nBetreff: Frage",
	"en long To":    "From: Incidentbot <bot@kommun.example>\nSent: Tuesday, March 3, 2026 10:15 AM\nTo: Eva Ek <eva@kommun.example>; Bo Ek <bo@kommun.example>; Kim Ek <kim@kommun.example>;\nLo Ek <lo@kommun.example>\nCc: Al Ek <al@kommun.example>\nSubject: Question",
	"mac ruled":     "------------------------------------------------------------------------\nFrån: Incidentbot <bot@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek\nÄmne: Fråga",
	"Notes":         "Från: Incidentbot/Kommunen\nTill: Eva Ek/Kommunen@Kommunen\nDatum: 2026-03-03 10:15\nÄrende: Fråga",
	"Yahoo":         "    On Tuesday, March 3, 2026 at 10:15:00 AM GMT+1, Incidentbot <bot@kommun.example> wrote:",
	"eM Client":     "------ Originalmeddelande ------\nFrån \"Incidentbot\" <bot@kommun.example>\nTill \"Eva Ek\" <eva@kommun.example>\nDatum 2026-03-03 10:15:00\nÄmne Fråga",
	"separator de":  "-----Ursprüngliche Nachricht-----\nVon: Incidentbot\nGesendet: Dienstag, 3. März 2026 10:15",
	"separator fr":  "-----Message d'origine-----\nDe : Incidentbot",
	"separator nl":  "-----Oorspronkelijk bericht-----\nVan: Incidentbot",
	"separator fi":  "-----Alkuperäinen viesti-----\nLähettäjä: Incidentbot",
	"separator cs":  "-----Původní zpráva-----\nOd: Incidentbot",
	"separator es":  "-----Mensaje original-----\nDe: Incidentbot",
	"separator pt":  "-----Mensagem original-----\nDe: Incidentbot",
	"separator it":  "-----Messaggio originale-----\nDa: Incidentbot",
	"separator pl":  "-----Wiadomość oryginalna-----\nOd: Incidentbot",
	"separator da":  "-----Oprindelig meddelelse-----\nFra: Incidentbot",
	"separator nb":  "-----Opprinnelig melding-----\nFra: Incidentbot",
	"Samsung en":    "-------- Original message --------\nFrom: Incidentbot <bot@kommun.example>\nDate: 03/03/2026 10:15 (GMT+01:00)\nTo: Eva Ek\nSubject: Question",
	"marker please": "##- Please type your reply above this line -##",
	"marker plain":  "Svara ovanför den här raden",
}

// municipal are signatures as employees of Swedish municipalities have them. What stands above must come out of the channel whole, and nothing more.
var municipal = []string{
	"Med vänlig hälsning\n\nEva Ek\nRegistrator\nKommunledningskontoret\n\nSkarpnäs kommun\nPostadress: 123 45 Skarpnäs\nBesöksadress: Torget 1\nTelefon: 040-12 34 56\nVäxel: 040-12 30 00\neva.ek@kommun.example\nwww.kommun.example\n\nSå här behandlar vi personuppgifter: https://www.kommun.example/personuppgifter",
	"Vänliga hälsningar\nEva Ek\nSocialsekreterare\n\n[cid:image001.png@01DB8C1A.5B6E0A10]\n\nSkarpnäs kommun\nSocialförvaltningen, Box 12, 123 45 Skarpnäs\nTfn: 040-12 34 56 | Mobil: 070-123 45 67\nE-post: eva.ek@kommun.example<mailto:eva.ek@kommun.example>\nwww.kommun.example<http://www.kommun.example/>\n\nNär du skickar e-post till Skarpnäs kommun behandlar kommunen dina personuppgifter enligt dataskyddsförordningen. Läs mer på https://www.kommun.example/gdpr",
	"Hälsningar Eva\n\nEva Ek, rektor\nBjörkskolan\n040-12 34 56\n\nTänk på miljön innan du skriver ut detta mejl",
	"Mvh\nEva Ek\nHandläggare\nTel. 040-123456\n[Logotyp Skarpnäs kommun]\n\nLäs mer om hur vi behandlar dina personuppgifter",
	"Med vänliga hälsningar\n\nEva Ek | Systemförvaltare | IT-avdelningen\nSkarpnäs kommun | Torget 1, 123 45 Skarpnäs | 040-12 34 56 | eva.ek@kommun.example | www.kommun.example | facebook.com/skarpnas\n\nInformation om hur Skarpnäs kommun behandlar personuppgifter: www.kommun.example/dataskydd\n\nDetta e-postmeddelande kan innehålla konfidentiell information och är endast avsett för adressaten. Om du har fått det av misstag ber vi dig radera det och meddela avsändaren.",
	"MVH/Eva\n\nSkickat från Outlook för iOS<https://aka.ms/o0ukef>",
	"Eva Ek\nEnhetschef\nTelefon 040-12 34 56\neva.ek@kommun.example\n\nSkarpnäs kommun värnar om din integritet. Läs om hur vi hanterar personuppgifter på https://kommun.example/integritet",
}

func TestMunicipalSignatures(t *testing.T) {
	for _, answer := range []string{"12 personer", "Det var en lista över elever i klass 5.\n\nDen skickades till fel förälder.", "TAR"} {
		for _, signature := range municipal {
			for _, quote := range []string{
				"",
				"\n\n" + headerBlocks["sv"] + "\n\nHur många?\n\n[18] Välj ett.\n",
				"\n\nDen tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example>:\n\n> Hur många?\n",
			} {
				m := replyTo(answer + "\n\n" + signature + quote)
				if got := cutClosing(m.Reply, "Eva Ek"); got != answer {
					t.Errorf("signature %q\ngives %q\nreply %q", signature, got, m.Reply)
				}
				if m.Doubtful {
					t.Errorf("doubtful: %q", signature)
				}
			}
		}
	}
}

// What organisations put above and below every mail.
func TestBannersAndDisclaimers(t *testing.T) {
	const answer = "Det var jag.\n\nIgår, vid tio."
	for _, banner := range []string{
		"[EXTERNAL]",
		"[EXTERN AVSÄNDARE]",
		"CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe.",
		"VARNING: Detta e-postmeddelande kommer från en extern avsändare.\nKlicka inte på länkar eller bilagor om du inte litar på avsändaren.",
		"OBS! Detta mejl kommer från en avsändare utanför kommunen. Klicka inte på länkar och öppna inte bilagor om du inte känner igen avsändaren.",
		"EXTERNT MEJL: Det här mejlet kommer från en extern avsändare. Var försiktig med länkar och bilagor.\n________________________________",
		"ADVARSEL: Denne e-mail kommer udefra. Klik ikke på links, medmindre du kender afsenderen.",
		"ACHTUNG: Diese E-Mail stammt von einem externen Absender. Bitte vermeiden Sie es, Anhänge oder Links zu öffnen.",
		"Vissa personer som fick det här meddelandet får inte ofta e-post från eva@annat.example. Läs om varför det här är viktigt",
		"Vous ne recevez pas souvent d’e-mails de eva@annat.example. Pourquoi c’est important",
	} {
		if m := replyTo(banner + "\n\n" + answer); m.Reply != answer {
			t.Errorf("%q: reply is %q", banner, m.Reply)
		}
	}
	for _, footer := range []string{
		"This e-mail and any attachments are confidential and intended solely for the addressee. If you have received it in error, please delete it.",
		"The information contained in this message may be privileged and confidential. If you are not the intended recipient, you are hereby notified\nthat any dissemination is strictly prohibited.",
		"CONFIDENTIALITY NOTICE: The contents of this email message are confidential and intended only for the named recipient.",
		"Detta meddelande är konfidentiellt och endast avsett för adressaten. Om du har fått det av misstag, radera det.",
		"Informationen i detta mejl är konfidentiell. Har du fått det av misstag ber vi dig meddela avsändaren och radera det.",
		"Denne e-mail kan indeholde fortrolige oplysninger og er kun til den rette modtager. Er du ikke rette modtager, bedes du slette den.",
		"Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender und vernichten Sie diese Mail.",
		"Ce message et ses pièces jointes sont confidentiels et destinés exclusivement à leur destinataire. Si vous le recevez par erreur, merci de le détruire.",
		"Tänk på miljön innan du skriver ut det här mejlet.",
		"Please consider the environment before printing this email",
		"Så här behandlar vi personuppgifter: https://www.kommun.example/gdpr",
		"Skickat från min iPhone",
		"[cid:image001.png@01DB8C1A.5B6E0A10]",
	} {
		if m := replyTo(answer + "\n\n" + footer); m.Reply != answer || m.Doubtful {
			t.Errorf("%q: reply is %q, doubtful %v", footer, m.Reply, m.Doubtful)
		}
	}
}

// What people write that looks like what programs put around a mail.
func TestMoreOwnWords(t *testing.T) {
	for _, text := range []string{
		"Jag skickade en lista.\n\nDetta mejl var avsett för en annan mottagare och jag bad henne att radera det genast.",
		"Det kom ett brev.\n\nDetta mejl innehåller listan som gick fel.",
		"Hej!\n\nSå här behandlar vi personuppgifter om elever: listorna ligger i en delad mapp.",
		"Listan låg öppen.\n\nNär du skickar e-post från systemet ser alla varandras adresser.",
		"Varning: den externa konsulten klickade på en länk.",
		"OBS! Det gällde en extern avsändare som vi inte litar på.\n\nHon hade en bilaga.",
		"Detta mejl skickades till fel person.\n\nDet hade en länk till en extern sida.",
		"Den externa mottagaren fick mejlet.",
		"Hämta listan från Outlook.\n\nSedan kan vi se den.",
		"Jag hittade mappen.\n\n--\nDen låg öppen för alla på avdelningen. Jag stängde den direkt.",
		"Jag hittade mappen.\n\n-- \nJag såg att den låg öppen för alla på avdelningen sedan i våras. Jag stängde den direkt och ringde min chef.",
		"Första händelsen:\n\n---\n\nAndra händelsen:",
		"Ring mig på 040-12 34 56.",
		"Listan skickades till bo@annat.example\neva@annat.example\nkim@annat.example",
		"[16] Igår",
		"Bilden heter:\n[bild 1]\nden ligger där",
	} {
		m := replyTo(text)
		if m.Reply != text {
			t.Errorf("%q\nreply is %q\ncut is %q", text, m.Reply, m.Cut)
		}
	}
}

// Marks of quotes by a person's own hand.
func TestOwnQuotes(t *testing.T) {
	const fresh = "From: Eva Ek <eva@kommun.example>\nTo: bot@kommun.example\nSubject: Fel\nContent-Type: text/plain; charset=utf-8\n\n"
	const answer = "From: Eva Ek <eva@kommun.example>\nTo: bot@kommun.example\nSubject: Sv: Fel\nIn-Reply-To: <ut@kommun.example>\nContent-Type: text/plain; charset=utf-8\n\n"
	const attribution = "\n\nDen tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example>:\n"
	for name, c := range map[string]struct {
		mail, reply string
		doubtful    bool
	}{
		"a first report cites":     {fresh + "Mejlet löd:\n> Hej, här är listan.\n> Mvh Bo\nSedan ringde jag.", "Mejlet löd:\n> Hej, här är listan.\n> Mvh Bo\nSedan ringde jag.", false},
		"a first report of marks":  {fresh + "> Listan låg öppen", "> Listan låg öppen", false},
		"an answer cites, no mark": {answer + "Mejlet löd:\n> Hej, här är listan.\nSedan ringde jag." + attribution + "> När?\n", "Mejlet löd:\n> Hej, här är listan.\nSedan ringde jag.", true},
		"an unintroduced quote":    {answer + "I går\n\n> När upptäcktes det?\n", "I går", true},
		"one of ours":              {answer + "I går\n\n> [11] När upptäcktes det?\n", "I går", false},
		"led over to":              {answer + "Så här skrev hon:\n> Fel lista\n\nVad gör vi?", "Så här skrev hon:\n> Fel lista\n\nVad gör vi?", true},
		"led over to one of ours":  {answer + "Incidentbot skrev:\n> [11] När upptäcktes det?\n\nI går", "Incidentbot skrev:\n\nI går", false},
		"answers in the old mail":  {answer + "Svar i rött nedan.\n\n" + headerBlocks["sv"] + "\n\n[11] När?\nI går", "Svar i rött nedan.", true},
		"words of somebody else":   {answer + "Mottagaren svarade:\n\n-----Original Message-----\nFrom: Bo <bo@annat.example>\n\nTack för listan", "Mottagaren svarade:", true},
		"a first report tells":     {fresh + "Bo Ek <bo@annat.example> skrev:\nFel lista!", "Bo Ek <bo@annat.example> skrev:\nFel lista!", true},
		"no header lines":          {answer + "Från: 1 mars\nTill: 3 mars\nSkickat: 12 brev\nÄmne: lön", "Från: 1 mars\nTill: 3 mars\nSkickat: 12 brev\nÄmne: lön", false},
		"introduces itself":        {answer + "I går\n\n> Den 3 mars 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:\n> När?\n", "I går", false},
	} {
		if m := Parse([]byte(c.mail)); m.Reply != c.reply || m.Doubtful != c.doubtful {
			t.Errorf("%s: reply is %q, doubtful %v", name, m.Reply, m.Doubtful)
		}
	}
}

// Forwarded mails: the words above are the reply; without any, the mail itself is what is told.
func TestForwards(t *testing.T) {
	const head = "From: Eva Ek <eva@kommun.example>\nTo: bot@kommun.example\nSubject: VB: Lista\nReferences: <x@annat.example>\nContent-Type: text/plain; charset=utf-8\n\n"
	for name, c := range map[string]struct{ forward, own string }{
		"Gmail":       {"---------- Forwarded message ---------\nFrån: Bo Ek <bo@annat.example>\nDate: tis 3 mars 2026 kl 10:15\nSubject: Lista\nTo: Eva Ek <eva@kommun.example>\n\n\nHär är listan över alla elever.", "Här är listan över alla elever."},
		"Gmail sv":    {"---------- Vidarebefordrat meddelande ---------\nFrån: Bo Ek <bo@annat.example>\nDatum: tis 3 mars 2026 kl 10:15\nÄmne: Lista\nTill: Eva Ek <eva@kommun.example>\n\nHär är listan över alla elever.", "Här är listan över alla elever."},
		"Outlook":     {"Från: Bo Ek <bo@annat.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek <eva@kommun.example>\nÄmne: Lista\n\nHär är listan över alla elever.", "Här är listan över alla elever."},
		"Apple":       {"Vidarebefordrat brev:\n\nFrån: Bo Ek <bo@annat.example>\nÄmne: Lista\nDatum: 3 mars 2026 10:15:00 CET\nTill: Eva Ek <eva@kommun.example>\n\nHär är listan över alla elever.", "Här är listan över alla elever."},
		"Thunderbird": {"-------- Vidarebefordrat meddelande --------\nÄmne: \tLista\nDatum: \tTue, 3 Mar 2026 10:15:00 +0100\nFrån: \tBo Ek <bo@annat.example>\nTill: \tEva Ek <eva@kommun.example>\n\nHär är listan över alla elever.", "Här är listan över alla elever."},
		"Apple marks": {"Börja vidarebefordrat meddelande:\n\n> Från: Bo Ek <bo@annat.example>\n> Ämne: Lista\n> Datum: 3 mars 2026 10:15:00 CET\n> Till: Eva Ek <eva@kommun.example>\n> \n> Här är listan över alla elever.", "Här är listan över alla elever."},
	} {
		if m := Parse([]byte(head + "Den här fick jag i går.\n\n" + c.forward)); m.Reply != "Den här fick jag i går." {
			t.Errorf("%s, with words: reply is %q", name, m.Reply)
		}
		m := Parse([]byte(head + c.forward))
		if !strings.Contains(m.Reply, c.own) || !m.Doubtful {
			t.Errorf("%s, alone: reply is %q, doubtful %v", name, m.Reply, m.Doubtful)
		}
	}
}

// page makes a mail that has HTML alone.
func page(body string) *Message {
	return Parse([]byte("From: Eva Ek <eva@kommun.example>\nTo: bot@kommun.example\nSubject: Sv: Fel\nIn-Reply-To: <ut@kommun.example>\nContent-Type: text/html; charset=utf-8\n\n<html><body>" + body + "</body></html>"))
}

// HTML as mail programs write it, an answer above.
var pages = map[string]string{
	"Gmail":          `<div dir="ltr"><div>%s</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Den tis 3 mars 2026 kl 10:15 skrev Incidentbot &lt;<a href="mailto:bot@kommun.example">bot@kommun.example</a>&gt;:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>När?</div></blockquote></div>`,
	"Gmail eu":       `<div dir="ltr">%s</div><div class="gmail_quote"><div dir="ltr" class="gmail_attr">2026(e)ko mar. 3(a), ar. (10:15), Incidentbot igorleak hau idatzi du:<br></div><blockquote class="gmail_quote"><div>När?</div></blockquote></div>`,
	"Outlook":        `<div class="WordSection1"><p class="MsoNormal">%s</p><p class="MsoNormal">&nbsp;</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Från:</b> Incidentbot &lt;bot@kommun.example&gt; <br><b>Skickat:</b> den 3 mars 2026 10:15<br><b>Till:</b> Eva Ek<br><b>Ämne:</b> Fel</p></div></div><p class="MsoNormal">När?</p></div>`,
	"Outlook new":    `<div class="elementToProof">%s</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>Från:</b> Incidentbot<br><b>Skickat:</b> i tisdags</font></div><div>När?</div>`,
	"Outlook mobile": `<div dir="auto">%s</div><div id="ms-outlook-mobile-signature"><br></div><div id="mail-editor-reference-message-container"><div><div><b>Från:</b> Incidentbot</div></div>När?</div>`,
	"Thunderbird":    `<p>%s</p><div class="moz-cite-prefix">Den 2026-03-03 kl. 10:15, skrev Incidentbot:<br></div><blockquote type="cite" cite="mid:ut@kommun.example"><p>När?</p></blockquote>`,
	"Apple":          `<div>%s</div><div><br><blockquote type="cite"><div>3 mars 2026 kl. 10:15 skrev Incidentbot &lt;bot@kommun.example&gt;:</div><br><div>När?</div></blockquote></div>`,
	"Yahoo":          `<div class="ydp1">%s</div><div id="ydpyahoo_quoted_1" class="ydpyahoo_quoted yahoo_quoted"><div>Den tisdag 3 mars 2026 10:15:00 CET, Incidentbot &lt;bot@kommun.example&gt; skrev:</div><div>När?</div></div>`,
	"Proton":         `<div>%s</div><div class="protonmail_quote">Den tisdag den 3 mars 2026, Incidentbot skrev:<br><blockquote class="protonmail_quote" type="cite">När?</blockquote></div>`,
	"Zoho":           `<div>%s</div><div class="zmail_extra"><div>---- On Tue, 03 Mar 2026 Incidentbot wrote ---</div><blockquote>När?</blockquote></div>`,
	"Zimbra":         `<div>%s</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Från: </b>"Incidentbot"</div><div>När?</div>`,
	"GMX":            `<div>%s</div><div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b> Dienstag</div>När?</div>`,
	"Roundcube":      `<p>%s</p><p id="reply-intro">Den 2026-03-03 10:15, Incidentbot skrev:</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><p>När?</p></blockquote>`,
	"mail.ru":        `<div>%s</div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">Вторник, 3 марта 2026, 10:15 +03:00 от Incidentbot &lt;bot@kommun.example&gt;:<br>När?</blockquote>`,
	"Spark":          `<div>%s</div><div name="messageReplySection">Den 3 mars 2026 10:15 +0100, Incidentbot skrev:<br><blockquote type="cite" class="spark_quote">När?</blockquote></div>`,
	"old OWA":        `<div>%s</div><div class="OutlookMessageHeader"><hr><font><b>Från:</b> Incidentbot</font></div><div>När?</div>`,
	"horizontal":     `<p>%s</p><hr><b>From:</b> Incidentbot &lt;bot@kommun.example&gt;<br><b>Sent:</b> Tuesday, March 3, 2026 10:15<br><b>To:</b> Eva<br><b>Subject:</b> Fel<br><br>När?`,
	"Samsung":        `<div>%s</div><div><br></div><div>-------- Originalmeddelande --------</div><div>Från: Incidentbot &lt;bot@kommun.example&gt; </div><div>Datum: 2026-03-03  10:15  (GMT+01:00) </div><div>Till: Eva </div><div>Ämne: Fel </div><div><br></div>När?`,
}

func TestPages(t *testing.T) {
	const answer = "Det var i går, klockan tio."
	for name, body := range pages {
		if m := page(fmt.Sprintf(body, answer)); m.Reply != answer || m.Doubtful {
			t.Errorf("%s: reply is %q, doubtful %v, text %q", name, m.Reply, m.Doubtful, m.Text)
		}
	}
	for body, want := range map[string]string{
		`<p>Mejlet löd:</p><blockquote>Hej, här är listan.</blockquote><p>Sedan ringde jag.</p>`:                                                                                                      "Mejlet löd:\n\nHej, här är listan.\n\nSedan ringde jag.",
		`<div>Tre saker:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>listan</div><div>mappen</div></blockquote><div>pärmen</div>`:                                         "Tre saker:\nlistan\nmappen\npärmen",
		`<div>Så här:</div><blockquote class="webkit-indent-blockquote" style="margin: 0 0 0 40px; border: none; padding: 0px;">indraget</blockquote>`:                                                "Så här:\nindraget",
		`<p>Hej</p><blockquote>Citat</blockquote><div>Den 3 mars 2026 10:15 skrev Incidentbot &lt;bot@kommun.example&gt;:</div><blockquote type="cite">När?<blockquote>Nej</blockquote></blockquote>`: "Hej\nCitat",
	} {
		if m := page(body); strings.ReplaceAll(m.Reply, "\n\n", "\n") != strings.ReplaceAll(want, "\n\n", "\n") {
			t.Errorf("%s: reply is %q, text %q", body, m.Reply, m.Text)
		}
	}
}
