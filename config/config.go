// Package config reads the settings: one YAML file, with every secret in an environment variable or a file of
// its own. It checks form and consistency and tells all faults together, each with its line and remedy; it
// neither connects to anything nor knows the questions of a form.
package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed config.example.yaml
var example string

// Example returns a settings file that documents every setting. It loads as it stands once its secrets are set.
func Example() string { return example }

// MetadataURL is where the Bot Framework publishes the keys that sign its tokens, unless teams.metadata_url says otherwise.
const MetadataURL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

// maxFile bounds a settings file, in bytes.
const maxFile = 256 << 10

// Config is all settings. Each is described in config.example.yaml under its YAML name. Paths are as written,
// if relative, joined to the folder of the settings file.
type Config struct {
	Organisation  string        `yaml:"organisation"`
	Language      string        `yaml:"language"` // "sv" or "en", where the reader's own is not known
	Administrator Administrator `yaml:"administrator"`
	Development   bool          `yaml:"development"`
	Data          string        `yaml:"data"`
	Database      Database      `yaml:"database"`
	MasterKey     Secret        `yaml:"master_key"`
	HTTP          HTTP          `yaml:"http"`
	Mail          Mail          `yaml:"mail"`
	Teams         *Teams        `yaml:"teams"` // nil without the Teams channel
	Forms         string        `yaml:"forms"` // empty: the forms in the program
	Form          string        `yaml:"form"`
	Limits        Limits        `yaml:"limits"`
	Attachments   Attachments   `yaml:"attachments"`
	Units         []Unit        `yaml:"units"`

	name  string
	lines map[string]int
}

// Administrator is told when the program cannot do its work.
type Administrator struct {
	Email  string  `yaml:"email"`
	Second *Second `yaml:"second"` // nil without a second route
}

// Second is the way to the administrator when the mail system itself has failed: another address, through another server.
type Second struct {
	Email string `yaml:"email"`
	From  string `yaml:"from"`
	SMTP  SMTP   `yaml:"smtp"`
}

// Database is SQLite in the data folder, or with a URL PostgreSQL or what speaks its protocol.
type Database struct {
	URL Secret
}

// SQLite reports whether the database is the file of Config.SQLiteFile.
func (d Database) SQLite() bool { return d.URL.IsZero() }

// HTTP is the listener that Teams posts to and that serves metrics and health.
type HTTP struct {
	Listen       string `yaml:"listen"` // host:port
	TLS          TLS    `yaml:"tls"`
	PublicURL    string `yaml:"public_url"`    // without a slash at the end; empty if not set
	MetricsToken Secret `yaml:"metrics_token"` // not set: metrics on loopback only
}

// TLS names a certificate chain and its key, both PEM files; both empty for plain HTTP.
type TLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Mail is the mail channel: the bot's own address, whom it listens to, its mailbox and its mail server.
type Mail struct {
	Address          string   `yaml:"address"`
	Name             string   `yaml:"name"`
	Authentication   string   `yaml:"authentication"`
	AuthservID       string   `yaml:"authserv_id"` // RFC 8601 section 2.5
	ExchangeTenantID string   `yaml:"exchange_tenant_id"`
	PlusAddressing   bool     `yaml:"plus_addressing"`
	AllowedDomains   []string `yaml:"allowed_domains"` // lower case
	IMAP             IMAP     `yaml:"imap"`
	SMTP             SMTP     `yaml:"smtp"`
	OAuth            *OAuth   `yaml:"oauth"` // nil: with passwords alone
}

// The values of IMAP.TLS and SMTP.TLS.
const (
	TLSImplicit = "tls"
	TLSStart    = "starttls"
	TLSNone     = "none" // loopback only
)

