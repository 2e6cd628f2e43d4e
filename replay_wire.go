package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"frist/bot/bottest"
	"frist/mail"
)

// wireMail is a mail as it went over the wire.
type wireMail struct {
	at       time.Time
	from, to string // envelope: to as it was delivered, with its +token
	raw      []byte
	msg      *mail.Message
}

// wire records what passes between the people and the program, on both channels.
type wire struct {
	now func() time.Time
	bot string // its mail address
	// inTeams is the name of who writes there.
	inTeams string

	mu      sync.Mutex
	letters []*wireMail

	connector  *bottest.Connector // nil without Teams
	from       int                // what stood in the connector's log before
	seenMail   int
	seenCalls  int
	timeline   []moment
	activities []bottest.Recorded
}

// moment is a line of the timeline.
type moment struct {
	at       time.Time
	channel  string
	from, to string
	what     string
	toTheBot bool
}

// reset forgets what has passed, before another case on the same servers.
func (w *wire) reset() {
	w.mu.Lock()
	w.letters, w.seenMail = nil, 0
	w.mu.Unlock()
	if w.connector != nil {
		w.from = len(w.connector.Recorded())
	}
	w.seenCalls, w.timeline, w.activities = 0, nil, nil
}

// mail records a mail. It is called in a sender's connection, so it does not wait.
func (w *wire) mail(rcpt string, raw []byte) {
	m := mail.Parse(raw)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letters = append(w.letters, &wireMail{at: w.now(), from: m.From.Addr, to: rcpt, raw: bytes.Clone(raw), msg: m})
}

// fresh gives what has passed since the last call, and puts it on the timeline: at one instant, what the people said comes first.
func (w *wire) fresh() (letters []*wireMail, calls []bottest.Recorded) {
	w.mu.Lock()
	letters = slices.Clone(w.letters[w.seenMail:])
	w.seenMail = len(w.letters)
	w.mu.Unlock()
	if w.connector != nil {
		all := w.connector.Recorded()[w.from:]
		calls = slices.Clone(all[w.seenCalls:])
		w.seenCalls = len(all)
	}
	var new []moment
	for _, l := range letters {
		new = append(new, moment{at: l.at, channel: "mail", from: l.from, to: w.plain(l.to), what: l.msg.Subject, toTheBot: w.isBot(l.to)})
	}
	for _, c := range calls {
		if what, ok := callText(c); ok {
			m := moment{at: c.At, channel: "teams", from: "Frist", to: w.inTeams, what: what, toTheBot: c.Direction == bottest.ToBot}
			if m.toTheBot {
				m.from, m.to = m.to, m.from
			}
			new = append(new, m)
		}
	}
	slices.SortStableFunc(new, func(a, b moment) int {
		if d := a.at.Compare(b.at); d != 0 {
			return d
		}
		switch {
		case a.toTheBot == b.toTheBot:
			return 0
		case a.toTheBot:
			return -1
		}
		return 1
	})
	w.timeline = append(w.timeline, new...)
	w.activities = append(w.activities, calls...)
	return letters, calls
}

// plain takes the +token out of an address: it is a secret of the thread's.
func (w *wire) plain(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

func (w *wire) isBot(addr string) bool { return strings.EqualFold(w.plain(addr), w.bot) }

// wireActivity is what replay reads of an activity, whoever sent it.
type wireActivity struct {
	Type  string          `json:"type"`
	Text  string          `json:"text"`
	Value json.RawMessage `json:"value"`
}

// callText is what a call says on the timeline; ok is false for one that is no message.
func callText(c bottest.Recorded) (what string, ok bool) {
	var a wireActivity
	if !c.OK() || len(c.Activity) == 0 || json.Unmarshal(c.Activity, &a) != nil {
		return "", false
	}
	if c.Direction == bottest.FromBot {
		text := firstSet(c.Message().Summary, c.Message().Text, "card")
		switch {
		case a.Type != "message":
			return "", false
		case c.Method == "PUT":
			return "card updated: " + shortLine(text), true
		}
		return shortLine(text), true
	}
	switch a.Type {
	case "message":
		return shortLine(a.Text), true
	case "invoke":
		d := executed(a.Value)
		return shortLine(strings.TrimSpace("card " + d["field"] + " " + d["text"])), true
	}
	return a.Type, true
}

// executed gives the data of an Action.Execute.
func executed(value json.RawMessage) map[string]string {
	var v struct {
		Action struct {
			Data map[string]any `json:"data"`
		} `json:"action"`
	}
	if json.Unmarshal(value, &v) != nil {
		return nil
	}
	out := map[string]string{}
	for k, x := range v.Action.Data {
		if s, ok := x.(string); ok {
			out[k] = s
		}
	}
	return out
}

// shortLine shortens a text to one line of the timeline.
func shortLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}

func firstSet(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}

var ownMail = regexp.MustCompile(`^\d{3,}-to-[a-z]+\.eml$`)

// write writes the timeline, every mail and every activity. Mails of an earlier run in the same folder are replaced.
func (w *wire) write(dir string) error {
	mails := filepath.Join(dir, "mails")
	if err := os.MkdirAll(mails, 0o700); err != nil {
		return fmt.Errorf("make the folder for mails: %w", err)
	}
	old, err := os.ReadDir(mails)
	if err != nil {
		return fmt.Errorf("look at earlier mails: %w", err)
	}
	for _, f := range old {
		if ownMail.MatchString(f.Name()) {
			if err := os.Remove(filepath.Join(mails, f.Name())); err != nil {
				return fmt.Errorf("remove an earlier mail: %w", err)
			}
		}
	}
	w.mu.Lock()
	letters := slices.Clone(w.letters)
	w.mu.Unlock()
	for i, l := range letters {
		to := "person"
		if w.isBot(l.to) {
			to = "frist"
		}
		name := fmt.Sprintf("%03d-to-%s.eml", i+1, to)
		if err := os.WriteFile(filepath.Join(mails, name), l.raw, 0o600); err != nil {
			return fmt.Errorf("write mail: %w", err)
		}
	}
	var log bytes.Buffer
	enc := json.NewEncoder(&log)
	enc.SetEscapeHTML(false)
	for _, c := range w.activities {
		if err := enc.Encode(c); err != nil {
			return fmt.Errorf("write activities: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "activities.jsonl"), log.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write activities: %w", err)
	}
	return w.writeTimeline(filepath.Join(dir, "timeline.txt"))
}

// writeTimeline writes a line for each message: when, on which channel, from whom to whom, and what it is about.
func (w *wire) writeTimeline(path string) error {
	var b strings.Builder
	for _, m := range w.timeline {
		fmt.Fprintf(&b, "%s  %-5s  %s -> %s  %s\n", localTime(m.at), m.channel, m.from, m.to, shortLine(m.what))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write timeline: %w", err)
	}
	return nil
}
