package mail

import (
	"sort"
	"strconv"
	"strings"
)

// contentField reads "value; name=value; …" of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231),
// tolerating what mime.ParseMediaType refuses: doubled parameters, missing quotes, stray semicolons, raw 8-bit names.
func contentField(v string) (value string, params map[string]string) {
	value, rest, _ := strings.Cut(v, ";")
	value = strings.ToLower(strings.TrimSpace(value))
	if i := strings.IndexAny(value, " \t("); i >= 0 {
		value = value[:i]
	}
	params = map[string]string{}
	var pieces map[string][]paramPiece
	for n := 0; rest != "" && n < 200; n++ {
		var name, val string
		name, val, rest = nextParam(rest)
		if base, piece, ok := splitParam(name, val); ok {
			if pieces == nil {
				pieces = map[string][]paramPiece{}
			}
			pieces[base] = append(pieces[base], piece)
		} else if _, seen := params[name]; name != "" && !seen {
			params[name] = val
		}
	}
	for base, ps := range pieces {
		params[base] = joinPieces(ps)
	}
	return value, params
}

// nextParam reads one parameter and what follows its semicolon.
func nextParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	eq := strings.IndexAny(s, "=;")
	if eq < 0 || s[eq] == ';' {
		if eq < 0 {
			return "", "", ""
		}
		return "", "", s[eq+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:eq]))
	s = strings.TrimLeft(s[eq+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			_, rest, _ = strings.Cut(s[i+1:], ";")
			return name, b.String(), rest
		default:
			b.WriteByte(s[i])
		}
	}
	return name, b.String(), "" // the closing quote is missing
}

// paramPiece is one of name*0, name*1*, … (RFC 2231 section 3).
type paramPiece struct {
	n       int
	encoded bool
	value   string
}

func splitParam(name, value string) (base string, p paramPiece, ok bool) {
	base, number, ok := strings.Cut(name, "*")
	if !ok {
		return "", p, false
	}
	p.value = value
	if number == "" { // name*=charset'lang'value
		p.encoded = true
		return base, p, true
	}
	number, p.encoded = strings.TrimSuffix(number, "*"), strings.HasSuffix(number, "*")
	n, err := strconv.Atoi(number)
	p.n = n
	return base, p, err == nil
}

func joinPieces(ps []paramPiece) string {
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].n < ps[j].n })
	charset := ""
	var b []byte
	for i, p := range ps {
		v := p.value
		if p.encoded {
			if parts := strings.SplitN(v, "'", 3); i == 0 && len(parts) == 3 {
				charset, v = parts[0], parts[2]
			}
			v = percentDecode(v)
		}
		b = append(b, v...)
	}
	s, _ := decodeCharset(b, charset)
	return s
}

func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
