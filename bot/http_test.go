package bot

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"frist/bot/bottest"
)

func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

func TestFailClosed(t *testing.T) {
	secret := func() (string, error) { return "hemligt", nil }
	certificate := func() (tls.Certificate, error) { return tls.Certificate{}, nil }
	for _, c := range []struct {
		name   string
		config Config
		ok     bool
	}{
		{"production", Config{AppID: testApp, Secret: secret, TenantID: testTenant, Listen: ":3978"}, true},
		{"development without an app", Config{Development: true, Listen: "127.0.0.1:3978"}, true},
		{"development on localhost", Config{Development: true, Listen: "localhost:3978"}, true},
		{"development on ::1", Config{Development: true, Listen: "[::1]:0"}, true},
		{"development with an app", Config{Development: true, Listen: "127.0.0.1:0", AppID: testApp, Secret: secret, TokenURL: "http://127.0.0.1:1/t", MetadataURL: "http://127.0.0.1:1/m"}, true},
		{"nothing", Config{}, false},
		{"no app id", Config{Secret: secret, TenantID: testTenant, Listen: "127.0.0.1:3978"}, false},
		{"no secret", Config{AppID: testApp, TenantID: testTenant}, false},
		{"a certificate", Config{AppID: testApp, Certificate: certificate, TenantID: testTenant}, true},
		{"secret and certificate", Config{AppID: testApp, Secret: secret, Certificate: certificate, TenantID: testTenant}, false},
		{"negative bound", Config{AppID: testApp, Secret: secret, TenantID: testTenant, PersonPerMinute: -1}, false},
		{"no tenant", Config{AppID: testApp, Secret: secret}, false},
		{"development, all interfaces", Config{Development: true, Listen: ":3978"}, false},
		{"development, 0.0.0.0", Config{Development: true, Listen: "0.0.0.0:3978"}, false},
		{"development, no address", Config{Development: true}, false},
		{"development, a name", Config{Development: true, Listen: "localhost.example:3978"}, false},
		{"token address in the clear", Config{AppID: testApp, Secret: secret, TokenURL: "http://login.example/t"}, false},
		{"metadata in the clear", Config{AppID: testApp, Secret: secret, TenantID: testTenant, MetadataURL: "http://127.0.0.1/m"}, false},
		{"host with a scheme", Config{AppID: testApp, Secret: secret, TenantID: testTenant, ServiceHosts: []string{"https://smba.trafficmanager.net"}}, false},
		{"every host", Config{AppID: testApp, Secret: secret, TenantID: testTenant, ServiceHosts: []string{"*"}}, false},
		{"every host of a top domain", Config{AppID: testApp, Secret: secret, TenantID: testTenant, ServiceHosts: []string{"*.net"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(c.config, &recordingReceiver{}, slog.New(slog.DiscardHandler)); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
	b := must(New(Config{AppID: testApp, Secret: secret, TenantID: testTenant}, &recordingReceiver{}, slog.New(slog.DiscardHandler)))(t)
	if want := "https://login.microsoftonline.com/" + testTenant + "/oauth2/v2.0/token"; b.config.TokenURL != want || b.config.MetadataURL != DefaultMetadataURL {
		t.Error(b.config.TokenURL, b.config.MetadataURL)
	}
}

func TestDispatch(t *testing.T) {
	w := newWorld(t, nil)
	ctx := testContext(t)
	must(w.karin.Say(ctx, "Jag har skickat fel mejl"))(t)
	must(w.karin.Submit(ctx, "17", map[string]any{"f": "11", "date": "2026-11-20"}))(t)
	must(w.karin.Execute(ctx, "17", "answer", map[string]any{"f": "11"}))(t)
	if err := w.karin.Install(ctx); err != nil {
		t.Fatal(err)
	}
	group := w.karin.Activity("message")
	group["text"] = "hej"
	group["conversation"] = map[string]any{"id": "19:x@thread.v2", "conversationType": "groupChat", "isGroup": true, "tenantId": testTenant}
	if a := must(w.karin.Post(ctx, group))(t); a.Status != 200 || len(a.Body) != 0 {
		t.Errorf("group message: %d %s", a.Status, a.Body)
	}
	group["type"], group["name"] = "invoke", InvokeCardAction
	if a := must(w.karin.Post(ctx, group))(t); a.Status != http.StatusNotImplemented {
		t.Errorf("group invoke: %d", a.Status)
	}
	for _, kind := range []string{"messageReaction", "messageUpdate", "messageDelete", "typing", "event", "made-up"} {
		must(w.karin.Post(ctx, w.karin.Activity(kind)))(t)
	}
	want := []string{"Message", "Message", "Invoke " + InvokeCardAction}
	for range 9 { // two of the installation, one of the group, six others
		want = append(want, "Event")
	}
	if got := w.receiver.taken(); !slices.Equal(got, want) {
		t.Errorf("taken by %v", got)
	}
	submitted := w.receiver.got[1]
	if submitted.ReplyToID != "17" || submitted.Text != "" || string(submitted.Value) != `{"date":"2026-11-20","f":"11"}` {
		t.Errorf("%+v", submitted)
	}
}

func TestInvokeAnswer(t *testing.T) {
	w := newWorld(t, nil)
	answers := []InvokeResponse{
		{Body: map[string]any{"statusCode": 200, "type": CardContentType, "value": json.RawMessage(`{"type":"AdaptiveCard"}`)}},
		{Status: 412, Body: "stale"},
		{Status: 501},
		{Body: func() {}},
	}
	w.receiver.do = func(context.Context, *Activity) (InvokeResponse, error) {
		a := answers[0]
		answers = answers[1:]
		return a, nil
	}
	for _, want := range []struct {
		status int
		body   string
	}{
		{200, `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{"type":"AdaptiveCard"}}`},
		{412, `"stale"`}, {501, ""}, {500, "Internal Server Error\n"},
	} {
		got := must(w.karin.Execute(testContext(t), "17", "answer", nil))(t)
		if got.Status != want.status || string(got.Body) != want.body {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
}

func TestReceiverFails(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.do = func(context.Context, *Activity) (InvokeResponse, error) {
		return InvokeResponse{}, errors.New("the database is away")
	}
	ctx := testContext(t)
	if _, err := w.karin.Say(ctx, "hej"); err == nil || !strings.Contains(err.Error(), "500") {
		t.Error(err)
	}
	if a := must(w.karin.Execute(ctx, "17", "answer", nil))(t); a.Status != 500 || strings.Contains(string(a.Body), "database") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if err := w.karin.Install(ctx); err == nil {
		t.Error("a failed event was acknowledged")
	}
}

// What was taken is committed even if Teams hangs up meanwhile.
func TestReceiverOutlivesTheCaller(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	receiver := &recordingReceiver{do: func(inner context.Context, _ *Activity) (InvokeResponse, error) {
		hangUp()
		if _, limited := inner.Deadline(); !limited {
			t.Error("no time limit")
		}
		return InvokeResponse{}, inner.Err()
	}}
	b := must(New(Config{Development: true, Listen: "127.0.0.1:3978"}, receiver, slog.New(slog.DiscardHandler)))(t)
	w := httptest.NewRecorder()
	b.ServeHTTP(w, local(ctx))
	if w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}

// local is a good request in development mode.
func local(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1:3978"+Path, strings.NewReader(
		`{"type":"message","id":"1","channelId":"msteams","serviceUrl":"http://127.0.0.1:1","from":{"id":"29:1"},"conversation":{"id":"a:1","conversationType":"personal"}}`))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, nil)
	token := "Bearer " + must(w.identity.Token(w.connector.URL()))(t)
	const js = "application/json; charset=utf-8"
	good := func(change string) string {
		body := `{"type":"message","id":"1","channelId":"msteams","serviceUrl":"` + w.connector.URL() + `","text":"hej","from":{"id":"29:1karin"},` +
			`"conversation":{"id":"a:1karin","conversationType":"personal","tenantId":"` + strings.ToUpper(testTenant) + `"},"recipient":{"id":"28:x"}`
		return body + change + "}"
	}
	for _, c := range []struct {
		name, contentType, authorization, body string
		status                                 int
	}{
		{"good", js, token, good(""), 200},
		{"odd shapes where we do not look", js, token, good(`,"value":["x"],"channelData":"x","timestamp":"when","entities":{},"attachments":7,"locale":[]`), 200},
		{"no token", js, "", good(""), 401},
		{"garbage token", js, "Bearer x", good(""), 401},
		{"forged token", js, "Bearer " + forge(t, token, map[string]any{}), good(""), 401},
		{"another service URL", js, token, good(`,"serviceUrl":"https://evil.example/"`), 401},
		{"another service URL under a spelling variant", js, token, good(`,"ServiceURL":"https://evil.example/"`), 401},
		{"form", "application/x-www-form-urlencoded", token, good(""), 415},
		{"no content type", "", token, good(""), 415},
		{"not JSON", js, token, "{", 400},
		{"array", js, token, "[]", 400},
		{"null", js, token, "null", 400},
		{"no type", js, token, `{"id":"1"}`, 400},
		{"no sender", js, token, good(`,"from":{}`), 400},
		{"too large", js, token, good(`,"x":"` + strings.Repeat("x", maxBody) + `"`), 413},
		{"deeply nested", js, token, strings.Repeat("[", 100_000), 400},
		{"another channel", js, token, good(`,"channelId":"webchat"`), 403}, // the key is not endorsed for it
		{"another tenant", js, token, good(`,"conversation":{"id":"a:1karin","conversationType":"personal","tenantId":"another"}`), 403},
		{"another tenant in channelData", js, token, good(`,"channelData":{"tenant":{"id":"another"}}`), 403},
		{"no tenant", js, token, good(`,"conversation":{"id":"a:1karin","conversationType":"personal"}`), 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.receiver.taken())
			if status := rawPost(t, w.url, c.contentType, c.authorization, c.body); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if got := len(w.receiver.taken()) - before; (got == 1) != (c.status == 200) {
				t.Errorf("%d activities reached the receiver", got)
			}
		})
	}
	resp := must(http.Get(w.url))(t)
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Error("GET:", resp.Status)
	}
}

