package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"frist/conversation"
)

// tolerance is how long the watch waits for what; tests shorten it.
type tolerance struct {
	// look is how often it looks.
	look time.Duration
	// urgent is for how long an alert or alarm may wait to be sent, waiting for how long any message may.
	urgent, waiting time.Duration
	// database is for how long the database may be silent.
	database time.Duration
	// again is after how long a trouble that lasts is told again by the second route.
	again time.Duration
}

func defaultTolerance() tolerance {
	return tolerance{look: 30 * time.Second, urgent: 5 * time.Minute, waiting: 15 * time.Minute, database: 2 * time.Minute, again: 6 * time.Hour}
}

// sending remembers how the sending of mail went last.
type sending struct{ sent, failed atomic.Pointer[time.Time] }

func (s *sending) note(err error) {
	now := time.Now()
	switch f, ok := errors.AsType[*conversation.Fault](err); {
	case err == nil:
		s.sent.Store(&now)
	case !ok || !f.Permanent: // a mail that is refused for good says nothing of the server
		s.failed.Store(&now)
	}
}

// works tells whether the last mail was sent; false also where none was tried since the start.
func (s *sending) works() bool {
	sent, failed := s.sent.Load(), s.failed.Load()
	return sent != nil && (failed == nil || sent.After(*failed))
}

// trouble is something that keeps the program from its work.
type trouble struct {
	name string
	// bad and good are both false where this process cannot tell.
	bad, good   bool
	line, works conversation.Line
}

// The names of the troubles. An event, which has no end, is told once in a while and never "works again".
const (
	troubleMailbox  = "mailbox"
	troubleSending  = "sending"
	troubleDatabase = "database"
	eventDead       = "dead"
)

// supervise watches the program until the context ends. It is a part of its own, so that a sweep or a mail server that hangs does not hold it up.
func (a *app) supervise(ctx context.Context) error {
	tick := time.NewTicker(a.tolerance.look)
	defer tick.Stop()
	for {
		if err := a.watch(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("not all of the watch could be done; it is done again", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.second.raised():
		case <-tick.C:
		}
	}
}

// watch looks at everything once and tells the administrator what is wrong.
func (a *app) watch(ctx context.Context) error {
	db, cancel := context.WithTimeout(ctx, 3*databasePatience)
	defer cancel()
	found := []trouble{a.troubleDatabase(db)}
	var all []error
	if !a.silent.IsZero() {
		// Whatever else is asked of the database would only take time.
		a.troubled(found)
		return a.second.tell(ctx, found, nil)
	}
	mailbox, err := a.troubleMailbox(db)
	all = append(all, err)
	sending, err := a.troubleSending(db)
	found, all = append(found, mailbox, sending), append(all, err)
	a.troubled(found)
	late, err := a.store.LateAlarms(db, time.Now().Add(-a.tolerance.urgent), time.Now().Add(-lateFor), lateLook)
	all = append(all, err, a.warnExpiry(db), a.second.tell(ctx, found, late))
	return errors.Join(all...)
}

// troubled logs what begins and what ends.
func (a *app) troubled(found []trouble) {
	for _, t := range found {
		switch was := a.bad[t.name]; {
		case t.bad && !was:
			a.log.Error("something does not work", "trouble", t.name, "since", t.line.Args["minutes"]+" min")
		case t.good && was:
			a.log.Info("it works again", "trouble", t.name)
		default:
			continue
		}
		if a.bad == nil {
			a.bad = map[string]bool{}
		}
		a.bad[t.name] = t.bad
	}
}

func (a *app) troubleDatabase(ctx context.Context) trouble {
	t := trouble{name: troubleDatabase, works: conversation.Line{Key: conversation.AlarmDatabaseWorks}}
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	if err := a.store.Ping(ctx); err == nil {
		a.silent, t.good = time.Time{}, true
		return t
	}
	if a.silent.IsZero() {
		a.silent = time.Now()
	}
	silent := time.Since(a.silent)
	t.bad, t.line = silent >= a.tolerance.database, forMinutes(conversation.AlarmDatabase, silent)
	return t
}

// troubleMailbox also tells by the ordinary route, once a day: mail may still go out.
func (a *app) troubleMailbox(ctx context.Context) (trouble, error) {
	unread, stale := a.mailboxUnread(ctx)
	t := trouble{name: troubleMailbox, bad: stale, line: forMinutes(conversation.AlarmStale, unread), works: conversation.Line{Key: conversation.AlarmMailboxWorks}}
	if stale {
		return t, a.engine.Alarm(ctx, "stale", t.line)
	}
	t.good = a.owns.Load() && !a.mailbox.LastSuccess().IsZero()
	return t, nil
}

func (a *app) troubleSending(ctx context.Context) (trouble, error) {
	t := trouble{name: troubleSending, works: conversation.Line{Key: conversation.AlarmSendingWorks}}
	c, err := a.store.Queues(ctx)
	if err != nil {
		return t, err
	}
	w := c.Waiting[conversation.ChannelMail]
	late := func(since time.Time, limit time.Duration) bool { return !since.IsZero() && time.Since(since) >= limit }
	t.bad = late(w.OldestUrgent, a.tolerance.urgent) || late(w.Oldest, a.tolerance.waiting)
	if t.bad {
		t.line = forMinutes(conversation.AlarmUnsent, time.Since(w.Oldest))
		t.line.Args["count"] = itoa(w.N)
	}
	t.good = !t.bad && a.sending.works()
	return t, nil
}

func forMinutes(key string, d time.Duration) conversation.Line {
	return conversation.Line{Key: key, Args: map[string]string{"minutes": itoa(int(d.Minutes()))}}
}

// undelivered deals with a message that was given up.
func (a *app) undelivered(d conversation.Delivery, reason string) {
	if err := a.engine.Undelivered(context.Background(), d.Outbound, reason); err != nil {
		a.log.Error("what follows from an undelivered message could not be done", "error", err)
	}
	if d.Outbound.Kind != conversation.MessageAlarm { // an alarm that was given up goes by the second route as it is
		a.second.raise(eventDead, conversation.Line{Key: conversation.AlarmDead, Args: map[string]string{"number": d.Outbound.Number, "reason": reason}})
	}
}

// diverted deals with a message that goes by mail because Teams did not take it.
func (a *app) diverted(d conversation.Delivery, f *conversation.Fault) {
	if err := a.engine.Diverted(context.Background(), d, f); err != nil {
		a.log.Error("the administrator could not be told that Teams does not take a message", "error", err)
	}
}

// mailboxAge is for how long the mailbox has not been read, or how long this process has run if it never was.
func (a *app) mailboxAge() time.Duration {
	last := a.started
	if t := a.mailbox.LastSuccess(); t.After(last) {
		last = t
	}
	return time.Since(last)
}
