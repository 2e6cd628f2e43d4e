package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"frist/bot/bottest"
	"frist/conversation"
)

// player plays the people of one case. What they are asked they read from their mails and cards.
type player struct {
	*stage
	c       *replayCase
	channel string // "teams", "mail" or "mixed"

	number string
	// question is what the reporter was asked last.
	question *asked
	// toReporter and toDSO are their mails about this incident, oldest first.
	toReporter, toDSO []*wireMail
	// turns counts the reporter's messages; on is the channel of the next.
	turns int
	on    conversation.Channel
	// faults are what went otherwise than it should, for the report.
	faults []string
}

// playLimit is how many messages the reporter, and the DSO, write at most.
const playLimit = 200

// play plays the whole case.
func (p *player) play(ctx context.Context) error {
	p.on = conversation.ChannelTeams
	if p.channel == "mail" {
		p.on = conversation.ChannelMail
	}
	if err := p.report(ctx); err != nil {
		return fmt.Errorf("the first message: %w", err)
	}
	if err := p.take(ctx); err != nil {
		return fmt.Errorf("the DSO's answer to the alert: %w", err)
	}
	if err := p.reach(ctx, p.c.FinishedAt.Time); err != nil {
		return err
	}
	if err := p.answers(ctx); err != nil {
		return fmt.Errorf("the reporter's answers: %w", err)
	}
	if err := p.review(ctx); err != nil {
		return fmt.Errorf("the DSO's review: %w", err)
	}
	if err := p.decide(ctx); err != nil {
		return fmt.Errorf("the DSO's decision: %w", err)
	}
	if p.c.Filed == nil {
		return nil
	}
	if err := p.reach(ctx, p.c.Filed.At.Time); err != nil {
		return err
	}
	if err := p.file(ctx); err != nil {
		return fmt.Errorf("the record of the filing: %w", err)
	}
	return nil
}

// reach lets time pass to an instant.
func (p *player) reach(ctx context.Context, at time.Time) error {
	if err := p.moveTo(ctx, at); err != nil {
		return fmt.Errorf("let time pass to %s: %w", localTime(at), err)
	}
	return p.look(ctx)
}

// look waits until nothing moves and reads what came.
func (p *player) look(ctx context.Context) error {
	if err := p.settle(ctx); err != nil {
		return err
	}
	letters, calls := p.wire.fresh()
	for _, l := range letters {
		switch {
		case p.number != "" && numberOf(l.msg) != p.number:
			continue
		case strings.EqualFold(l.to, p.dso.addr):
			p.toDSO = append(p.toDSO, l)
		case strings.EqualFold(l.to, p.reporter.addr):
			p.toReporter = append(p.toReporter, l)
			if a := readAsked(l); a != nil {
				p.question = a
			}
		}
	}
	for _, c := range calls {
		if p.client == nil || c.Conversation != p.client.Conversation() {
			continue
		}
		if a := readCard(c); a != nil {
			p.question = a
		}
	}
	return nil
}

var errNothingCame = errors.New("nothing came in answer")

