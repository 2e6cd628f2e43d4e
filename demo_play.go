package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frist/conversation"
)

func (d *demo) say(key string, args ...string) string { return d.x.words.Demo(d.lang, key, args...) }
func (d *demo) when(t time.Time) string               { return d.x.words.DemoTime(d.lang, t) }
func (d *demo) print(s string)                        { d.con.print(s) }
func (d *demo) note(s string)                         { d.con.print(d.con.faint(s)) }

// fail tells of what went wrong; the demo goes on.
func (d *demo) fail(err error) {
	d.print(d.con.alarm(d.say("failed", "error", printable(err.Error()))))
	d.x.log.Error("the demo could not do what it was told", "error", err)
}

// lookEvery is how often the running clock is looked at for what has come due.
const lookEvery = 10 * time.Second

// play reads and does one line after another, and shows meanwhile what happens by itself.
func (d *demo) play() error {
	d.print(d.say("start", "organisation", d.x.cfg.Organisation, "clock", d.when(d.x.clock.Now()), "dir", d.dir, "endpoint", d.x.endpoint))
	d.print("")
	d.print(d.say("begin", "example", d.say("example")))
	d.print("")
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		d.con.ask(d.prompt())
		select {
		case <-d.ctx.Done():
			return nil
		case <-d.woken:
			d.show()
		case <-look.C:
			if err := d.x.moveTo(d.ctx, d.x.clock.Now()); err != nil && d.ctx.Err() == nil {
				d.fail(err)
			}
			d.show()
		case line, ok := <-d.con.lines:
			d.con.asked = false
			if !ok || !d.take(line) {
				return nil
			}
		}
	}
}

func (d *demo) prompt() string {
	where := d.say("new_mail")
	switch r := d.now.answers; {
	case d.now == d.parts[0] && d.teams:
		where = d.say("teams")
	case r != nil && !d.fresh:
		where = d.say("mail") + " " + itoa(r.n)
	case d.now != d.parts[0] && !d.fresh:
		return d.say(d.now.key) + ">"
	}
	return d.say(d.now.key) + " (" + where + ")>"
}

// take does what a line says and shows what it leads to; false ends the demo.
func (d *demo) take(line string) (more bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	var err error
	switch {
	case word == "":
		return true
	case isCommand(word, "quit"):
		return false
	case strings.HasPrefix(word, "//"):
		d.note(d.say("multiline"))
		text, ok := d.readLines(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//")))
		if err = nil; ok {
			err = d.speak(text)
		}
	case strings.HasPrefix(word, "/"):
		err = d.command(word, rest)
	default:
		err = d.speak(line)
	}
	if err == nil {
		err = d.x.settle(d.ctx)
	}
	if err != nil {
		d.fail(err)
	}
	d.show()
	return true
}

// speak sends a text from whoever is played now: in Teams, as an answer to a mail, or as a new mail.
func (d *demo) speak(text string) error {
	employee := d.now == d.parts[0]
	if employee && d.teams {
		_, err := d.x.employee.Say(d.ctx, text)
		return err
	}
	to := d.now.answers
	if d.fresh {
		to, d.fresh = nil, false
	} else if to == nil && !employee {
		d.note(d.say("no_mail", "name", d.now.name))
		return nil
	}
	return d.send(d.now, to, text)
}

// readLine has one line typed at a prompt of its own.
func (d *demo) readLine(prompt string) (line string, ok bool) {
	d.con.ask(prompt)
	select {
	case <-d.ctx.Done():
		return "", false
	case line, ok = <-d.con.lines:
		d.con.asked = false
		return line, ok
	}
}

// readLines has lines typed until one that is a full stop alone, or the end of a script. ok is false if nothing is to be sent.
func (d *demo) readLines(first string) (text string, ok bool) {
	var lines []string
	if first != "" {
		lines = append(lines, first)
	}
	for {
		line, ok := d.readLine("  …")
		if isCommand(line, "cancel") {
			lines = nil
			break
		}
		if !ok || strings.TrimSpace(line) == "." {
			break
		}
		lines = append(lines, line)
	}
	text = strings.Join(lines, "\n")
	if strings.TrimSpace(text) == "" {
		d.note(d.say("dropped"))
		return "", false
	}
	return text, true
}

// wake makes play look for news; it never blocks.
func (d *demo) wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// show prints what has come since the last look, and brings the documents up to date.
func (d *demo) show() {
	news := d.takeActivities()
	for _, r := range d.takePost() {
		most := linesOther
		if r.to == d.now || r.to == d.parts[0] {
			most = linesOwn
		}
		d.showMail(r, most)
		news = true
	}
	if !news {
		return
	}
	d.print("")
	if err := d.writeReports(); err != nil && d.ctx.Err() == nil {
		d.fail(err)
	}
}

// writeReports writes every incident's documents as they stand now, each into the folder with its number.
func (d *demo) writeReports() error {
	var numbers []string
	err := d.x.store.View(d.ctx, func(tx conversation.Tx) error {
		list, err := tx.Incidents()
		for _, in := range list {
			numbers = append(numbers, in.Number)
		}
		return err
	})
	if err != nil {
		return err
	}
	d.reports = numbers
	for _, n := range numbers {
		doc, form, err := d.x.engine.Document(d.ctx, n)
		if err != nil {
			return err
		}
		if err := writeDocuments(d.x.words, filepath.Join(d.dir, n), doc, form, d.lang); err != nil {
			return err
		}
	}
	return nil
}

// keepActivities writes what passed over the wire in the terminal's Teams.
func (d *demo) keepActivities() error {
	f, err := os.OpenFile(filepath.Join(d.dir, "activities.jsonl"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("keep activities: %w", err)
	}
	return errors.Join(d.x.connector.WriteLog(f), f.Close())
}
