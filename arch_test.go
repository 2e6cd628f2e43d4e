package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are what each folder's program code may import of ours; a pattern ending in /* is everything below. Only package main joins
// all of them, and tests join what they need.
var arrows = map[string][]string{
	"conversation":            {"conversation/*"},
	"conversation/reading":    {},
	"conversation/attachment": {"conversation", "conversation/reading"},
	"conversation/store":      {"conversation", "conversation/reading"},
	"templates":               {"conversation", "conversation/reading"},
	"config":                  {},
	"mail":                    {"templates", "conversation", "conversation/reading", "conversation/attachment", "config"},
	"mail/mailtest":           {"mail"},
	"bot":                     {"templates", "conversation", "conversation/reading", "conversation/attachment", "config"},
	"bot/bottest":             {"bot"},
	"scheduler":               {"conversation", "config"},
}

// notThe lists what a pattern of arrows leaves out: the domain knows nothing of where it is kept.
var notThe = map[string][]string{"conversation": {"conversation/store", "conversation/attachment"}}

// owners are the folders that alone know a protocol or a driver, by the start of the import path; what is below a folder belongs to it.
// It holds for tests as well: a test of another folder that spoke the protocol by itself would not test what the program says.
var owners = map[string]string{
	"github.com/infracloudio/msbotbuilder-go": "bot",
	"github.com/emersion/go-imap":             "mail",
	"github.com/emersion/go-message":          "mail",
	"github.com/emersion/go-msgauth":          "mail",
	"github.com/emersion/go-sasl":             "mail",
	"github.com/emersion/go-smtp":             "mail",
	"github.com/wneessen/go-mail":             "mail",
	"github.com/gabriel-vasile/mimetype":      "conversation/attachment",
	"modernc.org/sqlite":                      "conversation/store",
	"github.com/jackc/pgx":                    "conversation/store",
	"github.com/pressly/goose":                "conversation/store",
	"github.com/robfig/cron":                  "scheduler",
}

// folders are the top level, beside the files of package main.
var folders = []string{".ci", ".github", "bot", "config", "conversation", "e2e", "mail", "scheduler", "templates", "testdata", "tools"}

// skippers are the only files that may skip a test: each for a server that is not installed, and never in CI.
var skippers = []string{"conversation/store/harness_test.go", "e2e/need_test.go"}

const (
	module   = "frist"
	maxLines = 400
)

func TestArchitecture(t *testing.T) {
	found, err := violations(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// violations tells where the tree at root breaks its own rules, in the order of the files.
func violations(root string) ([]string, error) {
	var found []string
	ignored, err := gitignored(root)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case rel == ".":
			return nil
		case d.IsDir() && (rel == ".git" || slices.Contains(ignored, rel) || slices.Contains(ignored, d.Name()) || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() && !strings.Contains(rel, "/") && !slices.Contains(folders, rel):
			found = append(found, rel+": a top-level folder that the tree does not have")
		case !d.IsDir() && strings.HasSuffix(rel, ".go"):
			v, err := checkFile(name, rel)
			found = append(found, v...)
			return err
		}
		return nil
	})
	return found, err
}

// gitignored reads the folders that are made by running the program.
func gitignored(root string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); strings.HasSuffix(line, "/") {
			list = append(list, strings.Trim(line, "/"))
		}
	}
	return list, nil
}

func checkFile(name, rel string) ([]string, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, rel, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	at := func(p token.Pos, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s:%d: %s", rel, set.Position(p).Line, fmt.Sprintf(format, args...)))
	}
	dir, test := path.Dir(rel), strings.HasSuffix(rel, "_test.go")
	if n := bytes.Count(src, []byte("\n")); n > maxLines && !test {
		found = append(found, fmt.Sprintf("%s: %d lines, of %d at most", rel, n, maxLines))
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if !test && !mayImport(dir, imported) {
			at(spec.Pos(), "%s may not import %s", dir, imported)
		}
		for lib, owner := range owners {
			if below(imported, lib) && !below(dir, owner) {
				at(spec.Pos(), "%s belongs to %s alone", lib, owner)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				at(n.Pos(), "init runs where nobody sees it; pass what it makes")
			}
		case *ast.CallExpr:
			call, ok := n.Fun.(*ast.SelectorExpr)
			if ok && test && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, call.Sel.Name) && !slices.Contains(skippers, rel) {
				at(n.Pos(), "only %s may skip a test", strings.Join(skippers, " and "))
			}
		}
		return true
	})
	return found, nil
}

