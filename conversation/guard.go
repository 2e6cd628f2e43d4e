package conversation

import (
	"slices"

	"frist/conversation/reading"
)

// maskedFiles are descriptions of attachments without national identity numbers in their names.
func maskedFiles(files []Attachment) []Attachment {
	out := slices.Clone(files)
	for i := range out {
		out[i].Name, out[i].Within = reading.MaskPersonnummer(out[i].Name, "…"), reading.MaskPersonnummer(out[i].Within, "…")
	}
	return out
}

func hasPersonnummer(v Value) bool {
	found := false
	v.texts(func(s string) string {
		found = found || len(reading.FindPersonnummer(s)) > 0
		return s
	})
	return found
}

// size is how many bytes of free text the value holds.
func (v Value) size() (n int) {
	v.texts(func(s string) string {
		n += len(s)
		return s
	})
	return n
}

// texts passes each free text of the value through f and returns the value with what came out.
func (v Value) texts(f func(string) string) Value {
	v.Text, v.Comment, v.Other, v.Choice = f(v.Text), f(v.Comment), f(v.Other), f(v.Choice)
	row := func(m map[string]string) map[string]string {
		if m == nil {
			return nil
		}
		out := make(map[string]string, len(m))
		for k, s := range m {
			out[k] = f(s)
		}
		return out
	}
	v.Parts = row(v.Parts)
	v.Entries = slices.Clone(v.Entries)
	for i := range v.Entries {
		v.Entries[i] = row(v.Entries[i])
	}
	return v
}

func (t *turn) maskText() string {
	return t.Phrase(t.Organisation.Lang, t.Form, Line{Key: DraftMask})
}
