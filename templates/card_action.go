package templates

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"frist/conversation"
)

// cardActions: the answer first, then what stands ready.
func (p phraser) cardActions(out conversation.Outbound, q *questionView, shape cardShape) []action {
	acts := make([]action, 0, len(out.Choices)+2)
	data := questionData(out, q)
	switch {
	case q == nil:
	case q.Kind == conversation.KindGroup:
		acts = append(acts, execute(p.say("word_entries_done"), VerbAnswer, data, true), execute(p.say("word_entries_add"), VerbAdd, data, true))
	case q.Now != "":
		acts = append(acts, execute(p.say("word_save"), VerbAnswer, data, true))
	default:
		acts = append(acts, execute(p.say("word_send"), VerbAnswer, data, true))
	}
	folded := q != nil && shape.help
	for i, r := range p.replies(out.Choices) {
		if out.Choices[i].Key == conversation.ButtonHelp && folded {
			continue
		}
		data.Text = r.Send
		acts = append(acts, execute(r.Label, VerbSay, data, false))
	}
	if folded {
		acts = append(acts, action{Type: "Action.ToggleVisibility", Title: p.say(conversation.ButtonHelp), Targets: []string{helpID}})
	}
	if len(acts) > 0 && (q != nil || out.Kind == conversation.MessageAlert || out.Kind == conversation.MessageCheck) {
		acts[0].Style = "positive"
	}
	return acts
}

// rowWidth is how wide a row of buttons may be so that none is cut on a telephone, in letters of Segoe UI; a button has as much around its
// words as buttonRoom.
const rowWidth, buttonRoom = 35, 4

// actionRows puts buttons in rows: some clients cut those that do not fit, and show no more than six in one.
func actionRows(acts []action) []element {
	rows := make([]element, 0, len(acts))
	width, first := rowWidth, 0
	for i, a := range acts {
		n := utf8.RuneCountInString(a.Title) + buttonRoom
		if width += n; width > rowWidth {
			rows, width, first = append(rows, element{Type: "ActionSet"}), n, i
		}
		rows[len(rows)-1].Actions = acts[first : i+1 : i+1]
	}
	for i := 1; i < len(rows); i++ {
		rows[i].Spacing = "Small"
	}
	return rows
}

// questionData says which message and question a press is about, and which answer the card showed.
func questionData(out conversation.Outbound, q *questionView) actionData {
	if q == nil {
		return actionData{Token: out.Token}
	}
	return actionData{Token: out.Token, Field: q.field.Key, Seen: out.Question.Seen}
}

// changeAction puts a question again, with the answer there is.
func (p phraser) changeAction(token string, fd *conversation.Field) action {
	a := execute(p.say(conversation.ButtonChange), VerbSay, actionData{Token: token, Text: "ändra " + fd.Name()}, false)
	a.Tooltip = p.say("word_change_field", "field", fd.Key)
	return a
}

// entryList shows a group's entries so far, each with a button that takes it away.
func (p phraser) entryList(out conversation.Outbound, q *questionView) []element {
	if q.value == nil || out.Question.Current == nil {
		return nil
	}
	var list []element
	data := questionData(out, q)
	for i, e := range q.value.Entries {
		n := strconv.Itoa(i + 1)
		data.Entry = n
		remove := execute(p.say("word_entry_remove"), VerbRemove, data, false)
		remove.Tooltip = p.say("word_entry_remove_one", "n", n)
		text := limit(flat([][]part{memberRow(q.field, e)}), entryClip)
		list = append(list, cardRow(append([]element{subtle(n + ".")}, tight(plainElements(text))...), remove))
	}
	return list
}

// entryClip is how much of an entry stands in the list, in characters.
const entryClip = 200

// cardRow is text with a button beside it.
func cardRow(text []element, button action) element {
	return element{Type: "ColumnSet", Separator: true, Spacing: "Small", Columns: []element{
		{Type: "Column", Width: "stretch", Items: text},
		{Type: "Column", Width: "auto", VerticalAlign: "Center", Items: []element{{Type: "ActionSet", Actions: []action{button}}}},
	}}
}

func tight(list []element) []element {
	for i := range list {
		list[i].Spacing = "None"
	}
	return list
}

// typed puts what a person has just filled in back into the inputs, so that nobody writes it twice.
func typed(inputs []element, fields map[string]string) []element {
	for i, e := range inputs {
		v := fields[e.ID]
		if v == "" || len(e.Choices) > 0 && !chooses(e, v) {
			continue
		}
		inputs[i].Value = v
	}
	return inputs
}

// chooses reports whether every one of the values that Teams joined is an option of the list.
func chooses(set element, v string) bool {
	values := []string{v}
	if set.IsMultiSelect {
		values = strings.Split(v, ",")
	}
	for _, v := range values {
		found := false
		for _, c := range set.Choices {
			found = found || c.Value == v
		}
		if !found {
			return false
		}
	}
	return true
}
