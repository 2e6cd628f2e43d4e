package mail

import (
	"fmt"
	"strings"
	"testing"
)

// replyTo runs the extraction over a plain text.
func replyTo(text string) *Message {
	return Parse([]byte(replyHeader + text))
}

// replyHeader is the header of an answer to a mail of ours.
const replyHeader = "From: Eva Ek <eva@kommun.example>\nTo: bot@kommun.example\nSubject: Sv: =?utf-8?q?Fr=C3=A5ga?=\n" +
	"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

// Attributions as the mail programs named write them. Those with quotedOnly name no address, so they count only above marks.
var attributions = []struct {
	program, line string
	quotedOnly    bool
}{
	{"Gmail sv", "Den tis 3 mars 2026 kl 10:15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Gmail da", "Den tirs. 3. mar. 2026 kl. 10.15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Gmail no", "tir. 3. mars 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Gmail fi", "ti 3. maalisk. 2026 klo 10.15 Incidentbot (bot@kommun.example) kirjoitti:", false},
	{"Gmail de", "Am Di., 3. März 2026 um 10:15 Uhr schrieb Incidentbot <bot@kommun.example>:", false},
	{"Gmail fr", "Le mar. 3 mars 2026 à 10:15, Incidentbot <bot@kommun.example> a écrit :", false},
	{"Gmail es", "El mar, 3 mar 2026 a las 10:15, Incidentbot (<bot@kommun.example>) escribió:", false},
	{"Gmail it", "Il giorno mar 3 mar 2026 alle ore 10:15 Incidentbot <bot@kommun.example> ha scritto:", false},
	{"Gmail nl", "Op di 3 mrt 2026 om 10:15 schreef Incidentbot <bot@kommun.example>:", false},
	{"Gmail pl", "wt., 3 mar 2026 o 10:15 Incidentbot <bot@kommun.example> napisał(a):", false},
	{"Gmail pt", "Em ter., 3 de mar. de 2026 às 10:15, Incidentbot <bot@kommun.example> escreveu:", false},
	{"Gmail pt-PT", "Incidentbot <bot@kommun.example> escreveu (terça, 3/03/2026 à(s) 10:15):", false},
	{"Gmail ru", "вт, 3 мар. 2026 г. в 10:15, Incidentbot <bot@kommun.example>:", false},
	{"Gmail cs", "út 3. 3. 2026 v 10:15 odesílatel Incidentbot <bot@kommun.example> napsal:", false},
	{"Gmail hu", "Incidentbot <bot@kommun.example> ezt írta (időpont: 2026. márc. 3., K, 10:15):", false},
	{"Gmail ro", "mar., 3 mar. 2026 la 10:15, Incidentbot <bot@kommun.example> a scris:", false},
	{"Gmail tr", "Incidentbot <bot@kommun.example>, 3 Mar 2026 Sal, 10:15 tarihinde şunu yazdı:", false},
	{"Gmail el", "Στις Τρί 3 Μαρ 2026 στις 10:15 π.μ., ο χρήστης Incidentbot <bot@kommun.example> έγραψε:", false},
	{"Gmail zh", "Incidentbot <bot@kommun.example> 于2026年3月3日周二 10:15写道：", false},
	{"Gmail ja", "2026年3月3日(火) 10:15 Incidentbot <bot@kommun.example>:", false},
	{"Gmail et", "Kuupäev T, 3. märts 2026 kell 10:15 kirjutas Incidentbot (<bot@kommun.example>):", false},
	{"Gmail hr", "uto, 3. ožu 2026. u 10:15 Incidentbot <bot@kommun.example> napisao je:", false},
	{"Gmail en", "On Tue, Mar 3, 2026 at 10:15 AM Incidentbot <bot@kommun.example> wrote:", false},
	{"Gmail of old", "2026-03-03 10:15 GMT+01:00 Incidentbot <bot@kommun.example>:", false},
	{"Apple Mail sv", "3 mars 2026 kl. 10:15 skrev Incidentbot <bot@kommun.example>:", false},
	{"Apple Mail en", "On 3 Mar 2026, at 10:15, Incidentbot <bot@kommun.example> wrote:", false},
	{"Apple Mail fi", "Incidentbot <bot@kommun.example> kirjoitti 3.3.2026 kello 10.15:", false},
	{"Apple Mail nl", "Op 3 mrt 2026 om 10:15 heeft Incidentbot <bot@kommun.example> het volgende geschreven:", false},
	{"Apple Mail pl", "Wiadomość napisana przez Incidentbot <bot@kommun.example> w dniu 3 mar 2026, o godz. 10:15:", false},
	{"Apple Mail pt", "No dia 03/03/2026, às 10:15, Incidentbot <bot@kommun.example> escreveu:", false},
	{"Apple Mail zh", "在 2026年3月3日，10:15，Incidentbot <bot@kommun.example> 写道：", false},
	{"Yahoo sv", "    Den tisdag 3 mars 2026 10:15:00 CET, Incidentbot <bot@kommun.example> skrev:", false},
	{"Outlook for Mac sv", `Den 2026-03-03 10:15 skrev "Incidentbot" <bot@kommun.example>:`, false},
	{"Outlook for Mac en", `On 2026-03-03, 10:15, "Incidentbot" <bot@kommun.example> wrote:`, false},
	{"Spark", "On 3 Mar 2026, 10:15 +0100, Incidentbot <bot@kommun.example>, wrote:", false},
	{"Zoho", "---- On Tue, 03 Mar 2026 10:15:00 +0100 Incidentbot <bot@kommun.example> wrote ----", false},
	{"Yandex", `03.03.2026, 10:15, "Incidentbot" <bot@kommun.example>:`, false},
	{"Gnus", "Incidentbot <bot@kommun.example> writes:", false},
	{"GroupWise", ">>> Incidentbot <bot@kommun.example> 2026-03-03 10:15 >>>", false},
	{"Thunderbird sv", "Den 2026-03-03 kl. 10:15, skrev Incidentbot:", true},
	{"Thunderbird da", "Den 03-03-2026 kl. 10:15 skrev Incidentbot:", true},
	{"Thunderbird no", "Den 03.03.2026 10:15, skrev Incidentbot:", true},
	{"Thunderbird fi", "Incidentbot kirjoitti 3.3.2026 klo 10.15:", true},
	{"Thunderbird de", "Am 03.03.26 um 10:15 schrieb Incidentbot:", true},
	{"Thunderbird fr", "Le 03/03/2026 à 10:15, Incidentbot a écrit :", true},
	{"Thunderbird pl", "W dniu 3.03.2026 o 10:15, Incidentbot pisze:", true},
	{"Thunderbird ru", "03.03.2026 10:15, Incidentbot пишет:", true},
	{"Thunderbird cs", "Dne 03. 03. 26 v 10:15 Incidentbot napsal(a):", true},
	{"Roundcube sv", "Den 2026-03-03 10:15, Incidentbot skrev:", true},
	{"mutt", "On Tue, Mar 03, 2026 at 10:15:00AM +0100, Incidentbot wrote:", false},
	{"KMail", "tisdag 3 mars 2026 kl. 10:15:00 CET skrev Incidentbot:", true},
	{"Horde sv", "Citerar Incidentbot <bot@kommun.example>:", true},
}