// IMAP is the mailbox that is read.
type IMAP struct {
	Addr     string        `yaml:"addr"` // host:port
	TLS      string        `yaml:"tls"`
	Username string        `yaml:"username"`
	Password Secret        `yaml:"password"`
	Mailbox  string        `yaml:"mailbox"`
	Handled  string        `yaml:"handled"`
	Failed   string        `yaml:"failed"`
	Poll     time.Duration `yaml:"poll"`
	MaxSize  int64         `yaml:"max_size"` // bytes of one mail
	CAFile   string        `yaml:"ca_file"`
}

// SMTP is the server that mail is sent through. Without Username there is no login.
type SMTP struct {
	Addr     string `yaml:"addr"` // host:port
	TLS      string `yaml:"tls"`
	Username string `yaml:"username"`
	Password Secret `yaml:"password"`
	CAFile   string `yaml:"ca_file"`
	Helo     string `yaml:"helo"` // empty: the host's own name
}

// Limits are times and sizes of the conversation. "Left" is time left to the deadline.
type Limits struct {
	AnswerWithin time.Duration   `yaml:"answer_within"`
	ReviewAt     time.Duration   `yaml:"review_at"`   // left
	DeputyFrom   time.Duration   `yaml:"deputy_from"` // left
	Reminders    []time.Duration `yaml:"reminders"`   // left, descending
	OverdueEvery time.Duration   `yaml:"overdue_every"`
	OverdueMax   int             `yaml:"overdue_max"`
	MessageMax   int             `yaml:"message_max"` // bytes
	MailboxStale time.Duration   `yaml:"mailbox_stale"`
}

// Unit is a part of the organisation with its own DSO.
type Unit struct {
	ID        string   `yaml:"id"`
	Name      string   `yaml:"name"`
	Default   bool     `yaml:"default"`
	Domains   []string `yaml:"domains"`   // lower case
	Addresses []string `yaml:"addresses"` // lower case
	DSO       Person   `yaml:"dso"`
	Deputy    Person   `yaml:"deputy"`
	OnCall    Person   `yaml:"on_call"`
	Decider   Person   `yaml:"decider"` // the DSO unless set

	// Answers are what the settings answer for the unit, by the form's question number, in the shapes of
	// notification.json: string, map[string]any, []any. Every scalar is a string, to the character as written
	// (a postcode keeps its zeros), but for "exact", the one number among the shapes (int64).
	Answers map[string]any `yaml:"answers"`
}

// Person is someone with a part in every incident of a unit; the zero Person is nobody.
type Person struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
	Phone string `yaml:"phone"`
}

// IsZero reports whether nobody is named.
func (p Person) IsZero() bool { return p == Person{} }

// Default returns the settings that hold where a file says nothing. It is not complete: a file must add the rest.
func Default() *Config {
	return &Config{
		Language: "sv",
		Data:     "./data",
		HTTP:     HTTP{Listen: "127.0.0.1:8080"},
		Mail: Mail{
			Name:           "Frist",
			Authentication: AuthResults,
			PlusAddressing: true,
			IMAP: IMAP{TLS: TLSImplicit, Mailbox: "INBOX", Handled: "Frist/Handled", Failed: "Frist/Failed",
				Poll: time.Minute, MaxSize: 26_000_000},
			SMTP: SMTP{TLS: TLSImplicit},
		},
		Form: "imy",
		Limits: Limits{
			AnswerWithin: 30 * time.Minute,
			ReviewAt:     24 * time.Hour,
			DeputyFrom:   24 * time.Hour,
			Reminders: []time.Duration{48 * time.Hour, 24 * time.Hour, 12 * time.Hour, 6 * time.Hour,
				2 * time.Hour, time.Hour},
			OverdueEvery: 12 * time.Hour,
			OverdueMax:   10,
			MessageMax:   100_000,
			MailboxStale: 10 * time.Minute,
		},
		Attachments: defaultAttachments(),
	}
}

