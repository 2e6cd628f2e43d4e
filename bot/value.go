package bot

import (
	"encoding/json"
	"strconv"
)

// cardValue is what a card says by an activity's value: of an Action.Submit the value has the inputs, of an Action.Execute the action's data.
type cardValue struct {
	// usable: there is an action whose data can be read.
	usable bool
	// fields are the inputs and what stands with the button, with the action's verb; nil if the value is no card's.
	fields map[string]string
}

// cardValue gives what was read with the activity.
func (a *Activity) cardValue() *cardValue {
	if a.card != nil {
		return a.card
	}
	return readCardValue(a.Type, a.Value)
}

func readCardValue(kind string, value json.RawMessage) *cardValue {
	c := &cardValue{}
	if len(value) == 0 {
		return c
	}
	data, verb := map[string]any{}, ""
	if kind == TypeInvoke {
		var v struct {
			Action *struct {
				Verb string         `json:"verb"`
				Data map[string]any `json:"data"`
			} `json:"action"`
		}
		if json.Unmarshal(value, &v) != nil {
			c.usable = usable(value)
			return c
		}
		if c.usable = v.Action != nil; c.usable {
			data, verb = v.Action.Data, v.Action.Verb
		}
	} else if json.Unmarshal(value, &data) != nil {
		return c
	}
	if len(data) == 0 && kind == TypeMessage {
		return c // no card has such a value: what was typed beside it counts
	}
	c.fields = make(map[string]string, len(data)+1)
	for k, x := range data {
		switch x := x.(type) {
		case string:
			c.fields[k] = x
		case float64:
			c.fields[k] = strconv.FormatFloat(x, 'f', -1, 64)
		case bool:
			c.fields[k] = strconv.FormatBool(x)
		}
	}
	if verb != "" {
		c.fields["verb"] = verb
	}
	return c
}

// usable tells whether an invoke's value that has not the shape it ought to have has an action whose data can be read.
func usable(value json.RawMessage) bool {
	var v struct {
		Action *struct {
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	if json.Unmarshal(value, &v) != nil || v.Action == nil {
		return false
	}
	var data map[string]json.RawMessage
	return len(v.Action.Data) == 0 || json.Unmarshal(v.Action.Data, &data) == nil
}
