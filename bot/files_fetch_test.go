package bot

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"golang.org/x/oauth2"
)

func TestFileHosts(t *testing.T) {
	l := hostList{hosts: DefaultFileHosts()}
	for _, c := range []struct {
		url string
		ok  bool
	}{
		{"https://exempelstad-my.sharepoint.com/personal/x/_layouts/15/download.aspx?UniqueId=1&tempauth=a%2Fb", true},
		{"https://EXEMPELSTAD.SHAREPOINT.COM:443/x", true},
		{"http://exempelstad.sharepoint.com/x", false},
		{"https://sharepoint.com/x", false},
		{"https://exempelstad.sharepoint.com.evil.example/x", false},
		{"https://evilsharepoint.com/x", false},
		{"https://exempelstad.sharepoint.com./x", false},
		{"https://exempelstad.sharepoint.com:8443/x", false},
		{"https://exempelstad.sharepoint.com@evil.example/x", false},
		{"https://evil.example/?.sharepoint.com", false},
		{"https://evil.example#.sharepoint.com", false},
		{"https://evil.example\\.sharepoint.com/", false},
		{"https://127.0.0.1/x", false},
		{"//exempelstad.sharepoint.com/x", false},
		{"data:text/csv,a", false},
		{"", false},
	} {
		if _, err := l.file(c.url); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"13.107.136.9": true, "2620:1ec:8f8::254": true, "64:ff9b::13.107.136.9": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false,
		"198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "::": false, "fe80::1": false, "fd00::1": false, "ff02::1": false,
		"64:ff9b::10.0.0.1": false, "2002:7f00:1::": false,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	// The guard stands at the socket of every bot, whatever a name resolves to.
	b := must(New(Config{AppID: "app", Secret: func() (string, error) { return "s", nil }, TenantID: "tenant"}, nil, slog.New(slog.DiscardHandler)))(t)
	server := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer server.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		_, port, _ := net.SplitHostPort(server.Addr().String())
		req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+":"+port, nil))(t)
		resp, err := b.Files().fetch.client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// The bot's token goes to the connector's hosts alone, and no further than they answer; files are asked for where files lie.
func TestFetchKeepsTheTokenAtHome(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	b := must(New(Config{AppID: "app", Secret: func() (string, error) { return "", errors.New("a token was asked for") }, TenantID: "tenant"}, nil, quiet))(t)
	for _, s := range []sentFile{
		{url: "https://exempelstad-my.sharepoint.com/a", service: true},
		{url: "https://smba.trafficmanager.net/emea/v3/attachments/1/views/original"},
	} {
		var refused *HostError
		if _, err := b.Files().fetch.get(t.Context(), s, 10); !errors.As(err, &refused) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	connector := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer connector.Close()
	f := must(New(Config{Development: true, Listen: "127.0.0.1:3978"}, nil, quiet))(t).Files().fetch
	f.bearer = func(context.Context) (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "t"}, nil }
	if _, err := f.get(t.Context(), sentFile{url: connector.URL, service: true}, 10); err == nil || asked != 0 {
		t.Errorf("a redirect was followed with the token: asked %d times, %v", asked, err)
	}
	if _, err := f.get(t.Context(), sentFile{url: connector.URL}, 10); err != nil || asked != 1 {
		t.Errorf("one without was not: asked %d times, %v", asked, err)
	}
}

// No more is read of a file than may be, whatever its host says of its size.
func TestFetchReadsNoMoreThanTheLimit(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			_, _ = w.Write(make([]byte, 1000))
			_ = http.NewResponseController(w).Flush()
		}
	}))
	defer endless.Close()
	f := must(New(Config{Development: true, Listen: "127.0.0.1:3978"}, nil, slog.New(slog.DiscardHandler)))(t).Files().fetch
	var large *tooLarge
	if _, err := f.get(t.Context(), sentFile{url: endless.URL}, 5000); !errors.As(err, &large) || large.size != 5001 {
		t.Errorf("%v", err)
	}
}
