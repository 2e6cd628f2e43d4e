package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	tenant = "7c1d2f60-3b1a-4c55-9f0e-52d0b7a4e001"
	botID  = "28:1f2e3d4c-0000-4000-8000-000000000072"
	domain = "bench.example"
)

// teams stands in for Microsoft: it is the connector that a bot's replies come to, and posts what people do. It keeps nothing of what passes, so
// that it can be run for as long as one likes; bottest records all.
type teams struct {
	url     string // the service URL
	bot     string // the bot's endpoint
	server  *http.Server
	client  *http.Client
	base    int          // of the people's numbers: who writes in one run has not been there in another
	last    atomic.Int64 // the newest activity's id
	updates atomic.Int64 // cards that were replaced
	strays  atomic.Int64 // calls about chats that there are not

	mu    sync.RWMutex
	chats map[string]*chat
}

// chat is one person's chat with the bot.
type chat struct {
	t    *teams
	id   string
	user string
	n    int
	said chan said
}

// said is a message that came from the bot.
type said struct {
	at   time.Time
	id   string
	body []byte
}

// inboxMax is far more than a bot says before it is answered; what is said beyond it is counted as a stray.
const inboxMax = 64

func startTeams(tb testing.TB) *teams {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	t := &teams{url: "http://" + l.Addr().String() + "/", chats: map[string]*chat{}, client: &http.Client{Timeout: time.Minute,
		Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024, DisableCompression: true}}}
	t.last.Store(time.Now().UnixMilli())
	t.base = int(time.Now().Unix()%1_000_000) * 10_000
	t.server = &http.Server{Handler: t, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- t.server.Serve(l) }()
	tb.Cleanup(func() {
		t.client.CloseIdleConnections()
		must(tb, t.server.Close())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			tb.Error(err)
		}
	})
	return t
}

// join opens the chat of the nth person.
func (t *teams) join(n int) *chat {
	n += t.base
	c := &chat{t: t, n: n, id: fmt.Sprintf("a:1bench%07d", n), user: fmt.Sprintf("29:1bench%07d", n), said: make(chan said, inboxMax)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chats[c.id] = c
	return c
}

// leave ends a chat that has had its last reply.
func (c *chat) leave() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	delete(c.t.chats, c.id)
}

func (c *chat) account() map[string]string {
	mail := fmt.Sprintf("person%d@%s", c.n, domain)
	object := fmt.Sprintf("00000000-0000-4000-8000-%012d", c.n)
	return map[string]string{"id": c.user, "name": "Person " + strconv.Itoa(c.n), "objectId": object, "aadObjectId": object, "email": mail,
		"userPrincipalName": mail, "tenantId": tenant, "userRole": "user"}
}

// ServeHTTP is the connector: /v3/conversations/CHAT/activities/ID and /v3/conversations/CHAT/members/USER.
func (t *teams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	at := time.Now()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if err != nil || len(path) < 4 || path[1] != "conversations" {
		t.strays.Add(1)
		http.NotFound(w, r)
		return
	}
	t.mu.RLock()
	c := t.chats[path[2]]
	t.mu.RUnlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPut:
		t.updates.Add(1)
		_, _ = w.Write([]byte(`{"id":"` + path[len(path)-1] + `"}`))
	case c == nil:
		t.strays.Add(1)
		w.WriteHeader(http.StatusNotFound)
	case path[3] == "members" || path[3] == "pagedmembers":
		t.members(w, c, path)
	case r.Method == http.MethodPost:
		id := strconv.FormatInt(t.last.Add(1), 10)
		if !bytes.Contains(body, []byte(`"type":"typing"`)) {
			select {
			case c.said <- said{at, id, body}:
			default:
				t.strays.Add(1)
			}
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"` + id + `"}`))
	default:
		w.WriteHeader(http.StatusOK)
	}
}

func (t *teams) members(w http.ResponseWriter, c *chat, path []string) {
	var answer any = c.account()
	switch {
	case path[3] == "pagedmembers":
		answer = map[string]any{"members": []any{answer}}
	case len(path) == 4:
		answer = []any{answer}
	}
	_ = json.NewEncoder(w).Encode(answer) // the bot is gone
}

// activity has the members that every activity from Teams has.
type activity struct {
	Type         string `json:"type"`
	ID           string `json:"id"`
	Name         string `json:"name,omitempty"`
	Timestamp    string `json:"timestamp"`
	ChannelID    string `json:"channelId"`
	ServiceURL   string `json:"serviceUrl"`
	Text         string `json:"text,omitempty"`
	TextFormat   string `json:"textFormat,omitempty"`
	Locale       string `json:"locale"`
	ReplyToID    string `json:"replyToId,omitempty"`
	Value        any    `json:"value,omitempty"`
	From         any    `json:"from"`
	Recipient    any    `json:"recipient"`
	Conversation any    `json:"conversation"`
	ChannelData  any    `json:"channelData"`
	Entities     []any  `json:"entities"`
	Attachments  []any  `json:"attachments,omitempty"`
}

func (c *chat) activity(kind string) *activity {
	type m = map[string]string
	return &activity{Type: kind, ID: strconv.FormatInt(c.t.last.Add(1), 10), Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z"),
		ChannelID: "msteams", ServiceURL: c.t.url, Locale: "sv-SE",
		From:         m{"id": c.user, "name": "Person " + strconv.Itoa(c.n), "aadObjectId": fmt.Sprintf("00000000-0000-4000-8000-%012d", c.n)},
		Recipient:    m{"id": botID, "name": "Frist"},
		Conversation: m{"conversationType": "personal", "tenantId": tenant, "id": c.id},
		ChannelData:  map[string]any{"tenant": m{"id": tenant}},
		Entities:     []any{m{"type": "clientInfo", "locale": "sv-SE", "country": "SE", "platform": "Windows", "timezone": "Europe/Stockholm"}}}
}

// text is a message that the person typed.
func (c *chat) text(s string) *activity {
	a := c.activity("message")
	a.Text, a.TextFormat = s, "plain"
	return a
}

// submit is a card's Action.Submit, which comes as a message.
func (c *chat) submit(card string, value map[string]any) *activity {
	a := c.activity("message")
	a.ReplyToID, a.Value = card, value
	return a
}

// execute is a card's Action.Execute, which comes as an invoke.
func (c *chat) execute(card, verb string, data map[string]any) *activity {
	a := c.activity("invoke")
	a.ID, a.Name, a.ReplyToID = "f:"+a.ID, "adaptiveCard/action", card
	a.Value = map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}
	return a
}

// post sends an activity to the bot and gives the body of its answer.
func (c *chat) post(ctx context.Context, a *activity) ([]byte, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("post activity: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.t.bot, bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("post activity: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.t.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("post activity: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the bot's answer: %w", err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, fmt.Errorf("the bot answered %d: %.200s", resp.StatusCode, body)
	}
	return body, nil
}
