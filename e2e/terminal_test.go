package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// terminal is a screen and a keyboard, at which a program for terminals is used.
type terminal struct {
	t      *testing.T
	socket string
}

// openTerminal runs a command (for /bin/sh) at a terminal of 120 by 50 with a UTF-8 locale.
func openTerminal(t *testing.T, env []string, command string) *terminal {
	t.Helper()
	// A socket's path may have a hundred bytes, which t.TempDir would use up.
	dir, err := os.MkdirTemp("", "frist-tty-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	term := &terminal{t: t, socket: filepath.Join(dir, "s")}
	// In the foreground, so that it is a child and ends with the test.
	server := launch(t, append(env, "LC_ALL=C.UTF-8", "TERM=screen"), find("tmux"), "-D", "-f", "/dev/null", "-S", term.socket)
	await(t, "tmux to listen", func() bool {
		_, err := os.Stat(term.socket)
		return err == nil
	})
	// The server would end with its last program, and with it what it last showed.
	term.tmux("set-option", "-g", "exit-empty", "off", ";", "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "escape-time", "0",
		";", "new-session", "-d", "-x", "120", "-y", "50", command)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the terminal showed:\n%s", term.screen())
		}
		server.kill()
	})
	return term
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	out, err := exec.Command(find("tmux"), append([]string{"-u", "-S", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

func (term *terminal) screen() string {
	out, _ := exec.Command(find("tmux"), "-u", "-S", term.socket, "capture-pane", "-p").Output()
	return strings.TrimSpace(string(out))
}

// sees waits until the screen shows what matches.
func (term *terminal) sees(pattern string) {
	term.t.Helper()
	re := regexp.MustCompile(pattern)
	await(term.t, "the terminal to show "+pattern, func() bool { return re.MatchString(term.screen()) })
}

// press presses keys, by tmux's names: "r", "Enter", "C-x".
func (term *terminal) press(keys ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys"}, keys...)...)
}

// write types text as it is.
func (term *terminal) write(text string) {
	term.t.Helper()
	term.tmux("send-keys", "-l", text)
}

// ended waits until the program has.
func (term *terminal) ended() {
	term.t.Helper()
	await(term.t, "the program to end", func() bool { return strings.TrimSpace(term.tmux("display-message", "-p", "#{pane_dead}")) == "1" })
}
