package mail

import (
	"context"

	"github.com/emersion/go-imap/v2"
)

// Check logs in, makes the folders that are missing and selects the mailbox, and looks at no mail. lacks names what the server does not
// have of IDLE (RFC 2177), MOVE (RFC 6851) and UIDPLUS (RFC 4315), each of which IMAP4rev2 (RFC 9051) includes.
func (r *Reader) Check(ctx context.Context) (lacks []string, err error) {
	c, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { c.raw.Close(); <-c.Closed() }()
	for _, name := range []imap.Cap{imap.CapIdle, imap.CapMove, imap.CapUIDPlus} {
		if !c.caps.Has(name) {
			lacks = append(lacks, string(name))
		}
	}
	return lacks, c.guard("logout", r.times.command, func() error { return c.Logout().Wait() })
}
