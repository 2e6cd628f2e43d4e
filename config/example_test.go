package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

const testKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

var optional = regexp.MustCompile(`(?m)^( *)#([^ \n]|  +)`)

// wholeExample is the example with every optional setting in use.
func wholeExample() string { return optional.ReplaceAllString(example, "$1$2") }

// withTokens leaves out what mail.oauth and teams.app_certificate stand in for, and what has no use in the flow.
func withTokens(text string) string {
	return regexp.MustCompile(`(?m)^    (password|refresh_token): .*\n|^  app_secret(_expires)?: .*\n`).ReplaceAllString(text, "")
}

func TestExampleLoads(t *testing.T) {
	for name, text := range map[string]string{"as it stands": Example(), "with every setting": withTokens(wholeExample())} {
		if _, err := Parse("config.example.yaml", []byte(text)); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
	t.Setenv("FRIST_MASTER_KEY", testKey)
	t.Setenv("FRIST_IMAP_PASSWORD", "p1")
	t.Setenv("FRIST_SMTP_PASSWORD", "p2")
	c, err := Load("config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if u := c.Unit("utbildning"); u == nil || u.Decider.Email != "dataskydd@skola.exempelstad.example" || u.Default {
		t.Errorf("second unit: %+v", u)
	}
	want := map[string]any{"street": "Stora torget 1", "postcode": "012 34", "city": "Exempelstad", "country": "Sverige"}
	if got := c.Units[0].Answers["3"]; !reflect.DeepEqual(got, want) {
		t.Errorf("answer 3: %#v, want %#v", got, want)
	}
}

// setting is one setting of the program: its path without indexes, and the value that holds without a file.
type setting struct {
	path string
	def  string
}

func settings(path string, v reflect.Value, list *[]setting) {
	switch v.Interface().(type) {
	case Secret:
		*list = append(*list, setting{path, "none"})
		return
	case time.Time:
		*list = append(*list, setting{path, "none"})
		return
	case Database:
		*list = append(*list, setting{path, "sqlite"})
		return
	}
	elem := func() reflect.Value { return reflect.New(v.Type().Elem()).Elem() }
	switch {
	case v.Kind() == reflect.Pointer:
		settings(path, elem(), list)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		settings(path, elem(), list)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				settings(join(path, f.Tag.Get("yaml")), v.Field(i), list)
			}
		}
	default:
		*list = append(*list, setting{path, show(v)})
	}
}

func show(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return short(x)
	case []time.Duration:
		var s []string
		for _, d := range x {
			s = append(s, short(d))
		}
		return "[" + strings.Join(s, ", ") + "]"
	case string:
		if x != "" {
			return x
		}
		return "none"
	}
	if list, ok := v.Interface().([]string); ok && len(list) > 0 {
		return "[" + strings.Join(list, ", ") + "]"
	}
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return "none"
	}
	return fmt.Sprint(v.Interface())
}

// derived are defaults that follow from other settings; TestDerivedDefaults checks the code's side.
var derived = map[string]string{
	"teams.metadata_url":      MetadataURL,
	"teams.token_url":         "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
	"teams.person_per_minute": fmt.Sprint(DefaultPersonPerMinute),
	"teams.tenant_per_minute": fmt.Sprint(DefaultTenantPerMinute),
	"mail.oauth.token_url":    "that of the provider",
	"mail.oauth.scopes":       "those of the provider",

	"teams.app.name":           "that of mail.name",
	"teams.app.developer_name": "that of organisation",
	"teams.app.privacy_url":    "that of website",
	"teams.app.terms_url":      "that of website",
	"teams.app.version":        firstVersion,
}

var (
	index     = regexp.MustCompile(`\[\d+\]`)
	defaultIs = regexp.MustCompile(`(?s)Default: (.*?)[.,](?:\s|$)`)
	defList   = regexp.MustCompile(`Default: (\[.*?\])`)
)

func TestExampleDocumentsEverySetting(t *testing.T) {
	text := wholeExample()
	d := newDecoder("example")
	d.file([]byte(text), Default())
	lines := map[string]int{}
	for path, line := range d.lines {
		path = index.ReplaceAllString(path, "")
		if lines[path] == 0 || line < lines[path] {
			lines[path] = line
		}
	}
	var all []setting
	settings("", reflect.ValueOf(Default()).Elem(), &all)
	if len(all) < 60 {
		t.Fatalf("found only %d settings", len(all))
	}
	source := strings.Split(text, "\n")
	for _, s := range all {
		line := lines[s.path]
		if line == 0 {
			t.Errorf("%s stands nowhere in the example", s.path)
			continue
		}
		about := comment(source, line)
		stated := defaultIs.FindStringSubmatch(about)
		if m := defList.FindStringSubmatch(about); m != nil {
			stated = m
		}
		want := s.def
		if derived[s.path] != "" {
			want = derived[s.path]
		}
		switch required := strings.Contains(about, "Required"); {
		case required && (s.def != "none" || stated != nil):
			t.Errorf("line %d: %s is called required but has default %q", line, s.path, s.def)
		case !required && stated == nil:
			t.Errorf("line %d: %s tells neither Default nor Required: %q", line, s.path, about)
		case !required && stated[1] != want:
			t.Errorf("line %d: %s: the comment says %q, the code %q", line, s.path, stated[1], want)
		}
	}
}

// comment is the comment right above a line, on one line.
func comment(source []string, line int) string {
	var about []string
	for i := line - 2; i >= 0; i-- {
		s := strings.TrimSpace(source[i])
		if !strings.HasPrefix(s, "# ") {
			break
		}
		about = append([]string{s[2:]}, about...)
	}
	return strings.Join(about, " ")
}

// What the comments call required is refused when it is absent.
func TestExampleRequired(t *testing.T) {
	lines := strings.Split(example, "\n")
	tried := 0
	for i, s := range lines {
		key, _, isSetting := strings.Cut(strings.TrimLeft(s, " -"), ":")
		if !isSetting || strings.HasPrefix(key, "#") || !strings.Contains(comment(lines, i+1), "Required") {
			continue
		}
		tried++
		without := append([]string{}, lines...)
		if strings.HasPrefix(strings.TrimSpace(s), "- ") {
			without[i] = s[:strings.Index(s, "- ")] + "-"
		} else {
			without[i] = ""
		}
		_, err := Parse("x.yaml", []byte(strings.Join(without, "\n")))
		if err == nil || !strings.Contains(err.Error(), key+" is missing") {
			t.Errorf("without %s: %v", key, err)
		}
	}
	if tried < 14 {
		t.Errorf("tried only %d settings", tried)
	}
}

func TestDerivedDefaults(t *testing.T) {
	c, err := Parse("x.yaml", []byte(minimal+`
teams: {app_id: 00000000-0000-0000-0000-00000000000a, app_secret: {env: S}, tenant_id: 00000000-0000-0000-0000-00000000000b}
`))
	if err != nil {
		t.Fatal(err)
	}
	tenant := "00000000-0000-0000-0000-00000000000b"
	if want := strings.ReplaceAll(derived["teams.token_url"], "TENANT", tenant); c.Teams.TokenURL != want {
		t.Errorf("token_url %q, want %q", c.Teams.TokenURL, want)
	}
	if c.Teams.MetadataURL != MetadataURL {
		t.Errorf("metadata_url %q", c.Teams.MetadataURL)
	}
	if u := c.Units[0]; u.Decider != u.DSO || !u.Default || !c.Database.SQLite() {
		t.Errorf("unit %+v", u)
	}
}
