package bot

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"

	"github.com/google/go-cmp/cmp"
	"github.com/infracloudio/msbotbuilder-go/core/activity"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

func TestSendAndUpdate(t *testing.T) {
	w := newWorld(t, nil)
	c, ctx, ref := w.bot.Connector(), testContext(t), w.reference()
	id := must(c.Send(ctx, ref, CardMessage(json.RawMessage(`{"type":"AdaptiveCard","body":[{"size":1e3,"text":"<b>å</b>"}]}`), "Fråga 11")))(t)
	if id == "" {
		t.Fatal("no id")
	}
	sent := w.connector.Recorded()[0]
	want := `{"attachments":[{"content":{"type":"AdaptiveCard","body":[{"size":1e3,"text":"<b>å</b>"}]},"contentType":"application/vnd.microsoft.card.adaptive"}],
		"channelId":"msteams","conversation":{"id":"a:11karin","tenantId":"` + testTenant + `"},"from":{"id":"28:` + testApp + `"},
		"recipient":{"id":"29:1karin"},"serviceUrl":"` + w.connector.URL() + `","summary":"Fråga 11","type":"message"}`
	if diff := cmp.Diff(decoded(t, []byte(want)), decoded(t, sent.Activity)); diff != "" {
		t.Error("what was sent (-want +got):", diff)
	}
	if err := c.Update(ctx, ref, id, TextMessage("**Tack.**", "markdown")); err != nil {
		t.Fatal(err)
	}
	shown, ok := w.connector.Shown(ref.ConversationID, id)
	if text := (bottest.Recorded{Activity: shown}).Message().Text; !ok || text != "**Tack.**" {
		t.Errorf("after the update: %q, %v", text, ok)
	}
	if err := c.Update(ctx, ref, "1", TextMessage("x", "")); !permanent(err) {
		t.Errorf("update of an unknown activity: %v", err)
	}
	if f := w.identity.Fetches(); f.Tokens != 1 {
		t.Errorf("%d token fetches, want 1", f.Tokens)
	}
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func permanent(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Permanent
}

func TestReplyGoesToTheActivityItAnswers(t *testing.T) {
	w := newWorld(t, nil)
	a := TextMessage("Svar", "plain")
	a.ReplyToID = "1795312557716"
	must(w.bot.Connector().Send(testContext(t), w.reference(), a))(t)
	if path := w.connector.Recorded()[0].Path; !strings.HasSuffix(path, "/activities/1795312557716") {
		t.Error(path)
	}
}

func TestNoID(t *testing.T) {
	w := newWorld(t, nil)
	w.connector.FailNext(1, bottest.Failure{NoID: true})
	for _, a := range []schema.Activity{TextMessage("x", ""), {Type: schema.Typing}} {
		if id, err := w.bot.Connector().Send(testContext(t), w.reference(), a); id != "" || err != nil {
			t.Errorf("id %q, error %v", id, err)
		}
	}
}

func TestErrors(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct {
		failure bottest.Failure
		want    Error
	}{
		{bottest.Failure{Status: 403, Code: "MessageWritesBlocked"}, Error{Status: 403, Code: "MessageWritesBlocked", Permanent: true, Blocked: true}},
		{bottest.Failure{Status: 404, Code: "ConversationNotFound"}, Error{Status: 404, Code: "ConversationNotFound", Permanent: true}},
		{bottest.Failure{Status: 413}, Error{Status: 413, Permanent: true}},
		{bottest.Failure{Status: 412}, Error{Status: 412}},
		{bottest.Failure{Status: 429, RetryAfter: "17"}, Error{Status: 429, RetryAfter: 17 * time.Second}},
		{bottest.Failure{Status: 429, RetryAfter: "999999"}, Error{Status: 429, RetryAfter: time.Hour}},
		{bottest.Failure{Status: 429, RetryAfter: "-5"}, Error{Status: 429}},
		{bottest.Failure{Status: 500}, Error{Status: 500}},
		{bottest.Failure{Status: 502, RetryAfter: "soon"}, Error{Status: 502}},
	} {
		w.connector.FailNext(1, c.failure)
		_, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("hemlig text", ""))
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("%+v: error %v", c.failure, err)
			continue
		}
		c.want.Op, c.want.Message = "send activity", http.StatusText(c.failure.Status)
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Error("error (-want +got):", diff)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	h := http.Header{"Retry-After": {now.Add(90 * time.Second).Format(http.TimeFormat)}}
	if got := retryAfter(h, now); got != 90*time.Second {
		t.Error(got)
	}
	if got := retryAfter(h, now.Add(time.Hour)); got != 0 {
		t.Error("a date that has passed:", got)
	}
}

