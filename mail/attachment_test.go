package mail

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"frist/conversation"
	"frist/conversation/attachment"
)

// attached is a mail with files as base64; each is name, declared type and content.
func attached(files ...[3]string) []byte {
	var b strings.Builder
	b.WriteString("From: a@exempelstad.example\nSubject: Hjälp\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=gräns\n\n--gräns\nContent-Type: text/plain; charset=utf-8\n\nSe filen.\n")
	for _, f := range files {
		fmt.Fprintf(&b, "--gräns\nContent-Type: %s; name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\nContent-Transfer-Encoding: base64\n\n", f[1], f[0], f[0])
		s := base64.StdEncoding.EncodeToString([]byte(f[2]))
		for len(s) > 76 {
			b.WriteString(s[:76] + "\n")
			s = s[76:]
		}
		b.WriteString(s + "\n")
	}
	b.WriteString("--gräns--\n")
	return []byte(b.String())
}

// see reads one file and returns what was seen.
func see(t *testing.T, name, kind, content string) conversation.Attachment {
	t.Helper()
	list := readFiles(Parse(attached([3]string{name, kind, content})), attachment.Rules{Refused: []string{"exe", "js"}}, nil)
	if len(list) != 1 {
		t.Fatalf("%s: %d files: %+v", name, len(list), list)
	}
	f := list[0]
	if f.Content != nil && string(f.Content()) != content {
		t.Errorf("%s: its content comes out otherwise than it went in", name)
	}
	f.Content = nil
	return f
}

