package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Sender puts a message into words and sends it on one channel. It returns the channel's own id for it ("" if there is none). An
// error that is a *Fault says what to do; any other is tried again.
type Sender interface {
	Send(ctx context.Context, d Delivery) (ref string, err error)
}

// Fault is why a message could not be sent. Reason is a key that may be logged.
type Fault struct {
	Reason string
	// Permanent: never try again. Elsewhere: the person cannot be reached on this channel; try the other.
	Permanent, Elsewhere bool
	// After is the least time to wait, where the receiver named one.
	After time.Duration
	Err   error
}

func (f *Fault) Error() string { return f.Reason + ": " + fmt.Sprint(f.Err) }
func (f *Fault) Unwrap() error { return f.Err }

// Reasons of a Fault that the administrator is not told of: the person has removed the program themselves; the settings have no such channel, or
// the person no address there.
const (
	FaultRemoved   = "removed"
	FaultNoChannel = "no_such_channel"
)

// Dispatcher empties the outbox: decided once, delivered at least once, a repeat recognisable by its Message-ID.
type Dispatcher struct {
	Outbox  Outbox
	Senders map[Channel]Sender
	// Holder names this process in claims.
	Holder string
	// Now is the domain's clock, for when a message was sent; claims and back-off use real time.
	Now func() time.Time
	Log *slog.Logger
	// Dead is told of each message that was given up.
	Dead func(d Delivery, reason string)
	// Moved is told of each message that goes by mail because Teams did not take it.
	Moved func(d Delivery, f *Fault)

	once  sync.Once
	wake  chan struct{}
	hands hands
	// receipts are those of handed messages that are not recorded yet.
	receipts receipts
}

// MoveAfter is how often a message may fail in Teams for a passing reason before it goes by mail; the update of an old card, which has no
// counterpart there, from then on holds up nothing that comes after it.
const MoveAfter = 4

// ClaimFor is how long a message that is to be sent belongs to whoever claimed it.
const ClaimFor = 2 * time.Minute

const (
	claimSlack  = 10 * time.Second // between the end of a send and that of its claim
	sendsMax    = 16               // under way at once, on each channel
	attemptsMax = 30
	idlePoll    = 2 * time.Second
	// patience is the longest that a person is to wait because Teams asks to be left alone; beyond that the message goes by mail.
	patience = 5 * time.Minute
)

// Wake makes Run look at the outbox at once.
func (d *Dispatcher) Wake() {
	select {
	case d.woken() <- struct{}{}:
	default:
	}
}

func (d *Dispatcher) woken() chan struct{} {
	d.once.Do(func() { d.wake = make(chan struct{}, 1) })
	return d.wake
}

// Run sends what is in the outbox until the context ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.hands.open(ctx)
	defer d.hands.close()
	d.Wake()
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.woken():
		case <-tick.C:
		}
		if err := d.drain(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("the outbox could not be read", "error", err)
		}
	}
}

// Drain sends until nothing is left whose time has come and nothing is under way, what was handed over included.
func (d *Dispatcher) Drain(ctx context.Context) error {
	for {
		if err := d.drain(ctx); err != nil {
			return err
		}
		if waited, err := d.hands.wait(ctx); !waited {
			return err
		}
	}
}

// drain sends until nothing is left whose time has come and nothing that it took is under way. While a send takes its time the outbox is looked
// at again, so that nobody waits for another person's message; and each channel has a share of its own, so that no number of sends that hang on
// a dead mail server holds up Teams, or the other way round.
func (d *Dispatcher) drain(ctx context.Context) error {
	done := make(chan Channel, sendsMax*len(channels))
	under := map[Channel]int{}
	defer func() {
		for range total(under) {
			<-done
		}
	}()
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		full, err := d.take(ctx, under, done)
		switch {
		case err != nil && (total(under) == 0 || ctx.Err() != nil):
			return err
		case err != nil:
			d.Log.Error("the outbox could not be read while messages are under way", "error", err)
		case total(under) == 0:
			return nil
		}
		woken := d.woken()
		if full {
			woken = nil // there is room for nothing; another Drain may have it
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-done:
			under[c]--
			for more := true; more; { // each look at the outbox is a commit
				select {
				case c := <-done:
					under[c]--
				default:
					more = false
				}
			}
		case <-woken:
		case <-tick.C:
		}
	}
}

