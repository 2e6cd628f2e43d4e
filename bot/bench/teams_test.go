package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
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
	url     string       // the service URL
	bot     *caller      // the bot's endpoint
	base    int          // of the people's numbers: who writes in one run has not been there in another
	last    atomic.Int64 // the newest activity's id
	updates atomic.Int64 // cards that were replaced
	strays  atomic.Int64 // calls about chats that there are not

	mu    sync.RWMutex
	chats map[string]*chat
	lines map[*line]struct{}
}

// chat is one person's chat with the bot.
type chat struct {
	t    *teams
	id   string
	user string
	n    int
	// read finds in a message what its person needs of it; the body does not outlive the call. Messages may come at the same time.
	read func(body []byte) said
	said chan said
	tail []byte // what all activities end with
}

// said is a message that came from the bot, as it was read.
type said struct {
	at     time.Time
	id     string
	text   string
	number string    // an incident's, "" if the message names none
	asks   *question // nil: nothing
	err    error
}

// inboxMax is far more than a bot says before it is answered; what is said beyond it is counted as a stray.
const inboxMax = 16

func startTeams(tb testing.TB) *teams {
	tb.Helper()
	t := &teams{chats: map[string]*chat{}, lines: map[*line]struct{}{}}
	t.last.Store(time.Now().UnixMilli())
	t.base = int(time.Now().Unix()%1_000_000) * 10_000
	t.url = "http://" + listen(tb, func(c net.Conn) { t.serve(newLine(c)) }, t.end) + "/"
	return t
}

// end closes all connections.
func (t *teams) end() {
	if t.bot != nil {
		t.bot.close()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.lines {
		_ = c.Close() // its bot may have ended it
	}
}

// listen serves whoever connects, until the test ends: then end must close the connections that are left.
func listen(tb testing.TB, serve func(net.Conn), end func()) (addr string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // it was closed
			}
			all.Go(func() { serve(c) })
		}
	})
	tb.Cleanup(func() {
		must(tb, l.Close())
		end()
		all.Wait()
	})
	return l.Addr().String()
}

// talkTo names the bot that is measured, at a port of this machine.
func (t *teams) talkTo(port string) {
	t.bot = &caller{addr: "127.0.0.1:" + port, path: "/api/messages"}
}

// join opens the chat of the nth person.
func (t *teams) join(n int, read func(body []byte) said) *chat {
	n += t.base
	c := &chat{t: t, n: n, id: fmt.Sprintf("a:1bench%07d", n), user: fmt.Sprintf("29:1bench%07d", n), read: read, said: make(chan said, inboxMax)}
	c.tail = c.constant()
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

// serve is the connector: /v3/conversations/CHAT/activities/ID and /v3/conversations/CHAT/members/USER.
func (t *teams) serve(l *line) {
	t.mu.Lock()
	t.lines[l] = struct{}{}
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		delete(t.lines, l)
		t.mu.Unlock()
		_ = l.Close() // the bot has ended it
	}()
	for {
		m, err := l.read(replaces)
		if err != nil {
			return
		}
		at := time.Now()
		method, rest, _ := strings.Cut(string(m.start), " ")
		target, _, _ := strings.Cut(rest, " ")
		target, _, _ = strings.Cut(target, "?")
		if strings.Contains(target, "%") {
			target, err = url.PathUnescape(target)
		}
		path := strings.Split(strings.TrimPrefix(target, "/"), "/")
		if err != nil || len(path) < 4 || path[1] != "conversations" {
			t.strays.Add(1)
			err = l.answer("404 Not Found")
		} else {
			err = t.called(l, at, method, path, m.body)
		}
		if err != nil || m.close {
			return
		}
	}
}

// replaces tells of a request that replaces a card: it is counted, and nobody reads it.
func replaces(start []byte) bool { return bytes.HasPrefix(start, []byte("PUT ")) }

