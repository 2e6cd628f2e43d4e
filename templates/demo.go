package templates

import (
	"strings"
	"time"

	"frist/conversation"
)

// demoTexts are what the demo says of itself; {name} is filled in.
var demoTexts = map[conversation.Lang]map[string]string{
	conversation.Swedish: {
		"start": "Frist, provläge. E-post, Teams och databas körs i den här datorn, och inget lämnar den.\n" +
			"Du spelar alla roller själv, i det påhittade {organisation}.\n" +
			"Klockan är {clock}.\nFiler: {dir}\nVill du se korten som i Teams, starta Agents Playground:\n  agentsplayground start -e {endpoint}",
		"begin":     "Börja så här: skriv vad som har hänt, till exempel\n  {example}\nByt sedan till dataskyddsombudet med /dso och svara TAR. /hjälp visar alla kommandon.",
		"example":   "Jag råkade mejla en klasslista till fel person i dag.",
		"employee":  "anställd",
		"dso":       "dataskyddsombud",
		"deputy":    "ersättare",
		"oncall":    "beredskap",
		"mail":      "mejl",
		"new_mail":  "nytt mejl",
		"teams":     "Teams",
		"now_role":  "Nu är du {role}: {name}.",
		"answers":   "Det du skriver svarar på mejl {n}: {subject}",
		"no_mail":   "{name} har inte fått något mejl ännu.",
		"channel":   "{name} skriver nu i {channel}.",
		"fresh":     "Nästa rad blir ett nytt mejl i stället för ett svar.",
		"subject":   "Hej",
		"mail_new":  "Mejl {n} till {name}, {role}",
		"mail_from": "Från", "mail_to": "Till", "mail_subject": "Ämne", "mail_date": "Datum", "mail_files": "Bifogat",
		"teams_new": "Teams till {name}",
		"cut":       "… {lines} rader till. /öppna {n} visar hela mejlet.",
		"inbox":     "Inkorg för {name}",
		"row_new":   "ny",
		"unknown_n": "Det finns inget mejl {n}. /inkorg visar numren.",
		"reply_as":  "Svar från {name} på mejl {n}. Skriv så många rader du vill och avsluta med en rad som bara är en punkt. /avbryt ångrar.",
		"multiline": "Skriv så många rader du vill och avsluta med en rad som bara är en punkt. /avbryt ångrar.",
		"dropped":   "Inget skickades.",
		"sent":      "Skickat: {from} → mejl {n}",
		"sent_new":  "Skickat: nytt mejl till {to}",
		"clock":     "Klockan är {clock}.",
		"clock_go":  "Klockan går till {clock}.",
		"clock_bad": "Skriv hur långt klockan ska gå framåt, till exempel /klocka +30m, /klocka +24h eller /klocka +3d (högst 60 dygn).",
		"card_no":   "Det finns inget kort att fylla i just nu. Skriv i stället ditt svar.",
		"card_how":  "Fyll i kortet, ett fält i taget. Tom rad lämnar fältet som det är; /avbryt slutar.",
		"card_use":  "/kort fyller i", "card_press": "/kort {n}: {title}",
		"card_pick": "nummer", "card_picks": "nummer med komma emellan",
		"card_bad":     "Skriv ett nummer från 1 till {max}.",
		"card_refused": "Kortet togs inte emot ({status}).",
		"card_shows":   "Det kan inte väljas på det kortet. Knapparna har nummer 1 till {max}.",
		"attach_how":   "Skriv vilken fil, och vad du vill säga om den: /bifoga lista.csv Den gick till fel person",
		"attach_bad":   "Filen {path} går inte att läsa, eller är större än 64 MB.",
		"files":        "Allt ligger i {dir}:\n  anmälan      {documents}\n  alla mejl    mail/*.eml\n  Teams        activities.jsonl\n  databasen    frist.db\n  loggen       frist.log",
		"files_none":   "(skapas med första ärendet)",
		"html":         "Öppna i webbläsaren: {path}",
		"html_none":    "Det finns ingen anmälan ännu. Berätta först vad som har hänt.",
		"unknown":      "Kommandot {command} finns inte. /hjälp visar alla.",
		"failed":       "Det gick inte: {error}",
		"bye":          "Slut. Filerna ligger kvar i {dir}",
		"help": "En rad utan snedstreck skickas från den du spelar just nu.\n" +
			"  /anställd  /dso  /ersättare  /beredskap   spela någon annan\n" +
			"  /teams  /mejl        den anställda skriver i Teams eller mejlar\n" +
			"  /nytt                nästa rad blir ett nytt mejl, inte ett svar\n" +
			"  //                   skriv flera rader, sluta med en ensam punkt\n" +
			"  /kort                fyll i kortet i Teams fält för fält; /kort 2 trycker på knapp 2\n" +
			"  /bifoga FIL text     skicka en fil i Teams, till exempel listan som kom på villovägar\n" +
			"  /inkorg              dina mejl\n" +
			"  /öppna N  /svara N   läs ett mejl (det du sedan skriver svarar på det), svara på ett direkt\n" +
			"  /klocka +24h         låt tiden gå och se påminnelserna komma; /klocka visar den\n" +
			"  /html  /filer        var anmälan och allt annat ligger\n" +
			"  /avsluta",
	},
	conversation.English: {
		"start": "Frist, demo. Mail, Teams and database run on this computer, and nothing leaves it.\n" +
			"You play every part yourself, in the invented {organisation}.\n" +
			"The time is {clock}.\nFiles: {dir}\nTo see the cards as in Teams, start Agents Playground:\n  agentsplayground start -e {endpoint}",
		"begin":     "Begin like this: type what has happened, for example\n  {example}\nThen become the data protection officer with /dso and answer TAKE. /help lists all commands.",
		"example":   "I sent a class list to the wrong person today.",
		"employee":  "employee",
		"dso":       "data protection officer",
		"deputy":    "deputy",
		"oncall":    "on call",
		"mail":      "mail",
		"new_mail":  "new mail",
		"teams":     "Teams",
		"now_role":  "You are now the {role}: {name}.",
		"answers":   "What you type answers mail {n}: {subject}",
		"no_mail":   "{name} has had no mail yet.",
		"channel":   "{name} now writes in {channel}.",
		"fresh":     "The next line becomes a new mail instead of an answer.",
		"subject":   "Hello",
		"mail_new":  "Mail {n} to {name}, {role}",
		"mail_from": "From", "mail_to": "To", "mail_subject": "Subject", "mail_date": "Date", "mail_files": "Attached",
		"teams_new": "Teams to {name}",
		"cut":       "… {lines} more lines. /open {n} shows the whole mail.",
		"inbox":     "Inbox of {name}",
		"row_new":   "new",
		"unknown_n": "There is no mail {n}. /inbox shows the numbers.",
		"reply_as":  "Answer from {name} to mail {n}. Write as many lines as you like and end with a line that is only a full stop. /cancel drops it.",
		"multiline": "Write as many lines as you like and end with a line that is only a full stop. /cancel drops it.",
		"dropped":   "Nothing was sent.",
		"sent":      "Sent: {from} → mail {n}",
		"sent_new":  "Sent: a new mail to {to}",
		"clock":     "The time is {clock}.",
		"clock_go":  "The clock goes to {clock}.",
		"clock_bad": "Say how far the clock is to go, for example /clock +30m, /clock +24h or /clock +3d (60 days at most).",
		"card_no":   "There is no card to fill in just now. Type your answer instead.",
		"card_how":  "Fill in the card, one field at a time. An empty line leaves a field as it is; /cancel stops.",
		"card_use":  "/card fills it in", "card_press": "/card {n}: {title}",
		"card_pick": "number", "card_picks": "numbers with commas between",
		"card_bad":     "Type a number from 1 to {max}.",
		"card_refused": "The card was not accepted ({status}).",
		"card_shows":   "That cannot be chosen on the card. Its buttons are numbered 1 to {max}.",
		"attach_how":   "Say which file, and what there is to say about it: /attach list.csv It went to the wrong person",
		"attach_bad":   "The file {path} cannot be read, or is larger than 64 MB.",
		"files":        "All lies in {dir}:\n  notification {documents}\n  all mails    mail/*.eml\n  Teams        activities.jsonl\n  database     frist.db\n  log          frist.log",
		"files_none":   "(made with the first incident)",
		"html":         "Open in a browser: {path}",
		"html_none":    "There is no notification yet. First tell what has happened.",
		"unknown":      "There is no command {command}. /help lists them all.",
		"failed":       "That failed: {error}",
		"bye":          "The end. The files stay in {dir}",
		"help": "A line without a slash is sent by whoever you are playing now.\n" +
			"  /employee  /dso  /deputy  /oncall   play somebody else\n" +
			"  /teams  /mail        the employee writes in Teams, or mails\n" +
			"  /new                 the next line becomes a new mail, not an answer\n" +
			"  //                   several lines, ended by a single full stop\n" +
			"  /card                fill in the card in Teams field by field; /card 2 presses button 2\n" +
			"  /attach FILE text    send a file in Teams, such as the list that went astray\n" +
			"  /inbox               your mails\n" +
			"  /open N  /reply N    read a mail (what you then type answers it), answer one at once\n" +
			"  /clock +24h          let time pass and see the reminders come; /clock shows it\n" +
			"  /html  /files        where the notification and all else lies\n" +
			"  /quit",
	},
}

// Demo gives one of the demo's texts; args are name and value by turns. An unknown key gives "".
func (c *Catalogue) Demo(lang conversation.Lang, key string, args ...string) string {
	texts, ok := demoTexts[lang]
	if !ok {
		texts = demoTexts[conversation.Swedish]
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+args[i]+"}", args[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(texts[key])
}

// DemoTime gives an instant in full: weekday, date and clock, in Stockholm.
func (c *Catalogue) DemoTime(lang conversation.Lang, at time.Time) string {
	return c.phraser(lang, nil).when(at)
}
