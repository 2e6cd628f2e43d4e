package bot

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"
)

const (
	testApp    = "3c0b7c4e-51d5-4c2f-8f5e-2b8f8a0f6d21"
	testTenant = "5f0c1c52-7d0e-4a36-9d3a-0d8a3f6a7b10"
)

var karin = bottest.User{
	ID: "29:1karin", Name: "Karin Sjölund", AADObjectID: "7e3b9a3c-2f1a-4c57-9d5c-0a4f5e6b7c8d",
	Email: "karin.sjolund@kommunen.example", UPN: "ksj@kommunen.example",
}

// world is a bot between a fake Teams and a fake identity provider.
type world struct {
	identity  *bottest.Identity
	connector *bottest.Connector
	receiver  *recordingReceiver
	bot       *Bot
	url       string
	karin     *bottest.Client
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w := &world{receiver: &recordingReceiver{}}
	w.identity = must(bottest.NewIdentity(testApp, "hemligt"))(t)
	w.connector = must(bottest.NewConnector(bottest.Options{TenantID: testTenant, BotID: "28:" + testApp, Authorize: w.identity.Authorized}))(t)
	config := Config{
		AppID: testApp, Secret: func() (string, error) { return "hemligt", nil }, TenantID: testTenant,
		MetadataURL: w.identity.MetadataURL(), TokenURL: w.identity.TokenURL(testTenant),
		Development: true, Listen: "127.0.0.1:0",
	}
	if change != nil {
		change(&config)
	}
	w.bot = must(New(config, w.receiver, slog.New(slog.DiscardHandler)))(t)
	server := httptest.NewServer(w.bot)
	t.Cleanup(func() {
		server.Close()
		for _, closer := range []interface{ Close() error }{w.connector, w.identity} {
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	w.url = server.URL + Path
	w.karin = bottest.NewClient(bottest.ClientOptions{Connector: w.connector, BotURL: w.url, User: karin, Token: w.identity.Token})
	return w
}

// reference is Karin's chat, as she would have made it known by a message.
func (w *world) reference() Reference {
	return Reference{
		ServiceURL: w.connector.URL(), ChannelID: "msteams", TenantID: testTenant, ConversationID: w.karin.Conversation(),
		BotID: "28:" + testApp, UserID: karin.ID,
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// recordingReceiver keeps what it gets; do, when set, answers.
type recordingReceiver struct {
	mu  sync.Mutex
	got []*Activity
	do  func(context.Context, *Activity) (InvokeResponse, error)
}

func (r *recordingReceiver) take(ctx context.Context, kind string, a *Activity) (InvokeResponse, error) {
	r.mu.Lock()
	kept := *a
	kept.Name = strings.TrimSpace(kind + " " + a.Name)
	r.got = append(r.got, &kept)
	do := r.do
	r.mu.Unlock()
	if do == nil {
		return InvokeResponse{}, nil
	}
	return do(ctx, a)
}

func (r *recordingReceiver) Message(ctx context.Context, a *Activity) error {
	_, err := r.take(ctx, "Message", a)
	return err
}

func (r *recordingReceiver) Invoke(ctx context.Context, a *Activity) (InvokeResponse, error) {
	return r.take(ctx, "Invoke", a)
}

func (r *recordingReceiver) Event(ctx context.Context, a *Activity) error {
	_, err := r.take(ctx, "Event", a)
	return err
}

// taken gives, for each activity in order, the method that took it and the activity's name.
func (r *recordingReceiver) taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, a := range r.got {
		names = append(names, a.Name)
	}
	return names
}

// rawPost posts a body as it stands.
func rawPost(t *testing.T, url, contentType, authorization, body string) int {
	t.Helper()
	req := must(http.NewRequestWithContext(testContext(t), http.MethodPost, url, strings.NewReader(body)))(t)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp := must(http.DefaultClient.Do(req))(t)
	defer resp.Body.Close()
	return resp.StatusCode
}
