package templates

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// writeCard gives a card's JSON. It is written by hand: encoding/json, by reflection, took three times as long, and cards are most of what the
// program sends.
func writeCard(cd card) []byte {
	w := cardWriter{make([]byte, 0, 4<<10)}
	w.raw(`{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.5","fallbackText":`)
	w.value(cd.Fallback)
	w.raw(`,"body":[`)
	w.elements(cd.Body)
	w.raw("]}")
	return w.b
}

// sizer tells how much of a card elements take.
type sizer struct{ w cardWriter }

// elementRoom is what an element is counted for beside its own JSON, in bytes: more than the comma before it, so that cards of many short
// elements stay well below the limit.
const elementRoom = 65

func (s *sizer) size(e *element) int {
	s.w.b = s.w.b[:0]
	s.w.element(e)
	return len(s.w.b) + elementRoom
}

// cardWriter writes JSON into b.
type cardWriter struct{ b []byte }

func (w *cardWriter) raw(s string) { w.b = append(w.b, s...) }

// value writes a string. What is not UTF-8 becomes U+FFFD, which is all that its error would tell.
func (w *cardWriter) value(s string) { w.b, _ = jsontext.AppendQuote(w.b, s) }

// text writes a property, unless it is empty; name holds nothing that JSON escapes.
func (w *cardWriter) text(name, s string) {
	if s == "" {
		return
	}
	w.name(name)
	w.value(s)
}

// name begins a property.
func (w *cardWriter) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.raw(",")
	}
	w.raw(`"`)
	w.raw(name)
	w.raw(`":`)
}

// flag writes a property that is not at its default.
func (w *cardWriter) flag(name string, set, value bool) {
	if set {
		w.name(name)
		w.b = strconv.AppendBool(w.b, value)
	}
}

func (w *cardWriter) comma(i int) {
	if i > 0 {
		w.raw(",")
	}
}

func (w *cardWriter) elements(list []element) {
	for i := range list {
		w.comma(i)
		w.element(&list[i])
	}
}

func (w *cardWriter) element(e *element) {
	w.raw(`{"type":`)
	w.value(e.Type)
	w.text("id", e.ID)
	if e.Type == "RichTextBlock" {
		w.run(e)
	} else {
		w.text("text", e.Text)
		w.nested("items", e.Items)
		w.flag("wrap", e.Wrap, true)
		w.text("size", e.Size)
		w.text("weight", e.Weight)
	}
	w.text("style", e.Style)
	w.text("spacing", e.Spacing)
	w.flag("separator", e.Separator, true)
	if e.input != nil {
		w.input(e.input)
	}
	w.flag("isVisible", e.Hidden, false)
	w.nested("columns", e.Columns)
	w.text("width", e.Width)
	w.text("verticalContentAlignment", e.VerticalAlign)
	w.actions(e.Actions)
	w.pairs("facts", len(e.Facts), func(i int) (title, value string) { return e.Facts[i].Title, e.Facts[i].Value })
	if e.input != nil {
		w.filled(e.Value)
	}
	w.raw("}")
}

// filled writes what is in an input.
func (w *cardWriter) filled(v any) {
	switch v := v.(type) {
	case string:
		w.name("value")
		w.value(v)
	case int64:
		w.name("value")
		w.b = strconv.AppendInt(w.b, v, 10)
	}
}

// run writes a RichTextBlock's text.
func (w *cardWriter) run(e *element) {
	w.raw(`,"inlines":[{"type":"TextRun","text":`)
	w.value(e.Text)
	w.text("weight", e.Weight)
	w.flag("isSubtle", e.IsSubtle, true)
	w.raw("}]")
}

// input writes what only inputs have, but for the value, which comes last.
func (w *cardWriter) input(e *input) {
	w.text("label", e.Label)
	w.text("placeholder", e.Placeholder)
	w.flag("isMultiline", e.IsMultiline, true)
	w.flag("isMultiSelect", e.IsMultiSelect, true)
	w.pairs("choices", len(e.Choices), func(i int) (title, value string) { return e.Choices[i].Title, e.Choices[i].Value })
	if e.Min != nil {
		w.name("min")
		w.b = strconv.AppendInt(w.b, *e.Min, 10)
	}
	w.flag("isRequired", e.IsRequired, true)
	w.text("errorMessage", e.ErrorMessage)
}

func (w *cardWriter) nested(name string, list []element) {
	if len(list) == 0 {
		return
	}
	w.name(name)
	w.raw("[")
	w.elements(list)
	w.raw("]")
}

// pairs writes a list of titles and values.
func (w *cardWriter) pairs(name string, n int, at func(int) (title, value string)) {
	if n == 0 {
		return
	}
	w.name(name)
	w.raw("[")
	for i := range n {
		title, value := at(i)
		w.comma(i)
		w.raw(`{"title":`)
		w.value(title)
		w.raw(`,"value":`)
		w.value(value)
		w.raw("}")
	}
	w.raw("]")
}

func (w *cardWriter) actions(list []action) {
	if len(list) == 0 {
		return
	}
	w.name("actions")
	w.raw("[")
	for i := range list {
		w.comma(i)
		w.action(&list[i])
	}
	w.raw("]")
}

func (w *cardWriter) action(a *action) {
	w.raw(`{"type":`)
	w.value(a.Type)
	w.raw(`,"title":`)
	w.value(a.Title)
	w.text("tooltip", a.Tooltip)
	w.text("verb", a.Verb)
	if a.Type == "Action.Execute" {
		w.data(a.Data, "")
	}
	w.text("associatedInputs", a.Associated)
	if len(a.Targets) > 0 {
		w.name("targetElements")
		w.raw("[")
		for i, t := range a.Targets {
			w.comma(i)
			w.value(t)
		}
		w.raw("]")
	}
	w.text("style", a.Style)
	if a.Type == "Action.Execute" {
		w.raw(`,"fallback":{"type":"Action.Submit","title":`)
		w.value(a.Title)
		w.data(a.Data, a.Verb)
		w.text("associatedInputs", a.Associated)
		w.text("style", a.Style)
		w.raw("}")
	}
	w.raw("}")
}

// data writes what a press sends, and the verb where the action has none.
func (w *cardWriter) data(d actionData, verb string) {
	w.name("data")
	w.raw("{")
	w.text("entry", d.Entry)
	w.text("field", d.Field)
	w.text("seen", d.Seen)
	w.text("text", d.Text)
	w.name("token")
	w.value(d.Token)
	w.text("verb", verb)
	w.raw("}")
}
