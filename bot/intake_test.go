package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A person who floods the endpoint is told to wait and reaches nobody; others, and the same person afterwards, go on.
func TestFloodOfOnePerson(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.PersonPerMinute = 10 })
	token := "Bearer " + must(w.identity.Token(w.connector.URL()))(t)
	taken, held := 0, 0
	for range 200 {
		switch answer := w.knock(t, token); answer.Code {
		case http.StatusOK:
			taken++
		case http.StatusTooManyRequests:
			held++
			if s, err := strconv.Atoi(answer.Header().Get("Retry-After")); err != nil || s < 1 || s > 6 {
				t.Fatalf("Retry-After %q", answer.Header().Get("Retry-After"))
			}
		default:
			t.Fatal(answer.Code)
		}
	}
	if taken < 5 || taken > 6 || taken+held != 200 || len(w.receiver.taken()) != taken {
		t.Errorf("%d taken and %d held back, %d at the receiver; half a minute's 10 is 5", taken, held, len(w.receiver.taken()))
	}
	other := w.karin.Activity("message")
	other["text"], other["from"] = "hej", map[string]any{"id": "29:1olle"}
	if answer := must(w.karin.Post(testContext(t), other))(t); answer.Status != http.StatusOK {
		t.Errorf("another person: %d", answer.Status)
	}
}

func TestIntake(t *testing.T) {
	from := func(tenant, person, kind string) *Activity {
		return &Activity{Type: kind, From: Account{ID: person}, Conversation: Conversation{TenantID: tenant}}
	}
	now := time.Now()
	i := must(newIntake(60, 120))(t)
	take := func(n int, a *Activity) (taken int, last time.Duration) {
		for range n {
			if last = i.take(a, now); last == 0 {
				taken++
			}
		}
		return taken, last
	}
	want := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d taken, want %d", what, got, want)
		}
	}
	n, wait := take(1000, from("a", "1", TypeMessage))
	want("a person's flood", n, 30)
	if wait <= 0 || wait > time.Second {
		t.Errorf("wait %s, want the second in which one more is taken", wait)
	}
	n, _ = take(100, from("a", "2", TypeInvoke))
	want("another's, whom the first cost nothing", n, 30)
	n, _ = take(10, from("a", "3", TypeMessage))
	want("the tenant's 60 at once", n, 0)
	n, _ = take(10, from("a", "4", "installationUpdate"))
	want("installations", n, 10)
	n, _ = take(10, from("b", "1", TypeMessage))
	want("another tenant with the same id for somebody", n, 10)
	now = now.Add(10 * time.Second)
	n, _ = take(100, from("a", "3", TypeMessage))
	want("ten seconds later, held back by the tenant before", n, 20)
	for p := range 3 * maxPeople {
		i.take(from("c", fmt.Sprint(p), TypeMessage), now)
	}
	if n := i.people.byKey.Len(); n != maxPeople {
		t.Errorf("%d people are remembered", n)
	}
}

// countingHandler counts log lines.
type countingHandler struct {
	slog.Handler
	lines atomic.Int64
}

func (h *countingHandler) Handle(context.Context, slog.Record) error {
	h.lines.Add(1)
	return nil
}
func (h *countingHandler) Enabled(context.Context, slog.Level) bool { return true }

func TestRefusalsDoNotFillTheLog(t *testing.T) {
	h := &countingHandler{}
	b := must(New(Config{AppID: testApp, Secret: func() (string, error) { return "x", nil }, TenantID: testTenant}, &recordingReceiver{}, slog.New(h)))(t)
	w := &world{bot: b, receiver: &recordingReceiver{}, karin: newWorld(t, nil).karin}
	for range 5000 {
		w.refused(t, "Bearer e30.e30.AA")
	}
	if n := h.lines.Load(); n < refusalsAtOnce || n > refusalsAtOnce+20 {
		t.Errorf("%d lines for 5000 refusals", n)
	}
}

