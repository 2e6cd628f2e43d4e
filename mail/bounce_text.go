package mail

import "strings"

// bounceLocal are the senders of delivery reports.
var bounceLocal = pattern(`(?i)^(?:mailer[-_.]?daemon|postmaster|mail-?daemon|mmdf|uucp|smtp|daemon|mdaemon|bounces?|no-?reply|root|administrator|system|mail|mailadmin|mta)(?:[-_.+=].*)?$`)

var bounceName = pattern(`(?i)mail(?:er)?[- ]?delivery|mailer-?daemon|delivery (?:subsystem|system|service)|postmaster|system administrator|mail administrator|mail router|internet mail`)

// bounceSubject is how servers name their reports.
var bounceSubject = pattern(`(?i)undeliver|not deliver|non[- ]?deliver|could ?n[o']t be (?:sent|delivered)|delivery (?:status|failure|failed|notification|report|problem|error|has failed|delayed|unsuccessful)|` +
	`deliver(?:y|ed)? fail|failure (?:notice|delivery|notification|report)|fail(?:ed|ure) (?:to deliver|mail|delivery)|returned (?:mail|to sender|message)|mail (?:delivery|returned|failure|error|system error)|` +
	`message (?:delayed|undeliver|could not|not delivered|delivery|status)|rejected|warning: (?:could not|message)|(?:olevererbart|oleverbart|inte levereras|kunde inte levereras|ikke leveres|uleverert|unzustellbar|nicht zugestellt|` +
	`onbestelbaar|non remis|échec de la remise|non recapitabile|impossible de remettre|no se (?:puede|pudo) entregar|mensagem não entregue|nelze doručit|niedostarczon|не доставлен)|user unknown|` +
	`permanent fatal errors|deferred|nicht zustellbar|error sending|problem delivering|bounce|mail konnte nicht|nondeliverable|配信不能|無法傳遞|无法送达|未送达|系统退信|退信|배달할 수 없|반송|kan ikke leveres|kunne ikke leveres|ikke levert|ikke leveret|toimitus epäonnistui|toimittaminen epäonnistui|ei voitu toimittaa|ei voi toimittaa|ekki (?:tókst|hægt) að (?:senda|afhenda)|óafhend|nie można dostarczyć|nie dostarczono|nedoručiteln|nedoručen|nedoručeno|kézbesíthetetlen|nem kézbesíthető|nelivrat|nu poate fi livrat|teslim edilemiyor|teslim edilemedi|iletilemedi|не удается доставить|не удалось доставить|недоставлен|не доставлено|не вдалося доставити|não (?:é possível entregar|foi entregue|entregue)|no entregado|mensaje no entregado|non remise|n['’]a pas pu être (?:remis|livré|distribué)|non consegnat|mancato recapito|kon niet worden bezorgd|niet bezorgd|niet afgeleverd|zustellung fehlgeschlagen|zustellfehler|konnte nicht zugestellt|fördröjd|försenad|misslyckad leverans|leveransen misslyckades|kunde inte skickas|kom inte fram|returnerat|μη παραδοτέο|δεν ήταν δυνατή|edastamatu|ei saanud edastada|nepiegādāj|nepristatyt|lieferung|送信できません|recipient|ndn:|ndr|エラー`)

// delayedSubject: the server has not given up.
var delayedSubject = pattern(`(?i)delay(?:ed)?\b|warning: (?:could not|message)|still being (?:retried|attempted)|not yet (?:been )?delivered|deferred|fördröjd|försenad|försenat|forsinket|viivästy|verzögert|verzögerung|retard|retras|ritard|vertraag|vertraging|opóźni|atrasad|zpožd`)

