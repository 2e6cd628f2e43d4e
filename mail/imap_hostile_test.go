package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"frist/mail/mailtest"
)

func subject(s string) string { return "\r\nSubject: " + s + "\r\n\r\nhej" }

// add puts a mail into the scripted server's mailbox.
func (x *exchange) add(uid int, s string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.mails[uid] = subject(s)
}

func (x *exchange) count(command string) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.commands {
		if strings.HasPrefix(c, command) {
			n++
		}
	}
	return n
}

func (x *exchange) left() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.mails)
}

// wired returns a Reader of the scripted server.
func wired(t *testing.T, x *exchange, handle func(context.Context, Fetched) error) *Reader {
	t.Helper()
	if x.mails == nil {
		x.mails = map[int]string{}
	}
	r := reader(&mailtest.Server{}, handle)
	r.cfg.Addr, r.cfg.TLS = listen(t, x.serve), TLSNone
	return r
}

// A server may accept IDLE and never speak again of its own accord: the poll finds the mail. Another has no IDLE at all.
func TestReaderPollsWhereIdleIsSilent(t *testing.T) {
	for name, caps := range map[string]string{"silent": "", "absent": "IMAP4rev1 AUTH=PLAIN MOVE UIDPLUS NAMESPACE"} {
		t.Run(name, func(t *testing.T) {
			x := &exchange{caps: caps}
			rec := newRecorder(nil)
			r := wired(t, x, rec.handle)
			r.cfg.Poll = 20 * time.Millisecond
			run(t, r)
			if err := syncNow(t, r); err != nil {
				t.Fatal(err)
			}
			x.add(4, "unannounced")
			rec.await(t, "unannounced")
			if idles := x.count("IDLE"); (idles > 0) != (caps == "") {
				t.Errorf("%d IDLE commands", idles)
			}
		})
	}
}

// A server that sends half a mail and then nothing is left after the time of one command, and the mail is read over another connection.
func TestReaderHangInLiteral(t *testing.T) {
	var hung atomic.Int32
	x := &exchange{mails: map[int]string{3: subject("three"), 4: subject("four")}}
	x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
		if !strings.Contains(command, "BODY.PEEK[]") || hung.Add(1) > 2 {
			return false, false
		}
		fmt.Fprintf(c, "* 1 FETCH (UID 3 BODY[] {5000}\r\nSubject: thr")
		return true, false
	}
	rec := newRecorder(nil)
	r := wired(t, x, rec.handle)
	r.times.command, r.times.body = 100*time.Millisecond, time.Hour
	r.times.retry, r.times.retryMax = 500*time.Millisecond, 500*time.Millisecond
	run(t, r)
	rec.await(t, "three")
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	// In the batch, and then alone: so the mail behind it went first.
	if got := rec.subjects(); !slices.Equal(got, []string{"four", "three"}) {
		t.Errorf("handled %q", got)
	}
}

// A mail that comes slowly, but comes, is waited for longer than one command.
func TestReaderSlowLiteral(t *testing.T) {
	x := &exchange{mails: map[int]string{3: subject("slow")}}
	x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
		if !strings.Contains(command, "BODY.PEEK[]") {
			return false, false
		}
		body := subject("slow") + strings.Repeat("x", 150)
		fmt.Fprintf(c, "* 1 FETCH (UID 3 BODY[] {%d}\r\n", len(body))
		for _, b := range []byte(body) {
			time.Sleep(10 * time.Millisecond) // half the test's point: in all more than one command may take
			c.Write([]byte{b})
		}
		fmt.Fprintf(c, ")\r\n%s OK done\r\n", tag)
		return true, false
	}
	rec := newRecorder(nil)
	r := wired(t, x, rec.handle)
	r.times.command = time.Second // a busy machine may stop for less
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	if n := x.count("SELECT"); n != 1 || len(rec.subjects()) != 1 {
		t.Errorf("%d connections, handled %q", n, rec.subjects())
	}
}

