package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frist/bot/bottest"
	"frist/mail"
)

// demoStart is a Thursday, 12 November 2026 09:20 in Stockholm.
var demoStart = time.Date(2026, 11, 12, 8, 20, 0, 0, time.UTC)

// scripted plays the person at the terminal. The demo reads a line when nothing moves any more, so whatever it has said since the line
// before is what next decides on.
type scripted struct {
	next func(said string) (line string, ok bool)

	mu   sync.Mutex
	all  bytes.Buffer
	from int
}

func (s *scripted) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *scripted) Read(p []byte) (int, error) {
	s.mu.Lock()
	said := s.all.String()[s.from:]
	s.from = s.all.Len()
	s.mu.Unlock()
	line, ok := s.next(said)
	if !ok {
		return 0, io.EOF
	}
	return copy(p, line+"\n"), nil
}

// playDemo runs the command to its end and returns what it printed and the folder that it left.
func playDemo(t *testing.T, lang string, next func(said string) (string, bool)) (printed, dir string) {
	t.Helper()
	dir = t.TempDir()
	s := &scripted{next: next}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &demoCommand{Dir: dir, Lang: lang, at: demoStart}
	if err := c.Run(env{ctx: ctx, in: s, out: s, err: io.Discard}); err != nil {
		t.Fatalf("%v\n%s", err, s.all.String())
	}
	if ctx.Err() != nil {
		t.Fatalf("the demo did not come to its end:\n%s", s.all.String())
	}
	return s.all.String(), filepath.Join(dir, "1")
}

// lines is a script that waits for nothing but quiet.
func lines(list ...string) func(string) (string, bool) {
	return func(string) (string, bool) {
		if len(list) == 0 {
			return "", false
		}
		line := list[0]
		list = list[1:]
		return line, true
	}
}

func wants(t *testing.T, printed string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(printed, p) {
			t.Errorf("%q is not said in\n%s", p, printed)
		}
	}
}

// demoAnswers are what the employee says to each question.
var demoAnswers = map[string]string{
	"B": "nej", "C": "070-174 06 33", "16": "En lista över deltagare i en kurs gick till en annan kursledare.", "11": "i dag 9.10", "10": "i går kl 16",
	"12": "ja", "13": "i dag 9.15", "17": "1", "18": "1", "21": "nej", "23": "14", "24": "11 - 100", "25": "8", "26": "10, 16", "27": "nej",
	"30": "hoppa över", "31": "nej", "32": "i dag",
}

var askedMark = regexp.MustCompile(`\[(\d{1,2}(?:-\d)?|[A-Z])\]`)

// TestDemoWholeIncident plays an incident from the first message to the filing, the employee by turns in Teams and by mail.
func TestDemoWholeIncident(t *testing.T) {
	channels := map[string]bool{}
	asked := map[string]int{}
	finished := lines("klar", "/dso", "/öppna",
		"//", "4: SN 2026-118", "15: 1", "28: 1, 3", "29: 2", "33: nej", "35: 1", "36: nej", "37: hoppa över", "30: stryk", ".",
		"GODKÄNN", "inskickad IMY-2026-4711", "/filer", "/html", "/anställd", "/inkorg", "/avsluta")
	first, done, turn := true, false, 0
	printed, dir := playDemo(t, "sv", func(said string) (string, bool) {
		if first {
			first = false
			return "Jag råkade mejla en deltagarlista till fel person", true
		}
		if done = done || strings.Contains(said, "svara KLAR"); done {
			return finished(said)
		}
		m := askedMark.FindStringSubmatch(strings.ReplaceAll(said, "[PUI-", ""))
		if m == nil {
			// A line that only changed the channel: the question stands further up.
			m = []string{"", lastAsked(asked)}
		}
		switch turn++; turn % 6 {
		case 3:
			asked[m[1]] = turn
			return "/mejl", true
		case 0:
			asked[m[1]] = turn
			return "/teams", true
		}
		asked[m[1]] = turn
		channels[map[bool]string{true: "mail", false: "teams"}[strings.Contains(said, "(mejl") || strings.Contains(said, "(nytt mejl")]] = true
		answer, ok := demoAnswers[m[1]]
		if !ok {
			t.Errorf("no answer for %q", m[1])
		}
		return answer, ok
	})
	if !channels["mail"] || !channels["teams"] {
		t.Errorf("answered on %v", channels)
	}
	wants(t, printed, "Ärendet har nummer PUI-2026-0001", "Teams till Robin Exempel", "till Kim Exempel, dataskyddsombud", "svara TAR",
		"Tack, nu är din del klar", "granska version", "Anmälan skickades till IMY", "PUI-2026-0001/notification.html", "/öppna")
	wantsFiled(t, dir)
}

