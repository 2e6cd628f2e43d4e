package bottest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	olle = User{ID: "29:1olle", Name: "Olle Ek", AADObjectID: "0f9d2c61-0a55-4f4e-8c6b-6d1f2f3a4b5c", Email: "olle.ek@bolaget.example"}
)

// echo is a bot that answers each message before it acknowledges it.
func echo(t *testing.T, received chan<- map[string]any) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a map[string]any
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Error(err)
		}
		received <- a
		if a["type"] == "message" {
			base, _ := a["serviceUrl"].(string)
			id, _ := a["conversation"].(map[string]any)["id"].(string)
			status, _ := call(t, http.MethodPost, base+"v3/conversations/"+id+"/activities", `{"type":"message","text":"tack"}`)
			w.WriteHeader(status / 201 * 200)
			return
		}
		_, _ = io.WriteString(w, `{"statusCode":200}`)
	}))
	t.Cleanup(s.Close)
	return s
}

func call(t *testing.T, method, address, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(answer)
}

func start(t *testing.T) *Connector {
	t.Helper()
	c, err := NewConnector(Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestConversation(t *testing.T) {
	connector := start(t)
	received := make(chan map[string]any, 10)
	client := NewClient(ClientOptions{Connector: connector, BotURL: echo(t, received).URL + "/api/messages", User: olle})
	ctx := t.Context()
	id, err := client.Say(ctx, "hej <på> dig")
	if err != nil {
		t.Fatal(err)
	}
	if want := strconv.FormatInt(noon.UnixMilli(), 10); id != want {
		t.Errorf("id %s, want %s", id, want)
	}
	said := <-received
	for member, want := range map[string]any{"text": "hej <på> dig", "timestamp": "2026-11-20T12:00:00.0000000Z", "id": id, "serviceUrl": connector.URL()} {
		if said[member] != want {
			t.Errorf("%s is %v", member, said[member])
		}
	}
	pressed, err := client.Execute(ctx, id, "answer", map[string]any{"x": "1"})
	if err != nil || pressed.Status != 200 || string(pressed.Body) != `{"statusCode":200}` {
		t.Errorf("%+v, %v", pressed, err)
	}
	value, _ := json.Marshal((<-received)["value"])
	if string(value) != `{"action":{"data":{"x":"1"},"type":"Action.Execute","verb":"answer"},"trigger":"manual"}` {
		t.Errorf("%s", value)
	}
	var log bytes.Buffer
	if err := connector.WriteLog(&log); err != nil {
		t.Fatal(err)
	}
	var order []string
	for line := range strings.Lines(log.String()) {
		var r Recorded
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		order = append(order, r.Direction+" "+strconv.Itoa(r.Status))
	}
	if want := []string{"to_bot 200", "from_bot 201", "to_bot 200"}; !slices.Equal(order, want) {
		t.Errorf("%v", order)
	}
}

func TestRefusalIsAnError(t *testing.T) {
	connector := start(t)
	client := NewClient(ClientOptions{Connector: connector, BotURL: echo(t, make(chan map[string]any, 1)).URL, User: olle})
	connector.FailNext(1, Failure{Status: 429, RetryAfter: "3"})
	if _, err := client.Say(t.Context(), "hej"); !errors.Is(err, errRefused) {
		t.Error(err)
	}
}

func TestConnectorAnswers(t *testing.T) {
	connector := start(t)
	connector.AddUser(olle)
	chat := connector.URL() + "v3/conversations/" + personalChat(olle.ID)
	first := strconv.FormatInt(noon.UnixMilli(), 10)
	for _, c := range []struct {
		method, address, body string
		status                int
		answer                string
	}{
		{"POST", chat + "/activities", `{"type":"message"}`, 201, `{"id":"` + first + `"}`},
		{"POST", chat + "/activities", `{"type":"typing"}`, 202, ""},
		{"POST", chat + "/activities", `[]`, 400, ""},
		{"POST", connector.URL() + "v3/conversations/a:1nobody/activities", `{"type":"message"}`, 404, ""},
		{"PUT", chat + "/activities/" + first, `{"type":"message","text":"x"}`, 200, `{"id":"` + first + `"}`},
		{"PUT", chat + "/activities/1", `{"type":"message"}`, 404, ""},
		{"DELETE", chat + "/activities/" + first, "", 200, ""},
		{"DELETE", chat + "/activities/" + first, "", 404, ""},
		{"GET", chat + "/members/29:1olle", "", 200, ""},
		{"GET", chat + "/members", "", 200, ""},
		{"GET", chat + "/members/29:1nobody", "", 404, ""},
	} {
		status, answer := call(t, c.method, c.address, c.body)
		if status != c.status || c.answer != "" && answer != c.answer {
			t.Errorf("%s %s %s: %d %s", c.method, c.address, c.body, status, answer)
		}
	}
}

func TestWait(t *testing.T) {
	connector := start(t)
	connector.AddUser(olle)
	chat := connector.URL() + "v3/conversations/" + personalChat(olle.ID) + "/activities"
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	found := make(chan error, 1)
	go func() {
		_, err := connector.WaitFor(ctx, func(r Recorded) bool { return r.Message().Text == "andra" })
		found <- err
	}()
	for _, text := range []string{"första", "andra"} {
		call(t, http.MethodPost, chat, `{"type":"message","text":"`+text+`"}`)
	}
	if err := <-found; err != nil {
		t.Error(err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := connector.WaitAfter(ended, connector.Last(), func(Recorded) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("waited among past calls: %v", err)
	}
	if r, err := connector.WaitAfter(ended, 1, func(Recorded) bool { return true }); err != nil || r.Message().Text != "andra" {
		t.Errorf("%+v, %v", r, err)
	}
}
