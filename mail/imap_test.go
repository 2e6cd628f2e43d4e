package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"frist/mail/mailtest"
)

const (
	bot  = "bot@kommun.example"
	vera = "vera@kommun.example"
	dsou = "dso@kommun.example"
)

func startMail(t *testing.T, opt mailtest.Options) *mailtest.Server {
	t.Helper()
	opt.Accounts = map[string]string{bot: "b0t", vera: "v3ra", dsou: "ds0"}
	s, err := mailtest.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// letter is a mail whose subject tells it from others.
func letter(from, subject string) []byte {
	return []byte("From: " + from + "\r\nTo: " + bot + "\r\nSubject: " + subject +
		"\r\nMessage-ID: <" + subject + "@kommun.example>\r\n\r\nHej, en pärm är borta.\r\n")
}

func post(t *testing.T, s *mailtest.Server, subjects ...string) {
	t.Helper()
	for _, subject := range subjects {
		if err := s.Deliver(vera, bot, letter(vera, subject), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

func subjectOf(raw []byte) string {
	_, after, _ := bytes.Cut(raw, []byte("\r\nSubject: "))
	subject, _, _ := bytes.Cut(after, []byte("\r\n"))
	return string(subject)
}

// recorder remembers what a reader handed over; outcome may be nil.
type recorder struct {
	mu      sync.Mutex
	got     []Fetched
	came    chan string
	outcome func(subject string, nth int) error
}

func newRecorder(outcome func(subject string, nth int) error) *recorder {
	return &recorder{came: make(chan string, 1000), outcome: outcome}
}

func (rec *recorder) handle(_ context.Context, f Fetched) error {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.got = append(rec.got, f)
	subject, nth := subjectOf(f.Raw), 0
	for _, g := range rec.got {
		if g.UID == f.UID {
			nth++
		}
	}
	rec.came <- subject
	if rec.outcome == nil {
		return nil
	}
	return rec.outcome(subject, nth)
}

func (rec *recorder) subjects() (s []string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, f := range rec.got {
		s = append(s, subjectOf(f.Raw))
	}
	return s
}

func (rec *recorder) await(t *testing.T, subject string) {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case s := <-rec.came:
			if s == subject {
				return
			}
		case <-deadline:
			t.Fatalf("mail %q was not handed over", subject)
		}
	}
}

func password(p string) func() (string, error) { return func() (string, error) { return p, nil } }

// reader returns a Reader that looks into the mailbox only when it is woken,
// and that waits for next to nothing after errors.
func reader(s *mailtest.Server, handle func(context.Context, Fetched) error) *Reader {
	return batchReader(s, func(ctx context.Context, mails []Fetched) (outcomes []error) {
		for _, f := range mails {
			outcomes = append(outcomes, handle(ctx, f))
		}
		return outcomes
	})
}

func batchReader(s *mailtest.Server, handle Handler) *Reader {
	r := NewReader(IMAPConfig{
		Addr: s.IMAP, TLS: TLSImplicit, RootCAs: s.RootCAs(), Username: bot, Password: password("b0t"), Poll: time.Hour,
	}, slog.New(slog.DiscardHandler), handle)
	r.times.idle = time.Hour
	r.times.retry, r.times.retryMax = 10*time.Millisecond, 50*time.Millisecond
	r.times.redial, r.times.redialMax = 5*time.Millisecond, 20*time.Millisecond
	return r
}

func run(t *testing.T, r *Reader) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Run does not end with its context")
		}
	})
}

func syncNow(t *testing.T, r *Reader) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := r.Sync(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Fatal("Sync got no answer")
	}
	return err
}

func wantCount(t *testing.T, s *mailtest.Server, mailbox string, want int) {
	t.Helper()
	if n, err := s.Count(bot, mailbox); err != nil || n != want {
		t.Errorf("%s holds %d mails (%v), want %d", mailbox, n, err, want)
	}
}

func TestReaderTLSModes(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	for mode, addr := range map[TLSMode]string{TLSImplicit: s.IMAP, TLSStart: s.IMAPPlain, TLSNone: s.IMAPPlain} {
		t.Run(string(mode), func(t *testing.T) {
			rec := newRecorder(nil)
			r := reader(s, rec.handle)
			r.cfg.Addr, r.cfg.TLS = addr, mode
			run(t, r)
			received := time.Date(2026, 3, 29, 2, 30, 0, 0, time.FixedZone("", 7200))
			if err := s.Deliver(vera, "bot+abc234@kommun.example", letter(vera, string(mode)), received); err != nil {
				t.Fatal(err)
			}
			if err := syncNow(t, r); err != nil {
				t.Fatal(err)
			}
			if len(rec.got) != 1 {
				t.Fatalf("handed over %q", rec.subjects())
			}
			f := rec.got[0]
			if !f.InternalDate.Equal(received) || f.InternalDate.Location() != time.UTC {
				t.Errorf("InternalDate %v, want %v in UTC", f.InternalDate, received)
			}
			if int(f.Size) != len(f.Raw) || f.TooLarge || f.UID == 0 || f.UIDValidity == 0 {
				t.Errorf("size %d of %d, uid %d/%d", f.Size, len(f.Raw), f.UID, f.UIDValidity)
			}
			if !bytes.Contains(f.Raw, []byte("\r\nDelivered-To: bot+abc234@kommun.example\r\n")) {
				t.Error("the token was lost on the way")
			}
			if time.Since(r.LastSuccess()) > time.Minute {
				t.Errorf("LastSuccess %v", r.LastSuccess())
			}
		})
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Handled", 3)
}

func TestReaderIdleWakes(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	rec := newRecorder(nil)
	r := reader(s, rec.handle) // polls once an hour: only IDLE can tell
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"idle1", "idle2", "idle3"} {
		post(t, s, subject)
		rec.await(t, subject)
	}
}

