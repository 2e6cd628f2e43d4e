package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// demoWords are the demo's commands, in both languages whatever the demo's.
var demoWords = map[string][]string{
	"employee": {"employee", "anställd", "anstalld", "reporter"},
	"dso":      {"dso", "dataskyddsombud"},
	"deputy":   {"deputy", "ersättare", "ersattare"},
	"oncall":   {"oncall", "on-call", "beredskap", "jour"},
	"mail":     {"mail", "mejl", "e-post"},
	"teams":    {"teams"},
	"new":      {"new", "nytt", "ny"},
	"inbox":    {"inbox", "inkorg"},
	"open":     {"open", "öppna", "oppna", "läs", "read"},
	"reply":    {"reply", "svara", "svar", "answer"},
	"clock":    {"clock", "klocka", "klockan"},
	"card":     {"card", "kort"},
	"attach":   {"attach", "bifoga"},
	"files":    {"files", "filer"},
	"html":     {"html"},
	"help":     {"help", "hjälp", "hjalp", "?"},
	"cancel":   {"cancel", "avbryt"},
	"quit":     {"quit", "avsluta", "exit", "sluta", "q"},
}

// isCommand tells whether a word with its slash is a command.
func isCommand(word, name string) bool {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, w := range demoWords[name] {
		if word == "/"+w {
			return true
		}
	}
	return false
}

// command does what a line that begins with a slash says.
func (d *demo) command(word, rest string) error {
	is := func(name string) bool { return isCommand(word, name) }
	for _, p := range d.parts {
		if is(p.key) {
			d.become(p)
			return nil
		}
	}
	switch {
	case is("mail"), is("teams"):
		d.now, d.teams = d.parts[0], is("teams")
		channel := "mail"
		if d.teams {
			channel = "teams"
		}
		d.note(d.say("channel", "name", d.now.name, "channel", d.say(channel)))
	case is("new"):
		d.fresh = true
		if d.now == d.parts[0] {
			d.teams = false
		}
		d.note(d.say("fresh"))
	case is("inbox"):
		d.inbox()
	case is("open"):
		if r := d.numbered(rest); r != nil {
			r.to.answers = r
			d.showMail(r, 0)
			d.print("")
		}
	case is("reply"):
		return d.reply(rest)
	case is("clock"):
		return d.moveClock(rest)
	case is("card"):
		return d.useCard(rest)
	case is("attach"):
		return d.attach(rest)
	case is("files"):
		d.files()
	case is("html"):
		if len(d.reports) == 0 {
			d.note(d.say("html_none"))
			return nil
		}
		for _, n := range d.reports {
			d.print(d.say("html", "path", d.path(n, "notification.html")))
		}
	case is("help"):
		d.print(d.say("help"))
	default:
		d.note(d.say("unknown", "command", printable(word)))
	}
	return nil
}

// become changes who is played, and says what a line will now answer.
func (d *demo) become(p *part) {
	d.now, d.fresh = p, false
	d.note(d.say("now_role", "role", d.say(p.key), "name", p.name))
	if p == d.parts[0] {
		return
	}
	r := p.answers
	if r == nil {
		d.note(d.say("no_mail", "name", p.name))
		return
	}
	d.note(d.say("answers", "n", itoa(r.n), "subject", printable(r.mail.Subject)))
	if !r.opened {
		d.showMail(r, linesOwn)
		d.print("")
	}
}

// numbered finds a mail by its number, or the one that whoever is played would answer where none is given; nil, and it is said, if there is none.
func (d *demo) numbered(number string) *received {
	if number == "" {
		if r := d.now.answers; r != nil {
			return r
		}
		d.note(d.say("no_mail", "name", d.now.name))
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(d.mails) {
		d.note(d.say("unknown_n", "n", printable(number)))
		return nil
	}
	return d.mails[n-1]
}

// reply answers a mail, as whoever got it. What stands after the number on the same line is the whole answer.
func (d *demo) reply(rest string) error {
	number, text, _ := strings.Cut(rest, " ")
	r := d.numbered(number)
	if r == nil {
		return nil
	}
	if text = strings.TrimSpace(text); text == "" {
		d.note(d.say("reply_as", "name", r.to.name, "n", itoa(r.n)))
		var ok bool
		if text, ok = d.readLines(""); !ok {
			return nil
		}
	}
	return d.send(r.to, r, text)
}

// moveClock lets time pass, stopping wherever something is due.
func (d *demo) moveClock(rest string) error {
	if rest == "" {
		d.print(d.say("clock", "clock", d.when(d.x.clock.Now())))
		return nil
	}
	by, ok := span(rest)
	if !ok {
		d.note(d.say("clock_bad"))
		return nil
	}
	to := d.x.clock.Now().Add(by)
	d.note(d.say("clock_go", "clock", d.when(to)))
	for {
		more, err := d.x.step(d.ctx, to)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		d.print("")
		d.print(d.con.bold("◷ " + d.when(d.x.clock.Now())))
		d.show()
	}
	d.print(d.say("clock", "clock", d.when(d.x.clock.Now())))
	return nil
}

// spanMax is how far the clock is moved at a time.
const spanMax = 60 * 24 * time.Hour

// span reads how long time shall pass: "+24h", "90m", "+3d", "2d6h".
func span(s string) (time.Duration, bool) {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(s), "+"), " ", ""))
	days, rest := 0, s
	if before, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(before)
		if err != nil || n < 0 || n > int(spanMax/(24*time.Hour)) {
			return 0, false
		}
		days, rest = n, after
	}
	by := time.Duration(days) * 24 * time.Hour
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 || more > spanMax {
			return 0, false
		}
		by += more
	}
	return by, by > 0 && by <= spanMax
}

func (d *demo) files() {
	documents := d.say("files_none")
	var list []string
	for _, n := range d.reports {
		list = append(list, n+"/notification.html, .json, .txt")
	}
	if len(list) > 0 {
		documents = strings.Join(list, "\n               ")
	}
	d.print(d.say("files", "dir", d.path(), "documents", documents))
}

// path is where something lies in the run's folder, to be copied from the terminal to anywhere.
func (d *demo) path(elem ...string) string {
	p := filepath.Join(append([]string{d.dir}, elem...)...)
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return p
}
