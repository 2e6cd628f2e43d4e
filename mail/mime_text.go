package mail

import (
	"strings"
)

// plainLines makes lines of a text/plain part, undoing format=flowed (RFC 3676).
func plainLines(s string, params map[string]string) []textLine {
	s = strings.TrimSuffix(s, "\n")
	if s == "" {
		return nil
	}
	raw := strings.Split(s, "\n")
	if strings.EqualFold(params["format"], "flowed") {
		raw = unflow(raw, strings.EqualFold(params["delsp"], "yes"))
	}
	lines := make([]textLine, len(raw))
	for i, l := range raw {
		lines[i].s = l
	}
	return lines
}

// unflow joins lines of one quote depth that end in a space (RFC 3676 section 4).
func unflow(raw []string, delSp bool) []string {
	var out []string
	var b strings.Builder
	open, depth := false, 0
	for _, l := range raw {
		d := 0
		for d < len(l) && l[d] == '>' {
			d++
		}
		content := strings.TrimPrefix(l[d:], " ") // space-stuffing
		signature := content == "-- "
		if open && (d != depth || signature) {
			out, open = append(out, b.String()), false
		}
		if !open {
			b.Reset()
			if d > 0 {
				b.WriteString(strings.Repeat(">", d) + " ")
			}
			depth = d
		}
		flowed := strings.HasSuffix(content, " ") && !signature
		if flowed && delSp {
			content = content[:len(content)-1]
		}
		b.WriteString(content)
		if open = flowed; !open {
			out = append(out, b.String())
		}
	}
	if open {
		out = append(out, b.String())
	}
	return out
}
