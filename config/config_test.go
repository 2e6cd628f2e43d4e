package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// minimal says nothing that could be left out. Its lines are counted on: 1 to 15.
const minimal = `organisation: Ängelholma kommun
administrator: {email: drift@angelholma.example}
master_key: {env: KEY}
mail:
  address: frist@angelholma.example
  authserv_id: mx.angelholma.example
  allowed_domains: [angelholma.example]
  imap: {addr: "imap.angelholma.example:993", username: frist, password: {env: IMAP}}
  smtp:
    addr: smtp.angelholma.example:465
units:
  - id: kommun
    name: Kommunen
    dso: {email: dso@angelholma.example}
`

func TestMinimal(t *testing.T) {
	c, err := Parse(filepath.Join("etc", "frist.yaml"), []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != filepath.Join("etc", "data") || c.SQLiteFile() != filepath.Join("etc", "data", "frist.db") {
		t.Errorf("data %q", c.Data)
	}
	if c.Mail.IMAP.Poll != time.Minute || c.Mail.IMAP.TLS != TLSImplicit || !c.Mail.PlusAddressing || len(c.Limits.Reminders) != 6 {
		t.Errorf("defaults are gone: %+v", c)
	}
}

// How a sender is told needs its own settings alone, and Exchange's marks a mailbox that lies there.
func TestAuthentication(t *testing.T) {
	for _, c := range []string{"authentication: own", "authentication: exchange\n  exchange_tenant_id: 00000000-0000-0000-0000-00000000000A"} {
		text := strings.Replace(minimal, "authserv_id: mx.angelholma.example", c, 1)
		c, err := Parse("frist.yaml", []byte(strings.Replace(text, "imap.angelholma.example:993", "outlook.office365.com:993", 1)))
		if err != nil || c.Mail.Authentication == AuthResults || c.Mail.AuthservID != "" {
			t.Errorf("%+v, %v", c, err)
		}
	}
	for host, want := range map[string]bool{"outlook.office365.com:993": true, "Outlook.Office365.us:993": true, "127.0.0.1:1143": true, "imap.kommun.example:993": false,
		"office365.com.annat.example:993": false, "notoffice365.com:993": false, "": false} {
		if m := (&Mail{IMAP: IMAP{Addr: host}}); m.AtExchange() != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

func TestFaults(t *testing.T) {
	const person = "{email: dso@angelholma.example}"
	tests := []struct {
		name     string
		old, new string // replaced in minimal
		want     []string
	}{
		{"unknown", "organisation:", "colour: red\norganisation:", []string{"line 1: colour is unknown; remove it or use one of organisation, language"}},
		{"misspelt", "  address:", "  adress:", []string{"line 5: mail.adress is unknown; did you mean address?"}},
		{"misspelt deep", "username: frist", "usrname: frist", []string{"line 8: mail.imap.usrname is unknown; did you mean username?"}},
		{"twice", "administrator:", "organisation: Annan\nadministrator:", []string{"line 2: organisation stands twice, first on line 1; keep one"}},
		{"twice in a list", "    name: Kommunen", "    name: A\n    name: B", []string{"line 14: units[0].name stands twice, first on line 13"}},
		{"two documents", "units:", "---\nunits:", []string{"line 12: a second document begins here"}},
		{"not yaml", "units:", "units: [", []string{"YAML cannot be read here"}},
		{"tab", "  address", "\taddress", []string{"line 5: YAML cannot be read here (found character"}},
		{"no mapping", minimal, "hello", []string{"line 1: needs settings below it"}},
		{"empty file", minimal, "", []string{"line 1: organisation is missing", "mail is missing; write address", "units is missing", "master_key is missing; make one with \"openssl rand -base64 32\" or \"frist check -new-key\""}},
		{"anchor", person, "&d " + person, []string{"line 14: units[0].dso uses an anchor, alias or tag"}},
		{"merge", "    name: Kommunen", "    <<: {name: A}", []string{"line 13: units[0] has a key here that is no setting", "units[0].name is missing"}},
		{"section as text", "mail:\n", "mail: hello\nmall:\n", []string{"line 4: mail needs settings below it", "line 5: mall is unknown; did you mean mail?"}},
		{"list as text", "[angelholma.example]", "angelholma.example", []string{"line 7: mail.allowed_domains is no list; write it in brackets"}},
		{"empty entry", "[angelholma.example]", "[angelholma.example, null]", []string{"line 7: mail.allowed_domains[1] is empty"}},
		{"text as list", "frist@angelholma.example", "[a]", []string{"line 5: mail.address is no text"}},
		{"bool", "mail:\n", "mail:\n  plus_addressing: ja\n", []string{"line 5: mail.plus_addressing is neither true nor false"}},
		{"number", "units:", "limits: {message_max: 1 MB}\nunits:", []string{"line 11: limits.message_max is no whole number"}},
		{"duration", "units:", "limits: {answer_within: 30}\nunits:", []string{"line 11: limits.answer_within is no length of time; write a number and s, m or h"}},
		{"duration zero", "units:", "limits: {review_at: 0s}\nunits:", []string{"line 11: limits.review_at is 0s; write a time from 1m to 1000h"}},
		{"reminders rise", "units:", "limits:\n  reminders:\n    - 6h\n    - 90m\n    - 12h\nunits:", []string{"line 15: limits.reminders[2] is 12h but stands after 1h30m; write the longest time left first"}},
		{"reminders equal", "units:", "limits: {reminders: [6h, 6h]}\nunits:", []string{"limits.reminders[1] is 6h but stands after 6h"}},
		{"reminders negative", "units:", "limits: {reminders: [6h, -1h]}\nunits:", []string{"line 11: limits.reminders[1] is -1h"}},
		{"reminders none", "units:", "limits: {reminders: []}\nunits:", []string{"line 11: limits.reminders has 0 times"}},
		{"overdue", "units:", "limits: {overdue_max: -1}\nunits:", []string{"line 11: limits.overdue_max is -1; write a number from 0 to 1000"}},
		{"poll", "username: frist,", "username: frist, poll: 2h,", []string{"line 8: mail.imap.poll is 2h; write a time from 1s to 1h"}},
		{"max_size", "username: frist,", "username: frist, max_size: 5,", []string{"line 8: mail.imap.max_size is 5; write a number from 100000"}},
		{"language", "mail:\n", "language: fi\nmail:\n", []string{"line 4: language is neither sv nor en"}},
		{"form", "mail:\n", "form: ../imy\nmail:\n", []string{"line 4: form is no name of a form"}},
		{"admin", "drift@angelholma.example", "Drift <drift@angelholma.example>", []string{"line 2: administrator.email is no mail address; write it alone"}},
		{"admin is the bot", "drift@", "FRIST@", []string{"line 2: administrator.email is the bot's own address"}},
		{"line end", "organisation: Ängelholma kommun", `organisation: "A\r\nBcc: b@c.example"`, []string{"line 1: organisation holds a line end"}},
		{"address twice @", "frist@angelholma.example", "frist@@angelholma.example", []string{"line 5: mail.address is no mail address"}},
		{"address plus", "frist@angelholma.example", "frist+x@angelholma.example", []string{"line 5: mail.address has a + before the @"}},
		{"authserv", "  authserv_id: mx.angelholma.example\n", "", []string{"line 4: mail.authserv_id is missing; write the name with which your mail server begins"}},
		{"authentication", "  authserv_id: mx.angelholma.example\n", "  authentication: dkim\n", []string{"line 6: mail.authentication is none of results, exchange, own; write one of them"}},
		{"no tenant", "  authserv_id: mx.angelholma.example\n", "  authentication: exchange\n", []string{"mail.authentication is exchange, but", "line 4: mail.exchange_tenant_id is missing; write the directory (tenant) id"}},
		{"tenant", "  authserv_id: mx.angelholma.example\n", "  authentication: exchange\n  exchange_tenant_id: angelholma.example\n", []string{"mail.authentication is exchange, but", "line 7: mail.exchange_tenant_id is no tenant id"}},
		{"exchange elsewhere", "  authserv_id: mx.angelholma.example\n", "  authentication: exchange\n  exchange_tenant_id: 00000000-0000-0000-0000-000000000002\n",
			[]string{"line 6: mail.authentication is exchange, but mail.imap.addr is no server of Exchange Online"}},
		{"authserv whole", "authserv_id: mx.angelholma.example", "authserv_id: mx; spf=pass", []string{"line 6: mail.authserv_id is no name of a server"}},
		{"domains", "  allowed_domains: [angelholma.example]\n", "", []string{"line 4: mail.allowed_domains is missing, so nobody could report"}},
		{"domain with @", "[angelholma.example]", "['@angelholma.example']", []string{"line 7: mail.allowed_domains[0] is no domain"}},
		{"no port", "smtp.angelholma.example:465", "smtp.angelholma.example", []string{"line 10: mail.smtp.addr is no host and port"}},
		{"port 0", "smtp.angelholma.example:465", "smtp.angelholma.example:0", []string{"line 10: mail.smtp.addr is no host and port"}},
		{"host", "smtp.angelholma.example:465", "\"smtp/x:465\"", []string{"line 10: mail.smtp.addr is no host and port"}},
		{"tls", "username: frist,", "username: frist, tls: ssl,", []string{"line 8: mail.imap.tls is none of tls, starttls, none"}},
		{"tls none", "username: frist,", "username: frist, tls: none,", []string{"line 8: mail.imap.tls is none, which would send the password in clear"}},
		{"tls none smtp", "smtp:\n", "smtp:\n    tls: none\n", []string{"line 10: mail.smtp.tls is none, which"}},
		{"same mailbox", "username: frist,", "username: frist, handled: inbox,", []string{"line 8: mail.imap.handled is the same mailbox as mail.imap.mailbox"}},
		{"mailbox pattern", "username: frist,", "username: frist, failed: 'a*',", []string{"line 8: mail.imap.failed is no name of a mailbox"}},
		{"imap login", "username: frist, ", "", []string{"line 8: mail.imap.username is missing"}},
		{"smtp half a login", "smtp:\n", "smtp:\n    username: frist\n", []string{"line 9: mail.smtp needs both username and password"}},
		{"helo", "smtp:\n", "smtp:\n    helo: a b\n", []string{"line 10: mail.smtp.helo is no name of a host"}},
		{"no imap password", ", password: {env: IMAP}", "", []string{"line 8: mail.imap.password is missing; write {env: FRIST_IMAP_PASSWORD}"}},
		{"no mail", minimal[strings.Index(minimal, "\nmail:\n")+1 : strings.Index(minimal, "units:")], "", []string{"line 1: mail is missing; write address, authserv_id"}},
		{"listen", "mail:\n", "http: {listen: localhost}\nmail:\n", []string{"line 4: http.listen is no host and port"}},
		{"development", "mail:\n", "development: true\nhttp: {listen: ':8080'}\nmail:\n", []string{"line 4: development is true while http.listen can be reached from other machines"}},
		{"public_url", "mail:\n", "http: {public_url: http://frist.angelholma.example}\nmail:\n", []string{"line 4: http.public_url is no https address"}},
		{"half tls", "mail:\n", "http: {tls: {cert: a.pem}}\nmail:\n", []string{"line 4: http.tls needs both cert and key"}},
		{"half teams", "mail:\n", "teams:\n  app_id: 00000000-0000-0000-0000-00000000000a\nmail:\n", []string{"line 4: teams.app_secret is missing", "line 4: teams.tenant_id is missing; write it as Entra shows it, or remove the whole section teams"}},
		{"half teams in development", "mail:\n", "development: true\nteams: {app_id: 00000000-0000-0000-0000-00000000000a}\nmail:\n", []string{"line 5: teams.app_secret is missing", "line 5: teams.tenant_id is missing"}},
		{"teams ids", "mail:\n", "teams:\n  app_id: frist\n  app_secret: {env: A}\n  tenant_id: a/../b\n  metadata_url: ftp://x\n  service_hosts: [\"https://x.example\"]\n  file_hosts: [a b]\nmail:\n",
			[]string{"line 5: teams.app_id is no application id", "line 7: teams.tenant_id is no tenant id", "line 8: teams.metadata_url is no https address", "line 9: teams.service_hosts[0] is no host", "line 10: teams.file_hosts[0] is no host"}},
		{"database", "mail:\n", "database: mysql\nmail:\n", []string{"line 4: database is neither sqlite nor a reference to a PostgreSQL URL"}},
		{"secret in clear", "{env: KEY}", "hemlig", []string{"line 3: master_key stands here in clear; move it out of this file and write {env: FRIST_MASTER_KEY}"}},
		{"password in clear", "{env: IMAP}", "hemlig", []string{"line 8: mail.imap.password stands here in clear; move it out of this file and write {env: FRIST_IMAP_PASSWORD}"}},
		{"password as a key", "{env: IMAP}", "{hemlig}", []string{"line 8: mail.imap.password names nothing; write {env: FRIST_IMAP_PASSWORD}"}},
		{"password without space", "password: {env: IMAP}", "password:hemlig", []string{"line 8: mail.imap.password stands here in clear"}},
		{"password as block", "{env: KEY}", "|hemlig", []string{"line 3: YAML cannot be read here"}},
		{"secret both", "{env: KEY}", "{env: KEY, file: k}", []string{"line 3: master_key needs exactly one of env and file"}},
		{"secret env", "{env: KEY}", "{env: hemlig}", []string{"line 3: master_key is no name of an environment variable"}},
		{"secret empty", "{env: KEY}", "{file: ''}", []string{"line 3: master_key names nothing"}},
		{"no key", "master_key: {env: KEY}", "", []string{"line 1: master_key is missing; make one"}},
		{"no units", minimal[strings.Index(minimal, "units:"):], "", []string{"line 1: units is missing; list at least one"}},
		{"unit id", "id: kommun", "id: Kommun 1", []string{"line 12: units[0].id is no id; use at most 40 small letters"}},
		{"unit name", "    name: Kommunen\n", "", []string{"line 12: units[0].name is missing"}},
		{"no dso", "    dso: " + person + "\n", "", []string{"line 12: units[0].dso is missing; write name and email"}},
		{"dso without email", person, "{name: A}", []string{"line 14: units[0].dso.email is missing"}},
		{"dso is the bot", person, "{email: frist@angelholma.example}", []string{"line 14: units[0].dso.email is the bot's own address"}},
		{"deputy is the dso", person, person + "\n    deputy: " + person, []string{"line 15: units[0].deputy.email is the dso's own"}},
		{"decider", person, person + "\n    decider: {phone: 1}", []string{"line 15: units[0].decider.email is missing"}},
		{"ids twice, no default", person, person + "\n  - {id: kommun, name: B, dso: " + person + "}", []string{"line 11: units has no default; write default: true", "line 15: units[1].id is that of units[0] too"}},
		{"two defaults", "    name: Kommunen", "    name: Kommunen\n    default: true\n    dso: " + person + "\n  - id: b\n    default: true\n    name: B", []string{"line 17: units[1].default is true for an earlier unit too"}},
		{"sender twice", person, person + "\n    default: true\n    domains: [angelholma.example]\n  - {id: b, name: B, dso: " + person + ", domains: [Angelholma.Example]}", []string{"line 17: units[1].domains[0] stands at units[0] too"}},
		{"sender outside", person, person + "\n    domains: [annan.example]\n    addresses: [a@annan.example, b]", []string{"line 15: units[0].domains[0] is not in mail.allowed_domains", "line 16: units[0].addresses[0] is of a domain", "line 16: units[0].addresses[1] is no mail address"}},
		{"answers", person, person + "\n    answers: [a]", []string{"line 15: units[0].answers is no mapping"}},
		{"answers twice", person, person + "\n    answers:\n      1: a\n      1: b", []string{"line 17: units[0].answers.1 stands twice, first on line 16"}},
		{"attachments", "units:", "attachments: {max_size: 1, max_files: 0, refused: [.exe, EXE], clamd: 127.0.0.1:3310}\nunits:", []string{"attachments.max_size is 1; write a number from 1000",
			"attachments.max_files is 0", "attachments.refused[0] is no ending of a name", "attachments.clamd is neither a socket nor a port; write unix:"}},
		{"clamd elsewhere", "units:", "attachments: {clamd: 'tcp:10.0.0.1:3310'}\nunits:", []string{"attachments.clamd would send files in clear"}},
		{"clamd without a port", "units:", "attachments: {clamd: tcp:localhost}\nunits:", []string{"attachments.clamd is no host and port"}},
		{"clamd by half a path", "units:", "attachments: {clamd: unix:clamd.ctl}\nunits:", []string{"attachments.clamd names no socket by its whole path"}},
		{"answers deep", person, person + "\n    answers: {1: [[[[[[[[[[[a]]]]]]]]]]]}", []string{"is nested too deep for an answer"}},
		{"answers alias", person, person + "\n    answers:\n      1: *a", []string{"line 16: units[0].answers.1 is no answer"}},
		{"exact", person, person + "\n    answers: {23: {exact: tolv}}", []string{"line 15: units[0].answers.23.exact is no whole number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(minimal, tt.old) {
				t.Fatalf("%q is not in the minimal file", tt.old)
			}
			c, err := Parse("frist.yaml", []byte(strings.Replace(minimal, tt.old, tt.new, 1)))
			if err == nil {
				t.Fatalf("no fault: %+v", c)
			}
			faults := strings.Split(err.Error(), "\n")
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant %q", err, want)
				}
			}
			if len(faults) != len(tt.want) && tt.name != "empty file" {
				t.Errorf("%d faults, want %d:\n%v", len(faults), len(tt.want), err)
			}
			for _, f := range faults {
				if !strings.HasPrefix(f, "config frist.yaml, line ") {
					t.Errorf("fault without file and line: %q", f)
				}
			}
			if strings.Contains(err.Error(), "hemlig") {
				t.Errorf("a secret shows: %v", err)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct{ old, new string }{
		{"mail:\n", "development: true\nteams: {}\nmail:\n"},
		{"mail:\n", "teams:\nforms:\nmail:\n"},
		{"mail:\n", "database: sqlite\nmail:\n"},
		{"mail:\n", "http: {listen: ':0', public_url: 'http://127.0.0.1:8080/'}\nmail:\n"},
		{"imap.angelholma.example:993\",", "[::1]:143\", tls: none,"},
		{minimal, "\ufeff" + strings.ReplaceAll(minimal, "\n", "\r\n")},
		{minimal, "---\n" + minimal + "...\n"},
	} {
		if _, err := Parse("x", []byte(strings.Replace(minimal, tt.old, tt.new, 1))); err != nil {
			t.Errorf("%q: %v", tt.new, err)
		}
	}
}

func TestAnswersAreKeptAsWritten(t *testing.T) {
	c, err := Parse("x.yaml", []byte(minimal+`    answers:
      2: 0012
      3: {postcode: 01234, city: ~, country: true}
      4: |
        två
        rader
      5-8: [{phone: +46700000001}]
      11: {date: 2026-01-02, time: 12:30}
      23: {exact: 12}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"2":   "0012",
		"3":   map[string]any{"postcode": "01234", "country": "true"},
		"4":   "två\nrader\n",
		"5-8": []any{map[string]any{"phone": "+46700000001"}},
		"11":  map[string]any{"date": "2026-01-02", "time": "12:30"},
		"23":  map[string]any{"exact": int64(12)},
	}
	if got := c.Units[0].Answers; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	err = c.Fault("units[0].answers.3.postcode", "is short; write %d digits", 5)
	if want := "config x.yaml, line 17: units[0].answers.3.postcode is short; write 5 digits"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestAllows(t *testing.T) {
	m := Mail{AllowedDomains: []string{"a.example"}}
	for addr, want := range map[string]bool{"Bo@A.example": true, "eva@b.a.example": false, "eva@b.example": false, "": false, "a.example": false, "a.example@": false} {
		if m.Allows(addr) != want {
			t.Errorf("Allows(%q) = %v", addr, !want)
		}
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	c, err := Parse("x.yaml", []byte(strings.NewReplacer("{env: KEY}", "{file: NAMED}", "IMAP", "NAMED").Replace(minimal)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, f+"\n", c)
		fmt.Fprintf(&out, f+"\n", c.MasterKey)
		fmt.Fprintf(&out, f+"\n", &c.MasterKey)
	}
	fmt.Fprintln(&out, c.MasterKey.String())
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("secret", "key", c.MasterKey, "config", c)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("secret", "key", &c.MasterKey, "config", c)
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(data)
	if strings.Contains(out.String(), "NAMED") || !strings.Contains(out.String(), "[secret]") {
		t.Errorf("shown: %s", out.String())
	}
}

func TestSecretValue(t *testing.T) {
	dir := t.TempDir()
	file := func(name, data string) Secret {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return Secret{File: path}
	}
	env := func(name, value string) Secret { t.Setenv(name, value); return Secret{Env: name} }
	for _, tt := range []struct {
		s    Secret
		want string
		err  string
	}{
		{env("F_A", "a b "), "a b ", ""},
		{env("F_B", "a\n\n"), "a\n", ""},
		{env("F_C", ""), "", "the environment variable F_C is empty"},
		{Secret{Env: "F_UNSET"}, "", "the environment variable F_UNSET is not set"},
		{file("a", "hemlig\n"), "hemlig", ""},
		{file("b", "hemlig\r\n"), "hemlig", ""},
		{file("c", "hemlig"), "hemlig", ""},
		{file("d", "\n"), "", "is empty"},
		{file("e", strings.Repeat("x", maxSecret+1)), "", "is larger than"},
		{Secret{File: filepath.Join(dir, "absent")}, "", "no such file"},
		{Secret{File: dir}, "", "is no regular file"},
		{Secret{}, "", "the secret is not set"},
	} {
		got, err := tt.s.Value()
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %q, %v; want %q, %q", tt.s.where(), got, err, tt.want, tt.err)
		}
	}
}
