package bot

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

// A card that is set in reads as one that encoding/json wrote, and takes no more bytes than it was measured with.
func TestWire(t *testing.T) {
	card := json.RawMessage(`{"type":"AdaptiveCard","body":[{"text":"<b>å</b> & \"x\" \u2028"}]}`)
	ref := Reference{ServiceURL: "https://smba.example/", ConversationID: "a:1", BotID: "28:b", UserID: "29:u", Locale: "sv-SE"}
	named := schema.Attachment{ContentType: CardContentType, Content: card, Name: "x"}
	for name, a := range map[string]schema.Activity{
		"card":   CardMessage(card, "Fråga <11>"),
		"update": {Type: schema.Message, ID: "7", Attachments: CardMessage(card, "").Attachments},
		"bare":   {Attachments: CardMessage(card, "").Attachments},
		"named":  {Type: schema.Message, Attachments: []schema.Attachment{named}},
		"two":    {Type: schema.Message, Attachments: []schema.Attachment{named, {ContentType: CardContentType, Content: card}}},
		"other":  {Type: schema.Message, Attachments: []schema.Attachment{{ContentType: typeFileConsent, Content: card}}},
		"text":   TextMessage("hej", "plain"),
	} {
		a = addressed(a, ref)
		raw, want := must(wire(a))(t), must(encode(a))(t)
		if diff := cmp.Diff(decoded(t, want), decoded(t, raw)); diff != "" {
			t.Errorf("%s (-want +got): %s", name, diff)
		}
		if set := strings.Contains(string(raw), string(card)); set != (name == "card" || name == "update" || name == "bare") {
			t.Errorf("%s: as it was written: %v", name, set)
		}
	}
}

// A request leaves with its card in one write.
func TestRequestLeavesInOneWrite(t *testing.T) {
	w := newWorld(t, nil)
	var writes atomic.Int32
	out, ok := transport().(*http.Transport)
	if !ok {
		t.Fatal("another transport")
	}
	dial := out.DialContext
	out.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return &counted{conn, &writes}, err
	}
	c := w.bot.Connector()
	c.client.Transport = out
	card := json.RawMessage(`{"type":"AdaptiveCard","fallbackText":"` + strings.Repeat("å", 5000) + `"}`)
	must(c.Send(testContext(t), w.reference(), CardMessage(card, "Fråga")))(t) // fetches a token, too
	writes.Store(0)
	must(c.Send(testContext(t), w.reference(), CardMessage(card, "Fråga")))(t)
	if n := writes.Load(); n != 1 {
		t.Errorf("%d writes", n)
	}
}

type counted struct {
	net.Conn
	writes *atomic.Int32
}

func (c *counted) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}
