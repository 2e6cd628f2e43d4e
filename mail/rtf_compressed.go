package mail

import "encoding/binary"

// rtfDictionary is what the dictionary of compressed RTF holds before the first byte (MS-OXRTFCP section 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// decompressRTF undoes MS-OXRTFCP up to limit bytes; what cannot be read ends it. A reference is to 17 bytes at most, so
// two bytes never become more than 17.
func decompressRTF(b []byte, limit int) []byte {
	if len(b) < 16 {
		return nil
	}
	raw, kind := int(binary.LittleEndian.Uint32(b[4:])), string(b[8:12])
	b = b[16:]
	limit = min(limit, raw)
	if kind == "MELA" {
		return b[:min(len(b), limit)]
	}
	if kind != "LZFu" {
		return nil
	}
	var dict [4096]byte
	at := copy(dict[:], rtfDictionary)
	out := make([]byte, 0, min(limit, 9*len(b)))
	put := func(c byte) {
		dict[at] = c
		at = (at + 1) % len(dict)
		out = append(out, c)
	}
	for len(b) > 0 && len(out) < limit {
		control := b[0]
		b = b[1:]
		for bit := range 8 {
			switch {
			case len(b) == 0 || len(out) >= limit:
				return out
			case control>>bit&1 == 0:
				put(b[0])
				b = b[1:]
				continue
			case len(b) < 2:
				return out
			}
			ref := int(b[0])<<8 | int(b[1])
			b = b[2:]
			from := ref >> 4
			if from == at { // the end mark
				return out
			}
			for range ref&15 + 2 {
				put(dict[from])
				from = (from + 1) % len(dict)
			}
		}
	}
	return out
}
