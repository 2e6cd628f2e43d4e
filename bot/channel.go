package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"frist/conversation"
	"frist/templates"
)

// Engine is what the channel needs of the conversation.
type Engine interface {
	Accept(context.Context, conversation.RawInbound) (fresh bool, err error)
	// Take is Accept and Handle in one; an error means that the message is not kept.
	Take(context.Context, conversation.RawInbound) (conversation.Reply, error)
	Handle(context.Context, conversation.InboundID) (conversation.Reply, error)
}

// Outbox tells the activity id of a message that was sent.
type Outbox interface {
	Ref(context.Context, conversation.OutboundID) (string, error)
}

// Channel joins Teams to the engine: activities become inbound messages, outbound messages become cards. It implements Receiver and
// conversation.Sender.
type Channel struct {
	Engine Engine
	Words  *templates.Catalogue
	Outbox Outbox
	// People ties those who write to their mail addresses; nil does not.
	People People
	// Connector is the Bot's; set it once the Bot exists.
	Connector *Connector
	// Files are the Bot's; without them what people attach is named, and not fetched.
	Files *Files
	// Offers knows the files that people may fetch; nil: none.
	Offers Offers
	// Now is the domain's clock: an activity's receipt where the time that it carries cannot be.
	Now func() time.Time
	Log *slog.Logger

	mu     sync.Mutex
	looked map[string]lookUp
	// chats holds, for each chat in which a message is waiting or has its turn, the last such message's place.
	chats map[string]chan struct{}
	// told holds when each chat of several was last told that the program works in personal ones.
	told    map[string]time.Time
	replies replies
	turns   sync.WaitGroup
	// parts holds how many cards of a message have left, where the next could not.
	parts map[conversation.OutboundID]int
}

const (
	// answerAfter is how long a request waits for its turn before the message is committed alone.
	answerAfter = 2 * time.Second
	// turnTimeout keeps a turn that hangs from holding up its chat; the message is kept and taken up later.
	turnTimeout = time.Minute
)

// envelope is what is committed of an activity: the activity as it came.
type envelope struct {
	Activity json.RawMessage `json:"activity"`
}

// Message commits a message, whose files are fetched once that is done, and gives it its turn after the request has been answered: Teams delivers
// slow turns twice. The messages of one chat have their turns in the order of their coming.
func (c *Channel) Message(ctx context.Context, a *Activity) error {
	before, leave := c.queue(a)
	if before == nil && len(sentFiles(a)) == 0 && !c.unmet(ctx, a) {
		return c.take(ctx, a, leave)
	}
	id, err := c.accept(ctx, a)
	ctx = context.WithoutCancel(ctx)
	c.turns.Go(func() {
		defer leave()
		if before != nil {
			<-before
		}
		if err != nil {
			return // it had a place, which the next may have only now
		}
		ctx, cancel := context.WithTimeout(ctx, turnTimeout)
		defer cancel()
		c.meet(ctx, a)
		c.fetchBefore(ctx, id, a)
		if _, err := c.Engine.Handle(ctx, id); err != nil {
			c.Log.Error("an activity is kept but had no turn yet", "inbound", id, "error", err)
		} else {
			c.Files.forget(id)
		}
		c.refresh(ctx, a)
	})
	return err
}

// take commits a message together with its turn, which nothing stands before. A turn that takes long goes on after the message has been committed
// alone, so that the request can be answered.
func (c *Channel) take(ctx context.Context, a *Activity, leave func()) error {
	raw := c.raw(a)
	taken := make(chan error, 1)
	c.turns.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTimeout)
		defer cancel()
		_, err := c.Engine.Take(ctx, raw)
		leave() // before the request is answered: whoever writes on at once finds nobody before them
		taken <- err
		c.refresh(ctx, a)
	})
	late := time.NewTimer(answerAfter)
	defer late.Stop()
	select {
	case err := <-taken:
		return err
	case <-late.C:
		_, err := c.Engine.Accept(ctx, raw)
		return err
	}
}

// queue takes the next place in the activity's chat, before anything is done that may take longer for one message than for the next.
// before is closed when the message before it has left, nil if there is none; leave is called once, and not before that.
func (c *Channel) queue(a *Activity) (before <-chan struct{}, leave func()) {
	tenant, _ := a.Tenant()
	key := tenant + "/" + a.Conversation.ID
	mine := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := c.chats[key]; last != nil {
		before = last
	}
	if c.chats == nil {
		c.chats = map[string]chan struct{}{}
	}
	c.chats[key] = mine
	return before, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.chats[key] == mine {
			delete(c.chats, key)
		}
		close(mine)
	}
}

// Wait returns when every message that was accepted has had its turn.
func (c *Channel) Wait() { c.turns.Wait() }

// accept commits an activity raw.
func (c *Channel) accept(ctx context.Context, a *Activity) (conversation.InboundID, error) {
	raw := c.raw(a)
	_, err := c.Engine.Accept(ctx, raw)
	return raw.ID, err
}

// raw is an activity as it is committed.
func (c *Channel) raw(a *Activity) conversation.RawInbound {
	raw := slices.Concat([]byte(`{"activity":`), a.Raw, []byte(`}`)) // an envelope; to encode it would read the activity once more
	return conversation.RawInbound{ID: inboundID(a), Channel: conversation.ChannelTeams, At: received(a.Timestamp, c.Now()).UTC(), Raw: raw, Parsed: a}
}

