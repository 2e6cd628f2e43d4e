package mail

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"frist/conversation"
)

// Scanner looks for harmful content; *Clamd does. It returns what it found, "" if nothing.
type Scanner interface {
	Scan(ctx context.Context, data []byte) (found string, err error)
}

// verdict is what the scanner said of one file. Neither clean nor infected: it could not be scanned.
type verdict struct {
	clean    bool
	infected string
}

// scanField begins the line that stands above a raw mail that has been taken in: what the scanner said of its files, in their order. The mail as it
// came stands below and is read without that line, so that a field of that name in it never counts.
const scanField = "X-Frist-Scan: v1"

// The words of scanField.
const (
	scanNone   = "none" // no scanner is set
	scanClean  = "ok"
	scanFailed = "failed"
	scanFound  = "found:"
)

// scanRest is for how long no further file is sent to a scanner that did not answer, so that it does not hold up the mails behind.
const scanRest = 30 * time.Second

// scanPause is until when a scanner that failed is left alone.
type scanPause struct {
	mu    sync.Mutex
	until time.Time
}

func (p *scanPause) resting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.until)
}

func (p *scanPause) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Now().Add(scanRest)
}

// Scanned has the files of a mail scanned and returns the mail with the verdicts above it. It does I/O, so it comes before the mail is committed;
// what could not be scanned is marked so, and is neither read nor kept.
func (c *Channel) Scanned(ctx context.Context, m *Message, raw []byte) []byte {
	if c.Scanner == nil {
		return withVerdicts(raw, scanNone)
	}
	rules := c.Files.orDefault()
	words := make([]string, 0, len(m.Attachments))
	read := 0
	for i := range m.Attachments {
		a := m.file(i)
		if a.decorates() || a.body == nil && a.Size > 0 || a.Size > rules.MaxSize || read >= rules.MaxFiles {
			words = append(words, scanFailed) // it is refused anyway
			continue
		}
		read++
		words = append(words, c.scanOne(ctx, a))
	}
	return withVerdicts(raw, words...)
}

func (c *Channel) scanOne(ctx context.Context, a filePart) string {
	if c.pause.resting() {
		return scanFailed
	}
	data, _ := a.decode(c.Files.orDefault().MaxSize)
	found, err := c.Scanner.Scan(ctx, data)
	switch {
	case err != nil:
		c.Log.Error("a file could not be scanned, and is not read", "size", a.Size, "error", err)
		if answered, ok := err.(*ScanError); !ok || answered.Err != nil { //nolint:errorlint // what the scanner itself returned
			c.pause.rest()
		}
		c.alarm(ctx, "scan", conversation.Line{Key: conversation.AlarmScan})
		return scanFailed
	case found != "":
		c.Log.Warn("a file is harmful, and is not read", "size", a.Size, "signature", found)
		return scanFound + found
	}
	return scanClean
}

func (c *Channel) alarm(ctx context.Context, key string, line conversation.Line) {
	if c.Alarm == nil {
		return
	}
	if err := c.Alarm(ctx, key, line); err != nil {
		c.Log.Error("the administrator could not be told", "alarm", key, "error", err)
	}
}

func withVerdicts(raw []byte, words ...string) []byte {
	return marked(raw, strings.Join(append([]string{scanField}, words...), " "))
}

// verdicts parts the line that Scanned wrote from the mail. A nil list: no scanner is set. Where one is set that did not see the mail, nothing of it
// counts as scanned.
func (c *Channel) verdicts(raw []byte) (list []verdict, mail []byte) {
	line, mail, ok := bytes.Cut(raw, []byte("\r\n"))
	words, ours := strings.CutPrefix(string(line[:min(len(line), maxHeaderBytes)]), scanField+" ")
	if !ok || !ours {
		words, mail = "", raw
	}
	if c.Scanner == nil {
		return nil, mail
	}
	list = []verdict{}
	for _, w := range strings.Fields(words) {
		name, found := strings.CutPrefix(w, scanFound)
		if found && name != "" {
			list = append(list, verdict{infected: name})
		} else {
			list = append(list, verdict{clean: w == scanClean})
		}
	}
	return list, mail
}
