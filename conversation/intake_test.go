package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// flaky is a Store whose transactions end as the test says: it gets the number of the transaction, and what f returned.
type flaky struct {
	*memory
	n   int
	end func(n int, err error) error
	// accept, if set, is what Accept returns.
	accept error
}

func (f *flaky) Update(ctx context.Context, work func(Tx) error) error {
	f.n++
	return f.memory.Update(ctx, func(tx Tx) error { return f.end(f.n, work(tx)) })
}

func (f *flaky) Accept(ctx context.Context, in RawInbound) (bool, error) {
	if f.accept != nil {
		return false, f.accept
	}
	return f.memory.Accept(ctx, in)
}

func TestTake(t *testing.T) {
	broken, refused := errors.New("no database"), errors.New("disk full")
	pass := func(_ int, err error) error { return err }
	for name, c := range map[string]struct {
		end    func(n int, err error) error
		accept error
		panics bool
		gone   bool
		// what is to come of it
		err             error
		kept            bool
		done            string
		incidents, told int
		alarms          int
	}{
		"turn":                    {end: pass, kept: true, done: "answered", incidents: 1},
		"conflicts":               {end: func(n int, err error) error { return choose(n < 3, ErrConflict, err) }, kept: true, done: "answered", incidents: 1},
		"fails once":              {end: func(n int, err error) error { return choose(n < 2, broken, err) }, kept: true, done: "answered", incidents: 1},
		"fails":                   {end: func(int, error) error { return broken }, kept: true},
		"fails and is not kept":   {end: func(int, error) error { return broken }, accept: refused, err: refused},
		"conflicts without end":   {end: func(int, error) error { return ErrConflict }, kept: true},
		"a fault of the program":  {end: pass, panics: true, kept: true, done: "failed", alarms: 1},
		"the caller went, broken": {end: func(_ int, err error) error { return choose(err == nil, context.Canceled, err) }, gone: true, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.e.Organisation.Administrator = kim
			w.e.Store = &flaky{memory: w.m, end: c.end, accept: c.accept}
			if c.panics {
				w.e.Phrase = nil
				w.e.Readers[ChannelMail] = func(RawInbound) (*Inbound, error) { panic("oh") }
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if c.gone {
				cancel()
			}
			text, _ := json.Marshal(said{From: anna, Channel: ChannelMail, Text: "Jag råkade mejla en lista till fel mottagare"})
			raw := RawInbound{ID: NewInboundID("take"), Channel: ChannelMail, At: w.now, Raw: text}
			reply, err := w.e.Take(ctx, raw)
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if _, kept := w.m.Raw[raw.ID]; kept != c.kept || w.m.Done[raw.ID] != c.done || len(w.m.Inc) != c.incidents {
				t.Errorf("kept %v, outcome %q, %d incidents", kept, w.m.Done[raw.ID], len(w.m.Inc))
			}
			if want := c.kept && c.done != "answered"; reply.Waiting != want {
				t.Errorf("the reply says that the turn is missing: %v, want %v", reply.Waiting, want)
			}
			if n := len(slices.DeleteFunc(slices.Clone(w.m.Out), func(o Outbound) bool { return o.Kind != MessageAlarm })); n != c.alarms {
				t.Errorf("%d alarms, want %d", n, c.alarms)
			}
			if c.accept != nil || c.panics {
				return
			}
			// Whatever went wrong, it has its turn once when things work again.
			w.e.Store = w.m
			for range 2 {
				if err := w.e.Recover(context.Background()); err != nil {
					t.Fatal(err)
				}
				if _, err := w.e.Take(context.Background(), raw); err != nil {
					t.Fatal(err)
				}
			}
			if len(w.m.Inc) != 1 || w.m.Done[raw.ID] != "answered" {
				t.Errorf("in the end %d incidents, outcome %q", len(w.m.Inc), w.m.Done[raw.ID])
			}
		})
	}
}

func choose(yes bool, a, b error) error {
	if yes {
		return a
	}
	return b
}

// A turn that is run again begins with the message as it came, not with what the first run made of it.
func TestTurnRunAgainBeginsAnew(t *testing.T) {
	w := newWorld(t)
	once, again := newWorld(t), w
	text, _ := json.Marshal(said{From: anna, Channel: ChannelMail, Text: "Jag mejlade 19121212-1212 till fel mottagare",
		Files: []Attachment{{Name: "elever.csv", Type: "text/csv", Size: 12}, {Name: "19121212-1212.txt", Type: "text/plain", Size: 3}}})
	raw := RawInbound{ID: NewInboundID("again"), Channel: ChannelMail, At: w.now, Raw: text}
	again.e.Store = &flaky{memory: again.m, end: func(n int, err error) error { return choose(n < 4, ErrConflict, err) }}
	var said []string
	for _, w := range []*world{once, again} {
		if _, err := w.e.Take(context.Background(), raw); err != nil {
			t.Fatal(err)
		}
		in := w.incident()
		files, _ := json.Marshal(in.Files)
		var lines []string
		for _, o := range w.m.Out {
			lines = append(lines, strings.Join(keys(o), ","))
		}
		said = append(said, in.FirstMessage+" "+string(files)+" "+strings.Join(lines, ";")+" "+w.m.Reduced[raw.ID])
	}
	if said[0] != said[1] {
		t.Errorf("at once %s\nagain   %s", said[0], said[1])
	}
}
