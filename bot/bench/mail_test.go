package bench

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
)

// startPost starts a mail server that takes all mail (RFC 5321) and keeps none: one that keeps it would cost more the longer the load lasts.
func startPost(tb testing.TB) (addr string) {
	tb.Helper()
	return listen(tb, func(c net.Conn) {
		defer c.Close()
		takeMail(c)
	}, func() {}) // the program that sends it ends before
}

// takeMail speaks with one sender to the end.
func takeMail(c net.Conn) {
	in, reply := bufio.NewReader(c), "220 mx.bench.example ESMTP\r\n"
	for data, begins := false, true; ; {
		if reply != "" {
			if _, err := c.Write([]byte(reply)); err != nil {
				return
			}
		}
		line, err := in.ReadSlice('\n')
		whole := begins
		begins = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		verb := strings.ToUpper(string(line[:min(4, len(line))]))
		switch {
		case data:
			if reply = ""; whole && bytes.Equal(line, []byte(".\r\n")) {
				reply, data = "250 2.0.0 taken\r\n", false
			}
		case verb == "EHLO":
			reply = "250-mx.bench.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 67108864\r\n"
		case verb == "DATA":
			reply, data = "354 go on\r\n", true
		case verb == "QUIT":
			_, _ = c.Write([]byte("221 2.0.0 bye\r\n")) // it goes in any case
			return
		default:
			reply = "250 2.0.0 ok\r\n"
		}
	}
}
