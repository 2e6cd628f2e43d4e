package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

const (
	// roundSize is how many mails the sizes are asked of at once.
	roundSize = 1000
	// fileMails is how many mails are moved with one command, which costs a server as much as some hundred mails do.
	fileMails = 400
	// batchMails and batchBytes bound what is fetched, handled and filed together. Three batches are in memory at once: one is handled
	// while the next is read and the one after that is fetched.
	batchMails = 120
	batchBytes = 4 << 20
	// smallMail is the largest that is fetched together with others.
	smallMail = 1 << 20
)

// batch is what is fetched, handled and filed together, UIDs ascending.
type batch struct {
	uids  []uint32
	metas map[uint32]Fetched // the round's
	alone bool               // one mail: it is large, or a batch failed with it

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

// round fetches and hands over mails until more gives no more UIDs. Three things are done at once: one batch is handled, the next is read, and on the
// connection the one after that is fetched or what was handled is filed. Batches are handled one at a time and in their order. This goroutine alone
// changes the pass. An error means that the connection is lost, or is errGate.
func (p *pass) round(ctx context.Context, more func() []uint32) error {
	l := p.startLine(ctx)
	err := p.feed(ctx, l, more)
	close(l.in)
	for d := range l.out {
		err = errors.Join(err, p.done(ctx, d))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errGate):
		return errGate
	}
	return err
}

// feed loads one batch after the other and puts it on the line.
func (p *pass) feed(ctx context.Context, l *line, more func() []uint32) (err error) {
	var queue []*batch
	for {
		if err := p.settleDone(ctx, l, 0); err != nil {
			return err
		}
		if len(p.handled)+len(p.failed) >= fileMails {
			if err := p.file(); err != nil {
				return err
			}
		}
		if len(queue) == 0 {
			uids := more()
			if len(uids) == 0 {
				return nil
			}
			if queue, err = p.plan(uids); err != nil {
				return err
			}
			continue
		}
		b := queue[0]
		if b.alone { // nothing else is under way then
			if err := p.settleDone(ctx, l, l.under); err != nil {
				return err
			}
		}
		p.suspects(b, true)
		if err := p.load(b); err != nil {
			return err
		}
		p.suspects(b, false)
		if err := p.put(ctx, l, b); err != nil {
			return err
		}
		queue = append(apart(b.later), queue[1:]...)
	}
}

// put gives a batch to the line as soon as the one before is being read no more.
func (p *pass) put(ctx context.Context, l *line, b *batch) error {
	for {
		select {
		case l.in <- b:
			l.under++
			return nil
		case d := <-l.out:
			l.under--
			if err := p.done(ctx, d); err != nil {
				return err
			}
		}
	}
}

// settleDone notes what came of the batches that are done, and waits for so many.
func (p *pass) settleDone(ctx context.Context, l *line, wait int) error {
	for ; wait > 0 || len(l.out) > 0; wait-- {
		l.under--
		if err := p.done(ctx, <-l.out); err != nil {
			return err
		}
	}
	return nil
}

// done notes what came of a batch.
func (p *pass) done(ctx context.Context, d done) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case d.outcomes == nil && len(d.batch.mails) > 0:
		return errGate
	}
	p.settle(d.batch, d.outcomes)
	p.passed()
	return nil
}

// line is where batches are read and handled.
type line struct {
	in    chan *batch
	out   chan done // has room for all that is under way
	under int       // how many were put in and have not come out
}

// done is a batch that was handled; outcomes is nil if the gate was closed before.
type done struct {
	batch    *batch
	outcomes []error
}

// startLine starts what reads and handles. It ends when in is closed, and closes out.
func (p *pass) startLine(ctx context.Context) *line {
	l := &line{in: make(chan *batch), out: make(chan done, 4)}
	read := make(chan *batch)
	go func() {
		defer close(read)
		for b := range l.in {
			if p.cfg.Prepare != nil && !b.alone {
				p.cfg.Prepare(ctx, b.mails)
			}
			read <- b
		}
	}()
	go func() {
		defer close(l.out)
		open := true
		for b := range read {
			d := done{batch: b}
			if open = open && ctx.Err() == nil && p.open(ctx); open {
				d.outcomes = p.call(ctx, b.mails)
			}
			l.out <- d
		}
	}()
	return l
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

// load fetches a batch's mails. err means that the connection is lost.
func (p *pass) load(b *batch) error {
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
