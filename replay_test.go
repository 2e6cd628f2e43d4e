package main

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
	"frist/mail"
	"frist/mail/mailtest"
	"frist/templates"
)

func replayRun(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(env{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &errs}, append([]string{"replay"}, args...))
	return code, out.String(), errs.String()
}

func TestReplay(t *testing.T) {
	cases, err := filepath.Glob("testdata/cases/*.yaml")
	if err != nil || len(cases) < 6 {
		t.Fatalf("cases %v: %v", cases, err)
	}
	for _, channel := range []string{"teams", "mail", "mixed"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			code, stdout, stderr := replayRun(t, append([]string{"-channel", channel, "-out", dir}, cases...)...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
			}
			for _, c := range cases {
				checkReplayed(t, filepath.Join(dir, strings.TrimSuffix(filepath.Base(c), ".yaml")), channel)
			}
		})
	}
}

// checkReplayed looks at what a played case has left.
func checkReplayed(t *testing.T, dir, channel string) {
	t.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, name := range []string{"notification.html", "notification.txt"} {
		if !strings.Contains(read(name), "Anmälan av personuppgiftsincident") {
			t.Errorf("%s/%s has no title", dir, name)
		}
	}
	var n struct {
		Number  string         `json:"number"`
		Answers map[string]any `json:"answers"`
	}
	if err := json.Unmarshal([]byte(read("notification.json")), &n); err != nil || len(n.Answers) < 5 {
		t.Errorf("%s/notification.json: %d answers, %v", dir, len(n.Answers), err)
	}
	mails, err := filepath.Glob(filepath.Join(dir, "mails", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	fromReporter, toBot, fromBot := 0, 0, 0
	for _, path := range mails {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch m := mail.Parse(data); m.From.Addr {
		case replayReporter:
			fromReporter++
		case replayBot:
			fromBot++
		default:
			toBot++
		}
	}
	calls := 0
	for line := range strings.Lines(read("activities.jsonl")) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s/activities.jsonl: %s", dir, line)
		}
		calls++
	}
	if toBot < 3 || fromBot < 4 || (fromReporter > 5) != (channel != "teams") || (calls > 20) != (channel != "mail") {
		t.Errorf("%s: %d mails from the reporter, %d from the DSO, %d from the bot, %d activities", dir, fromReporter, toBot, fromBot, calls)
	}
	timeline := read("timeline.txt")
	if !strings.Contains(timeline, n.Number) || strings.Count(timeline, "\n") < len(mails) {
		t.Errorf("%s/timeline.txt has %d lines for %d mails", dir, strings.Count(timeline, "\n"), len(mails))
	}
}

