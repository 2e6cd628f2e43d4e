package bot

import (
	"context"
	"net/url"
	"sync"

	"golang.org/x/time/rate"
)

// Teams takes 7 messages a second to a conversation and 60 in 30 seconds
// (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit); a burst of five and two a second stay below both.
const (
	paceRate  = rate.Limit(2)
	paceBurst = 5
	// maxPaced conversations are remembered; beyond that those at rest are forgotten.
	maxPaced = 1000
)

// pacer holds sends to one conversation apart, so that Teams need not refuse them. This machine is not held back.
type pacer struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

func newPacer() *pacer { return &pacer{limiters: map[string]*rate.Limiter{}} }

func (p *pacer) wait(ctx context.Context, ref Reference) error {
	if u, err := url.Parse(ref.ServiceURL); err != nil || isLoopback(u.Hostname()) {
		return nil
	}
	return p.limiter(ref.ConversationID).Wait(ctx)
}

func (p *pacer) limiter(conversation string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l, ok := p.limiters[conversation]; ok {
		return l
	}
	if len(p.limiters) >= maxPaced {
		for id, l := range p.limiters {
			if l.Tokens() >= paceBurst {
				delete(p.limiters, id)
			}
		}
	}
	l := rate.NewLimiter(paceRate, paceBurst)
	p.limiters[conversation] = l
	return l
}