// workbook is an Excel file whose sheets are given as rows of cells; text is shared, inline or a number as its first sign says.
func workbook(sheets ...[][]string) string {
	var shared []string
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			panic(err)
		}
	}
	put("[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	put("xl/workbook.xml", `<?xml version="1.0"?><workbook/>`)
	for n, rows := range sheets {
		var s strings.Builder
		s.WriteString(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
		for i, row := range rows {
			fmt.Fprintf(&s, `<row r="%d">`, i+1)
			for j, cell := range row {
				ref := fmt.Sprintf("%c%d", 'A'+j, i+1)
				switch {
				case cell == "":
					fmt.Fprintf(&s, `<c r="%s" s="1"/>`, ref)
				case strings.HasPrefix(cell, "#"):
					fmt.Fprintf(&s, `<c r="%s"><v>%s</v></c>`, ref, cell[1:])
				case strings.HasPrefix(cell, "="):
					fmt.Fprintf(&s, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, cell[1:])
				default:
					fmt.Fprintf(&s, `<c r="%s" t="s"><v>%d</v></c>`, ref, len(shared))
					shared = append(shared, cell)
				}
			}
			s.WriteString(`</row>`)
		}
		s.WriteString(`</sheetData></worksheet>`)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", n+1), s.String())
	}
	var s strings.Builder
	s.WriteString(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`)
	for _, text := range shared {
		s.WriteString(`<si><r><t>` + text[:1] + `</t></r><r><t>` + text[1:] + `</t></r><rPh><t>läses</t></rPh></si>`)
	}
	s.WriteString(`</sst>`)
	put("xl/sharedStrings.xml", s.String())
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func TestTables(t *testing.T) {
	heads := conversation.Facts{Rows: 2, Columns: []string{"name", "personnummer", "mail"}, Personnummer: 2, Domains: []string{"hem.example", "post.example"}}
	rows := "Kalle Karlsson%[1]s850709-9805%[1]skalle@hem.example\nLisa Larsson%[1]s19850709-9805%[1]slisa@post.example\n"
	for name, tc := range map[string]struct {
		file, text string
		want       conversation.Facts
	}{
		"semicolons, heading":      {"a.csv", "Namn;Personnummer;E-post\n" + fmt.Sprintf(rows, ";"), heads},
		"commas, CRLF":             {"a.csv", strings.ReplaceAll("namn,pnr,mejl\n"+fmt.Sprintf(rows, ","), "\n", "\r\n"), heads},
		"tabs in a text file":      {"lista.txt", "Name\tSSN\tMail\n" + fmt.Sprintf(rows, "\t"), heads},
		"without a heading":        {"a.csv", fmt.Sprintf(rows, ";"), conversation.Facts{Rows: 2, Columns: heads.Columns, Personnummer: 2, Domains: heads.Domains}},
		"UTF-16 from Excel":        {"a.csv", "\xff\xfea\x00;\x00b\x00\n\x00" + "1\x00;\x002\x00\n\x00" + "3\x00;\x004\x00\n\x00", conversation.Facts{Rows: 3}},
		"Windows-1252":             {"a.csv", "F\xf6rnamn;Telefon\n\xc5sa;070-174 06 21\n\xd6rjan;070-174 06 22\n", conversation.Facts{Rows: 2, Columns: []string{"name", "phone"}}},
		"line breaks in cells":     {"a.csv", "Namn;Text\nKalle;\"en\ntvå\"\nLisa;\"tre\"\n", conversation.Facts{Rows: 2, Columns: []string{"name"}}},
		"a quote never closed":     {"a.csv", "Namn;Text\nKalle;\"en\n" + strings.Repeat("Lisa;x\n", 50), conversation.Facts{Rows: 51, Columns: []string{"name"}}},
		"one column":               {"a.csv", "e-post\na@hem.example\nb@hem.example\n", conversation.Facts{Rows: 2, Columns: []string{"mail"}, Domains: []string{"hem.example"}}},
		"a list in a text file":    {"a.txt", "Kalle Karlsson\nLisa Larsson\nÅsa Ås\nÖrjan Öst\nEva Ek\n", conversation.Facts{Rows: 5, Columns: []string{"name"}}},
		"prose":                    {"a.txt", "Hej!\n\nJag skickade listan, den med alla elever, till fel person i går kväll.\nSedan ringde jag, och hon raderade den.\nMvh Robin\n850709-9805\n", conversation.Facts{Personnummer: 1}},
		"empty rows":               {"a.csv", "Namn;Ort\n;\nKalle;X\n\n;;\n", conversation.Facts{Rows: 1, Columns: []string{"name"}}},
		"a heading alone":          {"a.csv", "Namn;Ort\n", conversation.Facts{Rows: 1}},
		"numbers with sums":        {"a.csv", "1;2\n3;4\n", conversation.Facts{Rows: 2}},
		"an organisation's number": {"a.csv", "Namn;Nr\nBolaget;212000-9994\nAndra;556000-1111\n", conversation.Facts{Rows: 2, Columns: []string{"name"}}},
	} {
		if got := see(t, tc.file, "application/octet-stream", tc.text); !reflect.DeepEqual(got.Facts, tc.want) {
			t.Errorf("%s: %+v, want %+v", name, got.Facts, tc.want)
		}
	}
}

func TestWorkbooks(t *testing.T) {
	people := [][]string{{"Namn", "Personnummer", "Adress"}, {"Kalle Karlsson", "#198507099805", "=Storgatan 12"}, {"", "", ""}, {"Lisa Larsson", "#1.98507099805E+11", "Storgatan 14"}}
	got := see(t, "Lista.xlsx", "application/octet-stream", workbook(people))
	want := conversation.Facts{Rows: 2, Columns: []string{"name", "personnummer", "address"}, Personnummer: 2}
	if !reflect.DeepEqual(got.Facts, want) {
		t.Errorf("%+v, want %+v", got.Facts, want)
	}
	if got.Type != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" && got.Type != "application/zip" {
		t.Errorf("type %s", got.Type)
	}
	many := make([][]string, 1241)
	for i := range many {
		many[i] = []string{fmt.Sprintf("Rad %d", i), "#1"}
	}
	many[0] = []string{"Namn", "Antal"}
	if got := see(t, "Lista.xlsx", "x/y", workbook(many, people, nil)); got.Rows != 1242 || got.Sheets != 2 || got.More {
		t.Errorf("two sheets: %+v", got.Facts)
	}
	// An archive that is no workbook is not looked into, and one that is broken says nothing.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("läcka.csv")
	fmt.Fprint(w, "Namn;Ort\nA;B\n")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if got := see(t, "a.zip", "application/zip", b.String()); !reflect.DeepEqual(got.Facts, conversation.Facts{}) {
		t.Errorf("zip: %+v", got.Facts)
	}
	if got := see(t, "a.xlsx", "application/zip", workbook(people)[:900]); got.Rows != 0 || got.Mismatch {
		t.Errorf("cut off: %+v", got.Facts)
	}
}

// TestZipBomb reads a workbook that unpacks to a gigabyte: at most the bound of it is unpacked, for all files of a mail together.
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
	if got := see(t, "bomb.xlsx", "application/zip", b.String()); !got.More {
		t.Errorf("%+v", got.Facts)
	}
}

func TestAttachedMail(t *testing.T) {
	inner := string(attached([3]string{"elever.csv", "text/csv", "Namn;Personnummer\nKalle Karlsson;850709-9805\nLisa Larsson;850709-9805\n"}))
	inner = "Date: Fri, 20 Nov 2026 10:12:00 +0100\nTo: Skolan <info@skola.exempelstad.example>, b@Elsewhere.example,\n c@elsewhere.example\nCc: b@elsewhere.example\n" + inner
	for _, tc := range [][2]string{{"Fwd lista.eml", "application/octet-stream"}, {"", "message/rfc822"}} {
		mail := attached([3]string{tc[0], tc[1], inner})
		if tc[1] == "message/rfc822" {
			// A mail is attached as it is (RFC 2046 section 5.2.1).
			mail = []byte("Subject: VB\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n")
		}
		list := readFiles(Parse(mail), attachment.Rules{}, nil)
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		m := list[0]
		want := conversation.Facts{Sent: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC), Recipients: 3, Domains: []string{"elsewhere.example", "skola.exempelstad.example"}}
		if m.Sent = m.Sent.UTC(); !reflect.DeepEqual(m.Facts, want) || m.Type != "message/rfc822" {
			t.Errorf("%v: %s %+v, want %+v", tc, m.Type, m.Facts, want)
		}
		if f := list[1]; f.Name != "elever.csv" || f.Rows != 2 || f.Personnummer != 2 || f.Within != m.Name || f.Content != nil {
			t.Errorf("%v: within: %+v", tc, f)
		}
	}
	// Mails within mails are read to a depth, and all their files count against the same bound.
	deep := "Subject: innerst\n\nhej"
	for range 12 {
		deep = string(attached([3]string{"m.eml", "application/octet-stream", deep}))
	}
	if list := readFiles(Parse([]byte(deep)), attachment.Rules{}, nil); len(list) != attachment.MaxNested+1 {
		t.Errorf("%d files of mails within mails", len(list))
	}
}

func TestTypes(t *testing.T) {
	const pdf, exe = "%PDF-1.4\n1 0 obj <</Type /Pages /Count 2>>\n2 0 obj <</Type/Page>>\n3 0 obj <</Type /Page /Parent 1>>", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8\x00\x00\x00\x00\x00\x00\x00@\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00\x00This program"
	for _, tc := range []struct {
		name, declared, content string
		kind                    string
		mismatch                bool
		refused                 string
	}{
		{"a.pdf", "application/pdf", pdf, "application/pdf", false, ""},
		{"a.jpg", "image/jpeg", pdf, "application/pdf", true, ""},
		{"", "image/jpeg", pdf, "application/pdf", true, ""},
		{"a.pdf", "application/pdf", exe, "application/vnd.microsoft.portable-executable", true, conversation.RefusedType},
		{"a.exe", "application/octet-stream", exe, "application/vnd.microsoft.portable-executable", false, conversation.RefusedType},
		{"a.pdf.EXE", "application/octet-stream", pdf, "application/pdf", false, conversation.RefusedType},
		{"makro.js", "text/plain", "alert(1)", "text/plain", false, conversation.RefusedType},
		{"lista.xls", "application/vnd.ms-excel", "Namn\tOrt\nA\tB\n", "text/tab-separated-values", false, ""},
		{"a.pdf", "application/pdf", "inte en pdf", "text/plain", true, ""},
		{"a.pdf", "application/pdf", "", "application/x-empty", false, ""},
		{"a.okänd", "application/x-okänd", "\x01\x02\x03\x04", "application/octet-stream", false, ""},
	} {
		got := see(t, tc.name, tc.declared, tc.content)
		if got.Type != tc.kind || got.Mismatch != tc.mismatch || got.Refused != tc.refused {
			t.Errorf("%s as %s: %s, mismatch %v, refused %q", tc.name, tc.declared, got.Type, got.Mismatch, got.Refused)
		}
	}
	if got := see(t, "a.pdf", "application/pdf", pdf); got.Pages != 2 {
		t.Errorf("%d pages", got.Pages)
	}
}

func TestFileBounds(t *testing.T) {
	big := strings.Repeat("a;b\n", 1000)
	mail := attached([3]string{"a.csv", "text/csv", big}, [3]string{"b.csv", "text/csv", "a;b\nc;d\n"}, [3]string{"c.csv", "text/csv", "x"})
	list := readFiles(Parse(mail), attachment.Rules{MaxSize: 3999, MaxFiles: 2}, nil)
	if len(list) != 3 || list[0].Refused != conversation.RefusedSize || list[1].Refused != "" || list[1].Rows != 2 || list[2].Refused != conversation.RefusedMany {
		t.Errorf("%+v", list)
	}
	for _, f := range list {
		if (f.Content != nil) != (f.Refused == "") {
			t.Errorf("%s: content of a file that is refused %q", f.Name, f.Refused)
		}
	}
	// A logo in a signature is no file.
	logo := "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Hej<img src='cid:l'>\n--b\nContent-Type: image/png; name=image001.png\nContent-ID: <l>\nContent-Disposition: inline; filename=image001.png\nContent-Transfer-Encoding: base64\n\n"
	if list := readFiles(Parse([]byte(logo+"iVBORw0KGgo=\n--b--\n")), attachment.Rules{}, nil); len(list) != 0 {
		t.Errorf("a logo: %+v", list)
	}
	if list := readFiles(Parse([]byte(logo+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\x89PNG\r\n\x1a\n"), 4000))+"\n--b--\n")), attachment.Rules{}, nil); len(list) != 1 {
		t.Errorf("a screenshot: %+v", list)
	}
}

func TestWithoutAttachments(t *testing.T) {
	secret := "Namn;Personnummer\nHemlig Person;850709-9805\n"
	nested := "Subject: VB\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"y tt\"\n\n--y tt\nContent-Type: multipart/alternative; boundary=inre\n\n--inre\nContent-Type: text/plain; charset=utf-8\n\nHej från mig.\n--inre\nContent-Type: text/html\n\n<p>Hej från mig.</p>\n--inre--\n--y tt\nContent-Type: message/rfc822\n\nSubject: x\n\nHemlig Person\n--y tt--\n"
	for name, raw := range map[string]string{
		"a file":              string(attached([3]string{"lista.csv", "text/csv", secret})),
		"CRLF":                strings.ReplaceAll(string(attached([3]string{"lista.csv", "text/csv", secret})), "\n", "\r\n"),
		"a mail":              nested,
		"a file alone":        "Subject: x\nContent-Type: application/pdf\n\nHemlig Person",
		"no boundary":         strings.Replace(nested, "; boundary=\"y tt\"", "", 1),
		"a text file":         strings.Replace(nested, "message/rfc822\n", "text/plain\nContent-Disposition: attachment\n", 1),
		"no final boundary":   strings.TrimSuffix(nested, "--y tt--\n"),
		"a boundary too many": nested + "--y tt\nContent-Type: image/png\n\nHemlig Person\n",
	} {
		bare := WithoutAttachments([]byte(raw))
		before, after := Parse([]byte(raw)), Parse(bare)
		if bytes.Contains(bare, []byte("Hemlig")) || bytes.Contains(bare, []byte(base64.StdEncoding.EncodeToString([]byte(secret))[:40])) {
			t.Errorf("%s: the file is still there:\n%s", name, bare)
		}
		if after.Text != before.Text || after.Subject != before.Subject {
			t.Errorf("%s: text %q, was %q", name, after.Text, before.Text)
		}
		if !bytes.Equal(WithoutAttachments(bare), bare) && name != "no boundary" {
			t.Logf("%s: twice is not once", name)
		}
	}
	kept := string(WithoutAttachments(attached([3]string{"lista.csv", "text/csv", secret})))
	if !strings.Contains(kept, removedField) || !strings.Contains(kept, `filename="lista.csv"`) || !strings.Contains(kept, "Se filen.") {
		t.Errorf("what was there cannot be told:\n%s", kept)
	}
}

// FuzzFiles: whatever a file holds, reading ends, stays within its bounds and repeats itself; no cell's text comes out.
func FuzzFiles(f *testing.F) {
	f.Add("lista.csv", []byte("Namn;Ort\nHEMLIG;B\n"))
	f.Add("lista.xlsx", []byte(workbook([][]string{{"Namn"}, {"HEMLIG"}})))
	f.Add("m.eml", attached([3]string{"a.txt", "text/plain", "HEMLIG"}))
	f.Add("a.pdf", []byte("%PDF-1.4 /Type /Page"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		name = strings.Map(func(r rune) rune {
			if r < ' ' || r == '"' {
				return -1
			}
			return r
		}, name)
		m := Parse(attached([3]string{name, "application/octet-stream", string(data)}))
		one, two := readFiles(m, attachment.Rules{}, nil), readFiles(m, attachment.Rules{}, nil)
		if len(one) > 20 || len(one) != len(two) {
			t.Fatalf("%d files, then %d", len(one), len(two))
		}
		for i := range one {
			one[i].Content, two[i].Content = nil, nil
			if !reflect.DeepEqual(one[i], two[i]) {
				t.Fatalf("%+v, then %+v", one[i], two[i])
			}
			if one[i].Rows < 0 || one[i].Rows > len(data)*2 || len(one[i].Domains) > attachment.ListedDomains {
				t.Fatalf("%+v of %d bytes", one[i].Facts, len(data))
			}
		}
	})
}
