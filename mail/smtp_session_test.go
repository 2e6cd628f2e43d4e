package mail

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// counter is a submission server that notes what it is told, a line for each connection, and does as the test says.
type counter struct {
	mu    sync.Mutex
	conns []string // the first letters of each connection's commands: e m r d q
	taken int      // messages
	// reply, if set, answers a command instead: "" as usual, "cut" closes the connection.
	reply func(conn int, command string) string
}

func (s *counter) note(conn int, command string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] += strings.ToLower(command[:1])
	if s.reply != nil {
		return s.reply(conn, command)
	}
	return ""
}

func (s *counter) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(strings.Join(s.conns, " "), " took ", s.taken)
}

func (s *counter) serve(c net.Conn) {
	defer c.Close()
	s.mu.Lock()
	conn := len(s.conns)
	s.conns = append(s.conns, "")
	s.mu.Unlock()
	fmt.Fprint(c, "220 here\r\n")
	for in := bufio.NewScanner(c); in.Scan(); {
		command, _, _ := strings.Cut(in.Text(), " ")
		switch reply := s.note(conn, command); {
		case reply == "cut":
			return
		case reply != "":
			fmt.Fprint(c, reply, "\r\n")
		case command == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		case command == "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			for in.Scan() && in.Text() != "." {
			}
			if reply := s.note(conn, "text"); reply == "cut" {
				return
			} else if reply != "" {
				fmt.Fprint(c, reply, "\r\n")
				continue
			}
			s.mu.Lock()
			s.taken++
			s.mu.Unlock()
			fmt.Fprint(c, "250 taken\r\n")
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

func TestMailsThatFollowEachOtherShareAConnection(t *testing.T) {
	for name, tc := range map[string]struct {
		reply  func(conn int, command string) string
		want   string
		failed int // messages
	}{
		"all is well":                    {nil, "emrdtmrdtmrdt took 3", 0},
		"the server cuts what is idle":   {func(c int, cmd string) string { return when(c == 0 && cmd == "MAIL", "cut") }, "emrdtm emrdtmrdt took 3", 0},
		"the server is about to":         {func(c int, cmd string) string { return when(c == 0 && cmd == "MAIL", "421 too long") }, "emrdtm emrdtmrdt took 3", 0},
		"its session has sent enough":    {func(c int, cmd string) string { return when(c == 0 && cmd == "MAIL", "554 too many") }, "emrdtm emrdtmrdt took 3", 0},
		"the login has run out":          {func(c int, cmd string) string { return when(c == 0 && cmd == "MAIL", "530 who is it?") }, "emrdtm emrdtmrdt took 3", 0},
		"its recipients were too many":   {func(c int, cmd string) string { return when(c == 0 && cmd == "RCPT", "452 too many") }, "emrdtmr emrdtmrdt took 3", 0},
		"it takes no text any more":      {func(c int, cmd string) string { return when(c == 0 && cmd == "DATA", "451 not now") }, "emrdtmrd emrdtmrdt took 3", 0},
		"it refuses a message twice":     {func(_ int, cmd string) string { return when(cmd == "RCPT", "550 no such") }, "emrdtmr emr emrdt took 2", 1},
		"it refuses a message's text":    {func(c int, cmd string) string { return when(c == 0 && cmd == "text", "554 no") }, "emrdtmrdt emrdt took 2", 1},
		"it is gone after the last line": {func(c int, cmd string) string { return when(c == 0 && cmd == "text", "cut") }, "emrdtmrdt emrdt took 2", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &counter{}
			if tc.reply != nil {
				calls := map[string]int{}
				s.reply = func(c int, cmd string) string {
					if reply := tc.reply(c, cmd); reply != "" {
						if calls[cmd]++; calls[cmd] == 2 || calls[cmd] == 3 && name == "it refuses a message twice" {
							return reply
						}
					}
					return ""
				}
			}
			snd := NewSender(SMTPConfig{Addr: listen(t, s.serve), TLS: TLSNone, Timeout: 5 * time.Second})
			failed := 0
			for range 3 {
				if err := snd.Send(t.Context(), bot, []string{vera}, letter(bot, "hej")); err != nil {
					failed++
				}
			}
			if got := s.said(); got != tc.want || failed != tc.failed {
				t.Errorf("the server saw %q and %d failed; want %q and %d", got, failed, tc.want, tc.failed)
			}
		})
	}
}

func when(so bool, reply string) string {
	if so {
		return reply
	}
	return ""
}

// Messages that are sent at once have a connection each, and one of them stays for the next.
func TestMailsAtOnceHaveTheirOwnConnections(t *testing.T) {
	var at sync.WaitGroup
	at.Add(2)
	s := &counter{}
	gate := make(chan struct{})
	snd := NewSender(SMTPConfig{Addr: listen(t, func(c net.Conn) {
		at.Done()
		<-gate
		s.serve(c)
	}), TLS: TLSNone, Timeout: 5 * time.Second})
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- snd.Send(t.Context(), bot, []string{vera}, letter(bot, "hej")) }()
	}
	at.Wait()
	close(gate)
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := snd.Send(t.Context(), bot, []string{vera}, letter(bot, "hej")); err != nil {
		t.Error(err)
	}
	if got := s.said(); !strings.HasSuffix(got, " took 3") || strings.Count(got, "e") != 2 {
		t.Errorf("the server saw %q", got)
	}
}
