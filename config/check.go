package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const makeKey = `make one with "openssl rand -base64 32" or "frist check -new-key"`

var (
	idFormat    = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	hostFormat  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	localFormat = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$") // RFC 5322 dot-atom
	guidFormat  = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
)

func (c *Config) check(d *decoder) {
	d.required("organisation", c.Organisation, `write its name as the authority knows it, such as "Exempelstads kommun"`)
	if c.Language != "sv" && c.Language != "en" {
		d.fault("language", "is neither sv nor en; write one of them")
	}
	if d.required("administrator.email", c.Administrator.Email, "write who is told of faults, such as it@exempelstad.example") {
		d.email("administrator.email", c.Administrator.Email)
		d.notTheBot("administrator.email", c.Administrator.Email, c.Mail.Address)
	}
	c.checkSecond(d)
	d.required("data", c.Data, "write a folder, such as ./data")
	if c.MasterKey.IsZero() {
		d.fault("master_key", "is missing; %s and write {env: FRIST_MASTER_KEY}, or {file: PATH}", makeKey)
	}
	if !idFormat.MatchString(c.Form) {
		d.fault("form", "is no name of a form; use small letters, digits and hyphens, such as imy")
	}
	c.checkHTTP(d)
	c.checkMail(d)
	c.checkTeams(d)
	c.checkTeamsApp(d)
	c.checkLimits(d)
	c.checkAttachments(d)
	c.checkUnits(d)
}

func (c *Config) checkHTTP(d *decoder) {
	host, ok := d.hostPort("http.listen", c.HTTP.Listen, true)
	if ok && c.Development && !loopback(host) {
		d.fault("development", "is true while http.listen can be reached from other machines, where anyone could then pose as a user; listen on 127.0.0.1 or remove development")
	}
	if (c.HTTP.TLS.Cert == "") != (c.HTTP.TLS.Key == "") {
		d.fault("http.tls", "needs both cert and key; write both files, or neither for plain HTTP behind a proxy")
	}
	if c.HTTP.PublicURL != "" {
		d.url("http.public_url", c.HTTP.PublicURL)
	}
}

func (c *Config) checkLimits(d *decoder) {
	l := &c.Limits
	for path, v := range map[string]time.Duration{"answer_within": l.AnswerWithin, "review_at": l.ReviewAt,
		"deputy_from": l.DeputyFrom, "overdue_every": l.OverdueEvery} {
		if v < time.Minute || v > 1000*time.Hour {
			d.fault("limits."+path, "is %s; write a time from 1m to 1000h", short(v))
		}
	}
	for i, v := range l.Reminders {
		path := fmt.Sprintf("limits.reminders[%d]", i)
		switch {
		case v < time.Minute || v > 1000*time.Hour:
			d.fault(path, "is %s; write a time from 1m to 1000h left before the deadline", short(v))
		case i > 0 && v >= l.Reminders[i-1]:
			d.fault(path, "is %s but stands after %s; write the longest time left first and each one once", short(v), short(l.Reminders[i-1]))
		}
	}
	if len(l.Reminders) == 0 || len(l.Reminders) > 50 {
		d.fault("limits.reminders", "has %d times; write from 1 to 50, such as [24h, 6h, 1h]", len(l.Reminders))
	}
	d.between("limits.overdue_max", int64(l.OverdueMax), 0, 1000)
	d.between("limits.message_max", int64(l.MessageMax), 1000, 10_000_000)
	// An idle mailbox is looked into every poll, and at least every four minutes.
	if least := 2 * min(c.Mail.IMAP.Poll, 4*time.Minute); l.MailboxStale < max(least, time.Minute) || l.MailboxStale > 24*time.Hour {
		d.fault("limits.mailbox_stale", "is %s; write a time from 1m to 24h, and at least twice mail.imap.poll (8m where that is longer)", short(l.MailboxStale))
	}
}

func (d *decoder) required(path, value, remedy string) bool {
	if value == "" {
		d.fault(path, "is missing; %s", remedy)
	}
	return value != ""
}

func (d *decoder) between(path string, v, low, high int64) {
	if v < low || v > high {
		d.fault(path, "is %d; write a number from %d to %d", v, low, high)
	}
}

