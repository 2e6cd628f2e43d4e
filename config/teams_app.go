package config

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// TeamsApp is what people are shown about the app in Teams. Only the app package needs it, not the running bot.
type TeamsApp struct {
	Name          string `yaml:"name"`
	DeveloperName string `yaml:"developer_name"`
	Website       string `yaml:"website"`
	PrivacyURL    string `yaml:"privacy_url"`
	TermsURL      string `yaml:"terms_url"`
	Version       string `yaml:"version"` // MAJOR.MINOR.PATCH
}

// What Teams shows, in characters (name.short and developer of the app manifest's schema).
const (
	maxAppName   = 30
	maxDeveloper = 32
	maxPage      = 2048
)

const firstVersion = "1.0.0"

var versionFormat = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}$`)

// checkTeamsApp looks at what is written; what is missing is told by AppPackage alone.
func (c *Config) checkTeamsApp(d *decoder) {
	if c.Teams == nil {
		return
	}
	a := c.Teams.App
	if n := utf8.RuneCountInString(a.Name); n > maxAppName {
		d.fault("teams.app.name", "has %d characters; write at most %d", n, maxAppName)
	}
	if n := utf8.RuneCountInString(a.DeveloperName); n > maxDeveloper {
		d.fault("teams.app.developer_name", "has %d characters; write at most %d", n, maxDeveloper)
	}
	for path, s := range map[string]string{"website": a.Website, "privacy_url": a.PrivacyURL, "terms_url": a.TermsURL} {
		if s != "" && !isPage(s) {
			d.fault("teams.app."+path, "is no https address of a page; write it whole, such as https://intranet.exempelstad.example/frist")
		}
	}
	if a.Version != "" && !versionFormat.MatchString(a.Version) {
		d.fault("teams.app.version", "is no version; write three whole numbers with points between, such as %s", firstVersion)
	}
}

// AppPackage is Teams.App with what follows from other settings filled in. The error joins what is missing for an app package, each with
// its line and remedy.
func (c *Config) AppPackage() (TeamsApp, error) {
	if c.Teams == nil {
		return TeamsApp{}, c.Fault("teams", "is missing; write app_id and the rest of the section, as \"frist check -example\" shows it")
	}
	a := c.Teams.App
	var faults []error
	fault := func(path, format string, args ...any) { faults = append(faults, c.Fault(path, format, args...)) }
	if c.Teams.AppID == "" {
		fault("teams.app_id", "is missing; write the application (client) id of the bot, as Entra shows it")
	}
	if u, err := url.Parse(c.HTTP.PublicURL); c.HTTP.PublicURL == "" {
		fault("http.public_url", "is missing; write the https address at which Teams reaches the bot, such as https://frist.exempelstad.example")
	} else if err != nil || u.Scheme != "https" || !isPublic(u.Hostname()) {
		fault("http.public_url", "is no address that Teams can reach; write one with https and a name, such as https://frist.exempelstad.example")
	}
	if a.Website == "" {
		fault("teams.app.website", "is missing; write the page where your staff read about the bot, such as https://intranet.exempelstad.example/frist")
	}
	if a.Name == "" {
		if a.Name = c.Mail.Name; utf8.RuneCountInString(a.Name) > maxAppName {
			fault("teams.app.name", "is missing, and mail.name is longer than the %d characters that Teams shows; write a short name", maxAppName)
		}
	}
	if a.DeveloperName == "" {
		if a.DeveloperName = c.Organisation; utf8.RuneCountInString(a.DeveloperName) > maxDeveloper {
			fault("teams.app.developer_name", "is missing, and organisation is longer than the %d characters that Teams shows; write a short name of it", maxDeveloper)
		}
	}
	for _, s := range []*string{&a.PrivacyURL, &a.TermsURL} {
		if *s == "" {
			*s = a.Website
		}
	}
	if a.Version == "" {
		a.Version = firstVersion
	}
	if err := errors.Join(faults...); err != nil {
		return TeamsApp{}, err
	}
	return a, nil
}

// isPage reports whether a browser can be sent there: https, with a host and without a login.
func isPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && hostFormat.MatchString(u.Hostname()) && u.User == nil && len(s) <= maxPage &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// isPublic reports whether a host is a name in the DNS of the world.
func isPublic(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && isDomain(host) && host != "localhost" && !strings.HasSuffix(host, ".localhost")
}
