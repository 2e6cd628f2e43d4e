package bot

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// refusal is a status for the sender with the reason for the log.
type refusal struct {
	status int
	reason error
	wait   time.Duration // with status 429: how long to stay away
}

func refuse(status int, reason string) *refusal {
	return &refusal{status: status, reason: errors.New(reason)}
}

// refusedToken tells a token that is refused from keys that cannot be had; nil if err is nil.
func refusedToken(err error) *refusal {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrKeysUnavailable):
		return &refusal{status: http.StatusServiceUnavailable, reason: err}
	case errors.Is(err, errNotEndorsed):
		return &refusal{status: http.StatusForbidden, reason: err}
	}
	return &refusal{status: http.StatusUnauthorized, reason: err}
}

// The endpoint is open to the internet, and whoever is refused must not fill the log: so many lines at once, then one a second.
const (
	refusalsAtOnce    = 20
	refusalsPerSecond = 1
)

// refusals answers those who are refused, and logs it.
type refusals struct {
	log      *slog.Logger
	lines    *rate.Limiter
	unlogged atomic.Int64 // since the last line
}

func newRefusals(log *slog.Logger) *refusals {
	return &refusals{log: log, lines: rate.NewLimiter(refusalsPerSecond, refusalsAtOnce)}
}

func (f *refusals) answer(w http.ResponseWriter, r *http.Request, no *refusal) {
	f.note(r, no)
	switch no.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.Header().Set("Connection", "close") // the server need not wait for the body, which nobody will read
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(no.wait.Seconds()))))
	}
	http.Error(w, http.StatusText(no.status), no.status)
}

func (f *refusals) note(r *http.Request, no *refusal) {
	if !f.lines.Allow() {
		f.unlogged.Add(1)
		return
	}
	level := slog.LevelWarn
	if no.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	args := []any{"status", no.status, "reason", no.reason}
	if n := f.unlogged.Swap(0); n > 0 {
		args = append(args, "unlogged_before", n)
	}
	f.log.Log(r.Context(), level, "activity refused", args...)
}