// wrapless lines are never broken, or are broken where nothing tells.
var wrapless = map[string]bool{"Zoho": true, "Gmail of old": true, "Gnus": true, "Horde sv": true}

const ownWords = "Hej!\n\nListan låg öppen i 12 timmar, från den 2 mars.\nFrån: vet inte. Till: Malmö.\n\nMvh\nEva"

func TestAttributions(t *testing.T) {
	for _, a := range attributions {
		shapes := map[string]string{
			"quoted":   ownWords + "\n\n" + a.line + "\n\n> När upptäcktes det?\n> Svara kort.\n",
			"tight":    ownWords + "\n" + a.line + "\n> När upptäcktes det?\n",
			"wrapped":  ownWords + "\n\n" + wrap(a.line) + "\n> När upptäcktes det?\n",
			"unmarked": ownWords + "\n\n" + a.line + "\n\nNär upptäcktes det?\nSvara kort.\n",
			"below":    a.line + "\n> När upptäcktes det?\n\n" + ownWords,
		}
		for shape, text := range shapes {
			if a.quotedOnly && shape == "unmarked" || a.program == "GroupWise" && shape != "unmarked" ||
				shape == "wrapped" && wrapless[a.program] {
				continue
			}
			if got := replyTo(text).Reply; got != ownWords {
				t.Errorf("%s, %s: %q\nreply is %q", a.program, shape, text, got)
			}
		}
	}
}

