package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"frist/conversation"
)

// Receive takes mails from the mailbox: all are committed raw in one transaction, and then each has its turn, in their order. A nil error means that
// the mail may leave the mailbox, since whatever then fails is taken up again from the store. It is a Handler.
func (c *Channel) Receive(ctx context.Context, mails []Fetched) []error {
	c.Prepare(ctx, mails)
	defer c.parsed.clear()
	outcomes := make([]error, len(mails))
	var in []conversation.RawInbound
	var which []int // of the mails
	for i := range mails {
		r := mails[i].ready
		if outcomes[i] = r.err; r.err == nil {
			in, which = append(in, r.raw), append(which, i)
			c.parsed.keep(r)
		}
	}
	for n, err := range c.accept(ctx, in) {
		i := which[n]
		if outcomes[i] = err; err == nil {
			outcomes[i] = c.turn(ctx, in[n].ID)
		}
		if outcomes[i] == nil && mails[i].TooLarge {
			outcomes[i] = fmt.Errorf("mail of %d bytes: %w", mails[i].Size, ErrPoison)
		}
	}
	return outcomes
}

// accept commits the mails, one by one if they cannot be committed together, so that one which the database refuses stays alone.
func (c *Channel) accept(ctx context.Context, in []conversation.RawInbound) []error {
	outcomes := make([]error, len(in))
	if len(in) == 0 {
		return nil
	}
	_, err := c.Engine.AcceptAll(ctx, in)
	if err == nil {
		return outcomes
	}
	for i := range in {
		if len(in) > 1 {
			_, err = c.Engine.AcceptAll(ctx, in[i:i+1])
		}
		if err != nil {
			outcomes[i] = fmt.Errorf("accept mail: %w", err)
		}
	}
	return outcomes
}

func (c *Channel) turn(ctx context.Context, id conversation.InboundID) error {
	_, err := c.Engine.Handle(ctx, id)
	if errors.Is(err, conversation.ErrFailed) {
		return fmt.Errorf("handle mail: %w: %w", ErrPoison, err)
	}
	if err != nil {
		c.Log.Error("a mail is kept but had no turn yet", "inbound", id, "error", err)
	}
	return nil
}

// ready is a mail that has been read; message is nil if the parser failed. err is why it must stay in the mailbox for now.
type ready struct {
	raw     conversation.RawInbound
	message *Message
	err     error
}

// Prepare reads the mails on all processors, for Receive and their turns. It is IMAPConfig's Prepare.
func (c *Channel) Prepare(ctx context.Context, mails []Fetched) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(len(mails), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := range next {
				mails[i].ready = c.read(ctx, mails[i])
			}
		})
	}
	for i := range mails {
		if mails[i].ready == nil {
			next <- i
		}
	}
	close(next)
	workers.Wait()
}

// read makes a raw inbound of a mail. A mail on which the parser fails is taken in all the same: its turn fails then, where it is noted and told.
func (c *Channel) read(ctx context.Context, f Fetched) (r *ready) {
	if f.TooLarge {
		c.Log.Warn("a mail was too large to be read", "uid", f.UID, "size", f.Size)
		f.Raw = marked(f.Raw, oversizeField+": yes")
	}
	r = &ready{raw: conversation.RawInbound{Channel: conversation.ChannelMail, At: f.InternalDate.UTC(), Raw: f.Raw}}
	defer func() {
		if v := recover(); v != nil {
			c.Log.Error("a mail made the parser fail: this is a fault of the program", "uid", f.UID)
			r.raw.ID = inboundID(&Message{}, f.Raw, nil)
		}
	}()
	if r.raw.Raw, r.err = c.stamp(ctx, f.Raw, f.InternalDate); r.err != nil {
		return r
	}
	m, normal := c.parse(r.raw.Raw)
	if strings.HasPrefix(m.Problem, problemPanic) {
		c.Log.Error("a mail could not be read: this is a fault of the program", "uid", f.UID, "problem", m.Problem)
	}
	// The id is of what came, not of our stamp: that may be another the next time.
	if len(r.raw.Raw) != len(f.Raw) || len(f.Raw) > maxRaw {
		normal = normaliseLines(f.Raw)
	}
	r.raw.ID = inboundID(m, f.Raw, normal)
	r.message = m
	r.raw.Raw = c.Scanned(ctx, m, r.raw.Raw)
	return r
}

// marked puts a header line of our own above a mail.
func marked(raw []byte, line string) []byte {
	return append([]byte(line+"\r\n"), raw...)
}

// inboundID is the same for a mail that is fetched twice, however it was relayed: its Message-ID and body, or all of it where it has none.
// normal is raw with LF.
func inboundID(m *Message, raw, normal []byte) conversation.InboundID {
	body := raw
	if m.MessageID != "" {
		if _, after, ok := bytes.Cut(normal, []byte("\n\n")); ok {
			body = after
		}
	}
	sum := sha256.Sum256(body)
	return conversation.NewInboundID("mail", m.MessageID, hex.EncodeToString(sum[:]))
}

// parse returns also the mail with LF.
func (c *Channel) parse(raw []byte) (m *Message, normal []byte) {
	if c.parser != nil {
		m = c.parser(raw)
	} else {
		m, normal = parse(raw)
	}
	if normal == nil {
		normal = normaliseLines(raw)
	}
	return m, normal
}

// parsed holds what the mails of a batch say, until their turns.
type parsed struct {
	mu   sync.Mutex
	byID map[conversation.InboundID]*ready
}

func (p *parsed) keep(r *ready) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID == nil {
		p.byID = map[conversation.InboundID]*ready{}
	}
	p.byID[r.raw.ID] = r
}

// take gives a message away once, since a turn may change what it is given; nil if there is none. The store's mail may have come another way than
// the one in the mailbox, with other Authentication-Results: only the same bytes say the same.
func (p *parsed) take(in conversation.RawInbound) *Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, ok := p.byID[in.ID]
	if !ok || !bytes.Equal(kept.raw.Raw, in.Raw) {
		return nil
	}
	delete(p.byID, in.ID)
	return kept.message
}

func (p *parsed) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byID = nil
}