func lastAsked(asked map[string]int) (field string) {
	for f, at := range asked {
		if field == "" || at > asked[field] {
			field = f
		}
	}
	return field
}

// wantsFiled looks at what a filed incident leaves in the run's folder.
func wantsFiled(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "PUI-2026-0001", "notification.json"))
	if err != nil {
		t.Fatal(err)
	}
	var n struct {
		Number, Decision string
		ApprovedBy       string `json:"approved_by"`
		Late             bool
		Filing           struct{ Reference string }
		Answers          map[string]any
	}
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	if n.Number != "PUI-2026-0001" || n.Decision != "approve" || n.ApprovedBy != "kim.exempel@exempelstad.example" || n.Late || n.Filing.Reference != "IMY-2026-4711" {
		t.Errorf("notification %+v", n)
	}
	if n.Answers["16"] != demoAnswers["16"] || n.Answers["4"] != "SN 2026-118" || n.Answers["2"] != "212000-9994" {
		t.Errorf("answers %v", n.Answers)
	}
	page, err := os.ReadFile(filepath.Join(dir, "PUI-2026-0001", "notification.html"))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, string(page), demoAnswers["16"], "IMY-2026-4711", "Socialnämnden i Exempelstads kommun")
	mails, err := filepath.Glob(filepath.Join(dir, "mail", "*.eml"))
	if err != nil || len(mails) < 10 {
		t.Fatalf("%d mails kept, %v", len(mails), err)
	}
	var from []string
	for _, name := range mails {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		from = append(from, mail.Parse(raw).From.Addr)
	}
	for _, who := range []string{"robin.exempel@exempelstad.example", "kim.exempel@exempelstad.example", "frist@exempelstad.example"} {
		if !slices.Contains(from, who) {
			t.Errorf("no mail from %s is kept", who)
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "activities.jsonl")); err != nil || !bytes.Contains(log, []byte("deltagarlista till fel person")) {
		t.Errorf("activities.jsonl does not hold the first message: %v", err)
	}
}

// TestDemoCard fills in a card field by field and presses its other buttons.
func TestDemoCard(t *testing.T) {
	printed, _ := playDemo(t, "en", lines("/card", "I sent a list to the wrong person", "/card", "9", "2", "/card", "/cancel", "/card 99", "/card x",
		"/card 3", "/card"))
	wants(t, printed, "There is no card to fill in just now", "Type a number from 1 to 3", "Saved: question B", "Nothing was sent.",
		"That cannot be chosen on the card", "question C")
	if strings.Contains(printed, "%!") {
		t.Error("a text is broken")
	}
	if strings.Contains(printed, "Teams to Robin Exempel\n\n") {
		t.Error("a card begins with an empty line")
	}
}

// TestDemoClock moves the clock past what falls due: the deputy and who is on call are alerted, then all are reminded.
func TestDemoClock(t *testing.T) {
	printed, _ := playDemo(t, "sv", lines("Jag har tappat bort en usb-sticka", "/klocka", "/klocka +1h1m", "/jour", "tar", "/klocka +3d", "/klocka -1h", "/klocka +1y"))
	for _, who := range []string{"till Kim Exempel, dataskyddsombud", "till Alex Prov, ersättare", "till Sam Jour, beredskap"} {
		wants(t, printed, who)
	}
	wants(t, printed, "torsdag 12 november 2026 kl. 09.20", "◷ torsdag 12 november 2026 kl. 09.50", "◷ torsdag 12 november 2026 kl. 10.20",
		"◷ söndag 15 november 2026 kl. 08.20", "påminnelse", "högst 60 dygn")
	if strings.Count(printed, "högst 60 dygn") != 2 {
		t.Error("a clock that goes backwards, or by a unit that there is not, is taken")
	}
}

