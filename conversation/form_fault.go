package conversation

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

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

var unknownField = regexp.MustCompile(`^line (\d+): field (\S+) not found in type \S+$`)

// formFault says what the YAML library says, and does not name this program's types.
func formFault(name string, err error) error {
	var of *yaml.TypeError
	if !errors.As(err, &of) {
		return fmt.Errorf("form %s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var all []error
	for _, text := range of.Errors {
		all = append(all, fmt.Errorf("form %s, %s", name, unknownField.ReplaceAllString(text, "line $1: unknown field $2")))
	}
	return errors.Join(all...)
}
