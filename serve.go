package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"frist/config"
)

type serveCommand struct {
	Config string `help:"Settings file." required:"" placeholder:"FILE"`
	Debug  bool   `help:"Log more."`
}

// How far the heap may grow, in percent of what is live, before garbage is collected, unless GOGC says. Reading the texts and the form leaves some
// 5 MB of garbage, which waits until the program runs. From then on half of Go's usual 100 takes some 8 MB less while 64 people write at once, for
// 5 % more processor time; at rest it makes no difference.
const (
	gcPercentStart = 400
	gcPercent      = 50
)

func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// Run runs the bot until it is told to stop.
func (c *serveCommand) Run(e env) error {
	collectAt(gcPercentStart)
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(e.err, &slog.HandlerOptions{Level: level}))
	a, err := newApp(e.ctx, cfg, options{log: log})
	if err != nil {
		return err
	}
	if err := a.Listen(); err != nil {
		return err
	}
	log.Info("frist is running", "listen", a.listener.Addr().String(), "mailbox", cfg.Mail.IMAP.Mailbox, "teams", a.bot != nil, "form_version", a.form.Version)
	collectAt(gcPercent)
	err = a.Run(e.ctx, true)
	if closeErr := a.Close(); err == nil {
		err = closeErr
	}
	log.Info("frist has stopped")
	return err
}