// mayImport tells whether a folder's program code may import a package: any of others', and of ours what arrows say.
func mayImport(dir, imported string) bool {
	ours, ok := strings.CutPrefix(imported, module+"/")
	if imported != module && !ok || dir == "." {
		return true
	}
	if slices.Contains(notThe[dir], ours) {
		return false
	}
	return slices.ContainsFunc(arrows[dir], func(a string) bool {
		up, all := strings.CutSuffix(a, "/*")
		return ours == a || all && strings.HasPrefix(ours, up+"/")
	})
}

// below tells whether a path is up or lies below it. A library's next major version ("/v2") is still the library.
func below(p, up string) bool { return p == up || strings.HasPrefix(p, up+"/") }

// The test above is only as good as what it finds.
func TestArchitectureFindsPlantedViolations(t *testing.T) {
	for _, c := range []struct{ file, code, want string }{
		{"mail/a.go", `import "frist/bot"`, "mail may not import frist/bot"},
		{"bot/a.go", `import "frist/mail"`, "bot may not import frist/mail"},
		{"conversation/a.go", `import "frist/templates"`, "conversation may not import frist/templates"},
		{"conversation/a.go", `import "frist/conversation/store"`, "conversation may not import frist/conversation/store"},
		{"conversation/store/a.go", `import "frist/config"`, "conversation/store may not import frist/config"},
		{"config/a.go", `import "frist/conversation"`, "config may not import frist/conversation"},
		{"scheduler/a.go", `import "frist/conversation/store"`, "scheduler may not import frist/conversation/store"},
		{"templates/a.go", `import "frist/config"`, "templates may not import frist/config"},
		{"mail/mailtest/a.go", `import "frist/conversation"`, "mail/mailtest may not import frist/conversation"},
		{"mail/other/a.go", `import "frist/mail"`, "mail/other may not import frist/mail"},
		{"a.go", `import _ "modernc.org/sqlite"`, "modernc.org/sqlite belongs to conversation/store alone"},
		{"conversation/a.go", `import "github.com/jackc/pgx/v5"`, "github.com/jackc/pgx belongs to conversation/store alone"},
		{"bot/a.go", `import "github.com/emersion/go-imap/v2"`, "github.com/emersion/go-imap belongs to mail alone"},
		{"e2e/a_test.go", `import "github.com/emersion/go-smtp"`, "github.com/emersion/go-smtp belongs to mail alone"},
		{"mail/a.go", `import "github.com/robfig/cron/v3"`, "github.com/robfig/cron belongs to scheduler alone"},
		{"mail/a.go", `import "github.com/infracloudio/msbotbuilder-go/schema"`, "github.com/infracloudio/msbotbuilder-go belongs to bot alone"},
		{"util/a.go", ``, "util: a top-level folder that the tree does not have"},
		{"mail/a.go", `func init() {}`, "init runs where nobody sees it"},
		{"mail/a_test.go", `func f(t interface{ Skip() }) { t.Skip() }`, "may skip a test"},
		{"mail/a.go", strings.Repeat("\n", maxLines), "lines, of 400 at most"},
	} {
		got := plant(t, c.file, c.code)
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s with %.40q: found %q, want one with %q", c.file, c.code, got, c.want)
		}
	}
	for _, c := range []struct{ file, code string }{
		{"a.go", "import (\n_ \"frist/mail\"\n_ \"frist/bot\"\n)"},
		{"bot/a.go", "import (\n_ \"frist/templates\"\n_ \"frist/config\"\n_ \"github.com/infracloudio/msbotbuilder-go/core\"\n)"},
		{"conversation/store/a.go", "import (\n_ \"frist/conversation\"\n_ \"modernc.org/sqlite\"\n)"},
		{"mail/mailtest/a.go", `import _ "github.com/emersion/go-smtp"`},
		{"bot/a_test.go", `import _ "frist/bot/bottest"`},
		{"mail/a.go", `func (c T) init() {}; type T int; func f() { c.Skip() }; var c interface{ Skip() }`},
		{"data/a.go", `func init() {}`},
		{"mail/a_test.go", strings.Repeat("\n", maxLines)},
	} {
		if got := plant(t, c.file, c.code); len(got) != 0 {
			t.Errorf("%s with %.40q: found %q, want nothing", c.file, c.code, got)
		}
	}
}

// plant finds what is wrong in a tree of one file.
func plant(t *testing.T, file, code string) []string {
	t.Helper()
	root := t.TempDir()
	name := filepath.Join(root, filepath.FromSlash(file))
	pkg := cmp.Or(strings.TrimPrefix(path.Base(path.Dir(file)), "."), "main")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{name: "package " + pkg + "\n" + code + "\n", filepath.Join(root, ".gitignore"): "/data/\n"} {
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := violations(root)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
