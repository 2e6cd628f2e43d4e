package conversation

import "time"

// FileID names a kept file.
type FileID string

// Attachment is a file that came with a message. It is looked at and described; it is only kept where the DSO has asked for it.
type Attachment struct {
	// Name is for people: without folders, controls or what turns text around, and shortened. It is hostile all the same.
	Name string
	// Type is the media type that the bytes show, else the declared one; Declared what the sender named.
	Type     string
	Declared string `json:",omitempty"`
	Size     int64  // bytes
	Facts
	// At is when it came, and ID what it is kept under; "" where it is not.
	At time.Time `json:",omitzero"`
	ID FileID    `json:",omitempty"`
	// Inbound is the message that it came with.
	Inbound InboundID `json:",omitempty"`
	// Content decodes the file; nil where it may not be kept.
	Content func() []byte `json:"-"`
}

// Facts are what was seen in a file: counts, times and domains, never what stands in it.
type Facts struct {
	// Rows of a table without its header, all Sheets together; More is set where it has more than were counted. Columns are keys
	// of what its columns look like: "name", "personnummer", "mail", "phone", "address".
	Rows    int      `json:",omitempty"`
	Sheets  int      `json:",omitempty"`
	More    bool     `json:",omitempty"`
	Columns []string `json:",omitempty"`
	Pages   int      `json:",omitempty"`
	// Personnummer counts the national identity numbers in the text.
	Personnummer int `json:",omitempty"`
	// Sent is when a mail says that it was sent; Recipients how many it went to (To and Cc).
	Sent       time.Time `json:",omitzero"`
	Recipients int       `json:",omitempty"`
	// Domains are those of a mail's recipients, or of the mail addresses in a table; the first few. Outside are those that are not the
	// organisation's.
	Domains []string `json:",omitempty"`
	Outside []string `json:",omitempty"`
	// Within names the mail that the file is attached to, where that mail was itself attached.
	Within string `json:",omitempty"`
	// Mismatch: the bytes are not what the name says. Infected is what the scanner calls what it found.
	Mismatch bool   `json:",omitempty"`
	Infected string `json:",omitempty"`
	// Refused is why the file was not read, and is not kept: one of the Refused… keys; "" where it was.
	Refused string `json:",omitempty"`
}

// Why a file is not read.
const (
	RefusedSize    = "too_large"
	RefusedMany    = "too_many"
	RefusedType    = "type"
	RefusedScan    = "not_scanned"
	RefusedInfects = "infected"
	RefusedFetch   = "not_fetched" // it could not be had from where Teams keeps it
)
