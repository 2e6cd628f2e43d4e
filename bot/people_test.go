package bot

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frist/conversation"
)

// directory is a connector whose member look-ups take their time, and the People that are told.
type directory struct {
	takes  time.Duration
	fails  bool
	known  bool // the store knows the mail address
	calls  atomic.Int64
	learnt atomic.Value
}

func (d *directory) RoundTrip(r *http.Request) (*http.Response, error) {
	d.calls.Add(1)
	select {
	case <-time.After(d.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if d.fails {
		return nil, errors.New("no connection")
	}
	body := `{"id":"29:1karin","name":"Karin Sjölund","email":"Karin.Sjolund@kommunen.example","userPrincipalName":"ksj@kommunen.example","userRole":"user"}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (d *directory) KnowsMail(context.Context, conversation.Address) (bool, error) {
	return d.known, nil
}

func (d *directory) Learn(_ context.Context, a conversation.Address, x conversation.Directory) error {
	d.learnt.Store(a.ID + " " + x.Mail)
	return nil
}

func (d *directory) want(t *testing.T, calls int64) {
	t.Helper()
	if n := d.calls.Load(); n != calls {
		t.Errorf("%d look-ups, want %d", n, calls)
	}
}

// looking is a channel whose members are looked up in d.
func looking(e *turns, d *directory) *Channel {
	c := newChannel(e)
	c.People = d
	c.Connector = &Connector{client: &http.Client{Transport: d}, hosts: hostList{hosts: []string{"smba.example"}}, pace: newPacer()}
	return c
}

// post gives the channel a message, and holds that its request took no time.
func (c *Channel) post(t *testing.T, id string) {
	t.Helper()
	begun := time.Now()
	if err := c.Message(t.Context(), said(t, "a", id)); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begun); d != 0 {
		t.Errorf("the request of %s took %v", id, d)
	}
}

// The first message of somebody unknown waits for the directory, in its turn and not in its request; none after it does.
func TestUnknownSenderIsLookedUpBeforeTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, d := &turns{}, &directory{takes: 2 * time.Second}
		e.handle = func(context.Context, string) error {
			if d.learnt.Load() == nil {
				t.Error("the turn came before it was known who wrote")
			}
			return nil
		}
		c := looking(e, d)
		c.post(t, "a1")
		c.Wait()
		c.post(t, "a2")
		c.Wait()
		e.want(t, "a1", "a2")
		d.want(t, 1)
		if got := d.learnt.Load(); got != testTenant+"/29:1karin Karin.Sjolund@kommunen.example" {
			t.Errorf("learnt %v", got)
		}
	})
}

// A directory that does not answer costs the first message five seconds, and those after it nothing.
func TestSilentDirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, d := &turns{}, &directory{takes: time.Hour}
		c := looking(e, d)
		begun := time.Now()
		c.post(t, "a1")
		c.post(t, "a2")
		c.Wait()
		if took := time.Since(begun); took != lookUpTimeout {
			t.Errorf("the turns took %v", took)
		}
		e.want(t, "a1", "a2")
		d.want(t, 1)
		time.Sleep(lookUpAgain)
		begun = time.Now()
		e.handle = func(context.Context, string) error {
			if time.Since(begun) != 0 {
				t.Error("the next message waits for the directory")
			}
			return nil
		}
		c.post(t, "a3")
		c.Wait()
		e.want(t, "a1", "a2", "a3")
		d.want(t, 2)
	})
}

// Whom the store knows is looked up behind the turn, and again within the day; an invoke never waits.
func TestKnownSenderIsLookedUpBehindTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, d := &turns{}, &directory{takes: time.Second, known: true}
		e.handle = func(context.Context, string) error {
			if d.learnt.Load() != nil {
				t.Error("the turn waited for the directory")
			}
			return nil
		}
		c := looking(e, d)
		c.post(t, "a1")
		c.Wait()
		d.want(t, 1)
		e.handle, d.learnt = nil, atomic.Value{}
		press := said(t, "a", "f:1")
		press.Type, press.Name, press.Value = TypeInvoke, InvokeCardAction, []byte(`{"action":{}}`)
		for i, after := range []time.Duration{time.Hour, lookUpFresh, lookUpStale} {
			time.Sleep(after)
			begun := time.Now()
			if _, err := c.Invoke(t.Context(), press); err != nil || time.Since(begun) != 0 {
				t.Errorf("the button took %v, %v", time.Since(begun), err)
			}
			c.Wait()
			d.want(t, int64(1+i))
		}
		time.Sleep(lookUpStale)
		e.handle = func(context.Context, string) error {
			d.want(t, 4)
			return nil
		}
		c.post(t, "a9")
		c.Wait()
	})
}
