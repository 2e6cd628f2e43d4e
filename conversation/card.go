package conversation

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"frist/conversation/reading"
)

// LiveCard is a card in Teams that can still be filled in: a question's, or with an empty Field the check of the answers.
type LiveCard struct {
	Field    string     `json:"field"`
	Outbound OutboundID `json:"outbound"`
}

const (
	// liveMax is how many live cards are remembered; an older one still answers for itself when it is pressed.
	liveMax = 20
	// doubleClick is how soon a question that is asked for again is taken to have been asked for once.
	doubleClick = 3 * time.Second
	// noAnswer is the stamp of a question without an answer.
	noAnswer = "none"
)

// live remembers a card that has just been decided.
func (c *Conversation) live(out *Outbound) {
	if out.Channel != ChannelTeams {
		return
	}
	card := LiveCard{Outbound: out.ID}
	if out.Question != nil {
		card.Field = out.Question.Field
	}
	c.Cards = append(c.Cards, card)
	if n := len(c.Cards); n > liveMax {
		c.Cards = slices.Delete(c.Cards, 0, n-liveMax)
	}
}

// stamp tells one answer to a field from the next, without telling anything of it.
func (t *turn) stamp(fd *Field) string {
	if p := t.ownProposal(fd); p != nil {
		return "p" + strconv.FormatInt(p.At.UnixMilli(), 36)
	}
	a, ok := t.Incident.Answers[fd.Key]
	switch {
	case !ok:
		return noAnswer
	case a.Inbound == "":
		return strconv.FormatInt(a.At.UnixMilli(), 36)
	}
	return string(a.Inbound[:min(12, len(a.Inbound))])
}

// standing is what the sender has answered: what they proposed last, else the answer there is. Nil if there is none.
func (t *turn) standing(fd *Field) *Value {
	if p := t.ownProposal(fd); p != nil {
		v := p.Value // the list that it stands in may change before it is shown
		return &v
	}
	if a, ok := t.Incident.Answers[fd.Key]; ok {
		return &a.Value
	}
	return nil
}

func (t *turn) ownProposal(fd *Field) *Proposal {
	if t.Sender == nil {
		return nil
	}
	in := t.Incident
	i := slices.IndexFunc(in.Proposals, func(p Proposal) bool { return p.Field == fd.Key && p.Author == t.Sender.ID })
	if i < 0 {
		return nil
	}
	return &in.Proposals[i]
}

// entries are those of a group's answer so far.
func (t *turn) entries(fd *Field) []map[string]string {
	if v := t.standing(fd); v != nil {
		return v.Entries
	}
	return nil
}

// older reports whether the field has got another answer since the pressed card was made.
func (t *turn) older(fd *Field) bool {
	return t.standing(fd) != nil && first(t.Inbound.Fields["seen"], noAnswer) != t.stamp(fd)
}

// cardVerbs are what the buttons of cards do; any other is a command by its name.
var cardVerbs = set("answer|add|remove|say")

// card takes a submitted card.
func (t *turn) card() {
	fd := t.cardField()
	switch verb := t.Inbound.Fields["verb"]; {
	case verb == "say":
		t.button(fd)
	case verb != "" && !cardVerbs[verb]:
		t.reporterCommand(strings.ReplaceAll(verb, "dont_know", "don't know"))
	case fd == nil:
		t.say(TextAlreadyDone)
	case !t.mayAnswer(fd):
	default:
		t.filledIn(fd, verb)
	}
}

// cardField is the question that the pressed card puts.
func (t *turn) cardField() *Field {
	if t.Thread != nil && t.Inbound.From.Channel == ChannelTeams {
		t.pressedCard = t.Thread.Outbound
	}
	if name := t.Inbound.Fields["field"]; name != "" {
		return t.Form.Field(name)
	}
	fd, _ := t.bound()
	return fd
}

