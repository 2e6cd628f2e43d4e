package bot

import (
	"context"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"frist/conversation"
	"frist/templates"
)

// Event takes what is neither a message in a personal chat nor an invoke: an edited or deleted message, an installation or its end. A chat of
// several is told that the bot works in a personal one. All else needs nothing: reactions, typing, members, a message that was brought back.
func (c *Channel) Event(ctx context.Context, a *Activity) error {
	if !a.Personal() {
		c.group(ctx, a)
		return nil
	}
	if a.From.ID == "" || a.Conversation.ID == "" {
		return nil
	}
	switch a.Type {
	case TypeInstallation:
		// An upgrade of the app says "remove-upgrade" and then "add-upgrade", with the person there all the while.
		if !strings.HasPrefix(a.Action, "add") && a.Action != "remove" {
			return nil
		}
	case TypeUpdate:
		if a.ID == "" || a.EventType == eventUndelete {
			return nil
		}
	case TypeDelete:
		if a.ID == "" {
			return nil
		}
	default:
		return nil
	}
	return c.Message(ctx, a)
}

// inboundID is what makes an activity the same when it is delivered again. An edit and a deletion bear the id of the message that they are
// about; an edit is told from the next by all that stands in it.
func inboundID(a *Activity) conversation.InboundID {
	tenant, _ := a.Tenant()
	parts := []string{"teams", tenant, a.Conversation.ID, a.ID}
	switch {
	case a.Type == TypeUpdate:
		parts = append(parts, a.Type, string(a.Raw))
	case a.Type == TypeDelete:
		parts = append(parts, a.Type)
	case a.ID == "": // an installation may have none
		parts = append(parts, a.Type, string(a.Raw))
	}
	return conversation.NewInboundID(parts...)
}

// edits is the message that an edit or a deletion is about, "" for other activities.
func edits(a *Activity) conversation.InboundID {
	if a.Type != TypeUpdate && a.Type != TypeDelete {
		return ""
	}
	tenant, _ := a.Tenant()
	return conversation.NewInboundID("teams", tenant, a.Conversation.ID, a.ID)
}

const (
	// groupFor is how often one chat of several is told where the bot works.
	groupFor = time.Hour
	// groupsMax chats are remembered; beyond that all are forgotten.
	groupsMax = 10_000
	// groupTimeout bounds the telling, which is not tried again.
	groupTimeout = 30 * time.Second
)

// group says, in a chat that others read, that the bot works in a personal chat: where it was mentioned or added, seldom, and nothing else.
// Nothing of the activity is kept.
func (c *Channel) group(ctx context.Context, a *Activity) {
	if !(a.Type == TypeMessage && a.Mentions()) && !a.Adds() {
		return
	}
	tenant, _ := a.Tenant()
	chat, _, _ := strings.Cut(a.Conversation.ID, ";") // a thread of a channel
	if a.Conversation.ID == "" || !c.tellGroup(tenant+"/"+chat) {
		return
	}
	answer := TextMessage(c.Words.TeamsGroup(language(a.Locale), personalChat(a.Recipient.ID)), "markdown")
	ctx = context.WithoutCancel(ctx)
	c.turns.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, groupTimeout)
		defer cancel()
		if err := c.say(ctx, a, answer); err != nil {
			c.Log.Warn("a group chat could not be told that the program works in personal chats", "error", err)
		}
	})
}

// say answers where the activity was said, to nobody in particular.
func (c *Channel) say(ctx context.Context, a *Activity, answer schema.Activity) error {
	ref := a.Reference()
	ref.UserID, ref.UserName = "", ""
	_, err := c.Connector.Send(ctx, ref, answer)
	return err
}

// tellGroup reports whether the chat is to be told now, and notes that it is.
func (c *Channel) tellGroup(chat string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if at, ok := c.told[chat]; ok && now.Sub(at) < groupFor {
		return false
	}
	if c.told == nil || len(c.told) >= groupsMax {
		c.told = map[string]time.Time{}
	}
	c.told[chat] = now
	return true
}

// personalChat is the address that opens the personal chat with the bot
// (https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams), "" if the id is not a bot's.
func personalChat(botID string) string {
	app, ok := strings.CutPrefix(botID, "28:")
	if !ok || app == "" || strings.Trim(app, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return ""
	}
	return templates.TeamsChatURL + "28:" + app
}

// language is the client's, "" where it does not say.
func language(locale string) conversation.Lang {
	switch {
	case strings.HasPrefix(strings.ToLower(locale), "en"):
		return conversation.English
	case locale != "":
		return conversation.Swedish
	}
	return ""
}