// A server says BYE at any moment: in IDLE, or in place of an answer. What came meanwhile is read over the next connection.
func TestReaderBye(t *testing.T) {
	for _, at := range []string{"IDLE", "NOOP", "UID SEARCH", "UID FETCH", "UID MOVE", "AUTHENTICATE", "SELECT"} {
		t.Run(at, func(t *testing.T) {
			x := &exchange{mails: map[int]string{3: subject("three"), 5: subject("five")}}
			var said atomic.Bool
			x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
				if !strings.HasPrefix(command, at) || said.Swap(true) {
					return false, false
				}
				if at == "IDLE" {
					x.add(9, "after the bye")
				}
				fmt.Fprint(c, "* BYE Server shutting down.\r\n")
				return true, true
			}
			rec := newRecorder(nil)
			r := wired(t, x, rec.handle)
			run(t, r)
			want := "five"
			if at == "IDLE" {
				want = "after the bye"
			}
			rec.await(t, want)
			if err := syncNow(t, r); err != nil {
				t.Fatal(err)
			}
			if x.left() != 0 || x.count("SELECT") < 1 {
				t.Errorf("%d mails are left after %d connections", x.left(), x.count("SELECT"))
			}
		})
	}
}

// The login is refused for a while, as when a password is changed at one end first: it is tried again at growing intervals.
func TestReaderLoginRefused(t *testing.T) {
	x := &exchange{mails: map[int]string{3: subject("three")}}
	var tries []time.Time
	refused := make(chan struct{})
	x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
		if !strings.HasPrefix(command, "AUTHENTICATE") {
			return false, false
		}
		select {
		case <-refused:
			return false, false
		default:
		}
		if tries = append(tries, time.Now()); len(tries) == 6 {
			close(refused)
		}
		fmt.Fprintf(c, "%s NO [AUTHENTICATIONFAILED] no\r\n", tag)
		return true, false
	}
	rec := newRecorder(nil)
	r := wired(t, x, rec.handle)
	r.times.redial, r.times.redialMax = 2*time.Millisecond, time.Second
	run(t, r)
	rec.await(t, "three")
	// 2, 4, 8, 16, 32 ms, each shorter by at most three tenths.
	if took := tries[5].Sub(tries[0]); took < 40*time.Millisecond {
		t.Errorf("six logins were tried within %v", took)
	}
}

// Under another UIDVALIDITY the UIDs are other mails: what was put off for one of the old is not put off for one of the new.
func TestReaderUIDValidityChanges(t *testing.T) {
	x := &exchange{mails: map[int]string{3: subject("old")}}
	rec := newRecorder(func(subject string, _ int) error {
		if subject == "old" {
			return errors.New("not now")
		}
		return nil
	})
	r := wired(t, x, rec.handle)
	r.times.retry, r.times.retryMax = time.Hour, time.Hour
	x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if command != "IDLE" || x.valid != 0 {
			return false, false
		}
		// The mailbox was deleted under the reader and made again.
		x.valid, x.mails = 78, map[int]string{3: subject("new")}
		fmt.Fprint(c, "* BYE Mailbox was deleted.\r\n")
		return true, true
	}
	run(t, r)
	rec.await(t, "old")
	rec.await(t, "new")
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	if f := rec.got[len(rec.got)-1]; f.UIDValidity != 78 {
		t.Errorf("the mail has UIDVALIDITY %d", f.UIDValidity)
	}
}

// A server may refuse a command that names many mails for the sake of one: the others are fetched and filed all the same.
func TestReaderRefusedTogether(t *testing.T) {
	for _, what := range []string{"BODY.PEEK[]", "RFC822.SIZE", "UID MOVE"} {
		t.Run(what, func(t *testing.T) {
			x := &exchange{mails: map[int]string{3: subject("three"), 4: subject("four"), 5: subject("five")}}
			x.instead = func(c net.Conn, tag, command string) (done, hangUp bool) {
				if !strings.Contains(command, what) || !slices.Contains(uidsOf(command), 4) {
					return false, false
				}
				fmt.Fprintf(c, "%s NO [CANNOT] one of them cannot be had\r\n", tag)
				return true, false
			}
			rec := newRecorder(nil)
			r := wired(t, x, rec.handle)
			r.times.retry, r.times.retryMax = time.Hour, time.Hour
			run(t, r)
			if err := syncNow(t, r); !errors.Is(err, ErrLeftBehind) {
				t.Errorf("Sync: %v", err)
			}
			if x.left() != 1 || x.mails[4] == "" {
				t.Errorf("left are %v", x.mails)
			}
			if x.count("SELECT") != 1 {
				t.Error("the connection was given up")
			}
		})
	}
}