// button takes what a card's button says.
func (t *turn) button(fd *Field) {
	text := t.Inbound.Text
	if t.Conversation.Pending != nil && t.pending(text) {
		return
	}
	if fd != nil && t.Inbound.Fields["seen"] != "" {
		if v := t.buttonValue(fd, text); v != nil && t.overtaken(fd, *v) {
			return
		}
	}
	spent := buttonWords[bare(text)] && (fd == nil || !t.optionText(fd, text))
	if !spent && !t.reporterCommand(text) && fd != nil {
		t.answerText(fd, text)
	}
}

// buttonValue is the answer that a button gives, nil if it is no answer.
func (t *turn) buttonValue(fd *Field, text string) *Value {
	cmd, _ := reading.ReadCommand(text)
	switch cmd.Name {
	case reading.Skip:
		if t.Conversation.Changing == fd.Key {
			return nil // the answer there is stays
		}
		return &Value{Blank: true}
	case reading.DontKnowAnswer:
		v := unknownValue(fd)
		return &v
	case reading.Accept:
		return t.proposed(fd)
	}
	return nil
}

// filledIn takes a card's inputs as the answer: never in the place of one that the card did not show.
func (t *turn) filledIn(fd *Field, verb string) {
	if fd.Kind == KindGroup {
		t.groupCard(fd, verb)
		return
	}
	v, open, p := t.readFields(fd, t.Inbound.Fields)
	switch {
	case t.overtaken(fd, v):
	case p.OK() && t.held(fd, v):
		t.silent = true // pressed twice: it is asked about already
	default:
		t.took(fd, v, open, p)
	}
}

// held reports whether the very value waits for its writer's choice.
func (t *turn) held(fd *Field, v Value) bool {
	p := t.Conversation.Pending
	return p != nil && p.Field == fd.Key && reflect.DeepEqual(p.Value, v)
}

// overtaken settles a card whose question has got an answer since it was made: pressed twice, it is shown as answered; else its writer is
// told which answer counts, and how to change it. False if the card is to be taken as usual.
func (t *turn) overtaken(fd *Field, v Value) bool {
	if !t.older(fd) {
		return false
	}
	now := *t.standing(fd)
	switch {
	case reflect.DeepEqual(now, v):
		t.answered(fd, now)
		t.silent = true
		return true
	case now.Blank:
		return false // passed over, it may still be answered
	}
	t.event("old_card", fd.Key, "")
	t.say(TextOldCard, "field", fd.Key, "text", v.Text)
	line := t.lines[len(t.lines)-1]
	if t.Inbound.Invoke && t.pressedCard != "" {
		t.answered(fd, now, line)
		t.lines, t.silent = nil, true
		return true
	}
	t.answered(fd, now)
	t.choices = []Choice{{ButtonChange, "ändra " + fd.Name()}}
	t.reply(MessageNotice)
	return true
}

// groupCard takes one entry of a group, with "add" for a card that asks for another. What was added counts at once, so that nobody who
// leaves loses it; the question stays open until "done". An entry is added to what there is, and so replaces nothing.
func (t *turn) groupCard(fd *Field, verb string) {
	so := t.entries(fd)
	if verb == "remove" {
		t.removeEntry(fd, so)
		return
	}
	e, p := t.readEntry(fd, t.Inbound.Fields)
	repeated := len(so) > 0 && reflect.DeepEqual(so[len(so)-1], e)
	switch {
	case !p.OK():
		t.problem(fd, Value{}, p)
	case len(e) == 0 && (verb == "add" || len(so) == 0):
		t.problem(fd, Value{}, reading.Problem{Key: reading.Empty})
	case verb == "add" && repeated:
		t.more, t.asked = true, fd
	case len(e) == 0 || repeated:
		t.endGroup(fd)
	default:
		v := Value{Entries: append(slices.Clone(so), e)}
		if t.held(fd, v) {
			t.silent = true
			return
		}
		t.more = verb == "add"
		t.took(fd, v, false, p)
	}
}

