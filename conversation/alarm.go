package conversation

import (
	"context"
	"strings"
)

// Alarm tells the administrator that something needs a person to look at it. The same thing, named by key, is told once a day. The line
// holds keys and numbers, never content.
func (e *Engine) Alarm(ctx context.Context, key string, line Line) error {
	if e.Organisation.Administrator == "" {
		return nil
	}
	err := e.update(ctx, func(tx Tx) error {
		admin, err := e.person(tx, Address{Channel: ChannelMail, ID: strings.ToLower(e.Organisation.Administrator)}, "")
		if err != nil {
			return err
		}
		h := &handling{Engine: e, tx: tx, now: e.Now()}
		out := Outbound{Person: admin.ID, Role: RoleDSO, Channel: ChannelMail, Kind: MessageAlarm, Lang: admin.lang(e.Organisation), At: h.now,
			Form: e.Form.ID, FormVersion: e.Form.Version, Lines: []Line{line}, Dedup: "alarm/" + key + "/" + h.now.Format("2006-01-02")}
		if err := h.address(nil, &out); err != nil {
			return err
		}
		return tx.Enqueue(out)
	})
	if err == nil {
		e.wake()
	}
	return err
}
