package conversation

// ask puts the next question to the sender, or the check of the answers, with what there is to say before it.
func (t *turn) ask() {
	c, in := t.Conversation, t.Incident
	if c.Pending != nil && t.choices == nil {
		t.confirm()
	}
	if done := c.Finished || c.Ended || in.Filing != nil; done && c.Changing == "" && t.asked == nil {
		if len(t.lines) == 0 {
			t.say(TextAlreadyDone)
		}
		t.reply(MessageNotice)
		return
	}
	fd := t.asked
	if fd == nil && c.Changing != "" {
		fd = t.Form.Field(c.Changing)
	}
	if fd == nil {
		fd = in.Next(t.Form, c.Role, t.Now)
	}
	if fd == nil {
		t.show(MessageCheck)
		return
	}
	out := t.message(t.Sender, MessageQuestion)
	out.Lines = t.lines
	if fd.Purpose == PurposeWhat && in.FirstMessage != "" {
		out.Lines = append(out.Lines, Line{Key: TextFirstMessageUse})
	}
	out.Lines = append(out.Lines, t.fileLine(fd)...)
	out.Question = t.prompt(fd)
	out.Question.Again = c.Misses >= 2 && t.missed
	if out.Question.Again && len(out.Lines) == 0 { // else it has been said what was wrong
		out.Lines = append(out.Lines, Line{Key: TextNotUnderstood})
	}
	if c.Pending == nil {
		out.Next = t.next(fd)
	}
	out.Choices = t.questionChoices(fd)
	t.deliver(out)
}

// prompt is a question with its answer so far and what is proposed.
func (t *turn) prompt(fd *Field) *Prompt {
	p := &Prompt{Field: fd.Key, Options: t.promptOptions(fd), Proposed: t.proposed(fd), Seen: t.stamp(fd)}
	if v := t.standing(fd); v != nil && !v.Blank {
		p.Current = v
	}
	return p
}

func (t *turn) promptOptions(fd *Field) []Option {
	if fd.Key == FieldUnit {
		return t.options(fd)
	}
	return nil
}

// next lists the questions that may be answered in the same reply.
func (t *turn) next(after *Field) []Prompt {
	var out []Prompt
	for _, fd := range t.Incident.open(t.Form, RoleReporter, t.Now) {
		if fd == after || len(out) == nextListed {
			continue
		}
		if out == nil {
			out = make([]Prompt, 0, nextListed)
		}
		out = append(out, Prompt{Field: fd.Key, Options: t.promptOptions(fd)})
	}
	return out
}

// questionChoices are the replies that stand ready at a question.
func (t *turn) questionChoices(fd *Field) []Choice {
	if t.Conversation.Pending != nil {
		return t.choices
	}
	var out []Choice
	switch p := t.proposed(fd); {
	case p != nil && fd.Purpose == PurposeWhat:
		out = append(out, Choice{ButtonUseFirst, "ta med"})
	case p != nil && fd.Purpose == PurposeMeasures:
		out = append(out, Choice{ButtonUseFile, "ta med"})
	}
	if f, _ := t.fromFile(fd); f != nil {
		out = append(out, Choice{ButtonUseFile, "ta med"})
	}
	if fd.UnknownOption() == nil {
		out = append(out, Choice{ButtonDontKnow, "vet inte"})
	}
	return append(out, Choice{ButtonSkip, "hoppa över"}, Choice{ButtonBack, "tillbaka"}, Choice{ButtonHelp, "hjälp"})
}

// show sends the sender what there is; as a check it asks for KLAR.
func (t *turn) show(kind MessageKind) {
	out := t.message(t.Sender, kind)
	out.Document = t.document(t.Conversation.Role == RoleDSO)
	out.Lines = t.lines
	out.Done, out.Total = t.Incident.Progress(t.Form, RoleReporter, t.Now)
	if kind == MessageCheck {
		out.Lines = append(out.Lines, Line{Key: TextCheck})
		out.Choices = []Choice{{ButtonDone, "klar"}}
		t.replaceCards("", t.cardSays(Line{Key: TextCheckNewer}))
		t.deliverAs(out, "")
		return
	}
	if t.Incident.Status == StatusUnverified {
		out.Lines, out.Choices = append(out.Lines, Line{Key: TextUnverifiedHow}), unverifiedChoices()[:2]
	} else {
		out.Lines = append(out.Lines, Line{TextShow, args("done", itoa(out.Done), "total", itoa(out.Total))})
	}
	t.Outbound = append(t.Outbound, out)
	t.silent = true
}

// reply sends the lines without a question.
func (t *turn) reply(kind MessageKind) {
	out := t.message(t.Sender, kind)
	out.Lines, out.Choices = t.lines, t.choices
	t.answer(out)
	t.lines, t.silent = nil, true
}

// deliver puts a question to the sender and remembers it as the one last delivered.
func (t *turn) deliver(out Outbound) { t.deliverAs(out, out.Question.Field) }

func (t *turn) deliverAs(out Outbound, field string) {
	c := t.Conversation
	if c.Role == RoleReporter {
		out.Done, out.Total = t.Incident.Progress(t.Form, RoleReporter, t.Now)
	}
	if t.Inbound != nil && t.Inbound.Invoke && t.Inline == nil && (t.missed && c.Delivered == field || t.more && t.pressedCard != "") {
		// The card that was filled in wrongly, or asks for further entries, is answered by itself.
		out.Token, out.AutoReplied = t.Inbound.Token, true
		if t.missed && t.pressedCard != "" && out.Question != nil {
			out.Question.Typed = t.Inbound.Fields
		}
		if t.more {
			c.Delivered, c.Outbound, c.On = field, t.pressedCard, ChannelTeams
		}
		t.Inline = &out
		return
	}
	if c.Delivered != field {
		c.Previous = c.Delivered
	}
	c.Delivered, c.Outbound, c.On = field, "", out.Channel
	out.Sets = true
	t.answer(out)
}

// answer sends what replies to the message at hand.
func (t *turn) answer(out Outbound) {
	out.AutoReplied = true
	t.Outbound = append(t.Outbound, out)
}
