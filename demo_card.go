package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"frist/bot/bottest"
)

// teamsCard is what the terminal shows of an Adaptive Card: its words, its inputs and its buttons.
type teamsCard struct {
	id      string // of the activity that it came in
	Body    []cardElement
	Actions []demoAction `json:"-"` // wherever they stand
}

type demoAction struct {
	Type, Title, Verb, Tooltip string
	Data                       map[string]any
	AssociatedInputs           string
}

type cardElement struct {
	Type, ID, Text, Label, Placeholder, Weight string
	IsSubtle, IsMultiSelect, IsMultiline       bool
	Separator                                  bool
	Inlines                                    []struct {
		Text, Weight string
		IsSubtle     bool
	}
	Items   []cardElement
	Columns []cardElement
	Facts   []struct{ Title, Value string }
	Actions []demoAction
	Choices []struct{ Title, Value string }
	Value   any
}

// parseCard reads a card. What only unfolds on a screen is no button here, where all is shown.
func parseCard(id string, raw json.RawMessage) *teamsCard {
	c := &teamsCard{id: id}
	if json.Unmarshal(raw, c) != nil {
		return nil
	}
	var walk func([]cardElement)
	walk = func(es []cardElement) {
		for _, e := range es {
			for _, a := range e.Actions {
				if a.Verb == "" {
					continue
				}
				if a.Tooltip != "" {
					a.Title = a.Tooltip
				}
				c.Actions = append(c.Actions, a)
			}
			walk(e.Items)
			walk(e.Columns)
		}
	}
	walk(c.Body)
	// What takes the inputs comes first.
	slices.SortStableFunc(c.Actions, func(a, b demoAction) int { return strings.Compare(a.AssociatedInputs, b.AssociatedInputs) })
	return c
}

// inputs are the fields to fill in, in order.
func (c *teamsCard) inputs() []cardElement {
	var out []cardElement
	var walk func([]cardElement)
	walk = func(es []cardElement) {
		for _, e := range es {
			if strings.HasPrefix(e.Type, "Input.") {
				out = append(out, e)
			}
			walk(e.Items)
			walk(e.Columns)
		}
	}
	walk(c.Body)
	return out
}

// takeActivities shows what the bot has said in Teams since the last look. Only the newest card with buttons can be used, until it is
// replaced by its answer.
func (d *demo) takeActivities() (shown bool) {
	for _, call := range d.x.connector.Recorded()[d.seen:] {
		d.seen = call.Seq
		if call.Direction != bottest.FromBot || call.Conversation != d.x.employee.Conversation() || !call.OK() {
			continue
		}
		m := call.Message()
		if call.Method == http.MethodPut {
			if d.card != nil && d.card.id == call.ActivityID {
				d.card = nil
			}
			continue
		}
		if call.Method != http.MethodPost || m.Type != "message" {
			continue
		}
		shown = true
		d.print("")
		d.print(d.con.accent("▣ " + d.say("teams_new", "name", d.parts[0].name)))
		if card := parseCard(call.ActivityID, m.Card); m.Card != nil && card != nil {
			d.showCard(card)
			continue
		}
		d.print("  " + printable(m.Text))
	}
	return shown
}

func (d *demo) showCard(card *teamsCard) {
	d.showElements(card.Body)
	if len(card.Actions) > 0 {
		d.card = card
		d.showActions(card)
	}
}

func (d *demo) showElements(list []cardElement) {
	for i, e := range list {
		if e.Separator && i > 0 { // nothing is drawn above what stands first
			d.print("")
		}
		switch {
		case len(e.Items)+len(e.Columns) > 0:
			d.showElements(e.Items)
			d.showElements(e.Columns)
		case e.Type == "FactSet":
			for _, f := range e.Facts {
				d.print("  " + d.con.faint(printable(plainMarkdown(f.Title+": "+f.Value))))
			}
		case e.Type == "TextBlock":
			text := printable(plainMarkdown(e.Text))
			if e.Weight == "Bolder" {
				text = d.con.bold(text)
			}
			d.print("  " + text)
		case e.Type == "RichTextBlock":
			var b strings.Builder
			for _, run := range e.Inlines {
				text := printable(run.Text)
				if run.IsSubtle {
					text = d.con.faint(text)
				}
				b.WriteString(text)
			}
			d.print("  " + b.String())
		case strings.HasPrefix(e.Type, "Input."):
			d.showInput(e)
		}
	}
}

