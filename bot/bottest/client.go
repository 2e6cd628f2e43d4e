package bottest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"time"
)

// ClientOptions say who writes, to which bot.
type ClientOptions struct {
	Connector *Connector
	BotURL    string // the bot's endpoint, …/api/messages
	User      User   // is added to the connector
	Locale    string // "" is sv-SE
	TenantID  string // "" is the connector's
	// Token makes the bearer token for a service URL; nil sends none.
	Token func(serviceURL string) (string, error)
	HTTP  *http.Client
}

// Client plays a person who uses the bot in Teams, in their personal chat with it. Safe for concurrent use.
type Client struct {
	o ClientOptions
}

// NewClient makes the person known and sends nothing.
func NewClient(o ClientOptions) *Client {
	if o.Locale == "" {
		o.Locale = "sv-SE"
	}
	if o.TenantID == "" {
		o.TenantID = o.Connector.options.TenantID
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	o.Connector.AddUser(o.User)
	return &Client{o: o}
}

// Conversation is the id of the person's chat with the bot.
func (c *Client) Conversation() string { return personalChat(c.o.User.ID) }

// Answer is what the bot's endpoint answered.
type Answer struct {
	ActivityID string // of what was posted
	Status     int
	Body       []byte
}

// Say writes a message and returns its id. An answer other than 200 is an error.
func (c *Client) Say(ctx context.Context, text string) (id string, err error) {
	a := c.activity("message")
	a["id"] = c.o.Connector.nextID()
	a["text"], a["textFormat"] = text, "plain"
	a["attachments"] = []any{map[string]any{"contentType": "text/html", "content": "<p>" + html.EscapeString(text) + "</p>"}}
	return c.accepted(c.Post(ctx, a))
}

// Submit presses an Action.Submit of the card with the id replyToID; value holds the inputs and the button's data.
func (c *Client) Submit(ctx context.Context, replyToID string, value map[string]any) (id string, err error) {
	a := c.activity("message")
	a["id"] = c.o.Connector.nextID()
	a["value"], a["replyToId"] = value, replyToID
	data := a["channelData"].(map[string]any)
	data["source"] = map[string]any{"name": "message"}
	data["legacy"] = map[string]any{"replyToId": replyToID}
	return c.accepted(c.Post(ctx, a))
}

// Execute presses an Action.Execute of the card with the id replyToID and returns the bot's answer, whatever its status.
func (c *Client) Execute(ctx context.Context, replyToID, verb string, data map[string]any) (Answer, error) {
	a := c.activity("invoke")
	a["id"] = "f:" + randomHex(16)
	a["name"], a["replyToId"] = "adaptiveCard/action", replyToID
	a["value"] = map[string]any{
		"action":  map[string]any{"type": "Action.Execute", "verb": verb, "data": data},
		"trigger": "manual",
	}
	a["channelData"].(map[string]any)["source"] = map[string]any{"name": "message"}
	return c.Post(ctx, a)
}

// Install adds the app to the personal chat: Teams tells it twice, as an installation and as a new member.
func (c *Client) Install(ctx context.Context) error {
	bot := map[string]any{"id": c.o.Connector.options.BotID}
	install, update := c.activity("installationUpdate"), c.activity("conversationUpdate")
	install["action"] = "add"
	update["membersAdded"] = []any{bot}
	for _, a := range []map[string]any{install, update} {
		a["id"] = "f:" + randomHex(16)
		if _, err := c.accepted(c.Post(ctx, a)); err != nil {
			return err
		}
	}
	return nil
}

// Uninstall removes the app from the personal chat.
func (c *Client) Uninstall(ctx context.Context) error {
	a := c.activity("installationUpdate")
	a["id"], a["action"] = "f:"+randomHex(16), "remove"
	_, err := c.accepted(c.Post(ctx, a))
	return err
}

// Edit puts newer text in the place of a message that the person has written; the activity bears the message's id.
func (c *Client) Edit(ctx context.Context, id, text string) error {
	return c.changed(ctx, "messageUpdate", id, "editMessage", text)
}

// Delete deletes a message that the person has written.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.changed(ctx, "messageDelete", id, "softDeleteMessage", "")
}

// Undelete brings a message back that the person has deleted.
func (c *Client) Undelete(ctx context.Context, id, text string) error {
	return c.changed(ctx, "messageUpdate", id, "undeleteMessage", text)
}

func (c *Client) changed(ctx context.Context, kind, id, event, text string) error {
	a := c.activity(kind)
	a["id"] = id
	a["channelData"].(map[string]any)["eventType"] = event
	if text != "" {
		a["text"], a["textFormat"] = text, "plain"
	}
	_, err := c.accepted(c.Post(ctx, a))
	return err
}

// Activity gives the members that every activity of the person's has, for one of another shape to Post.
func (c *Client) Activity(kind string) map[string]any {
	a := c.activity(kind)
	a["id"] = c.o.Connector.nextID()
	return a
}

func (c *Client) activity(kind string) map[string]any {
	o := c.o.Connector.options
	now := o.Now()
	return map[string]any{
		"type": kind, "channelId": "msteams", "serviceUrl": c.o.Connector.URL(),
		"timestamp":      now.UTC().Format("2006-01-02T15:04:05.0000000Z"),
		"localTimestamp": now.Format("2006-01-02T15:04:05.0000000-07:00"), "localTimezone": "Europe/Stockholm",
		"from":         map[string]any{"id": c.o.User.ID, "name": c.o.User.Name, "aadObjectId": c.o.User.AADObjectID},
		"recipient":    map[string]any{"id": o.BotID, "name": o.BotName},
		"conversation": map[string]any{"conversationType": "personal", "tenantId": c.o.TenantID, "id": c.Conversation()},
		"channelData":  map[string]any{"tenant": map[string]any{"id": c.o.TenantID}},
		"entities":     []any{map[string]any{"type": "clientInfo", "locale": c.o.Locale, "country": "SE", "platform": "Web", "timezone": "Europe/Stockholm"}},
		"locale":       c.o.Locale,
	}
}

// Post sends any activity to the bot, and records it.
func (c *Client) Post(ctx context.Context, activity map[string]any) (Answer, error) {
	body, err := json.Marshal(activity)
	if err != nil {
		return Answer{}, fmt.Errorf("post activity: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.BotURL, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("post activity: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if c.o.Token != nil {
		service, _ := activity["serviceUrl"].(string)
		token, err := c.o.Token(service)
		if err != nil {
			return Answer{}, fmt.Errorf("post activity: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	id, _ := activity["id"].(string)
	rec := c.o.Connector.rec
	call := rec.add(Recorded{
		At: c.o.Connector.options.Now(), Direction: ToBot, Method: http.MethodPost, Path: req.URL.EscapedPath(),
		Conversation: c.Conversation(), ActivityID: id, Activity: body,
	})
	answer, err := c.send(req)
	answer.ActivityID = id
	var answered json.RawMessage
	if json.Valid(answer.Body) {
		answered = answer.Body
	}
	rec.finish(call.Seq, answer.Status, answered)
	return answer, err
}

func (c *Client) send(req *http.Request) (Answer, error) {
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("post activity: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxCall))
	if err != nil {
		err = fmt.Errorf("read the bot's answer: %w", err)
	}
	return Answer{Status: resp.StatusCode, Body: body}, err
}

// accepted turns a refusal into an error.
func (c *Client) accepted(a Answer, err error) (string, error) {
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("the bot answered %d: %w", a.Status, errRefused)
	}
	return a.ActivityID, err
}

var errRefused = errors.New("activity refused")

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}
