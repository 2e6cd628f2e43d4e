package attachment

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"frist/conversation"
)

// file is one that a channel has in hand.
func file(name, kind, content string) File {
	return File{Name: name, Type: kind, Size: int64(len(content)), Verdict: Verdict{Clean: true}, Open: func(limit int64) []byte {
		return []byte(content)[:min(int64(len(content)), limit)]
	}}
}

func TestRead(t *testing.T) {
	list := file("lista.csv", "", "Namn;Personnummer\nKalle Karlsson;850709-9805\nLisa Larsson;850709-9805\n")
	harmful, unseen, unfetched, lies := list, list, list, list
	harmful.Verdict = Verdict{Infected: "Test.Harm-1"}
	unseen.Verdict = Verdict{}
	unfetched.Refused = conversation.RefusedFetch
	lies.Name = "lista.pdf"
	got := Reader{}.Read([]File{list, harmful, unseen, unfetched, lies, file("m.eml", "message/rfc822", "To: a@b.example\n\nhej")})
	for i, want := range []string{"", conversation.RefusedInfects, conversation.RefusedScan, conversation.RefusedFetch, "", ""} {
		if got[i].Refused != want || (got[i].Content == nil) != (want != "") || want != "" && got[i].Rows != 0 {
			t.Errorf("%d: refused %q, want %q: %+v", i, got[i].Refused, want, got[i].Facts)
		}
	}
	if f := got[0]; f.Rows != 2 || f.Personnummer != 2 || f.Type != "text/plain" && f.Type != "text/csv" {
		t.Errorf("%+v", f)
	}
	if !got[4].Mismatch || got[1].Infected != "Test.Harm-1" || got[5].Recipients != 0 {
		t.Errorf("%+v", got)
	}
	withMails := Reader{Letter: func([]byte) *Letter {
		return &Letter{Recipients: []string{"A@b.example", "a@b.example", "c@d.example"}, Files: []File{list}}
	}}
	got = withMails.Read([]File{file("m.eml", "message/rfc822", "hej")})
	if len(got) != 2 || got[0].Recipients != 2 || len(got[0].Domains) != 2 || got[1].Within != "m.eml" || got[1].Rows != 2 || got[1].Content != nil {
		t.Errorf("%+v", got)
	}
}

// A workbook that unpacks to 100 MB costs no more than the bound.
func TestZipBomb(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("xl/worksheets/sheet1.xml")
	fmt.Fprint(w, "<worksheet><sheetData><row><c><v>1</v></c></row><!--")
	chunk := bytes.Repeat([]byte("a"), 1<<20)
	for range 100 {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	table := newTable()
	if left := table.readWorkbook(b.Bytes(), 5<<20); left != 0 || !table.more || table.rows != 1 {
		t.Errorf("%d bytes left, rows %d, more %v", left, table.rows, table.more)
	}
}

type scan func([]byte) (string, error)

func (f scan) Scan(_ context.Context, data []byte) (string, error) { return f(data) }

// aboutFile is a scanner's error that concerns the one file.
type aboutFile struct{ error }

func (aboutFile) Answered() bool { return true }

func TestWatch(t *testing.T) {
	var w Watch
	asked := 0
	var fails error
	s := scan(func(data []byte) (string, error) { asked++; return string(data), fails })
	for _, c := range []struct {
		data  string
		fails error
		want  Verdict
		asked int
	}{
		{"", nil, Verdict{Clean: true}, 1},
		{"Harm", nil, Verdict{Infected: "Harm"}, 2},
		{"", aboutFile{errors.New("too nested")}, Verdict{}, 3},
		{"", errors.New("connection refused"), Verdict{}, 4},
		{"", nil, Verdict{}, 4}, // it is left alone
	} {
		fails = c.fails
		got, err := w.Scan(t.Context(), s, []byte(c.data))
		if got != c.want || asked != c.asked || (err != nil) != (c.fails != nil) {
			t.Errorf("%+v: %+v, %v, asked %d times", c, got, err, asked)
		}
	}
	if got, err := w.Scan(t.Context(), nil, nil); !got.Clean || err != nil {
		t.Errorf("without a scanner: %+v, %v", got, err)
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"../../etc/passwd":              "passwd",
		`C:\Users\kim\lista.xlsx`:       "lista.xlsx",
		"rapport\u202Efdp.exe":          "rapportfdp.exe",
		"a\r\nBcc: x@y.example\x00.pdf": "a Bcc: x@y.example .pdf",
		" .hidden. ":                    "hidden",
		"a\u2028b\u200b.txt":            "a b.txt",
		strings.Repeat("å", 200) + ".p": strings.Repeat("å", 99) + "…" + strings.Repeat("å", 18) + ".p",
		"":                              "",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
