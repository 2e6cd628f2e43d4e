package bottest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Directions of a Recorded.
const (
	ToBot   = "to_bot"
	FromBot = "from_bot"
)

// Recorded is one call as it went over the wire.
type Recorded struct {
	Seq          int             `json:"seq"` // from 1: a call to the bot counts from its start, one from the bot from its end
	At           time.Time       `json:"at"`  // by the Now option
	Direction    string          `json:"direction"`
	Method       string          `json:"method"`
	Path         string          `json:"path"`   // escaped, as sent
	Status       int             `json:"status"` // 0 while the bot has not answered
	Conversation string          `json:"conversation,omitempty"`
	ActivityID   string          `json:"activity_id,omitempty"` // given by the fake connector, or the id that is updated or deleted
	Activity     json.RawMessage `json:"activity,omitempty"`    // the body of the request
	Answer       json.RawMessage `json:"answer,omitempty"`      // the body of the answer, if it is JSON
}

// OK tells whether the call succeeded.
func (r Recorded) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Message reads the activity's parts that tests ask for most. Card is the content of the first Adaptive Card.
func (r Recorded) Message() Message {
	var a struct {
		Type, Text, Summary, ReplyToID string
		Attachments                    []struct {
			ContentType string
			Content     json.RawMessage
		}
	}
	_ = json.Unmarshal(r.Activity, &a) // a call without a body has no message
	m := Message{ID: r.ActivityID, Type: a.Type, Text: a.Text, Summary: a.Summary, ReplyToID: a.ReplyToID}
	for _, at := range a.Attachments {
		if at.ContentType == "application/vnd.microsoft.card.adaptive" && m.Card == nil {
			m.Card = at.Content
		}
	}
	return m
}

// Message is what a person sees of an activity.
type Message struct {
	ID, Type, Text, Summary, ReplyToID string
	Card                               json.RawMessage
}

// recorder keeps calls in order and wakes those who wait for one.
type recorder struct {
	mu      sync.Mutex
	calls   []Recorded
	changed chan struct{} // closed at the next call
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) add(c Recorded) Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Seq = len(r.calls) + 1
	r.calls = append(r.calls, c)
	close(r.changed)
	r.changed = make(chan struct{})
	return c
}

// finish puts in what became of a call that was added before its answer.
func (r *recorder) finish(seq int, status int, answer json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[seq-1].Status, r.calls[seq-1].Answer = status, answer
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *recorder) from(seq int) ([]Recorded, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq = min(max(seq, 0), len(r.calls))
	return append([]Recorded(nil), r.calls[seq:]...), r.changed
}

func (r *recorder) wait(ctx context.Context, seq int, want func(Recorded) bool) (Recorded, error) {
	for {
		calls, changed := r.from(seq)
		for _, c := range calls {
			if want(c) {
				return c, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Recorded{}, fmt.Errorf("waiting for an activity, %d recorded: %w", seq+len(calls), ctx.Err())
		}
	}
}

// Recorded gives all calls to this moment, in order.
func (c *Connector) Recorded() []Recorded {
	calls, _ := c.rec.from(0)
	return calls
}

// Last is the Seq of the newest call, for WaitAfter.
func (c *Connector) Last() int {
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	return len(c.rec.calls)
}

// WaitFor gives the first call that want accepts, past or to come.
func (c *Connector) WaitFor(ctx context.Context, want func(Recorded) bool) (Recorded, error) {
	return c.rec.wait(ctx, 0, want)
}

// WaitAfter is WaitFor among the calls whose Seq is greater than seq.
func (c *Connector) WaitAfter(ctx context.Context, seq int, want func(Recorded) bool) (Recorded, error) {
	return c.rec.wait(ctx, max(seq, 0), want)
}

// WriteLog writes all calls to this moment, one JSON object a line.
func (c *Connector) WriteLog(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, call := range c.Recorded() {
		if err := enc.Encode(call); err != nil {
			return fmt.Errorf("write activity log: %w", err)
		}
	}
	return nil
}
