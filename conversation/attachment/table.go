package attachment

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"frist/conversation"
	"frist/conversation/reading"
)

// Bounds of a table.
const (
	maxColumns  = 60 // that are looked at
	maxTableRow = 5_000_000
	maxCell     = 1 << 10 // bytes of a cell that are looked at
)

// The keys of what a column looks like; see conversation.Facts.
const (
	columnName = iota
	columnPersonnummer
	columnMail
	columnPhone
	columnAddress
	columnKinds
)

var columnKeys = [columnKinds]string{"name", "personnummer", "mail", "phone", "address"}

// columnWords are what such columns are called, in lower case, as part of the heading.
var columnWords = [columnKinds][]string{
	{"namn", "name", "elev", "förälder", "vårdnadshavare", "anställd", "klient", "patient", "brukare"},
	{"personnummer", "personnr", "pers.nr", "persnr", "pnr", "födelsenummer", "samordningsnummer", "personal identity", "ssn"},
	{"e-post", "epost", "mejl", "mail"},
	{"telefon", "mobil", "phone", "tfn", "tel.nr"},
	{"adress", "gata", "address", "street", "postnummer", "postnr", "postort"},
}

// table counts what goes by: rows, and what their cells look like. It keeps nothing of them but its first row.
type table struct {
	rows, sheets int
	more         bool
	heading      bool // the first row of the sheet at hand is a heading
	first        []string
	second       bool // the sheet's second row has been seen
	seen         [maxColumns]columnSeen
	found        [columnKinds]bool
	personnummer int
	domains      map[string]bool
}

// columnSeen counts a column's cells by what they look like.
type columnSeen struct {
	filled int
	like   [columnKinds]int
}

func newTable() *table { return &table{domains: map[string]bool{}} }

// begin starts a sheet.
func (t *table) begin() {
	t.first, t.second, t.heading, t.seen = nil, false, false, [maxColumns]columnSeen{}
}

// add takes a row; one without content does not count.
func (t *table) add(cells []string) {
	if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return
	}
	if t.rows >= maxTableRow {
		t.more = true
		return
	}
	if t.first == nil {
		t.first = make([]string, 0, len(cells))
		for _, c := range cells[:min(len(cells), maxColumns)] {
			t.first = append(t.first, strings.Clone(clipCell(c)))
		}
		t.count(cells, false)
		t.rows++
		return
	}
	t.second = true
	t.rows++
	t.count(cells, true)
}

func clipCell(c string) string {
	if len(c) > maxCell {
		return strings.ToValidUTF8(c[:maxCell], "")
	}
	return c
}

// count looks at a row's cells; body is false for the first, which may be a heading.
func (t *table) count(cells []string, body bool) {
	for i, c := range cells {
		if i >= maxColumns {
			return
		}
		c = strings.TrimSpace(clipCell(c))
		if c == "" {
			continue
		}
		like := cellLike(c)
		if like == columnPersonnummer {
			t.personnummer++
		} else if strings.ContainsFunc(c, isDigitRune) {
			t.personnummer += len(reading.FindPersonnummer(c))
		}
		if like == columnMail && len(t.domains) < ListedDomains {
			if d := DomainOf(c); d != "" {
				t.domains[d] = true
			}
		}
		if body {
			t.seen[i].filled++
			if like >= 0 {
				t.seen[i].like[like]++
			}
		}
	}
}

func isDigitRune(r rune) bool { return r >= '0' && r <= '9' }

// cellLike is what a cell looks like, -1 if like nothing in particular.
func cellLike(c string) int {
	digits, letters, others, spaces, capitals := 0, 0, 0, 0, 0
	start := true
	for _, r := range c {
		switch {
		case isDigitRune(r):
			digits++
		case unicode.IsLetter(r):
			letters++
			if start && unicode.IsUpper(r) {
				capitals++
			}
		case r == ' ':
			spaces++
		case r != '-' && r != '+' && r != '.' && r != '\'' && r != ',' && r != '(' && r != ')' && r != '/':
			others++
		}
		start = r == ' ' || r == '-'
	}
	switch {
	case digits >= 10 && letters == 0 && len(reading.FindPersonnummer(c)) > 0:
		return columnPersonnummer
	case others >= 1 && spaces == 0 && strings.Count(c, "@") == 1 && DomainOf(c) != "":
		return columnMail
	case letters == 0 && others == 0 && digits >= 7 && digits <= 13 && (c[0] == '0' || c[0] == '+') && len(c) <= 20:
		return columnPhone
	case digits == 0 && others == 0 && spaces >= 1 && spaces <= 3 && capitals > spaces && letters >= 5 && letters <= 50:
		return columnName
	case digits >= 1 && digits <= 7 && letters >= 4 && others == 0 && spaces >= 1 && spaces <= 5 && capitals >= 1 && len(c) <= 60 && isDigitRune(rune(c[len(c)-1])):
		return columnAddress // "Storgatan 12"
	}
	return -1
}