func TestUnreachableNamesNobody(t *testing.T) {
	w := newWorld(t, nil)
	ref := w.reference()
	if err := w.connector.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := w.bot.Connector().Send(testContext(t), ref, TextMessage("hemlig text", ""))
	var e *Error
	if !errors.As(err, &e) || e.Status != 0 || e.Permanent || e.Err == nil {
		t.Fatalf("error %#v", err)
	}
	if strings.Contains(err.Error(), "karin") || strings.Contains(err.Error(), "hemlig") {
		t.Error(err)
	}
}

func TestIDsAreEscaped(t *testing.T) {
	base := must(url.Parse("https://smba.trafficmanager.net/emea/"))(t)
	for _, c := range []struct{ id, want string }{
		{"a:1x_y-z", "a:1x_y-z"},
		{"19:x@thread.tacv2;messageid=17", "19:x@thread.tacv2%3Bmessageid=17"},
		{"../../../evil", "..%2F..%2F..%2Fevil"},
		{"a?b#c%2f d\r\nX: y", "a%3Fb%23c%252f%20d%0D%0AX:%20y"},
		{"", ""}, {".", ""}, {"..", ""},
	} {
		got, err := join(base, []string{"conversations", c.id, "activities"})
		want := "https://smba.trafficmanager.net/emea/v3/conversations/" + c.want + "/activities"
		if (err == nil) != (c.want != "") || err == nil && got != want {
			t.Errorf("%q: %q, %v", c.id, got, err)
		}
	}
	w := newWorld(t, nil)
	ref := w.reference()
	ref.ConversationID = "x/../../members"
	if _, err := w.bot.Connector().Send(testContext(t), ref, TextMessage("x", "")); !permanent(err) {
		t.Error(err)
	}
	if path := w.connector.Recorded()[0].Path; path != "/v3/conversations/x%2F..%2F..%2Fmembers/activities" {
		t.Error(path)
	}
}

func TestTokenStaysAmongServiceHosts(t *testing.T) {
	production := hostList{hosts: must(cleanHosts(append(DefaultServiceHosts(), "*.Teams.Example")))(t)}
	development := hostList{hosts: DefaultServiceHosts(), loopback: true}
	for _, c := range []struct {
		serviceURL string
		ok, dev    bool
	}{
		{"https://smba.trafficmanager.net/emea/", true, true},
		{"https://SMBA.TrafficManager.net:443/emea", true, true},
		{"https://smba.infra.gcc.teams.microsoft.com/teams", true, true},
		{"https://emea.teams.example/x", true, false},
		{"https://teams.example/x", false, false},
		{"https://eviltrafficmanager.net/", false, false},
		{"https://evil.trafficmanager.net/", false, false},
		{"https://smba.trafficmanager.net.evil.example/", false, false},
		{"https://evilteams.example/", false, false},
		{"https://smba.trafficmanager.net@evil.example/", false, false},
		{"https://x@smba.trafficmanager.net/", false, false},
		{"https://smba.trafficmanager.net:8443/", false, false},
		{"https://smba.trafficmanager.net/?x=", false, false},
		{"https://smba.trafficmanager.net/#", true, true}, // an empty fragment is none
		{"http://smba.trafficmanager.net/", false, false},
		{"http://127.0.0.1:3978/_connector", false, true},
		{"http://localhost:3978/", false, true},
		{"http://[::1]:3978/", false, true},
		{"http://127.0.0.1.evil.example/", false, false},
		{"ftp://127.0.0.1/", false, false},
		{"smba.trafficmanager.net", false, false},
		{"//smba.trafficmanager.net/", false, false},
		{"", false, false},
		{"https://", false, false},
	} {
		for _, l := range []struct {
			list hostList
			want bool
		}{{production, c.ok}, {development, c.dev}} {
			if _, err := l.list.parse(c.serviceURL); (err == nil) != l.want {
				t.Errorf("%q (loopback %v): %v", c.serviceURL, l.list.loopback, err)
			}
		}
	}
	w := newWorld(t, nil)
	ref := w.reference()
	ref.ServiceURL = "https://evil.example/"
	_, err := w.bot.Connector().Send(testContext(t), ref, TextMessage("x", ""))
	var refused *HostError
	if !errors.As(err, &refused) || refused.Host != "evil.example" {
		t.Error(err)
	}
	if f := w.identity.Fetches(); f.Tokens != 0 {
		t.Error("a token was fetched for a stranger")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	w := newWorld(t, nil)
	w.connector.FailNext(1, bottest.Failure{Status: http.StatusTemporaryRedirect})
	if _, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage("x", "")); !permanent(err) {
		t.Error(err)
	}
	if !errors.Is(w.bot.connector.client.CheckRedirect(nil, nil), http.ErrUseLastResponse) || !errors.Is(w.bot.connector.token.client.CheckRedirect(nil, nil), http.ErrUseLastResponse) {
		t.Error("redirects are followed")
	}
}

