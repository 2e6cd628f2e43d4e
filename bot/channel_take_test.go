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

// The 72 hours run from when a message counts as received, so no clock but ours may put that far away.
func TestReceived(t *testing.T) {
	now := time.Date(2026, 11, 20, 8, 15, 30, 0, time.UTC)
	for _, tc := range []struct {
		name string
		sent time.Time
		want time.Time
	}{
		{"some seconds ago", now.Add(-3 * time.Second), now.Add(-3 * time.Second)},
		{"held for a night", now.Add(-24 * time.Hour), now.Add(-24 * time.Hour)},
		{"more than a day ago", now.Add(-24*time.Hour - time.Second), now},
		{"years ago", now.AddDate(-6, 0, 0), now},
		{"year one", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), now},
		{"ahead", now.Add(time.Second), now},
		{"years ahead", now.AddDate(900, 0, 0), now},
		{"none", time.Time{}, now},
	} {
		c := newChannel(&turns{})
		c.Now = func() time.Time { return now }
		a := said(t, "a", "a1")
		a.Timestamp = tc.sent
		if got := c.raw(a).At; !got.Equal(tc.want) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
