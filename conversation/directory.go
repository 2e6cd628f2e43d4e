package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Directory is what a channel's directory says of somebody who writes there: for Teams, Entra ID by the connector's member look-up.
type Directory struct {
	// Mail is the mail address, Principal the name that they sign in with, which need not be an address at all. Either may be empty.
	Mail, Principal string
	Name            string
	// Guest is set for somebody of another organisation.
	Guest bool
}

// mailOf is the address by which somebody in the directory is known in mail, in lower case; "" if there is none that can be relied on. The directory's
// mail address is taken where it is one of the organisation's own, then the sign-in name where that is (in a directory without mail addresses it
// often is one, but need not be), then whatever mail address there is. A guest's sign-in name is no address ("kim_other.example#EXT#@…"), and none
// of the organisation's own addresses is a guest's.
func (o *Organisation) mailOf(d Directory) string {
	mail, principal := address(d.Mail), address(d.Principal)
	guest := d.Guest || strings.Contains(strings.ToLower(d.Principal), "#ext#")
	switch {
	case guest && o.own(mail):
		return ""
	case guest, o.own(mail):
		return mail
	case o.own(principal):
		return principal
	}
	return mail
}

// own reports whether an address is in one of the domains that the settings name.
func (o *Organisation) own(mail string) bool {
	_, domain, _ := strings.Cut(mail, "@")
	return mail != "" && (containsFold(o.Domains, domain) || slices.ContainsFunc(o.Units, func(u Unit) bool { return containsFold(u.Domains, domain) }))
}

// address is s in lower case if it has the shape of a mail address, else "".
func address(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 254 || !strings.Contains(domain, ".") || strings.ContainsAny(s, " \t\r\n<>,;:\"()#\\") || strings.Contains(domain, "@") {
		return ""
	}
	return s
}

// KnowsMail reports whether the store knows a mail address of whoever has the address.
func (e *Engine) KnowsMail(ctx context.Context, a Address) (known bool, err error) {
	err = e.Store.View(ctx, func(tx Tx) error {
		p, err := tx.PersonByAddress(a)
		if err == nil {
			known = p.Mail() != ""
		}
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("find a person's mail address: %w", err)
	}
	return known, nil
}

// Learn ties whoever has an address on a channel to the mail address that the channel's directory gives them, so that one conversation goes on by
// both. It is told in the log, without the addresses. A new mail address in the directory takes the place of the old one, which is kept only
// where the settings name it: an address that is given to somebody else must not bring them another's incidents. Where the directory has none,
// what is known stays.
func (e *Engine) Learn(ctx context.Context, a Address, d Directory) error {
	mail := e.Organisation.mailOf(d)
	if mail == "" {
		return nil
	}
	return e.update(ctx, func(tx Tx) error {
		if err := partFrom(tx, a, mail); err != nil {
			return err
		}
		h := &handling{Engine: e, tx: tx, now: e.Now(), in: &Inbound{From: a, Known: []Address{{Channel: ChannelMail, ID: mail}}, Name: d.Name}}
		p, err := h.identify()
		if err != nil {
			return fmt.Errorf("join a person's addresses: %w", err)
		}
		before := slices.Clone(p.Addresses)
		for _, x := range before {
			if x.Channel == a.Channel && x.ID == a.ID {
				a.Reference = x.Reference // they may have removed the program meanwhile
			}
		}
		p.Addresses = []Address{{Channel: ChannelMail, ID: mail}, a}
		for _, x := range before {
			again := x.Channel == ChannelMail && x.ID == mail || x.Channel == a.Channel && x.ID == a.ID
			if !again && (x.Channel != ChannelMail || e.Organisation.contact(x.ID)) {
				p.Addresses = append(p.Addresses, x)
			}
		}
		if p.Name == "" {
			p.Name = d.Name
		}
		if slices.Equal(before, p.Addresses) {
			return nil
		}
		e.Log.Info("a person's mail address is taken from the directory", "person", p.ID, "channel", a.Channel)
		return tx.SavePerson(p)
	})
}

// partFrom takes an address on a channel away from its person, where that person has another one there and not the mail address: the two were one
// account after another with the same mail address, and now they are two people.
func partFrom(tx Tx, a Address, mail string) error {
	p, err := tx.PersonByAddress(a)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	others := false
	for _, x := range p.Addresses {
		if x.Channel == ChannelMail && x.ID == mail {
			return nil
		}
		others = others || x.Channel == a.Channel && x.ID != a.ID
	}
	if !others {
		return nil
	}
	p.Addresses = slices.DeleteFunc(p.Addresses, func(x Address) bool { return x.Channel == a.Channel && x.ID == a.ID })
	return tx.SavePerson(p)
}

// contact reports whether the settings name the mail address.
func (o *Organisation) contact(mail string) bool {
	return slices.ContainsFunc(o.Units, func(u Unit) bool {
		return u.Decider != nil && strings.EqualFold(u.Decider.Mail, mail) ||
			slices.ContainsFunc(u.Chain, func(c Contact) bool { return strings.EqualFold(c.Mail, mail) })
	})
}
