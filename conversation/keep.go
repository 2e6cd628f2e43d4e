package conversation

import (
	"cmp"
	"fmt"

	"frist/conversation/reading"
)

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
	text := reading.MaskPersonnummer(cmp.Or(in.Whole, in.Text), mask)
	if text == "" {
		return h.tx.EraseInbound(id)
	}
	if err := h.tx.ReduceInbound(id, []byte(text)); err != nil {
		return fmt.Errorf("keep the text alone: %w", err)
	}
	return nil
}
