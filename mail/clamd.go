package mail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Clamd asks ClamAV's daemon whether bytes hold something harmful, by its commands in the form that begins with z (clamd(8), section COMMANDS).
type Clamd struct {
	// Network is "unix" or "tcp", Addr the socket's path or host:port.
	Network, Addr string
	// Timeout bounds one scan from dialling to the answer; 0 is a minute.
	Timeout time.Duration
}

// ScanError: a file could not be scanned. Answer is what the daemon said, "" where it did not.
type ScanError struct {
	Answer string
	Err    error
}

func (e *ScanError) Error() string {
	if e.Err != nil {
		return "clamd: " + e.Err.Error()
	}
	return "clamd answered: " + e.Answer
}

func (e *ScanError) Unwrap() error { return e.Err }

// Answered tells that the daemon works, and could not scan the one file.
func (e *ScanError) Answered() bool { return e.Err == nil }

const (
	clamdTimeout = time.Minute
	clamdDial    = 5 * time.Second
	clamdChunk   = 64 << 10
	clamdAnswer  = 4 << 10 // bytes of an answer that are read
)

// Scan returns the signature's name if data holds something harmful, "" if the daemon found it clean. Any other answer is an error.
func (c *Clamd) Scan(ctx context.Context, data []byte) (found string, err error) {
	answer, err := c.ask(ctx, "INSTREAM", func(w *bufio.Writer) error {
		var size [4]byte
		for len(data) > 0 {
			n := min(len(data), clamdChunk)
			binary.BigEndian.PutUint32(size[:], uint32(n))
			if _, err := w.Write(size[:]); err != nil {
				return err
			}
			if _, err := w.Write(data[:n]); err != nil {
				return err
			}
			data = data[n:]
		}
		_, err := w.Write([]byte{0, 0, 0, 0})
		return err
	})
	if err != nil {
		return "", err
	}
	if answer == "stream: OK" {
		return "", nil
	}
	if name, ok := strings.CutSuffix(strings.TrimPrefix(answer, "stream: "), " FOUND"); ok {
		return signature(name), nil
	}
	return "", &ScanError{Answer: oneWordLine(answer)}
}

// Version asks for the daemon's version and that of its signatures, such as "ClamAV 1.4.6/27900/Fri Nov 20 09:26:11 2026".
func (c *Clamd) Version(ctx context.Context) (string, error) {
	answer, err := c.ask(ctx, "VERSION", nil)
	if err == nil && !strings.HasPrefix(answer, "ClamAV") {
		err = &ScanError{Answer: oneWordLine(answer)}
	}
	return oneWordLine(answer), err
}

// ask sends one command and what follows it, and reads the answer, which ends with a zero byte.
func (c *Clamd) ask(ctx context.Context, command string, follow func(*bufio.Writer) error) (string, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = clamdTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	d := net.Dialer{Timeout: min(timeout, clamdDial)}
	conn, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return "", &ScanError{Err: fmt.Errorf("connect: %w", err)}
	}
	defer conn.Close()
	end, _ := ctx.Deadline()
	if err := conn.SetDeadline(end); err != nil {
		return "", &ScanError{Err: err}
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	w := bufio.NewWriterSize(conn, clamdChunk)
	_, sent := w.WriteString("z" + command + "\x00")
	if sent == nil && follow != nil {
		sent = follow(w)
	}
	if sent == nil {
		sent = w.Flush()
	}
	// A daemon that has had enough answers and closes while it is still being written to.
	answer, err := readAnswer(conn)
	switch {
	case err == nil && answer != "":
		return answer, nil
	case sent != nil:
		return "", &ScanError{Err: fmt.Errorf("%s: %w", command, sent)}
	case err == nil:
		err = errors.New("it closed the connection without an answer")
	}
	return "", &ScanError{Err: fmt.Errorf("%s: %w", command, err)}
}

func readAnswer(conn net.Conn) (string, error) {
	r := bufio.NewReaderSize(conn, clamdAnswer)
	line, err := r.ReadSlice(0)
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return string(bytes.TrimSpace(line[:len(line)-1])), nil
}

// signature is a signature's name without what none of ClamAV's has, at most 80 bytes.
func signature(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_', r == '/', r == '(', r == ')', r == '!':
			return r
		}
		return '_'
	}, name)
	if name == "" {
		return "unnamed"
	}
	return name[:min(len(name), 80)]
}

// oneWordLine keeps what a log line may hold of a daemon's answer.
func oneWordLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s)
	return s[:min(len(s), 200)]
}
