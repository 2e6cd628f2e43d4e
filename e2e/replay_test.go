package e2e

import (
	"path/filepath"
	"testing"
)

// The sample cases, played by people with real mail accounts.
func TestReplayAgainstRealServers(t *testing.T) {
	cases, err := filepath.Glob("../testdata/cases/*.yaml")
	must(t, err)
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, channel := range []string{"mail", "mixed"} {
		t.Run(channel, func(t *testing.T) {
			m := startMail(t, "frist", "robin", "dso", "deputy", "drift")
			s := m.settings()
			s.Teams = channel != "mail"
			d := settle(t, s)
			env := append(d.env, "FRIST_REPLAY_REPORTER="+m.people["robin"].login(), "FRIST_REPLAY_DSO="+m.people["dso"].login())
			out, errs, code := frist(t, env, append([]string{"replay", "--config", d.Config, "--channel", channel, "--out", t.TempDir()}, cases...)...)
			t.Log(out)
			if code != 0 {
				t.Errorf("exit %d: %s", code, errs)
			}
		})
	}
}

// login is the account as replay reads it.
func (p *person) login() string { return p.Address + ":" + p.Password }
