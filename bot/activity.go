package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Activity types that this package tells apart; every other type is an event.
const (
	TypeMessage      = "message"
	TypeInvoke       = "invoke"
	TypeUpdate       = "messageUpdate"
	TypeDelete       = "messageDelete"
	TypeInstallation = "installationUpdate"
	TypeConversation = "conversationUpdate"
)

// eventUndelete is what channelData.eventType says where a deleted message was brought back.
const eventUndelete = "undeleteMessage"

// InvokeCardAction is the name of the invoke that an Action.Execute button sends.
const InvokeCardAction = "adaptiveCard/action"

// Account is a person or a bot on a channel. In Teams a person's ID is "29:…" and a bot's "28:" and its app id.
type Account struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	AADObjectID string `json:"aadObjectId"`
}

// Conversation is where an activity was said. In Teams ConversationType is "personal", "groupChat" or "channel".
type Conversation struct {
	ID               string `json:"id"`
	ConversationType string `json:"conversationType"`
	TenantID         string `json:"tenantId"`
	IsGroup          bool   `json:"isGroup"`
}

// Entity is metadata about an activity; only mentions are read. Text is the mention as it stands in the activity's text.
type Entity struct {
	Type      string  `json:"type"`
	Text      string  `json:"text"`
	Mentioned Account `json:"mentioned"`
}

// Attachment came with a message. Teams adds an HTML copy of the text as an attachment of type text/html, which is no file.
type Attachment struct {
	ContentType string          `json:"contentType"`
	ContentURL  string          `json:"contentUrl"`
	Name        string          `json:"name"`
	Content     json.RawMessage `json:"content"`
}

// Activity is what a channel tells the bot (Bot Framework Activity schema, section 4). It is read from the JSON itself, because
// the SDK's type drops mentions and refuses a value that is not an object.
type Activity struct {
	Type         string
	ID           string // in Teams the epoch milliseconds of a message, "f:…" of an invoke
	Name         string // of an invoke or event
	Text         string // what the person wrote: without the mention of the bot, and without a message that they quoted
	Quoted       string // the id of that message, "" if there is none
	TextFormat   string // plain, markdown, xml
	Value        json.RawMessage
	From         Account
	Recipient    Account
	Conversation Conversation
	ChannelID    string
	ServiceURL   string
	ReplyToID    string    // in Teams the card's activity for Action.Submit and Action.Execute
	Timestamp    time.Time // UTC; zero when absent or unreadable
	Locale       string
	Action       string // "add" or "remove" of an installationUpdate
	EventType    string // Teams' own name for what happened: editMessage, softDeleteMessage, undeleteMessage, …
	Attachments  []Attachment
	Entities     []Entity
	MembersAdded []Account

	// Raw is the activity as it was received. ParseActivity reads it again.
	Raw json.RawMessage

	channelTenant string
	card          *cardValue // of Value, once for all who ask; nil if ParseActivity has read none
}

// ParseActivity reads one activity. It fails when raw is not a JSON object with a type, or when a message or invoke lacks
// what is needed to recognise and answer it: the ids of activity, sender and conversation.
func ParseActivity(raw []byte) (*Activity, error) {
	w, err := readWire(raw)
	if err != nil {
		return nil, err
	}
	a := &Activity{
		Type: w.Type, ID: w.ID, Name: w.Name, TextFormat: w.TextFormat, Value: w.Value,
		From: w.From, Recipient: w.Recipient, Conversation: w.Conversation,
		ChannelID: w.ChannelID, ServiceURL: w.ServiceURL, ReplyToID: w.ReplyToID,
		Timestamp: w.Timestamp.UTC(), Locale: w.Locale, Action: w.Action,
		Attachments: w.Attachments, Entities: w.Entities, MembersAdded: w.MembersAdded,
		Raw: raw, channelTenant: w.ChannelData.Tenant.ID, EventType: w.ChannelData.EventType,
	}
	a.Text, a.Quoted = words(w.Text, a.TextFormat, a.Recipient, a.Entities, a.Attachments)
	if len(a.Value) > 0 {
		a.card = readCardValue(a.Type, a.Value)
	}
	if a.Type == "" {
		return nil, errors.New("parse activity: no type")
	}
	if (a.Type == TypeMessage || a.Type == TypeInvoke) && (a.ID == "" || a.From.ID == "" || a.Conversation.ID == "") {
		return nil, fmt.Errorf("parse activity: %s without id, from.id or conversation.id", a.Type)
	}
	return a, nil
}

