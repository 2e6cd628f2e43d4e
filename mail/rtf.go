package mail

import (
	"strconv"
	"strings"
)

// rtfLines makes text of RTF (version 1.9.1): paragraphs and lines, with fonts, colours, pictures and fields' instructions left
// out. RTF that holds a page of HTML (MS-OXRTFEX) gives that page's lines.
func rtfLines(b []byte) []textLine {
	if head := string(b[:min(len(b), 2000)]); strings.Contains(head, `\fromhtml1`) {
		r := rtfReader{in: b, html: true}
		r.read()
		return htmlLines(cleanText(r.out.String()))
	}
	r := rtfReader{in: b}
	r.read()
	return trimBlank(plainLines(cleanText(r.out.String()), nil))
}

// rtfState is what a group in RTF inherits and gives back.
type rtfState struct {
	skip    bool // a destination that is no text
	ignored bool // \htmlrtf: what only readers without HTML show
	tag     bool // \*\htmltag: a piece of the HTML itself
	uc      int  // characters that stand in for a \u
}

type rtfReader struct {
	in      []byte
	html    bool
	out     strings.Builder
	state   rtfState
	stack   []rtfState
	deeper  int    // groups beyond maxRTFDepth, which are not followed
	charset string // of \'hh
	pending []byte // bytes of \'hh: a character may take several
	standIn int    // characters still to be left out after a \u
	starred bool   // "\*" was read: the destination may be ignored
	high    rune   // the first half of a character beyond U+FFFF
}

const maxRTFDepth = 1000

// rtfHidden are the destinations that are no text of the mail.
var rtfHidden = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "header": true, "footer": true,
	"headerl": true, "headerr": true, "footerl": true, "footerr": true, "fldinst": true, "listtable": true, "listoverridetable": true,
	"generator": true, "themedata": true, "datastore": true, "rsidtbl": true, "xmlnstbl": true, "latentstyles": true, "filetbl": true,
	"revtbl": true, "bkmkstart": true, "bkmkend": true, "nonshppict": true, "private": true,
}

// rtfWords are control words that stand for text.
var rtfWords = map[string]string{
	"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": " ", "nestcell": " ", "nestrow": "\n", "emdash": "—", "endash": "–",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ",
}

func (r *rtfReader) read() {
	r.state.uc, r.charset = 1, "windows-1252"
	for len(r.in) > 0 {
		c := r.in[0]
		r.in = r.in[1:]
		switch c {
		case '{':
			r.flush()
			r.starred = false
			if len(r.stack) >= maxRTFDepth {
				r.deeper++
				continue
			}
			r.stack = append(r.stack, r.state)
		case '}':
			r.flush()
			r.starred = false
			if n := len(r.stack); r.deeper > 0 {
				r.deeper--
			} else if n > 0 {
				r.state, r.stack = r.stack[n-1], r.stack[:n-1]
			}
		case '\\':
			r.control()
		case '\r', '\n', 0:
		default:
			r.char(c)
		}
	}
	r.flush()
}

// control reads what follows a backslash: a symbol, or a word with a number.
func (r *rtfReader) control() {
	if len(r.in) == 0 {
		return
	}
	c := r.in[0]
	if c < 'a' || c > 'z' {
		r.in = r.in[1:]
		r.symbol(c)
		return
	}
	n := 0
	for n < len(r.in) && r.in[n] >= 'a' && r.in[n] <= 'z' {
		n++
	}
	word := string(r.in[:min(n, 32)])
	r.in = r.in[n:]
	n = 0
	for n < len(r.in) && n < 11 && (r.in[n] >= '0' && r.in[n] <= '9' || n == 0 && r.in[n] == '-') {
		n++
	}
	number, err := strconv.Atoi(string(r.in[:n]))
	if err != nil {
		number = -1
	}
	r.in = r.in[n:]
	if len(r.in) > 0 && r.in[0] == ' ' {
		r.in = r.in[1:]
	}
	r.word(word, number)
}

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if len(r.in) >= 2 && unhex(r.in[0]) < 16 && unhex(r.in[1]) < 16 {
			c = unhex(r.in[0])<<4 | unhex(r.in[1])
			r.in = r.in[2:]
			r.char(c)
		}
	case '*':
		r.starred = true
	case '\\', '{', '}':
		r.char(c)
	case '~':
		r.char(' ')
	case '_':
		r.char('-')
	case '\n', '\r':
		r.flush()
		r.text("\n")
	}
}

func (r *rtfReader) word(word string, number int) {
	starred := r.starred
	r.starred = false
	if word == "u" {
		r.unicode(number)
		return
	}
	r.flush()
	s, isText := rtfWords[word]
	switch {
	case word == "bin" && number > 0:
		r.in = r.in[min(number, len(r.in)):]
	case word == "uc" && number >= 0:
		r.state.uc = number
	case word == "ansicpg" && number > 0:
		r.charset = codepageName(number)
	case word == "htmltag":
		r.state.tag = true
	case word == "htmlrtf":
		r.state.ignored = number != 0
	case rtfHidden[word] || starred && word != "htmltag":
		r.state.skip = true
	case isText:
		r.text(s)
	}
}

// unicode reads \uN, and has its stand-in left out that follows for readers of before.
func (r *rtfReader) unicode(number int) {
	if len(r.pending) > 0 {
		r.flush()
	}
	r.standIn = r.state.uc
	c := rune(uint16(number))
	switch {
	case c >= 0xd800 && c < 0xdc00:
		r.high = c
		return
	case c >= 0xdc00 && c < 0xe000:
		if r.high != 0 {
			c = 0x10000 + (r.high-0xd800)<<10 + (c - 0xdc00)
		}
	}
	r.high = 0
	r.text(string(c))
}

func (r *rtfReader) char(c byte) {
	if r.standIn > 0 {
		r.standIn--
		return
	}
	r.starred = false
	if !r.state.skip && !r.state.ignored {
		r.pending = append(r.pending, c)
	}
}

// flush writes the bytes that were waiting for the rest of their character.
func (r *rtfReader) flush() {
	r.standIn = 0
	if len(r.pending) > 0 {
		s, _ := decodeCharset(r.pending, r.charset)
		r.pending = r.pending[:0]
		r.text(r.escaped(s))
	}
}

// escaped keeps text from being taken for HTML where the two are joined.
func (r *rtfReader) escaped(s string) string {
	if r.html && !r.state.tag {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	}
	return s
}

func (r *rtfReader) text(s string) {
	if !r.state.skip && !r.state.ignored {
		r.out.WriteString(s)
	}
}
