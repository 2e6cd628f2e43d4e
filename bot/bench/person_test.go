package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// replyMax is how long a person waits for an answer before it counts as lost.
const replyMax = 30 * time.Second

// typing is the least time that a typed answer takes: nobody types faster. A text that was written before its question is known to have been
// delivered is asked about.
const typing = 250 * time.Millisecond

// counts is what went wrong.
type counts struct {
	lost     int // no reply came
	doubled  int // a turn was answered twice
	repeated int // a question was put again although its answer was well formed
	refused  int // the bot's endpoint, or what it said, was no answer
}

func (c *counts) add(o counts) {
	c.lost += o.lost
	c.doubled += o.doubled
	c.repeated += o.repeated
	c.refused += o.refused
}

// taken are the turns that a person has had.
type taken struct {
	gate  chan struct{} // has room for as many turns as may be under way at once
	over  *atomic.Bool  // what is measured has ended, so that nobody needs to go on
	turns []turn
	early int // typed answers that the program asked about, since they came so soon
	// patience is the timer of await.
	patience *time.Timer
	counts
}

// turn is one message and what it was answered with.
type turn struct {
	end  time.Time
	took time.Duration
}

// enter waits until there is room for a turn.
func (t *taken) enter() (leave func()) {
	t.gate <- struct{}{}
	return func() { <-t.gate }
}

// person reports an incident to Frist and answers the whole form, by what each card asks: one question in three is typed, one sent by
// Action.Submit, one by Action.Execute; where the load is measured nobody types. Everything that they say follows from their number.
type person struct {
	*chat
	number  string         // the incident's
	answers map[string]any // what was answered, as the notification has it
	*taken
}

// mark tells one person's texts from another's. It has no ten digits, which might be a national identity number.
func (p *person) mark() string { return "k" + strconv.FormatInt(int64(p.n), 36) }

// reply is what a person gives to a question.
type reply struct {
	typed  string // "" if only the card can hold it
	inputs []pair // by the card
	kept   any    // as the notification has it
}

// seen are the times of the dates that are asked for, so that none comes before what it must follow.
var seen = map[string]string{"10": "08:00", "11": "09:00", "13": "10:00", "32": "11:00"}

// answer chooses a reply by the card's inputs.
func (p *person) answer(q *question) (reply, error) {
	has := func(id string) *input {
		if i := slices.IndexFunc(q.inputs, func(in input) bool { return in.ID == id }); i >= 0 {
			return &q.inputs[i]
		}
		return nil
	}
	pick := p.n%1000 + len(p.answers)
	day, at := time.Now().AddDate(0, 0, -1).Format(time.DateOnly), seen[q.field]
	if at == "" {
		at = "10:30"
	}
	switch a := has("answer"); {
	case has("date") != nil:
		return reply{day + " " + at, []pair{{"date", day}, {"time", at}}, map[string]any{"date": day, "time": at}}, nil
	case has("exact") != nil:
		n := strconv.Itoa(pick + 1)
		return reply{n, []pair{{"exact", n}}, map[string]any{"exact": float64(pick + 1)}}, nil
	case slices.ContainsFunc(q.inputs, func(in input) bool { return strings.HasPrefix(in.ID, "m.") }):
		return p.members(q, day, at), nil
	case a == nil:
		return reply{}, fmt.Errorf("question %s cannot be answered by its card", q.field)
	case a.IsMultiSelect:
		first := pick % (len(a.Choices) - 2)
		x, y := a.Choices[first], a.Choices[first+1]
		return reply{x.Value + ", " + y.Value, []pair{{"answer", x.Value + "," + y.Value}}, map[string]any{"choices": []any{x.Title, y.Title}}}, nil
	case len(a.Choices) > 0:
		c := a.Choices[pick%len(a.Choices)]
		if c.Value == "Övrigt" {
			c = a.Choices[0]
		}
		r := reply{c.Value, []pair{{"answer", c.Value}}, c.Value}
		if q.field == "18" || q.field == "20" {
			r.kept = map[string]any{"choice": c.Value}
		}
		return r, nil
	case q.field == "phone":
		return reply{typed: "08-465 004 39", inputs: []pair{{"answer", "08-465 004 39"}}}, nil
	}
	text := fmt.Sprintf("Listan %s låg öppen i ungefär två timmar innan någon märkte det. Mottagaren har ringt och säger att den är borttagen.", p.mark())
	return reply{text, []pair{{"answer", text}}, text}, nil
}