// TestDemoLeavesOldRuns plays twice in one folder.
func TestDemoLeavesOldRuns(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kept"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		var out bytes.Buffer
		if code := run(env{ctx: t.Context(), in: strings.NewReader("hej\n/inkorg"), out: &out, err: io.Discard}, []string{"demo", "--dir", dir, "--lang", "en"}); code != 0 {
			t.Fatalf("exit %d: %s", code, out.String())
		}
		wants(t, out.String(), "Inbox of Robin Exempel", "The end. The files stay in "+filepath.Join(dir, itoa(want+1)))
	}
	for _, name := range []string{"kept", "1/frist.db", "2/frist.db", "1/frist.log"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestDemoTerminal holds off what would steer the terminal.
func TestDemoTerminal(t *testing.T) {
	printed, _ := playDemo(t, "sv", lines("Jag tappade en \x1b]0;x\a\x1b[2Jtelefon\u202e med uppgifter", "/dso", "visa"))
	wants(t, printed, "telefon med uppgifter")
	if strings.ContainsAny(printed, "\x1b\a\u202e") {
		t.Error("a message steers the terminal")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"kort", "kort"},
		{"  ett två tre fyra fem sex", "  ett två tre fyra\n  fem sex"},
		{"ettlångtordsominterymsalls och mer", "ettlångtordsominterymsalls\noch mer"},
		{"\x1b[2mett två tre fyra fem\x1b[0m", "\x1b[2mett två tre fyra fem\x1b[0m"},
		{"a\n\nb", "a\n\nb"},
	} {
		if got := wrap(c.in, 20); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
	if got := wrap(strings.Repeat("ord ", 50), 0); strings.Contains(got, "\n") {
		t.Error("broken although there is no width")
	}
}

func TestSpan(t *testing.T) {
	for in, want := range map[string]time.Duration{"+24h": 24 * time.Hour, "30m": 30 * time.Minute, "+3d": 72 * time.Hour, "2d 6h": 54 * time.Hour,
		"": 0, "+": 0, "-1h": 0, "61d": 0, "99999999999999999999d": 0, "0h": 0, "d": 0, "1w": 0, "9999999h": 0} {
		if got, ok := span(in); got != want && ok || ok != (want > 0) {
			t.Errorf("%q is read as %v, %v", in, got, ok)
		}
	}
}

// TestEmbeddedClock holds the clock to whole seconds and to one direction.
func TestEmbeddedClock(t *testing.T) {
	at := time.Date(2026, 11, 20, 15, 40, 0, 7, time.UTC)
	c := newClock(at, false)
	c.put(at.Add(-time.Hour))
	if got := c.Now(); !got.Equal(at.Truncate(time.Second)) {
		t.Errorf("the clock went back to %s", got)
	}
	c.put(at.Add(time.Minute))
	if got, want := c.Now(), at.Truncate(time.Second).Add(time.Minute+time.Second); !got.Equal(want) {
		t.Errorf("%s, want the whole second after, %s", got, want)
	}
}

// TestEmbeddedMoves goes through all that is due, with the clock standing still in between.
func TestEmbeddedMoves(t *testing.T) {
	parts := demoParts()
	var people []string
	for _, p := range parts {
		people = append(people, p.addr)
	}
	x, err := startEmbedded(t.Context(), embeddedOptions{dir: t.TempDir(), cfg: demoSettings("sv", parts), people: people, at: demoStart,
		log: slog.New(slog.DiscardHandler), employee: demoEmployee(parts[0])})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := x.employee.Say(t.Context(), "Jag har tappat bort en telefon"); err != nil {
		t.Fatal(err)
	}
	if err := x.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	alert := x.post.Mails(parts[1].addr)
	if len(alert) != 1 || len(x.post.Mails(parts[2].addr)) != 0 {
		t.Fatalf("%d mails to the DSO", len(alert))
	}
	if err := x.moveTo(t.Context(), demoStart.Add(72*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if now := x.clock.Now(); !now.Equal(demoStart.Add(72 * time.Hour)) {
		t.Errorf("the clock is at %s", now)
	}
	at, ok, err := x.store.NextDue(t.Context())
	if err != nil || !ok || !at.After(demoStart.Add(72*time.Hour)) {
		t.Errorf("next due %s, %v, %v", at, ok, err)
	}
	if n := len(x.post.Mails(parts[2].addr)); n < 2 {
		t.Errorf("%d mails to the deputy, want the alert and a reminder", n)
	}
	x.patience = 50 * time.Millisecond
	x.connector.FailNext(1000, bottest.Failure{Status: 503, RetryAfter: "3600"})
	if _, err := x.employee.Say(t.Context(), "nej"); err != nil {
		t.Fatal(err)
	}
	if err := x.settle(t.Context()); err != nil || x.stuck == 0 {
		t.Errorf("with Teams gone: %v, %d not waited for", err, x.stuck)
	}
	if err := x.submit(t.Context(), "nobody@exempelstad.example", x.cfg.Mail.Address, []byte("From: <nobody@exempelstad.example>\r\n\r\nx\r\n")); err == nil {
		t.Error("somebody without an account sends mail")
	}
}

// TestDemoAttach sends a file in Teams, which the bot fetches and tells of.
func TestDemoAttach(t *testing.T) {
	name := filepath.Join(t.TempDir(), "min lista.csv")
	if err := os.WriteFile(name, []byte(peopleTable(12)), 0o600); err != nil {
		t.Fatal(err)
	}
	printed, _ := playDemo(t, "sv", lines("/bifoga", "/bifoga saknas.csv", `/bifoga "`+name+`" Listan gick till fel person`))
	wants(t, printed, "Skriv vilken fil", "Filen saknas.csv går inte att läsa", "Filen min lista.csv har 12 rader", "Bifogat: 1 fil, 12 rader, 12 personnummer")
}
