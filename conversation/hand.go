package conversation

import (
	"context"
	"sync"
	"time"
)

// A message whose turn comes at once need not go through the outbox's queue: the transaction that puts it there claims it, and hands it over when it
// is committed. What cannot go at once, or is put back, waits in the outbox as ever.

const (
	// HandMax bounds how many handed messages are under way on a channel; handWait is how long one waits for room before it is put back, well
	// within its claim.
	HandMax  = 64
	handWait = 30 * time.Second
	// handLeft is how much of its claim a message must have left to be sent: one that waited longer behind others is claimed anew, or it might go
	// out twice.
	handLeft = time.Minute
	// handRest is for how long nothing is handed to a place where one has failed: what was claimed before the failure was known is put back
	// behind it.
	handRest = 10 * time.Second
)

// place is where messages go in order.
type place struct {
	person  PersonID
	channel Channel
}

// hands are the handed messages that are under way.
type hands struct {
	mu    sync.Mutex
	ctx   context.Context // of Run; nil before it and after
	rooms map[Channel]chan struct{}
	// queues holds what waits behind a place's first message; the place is there while that is under way.
	queues map[place][]Delivery
	failed map[place]time.Time
	// left are those for whom something waits in the outbox that only a look at it finds.
	left map[PersonID]bool
	// under counts what is under way; idle is closed when it comes to nothing.
	under int
	idle  chan struct{}
}

// open lets messages be handed over until close.
func (h *hands) open(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ctx, h.queues, h.failed, h.left, h.rooms = ctx, map[place][]Delivery{}, map[place]time.Time{}, map[PersonID]bool{}, map[Channel]chan struct{}{}
	for _, c := range channels {
		h.rooms[c] = make(chan struct{}, HandMax)
	}
}

// close takes nothing more and waits for what is under way.
func (h *hands) close() {
	h.mu.Lock()
	h.ctx = nil
	h.mu.Unlock()
	_, _ = h.wait(context.Background())
}

// begin notes that something is under way, with h locked; end that it is not any more.
func (h *hands) begin() {
	if h.under++; h.under == 1 {
		h.idle = make(chan struct{})
	}
}

func (h *hands) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.under--; h.under == 0 {
		close(h.idle)
	}
}

// wait waits until nothing is under way; waited is false if nothing was, or the context ended.
func (h *hands) wait(ctx context.Context) (waited bool, err error) {
	h.mu.Lock()
	idle, under := h.idle, h.under
	h.mu.Unlock()
	if under == 0 {
		return false, nil
	}
	select {
	case <-idle:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Ready reports whether messages may be claimed to be handed over: Run is running.
func (d *Dispatcher) Ready() bool {
	d.hands.mu.Lock()
	defer d.hands.mu.Unlock()
	return d.hands.ctx != nil
}

// Hand sends messages that were claimed for this process and are committed: those of one person on one channel in the order given, behind those that
// were handed before; an alert waits for none. left are people for whom something waits in the outbox that could not be claimed. It returns at
// once.
func (d *Dispatcher) Hand(list []Delivery, left []PersonID) {
	back := d.hands.take(d, list)
	for _, one := range back {
		d.putBack(one)
	}
	if len(back) > 0 || d.hands.behind(left) {
		go func() {
			d.receipts.wait() // what waits is claimed only behind what is known to be sent
			d.Wake()
		}()
	}
}

// take begins or lines up what is handed, and returns what cannot be taken.
func (h *hands) take(d *Dispatcher, list []Delivery) (back []Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range list {
		at := place{one.Outbound.Person, one.Outbound.Channel}
		failed, rest := h.failed[at]
		queue, under := h.queues[at]
		switch {
		case h.ctx == nil || rest && time.Since(failed) < handRest:
			back = append(back, one)
		case one.Outbound.Kind == MessageAlert:
			h.begin()
			go d.alone(h.ctx, one)
		case under:
			h.queues[at] = append(queue, one)
		default:
			delete(h.failed, at)
			h.queues[at] = nil
			h.begin()
			go d.inOrder(h.ctx, at, one)
		}
	}
	return back
}

// behind notes for whom the outbox is to be looked at when what is under way for them has ended. now is set if nothing is.
func (h *hands) behind(left []PersonID) (now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range left {
		busy := false
		for _, c := range channels {
			_, under := h.queues[place{p, c}]
			busy = busy || under
		}
		if busy {
			h.left[p] = true
		} else {
			now = true
		}
	}
	return now
}

func (d *Dispatcher) alone(ctx context.Context, one Delivery) {
	defer d.hands.end()
	if !d.handed(ctx, one) {
		d.Wake()
	}
}

// inOrder sends a place's messages until none is left; when one fails those behind it are put back.
func (d *Dispatcher) inOrder(ctx context.Context, at place, one Delivery) {
	h := &d.hands
	defer h.end()
	for {
		sent := d.handed(ctx, one)
		h.mu.Lock()
		queue := h.queues[at]
		if sent && len(queue) > 0 {
			one, h.queues[at] = queue[0], queue[1:]
			h.mu.Unlock()
			continue
		}
		if !sent {
			h.rest(at)
		}
		delete(h.queues, at)
		wake := h.left[at.person] || !sent
		delete(h.left, at.person)
		h.mu.Unlock()
		if !sent {
			for _, behind := range queue {
				d.putBack(behind)
			}
		}
		if wake {
			d.receipts.wait() // what waits is claimed only behind what is known to be sent
			d.Wake()
		}
		return
	}
}

// rest notes a failure, and forgets those that are long past.
func (h *hands) rest(at place) {
	now := time.Now()
	if len(h.failed) >= HandMax {
		for p, t := range h.failed {
			if now.Sub(t) >= handRest {
				delete(h.failed, p)
			}
		}
	}
	h.failed[at] = now
}

// handed sends one message when there is room; sent is false if it did not go.
func (d *Dispatcher) handed(ctx context.Context, one Delivery) (sent bool) {
	room := d.hands.rooms[one.Outbound.Channel]
	select {
	case room <- struct{}{}:
	default:
		wait := time.NewTimer(handWait)
		defer wait.Stop()
		select {
		case room <- struct{}{}:
		case <-wait.C:
			d.putBack(one)
			return false
		case <-ctx.Done():
			d.putBack(one)
			return false
		}
	}
	defer func() { <-room }()
	if !one.Until.IsZero() {
		if time.Until(one.Until) < handLeft {
			d.putBack(one)
			return false
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, one.Until.Add(-claimSlack))
		defer cancel()
	}
	return d.deliver(ctx, one)
}

// putBack leaves a message in the outbox for whoever claims it next.
func (d *Dispatcher) putBack(one Delivery) {
	d.check(d.Outbox.Retry(context.Background(), one.Outbound.ID, time.Now(), "put_back"), one.Outbound.ID)
}
