package attachment

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Scanner looks for harmful content. It returns what it found, "" if nothing. An error that has a method Answered returning true is about the
// one file; any other means that the scanner itself does not work.
type Scanner interface {
	Scan(ctx context.Context, data []byte) (found string, err error)
}

// Verdict is what the scanner said of one file. Neither clean nor infected: it could not be scanned.
type Verdict struct {
	Clean    bool
	Infected string
}

// scanRest is for how long no further file is sent to a scanner that did not answer, so that it does not hold up the messages behind.
const scanRest = 30 * time.Second

// Watch has files scanned, and leaves a scanner that failed alone for a while. Safe for concurrent use.
type Watch struct {
	mu    sync.Mutex
	until time.Time
}

// Scan has one file scanned. Without a scanner every file counts as clean. An error comes with the zero verdict, as does a scanner that is left alone.
func (w *Watch) Scan(ctx context.Context, s Scanner, data []byte) (Verdict, error) {
	if s == nil {
		return Verdict{Clean: true}, nil
	}
	if w.resting() {
		return Verdict{}, nil
	}
	found, err := s.Scan(ctx, data)
	if err != nil {
		var e interface{ Answered() bool }
		if !errors.As(err, &e) || !e.Answered() {
			w.rest()
		}
		return Verdict{}, err
	}
	return Verdict{Clean: found == "", Infected: found}, nil
}

func (w *Watch) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Before(w.until)
}

func (w *Watch) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = time.Now().Add(scanRest)
}
