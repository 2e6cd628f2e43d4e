package attachment

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// fileKind is what the bytes of a file show that it is: its media type first, then those that this is a kind of.
type fileKind struct {
	name  string
	types []string
	empty bool
}

// sniff looks at a file's first bytes.
func sniff(data []byte) fileKind {
	k := fileKind{empty: len(data) == 0}
	for t := mimetype.Detect(data); t != nil; t = t.Parent() {
		name, _, _ := strings.Cut(t.String(), ";")
		k.types = append(k.types, name)
	}
	k.name = k.types[0]
	if k.empty {
		k.name = "application/x-empty"
	}
	if bytes.HasPrefix(data, []byte("MZ")) && len(data) > 64 {
		k.types = append(k.types, "application/vnd.microsoft.portable-executable")
	}
	return k
}

func (k fileKind) is(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(k.types, n) })
}

func (k fileKind) text() bool { return k.is("text/plain") && !k.empty }
func (k fileKind) zip() bool  { return k.is("application/zip") }

// mail tells an attached mail: text that is named or declared as one.
func (k fileKind) mail(name, declared string) bool {
	return k.text() && (ending(name) == "eml" || declared == "message/rfc822" || declared == "message/global")
}

// programs are what a machine runs as it stands.
var programs = []string{"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-mach-binary", "application/java-archive",
	"application/vnd.android.package-archive", "application/x-ms-installer", "application/x-ms-shortcut", "application/wasm",
	"application/vnd.debian.binary-package", "application/x-rpm"}

// refused tells whether a file is of a type that the settings name, by its name or by its bytes.
func (k fileKind) refused(name string, endings []string) bool {
	return slices.Contains(endings, ending(name)) || slices.Contains(endings, "exe") && k.is(programs...)
}

// The types that a name's ending may stand for. Word and Excel put RTF, HTML and text behind their old endings, and a locked document is an OLE file.
var (
	inZip   = []string{"application/zip", "application/x-ole-storage"}
	inOLE   = []string{"application/x-ole-storage", "text/rtf", "text/plain", "application/zip"}
	inText  = []string{"text/plain"}
	endings = map[string][]string{
		"pdf": {"application/pdf"}, "docx": inZip, "xlsx": inZip, "pptx": inZip, "odt": inZip, "ods": inZip, "odp": inZip, "zip": inZip,
		"doc": inOLE, "xls": inOLE, "ppt": inOLE, "msg": {"application/x-ole-storage"}, "rtf": {"text/rtf"},
		"jpg": {"image/jpeg"}, "jpeg": {"image/jpeg"}, "png": {"image/png"}, "gif": {"image/gif"}, "bmp": {"image/bmp"}, "webp": {"image/webp"},
		"tif": {"image/tiff"}, "tiff": {"image/tiff"}, "heic": {"image/heic", "image/heif", "video/mp4", "image/jpeg"},
		"mp3": {"audio/mpeg"}, "mp4": {"video/mp4", "video/quicktime"}, "mov": {"video/quicktime", "video/mp4"},
		"txt": inText, "csv": inText, "tsv": inText, "log": inText, "md": inText, "html": inText, "htm": inText, "xml": inText, "json": inText,
		"eml": inText, "ics": inText, "vcf": inText,
	}
	// declarations are the endings that stand for a declared type, for a file without a name that says what it is.
	declarations = map[string]string{"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/heic": "heic",
		"application/msword": "doc", "application/vnd.ms-excel": "xls", "application/zip": "zip", "text/csv": "csv", "text/plain": "txt",
		"text/html": "html", "message/rfc822": "eml"}
)

// differs tells a file whose bytes are something else than its name says, or the declared type where the name says nothing known. RTF and text in
// UTF-16 are told from the bytes as well.
func (k fileKind) differs(name, declared string) bool {
	if k.empty {
		return false
	}
	want, known := endings[ending(name)]
	if !known {
		want, known = endings[declarations[declared]]
	}
	if !known {
		// An unknown ending is no lie, unless a program hides behind it.
		return k.is(programs...) && !slices.Contains([]string{"exe", "dll", "scr", "com", "msi", "jar", "apk", "lnk", "deb", "rpm", "so", "wasm", "sys", ""}, ending(name))
	}
	return !k.is(want...)
}
