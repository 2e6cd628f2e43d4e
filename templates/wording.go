package templates

import (
	"bytes"
	"fmt"
	"strings"
	"text/template/parse"
)

// wording is a text, made ready when it is loaded. Its language is the part of text/template's that the texts use: arguments, the functions below,
// if and with. Every value is a string, true unless it is empty; anything else is a fault of the file. It does what text/template would do with
// it (wording_test.go), without reflection and for any form, so that nothing is kept for each.
type wording []piece

type piece struct {
	kind pieceKind
	text string // a literal's words, an argument's name
	call function
	args []piece // of a call; of a condition the value
	// then and otherwise are what a condition chooses between.
	then, otherwise wording
}

type pieceKind int

const (
	pieceLiteral  pieceKind = iota
	pieceArgument           // {{.name}}
	pieceDot                // {{.}}, the value of the with around it
	pieceCall
	pieceIf
	pieceWith
)

// function is what a text may call, with up to three arguments.
type function struct {
	args int
	call func(p phraser, a, b, c string) string
}

// functions are explained in README.md.
var functions = map[string]function{
	"clock":      {1, func(p phraser, a, _, _ string) string { return p.instant(a, p.clock) }},
	"day":        {1, func(p phraser, a, _, _ string) string { return p.instant(a, p.day) }},
	"when":       {1, func(p phraser, a, _, _ string) string { return p.instant(a, p.when) }},
	"date":       {2, func(p phraser, a, b, _ string) string { return p.date(a, b) }},
	"left":       {1, func(p phraser, a, _, _ string) string { return p.left(a) }},
	"field":      {1, func(p phraser, a, _, _ string) string { return p.field(a) }},
	"fields":     {1, func(p phraser, a, _, _ string) string { return p.fields(a) }},
	"number":     {1, func(p phraser, a, _, _ string) string { return p.number(a) }},
	"name":       {1, func(p phraser, a, _, _ string) string { return p.number(a) }},
	"option":     {2, func(p phraser, a, b, _ string) string { return p.option(a, b) }},
	"authority":  {0, func(p phraser, _, _, _ string) string { return p.authority() }},
	"command":    {1, func(p phraser, a, _, _ string) string { return p.command(a) }},
	"list":       {1, func(p phraser, a, _, _ string) string { return p.list(a) }},
	"plural":     {3, func(p phraser, a, b, c string) string { return p.plural(a, b, c) }},
	"pluralList": {3, func(p phraser, a, b, c string) string { return p.pluralList(a, b, c) }},
	"clip":       {1, func(_ phraser, a, _, _ string) string { return clip(a) }},
	"cap":        {1, func(_ phraser, a, _, _ string) string { return capital(a) }},
	"conflict":   {1, func(p phraser, a, _, _ string) string { return p.conflict(a) }},
	"figures":    {1, func(p phraser, a, _, _ string) string { return p.figures(a) }},
	"eq": {2, func(_ phraser, a, b, _ string) string {
		if a != b {
			return ""
		}
		return "true"
	}},
}

// functionNames are what a text's parser wants to know of the functions.
func functionNames() map[string]any {
	known := make(map[string]any, len(functions))
	for name := range functions {
		known[name] = true
	}
	return known
}

// parseWording reads a text, which may call the functions known. Its errors have text/template's form, with the line.
func parseWording(key, source string, known map[string]any) (wording, error) {
	trees, err := parse.Parse(key, source, "", "", known)
	if err != nil {
		return nil, err
	}
	r := wordingReader{tree: trees[key]}
	if len(trees) > 1 {
		r.fault(r.tree.Root, "a text defines no others")
	}
	w := r.list(r.tree.Root, false)
	if n := len(w); n > 0 && w[n-1].kind == pieceLiteral {
		w[n-1].text = strings.TrimRight(w[n-1].text, "\n")
	}
	return w, r.err
}

// wordingReader makes pieces of a parsed text, and keeps the first fault.
type wordingReader struct {
	tree *parse.Tree
	err  error
}

func (r *wordingReader) fault(n parse.Node, what string) piece {
	if r.err == nil {
		location, at := r.tree.ErrorContext(n)
		r.err = fmt.Errorf("template: %s: %s: %s", location, at, what)
	}
	return piece{}
}

