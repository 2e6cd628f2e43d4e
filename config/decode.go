package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxDepth bounds the nesting of an answer, maxLines the file: the YAML parser's time grows with the square of the lines.
const (
	maxDepth = 8
	maxLines = 5000
)

// decoder fills a Config from YAML. The library's own decoder stops at the first fault and quotes the lines around
// it, which may hold a secret; this one collects all faults and quotes no value that could be one.
type decoder struct {
	name   string
	lines  map[string]int  // by path, such as units[0].dso.email
	bad    map[string]bool // paths that have a fault: no second one is told of them
	faults []fault
	broken bool // no mapping could be read at all
}

type fault struct {
	line int
	text string
}

func newDecoder(name string) *decoder {
	return &decoder{name: name, lines: map[string]int{"": 1}, bad: map[string]bool{}}
}

// err joins all faults, in the file's order.
func (d *decoder) err() error {
	slices.SortFunc(d.faults, func(a, b fault) int {
		return cmp.Or(a.line-b.line, strings.Compare(a.text, b.text))
	})
	var errs []error
	for _, f := range d.faults {
		errs = append(errs, faultError(d.name, f.line, f.text))
	}
	return errors.Join(errs...)
}

// fault reports a fault at a path, told with that path, unless the path or one above it has one already.
func (d *decoder) fault(path, format string, args ...any) {
	for p := path; p != ""; p = parent(p) {
		if d.bad[p] {
			return
		}
	}
	d.bad[path] = true
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + " " + text
	}
	d.faults = append(d.faults, fault{lineOf(d.lines, path), text})
}

// lineOf is the line of a path, or of what it would stand in; 0 if not even that is written.
func lineOf(lines map[string]int, path string) int {
	for p := path; p != ""; p = parent(p) {
		if n := lines[p]; n > 0 {
			return n
		}
	}
	return lines[""]
}

func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *decoder) file(data []byte, c *Config) {
	d.broken = true
	if len(data) > maxFile {
		d.fault("", "the file is larger than %d bytes; settings are never that long, so name the right file", maxFile)
		return
	}
	if bytes.Count(data, []byte("\n")) > maxLines || deep(data) {
		d.fault("", "the file has more than %d lines or is nested too deep; write the settings as config.example.yaml shows them", maxLines)
		return
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		if isNull(doc.Body) {
			continue
		}
		if body != nil {
			d.lines[""] = lineAt(doc.Body)
			d.fault("", "a second document begins here; keep all settings in one and take the line --- away")
			return
		}
		body = doc.Body
	}
	d.broken = false
	if body != nil {
		d.value("", body, reflect.ValueOf(c).Elem())
		d.broken = d.bad[""]
	}
}

// deep reports nesting that no settings need. The parser calls itself for every level and takes time in the square of
// nested dashes.
func deep(data []byte) bool {
	open := 0
	for _, b := range data {
		switch b {
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		}
		if open > 1000 {
			return true
		}
	}
	return bytes.Contains(data, bytes.Repeat([]byte("- "), 20))
}

// syntax tells the parser's message without the source that it quotes.
func (d *decoder) syntax(err error) {
	message := "this is not YAML"
	var ye yaml.Error
	if errors.As(err, &ye) {
		message, _, _ = strings.Cut(ye.GetMessage(), ": \"")
		if t := ye.GetToken(); t != nil && t.Position != nil {
			d.lines[""] = t.Position.Line
		}
	}
	d.fault("", "YAML cannot be read here (%s); check indentation, quotes and brackets", message)
}

