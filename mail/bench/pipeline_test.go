package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frist/conversation"
	"frist/conversation/store"
	"frist/mail"
	"frist/templates"
)

// result is what a pipeline says of itself.
type result struct {
	Mails   int `json:"mails"`
	Letters int `json:"letters"` // bytes of new text, or of whole mails where nothing is read
	Kept    int `json:"kept"`    // rows in the database
}

// bare fetches every mail with commands that are all sent before the first answer is read, and does nothing with what comes: what go-imap and the
// server can do.
func bare(addr string) (res result, err error) {
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		return res, err
	}
	defer c.Close()
	if err := c.Login("bench", "bench").Wait(); err != nil {
		return res, err
	}
	box, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		return res, err
	}
	var mu sync.Mutex
	var errs []error
	var fetches sync.WaitGroup
	for first := uint32(1); first <= box.NumMessages; first += 100 {
		var set imap.SeqSet
		set.AddRange(first, min(first+99, box.NumMessages))
		cmd := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		// Dovecot may send data of the second command before it has ended the first: each has a reader of its own.
		fetches.Go(func() {
			n, size, err := drain(cmd)
			mu.Lock()
			defer mu.Unlock()
			res.Mails += n
			res.Letters += size
			errs = append(errs, err)
		})
	}
	fetches.Wait()
	errs = append(errs, c.Logout().Wait())
	return res, errors.Join(errs...)
}

func drain(cmd *imapclient.FetchCommand) (mails, size int, err error) {
	var buf bytes.Buffer
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		for item := m.Next(); item != nil; item = m.Next() {
			data, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || data.Literal == nil {
				continue
			}
			buf.Reset()
			n, err := buf.ReadFrom(data.Literal)
			if err != nil {
				return mails, size, errors.Join(err, cmd.Close())
			}
			mails++
			size += int(n)
		}
	}
	return mails, size, cmd.Close()
}

// taker stands for the engine where turns are not measured: it commits as the engine does and reads each mail as a turn would.
type taker struct {
	store   *store.Store
	channel *mail.Channel

	raw     map[conversation.InboundID]conversation.RawInbound
	letters int
}

func (k *taker) AcceptAll(ctx context.Context, in []conversation.RawInbound) ([]bool, error) {
	k.raw = map[conversation.InboundID]conversation.RawInbound{}
	for _, raw := range in {
		k.raw[raw.ID] = raw
	}
	return k.store.AcceptAll(ctx, in)
}

func (k *taker) Handle(_ context.Context, id conversation.InboundID) (conversation.Reply, error) {
	in, err := k.channel.Read(k.raw[id])
	if err != nil {
		return conversation.Reply{}, err
	}
	k.letters += len(in.Text)
	return conversation.Reply{}, nil
}

// intake is the program's own way from the mailbox into the database; with turns, also what is decided on each mail. Nothing is sent.
func intake(addr, file string, turns bool) (res result, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, store.Options{Driver: store.SQLite, Path: file, MasterKey: bytes.Repeat([]byte{7}, 32), Now: time.Now, Log: log})
	if err != nil {
		return res, err
	}
	defer db.Close()
	channel := &mail.Channel{Address: botAddress, Name: "Frist", Trust: mail.Trust{AuthservID: authserv}, PlusAddressing: true, Log: log}
	take := &taker{store: db, channel: channel}
	channel.Engine = take
	if turns {
		e, err := engine(ctx, db, channel, log)
		if err != nil {
			return res, err
		}
		channel.Engine = e
	}
	lease := func(ctx context.Context) bool {
		_, ok, err := db.Lease(ctx, "mailbox", "bench", time.Minute)
		return ok && err == nil
	}
	reader := mail.NewReader(mail.IMAPConfig{Addr: addr, TLS: mail.TLSNone, Username: "bench", Gate: lease, Prepare: channel.Prepare,
		Password: func() (string, error) { return "bench", nil }}, log, func(ctx context.Context, mails []mail.Fetched) []error {
		res.Mails += len(mails)
		return channel.Receive(ctx, mails)
	})
	ended := make(chan error, 1)
	go func() { ended <- reader.Run(ctx) }()
	if err := reader.Sync(ctx); err != nil {
		return res, err
	}
	cancel()
	if err := <-ended; err != nil {
		return res, err
	}
	res.Letters = take.letters
	return res, count(db, turns, &res)
}

// count tells how many rows there are: those that wait for a turn, or the incidents.
func count(db *store.Store, turns bool, res *result) error {
	ctx := context.Background()
	waiting, err := db.Waiting(ctx)
	if err != nil {
		return err
	}
	if res.Kept = len(waiting); !turns {
		return nil
	}
	if res.Kept != 0 {
		return fmt.Errorf("%d mails had no turn", res.Kept)
	}
	res.Kept, _, err = db.Unsent(ctx)
	return err
}

func engine(ctx context.Context, db *store.Store, channel *mail.Channel, log *slog.Logger) (*conversation.Engine, error) {
	words, err := templates.Load("")
	if err != nil {
		return nil, err
	}
	form := words.Form("imy")
	org := &conversation.Organisation{Name: "Provköping", Lang: "sv", Rules: conversation.DefaultRules(), Units: []conversation.Unit{{ID: "all", Name: "Provköping",
		Default: true, Chain: []conversation.Contact{{Post: conversation.PostDSO, Name: "Dan Sol", Mail: "dso@bench.example"}}}}}
	e := &conversation.Engine{Store: db, Organisation: org, Form: form, FormFile: words.FormFile(form.Version), Phrase: words.Phrase, MessageDomain: "bench.example",
		Now: time.Now, Rand: rand.Reader, Log: log, Readers: map[conversation.Channel]conversation.Reader{conversation.ChannelMail: channel.Read}}
	return e, e.Enroll(ctx)
}

// child runs one pipeline as a process of its own.
func child(pipeline, addr, file string) (result, error) {
	switch pipeline {
	case "bare":
		return bare(addr)
	case "intake":
		return intake(addr, file, false)
	case "turns":
		return intake(addr, file, true)
	}
	return result{}, fmt.Errorf("there is no pipeline %q", pipeline)
}
