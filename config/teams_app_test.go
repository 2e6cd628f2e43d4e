package config

import (
	"strconv"
	"strings"
	"testing"
)

const (
	packageIDs  = "app_id: 00000000-0000-0000-0000-00000000000a, app_secret: {env: S}, tenant_id: 00000000-0000-0000-0000-00000000000b"
	packageHTTP = "http: {public_url: \"https://frist.angelholma.example/\"}\n"
)

func TestAppPackageDefaults(t *testing.T) {
	c, err := Parse("x.yaml", []byte(minimal+packageHTTP+"teams: {"+packageIDs+", app: {website: \"https://in.angelholma.example/frist?sida=1\"}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.AppPackage()
	page := "https://in.angelholma.example/frist?sida=1"
	want := TeamsApp{Name: "Frist", DeveloperName: c.Organisation, Website: page, PrivacyURL: page, TermsURL: page, Version: "1.0.0"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	c.Teams.App = TeamsApp{Name: "Incident", DeveloperName: "IT", Website: page, PrivacyURL: page + "1", TermsURL: page + "2", Version: "1.2.30"}
	if got, err := c.AppPackage(); err != nil || got != c.Teams.App {
		t.Errorf("what is written does not count: %+v, %v", got, err)
	}
}

func TestAppPackageMissing(t *testing.T) {
	ids := "teams: {" + packageIDs + "}\n"
	long := strings.NewReplacer("Ängelholma kommun", "Samverkansnämnden för Ängelholma kommun", "  address:", "  name: Rapportera personuppgiftsincident\n  address:").Replace(minimal)
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"no section": {minimal, []string{"line 1: teams is missing; write app_id"}},
		"development": {minimal + "development: true\nteams: {app: {website: \"https://a.example\"}}\n" + packageHTTP,
			[]string{"teams.app_id is missing; write the application (client) id"}},
		"nothing else": {minimal + ids, []string{"http.public_url is missing; write the https address", "teams.app.website is missing; write the page"}},
		"long names":   {long + packageHTTP + ids, []string{"teams.app.website is missing", "teams.app.name is missing, and mail.name is longer than the 30", "teams.app.developer_name is missing, and organisation is longer than the 32"}},
		"loopback":     {minimal + "http: {public_url: \"http://127.0.0.1:3978\"}\n" + ids, []string{"http.public_url is no address that Teams can reach", "teams.app.website is missing"}},
		"number":       {minimal + "http: {public_url: \"https://192.0.2.7\"}\n" + ids, []string{"http.public_url is no address that Teams can reach", "teams.app.website is missing"}},
		"no domain":    {minimal + "http: {public_url: \"https://frist\"}\n" + ids, []string{"http.public_url is no address that Teams can reach", "teams.app.website is missing"}},
	} {
		c, err := Parse("x.yaml", []byte(tc.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = c.AppPackage()
		if err == nil {
			t.Errorf("%s: no fault", name)
			continue
		}
		faults := strings.Split(err.Error(), "\n")
		if len(faults) != len(tc.want) {
			t.Errorf("%s: %d faults:\n%v", name, len(faults), err)
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q not in\n%v", name, want, err)
			}
		}
	}
	// A missing setting is told with the line of what it would stand in.
	c, err := Parse("x.yaml", []byte(minimal+packageHTTP+"teams:\n  "+strings.ReplaceAll(packageIDs, ", ", "\n  ")+"\n  app:\n    name: Frist\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.AppPackage()
	if want := "line " + strconv.Itoa(strings.Count(minimal, "\n")+6) + ": teams.app.website"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want %q", err, want)
	}
}

func TestTeamsAppFaults(t *testing.T) {
	_, err := Parse("x.yaml", []byte(minimal+"teams:\n  "+strings.ReplaceAll(packageIDs, ", ", "\n  ")+`
  app:
    name: Rapportera personuppgiftsincident
    developer_name: Samverkansnämnden för Ängelholma
    website: http://in.angelholma.example
    privacy_url: "https://a.example/in tre"
    terms_url: https://user@a.example
    version: 1.0.0-beta
`))
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{"teams.app.name has 33 characters; write at most 30", "teams.app.website is no https address", "teams.app.privacy_url is no https", "teams.app.terms_url is no https",
		"teams.app.version is no version; write three whole numbers with points between, such as 1.0.0"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "developer_name") {
		t.Errorf("32 characters are too many:\n%v", err)
	}
	for _, v := range []string{"1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", " 1.0.0", "1.0.0\n", "9999999999.0.0"} {
		if versionFormat.MatchString(v) {
			t.Errorf("%q is a version", v)
		}
	}
	for _, v := range []string{"0.0.0", "1.0.0", "2026.11.22"} {
		if !versionFormat.MatchString(v) {
			t.Errorf("%q is no version", v)
		}
	}
}

// LoadAlone needs none of the secrets that the file names.
func TestLoadAlone(t *testing.T) {
	path := t.TempDir() + "/frist.yaml"
	write(t, path, strings.Replace(minimal, "{env: KEY}", "{file: nowhere}", 1))
	if _, err := LoadAlone(path); err != nil {
		t.Error(err)
	}
	if _, err := LoadAlone(path + "x"); err == nil || !strings.Contains(err.Error(), "name the file with -config") {
		t.Errorf("no file: %v", err)
	}
}
