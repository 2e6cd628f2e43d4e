package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Listen opens the HTTP port, so that the address is known before Run.
func (a *app) Listen() (err error) {
	a.listener, err = net.Listen("tcp", a.cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen at http.listen: %w", err)
	}
	return nil
}

// serveHTTP serves the Teams endpoint, the health checks and the metrics.
func (a *app) serveHTTP(ctx context.Context) error {
	if a.listener == nil {
		if err := a.Listen(); err != nil {
			return err
		}
	}
	srv, listener := newServer(a.handler()), netutil.LimitListener(a.listener, maxConnections)
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
		pair := &certificate{cert: t.Cert, key: t.Key, log: a.log}
		if _, err := pair.get(nil); err != nil {
			return err
		}
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
		err = srv.ServeTLS(listener, "", "")
	} else {
		err = srv.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
}

// maxConnections may be open at once; more wait. Whoever opens many and says nothing must not use up the file handles that mail and database need.
const maxConnections = 1000

// newServer is hardened against clients that are slow or silent: nobody keeps a connection for long without a request.
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	if a.bot != nil {
		mux.Handle("/api/messages", a.bot)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metricsHandler())
	return mux
}
