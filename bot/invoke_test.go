package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frist/conversation"
	"frist/templates"
)

func invoked(t *testing.T, chat, id string) *Activity {
	t.Helper()
	a := said(t, chat, id)
	a.Type, a.Name, a.Value = TypeInvoke, InvokeCardAction, []byte(`{"action":{"data":{"x":"1"}}}`)
	return a
}

// A press that comes after a message has its turn after it, and before what comes next; a message that takes too long is not waited for.
func TestInvokeHasItsPlaceInTheChat(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		want  []string
	}{{2 * time.Second, []string{"a1", "i2", "a3"}}, {20 * time.Second, []string{"i2", "a1", "a3"}}} {
		synctest.Test(t, func(t *testing.T) {
			e := &turns{handle: func(_ context.Context, id string) error {
				if id == "a1" {
					time.Sleep(c.takes)
				}
				return nil
			}}
			ch := newChannel(e)
			if err := ch.Message(t.Context(), said(t, "a", "a1")); err != nil {
				t.Fatal(err)
			}
			var pressed sync.WaitGroup
			pressed.Go(func() {
				if r, err := ch.Invoke(t.Context(), invoked(t, "a", "i2")); err != nil || r.Body == nil {
					t.Errorf("%+v, %v", r, err)
				}
			})
			synctest.Wait()
			if err := ch.Message(t.Context(), said(t, "a", "a3")); err != nil {
				t.Fatal(err)
			}
			pressed.Wait()
			ch.Wait()
			e.want(t, c.want...)
			ch.emptied(t)
		})
	}
}

// A press that is delivered again is not taken again; one that could not be kept is.
func TestInvokeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused, fails := errors.New("no database"), true
		e := &turns{accept: func(context.Context, string) error {
			if time.Sleep(time.Second); fails {
				return refused
			}
			return nil
		}}
		ch := newChannel(e)
		press := func(want error) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if _, err := ch.Invoke(t.Context(), invoked(t, "a", "i1")); !errors.Is(err, want) {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		press(refused)
		e.want(t)
		fails = false
		press(nil)
		press(nil)
		e.want(t, "i1")
		ch.emptied(t)
	})
}

// Whoever presses a button is told when that had no turn, whether or not something stood before it; pressed again it is tried again.
func TestInvokeWithoutATurn(t *testing.T) {
	for _, queued := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			broken := true
			e := &turns{handle: func(_ context.Context, id string) error {
				if id == "m0" {
					time.Sleep(time.Second)
				} else if broken {
					return errors.New("no database")
				}
				return nil
			}}
			ch := newChannel(e)
			ch.Words = must(templates.Load(""))(t)
			if queued {
				if err := ch.Message(t.Context(), said(t, "a", "m0")); err != nil {
					t.Fatal(err)
				}
			}
			for _, want := range []string{invokeError, invokeMessage} {
				r, err := ch.Invoke(t.Context(), invoked(t, "a", "i1"))
				if body, _ := r.Body.(invokeAnswer); err != nil || body.Type != want {
					t.Errorf("queued %v: %+v, %v; want %s", queued, r, err, want)
				}
				broken = false
			}
			ch.Wait()
			ch.emptied(t)
		})
	}
}

// What is remembered of presses is bounded in number and in time.
func TestRepliesAreForgotten(t *testing.T) {
	var r replies
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	once := func(id conversation.InboundID, after time.Duration) bool {
		reply, mine := r.begin(id, at.Add(after))
		if mine {
			reply.response = invokeBody(200, invokeMessage, "OK")
			r.end(reply)
		}
		return mine
	}
	if !once("a", 0) || once("a", replyFor-1) || once("a", 2*replyFor-1) || !once("a", 9*replyFor) {
		t.Error("a press is remembered for too short a time, or too long")
	}
	for i := range 10 * repliesMax {
		once(conversation.InboundID(fmt.Sprint(i)), 9*replyFor)
	}
	if n := len(r.newer) + len(r.past); n > 2*repliesMax {
		t.Errorf("%d are remembered", n)
	}
	if once(conversation.InboundID(fmt.Sprint(10*repliesMax-1)), 9*replyFor) {
		t.Error("the newest is forgotten")
	}
}

// One chat is told seldom, and the chats that are remembered are bounded.
func TestGroupsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Channel{}
		if !c.tellGroup("a") || c.tellGroup("a") || !c.tellGroup("b") {
			t.Error("one is told twice, or another not at all")
		}
		time.Sleep(groupFor)
		if !c.tellGroup("a") {
			t.Error("never told again")
		}
		for i := range 2 * groupsMax {
			c.tellGroup(fmt.Sprint(i))
		}
		if len(c.told) > groupsMax {
			t.Errorf("%d are remembered", len(c.told))
		}
	})
}

func TestPersonalChatLink(t *testing.T) {
	for id, want := range map[string]string{
		"28:" + testApp: "https://teams.microsoft.com/l/chat/0/0?users=28:" + testApp,
		"29:1karin":     "", "28:": "", "": "", "28:a)[x](https://evil.example": "", "28:a b": "",
	} {
		if got := personalChat(id); got != want {
			t.Errorf("%q: %q", id, got)
		}
	}
}