// maxDelay is how long before its receipt an activity may say that it was sent. The connector delivers within minutes or not at all; a day
// leaves room for clocks that differ, and errs towards the earlier deadline.
const maxDelay = 24 * time.Hour

// received is when a message counts as received, from which the 72 hours may run: when Teams says that it was sent, which is what its writer sees, and
// now if there is no such time, or it lies ahead or more than maxDelay back. Such a clock is broken or somebody's invention, and would put the
// deadline years away, either way.
func received(sent, now time.Time) time.Time {
	if sent.IsZero() || sent.After(now) || now.Sub(sent) > maxDelay {
		return now
	}
	return sent
}

// Read reads a committed activity as an inbound message.
func (c *Channel) Read(raw conversation.RawInbound) (*conversation.Inbound, error) {
	a, ok := raw.Parsed.(*Activity)
	if !ok {
		var env envelope
		err := json.Unmarshal(raw.Raw, &env)
		if err != nil {
			return nil, fmt.Errorf("read kept activity: %w", err)
		}
		if a, err = ParseActivity(env.Activity); err != nil {
			return nil, err
		}
	}
	ref, err := a.reference()
	if err != nil {
		return nil, err
	}
	in := &conversation.Inbound{
		From: conversation.Address{Channel: conversation.ChannelTeams, ID: a.address(), Reference: ref}, Authenticated: true,
		Name: a.From.Name, Text: a.Text, Invoke: a.Type == TypeInvoke, Edits: edits(a), Withdrawn: a.Type == TypeDelete,
		Joined: a.Type == TypeInstallation && a.Action != "remove", Left: a.Type == TypeInstallation && a.Action == "remove", Lang: language(a.Locale),
	}
	for _, id := range []string{a.ReplyToID, a.Quoted} {
		if id != "" {
			in.References = append(in.References, id)
		}
	}
	if in.Attachments = c.Files.read(raw.ID, a); len(sentFiles(a)) > 0 {
		in.Bare = func() []byte { return bareActivity(envelope{Activity: a.Raw}) }
	}
	readValue(in, a)
	return in, nil
}

// readValue takes in what a card says.
func readValue(in *conversation.Inbound, a *Activity) {
	c := a.cardValue()
	if c.fields == nil {
		return
	}
	in.Fields = maps.Clone(c.fields) // the activity may be read again
	in.Token = in.Fields["token"]
	if in.Fields["text"] != "" {
		in.Text = in.Fields["text"]
	}
}

// Send puts a message on a card and sends it; an answered question's card is replaced where it stands.
func (c *Channel) Send(ctx context.Context, d conversation.Delivery) (string, error) {
	if d.Outbound.Kind == conversation.MessageAnswered {
		return c.replace(ctx, d)
	}
	ref, err := reference(d)
	if err != nil {
		return "", err
	}
	if d.Outbound.Kind == conversation.MessageOffer {
		return c.sendOffer(ctx, ref, d.Outbound)
	}
	cards, err := c.Words.Cards(d.Outbound)
	if err != nil {
		return "", &conversation.Fault{Reason: "not_rendered", Permanent: true, Err: err}
	}
	return c.sendCards(ctx, ref, d.Outbound.ID, cards)
}

// reference is where the delivery goes. A person who has removed the program has none.
func reference(d conversation.Delivery) (ref Reference, err error) {
	if d.To.Reference == "" {
		return ref, &conversation.Fault{Reason: conversation.FaultRemoved, Elsewhere: true}
	}
	if err := json.Unmarshal([]byte(d.To.Reference), &ref); err != nil {
		return ref, &conversation.Fault{Reason: "no_reference", Elsewhere: true, Err: err}
	}
	return ref, nil
}

// replace puts the answer in an old question's card. One that cannot be replaced stays as it is, which is of no consequence: a send that returned
// no id, a card that its person has deleted, a chat that is closed to the program.
func (c *Channel) replace(ctx context.Context, d conversation.Delivery) (string, error) {
	ref, err := reference(d)
	if err != nil {
		return "", nil
	}
	id := d.Shown
	if id == "" {
		id, err = c.Outbox.Ref(ctx, d.Outbound.Replaces)
	}
	if err != nil || id == "" {
		return "", err
	}
	card, err := c.Words.Card(d.Outbound)
	if err != nil {
		return "", &conversation.Fault{Reason: "not_rendered", Permanent: true, Err: err}
	}
	err = c.Connector.Update(ctx, ref, id, message(card))
	if e := (*Error)(nil); errors.As(err, &e) && e.Permanent {
		c.Log.Info("an answered card stays as it was", "outbound", d.Outbound.ID, "incident", d.Outbound.Incident, "status", e.Status)
		return "", nil
	}
	return "", fault(err) // the id stays that of the question: what quotes the card answers it
}

// fault says what a failed send means: 403 is blocked or not installed, so the person is written to by mail.
func fault(err error) error {
	if err == nil {
		return nil
	}
	f := &conversation.Fault{Reason: "connector", Err: err}
	if e := (*Error)(nil); errors.As(err, &e) {
		f.Reason = fmt.Sprintf("connector_%d", e.Status)
		f.After = e.RetryAfter
		f.Permanent = e.Permanent
		f.Elsewhere = e.Blocked || e.Status == http.StatusForbidden || e.Status == http.StatusNotFound
	}
	return f
}
