// Package bottest stands in for Microsoft on loopback: a connector that records what a bot sends, a person who writes to the bot in
// Teams, and an identity provider. It follows what Teams does as far as a bot can tell from the wire; nothing is drawn.
package bottest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// server is an HTTP server on a free port of 127.0.0.1.
type server struct {
	url  string
	http *http.Server
	done chan struct{}
}

func serve(h http.Handler) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		url:  "http://" + l.Addr().String(),
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // ends with ErrServerClosed
	}()
	return s, nil
}

// close lets running requests end, but waits no longer than a few seconds.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // a connection that was opened and never used
	}
	<-s.done
	return err
}
