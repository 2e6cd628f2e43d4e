package config

import (
	"fmt"
	"slices"
	"strings"
)

func (c *Config) checkUnits(d *decoder) {
	if len(c.Units) == 0 {
		d.fault("units", "is missing; list at least one unit with id, name and dso")
		return
	}
	ids, senders := map[string]int{}, map[string]int{}
	defaults := 0
	for i := range c.Units {
		u, path := &c.Units[i], fmt.Sprintf("units[%d]", i)
		if d.required(path+".id", u.ID, "write a short name for it, such as kommun") && !idFormat.MatchString(u.ID) {
			d.fault(path+".id", "is no id; use at most 40 small letters, digits and hyphens, such as utbildning")
		}
		if first, twice := ids[u.ID]; twice && u.ID != "" {
			d.fault(path+".id", "is that of units[%d] too; give each unit its own", first)
		} else {
			ids[u.ID] = i
		}
		d.required(path+".name", u.Name, "write the name that people know it by, such as Utbildningsnämnden")
		if u.Default {
			if defaults++; defaults > 1 {
				d.fault(path+".default", "is true for an earlier unit too; keep it at the one whose dso is told while the unit is unknown")
			}
		}
		c.checkSenders(d, u, i, senders)
		c.checkPeople(d, u, path)
	}
	if defaults == 0 {
		d.fault("units", "has no default; write default: true at the one whose dso is told while the unit is unknown")
	}
}

// checkSenders: what decides a sender's unit must be well formed, name one unit alone, and be let in at all.
func (c *Config) checkSenders(d *decoder, u *Unit, i int, seen map[string]int) {
	once := func(path, s string) {
		if first, twice := seen[s]; twice {
			d.fault(path, "stands at units[%d] too; keep it at one, or remove both so that people are asked", first)
		} else {
			seen[s] = i
		}
	}
	path := fmt.Sprintf("units[%d].domains", i)
	d.domains(path, u.Domains)
	for j, s := range u.Domains {
		at := fmt.Sprintf("%s[%d]", path, j)
		once(at, s)
		if len(c.Mail.AllowedDomains) > 0 && !slices.Contains(c.Mail.AllowedDomains, s) {
			d.fault(at, "is not in mail.allowed_domains, so nobody there could report; add it there too")
		}
	}
	for j, s := range u.Addresses {
		at := fmt.Sprintf("units[%d].addresses[%d]", i, j)
		d.email(at, s)
		once(at, s)
		if isEmail(s) && len(c.Mail.AllowedDomains) > 0 && !c.Mail.Allows(s) {
			d.fault(at, "is of a domain that is not in mail.allowed_domains, so that person could not report; add the domain there")
		}
	}
}

func (c *Config) checkPeople(d *decoder, u *Unit, path string) {
	if u.DSO.IsZero() {
		d.fault(path+".dso", "is missing; write name and email of the data protection officer below it")
	}
	for _, p := range []struct {
		key    string
		person Person
	}{{"dso", u.DSO}, {"deputy", u.Deputy}, {"on_call", u.OnCall}, {"decider", u.Decider}} {
		at := join(path, p.key)
		if p.person.IsZero() || p.key == "decider" && p.person == u.DSO {
			continue
		}
		if d.required(at+".email", p.person.Email, "write the person's mail address, as they are reached by mail") {
			d.email(at+".email", p.person.Email)
			d.notTheBot(at+".email", p.person.Email, c.Mail.Address)
		}
	}
	if !u.Deputy.IsZero() && u.Deputy.Email != "" && strings.EqualFold(u.Deputy.Email, u.DSO.Email) {
		d.fault(path+".deputy.email", "is the dso's own; name someone else, or remove the deputy")
	}
}
