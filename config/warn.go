package config

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

// Warning is what works but will not when it is needed.
type Warning struct {
	Path string // the setting that mends it
	Text string
}

// Warnings tells what is allowed but unwise, in a fixed order: nobody to call when the first contact does not answer, no second route to the
// administrator, secrets that others on this machine can read.
func (c *Config) Warnings() []Warning {
	var all []Warning
	warn := func(path, format string, args ...any) { all = append(all, Warning{path, fmt.Sprintf(format, args...)}) }
	switch s := c.Administrator.Second; {
	case s == nil:
		warn("administrator.second", "no second route: when the mailbox cannot be read or mail cannot be sent, nobody is told")
	case domainOf(strings.ToLower(s.Email)) == domainOf(strings.ToLower(c.Mail.Address)):
		warn("administrator.second.email", "the second route leads to the bot's own domain, whose mail system may be what has failed")
	}
	for i, u := range c.Units {
		path := fmt.Sprintf("units[%d]", i)
		switch {
		case len(u.contacts()) == 1:
			warn(path+".deputy", "unit %s has one contact alone: if that person reports, or is away, nobody is called", u.ID)
		case u.Deputy.IsZero():
			warn(path+".deputy", "unit %s has no deputy to call when its data protection officer does not answer", u.ID)
		}
	}
	files := map[string]string{"http.tls.key": c.HTTP.TLS.Key}
	if t := c.Teams; t != nil {
		files["teams.app_certificate.key"] = t.AppCertificate.Key
	}
	for path, s := range c.Secrets() {
		files[path] = s.File
	}
	from := len(all)
	for path, file := range files {
		if info, err := os.Stat(file); file != "" && err == nil && info.Mode().Perm()&0o077 != 0 {
			warn(path, "the file %s can be read by others on this machine (mode %04o); give it mode 0600", file, info.Mode().Perm())
		}
	}
	sort.Slice(all[from:], func(i, j int) bool { return all[from+i].Path < all[from+j].Path })
	return all
}

// contacts are the different addresses of those who are called, in lower case.
func (u Unit) contacts() map[string]bool {
	set := map[string]bool{}
	for _, p := range []Person{u.DSO, u.Deputy, u.OnCall} {
		if p.Email != "" {
			set[strings.ToLower(p.Email)] = true
		}
	}
	return set
}
