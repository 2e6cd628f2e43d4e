package conversation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Sweep does all that is due at now, one incident a transaction. Two processes that sweep at once decide each thing once, since the second
// finds the incident changed.
func (e *Engine) Sweep(ctx context.Context, now time.Time) error {
	ids, err := e.Store.Due(ctx, now)
	if err != nil {
		return fmt.Errorf("find due incidents: %w", err)
	}
	var all []error
	for _, id := range ids {
		err := e.update(ctx, func(tx Tx) (err error) {
			defer func() {
				if r := recover(); r != nil {
					e.Log.Error("a sweep failed: this is a fault of the program", "incident", id, "stack", string(debug.Stack()))
					err = errors.New("the sweep panicked")
				}
			}()
			in, err := tx.Incident(id)
			if err != nil {
				return err
			}
			h := &handling{Engine: e, tx: tx, now: now}
			if due := in.NextDue(e.Organisation, now); due.IsZero() || due.After(now) {
				return h.commit(in, Result{}) // the settings have changed since: the time is noted anew
			}
			s, err := h.situation(in)
			if err != nil {
				return err
			}
			return h.commit(in, Tick(s))
		})
		if err != nil {
			all = append(all, fmt.Errorf("sweep incident %s: %w", id, err))
		}
	}
	return errors.Join(all...)
}
