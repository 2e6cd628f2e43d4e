package mail

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// retry is a mail that was tried and stayed where it was.
type retry struct {
	attempts int
	due      time.Time
	broke    bool // it is being tried alone, or the connection ended at that
}

// drain goes through the mailbox, UIDs ascending, until nothing is left that is due, and returns when the next attempt at a mail is due, zero if
// none is waiting. An error means that the connection is of no more use.
func (r *Reader) drain(ctx context.Context, c *imapConn) (next time.Time, err error) {
	waiters := r.takeWaiting()
	defer func() {
		if err != nil {
			r.putBack(waiters)
		}
	}()
	p := &pass{Reader: r, c: c}
	var found []uint32   // what the last search has found and was not looked at
	through := uint32(0) // all up to this UID has been looked at in this pass
	for {
		if len(found) == 0 {
			if !p.open(ctx) {
				return time.Time{}, r.shut(p, &waiters)
			}
			if found, err = r.search(c, through); err != nil {
				return time.Time{}, err
			}
			if len(found) == 0 {
				break
			}
		}
		more := func() (uids []uint32) {
			for len(uids) == 0 && len(found) > 0 {
				uids, found, through = r.due(found, len(waiters) > 0)
			}
			return uids
		}
		if err := p.round(ctx, more); errors.Is(err, errGate) {
			return time.Time{}, r.shut(p, &waiters)
		} else if err != nil {
			return time.Time{}, err
		}
		r.passed()
	}
	if err := p.file(); err != nil {
		return time.Time{}, err
	}
	r.passed()
	r.answer(waiters, r.verdict(p.left))
	return r.nextDue(), nil
}

// shut ends a pass at a closed gate: what was handled is still filed.
func (r *Reader) shut(p *pass, waiters *[]chan error) error {
	r.takeWake()
	if err := p.file(); err != nil {
		return err
	}
	r.answer(*waiters, ErrGateClosed)
	*waiters = nil
	return nil
}

func (r *Reader) takeWake() {
	select {
	case <-r.wake:
	default:
	}
}

func (r *Reader) passed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.success = time.Now()
}

// verdict is what Sync returns: also a mail that was not tried was left.
func (r *Reader) verdict(left error) error {
	if len(r.pending) == 0 {
		return nil
	}
	return errors.Join(fmt.Errorf("%w: %d", ErrLeftBehind, len(r.pending)), left)
}

// search lists what lies in the mailbox above a UID. NOOP first: until a server has told of a new mail, SEARCH does not find it.
func (r *Reader) search(c *imapConn, above uint32) (uids []uint32, err error) {
	err = c.guard("noop", r.times.command, func() error { return c.Noop().Wait() })
	if err != nil {
		return nil, err
	}
	r.takeWake() // what NOOP told of is found below; what comes later sets it again
	if above == math.MaxUint32 {
		return nil, nil
	}
	criteria := &imap.SearchCriteria{}
	if above > 0 {
		criteria.UID = []imap.UIDSet{{imap.UIDRange{Start: imap.UID(above + 1)}}} // Stop 0 is "*"
	}
	if !c.canExpunge() {
		criteria.NotFlag = []imap.Flag{imap.FlagDeleted}
	}
	err = c.guard("search", r.times.command, func() error {
		data, err := c.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			if uint32(uid) > above { // of "n:*" the last mail is always a part (RFC 9051 section 9, seq-range)
				uids = append(uids, uint32(uid))
			}
		}
		return nil
	})
	slices.Sort(uids)
	if err == nil && above == 0 {
		r.prune(uids)
	}
	return uids, err
}

// prune drops the records of mails that are gone.
func (r *Reader) prune(uids []uint32) {
	gone := func(uid uint32) bool { _, found := slices.BinarySearch(uids, uid); return !found }
	maps.DeleteFunc(r.pending, func(uid uint32, _ *retry) bool { return gone(uid) })
	maps.DeleteFunc(r.suspect, func(uid uint32, _ bool) bool { return gone(uid) })
}

// due picks the mails of the next round, and returns what is left to look at and up to which UID all has been. A forced pass does not wait for
// a mail's time, except where trying could break the connection again.
func (r *Reader) due(uids []uint32, forced bool) (round, rest []uint32, through uint32) {
	now := time.Now()
	for i, uid := range uids {
		through = uid
		if p := r.pending[uid]; p != nil && p.due.After(now) && (!forced || p.broke) {
			continue
		}
		if round = append(round, uid); len(round) == roundSize {
			return round, uids[i+1:], through
		}
	}
	return round, nil, through
}

func (r *Reader) nextDue() (next time.Time) {
	for _, p := range r.pending {
		if next.IsZero() || p.due.Before(next) {
			next = p.due
		}
	}
	return next
}

// postpone records an attempt that will have failed if nothing more is heard of it.
func (r *Reader) postpone(uid uint32, broke bool) *retry {
	p := r.pending[uid]
	if p == nil {
		p = &retry{}
		r.pending[uid] = p
	}
	p.due = time.Now().Add(min(r.times.retry<<min(p.attempts, 20), r.times.retryMax))
	p.attempts++
	p.broke = broke
	return p
}

func (r *Reader) fail(uid uint32, cause error) {
	p := r.pending[uid]
	if p == nil || !p.broke {
		p = r.postpone(uid, false)
	}
	p.broke = false
	delete(r.suspect, uid)
	r.log.Warn("mail stays in the mailbox and is tried again", "uid", uid, "attempts", p.attempts, "due", p.due, "error", cause)
}

// forget drops what was noted of a mail that has left the mailbox.
func (r *Reader) forget(uid uint32) {
	delete(r.pending, uid)
	delete(r.suspect, uid)
}