// Nothing of a body is read for who has no good token.
func TestBodyIsNotReadForStrangers(t *testing.T) {
	w := newWorld(t, nil)
	good := "Bearer " + must(w.identity.Token(w.connector.URL()))(t)
	for header, read := range map[string]bool{good: true, "Bearer " + forge(t, good, w.identity.Claims(w.connector.URL()+"x")): false, "": false} {
		body := &countingReader{r: strings.NewReader(strings.Repeat(" ", maxBody))}
		r := must(http.NewRequestWithContext(testContext(t), http.MethodPost, "http://127.0.0.1"+Path, body))(t)
		r.RemoteAddr = "127.0.0.1:50000"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", header)
		_, no := w.bot.accept(discard{}, r)
		if no == nil || (body.n > 0) != read {
			t.Errorf("%d bytes read, refusal %v", body.n, no)
		}
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

type discard struct{}

func (discard) Header() http.Header             { return http.Header{} }
func (discard) Write(p []byte) (int, error)     { return len(p), nil }
func (discard) WriteHeader(int)                 {}
func (discard) SetReadDeadline(time.Time) error { return nil }

// pipes is a listener whose connections are pipes of this machine, so that a test's clock governs them.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

type localConn struct{ net.Conn }

func (localConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- localConn{there}
	return here
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who sends a body a byte at a time is cut off, whatever the server's own limits are.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		receiver := &recordingReceiver{}
		b := must(New(Config{Development: true, Listen: "127.0.0.1:3978"}, receiver, slog.New(slog.DiscardHandler)))(t)
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: b} //nolint:gosec // without limits of its own: that is what is tested
		ended := make(chan error)
		go func() { ended <- server.Serve(l) }()
		c := l.dial()
		body := string(must(json.Marshal(map[string]any{"type": "message", "text": strings.Repeat("x", 1000)}))(t))
		start := time.Now()
		go func() { _, _ = io.Copy(io.Discard, c) }() // the answer
		if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", Path, len(body)); err != nil {
			t.Fatal(err)
		}
		var err error
		for i := 0; i < len(body) && err == nil; i++ {
			time.Sleep(time.Second)
			_, err = io.WriteString(c, body[i:i+1])
		}
		if took := time.Since(start); err == nil || took > 2*bodyTimeout {
			t.Errorf("cut off after %s with %v", took, err)
		}
		if n := len(receiver.taken()); n != 0 {
			t.Errorf("%d activities taken", n)
		}
		if err := errors.Join(c.Close(), server.Close()); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

func TestFurtherTenants(t *testing.T) {
	const school, stranger = "7A0E4A1C-0000-4000-8000-000000000001", "7a0e4a1c-0000-4000-8000-000000000002"
	w := newWorld(t, func(c *Config) { c.TenantIDs = []string{school} })
	for tenant, want := range map[string]int{testTenant: 200, strings.ToLower(school): 200, stranger: 403, "": 403} {
		a := w.karin.Activity("message")
		a["text"] = "hej"
		a["conversation"].(map[string]any)["tenantId"] = tenant
		a["channelData"] = map[string]any{"tenant": map[string]any{"id": tenant}}
		if answer := must(w.karin.Post(testContext(t), a))(t); answer.Status != want {
			t.Errorf("tenant %q: %d, want %d", tenant, answer.Status, want)
		}
	}
}

func TestClouds(t *testing.T) {
	for metadata, want := range map[string]string{
		DefaultMetadataURL: "https://api.botframework.com",
		"https://LOGIN.botframework.azure.us/v1/.well-known/openidconfiguration": "https://api.botframework.us",
		"https://login.botframework.azure.cn/v1/.well-known/openidconfiguration": "https://api.botframework.azure.cn",
		"https://login.botframework.azure.us.evil.example/":                      "https://api.botframework.com",
		"http://127.0.0.1:1/m": "https://api.botframework.com",
	} {
		c := cloudOf(metadata)
		b := must(New(Config{AppID: testApp, Secret: func() (string, error) { return "x", nil }, TenantID: testTenant, MetadataURL: metadata,
			Development: true, Listen: "127.0.0.1:0"}, &recordingReceiver{}, slog.New(slog.DiscardHandler)))(t)
		if c.issuer != want || b.validator.issuer != want || b.validator.keys.issuer != want || b.connector.token.scope != want+"/.default" {
			t.Errorf("%s: %s, %s, %s", metadata, c.issuer, b.validator.issuer, b.connector.token.scope)
		}
	}
}

// Who is held back because their tenant sends too much has not used up what is their own.
func TestTenantsFloodCostsNobodyTheirOwn(t *testing.T) {
	in := must(newIntake(1, 2))(t) // one at once of each
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	take := func(from string, after time.Duration) time.Duration {
		return in.take(&Activity{Type: TypeMessage, From: Account{ID: from}}, at.Add(after))
	}
	if take("29:a", 0) != 0 || take("29:b", 0) == 0 {
		t.Fatal("the tenant's bound is another")
	}
	if wait := take("29:b", 30*time.Second); wait != 0 {
		t.Errorf("held back for %s more by what was not taken", wait)
	}
}
