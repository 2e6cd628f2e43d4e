package conversation

import (
	"context"
	"strings"
)

// Alarm tells the administrator that something needs a person to look at it. The same thing, named by key, is told once a day. The line
// holds keys and numbers, never content.
func (e *Engine) Alarm(ctx context.Context, key string, line Line) error {
	return e.tell(ctx, func(h *handling) error { return h.alarm(key, line) })
}

// AlarmOnce is Alarm for what is told once and never again.
func (e *Engine) AlarmOnce(ctx context.Context, key string, line Line) error {
	return e.tell(ctx, func(h *handling) error { return h.enqueueAlarm("alarm/"+key, line) })
}

func (e *Engine) tell(ctx context.Context, alarm func(*handling) error) error {
	return e.update(ctx, func(tx Tx) error { return alarm(&handling{Engine: e, tx: tx, now: e.Now()}) })
}

// alarm is Alarm within a transaction.
func (h *handling) alarm(key string, line Line) error {
	return h.enqueueAlarm("alarm/"+key+"/"+h.now.Format("2006-01-02"), line)
}

// enqueueAlarm puts an alarm into the outbox unless one with the same dedup is or was there.
func (h *handling) enqueueAlarm(dedup string, line Line) error {
	if h.Organisation.Administrator == "" {
		return nil
	}
	admin, err := h.Engine.person(h.tx, Address{Channel: ChannelMail, ID: strings.ToLower(h.Organisation.Administrator)}, "")
	if err != nil {
		return err
	}
	out := Outbound{Person: admin.ID, Role: RoleDSO, Channel: ChannelMail, Kind: MessageAlarm, Lang: admin.lang(h.Organisation), At: h.now,
		Form: h.Form.ID, FormVersion: h.Form.Version, Lines: []Line{line}, Dedup: dedup}
	if err := h.address(nil, &out); err != nil {
		return err
	}
	return h.tx.Enqueue(out)
}

// Diverted tells the administrator of a message that goes by mail because Teams did not take it: of a person who has the program blocked or not
// installed once a day for each, of Teams itself once a day. Who reports is not named.
func (e *Engine) Diverted(ctx context.Context, d Delivery, f *Fault) error {
	switch {
	case f.Reason == FaultRemoved || f.Reason == FaultNoChannel:
		return nil
	case !f.Elsewhere:
		return e.Alarm(ctx, "diverted", Line{AlarmTeams, args("reason", f.Reason)})
	}
	name := ""
	if d.Outbound.Role == RoleDSO {
		name = d.Name
	}
	return e.Alarm(ctx, "diverted/"+string(d.Outbound.Person), Line{AlarmTeamsPerson, args("number", d.Outbound.Number, "name", name, "reason", f.Reason)})
}

// Undelivered deals with a message that was given up: the administrator is told, and an alert that reached nobody calls the next.
func (e *Engine) Undelivered(ctx context.Context, out Outbound, reason string) error {
	if out.Kind == MessageAlarm {
		return nil
	}
	if out.Incident != "" {
		err := e.update(ctx, func(tx Tx) error {
			h := &handling{Engine: e, tx: tx, now: e.Now()}
			_, err := h.unreached(&Thread{Outbound: out.ID, Incident: out.Incident, Person: out.Person, Kind: out.Kind}, eventUndelivered)
			return err
		})
		if err != nil {
			return err
		}
	}
	return e.Alarm(ctx, "dead/"+string(out.ID), Line{AlarmDead, args("number", out.Number, "reason", reason)})
}