// take claims for each channel as much as its share has room for, and begins to send it. full tells that no channel had room.
func (d *Dispatcher) take(ctx context.Context, under map[Channel]int, done chan<- Channel) (full bool, err error) {
	full = true
	for _, c := range channels {
		room := sendsMax - under[c]
		if room == 0 {
			continue
		}
		full = false
		batch, err := d.Outbox.Claim(ctx, d.Holder, c, time.Now().Add(ClaimFor), room)
		if err != nil {
			return false, fmt.Errorf("claim from the outbox: %w", err)
		}
		for _, one := range batch {
			under[c]++
			go func() {
				defer func() { done <- c }()
				d.deliver(ctx, one)
			}()
		}
	}
	return full, nil
}

// channels are all that a message may go by, whether or not there is a sender for it: one without is moved or given up.
var channels = []Channel{ChannelMail, ChannelTeams}

func total(under map[Channel]int) (n int) {
	for _, u := range under {
		n += u
	}
	return n
}

// deliver sends one message and records what became of it; sent is false if it did not go, or not this way.
func (d *Dispatcher) deliver(ctx context.Context, one Delivery) (sent bool) {
	ctx, cancel := context.WithTimeout(ctx, ClaimFor-claimSlack)
	defer cancel()
	// Nobody can have read it before now; a person may have before the receiver says that it took it.
	id, at := one.Outbound.ID, d.Now()
	ref, err := "", error(nil)
	if s := d.Senders[one.Outbound.Channel]; s == nil || one.To.ID == "" {
		err = &Fault{Reason: FaultNoChannel, Elsewhere: true}
	} else {
		ref, err = s.Send(ctx, one)
	}
	if err == nil {
		r := Receipt{id, one.Outbound.Channel, at, ref}
		if one.Until.IsZero() { // the person's next message can be claimed only when this is recorded
			d.note([]Receipt{r})
		} else {
			d.record(r)
		}
		return true
	}
	var f *Fault
	if !errors.As(err, &f) {
		f = &Fault{Reason: "send_failed", Err: err}
	}
	d.Log.Warn("a message could not be sent", "outbound", id, "incident", one.Outbound.Incident, "channel", one.Outbound.Channel,
		"kind", one.Outbound.Kind, "attempt", one.Attempts, "reason", f.Reason)
	ctx = context.WithoutCancel(ctx)
	if (f.Elsewhere || !f.Permanent && (one.Attempts >= MoveAfter || f.After > patience)) && d.moved(ctx, one) {
		if d.Moved != nil {
			d.Moved(one, f)
		}
		return false
	}
	switch {
	case f.Permanent || f.Elsewhere || one.Attempts >= attemptsMax:
		d.check(d.Outbox.Dead(ctx, id, f.Reason), id)
		d.Log.Error("a message was given up", "outbound", id, "incident", one.Outbound.Incident, "kind", one.Outbound.Kind, "reason", f.Reason)
		if d.Dead != nil && one.Outbound.Kind != MessageAnswered { // an old card that stays as it was is missed by nobody
			d.Dead(one, f.Reason)
		}
	default:
		wait := min(time.Second<<min(one.Attempts, 10), 15*time.Minute)
		d.check(d.Outbox.Retry(ctx, id, time.Now().Add(max(wait, f.After)), f.Reason), id)
	}
	return false
}

// moved puts a Teams message back for the person's mail; false where it has no place there or they have no address.
func (d *Dispatcher) moved(ctx context.Context, one Delivery) bool {
	if one.Outbound.Channel != ChannelTeams || one.Outbound.Kind == MessageAnswered || d.Senders[ChannelMail] == nil {
		return false
	}
	err := d.Outbox.Move(ctx, one.Outbound.ID, ChannelMail)
	if errors.Is(err, ErrNotFound) {
		return false
	}
	d.check(err, one.Outbound.ID)
	return true
}

func (d *Dispatcher) check(err error, id OutboundID) {
	if err != nil {
		d.Log.Error("a delivery could not be recorded; the message may be sent again", "outbound", id, "error", err)
	}
}
