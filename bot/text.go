package bot

import (
	"cmp"
	"encoding/json"
	"errors"
	"html"
	"io"
	"slices"
	"strings"
	"unicode"

	nethtml "golang.org/x/net/html"
)

// The item types by which Teams marks parts of a message's HTML copy.
const (
	itemReply   = "http://schema.skype.com/Reply"
	itemMention = "http://schema.skype.com/Mention"
	itemEmoji   = "http://schema.skype.com/Emoji"
)

// words are what the person wrote, and the id of the message that they quoted, "" if none. The plain text counts; the HTML copy that Teams adds
// tells what was lost or changed on the way to it: a quoted message that is no part of the answer, characters that were escaped, an emoji or
// words in angle brackets that were left out.
func words(text, format string, bot Account, entities []Entity, copies []Attachment) (said, quoted string) {
	text, quoted = withoutQuoteMark(named(withoutMention(text, bot, entities), bot, entities), entities)
	if f := strings.ToLower(format); f == "xml" || f == "html" {
		r := render(text, bot.Name)
		return r.text, cmp.Or(quoted, r.quoted)
	}
	content := htmlCopy(copies)
	if content == "" {
		return text, quoted
	}
	r := render(content, bot.Name)
	if r.quotes {
		return ending(text, r.text), cmp.Or(quoted, r.quoted)
	}
	switch plain, bare := squash(text), html.UnescapeString(text); {
	case plain == squash(r.text):
		return text, quoted
	case squash(bare) == squash(r.text):
		return bare, quoted
	case plain == squash(withoutTags(r.bare)):
		return r.text, quoted
	}
	return text, quoted
}

// htmlCopy is the HTML of the message itself, "" if there is none.
func htmlCopy(all []Attachment) (content string) {
	for _, a := range all {
		if strings.HasPrefix(a.ContentType, "text/html") && json.Unmarshal(a.Content, &content) == nil && content != "" {
			return content
		}
	}
	return ""
}

// named puts the name in place of the markup where somebody else than the bot is mentioned.
func named(text string, bot Account, entities []Entity) string {
	for i, e := range entities {
		if i == maxMentions {
			break
		}
		name, begins := strings.CutPrefix(e.Text, "<at>")
		name, ends := strings.CutSuffix(name, "</at>")
		if begins && ends && e.Type == "mention" && e.Mentioned.ID != bot.ID {
			text = strings.ReplaceAll(text, e.Text, html.UnescapeString(name))
		}
	}
	return text
}

// quoteMark begins what newer clients put into the text for a quoted message, `<quoted messageId="…"/>`; an entity says that it is one.
const quoteMark = `<quoted messageId="`

func withoutQuoteMark(text string, entities []Entity) (rest, quoted string) {
	trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
	if !strings.HasPrefix(trimmed, quoteMark) || !slices.ContainsFunc(entities, func(e Entity) bool { return e.Type == "quotedReply" }) {
		return text, ""
	}
	id, after, ok := strings.Cut(trimmed[len(quoteMark):], `"`)
	if _, rest, found := strings.Cut(after, ">"); ok && found {
		return strings.TrimLeftFunc(strings.TrimPrefix(rest, "</quoted>"), unicode.IsSpace), messageID(id)
	}
	return text, ""
}

// messageID is an id that Teams gives a message, epoch milliseconds; anything else is none.
func messageID(s string) string {
	if len(s) > 20 || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// ending is the end of text that has the same words as want, as it stands there, or else want.
func ending(text, want string) string {
	n := len(strings.Fields(want))
	all := strings.Fields(text)
	if n == 0 || len(all) < n || !slices.Equal(all[len(all)-n:], strings.Fields(want)) {
		return want
	}
	rest := strings.TrimRightFunc(text, unicode.IsSpace)
	at := len(rest)
	for range n {
		rest = strings.TrimRightFunc(rest, unicode.IsSpace)
		at = strings.LastIndexFunc(rest, unicode.IsSpace) + 1
		if at > 0 { // the space may have several bytes
			for at < len(rest) && !startsRune(rest[at]) {
				at++
			}
		}
		rest = rest[:at]
	}
	return text[at:]
}

func startsRune(b byte) bool { return b&0xC0 != 0x80 }

// squash leaves out white space, and what has no width.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r >= '\u200b' && r <= '\u200d' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// withoutTags leaves out what stands in angle brackets, which Teams takes for markup.
func withoutTags(s string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "<")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, rest, ok := strings.Cut(after, ">")
		if !ok {
			b.WriteString("<" + after)
			return b.String()
		}
		s = rest
	}
}

// rendering is HTML as a person reads it.
type rendering struct {
	text string
	bare string // without emojis
	// quotes is set when another message is quoted, which is no part of text; quoted is its id.
	quotes bool
	quoted string
}

// lines are the elements that stand on lines of their own.
var lines = map[string]bool{"p": true, "div": true, "li": true, "tr": true, "blockquote": true, "pre": true, "ul": true, "ol": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true}

// unread are the elements whose content nobody reads.
var unread = map[string]bool{"style": true, "script": true, "head": true, "title": true, "template": true}

// render reads HTML in one pass. Mentions of the bot are left out.
func render(source, botName string) (r rendering) {
	var text, bare strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(source))
	skip, depth := "", 0 // the element that is left out, and how deep in others of its name
	write := func(s string) { text.WriteString(s); bare.WriteString(s) }
	newline := func() {
		if s := text.String(); s != "" && !strings.HasSuffix(s, "\n") {
			write("\n")
		}
	}
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				return rendering{}
			}
			r.text, r.bare = strings.Trim(text.String(), "\n \u00a0"), strings.Trim(bare.String(), "\n \u00a0")
			return r
		}
		t := z.Token()
		switch {
		case skip != "":
			switch {
			case t.Data != skip:
			case kind == nethtml.StartTagToken:
				depth++
			case kind == nethtml.EndTagToken:
				if depth--; depth == 0 {
					skip = ""
				}
			}
		case kind == nethtml.TextToken:
			write(collapse(t.Data, text.Len() == 0 || strings.HasSuffix(text.String(), "\n")))
		case kind == nethtml.EndTagToken && lines[t.Data]:
			newline()
		case kind == nethtml.StartTagToken || kind == nethtml.SelfClosingTagToken:
			item := attribute(t, "itemtype")
			switch {
			case t.Data == "br":
				write("\n")
			case t.Data == "emoji" || t.Data == "img" && item == itemEmoji:
				text.WriteString(attribute(t, "alt"))
			case kind == nethtml.SelfClosingTagToken:
			case t.Data == "blockquote" && item == itemReply:
				r.quotes, r.quoted = true, cmp.Or(r.quoted, messageID(attribute(t, "itemid")))
				skip, depth = t.Data, 1
			case unread[t.Data]:
				skip, depth = t.Data, 1
			case t.Data == "span" && item == itemMention && mentions(z, botName, write):
			case lines[t.Data]:
				newline()
			}
		}
	}
}

// mentions reads what stands in a mention: the bot's name is left out, another's is written. It always reports true.
func mentions(z *nethtml.Tokenizer, botName string, write func(string)) bool {
	if z.Next() == nethtml.TextToken {
		if name := z.Token().Data; name != botName {
			write(name)
		}
	}
	return true
}

func attribute(t nethtml.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// collapse makes one space of white space, as HTML does but for the no-break space, and none where a line begins.
func collapse(s string, begins bool) string {
	var b strings.Builder
	space := begins
	for _, r := range s {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(r)
		space = false
	}
	return b.String()
}
