package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"frist/config"
	"frist/conversation"
	"frist/templates"
)

type replayCommand struct {
	Channel string   `help:"Where the reporter writes: teams, mail, or mixed, which changes at every question." enum:"teams,mail,mixed" default:"mixed"`
	Config  string   `help:"Settings file: plays against its real servers, where receipt is now. The environment variables FRIST_REPLAY_REPORTER and FRIST_REPLAY_DSO then hold the two people's mail accounts there, as address:password; the DSO's address is that of the reporter's unit." placeholder:"FILE"`
	Out     string   `help:"Folder for what comes out, a folder in it for each case." default:"./frist-replay" placeholder:"DIR"`
	Debug   bool     `help:"Log what the program does."`
	Cases   []string `arg:"" help:"Case files." name:"case"`
}

// Run plays the cases one after the other and compares what comes out with what they say.
func (c *replayCommand) Run(e env) error {
	cases, err := loadCases(c.Cases)
	if err != nil {
		return err
	}
	level := slog.LevelError + 1
	if c.Debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: level}))
	play := c.embedded
	if c.Config != "" {
		play = c.against
	}
	return play(e, cases, log)
}

// embedded plays each case on servers of its own.
func (c *replayCommand) embedded(e env, cases []*replayCase, log *slog.Logger) error {
	words, err := templates.Load("")
	if err != nil {
		return err
	}
	for _, one := range cases {
		if err := readCase(one, words.Form(one.Form)); err != nil {
			return err
		}
	}
	failed := false
	for _, one := range cases {
		s, err := embeddedStage(e.ctx, one, words.Form(one.Form), log)
		if err == nil {
			err = errors.Join(c.one(e, s, one), s.close())
		}
		if err != nil {
			failed = true
			tell(e.err, one, err)
		}
		if e.ctx.Err() != nil {
			return e.ctx.Err()
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// against plays the cases on the servers of a settings file.
func (c *replayCommand) against(e env, cases []*replayCase, log *slog.Logger) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	s, err := realStage(e.ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if s.client == nil && c.Channel != "mail" {
		return usage("with these settings Teams cannot be played, since that needs development: true and teams: without ids; use -channel mail")
	}
	for _, one := range cases {
		if err := readCase(one, s.words.Form(one.Form)); err != nil {
			return err
		}
	}
	failed := false
	for _, one := range cases {
		if err := s.settle(e.ctx); err != nil {
			return err
		}
		s.wire.reset()
		if err := c.one(e, s, one); err != nil {
			failed = true
			tell(e.err, one, err)
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func readCase(one *replayCase, form *conversation.Form) error {
	if form == nil {
		return fmt.Errorf("case %s: there is no form %q", one.path, one.Form)
	}
	return one.read(form)
}

// differences are what came out otherwise than the case says.
type differences []string

func (d differences) Error() string { return fmt.Sprintf("%d differences", len(d)) }

// tell tells on standard error why a case failed, a line for each difference.
func tell(w io.Writer, one *replayCase, err error) {
	if d := (differences)(nil); errors.As(err, &d) {
		for _, line := range d {
			fmt.Fprintf(w, "%s: %s\n", one.name, line)
		}
		return
	}
	fmt.Fprintf(w, "%s: %v\n", one.name, err)
}

// one plays a case, writes what came out, and compares. What was written stays also when the play broke off.
func (c *replayCommand) one(e env, s *stage, one *replayCase) error {
	dir := filepath.Join(c.Out, one.name)
	p := &player{stage: s, c: one, channel: c.Channel}
	broke := p.play(e.ctx)
	wireErr := s.wire.write(dir)
	if p.number == "" {
		return errors.Join(broke, wireErr)
	}
	doc, form, err := s.engine.Document(e.ctx, p.number)
	if err == nil {
		err = writeDocuments(s.words, dir, doc, form, conversation.Lang(one.Lang))
	}
	if err = errors.Join(wireErr, err); err != nil {
		return errors.Join(broke, err)
	}
	n, err := readPlayed(dir)
	if err != nil {
		return errors.Join(broke, err)
	}
	faults, notes := p.compare(n)
	faults = append(append(p.faults, faults...), p.trace(n)...)
	for _, note := range notes {
		fmt.Fprintf(e.out, "%s: %s\n", one.name, note)
	}
	if broke != nil {
		faults = append([]string{"the play broke off: " + broke.Error()}, faults...)
	}
	if len(faults) > 0 {
		return differences(faults)
	}
	fmt.Fprintf(e.out, "%s: %s: as expected, %d answers, %d messages, in %s\n", one.name, c.Channel, len(n.Answers), len(s.wire.timeline), dir)
	return nil
}
