package store

import (
	"sync"

	"frist/conversation"
)

// refsMax bounds how many references are remembered, at most twice as many.
const refsMax = 1024

// refs remembers the channel's own ids of the messages that were sent last: an answered card is mostly replaced soon after it was sent, often before its
// delivery is recorded. The older half is forgotten when the newer is full.
type refs struct {
	mu         sync.Mutex
	newer, old map[conversation.OutboundID]string
}

// put remembers the first id that a message was given.
func (r *refs) put(id conversation.OutboundID, ref string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.old[id]; ok {
		return
	}
	if _, ok := r.newer[id]; ok {
		return
	}
	if r.newer == nil || len(r.newer) >= refsMax {
		r.newer, r.old = map[conversation.OutboundID]string{}, r.newer
	}
	r.newer[id] = ref
}

func (r *refs) get(id conversation.OutboundID) (ref string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ref, ok = r.newer[id]; !ok {
		ref, ok = r.old[id]
	}
	return ref, ok
}

// drop forgets a message that is sent again.
func (r *refs) drop(id conversation.OutboundID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.newer, id)
	delete(r.old, id)
}
