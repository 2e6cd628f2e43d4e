package e2e

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const teamsAppSettings = `organisation: Exempelstads kommun
language: LANG
administrator: {email: drift@exempelstad.example}
master_key: {env: FRIST_MASTER_KEY}
http: {public_url: "https://frist.exempelstad.example"}
mail:
  address: frist@exempelstad.example
  authserv_id: mx.exempelstad.example
  allowed_domains: [exempelstad.example]
  imap: {addr: "imap.exempelstad.example:993", username: frist, password: {env: FRIST_IMAP_PASSWORD}}
  smtp: {addr: "smtp.exempelstad.example:465"}
teams:
  app_id: 00000000-0000-0000-0000-000000000001
  app_secret: {env: FRIST_APP_SECRET}
  tenant_id: 00000000-0000-0000-0000-000000000002
  app:
    name: NAME
    developer_name: 32 tecken är det längsta de visa
    website: https://intranet.exempelstad.example/frist?sida=1#om
    version: 10.20.30
units: [{id: kommun, name: Kommunen, dso: {email: dso@exempelstad.example}}]
`

// packed has the program write an app package, and unpacks it into a folder.
func packed(t *testing.T, lang, name string) string {
	t.Helper()
	dir := t.TempDir()
	conf, out, folder := filepath.Join(dir, "frist.yaml"), filepath.Join(dir, "frist.zip"), filepath.Join(dir, "app")
	write(t, conf, strings.NewReplacer("LANG", lang, "NAME", name).Replace(teamsAppSettings))
	if _, errs, code := frist(t, nil, "teams-app", "-config", conf, "-out", out); code != 0 {
		t.Fatal(errs)
	}
	z, err := zip.OpenReader(out)
	must(t, err)
	defer z.Close()
	must(t, os.Mkdir(folder, 0o700))
	for _, f := range z.File {
		src, err := f.Open()
		must(t, err)
		data, err := io.ReadAll(src)
		must(t, err)
		write(t, filepath.Join(folder, filepath.Base(f.Name)), string(data))
	}
	return folder
}

// schemaFault is what a schema of Microsoft's has against a file; At is a JSON pointer (RFC 6901).
type schemaFault struct{ File, At, Message string }

// schemaFaults gives for each folder what the schemas of a version have against it; "own" is the first manifest's own version.
func schemaFaults(t *testing.T, version string, folders ...string) (faults [][]schemaFault) {
	t.Helper()
	cmd := exec.Command(find("node"), append([]string{"manifest/validate.cjs", version}, folders...)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	must(t, json.Unmarshal(out, &faults))
	if len(faults) != len(folders) {
		t.Fatalf("%d of %d packages were looked at", len(faults), len(folders))
	}
	return faults
}

// TestTeamsAppFollowsSchema: the package is as Microsoft's own schemas want it, in either language, with the longest names, and by newer
// schemas too.
func TestTeamsAppFollowsSchema(t *testing.T) {
	need(t, "node", "manifest")
	t.Parallel()
	folders := []string{packed(t, "sv", "Rapportera personuppgiftsfel å"), packed(t, "en", "F")}
	for _, version := range []string{"own", "1.28"} {
		for i, faults := range schemaFaults(t, version, folders...) {
			if len(faults) > 0 {
				t.Errorf("%s by %s: %+v", []string{"sv", "en"}[i], version, faults)
			}
		}
	}
}

// TestTeamsAppSchemaFindsFaults: each fault that is planted is found where it stands, so that finding none means something.
func TestTeamsAppSchemaFindsFaults(t *testing.T) {
	need(t, "node", "manifest")
	t.Parallel()
	sound := packed(t, "sv", "Frist")
	planted := []struct{ file, old, new, at string }{
		{"manifest.json", `"manifestVersion": "`, `"manifestVersion": "9`, "/manifestVersion"},
		{"manifest.json", `"scopes": [`, `"scopes": ["private", `, "/bots/0/scopes/0"},
		{"manifest.json", `"botId": "0`, `"botId": "x`, "/bots/0/botId"},
		{"manifest.json", `"short": "Frist"`, `"short": "Frist som har ett alldeles för långt namn"`, "/name/short"},
		{"manifest.json", `"short": "Skriv`, `"short": "Det finns mer att säga än så här. Skriv`, "/description/short"},
		{"manifest.json", `"websiteUrl": "https`, `"websiteUrl": "ftp`, "/developer/websiteUrl"},
		{"manifest.json", `"privacyUrl"`, `"privacy"`, "/developer"},
		{"manifest.json", `"accentColor": "#`, `"accentColor": "`, "/accentColor"},
		{"manifest.json", `"supportsFiles": true`, `"supportsFiles": "no"`, "/bots/0/supportsFiles"},
		{"manifest.json", `"title": "Hjälp",`, ``, "/bots/0/commandLists/0/commands/0"},
		{"manifest.json", `"languageTag": "en"`, `"languageTag": "in English"`, "/localizationInfo/additionalLanguages/0/languageTag"},
		{"manifest.json", `"outline": "outline.png",`, ``, "/icons"},
		{"en.json", `"name.short"`, `"name.shorter"`, ""},
		{"en.json", `commands[0].title`, `commands[0].name`, ""},
		{"en.json", `"description.full": "`, `"description.full": "` + strings.Repeat("x", 4000), "/description.full"},
	}
	folders := []string{sound}
	for _, tc := range planted {
		folder := t.TempDir()
		must(t, os.CopyFS(folder, os.DirFS(sound)))
		file := filepath.Join(folder, tc.file)
		data, err := os.ReadFile(file)
		must(t, err)
		if !strings.Contains(string(data), tc.old) {
			t.Fatalf("%s has no %s", tc.file, tc.old)
		}
		write(t, file, strings.Replace(string(data), tc.old, tc.new, 1))
		folders = append(folders, folder)
	}
	found := schemaFaults(t, "own", folders...)
	if len(found[0]) > 0 {
		t.Errorf("the sound package: %+v", found[0])
	}
	for i, tc := range planted {
		if !slices.ContainsFunc(found[i+1], func(f schemaFault) bool { return f.File == tc.file && f.At == tc.at }) {
			t.Errorf("%s in place of %s: %+v; want a fault at %q", tc.new, tc.old, found[i+1], tc.at)
		}
	}
}