// Load reads the settings file and checks all that can be checked without a connection: also that secrets are
// set and files exist. The error joins every fault, each naming file, line and remedy, in the file's order.
func Load(path string) (*Config, error) {
	data, err := readSettings(path)
	if err != nil {
		return nil, err
	}
	c, d := parse(path, data)
	if !d.broken {
		c.checkFiles(d)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// LoadAlone is Load without what lies outside the file: for work that needs no secret, on a machine that has none.
func LoadAlone(path string) (*Config, error) {
	data, err := readSettings(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

func readSettings(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w; name the file with -config", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return data, nil
}

// Parse is Load for a file at hand, whose name gives the folder that relative paths start from. It reads nothing
// else: no secret, no other file.
func Parse(name string, data []byte) (*Config, error) {
	c, d := parse(name, data)
	if err := d.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func parse(name string, data []byte) (*Config, *decoder) {
	c := Default()
	c.name = name
	d := newDecoder(name)
	d.file(data, c)
	c.lines = d.lines
	if !d.broken {
		c.complete()
		c.check(d)
		c.resolve(filepath.Dir(name))
	}
	return c, d
}

// complete fills what follows from other settings and puts domains and addresses into lower case.
func (c *Config) complete() {
	c.HTTP.PublicURL = strings.TrimSuffix(c.HTTP.PublicURL, "/")
	lower(c.Mail.AllowedDomains)
	if s := c.Administrator.Second; s != nil {
		if s.SMTP.TLS == "" {
			s.SMTP.TLS = TLSImplicit
		}
		if s.From == "" && isEmail(s.SMTP.Username) {
			s.From = s.SMTP.Username
		} else if s.From == "" {
			s.From = s.Email
		}
	}
	lower(c.Attachments.Refused)
	c.Teams.complete()
	c.Mail.OAuth.complete()
	for i := range c.Units {
		u := &c.Units[i]
		lower(u.Domains)
		lower(u.Addresses)
		if u.Decider.IsZero() {
			u.Decider = u.DSO
		}
	}
	if len(c.Units) == 1 {
		c.Units[0].Default = true
	}
}

// resolve makes relative paths start from the settings file's folder.
func (c *Config) resolve(dir string) {
	paths := []*string{&c.Data, &c.Forms, &c.HTTP.TLS.Cert, &c.HTTP.TLS.Key, &c.Mail.IMAP.CAFile, &c.Mail.SMTP.CAFile}
	if c.Mail.OAuth != nil {
		paths = append(paths, &c.Mail.OAuth.CAFile)
	}
	if t := c.Teams; t != nil {
		paths = append(paths, &t.AppCertificate.Cert, &t.AppCertificate.Key)
	}
	if s := c.Administrator.Second; s != nil {
		paths = append(paths, &s.SMTP.CAFile)
	}
	for _, s := range c.Secrets() {
		paths = append(paths, &s.File)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// SQLiteFile is the database file if Database.SQLite.
func (c *Config) SQLiteFile() string { return filepath.Join(c.Data, "frist.db") }

// Unit returns the unit with the id, nil if there is none.
func (c *Config) Unit(id string) *Unit {
	for i := range c.Units {
		if c.Units[i].ID == id {
			return &c.Units[i]
		}
	}
	return nil
}

// Allows reports whether a first mail from the address may open an incident.
func (m Mail) Allows(addr string) bool {
	return slices.Contains(m.AllowedDomains, domainOf(strings.ToLower(addr)))
}

// Fault is a fault found after loading, at a path such as "units[0].answers.5-8", told like those of Load: the file, the
// line and the path stand before the text.
func (c *Config) Fault(path, format string, args ...any) error {
	return faultError(c.name, lineOf(c.lines, path), path+" "+fmt.Sprintf(format, args...))
}

func faultError(name string, line int, text string) error {
	if line == 0 {
		return errors.New("config " + name + ": " + text)
	}
	return fmt.Errorf("config %s, line %d: %s", name, line, text)
}

func lower(list []string) {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
}

// domainOf is what stands after the last @, "" without one.
func domainOf(addr string) string {
	if i := strings.LastIndexByte(addr, '@'); i >= 0 {
		return addr[i+1:]
	}
	return ""
}
