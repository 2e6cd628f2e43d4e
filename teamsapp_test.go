package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sampleTeams = `http: {public_url: "https://frist.provkoping.example/bot/"}
teams:
  app_id: 00000000-0000-0000-0000-00000000000A
  app_secret: {file: not-there-yet}
  tenant_id: 00000000-0000-0000-0000-00000000000b
  app: {website: "https://in.provkoping.example/frist"}
units:
`

func TestTeamsApp(t *testing.T) {
	file := sampleFile(t, "units:\n", sampleTeams)
	// No secret is needed: the package may be made before there is one.
	if err := os.Remove(filepath.Join(filepath.Dir(file), "password")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "frist.zip")
	for range 2 { // a package that is there is replaced
		r := call(t, "", "teams-app", "-config", file, "-out", out)
		if want := out + "\nmessaging endpoint: https://frist.provkoping.example/bot/api/messages\n"; r.code != 0 || r.out != want || r.err != "" {
			t.Fatalf("got %+v, want %q", r, want)
		}
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"manifest.json", "color.png", "outline.png", "en.json"}) {
		t.Errorf("files %v", names)
	}
	if entries, err := os.ReadDir(filepath.Dir(out)); err != nil || len(entries) != 1 {
		t.Errorf("left beside the package: %v, %v", entries, err)
	}
}

func TestTeamsAppRefuses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "frist.zip")
	good := sampleFile(t, "units:\n", sampleTeams)
	call(t, "", "teams-app", "-config", sampleFile(t), "-out", out).sentence(t, 1, "line 1: teams is missing; write app_id")
	call(t, "", "teams-app", "-config", sampleFile(t, "units:\n", strings.Replace(sampleTeams, "  app:", "  #", 1)), "-out", out).
		sentence(t, 1, "line 11: teams.app.website is missing; write the page")
	call(t, "", "teams-app", "-config", sampleFile(t, "units:\n", strings.Replace(sampleTeams, "public_url: \"https://frist.provkoping.example/bot/\"", "", 1)), "-out", out).
		sentence(t, 1, "line 10: http.public_url is missing; write the https address")
	call(t, "", "teams-app", "-config", good, "-out", filepath.Join(filepath.Dir(out), "frist")).sentence(t, 2, "ends in .zip")
	call(t, "", "teams-app", "-config", good).sentence(t, 2, "--out")
	call(t, "", "teams-app", "-out", out).sentence(t, 2, "--config")
	call(t, "", "teams-app", "-config", good+"x", "-out", out).sentence(t, 1, "name the file with -config")
	call(t, "", "teams-app", "-config", good, "-out", filepath.Join(out, "deep", "a.zip")).sentence(t, 1, "deep")
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}