// While a batch is handled another client moves and deletes mails of it and of the next.
func TestReaderAmongOtherClients(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	const n = 3 * batchMails
	for i := range n {
		post(t, s, fmt.Sprintf("m%03d", i))
	}
	c := client(t, s)
	rec := newRecorder(nil)
	taken := false
	r := batchReader(s, func(ctx context.Context, mails []Fetched) []error {
		if !taken {
			taken = true
			var gone imap.UIDSet
			gone.AddNum(imap.UID(mails[3].UID), imap.UID(mails[3].UID+batchMails), imap.UID(mails[3].UID+2*batchMails))
			if _, err := c.Move(gone, "Frist/Failed").Wait(); err != nil {
				t.Error(err)
			}
		}
		for _, f := range mails {
			rec.handle(ctx, f)
		}
		return make([]error, len(mails))
	})
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Failed", 3)
	wantCount(t, s, "Frist/Handled", n-3)
	if got := len(rec.subjects()); got < n-3 {
		t.Errorf("%d mails were handled", got)
	}
}

// The mailbox was filled while the program was down: each mail is handled once, in the order of their coming, and rounds and batches lose none.
func TestReaderFullMailbox(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	const n = fileMails + roundSize + 7
	for i := range n {
		post(t, s, fmt.Sprintf("m%04d", i))
	}
	largest := 0
	rec := newRecorder(nil)
	r := batchReader(s, func(ctx context.Context, mails []Fetched) []error {
		largest = max(largest, len(mails))
		for _, f := range mails {
			rec.handle(ctx, f)
		}
		return make([]error, len(mails))
	})
	rec.came = make(chan string, 2*n)
	asked := 0
	r.cfg.Gate = func(context.Context) bool { asked++; return true }
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	got := rec.subjects()
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("%d mails handled, in order: %v", len(got), slices.IsSorted(got))
	}
	if largest != batchMails || asked < n/batchMails {
		t.Errorf("batches of up to %d, %d questions to the gate", largest, asked)
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Handled", n)
}

// Large mails are fetched one by one, and small ones with many bytes between them in several batches.
func TestReaderBatchesHaveABound(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	filler := strings.Repeat(strings.Repeat("x", 78)+"\r\n", (smallMail-1000)/80)
	for i := range 7 {
		raw := append(letter(vera, fmt.Sprintf("m%d", i)), filler...)
		if i == 3 {
			raw = append(raw, filler...)
		}
		if err := s.Deliver(vera, bot, raw, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	var got []string
	r := batchReader(s, func(_ context.Context, mails []Fetched) []error {
		n := 0
		for _, f := range mails {
			n += len(f.Raw)
			got = append(got, subjectOf(f.Raw))
		}
		if n > batchBytes {
			t.Errorf("a batch of %d bytes", n)
		}
		sizes = append(sizes, len(mails))
		return make([]error, len(mails))
	})
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sizes, []int{3, 1, 3}) || !slices.IsSorted(got) {
		t.Errorf("batches of %d mails: %q", sizes, got)
	}
}

// Another replica takes the mailbox over in the middle of a full one: what was handled is filed, and no more is handed over.
func TestReaderGateClosesMidway(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	const n = 3*batchMails + 20
	for i := range n {
		post(t, s, fmt.Sprintf("m%03d", i))
	}
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	asked := 0
	r.cfg.Gate = func(context.Context) bool { asked++; return asked <= 3 } // the search and two batches
	run(t, r)
	if err := syncNow(t, r); !errors.Is(err, ErrGateClosed) {
		t.Errorf("Sync: %v", err)
	}
	if got := len(rec.subjects()); got != 2*batchMails {
		t.Errorf("%d mails were handed over", got)
	}
	wantCount(t, s, "INBOX", n-2*batchMails)
	wantCount(t, s, "Frist/Handled", 2*batchMails)
}
