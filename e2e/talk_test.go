package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// browser is one Chromium in which several people have their chats.
type browser struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Scanner
	errs bytes.Buffer
	cmd  *exec.Cmd
}

// talk is a person's chat with the bot in the Agents Playground.
type talk struct {
	*browser
	name string
}

// shown is a message of the bot's.
type shown struct {
	N    int // its place among all messages and changes of messages
	ID   string
	Card json.RawMessage
	Text string

	inputs  []control
	buttons []control
}

// control is an input or a button of a card.
type control struct {
	Type, ID, Label, Title, Verb string
	Data                         map[string]any
}

// openTalks opens the Playgrounds' pages, by the people's names. With FRIST_SCREENSHOTS=DIR pictures are left there.
func openTalks(t *testing.T, pages map[string]*playground) *browser {
	t.Helper()
	b := &browser{t: t}
	args := []string{filepath.Join("browser", "teams.cjs")}
	for name, p := range pages {
		args = append(args, name+"="+p.URL)
	}
	b.cmd = exec.CommandContext(t.Context(), find("node"), args...)
	b.cmd.Env = append(os.Environ(), "CHROMIUM="+find("chromium"), "HOME="+t.TempDir(), "PW_TEST_SCREENSHOT_NO_FONTS_READY=1")
	b.cmd.Stderr, b.cmd.WaitDelay = &b.errs, 5*time.Second
	var err error
	b.in, err = b.cmd.StdinPipe()
	must(t, err)
	out, err := b.cmd.StdoutPipe()
	must(t, err)
	b.out = bufio.NewScanner(out)
	b.out.Buffer(nil, 8<<20)
	must(t, b.cmd.Start())
	t.Cleanup(func() {
		b.in.Close()
		b.cmd.Wait()
	})
	return b
}

func (b *browser) talk(name string) *talk { return &talk{b, name} }

// next reads what the browser says.
func (b *browser) next(into any) {
	b.t.Helper()
	if !b.out.Scan() {
		b.in.Close()
		b.cmd.Wait()
		b.t.Fatalf("the browser ended: %v %s", b.out.Err(), b.errs.String())
	}
	must(b.t, json.Unmarshal(b.out.Bytes(), into))
}

// end closes the browser and returns what the pages said, with what went wrong on them.
func (b *browser) end() (s seen) {
	b.t.Helper()
	b.in.Close()
	b.next(&s)
	must(b.t, b.cmd.Wait())
	return s
}

// do has the browser do something for the person; into, if there is one, takes what it answers.
func (k *talk) do(step map[string]any, into any) {
	k.t.Helper()
	step["who"] = k.name
	line, err := json.Marshal(step)
	must(k.t, err)
	_, err = k.in.Write(append(line, '\n'))
	must(k.t, err)
	var answer json.RawMessage
	k.next(&answer)
	var s struct {
		Done  bool
		Error string
	}
	must(k.t, json.Unmarshal(answer, &s))
	if !s.Done {
		k.t.Fatalf("%s: %s", k.name, s.Error)
	}
	if into != nil {
		must(k.t, json.Unmarshal(answer, into))
	}
}

// gets waits until the bot has said something after before that fits, and returns the newest such.
func (k *talk) gets(what string, before shown, fits func(shown) bool) shown {
	k.t.Helper()
	var said struct{ Messages []shown }
	var all []shown
	for end, seen := time.Now().Add(patience), before.N; time.Now().Before(end); {
		said.Messages = nil
		k.do(map[string]any{"do": "look", "since": seen}, &said)
		for _, s := range slices.Backward(said.Messages) {
			all = append(all, s)
			if s.read(s.Card); fits(s) {
				return s
			}
			seen = max(seen, s.N)
		}
	}
	k.do(map[string]any{"do": "shot", "name": "failed-" + k.name}, nil)
	for _, s := range all {
		k.t.Logf("%s was told %s", k.name, tail(s.words(), 2000))
	}
	k.t.Fatalf("%s waited %s for %s", k.name, patience, what)
	return shown{}
}

// read finds inputs and buttons wherever they stand in the card.
func (s *shown) read(raw json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for _, e := range list {
			s.read(e)
		}
		return
	}
	var e struct {
		control
		Body, Items, Columns, Actions, Rows, Cells, Card, InlineAction, SelectAction json.RawMessage
	}
	if json.Unmarshal(raw, &e) != nil {
		return
	}
	switch {
	case strings.HasPrefix(e.Type, "Input."):
		s.inputs = append(s.inputs, e.control)
	case e.Type == "Action.Execute" || e.Type == "Action.Submit":
		s.buttons = append(s.buttons, e.control)
	}
	for _, part := range []json.RawMessage{e.Body, e.Items, e.Columns, e.Rows, e.Cells, e.Card, e.Actions, e.InlineAction, e.SelectAction} {
		if part != nil {
			s.read(part)
		}
	}
}

// asks is the key of the field that the card asks; "" if it asks none.
func (s shown) asks() string {
	if b := s.button("answer", ""); b != nil {
		key, _ := b.Data["field"].(string)
		return key
	}
	return ""
}

// button finds a button by its verb, and one that says something by that too.
func (s shown) button(verb, text string) *control {
	for i, b := range s.buttons {
		said, _ := b.Data["text"].(string)
		if b.Verb == verb && (text == "" || strings.EqualFold(said, text)) {
			return &s.buttons[i]
		}
	}
	return nil
}

func (s shown) has(input string) bool {
	for _, in := range s.inputs {
		if in.ID == input {
			return true
		}
	}
	return false
}

// words is all that the card says, as JSON has it.
func (s shown) words() string { return s.Text + string(s.Card) }

// say types a message.
func (k *talk) say(text string) {
	k.t.Helper()
	k.do(map[string]any{"do": "say", "text": text}, nil)
}

// press presses the button with the verb, of those that say something the one that says text; with values it fills in the card first.
func (k *talk) press(s shown, verb, text string, values ...map[string]string) {
	k.t.Helper()
	b := s.button(verb, text)
	if b == nil {
		k.t.Fatalf("%s: no button %s %q on the card %s", k.name, verb, text, tail(string(s.Card), 3000))
	}
	step := map[string]any{"do": "press", "id": s.ID, "title": b.Title}
	nth := 0
	for i := range s.buttons {
		if &s.buttons[i] == b {
			break
		}
		if s.buttons[i].Title == b.Title {
			nth++
		}
	}
	step["nth"] = nth
	if len(values) > 0 {
		step["values"] = values[0]
		k.filled(s, values[0])
	}
	k.do(step, nil)
}

// filled takes a picture of a card that is filled in.
func (k *talk) filled(s shown, values map[string]string) {
	k.t.Helper()
	if os.Getenv("FRIST_SCREENSHOTS") == "" {
		return
	}
	k.do(map[string]any{"do": "fill", "id": s.ID, "values": values}, nil)
	k.shot("filled-"+s.asks(), s)
}

// shot takes a picture of the page, or of a card alone.
func (k *talk) shot(name string, card ...shown) {
	k.t.Helper()
	step := map[string]any{"do": "shot", "name": k.picture(name)}
	if len(card) > 0 {
		step["id"] = card[0].ID
	}
	k.do(step, nil)
}

// shotWith takes a picture of a card with so many before it.
func (k *talk) shotWith(before int, name string, card shown) {
	k.t.Helper()
	k.do(map[string]any{"do": "shot", "name": k.picture(name), "id": card.ID, "before": before}, nil)
}

func (k *talk) picture(name string) string {
	return k.t.Name()[strings.LastIndex(k.t.Name(), "/")+1:] + "-" + k.name + "-" + name
}
