package conversation

import (
	"strconv"
	"strings"

	"frist/conversation/reading"
)

func itoa(n int) string { return strconv.Itoa(n) }

// reporterCommand takes a message that is a command as a whole; false if it is none.
func (t *turn) reporterCommand(text string) bool {
	c := t.Conversation
	fd, _ := t.bound()
	if fd != nil && t.optionText(fd, text) {
		return false
	}
	if t.stepsDone(text) {
		return true
	}
	if languageOf(text) != "" {
		t.say(TextLanguage)
		return true
	}
	if yesWords[bare(text)] && c.Delivered == "" && t.atCheck() {
		t.finish()
		return true
	}
	if fd != nil && useWords[bare(text)] && t.takeProposal(fd) {
		return true
	}
	cmd, ok := reading.ReadCommand(text)
	if !ok {
		return false
	}
	switch cmd.Name {
	case reading.Back:
		t.back()
	case reading.Skip, reading.DontKnowAnswer:
		if fd == nil {
			t.say(TextAlreadyDone)
		} else if a, ok := t.Incident.Answers[fd.Key]; ok && !a.Value.Blank && cmd.Name == reading.Skip {
			c.Changing = "" // put again by "tillbaka": the answer that there was is kept
			t.say(TextKept, "field", fd.Key)
		} else if cmd.Name == reading.Skip {
			t.blank(fd, false)
		} else {
			t.dontKnow(fd)
		}
	case reading.Help:
		t.say(TextHelp)
	case reading.Show:
		t.show(MessageShow)
	case reading.Change:
		if len(changeLine.FindAllString(text, 2)) > 1 {
			return false // several "ändra N:" lines are answers by number
		}
		t.change(cmd)
	case reading.Cancel:
		c.Ended = true
		t.event("ended", "", "")
		t.say(TextCancelled)
		t.review(Line{Key: TextReviewFinished})
		t.reply(MessageNotice)
	case reading.Pause:
		c.Paused = true
		t.say(TextPaused)
		t.choices = []Choice{{ButtonResume, "fortsätt"}}
		t.reply(MessageNotice)
	case reading.Resume:
		if c.Ended = false; t.Incident.ReviewSent == 0 {
			c.Finished = false
		}
		t.say(TextResumed)
	case reading.Done:
		t.finish()
	case reading.Approve, reading.NotNotifiable:
		t.refuse("not_decider", TextNotDecider, "name", t.unit().decider())
	case reading.Accept:
		if cmd.Text != "" {
			fd = t.Form.Lookup(cmd.Text)
		}
		return fd != nil && t.takeProposal(fd)
	case reading.Mask, reading.Keep, reading.Take, reading.Cannot, reading.Decline:
		t.say(TextNotUnderstood) // a word of the program, but not here: it is no answer
	default:
		return false
	}
	return true
}

// atCheck reports whether the sender has been asked to check the answers.
func (t *turn) atCheck() bool {
	c := t.Conversation
	return !c.Finished && !c.Ended && c.Changing == "" && t.Incident.Next(t.Form, c.Role, t.Now) == nil
}

// back puts the question before the open one again.
func (t *turn) back() {
	c := t.Conversation
	at := c.Changing
	if at == "" {
		if fd := t.Incident.Next(t.Form, c.Role, t.Now); fd != nil {
			at = fd.Key
		}
	}
	var prev *Field
	for _, key := range t.Form.Order[c.Role] {
		if key == at {
			break
		}
		if _, ok := t.Incident.Answers[key]; ok && t.Incident.Applies(t.Form, t.Form.Field(key), t.Now) {
			prev = t.Form.Field(key)
		}
	}
	if prev == nil {
		t.say(TextBackNone)
		return
	}
	c.Changing = prev.Key
}

// change takes "ändra 16: …", or asks for the new answer.
func (t *turn) change(cmd reading.Command) {
	fd := t.Form.Lookup(cmd.Field)
	switch {
	case fd == nil:
		t.say(TextFieldUnknown, "field", cmd.Field)
	case strings.TrimSpace(cmd.Text) != "":
		t.answerText(fd, cmd.Text)
	case t.mayAnswer(fd):
		t.Conversation.Changing = fd.Key
	}
}

// finish ends the questions at the reporter's word and sends what there is for review.
func (t *turn) finish() {
	c := t.Conversation
	if c.Finished {
		t.say(TextAlreadyDone)
		t.reply(MessageNotice)
		return
	}
	c.Finished, c.Ended, c.Changing = true, false, ""
	t.event("finished", "", "")
	name := ""
	if s := t.staff(); len(s) > 0 {
		name = t.name(s[0].ID)
	}
	t.say(TextFinished, "name", name)
	t.reply(MessageNotice)
	t.review(Line{Key: TextReviewFinished})
}

// takeProposal accepts what was proposed at a question; false if nothing is proposed there.
func (t *turn) takeProposal(fd *Field) bool {
	v := t.proposed(fd)
	if v == nil {
		return false
	}
	t.took(fd, *v, false, reading.Problem{})
	return true
}
