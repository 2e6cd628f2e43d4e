package conversation

import (
	"context"
	"errors"
	"fmt"
)

// offer lets a person who can be reached in Teams have the notification as a file there, beside the message that it stands in.
func (t *turn) offer(p *Person, doc *Document) {
	if p.address(ChannelTeams).Reference == "" {
		return
	}
	out := t.message(p, MessageOffer)
	out.Channel, out.Document = ChannelTeams, doc
	out.Lines = []Line{{TextOffer, args("number", t.Incident.Number)}}
	t.Outbound = append(t.Outbound, out)
}

// Offered gives what was offered with the token, as the notification now stands, to the person to whom it was offered; from is their
// authenticated address. That they fetched it is noted. ErrNotFound: there is no such offer, or it is somebody else's.
func (e *Engine) Offered(ctx context.Context, token string, from Address) (out Outbound, err error) {
	err = e.update(ctx, func(tx Tx) error {
		thread, err := tx.ThreadByToken(token)
		if err != nil {
			return err
		}
		p, err := tx.PersonByAddress(from)
		if err != nil {
			return err
		}
		if thread.Kind != MessageOffer || thread.Person != p.ID {
			return ErrNotFound
		}
		in, err := tx.Incident(thread.Incident)
		if err != nil {
			return err
		}
		h := &handling{Engine: e, tx: tx, now: e.Now()}
		s, err := h.situation(in)
		if err != nil {
			return err
		}
		s.Sender = p
		t := &turn{Situation: s}
		out = t.message(p, MessageOffer)
		out.Document = t.document(true)
		return h.commit(in, Result{Events: []Event{{At: h.now, Name: "document_fetched", Person: p.ID}}})
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("find what was offered: %w", err)
	}
	return out, err
}
