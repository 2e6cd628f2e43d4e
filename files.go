package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frist/bot"
	"frist/config"
	"frist/conversation"
	"frist/conversation/attachment"
	"frist/mail"
)

// joinFiles tells the mail channel what to do with files.
func (a *app) joinFiles() {
	a.mail.Files = fileRules(a.cfg)
	if scanner := clamd(a.cfg); scanner != nil {
		a.mail.Scanner = scanner
	}
	a.mail.Alarm, a.mail.Kept = a.engine.Alarm, a.keptFiles
}

// joinTeamsFiles has files in Teams treated as those that come by mail.
func (a *app) joinTeamsFiles(f *bot.Files) {
	f.Reader = attachment.Reader{Rules: fileRules(a.cfg), Letter: mail.Letter}
	if scanner := clamd(a.cfg); scanner != nil {
		f.Scanner = scanner
	}
	f.Alarm = a.engine.Alarm
}

func fileRules(cfg *config.Config) attachment.Rules {
	return attachment.Rules{MaxSize: cfg.Attachments.MaxSize, MaxFiles: cfg.Attachments.MaxFiles, Refused: cfg.Attachments.Refused}
}

// fetchAgain is how long a start, or a sweep, waits for files in all.
const fetchAgain = 30 * time.Second

// fetchFiles fetches the files of messages in Teams that were accepted and have had no turn; another replica may have had them in memory.
func (a *app) fetchFiles(ctx context.Context, ids ...conversation.InboundID) {
	if a.teams == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fetchAgain)
	defer cancel()
	for _, id := range ids {
		var raw conversation.RawInbound
		err := a.store.View(ctx, func(tx conversation.Tx) (err error) {
			raw, _, err = tx.Inbound(id)
			return err
		})
		switch {
		case err != nil:
			a.log.Error("the files of a message without a turn could not be looked for", "inbound", id, "error", err)
		case raw.Channel == conversation.ChannelTeams && ctx.Err() == nil:
			a.teams.Fetch(ctx, raw)
		}
	}
}

// clamd is the virus scanner, nil where the settings name none.
func clamd(cfg *config.Config) *mail.Clamd {
	network, addr := cfg.Attachments.ClamdAddr()
	if network == "" {
		return nil
	}
	return &mail.Clamd{Network: network, Addr: addr}
}

// keptFiles loads the content of files that were kept, in their order.
func (a *app) keptFiles(ctx context.Context, id conversation.IncidentID, files []conversation.Attachment) (contents [][]byte, err error) {
	err = a.store.View(ctx, func(tx conversation.Tx) error {
		contents = nil
		for _, f := range files {
			content, err := tx.File(id, f.ID)
			if err != nil {
				return err
			}
			contents = append(contents, content)
		}
		return nil
	})
	return contents, err
}

// exportFiles writes an incident's kept files into the folder, readable by the owner alone. Each name begins with the file's place, so that no two are the
// same and none is a name with a meaning.
func (a *app) exportFiles(ctx context.Context, dir string, x exported) error {
	n := 0
	for _, f := range x.doc.Files {
		if f.ID == "" {
			continue
		}
		content, err := a.keptFiles(ctx, x.id, []conversation.Attachment{f})
		if err != nil {
			return fmt.Errorf("load a kept file: %w", err)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the folder for the files: %w", err)
		}
		n++
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%s", n, diskName(f.Name))), content[0], 0o600); err != nil {
			return fmt.Errorf("write a kept file: %w", err)
		}
	}
	return nil
}

// diskName is a file's name with what some file system gives a meaning to taken out.
func diskName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	for len(name) > 200 {
		name = strings.ToValidUTF8(name[1:], "") // its ending matters most
	}
	return name
}
