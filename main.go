// Frist is a bot in Microsoft Teams and e-mail that guides an employee through reporting a personal data breach, and gets the
// notification to the authority within the 72 hours of GDPR article 33.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are the subcommands, one file each.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the bot."`
	Demo     demoCommand     `cmd:"" help:"Try everything in this terminal: nothing needs to be installed or configured."`
	Replay   replayCommand   `cmd:"" help:"Play cases end to end, over real protocols, and compare what comes out."`
	Check    checkCommand    `cmd:"" help:"Check settings and connections, and say what is wrong."`
	Inspect  inspectCommand  `cmd:"" help:"Show how a mail or a phrase is read."`
	Register registerCommand `cmd:"" help:"List all incidents (GDPR article 33.5)."`
	Export   exportCommand   `cmd:"" help:"Write an incident's documents."`
	TeamsApp teamsAppCommand `cmd:"" help:"Write the app package to upload in Teams."`
}

// env is what a command is given of the world around it.
type env struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
}

// usageError is a call that was wrong in itself: exit 2.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(env{ctx, os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is the program but for the process around it: 0 done, 1 failed, 2 bad usage.
func run(e env, args []string) (code int) {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("frist"), kong.Description("A bot that gets personal data breaches reported in time."),
		kong.Writers(e.out, e.err), kong.Exit(func(n int) { exited = n }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(e.err, "frist:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(longFlags(parser.Model, args))
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(e.err, "frist: %v. See frist -h.\n", err)
		return 2
	}
	if err = ctx.Run(e); err == nil {
		return 0
	}
	var u usageError
	if errors.As(err, &u) {
		fmt.Fprintf(e.err, "frist: %v\n", err)
		return 2
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintf(e.err, "frist: %v\n", err)
	}
	return 1
}

// longFlags gives each long flag that was written with one dash its second, as Go's own tools take them: kong reads "-config" as
// six short flags. Which names are flags is asked of the model, for all commands at once; what follows "--" is left alone.
func longFlags(model *kong.Application, args []string) []string {
	known := map[string]bool{}
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			known[f.Name] = true
			known["no-"+f.Name] = f.Tag != nil && f.Tag.Negatable != ""
		}
		return next(nil)
	})
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if len(name) > 1 && arg[0] == '-' && known[name] {
			out[i] = "-" + arg
		}
	}
	return out
}

// errReported is a failure that the command has told already.
var errReported = errors.New("failed")
