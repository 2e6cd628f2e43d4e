package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Deliveries that are recorded together fail together: each must then be recorded by itself, or all their messages go out twice.
func TestReceiptsThatFailTogetherAreRecordedApart(t *testing.T) {
	for name, tc := range map[string]struct {
		bad OutboundID
		err error
	}{"one cannot be": {"o2", errors.New("not now")}, "one is not there": {"o2", ErrNotFound}, "the database was away": {"", errors.New("not now")}} {
		bad := tc.bad
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s, d, stop := handing(t, func(context.Context, Delivery) error { return nil })
				var log strings.Builder
				d.Log = slog.New(slog.NewTextHandler(&log, nil))
				tries := 0
				b.unsent = func(list []Receipt) error {
					if tries++; tries == 1 {
						time.Sleep(time.Second) // the others come meanwhile
					}
					has := slices.ContainsFunc(list, func(r Receipt) bool { return r.Outbound == bad })
					if has || bad == "" && (tries == 1 || len(list) > 1) {
						return tc.err
					}
					return nil
				}
				ends := map[OutboundID]string{}
				for i := range 5 {
					id := OutboundID(fmt.Sprint("o", i))
					if ends[id] = "sent"; id == bad {
						ends[id] = ""
					}
					d.Hand([]Delivery{b.claimed(id, PersonID(fmt.Sprint("p", i)), ChannelTeams, MessageQuestion)}, nil)
					synctest.Wait()
				}
				stop()
				b.want(t, ends)
				// The log names the one message that may go again, and no other.
				if got := strings.Count(log.String(), "may be sent again"); bad == "" && got != 0 || bad != "" && (got != 1 || !strings.Contains(log.String(), "outbound=o2 ")) {
					t.Errorf("logged: %s", log.String())
				}
				if n := len(s.begun); n != 5 {
					t.Errorf("%d sends, want 5", n)
				}
			})
		})
	}
}
