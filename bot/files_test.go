package bot

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"
	"frist/conversation"
	"frist/conversation/attachment"
)

const list = "Namn;Personnummer\nKalle Karlsson;850709-9805\nLisa Larsson;850709-9805\n"

// readings is an Engine that reads each message in its turn, as the conversation's does.
type readings struct {
	channel *Channel
	fail    error // of the first turn

	mu   sync.Mutex
	raw  map[conversation.InboundID]conversation.RawInbound
	read []*conversation.Inbound
}

func (e *readings) Accept(_ context.Context, raw conversation.RawInbound) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.raw[raw.ID] = raw
	return true, nil
}

func (e *readings) Take(ctx context.Context, raw conversation.RawInbound) (conversation.Reply, error) {
	if _, err := e.Accept(ctx, raw); err != nil {
		return conversation.Reply{}, err
	}
	reply, err := e.Handle(ctx, raw.ID)
	reply.Waiting = err != nil
	return reply, nil
}

func (e *readings) Handle(_ context.Context, id conversation.InboundID) (conversation.Reply, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		err := e.fail
		e.fail = nil
		return conversation.Reply{}, err
	}
	in, err := e.channel.Read(e.raw[id])
	e.read = append(e.read, in)
	return conversation.Reply{}, err
}

// office is a channel between a fake Teams, a drive and an Engine that only reads.
type office struct {
	*world
	drive   *bottest.Drive
	channel *Channel
	engine  *readings
	log     bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{drive: must(bottest.NewDrive())(t), engine: &readings{raw: map[conversation.InboundID]conversation.RawInbound{}}}
	t.Cleanup(func() {
		if err := o.drive.Close(); err != nil {
			t.Error(err)
		}
	})
	o.channel = &Channel{Engine: o.engine, Now: time.Now, Log: slog.New(slog.NewTextHandler(&o.log, nil))}
	o.engine.channel = o.channel
	o.world = newWorld(t, nil)
	o.receiver.do = func(ctx context.Context, a *Activity) (InvokeResponse, error) {
		if a.Type == TypeInvoke {
			return o.channel.Invoke(ctx, a)
		}
		return InvokeResponse{}, o.channel.Message(ctx, a)
	}
	o.channel.Connector, o.channel.Files = o.bot.Connector(), o.bot.Files()
	o.channel.Files.log = o.channel.Log
	o.channel.Files.Reader.Rules = attachment.Rules{MaxSize: 20_000, MaxFiles: 3, Refused: []string{"exe"}}
	return o
}

// attach sends files and returns what the turn saw of the message.
func (o *office) attach(t *testing.T, files ...bottest.File) *conversation.Inbound {
	t.Helper()
	must(o.karin.Attach(testContext(t), "Fel mottagare", files...))(t)
	return o.turn(t)
}

func (o *office) turn(t *testing.T) *conversation.Inbound {
	t.Helper()
	o.channel.Wait()
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	if len(o.engine.read) == 0 {
		t.Fatal("no turn was had")
	}
	return o.engine.read[len(o.engine.read)-1]
}

func TestFilesAreFetched(t *testing.T) {
	o := newOffice(t)
	in := o.attach(t, bottest.File{Name: "../elever 850709-9805.csv", URL: o.drive.Add(bottest.Served{Body: []byte(list)})},
		bottest.File{Name: "faktura.pdf", URL: o.drive.Add(bottest.Served{Type: "application/pdf", Body: []byte("MZ" + strings.Repeat("\x00", 100))})})
	if in.Text != "Fel mottagare" || len(in.Attachments) != 2 {
		t.Fatalf("%+v", in)
	}
	if f := in.Attachments[0]; f.Name != "elever 850709-9805.csv" || f.Rows != 2 || f.Personnummer != 2 || f.Refused != "" || string(f.Content()) != list || f.Size != int64(len(list)) {
		t.Errorf("%+v", f)
	}
	if f := in.Attachments[1]; f.Refused != conversation.RefusedType || f.Content != nil {
		t.Errorf("a program: %+v", f)
	}
	if _, bearers := o.drive.Asked(); bearers != 0 {
		t.Error("the drive was shown the bot's token")
	}
	// What is kept of the message has no address that opens a file, and reads as before.
	bare := in.Bare()
	if bytes.Contains(bare, []byte("tempauth")) || bytes.Contains(bare, []byte("sharepoint")) || !bytes.Contains(bare, []byte("Fel mottagare")) {
		t.Errorf("kept: %s", bare)
	}
	again := must(o.channel.Read(conversation.RawInbound{ID: "x", Channel: conversation.ChannelTeams, Raw: bare}))(t)
	if again.Text != in.Text || again.From != in.From || len(again.Attachments) != 2 || again.Attachments[0].Refused != conversation.RefusedFetch {
		t.Errorf("read again: %+v", again)
	}
	var first []byte
	for _, raw := range o.engine.raw {
		first = raw.Raw
	}
	edited := bytes.Replace(first, []byte(`"type":"message"`), []byte(`"type":"messageUpdate"`), 1)
	again = must(o.channel.Read(conversation.RawInbound{ID: "y", Channel: conversation.ChannelTeams, Raw: edited}))(t)
	if again.Text != in.Text || len(again.Attachments) != 0 || again.Bare == nil || bytes.Contains(again.Bare(), []byte("tempauth")) {
		t.Errorf("an edit: %+v", again)
	}
	if len(o.channel.Files.fetched) != 0 {
		t.Error("files stay in memory after their turn")
	}
}

