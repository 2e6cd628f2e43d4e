package main

import (
	"os"
	"path/filepath"
	"strings"

	"frist/bot/bottest"
)

// demoFileMax is the largest file that can be attached, in bytes: more than the bot reads, so that its answer to that can be seen too.
const demoFileMax = 64 << 20

// attach sends a file in Teams as the employee, from a drive on this machine. The path may stand in quotes; what follows it is the message's text.
func (d *demo) attach(rest string) error {
	var path, text string
	if quote, after, ok := strings.Cut(rest, `"`); ok && quote == "" {
		path, text, _ = strings.Cut(after, `"`)
	} else {
		path, text, _ = strings.Cut(rest, " ")
	}
	if path == "" {
		d.note(d.say("attach_how"))
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > demoFileMax {
		d.note(d.say("attach_bad", "path", printable(path)))
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if d.drive == nil {
		if d.drive, err = bottest.NewDrive(); err != nil {
			return err
		}
	}
	d.now, d.teams = d.parts[0], true
	_, err = d.x.employee.Attach(d.ctx, strings.TrimSpace(text), bottest.File{Name: filepath.Base(path), URL: d.drive.Add(bottest.Served{Body: data})})
	return err
}

// closeDrive ends the drive, if one was begun.
func (d *demo) closeDrive() error {
	if d.drive == nil {
		return nil
	}
	return d.drive.Close()
}
