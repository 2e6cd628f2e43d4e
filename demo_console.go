package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/term"
)

const (
	maxLine  = 1 << 20 // bytes of a typed or piped line
	maxWidth = 100     // characters of a line on a terminal: longer ones are hard to read
	minWidth = 20      // below it lines are left to the terminal
)

// console is where the demo is read and typed: a terminal with line editing and colours, or any reader and writer. A line is read when it
// is asked for and not before, so that a script waits for what its line before has led to.
type console struct {
	out     io.Writer
	colours bool
	// echo repeats what was read after its prompt: nobody has seen it being typed.
	echo    bool
	lines   chan string
	asks    chan string
	asked   bool
	width   func() int // of the terminal, in characters; 0: lines are not broken
	restore func()
}

// newConsole uses line editing if in and out both are terminals.
func newConsole(in io.Reader, out io.Writer) *console {
	c := &console{out: out, lines: make(chan string, 1), asks: make(chan string, 1), width: func() int { return 0 }, restore: func() {}}
	stdin, inOK := in.(*os.File)
	stdout, outOK := out.(*os.File)
	terminal := outOK && term.IsTerminal(int(stdout.Fd()))
	if terminal {
		c.width = func() int {
			w, _, err := term.GetSize(int(stdout.Fd()))
			if err != nil {
				return 0
			}
			return min(w, maxWidth)
		}
	}
	c.colours = terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if terminal && inOK && term.IsTerminal(int(stdin.Fd())) && os.Getenv("TERM") != "dumb" {
		if state, err := term.MakeRaw(int(stdin.Fd())); err == nil {
			c.restore = func() {
				_ = term.Restore(int(stdin.Fd()), state) // the program ends
				c.out = stdout
			}
			c.edit(stdin, stdout)
			return c
		}
	}
	c.echo = !inOK || !term.IsTerminal(int(stdin.Fd()))
	c.out = &lockedWriter{w: out} // prompts are written by the reader's side
	go c.readPlain(bufio.NewReader(in))
	return c
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// edit reads lines with a line editor, which redraws prompt and line when something is printed meanwhile.
func (c *console) edit(stdin, stdout *os.File) {
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{stdin, stdout}, "")
	c.out = t
	go func() {
		defer close(c.lines)
		for prompt := range c.asks {
			if w, h, err := term.GetSize(int(stdout.Fd())); err == nil && w > 0 && h > 0 {
				_ = t.SetSize(w, h) // an odd size is drawn oddly and no more
			}
			t.SetPrompt(prompt)
			line, err := t.ReadLine()
			if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
				fmt.Fprint(stdout, "\r\n")
				return
			}
			c.lines <- line
		}
	}()
}

func (c *console) readPlain(r *bufio.Reader) {
	defer close(c.lines)
	for prompt := range c.asks {
		fmt.Fprint(c.out, prompt)
		line, err := readLine(r)
		if err != nil && line == "" {
			fmt.Fprintln(c.out)
			return
		}
		if c.echo {
			fmt.Fprintln(c.out, printable(line))
		}
		c.lines <- line
	}
}

// readLine reads a line without its end; what is too long is cut.
func readLine(r *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		part, more, err := r.ReadLine()
		if b.Len()+len(part) <= maxLine {
			b.Write(part)
		}
		if err != nil || !more {
			return b.String(), err
		}
	}
}

// ask shows the prompt and has a line read, unless one is being read already.
func (c *console) ask(prompt string) {
	if !c.asked {
		c.asked = true
		c.asks <- c.bold(prompt) + " "
	}
}

// close gives the terminal back as it was. Nothing is asked after it.
func (c *console) close() {
	close(c.asks)
	c.restore()
}

func (c *console) print(text string) { fmt.Fprintln(c.out, wrap(text, c.width())) }

// wrap breaks lines between words, and indents what follows as the line is. Steering sequences count as nothing.
func wrap(text string, width int) string {
	if width < minWidth {
		return text
	}
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		at, b := 0, strings.Builder{}
		for i, word := range strings.Split(line, " ") {
			n := visible(word)
			if at > len(indent) && at+1+n > width {
				out = append(out, b.String())
				b.Reset()
				b.WriteString(indent)
				at = len(indent)
			} else if i > 0 {
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += n
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "\n")
}

// visible counts the characters of a word without the sequences that style it.
func visible(s string) (n int) {
	styled := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			styled = true
		case styled:
			styled = r != 'm'
		default:
			n++
		}
	}
	return n
}

func (c *console) style(code, s string) string {
	if !c.colours || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (c *console) bold(s string) string   { return c.style("1", s) }
func (c *console) faint(s string) string  { return c.style("2", s) }
func (c *console) accent(s string) string { return c.style("36", s) }
func (c *console) alarm(s string) string  { return c.style("31", s) }

// printable takes out what would steer the terminal: text comes from mails and cards.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}
