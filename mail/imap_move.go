package mail

import (
	"github.com/emersion/go-imap/v2"
)

// canExpunge reports whether one mail can be removed without touching others.
func (c *imapConn) canExpunge() bool {
	return c.caps.Has(imap.CapMove) || c.caps.Has(imap.CapUIDPlus) || c.caps.Has(imap.CapIMAP4rev2)
}

// moveAll moves mails out of the mailbox, and tells of those that the server will not move. A mailbox that a person has removed meanwhile is
// made again.
func (r *Reader) moveAll(c *imapConn, uids []uint32, dest string) (refused map[uint32]error, err error) {
	if len(uids) == 0 {
		return nil, nil
	}
	if err := r.move(c, uids, dest); !isRefusal(err) {
		return nil, err
	}
	if err := r.ensure(c, dest); err != nil && !isRefusal(err) {
		return nil, err
	}
	if err = r.move(c, uids, dest); !isRefusal(err) {
		return nil, err
	}
	if len(uids) == 1 {
		return map[uint32]error{uids[0]: err}, nil
	}
	refused = map[uint32]error{}
	for _, uid := range uids {
		err := r.move(c, []uint32{uid}, dest)
		if isRefusal(err) {
			refused[uid] = err
		} else if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// move looks first which mails are still there: another reader or a person may have moved them while they were handled, and some servers do
// not bear a MOVE of nothing.
func (r *Reader) move(c *imapConn, uids []uint32, dest string) error {
	here, err := r.present(c, uids)
	if err != nil || len(here) == 0 {
		return err
	}
	set := uidSet(here)
	if c.caps.Has(imap.CapMove) || c.caps.Has(imap.CapIMAP4rev2) {
		return c.guard("move", r.times.command, func() error {
			_, err := c.Move(set, dest).Wait()
			return err
		})
	}
	// go-imap's own substitute for MOVE would run a plain EXPUNGE without UIDPLUS.
	err = c.guard("copy", r.times.command, func() error {
		_, err := c.Copy(set, dest).Wait()
		return err
	})
	if err != nil {
		return err
	}
	err = c.guard("store", r.times.command, func() error {
		return c.Store(set, &imap.StoreFlags{
			Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted},
		}, nil).Close()
	})
	if err != nil || !c.canExpunge() {
		return err
	}
	return c.guard("expunge", r.times.command, func() error { return c.UIDExpunge(set).Close() })
}

func (r *Reader) present(c *imapConn, uids []uint32) (here []uint32, err error) {
	asked := map[uint32]bool{}
	for _, uid := range uids {
		asked[uid] = true
	}
	err = c.guard("search", r.times.command, func() error {
		data, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{uidSet(uids)}}, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			if asked[uint32(uid)] {
				here = append(here, uint32(uid))
			}
		}
		return nil
	})
	return here, err
}
