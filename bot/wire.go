package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// wireActivity is an activity whose members all have the shape that they ought to have: to read it so takes a third of what it takes to read each
// member by itself.
type wireActivity struct {
	Type         string          `json:"type"`
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Text         string          `json:"text"`
	TextFormat   string          `json:"textFormat"`
	Value        json.RawMessage `json:"value"`
	From         Account         `json:"from"`
	Recipient    Account         `json:"recipient"`
	Conversation Conversation    `json:"conversation"`
	ChannelID    string          `json:"channelId"`
	ServiceURL   string          `json:"serviceUrl"`
	ReplyToID    string          `json:"replyToId"`
	Timestamp    time.Time       `json:"timestamp"`
	Locale       string          `json:"locale"`
	Action       string          `json:"action"`
	Attachments  []Attachment    `json:"attachments"`
	Entities     []Entity        `json:"entities"`
	MembersAdded []Account       `json:"membersAdded"`
	ChannelData  channelData     `json:"channelData"`
}

type channelData struct {
	EventType string `json:"eventType"`
	Tenant    struct {
		ID string `json:"id"`
	} `json:"tenant"`
}

// oddActivity is an activity of which any member but the type may have another shape.
type oddActivity struct {
	Type         string                `json:"type"`
	ID           lenient[string]       `json:"id"`
	Name         lenient[string]       `json:"name"`
	Text         lenient[string]       `json:"text"`
	TextFormat   lenient[string]       `json:"textFormat"`
	Value        json.RawMessage       `json:"value"`
	From         lenient[Account]      `json:"from"`
	Recipient    lenient[Account]      `json:"recipient"`
	Conversation lenient[Conversation] `json:"conversation"`
	ChannelID    lenient[string]       `json:"channelId"`
	ServiceURL   lenient[string]       `json:"serviceUrl"`
	ReplyToID    lenient[string]       `json:"replyToId"`
	Timestamp    lenient[time.Time]    `json:"timestamp"`
	Locale       lenient[string]       `json:"locale"`
	Action       lenient[string]       `json:"action"`
	Attachments  lenient[[]Attachment] `json:"attachments"`
	Entities     lenient[[]Entity]     `json:"entities"`
	MembersAdded lenient[[]Account]    `json:"membersAdded"`
	ChannelData  lenient[channelData]  `json:"channelData"`
}

// lenient keeps the zero value when the JSON has another shape, so that one odd member does not lose a message.
type lenient[T any] struct{ v T }

func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.v = v
	}
	return nil
}

func (o *oddActivity) plain() wireActivity {
	return wireActivity{Type: o.Type, ID: o.ID.v, Name: o.Name.v, Text: o.Text.v, TextFormat: o.TextFormat.v, Value: o.Value, From: o.From.v, Recipient: o.Recipient.v,
		Conversation: o.Conversation.v, ChannelID: o.ChannelID.v, ServiceURL: o.ServiceURL.v, ReplyToID: o.ReplyToID.v, Timestamp: o.Timestamp.v, Locale: o.Locale.v,
		Action: o.Action.v, Attachments: o.Attachments.v, Entities: o.Entities.v, MembersAdded: o.MembersAdded.v, ChannelData: o.ChannelData.v}
}

// readWire reads the members of an activity. Of one that stands twice the last counts, and nothing is left of the first.
func readWire(raw []byte) (w wireActivity, err error) {
	if !repeats(raw) && json.Unmarshal(raw, &w) == nil {
		return w, nil
	}
	var odd oddActivity
	if err := json.Unmarshal(raw, &odd); err != nil {
		return w, fmt.Errorf("parse activity: %w", err)
	}
	return odd.plain(), nil
}

// namesMax is more members than Teams' activities have.
const namesMax = 40

// repeats reports whether a member of a JSON object may stand twice in it, in whatever case: encoding/json would join the two. What is no JSON is
// read to its end too.
func repeats(raw []byte) bool {
	var names [namesMax][]byte
	n, depth := 0, 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			from := i + 1
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth != 1 || i >= len(raw) || !bytes.HasPrefix(bytes.TrimLeft(raw[i+1:], " \t\r\n"), []byte(":")) {
				continue
			}
			name := raw[from:i]
			if n == namesMax || bytes.ContainsFunc(name, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) {
				return true
			}
			for _, other := range names[:n] {
				if bytes.EqualFold(other, name) {
					return true
				}
			}
			names[n] = name
			n++
		}
	}
	return false
}
