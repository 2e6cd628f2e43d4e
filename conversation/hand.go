package conversation

import (
	"context"
	"sync"
	"time"
)

// A message whose turn comes at once need not go through the outbox's queue: the transaction that puts it there claims it, and hands it over when it
// is committed. What cannot go at once, or is put back, waits in the outbox as ever.

// handMax bounds how many handed messages are under way on a channel; handWait is how long one waits for room before it is put back, well
// within its claim.
const (
	handMax  = 64
	handWait = 30 * time.Second
)

// hands are the handed messages that are under way.
type hands struct {
	mu    sync.Mutex
	ctx   context.Context // of Run; nil before it and after
	rooms map[Channel]chan struct{}
	// busy counts a person's handed sequences; left are those for whom something waits behind them.
	busy  map[PersonID]int
	left  map[PersonID]bool
	under sync.WaitGroup
}

// open lets messages be handed over until close.
func (h *hands) open(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ctx, h.busy, h.left, h.rooms = ctx, map[PersonID]int{}, map[PersonID]bool{}, map[Channel]chan struct{}{}
	for _, c := range channels {
		h.rooms[c] = make(chan struct{}, handMax)
	}
}

// close takes nothing more and waits for what is under way.
func (h *hands) close() {
	h.mu.Lock()
	h.ctx = nil
	h.mu.Unlock()
	h.under.Wait()
}

// Ready reports whether messages may be claimed to be handed over: Run is running.
func (d *Dispatcher) Ready() bool {
	d.hands.mu.Lock()
	defer d.hands.mu.Unlock()
	return d.hands.ctx != nil
}

// Hand sends messages that were claimed for this process and are committed: each list is for one person on one channel, in order. left are people for
// whom something waits in the outbox that could not be claimed. It returns at once.
func (d *Dispatcher) Hand(lists [][]Delivery, left []PersonID) {
	h := &d.hands
	h.mu.Lock()
	ctx := h.ctx
	for _, list := range lists {
		if ctx != nil {
			h.busy[list[0].Outbound.Person]++
			h.under.Add(1)
		}
	}
	wake := false
	for _, p := range left {
		if ctx != nil && h.busy[p] > 0 {
			h.left[p] = true
		} else {
			wake = true
		}
	}
	h.mu.Unlock()
	for _, list := range lists {
		if ctx == nil {
			d.putBack(list)
			wake = true
			continue
		}
		go d.sequence(ctx, list)
	}
	if wake {
		d.Wake()
	}
}

// sequence sends one person's messages; when one fails those behind it are put back, behind it.
func (d *Dispatcher) sequence(ctx context.Context, list []Delivery) {
	h := &d.hands
	defer h.under.Done()
	defer d.handed(list[0].Outbound.Person)
	room := h.rooms[list[0].Outbound.Channel]
	select {
	case room <- struct{}{}:
	default:
		wait := time.NewTimer(handWait)
		defer wait.Stop()
		select {
		case room <- struct{}{}:
		case <-wait.C:
			d.putBack(list)
			return
		case <-ctx.Done():
			d.putBack(list)
			return
		}
	}
	defer func() { <-room }()
	for i, one := range list {
		if !d.deliver(ctx, one) {
			d.putBack(list[i+1:])
			d.Wake()
			return
		}
	}
}

// handed notes the end of a sequence, and has what waits behind it sent.
func (d *Dispatcher) handed(p PersonID) {
	h := &d.hands
	h.mu.Lock()
	if h.busy[p]--; h.busy[p] == 0 {
		delete(h.busy, p)
	}
	wake := h.left[p]
	delete(h.left, p)
	h.mu.Unlock()
	if wake {
		d.Wake()
	}
}

// putBack leaves messages in the outbox for whoever claims them next.
func (d *Dispatcher) putBack(list []Delivery) {
	for _, one := range list {
		d.check(d.Outbox.Retry(context.Background(), one.Outbound.ID, time.Now(), "put_back"), one.Outbound.ID)
	}
}