// TestReplayTellsDifferences holds replay to its purpose: whatever is not as expected is named, and it fails.
func TestReplayTellsDifferences(t *testing.T) {
	data, err := os.ReadFile("testdata/cases/blanka-svar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	original := string(data)
	for _, tc := range []struct{ name, old, new, want string }{
		{"not-asked", `  "36": "Ja"`, "  \"36\": \"Ja\"\n  \"22\":\n    - { name: \"Ingen AB\" }", "answer 22 is missing: expected"},
		{"unknown", `  "36": "Ja"`, "  \"36\": \"Ja\"\n  \"99\": \"Ja\"", "answer 99 is missing: expected \"Ja\""},
		{"own", `  "36": "Ja"`, "  \"36\": \"Ja\"\n  \"phone\": \"08\"", "answer phone is missing"},
		{"aware", "aware_at: 2026-05-11T16:40:00+02:00", "aware_at: 2026-05-11T16:41:00+02:00", "aware_at differs: expected 2026-05-11T16:41:00+02:00, got 2026-05-11T16:40:00+02:00"},
		{"deadline", "deadline_at: 2026-05-14T16:40", "deadline_at: 2026-05-15T16:40", "deadline_at differs"},
		{"late", "late: false", "late: true", "late differs: expected true, got false"},
		{"alert", "dso_alerted_by: 2026-05-11T16:41", "dso_alerted_by: 2026-05-11T16:39", "dso_alerted_at is later"},
		{"lacking", `  "1": "Kommunstyrelsen i Exempelstad"`, "", "decision differs: expected approve"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, tc.name+".yaml")
			if !strings.Contains(original, tc.old) {
				t.Fatalf("the case does not hold %q", tc.old)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(original, tc.old, tc.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := replayRun(t, "-channel", "teams", "-out", dir, path)
			if code != 1 || !strings.Contains(stderr, tc.name+": "+tc.want) {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
}

// TestReplayCompares changes what came out, as a fault in the program would.
func TestReplayCompares(t *testing.T) {
	dir := t.TempDir()
	p, _ := playedCase(t, dir, "delvis-informerade")
	for _, tc := range []struct {
		name   string
		change func(n *played)
		want   string
	}{
		{"nothing", func(*played) {}, ""},
		{"text", func(n *played) {
			n.Answers["16"] = strings.Replace(n.Answers["16"].(string), "kvällens", "morgonens", 1)
		}, "answer 16 differs"},
		{"trailing space", func(n *played) { n.Answers["16"] = n.Answers["16"].(string) + " \n" }, ""},
		{"leading space", func(n *played) { n.Answers["16"] = " " + n.Answers["16"].(string) }, "answer 16 differs"},
		{"missing", func(n *played) { delete(n.Answers, "23") }, "answer 23 is missing: expected {\"exact\":17}"},
		{"extra", func(n *played) { n.Answers["37"] = "Allt" }, "answer 37 is extra: got \"Allt\""},
		{"part", func(n *played) { delete(n.Answers["32"].(map[string]any), "comment") }, "answer 32 differs"},
		{"decision", func(n *played) { n.Decision = "return" }, "decision differs"},
		{"approver", func(n *played) { n.ApprovedBy = replayDeputy }, "approved_by differs"},
		{"unit", func(n *played) { n.Unit = "annan" }, "unit differs"},
		{"reference", func(n *played) { n.Filing.Reference = "X" }, "filing reference differs"},
		{"filing", func(n *played) { n.Filing = nil }, "filing is missing"},
	} {
		n, err := readPlayed(dir)
		if err != nil {
			t.Fatal(err)
		}
		tc.change(n)
		faults, _ := p.compare(n)
		if tc.want == "" && len(faults) > 0 || tc.want != "" && (len(faults) != 1 || !strings.HasPrefix(faults[0], tc.want)) {
			t.Errorf("%s: got %q, want %q", tc.name, faults, tc.want)
		}
	}
}

// playedCase plays a case by mail into the folder and gives its player, to be asked again.
func playedCase(t *testing.T, dir, name string) (*player, *templates.Catalogue) {
	t.Helper()
	words, err := templates.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := loadCase("testdata/cases/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	form := words.Form(c.Form)
	if err := readCase(c, form); err != nil {
		t.Fatal(err)
	}
	s, err := embeddedStage(t.Context(), c, form, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	p := &player{stage: s, c: c, channel: "mail"}
	if err := p.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	doc, form, err := s.engine.Document(t.Context(), p.number)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeDocuments(words, dir, doc, form, conversation.Swedish); err != nil {
		t.Fatal(err)
	}
	return p, words
}

// TestReplayTraces finds an answer that nobody gave.
func TestReplayTraces(t *testing.T) {
	dir := t.TempDir()
	p, _ := playedCase(t, dir, "tre-leverantorer")
	n, err := readPlayed(dir)
	if err != nil {
		t.Fatal(err)
	}
	if faults := p.trace(n); len(faults) > 0 {
		t.Errorf("answers that were given: %q", faults)
	}
	n.Answers["37"] = "Ett påhitt"
	n.Answers["28"] = map[string]any{"choices": []any{"Diskriminering"}}
	n.Answers["23"] = map[string]any{"exact": 1241}
	got := strings.Join(p.trace(n), "\n")
	for _, key := range []string{"23", "28", "37"} {
		if !strings.Contains(got, "answer "+key+" cannot be traced") {
			t.Errorf("answer %s was traced: %s", key, got)
		}
	}
}

func TestReplayUsage(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile("testdata/cases/blanka-svar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, b := write("a/one.yaml", string(good)), write("b/ONE.yaml", string(good))
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{a, b}, 2, "same name"},
		{[]string{a, a}, 2, "same name"},
		{nil, 2, "case"},
		{[]string{filepath.Join(dir, "none.yaml")}, 2, "none.yaml"},
		{[]string{dir}, 2, "is no file"},
		{[]string{"-channel", "fax", a}, 2, "fax"},
		{[]string{write("list.yaml", "- a\n")}, 1, "list.yaml"},
		{[]string{write("key.yaml", string(good)+"extra: 1\n")}, 1, "extra"},
		{[]string{write("form.yaml", strings.Replace(string(good), "form: imy", "form: none", 1))}, 1, `no form "none"`},
		{[]string{write("shape.yaml", strings.Replace(string(good), `"36": "Ja"`, `"36": [1]`, 1))}, 1, "answer 36"},
		{[]string{write("time.yaml", strings.Replace(string(good), "at: 2026-05-11T16:40:00+02:00", "at: yesterday", 1))}, 1, "yesterday"},
		{[]string{write("what.yaml", strings.Replace(string(good), "decision: approve", "decision: perhaps", 1))}, 1, "perhaps"},
		{[]string{"-config", filepath.Join(dir, "none"), a}, 1, "none"},
	} {
		code, stdout, stderr := replayRun(t, append([]string{"-out", filepath.Join(dir, "out")}, tc.args...)...)
		if code != tc.code || !strings.Contains(stderr, tc.want) || stdout != "" {
			t.Errorf("%v: exit %d, want %d; %s%s", tc.args, code, tc.code, stdout, stderr)
		}
	}
}

// TestReplayAgainstServers plays with a settings file, in real time, against servers that replay did not start.
func TestReplayAgainstServers(t *testing.T) {
	const domain = "verklig.example"
	people := map[string]string{"frist@" + domain: "b", "eva.ek@" + domain: "r:1", "dso@" + domain: "d"}
	post, err := mailtest.Start(mailtest.Options{Accounts: people})
	if err != nil {
		t.Fatal(err)
	}
	defer post.Close()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, serverCertificate(t, post.IMAP), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"KEY": base64.StdEncoding.EncodeToString(make([]byte, 32)), "PASSWORD": people["frist@"+domain]} {
		t.Setenv("REPLAY_TEST_"+name, value)
	}
	t.Setenv(envReporter, "eva.ek@"+domain+":r:1")
	t.Setenv(envDSO, "dso@"+domain+":d")
	settings := fmt.Sprintf(`organisation: Verkliga kommunen
administrator: {email: drift@%[1]s}
development: true
data: data
master_key: {env: REPLAY_TEST_KEY}
http: {listen: "127.0.0.1:0"}
teams: {}
mail:
  address: frist@%[1]s
  authserv_id: %[2]s
  allowed_domains: [%[1]s]
  imap: {addr: "%[3]s", username: frist@%[1]s, password: {env: REPLAY_TEST_PASSWORD}, ca_file: ca.pem}
  smtp: {addr: "%[4]s", username: frist@%[1]s, password: {env: REPLAY_TEST_PASSWORD}, ca_file: ca.pem}
units:
  - id: hela
    name: Hela kommunen
    dso: {name: Dana Prov, email: dso@%[1]s, phone: 08-465 004 41}
`, domain, post.AuthservID(), post.IMAP, post.SubmissionTLS)
	path := filepath.Join(dir, "frist.yaml")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	// All must have happened by now, whatever this machine's clock says.
	var cases []string
	for _, name := range []string{"wrong-attachment", "aterlamnad", "blanka-svar"} {
		data, err := os.ReadFile("testdata/cases/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, filepath.Join(dir, name+".yaml"))
		if err := os.WriteFile(cases[len(cases)-1], []byte(strings.ReplaceAll(string(data), `2026-`, `2021-`)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, channel := range []string{"mail", "mixed"} {
		out := filepath.Join(dir, channel)
		code, stdout, stderr := replayRun(t, append([]string{"-config", path, "-channel", channel, "-out", out}, cases...)...)
		if code != 0 {
			t.Fatalf("%s: exit %d\n%s%s", channel, code, stdout, stderr)
		}
		if !strings.Contains(stdout, "blanka-svar: aware_at is not compared") || strings.Contains(stdout, "wrong-attachment: aware_at is not compared") {
			t.Errorf("%s: %s", channel, stdout)
		}
	}
	t.Setenv(envDSO, "dso@"+domain+":wrong")
	if code, _, stderr := replayRun(t, "-config", path, "-out", dir, cases[0]); code != 1 || !strings.Contains(stderr, envDSO) || strings.Contains(stderr, "wrong") {
		t.Errorf("wrong password: exit %d: %s", code, stderr)
	}
	t.Setenv(envDSO, "")
	if code, _, stderr := replayRun(t, "-config", path, "-out", dir, cases[0]); code != 2 || !strings.Contains(stderr, envDSO) {
		t.Errorf("no account: exit %d: %s", code, stderr)
	}
}

// serverCertificate is the certificate that a server shows, as PEM: trusting it alone is enough.
func serverCertificate(t *testing.T, addr string) []byte {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw})
}

// TestReadAsked reads what a mail asks as a person does.
func TestReadAsked(t *testing.T) {
	for _, tc := range []struct {
		text, field string
		next, ready []string
	}{
		{"Sparat.\n\n[11] När?\n\nFärdiga svar:\n- VET INTE\n- Hjälp mig: skriv HJÄLP\n\nNästa\n[12] Pågår det?\n[5-8] Vem?\n", "11", []string{"12", "5-8"}, []string{"vet inte", "hjälp"}},
		{"[A] Vad?\n- JA\n", "A", nil, []string{"ja"}},
		{"Dina svar\n[4] Förslag\n- KLAR\n", "", nil, []string{"klar"}},
	} {
		a := readAsked(&wireMail{msg: &mail.Message{Text: tc.text}})
		if a == nil || a.field != tc.field || !slices.Equal(a.next, tc.next) || !slices.Equal(a.ready, tc.ready) {
			t.Errorf("%q: got %+v", tc.text, a)
		}
	}
	if a := readAsked(&wireMail{msg: &mail.Message{Text: "Kim har tagit ärendet.\nEn [11] i texten\n"}}); a != nil {
		t.Errorf("a notice asks %+v", a)
	}
}