// wrap breaks a line at its middle space, as programs do at 72 columns.
func wrap(s string) string {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s[:len(s)*2/3], ' ')
	if at < 0 {
		return s
	}
	return s[:at] + "\n" + s[at+1:]
}

// Header blocks as Outlook and others write them.
var headerBlocks = map[string]string{
	"sv":           "Från: Incidentbot <bot@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek <eva@kommun.example>\nÄmne: Fråga",
	"sv mac":       "Från: Incidentbot <bot@kommun.example>\nDatum: tisdag, 3 mars 2026 10:15\nTill: Eva Ek <eva@kommun.example>\nÄmne: Fråga",
	"sv new":       "________________________________\nFrån: Incidentbot <bot@kommun.example>\nSkickat: tisdag, mars 3, 2026 10:15\nTill: Eva Ek <eva@kommun.example>\nÄmne: Fråga",
	"sv name only": "Från: Incidentbot\nSkickat: den 3 mars 2026 10:15\nTill: Eva Ek\nKopia: Bo Ek\nÄmne: Fråga",
	"en":           "From: Incidentbot <bot@kommun.example>\nSent: Tuesday, March 3, 2026 10:15 AM\nTo: Eva Ek\nSubject: Question",
	"en bold":      "*From:* Incidentbot <bot@kommun.example>\n*Sent:* Tuesday, March 3, 2026 10:15 AM\n*To:* Eva Ek\n*Subject:* Question",
	"no":           "Fra: Incidentbot <bot@kommun.example>\nSendt: tirsdag 3. mars 2026 10:15\nTil: Eva Ek\nEmne: Spørsmål",
	"da":           "Fra: Incidentbot <bot@kommun.example>\nSendt: 3. marts 2026 10:15\nTil: Eva Ek\nCc: Bo Ek\nEmne: Spørgsmål",
	"fi":           "Lähettäjä: Incidentbot <bot@kommun.example>\nLähetetty: tiistai 3. maaliskuuta 2026 10.15\nVastaanottaja: Eva Ek\nAihe: Kysymys",
	"de":           "Von: Incidentbot <bot@kommun.example>\nGesendet: Dienstag, 3. März 2026 10:15\nAn: Eva Ek\nBetreff: Frage",
	"fr":           "De : Incidentbot <bot@kommun.example>\nEnvoyé : mardi 3 mars 2026 10:15\nÀ : Eva Ek\nObjet : Question",
	"es":           "De: Incidentbot <bot@kommun.example>\nEnviado: martes, 3 de marzo de 2026 10:15\nPara: Eva Ek\nAsunto: Pregunta",
	"it":           "Da: Incidentbot <bot@kommun.example>\nInviato: martedì 3 marzo 2026 10:15\nA: Eva Ek\nOggetto: Domanda",
	"nl":           "Van: Incidentbot <bot@kommun.example>\nVerzonden: dinsdag 3 maart 2026 10:15\nAan: Eva Ek\nOnderwerp: Vraag",
	"pl":           "Od: Incidentbot <bot@kommun.example>\nWysłano: wtorek, 3 marca 2026 10:15\nDo: Eva Ek\nTemat: Pytanie",
	"pt":           "De: Incidentbot <bot@kommun.example>\nEnviado: terça-feira, 3 de março de 2026 10:15\nPara: Eva Ek\nAssunto: Pergunta",
	"separator sv": "-----Ursprungligt meddelande-----\nFrån: Incidentbot\nSkickat: den 3 mars 2026 10:15",
	"separator en": "-----Original Message-----\nFrom: Incidentbot",
	"Samsung sv":   "-------- Originalmeddelande --------\nFrån: Incidentbot <bot@kommun.example>\nDatum: 2026-03-03  10:15  (GMT+01:00)\nTill: Eva Ek\nÄmne: Fråga",
	"Proton":       "------- Original Message -------\nOn Tuesday, March 3rd, 2026 at 10:15, Incidentbot <bot@kommun.example> wrote:",
	"long To":      "From: Incidentbot <bot@kommun.example>\nSent: 3 March 2026 10:15\nTo: Eva Ek <eva@kommun.example>;\n Bo Ek <bo@kommun.example>\nSubject: Question",
	"spaced":       "Från: Incidentbot <bot@kommun.example>\n\nSkickat: den 3 mars 2026 10:15\n\nTill: Eva Ek\n\nÄmne: Fråga",
	"marker":       "--- Svara ovanför den här raden ---",
}

