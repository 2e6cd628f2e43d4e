package main

import (
	"errors"
	"strings"

	"frist/config"
	"frist/conversation"
)

// organisation makes the domain's view of the settings. An answer in the settings that does not fit the form is told with its line.
func organisation(cfg *config.Config, form *conversation.Form) (*conversation.Organisation, error) {
	l := cfg.Limits
	o := &conversation.Organisation{Name: cfg.Organisation, Lang: conversation.Lang(cfg.Language), Domains: cfg.Mail.AllowedDomains, Administrator: cfg.Administrator.Email,
		Rules: conversation.Rules{AnswerWithin: l.AnswerWithin, ReviewAt: l.ReviewAt, DeputyFrom: l.DeputyFrom, Reminders: l.Reminders,
			OverdueEvery: l.OverdueEvery, OverdueMax: l.OverdueMax, AnswerMax: l.MessageMax}}
	var faults []error
	for i, u := range cfg.Units {
		unit := conversation.Unit{ID: u.ID, Name: u.Name, Default: u.Default, Domains: u.Domains, Addresses: u.Addresses, Answers: map[string]conversation.Value{}}
		for _, p := range []struct {
			post   conversation.Post
			person config.Person
		}{{conversation.PostDSO, u.DSO}, {conversation.PostDeputy, u.Deputy}, {conversation.PostOnCall, u.OnCall}} {
			if !p.person.IsZero() {
				unit.Chain = append(unit.Chain, contact(p.post, p.person))
			}
		}
		if !u.Decider.IsZero() && u.Decider.Email != u.DSO.Email {
			c := contact(conversation.PostDecider, u.Decider)
			unit.Decider = &c
		}
		for key, raw := range u.Answers {
			path := "units[" + itoa(i) + "].answers." + key
			fd := form.Field(key)
			if fd == nil || fd.Own {
				faults = append(faults, cfg.Fault(path, "the form %s has no question %s; remove the line", form.ID, key))
				continue
			}
			if fd.Asked != conversation.RoleSettings {
				faults = append(faults, cfg.Fault(path, "question %s is asked anew in every incident and cannot be answered here; remove the line", key))
				continue
			}
			v, err := conversation.ValueFromJSON(fd, raw)
			if err != nil {
				faults = append(faults, cfg.Fault(path, "%v; see the shapes that \"frist check -example\" prints", err))
				continue
			}
			if fd.Kind == conversation.KindChoice && fd.Option(v.Choice) == nil {
				faults = append(faults, cfg.Fault(path, "%q is no option of question %s; use one of: %s", v.Choice, key, strings.Join(fd.Labels(), "; ")))
				continue
			}
			unit.Answers[key] = v
		}
		o.Units = append(o.Units, unit)
	}
	return o, errors.Join(faults...)
}

func contact(post conversation.Post, p config.Person) conversation.Contact {
	return conversation.Contact{Post: post, Name: p.Name, Mail: p.Email, Phone: p.Phone}
}
