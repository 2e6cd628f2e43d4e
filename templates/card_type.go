package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

// The elements of Adaptive Cards 1.5 that our cards use, and no other.
type (
	// A card has no "lang": the web renderer (adaptivecards 3.0.6) refuses every other one, for it keeps a regular
	// expression's position.
	card struct {
		Schema   string    `json:"$schema"`
		Type     string    `json:"type"`
		Version  string    `json:"version"`
		Fallback string    `json:"fallbackText"`
		Body     []element `json:"body"`
	}
	element struct {
		Type          string       `json:"type"`
		ID            string       `json:"id,omitempty"`
		Text          string       `json:"text,omitempty"`
		Inlines       []textRun    `json:"inlines,omitempty"`
		Items         []element    `json:"items,omitempty"`
		Wrap          bool         `json:"wrap,omitempty"`
		Size          string       `json:"size,omitempty"`
		Weight        string       `json:"weight,omitempty"`
		Style         string       `json:"style,omitempty"`
		IsSubtle      bool         `json:"isSubtle,omitempty"`
		Spacing       string       `json:"spacing,omitempty"`
		Separator     bool         `json:"separator,omitempty"`
		Label         string       `json:"label,omitempty"`
		Placeholder   string       `json:"placeholder,omitempty"`
		IsMultiline   bool         `json:"isMultiline,omitempty"`
		IsMultiSelect bool         `json:"isMultiSelect,omitempty"`
		Choices       []cardChoice `json:"choices,omitempty"`
		Min           *int         `json:"min,omitempty"`
		IsRequired    bool         `json:"isRequired,omitempty"`
		ErrorMessage  string       `json:"errorMessage,omitempty"`
		IsVisible     *bool        `json:"isVisible,omitempty"`
		Columns       []element    `json:"columns,omitempty"`
		Width         string       `json:"width,omitempty"`
		VerticalAlign string       `json:"verticalContentAlignment,omitempty"`
		Actions       []action     `json:"actions,omitempty"`
		Facts         []cardFact   `json:"facts,omitempty"`
		Value         any          `json:"value,omitempty"`
	}
	cardFact struct {
		Title string `json:"title"`
		Value string `json:"value"`
	}
	textRun struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Weight   string `json:"weight,omitempty"`
		IsSubtle bool   `json:"isSubtle,omitempty"`
	}
	cardChoice struct {
		Title string `json:"title"`
		Value string `json:"value"`
	}
	// An action's Fallback stands in where a client does not know Action.Execute (before 1.4).
	action struct {
		Type       string            `json:"type"`
		Title      string            `json:"title"`
		Tooltip    string            `json:"tooltip,omitempty"`
		Verb       string            `json:"verb,omitempty"`
		Data       map[string]string `json:"data,omitempty"`
		Associated string            `json:"associatedInputs,omitempty"`
		Targets    []string          `json:"targetElements,omitempty"`
		Style      string            `json:"style,omitempty"`
		Fallback   *action           `json:"fallback,omitempty"`
	}
)

// execute makes an action whose data goes to the program. inputs says whether it takes the card's inputs with it.
func execute(title, verb string, data map[string]string, inputs bool) action {
	a := action{Type: "Action.Execute", Title: title, Verb: verb, Data: data}
	if !inputs {
		a.Associated = "none"
	}
	return a
}

// withFallbacks gives each Action.Execute an Action.Submit with the same data, and the verb in it, for clients that do not know it. It comes
// back as a message; the card is then replaced by an update.
func withFallbacks(acts []action) []action {
	for i, a := range acts {
		if a.Type != "Action.Execute" {
			continue
		}
		f := a
		f.Type, f.Verb, f.Tooltip, f.Fallback, f.Data = "Action.Submit", "", "", nil, maps.Clone(a.Data)
		f.Data["verb"] = a.Verb
		acts[i].Fallback = &f
	}
	return acts
}

// withAllFallbacks does so wherever an element holds actions.
func withAllFallbacks(list []element) {
	for _, e := range list {
		withFallbacks(e.Actions)
		withAllFallbacks(e.Items)
		withAllFallbacks(e.Columns)
	}
}

func encodeCard(cd card) ([]byte, error) {
	withAllFallbacks(cd.Body)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(cd); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
