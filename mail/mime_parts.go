package mail

import (
	"bytes"
	"strings"
)

// partHeader reads a part's header. A part that begins with an empty line has none (RFC 2046 section 5.1).
func partHeader(p []byte) ([]field, []byte) {
	if len(p) == 0 || p[0] == '\n' {
		return nil, bytes.TrimPrefix(p, []byte("\n"))
	}
	return splitHeader(p, nil)
}

// splitParts cuts a multipart's body at its boundary lines. Where the boundary is not given, or no line is one, the first
// line that looks like one is taken.
func splitParts(body []byte, boundary string) [][]byte {
	boundary = strings.TrimRight(boundary, " \t")
	if boundary != "" {
		if parts := cutParts(body, []byte("--"+boundary)); len(parts) > 0 {
			return parts
		}
	}
	if delimiter := guessDelimiter(body); delimiter != nil {
		return cutParts(body, delimiter)
	}
	return nil
}

// cutParts leaves out what stands before the first boundary line, for clients of before MIME, and what follows the last. A
// missing last one is tolerated.
func cutParts(body, delimiter []byte) [][]byte {
	var parts [][]byte
	start, pos := -1, 0
	for pos < len(body) && len(parts) <= maxParts {
		line, rest := cutLine(body[pos:])
		next := len(body) - len(rest)
		if bytes.HasPrefix(line, delimiter) {
			switch tail := bytes.TrimRight(line[len(delimiter):], " \t"); {
			case len(tail) == 0:
				if start >= 0 {
					parts = append(parts, partBytes(body, start, pos))
				}
				start = next
			case bytes.Equal(tail, []byte("--")):
				if start >= 0 {
					parts = append(parts, partBytes(body, start, pos))
				}
				return parts
			}
		}
		pos = next
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts
}

// partBytes leaves out the line end before the boundary, which belongs to the boundary.
func partBytes(body []byte, start, end int) []byte {
	if end > start && body[end-1] == '\n' {
		end--
	}
	return body[start:max(start, end)]
}

func guessDelimiter(body []byte) []byte {
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		next, _ := cutLine(rest)
		if len(line) > 2 && bytes.HasPrefix(line, []byte("--")) && bytes.HasPrefix(bytes.ToLower(next), []byte("content-")) {
			return bytes.TrimRight(line, " \t")
		}
	}
	return nil
}
