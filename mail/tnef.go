package mail

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Attributes of a TNEF stream (MS-OXTNEF section 2.1.3.3) that are read here.
const (
	tnefSignature   = 0x223e9f78
	attBody         = 0x0002800c // the text, in the stream's code page
	attOemCodepage  = 0x00069007
	attMAPIProps    = 0x00069003
	attAttachRend   = 0x00069002 // a new attachment begins
	attAttachTitle  = 0x00018010 // its short name
	attAttachData   = 0x0006800f
	attAttachMAPI   = 0x00069005 // its properties
	tnefLevelAttach = 2
)

// MAPI properties (MS-OXPROPS) that are read here.
const (
	propBody           = 0x1000
	propRTFCompressed  = 0x1009
	propBodyHTML       = 0x1013
	propAttachData     = 0x3701
	propAttachFilename = 0x3704
	propAttachLongName = 0x3707
	propAttachMIMEType = 0x370e
	propDisplayName    = 0x3001
	propCodepage       = 0x3fde
)

// tnefMail is what a winmail.dat holds.
type tnefMail struct {
	codepage int // of its 8-bit strings
	text     string
	html     []byte
	htmlPage int    // code page of html and text; 0 if it does not say
	rtf      []byte // compressed
	files    []tnefFile
}

type tnefFile struct {
	name, longName, kind string
	size                 int
}

// tnef lists what a winmail.dat holds (MS-OXTNEF), which Outlook sends in rich-text format. Its text counts only where the
// mail has no other.
func (w *walker) tnef(p part) {
	b, _ := decodeTransfer(p.fields, p.body, maxRaw)
	t, ok := readTNEF(b)
	if !ok {
		w.m.problem("tnef", "a winmail.dat cannot be read to its end")
	}
	if !ok && t.text == "" && t.html == nil && t.rtf == nil && t.files == nil {
		w.attachPart(p)
		return
	}
	for _, f := range t.files {
		name, kind := f.longName, strings.ToLower(f.kind)
		if name == "" {
			name = f.name
		}
		if !strings.Contains(kind, "/") {
			kind = "application/octet-stream"
		}
		w.attach(fileName(name), kind, f.size)
	}
	if w.spare == nil {
		w.spare = func() []textLine { return w.tnefText(t) }
	}
}

func (w *walker) tnefText(t tnefMail) []textLine {
	page := t.htmlPage
	if page == 0 {
		page = t.codepage
	}
	p := part{kind: "text/plain", params: map[string]string{"charset": codepageName(page)}}
	switch {
	case strings.TrimSpace(t.text) != "":
		p.body, p.params["charset"] = []byte(t.text), "utf-8"
	case len(t.html) > 0:
		p.kind, p.body = "text/html", t.html
	case len(t.rtf) > 0:
		p.kind, p.body = "text/rtf", decompressRTF(t.rtf, 4*maxText)
	default:
		return nil
	}
	return w.text(p)
}

// readTNEF reads a stream as far as it goes; ok is false where it breaks off. Lengths that lie reach to the end of what is there.
func readTNEF(b []byte) (t tnefMail, ok bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return t, false
	}
	for b = b[6:]; len(b) > 0; {
		if len(b) < 9 {
			return t, len(strings.Trim(string(b), "\x00\r\n")) == 0
		}
		level, id, n := b[0], binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:])
		if level != 1 && level != tnefLevelAttach {
			return t, false
		}
		b = b[9:]
		if uint64(n)+2 > uint64(len(b)) {
			t.attribute(id, b)
			return t, false
		}
		t.attribute(id, b[:n])
		b = b[n+2:] // two bytes of checksum, which says nothing that the mail's own transport does not
	}
	return t, true
}

func (t *tnefMail) attribute(id uint32, data []byte) {
	var file *tnefFile
	if n := len(t.files); n > 0 {
		file = &t.files[n-1]
	}
	switch {
	case id == attOemCodepage && len(data) >= 4:
		t.codepage = int(binary.LittleEndian.Uint32(data))
	case id == attBody:
		t.text = t.ansi(data)
	case id == attMAPIProps:
		readProps(data, t.property)
	case id == attAttachRend:
		if len(t.files) <= maxAttachments {
			t.files = append(t.files, tnefFile{})
		}
	case file == nil:
	case id == attAttachTitle:
		file.name = t.ansi(data)
	case id == attAttachData:
		file.size = max(file.size, len(data))
	case id == attAttachMAPI:
		readProps(data, func(id uint16, kind uint16, data []byte) { file.property(t, id, kind, data) })
	}
}

