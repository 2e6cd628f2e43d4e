package bot

import (
	"context"
	"encoding/json"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"frist/conversation"
	"frist/templates"
)

func message(card templates.Card) schema.Activity {
	return CardMessage(json.RawMessage(card.JSON), card.Text)
}

// sendCards sends a message that may need several cards, and gives the id of the last: what can be pressed stands there. What has left is
// remembered while the rest fails, so that a retry goes on from there; after a restart it begins anew.
func (c *Channel) sendCards(ctx context.Context, ref Reference, id conversation.OutboundID, cards []templates.Card) (last string, err error) {
	c.mu.Lock()
	from := c.parts[id]
	c.mu.Unlock()
	for i := from; i < len(cards); i++ {
		if last, err = c.Connector.Send(ctx, ref, message(cards[i])); err != nil {
			c.sent(id, i)
			return "", fault(err)
		}
	}
	c.sent(id, 0)
	return last, nil
}

// sent remembers how many cards of a message have left; 0 forgets it.
func (c *Channel) sent(id conversation.OutboundID, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.parts, id)
	if n == 0 {
		return
	}
	if c.parts == nil || len(c.parts) >= partsMax {
		c.parts = map[conversation.OutboundID]int{}
	}
	c.parts[id] = n
}

const partsMax = 1000
