package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frist/conversation"
)

// People joins those who write in Teams with those who write mail.
type People interface {
	// KnowsMail reports whether a mail address is known of whoever has the Teams address.
	KnowsMail(context.Context, conversation.Address) (bool, error)
	// Learn tells what the directory says of them.
	Learn(context.Context, conversation.Address, conversation.Directory) error
}

// lookUp is when somebody was last looked up, in real time, and whether that failed.
type lookUp struct {
	at     time.Time
	failed bool
}

const (
	// lookUpTimeout is how long a message's turn may wait for the look-up of somebody of whom no mail address is known. The request does not wait.
	lookUpTimeout = 5 * time.Second
	// After lookUpFresh somebody who writes is looked up again behind their turn, after lookUpStale before it: a mail address that has changed in
	// the directory is taken up within a day.
	lookUpFresh = 12 * time.Hour
	lookUpStale = 24 * time.Hour
	// lookUpAgain is how long a look-up that failed is not tried again.
	lookUpAgain = 10 * time.Minute
	lookUpMax   = 10_000
)

// address is how the sender is known: the tenant with the directory's id of the person, which outlives an installation; a display name is no
// identity.
func (a *Activity) address() string {
	tenant, _ := a.Tenant()
	return tenant + "/" + cmp.Or(a.From.AADObjectID, a.From.ID)
}

// unmet reports whether the sender is to be looked up before their turn, since nobody can tell yet who they are. One whose look-up failed is not.
func (c *Channel) unmet(ctx context.Context, a *Activity) bool {
	if c.People == nil {
		return false
	}
	if last, seen := c.lookedUp(a.address()); seen {
		return !last.failed && time.Since(last.at) >= lookUpStale
	}
	known, err := c.People.KnowsMail(ctx, conversation.Address{Channel: conversation.ChannelTeams, ID: a.address()})
	return err == nil && !known // what is known is brought up to date behind the turn
}

// meet looks the sender up before their turn, where it has to be.
func (c *Channel) meet(ctx context.Context, a *Activity) {
	if c.unmet(ctx, a) {
		c.lookUp(ctx, a)
	}
}

// refresh looks the sender up again behind their turn, where it is time to.
func (c *Channel) refresh(ctx context.Context, a *Activity) {
	if c.People == nil {
		return
	}
	wait := lookUpFresh
	last, seen := c.lookedUp(a.address())
	if last.failed {
		wait = lookUpAgain
	}
	if seen && time.Since(last.at) < wait {
		return
	}
	c.looks(a.address(), lookUp{at: time.Now(), failed: last.failed})
	ctx = context.WithoutCancel(ctx)
	c.turns.Go(func() { c.lookUp(ctx, a) })
}

// lookUp asks the connector for the sender's mail address and tells People.
func (c *Channel) lookUp(ctx context.Context, a *Activity) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	err := c.learn(ctx, a)
	if err != nil {
		c.Log.Warn("the sender's mail address could not be looked up", "channel", conversation.ChannelTeams, "error", err)
	}
	c.looks(a.address(), lookUp{at: time.Now(), failed: err != nil})
}

func (c *Channel) learn(ctx context.Context, a *Activity) error {
	m, err := c.Connector.Member(ctx, a.Reference(), a.From.ID)
	if err != nil {
		return err
	}
	if m.AADObjectID != "" && a.From.AADObjectID != "" && !strings.EqualFold(m.AADObjectID, a.From.AADObjectID) {
		return errors.New("look up member: the directory gave another person")
	}
	where := conversation.Address{Channel: conversation.ChannelTeams, ID: a.address()} // where to write them is the turn's to note
	err = c.People.Learn(ctx, where, conversation.Directory{Mail: m.Email, Principal: m.UserPrincipalName, Name: m.Name, Guest: strings.EqualFold(m.UserRole, "guest")})
	if err != nil {
		return fmt.Errorf("note what the directory says: %w", err)
	}
	return nil
}

func (c *Channel) lookedUp(person string) (last lookUp, seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, seen = c.looked[person]
	return last, seen
}

func (c *Channel) looks(person string, l lookUp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looked == nil || len(c.looked) >= lookUpMax {
		c.looked = map[string]lookUp{}
	}
	c.looked[person] = l
}
