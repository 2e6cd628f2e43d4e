package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync"
	"time"
)

// HTTP/1.1 (RFC 9112) as far as a bot and its connector speak it. Teams and the people run on the processors of what is measured, so that
// whatever they use is not there for it: net/http takes three goroutines and some forty allocations for a request.

// message is a request or an answer as far as it is looked at.
type message struct {
	start []byte // the first line
	body  []byte
	close bool // the connection ends with it
}

// line is one connection, kept alive. What a message holds counts until the next one is read.
type line struct {
	net.Conn
	in        *bufio.Reader
	head, out []byte
	body      bytes.Buffer
	idle      time.Time // since when nobody uses it
}

func newLine(c net.Conn) *line { return &line{Conn: c, in: bufio.NewReaderSize(c, 8<<10)} }

var errHead = errors.New("no HTTP message")

const (
	headMax = 16 << 10
	bodyMax = 16 << 20
)

// read reads the next message; the bodies of those that skip is true for are passed over.
func (l *line) read(skip func(start []byte) bool) (m message, err error) {
	length, chunked, lines := 0, false, 0
	for l.head = l.head[:0]; ; lines++ {
		s, err := l.in.ReadSlice('\n')
		if err != nil || len(l.head) > headMax {
			if lines == 0 && len(s) == 0 && errors.Is(err, io.EOF) {
				return m, io.EOF
			}
			return m, errors.Join(errHead, err)
		}
		s = bytes.TrimRight(s, "\r\n")
		if lines == 0 {
			l.head = append(l.head, s...)
			m.start = l.head
			continue
		}
		if len(s) == 0 {
			break
		}
		name, value, _ := bytes.Cut(s, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case len(name) == len("Content-Length") && bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > bodyMax {
				return m, errHead
			}
		case len(name) == len("Transfer-Encoding") && bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case len(name) == len("Connection") && bytes.EqualFold(name, []byte("Connection")):
			m.close = bytes.EqualFold(value, []byte("close"))
		}
	}
	if chunked {
		return m, l.chunks(&m)
	}
	if skip(m.start) {
		_, err = l.in.Discard(length)
		return m, err
	}
	l.body.Reset()
	_, err = io.CopyN(&l.body, l.in, int64(length))
	m.body = l.body.Bytes()
	return m, err
}

// chunks reads a body that comes in chunks, and the trailer after it.
func (l *line) chunks(m *message) error {
	l.body.Reset()
	if _, err := io.Copy(&l.body, io.LimitReader(httputil.NewChunkedReader(l.in), bodyMax)); err != nil {
		return err
	}
	m.body = l.body.Bytes()
	for {
		s, err := l.in.ReadSlice('\n')
		if err != nil || len(bytes.TrimRight(s, "\r\n")) == 0 {
			return err
		}
	}
}

// nothing is passed over.
func nothing([]byte) bool { return false }

// answer writes a JSON answer.
func (l *line) answer(status string, body ...string) error {
	length := 0
	for _, part := range body {
		length += len(part)
	}
	l.out = append(append(l.out[:0], "HTTP/1.1 "...), status...)
	l.out = append(l.out, "\r\nContent-Type: application/json\r\nContent-Length: "...)
	l.out = append(strconv.AppendInt(l.out, int64(length), 10), "\r\n\r\n"...)
	for _, part := range body {
		l.out = append(l.out, part...)
	}
	_, err := l.Write(l.out)
	return err
}

// caller posts to one endpoint, over connections that are kept.
type caller struct {
	addr, path string

	mu   sync.Mutex
	free []*line
}

// freshFor is for how long a connection may have been idle, so that the other side has not ended it by itself; Node waits five seconds.
const freshFor = time.Second

// line gives the connection that was used last.
func (c *caller) line() (*line, error) {
	c.mu.Lock()
	var l *line
	if n := len(c.free); n > 0 {
		l, c.free = c.free[n-1], c.free[:n-1]
	}
	c.mu.Unlock()
	if l != nil {
		if time.Since(l.idle) < freshFor {
			return l, nil
		}
		_ = l.Close() // it is not used any more
	}
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		return nil, err
	}
	return newLine(conn), nil
}

// post sends an activity. Its answer must have a status of 2xx.
func (c *caller) post(activity []byte, until time.Time) error {
	l, err := c.line()
	if err != nil {
		return fmt.Errorf("post activity: %w", err)
	}
	l.out = append(append(append(append(l.out[:0], "POST "...), c.path...), " HTTP/1.1\r\nHost: "...), c.addr...)
	l.out = append(l.out, "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "...)
	l.out = append(append(strconv.AppendInt(l.out, int64(len(activity)), 10), "\r\n\r\n"...), activity...)
	m, err := l.exchange(until)
	if err != nil {
		return errors.Join(fmt.Errorf("post activity: %w", err), l.Close())
	}
	if _, status, _ := bytes.Cut(m.start, []byte(" ")); len(status) == 0 || status[0] != '2' {
		return errors.Join(fmt.Errorf("the bot answered %s: %.200s", m.start, m.body), l.Close())
	}
	if m.close {
		return l.Close()
	}
	l.idle = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, l)
	return nil
}

// exchange sends what is in out and reads the answer.
func (l *line) exchange(until time.Time) (m message, err error) {
	if err := l.SetDeadline(until); err != nil {
		return m, err
	}
	if _, err := l.Write(l.out); err != nil {
		return m, err
	}
	return l.read(nothing)
}

// close ends the connections that nobody uses.
func (c *caller) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.free {
		_ = l.Close()
	}
	c.free = nil
}
