package bottest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// User is a person in the tenant.
type User struct {
	ID          string // "29:…"
	Name        string
	AADObjectID string
	Email       string
	UPN         string // user principal name
}

// Options of the fake connector. Every field may be left out.
type Options struct {
	Now      func() time.Time // timestamps, and the ids made from them; time.Now
	TenantID string
	BotID    string // "28:" and the app id
	BotName  string
	Users    []User
	// Authorize says whether the value of an Authorization header is good; nil takes anything.
	Authorize func(header string) bool
}

// Failure is what a call is answered with instead of success.
type Failure struct {
	Status     int // 0: success, but with NoID
	Code       string
	RetryAfter string // value of the header
	NoID       bool   // the activity is taken, and the answer holds no id
	Method     string // only a call with this method; "" any
}

// Connector is a Bot Framework connector. It records what passes between the bot and the people.
type Connector struct {
	options Options
	server  *server
	rec     *recorder

	mu            sync.Mutex
	lastID        int64
	failures      []Failure
	users         map[string]User
	conversations map[string]string            // id to the user's id
	shown         map[string]map[string][]byte // conversation to activity id to its newest content
	pictures      map[string]Served            // pasted into messages, by id
}

// NewConnector starts one on a free loopback port.
func NewConnector(o Options) (*Connector, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TenantID == "" {
		o.TenantID = "5f0c1c52-7d0e-4a36-9d3a-0d8a3f6a7b10"
	}
	if o.BotID == "" {
		o.BotID = "28:3c0b7c4e-51d5-4c2f-8f5e-2b8f8a0f6d21"
	}
	if o.BotName == "" {
		o.BotName = "Frist"
	}
	c := &Connector{options: o, rec: newRecorder(), users: map[string]User{}, conversations: map[string]string{}, shown: map[string]map[string][]byte{}, pictures: map[string]Served{}}
	for _, u := range o.Users {
		c.AddUser(u)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/conversations/{conversation}/activities", c.handle(c.post))
	mux.HandleFunc("POST /v3/conversations/{conversation}/activities/{activity}", c.handle(c.post))
	mux.HandleFunc("PUT /v3/conversations/{conversation}/activities/{activity}", c.handle(c.put))
	mux.HandleFunc("DELETE /v3/conversations/{conversation}/activities/{activity}", c.handle(c.remove))
	mux.HandleFunc("GET /v3/attachments/{attachment}/views/original", c.picture)
	mux.HandleFunc("GET /v3/conversations/{conversation}/members", c.handle(c.members))
	mux.HandleFunc("GET /v3/conversations/{conversation}/members/{user}", c.handle(c.member))
	var err error
	if c.server, err = serve(mux); err != nil {
		return nil, fmt.Errorf("start fake connector: %w", err)
	}
	return c, nil
}

// URL is the service URL, with the slash at its end that Teams' has.
func (c *Connector) URL() string { return c.server.url + "/" }

// Close stops the server.
func (c *Connector) Close() error { return c.server.close() }

// AddUser makes a person known to the member look-up.
func (c *Connector) AddUser(u User) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users[u.ID] = u
	c.conversations[personalChat(u.ID)] = u.ID
}

// AddGroup makes a chat of several, or a channel, known by its id.
func (c *Connector) AddGroup(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conversations[id] = ""
}

// FailNext has the next n calls answered with f. Further failures queue up behind.
func (c *Connector) FailNext(n int, f Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range n {
		c.failures = append(c.failures, f)
	}
}

// Shown gives what a conversation shows now under an activity's id: the activity as last updated. ok is false after a delete.
func (c *Connector) Shown(conversation, activity string) (body json.RawMessage, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok = c.shown[conversation][activity]
	return body, ok
}

// personalChat is the id of a user's chat with the bot.
func personalChat(userID string) string {
	return "a:1" + strings.TrimPrefix(userID, "29:")
}

// nextID is an epoch in milliseconds, as Teams' ids are, and never one that was used.
func (c *Connector) nextID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID = max(c.lastID+1, c.options.Now().UnixMilli())
	return strconv.FormatInt(c.lastID, 10)
}

// reply is the connector's answer to a call.
type reply struct {
	status int
	body   any
	id     string // of the activity that the call is about
}

const maxCall = 1 << 20

