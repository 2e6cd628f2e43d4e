package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"frist/conversation"
	"frist/conversation/attachment"
)

// Content types of files in a personal chat (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4).
const (
	typeFileDownload = "application/vnd.microsoft.teams.file.download.info"
	typeFileConsent  = "application/vnd.microsoft.teams.card.file.consent"
	typeFileInfo     = "application/vnd.microsoft.teams.card.file.info"
)

const (
	// filesTimeout is how long a message waits for its files, so that the alert that it sets off goes within the minute.
	filesTimeout = 20 * time.Second
	// filesAtOnce messages may hold files in memory before their turn, each at most filesMax bytes, or one file of the largest size.
	filesAtOnce = 3
	filesMax    = 40 << 20
	// fetchedFor is how long files wait for a turn that failed for a passing reason, and fetchedMost how many messages' files do.
	fetchedFor  = 5 * time.Minute
	fetchedMost = 8
)

// Files fetches what people attach in Teams, has it scanned and describes it. Its fields are set before it is used.
type Files struct {
	// Reader bounds and reads the files; Scanner, nil where none is set, looks at each before.
	Reader  attachment.Reader
	Scanner attachment.Scanner
	// Alarm tells the administrator, once a day for each key; nil: nobody.
	Alarm func(ctx context.Context, key string, line conversation.Line) error

	wait  time.Duration // how long a message waits for its files
	fetch fetcher
	log   *slog.Logger
	slots chan struct{}
	watch attachment.Watch

	mu      sync.Mutex
	fetched map[conversation.InboundID]fetched
	uploads map[[sha256.Size]byte]bool // by the address's hash: it opens somebody's drive
}

// fetched are a message's files, which wait for its turn.
type fetched struct {
	files []conversation.Attachment
	at    time.Time
}

func newFiles(f fetcher, log *slog.Logger) *Files {
	return &Files{wait: filesTimeout, fetch: f, log: log, slots: make(chan struct{}, filesAtOnce), fetched: map[conversation.InboundID]fetched{}}
}

// sentFile is a file that an activity names.
type sentFile struct {
	name, kind string
	url        string // "": it cannot be had
	service    bool   // it lies at the connector, which wants the bot's token
}

// sentFiles lists the files of an activity. Cards, quoted messages and the HTML copy of the text are none.
func sentFiles(a *Activity) (list []sentFile) {
	for _, f := range a.Attachments {
		kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(f.ContentType)), ";")
		switch {
		case kind == typeFileDownload:
			var c struct {
				DownloadURL string `json:"downloadUrl"`
				FileType    string `json:"fileType"`
			}
			_ = json.Unmarshal(f.Content, &c) // without an address it is told that the file could not be had
			name := f.Name
			if name == "" && c.FileType != "" {
				name = "file." + c.FileType
			}
			list = append(list, sentFile{name: name, url: c.DownloadURL})
		case strings.HasPrefix(kind, "image/"), strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
			list = append(list, sentFile{name: f.Name, kind: kind, url: f.ContentURL, service: true})
		case kind == "text/html", kind == "messagereference", strings.HasPrefix(kind, "application/vnd.microsoft."), f.Name == "":
		default:
			list = append(list, sentFile{name: f.Name, kind: kind})
		}
	}
	return list
}

// take fetches the files of a message before its turn, outside any transaction, and keeps them for Read.
func (f *Files) take(ctx context.Context, id conversation.InboundID, a *Activity) {
	list := sentFiles(a)
	if len(list) == 0 || a.Type != TypeMessage {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		f.log.Error("a message's files could not be fetched: too many at once", "inbound", id)
		return
	}
	rules := f.Reader.Rules.OrDefault()
	defer func() {
		if recover() != nil {
			f.log.Error("a message's files could not be read: this is a fault of the program", "inbound", id, "stack", string(debug.Stack()))
		}
	}()
	left := max(filesMax, rules.MaxSize)
	files := make([]attachment.File, 0, len(list))
	for i, s := range list {
		file := attachment.File{Name: s.name, Type: s.kind}
		switch {
		case i >= rules.MaxFiles:
		case left <= 0:
			file.Refused = conversation.RefusedMany
		default:
			file = f.one(ctx, s, min(left, rules.MaxSize))
			if file.Refused == conversation.RefusedSize && file.Size <= rules.MaxSize {
				file.Refused = conversation.RefusedMany // it would fit alone
			}
			left -= file.Size
		}
		files = append(files, file)
	}
	f.keep(id, f.Reader.Read(files))
}