// Personal tells whether the activity comes from a chat between one person and the bot. Nothing of what is reported may be said elsewhere: in
// a group others would read it.
func (a *Activity) Personal() bool {
	return a.Conversation.ConversationType == "personal" && !a.Conversation.IsGroup
}

// Mentions tells whether the bot is addressed by name.
func (a *Activity) Mentions() bool {
	return a.Recipient.ID != "" && slices.ContainsFunc(a.Entities, func(e Entity) bool { return e.Type == "mention" && e.Mentioned.ID == a.Recipient.ID })
}

// Adds tells whether the bot has come into the chat by this activity.
func (a *Activity) Adds() bool {
	return a.Type == TypeInstallation && a.Action == "add" ||
		a.Type == TypeConversation && a.Recipient.ID != "" && slices.ContainsFunc(a.MembersAdded, func(m Account) bool { return m.ID == a.Recipient.ID })
}

// Tenant is the Entra tenant that the activity comes from, "" when it names none. ok is false when it names two.
func (a *Activity) Tenant() (id string, ok bool) {
	inner, outer := a.Conversation.TenantID, a.channelTenant
	switch {
	case inner == "":
		return outer, true
	case outer == "":
		return inner, true
	}
	return inner, strings.EqualFold(inner, outer)
}

// Reference is where an answer to a goes.
func (a *Activity) Reference() Reference {
	tenant, _ := a.Tenant()
	return Reference{
		ServiceURL: a.ServiceURL, ChannelID: a.ChannelID, TenantID: tenant, ConversationID: a.Conversation.ID,
		BotID: a.Recipient.ID, BotName: a.Recipient.Name, UserID: a.From.ID, UserName: a.From.Name, Locale: a.Locale,
	}
}

// reference is a's Reference as it is kept.
func (a *Activity) reference() (string, error) {
	ref, err := json.Marshal(a.Reference())
	if err != nil {
		return "", fmt.Errorf("keep conversation reference: %w", err)
	}
	return string(ref), nil
}

// Reference is a conversation reference: enough to write to a person again later. ServiceURL may change from one activity
// to the next, so keep the newest.
type Reference struct {
	ServiceURL     string `json:"service_url"`
	ChannelID      string `json:"channel_id"`
	TenantID       string `json:"tenant_id"`
	ConversationID string `json:"conversation_id"`
	BotID          string `json:"bot_id"`
	BotName        string `json:"bot_name,omitempty"`
	UserID         string `json:"user_id"`
	UserName       string `json:"user_name,omitempty"`
	Locale         string `json:"locale,omitempty"`
}

// maxMentions bounds the searches through the text.
const maxMentions = 20

// withoutMention removes each mention of the bot. Teams writes "<at>Name</at>" where the person typed @Name, often with a
// no-break space, or its HTML entity, after it.
func withoutMention(text string, bot Account, entities []Entity) string {
	found := 0
	for _, e := range entities {
		if e.Type != "mention" || e.Text == "" || bot.ID == "" || e.Mentioned.ID != bot.ID {
			continue
		}
		if found++; found > maxMentions {
			break
		}
		if at := strings.Index(text, e.Text); at >= 0 {
			text = cut(text, at, at+len(e.Text))
		}
	}
	if tag := "<at>" + bot.Name + "</at>"; found == 0 && bot.Name != "" && strings.HasPrefix(text, tag) {
		text = cut(text, 0, len(tag))
	}
	return text
}

// cut removes text[from:to] and, where that leaves white space at an end of the text, the white space too.
func cut(text string, from, to int) string {
	before, after := text[:from], text[to:]
	if strings.TrimSpace(before) == "" {
		for {
			trimmed := strings.TrimPrefix(strings.TrimLeftFunc(after, unicode.IsSpace), "&nbsp;")
			if trimmed == after {
				return after
			}
			after = trimmed
		}
	}
	if strings.TrimSpace(after) == "" {
		return strings.TrimRightFunc(before, unicode.IsSpace)
	}
	return before + after
}