func (c *Connector) handle(answer func(r *http.Request, body []byte, f Failure) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
		out := reply{status: http.StatusRequestEntityTooLarge}
		if err == nil {
			out = c.decide(w, r, body, answer)
		}
		raw, _ := json.Marshal(out.body) // strings and raw JSON that has been read before
		call := Recorded{
			At: c.options.Now(), Direction: FromBot, Method: r.Method, Path: r.URL.EscapedPath(), Status: out.status,
			Conversation: r.PathValue("conversation"), ActivityID: out.id,
		}
		if json.Valid(body) {
			call.Activity = body
		}
		if out.body != nil {
			call.Answer = raw
		}
		c.rec.add(call)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(out.status)
		if out.body != nil {
			_, _ = w.Write(raw)
		}
	}
}

func (c *Connector) decide(w http.ResponseWriter, r *http.Request, body []byte, answer func(*http.Request, []byte, Failure) reply) reply {
	if c.options.Authorize != nil && !c.options.Authorize(r.Header.Get("Authorization")) {
		return failed(http.StatusUnauthorized, "Unauthorized")
	}
	f := c.nextFailure(r.Method)
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Status != 0 {
		return failed(f.Status, f.Code)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodDelete && !isObject(body) {
		return failed(http.StatusBadRequest, "BadSyntax")
	}
	return answer(r, body, f)
}

func (c *Connector) nextFailure(method string) Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.failures {
		if f.Method == "" || f.Method == method {
			c.failures = slices.Delete(c.failures, i, i+1)
			return f
		}
	}
	return Failure{}
}

func (c *Connector) post(r *http.Request, body []byte, f Failure) reply {
	conversation := r.PathValue("conversation")
	if !c.known(conversation) {
		return failed(http.StatusNotFound, "ConversationNotFound")
	}
	if typing(body) {
		return reply{status: http.StatusAccepted}
	}
	id := c.nextID()
	c.show(conversation, id, body)
	if f.NoID {
		return reply{status: http.StatusAccepted, id: id}
	}
	return reply{status: http.StatusCreated, body: map[string]string{"id": id}, id: id}
}

func (c *Connector) put(r *http.Request, body []byte, _ Failure) reply {
	conversation, id := r.PathValue("conversation"), r.PathValue("activity")
	if _, ok := c.Shown(conversation, id); !ok {
		return failed(http.StatusNotFound, "ActivityNotFoundInConversation")
	}
	c.show(conversation, id, body)
	return reply{status: http.StatusOK, body: map[string]string{"id": id}, id: id}
}

func (c *Connector) remove(r *http.Request, _ []byte, _ Failure) reply {
	conversation, id := r.PathValue("conversation"), r.PathValue("activity")
	if _, ok := c.Shown(conversation, id); !ok {
		return failed(http.StatusNotFound, "ActivityNotFoundInConversation")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.shown[conversation], id)
	return reply{status: http.StatusOK, id: id}
}

func (c *Connector) members(r *http.Request, _ []byte, _ Failure) reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, known := c.users[c.conversations[r.PathValue("conversation")]]
	if !known {
		return failed(http.StatusNotFound, "ConversationNotFound")
	}
	return reply{status: http.StatusOK, body: []any{c.account(u)}}
}

func (c *Connector) member(r *http.Request, _ []byte, _ Failure) reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, known := c.users[r.PathValue("user")]
	if !known || c.conversations[r.PathValue("conversation")] != u.ID {
		return failed(http.StatusNotFound, "MemberNotFoundInConversation")
	}
	return reply{status: http.StatusOK, body: c.account(u)}
}

// account has the members that Teams gives; the directory's object id comes under two names.
func (c *Connector) account(u User) map[string]string {
	return map[string]string{
		"id": u.ID, "name": u.Name, "objectId": u.AADObjectID, "aadObjectId": u.AADObjectID,
		"email": u.Email, "userPrincipalName": u.UPN, "tenantId": c.options.TenantID, "userRole": "user",
	}
}

func (c *Connector) known(conversation string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.conversations[conversation]
	return ok
}

func (c *Connector) show(conversation, id string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown[conversation] == nil {
		c.shown[conversation] = map[string][]byte{}
	}
	c.shown[conversation][id] = body
}

func failed(status int, code string) reply {
	return reply{status: status, body: map[string]any{"error": map[string]string{"code": code, "message": http.StatusText(status)}}}
}

func isObject(body []byte) bool {
	var o map[string]json.RawMessage
	return json.Unmarshal(body, &o) == nil && o != nil
}

func typing(body []byte) bool {
	var a struct{ Type string }
	return json.Unmarshal(body, &a) == nil && a.Type == "typing"
}
