package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dovecot is a server with one mailbox, on loopback and without TLS or passwords: what is measured is what reads from it.
type dovecot struct{ dir, addr string }

const dovecotConf = `base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[1]s/home
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = %[2]s
  }
  inet_listener imaps {
    port = 0
  }
}
`

func startDovecot(tb testing.TB) *dovecot {
	tb.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		tb.Fatal("this benchmark runs Dovecot, as root: install the package dovecot-imapd")
	}
	dir, err := os.MkdirTemp("", "frist-bench-") // not tb.TempDir, which other users may not enter
	must(tb, err)
	tb.Cleanup(func() { os.RemoveAll(dir) })
	must(tb, os.Chmod(dir, 0o755))
	must(tb, os.MkdirAll(filepath.Join(dir, "home"), 0o755))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	d := &dovecot{dir: dir, addr: l.Addr().String()}
	must(tb, l.Close())
	_, port, err := net.SplitHostPort(d.addr)
	must(tb, err)
	conf := filepath.Join(dir, "dovecot.conf")
	must(tb, os.WriteFile(conf, fmt.Appendf(nil, dovecotConf, dir, port), 0o644))
	cmd := exec.Command(program, "-F", "-c", conf)
	must(tb, cmd.Start())
	tb.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", d.addr); err == nil {
			c.Close()
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	tb.Fatalf("dovecot does not listen (%v): %s", err, log)
	return nil
}

// fill makes the mailbox what the Maildir from is, and nothing else; Dovecot has an index of it, as of a mailbox in use.
func (d *dovecot) fill(tb testing.TB, from string) {
	tb.Helper()
	home := filepath.Join(d.dir, "home")
	must(tb, os.RemoveAll(filepath.Join(home, "Maildir")))
	for _, args := range [][]string{{"cp", "-rl", from, filepath.Join(home, "Maildir")}, {"chown", "-R", "mail:mail", home}, {"sync"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			tb.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	c, err := net.Dial("tcp", d.addr)
	must(tb, err)
	defer c.Close()
	fmt.Fprint(c, "a LOGIN bench bench\r\nb SELECT INBOX\r\nc FETCH 1:* (UID RFC822.SIZE)\r\nd LOGOUT\r\n")
	for buf, end := make([]byte, 1<<16), ""; !strings.Contains(end, "d OK"); {
		n, err := c.Read(buf)
		must(tb, err)
		if end += string(buf[:n]); len(end) > 100 {
			end = end[len(end)-100:]
		}
	}
}

// count tells how many mails lie in the INBOX and how many in all other folders.
func (d *dovecot) count(tb testing.TB) (inbox, elsewhere int) {
	tb.Helper()
	root := filepath.Join(d.dir, "home", "Maildir")
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		switch parent := filepath.Dir(p); {
		case !strings.HasSuffix(parent, "/cur") && !strings.HasSuffix(parent, "/new"):
		case filepath.Dir(parent) == root:
			inbox++
		default:
			elsewhere++
		}
		return nil
	})
	must(tb, err)
	return inbox, elsewhere
}
