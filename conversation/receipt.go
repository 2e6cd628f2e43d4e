package conversation

import (
	"context"
	"sync"
)

// receipts are deliveries to be recorded. Nobody waits for that to be done: the message is out, its claim lasts, and what comes behind it may go. So
// those that come while others are being recorded share the next transaction.
type receipts struct {
	mu          sync.Mutex
	next, under *batch
}

// batch is recorded in one transaction.
type batch struct {
	list []Receipt
	done chan struct{}
}

// record has a delivery recorded soon. It counts as under way until it is.
func (d *Dispatcher) record(one Receipt) {
	d.hands.mu.Lock()
	d.hands.begin()
	d.hands.mu.Unlock()
	r := &d.receipts
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = &batch{done: make(chan struct{})}
	}
	r.next.list = append(r.next.list, one)
	if r.under == nil {
		r.under, r.next = r.next, nil
		go d.recordAll(r.under)
	}
}

func (d *Dispatcher) recordAll(b *batch) {
	r := &d.receipts
	for b != nil {
		d.note(b.list)
		close(b.done)
		r.mu.Lock()
		r.under, r.next = r.next, nil
		next := r.under
		r.mu.Unlock()
		for range b.list {
			d.hands.end()
		}
		b = next
	}
}

// note records deliveries together, or where that fails each by itself: one that cannot be recorded, or one lost connection to the database, must not
// have the messages of many people sent again. Of what is recorded twice the first counts.
func (d *Dispatcher) note(list []Receipt) {
	ctx := context.Background()
	if d.Outbox.Sent(ctx, list) == nil {
		return
	}
	for _, one := range list {
		d.check(d.Outbox.Sent(ctx, []Receipt{one}), one.Outbound)
	}
}

// wait returns when what has come so far is recorded.
func (r *receipts) wait() {
	r.mu.Lock()
	last := r.next
	if last == nil {
		last = r.under
	}
	r.mu.Unlock()
	if last != nil {
		<-last.done
	}
}
