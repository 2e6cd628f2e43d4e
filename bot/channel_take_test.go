package bot

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"frist/conversation"
)

// taking is an Engine whose Take does what the test says, while Accept goes on.
type taking struct {
	*turns
	take func(ctx context.Context) error
}

func (e *taking) Take(ctx context.Context, raw conversation.RawInbound) (conversation.Reply, error) {
	if err := e.take(ctx); err != nil {
		return conversation.Reply{}, err
	}
	return e.Handle(ctx, raw.ID)
}

// A request is answered when its message is kept, and not before: with its turn, or alone if that takes long.
func TestRequestIsAnsweredOnceItsMessageIsKept(t *testing.T) {
	lost := errors.New("not kept")
	for name, c := range map[string]struct {
		takes     time.Duration
		end       error
		refused   error
		want      error
		after     time.Duration
		acceptedN int
	}{
		"at once":                     {0, nil, nil, nil, 0, 0},
		"not kept":                    {time.Second, lost, nil, lost, time.Second, 0},
		"slow":                        {time.Minute / 2, nil, nil, nil, answerAfter, 1},
		"slow, and in the end failed": {time.Minute / 2, lost, nil, nil, answerAfter, 1},
		"slow, and cannot be kept":    {time.Minute / 2, nil, lost, lost, answerAfter, 1},
		"hangs":                       {time.Hour, nil, nil, nil, answerAfter, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				accepted := 0
				e := &turns{accept: func(context.Context, string) error { accepted++; return c.refused }}
				ch := newChannel(e)
				ch.Engine = &taking{e, func(ctx context.Context) error {
					select {
					case <-time.After(c.takes):
						return c.end
					case <-ctx.Done():
						return ctx.Err()
					}
				}}
				begun := time.Now()
				request, cancel := context.WithCancel(t.Context())
				err := ch.Message(request, said(t, "a", "a1"))
				cancel() // the turn outlives it
				if !errors.Is(err, c.want) || time.Since(begun) != c.after || accepted != c.acceptedN {
					t.Errorf("answered %v after %v, accepted %d times", err, time.Since(begun), accepted)
				}
				ch.Wait()
				if d := time.Since(begun); d != min(c.takes, turnTimeout) && c.takes > 0 {
					t.Errorf("the turn took %v", d)
				}
				ch.emptied(t)
			})
		})
	}
}
