package conversation

import (
	"cmp"
	"fmt"
	"strings"

	"frist/conversation/reading"
)

// numbersBeside reports whether a national identity number stands where nobody is asked about it: in the subject, or in what was cut from the text.
func (in *Inbound) numbersBeside() bool {
	asked := len(reading.FindPersonnummer(in.Text))
	for _, p := range in.Parts {
		asked += len(reading.FindPersonnummer(p.Text))
	}
	return len(reading.FindPersonnummer(in.Subject)) > 0 || len(reading.FindPersonnummer(in.Whole)) > asked
}

// hasNumbers reports whether a national identity number stands in the text or in a card's inputs, whichever of them the card asked for.
func (in *Inbound) hasNumbers() bool {
	if len(reading.FindPersonnummer(in.Text)) > 0 {
		return true
	}
	for _, v := range in.Fields {
		if len(reading.FindPersonnummer(v)) > 0 {
			return true
		}
	}
	return false
}

// reduce replaces what is kept of a message by its text alone, with what was cut from it, without attachments and with national identity numbers
// hidden. Nothing that a person wrote is lost by what was taken for a quotation.
func (h *handling) reduce(id InboundID) error {
	raw, _, err := h.tx.Inbound(id)
	if err != nil {
		return err
	}
	if raw.Raw == nil {
		return nil
	}
	in := h.in
	if in == nil || in.ID != id {
		read := h.Readers[raw.Channel]
		if read == nil {
			return h.tx.EraseInbound(id)
		}
		if in, err = read(raw); err != nil {
			return h.tx.EraseInbound(id)
		}
	}
	mask := h.Phrase(h.Organisation.Lang, h.Form, Line{Key: DraftMask})
	text := cmp.Or(in.Whole, in.Text)
	if in.Subject != "" && in.Token == "" && len(in.References) == 0 { // in an answer the subject is ours
		text = strings.TrimSpace(in.Subject + "\n\n" + text)
	}
	text = reading.MaskPersonnummer(text, mask)
	if text == "" {
		return h.tx.EraseInbound(id)
	}
	if err := h.tx.ReduceInbound(id, []byte(text)); err != nil {
		return fmt.Errorf("keep the text alone: %w", err)
	}
	return nil
}

// failed keeps a message that had no turn, without its files.
func (e *Engine) failed(tx Tx, id InboundID) error {
	raw, done, err := tx.Inbound(id)
	if err != nil || done {
		return err
	}
	if bare := e.bare(raw); bare != nil {
		if err := tx.RewriteInbound(id, bare); err != nil {
			return err
		}
	}
	return tx.FinishInbound(id, "", "failed", true, e.Now())
}

// bare is a message without its files; nil if it has none, or if it is one that cannot be read at all, which is kept as it came.
func (e *Engine) bare(raw RawInbound) (bare []byte) {
	defer func() {
		if recover() != nil {
			bare = nil
		}
	}()
	in, err := e.Readers[raw.Channel](raw)
	if err != nil || in.Bare == nil {
		return nil
	}
	return in.Bare()
}