// members fill in the one entry that a card asks for part by part.
func (p *person) members(q *question, day, at string) reply {
	var r reply
	entry, group := map[string]any{}, true
	for _, in := range q.inputs {
		key, ok := strings.CutPrefix(in.ID, "m.")
		if !ok {
			continue
		}
		value := fmt.Sprintf("Del %s av svaret", p.mark())
		switch key {
		case "street":
			group = false // of an address there is one
		case "date":
			value = day
		case "time":
			value = at
		case "organisation_number":
			value = "212000-9994"
		case "postcode":
			value = "012 34"
		}
		r.inputs, entry[key] = append(r.inputs, pair{in.ID, value}), value
	}
	if r.kept = entry; group {
		r.kept = []any{entry}
	}
	return r
}

// hear takes in a message, and gives what it asks, nil if it asks nothing.
func (p *person) hear(m said) (*question, error) {
	if p.number == "" {
		p.number = m.number
	}
	if m.asks != nil {
		m.asks.card = m.id
	}
	return m.asks, m.err
}

// put says something and waits for what it is answered with: a question, or with any, whatever comes.
func (p *person) put(ctx context.Context, activity []byte, any bool) (*question, error) {
	for len(p.said) > 0 {
		q, err := p.hear(<-p.said)
		if err != nil {
			return nil, err
		}
		if q != nil {
			p.doubled++
		}
	}
	defer p.enter()()
	start := time.Now()
	if err := p.t.bot.post(activity, start.Add(replyMax)); err != nil {
		p.refused++
		return nil, err
	}
	posted := time.Now()
	for {
		m, err := p.await(ctx, p.chat)
		if err != nil {
			return nil, err
		}
		q, err := p.hear(m)
		if err != nil {
			return nil, err
		}
		if q != nil || any {
			p.turns = append(p.turns, ended(start, m.at, posted))
			return q, nil
		}
	}
}

// await waits for the next message.
func (t *taken) await(ctx context.Context, c *chat) (said, error) {
	select {
	case m := <-c.said:
		return m, nil
	default:
	}
	if t.patience == nil {
		t.patience = time.NewTimer(replyMax)
	}
	t.patience.Reset(replyMax)
	defer t.patience.Stop()
	select {
	case m := <-c.said:
		return m, nil
	case <-ctx.Done():
		return said{}, ctx.Err()
	case <-t.patience.C:
		t.lost++
		return said{}, fmt.Errorf("no reply came within %s", replyMax)
	}
}

// ended is a turn whose reply came and whose post was answered, in whatever order.
func ended(start, replied, posted time.Time) turn {
	end := replied
	if posted.After(end) {
		end = posted
	}
	return turn{end, end.Sub(start)}
}

// turnsMax is more than the form can need.
const turnsMax = 80

// report plays the dialogue, to its end unless all is over before.
func (p *person) report(ctx context.Context) error {
	q, err := p.put(ctx, p.text("Hej, jag har mejlat en klasslista till fel mottagare. Jag upptäckte det när mottagaren svarade."), false)
	asked := map[string]int{}
	for n := 0; err == nil && !p.over.Load(); n++ {
		switch {
		case n > turnsMax:
			return errors.New("the questions do not end")
		case q.ready == "klar":
			_, err := p.put(ctx, p.execute(q.card, "say", pair{"token", q.token}, pair{"text", "klar"}), true)
			return err
		case q.ready != "":
			if q.ready == thisOne {
				p.early++
			}
			q, err = p.put(ctx, p.execute(q.card, "say", pair{"token", q.token}, pair{"text", q.ready}), false)
			continue
		}
		if asked[q.field]++; asked[q.field] > 1 {
			p.repeated++
		}
		if asked[q.field] > 3 {
			return fmt.Errorf("question %s is put again and again: %s", q.field, q.text)
		}
		var r reply
		if r, err = p.answer(q); err != nil {
			return err
		}
		if field := q.field; field[0] >= '0' && field[0] <= '9' {
			p.answers[field] = r.kept
		}
		q, err = p.put(ctx, p.say(q, r, n), false)
	}
	return err
}

// say puts a reply the way whose turn it is.
func (p *person) say(q *question, r reply, nth int) []byte {
	data := append(r.inputs, pair{"token", q.token}, pair{"field", q.field})
	switch (p.n + nth) % 3 {
	case 0:
		if r.typed != "" && *span == 0 { // whoever types is no load meanwhile
			time.Sleep(typing)
			return p.text(r.typed)
		}
		fallthrough
	case 1:
		return p.submit(q.card, data...)
	}
	return p.execute(q.card, "answer", data...)
}
