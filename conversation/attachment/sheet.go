package attachment

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a workbook.
const (
	maxZipEntries = 10_000
	maxSheets     = 200
)

var errUnpacked = errors.New("unpacks to more than is read")

// budget reads until its bytes are used up, whatever they come from: a file that unpacks without end (a "zip bomb") costs no more than that.
type budget struct {
	r    io.Reader
	left *int64
}

func (b budget) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, errUnpacked
	}
	if int64(len(p)) > *b.left {
		p = p[:*b.left]
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

// readWorkbook counts the rows of a workbook (ECMA-376 part 1 section 18) and looks at their cells. Of at most left bytes that it unpacks to; what is
// left of them is returned. It does nothing with an archive that is no workbook.
func (t *table) readWorkbook(data []byte, left int64) int64 {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxZipEntries {
		return left
	}
	var shared []string
	var sheets []*zip.File
	for _, f := range z.File {
		switch name := strings.ToLower(f.Name); {
		case name == "xl/sharedstrings.xml":
			if shared, err = sharedStrings(f, &left); err != nil {
				t.more = true
			}
		case strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml") && !strings.Contains(name[len("xl/worksheets/"):], "/"):
			sheets = append(sheets, f)
		}
	}
	slices.SortFunc(sheets, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range sheets[:min(len(sheets), maxSheets)] {
		t.begin()
		if err := t.sheet(f, shared, &left); err != nil {
			t.more = true
		}
		t.end()
	}
	return left
}

// sharedStrings are the texts that the cells point to (section 18.4.9).
func sharedStrings(f *zip.File, left *int64) (list []string, err error) {
	var text strings.Builder
	depth := 0 // within an item's text; what stands within <rPh> is how it is read out
	err = elements(f, left, func(name string, start bool, _ []xml.Attr, chars []byte) {
		switch {
		case chars != nil:
			if depth == 1 {
				text.Write(chars)
			}
		case name == "t" && start:
			depth++
		case name == "t":
			depth--
		case name == "rPh" && start:
			depth--
		case name == "rPh":
			depth++
		case name == "si" && !start:
			list = append(list, text.String())
			text.Reset()
		}
	})
	return list, err
}

// sheet reads a worksheet's rows (section 18.3.1.73).
func (t *table) sheet(f *zip.File, shared []string, left *int64) error {
	var cells []string
	var kind string
	var text strings.Builder
	column, inside := 0, false
	return elements(f, left, func(name string, start bool, attrs []xml.Attr, chars []byte) {
		switch {
		case chars != nil:
			if inside && text.Len() < maxCell {
				text.Write(chars)
			}
		case name == "row" && start:
			cells, column = cells[:0], -1
		case name == "row":
			t.add(cells)
		case name == "c" && start:
			kind, column = "", column+1
			text.Reset()
			for _, a := range attrs {
				switch a.Name.Local {
				case "t":
					kind = a.Value
				case "r":
					if n := columnOf(a.Value); n >= 0 {
						column = n
					}
				}
			}
		case name == "v" || name == "t":
			inside = start
		case name == "c":
			for len(cells) <= column && len(cells) < maxColumns {
				cells = append(cells, "")
			}
			if column < len(cells) {
				cells[column] = cellText(text.String(), kind, shared)
			}
		}
	})
}

// cellText is a cell's content as text (section 18.3.1.4).
func cellText(s, kind string, shared []string) string {
	switch kind {
	case "s":
		if i, err := strconv.Atoi(s); err == nil && i >= 0 && i < len(shared) {
			return shared[i]
		}
		return ""
	case "", "n":
		if strings.ContainsAny(s, "eE") { // 1.98507099805E+11
			if v, err := strconv.ParseFloat(s, 64); err == nil && v >= 0 && v < 1e15 {
				return strconv.FormatFloat(v, 'f', -1, 64)
			}
		}
	}
	return s
}

// columnOf is the column, from 0, of a cell reference such as "AB12"; -1 if it is none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 3 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n - 1
}

// elements passes the beginnings, ends and text of a packed XML file's elements to f, by local name.
func elements(f *zip.File, left *int64, each func(name string, start bool, attrs []xml.Attr, chars []byte)) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(budget{r, left})
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			each(e.Name.Local, true, e.Attr, nil)
		case xml.EndElement:
			each(e.Name.Local, false, nil, nil)
		case xml.CharData:
			each("", false, nil, e)
		}
	}
}
