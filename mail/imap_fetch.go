package mail

import (
	"bytes"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// maxHeader bounds what is read of a mail that is too large.
const maxHeader = 256 << 10

// guardFlow is guard for what may take long, as long as something comes: the connection is closed too when nothing has come for the time of one
// command. f calls alive whenever something has.
func (r *Reader) guardFlow(c *imapConn, op string, f func(alive func()) error) error {
	return c.guard(op, r.times.body, func() error {
		t := time.AfterFunc(r.times.command, func() { c.raw.Close() })
		defer t.Stop()
		return f(func() { t.Reset(r.times.command) })
	})
}

// fetchMetas asks for receipt and size. Who is absent has left the mailbox, unless the server refused.
func (r *Reader) fetchMetas(c *imapConn, uids []uint32) (metas map[uint32]Fetched, err error) {
	metas = make(map[uint32]Fetched, len(uids))
	if len(uids) == 0 {
		return metas, nil
	}
	err = c.guard("fetch sizes", r.times.command, func() error {
		msgs, err := c.Fetch(uidSet(uids), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
		for _, m := range msgs {
			uid := uint32(m.UID)
			metas[uid] = Fetched{UID: uid, UIDValidity: c.valid, InternalDate: m.InternalDate.UTC(), Size: m.RFC822Size}
		}
		return err
	})
	return metas, err
}

// fetchBodies reads a batch's mails with one command. A mail that is far larger than the server had said, and what a refusal left out, is
// noted for later; what is merely absent has left the mailbox.
func (r *Reader) fetchBodies(c *imapConn, b *batch) error {
	section := &imap.FetchItemBodySection{Peek: true}
	room := int64(2 * batchBytes)
	err := r.guardFlow(c, "fetch bodies", func(alive func()) error {
		cmd := c.Fetch(uidSet(b.uids), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		defer cmd.Close()
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			alive()
			body, err := readSection(m, min(2*smallMail, room, r.cfg.MaxSize), alive)
			if err != nil {
				return err
			}
			f, asked := b.metas[body.uid]
			if !asked || !body.found {
				continue
			}
			if !body.whole {
				b.later = append(b.later, body.uid)
				continue
			}
			f.Raw = body.raw
			room -= int64(len(f.Raw))
			b.mails = append(b.mails, f)
		}
		return cmd.Close()
	})
	slices.SortFunc(b.mails, func(x, y Fetched) int { return int(int64(x.UID) - int64(y.UID)) })
	if !isRefusal(err) {
		return err
	}
	b.later = nil
	for _, uid := range b.uids {
		if !slices.ContainsFunc(b.mails, func(f Fetched) bool { return f.UID == uid }) {
			b.later = append(b.later, uid)
		}
	}
	return nil
}

// fetch reads one mail, nil if it is gone. The size is asked before the body, and the literal's own size is believed over it: Exchange
// reports estimates.
func (r *Reader) fetch(c *imapConn, uid uint32) (*Fetched, error) {
	metas, err := r.fetchMetas(c, []uint32{uid})
	f, here := metas[uid]
	if err != nil || !here {
		return nil, err
	}
	if f.Size <= r.cfg.MaxSize {
		body, err := r.fetchSection(c, uid, &imap.FetchItemBodySection{Peek: true}, r.cfg.MaxSize)
		if err != nil || !body.found {
			return nil, err
		}
		if body.whole {
			f.Raw = body.raw
			return &f, nil
		}
	}
	header, err := r.fetchSection(c, uid, &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierHeader, Peek: true,
		Partial: &imap.SectionPartial{Size: maxHeader},
	}, maxHeader)
	if err != nil || !header.found {
		return nil, err
	}
	f.TooLarge, f.Raw = true, header.raw
	return &f, nil
}

func (r *Reader) fetchSection(c *imapConn, uid uint32, section *imap.FetchItemBodySection, limit int64) (body body, err error) {
	err = r.guardFlow(c, "fetch body", func(alive func()) error {
		cmd := c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		defer cmd.Close()
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			alive()
			if body, err = readSection(m, limit, alive); err != nil {
				return err
			}
		}
		return cmd.Close()
	})
	return body, err
}

// body is one body section. whole is false when it was larger than was allowed; raw is then empty.
type body struct {
	uid          uint32
	found, whole bool
	raw          []byte
}

// readSection reads to the end of a message's data, also of what it has no use for: an unread literal blocks all that follows on the connection.
func readSection(m *imapclient.FetchMessageData, limit int64, alive func()) (b body, err error) {
	for item := m.Next(); item != nil; item = m.Next() {
		switch data := item.(type) {
		case imapclient.FetchItemDataUID:
			b.uid = uint32(data.UID)
		case imapclient.FetchItemDataBodySection:
			if data.Literal == nil { // NIL: an empty section
				b.found, b.whole = true, true
				continue
			}
			literal := flow{data.Literal, alive}
			if size := data.Literal.Size(); !b.found && size <= limit {
				// What the server announces is believed a little at a time.
				buf := bytes.NewBuffer(make([]byte, 0, min(size, smallMail)))
				if _, err := buf.ReadFrom(literal); err != nil {
					return b, err
				}
				b.raw, b.whole = buf.Bytes(), true
			}
			b.found = true
			if _, err := io.Copy(io.Discard, literal); err != nil {
				return b, err
			}
		}
	}
	return b, nil
}

// flow tells of everything that is read.
type flow struct {
	r     io.Reader
	alive func()
}

func (f flow) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.alive()
	return n, err
}

func uidSet(uids []uint32) (set imap.UIDSet) {
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
