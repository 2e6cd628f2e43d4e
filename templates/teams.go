package templates

import "frist/conversation"

// TeamsChatURL opens a personal chat in Teams with whoever's id follows.
const TeamsChatURL = "https://teams.microsoft.com/l/chat/0/0?users="

// TeamsGroup is what a chat of several is told, in Teams' Markdown; link opens the personal chat with the bot, "" if it is not known.
func (c *Catalogue) TeamsGroup(lang conversation.Lang, link string) string {
	return c.phraser(lang, nil).say("teams_group", "link", link)
}

// TeamsUnread is what a person reads when the data of a button could not be read.
func (c *Catalogue) TeamsUnread(lang conversation.Lang) string {
	return c.phraser(lang, nil).say("teams_button_unread")
}

// TeamsDelayed is what a person reads when a card's answer is kept but could not be taken in yet.
func (c *Catalogue) TeamsDelayed(lang conversation.Lang) string {
	return c.phraser(lang, nil).say("teams_button_failed")
}
