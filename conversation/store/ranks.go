package store

import (
	"time"

	"frist/conversation"
)

// ranks remembers, by person, the place of the message that was put into the outbox last, and how many before it are handed over. What puts a message
// back, or leaves one there for whoever claims it, must forget it: then the outbox is looked at.
type ranks struct {
	byPerson map[conversation.PersonID]*rank
}

type rank struct {
	seq   int64
	lanes map[conversation.Channel]lane
}

// lane counts the messages on one channel since the outbox was looked at, those that were sent since included.
type lane struct {
	handed int
	at     time.Time
}

const (
	// ranksMax bounds how many people are remembered; then all are forgotten.
	ranksMax = 1000
	// laneFor is for how long a lane is good: a message must not have lost its claim meanwhile, which it had for half its time.
	laneFor = conversation.ClaimFor / 4
)

// next is the place of a person's next message, if it is known that all that wait before it on the channel are handed over.
func (r *ranks) next(p conversation.PersonID, c conversation.Channel, now time.Time) (seq int64, ok bool) {
	k := r.byPerson[p]
	if k == nil {
		return 0, false
	}
	l, ok := k.lanes[c]
	if !ok || l.handed >= handedMax || now.Sub(l.at) > laneFor || now.Before(l.at) {
		return 0, false
	}
	k.seq++
	l.handed++
	k.lanes[c] = l
	return k.seq, true
}

func (r *ranks) put(p conversation.PersonID, c conversation.Channel, seq int64, handed int, now time.Time) {
	if r.byPerson == nil || len(r.byPerson) >= ranksMax {
		r.byPerson = map[conversation.PersonID]*rank{}
	}
	k := r.byPerson[p]
	if k == nil {
		k = &rank{lanes: map[conversation.Channel]lane{}}
		r.byPerson[p] = k
	}
	k.seq = max(seq, k.seq)
	k.lanes[c] = lane{handed, now}
}

func (r *ranks) drop(p conversation.PersonID) { delete(r.byPerson, p) }

func (r *ranks) forget() { clear(r.byPerson) }

// reordered forgets what was known of who waits behind whom.
func (t *tx) reordered() {
	if t.shares() {
		t.store.ranks.forget()
	}
}
