package templates

import (
	"bytes"
	"maps"
	"strings"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"

	"frist/conversation"
)

// sources are a language's texts as they are written.
func sources(t testing.TB, lang conversation.Lang) map[string]string {
	t.Helper()
	data, err := embedded.ReadFile("texts/" + string(lang) + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]string
	if err := yaml.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

// funcs gives text/template the functions.
func (p phraser) funcs() template.FuncMap {
	all := template.FuncMap{}
	for name, f := range functions {
		switch {
		case name == "eq": // it has its own
		case f.args == 0:
			all[name] = func() string { return f.call(p, "", "", "") }
		case f.args == 1:
			all[name] = func(a string) string { return f.call(p, a, "", "") }
		case f.args == 2:
			all[name] = func(a, b string) string { return f.call(p, a, b, "") }
		case f.args == 3:
			all[name] = func(a, b, c string) string { return f.call(p, a, b, c) }
		}
	}
	return all
}

// A text says what text/template makes of it: with all its arguments, with each left empty and with each missing.
func TestTextsSayWhatTextTemplateSays(t *testing.T) {
	c := load(t)
	values := map[string]string{"at": "2026-11-20T15:40:00Z", "left": "605", "date": "2026-11-20", "time": "16:40", "field": "16", "fields": "10,16", "kind": "lost",
		"protected": "yes", "command": "return", "count": "2", "rows": "1240", "steps": "1, 2", "conflict": "0", "reason": "mail"}
	said := 0
	for _, lang := range conversation.Langs {
		p := c.phraser(lang, c.Form("prov"))
		for key, source := range sources(t, lang) {
			tm := template.Must(template.New(key).Funcs(p.funcs()).Parse(source))
			args := map[string]string{}
			for _, a := range usedArgs(c.texts[lang][key]) {
				if args[a] = values[a]; args[a] == "" {
					args[a] = "«" + a + "» " + hostile + "\n"
				}
			}
			same := func(args map[string]string) {
				said++
				var want bytes.Buffer
				err := tm.Option("missingkey=error").Execute(&want, args)
				got, gotErr := c.Say(lang, p.form, conversation.Line{Key: key, Args: args})
				if (err != nil) != (gotErr != nil) {
					t.Errorf("%s %s %v: %v, text/template: %v", lang, key, args, gotErr, err)
				}
				if err != nil {
					want.Reset()
					if err := tm.Option("missingkey=zero").Execute(&want, args); err != nil {
						t.Fatal(err)
					}
					got = c.Phrase(lang, p.form, conversation.Line{Key: key, Args: args})
				}
				if want := strings.TrimRight(want.String(), "\n"); got != want {
					t.Errorf("%s %s %v:\n got %q\nwant %q", lang, key, args, got, want)
				}
			}
			same(args)
			for a := range args {
				less := maps.Clone(args)
				less[a] = ""
				same(less)
				delete(less, a)
				same(less)
			}
		}
	}
	if said < 1500 {
		t.Errorf("only %d texts were said", said)
	}
}

func TestWordingFaults(t *testing.T) {
	for source, want := range map[string]string{
		"{{.}}":                           "template: k:1:2: ",
		"a\n{{.x.y}}":                     "template: k:2:",
		"{{$.x}}":                         "a value is a string",
		"{{.x | clip}}":                   "without variables or |",
		"{{$y := .x}}":                    "without variables or |",
		"{{range .x}}{{end}}":             "no text does this",
		"{{template \"k\"}}":              "no text does this",
		"{{define \"z\"}}b{{end}}":        "defines no others",
		"{{clip}}":                        "clip takes 1",
		"{{plural .x \"a\"}}":             "plural takes 3",
		"{{with .x}}{{.y}}{{end}}":        "a value is a string",
		"{{with .x}}{{else}}{{.}}{{end}}": "a value is a string",
		"{{if 3}}{{end}}":                 "a value is a string",
		"{{.x .y}}":                       "only a function takes values",
		"{{len .x}}":                      `function "len" not defined`,
		"{{clip (list clip)}}":            "a value is a string",
	} {
		if w, err := parseWording("k", source, functionNames()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", source, w, err)
		}
	}
}