func TestHeaderBlocks(t *testing.T) {
	for name, block := range headerBlocks {
		cutsBelow(t, name, block)
		if got := replyTo(block + "\n> När upptäcktes det?\n\n" + ownWords).Reply; got != ownWords {
			t.Errorf("%s, answered below: reply is %q", name, got)
		}
	}
	for name, block := range moreBlocks {
		cutsBelow(t, name, block)
	}
}

// cutsBelow: what stands above a header block is the reply without a doubt, and what stands below was cut.
func cutsBelow(t *testing.T, name, block string) {
	t.Helper()
	m := replyTo(ownWords + "\n\n" + block + "\n\nNär upptäcktes det?\n\nFrån: den gamla tråden\n")
	if m.Reply != ownWords || m.Doubtful || !strings.Contains(m.Cut, "När upptäcktes det?") {
		t.Errorf("%s: reply is %q, doubtful %v, cut %q", name, m.Reply, m.Doubtful, m.Cut)
	}
}

// What people write that looks like a mail program's work, and must be kept to the letter.
func TestOwnWordsAreKept(t *testing.T) {
	for _, text := range []string{
		"Från: Malmö\nTill: Lund",
		"Till: fel person\nÄmne: Lönelista\nDet var så det stod.",
		"Mejlet gick så här:\nFrån: anna@kommun.example\nTill: fel@annat.example\nÄmne: Lönelista mars\nHon märkte det direkt.",
		"Så här såg det ut:\n\nFrån: Anna Berg <anna@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: fel@annat.example\nÄmne: Lönelista\n\nHon märkte det direkt.",
		"Den 3 mars 2026 kl. 10:15 loggade jag in och skrev:\nhej",
		"Den 3 mars 2026 fick jag ett mejl där bo@annat.example skrev:\nVem är du?",
		"Den 3 mars 2026 kl 10 skickade jag ett mejl till bo@annat.example där jag skrev:\nBifogar listan.",
		"Den 3 mars 2026 kl. 10:15 mailade jag Bo Ek <bo@annat.example>:\nBifogar listan.",
		"On 3 March 2026 I logged in and wrote:\nhello",
		"Anna skrev:\nhon ångrar sig",
		"På mötet den 3 mars 2026 kl. 10:00 skrev vi under:\navtalet",
		"Skickat från min telefon till fel person",
		"Skickat från min mobil",
		"Hämta filen i Outlook först.",
		"Sent from my desk, where I sat.",
		"Uppgifterna spreds\nfrån min dator till fel mottagare\nsom är externa.",
		"Tre saker hände:\n--\nJag skickade fel fil, till fel person.\nJag märkte det sent.",
		"--- viktigt ---\ndet var jag",
		"Datum: 2026-03-03\nTid: 10:15\nPlats: Malmö",
		"2026-03-03 10:15",
		"tisdag 3 mars",
		"Namn | Antal\n-----|-----\nEva | 3",
		">>> se här <<<\nså står det",
		"Var: i receptionen\nNär: 3 mars 2026 10:15\nVem: Bo",
		"Hej,\n\n    > indraget är kod\n\nslut",
	} {
		m := replyTo(text)
		want := text
		if text == "Skickat från min mobil" {
			want = "" // alone it cannot be told from a signature; Doubtful says so
			if !m.Doubtful {
				t.Errorf("%q: not doubtful", text)
			}
		}
		if m.Reply != want {
			t.Errorf("%q\nreply is %q\ncut is %q", text, m.Reply, m.Cut)
		}
	}
}

