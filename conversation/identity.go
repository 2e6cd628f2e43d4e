package conversation

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// sender finds or makes the person who wrote, and joins the addresses that the channel knows to be the same person's.
func (h *handling) sender() (*Person, error) {
	p, err := h.identify()
	if err != nil {
		return nil, fmt.Errorf("find the sender: %w", err)
	}
	for _, a := range append([]Address{h.in.From}, h.in.Known...) {
		i := slices.IndexFunc(p.Addresses, func(x Address) bool { return x.Channel == a.Channel && x.ID == a.ID })
		switch {
		case i < 0:
			p.Addresses = append(p.Addresses, a)
			h.Log.Info("an address was joined to a person", "person", p.ID, "channel", a.Channel)
		case a.Reference != "":
			p.Addresses[i].Reference = a.Reference
		}
	}
	if p.Name == "" {
		p.Name = h.in.Name
	}
	if p.AbsentAt = (time.Time{}); !h.in.Joined {
		p.LastChannel = h.in.From.Channel // who installs the program has not written yet
	}
	if p.Lang == "" {
		own := h.in.Text
		if len(h.in.References) == 0 && h.in.Token == "" {
			own = h.in.Subject + " " + own // in a reply the subject is ours
		}
		if p.Lang = detect(own); p.Lang == "" {
			p.Lang = h.in.Lang
		}
	}
	if lang := languageOf(h.in.Text); lang != "" {
		p.Lang = lang
	}
	if h.people == nil {
		h.people = map[PersonID]*Person{}
	}
	h.people[p.ID] = p
	return p, nil
}

// identify finds the person of the sender's addresses. Where the channel has come to know that two persons are one, the one with the mail
// address stays, since the settings know people by it, and takes over what the other had begun; a contact of the settings stays before anybody.
func (h *handling) identify() (*Person, error) {
	var found []*Person
	for _, a := range append(slices.Clone(h.in.Known), h.in.From) {
		p, err := h.tx.PersonByAddress(a)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(found, func(x *Person) bool { return x.ID == p.ID }) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return h.Engine.person(h.tx, h.in.From, h.in.Name)
	}
	stays := found[0]
	for _, p := range found[1:] {
		if h.Organisation.staff(p.ID) && !h.Organisation.staff(stays.ID) {
			stays = p
		}
	}
	for _, other := range found {
		if other == stays || h.Organisation.staff(other.ID) {
			continue // two contacts of the settings are two, whoever's address has become the other's
		}
		if err := h.takeOver(stays, other); err != nil {
			return nil, err
		}
	}
	return stays, nil
}

// takeOver gives a person the open incidents of another, who is the same human.
func (h *handling) takeOver(p, other *Person) error {
	ids, err := h.tx.OpenIncidents(other.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		in, err := h.tx.Incident(id)
		if err != nil {
			return err
		}
		in.rename(other.ID, p.ID)
		if err := h.commit(in, Result{Events: []Event{{At: h.now, Name: "joined", Person: p.ID}}}); err != nil {
			return err
		}
	}
	h.Log.Info("two persons were found to be one", "person", p.ID, "other", other.ID)
	return nil
}
