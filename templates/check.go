package templates

import "frist/conversation"

// CheckMail is the trial mail of `frist check -live`, which its reader is to answer. code stands in the subject.
func (c *Catalogue) CheckMail(lang conversation.Lang, code string) (subject, text string) {
	p := c.phraser(lang, nil)
	return p.say("check_subject", "code", code), p.say("check_text")
}