// one fetches and scans a file.
func (f *Files) one(ctx context.Context, s sentFile, limit int64) attachment.File {
	file := attachment.File{Name: s.name, Type: s.kind}
	got, err := f.fetch.get(ctx, s, limit)
	if err != nil {
		f.log.Warn("a file could not be fetched from Teams", "error", err)
		file.Refused = conversation.RefusedFetch
		if large := (*tooLarge)(nil); errors.As(err, &large) {
			file.Refused, file.Size = conversation.RefusedSize, large.size
		}
		return file
	}
	if strings.HasSuffix(file.Type, "/*") || file.Type == "" {
		file.Type = got.kind
	}
	if file.Name == "" {
		_, sub, _ := strings.Cut(file.Type, "/")
		file.Name = "image." + sub // pasted into the text, it has none
	}
	file.Size = int64(len(got.data))
	file.Open = func(limit int64) []byte { return got.data[:min(int64(len(got.data)), limit)] }
	file.Verdict, err = f.watch.Scan(ctx, f.Scanner, got.data)
	switch {
	case err != nil:
		f.log.Error("a file could not be scanned, and is not read", "size", file.Size, "error", err)
		f.alarm(ctx, "scan", conversation.Line{Key: conversation.AlarmScan})
	case file.Verdict.Infected != "":
		f.log.Warn("a file is harmful, and is not read", "size", file.Size, "signature", file.Verdict.Infected)
	}
	return file
}

func (f *Files) alarm(ctx context.Context, key string, line conversation.Line) {
	if f.Alarm == nil {
		return
	}
	if err := f.Alarm(context.WithoutCancel(ctx), key, line); err != nil {
		f.log.Error("the administrator could not be told", "alarm", key, "error", err)
	}
}

func (f *Files) keep(id conversation.InboundID, files []conversation.Attachment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, again := f.fetched[id]; !again && len(f.fetched) >= fetchedMost {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(f.fetched)), func(a, b conversation.InboundID) int { return f.fetched[a].at.Compare(f.fetched[b].at) })
		delete(f.fetched, oldest) // its sender is asked to send them again
	}
	mine := fetched{files, time.Now()}
	f.fetched[id] = mine
	time.AfterFunc(fetchedFor, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.fetched[id].at.Equal(mine.at) {
			delete(f.fetched, id)
		}
	})
}

// forget lets go of a message's files, which have had their turn.
func (f *Files) forget(id conversation.InboundID) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.fetched, id)
}

// read describes a message's files: as they were fetched, else as those that could not be had.
func (f *Files) read(id conversation.InboundID, a *Activity) []conversation.Attachment {
	list := sentFiles(a)
	if len(list) == 0 || a.Type != TypeMessage {
		return nil // an edited message names the files that came with it when it was new
	}
	rules := attachment.Rules{}
	if f != nil {
		f.mu.Lock()
		got, ok := f.fetched[id]
		f.mu.Unlock()
		if ok {
			return slices.Clone(got.files)
		}
		rules = f.Reader.Rules
	}
	files := make([]attachment.File, 0, len(list))
	for _, s := range list {
		files = append(files, attachment.File{Name: s.name, Type: s.kind, Refused: conversation.RefusedFetch})
	}
	return attachment.Reader{Rules: rules}.Read(files)
}

// fetchBefore fetches a message's files, if there are any.
func (c *Channel) fetchBefore(ctx context.Context, id conversation.InboundID, a *Activity) {
	if c.Files != nil {
		c.Files.take(ctx, id, a)
	}
}

// Fetch fetches the files of a message that was committed and had no turn: its addresses hold for some minutes.
func (c *Channel) Fetch(ctx context.Context, raw conversation.RawInbound) {
	var env envelope
	if c.Files == nil || json.Unmarshal(raw.Raw, &env) != nil {
		return
	}
	a, err := ParseActivity(env.Activity)
	if err != nil {
		return // its turn tells
	}
	c.Files.mu.Lock()
	_, have := c.Files.fetched[raw.ID]
	c.Files.mu.Unlock()
	if !have {
		c.Files.take(ctx, raw.ID, a)
	}
}

// bareActivity is a committed message without the addresses of its files: whoever has such an address can fetch the file.
func bareActivity(env envelope) []byte {
	var members map[string]json.RawMessage
	var list []map[string]json.RawMessage
	if json.Unmarshal(env.Activity, &members) != nil || json.Unmarshal(members["attachments"], &list) != nil {
		return nil
	}
	for _, f := range list {
		delete(f, "contentUrl")
		delete(f, "content")
		delete(f, "thumbnailUrl")
	}
	var err error
	if members["attachments"], err = json.Marshal(list); err != nil {
		return nil
	}
	if env.Activity, err = json.Marshal(members); err != nil {
		return nil
	}
	raw, err := json.Marshal(env)
	if err != nil {
		return nil
	}
	return raw
}
