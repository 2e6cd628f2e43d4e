package conversation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// proposals are what counts only once accepted: the reporter's later changes, and drafts made from the log.
func (t *turn) proposals() []Proposal {
	in := t.Incident
	out := slices.Clone(in.Proposals)
	lang := t.Organisation.Lang
	if fd := t.Form.For(PurposeReference); fd != nil {
		if _, ok := in.Answers[fd.Key]; !ok {
			out = append(out, Proposal{Field: fd.Key, Value: Value{Text: in.Number}, At: in.ReportedAt, Source: "number"})
		}
	}
	if fd := t.Form.For(PurposeDelay); fd != nil && in.Applies(t.Form, fd, t.Now) {
		if _, ok := in.Answers[fd.Key]; !ok && len(in.Watch.Called) > 0 {
			text := t.Phrase(lang, t.Form, Line{DraftDelay, args("aware", stamp(in.AwareAt), "reported", stamp(in.ReportedAt), "alerted", stamp(in.Watch.Called[0].At))})
			out = append(out, Proposal{Field: fd.Key, Value: Value{Text: text}, At: t.Now, Source: "log"})
		}
	}
	out = append(out, t.fileProposals()...)
	if rows := t.draftRows(); len(rows) > 0 && in.Status.Open() {
		out = append(out, Proposal{Field: t.Form.key(PurposeMeasures), Value: Value{Entries: rows}, At: t.Now, Source: "log"})
	}
	return slices.DeleteFunc(out, func(p Proposal) bool { return p.Author == "" && slices.Contains(in.Struck, p.Field) })
}

// draftRows drafts the rows of question 30 from the log: steps that the reporter did, when the DSO was alerted and took it. Rows that stand
// in the answer already are not proposed again.
func (t *turn) draftRows() []map[string]string {
	fd := t.Form.For(PurposeMeasures)
	if fd == nil || t.Phrase == nil {
		return nil
	}
	var rows []map[string]string
	have := t.Incident.Answers[fd.Key].Value.Entries
	for _, e := range t.Incident.Log {
		var line Line
		switch e.Name {
		case eventStepDone:
			kind, n, _ := strings.Cut(e.Detail, " ")
			line = Line{DraftStep(kind, n), nil}
		case eventCalled:
			line = Line{DraftAlerted, args("name", t.name(e.Person), "post", e.Detail)}
		case eventTaken:
			line = Line{DraftTaken, args("name", t.name(e.Person))}
		default:
			continue
		}
		row := t.row(fd, e.At, t.Phrase(t.Organisation.Lang, t.Form, line))
		same := func(x map[string]string) bool { return reflect.DeepEqual(x, row) }
		if !slices.ContainsFunc(have, same) && !slices.ContainsFunc(rows, same) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (t *turn) row(fd *Field, at time.Time, text string) map[string]string {
	local, row := at.In(Stockholm()), map[string]string{}
	for _, m := range fd.Members {
		switch m.Kind {
		case "date":
			row[m.Key] = local.Format("2006-01-02")
		case "time":
			row[m.Key] = local.Format("15:04")
		case "text":
			row[m.Key] = text
		}
	}
	return row
}

// name is what a person is called in a text: the settings' name for staff, else what the channel gave.
func (t *turn) name(id PersonID) string {
	for _, u := range t.Organisation.Units {
		for _, c := range append(slices.Clone(u.Chain), deref(u.Decider)...) {
			if c.Person == id {
				return c.Name
			}
		}
	}
	if p := t.Person(id); p != nil {
		return p.Name
	}
	return fmt.Sprint(id)
}

func deref(c *Contact) []Contact {
	if c == nil {
		return nil
	}
	return []Contact{*c}
}

// proposed is what may be accepted at a question as it stands: the first message at question 16, the steps done at question 30. Of a list that the
// program drafts it is the entries that come to those there are.
func (t *turn) proposed(fd *Field) *Value {
	if t.Conversation.Role == RoleDSO {
		all := t.proposals()
		if i := slices.IndexFunc(all, func(p Proposal) bool { return p.Field == fd.Key }); i >= 0 {
			return &all[i].Value
		}
		return nil
	}
	switch fd.Purpose {
	case PurposeWhat:
		if t.Incident.FirstMessage != "" {
			return &Value{Text: t.Incident.FirstMessage}
		}
	case PurposeMeasures:
		if rows := t.stepRows(fd); len(rows) > 0 {
			return &Value{Entries: rows}
		}
	}
	_, v := t.fromFile(fd)
	return v
}

// stepRows are the draft rows of the steps that the reporter did and that do not stand in the answer already.
func (t *turn) stepRows(fd *Field) []map[string]string {
	var rows []map[string]string
	have := t.entries(fd)
	for _, e := range t.Incident.Log {
		if e.Name != eventStepDone {
			continue
		}
		kind, n, _ := strings.Cut(e.Detail, " ")
		row := t.row(fd, e.At, t.Phrase(t.Organisation.Lang, t.Form, Line{DraftStep(kind, n), nil}))
		if !slices.ContainsFunc(have, func(x map[string]string) bool { return reflect.DeepEqual(x, row) }) {
			rows = append(rows, row)
		}
	}
	return rows
}