func TestMember(t *testing.T) {
	w := newWorld(t, nil)
	c, ctx := w.bot.Connector(), testContext(t)
	got := must(c.Member(ctx, w.reference(), karin.ID))(t)
	want := Member{ID: karin.ID, AADObjectID: karin.AADObjectID, Name: karin.Name, Email: karin.Email, UserPrincipalName: karin.UPN, TenantID: testTenant, UserRole: "user"}
	if got != want {
		t.Errorf("%+v", got)
	}
	if _, err := c.Member(ctx, w.reference(), "29:1nobody"); !permanent(err) {
		t.Error(err)
	}
}

// The SDK's own ways out go through the connector too.
func TestAdapter(t *testing.T) {
	w := newWorld(t, nil)
	ref := w.reference()
	out := schema.ConversationReference{
		ServiceURL: ref.ServiceURL, ChannelID: ref.ChannelID, Conversation: schema.ConversationAccount{ID: ref.ConversationID},
		Bot: schema.ChannelAccount{ID: ref.BotID}, User: schema.ChannelAccount{ID: ref.UserID},
	}
	err := w.bot.adapter.ProactiveMessage(t.Context(), out, activity.HandlerFuncs{OnMessageFunc: func(turn *activity.TurnContext) (schema.Activity, error) {
		return turn.SendActivity(activity.MsgOptionText("Hej"))
	}})
	if err != nil {
		t.Fatal(err)
	}
	sent := w.connector.Recorded()[0]
	if sent.Message().Text != "Hej" || strings.Contains(string(sent.Activity), "0001-01-01") {
		t.Errorf("%s", sent.Activity)
	}
	update := activity.ApplyConversationReference(schema.Activity{Type: schema.Message, Text: "Hej då"}, out, false)
	update.ID = sent.ActivityID
	if err := w.bot.adapter.UpdateActivity(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	if err := w.bot.adapter.DeleteActivity(t.Context(), sent.ActivityID, out); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.connector.Shown(ref.ConversationID, sent.ActivityID); ok {
		t.Error("the message is still shown")
	}
	w.connector.FailNext(1, bottest.Failure{Status: 403})
	var e *Error
	if err := w.bot.adapter.UpdateActivity(t.Context(), update); !errors.As(err, &e) || !e.Blocked {
		t.Error(err)
	}
}

func TestSendInParallel(t *testing.T) {
	w := newWorld(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for i := range 16 {
		wg.Go(func() {
			id, err := w.bot.Connector().Send(testContext(t), w.reference(), TextMessage(strconv.Itoa(i), ""))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			ids[id] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if f := w.identity.Fetches(); f.Tokens != 1 || len(ids) != 16 {
		t.Errorf("%d token fetches and %d ids", f.Tokens, len(ids))
	}
}

func TestPace(t *testing.T) {
	p := newPacer()
	far, near := Reference{ServiceURL: service, ConversationID: "a"}, Reference{ServiceURL: "http://127.0.0.1:1/", ConversationID: "a"}
	for range paceBurst {
		if !p.limiter("a").Allow() {
			t.Fatal("a burst was refused")
		}
	}
	if p.limiter("a").Allow() {
		t.Error("more than a burst was let through")
	}
	if !p.limiter("b").Allow() {
		t.Error("one conversation holds up another")
	}
	ctx := testContext(t)
	for range 100 {
		if err := p.wait(ctx, near); err != nil {
			t.Fatal(err)
		}
	}
	ended, cancel := cancelled(t)
	defer cancel()
	if err := p.wait(ended, far); err == nil {
		t.Error("waited for a caller who had gone")
	}
	for i := range maxPaced * 2 {
		p.limiter(strconv.Itoa(i))
	}
	if len(p.limiters) > maxPaced {
		t.Errorf("%d conversations remembered", len(p.limiters))
	}
}
