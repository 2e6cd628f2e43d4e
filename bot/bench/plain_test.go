package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// plainQuestions is how many the other programs ask.
const plainQuestions = 15

// plain is a person who types the answers of the other programs' form. A program that says the same to everything is not checked.
type plain struct {
	*chat
	*taken
	canned bool
}

// put says something and waits for the reply, which must begin with want.
func (p *plain) put(ctx context.Context, text, want string) error {
	defer p.enter()()
	start := time.Now()
	if err := p.t.bot.post(p.text(text), start.Add(replyMax)); err != nil {
		p.refused++
		return err
	}
	posted := time.Now()
	m, err := p.await(ctx, p.chat)
	if err != nil {
		return err
	}
	p.turns = append(p.turns, ended(start, m.at, posted))
	if !p.canned && !strings.HasPrefix(m.text, want) {
		p.repeated++
		return fmt.Errorf("the reply is %q and not %q", m.text, want)
	}
	p.doubled += len(p.said)
	return nil
}

// readText finds the text of a message without cards.
func readText(body []byte) said {
	for name, rest := nextString(body); name != nil; name, rest = nextString(rest) {
		if string(name) == "text" && bytes.HasPrefix(rest, []byte(`:"`)) {
			value, _ := nextString(rest)
			return said{text: string(value)}
		}
	}
	return said{}
}

// report plays the dialogue, to its end unless all is over before. What the program has kept shows in the hash that it ends with.
func (p *plain) report(ctx context.Context) error {
	if err := p.put(ctx, "hej", "[1] "); err != nil {
		return err
	}
	var answers []string
	for n := 1; n <= plainQuestions && !p.over.Load(); n++ {
		answer := fmt.Sprintf("Svar %d från %d. Mottagaren har ringt och säger att listan är borttagen.", n, p.n)
		answers = append(answers, answer)
		want := fmt.Sprintf("[%d] ", n+1)
		if n == plainQuestions {
			sum := sha256.Sum256([]byte(strings.Join(answers, "\n")))
			want = fmt.Sprintf("klar %d %s", plainQuestions, hex.EncodeToString(sum[:]))
		}
		if err := p.put(ctx, answer, want); err != nil {
			return fmt.Errorf("question %d: %w", n, err)
		}
	}
	return nil
}

// otherRun is one run of another program.
type otherRun struct {
	*figures
	again time.Duration // from the process's start to the first reply, on the database that the run left
}

// runOther measures a program that is started with a port and a database file.
func runOther(tb testing.TB, t *teams, command func(port, file string) *exec.Cmd, canned bool) *otherRun {
	tb.Helper()
	port, file := freePort(tb), filepath.Join(tb.TempDir(), "bench.db")
	t.talkTo(port)
	p := launch(tb, command(port, file))
	first(tb.Context(), tb, t, p, "hej")
	r := &otherRun{}
	r.figures = load(tb.Context(), tb, p, func(ctx context.Context, n int, taken *taken) error {
		one := &plain{chat: t.join(n, readText), taken: taken, canned: canned}
		defer one.leave()
		return one.report(ctx)
	})
	p.stop(tb)
	p = launch(tb, command(port, file))
	r.again = first(tb.Context(), tb, t, p, "hej")
	p.stop(tb)
	return r
}
