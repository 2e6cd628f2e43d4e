package conversation

import (
	"context"
	"testing"
)

func TestMailOf(t *testing.T) {
	o := &Organisation{Domains: []string{"exempelstad.example"}, Units: []Unit{{Domains: []string{"skola.example"}}}}
	for _, c := range []struct {
		name string
		d    Directory
		want string
	}{
		{"the mail address", Directory{Mail: "Anna.Exempel@Exempelstad.example ", Principal: "ax01@exempelstad.example"}, "anna.exempel@exempelstad.example"},
		{"a unit's domain", Directory{Mail: "anna@skola.example", Principal: "anna@exempelstad.example"}, "anna@skola.example"},
		{"the sign-in name, where it is an own address", Directory{Principal: "anna@exempelstad.example"}, "anna@exempelstad.example"},
		{"…before a private mail address", Directory{Mail: "anna@hem.example", Principal: "anna@exempelstad.example"}, "anna@exempelstad.example"},
		{"a mail address elsewhere, for want of better", Directory{Mail: "anna@hem.example", Principal: "anna@exempelstad.onmicrosoft.example"}, "anna@hem.example"},
		{"no sign-in name elsewhere", Directory{Principal: "anna@exempelstad.onmicrosoft.example"}, ""},
		{"no name that is no address", Directory{Mail: "anna", Principal: "exempelstad\\anna"}, ""},
		{"a guest's own address", Directory{Mail: "kim@konsult.example", Principal: "kim_konsult.example#EXT#@exempelstad.example"}, "kim@konsult.example"},
		{"no guest by the sign-in name", Directory{Principal: "kim_konsult.example#EXT#@exempelstad.example"}, ""},
		{"no guest by an address of ours", Directory{Mail: "kim.exempel@exempelstad.example", Principal: "x_y.example#ext#@exempelstad.example"}, ""},
		{"…however the guest is told", Directory{Mail: "kim.exempel@exempelstad.example", Principal: "kim.exempel@exempelstad.example", Guest: true}, ""},
		{"no injection", Directory{Mail: "a@b.example>, <c@exempelstad.example"}, ""},
		{"nobody", Directory{}, ""},
	} {
		if got := o.mailOf(c.d); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := (&Organisation{}).mailOf(Directory{Principal: "anna@exempelstad.example"}); got != "" {
		t.Errorf("without a list of domains the sign-in name %q is believed", got)
	}
}

// inTeams is a Teams user's address.
func inTeams(user string) Address {
	return Address{Channel: ChannelTeams, ID: "tenant/" + user, Reference: "ref"}
}

func (w *world) learn(user, mail string) {
	w.t.Helper()
	if err := w.e.Learn(context.Background(), inTeams(user), Directory{Mail: mail, Name: "Kim Exempel"}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) user(user string) *Person {
	w.t.Helper()
	p, err := w.m.PersonByAddress(inTeams(user))
	if err != nil {
		w.t.Fatalf("nobody is %s in Teams", user)
	}
	return p
}

// A mail address that has changed in the directory takes the place of the old, which another may get without getting what is not theirs.
func TestDirectoryChanges(t *testing.T) {
	w := newWorld(t)
	const old, married = "anna.exempel@exempelstad.example", "anna.nyman@exempelstad.example"
	w.learn("anna", old)
	w.say(said{From: "anna", Channel: ChannelTeams, NoMail: true, Text: "Jag har mejlat en lista till fel person"})
	id := w.user("anna").ID
	w.learn("anna", married)
	if p := w.user("anna"); p.ID != id || p.Mail() != married || len(p.Addresses) != 2 {
		t.Fatalf("%+v", p)
	}
	w.learn("annan", old)
	if p := w.user("annan"); p.ID == id || w.incident().Reporter != id {
		t.Error("whoever got the old address got the incident too")
	}
	// The directory knows nothing today: what was known stays.
	w.learn("anna", "")
	if p := w.user("anna"); p.Mail() != married {
		t.Errorf("mail %q", p.Mail())
	}
}

// The settings know the DSO by the old address: they are the DSO still.
func TestContactKeepsAddress(t *testing.T) {
	w := newWorld(t)
	dso := w.person(kim).ID
	w.learn("kim", kim)
	w.say(said{From: "kim.ny@exempelstad.example", Text: "hej"})
	w.learn("kim", "kim.ny@exempelstad.example")
	p := w.user("kim")
	if p.ID != dso || p.Mail() != "kim.ny@exempelstad.example" || w.person(kim).ID != dso || w.person("kim.ny@exempelstad.example").ID != dso {
		t.Errorf("%s, was %s: %+v", p.ID, dso, p.Addresses)
	}
}

// Two contacts of the settings are not made one, and an account that has parted from another takes nothing with it.
func TestDirectoryParts(t *testing.T) {
	w := newWorld(t)
	dso, deputy := w.person(kim).ID, w.person(alex).ID
	w.learn("u1", kim)
	w.say(said{From: anna, Text: "Jag har mejlat en lista till fel person"})
	w.learn("u1", alex)
	if w.user("u1").ID != deputy || w.person(kim).ID != dso || !w.incident().called(dso) || w.incident().called(deputy) {
		t.Error("the deputy has become the DSO")
	}
	w.learn("u2", kim)
	w.learn("u3", kim) // a new account for the same mail address
	if w.user("u2").ID != dso || w.user("u3").ID != dso || w.user("u3").address(ChannelTeams).ID != "tenant/u3" {
		t.Error("the newer account is not the one that is written to")
	}
	w.learn("u2", "eva@exempelstad.example")
	if p := w.user("u2"); p.ID == dso || w.user("u3").ID != dso || w.person(kim).ID != dso {
		t.Errorf("the parted account is %s with %+v", p.ID, p.Addresses)
	}
}

// Two persons turn out to be one who reported and was called: they are the reporter, and do not decide.
func TestReporterTurnsOutToBeContact(t *testing.T) {
	w := newWorld(t)
	w.say(said{From: "kim", Channel: ChannelTeams, NoMail: true, Text: "Jag har mejlat en lista till fel person"})
	w.learn("kim", kim)
	in, p := w.incident(), w.person(kim)
	parts := 0
	for _, c := range in.Conversations {
		if c.Person == p.ID {
			parts++
		}
	}
	if in.Reporter != p.ID || parts != 1 || in.conversation(p.ID).Role != RoleReporter || w.user("kim").ID != p.ID {
		t.Errorf("reporter %s, %d parts", in.Reporter, parts)
	}
	w.say(said{From: "kim", Channel: ChannelTeams, NoMail: true, Text: "klar"})
	w.say(said{From: "kim", Channel: ChannelTeams, NoMail: true, Text: "godkänn"})
	if w.incident().Decision != nil {
		t.Error("who reported decides")
	}
}
