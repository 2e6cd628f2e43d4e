package mail

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/emersion/go-imap/v2"
)

const (
	// roundSize is how many mails the sizes are asked of at once.
	roundSize = 1000
	// fileMails is how many mails are moved with one command, which costs a server as much as some hundred mails do.
	fileMails = 400
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

// pass is one way through the mailbox over one connection.
//
// A mail on which go-imap's parser or the server breaks off must neither be the first thing that the next connection tries nor keep others
// waiting. So what a command is about to name together with others is written down beforehand as suspect. After a broken connection suspects
// are taken one by one, and the one that breaks it again is put off.
type pass struct {
	*Reader
	c *imapConn
	// handled and failed have been handed over and are not filed yet.
	handled, failed []uint32
	left            error // why a mail stays where it is
}

// errGate ends a pass whose mailbox has come to be another's.
var errGate = errors.New("the gate is closed")

func (p *pass) open(ctx context.Context) bool { return p.cfg.Gate == nil || p.cfg.Gate(ctx) }

// round fetches and hands over mails. One batch is handled while the next is fetched and, from time to time, what was handled is filed. An error
// means that the connection is lost, or is errGate.
func (p *pass) round(ctx context.Context, uids []uint32) error {
	queue, err := p.plan(uids)
	if err != nil {
		return err
	}
	for len(queue) > 0 {
		b := queue[0]
		if !b.loaded {
			p.suspects(b, true)
			if err := p.load(b); err != nil {
				return err
			}
			p.suspects(b, false)
		}
		if !p.open(ctx) {
			return errGate
		}
		queue = append(apart(b.later), queue[1:]...)
		var next *batch
		if len(queue) > 0 && !queue[0].alone {
			next = queue[0]
			p.suspects(next, true)
		}
		ahead := make(chan error, 1)
		go func() { ahead <- p.beside(ctx, next) }()
		outcomes := p.call(ctx, b.mails)
		err := <-ahead
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.settle(b, outcomes)
		if err != nil {
			return err
		}
		if next != nil {
			p.suspects(next, false)
		}
	}
	return nil
}

// beside is what is done on the connection while a batch is handled: it alone changes the pass then. What has been fetched is read while what
// was handled is filed.
func (p *pass) beside(ctx context.Context, next *batch) error {
	if next != nil {
		if err := p.load(next); err != nil {
			return err
		}
	}
	var reading sync.WaitGroup
	defer reading.Wait()
	if next != nil && p.cfg.Prepare != nil {
		reading.Go(func() { p.cfg.Prepare(ctx, next.mails) })
	}
	if len(p.handled)+len(p.failed) < fileMails {
		return nil
	}
	return p.file()
}

// plan asks for the sizes of the mails and parts them into batches.
func (p *pass) plan(uids []uint32) (queue []*batch, err error) {
	alone := map[uint32]bool{}
	all := &batch{}
	for _, uid := range uids {
		if alone[uid] = p.suspect[uid] || p.pending[uid] != nil; !alone[uid] {
			all.uids = append(all.uids, uid)
		}
	}
	p.suspects(all, true)
	metas, err := p.fetchMetas(p.c, all.uids)
	refused := isRefusal(err)
	if err != nil && !refused {
		return nil, err
	}
	p.suspects(all, false)
	var open *batch
	var size int64
	for _, uid := range uids {
		meta, known := metas[uid]
		switch {
		case alone[uid], !known && refused, known && meta.Size > min(smallMail, p.cfg.MaxSize):
			queue, open = append(queue, apart([]uint32{uid})...), nil
		case !known: // another has moved or deleted it
			p.forget(uid)
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

// suspects writes down, or strikes out, what is named together. A mail that is alone is written down as an attempt.
func (p *pass) suspects(b *batch, are bool) {
	switch {
	case !b.alone && are:
		for _, uid := range b.uids {
			p.suspect[uid] = true
		}
	case !b.alone:
		for _, uid := range b.uids {
			delete(p.suspect, uid)
		}
	case are:
		p.postpone(b.uids[0], true)
	}
}

// load fetches a batch's mails. err means that the connection is lost. It may run beside the handling of the batch before, and changes the batch
// alone.
func (p *pass) load(b *batch) error {
	b.loaded = true
	if !b.alone {
		return p.fetchBodies(p.c, b)
	}
	uid := b.uids[0]
	f, err := p.fetch(p.c, uid)
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

// settle notes how it went with a batch.
func (p *pass) settle(b *batch, outcomes []error) {
	here := map[uint32]bool{}
	for i, f := range b.mails {
		here[f.UID] = true
		switch outcome := outcomes[i]; {
		case outcome == nil:
			p.handled = append(p.handled, f.UID)
		case errors.Is(outcome, ErrPoison):
			p.log.Error("mail cannot be handled; moved to the failed mailbox", "uid", f.UID, "error", outcome)
			p.failed = append(p.failed, f.UID)
		default:
			p.stays(f.UID, outcome)
		}
	}
	for _, uid := range b.later {
		here[uid] = true
	}
	for _, uid := range b.uids {
		if cause := b.refused[uid]; cause != nil {
			p.stays(uid, cause)
		} else if !here[uid] { // another has moved or deleted it
			p.forget(uid)
		}
	}
}

func (p *pass) stays(uid uint32, cause error) {
	p.fail(uid, cause)
	if p.left == nil {
		p.left = cause
	}
}

// file moves what was handled out of the mailbox.
func (p *pass) file() error {
	for _, lot := range []struct {
		uids *[]uint32
		dest string
	}{{&p.handled, p.c.handled}, {&p.failed, p.c.failed}} {
		b := &batch{uids: *lot.uids}
		p.suspects(b, true)
		refused, err := p.moveAll(p.c, b.uids, lot.dest)
		if err != nil {
			return err
		}
		*lot.uids = nil
		for _, uid := range b.uids {
			if cause := refused[uid]; cause != nil {
				p.stays(uid, cause)
			} else {
				p.forget(uid)
			}
		}
	}
	return nil
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