// called answers one call about a chat.
func (t *teams) called(l *line, at time.Time, method string, path []string, body []byte) error {
	t.mu.RLock()
	c := t.chats[path[2]]
	t.mu.RUnlock()
	switch {
	case method == "PUT":
		t.updates.Add(1)
		return l.answer("200 OK", `{"id":"`, path[len(path)-1], `"}`)
	case c == nil:
		t.strays.Add(1)
		return l.answer("404 Not Found")
	case path[3] == "members" || path[3] == "pagedmembers":
		return t.members(l, c, path)
	case method == "POST":
		id := strconv.FormatInt(t.last.Add(1), 10)
		if len(body) > typingMax || !bytes.Contains(body, []byte(`"type":"typing"`)) {
			m := c.read(body)
			m.at, m.id = at, id
			select {
			case c.said <- m:
			default:
				t.strays.Add(1)
			}
		}
		return l.answer("201 Created", `{"id":"`, id, `"}`)
	}
	return l.answer("200 OK")
}

// typingMax is longer than an activity can be that says no more than that somebody is typing.
const typingMax = 2 << 10

func (t *teams) members(l *line, c *chat, path []string) error {
	var answer any = c.account()
	switch {
	case path[3] == "pagedmembers":
		answer = map[string]any{"members": []any{answer}}
	case len(path) == 4:
		answer = []any{answer}
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return l.answer("200 OK", string(raw))
}

// constant are the members that every activity of the chat has, as Teams sends them, with the end of the object.
func (c *chat) constant() []byte {
	type m = map[string]string
	raw, err := json.Marshal(struct {
		ChannelID    string         `json:"channelId"`
		ServiceURL   string         `json:"serviceUrl"`
		Locale       string         `json:"locale"`
		From         m              `json:"from"`
		Recipient    m              `json:"recipient"`
		Conversation m              `json:"conversation"`
		ChannelData  map[string]any `json:"channelData"`
		Entities     []m            `json:"entities"`
	}{"msteams", c.t.url, "sv-SE",
		m{"id": c.user, "name": "Person " + strconv.Itoa(c.n), "aadObjectId": fmt.Sprintf("00000000-0000-4000-8000-%012d", c.n)},
		m{"id": botID, "name": "Frist"}, m{"conversationType": "personal", "tenantId": tenant, "id": c.id}, map[string]any{"tenant": m{"id": tenant}},
		[]m{{"type": "clientInfo", "locale": "sv-SE", "country": "SE", "platform": "Windows", "timezone": "Europe/Stockholm"}}})
	if err != nil {
		panic(err) // it is made of strings
	}
	raw[0] = ','
	return raw
}

// pair is a member of a card's data.
type pair struct{ name, value string }

// begin writes the members that differ from activity to activity.
func (c *chat) begin(kind, prefix string) []byte {
	b := append(make([]byte, 0, 1<<10+len(c.tail)), `{"type":"`+kind+`","id":"`+prefix...)
	b = append(strconv.AppendInt(b, c.t.last.Add(1), 10), `","timestamp":"`...)
	return append(time.Now().UTC().AppendFormat(b, "2006-01-02T15:04:05.0000000Z"), '"')
}

// text is a message that the person typed.
func (c *chat) text(s string) []byte {
	b := append(c.begin("message", ""), `,"textFormat":"plain","text":`...)
	return append(quote(b, s), c.tail...)
}

// submit is a card's Action.Submit, which comes as a message.
func (c *chat) submit(card string, data ...pair) []byte {
	b := append(quote(append(c.begin("message", ""), `,"replyToId":`...), card), `,"value":`...)
	return append(object(b, data), c.tail...)
}

// execute is a card's Action.Execute, which comes as an invoke.
func (c *chat) execute(card, verb string, data ...pair) []byte {
	b := quote(append(c.begin("invoke", "f:"), `,"name":"adaptiveCard/action","replyToId":`...), card)
	b = quote(append(b, `,"value":{"action":{"type":"Action.Execute","verb":`...), verb)
	b = object(append(b, `,"data":`...), data)
	return append(append(b, `},"trigger":"manual"}`...), c.tail...)
}

func object(b []byte, data []pair) []byte {
	b = append(b, '{')
	for i, p := range data {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(append(quote(b, p.name), ':'), p.value)
	}
	return append(b, '}')
}

// quote appends a JSON string.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' {
			raw, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string can be marshalled
			}
			return append(b, raw...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
