package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

const (
	// roundSize bounds what is done between two questions to the gate.
	roundSize = 200
	// batchMails and batchBytes bound what is fetched, handled and filed together. Two batches are in memory at once: one is handled
	// while the next is fetched.
	batchMails = 100
	batchBytes = 4 << 20
	// smallMail is the largest that is fetched together with others.
	smallMail = 1 << 20
)

// batch is what is fetched, handled and filed together, UIDs ascending.
type batch struct {
	uids   []uint32
	metas  map[uint32]Fetched // the round's
	alone  bool               // one mail: it is large, or a batch failed with it
	loaded bool

	mails   []Fetched
	later   []uint32         // could not be had among others: each is fetched alone
	refused map[uint32]error // the server will not give them
}

func apart(uids []uint32) []*batch {
	var list []*batch
	for _, uid := range uids {
		list = append(list, &batch{uids: []uint32{uid}, alone: true})
	}
	return list
}

// round fetches, hands over and files mails, and handles one batch while the next is fetched. failure is why a mail stays where it is; err
// means that the connection is lost.
//
// A mail on which go-imap's parser or the server breaks off must neither be the first thing that the next connection tries nor keep others
// waiting. So what is under way together is written down beforehand as suspect. After a broken connection suspects are taken one by
// one, and the one that breaks it again is put off.
func (r *Reader) round(ctx context.Context, c *imapConn, uids []uint32) (failure, err error) {
	queue, err := r.plan(c, uids)
	if err != nil {
		return nil, err
	}
	for len(queue) > 0 {
		b := queue[0]
		if err := r.load(c, b); err != nil {
			return failure, err
		}
		queue = append(apart(b.later), queue[1:]...)
		ahead := make(chan error, 1)
		if len(queue) > 0 && !queue[0].alone {
			next := queue[0]
			go func() { ahead <- r.load(c, next) }()
		} else {
			ahead <- nil
		}
		outcomes := r.call(ctx, b.mails)
		err := <-ahead
		if ctx.Err() != nil {
			return failure, ctx.Err()
		}
		if err != nil {
			return failure, err
		}
		left, err := r.settle(c, b, outcomes)
		if failure == nil {
			failure = left
		}
		if err != nil {
			return failure, err
		}
	}
	return failure, nil
}

// plan asks for the sizes of the mails and parts them into batches.
func (r *Reader) plan(c *imapConn, uids []uint32) (queue []*batch, err error) {
	alone := map[uint32]bool{}
	var together []uint32
	for _, uid := range uids {
		if alone[uid] = r.suspect[uid] || r.pending[uid] != nil; !alone[uid] {
			together = append(together, uid)
			r.suspect[uid] = true
		}
	}
	metas, err := r.fetchMetas(c, together)
	refused := isRefusal(err)
	if err != nil && !refused {
		return nil, err
	}
	var open *batch
	var size int64
	for _, uid := range uids {
		meta, known := metas[uid]
		switch {
		case alone[uid], !known && refused, known && meta.Size > min(smallMail, r.cfg.MaxSize):
			queue, open = append(queue, apart([]uint32{uid})...), nil
		case !known: // another has moved or deleted it
			r.forget(uid)
		default:
			if open == nil || len(open.uids) == batchMails || size+meta.Size > batchBytes {
				open, size = &batch{metas: metas}, 0
				queue = append(queue, open)
			}
			open.uids = append(open.uids, uid)
			size += meta.Size
		}
	}
	return queue, nil
}

// load fetches a batch's mails, once. err means that the connection is lost. It may run beside the handling of the batch before.
func (r *Reader) load(c *imapConn, b *batch) error {
	if b.loaded {
		return nil
	}
	b.loaded = true
	if !b.alone {
		return r.fetchBodies(c, b)
	}
	uid := b.uids[0]
	r.postpone(uid, true) // written down first
	f, err := r.fetch(c, uid)
	switch {
	case isRefusal(err):
		b.refused = map[uint32]error{uid: err}
	case err != nil:
		return fmt.Errorf("uid %d: %w", uid, err)
	case f != nil:
		b.mails = []Fetched{*f}
	}
	return nil
}

// settle files what was handled, and notes what was not.
func (r *Reader) settle(c *imapConn, b *batch, outcomes []error) (failure, err error) {
	var handled, failed []uint32
	stays := b.refused
	if stays == nil {
		stays = map[uint32]error{}
	}
	for i, f := range b.mails {
		switch outcome := outcomes[i]; {
		case outcome == nil:
			handled = append(handled, f.UID)
		case errors.Is(outcome, ErrPoison):
			r.log.Error("mail cannot be handled; moved to the failed mailbox", "uid", f.UID, "error", outcome)
			failed = append(failed, f.UID)
		default:
			stays[f.UID] = outcome
		}
	}
	if err := r.file(c, handled, c.handled, stays); err != nil {
		return nil, err
	}
	if err := r.file(c, failed, c.failed, stays); err != nil {
		return nil, err
	}
	later := map[uint32]bool{}
	for _, uid := range b.later {
		later[uid] = true
	}
	for _, uid := range b.uids {
		if cause := stays[uid]; cause != nil {
			r.fail(uid, cause)
			if failure == nil {
				failure = cause
			}
		} else if !later[uid] {
			r.forget(uid)
		}
	}
	return failure, nil
}

// call hands mails over. A panic must not end the program; in a batch it is found out which mail it was.
func (r *Reader) call(ctx context.Context, mails []Fetched) (outcomes []error) {
	if len(mails) == 0 {
		return nil
	}
	outcomes, err := r.callOnce(ctx, mails)
	if err == nil {
		return outcomes
	}
	if len(mails) == 1 {
		return []error{err}
	}
	outcomes = nil
	for i := range mails {
		outcomes = append(outcomes, r.call(ctx, mails[i:i+1])...)
	}
	return outcomes
}

func (r *Reader) callOnce(ctx context.Context, mails []Fetched) (outcomes []error, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("handle mail: panic: %v", v)
		}
	}()
	outcomes = r.handle(ctx, mails)
	if len(outcomes) != len(mails) {
		return nil, fmt.Errorf("handle mail: %d outcomes of %d mails", len(outcomes), len(mails))
	}
	return outcomes, nil
}

// isRefusal reports whether a server has answered NO or BAD, after which the connection is as good as before.
func isRefusal(err error) bool {
	refusal, ok := errors.AsType[*imap.Error](err)
	return ok && refusal.Type != imap.StatusResponseTypeBye
}
