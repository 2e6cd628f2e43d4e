package mail

import (
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// session is a connection that is logged in.
type session struct {
	*smtp.Client
	conn net.Conn
	// began is when it logged in.
	began time.Time
	// rest closes it when no message has come for a while.
	rest *time.Timer
}

// end says goodbye; how that goes is of no interest.
func (c *session) end() {
	_ = c.Quit()
	c.conn.Close()
}

// idleMax is for how long a session waits for the next message. Mails come in bursts, and servers bound how often one may connect and log in; but an
// idle connection is soon cut.
const idleMax = 5 * time.Second

// sessionMax is for how long a session serves at all: then whoever logs in must still be let in.
const sessionMax = time.Minute

// idleSession holds the session that was used last, if nobody uses it.
type idleSession struct {
	mu sync.Mutex
	c  *session
}

// take returns a session that may have been cut, nil if there is none.
func (i *idleSession) take() *session {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.c
	if c != nil {
		c.rest.Stop()
		i.c = nil
	}
	return c
}

// keep has a session wait for the next message. Of two one goes.
func (i *idleSession) keep(c *session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.c != nil || time.Since(c.began) > sessionMax {
		go c.end()
		return
	}
	i.c = c
	c.rest = time.AfterFunc(idleMax, func() {
		i.mu.Lock()
		gone := i.c == c
		if gone {
			i.c = nil
		}
		i.mu.Unlock()
		if gone {
			c.end()
		}
	})
}
