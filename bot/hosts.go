package bot

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// DefaultServiceHosts are the hosts that Teams' public cloud answers at
// (https://microsoft.github.io/teams-sdk/python/essentials/app-configuration/service-url-validation). A name under
// trafficmanager.net is anybody's to register, so there is no wildcard for it.
func DefaultServiceHosts() []string {
	return []string{
		"smba.trafficmanager.net",
		"smba.onyx.prod.teams.trafficmanager.net",
		"smba.infra.gcc.teams.microsoft.com",
	}
}

// hostList says to which hosts the bot's token may go.
type hostList struct {
	hosts    []string // lower case; "*.example.org" covers every name below example.org
	loopback bool     // development: http and https to this machine
}

// parse reads a service URL and refuses one that a token must not be sent to.
func (l hostList) parse(serviceURL string) (*url.URL, error) {
	u, err := url.Parse(serviceURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return nil, &HostError{Host: "", Reason: "the service URL is not a plain address"}
	}
	host := strings.ToLower(u.Hostname())
	if l.loopback && isLoopback(host) && (u.Scheme == "http" || u.Scheme == "https") {
		return u, nil
	}
	if u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") {
		return nil, &HostError{Host: host, Reason: "the service URL is not https on port 443"}
	}
	for _, allowed := range l.hosts {
		if suffix, wild := strings.CutPrefix(allowed, "*"); host == allowed || wild && strings.HasSuffix(host, suffix) {
			return u, nil
		}
	}
	return nil, &HostError{Host: host, Reason: "the host is not among the allowed service hosts"}
}

// HostError says that nothing was sent, because the bot's token must not go to the host.
type HostError struct{ Host, Reason string }

func (e *HostError) Error() string { return fmt.Sprintf("service host %q: %s", e.Host, e.Reason) }

// cleanHosts checks and lower-cases a configured host list.
func cleanHosts(hosts []string) ([]string, error) {
	clean := make([]string, 0, len(hosts))
	for _, h := range hosts {
		name := strings.ToLower(strings.TrimSpace(h))
		bare := strings.TrimPrefix(name, "*.")
		if !strings.Contains(bare, ".") || strings.ContainsAny(bare, "*/:@ ") || strings.HasPrefix(bare, ".") {
			return nil, fmt.Errorf("service host %q is not a host name such as smba.trafficmanager.net or *.example.org", h)
		}
		clean = append(clean, name)
	}
	return clean, nil
}

// isLoopback takes a host name or an address without port.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// loopbackAddr takes host:port, or a host alone.
func loopbackAddr(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	return isLoopback(host)
}

// checkEndpoint accepts https, and http to this machine in development.
func checkEndpoint(name, raw string, development bool) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return fmt.Errorf("%s %q is not an address", name, raw)
	case u.Scheme == "https", development && u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%s %q must begin with https://", name, raw)
}