// end ends a sheet: its heading is told from its rows.
func (t *table) end() {
	if t.first == nil {
		return
	}
	t.sheets++
	if t.heading = t.headed(); t.heading {
		t.rows--
		for kind, words := range columnWords {
			for i, h := range t.first {
				named := slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(h), w) })
				t.found[kind] = t.found[kind] || named && t.seen[i].filled > 0
			}
		}
	}
	for i := range t.seen {
		for kind, n := range t.seen[i].like {
			t.found[kind] = t.found[kind] || n*10 > t.seen[i].filled*6
		}
	}
}

// headed tells whether a sheet's first row names its columns: no cell of it is a number or an address, and one is a known word or stands above
// cells of which most look like something that it does not.
func (t *table) headed() bool {
	known, above := false, false
	for i, h := range t.first {
		h = strings.TrimSpace(h)
		like := cellLike(h)
		if like == columnPersonnummer || like == columnMail || like == columnPhone || h != "" && strings.Trim(h, "0123456789 .,-+%") == "" {
			return false
		}
		for _, words := range columnWords {
			known = known || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(h), w) }) && utf8.RuneCountInString(h) <= 40
		}
		for kind, n := range t.seen[i].like {
			above = above || n*10 > t.seen[i].filled*6 && kind != like && n > 0
		}
	}
	return t.second && (known || above)
}

// into writes what was counted.
func (t *table) into(f *conversation.Facts) {
	f.Rows, f.More, f.Personnummer = max(t.rows, 0), t.more, t.personnummer
	if t.sheets > 1 {
		f.Sheets = t.sheets
	}
	for kind, found := range t.found {
		if found && f.Rows > 0 {
			f.Columns = append(f.Columns, columnKeys[kind])
		}
	}
	for d := range t.domains {
		f.Domains = append(f.Domains, d)
	}
	slices.Sort(f.Domains)
}

// readText reads a text file: a table where its lines are parted alike or its ending says so, and a list where its lines are no prose. Of any
// other text only the national identity numbers are counted.
func (t *table) readText(data []byte, ending string) {
	text := decodeFile(data)
	lines := sampleLines(text)
	table := ending == "csv" || ending == "tsv"
	comma := delimiter(lines, table)
	switch {
	case comma != 0 && (table || slices.Contains([]string{"txt", "xls", ""}, ending)):
		t.begin()
		if !t.separated(text, comma) {
			*t = *newTable()
			t.begin()
			eachLine(text, func(line string) { t.add(strings.Split(line, string(comma))) })
		}
		t.end()
	case table || listed(lines):
		t.begin()
		eachLine(text, func(line string) { t.add([]string{line}) })
		t.end()
	default:
		t.personnummer = len(reading.FindPersonnummer(text))
	}
}

// decodeFile makes UTF-8 of a text file: by its byte order mark (Unicode 15 section 23.8), else as Windows-1252 where it is not UTF-8.
func decodeFile(data []byte) string {
	var out []byte
	var err error
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(data, []byte{0, 0, 0xfe, 0xff}):
		out, err = utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder().Bytes(data)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		out, err = utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewDecoder().Bytes(data)
	case utf8.Valid(data):
		out = bytes.TrimPrefix(data, []byte("\ufeff"))
	default:
		out, err = charmap.Windows1252.NewDecoder().Bytes(data)
	}
	if err != nil {
		return ""
	}
	return string(out)
}

const sampled = 40 // lines by which a text file is judged

func sampleLines(text string) (lines []string) {
	for len(text) > 0 && len(lines) < sampled {
		var line string
		line, text = textLineOf(text)
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, clipCell(line))
		}
	}
	return lines
}

// textLineOf cuts a line off, whichever way it ends.
func textLineOf(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, ""
	}
	if strings.HasPrefix(text[i:], "\r\n") {
		return text[:i], text[i+2:]
	}
	return text[:i], text[i+1:]
}

func eachLine(text string, f func(string)) {
	for len(text) > 0 {
		var line string
		line, text = textLineOf(text)
		f(line)
	}
}

// delimiter is what parts the lines into columns: the sign that stands equally often in most of them, or in a file that says that it is a table the
// one that stands in most; 0 if none does.
func delimiter(lines []string, table bool) rune {
	for _, d := range []rune{'\t', ';', '|', ','} {
		counts, with := map[int]int{}, 0
		for _, l := range lines {
			n := strings.Count(l, string(d))
			counts[n]++
			with += min(n, 1)
		}
		if table && with*2 > len(lines) {
			return d
		}
		for n, alike := range counts {
			if n > 0 && alike >= 2 && alike*10 >= len(lines)*8 {
				return d
			}
		}
	}
	return 0
}

// listed tells a list from prose: short lines that do not end a sentence.
func listed(lines []string) bool {
	short := 0
	for _, l := range lines {
		if len(strings.Fields(l)) <= 6 && !strings.HasSuffix(l, ".") && !strings.HasSuffix(l, "!") && !strings.HasSuffix(l, ",") && strings.ContainsFunc(l, unicode.IsLetter) {
			short++
		}
	}
	return len(lines) >= 5 && short == len(lines)
}

// separated reads rows of cells, which may stand in quotes (RFC 4180). It gives up where a quote that was never closed has taken in many lines.
func (t *table) separated(text string, comma rune) bool {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, true, -1, true
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil || slices.ContainsFunc(cells, func(c string) bool { return strings.Count(c, "\n") > 20 }) {
			return false
		}
		t.add(cells)
	}
}
