package config

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// checkMail: mail is required even beside Teams, as the DSO approves by mail.
func (c *Config) checkMail(d *decoder) {
	m := &c.Mail
	if m.Address == "" && m.IMAP.Addr == "" && m.SMTP.Addr == "" {
		d.fault("mail", "is missing; write address, authserv_id, allowed_domains, imap and smtp below it, as the DSO approves by mail")
		return
	}
	if d.required("mail.address", m.Address, "write the bot's own address, such as frist@exempelstad.example") {
		d.email("mail.address", m.Address)
		if local, _, _ := strings.Cut(m.Address, "@"); strings.Contains(local, "+") {
			d.fault("mail.address", "has a + before the @; write the mailbox's plain address, as replies get their own + part")
		}
	}
	d.required("mail.name", m.Name, "write the name that people see, such as Frist")
	m.checkAuthentication(d)
	if len(m.AllowedDomains) == 0 {
		d.fault("mail.allowed_domains", "is missing, so nobody could report by mail; list the organisation's mail domains, such as [exempelstad.example]")
	}
	d.domains("mail.allowed_domains", m.AllowedDomains)
	c.checkIMAP(d)
	c.checkSMTP(d)
	c.checkOAuth(d)
}

// The values of Mail.Authentication: whose word on a mail's sender counts.
const (
	AuthResults  = "results"  // the Authentication-Results of the server AuthservID
	AuthExchange = "exchange" // the marks of Exchange Online in the tenant ExchangeTenantID
	AuthOwn      = "own"      // the program's own check of the DKIM signature
)

// exchangeHosts are the domains of Exchange Online's IMAP servers, in its several clouds.
var exchangeHosts = []string{".office365.com", ".office365.us", ".outlook.com", ".outlook.cn"}

// AtExchange tells whether the mailbox lies in Exchange Online, or behind a relay on this machine, of which nothing can be told.
func (m *Mail) AtExchange() bool {
	host, _, _ := net.SplitHostPort(m.IMAP.Addr)
	return loopback(host) || slices.ContainsFunc(exchangeHosts, func(end string) bool { return strings.HasSuffix(strings.ToLower(host), end) })
}

// checkAuthentication wants what the chosen way to tell a mail's sender needs, and nothing for the others.
func (m *Mail) checkAuthentication(d *decoder) {
	switch m.Authentication {
	case AuthResults:
		if d.required("mail.authserv_id", m.AuthservID, "write the name with which your mail server begins its Authentication-Results headers, such as mx.exempelstad.example, "+
			"or set mail.authentication to exchange or own") && strings.ContainsAny(m.AuthservID, " ;\"()") {
			d.fault("mail.authserv_id", "is no name of a server; copy what stands before the first ; in an Authentication-Results header")
		}
	case AuthExchange:
		if d.required("mail.exchange_tenant_id", m.ExchangeTenantID, "write the directory (tenant) id as Entra shows it") && !guidFormat.MatchString(m.ExchangeTenantID) {
			d.fault("mail.exchange_tenant_id", "is no tenant id; copy it from Entra, such as 00000000-0000-0000-0000-000000000002")
		}
		if m.IMAP.Addr != "" && !m.AtExchange() {
			d.fault("mail.authentication", "is exchange, but mail.imap.addr is no server of Exchange Online, and any other lets anyone write its marks; write results or own")
		}
	case AuthOwn:
	default:
		d.fault("mail.authentication", "is none of results, exchange, own; write one of them")
	}
}

func (c *Config) checkIMAP(d *decoder) {
	in := &c.Mail.IMAP
	if d.required("mail.imap.addr", in.Addr, "write the server's host:port, such as imap.exempelstad.example:993") {
		host, _ := d.hostPort("mail.imap.addr", in.Addr, false)
		d.tlsMode("mail.imap.tls", in.TLS, host)
	}
	d.required("mail.imap.username", in.Username, "write the mailbox's login name")
	if in.Password.IsZero() && c.Mail.OAuth == nil {
		d.fault("mail.imap.password", "is missing; write {env: FRIST_IMAP_PASSWORD} or {file: PATH}, or the section mail.oauth to sign in with tokens")
	}
	boxes := map[string]string{}
	for _, b := range [][2]string{{"mailbox", in.Mailbox}, {"handled", in.Handled}, {"failed", in.Failed}} {
		path := "mail.imap." + b[0]
		d.required(path, b[1], "write a mailbox's name, such as Frist/Handled")
		if strings.ContainsAny(b[1], "*%") {
			d.fault(path, "is no name of a mailbox; leave out * and %%")
		}
		if other := boxes[strings.ToLower(b[1])]; other != "" {
			d.fault(path, "is the same mailbox as mail.imap.%s; give each its own, or handled mail would be read again", other)
		}
		boxes[strings.ToLower(b[1])] = b[0]
	}
	if in.Poll < time.Second || in.Poll > time.Hour {
		d.fault("mail.imap.poll", "is %s; write a time from 1s to 1h", short(in.Poll))
	}
	d.between("mail.imap.max_size", in.MaxSize, 100_000, 200_000_000)
}

func (c *Config) checkSMTP(d *decoder) {
	d.smtp("mail.smtp", &c.Mail.SMTP, c.Mail.SMTPTokens())
}

// smtp checks a server that mail is sent through; with tokens its login needs no password.
func (d *decoder) smtp(path string, out *SMTP, tokens bool) {
	if d.required(path+".addr", out.Addr, "write the server's host:port, such as smtp.exempelstad.example:465") {
		host, _ := d.hostPort(path+".addr", out.Addr, false)
		d.tlsMode(path+".tls", out.TLS, host)
	}
	if (out.Username == "") != out.Password.IsZero() && !tokens {
		d.fault(path, "needs both username and password; write both, or neither if the server takes mail from this machine without login")
	}
	if out.Helo != "" && !hostFormat.MatchString(out.Helo) {
		d.fault(path+".helo", "is no name of a host; write this machine's full name, such as frist.exempelstad.example")
	}
}

// checkSecond: the second route is of use only while the first has failed, so it must not lead through the same server.
func (c *Config) checkSecond(d *decoder) {
	s := c.Administrator.Second
	if s == nil {
		return
	}
	const path = "administrator.second"
	if d.required(path+".email", s.Email, "write an address at another provider, such as jour@reserv.example") {
		d.email(path+".email", s.Email)
		d.notTheBot(path+".email", s.Email, c.Mail.Address)
	}
	if s.From != "" {
		d.email(path+".from", s.From)
	}
	d.smtp(path+".smtp", &s.SMTP, false)
	if s.SMTP.Addr != "" && strings.EqualFold(s.SMTP.Addr, c.Mail.SMTP.Addr) {
		d.fault(path+".smtp.addr", "is that of mail.smtp too, and would fail together with it; name another provider's server")
	}
}

// CAFiles are the files of certificates to trust, by their setting; "" where there is none.
func (c *Config) CAFiles() map[string]string {
	files := map[string]string{"mail.imap.ca_file": c.Mail.IMAP.CAFile, "mail.smtp.ca_file": c.Mail.SMTP.CAFile}
	if s := c.Administrator.Second; s != nil {
		files["administrator.second.smtp.ca_file"] = s.SMTP.CAFile
	}
	if o := c.Mail.OAuth; o != nil {
		files["mail.oauth.ca_file"] = o.CAFile
	}
	return files
}

func (d *decoder) domains(path string, list []string) {
	for i, s := range list {
		if !isDomain(s) {
			d.fault(fmt.Sprintf("%s[%d]", path, i), "is no domain; write what stands after the @, such as exempelstad.example")
		}
	}
}
