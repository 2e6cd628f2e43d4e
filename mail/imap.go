package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

var (
	// ErrPoison marks a mail that can never be handled; it is moved to Failed.
	ErrPoison = errors.New("mail cannot be handled")
	// ErrGateClosed is returned by Sync when another replica owns the mailbox.
	ErrGateClosed = errors.New("mailbox is read by another replica")
	// ErrLeftBehind is returned by Sync when a mail could not be handled yet.
	ErrLeftBehind = errors.New("mail was left in the mailbox")
	// ErrReaderStopped is returned by Sync when Run has ended.
	ErrReaderStopped = errors.New("mail reader has stopped")
)

// IMAPConfig says which mailbox is read, and as whom.
type IMAPConfig struct {
	Addr     string         // host:port
	TLS      TLSMode        // "none" on loopback only
	RootCAs  *x509.CertPool // nil: the system's
	Username string
	Password func() (string, error) // asked at each connection
	Tokens   *Tokens                // if not nil, the login is with a token instead
	Auth     AuthMode               // with Tokens
	Mailbox  string                 // what is read; empty: INBOX
	Handled  string                 // where handled mail goes; "/" parts levels; empty: Frist/Handled
	Failed   string                 // where poison goes; empty: Frist/Failed
	Poll     time.Duration          // how often to look when IDLE is silent; 0: a minute
	MaxSize  int64                  // bytes of a mail whose body is read; 0: 26 MB

	// CertificateEnds is told at each TLS handshake when the server's certificates end. nil: nobody is.
	CertificateEnds func(time.Time)

	// Gate is asked before each search and before each batch is handed over;
	// false means that the mailbox is not ours (a lease elsewhere). nil: always true.
	Gate func(ctx context.Context) bool
	// Prepare, if set, is called with what will be handed over next, while another
	// batch is handled. It must not panic.
	Prepare func(context.Context, []Fetched)
}

// Fetched is a mail as it lay in the mailbox.
type Fetched struct {
	UID, UIDValidity uint32    // RFC 9051 section 2.3.1.1; together they name a mail in this mailbox
	InternalDate     time.Time // when the server received it, UTC
	Size             int64     // bytes, by the server's word (RFC822.SIZE)
	Raw              []byte    // RFC 5322
	TooLarge         bool      // larger than MaxSize: Raw is the header alone, and of that 256 KiB at most

	ready *ready // what Channel.Prepare has made of it
}

// Handler takes mails that lie in the mailbox, at most 120 and 8 MB of them or one that is larger, UIDs ascending, and tells of each in the same
// order how it went: nil moves it to Handled, ErrPoison to Failed. After any other error it stays and is tried again later, while the mails
// behind it go on.
type Handler func(context.Context, []Fetched) []error

// Reader hands every mail of one mailbox to a Handler and files it away.
//
// Everything that lies in the mailbox is unhandled, whether a person has opened it or not. A mail may be handled twice (the connection broke
// before the move, two readers share the mailbox, or the handler panicked over another one of its batch), never not at all. How many mails
// there are costs no memory but for their UIDs.
//
// On a server that has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315) a handled
// mail is copied and left behind marked \Deleted, since EXPUNGE would take other
// people's deleted mail with it; there, mail marked \Deleted is not read.
type Reader struct {
	cfg    IMAPConfig
	log    *slog.Logger
	handle Handler

	wake    chan struct{} // cap 1: look into the mailbox now
	done    chan struct{} // closed when Run ends
	times   timing
	pending map[uint32]*retry // by UID; Run's goroutine alone
	suspect map[uint32]bool   // by UID: under way in a batch, or when the connection broke; as pending
	valid   uint32            // UIDVALIDITY that pending and suspect belong to

	mu      sync.Mutex
	waiting []chan error // Sync calls that no pass has answered
	success time.Time
	running bool
}

// timing holds what tests shorten.
type timing struct {
	command, body     time.Duration // how long a reply, or the next piece of a body, and all bodies of a batch may take
	idle              time.Duration // longest IDLE; firewalls forget a silent connection after 5 minutes
	retry, retryMax   time.Duration // between attempts at one mail
	redial, redialMax time.Duration // between connections
}

