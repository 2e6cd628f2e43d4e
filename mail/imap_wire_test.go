package mail

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frist/mail/mailtest"
)

// listen calls serve for each connection.
func listen(t *testing.T, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			wg.Go(func() { serve(conn); conn.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// A server that accepts and says nothing must not hold the reader for ever.
func TestReaderSilentServer(t *testing.T) {
	calls := make(chan struct{}, 100)
	addr := listen(t, func(c net.Conn) {
		calls <- struct{}{}
		io.Copy(io.Discard, c)
	})
	s := startMail(t, mailtest.Options{})
	for _, mode := range []TLSMode{TLSNone, TLSStart, TLSImplicit} {
		r := reader(s, newRecorder(nil).handle)
		r.cfg.Addr, r.cfg.TLS = addr, mode
		r.times.command = 30 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		for range 3 {
			select {
			case <-calls:
			case <-time.After(5 * time.Second):
				t.Fatalf("%s: the reader waits for a silent server", mode)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A connection that goes dead in IDLE (a firewall forgot it) is noticed at the
// next poll, and mail that came meanwhile is read over a new one.
func TestReaderDeadConnection(t *testing.T) {
	s := startMail(t, mailtest.Options{})
	var dead sync.Map
	addr := listen(t, func(c net.Conn) {
		up, err := net.Dial("tcp", s.IMAPPlain)
		if err != nil {
			return
		}
		defer up.Close()
		mute := func(w io.Writer) io.Writer {
			return writerFunc(func(b []byte) (int, error) {
				if _, ok := dead.Load(c); ok {
					return len(b), nil
				}
				return w.Write(b)
			})
		}
		dead.Store("last", c)
		go func() { io.Copy(mute(up), c); up.Close() }()
		io.Copy(mute(c), up)
	})
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	r.cfg.Addr, r.cfg.TLS, r.cfg.Poll = addr, TLSNone, 20*time.Millisecond
	r.times.command = 200 * time.Millisecond
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	last, _ := dead.Load("last")
	dead.Store(last, true)
	post(t, s, "while dead")
	rec.await(t, "while dead")
}

// Neither the reader nor the servers leave a goroutine behind.
func TestNothingIsLeftRunning(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, err := mailtest.Start(mailtest.Options{Accounts: map[string]string{bot: "b0t", vera: "v3ra"}})
	if err != nil {
		t.Fatal(err)
	}
	r := reader(s, newRecorder(nil).handle)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for range 3 {
		post(t, s, "m")
		if err := syncNow(t, r); err != nil {
			t.Fatal(err)
		}
		s.DropIMAP()
	}
	if err := NewSender(sender(s)).Send(t.Context(), bot, []string{vera}, letter(bot, "m")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// exchange answers as a server with other capabilities, names and manners than
// the memory server, and keeps what it was asked.
type exchange struct {
	mu       sync.Mutex
	commands []string
	mails    map[int]string // by UID
	deadly   map[int]int    // by UID: how many commands for its body are answered by hanging up
	created  bool
	caps     string // empty: exchangeCaps
	valid    int    // UIDVALIDITY; 0: 77
	// instead, if set, may answer a command in place of the server: done, or hangUp.
	instead func(c net.Conn, tag, command string) (done, hangUp bool)
}

// uidsOf reads the sequence set of a UID command: "3,5:7".
func uidsOf(command string) (uids []int) {
	words := strings.Fields(command)
	if len(words) < 3 || words[0] != "UID" {
		return nil
	}
	set := words[2]
	if words[1] == "SEARCH" {
		set = words[len(words)-1]
	}
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		first, err := strconv.Atoi(from)
		if err != nil {
			return nil
		}
		last := first
		if isRange {
			if last, err = strconv.Atoi(to); err != nil { // "*"
				last = 1000
			}
		}
		for uid := first; uid <= last; uid++ {
			uids = append(uids, uid)
		}
	}
	return uids
}

const exchangeCaps = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"

func (x *exchange) serve(c net.Conn) {
	in := bufio.NewReader(c)
	fmt.Fprint(c, "* OK The service is ready.\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if x.instead != nil {
			done, hangUp := x.instead(c, tag, command)
			if hangUp {
				return
			}
			if done {
				continue
			}
		}
		x.mu.Lock()
		x.commands = append(x.commands, command)
		reply, hangUp := x.reply(command)
		x.mu.Unlock()
		if hangUp {
			return
		}
		fmt.Fprint(c, reply)
		switch {
		case command == "IDLE":
			if _, err := in.ReadString('\n'); err != nil { // DONE
				return
			}
		case strings.HasPrefix(command, "STATUS") && !x.created:
			fmt.Fprintf(c, "%s NO mailbox does not exist\r\n", tag)
			continue
		}
		fmt.Fprintf(c, "%s OK done\r\n", tag)
	}
}

func (x *exchange) reply(command string) (reply string, hangUp bool) {
	uids := uidsOf(command)
	for _, uid := range uids {
		if x.deadly[uid] > 0 && strings.Contains(command, "BODY") {
			x.deadly[uid]--
			return "", true
		}
	}
	each := func(line func(uid int, body string) string) (all string) {
		for _, uid := range uids {
			if body, here := x.mails[uid]; here {
				all += line(uid, body)
			}
		}
		return all
	}
	switch {
	case command == "CAPABILITY":
		return "* CAPABILITY " + cmp.Or(x.caps, exchangeCaps) + "\r\n", false
	case command == "NAMESPACE":
		return `* NAMESPACE (("INBOX." ".")) NIL NIL` + "\r\n", false
	case strings.HasPrefix(command, "CREATE"):
		x.created = x.created || strings.Contains(command, "Failed")
	case strings.HasPrefix(command, "SELECT"):
		return fmt.Sprintf("* 2 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT 9] x\r\n", cmp.Or(x.valid, 77)), false
	case command == "IDLE":
		return "+ idling\r\n", false
	case strings.HasPrefix(command, "UID SEARCH UID"):
		return "* SEARCH" + each(func(uid int, _ string) string { return fmt.Sprint(" ", uid) }) + "\r\n", false
	case strings.HasPrefix(command, "UID SEARCH"):
		found := "* SEARCH"
		for uid := range x.mails { // in no order: RFC 9051 promises none
			found += fmt.Sprint(" ", uid)
		}
		return found + "\r\n", false
	case strings.HasPrefix(command, "UID MOVE"):
		for _, uid := range uids {
			delete(x.mails, uid)
		}
		return "* OK [COPYUID 5 1 1] \r\n* 1 EXPUNGE\r\n", false
	case strings.Contains(command, "BODY.PEEK[]"):
		return each(func(uid int, body string) string {
			return fmt.Sprintf("* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n", uid, len(body), body)
		}), false
	case strings.Contains(command, "RFC822.SIZE"): // an estimate, as Exchange's are
		return each(func(uid int, _ string) string {
			return fmt.Sprintf("* 1 FETCH (UID %d RFC822.SIZE 10 INTERNALDATE \"22-Nov-2026 10:15:00 +0100\")\r\n", uid)
		}), false
	case strings.Contains(command, "BODY.PEEK[HEADER]"):
		return each(func(uid int, _ string) string {
			return fmt.Sprintf("* 1 FETCH (UID %d BODY[HEADER]<0> {14}\r\nSubject: y\r\n\r\n)\r\n", uid)
		}), false
	}
	return "", false
}

func TestReaderOnExchangeLikeServer(t *testing.T) {
	x := &exchange{mails: map[int]string{
		8: "Subject: eight\r\n\r\n" + strings.Repeat("x", 5000), 3: "\r\nSubject: three\r\n\r\n", 5: "\r\nSubject: five\r\n\r\n",
	}}
	s := startMail(t, mailtest.Options{})
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	r.cfg.Addr, r.cfg.TLS, r.cfg.MaxSize = listen(t, x.serve), TLSNone, 1000
	r.cfg.Tokens = NewTokens(oauthConfig(provider(t, nil)))
	t0ken := mustToken(t, r.cfg.Tokens)
	run(t, r)
	if err := syncNow(t, r); err != nil {
		t.Fatal(err)
	}
	var uids []uint32
	for _, f := range rec.got {
		uids = append(uids, f.UID)
		if f.UIDValidity != 77 || !f.InternalDate.Equal(time.Date(2026, 11, 22, 9, 15, 0, 0, time.UTC)) {
			t.Errorf("uid %d: validity %d, received %v", f.UID, f.UIDValidity, f.InternalDate)
		}
	}
	if !slices.Equal(uids, []uint32{3, 5, 8}) {
		t.Errorf("handled %v", uids)
	}
	// The size was an estimate: the body's own size decides.
	if f := rec.got[2]; !f.TooLarge || string(f.Raw) != "Subject: y\r\n\r\n" {
		t.Errorf("uid 8: TooLarge %v, raw %q", f.TooLarge, f.Raw)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	all := strings.Join(x.commands, "\n")
	token := base64.StdEncoding.EncodeToString([]byte("user=" + bot + "\x01auth=Bearer " + t0ken + "\x01\x01"))
	for _, want := range []string{"AUTHENTICATE XOAUTH2 " + token, "INBOX.Frist.Handled", "INBOX.Frist.Failed", "UID MOVE 3,5,8 "} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q among the commands:\n%s", want, all)
		}
	}
	for _, never := range []string{"CONDSTORE", "RETURN (", "CHARSET", "EXPUNGE", "BODY[]", "BODYSTRUCTURE", "ENVELOPE"} {
		if strings.Contains(all, never) {
			t.Errorf("command with %q:\n%s", never, all)
		}
	}
}

// A mail on which the connection breaks must not keep the others waiting.
func TestReaderGoesAroundDeadlyMail(t *testing.T) {
	x := &exchange{deadly: map[int]int{3: 3}, mails: map[int]string{3: "\r\nSubject: three\r\n\r\n", 5: "\r\nSubject: five\r\n\r\n"}}
	s := startMail(t, mailtest.Options{})
	rec := newRecorder(nil)
	r := reader(s, rec.handle)
	r.cfg.Addr, r.cfg.TLS = listen(t, x.serve), TLSNone
	r.times.retry, r.times.retryMax = 300*time.Millisecond, 300*time.Millisecond
	run(t, r)
	rec.await(t, "three")
	if got := rec.subjects(); !slices.Equal(got, []string{"five", "three"}) {
		t.Errorf("handled %q", got)
	}
}
