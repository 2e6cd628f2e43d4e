package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frist/mail/mailtest"
)

func TestTwoReaders(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	const n = 60
	for i := range n {
		post(t, s, fmt.Sprintf("m%02d", i))
	}
	rec := newRecorder(nil)
	a, b := reader(s, rec.handle), reader(s, rec.handle)
	run(t, a)
	run(t, b)
	for i := range 20 {
		post(t, s, fmt.Sprintf("n%02d", i))
	}
	for _, r := range []*Reader{a, b} {
		if err := syncNow(t, r); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for _, subject := range rec.subjects() {
		seen[subject]++
	}
	for subject, times := range seen {
		if times > 2 {
			t.Errorf("%s was handled %d times", subject, times)
		}
	}
	if len(seen) != n+20 {
		t.Errorf("%d of %d mails handled", len(seen), n+20)
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Handled", n+20) // each filed once, however often handled
}

func TestReaderGate(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	post(t, s, "gated")
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	var open sync.Map
	r.cfg.Gate = func(context.Context) bool { _, ok := open.Load("open"); return ok }
	run(t, r)
	if err := syncNow(t, r); !errors.Is(err, ErrGateClosed) {
		t.Errorf("Sync behind a closed gate: %v", err)
	}
	if len(rec.subjects()) != 0 || !r.LastSuccess().IsZero() {
		t.Error("a closed gate let mail through")
	}
	open.Store("open", true)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	wantCount(t, s, "Frist/Handled", 1)
}

// client is a person's mail program at the same mailbox.
func client(t *testing.T, s *mailtest.Server) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.IMAPPlain, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(bot, "b0t").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func store(t *testing.T, c *imapclient.Client, flag imap.Flag, uids ...imap.UID) {
	t.Helper()
	err := c.Store(imap.UIDSetNum(uids...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close()
	if err != nil {
		t.Fatal(err)
	}
}

// Where MOVE is missing, what other people have marked deleted must survive.
func TestMoveSubstitute(t *testing.T) {
	for _, tc := range []struct {
		name        string
		noUIDPlus   bool
		inbox       int
		wantHandled []string
	}{
		{"UIDPLUS", false, 1, []string{"mine"}},
		{"neither", true, 2, []string{"mine"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := startMail(t, mailtest.Options{NoMove: true, NoUIDPlus: tc.noUIDPlus})
			post(t, s, "theirs", "mine")
			store(t, client(t, s), imap.FlagDeleted, 1)
			rec := newRecorder(func(subject string, _ int) error {
				if subject == "theirs" {
					return errors.New("not now")
				}
				return nil
			})
			r := reader(s, rec.handle)
			r.times.retry, r.times.retryMax = time.Hour, time.Hour
			run(t, r)
			if err := syncNow(t, r); tc.noUIDPlus != (err == nil) {
				t.Errorf("Sync: %v", err)
			}
			handled := slices.DeleteFunc(rec.subjects(), func(s string) bool { return s == "theirs" })
			if !slices.Equal(handled, tc.wantHandled) {
				t.Errorf("handled %q, want %q", handled, tc.wantHandled)
			}
			wantCount(t, s, "INBOX", tc.inbox)
			wantCount(t, s, "Frist/Handled", 1)
			syncNow(t, r)
			if got := strings.Count(strings.Join(rec.subjects(), " "), "mine"); got != 1 {
				t.Errorf("the filed mail was handled %d times", got)
			}
		})
	}
}
