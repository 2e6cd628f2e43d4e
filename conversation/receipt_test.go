package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Deliveries that are recorded together fail together: each must then be recorded by itself, or all their messages go out twice.
func TestReceiptsThatFailTogetherAreRecordedApart(t *testing.T) {
	for name, bad := range map[string]OutboundID{"one cannot be": "o2", "the database was away": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s, d, stop := handing(t, func(context.Context, Delivery) error { return nil })
				tries := 0
				b.unsent = func(list []Receipt) error {
					if tries++; tries == 1 {
						time.Sleep(time.Second) // the others come meanwhile
					}
					has := slices.ContainsFunc(list, func(r Receipt) bool { return r.Outbound == bad })
					if has || bad == "" && (tries == 1 || len(list) > 1) {
						return errors.New("not now")
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
				if n := len(s.begun); n != 5 {
					t.Errorf("%d sends, want 5", n)
				}
			})
		})
	}
}
