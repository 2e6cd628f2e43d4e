package mail

import (
	"bytes"
	"context"
	"strings"

	"frist/conversation"
	"frist/conversation/attachment"
)

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

// Scanned has the files of a mail scanned and returns the mail with the verdicts above it. It does I/O, so it comes before the mail is committed;
// what could not be scanned is marked so, and is neither read nor kept.
func (c *Channel) Scanned(ctx context.Context, m *Message, raw []byte) []byte {
	if c.Scanner == nil {
		return withVerdicts(raw, scanNone)
	}
	rules := c.Files.OrDefault()
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
	data, _ := a.decode(c.Files.OrDefault().MaxSize)
	verdict, err := c.watch.Scan(ctx, c.Scanner, data)
	switch {
	case err != nil:
		c.Log.Error("a file could not be scanned, and is not read", "size", a.Size, "error", err)
		c.alarm(ctx, "scan", conversation.Line{Key: conversation.AlarmScan})
		return scanFailed
	case verdict.Infected != "":
		c.Log.Warn("a file is harmful, and is not read", "size", a.Size, "signature", verdict.Infected)
		return scanFound + verdict.Infected
	case !verdict.Clean:
		return scanFailed
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
func (c *Channel) verdicts(raw []byte) (list []attachment.Verdict, mail []byte) {
	line, mail, ok := bytes.Cut(raw, []byte("\r\n"))
	words, ours := strings.CutPrefix(string(line[:min(len(line), maxHeaderBytes)]), scanField+" ")
	if !ok || !ours {
		words, mail = "", raw
	}
	if c.Scanner == nil {
		return nil, mail
	}
	list = []attachment.Verdict{}
	for _, w := range strings.Fields(words) {
		name, found := strings.CutPrefix(w, scanFound)
		if found && name != "" {
			list = append(list, attachment.Verdict{Infected: name})
		} else {
			list = append(list, attachment.Verdict{Clean: w == scanClean})
		}
	}
	return list, mail
}
