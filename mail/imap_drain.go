package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// roundSize bounds what is done between two questions to the gate.
	roundSize = 50
	// maxHeader bounds what is read of a mail that is too large.
	maxHeader = 256 << 10
)

// retry is a mail that was tried and stayed where it was.
type retry struct {
	attempts int
	due      time.Time
	broke    bool // the connection ended while it was fetched or moved
}

// drain goes through the mailbox until nothing is left that is due, and
// returns when the next attempt at a mail is due, zero if none is waiting. An
// error means that the connection is of no more use.
func (r *Reader) drain(ctx context.Context, c *imapConn) (next time.Time, err error) {
	waiters := r.takeWaiting()
	defer func() {
		if err != nil {
			r.putBack(waiters)
		}
	}()
	tried := map[uint32]bool{}
	var left error // why a mail was not handled
	for {
		if r.cfg.Gate != nil && !r.cfg.Gate(ctx) {
			r.takeWake()
			r.answer(waiters, ErrGateClosed)
			return time.Time{}, nil
		}
		uids, err := r.search(c)
		if err != nil {
			return time.Time{}, err
		}
		r.forget(uids)
		round := r.due(uids, tried, len(waiters) > 0)
		if len(round) == 0 {
			break
		}
		for _, uid := range round {
			tried[uid] = true
			failure, err := r.attempt(ctx, c, uid)
			if err != nil {
				return time.Time{}, err
			}
			left = errors.Join(left, failure)
		}
	}
	r.passed()
	r.answer(waiters, r.verdict(left))
	return r.nextDue(), nil
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

// search lists what lies in the mailbox. NOOP first: until a server has told of
// a new mail, SEARCH does not find it.
func (r *Reader) search(c *imapConn) (uids []uint32, err error) {
	err = c.guard("noop", r.times.command, func() error { return c.Noop().Wait() })
	if err != nil {
		return nil, err
	}
	r.takeWake() // what NOOP told of is found below; what comes later sets it again
	criteria := &imap.SearchCriteria{}
	if !c.canExpunge() {
		criteria.NotFlag = []imap.Flag{imap.FlagDeleted}
	}
	err = c.guard("search", r.times.command, func() error {
		data, err := c.UIDSearch(criteria, nil).Wait()
		if err == nil {
			for _, uid := range data.AllUIDs() {
				uids = append(uids, uint32(uid))
			}
		}
		return err
	})
	slices.Sort(uids)
	return uids, err
}

// forget drops the record of mails that are gone.
func (r *Reader) forget(uids []uint32) {
	for uid := range r.pending {
		if _, found := slices.BinarySearch(uids, uid); !found {
			delete(r.pending, uid)
		}
	}
}

// due picks the mails of the next round. A forced pass does not wait for a
// mail's time, except where trying could break the connection again.
func (r *Reader) due(uids []uint32, tried map[uint32]bool, forced bool) []uint32 {
	now := time.Now()
	var round []uint32
	for _, uid := range uids {
		if tried[uid] {
			continue
		}
		if p := r.pending[uid]; p != nil && p.due.After(now) && (!forced || p.broke) {
			continue
		}
		if round = append(round, uid); len(round) == roundSize {
			break
		}
	}
	return round
}

func (r *Reader) nextDue() (next time.Time) {
	for _, p := range r.pending {
		if next.IsZero() || p.due.Before(next) {
			next = p.due
		}
	}
	return next
}

// postpone records an attempt that has failed, or that will have if nothing
// more is heard of it.
func (r *Reader) postpone(uid uint32, broke bool) {
	p := r.pending[uid]
	if p == nil {
		p = &retry{}
		r.pending[uid] = p
	}
	p.due = time.Now().Add(min(r.times.retry<<min(p.attempts, 20), r.times.retryMax))
	p.broke = broke
}

// attempt fetches, handles and files one mail. failure is why the mail stays
// where it is; err means that the connection is lost.
func (r *Reader) attempt(ctx context.Context, c *imapConn, uid uint32) (failure, err error) {
	// Written down first: a mail on which go-imap's parser or the server breaks
	// off must not be the first thing that the next connection tries.
	r.postpone(uid, true)
	f, err := r.fetch(c, uid)
	if err == nil && f != nil {
		outcome := r.call(ctx, *f)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case outcome == nil:
			err = r.file(c, uid, c.handled)
		case errors.Is(outcome, ErrPoison):
			r.log.Error("mail cannot be handled; moved to the failed mailbox", "uid", uid, "error", outcome)
			err = r.file(c, uid, c.failed)
		default:
			r.fail(uid, outcome)
			return outcome, nil
		}
	}
	var refusal *imap.Error
	switch {
	case err == nil:
		delete(r.pending, uid)
		return nil, nil
	case errors.As(err, &refusal) && refusal.Type != imap.StatusResponseTypeBye:
		r.fail(uid, err)
		return err, nil
	}
	r.pending[uid].attempts++
	return nil, fmt.Errorf("uid %d: %w", uid, err)
}

