package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"frist/config"
)

// pipeListener gives out pipes of this machine, so that a test's clock governs every deadline.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipeListener) dial(t *testing.T) net.Conn {
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close() })
	go func() {
		select {
		case p.conns <- there:
		case <-p.closed:
		}
	}()
	return here
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error   { close(p.closed); return nil }
func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// ask sends a whole request and tells how long the answer took.
func ask(t *testing.T, c net.Conn) (took time.Duration) {
	t.Helper()
	start := time.Now()
	if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: frist.example\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s, %v", resp.Status, err)
	}
	return time.Since(start)
}

// Clients that send a header a byte at a time, or nothing at all, are cut off, and as many as may be connected hold up the others no longer
// than that.
func TestSlowClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		a := &app{cfg: &config.Config{}, listener: l, log: slog.New(slog.DiscardHandler)}
		a.metrics = newMetrics(a)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.serveHTTP(ctx) }()

		slow := l.dial(t)
		go func() { _, _ = io.Copy(io.Discard, slow) }() // the server may say why
		start, header := time.Now(), "GET /healthz HTTP/1.1\r\nHost: frist.example\r\n"
		var err error
		for i := 0; err == nil && i < 10*len(header); i++ {
			time.Sleep(time.Second)
			_, err = io.WriteString(slow, header[i%len(header):][:1])
		}
		if took := time.Since(start); err == nil || took > 15*time.Second {
			t.Errorf("a slow header was cut off after %s with %v", took, err)
		}
		if took := ask(t, l.dial(t)); took > 0 {
			t.Errorf("an answer took %s", took)
		}
		for range maxConnections {
			l.dial(t)
		}
		synctest.Wait()
		if took := ask(t, l.dial(t)); took == 0 || took > 15*time.Second {
			t.Errorf("beside %d silent clients an answer took %s", maxConnections, took)
		}
		large := l.dial(t)
		go func() { // what is cut off is an error, and none of ours
			_, _ = fmt.Fprintf(large, "GET /healthz HTTP/1.1\r\nHost: frist.example\r\nX: %0100000d\r\n\r\n", 0)
		}()
		if resp, err := http.ReadResponse(bufio.NewReader(large), nil); err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a header of 100 kB: %v, %v", resp, err)
		}
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
