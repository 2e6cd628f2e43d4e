package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/oauth2"
)

// DefaultFileHosts are where Teams keeps what people attach: in the sender's OneDrive, at TENANT-my.sharepoint.com.
func DefaultFileHosts() []string { return []string{"*.sharepoint.com"} }

const (
	maxFileURL   = 8 << 10
	maxRedirects = 3
	fetchTries   = 3
	// fetchHead is how long a host may take to begin its answer.
	fetchHead = 10 * time.Second
)

// fetcher gets and puts the bytes of files. A file's address comes from outside, so it is asked for only at the hosts that the settings trust, and
// at no address of this network, whatever the host's name resolves to.
type fetcher struct {
	client  *http.Client
	hosts   hostList // where files lie
	service hostList // the connector's, which get the bot's token
	// bearer gives the bot's token, nil in development without an app id; drop forgets one that was refused.
	bearer func(context.Context) (*oauth2.Token, error)
	drop   func(*oauth2.Token)
}

func newFetcher(c *Connector, files hostList) fetcher {
	f := fetcher{hosts: files, service: c.hosts, bearer: c.bearer, drop: func(t *oauth2.Token) {
		if t != nil {
			c.token.drop(t)
		}
	}}
	f.client = &http.Client{Transport: guardedTransport(files.loopback), Timeout: filesTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || via[0].Header.Get("Authorization") != "" || via[0].Method != http.MethodGet {
			return http.ErrUseLastResponse
		}
		_, err := files.file(r.URL.String())
		return err
	}}
	return f
}

// file reads a file's address and refuses one that is nowhere that files lie.
func (l hostList) file(raw string) (*url.URL, error) {
	if len(raw) > maxFileURL {
		return nil, &HostError{Reason: "the file's address is too long"}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, &HostError{Reason: "the file's address is none"} // what stands in it is a secret
	}
	bare := *u
	bare.RawQuery, bare.ForceQuery = "", false
	if _, err := l.parse(bare.String()); err != nil {
		return nil, err
	}
	return u, nil
}

// tooLarge: the file is larger than is read. size is what its host says, or what was seen before it was given up.
type tooLarge struct{ size int64 }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("the file is too large: %d bytes or more", e.size)
}

// errPage: a web page came in the place of the file, as where somebody would have to sign in. The iPhone sends such addresses.
var errPage = errors.New("a web page came in the place of the file")

// got is what was fetched, and the media type that its host gave it.
type got struct {
	data []byte
	kind string
}

// get fetches a file of at most limit bytes. Its errors hold no address.
func (f fetcher) get(ctx context.Context, s sentFile, limit int64) (got, error) {
	hosts := f.hosts
	if s.service {
		hosts = f.service
	}
	if s.url == "" {
		return got{}, &Error{Op: "fetch file", Permanent: true, Err: errors.New("the message names no address")}
	}
	u, err := hosts.file(s.url)
	if err != nil {
		return got{}, fmt.Errorf("fetch file: %w", err)
	}
	pause := &backoff.ExponentialBackOff{InitialInterval: 300 * time.Millisecond, Multiplier: 3, RandomizationFactor: 0.2, MaxInterval: 5 * time.Second}
	return backoff.Retry(ctx, func() (got, error) {
		g, err := f.once(ctx, u, s.service, limit)
		e := (*Error)(nil)
		switch {
		case err == nil:
			return g, nil
		case !errors.As(err, &e) || e.Permanent:
			return g, backoff.Permanent(err)
		case e.RetryAfter > filesTimeout:
			return g, backoff.Permanent(err) // it would come too late
		case e.RetryAfter > 0:
			return g, errors.Join(err, &backoff.RetryAfterError{Duration: e.RetryAfter})
		}
		return g, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(fetchTries))
}

func (f fetcher) once(ctx context.Context, u *url.URL, service bool, limit int64) (got, error) {
	const op = "fetch file"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return got{}, &Error{Op: op, Permanent: true, Err: withoutURL(err)}
	}
	var token *oauth2.Token
	if service {
		if token, err = f.bearer(ctx); err != nil {
			return got{}, err
		}
		if token != nil {
			token.SetAuthHeader(req)
		}
	}
	resp, err := f.client.Do(req)
	if err != nil {
		host := (*HostError)(nil)
		return got{}, &Error{Op: op, Permanent: errors.As(err, &host) || errors.Is(err, errPrivate), Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		if token != nil && resp.StatusCode == http.StatusUnauthorized {
			f.drop(token)
		}
		e := responseError(op, resp, nil)
		e.Permanent = e.Permanent || resp.StatusCode < 300 || resp.StatusCode == http.StatusUnauthorized && !service
		return got{}, e
	}
	if isPage(resp.Header, service) {
		return got{}, &Error{Op: op, Permanent: true, Err: errPage}
	}
	if resp.ContentLength > limit {
		return got{}, &tooLarge{resp.ContentLength}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return got{}, &Error{Op: op, Err: withoutURL(err)}
	}
	if int64(len(data)) > limit {
		return got{}, &tooLarge{int64(len(data))}
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // "" where it is none
	return got{data, kind}, nil
}

// isPage tells a page to be shown from a file to be saved, which SharePoint says of every download, one in HTML too.
func isPage(h http.Header, service bool) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	disposition, _, _ := strings.Cut(h.Get("Content-Disposition"), ";")
	return (kind == "text/html" || kind == "application/xhtml+xml") && (service || !strings.EqualFold(strings.TrimSpace(disposition), "attachment"))
}

// errPrivate: a host of the outside resolved to an address of this network.
var errPrivate = errors.New("the host's address is not a public one")

// guardedTransport connects to public addresses alone, to this machine with loopback as well. A proxy from the environment is wherever it is.
func guardedTransport(loopback bool) *http.Transport {
	plain := &net.Dialer{Timeout: fetchHead}
	guarded := &net.Dialer{Timeout: fetchHead, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !public(at.Addr().Unmap()) && !(loopback && at.Addr().Unmap().IsLoopback()) {
			return errPrivate
		}
		return nil
	}}
	proxy := ""
	probe := &http.Request{URL: &url.URL{Scheme: "https", Host: "frist.sharepoint.com"}}
	if u, err := http.ProxyFromEnvironment(probe); err == nil && u != nil {
		if proxy = u.Host; u.Port() == "" {
			proxy = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		}
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConns: 4, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: fetchHead, ResponseHeaderTimeout: fetchHead, MaxResponseHeaderBytes: 64 << 10,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if proxy != "" && addr == proxy {
				return plain.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
	}
}

// notPublic are ranges that net/netip does not tell: this network, shared address space, protocol assignments, benchmarks, class E, and what is
// translated to IPv4 (the IANA registries of special-purpose addresses, RFC 6890).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

// nat64 is the well-known prefix (RFC 6052), below which the last four bytes are an IPv4 address.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func public(a netip.Addr) bool {
	if nat64.Contains(a) {
		b := a.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
