package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// question is what a card asks.
type question struct {
	card, token string
	field       string // "" if it asks for a ready reply alone
	text        string // of a notification of it
	ready       string // the reply that stands ready and goes on: "klar", "ja", "behåll", thisOne
	inputs      []input
}

// thisOne says that a text is meant for the newest question, not for the one before it.
const thisOne = "denna"

type input struct {
	ID            string
	IsMultiSelect bool
	Choices       []struct{ Title, Value string }
}

// shapes remembers the inputs of each question's card: they are the same for everybody, and to read them anew each time would measure this
// program instead of the other.
type shapes struct {
	mu sync.Mutex
	of map[string][]input
}

var incidentNumber = regexp.MustCompile(`PUI-\d{4}-\d{4,}`)

// ready are the replies that stand ready, the most telling first.
var ready = []string{"klar", "behåll", thisOne, "ja"}

// read finds in a message what it asks, in one pass over its strings: the first of each member counts.
func (s *shapes) read(body []byte) said {
	q, stands := &question{}, len(ready)
	for rest := body; ; {
		var name []byte
		if name, rest = nextString(rest); name == nil {
			break
		}
		if !bytes.HasPrefix(rest, []byte(`:"`)) {
			continue
		}
		var value []byte
		value, rest = nextString(rest)
		switch string(name) {
		case "token":
			keepFirst(&q.token, value)
		case "field":
			keepFirst(&q.field, value)
		case "fallbackText":
			keepFirst(&q.text, value)
		case "text":
			for i := range stands {
				if string(value) == ready[i] {
					q.ready, stands = ready[i], i
					break
				}
			}
		}
	}
	m := said{text: q.text}
	if bytes.Contains(body, []byte(`PUI-`)) {
		m.number = string(incidentNumber.Find(body))
	}
	switch {
	case q.token == "" || q.field == "" && q.ready == "":
		return m
	case q.field != "":
		q.inputs, m.err = s.inputs(q.field, body)
	}
	m.asks = q
	return m
}

// nextString gives the JSON string that comes next, as it stands there, nil at the end, and what follows it.
func nextString(b []byte) (s, rest []byte) {
	from := bytes.IndexByte(b, '"') + 1
	if from == 0 {
		return nil, nil
	}
	for to := from; ; to++ {
		n := bytes.IndexByte(b[to:], '"')
		if n < 0 {
			return nil, nil
		}
		to += n
		escaped := false
		for i := to - 1; i >= from && b[i] == '\\'; i-- {
			escaped = !escaped
		}
		if !escaped {
			return b[from:to:to], b[to+1:]
		}
	}
}

func keepFirst(s *string, value []byte) {
	if *s == "" {
		*s = string(value)
	}
}

func (s *shapes) inputs(field string, body []byte) ([]input, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in, ok := s.of[field]; ok {
		return in, nil
	}
	var a struct {
		Attachments []struct{ Content json.RawMessage }
		Body        json.RawMessage // of a card that answers an invoke
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("read card: %w", err)
	}
	var found []input
	var walk func(json.RawMessage) error
	walk = func(raw json.RawMessage) error {
		var e struct {
			Type string
			input
			Items, Body []json.RawMessage
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("read card: %w", err)
		}
		if strings.HasPrefix(e.Type, "Input.") {
			found = append(found, e.input)
		}
		for _, item := range slices.Concat(e.Items, e.Body) {
			if err := walk(item); err != nil {
				return err
			}
		}
		return nil
	}
	for _, at := range a.Attachments {
		if err := walk(at.Content); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the card of question %s has no inputs", field)
	}
	s.of[field] = found
	return found, nil
}
