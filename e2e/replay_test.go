package e2e

import "testing"

// Sample cases, played by people with real mail accounts. They are those whose whole story lies in the past: real servers keep real time.
// All cases in all channels are played against the embedded servers by the tests of package main.
func TestReplayAgainstRealServers(t *testing.T) {
	for channel, cases := range map[string][]string{"mail": {"wrong-attachment", "blanka-svar"}, "mixed": {"aterlamnad"}} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			m := startMail(t, "frist", "robin", "dso", "deputy", "drift")
			s := m.settings()
			s.Teams = channel == "mixed"
			d := settle(t, s)
			d.env = append(d.env, "FRIST_REPLAY_REPORTER="+m.people["robin"].login(), "FRIST_REPLAY_DSO="+m.people["dso"].login())
			args := []string{"--channel", channel, "--out", t.TempDir()}
			for _, name := range cases {
				args = append(args, "../testdata/cases/"+name+".yaml")
			}
			t.Log(d.frist("replay", args...))
		})
	}
}

// login is the account as replay reads it.
func (p *person) login() string { return p.Address + ":" + p.Password }