// value sets v from the node. What is not written, or is null, keeps its default.
func (d *decoder) value(path string, n ast.Node, v reflect.Value) {
	if isNull(n) {
		return
	}
	if d.lines[path] == 0 {
		d.lines[path] = lineAt(n)
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.fault(path, "uses an anchor, alias or tag (& * !); write the value itself, in quotes if it begins with such a sign")
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *Secret:
		d.secret(path, n, p)
		return
	case *Database:
		d.database(path, n, p)
		return
	case *time.Duration:
		d.duration(path, n, p)
		return
	case *time.Time:
		d.date(path, n, p)
		return
	case *map[string]any:
		if m, ok := d.raw(path, n, 0).(map[string]any); ok {
			*p = m
		} else {
			d.fault(path, "is no mapping; write the question's number, a colon and the answer on lines below it")
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(path, n, v.Elem())
	case reflect.Struct:
		d.mapping(path, n, v)
	case reflect.Slice:
		d.list(path, n, v)
	default:
		d.scalar(path, n, v)
	}
}

func (d *decoder) mapping(path string, n ast.Node, v reflect.Value) {
	names := fieldNames(v.Type())
	entries, ok := d.entries(path, n, false)
	if !ok {
		d.fault(path, "needs settings below it, each on its own line: %s", strings.Join(names, ", "))
		return
	}
	for _, e := range entries {
		i := slices.Index(names, e.key)
		if i < 0 {
			if near := nearest(e.key, names); near != "" {
				d.fault(join(path, e.key), "is unknown; did you mean %s?", near)
				d.bad[join(path, near)] = true // it is not missing, only misspelt
			} else {
				d.fault(join(path, e.key), "is unknown; remove it or use one of %s", strings.Join(names, ", "))
			}
			continue
		}
		d.value(join(path, e.key), e.value, v.Field(i))
	}
}

type entry struct {
	key   string
	value ast.Node
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9åäöÅÄÖ_-]{1,40}$`)

// entries returns a mapping's entries, and records the line of each; a key that stands twice, or is none of
// settings or questions, is a fault. Where a secret may have been written, keys are not shown.
func (d *decoder) entries(path string, n ast.Node, secret bool) ([]entry, bool) {
	var nodes []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		nodes = m.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{m}
	default:
		return nil, false
	}
	var list []entry
	for _, m := range nodes {
		key, line := m.Key.GetToken().Value, m.Key.GetToken().Position.Line
		switch m.Key.(type) {
		case *ast.MappingKeyNode, *ast.MergeKeyNode, *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
			key = ""
		}
		if !plainKey.MatchString(key) {
			if secret {
				continue
			}
			d.faults = append(d.faults, fault{line, strings.TrimSpace(path + " has a key here that is no setting; write a plain name and a colon")})
			continue
		}
		full := join(path, key)
		if secret {
			full = path
		} else if first, twice := d.lines[full]; twice {
			d.faults = append(d.faults, fault{line, fmt.Sprintf("%s stands twice, first on line %d; keep one of them", full, first)})
			continue
		}
		if !secret {
			d.lines[full] = line
		}
		list = append(list, entry{key, m.Value})
	}
	return list, true
}

func (d *decoder) list(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if v.Type().Elem().Kind() == reflect.Struct {
			d.fault(path, "is no list; begin each entry with a dash on a line below it")
		} else {
			d.fault(path, "is no list; write it in brackets, such as [a, b]")
		}
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isNull(item) {
			d.fault(at, "is empty; write a value or remove it")
			continue
		}
		d.value(at, item, v.Index(i))
	}
}

func (d *decoder) scalar(path string, n ast.Node, v reflect.Value) {
	s, ok := text(n)
	switch v.Kind() {
	case reflect.String:
		if !ok {
			d.fault(path, "is no text; write one value after the colon, in quotes if it holds : # [ or {")
			return
		}
		s = strings.TrimSpace(s)
		// Names and addresses go into mail headers.
		if strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) {
			d.fault(path, "holds a line end or another control character; write it on one line of plain text")
			return
		}
		v.SetString(s)
	case reflect.Bool:
		b, isBool := n.(*ast.BoolNode)
		if !isBool {
			d.fault(path, "is neither true nor false; write one of them, without quotes")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			d.fault(path, "is no whole number; write digits alone, such as 100000")
			return
		}
		v.SetInt(i)
	}
}

func (d *decoder) duration(path string, n ast.Node, p *time.Duration) {
	s, _ := text(n)
	v, err := time.ParseDuration(s)
	if err != nil {
		d.fault(path, "is no length of time; write a number and s, m or h, such as 30m or 24h")
		return
	}
	*p = v
}
