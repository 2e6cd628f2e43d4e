package mail

import (
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// canExpunge reports whether one mail can be removed without touching others.
func (c *imapConn) canExpunge() bool {
	return c.caps.Has(imap.CapMove) || c.caps.Has(imap.CapUIDPlus) || c.caps.Has(imap.CapIMAP4rev2)
}

// file moves one mail out of the mailbox. A mailbox that a person has removed
// meanwhile is made again.
func (r *Reader) file(c *imapConn, uid uint32, dest string) error {
	err := r.move(c, uid, dest)
	var refusal *imap.Error
	if !errors.As(err, &refusal) || refusal.Type != imap.StatusResponseTypeNo {
		return err
	}
	if err := r.ensure(c, dest); err != nil {
		return err
	}
	return r.move(c, uid, dest)
}

// move looks first whether the mail is still there: another reader or a person
// may have moved it while it was handled, and some servers do not bear a MOVE
// of nothing.
func (r *Reader) move(c *imapConn, uid uint32, dest string) error {
	here, err := r.present(c, uid)
	if err != nil || !here {
		return err
	}
	set := imap.UIDSetNum(imap.UID(uid))
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

func (r *Reader) present(c *imapConn, uid uint32) (here bool, err error) {
	set := imap.UIDSetNum(imap.UID(uid))
	err = c.guard("search", r.times.command, func() error {
		data, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{set}}, nil).Wait()
		if err == nil {
			here = slices.Contains(data.AllUIDs(), imap.UID(uid))
		}
		return err
	})
	return here, err
}
