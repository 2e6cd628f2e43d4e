package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"frist/conversation"
)

// fakeEngine is what a channel needs of an engine, and notes what it was asked.
type fakeEngine struct {
	channel *Channel
	kept    map[conversation.InboundID]conversation.RawInbound
	calls   []string
	refuse  string // a mail with this text is not committed
	turn    func(in *conversation.Inbound) error
}

func newFake() (*Channel, *fakeEngine) {
	c := &Channel{Address: bot, Log: slog.New(slog.DiscardHandler)}
	e := &fakeEngine{channel: c, kept: map[conversation.InboundID]conversation.RawInbound{}}
	c.Engine = e
	return c, e
}

func (e *fakeEngine) AcceptAll(_ context.Context, in []conversation.RawInbound) (fresh []bool, err error) {
	e.calls = append(e.calls, fmt.Sprint("accept ", len(in)))
	for _, raw := range in {
		if e.refuse != "" && strings.Contains(string(raw.Raw), e.refuse) {
			return nil, errors.New("the database refuses")
		}
	}
	for _, raw := range in {
		_, known := e.kept[raw.ID]
		fresh = append(fresh, !known)
		if !known {
			e.kept[raw.ID] = raw
		}
	}
	return fresh, nil
}

func (e *fakeEngine) Handle(_ context.Context, id conversation.InboundID) (reply conversation.Reply, err error) {
	defer func() {
		if recover() != nil {
			err = conversation.ErrFailed // as the engine does
		}
	}()
	raw, ok := e.kept[id]
	if !ok {
		return reply, errors.New("a turn before the commit")
	}
	in, err := e.channel.Read(raw)
	if err != nil {
		return reply, err
	}
	e.calls = append(e.calls, "turn "+in.Subject)
	if e.turn != nil {
		return reply, e.turn(in)
	}
	return reply, nil
}

func fetched(subjects ...string) (mails []Fetched) {
	for i, s := range subjects {
		mails = append(mails, Fetched{UID: uint32(i + 1), InternalDate: time.Now(), Raw: letter(vera, s)})
	}
	return mails
}

// A batch is committed at once and read once, and then has its turns in order.
func TestReceiveTogether(t *testing.T) {
	c, e := newFake()
	var parsed []string
	mails := fetched("one", "two", "three")
	reads := make(chan string, 10)
	c.parser = func(raw []byte) *Message { reads <- subjectOf(raw); return Parse(raw) }
	for i, err := range c.Receive(t.Context(), mails) {
		if err != nil {
			t.Errorf("mail %d: %v", i, err)
		}
	}
	close(reads)
	for s := range reads {
		parsed = append(parsed, s)
	}
	slices.Sort(parsed)
	if want := []string{"accept 3", "turn one", "turn two", "turn three"}; !slices.Equal(e.calls, want) {
		t.Errorf("the engine was asked for %q", e.calls)
	}
	if !slices.Equal(parsed, []string{"one", "three", "two"}) {
		t.Errorf("parsed %q", parsed)
	}
	if len(c.parsed.byID) != 0 {
		t.Error("what was parsed is kept for ever")
	}
}

// One mail that cannot be committed stays in the mailbox; the others go on.
func TestReceiveOneRefused(t *testing.T) {
	c, e := newFake()
	e.refuse = "Subject: two"
	got := c.Receive(t.Context(), fetched("one", "two", "three"))
	if got[0] != nil || got[1] == nil || errors.Is(got[1], ErrPoison) || got[2] != nil {
		t.Errorf("outcomes %v", got)
	}
	if len(e.kept) != 2 {
		t.Errorf("%d mails were kept", len(e.kept))
	}
}

// A mail on which the parser fails, or whose turn fails for good, is kept and goes to Failed; one whose turn fails for now leaves the mailbox, since
// it is taken up from the store.
func TestReceiveFaults(t *testing.T) {
	c, e := newFake()
	c.parser = func(raw []byte) *Message {
		if subjectOf(raw) == "deadly" {
			panic("index out of range")
		}
		return Parse(raw)
	}
	e.turn = func(in *conversation.Inbound) error {
		switch in.Subject {
		case "hopeless":
			return conversation.ErrFailed
		case "later":
			return errors.New("the database is away")
		}
		return nil
	}
	mails := fetched("deadly", "hopeless", "later", "fine", "large")
	mails[4].TooLarge = true
	got := c.Receive(t.Context(), mails)
	for i, poison := range []bool{true, true, false, false, true} {
		if errors.Is(got[i], ErrPoison) != poison || !poison && got[i] != nil {
			t.Errorf("%s: %v", subjectOf(mails[i].Raw), got[i])
		}
	}
	if len(e.kept) != len(mails) {
		t.Errorf("%d mails of %d were kept", len(e.kept), len(mails))
	}
	again := c.Receive(t.Context(), mails[:1])
	if len(e.kept) != len(mails) || !errors.Is(again[0], ErrPoison) {
		t.Error("the deadly mail is another one when it comes again")
	}
}

// What was parsed of the mail in the mailbox is not taken for what the store kept, where those differ: the results of its authentication may.
func TestReadIsOfTheKeptMail(t *testing.T) {
	c, e := newFake()
	c.Trust.AuthservID = "mx.kommun.example"
	plain := letter(vera, "same")
	forged := append([]byte("Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example\r\n"), plain...)
	var authenticated []bool
	e.turn = func(in *conversation.Inbound) error {
		authenticated = append(authenticated, in.Authenticated)
		return nil
	}
	c.Receive(t.Context(), []Fetched{{UID: 1, Raw: plain}})
	c.Receive(t.Context(), []Fetched{{UID: 2, Raw: forged}})
	if len(e.kept) != 1 || !slices.Equal(authenticated, []bool{false, false}) {
		t.Errorf("%d mails kept, authenticated %v", len(e.kept), authenticated)
	}
}