func TestPicturesAreFetchedWithTheToken(t *testing.T) {
	o := newOffice(t)
	png := []byte("\x89PNG\r\n\x1a\n")
	must(o.karin.Paste(testContext(t), "Se bilden", o.connector.AddPicture(bottest.Served{Type: "image/png", Page: true, Body: png})))(t)
	in := o.turn(t)
	if len(in.Attachments) != 1 || in.Attachments[0].Type != "image/png" || in.Attachments[0].Name != "image.png" || !bytes.Equal(in.Attachments[0].Content(), png) {
		t.Errorf("%+v", in.Attachments)
	}
	// A token that was revoked is fetched anew; a picture elsewhere gets none.
	o.identity.Revoke()
	must(o.karin.Paste(testContext(t), "Se bilden", o.connector.AddPicture(bottest.Served{Type: "image/png", Page: true, Body: png})))(t)
	if in := o.turn(t); in.Attachments[0].Refused != "" {
		t.Errorf("after the token was revoked: %+v", in.Attachments)
	}
	must(o.karin.Paste(testContext(t), "Se bilden", "https://bilder.example/a.png"))(t)
	if in := o.turn(t); in.Attachments[0].Refused != conversation.RefusedFetch {
		t.Errorf("at another host: %+v", in.Attachments)
	}
}