// await looks until ok; with a simulated clock what has not come when nothing moves will never come.
func (p *player) await(ctx context.Context, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, realWait)
	defer cancel()
	for {
		if err := p.look(ctx); err != nil {
			return err
		}
		switch {
		case ok():
			return nil
		case !p.real:
			return errNothingCame
		}
		select {
		case <-ctx.Done():
			return errors.Join(errNothingCame, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// report sends the first message. The alert must have reached the DSO when nothing moves any more, and the reporter been asked something.
func (p *player) report(ctx context.Context) error {
	var err error
	text := p.c.FirstMessage
	if p.real {
		// The reporter may have an open incident from an earlier case.
		text = p.c.say("nytt: ", "new: ") + text
	}
	if p.on == conversation.ChannelTeams {
		_, err = p.client.Say(ctx, text)
	} else {
		_, err = p.reporter.write(ctx, newMail{to: p.wire.bot, subject: p.c.say("Något har hänt", "Something has happened"), text: text, at: p.now()})
	}
	if err != nil {
		return err
	}
	p.turns++
	err = p.await(ctx, func() bool { return p.question != nil && len(p.toDSO) > 0 })
	if err != nil {
		return fmt.Errorf("question put: %t, mails to the DSO: %d: %w", p.question != nil, len(p.toDSO), err)
	}
	p.number = numberOf(p.toDSO[0].msg)
	if p.number == "" {
		return fmt.Errorf("the alert's subject has no number: %s", p.toDSO[0].msg.Subject)
	}
	return nil
}

// take answers the alert.
func (p *player) take(ctx context.Context) error {
	_, err := p.toDSOReply(ctx, p.c.say("TAR", "take"))
	return err
}

// toDSOReply answers the DSO's newest mail and gives the mail that came back.
func (p *player) toDSOReply(ctx context.Context, text string) (*wireMail, error) {
	before := len(p.toDSO)
	id, err := p.dso.write(ctx, newMail{text: text, at: p.now(), answers: p.toDSO[before-1], english: p.c.english()})
	if err != nil {
		return nil, err
	}
	// With a real clock a reminder may come in between.
	var answer *wireMail
	answered := func() bool {
		for _, l := range p.toDSO[before:] {
			if slices.Contains(l.msg.InReplyTo, id) {
				answer = l
			}
		}
		return answer != nil
	}
	if err := p.await(ctx, answered); err != nil {
		return nil, fmt.Errorf("after %q: %w", shortLine(text), err)
	}
	return answer, nil
}

// saying is what the reporter writes: typed text, or a card filled in.
type saying struct {
	text string
	// field and value are set for an answer that a card may hold.
	field *conversation.Field
	value *conversation.Value
	// ready is a reply that a card has a button for.
	ready string
}

// tell sends what the reporter says in answer to the open question, on the channel whose turn it is, and waits for what comes back.
func (p *player) tell(ctx context.Context, s saying) error {
	q := p.question
	p.question = nil
	inline, err := p.post(ctx, q, s)
	if err != nil {
		return err
	}
	p.turns++
	if p.channel == "mixed" {
		p.on = map[conversation.Channel]conversation.Channel{conversation.ChannelTeams: conversation.ChannelMail,
			conversation.ChannelMail: conversation.ChannelTeams}[p.on]
	}
	if inline != nil {
		p.question = inline
	}
	return nil
}

func (p *player) post(ctx context.Context, q *asked, s saying) (inline *asked, err error) {
	if p.on == conversation.ChannelMail {
		return nil, p.postMail(ctx, q, s.text)
	}
	if q.card != nil {
		if s.ready != "" && q.has(s.ready) {
			_, inline, err = p.press(ctx, q.card, "say", s.ready, nil)
			return inline, err
		}
		// Now and then the card is left and the answer typed, as on a telephone.
		if s.value != nil && p.turns%5 != 4 {
			if inline, ok, err := p.answerCard(ctx, q.card, s.field, *s.value); ok || err != nil {
				return inline, err
			}
		}
	}
	text := s.text
	if p.real {
		// Of several open incidents a message of its own has to name one.
		text = p.number + "\n" + text
	}
	_, err = p.client.Say(ctx, text)
	return nil, err
}

// postMail answers by mail: below the question if it came by mail. Else the person, who was asked in Teams, now replies to the newest mail
// with the question's number before the answer, now writes a mail of its own.
func (p *player) postMail(ctx context.Context, q *asked, text string) error {
	m := newMail{to: p.wire.bot, text: text, at: p.now(), english: p.c.english()}
	switch {
	case q.letter != nil:
		m.answers = q.letter
	case len(p.toReporter) > 0 && q.field != "" && q.confirm() == "" && p.turns%4 == 1:
		m.answers, m.text = p.toReporter[len(p.toReporter)-1], p.name(q.field)+": "+text
	default:
		m.subject = "Frist " + p.number
	}
	_, err := p.reporter.write(ctx, m)
	return err
}

// name is what a person calls a field: its number or letter.
func (p *player) name(field string) string {
	if fd := p.form.Lookup(field); fd != nil {
		return fd.Name()
	}
	return field
}

// lastSaid is what the program said last to the DSO or the reporter, for a fault's text.
func lastSaid(letters []*wireMail) string {
	if len(letters) == 0 {
		return "nothing"
	}
	return shortLine(letters[len(letters)-1].msg.Text)
}

// said gathers what people wrote: each mail's text without what it quotes, and each activity's text and inputs.
func (p *player) said() (texts []string, inputs []map[string]string) {
	p.wire.mu.Lock()
	letters := slices.Clone(p.wire.letters)
	p.wire.mu.Unlock()
	for _, l := range letters {
		if !p.wire.isBot(l.to) {
			continue
		}
		var own []string
		for line := range strings.Lines(l.msg.Text) {
			if !strings.HasPrefix(line, ">") {
				own = append(own, line)
			}
		}
		texts = append(texts, strings.Join(own, ""))
	}
	for _, c := range p.wire.activities {
		if c.Direction != bottest.ToBot || c.Method != http.MethodPost {
			continue
		}
		text, data := saidIn(c)
		if data != nil {
			inputs = append(inputs, data)
			for _, s := range data {
				texts = append(texts, s)
			}
		}
		texts = append(texts, text)
	}
	return texts, inputs
}
