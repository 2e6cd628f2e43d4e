package main

import (
	"log/slog"
	"runtime/debug"

	"frist/config"
)

type serveCommand struct {
	Config string `help:"Settings file." required:"" placeholder:"FILE"`
	Debug  bool   `help:"Log more."`
}

// Run runs the bot until it is told to stop.
func (c *serveCommand) Run(e env) error {
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
	go debug.FreeOSMemory() // to read the texts and to migrate the database takes more than to run
	err = a.Run(e.ctx, true)
	if closeErr := a.Close(); err == nil {
		err = closeErr
	}
	log.Info("frist has stopped")
	return err
}
