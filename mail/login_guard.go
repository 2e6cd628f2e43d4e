package mail

import (
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/emersion/go-smtp"
)

// loginGuard keeps a queue of messages from becoming a storm of logins, for which servers lock accounts: after a login that was refused
// the next one waits, longer each time, and what would have logged in meanwhile gets the same error.
type loginGuard struct {
	now func() time.Time

	mu      sync.Mutex
	refused error
	until   time.Time
	pause   *backoff.ExponentialBackOff
}

// closed returns the last refusal while no login may be tried.
func (g *loginGuard) closed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused != nil && g.now().Before(g.until) {
		return g.refused
	}
	return nil
}

// result tells how a login went.
func (g *loginGuard) result(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var reply *smtp.SMTPError
	if !errors.As(err, &reply) || !aboutCredentials(reply.Code) {
		if err == nil {
			g.refused, g.pause = nil, nil
		}
		return
	}
	if g.pause == nil {
		g.pause = &backoff.ExponentialBackOff{InitialInterval: time.Second, MaxInterval: time.Minute, Multiplier: 2, RandomizationFactor: 0.3}
	}
	if g.refused == nil || !g.now().Before(g.until) { // one of several at once counts
		g.refused, g.until = err, g.now().Add(g.pause.NextBackOff())
	}
}
