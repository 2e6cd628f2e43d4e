package conversation

import (
	"slices"
	"strings"
	"time"
)

// Organisation is what the settings say of those whom the program serves.
type Organisation struct {
	Name  string
	Lang  Lang
	Units []Unit
	// Domains are those whose authenticated senders may report; empty: every authenticated sender may.
	Domains []string
	// Administrator is the mail address of who looks after the program; "" if nobody is to be told.
	Administrator string
	Rules         Rules
}

// Rules are the times that the settings may change.
type Rules struct {
	AnswerWithin time.Duration   // before the next in the chain is called
	ReviewAt     time.Duration   // time left at which the notification is sent for review as it stands
	DeputyFrom   time.Duration   // time left from which reminders go to the deputy too
	Reminders    []time.Duration // time left, descending
	OverdueEvery time.Duration
	OverdueMax   int
	AnswerMax    int // bytes of one answer
}

// DefaultRules are the settings' defaults.
func DefaultRules() Rules {
	h := time.Hour
	return Rules{AnswerWithin: 30 * time.Minute, ReviewAt: 24 * h, DeputyFrom: 24 * h, OverdueEvery: 12 * h, OverdueMax: 10,
		Reminders: []time.Duration{48 * h, 24 * h, 12 * h, 6 * h, 2 * h, h}, AnswerMax: 100_000}
}

// Unit is the organisation's part with a DSO of its own.
type Unit struct {
	ID, Name           string
	Default            bool
	Domains, Addresses []string
	// Chain is who is called, in order: DSO, deputy, on-call.
	Chain []Contact
	// Decider decides where it is not the DSO.
	Decider *Contact
	// Answers are what the settings say to the form's questions, by key.
	Answers map[string]Value
}

// Contact is a person in the settings.
type Contact struct {
	Post              Post
	Name, Mail, Phone string
	Person            PersonID // set when the engine has enrolled them
}

// Unit returns the unit with the id, nil if there is none.
func (o *Organisation) Unit(id string) *Unit {
	for i := range o.Units {
		if o.Units[i].ID == id {
			return &o.Units[i]
		}
	}
	return nil
}

// unitOf finds the sender's unit: by address, by domain, by being the only one; known is false when the default stands in.
func (o *Organisation) unitOf(mail, remembered string) (u *Unit, known bool) {
	_, domain, _ := strings.Cut(mail, "@")
	for i := range o.Units {
		if mail != "" && containsFold(o.Units[i].Addresses, mail) {
			return &o.Units[i], true
		}
	}
	if u := o.Unit(remembered); u != nil {
		return u, true
	}
	var byDomain []*Unit
	for i := range o.Units {
		if domain != "" && containsFold(o.Units[i].Domains, domain) {
			byDomain = append(byDomain, &o.Units[i])
		}
	}
	if len(byDomain) == 1 {
		return byDomain[0], true
	}
	if len(o.Units) == 1 {
		return &o.Units[0], true
	}
	for i := range o.Units {
		if o.Units[i].Default {
			return &o.Units[i], false
		}
	}
	return &o.Units[0], false
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// contact returns the unit's contact at the post, nil if there is none.
func (u *Unit) contact(p Post) *Contact {
	if p == PostDecider {
		if u.Decider != nil {
			return u.Decider
		}
		p = PostDSO
	}
	for i := range u.Chain {
		if u.Chain[i].Post == p {
			return &u.Chain[i]
		}
	}
	return nil
}

// decider is the name of who decides.
func (u *Unit) decider() string {
	if c := u.contact(PostDecider); c != nil {
		return c.Name
	}
	return u.Name
}

// post is the place that the person has in the unit, "" if none.
func (u *Unit) post(p PersonID) Post {
	if u.Decider != nil && u.Decider.Person == p {
		return PostDecider
	}
	for _, c := range u.Chain {
		if c.Person == p {
			return c.Post
		}
	}
	return ""
}

// decides reports whether the person's decision counts: the decider's, where the settings name one, else the DSO's or the deputy's.
func (u *Unit) decides(p PersonID) bool {
	if u.Decider != nil {
		return u.Decider.Person == p
	}
	post := u.post(p)
	return post == PostDSO || post == PostDeputy
}

// staff reports whether the person is a contact of any unit.
func (o *Organisation) staff(p PersonID) bool {
	return slices.ContainsFunc(o.Units, func(u Unit) bool { return u.post(p) != "" })
}

// allowed reports whether an authenticated sender of the domain may report.
func (o *Organisation) allowed(mail string) bool {
	_, domain, ok := strings.Cut(mail, "@")
	if !ok {
		return false
	}
	if len(o.Domains) == 0 || containsFold(o.Domains, domain) {
		return true
	}
	for _, u := range o.Units {
		if containsFold(u.Domains, domain) || containsFold(u.Addresses, mail) {
			return true
		}
	}
	return false
}
