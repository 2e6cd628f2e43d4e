package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen opens the HTTP port, so that the address is known before Run.
func (a *app) Listen() (err error) {
	a.listener, err = net.Listen("tcp", a.cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen at http.listen: %w", err)
	}
	return nil
}

// serveHTTP serves the Teams endpoint and the health checks.
func (a *app) serveHTTP(ctx context.Context) error {
	if a.listener == nil {
		if err := a.Listen(); err != nil {
			return err
		}
	}
	srv := &http.Server{Handler: a.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(shut); err != nil {
			a.log.Warn("the HTTP server did not end in time", "error", err)
		}
	}()
	var err error
	if t := a.cfg.HTTP.TLS; t.Cert != "" {
		err = srv.ServeTLS(a.listener, t.Cert, t.Key)
	} else {
		err = srv.Serve(a.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	if a.bot != nil {
		mux.Handle("/api/messages", a.bot)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	return mux
}

// mailboxStale is how long the mailbox may go unread before the program says that it is not ready.
const mailboxStale = 10 * time.Minute

// ready answers 503 with the reason when the database cannot be reached or the mailbox has not been read for a while.
func (a *app) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.store.Ping(r.Context()); err != nil {
		http.Error(w, "the database cannot be reached", http.StatusServiceUnavailable)
		return
	}
	if unread, stale := a.mailboxUnread(r.Context()); stale {
		http.Error(w, "the mailbox has not been read for "+unread.Round(time.Minute).String(), http.StatusServiceUnavailable)
		return
	}
	waiting, dead, err := a.store.Unsent(r.Context())
	if err != nil {
		http.Error(w, "the outbox cannot be read", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "ready\nwaiting to be sent: %d\ngiven up: %d\n", waiting, dead)
}