// bounceText is what reports without RFC 3464's parts say.
var bounceText = pattern(`(?i)this is the (?:qmail-send|mail (?:system|delivery)|postfix|exim|machine|email system|mailer|smtp)|could ?(?:n[o']t|not) be (?:\w+ )?(?:delivered|sent|reached)|(?:was|were|is|been) (?:not |un)(?:able to |deliver)|` +
	`undeliver(?:ed|able)|not (?:be )?deliver(?:ed|able)|wasn['’]t delivered|delivery (?:has |to the following (?:recipients?|address\w*) )?(?:failed|failure)|delivery attempts? fail|permanent (?:fatal )?(?:error|failure)|` +
	`user (?:is )?(?:unknown|not found)|unknown (?:user|recipient|address|local)|no such (?:user|mailbox|recipient|address|person)|mailbox (?:is )?(?:full|unavailable|not found|exceed)|over (?:its |their )?quota|quota exceeded|` +
	`address(?:es)? (?:had|could not be|couldn['’]t be|not found|rejected)|host (?:unknown|not found)|returned (?:to sender|mail)|recipient(?:s)? (?:rejected|unknown|address)|did not reach|unable to (?:deliver|reach|send)|cannot (?:be )?(?:deliver|send|find)|` +
	`failed (?:addresses|recipient)|delivery problem|message (?:was )?(?:rejected|refused|blocked)|has been (?:rejected|blocked|refused)|reason for (?:the )?failure|not listed in|retry timeout|too many hops|` +
	`nicht zugestellt|unzustellbar|konnte nicht|inte levereras|inte levererats|kunde inte|kan ikke leveres|n['’]a pas pu|no se pudo|non è stato possibile|` +
	`smtp error|remote (?:host|server) said|\b5\d\d[ -]#?5\.\d|\b55[0-9][ -]|unable to (?:be delivered|relay)|relaying denied|account (?:has been )?(?:disabled|inactive|closed)|not (?:exist|found)|届け|配信|送信|見つかり|存在`)

// bounceBeginning is a report that begins with what failed and for whom; who tells of one begins with their own words.
var bounceBeginning = pattern(`(?is)^[\s*#=\-]*(?:non-?delivery report|undeliverable|delivery (?:failure|report))?[\s*#=\-:.]*(?:(?:your|the|this|votre|ditt|din|ihre|su|il suo) (?:following )?(?:message|e-?mail|mail|meddelande|mejl|nachricht|mensaje|messaggio)(?: below)?|the e-?mail below)\s.{0,40}?(?:could not be|was not|couldn['’]t be|cannot be|n['’]a pas pu [êe]tre|kunde inte|konnte nicht|no se pudo|non è stato)\s.{0,200}?[^\s<>]+@[^\s<>]+`)

// returnedHint is what all that returnedInText finds has.
func returnedHint(text string) bool {
	for rest := text; ; {
		i := strings.IndexByte(rest, ':')
		if i < 0 {
			return false
		}
		if c := rest[:i]; hasSuffixFold(c, "received") || hasSuffixFold(c, "return-path") || hasSuffixFold(c, "message-id") {
			return true
		}
		rest = rest[i+1:]
	}
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// returnedInText finds the headers of the mail that came back, below the report's own text.
var returnedInText = pattern(`(?im)^[ \t>|]*(?:received: (?:from|by|\()|return-path: <|message-id: *<)`)

func bounceSender(m *Message) bool {
	local, _, _ := strings.Cut(m.From.Addr, "@")
	return bounceLocal().MatchString(strings.Trim(local, `"`)) || isBounceName(m.From.Name) || m.From.Addr == ""
}

// bounceWords: all that bounceName finds has one of them.
var bounceWords = []string{"mail", "delivery", "postmaster", "system"}

func isBounceName(name string) bool {
	return containsAny(strings.ToLower(name), bounceWords) && bounceName().MatchString(name)
}

// strictSender are those that send nothing else.
var strictSender = pattern(`(?i)^(?:mailer[-_.]?daemon|mail-?daemon|postmaster|mdaemon)`)

// textBounce tells a report by what speaks for it: its sender, its null return path, its subject, its text and the returned
// mail. One of them alone is never enough, so a person who writes about a report, or forwards one, is not taken for it.
func textBounce(m *Message, w *walker) bool {
	text := m.Text[:min(len(m.Text), 16<<10)]
	// each is searched only where what is cheaper to see gives reason to
	subject := func() bool { return !replied().MatchString(m.Subject) && bounceSubject().MatchString(m.Subject) }
	says := func() bool { return bounceText().MatchString(text) }
	returned := func() bool { return len(w.returned) > 0 || returnedHint(text) && returnedInText().MatchString(text) }
	local, _, _ := strings.Cut(m.From.Addr, "@")
	switch {
	case strictSender().MatchString(strings.Trim(local, `"`)) || isBounceName(m.From.Name):
		return subject() || returned() || says()
	case strings.ReplaceAll(m.ReturnPath, " ", "") == "<>":
		return subject() || returned() && says()
	case bounceSender(m):
		return subject() && (returned() || says()) || returned() && says()
	}
	return returned() && subject() && says() || bounceBeginning().MatchString(text[:min(len(text), 400)]) && bounceSubject().MatchString(m.Subject)
}
