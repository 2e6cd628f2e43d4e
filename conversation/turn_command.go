package conversation

import (
	"slices"
	"strconv"
	"strings"

	"frist/conversation/reading"
)

func itoa(n int) string { return strconv.Itoa(n) }

// reporterCommand takes a message that is a command as a whole; false if it is none.
func (t *turn) reporterCommand(text string) bool {
	fd, _ := t.bound()
	if fd != nil && t.optionText(fd, text) {
		return false
	}
	if t.plainWords(fd, text) {
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
		t.pass(fd, cmd.Name == reading.DontKnowAnswer)
	case reading.Help:
		t.say(TextHelp)
	case reading.Show:
		t.show(MessageShow)
	case reading.Change:
		if len(changeLine.FindAllString(text, 2)) > 1 {
			return false // several "ändra N:" lines are answers by number
		}
		t.change(cmd)
	case reading.Cancel, reading.Pause, reading.Resume, reading.Done:
		t.course(cmd.Name)
	case reading.Approve, reading.NotNotifiable:
		t.refuse("not_decider", TextNotDecider, "name", t.unit().decider())
	case reading.Accept:
		if cmd.Text != "" {
			fd = t.Form.Lookup(cmd.Text)
		}
		return fd != nil && t.takeProposal(fd)
	case reading.Mask, reading.Keep, reading.Take, reading.Cannot, reading.Decline, reading.Mail:
		t.say(TextNotUnderstood) // a word of the program, but not here: it is no answer
	default:
		return false
	}
	return true
}

// plainWords takes what is said in everyday words: a step done, a language, yes to the check of the answers, "use that".
func (t *turn) plainWords(fd *Field, text string) bool {
	switch {
	case t.stepsDone(text):
	case languageOf(text) != "":
		t.say(TextLanguage)
	case yesWords[bare(text)] && t.Conversation.Delivered == "" && t.atCheck():
		t.finish()
	default:
		return fd != nil && (useWords[bare(text)] || yesWords[bare(text)] && t.asksOfFile(fd)) && t.takeProposal(fd)
	}
	return true
}

// pass passes a question over, or notes that nobody knows. One that was put again by "tillbaka" keeps the answer that there was.
func (t *turn) pass(fd *Field, unknown bool) {
	switch {
	case fd == nil:
		t.say(TextAlreadyDone)
	case unknown:
		t.dontKnow(fd)
	default:
		if a, ok := t.Incident.Answers[fd.Key]; ok && !a.Value.Blank {
			t.Conversation.Changing = ""
			t.say(TextKept, "field", fd.Key)
			t.answered(fd, a.Value)
			return
		}
		t.blank(fd, false)
	}
}

// course ends the questions, pauses them, or takes them up again.
func (t *turn) course(name reading.CommandName) {
	c := t.Conversation
	switch name {
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
	}
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
	if t.pressedCard != "" && t.Thread.Field != "" {
		at = t.Thread.Field // of an older card it is the question before that one
	}
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
	t.putAgain(prev)
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
		t.putAgain(fd)
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
	t.replaceCards("", t.cardSays(Line{Key: TextCheckDone}))
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
	if fd.Kind == KindGroup && t.Conversation.Role == RoleReporter {
		t.more = t.pressedCard != "" // a card goes on asking for entries until "done"
		v = &Value{Entries: slices.Concat(t.entries(fd), v.Entries)}
	}
	t.took(fd, *v, false, reading.Problem{})
	return true
}
