package conversation

import (
	"context"
	"errors"
	"fmt"
)

// Accept commits a raw message, so that it may be acknowledged. fresh is false if it has come before.
func (e *Engine) Accept(ctx context.Context, in RawInbound) (fresh bool, err error) {
	return e.Store.Accept(ctx, in)
}

// AcceptAll is Accept for many messages in one transaction: either all are committed or none.
func (e *Engine) AcceptAll(ctx context.Context, in []RawInbound) (fresh []bool, err error) {
	return e.Store.AcceptAll(ctx, in)
}

// Recover takes up the messages that were accepted but had no turn before the program stopped.
func (e *Engine) Recover(ctx context.Context) error {
	ids, err := e.Store.Waiting(ctx)
	if err != nil {
		return fmt.Errorf("find messages without a turn: %w", err)
	}
	var all []error
	for _, id := range ids {
		if _, err := e.Handle(ctx, id); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Take accepts a message and gives it its turn in the same transaction. Where the turn fails the message is kept, as if it had been accepted alone, and
// there is no error: the reply says that it is waiting. An error means that it is not kept.
func (e *Engine) Take(ctx context.Context, raw RawInbound) (reply Reply, err error) {
	read := e.read(raw)
	err = e.update(ctx, func(tx Tx) (err error) {
		if _, err := tx.AcceptInbound(raw); err != nil {
			return err
		}
		reply, err = e.handle(tx, raw.ID, read)
		return err
	})
	if err == nil {
		return reply, nil
	}
	if _, accepted := e.Accept(context.WithoutCancel(ctx), raw); accepted != nil {
		return Reply{}, errors.Join(err, accepted)
	}
	if reply, err = e.Handle(ctx, raw.ID); err != nil {
		e.Log.Error("a message is kept but had no turn yet", "inbound", raw.ID, "channel", raw.Channel, "error", err)
		reply.Waiting = true
	}
	return reply, nil
}

// read reads a message before its transaction, which others wait for; nil if that fails, which its turn then finds out.
func (e *Engine) read(raw RawInbound) (in *Inbound) {
	defer func() {
		if recover() != nil {
			in = nil
		}
	}()
	read := e.Readers[raw.Channel]
	if read == nil {
		return nil
	}
	in, err := read(raw)
	if err != nil {
		return nil
	}
	return in
}
