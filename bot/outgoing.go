package bot

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// CardContentType is the attachment type of an Adaptive Card.
const CardContentType = "application/vnd.microsoft.card.adaptive"

// TextMessage is a message in Teams' Markdown, or with format "plain" or "xml" in that.
func TextMessage(text, format string) schema.Activity {
	return schema.Activity{Type: schema.Message, Text: text, TextFormat: schema.TextFormatTypes(format)}
}

// CardMessage is a message that is an Adaptive Card; summary is what a notification shows of it. The card's JSON is sent as it stands.
func CardMessage(card json.RawMessage, summary string) schema.Activity {
	return schema.Activity{Type: schema.Message, Summary: summary, Attachments: []schema.Attachment{{ContentType: CardContentType, Content: card}}}
}

// addressed fills in from whom, to whom and where.
func addressed(a schema.Activity, ref Reference) schema.Activity {
	if a.Type == "" {
		a.Type = schema.Message
	}
	if a.ChannelID == "" {
		a.ChannelID = ref.ChannelID
	}
	if a.Locale == "" {
		a.Locale = ref.Locale
	}
	a.ServiceURL = ref.ServiceURL
	a.From = schema.ChannelAccount{ID: ref.BotID, Name: ref.BotName}
	a.Recipient = schema.ChannelAccount{ID: ref.UserID, Name: ref.UserName}
	a.Conversation = schema.ConversationAccount{ID: ref.ConversationID, TenantID: ref.TenantID, ConversationType: a.Conversation.ConversationType}
	return a
}

// referenceOf reads back what the SDK has put into an outgoing activity.
func referenceOf(a schema.Activity) Reference {
	return Reference{
		ServiceURL: a.ServiceURL, ChannelID: a.ChannelID, TenantID: a.Conversation.TenantID, ConversationID: a.Conversation.ID,
		BotID: a.From.ID, BotName: a.From.Name, UserID: a.Recipient.ID, UserName: a.Recipient.Name, Locale: a.Locale,
	}
}

// sent is an activity without the members that the SDK's type cannot omit: a zero time sent as "expiration" would be one.
type sent struct {
	schema.Activity
	Timestamp        time.Time                    `json:"timestamp,omitzero"`
	LocalTimestamp   time.Time                    `json:"localTimestamp,omitzero"`
	Expiration       time.Time                    `json:"expiration,omitzero"`
	From             schema.ChannelAccount        `json:"from,omitzero"`
	Recipient        schema.ChannelAccount        `json:"recipient,omitzero"`
	Conversation     schema.ConversationAccount   `json:"conversation,omitzero"`
	SuggestedActions schema.SuggestedActions      `json:"suggestedActions,omitzero"`
	SemanticAction   schema.SemanticAction        `json:"semanticAction,omitzero"`
	RelatesTo        schema.ConversationReference `json:"relatesTo,omitzero"`
}

// wire writes an activity. A card is set in as it was written: encoding/json would read all of it once more, and make its size on the way
// another than the one that was measured, for it writes six bytes for a "<".
func wire(a schema.Activity) ([]byte, error) {
	card, ok := onlyCard(a)
	if !ok {
		return encode(a)
	}
	a.Attachments = nil
	head, err := encode(a)
	if err != nil {
		return nil, err
	}
	const before, after = `,"attachments":[{"contentType":"` + CardContentType + `","content":`, `}]}`
	raw := make([]byte, 0, len(head)+len(before)+len(card)+len(after))
	raw = append(raw, head[:len(head)-1]...) // never {}: an activity has a type
	return append(append(append(raw, before...), card...), after...), nil
}

// onlyCard is the card of a message that CardMessage made.
func onlyCard(a schema.Activity) (card json.RawMessage, ok bool) {
	if len(a.Attachments) != 1 {
		return nil, false
	}
	at := a.Attachments[0]
	card, ok = at.Content.(json.RawMessage)
	return card, ok && at.ContentType == CardContentType && at.Name == "" && at.ContentURL == "" && at.ThumbnailURL == ""
}

func encode(a schema.Activity) ([]byte, error) {
	raw, err := json.Marshal(sent{Activity: a, Timestamp: a.Timestamp, LocalTimestamp: a.LocalTimestamp, Expiration: a.Expiration, From: a.From,
		Recipient: a.Recipient, Conversation: a.Conversation, SuggestedActions: a.SuggestedActions, SemanticAction: a.SemanticAction, RelatesTo: a.RelatesTo})
	if err != nil {
		return nil, fmt.Errorf("write activity: %w", err)
	}
	return raw, nil
}