func (d *demo) showInput(e cardElement) {
	now := ""
	if e.Value != nil && len(e.Choices) == 0 {
		now = " " + printable(fmt.Sprint(e.Value))
	}
	d.print("  " + d.con.faint("▢ "+strings.TrimRight(printable(e.Label), ".:")+":") + now)
	chosen := strings.Split(fmt.Sprint(e.Value), ",")
	for i, c := range e.Choices {
		mark := " "
		if c.Value == fmt.Sprint(e.Value) || e.IsMultiSelect && slices.Contains(chosen, c.Value) {
			mark = "•"
		}
		d.print(fmt.Sprintf("  %s %2d  %s", mark, i+1, printable(c.Title)))
	}
}

func (d *demo) showActions(c *teamsCard) {
	var list []string
	for i, a := range c.Actions {
		if i == 0 && len(c.inputs()) > 0 {
			list = append(list, d.say("card_use"))
			continue
		}
		list = append(list, d.say("card_press", "n", itoa(i+1), "title", printable(a.Title)))
	}
	d.print("")
	d.print("  " + d.con.faint(strings.Join(list, " · ")))
}

// plainMarkdown takes away the backslashes that keep punctuation from being markdown (CommonMark 2.4).
func plainMarkdown(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// useCard fills in the newest card and presses its first button, or presses the one with the number.
func (d *demo) useCard(which string) error {
	c := d.card
	if c == nil {
		d.note(d.say("card_no"))
		return nil
	}
	n := 1
	if which != "" {
		var err error
		if n, err = strconv.Atoi(which); err != nil || n < 1 || n > len(c.Actions) {
			d.note(d.say("card_shows", "max", itoa(len(c.Actions))))
			return nil
		}
	}
	action := c.Actions[n-1]
	data := maps.Clone(action.Data)
	if data == nil {
		data = map[string]any{}
	}
	if inputs := c.inputs(); action.AssociatedInputs != "none" && len(inputs) > 0 {
		d.note(d.say("card_how"))
		for _, e := range inputs {
			value, ok := d.fillIn(e)
			if !ok {
				d.note(d.say("dropped"))
				return nil
			}
			if value != "" {
				data[e.ID] = value
			}
		}
	}
	answer, err := d.x.employee.Execute(d.ctx, c.id, action.Verb, data)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		d.note(d.say("card_refused", "status", itoa(answer.Status)))
		return nil
	}
	var reply struct {
		Type  string
		Value json.RawMessage
	}
	if json.Unmarshal(answer.Body, &reply) != nil || reply.Type != "application/vnd.microsoft.card.adaptive" {
		return nil
	}
	d.card = nil // another stands in its place now: its answer, or what more it asks
	if next := parseCard(c.id, reply.Value); next != nil && len(next.inputs()) > 0 {
		d.showCard(next)
	}
	return nil
}

// fillIn has one field typed; ok is false if the person gives up.
func (d *demo) fillIn(e cardElement) (value string, ok bool) {
	if e.Value != nil {
		value = fmt.Sprint(e.Value)
	}
	label := printable(e.Label)
	switch {
	case e.IsMultiSelect:
		label += " (" + d.say("card_picks") + ")"
	case len(e.Choices) > 0:
		label += " (" + d.say("card_pick") + ")"
	}
	for {
		line, ok := d.readLine("  " + label + ">")
		if !ok || isCommand(line, "cancel") {
			return "", false
		}
		if line == "" {
			return value, true
		}
		if len(e.Choices) == 0 {
			return line, true
		}
		if picked, ok := pick(e, line); ok {
			return picked, true
		}
		d.note(d.say("card_bad", "max", itoa(len(e.Choices))))
	}
}

// pick reads the numbers of options, as the terminal numbers them.
func pick(e cardElement, line string) (string, bool) {
	var values []string
	for _, s := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > len(e.Choices) {
			return "", false
		}
		values = append(values, e.Choices[n-1].Value)
	}
	return strings.Join(values, ","), len(values) == 1 || len(values) > 1 && e.IsMultiSelect
}
