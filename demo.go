package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"frist/bot/bottest"
	"frist/config"
	"frist/conversation"
)

type demoCommand struct {
	Dir  string `help:"Folder for what the demo leaves; each run makes a numbered folder in it." default:"./frist-demo" placeholder:"DIR"`
	Lang string `help:"Language of the demo: sv or en." enum:"sv,en" default:"sv"`

	at time.Time // where the clock begins; zero: now
}

// part is somebody that the person at the terminal can play.
type part struct {
	key  string // of the text that names the part
	name string
	addr string
	// answers is the mail that a line answers: the newest, or one that was opened since; nil without mail.
	answers *received
}

// demo is one run: everything embedded, and one person at a terminal who plays all parts.
type demo struct {
	ctx  context.Context
	x    *embedded
	con  *console
	lang conversation.Lang
	zone *time.Location
	dir  string

	parts []*part
	now   *part
	// teams is set while the employee writes in Teams; fresh makes the next line a new mail.
	teams, fresh bool
	mails        []*received
	card         *teamsCard
	drive        *bottest.Drive // of the employee's files in Teams; nil until there is one
	seen         int            // of the connector's calls
	kept         int            // mails written to files
	reports      []string

	mu    sync.Mutex
	post  []envelope
	woken chan struct{}
}

// patience is many times what a delivery on loopback takes.
const patience = 2 * time.Second

// Run plays the demo until the person leaves or the script ends.
func (c *demoCommand) Run(e env) (err error) {
	dir, err := runFolder(c.Dir)
	if err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(dir, "frist.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("make the log: %w", err)
	}
	defer logFile.Close()
	at := c.at
	if at.IsZero() {
		at = time.Now()
	}
	d := &demo{ctx: e.ctx, lang: conversation.Lang(c.Lang), zone: conversation.Stockholm(), dir: dir, teams: true, woken: make(chan struct{}, 1), parts: demoParts()}
	d.now = d.parts[0]
	var people []string
	for _, p := range d.parts {
		people = append(people, p.addr)
	}
	d.x, err = startEmbedded(e.ctx, embeddedOptions{dir: dir, cfg: demoSettings(c.Lang, d.parts), people: people, at: at, runs: true, patience: patience,
		employee: demoEmployee(d.now), onMail: d.delivered, log: slog.New(slog.NewTextHandler(logFile, nil))})
	if err != nil {
		return err
	}
	d.con = newConsole(e.in, e.out)
	err = d.play()
	d.con.close()
	d.print(d.say("bye", "dir", d.dir))
	return errors.Join(err, d.keepActivities(), d.closeDrive(), d.x.Close())
}

// runFolder makes a folder of its own for this run: DIR/1, DIR/2 and so on. Nothing that is there is touched.
func runFolder(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the demo's folder: %w", err)
	}
	for n := 1; ; n++ {
		run := filepath.Join(dir, itoa(n))
		err := os.Mkdir(run, 0o700)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err == nil {
			err = os.Mkdir(filepath.Join(run, "mail"), 0o700)
		}
		if err != nil {
			return "", fmt.Errorf("make the run's folder: %w", err)
		}
		return run, nil
	}
}

// demoParts are the people of the demo, the employee first. Telephone numbers are from the range that is kept for fiction.
func demoParts() []*part {
	return []*part{
		{key: "employee", name: "Robin Exempel", addr: "robin.exempel@exempelstad.example"},
		{key: "dso", name: "Kim Exempel", addr: "kim.exempel@exempelstad.example"},
		{key: "deputy", name: "Alex Prov", addr: "alex.prov@exempelstad.example"},
		{key: "oncall", name: "Sam Jour", addr: "sam.jour@exempelstad.example"},
	}
}

// demoEmployee is the employee in Teams.
func demoEmployee(p *part) bottest.User {
	return bottest.User{ID: "29:robin", Name: p.name, AADObjectID: "00000000-0000-4000-8000-000000000001", Email: p.addr, UPN: p.addr}
}

// demoSettings are the settings of an invented municipality.
func demoSettings(lang string, parts []*part) *config.Config {
	cfg := config.Default()
	cfg.Organisation, cfg.Language = "Exempelstads kommun", lang
	cfg.Administrator.Email = "it@exempelstad.example"
	cfg.Mail.Address, cfg.Mail.AllowedDomains = "frist@exempelstad.example", []string{"exempelstad.example"}
	// Nothing needs to be looked for: the embedded server tells of each mail at once.
	cfg.Mail.IMAP.Poll = time.Minute
	person := func(p *part, phone string) config.Person {
		return config.Person{Name: p.name, Email: p.addr, Phone: phone}
	}
	address := map[string]any{"street": "Rådhustorget 4", "postcode": "012 34", "city": "Exempelstad", "country": "Sverige"}
	dso := person(parts[1], "08-465 004 11")
	cfg.Units = []config.Unit{{ID: "social", Name: "Socialförvaltningen", Default: true, Domains: []string{"exempelstad.example"},
		DSO: dso, Deputy: person(parts[2], "08-465 004 12"), OnCall: person(parts[3], "08-465 004 99"), Decider: dso,
		Answers: map[string]any{
			"1": "Socialnämnden i Exempelstads kommun", "2": "212000-9994", "3": address, "9": address,
			"5-8": []any{map[string]any{"name": dso.Name, "role": "Dataskyddsombud", "email": dso.Email, "phone": dso.Phone}},
			"19":  "Offentlig sektor", "20": map[string]any{"choice": "Socialtjänst"},
		}}}
	return cfg
}
