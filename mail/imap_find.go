package mail

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// maxSought bounds a mail that is read whole in a search for one answer, in bytes; of a larger one the header is read.
const maxSought = 1 << 20

// Await looks for one mail among those that come from now on, in the mailbox and in the folder of handled mail: a running bot may move it
// there at any time. begin is called once it is known what lay there before. Each mail is shown to wanted once, oldest first a folder,
// until it says yes or ctx ends. No mark is set and nothing moved, but that the one found is put into the folder of handled mail.
func (r *Reader) Await(ctx context.Context, every time.Duration, begin func() error, wanted func(Fetched) bool) error {
	c, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer func() { c.raw.Close(); <-c.Closed() }()
	stop := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer stop()
	s := &search{r: r, c: c, next: map[string]imap.UID{}}
	name, err := r.names(c)
	if err != nil {
		return err
	}
	boxes := []string{name(r.cfg.Mailbox), c.handled}
	for _, box := range boxes {
		if s.next[box], err = s.examine(box); err != nil {
			return err
		}
	}
	if err := begin(); err != nil {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		for _, box := range boxes {
			uid, err := s.look(box, wanted)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				return err
			}
			if uid != 0 {
				return s.handled(box, uid)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// search is one Await. next is the first UID of each folder that has not been looked at.
type search struct {
	r    *Reader
	c    *imapConn
	next map[string]imap.UID
}

// examine opens a folder for reading alone, and gives the UID of the next mail to come.
func (s *search) examine(box string) (next imap.UID, err error) {
	err = s.c.guard("examine mailbox", s.r.times.command, func() error {
		data, err := s.c.Select(box, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			next = data.UIDNext
		}
		return err
	})
	return next, err
}

// look shows what is new in a folder to wanted, and returns the UID of the mail that it wanted, 0 for none.
func (s *search) look(box string, wanted func(Fetched) bool) (imap.UID, error) {
	if _, err := s.examine(box); err != nil {
		return 0, err
	}
	var fresh []imap.UID
	err := s.c.guard("search", s.r.times.command, func() error {
		data, err := s.c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: max(s.next[box], 1), Stop: 0}}}}, nil).Wait()
		if err == nil {
			fresh = data.AllUIDs()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	slices.Sort(fresh)
	for _, uid := range fresh {
		if uid < s.next[box] {
			continue // "n:*" names the last mail also where that is before n
		}
		f, err := s.fetch(uid)
		if err != nil {
			return 0, err
		}
		s.next[box] = uid + 1
		if f != nil && wanted(*f) {
			return uid, nil
		}
	}
	return 0, nil
}

// fetch reads a mail, nil if it has gone. It sets no \Seen.
func (s *search) fetch(uid imap.UID) (*Fetched, error) {
	set := imap.UIDSetNum(uid)
	var f *Fetched
	err := s.c.guard("fetch", s.r.times.body, func() error {
		section := &imap.FetchItemBodySection{Peek: true}
		for _, o := range []*imap.FetchOptions{{UID: true, RFC822Size: true, InternalDate: true}, {UID: true, BodySection: []*imap.FetchItemBodySection{section}}} {
			list, err := s.c.Fetch(set, o).Collect()
			if err != nil || len(list) == 0 {
				return err
			}
			if o.RFC822Size {
				f = &Fetched{UID: uint32(uid), InternalDate: list[0].InternalDate.UTC(), Size: list[0].RFC822Size}
				if f.TooLarge = f.Size > maxSought; f.TooLarge {
					section.Specifier, section.Partial = imap.PartSpecifierHeader, &imap.SectionPartial{Size: maxHeader}
				}
				continue
			}
			if len(list[0].BodySection) > 0 {
				f.Raw = list[0].BodySection[0].Bytes
			}
		}
		return nil
	})
	return f, err
}

// handled puts the mail where handled mail lies, unless it is there or a running bot has done so.
func (s *search) handled(box string, uid imap.UID) error {
	if box == s.c.handled {
		return nil
	}
	if err := s.r.selectBox(s.c, box); err != nil {
		return fmt.Errorf("move the answer: %w", err)
	}
	refused, err := s.r.moveAll(s.c, []uint32{uint32(uid)}, s.c.handled)
	if err == nil {
		err = refused[uint32(uid)]
	}
	return err
}
