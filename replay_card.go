package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"frist/bot/bottest"
	"frist/conversation"
)

// shownCard is an Adaptive Card as it came to the person, with what can be filled in and pressed.
type shownCard struct {
	id      string // the activity's
	inputs  map[string][]string
	actions []cardAction
}

type cardAction struct {
	Type string            `json:"type"`
	Verb string            `json:"verb"`
	Data map[string]string `json:"data"`
}

// readCard reads from an activity what it asks; nil if it asks nothing.
func readCard(c bottest.Recorded) *asked {
	m := c.Message()
	if c.Direction != bottest.FromBot || c.Method != http.MethodPost || !c.OK() || m.Card == nil {
		return nil
	}
	return askedByCard(c.ActivityID, m.Card)
}

func askedByCard(id string, raw json.RawMessage) *asked {
	var in struct {
		FallbackText string            `json:"fallbackText"`
		Body         []json.RawMessage `json:"body"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return nil
	}
	k := &shownCard{id: id, inputs: map[string][]string{}}
	for _, e := range in.Body {
		k.read(e)
	}
	a := &asked{card: k, said: in.FallbackText}
	for _, act := range k.actions {
		switch act.Verb {
		case "answer":
			a.field = act.Data["field"]
		case "say":
			a.ready = append(a.ready, strings.ToLower(act.Data["text"]))
		}
	}
	if a.check() {
		a.field = ""
	} else if a.field == "" {
		return nil
	}
	return a
}

// read finds the buttons and the inputs, wherever they stand, with the values that a list offers.
func (k *shownCard) read(raw json.RawMessage) {
	var e struct {
		Type    string            `json:"type"`
		ID      string            `json:"id"`
		Items   []json.RawMessage `json:"items"`
		Columns []json.RawMessage `json:"columns"`
		Actions []cardAction      `json:"actions"`
		Choices []struct {
			Value string `json:"value"`
		} `json:"choices"`
	}
	if json.Unmarshal(raw, &e) != nil {
		return
	}
	if strings.HasPrefix(e.Type, "Input.") {
		k.inputs[e.ID] = []string{}
		for _, ch := range e.Choices {
			k.inputs[e.ID] = append(k.inputs[e.ID], ch.Value)
		}
	}
	k.actions = append(k.actions, e.Actions...)
	for _, item := range append(e.Items, e.Columns...) {
		k.read(item)
	}
}

func (k *shownCard) has(inputs ...string) bool {
	return !slices.ContainsFunc(inputs, func(id string) bool { _, ok := k.inputs[id]; return !ok })
}

// fill gives the inputs for an answer; ok is false if the card cannot hold it, and it has to be typed.
func (k *shownCard) fill(fd *conversation.Field, v conversation.Value) (in map[string]any, ok bool) {
	in = map[string]any{}
	put := func(id, value string) bool {
		if value == "" {
			return true
		}
		in[id] = value
		return k.has(id)
	}
	switch fd.Kind {
	case conversation.KindText:
		return in, put("answer", v.Text)
	case conversation.KindChoice:
		if fd.Option(v.Choice) == nil {
			return in, v.Comment == "" && put("other", v.Choice)
		}
		return in, slices.Contains(k.inputs["answer"], v.Choice) && put("answer", v.Choice) && put("comment", v.Comment)
	case conversation.KindChoices:
		var numbers []string
		for _, label := range v.Choices {
			numbers = append(numbers, strconv.Itoa(optionIndex(fd, label)+1))
		}
		offered := !slices.ContainsFunc(numbers, func(n string) bool { return !slices.Contains(k.inputs["answer"], n) })
		return in, offered && put("answer", strings.Join(numbers, ",")) && put("other", v.Other)
	case conversation.KindDate:
		return in, put("date", v.Date) && put("time", v.Time) && put("comment", v.Comment)
	case conversation.KindCount:
		if v.Exact != nil {
			return in, put("exact", strconv.FormatInt(*v.Exact, 10))
		}
		return in, slices.Contains(k.inputs["interval"], v.Interval) && put("interval", v.Interval)
	case conversation.KindAddress:
		return in, k.members(put, v.Parts)
	case conversation.KindGroup:
		return in, len(v.Entries) == 1 && k.members(put, v.Entries[0])
	}
	return nil, false
}

// answerCard gives a value by the card: a group's entries one after another, all but the last with the button that asks for another. ok is false if
// the card cannot hold it.
func (s *stage) answerCard(ctx context.Context, k *shownCard, fd *conversation.Field, v conversation.Value) (inline *asked, ok bool, err error) {
	for fd.Kind == conversation.KindGroup && len(v.Entries) > 1 {
		in, ok := k.fill(fd, conversation.Value{Entries: v.Entries[:1]})
		if !ok {
			return nil, false, nil
		}
		_, inline, err := s.press(ctx, k, "add", "", in)
		if err != nil || inline == nil || inline.card == nil {
			return inline, true, err // something is asked about the entry first
		}
		k, v.Entries = inline.card, v.Entries[1:]
	}
	in, ok := k.fill(fd, v)
	if !ok {
		return nil, false, nil
	}
	_, inline, err = s.press(ctx, k, "answer", "", in)
	return inline, true, err
}

func (k *shownCard) members(put func(id, value string) bool, parts map[string]string) bool {
	for key, value := range parts {
		if !put("m."+key, value) {
			return false
		}
	}
	return true
}

// press presses the card's button with the verb, for a ready reply the one that says it, and gives the activity's id and the card that the
// answer shows in its place, nil if none.
func (s *stage) press(ctx context.Context, k *shownCard, verb, text string, inputs map[string]any) (id string, inline *asked, err error) {
	i := slices.IndexFunc(k.actions, func(a cardAction) bool {
		return a.Verb == verb && (text == "" || strings.EqualFold(a.Data["text"], text))
	})
	if i < 0 {
		return "", nil, fmt.Errorf("the card has no button %s %s", verb, text)
	}
	data := map[string]any{}
	for id, v := range inputs {
		data[id] = v
	}
	for id, v := range k.actions[i].Data {
		data[id] = v
	}
	answer, err := s.client.Execute(ctx, k.id, verb, data)
	if err != nil {
		return "", nil, err
	}
	var body struct {
		StatusCode int             `json:"statusCode"`
		Type       string          `json:"type"`
		Value      json.RawMessage `json:"value"`
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &body) != nil || body.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("the card was answered with status %d: %s", answer.Status, shortLine(string(answer.Body)))
	}
	if strings.HasSuffix(body.Type, ".card.adaptive") {
		inline = askedByCard(k.id, body.Value)
	}
	return answer.ActivityID, inline, nil
}
