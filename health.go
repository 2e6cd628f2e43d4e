package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// databasePatience is how long a check waits for the database.
const databasePatience = 10 * time.Second

// check is one thing that readiness depends on; one that is late is shown, and fails nothing.
type check struct {
	name, says string
	ok, late   bool
}

// checks looks at each part. What waits in the outbox, or was given up, makes nothing unready: one full mailbox would take the program from all who
// write to it. It is told to the administrator.
func (a *app) checks(ctx context.Context) []check {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		return []check{{name: "database", says: "it cannot be reached"}}
	}
	list := []check{{name: "database", says: "it answers", ok: true}, a.checkMailbox(ctx)}
	c, err := a.store.Queues(ctx)
	if err != nil {
		return append(list, check{name: "outbox", says: "it cannot be read"})
	}
	return append(list,
		waits("outbox", fmt.Sprintf("waiting to be sent: %d, given up: %d", c.Unsent, c.Dead), c.OldestUnsent, a.tolerance.waiting),
		waits("inbound", fmt.Sprintf("waiting for their turn: %d", c.Inbound), c.OldestInbound, a.tolerance.waiting))
}

func (a *app) checkMailbox(ctx context.Context) check {
	limit := a.cfg.Limits.MailboxStale
	unread, stale := a.mailboxUnread(ctx)
	switch {
	case stale:
		return check{"mailbox", fmt.Sprintf("it has not been read for %s (limit %s)", unread.Round(time.Second), limit), false, false}
	case !a.owns.Load():
		return check{"mailbox", "this process does not read it: another does, or none does yet", true, false}
	}
	return check{"mailbox", fmt.Sprintf("last read %s ago (limit %s)", a.mailboxAge().Round(time.Second), limit), true, false}
}

func waits(name, says string, oldest time.Time, limit time.Duration) check {
	if oldest.IsZero() {
		return check{name, says, true, false}
	}
	age := time.Since(oldest)
	return check{name, fmt.Sprintf("%s, the oldest for %s (limit %s)", says, max(0, age.Round(time.Second)), limit), true, age >= limit}
}

// ready answers 503 if any check fails, with a line for each; ?verbose adds what is worth knowing and fails nothing.
func (a *app) ready(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	code := http.StatusOK
	for _, c := range a.checks(r.Context()) {
		word := "ok  "
		switch {
		case !c.ok:
			word, code = "fail", http.StatusServiceUnavailable
		case c.late:
			word = "late"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", word, c.name, c.says)
	}
	if r.URL.Query().Has("verbose") {
		a.verbose(&b)
	}
	head := "ready\n"
	if code != http.StatusOK {
		head = "not ready\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprint(w, head, b.String())
}

func (a *app) verbose(b *strings.Builder) {
	version, revision := buildVersion()
	fmt.Fprintf(b, "info build: version %s, revision %s, form %s %s\n", version, revision, a.form.ID, a.form.Version)
	fmt.Fprintf(b, "info mailbox: read by this process: %v\n", a.owns.Load())
	fmt.Fprintf(b, "info second route: %v\n", a.second != nil)
	for _, e := range a.expiries() {
		fmt.Fprintf(b, "info expiry: %s ends %s, %s\n", e, e.ends.UTC().Format(time.DateOnly), e.left())
	}
}

// left is how many whole days are left, in words for the log and the command line.
func (e expiry) left() string {
	switch days := int(time.Until(e.ends).Hours() / 24); {
	case time.Until(e.ends) <= 0:
		return "which has passed"
	case days == 1:
		return "in 1 day"
	default:
		return fmt.Sprintf("in %d days", days)
	}
}