func TestFilesThatAreNotRead(t *testing.T) {
	o := newOffice(t)
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w := must(z.Create("xl/worksheets/sheet1.xml"))(t)
	if _, err := w.Write(append([]byte("<worksheet><sheetData><row><c><v>1</v></c></row><!--"), make([]byte, 1<<20)...)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	page := []byte("<html><title>Sign in to your account</title>")
	ok := o.drive.Add(bottest.Served{Body: []byte(list)})
	for name, c := range map[string]struct {
		served  bottest.Served
		url     string // in the place of the drive's
		refused string
		asks    int
	}{
		"expired":                    {served: bottest.Served{Status: 403}, refused: conversation.RefusedFetch, asks: 1},
		"gone":                       {served: bottest.Served{Status: 404}, refused: conversation.RefusedFetch, asks: 1},
		"not signed in":              {served: bottest.Served{Status: 401}, refused: conversation.RefusedFetch, asks: 1},
		"a sign-in page":             {served: bottest.Served{Type: "text/html; charset=utf-8", Page: true, Body: page}, refused: conversation.RefusedFetch, asks: 1},
		"a redirect elsewhere":       {served: bottest.Served{Status: 302, Location: "https://login.example/"}, refused: conversation.RefusedFetch, asks: 1},
		"a redirect on the drive":    {served: bottest.Served{Status: 302, Location: ok}, asks: 2},
		"a redirect inwards":         {served: bottest.Served{Status: 302, Location: "http://169.254.169.254/metadata"}, refused: conversation.RefusedFetch, asks: 1},
		"part of it":                 {served: bottest.Served{Status: 206, Body: []byte(list)}, refused: conversation.RefusedFetch, asks: 1},
		"10 GB":                      {served: bottest.Served{Length: 10 << 30, Body: []byte("x")}, refused: conversation.RefusedSize, asks: 1},
		"larger than it says":        {served: bottest.Served{Body: bytes.Repeat([]byte("x"), 20_001)}, refused: conversation.RefusedSize, asks: 1},
		"shorter than it says":       {served: bottest.Served{Length: 5000, Body: []byte(list)}, refused: conversation.RefusedFetch, asks: fetchTries},
		"a server that fails":        {served: bottest.Served{Fail: 9, FailStatus: 503}, refused: conversation.RefusedFetch, asks: fetchTries},
		"a server that fails once":   {served: bottest.Served{Fail: 1, FailStatus: 503, Body: []byte(list)}, asks: 2},
		"a server that is busy long": {served: bottest.Served{Fail: 1, FailStatus: 429, RetryAfter: "3600", Body: []byte(list)}, refused: conversation.RefusedFetch, asks: 1},
		"a zip bomb":                 {served: bottest.Served{Body: bomb.Bytes()}, asks: 1},
		"another host":               {url: "https://evil.example/fil", refused: conversation.RefusedFetch},
		"a host that looks like it":  {url: "https://sharepoint.com.evil.example/fil", refused: conversation.RefusedFetch},
		"no address":                 {url: " ", refused: conversation.RefusedFetch},
		"a local file":               {url: "file:///etc/passwd", refused: conversation.RefusedFetch},
		"an endless address":         {url: ok + strings.Repeat("x", maxFileURL), refused: conversation.RefusedFetch},
	} {
		before, _ := o.drive.Asked()
		url := c.url
		if url == "" {
			url = o.drive.Add(c.served)
		}
		in := o.attach(t, bottest.File{Name: "lista.csv", URL: url})
		after, _ := o.drive.Asked()
		f := in.Attachments[0]
		if f.Refused != c.refused || after-before != c.asks || (f.Content == nil) != (c.refused != "") || in.Text == "" {
			t.Errorf("%s: refused %q, asked %d times: %+v", name, f.Refused, after-before, f)
		}
	}
	if log := o.log.String(); strings.Contains(log, "tempauth") || strings.Contains(log, "lista") {
		t.Errorf("the log holds an address or a name: %s", log)
	}
	if _, bearers := o.drive.Asked(); bearers != 0 {
		t.Error("the drive was shown the bot's token")
	}
}

// A drive that never ends its answer holds a message up for a bounded time, and the words have their turn.
func TestSlowDrive(t *testing.T) {
	o := newOffice(t)
	o.channel.Files.wait = 300 * time.Millisecond
	begun := time.Now()
	in := o.attach(t, bottest.File{Name: "lista.csv", URL: o.drive.Add(bottest.Served{Delay: time.Hour, Body: []byte(list)})})
	if in.Text == "" || in.Attachments[0].Refused != conversation.RefusedFetch || time.Since(begun) > 5*time.Second {
		t.Errorf("%+v after %s", in.Attachments, time.Since(begun))
	}
	// While as many as may hold files at once are busy, another's words wait no longer than that.
	for range filesAtOnce {
		o.channel.Files.slots <- struct{}{}
	}
	if in := o.attach(t, bottest.File{Name: "lista.csv", URL: o.drive.Add(bottest.Served{Body: []byte(list)})}); in.Attachments[0].Refused != conversation.RefusedFetch {
		t.Errorf("%+v", in.Attachments)
	}
}

func TestManyFiles(t *testing.T) {
	o := newOffice(t)
	var files []bottest.File
	for range 250 {
		files = append(files, bottest.File{Name: "a.csv", URL: o.drive.Add(bottest.Served{Body: []byte(list)})})
	}
	in := o.attach(t, files...)
	asked, _ := o.drive.Asked()
	if asked != 3 || len(in.Attachments) != 200 || in.Attachments[2].Rows != 2 || in.Attachments[3].Refused != conversation.RefusedMany {
		t.Errorf("asked for %d, told of %d", asked, len(in.Attachments))
	}
}

type scans func([]byte) (string, error)

func (f scans) Scan(_ context.Context, data []byte) (string, error) { return f(data) }

func TestFilesInTeamsAreScanned(t *testing.T) {
	o := newOffice(t)
	alarmed := ""
	o.channel.Files.Alarm = func(_ context.Context, key string, _ conversation.Line) error { alarmed = key; return nil }
	o.channel.Files.Scanner = scans(func(data []byte) (string, error) {
		switch {
		case bytes.Contains(data, []byte("HARM")):
			return "Test.Harm-1", nil
		case bytes.Contains(data, []byte("FAIL")):
			return "", errors.New("connection refused")
		}
		return "", nil
	})
	var files []bottest.File
	for _, content := range []string{list, "HARM", "FAIL"} {
		files = append(files, bottest.File{Name: "a.csv", URL: o.drive.Add(bottest.Served{Body: []byte(content)})})
	}
	in := o.attach(t, files...)
	for i, want := range []string{"", conversation.RefusedInfects, conversation.RefusedScan} {
		if f := in.Attachments[i]; f.Refused != want || (f.Content == nil) != (want != "") {
			t.Errorf("%d: %+v", i, f)
		}
	}
	if alarmed != "scan" || in.Attachments[1].Infected != "Test.Harm-1" {
		t.Errorf("alarm %q, %+v", alarmed, in.Attachments)
	}
}

// A turn that failed for a passing reason has the files when it is had again, and after a stop they are fetched anew.
func TestFilesWaitForTheirTurn(t *testing.T) {
	o := newOffice(t)
	o.engine.fail = errors.New("database is locked")
	must(o.karin.Attach(testContext(t), "x", bottest.File{Name: "a.csv", URL: o.drive.Add(bottest.Served{Body: []byte(list)})}))(t)
	o.channel.Wait()
	for id, raw := range o.engine.raw {
		for range 2 {
			o.channel.Fetch(t.Context(), raw)
			must(o.engine.Handle(t.Context(), id))(t)
			if in := o.turn(t); in.Attachments[0].Rows != 2 {
				t.Errorf("%+v", in.Attachments)
			}
			o.channel.Files.forget(id)
		}
	}
	if asked, _ := o.drive.Asked(); asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	// Beyond so many, those that have waited longest go.
	files := o.channel.Files
	for i := range 3 * fetchedMost {
		files.keep(conversation.NewInboundID(fmt.Sprint(i)), nil)
	}
	for i := range 3 * fetchedMost {
		if _, have := files.fetched[conversation.NewInboundID(fmt.Sprint(i))]; have != (i >= 2*fetchedMost) {
			t.Errorf("message %d of %d: its files are there: %v", i, 3*fetchedMost, have)
		}
	}
}

// A fault of the program in one file costs no more than that file.
func TestFileThatBreaksTheReader(t *testing.T) {
	o := newOffice(t)
	o.channel.Files.Reader.Letter = func([]byte) *attachment.Letter { panic("a fault") }
	in := o.attach(t, bottest.File{Name: "m.eml", URL: o.drive.Add(bottest.Served{Body: []byte("Subject: x\n\nhej")})})
	if in.Text == "" || in.Attachments[0].Refused != conversation.RefusedFetch || !strings.Contains(o.log.String(), "fault of the program") {
		t.Errorf("%+v", in.Attachments)
	}
}

// FuzzSentFiles: whatever attachments an activity has, reading ends, and what is kept of it opens no file.
func FuzzSentFiles(f *testing.F) {
	f.Add(`[{"contentType":"application/vnd.microsoft.teams.file.download.info","name":"a.csv","content":{"downloadUrl":"https://x.sharepoint.com/tempauth"}}]`)
	f.Add(`[{"contentType":"image/*","contentUrl":"https://tempauth"},{"contentType":"text/html","content":"<p>"}]`)
	f.Add(`[{"contentType":"reference","name":"a","contentUrl":7}]`)
	f.Fuzz(func(t *testing.T, attachments string) {
		raw, err := json.Marshal(map[string]any{"type": "message", "id": "1", "from": map[string]any{"id": "29:1"},
			"conversation": map[string]any{"id": "a:1"}, "attachments": json.RawMessage(attachments)})
		if err != nil {
			return
		}
		env := must(json.Marshal(envelope{Activity: raw}))(t)
		in, err := (&Channel{}).Read(conversation.RawInbound{Raw: env})
		if err != nil {
			return
		}
		if in.Bare == nil {
			return
		}
		again, err := (&Channel{}).Read(conversation.RawInbound{Raw: in.Bare()})
		if err != nil || len(again.Attachments) != len(in.Attachments) {
			t.Fatalf("%d files, then %+v, %v", len(in.Attachments), again, err)
		}
	})
}
