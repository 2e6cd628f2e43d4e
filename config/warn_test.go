package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const second = "second: {email: jour@reserv.example, smtp: {addr: 'smtp.reserv.example:465'"

func TestSecondRoute(t *testing.T) {
	parse := func(from, to string) (*Config, error) {
		text := strings.Replace(minimal, "administrator: {", "administrator: {"+second+"}}, ", 1)
		if !strings.Contains(text, second) {
			t.Fatal("the settings have no administrator")
		}
		return Parse("x.yaml", []byte(strings.Replace(text, from, to, 1)))
	}
	c, err := parse("", "")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Administrator.Second; s.SMTP.TLS != TLSImplicit || s.From != "jour@reserv.example" {
		t.Errorf("defaults: %+v", s)
	}
	if c, err = parse("465'}", "465', username: a@b.example, password: {env: P}}"); err != nil || c.Administrator.Second.From != "a@b.example" {
		t.Errorf("sender: %+v, %v", c.Administrator.Second, err)
	}
	for name, f := range map[string]struct{ from, to, want string }{
		"no email":    {"email: jour@reserv.example, ", "", "line 2: administrator.second.email is missing; write an address at another provider"},
		"the bot":     {"jour@reserv.example", "frist@angelholma.example", "line 2: administrator.second.email is the bot's own address"},
		"no server":   {"addr: 'smtp.reserv.example:465'", "", "line 2: administrator.second.smtp.addr is missing"},
		"same server": {"smtp.reserv.example", "SMTP.angelholma.example", "line 2: administrator.second.smtp.addr is that of mail.smtp too"},
		"no tls":      {"465'}", "465', tls: none}", "line 2: administrator.second.smtp.tls is none, which"},
		"half login":  {"465'}", "465', username: a}", "line 2: administrator.second.smtp needs both username and password"},
		"from":        {"email: jour@reserv.example", "email: jour@reserv.example, from: Jour", "line 2: administrator.second.from is no mail address"},
		"password":    {"465'}", "465', username: a, password: hemlig}", "and write {env: FRIST_SECOND_SMTP_PASSWORD}"},
	} {
		if _, err := parse(f.from, f.to); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDatesAndLimits(t *testing.T) {
	teams := "teams: {app_id: 00000000-0000-0000-0000-00000000000a, app_secret: {env: S}, tenant_id: 00000000-0000-0000-0000-00000000000b, app_secret_expires: %}\nmail:\n"
	with := func(date string) (*Config, error) {
		return Parse("x.yaml", []byte(strings.Replace(minimal, "mail:\n", strings.Replace(teams, "%", date, 1), 1)))
	}
	for _, date := range []string{"2027-03-01", `"2027-03-01"`} {
		if c, err := with(date); err != nil || !c.Teams.AppSecretExpires.Equal(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %v", date, err)
		}
	}
	for _, date := range []string{"1/3 2027", "2027-02-30", "2027", "[a]"} {
		if _, err := with(date); err == nil || !strings.Contains(err.Error(), "line 4: teams.app_secret_expires is no date; write year, month and day") {
			t.Errorf("%s: %v", date, err)
		}
	}
	for _, f := range []struct{ poll, stale, want string }{
		{"1m", "2m", ""}, {"1m", "1m", "limits.mailbox_stale is 1m"}, {"1h", "8m", ""}, {"1h", "7m", "at least twice mail.imap.poll"}, {"1s", "30s", "is 30s"}, {"1s", "25h", "is 25h"},
	} {
		text := strings.NewReplacer("units:", "limits: {mailbox_stale: "+f.stale+"}\nunits:", "username: frist,", "username: frist, poll: "+f.poll+",").Replace(minimal)
		_, err := Parse("x.yaml", []byte(text))
		if (err == nil) != (f.want == "") || err != nil && !strings.Contains(err.Error(), f.want) {
			t.Errorf("poll %s, stale %s: %v", f.poll, f.stale, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "frist.yaml")
	write(t, filepath.Join(dir, "key"), testKey+"\n")
	t.Setenv("IMAP", "p")
	warnings := func(changes ...string) string {
		t.Helper()
		write(t, path, strings.NewReplacer(append(changes, "{env: KEY}", "{file: key}")...).Replace(minimal))
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, w := range c.Warnings() {
			all = append(all, w.Path)
		}
		return strings.Join(all, " ")
	}
	whole := []string{"administrator: {", "administrator: {" + second + "}}, ", "    dso:", "    deputy: {email: b@angelholma.example}\n    dso:"}
	if got := warnings(whole...); got != "" {
		t.Errorf("nothing is wrong: %s", got)
	}
	if got := warnings(); got != "administrator.second units[0].deputy" {
		t.Errorf("got %s", got)
	}
	whole[3] = "    on_call: {email: b@angelholma.example}\n    dso:"
	if got := warnings(whole...); got != "units[0].deputy" {
		t.Errorf("no deputy: %s", got)
	}
	if err := os.Chmod(filepath.Join(dir, "key"), 0o640); err != nil {
		t.Fatal(err)
	}
	whole[1] = strings.Replace(whole[1], "reserv.example", "angelholma.example", 1)
	if got := warnings(whole...); got != "administrator.second.email units[0].deputy master_key" {
		t.Errorf("own domain, open file: %s", got)
	}
}