func TestSignaturesAndBanners(t *testing.T) {
	for tail, want := range map[string]string{
		"\n-- \nEva Ek\nRegistrator":                                  "",
		"\n--\nEva Ek\nTel 040-12 34 56":                              "",
		"\nSkickat från min iPhone":                                   "",
		"\n\nSkickat från Outlook för Android":                        "",
		"\n\nHämta Outlook för iOS<https://a.example/o>":              "",
		"\n\nHämta Outlook för Android":                               "",
		"\n\nSent from my Samsung Galaxy smartphone.":                 "",
		"\n\nSendt fra min iPad":                                      "",
		"\nLähetetty iPhonesta":                                       "",
		"\nVon meinem iPhone gesendet":                                "",
		"\nEnvoyé de mon téléphone Samsung":                           "",
		"\n\nSkickades från E-post för Windows":                       "",
		"\nSkickat från Yahoo Mail på Android":                        "",
		"\n\nGet Outlook for iOS":                                     "",
		"\n\nMvh\nEva Ek\n\nSkickat från min iPhone":                  "\n\nMvh\nEva Ek",
		"\n\n____________\nlokalt mailing list\nlokalt@lists.example": "",
	} {
		if got := replyTo("Det var jag." + tail).Reply; got != "Det var jag."+want {
			t.Errorf("%q: reply is %q", tail, got)
		}
	}
	for _, banner := range []string{
		"Du får inte ofta e-post från eva@annat.example. Läs om varför detta är viktigt<https://aka.ms/LearnAboutSenderIdentification>\n",
		"Du får inte ofta e-post från eva@annat.example. ",
		"[Du får inte ofta e-post från eva@annat.example. Lär dig varför detta är viktigt på https://aka.ms/LearnAboutSenderIdentification ]\n\n",
		"You don't often get email from eva@annat.example. Learn why this is important<https://aka.ms/LearnAboutSenderIdentification>\n\n",
		"Vissa personer som tog emot det här meddelandet får inte ofta e-post från eva@annat.example. Läs om varför detta är viktigt\n",
	} {
		if got := replyTo(banner + "Det var jag.\nIgår.").Reply; got != "Det var jag.\nIgår." {
			t.Errorf("%q: reply is %q", banner, got)
		}
	}
}

func TestInterleaved(t *testing.T) {
	m := replyTo("Hej, svar nedan.\n\nDen 2026-03-03 kl. 10:15, skrev Incidentbot:\n> Hej Eva!\n>\n> 1. När upptäcktes det?\n\nIgår kväll.\n\n" +
		"> 2. Vilka uppgifter?\nNamn och adress.\nInget mer.\n> 3. Hur många?\nTolv\n-- \nEva Ek\n")
	want := []Segment{
		{"", "Hej, svar nedan."},
		{"Hej Eva!\n\n1. När upptäcktes det?", "Igår kväll."},
		{"2. Vilka uppgifter?", "Namn och adress.\nInget mer."},
		{"3. Hur många?", "Tolv"},
	}
	if fmt.Sprint(m.Segments) != fmt.Sprint(want) {
		t.Errorf("segments are %q", m.Segments)
	}
	if want := "Hej, svar nedan.\n\nIgår kväll.\n\nNamn och adress.\nInget mer.\n\nTolv"; m.Reply != want {
		t.Errorf("reply is %q", m.Reply)
	}
	if m.Doubtful {
		t.Error("doubtful")
	}
}

func TestDoubtful(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"On Tue, Mar 3, 2026 at 10:15 AM Incidentbot <bot@kommun.example> wrote:\n> När?": "",
		// written below an unmarked mail: all is kept
		"Från: Incidentbot <bot@kommun.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva\nÄmne: Fråga\n\nNär?\n\nIgår.": "När?\n\nIgår.",
		// forwarded from somebody else
		"Se nedan.\n\nFrån: Bo <bo@annat.example>\nSkickat: den 3 mars 2026 10:15\nTill: Eva\nÄmne: Lista\n\nHär är listan.": "Se nedan.",
	} {
		m := replyTo(text)
		if m.Reply != want || !m.Doubtful {
			t.Errorf("%q: reply is %q, doubtful %v", text, m.Reply, m.Doubtful)
		}
	}
}
