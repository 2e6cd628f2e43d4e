package conversation

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// What was offered in Teams is for the person to whom it was offered, by the token of the offer and no other.
func TestOffered(t *testing.T) {
	w := newWorld(t)
	w.reviewed()
	review := w.last(kim)
	w.say(said{From: kim, Channel: ChannelTeams, Text: "hej"})
	w.say(said{From: alex, Channel: ChannelTeams, Text: "hej"})
	w.say(said{From: kim, Text: "godkänn", Token: review.Token})
	var offer Outbound
	for _, o := range w.to(kim) {
		if o.Kind == MessageOffer {
			offer = o
		}
	}
	if offer.Channel != ChannelTeams || w.incident().Status != StatusApproved {
		t.Fatalf("%s, offered %+v", w.incident().Status, offer)
	}
	teams := func(who string) Address { return Address{Channel: ChannelTeams, ID: "tenant/" + who} }
	for name, c := range map[string]struct {
		token string
		from  Address
		ok    bool
	}{
		"whom it was offered to": {offer.Token, teams(kim), true},
		"a colleague":            {offer.Token, teams(alex), false},
		"somebody unknown":       {offer.Token, teams("eva"), false},
		"the review's token":     {review.Token, teams(kim), false},
		"no token":               {"", teams(kim), false},
	} {
		before := strings.Count(w.events(), "document_fetched")
		out, err := w.e.Offered(context.Background(), c.token, c.from)
		if noted := strings.Count(w.events(), "document_fetched") - before; (noted == 1) != c.ok {
			t.Errorf("%s: noted %d times", name, noted)
		}
		switch {
		case c.ok && (err != nil || out.Document == nil || out.Number != offer.Number):
			t.Errorf("%s: %+v, %v", name, out, err)
		case !c.ok && !errors.Is(err, ErrNotFound):
			t.Errorf("%s: %v", name, err)
		}
	}
}