func TestOtherChannels(t *testing.T) {
	w := newWorld(t, nil)
	w.identity.Endorse(nil)
	a := w.karin.Activity("message")
	for channel, want := range map[string]int{"webchat": 403, "directline": 403, "": 403, "emulator": 200, "msteams": 200} {
		a["channelId"] = channel
		if got := must(w.karin.Post(testContext(t), a))(t); got.Status != want {
			t.Errorf("%q: %d", channel, got.Status)
		}
	}
}

func TestKeysAwayIsNoRefusal(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.MetadataURL = "http://127.0.0.1:1/" })
	if a := must(w.karin.Post(testContext(t), w.karin.Activity("message")))(t); a.Status != http.StatusServiceUnavailable {
		t.Error(a.Status)
	}
}

// Without an app id there is nobody to authenticate, so only this machine may speak.
func TestDevelopmentMode(t *testing.T) {
	receiver := &recordingReceiver{}
	b := must(New(Config{Development: true, Listen: "127.0.0.1:3978"}, receiver, slog.New(slog.DiscardHandler)))(t)
	for _, c := range []struct {
		remote, host, header string
		status               int
	}{
		{"127.0.0.1:50000", "127.0.0.1:3978", "", 200},
		{"[::1]:50000", "localhost:3978", "", 200},
		{"192.0.2.1:50000", "127.0.0.1:3978", "", 403},
		{"127.0.0.1:50000", "rebound.example:3978", "", 403},
		{"127.0.0.1:50000", "127.0.0.1:3978", "X-Forwarded-For", 403},
		{"127.0.0.1:50000", "127.0.0.1:3978", "Forwarded", 403},
	} {
		r := local(t.Context())
		r.RemoteAddr, r.Host = c.remote, c.host
		if c.header != "" {
			r.Header.Set(c.header, "192.0.2.1")
		}
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
	if n := len(receiver.taken()); n != 2 {
		t.Errorf("%d activities taken", n)
	}
	if err := b.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	w := newWorld(t, nil)
	if err := w.bot.Check(testContext(t)); err != nil {
		t.Error(err)
	}
	if f := w.identity.Fetches(); f != (bottest.Fetches{Metadata: 1, Keys: 1, Tokens: 1}) {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, func(c *Config) {
		c.MetadataURL = "http://127.0.0.1:1/"
		c.Secret = func() (string, error) { return "", errors.New("no such file") }
	})
	if err := w.bot.Check(testContext(t)); err == nil || !strings.Contains(err.Error(), "no such file") || !strings.Contains(err.Error(), "metadata") {
		t.Error(err)
	}
}

func TestReceiveInParallel(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.do = func(ctx context.Context, a *Activity) (InvokeResponse, error) {
		_, err := w.bot.Connector().Send(ctx, a.Reference(), TextMessage("svar: "+a.Text, ""))
		return InvokeResponse{}, err
	}
	var wg sync.WaitGroup
	ctx := testContext(t)
	for i := range 16 {
		wg.Go(func() {
			text := fmt.Sprint("meddelande ", i)
			if _, err := w.karin.Say(ctx, text); err != nil {
				t.Error(err)
			}
			_, err := w.connector.WaitFor(ctx, func(r bottest.Recorded) bool {
				return r.Direction == bottest.FromBot && r.OK() && r.Message().Text == "svar: "+text
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f := w.identity.Fetches(); f.Metadata != 1 || f.Tokens != 1 {
		t.Errorf("fetched %+v", f)
	}
}