// Outlook marks what a person has opened as \Seen; it is still unhandled.
func TestReaderTakesSeenMail(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	post(t, s, "opened")
	c := client(t, s)
	store(t, c, imap.FlagSeen, 1)
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	run(t, r)
	rec.await(t, "opened")
}

func TestReaderPoison(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	post(t, s, "good1", "poison", "good2")
	rec := newRecorder(func(subject string, _ int) error {
		if subject == "poison" {
			return fmt.Errorf("parse: %w", ErrPoison)
		}
		return nil
	})
	r := reader(s, rec.handle)
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Handled", 2)
	wantCount(t, s, "Frist/Failed", 1)
}

func TestReaderRetriesWithoutBlocking(t *testing.T) {
	for name, failing := range map[string]func(){"error": func() {}, "panic": func() { panic("boom") }} {
		t.Run(name, func(t *testing.T) {
			s := startMail(t, mailtest.Options{})
			post(t, s, "hard", "easy1", "easy2")
			rec := newRecorder(func(subject string, nth int) error {
				if subject == "hard" && nth <= 3 {
					failing()
					return errors.New("database is away")
				}
				return nil
			})
			r := reader(s, rec.handle)
			r.times.retry, r.times.retryMax = 50*time.Millisecond, 50*time.Millisecond
			run(t, r)
			for range 4 {
				rec.await(t, "hard")
			}
			if err := syncNow(t, r); err != nil {
				t.Fatal(err)
			}
			if got := slices.Compact(rec.subjects()); !slices.Equal(got[:3], []string{"hard", "easy1", "easy2"}) {
				t.Errorf("order %q", got)
			}
			wantCount(t, s, "INBOX", 0)
			wantCount(t, s, "Frist/Handled", 3)
		})
	}
}

func TestSyncTellsWhatIsLeft(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	post(t, s, "stuck", "fine")
	cause := errors.New("disk is full")
	rec := newRecorder(func(subject string, _ int) error {
		if subject == "stuck" {
			return cause
		}
		return nil
	})
	r := reader(s, rec.handle)
	r.times.retry, r.times.retryMax = time.Hour, time.Hour
	run(t, r)
	for i := range 3 { // a forced pass does not wait for the hour
		if err := syncNow(t, r); !errors.Is(err, ErrLeftBehind) || !errors.Is(err, cause) {
			t.Errorf("Sync %d: %v", i, err)
		}
	}
	wantCount(t, s, "INBOX", 1)
	wantCount(t, s, "Frist/Handled", 1)
}

func TestReaderReconnects(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if s.DropIMAP() == 0 {
			t.Fatal("no connection to drop")
		}
		subject := fmt.Sprintf("after drop %d", i)
		post(t, s, subject)
		if err := syncNow(t, r); err != nil {
			t.Fatal(err)
		}
		rec.await(t, subject)
	}
	wantCount(t, s, "Frist/Handled", 3)
}

// The connection breaks while a mail is handled: the move is then lost, the
// mail comes again, and is filed.
func TestReaderDroppedWhileHandling(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	post(t, s, "twice")
	rec := newRecorder(func(_ string, nth int) error {
		if nth == 1 {
			s.DropIMAP()
		}
		return nil
	})
	r := reader(s, rec.handle)
	run(t, r)
	rec.await(t, "twice")
	rec.await(t, "twice")
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	wantCount(t, s, "INBOX", 0)
	wantCount(t, s, "Frist/Handled", 1)
}

func TestReaderOversize(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	big := append(letter(vera, "big"), bytes.Repeat([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), 2000)...)
	if err := s.Deliver(vera, bot, big, time.Now()); err != nil {
		t.Fatal(err)
	}
	post(t, s, "small")
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	r.cfg.MaxSize = 10_000
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	if len(rec.got) != 2 {
		t.Fatalf("handed over %q", rec.subjects())
	}
	f := rec.got[0]
	if !f.TooLarge || f.Size < 60_000 || subjectOf(f.Raw) != "big" || bytes.Contains(f.Raw, []byte("aaaa")) {
		t.Errorf("oversize: TooLarge %v, size %d, %d bytes read", f.TooLarge, f.Size, len(f.Raw))
	}
	if rec.got[1].TooLarge || !bytes.Contains(rec.got[1].Raw, []byte("pärm")) {
		t.Error("the small mail behind it was not read whole")
	}
}

func TestReaderRefusesSettings(t *testing.T) {
	for name, cfg := range map[string]IMAPConfig{
		"plain text to the outside": {Addr: "imap.kommun.example:143", TLS: TLSNone, Password: password("x")},
		"no TLS mode":               {Addr: "127.0.0.1:143", Password: password("x")},
		"no port":                   {Addr: "127.0.0.1", TLS: TLSImplicit, Password: password("x")},
		"no password":               {Addr: "127.0.0.1:143", TLS: TLSNone},
		"handled is the mailbox":    {Addr: "127.0.0.1:143", TLS: TLSNone, Password: password("x"), Handled: "INBOX"},
	} {
		r := NewReader(cfg, slog.New(slog.DiscardHandler), nil)
		if err := r.Run(t.Context()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSyncAfterRun(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	r := reader(s, newRecorder(nil).handle)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.Sync(t.Context()); !errors.Is(err, ErrReaderStopped) {
		t.Errorf("Sync: %v", err)
	}
}
