package conversation

import (
	"strings"
	"unicode"
)

// What people write that is no report: a greeting, thanks, a lone call for help. Matched against the whole message without
// its punctuation, in either language.
var greetings = set("hej|hejsan|hallå|hallo|tjena|tjenare|hejhej|hej hej|morsning|god morgon|god middag|god kväll|goddag|god dag|hej på dig|" +
	"hello|hi|hey|hi there|hello there|good morning|good afternoon|good evening|start|börja|test|testar|testing|hjälp|help|help me|hjälp mig|" +
	"info|information|hej hjälp|vad gör du|vem är du|who are you|what is this")

var thanks = set(`tack|tackar|tack så mycket|tack så mkt|tusen tack|ok|okej|okay|oki|bra|toppen|perfekt|jättebra|tack för hjälpen|ok tack|okej tack|fint|mvh|thanks|thank you|thanks a lot|thank you very much|great|perfect|ok thanks|cheers|thx|👍|🙏`)

// useWords take what was written first as the answer that is asked for.
var useWords = set("använd|använd det|använd det jag skrev|använd mitt första meddelande|use|use it|use that|use my first message")

var yesWords = set("ja|japp|jo|jajamän|ja det stämmer|det stämmer|stämmer|ja tack|yes|yep|ok|okej|yes it is|that is right|correct")

// buttonWords are the replies of buttons that settle what is held: pressed twice, they are no answer.
var buttonWords = set("ja|nej|yes|no|förra|previous|denna|this|detta|this one|släng|drop|nytt|new|maskera|mask|behåll|keep")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Split(s, "|") {
		m[strings.Join(strings.Fields(w), " ")] = true
	}
	return m
}

// bare is the message in lower case, without punctuation and with single spaces.
func bare(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range text {
		if unicode.IsPunct(r) || unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func isGreeting(text string) bool { b := bare(text); return b == "" || greetings[b] }
func isThanks(text string) bool   { return thanks[bare(text)] }

// The commonest words that only one of the languages has.
var (
	swedishWords = set("och|att|det|jag|är|som|har|till|inte|på|för|av|en|ett|med|vi|den|om|men|var|mig|kan|ska|från|när|vad|min|mitt|någon|har|fel|hej|mejlade|mejlat|skickade|skickat|tappat|tappade")
	englishWords = set("the|and|to|of|i|is|that|it|was|my|we|have|has|not|for|with|you|this|are|but|from|what|by|sent|lost|wrong|hi|hello|an|a|someone|our|they|been")
)

// detect guesses the language of a message from its commonest words; "" when neither has more.
func detect(text string) Lang {
	sv, en := 0, 0
	for i, w := range strings.Fields(bare(text)) {
		if i == 200 {
			break
		}
		if swedishWords[w] {
			sv++
		}
		if englishWords[w] {
			en++
		}
	}
	if strings.ContainsAny(strings.ToLower(text), "åäö") {
		sv++
	}
	switch {
	case sv > en:
		return Swedish
	case en > sv:
		return English
	}
	return ""
}

// The stems that tell a kind of incident in a first message. A kind is taken only if no other has a stem there.
var kindStems = map[string][]string{
	"misdirected": {"fel mottagare", "fel person", "fel adress", "fel mejl", "fel mail", "fel e-post", "till fel", "felskick", "fel brev", "fel kuvert",
		"wrong person", "wrong recipient", "wrong address", "wrong email", "wrong people", "to the wrong", "misdirected"},
	"lost": {"tappat", "tappade", "borttappa", "blivit av med", "stulen", "stulet", "stulna", "stöld", "stals", "inbrott", "glömde kvar", "glömt kvar", "kvarglömd", "försvunn", "hittar inte",
		"lost my", "lost a", "i lost", "have lost", "stolen", "left behind", "missing laptop", "missing phone"},
	"exposed": {"publicera", "ligger öppet", "låg öppet", "ligger ute", "låg ute", "synlig", "kan se", "kunde se", "visar uppgifter", "öppen mapp", "öppen länk", "obehörig", "fel behörighet", "alla kommer åt",
		"published", "publicly", "can see", "could see", "visible", "shows data", "exposed", "leaked", "open link", "unauthorised", "unauthorized"},
	"unavailable": {"gått sönder", "gick sönder", "trasig", "får inte upp", "kommer inte åt", "kan inte öppna", "går inte att öppna", "raderade", "raderat", "krypterad", "låst ute", "ransom", "försvann ur systemet",
		"broken", "can't open", "cannot open", "can't access", "cannot access", "deleted by", "wiped", "encrypted by"},
}

// readKind tells the kind of incident from a first message, if just one fits.
func readKind(text string) (kind string, ok bool) {
	low := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for k, stems := range kindStems {
		for _, s := range stems {
			if strings.Contains(low, s) {
				if ok {
					return "", false
				}
				kind, ok = k, true
				break
			}
		}
	}
	return kind, ok
}

// languageOf is the language that a message asks for, "" if it is no such request.
func languageOf(text string) Lang {
	switch bare(text) {
	case "english", "in english", "engelska", "på engelska", "english please", "in english please":
		return English
	case "svenska", "på svenska", "swedish", "in swedish":
		return Swedish
	}
	return ""
}
