package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"frist/conversation"
)

// sample is an answer as Teams sends it, typed or by a card; text and value may be "".
func sample(tb testing.TB, kind, text, value string) []byte {
	tb.Helper()
	a := map[string]any{
		"type": kind, "id": "1763820000123", "timestamp": "2026-11-22T14:00:00.123Z", "localTimestamp": "2026-11-22T15:00:00.123+01:00",
		"localTimezone": "Europe/Stockholm", "channelId": "msteams", "serviceUrl": service, "locale": "sv-SE",
		"from":         map[string]any{"id": karin.ID, "name": karin.Name, "aadObjectId": karin.AADObjectID},
		"recipient":    map[string]any{"id": "28:" + testApp, "name": "Frist"},
		"conversation": map[string]any{"id": "a:1karin", "conversationType": "personal", "tenantId": testTenant},
		"channelData":  map[string]any{"tenant": map[string]any{"id": testTenant}, "source": map[string]any{"name": "message"}, "legacy": map[string]any{"replyToId": "1:abc"}},
		"entities":     []any{map[string]any{"type": "clientInfo", "locale": "sv-SE", "country": "SE", "platform": "Windows", "timezone": "Europe/Stockholm"}},
	}
	if text != "" {
		a["text"], a["textFormat"] = text, "plain"
		a["attachments"] = []any{map[string]any{"contentType": "text/html", "content": "<p>" + text + "</p>"}}
	}
	if value != "" {
		a["value"], a["replyToId"] = json.RawMessage(value), "1763819990001"
	}
	if kind == TypeInvoke {
		a["id"], a["name"] = "f:1763820000123", InvokeCardAction
	}
	raw, err := json.Marshal(a)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

const longAnswer = "Listan låg öppen i ungefär två timmar innan någon märkte det. Mottagaren har ringt och säger att den är borttagen & förstörd."

// ways are an answer by each of the ways.
func ways(tb testing.TB) map[string][]byte {
	const data = `{"answer":"` + longAnswer + `","field":"16","seen":"none","token":"3h5rsbhhkg7pmsgoa5vyfrs74u","verb":"answer"}`
	return map[string][]byte{
		"typed":   sample(tb, TypeMessage, longAnswer, ""),
		"submit":  sample(tb, TypeMessage, "", data),
		"execute": sample(tb, TypeInvoke, "", `{"action":{"type":"Action.Execute","verb":"answer","data":`+data+`},"trigger":"manual"}`),
	}
}

func BenchmarkParseActivity(b *testing.B) {
	for name, raw := range ways(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseActivity(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead is what is done with an activity in its turn, before the domain has it.
func BenchmarkRead(b *testing.B) {
	c := &Channel{Log: slog.New(slog.DiscardHandler), Now: time.Now}
	for name, raw := range ways(b) {
		a, err := ParseActivity(raw)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Read(c.raw(a)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkServe is all that is done with a request but for the engine's part, with a token and in development mode.
func BenchmarkServe(b *testing.B) {
	identity, _, header := benchToken(b)
	for mode, config := range map[string]Config{"signed": benchConfig(identity), "development": {Development: true, Listen: "127.0.0.1:0"}} {
		for name, raw := range ways(b) {
			c := &Channel{Engine: nobody{}, Log: slog.New(slog.DiscardHandler), Now: time.Now}
			bot, err := New(config, c, slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			c.Connector = bot.Connector()
			b.Run(mode+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.replies = replies{} // else an invoke is answered as it was before
					if status := served(b, bot, raw, header); status != http.StatusOK {
						b.Fatal(status)
					}
				}
			})
		}
	}
}

// served gives the status of a request from this machine.
func served(b *testing.B, bot *Bot, raw []byte, authorization string) int {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://127.0.0.1"+Path, bytes.NewReader(raw))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, r)
	return w.Code
}

// nobody is an engine that keeps nothing.
type nobody struct{}

func (nobody) Accept(context.Context, conversation.RawInbound) (bool, error) { return true, nil }

func (nobody) Take(context.Context, conversation.RawInbound) (conversation.Reply, error) {
	return conversation.Reply{}, nil
}

func (nobody) Handle(context.Context, conversation.InboundID) (conversation.Reply, error) {
	return conversation.Reply{}, nil
}