// endGroup leaves a group with the entries that it has.
func (t *turn) endGroup(fd *Field) {
	c := t.Conversation
	next := t.Incident.Next(t.Form, c.Role, t.Now)
	if c.Changing == fd.Key {
		c.Changing = ""
		t.say(TextSaved, "field", fd.Key)
	} else {
		t.silent = c.Delivered != fd.Key && (next == nil || c.Delivered == next.Key) // pressed twice
	}
	t.answered(fd, *t.standing(fd))
}

// removeEntry takes one entry away, and asks on.
func (t *turn) removeEntry(fd *Field, so []map[string]string) {
	n, err := strconv.Atoi(t.Inbound.Fields["entry"])
	t.more = true
	if err != nil || n < 1 || n > len(so) || t.older(fd) {
		t.say(TextOldEntries, "field", fd.Key)
		t.asked = fd
		return
	}
	v := Value{Entries: slices.Delete(slices.Clone(so), n-1, n)}
	if len(v.Entries) == 0 {
		v = Value{Blank: true}
	}
	t.store(fd, v)
}

// goOn keeps a group's question open where further entries are to follow; else its cards are replaced by the answer.
func (t *turn) goOn(fd *Field, v Value) bool {
	if !t.more {
		t.answered(fd, v)
		return false
	}
	t.Conversation.Changing = fd.Key
	if !t.Inbound.Invoke {
		t.answered(fd, v) // it cannot be answered in its place
	}
	return true
}

// answered replaces the question's cards by its answer, wherever they stand.
func (t *turn) answered(fd *Field, v Value, lines ...Line) {
	out := t.cardSays(lines...)
	out.Question = &Prompt{Field: fd.Key, Current: &v, Options: t.promptOptions(fd)}
	if t.Inbound.From.Channel == ChannelMail {
		out.Lines = append(out.Lines, Line{Key: TextAnsweredByMail})
	}
	t.replaceCards(fd.Key, out)
}

// cardSays is what replaces a card.
func (t *turn) cardSays(lines ...Line) Outbound {
	out := t.message(t.Sender, MessageAnswered)
	out.Channel, out.Lines = ChannelTeams, lines
	return out
}

// replaceCards replaces all live cards of a question, and the pressed one: that in the answer to the press where it waits for one.
func (t *turn) replaceCards(field string, out Outbound) {
	c := t.Conversation
	var ids []OutboundID
	c.Cards = slices.DeleteFunc(c.Cards, func(l LiveCard) bool {
		if l.Field == field {
			ids = append(ids, l.Outbound)
		}
		return l.Field == field
	})
	if c.On == ChannelTeams && c.Delivered == field && c.Outbound != "" {
		ids = append(ids, c.Outbound)
		c.Outbound = ""
	}
	newest := t.pressedCard
	if len(ids) > 0 {
		newest = ids[len(ids)-1]
	}
	if t.pressedCard != "" && t.Thread.Field == field && (field != "" || t.Thread.Kind == MessageCheck) {
		ids = append(ids, t.pressedCard)
	}
	full := out
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		out = full
		if out.Question != nil && id != newest && id != t.pressedCard {
			// The same question stands further down, put again: its answer is said there.
			out.Question, out.Lines = nil, []Line{{TextAnsweredBelow, args("field", field)}}
		}
		out.Replaces = id
		if t.Inbound != nil && t.Inbound.Invoke && id == t.pressedCard && t.Inline == nil {
			inline := out
			inline.Token = t.Inbound.Token
			t.Inline = &inline
			continue
		}
		t.Outbound = append(t.Outbound, out)
	}
}

// putAgain puts a question that was answered, or passed by, once more; asked for twice by a double click it is put once.
func (t *turn) putAgain(fd *Field) {
	c := t.Conversation
	late := t.Inbound.At.Sub(t.SeenAt) >= doubleClick
	if c.Changing == fd.Key && c.Delivered == fd.Key && t.pressedCard != "" && c.Outbound != t.pressedCard && (t.SeenAt.IsZero() || !late) {
		t.silent = true
		return
	}
	c.Changing = fd.Key
}
