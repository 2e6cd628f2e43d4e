package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// An attribution is matched as tokens: each address stands as one character, each verb as another. So the patterns stay small, and neither the
// length of an address nor the number of languages makes them slow.
const (
	tokenAddress = '\x01'
	tokenVerb    = '\x02'
)

// tokens are the lines of a possible attribution, joined.
type tokens struct {
	s       string // with tokenAddress and tokenVerb
	address bool
	verb    bool
	swedish bool // the verb is one with which people tell what they wrote: "skrev"
}

// wroteVerbs are the verbs of "… wrote:" in the languages of mail programs, lower case.
var wroteVerbs = wordSet(`wrote writes sent skrev skriver schrieb schreibt geschrieben écrit ecrit escribió escribio escribiu escreveu scritto scrive schreef geschreven schrijft
	pisze napisał napisała napsal napsala napsáno napísal napísala napisal napisala napisao piše kirjoitti kirjutas kirjutanud rašė parašė rakstīja написал написала пишет пише написав написала
	написа напісаў írta scris έγραψε yazdı yazmış escriure escrigué escrit zuen viết menulis skrifaði skrifar tulis написали написано כתב כתבה كتب كتبت`)

// joinedVerbs stand in scripts that do not part words.
var joinedVerbs = []string{"写道", "寫道", "写到", "書きました", "のメール", "작성했습니다", "작성"}

// verbEndings follow a verb for its other gender: "napisał(a)".
var verbEndings = []string{"(a)", "(-a)", "(а)", "(-ла)", "(ла)", "(/a)"}

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// tokenise reads addresses (in angle brackets, where they may have been masked, in square ones, in parentheses, or bare) and verbs.
func tokenise(s string) (t tokens) {
	if strings.Contains(s, "mailto:") {
		s = mailtoLink().ReplaceAllString(s, "")
	}
	if strings.Contains(s, "&") {
		s = strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if n := addressLength(s[i:]); n > 0 && (i == 0 || !addressByte(s[i-1]) || !addressByte(s[i])) {
			b.WriteByte(tokenAddress)
			t.address = true
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) {
			if s[i] != tokenAddress && s[i] != tokenVerb {
				b.WriteString(s[i : i+size])
			}
			i += size
			continue
		}
		end := i + size
		for end < len(s) {
			r, size := utf8.DecodeRuneInString(s[end:])
			if !unicode.IsLetter(r) && !unicode.IsMark(r) {
				break
			}
			end += size
		}
		word := s[i:end]
		i = end
		if head, ok := verbOf(word); ok {
			b.WriteString(head)
			b.WriteByte(tokenVerb)
			t.verb = true
			t.swedish = t.swedish || strings.EqualFold(word, "skrev")
			for _, e := range verbEndings {
				if strings.HasPrefix(s[i:], e) {
					i += len(e)
					break
				}
			}
			continue
		}
		b.WriteString(word)
	}
	t.s = b.String()
	return t
}

// verbOf tells a verb, or a run of characters that ends in one; head is what stands before it.
func verbOf(word string) (head string, ok bool) {
	if len(word) <= 24 && wroteVerbs[strings.ToLower(word)] {
		return "", true
	}
	if word[0] >= 0xE3 { // Kana, Han and Hangul
		for _, v := range joinedVerbs {
			if head, ok := strings.CutSuffix(word, v); ok {
				return head, true
			}
		}
	}
	return "", false
}

// addressByte tells a byte that may stand in a bare address.
func addressByte(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '<', '>', '(', ')', '"', '\'', ',', ';', ':', '[', ']':
		return false
	}
	return true
}

// addressLength is the length of the address that s begins with, brackets included, or 0.
func addressLength(s string) int {
	switch s[0] {
	case '<':
		end := strings.IndexAny(s[1:], "<>")
		if end < 0 || s[1+end] == '<' {
			return 0
		}
		n := end + 2
		for n < len(s) && s[n] == '>' {
			n++
		}
		return n
	case '[':
		end := strings.IndexAny(s[1:], "[]")
		if end < 1 || s[1+end] == '[' {
			return 0
		}
		return end + 2
	case '(':
		end := strings.IndexAny(s[1:], "() ")
		if end < 0 || s[1+end] != ')' || strings.IndexByte(s[1:1+end], '@') < 1 {
			return 0
		}
		return end + 2
	}
	n := 0
	for n < len(s) && addressByte(s[n]) {
		n++
	}
	if at := strings.IndexByte(s[:n], '@'); at > 0 && at < n-1 {
		return n
	}
	return 0
}
