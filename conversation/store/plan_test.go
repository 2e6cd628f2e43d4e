package store

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// growing are the tables that every incident adds to.
var growing = regexp.MustCompile(`^SCAN (\w+ AS )?(person|address|incident|participant|answer|event|inbound|outbox|thread_message|file|[a-z])\b`)

// wholeLists are the statements that are meant to look at all there is, by what they begin with: they answer somebody who asked for a list, or for
// metrics.
var wholeLists = []string{"SELECT COUNT(CASE WHEN sent_at IS NULL", "SELECT " + incidentColumns + " FROM incident", "SELECT status, COUNT(*)"}

// A turn, a delivery and a look at the clock cost the same however many incidents there are: no statement goes through a table, or an index, that grows
// with them. What SQLite would do tells its plan.
func TestNoStatementReadsATableWhole(t *testing.T) {
	h := newHarness(t, sqliteOptions(t))
	n := 0
	for _, q := range statements(t) {
		var args []any
		for strings.Contains(q, "$"+strconv.Itoa(len(args)+1)) {
			args = append(args, int64(1))
		}
		rows, err := h.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+q, args...)
		if err != nil {
			continue // PostgreSQL's, or a part of one
		}
		n++
		for rows.Next() {
			var id, parent, unused int
			var detail string
			must(t, rows.Scan(&id, &parent, &unused, &detail))
			// A partial index holds only what waits, or what is rare.
			if growing.MatchString(detail) && !partial.MatchString(detail) && !listed(q) {
				t.Errorf("%s\n\t%s", detail, strings.Join(strings.Fields(q), " "))
			}
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
	}
	if n < 60 {
		t.Errorf("only %d statements were found", n)
	}
}

var partial = regexp.MustCompile(`INDEX (incident_due|participant_open|inbound_waiting|outbox_unsent|incident_unverified|outbox_dead)`)

func listed(q string) bool {
	for _, begin := range wholeLists {
		if strings.HasPrefix(strings.Join(strings.Fields(q), " "), begin) {
			return true
		}
	}
	return false
}

// statements are the package's texts that read as SQL, put together from constants where they are.
func statements(t *testing.T) (list []string) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	must(t, err)
	var files []*ast.File
	consts := texts{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		must(t, err)
		files = append(files, f)
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, v := range spec.Values {
					consts[spec.Names[i].Name] = v
				}
			}
			return true
		})
	}
	seen := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			q, ok := consts.text(e)
			verb, _, _ := strings.Cut(strings.TrimSpace(q), " ")
			if ok && (verb == "SELECT" || verb == "UPDATE" || verb == "DELETE" || verb == "INSERT") && !seen[q] {
				seen[q] = true
				list = append(list, q)
			}
			return !ok // a part of it is none
		})
	}
	return append(list, `SELECT `+waitingBefore)
}

// texts are the package's constants.
type texts map[string]ast.Expr

// text is what a constant expression says.
func (c texts) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, e.Kind == token.STRING && err == nil
	case *ast.Ident:
		if v := c[e.Name]; v != nil {
			return c.text(v)
		}
	case *ast.BinaryExpr:
		a, okA := c.text(e.X)
		b, okB := c.text(e.Y)
		if e.Op == token.ADD && okA && !okB { // what is not known here is a condition's text
			return a, true
		}
		return a + b, e.Op == token.ADD && okA && okB
	}
	return "", false
}
