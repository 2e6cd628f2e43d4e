package mail

import (
	"bytes"
	"errors"
	"strings"
)

// Kinds of encrypted mail (Message.Encrypted).
const (
	EncryptedSMIME = "smime" // CMS enveloped-data (RFC 8551 section 3.3)
	EncryptedPGP   = "pgp"   // PGP/MIME (RFC 3156 section 4) or an armoured message in the text
	EncryptedRPMSG = "rpmsg" // Microsoft's rights management (MS-OXORMMS)
)

// encryptedBy reads the protocol of a multipart/encrypted (RFC 1847).
func encryptedBy(protocol string) string {
	if strings.Contains(strings.ToLower(protocol), "pkcs7") {
		return EncryptedSMIME
	}
	return EncryptedPGP
}

// isCMS tells an S/MIME part of one piece: by its type, or where a gateway took that away by its name.
func (p part) isCMS() bool {
	return p.kind == "application/pkcs7-mime" || p.kind == "application/x-pkcs7-mime" ||
		p.kind == "application/octet-stream" && strings.HasSuffix(strings.ToLower(p.name), ".p7m")
}

// cms reads the mail within signed-data (RFC 8551 section 3.5.2); who signed it is not asked. Of enveloped-data it says
// only that it is encrypted.
func (w *walker) cms(p part) []textLine {
	if w.depth >= maxDepth {
		w.m.problem("too_deep", "parts nested too deep were left out")
		return nil
	}
	w.depth++
	defer func() { w.depth-- }()
	b, _ := decodeTransfer(p.fields, p.body, maxRaw)
	if transferEncoding(p.fields) == "" {
		b = bytes.Clone(b) // signedContent moves bytes, and these are the mail's own
	}
	content, oid, err := signedContent(b)
	declared := strings.ToLower(p.params["smime-type"])
	switch {
	case oid == oidEnveloped || oid == oidAuthEnveloped || oid == "" && strings.Contains(declared, "enveloped"):
		w.encrypted(EncryptedSMIME)
		w.attachPart(p)
		return nil
	case err != nil:
		w.m.problem("smime", "a signed mail cannot be read: "+err.Error())
		w.attachPart(p)
		return nil
	}
	fields, body := partHeader(normaliseInto(content[:0], content))
	return w.walk(fields, body)
}

// Object identifiers as the bytes of their encoding (RFC 5652 sections 5 and 6, RFC 5083).
const (
	oidSigned        = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	oidEnveloped     = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
	oidAuthEnveloped = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
)

var errCMS = errors.New("no signed-data of CMS")

// signedContent finds the content of a CMS SignedData (RFC 5652 section 5), which it changes: the pieces of the content are
// moved together where they lie, so that a large mail is not held twice. oid is the type of the whole, "" if there is none.
//
// It reads BER, which is what Outlook writes (indefinite lengths, content in pieces), and nothing that follows the content:
// no certificate can keep a mail from being read.
func signedContent(b []byte) (content []byte, oid string, err error) {
	info, _, ok := readBER(b)
	if !ok || info.tag != 0x30 {
		return nil, "", errCMS
	}
	kind, rest, ok := readBER(info.content)
	if !ok || kind.tag != 0x06 {
		return nil, "", errCMS
	}
	if oid = string(kind.content); oid != oidSigned {
		return nil, oid, errCMS
	}
	// [0] { SEQUENCE { version, digestAlgorithms, SEQUENCE { type, [0] { OCTET STRING } } } }
	for _, step := range []struct {
		tag  byte
		skip int
	}{{0xa0, 0}, {0x30, 0}, {0x30, 2}, {0xa0, 1}} {
		for range step.skip {
			if rest, ok = skipBER(rest); !ok {
				return nil, oid, errCMS
			}
		}
		v, _, ok := readBER(rest)
		if !ok || v.tag != step.tag {
			return nil, oid, errCMS
		}
		rest = v.content
	}
	out, _, ok := joinOctets(rest[:0], rest, 0)
	if !ok {
		return nil, oid, errCMS
	}
	return out, oid, nil
}

// berValue is a value in BER (X.690 section 8.1). Where its length is indefinite, content goes on to the end of what it
// stands in, and the reader stops at the end-of-contents octets.
type berValue struct {
	tag        byte
	indefinite bool
	content    []byte
}

// readBER reads the value at the start of b, and what follows one of definite length. A value that is longer than b is cut.
func readBER(b []byte) (v berValue, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f { // no tag here has a number above 30
		return v, nil, false
	}
	v.tag = b[0]
	n, at := int(b[1]), 2
	switch {
	case n == 0x80:
		v.indefinite, v.content = true, b[2:]
		return v, nil, v.tag&0x20 != 0
	case n > 0x84:
		return v, nil, false
	case n > 0x80:
		if at += n - 0x80; at > len(b) {
			return v, nil, false
		}
		n = 0
		for _, c := range b[2:at] {
			n = n<<8 | int(c)
		}
	}
	end := len(b)
	if n < end-at {
		end = at + n
	}
	v.content = b[at:end]
	return v, b[end:], true
}

// skipBER gives what follows the value at the start of b, however its parts nest.
func skipBER(b []byte) (rest []byte, ok bool) {
	for open := 0; ; {
		if open > 0 && bytes.HasPrefix(b, []byte{0, 0}) {
			open, b = open-1, b[2:]
		} else {
			v, after, ok := readBER(b)
			if !ok {
				return nil, false
			}
			if b = after; v.indefinite {
				open, b = open+1, v.content
			}
		}
		if open == 0 {
			return b, true
		}
	}
}

// joinOctets appends the octets of an OCTET STRING, which may consist of pieces that do as well, to out. out may be the start
// of b: what is written never overtakes what is read.
func joinOctets(out, b []byte, depth int) (joined, rest []byte, ok bool) {
	v, rest, ok := readBER(b)
	switch {
	case !ok || depth > 4 || v.tag&^0x20 != 0x04:
		return nil, nil, false
	case v.tag == 0x04:
		return append(out, v.content...), rest, true
	}
	for inner := v.content; ; {
		if v.indefinite && bytes.HasPrefix(inner, []byte{0, 0}) {
			return out, inner[2:], true
		}
		if len(inner) == 0 { // the end is missing where it was indefinite: the mail was cut
			return out, rest, true
		}
		if out, inner, ok = joinOctets(out, inner, depth+1); !ok {
			return nil, nil, false
		}
	}
}