// email checks a bare address: a dot-atom, an @ and a host, in ASCII.
func (d *decoder) email(path, s string) {
	if !isEmail(s) {
		d.fault(path, "is no mail address; write it alone and without name, such as anna.ek@exempelstad.example")
	}
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && len(s) <= 254 && len(local) <= 64 && localFormat.MatchString(local) && isDomain(domain)
}

func isDomain(s string) bool {
	return len(s) <= 253 && hostFormat.MatchString(s) && (strings.Contains(s, ".") || s == "localhost")
}

// notTheBot keeps the bot from writing to itself.
func (d *decoder) notTheBot(path, addr, bot string) {
	if addr != "" && strings.EqualFold(addr, bot) {
		d.fault(path, "is the bot's own address, mail.address; write a person's")
	}
}

// hostPort returns the host of host:port. A listener may have no host (every interface) and port 0 (any free port).
func (d *decoder) hostPort(path, s string, listener bool) (string, bool) {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.ParseUint(port, 10, 16)
	_, aerr := netip.ParseAddr(host)
	good := err == nil && perr == nil && (aerr == nil || len(host) <= 253 && hostFormat.MatchString(host) || listener && host == "")
	switch {
	case good && (n > 0 || listener):
		return host, true
	case listener:
		d.fault(path, "is no host and port; write both with a colon between, such as 127.0.0.1:8080")
	default:
		d.fault(path, "is no host and port; write both with a colon between, such as mail.exempelstad.example:993")
	}
	return "", false
}

// url wants https, or http on this machine, as it carries tokens.
func (d *decoder) url(path, s string) {
	u, err := url.Parse(s)
	good := err == nil && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && u.Opaque == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
	if !good {
		d.fault(path, "is no https address; write it whole and without ? or #, such as https://frist.exempelstad.example")
	}
}

// checkFiles checks what lies outside the settings file. Nothing of a secret is told, not even a parser's words for it.
func (c *Config) checkFiles(d *decoder) {
	for path, s := range c.Secrets() {
		if s.IsZero() {
			continue
		}
		switch v, err := s.Value(); {
		case path == "master_key" && err != nil:
			d.fault(path, "cannot be used: %v; %s and put it there", err, makeKey)
		case err != nil:
			d.fault(path, "cannot be used: %v; put the secret there, or name the right place", err)
		case path == "master_key":
			if _, err := c.Key(); err != nil {
				d.fault(path, "is no key: %s does not hold %d bytes in base64; %s", s.where(), keyBytes, makeKey)
			}
		case path == "database":
			if u, err := url.Parse(v); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
				d.fault(path, "is no PostgreSQL URL in %s; write postgres://USER:PASSWORD@HOST:5432/DATABASE there", s.where())
			}
		}
	}
	for path, file := range c.CAFiles() {
		if _, err := RootCAs(file); err != nil {
			d.fault(path, "cannot be used: %v; name a PEM file with the certificates to trust", err)
		}
	}
	if t := c.HTTP.TLS; t.Cert != "" && t.Key != "" {
		if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
			d.fault("http.tls", "cannot be used: %v; name a certificate and its own key, both PEM files", err)
		}
	}
	c.Teams.checkCertificate(d)
	if c.Forms != "" {
		if info, err := os.Stat(c.Forms); err != nil || !info.IsDir() {
			d.fault("forms", "names no folder: %s; make it, or remove the setting to use the program's own forms", c.Forms)
		}
	}
}

// RootCAs reads the certificates of a ca_file; nil, the system's own, if there is none.
func RootCAs(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := readFile(file, 4<<20)
	if err != nil {
		return nil, fmt.Errorf("read ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("read ca_file: " + file + " holds no certificate in PEM")
	}
	return pool, nil
}

// short is a duration without zero minutes and seconds: 24h, not 24h0m0s.
func short(v time.Duration) string {
	s := v.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

var tlsModes = []string{TLSImplicit, TLSStart, TLSNone}

func (d *decoder) tlsMode(path, mode, host string) {
	if !slices.Contains(tlsModes, mode) {
		d.fault(path, "is none of %s; write one of them", strings.Join(tlsModes, ", "))
	} else if mode == TLSNone && host != "" && !loopback(host) {
		d.fault(path, "is none, which would send the password in clear over the network; write tls or starttls (none is for this machine only)")
	}
}

// loopback reports whether a host can be reached from this machine only.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
