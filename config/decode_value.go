package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`)

func (d *decoder) secret(path string, n ast.Node, p *Secret) {
	// What stands here may be the secret itself, even as a key or a name: nothing of it is shown.
	name := path
	for _, section := range []string{"mail.", "teams.", "administrator.", "http."} {
		name = strings.TrimPrefix(name, section)
	}
	env := "FRIST_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
	remedy := fmt.Sprintf("write {env: %s} to name an environment variable, or {file: PATH}", env)
	if _, isText := text(n); isText {
		d.fault(path, "stands here in clear; move it out of this file and %s", remedy)
		return
	}
	entries, ok := d.entries(path, n, true)
	if !ok || len(entries) != 1 {
		d.fault(path, "needs exactly one of env and file; %s", remedy)
		return
	}
	v, ok := text(entries[0].value)
	switch {
	case !ok || v == "":
		d.fault(path, "names nothing; %s", remedy)
	case entries[0].key == "env" && envName.MatchString(v):
		p.Env = v
	case entries[0].key == "env":
		d.fault(path, "is no name of an environment variable; use capital letters, digits and _, such as %s", env)
	case entries[0].key == "file" && strings.ContainsAny(v, "\x00\n\r"):
		d.fault(path, "is no name of a file; %s", remedy)
	case entries[0].key == "file":
		p.File = v
	default:
		d.fault(path, "needs exactly one of env and file; %s", remedy)
	}
}

func (d *decoder) database(path string, n ast.Node, p *Database) {
	if s, ok := text(n); ok {
		if s != "sqlite" {
			d.fault(path, "is neither sqlite nor a reference to a PostgreSQL URL; write sqlite, {env: FRIST_DATABASE} or {file: PATH}")
		}
		return
	}
	d.secret(path, n, &p.URL)
}

// date is a day as YYYY-MM-DD, kept as its midnight in UTC.
func (d *decoder) date(path string, n ast.Node, p *time.Time) {
	s, _ := text(n)
	v, err := time.Parse(time.DateOnly, s)
	if err != nil {
		d.fault(path, "is no date; write year, month and day, such as 2027-03-01")
		return
	}
	*p = v
}

// raw is an answer as strings, lists and maps; see Unit.Answers.
func (d *decoder) raw(path string, n ast.Node, depth int) any {
	if s, ok := text(n); ok {
		if strings.HasSuffix(path, ".exact") {
			i, err := strconv.ParseInt(s, 10, 64)
			if err != nil || i < 0 {
				d.fault(path, "is no whole number; write digits alone, such as 12")
			}
			return i
		}
		return s
	}
	if depth > maxDepth {
		d.fault(path, "is nested too deep for an answer; see the shapes in config.example.yaml")
		return nil
	}
	if seq, ok := n.(*ast.SequenceNode); ok {
		list := []any{}
		for i, item := range seq.Values {
			at := fmt.Sprintf("%s[%d]", path, i)
			d.lines[at] = lineAt(item)
			if isNull(item) {
				d.fault(at, "is empty; write a value or remove it")
				continue
			}
			list = append(list, d.raw(at, item, depth+1))
		}
		return list
	}
	entries, ok := d.entries(path, n, false)
	if !ok {
		d.fault(path, "is no answer; write text, in quotes if it begins with a sign such as & * or !")
		return nil
	}
	m := map[string]any{}
	for _, e := range entries {
		if !isNull(e.value) {
			m[e.key] = d.raw(join(path, e.key), e.value, depth+1)
		}
	}
	return m
}
