package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"frist/bot/bottest"
	"frist/conversation"
)

// answers plays the reporter from question to question, until the answers have been checked.
func (p *player) answers(ctx context.Context) error {
	asked, confirmed := map[string]int{}, 0
	for range playLimit {
		q := p.question
		switch {
		case q == nil:
			return fmt.Errorf("no question is put; the last mail said: %s", lastSaid(p.toReporter))
		case q.check():
			return p.done(ctx)
		case q.confirm() != "" && confirmed < 2:
			confirmed++
			if err := p.tell(ctx, saying{text: q.confirm(), ready: q.confirm()}); err != nil {
				return err
			}
		default:
			confirmed = 0
			fd := p.form.Lookup(q.field)
			if fd == nil {
				return fmt.Errorf("a question [%s] is put that the form does not have", q.field)
			}
			asked[fd.Key]++
			s := p.answer(fd)
			if asked[fd.Key] > 2 {
				if asked[fd.Key] > 3 {
					return fmt.Errorf("question %s is put again and again: %s", fd.Key, shortLine(q.said))
				}
				p.faults = append(p.faults, fmt.Sprintf("answer %s was not taken: %s", fd.Key, shortLine(q.said)))
				s = p.skip()
			} else if several, ok := p.several(q, fd); ok && asked[fd.Key] == 1 {
				s = several
			}
			if err := p.tell(ctx, s); err != nil {
				return fmt.Errorf("question %s: %w", fd.Key, err)
			}
		}
		if err := p.await(ctx, func() bool { return p.question != nil }); err != nil {
			return fmt.Errorf("after question %s: %w", p.name(q.field), err)
		}
	}
	return fmt.Errorf("the questions do not end after %d messages", playLimit)
}

// done says that the answers are right.
func (p *player) done(ctx context.Context) error {
	before := len(p.toDSO)
	word := p.c.say("klar", "done")
	if err := p.tell(ctx, saying{text: word, ready: "klar"}); err != nil {
		return err
	}
	if err := p.await(ctx, func() bool { return len(p.toDSO) > before }); err != nil {
		return fmt.Errorf("after %s: no review for the DSO: %w", word, err)
	}
	return nil
}

func (p *player) skip() saying {
	return saying{text: p.c.say("hoppa över", "skip"), ready: "hoppa över"}
}

// answer is what the reporter says to a question: what the case has, to one of our own something invented, else that it is passed over.
func (p *player) answer(fd *conversation.Field) saying {
	v, ok := p.c.values[fd.Key]
	if fd.Own {
		v, ok = p.invented(fd)
	}
	if !ok {
		return p.skip()
	}
	return saying{text: p.c.typed(fd, v), field: fd, value: &v}
}

func (p *player) invented(fd *conversation.Field) (conversation.Value, bool) {
	switch {
	case fd.Key == conversation.FieldUnit:
		return conversation.Value{Choice: p.engine.Organisation.Units[0].Name}, true
	case fd.Kind == conversation.KindText:
		return conversation.Value{Text: "08-465 004 39"}, true
	case fd.Kind == conversation.KindChoice && len(fd.Options) > 1:
		return conversation.Value{Choice: fd.Options[1].Label}, true
	}
	return conversation.Value{}, false
}

// several answers up to three of the listed questions in one mail, by number; every third mail does.
func (p *player) several(q *asked, first *conversation.Field) (saying, bool) {
	if p.on != conversation.ChannelMail || q.letter == nil || p.turns%3 != 2 {
		return saying{}, false
	}
	var parts []string
	for i, name := range append([]string{q.field}, q.next...) {
		fd := p.form.Lookup(name)
		if fd == nil || i > 0 && fd == first || len(parts) == 3 {
			break
		}
		v, ok := p.c.values[fd.Key]
		// A text of many lines might hold what looks like a number, and text outside a list is asked about: they go alone.
		if fd.Own || ok && (fd.Kind == conversation.KindText || fd.Kind == conversation.KindChoice && fd.Option(v.Choice) == nil) {
			break
		}
		parts = append(parts, fd.Name()+": "+p.answer(fd).text)
	}
	return saying{text: strings.Join(parts, "\n")}, len(parts) > 1
}

// saidIn gives an activity's text, and the inputs of a filled-in card.
func saidIn(c bottest.Recorded) (text string, inputs map[string]string) {
	var a wireActivity
	if json.Unmarshal(c.Activity, &a) != nil {
		return "", nil
	}
	if a.Type == "invoke" {
		return "", executed(a.Value)
	}
	return a.Text, nil
}
