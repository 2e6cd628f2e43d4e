package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frist/conversation"
)

// turns is an Engine that notes whose turn it was; accept and handle, when set, are asked first, by the activity's id.
type turns struct {
	accept func(ctx context.Context, id string) error
	handle func(ctx context.Context, id string) error

	mu   sync.Mutex
	ids  map[conversation.InboundID]string
	done []string
}

func (e *turns) Accept(ctx context.Context, raw conversation.RawInbound) (bool, error) {
	var env envelope
	var a Activity
	if err := errors.Join(json.Unmarshal(raw.Raw, &env), json.Unmarshal(env.Activity, &a)); err != nil {
		return false, err
	}
	if e.accept != nil {
		if err := e.accept(ctx, a.ID); err != nil {
			return false, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids[raw.ID] = a.ID
	return true, nil
}

func (e *turns) Take(ctx context.Context, raw conversation.RawInbound) (conversation.Reply, error) {
	if _, err := e.Accept(ctx, raw); err != nil {
		return conversation.Reply{}, err
	}
	reply, err := e.Handle(ctx, raw.ID)
	reply.Waiting = err != nil
	return reply, nil
}

func (e *turns) Handle(ctx context.Context, id conversation.InboundID) (conversation.Reply, error) {
	e.mu.Lock()
	name := e.ids[id]
	e.mu.Unlock()
	if e.handle != nil {
		if err := e.handle(ctx, name); err != nil {
			return conversation.Reply{}, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done = append(e.done, name)
	return conversation.Reply{}, nil
}

func (e *turns) want(t *testing.T, want ...string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.done, want) {
		t.Errorf("turns %v, want %v", e.done, want)
	}
}

// newChannel looks nobody up.
func newChannel(e *turns) *Channel {
	e.ids = map[conversation.InboundID]string{}
	return &Channel{Engine: e, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func said(t *testing.T, chat, id string) *Activity {
	t.Helper()
	raw := fmt.Sprintf(`{"type":"message","id":%q,"channelId":"msteams","serviceUrl":"https://smba.example/","text":"hej",
		"from":{"id":%q},"recipient":{"id":"28:bot"},"conversation":{"id":%q,"conversationType":"personal","tenantId":%q}}`, id, karin.ID, chat, testTenant)
	return must(ParseActivity([]byte(raw)))(t)
}

func (c *Channel) emptied(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.chats) != 0 {
		t.Errorf("%d chats are remembered after the last turn", len(c.chats))
	}
}

func TestMessagesOfAChatHaveTheirTurnsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &turns{handle: func(_ context.Context, id string) error {
			if id == "a1" {
				time.Sleep(10 * time.Second)
			}
			return nil
		}}
		c := newChannel(e)
		for _, m := range [][2]string{{"a", "a1"}, {"a", "a2"}, {"b", "b1"}, {"a", "a3"}} {
			if err := c.Message(t.Context(), said(t, m[0], m[1])); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		e.want(t, "b1") // another chat does not wait
		c.Wait()
		e.want(t, "b1", "a1", "a2", "a3")
		c.emptied(t)
	})
}

// The request of the first message takes longer than that of the second.
func TestOrderIsThatOfTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &turns{accept: func(_ context.Context, id string) error {
			if id == "a1" {
				time.Sleep(3 * time.Second)
			}
			return nil
		}}
		c := newChannel(e)
		var requests sync.WaitGroup
		for _, id := range []string{"a1", "a2"} {
			requests.Go(func() {
				if err := c.Message(t.Context(), said(t, "a", id)); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		e.want(t)
		requests.Wait()
		c.Wait()
		e.want(t, "a1", "a2")
		c.emptied(t)
	})
}

func TestRefusedMessageKeepsTheOrderOfTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("no database")
		e := &turns{
			accept: func(_ context.Context, id string) error {
				if id == "a2" {
					return refused
				}
				return nil
			},
			handle: func(_ context.Context, id string) error {
				if id == "a1" {
					time.Sleep(time.Second)
				}
				return nil
			}}
		c := newChannel(e)
		for i, want := range []error{nil, refused, nil} {
			if err := c.Message(t.Context(), said(t, "a", fmt.Sprint("a", i+1))); !errors.Is(err, want) {
				t.Errorf("a%d: %v", i+1, err)
			}
		}
		c.Wait()
		e.want(t, "a1", "a3")
		c.emptied(t)
	})
}

// A turn outlives its request, but not for ever.
func TestHangingTurnLetsTheNextPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &turns{handle: func(ctx context.Context, id string) error {
			if id == "a1" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		c := newChannel(e)
		request, end := context.WithCancel(t.Context())
		begun := time.Now()
		for _, id := range []string{"a1", "a2"} {
			if err := c.Message(request, said(t, "a", id)); err != nil {
				t.Fatal(err)
			}
		}
		end()
		synctest.Wait()
		e.want(t)
		c.Wait()
		e.want(t, "a2")
		if d := time.Since(begun); d != turnTimeout {
			t.Errorf("it took %v", d)
		}
		c.emptied(t)
	})
}