func (r *Reader) fail(uid uint32, cause error) {
	r.postpone(uid, false)
	p := r.pending[uid]
	p.attempts++
	r.log.Warn("mail stays in the mailbox and is tried again", "uid", uid, "attempts", p.attempts, "due", p.due, "error", cause)
}

// call keeps one mail that makes handle panic from ending the program.
func (r *Reader) call(ctx context.Context, f Fetched) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("handle mail: panic: %v", v)
		}
	}()
	return r.handle(ctx, f)
}

// fetch reads one mail, nil if it is gone. The size is asked before the body,
// and the literal's own size is believed over it: Exchange reports estimates.
func (r *Reader) fetch(c *imapConn, uid uint32) (*Fetched, error) {
	f, err := r.fetchMeta(c, uid)
	if err != nil || f == nil {
		return nil, err
	}
	body := &imap.FetchItemBodySection{Peek: true}
	if f.Size <= r.cfg.MaxSize {
		found, whole, err := r.fetchSection(c, f, body, r.cfg.MaxSize)
		if err != nil || !found {
			return nil, err
		}
		if whole {
			return f, nil
		}
	}
	f.TooLarge = true
	header := &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierHeader, Peek: true,
		Partial: &imap.SectionPartial{Size: maxHeader},
	}
	found, _, err := r.fetchSection(c, f, header, maxHeader)
	if err != nil || !found {
		return nil, err
	}
	return f, nil
}

func (r *Reader) fetchMeta(c *imapConn, uid uint32) (f *Fetched, err error) {
	err = c.guard("fetch size", r.times.command, func() error {
		msgs, err := c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{
			UID: true, RFC822Size: true, InternalDate: true,
		}).Collect()
		for _, m := range msgs {
			if uint32(m.UID) == uid {
				f = &Fetched{UID: uid, UIDValidity: c.valid, InternalDate: m.InternalDate.UTC(), Size: m.RFC822Size}
			}
		}
		return err
	})
	return f, err
}

// fetchSection reads a body section into f.Raw. whole is false when it was
// larger than limit; the rest is then read and thrown away, since an unread
// literal blocks all that follows on the connection.
func (r *Reader) fetchSection(c *imapConn, f *Fetched, section *imap.FetchItemBodySection, limit int64) (found, whole bool, err error) {
	err = c.guard("fetch body", r.times.body, func() error {
		cmd := c.Fetch(imap.UIDSetNum(imap.UID(f.UID)), &imap.FetchOptions{
			UID: true, BodySection: []*imap.FetchItemBodySection{section},
		})
		defer cmd.Close()
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			for item := m.Next(); item != nil; item = m.Next() {
				data, ok := item.(imapclient.FetchItemDataBodySection)
				if !ok || found {
					continue
				}
				found, whole = true, true
				if data.Literal == nil { // NIL: an empty section
					continue
				}
				if whole = data.Literal.Size() <= limit; whole {
					if f.Raw, err = io.ReadAll(data.Literal); err != nil {
						return err
					}
				}
				if _, err := io.Copy(io.Discard, data.Literal); err != nil {
					return err
				}
			}
		}
		return cmd.Close()
	})
	return found, whole, err
}