// NewReader returns a Reader of the mailbox that cfg names. handle is called
// from one goroutine.
func NewReader(cfg IMAPConfig, log *slog.Logger, handle Handler) *Reader {
	setDefault(&cfg.Mailbox, "INBOX")
	setDefault(&cfg.Handled, "Frist/Handled")
	setDefault(&cfg.Failed, "Frist/Failed")
	setDefault(&cfg.Poll, time.Minute)
	setDefault(&cfg.MaxSize, 26<<20)
	// A literal is asked for and read in one piece; its size must fit the wire's 32 bits.
	cfg.MaxSize = min(cfg.MaxSize, math.MaxInt32)
	return &Reader{
		cfg: cfg, log: log, handle: handle,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		times: timing{
			command: time.Minute, body: 5 * time.Minute, idle: 4 * time.Minute,
			retry: 5 * time.Second, retryMax: 10 * time.Minute,
			redial: time.Second, redialMax: 2 * time.Minute,
		},
		pending: map[uint32]*retry{}, suspect: map[uint32]bool{},
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Run reads until ctx ends, over as many connections as it takes, and then
// returns nil. It returns an error at once for settings that can never work.
// It may be called once.
func (r *Reader) Run(ctx context.Context) error {
	if err := r.start(); err != nil {
		return err
	}
	defer r.stop()
	pause := backoff.ExponentialBackOff{
		InitialInterval: r.times.redial, MaxInterval: r.times.redialMax,
		Multiplier: 2, RandomizationFactor: 0.3,
	}
	for ctx.Err() == nil {
		err := r.connection(ctx, pause.Reset)
		if ctx.Err() != nil {
			break
		}
		wait := pause.NextBackOff()
		r.log.Warn("mailbox connection ended; connecting again", "server", r.cfg.Addr, "after", wait, "error", err)
		r.rest(ctx, wait)
	}
	return nil
}

func (r *Reader) start() error {
	if err := r.endpoint().check(); err != nil {
		return err
	}
	if r.cfg.Password == nil && r.cfg.Tokens == nil {
		return errors.New("imap: no password set")
	}
	if r.cfg.Handled == r.cfg.Mailbox || r.cfg.Failed == r.cfg.Mailbox {
		return errors.New("imap: handled and failed mail must go to another mailbox than the one that is read")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running {
		return errors.New("imap: reader is run twice")
	}
	r.running = true
	return nil
}

func (r *Reader) stop() {
	close(r.done)
	r.answer(r.takeWaiting(), ErrReaderStopped)
}

// rest waits before the next connection; a Sync call cuts it short.
func (r *Reader) rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-r.wake:
	}
}

func (r *Reader) endpoint() endpoint {
	return endpoint{r.cfg.Addr, r.cfg.TLS, r.cfg.RootCAs, r.cfg.CertificateEnds}
}

// LastSuccess is when the mailbox was last seen through to its end or a round of
// mails was done, zero if never. A reader whose gate is closed has no successes.
func (r *Reader) LastSuccess() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.success
}

// Sync waits until one whole pass over the mailbox, begun after the call, is
// done; it tries also what would have waited for a later attempt. nil means
// that every mail that lay there has been handled. It waits through lost
// connections until ctx ends.
func (r *Reader) Sync(ctx context.Context) error {
	ch := make(chan error, 1)
	r.mu.Lock()
	r.waiting = append(r.waiting, ch)
	r.mu.Unlock()
	r.poke()
	select {
	case err := <-ch:
		return err
	case <-r.done:
		return ErrReaderStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// poke asks for a pass and never blocks, so that go-imap's handlers may call it.
func (r *Reader) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Reader) takeWaiting() []chan error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.waiting
	r.waiting = nil
	return w
}

// awaited reports whether a Sync call came after the last pass had begun; its
// poke may have been taken by that pass.
func (r *Reader) awaited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// putBack leaves Sync calls to the next connection.
func (r *Reader) putBack(w []chan error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(w, r.waiting...)
}

// answer never blocks: each channel has room for the one answer it gets.
func (r *Reader) answer(w []chan error, err error) {
	for _, ch := range w {
		ch <- err
	}
}