// list reads nodes; dot says whether a with stands around them.
func (r *wordingReader) list(l *parse.ListNode, dot bool) (w wording) {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			w = append(w, piece{kind: pieceLiteral, text: string(n.Text)})
		case *parse.ActionNode:
			w = append(w, r.pipe(n.Pipe, dot))
		case *parse.IfNode:
			w = append(w, r.condition(pieceIf, &n.BranchNode, dot, dot))
		case *parse.WithNode:
			w = append(w, r.condition(pieceWith, &n.BranchNode, dot, true))
		default:
			r.fault(n, "no text does this")
		}
	}
	return w
}

func (r *wordingReader) condition(kind pieceKind, n *parse.BranchNode, dot, within bool) piece {
	return piece{kind: kind, args: []piece{r.pipe(n.Pipe, dot)}, then: r.list(n.List, within), otherwise: r.list(n.ElseList, dot)}
}

func (r *wordingReader) pipe(n *parse.PipeNode, dot bool) piece {
	if len(n.Decl) > 0 || len(n.Cmds) != 1 {
		return r.fault(n, "one value, without variables or |")
	}
	args := n.Cmds[0].Args
	if name, ok := args[0].(*parse.IdentifierNode); ok {
		f := functions[name.Ident]
		if len(args)-1 != f.args {
			return r.fault(n, fmt.Sprintf("%s takes %d", name.Ident, f.args))
		}
		p := piece{kind: pieceCall, text: name.Ident, call: f}
		for _, a := range args[1:] {
			p.args = append(p.args, r.value(a, dot))
		}
		return p
	}
	if len(args) != 1 {
		return r.fault(n, "only a function takes values")
	}
	return r.value(args[0], dot)
}

func (r *wordingReader) value(n parse.Node, dot bool) piece {
	switch n := n.(type) {
	case *parse.StringNode:
		return piece{kind: pieceLiteral, text: n.Text}
	case *parse.PipeNode:
		return r.pipe(n, dot)
	case *parse.DotNode:
		if dot {
			return piece{kind: pieceDot}
		}
	case *parse.FieldNode:
		if !dot && len(n.Ident) == 1 {
			return piece{kind: pieceArgument, text: n.Ident[0]}
		}
	case *parse.IdentifierNode:
		if f := functions[n.Ident]; f.args == 0 {
			return piece{kind: pieceCall, text: n.Ident, call: f}
		}
	}
	return r.fault(n, "a value is a string, an argument, the with around it, or a function's")
}

// arguments of a text, in one way or the other.
type arguments struct {
	byName  map[string]string
	byTurns []string // name and value
}

func (a arguments) get(name string) (value string, ok bool) {
	for i := 0; i+1 < len(a.byTurns); i += 2 {
		if a.byTurns[i] == name {
			return a.byTurns[i+1], true
		}
	}
	value, ok = a.byName[name]
	return value, ok
}

// words puts a text into words. missing names an argument that was not given, and is left out; ok is false if there is no such text.
func (p phraser) words(key string, args arguments) (s, missing string, ok bool) {
	w, ok := p.c.texts[p.lang][key]
	if len(w) == 1 && w[0].kind == pieceLiteral {
		return w[0].text, "", true
	}
	var room [256]byte // for nearly any text
	t := telling{phraser: p, args: args}
	said := t.list(room[:0], w, "")
	return string(bytes.TrimRight(said, "\n")), t.missing, ok
}

// telling is a text that is being put into words.
type telling struct {
	phraser
	args    arguments
	missing string
}

// list adds what pieces say to b; dot is the value of the with around them.
func (t *telling) list(b []byte, w wording, dot string) []byte {
	for i := range w {
		p := &w[i]
		switch p.kind {
		case pieceIf, pieceWith:
			v := t.value(&p.args[0], dot)
			switch {
			case v == "":
				b = t.list(b, p.otherwise, dot)
			case p.kind == pieceWith:
				b = t.list(b, p.then, v)
			default:
				b = t.list(b, p.then, dot)
			}
		default:
			b = append(b, t.value(p, dot)...)
		}
	}
	return b
}

func (t *telling) value(p *piece, dot string) string {
	switch p.kind {
	case pieceLiteral:
		return p.text
	case pieceDot:
		return dot
	case pieceArgument:
		s, ok := t.args.get(p.text)
		if !ok {
			t.missing = p.text
		}
		return s
	}
	var v [3]string
	for i := range p.args {
		v[i] = t.value(&p.args[i], dot)
	}
	return p.call.call(t.phraser, v[0], v[1], v[2])
}
