package conversation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

type formChecker struct {
	name   string
	data   []byte
	root   yaml.Node // of data, once there is a fault
	faults []error
}

// fault reports what is wrong at a path such as $.fields[3].when, and the remedy.
func (c *formChecker) fault(path, format string, args ...any) {
	if c.root.IsZero() {
		_ = yaml.Unmarshal(c.data, &c.root) // it was read before
	}
	c.faults = append(c.faults, fmt.Errorf("form %s, line %d: %s", c.name, lineAt(&c.root, path), fmt.Sprintf(format, args...)))
}

// lineAt is the line of a path, or of the last part of it that is there.
func lineAt(n *yaml.Node, path string) (line int) {
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		var next *yaml.Node
		switch n.Kind {
		case yaml.DocumentNode: // part is $
			next = n.Content[0]
			line = next.Line
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(part); err == nil && i < len(n.Content) {
				next = n.Content[i]
				line = next.Line
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == part {
					line, next = n.Content[i].Line, n.Content[i+1]
				}
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return line
}

var (
	unknownField  = regexp.MustCompile(`^line (\d+): field (\S+) not found in type \S+$`)
	ownType       = regexp.MustCompile(` into conversation\.\S+$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// formFault says what the YAML library says, and does not name this program's types.
func formFault(name string, data []byte, err error) error {
	var of *yaml.TypeError
	if !errors.As(err, &of) {
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		if errors.Is(err, io.EOF) {
			text = "the file is empty; write form: imy, or remove it"
		} else if m := unknownAnchor.FindStringSubmatch(text); m != nil {
			line := 1 + bytes.Count(data[:max(0, bytes.Index(data, []byte("*"+m[1])))], []byte("\n"))
			return fmt.Errorf("form %s, line %d: *%s is no text; write it within quotation marks", name, line, m[1])
		}
		return fmt.Errorf("form %s: %s", name, text)
	}
	var all []error
	for _, text := range of.Errors {
		text = unknownField.ReplaceAllString(text, "line $1: unknown field $2")
		all = append(all, fmt.Errorf("form %s, %s", name, ownType.ReplaceAllString(text, ": the form's fields belong here")))
	}
	return errors.Join(all...)
}

// noText finds what the YAML library refuses without a line: what is not UTF-8, as older editors on Windows write it, and control characters.
func noText(name string, data []byte) error {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			return fmt.Errorf("form %s, line %d: this is not UTF-8; save the file as UTF-8", name, line)
		case r == '\n':
			line++
		case r != '\t' && r != '\r' && r != 0x85 && unicode.IsControl(r):
			return fmt.Errorf("form %s, line %d: there is a control character, %U; remove it", name, line, r)
		}
		data = data[n:]
	}
	return nil
}