func (t *tnefMail) property(id, kind uint16, data []byte) {
	switch id {
	case propBody:
		if s := t.str(kind, data); strings.TrimSpace(s) != "" {
			t.text = s
		}
	case propBodyHTML:
		t.html = data
		if kind == mapiUnicode {
			t.html, t.htmlPage = []byte(t.str(kind, data)), 65001
		}
	case propRTFCompressed:
		t.rtf = data
	case propCodepage:
		if len(data) >= 4 && t.htmlPage == 0 {
			t.htmlPage = int(binary.LittleEndian.Uint32(data))
		}
	}
}

func (f *tnefFile) property(t *tnefMail, id, kind uint16, data []byte) {
	switch id {
	case propAttachLongName:
		f.longName = t.str(kind, data)
	case propAttachFilename:
		if f.name == "" {
			f.name = t.str(kind, data)
		}
	case propDisplayName: // all that an attached mail has
		if f.longName == "" {
			f.longName = t.str(kind, data)
		}
	case propAttachMIMEType:
		f.kind = t.str(kind, data)
	case propAttachData:
		f.size = max(f.size, len(data))
		if kind == mapiObject {
			f.size, f.kind = max(0, len(data)-16), "application/vnd.ms-outlook" // the interface's id stands first
		}
	}
}

// Kinds of MAPI properties (MS-OXCDATA section 2.11.1).
const (
	mapiString8 = 0x001e
	mapiUnicode = 0x001f
	mapiBinary  = 0x0102
	mapiObject  = 0x000d
	mapiMany    = 0x1000 // flag: several values
)

// mapiSizes are the bytes that a value of fixed size takes, padding included.
var mapiSizes = map[uint16]int{2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xa: 4, 0xb: 4, 0x14: 8, 0x40: 8, 0x48: 16}

// readProps calls found for each property with the first of its values (MS-OXTNEF section 2.1.3.4), and stops where they
// cannot be read.
func readProps(b []byte, found func(id, kind uint16, value []byte)) {
	r := propReader{b: b}
	for count := r.u32(); count > 0 && !r.bad && len(r.b) > 0; count-- {
		tag := r.u32()
		kind, id := uint16(tag), uint16(tag>>16)
		if id >= 0x8000 { // a named property: nothing here is one
			r.take(16)
			if r.u32() == 1 {
				r.padded(r.u32())
			} else {
				r.u32()
			}
		}
		single := kind &^ mapiMany
		size, fixed := mapiSizes[single]
		values := uint32(1)
		if !fixed || kind != single {
			values = r.u32()
		}
		for i := uint32(0); i < values && !r.bad; i++ {
			var v []byte
			if fixed {
				v = r.take(size)
			} else {
				v = r.padded(r.u32())
			}
			if i == 0 && v != nil {
				found(id, single, v)
			}
		}
	}
}

type propReader struct {
	b   []byte
	bad bool
}

// take gives n bytes, or what there is of them and then no more.
func (r *propReader) take(n int) []byte {
	if n > len(r.b) {
		n, r.bad = len(r.b), true
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *propReader) u32() uint32 {
	if v := r.take(4); len(v) == 4 {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// padded takes n bytes and the padding to a multiple of four.
func (r *propReader) padded(n uint32) []byte {
	v := r.take(int(min(uint64(n), 1<<31-1)))
	r.take(min(len(r.b), (4-int(n%4))%4))
	return v
}

// str reads a string property, of at most maxText bytes.
func (t *tnefMail) str(kind uint16, data []byte) string {
	data = data[:min(len(data), 2*maxText)]
	if kind != mapiUnicode {
		return t.ansi(data)
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(data[i:]))
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

func (t *tnefMail) ansi(data []byte) string {
	s, _ := decodeCharset(data[:min(len(data), 2*maxText)], codepageName(t.codepage))
	return strings.TrimRight(s, "\x00")
}

// codepageName is the charset of a Windows code page number.
func codepageName(page int) string {
	switch page {
	case 0:
		return ""
	case 65001:
		return "utf-8"
	case 1200:
		return "utf-16le"
	case 20127:
		return "us-ascii"
	case 28591, 28592, 28595, 28597, 28605:
		return "iso-8859-" + strconv.Itoa(page-28590)
	case 20866:
		return "koi8-r"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 51932:
		return "euc-jp"
	case 54936:
		return "gb18030"
	case 10000:
		return "macintosh"
	case 437, 850, 852, 855, 858, 860, 862, 863, 865, 866:
		return "ibm" + strconv.Itoa(page)
	}
	return "windows-" + strconv.Itoa(page)
}
