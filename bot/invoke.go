package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"frist/conversation"
)

// The types of the body that answers an adaptiveCard/action
// (https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format).
const (
	invokeCard    = CardContentType
	invokeMessage = "application/vnd.microsoft.activity.message"
	invokeError   = "application/vnd.microsoft.error"
)

// invokeAnswer is that body.
type invokeAnswer struct {
	StatusCode int    `json:"statusCode"`
	Type       string `json:"type"`
	Value      any    `json:"value"`
}

func invokeBody(status int, kind string, value any) InvokeResponse {
	return InvokeResponse{Body: invokeAnswer{status, kind, value}}
}

// encode gives the body as it is written. A card is JSON already; to encode it would read it all once more.
func (a invokeAnswer) encode() ([]byte, error) {
	card, ok := a.Value.(json.RawMessage)
	if !ok {
		return json.Marshal(a)
	}
	a.Value = 0
	body, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode answer to invoke: %w", err)
	}
	return slices.Concat(bytes.TrimSuffix(body, []byte("0}")), card, []byte("}")), nil
}

// refused answers an invoke that leads to nothing; the person reads the text under the card.
func refused(status int, code, message string) InvokeResponse {
	return invokeBody(status, invokeError, map[string]string{"code": code, "message": message})
}

// Invoke gives a card's answer its turn inside the request; the card that replaces it is the reply. One that is delivered again, at the same
// moment or soon after, gets the same reply.
func (c *Channel) Invoke(ctx context.Context, a *Activity) (InvokeResponse, error) {
	if a.Name == InvokeFileConsent {
		return c.fileConsent(ctx, a)
	}
	if a.Name != InvokeCardAction {
		return InvokeResponse{Status: http.StatusNotImplemented}, nil
	}
	if !a.cardValue().usable {
		return refused(http.StatusBadRequest, "BadRequest", c.Words.TeamsUnread(language(a.Locale))), nil
	}
	reply, mine := c.replies.begin(inboundID(a), time.Now())
	if !mine {
		select {
		case <-reply.done:
			return reply.response, reply.err
		case <-ctx.Done():
			return InvokeResponse{}, ctx.Err()
		}
	}
	defer c.replies.end(reply)
	reply.response, reply.err = c.invoke(ctx, a)
	return reply.response, reply.err
}

// queueFor is how long a card's answer waits for the messages before it; its person waits too.
const queueFor = 5 * time.Second

func (c *Channel) invoke(ctx context.Context, a *Activity) (InvokeResponse, error) {
	before, leave := c.queue(a)
	defer func() { c.leaveAfter(before, leave) }()
	defer c.refresh(ctx, a)
	reply, err := c.press(ctx, a, before)
	switch {
	case err != nil:
		return InvokeResponse{}, err
	case reply.Waiting:
		return refused(http.StatusInternalServerError, "InternalServerError", c.Words.TeamsDelayed(language(a.Locale))), nil
	case reply.Inline == nil:
		return invokeBody(http.StatusOK, invokeMessage, "OK"), nil
	}
	card, err := c.Words.Card(*reply.Inline)
	if err != nil {
		return InvokeResponse{}, fmt.Errorf("render the answered card: %w", err)
	}
	// What is kept for a repeat has no room to grow.
	return invokeBody(http.StatusOK, invokeCard, json.RawMessage(bytes.Clone(card.JSON))), nil
}

// press commits a card's answer together with its turn, or before it where other messages stand before. An error means that it is not kept.
func (c *Channel) press(ctx context.Context, a *Activity, before <-chan struct{}) (reply conversation.Reply, err error) {
	if before == nil {
		return c.Engine.Take(ctx, c.raw(a))
	}
	id, err := c.accept(ctx, a)
	if err != nil {
		return reply, err
	}
	patience := time.NewTimer(queueFor)
	defer patience.Stop()
	select {
	case <-before:
	case <-patience.C:
	case <-ctx.Done():
	}
	if reply, err = c.Engine.Handle(ctx, id); err != nil {
		c.Log.Error("a card's answer is kept but had no turn yet", "inbound", id, "error", err)
		reply.Waiting = true
	}
	return reply, nil
}

// leaveAfter leaves the queue, which must not be before the message before has left.
func (c *Channel) leaveAfter(before <-chan struct{}, leave func()) {
	if before == nil {
		leave()
		return
	}
	select {
	case <-before:
		leave()
	default:
		c.turns.Go(func() { <-before; leave() })
	}
}

const (
	replyFor   = 5 * time.Minute
	repliesMax = 200 // some kilobytes each
)

// replies remembers how invokes were answered, for a while and a bounded number of them: the newest and those before.
type replies struct {
	mu          sync.Mutex
	since       time.Time
	newer, past map[conversation.InboundID]*invokeReply
}

// invokeReply is one invoke's answer, once done is closed.
type invokeReply struct {
	id       conversation.InboundID
	done     chan struct{}
	response InvokeResponse
	err      error
}

// begin gives the invoke's reply; mine is true for whoever is to make it.
func (r *replies) begin(id conversation.InboundID, now time.Time) (reply *invokeReply, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch age := now.Sub(r.since); {
	case age >= 2*replyFor:
		r.newer, r.past, r.since = nil, nil, now
	case age >= replyFor || len(r.newer) >= repliesMax:
		r.newer, r.past, r.since = nil, r.newer, now
	}
	for _, known := range []map[conversation.InboundID]*invokeReply{r.newer, r.past} {
		if reply := known[id]; reply != nil {
			return reply, false
		}
	}
	if r.newer == nil {
		r.newer = map[conversation.InboundID]*invokeReply{}
	}
	reply = &invokeReply{id: id, done: make(chan struct{})}
	r.newer[id] = reply
	return reply, true
}

// end lets those who wait for the reply have it; one that failed is made anew when it is asked for again.
func (r *replies) end(reply *invokeReply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, ok := reply.response.Body.(invokeAnswer)
	if reply.err != nil || !ok || body.Type == invokeError {
		delete(r.newer, reply.id)
		delete(r.past, reply.id)
	}
	close(reply.done)
}
