package bot

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image/color"
	"image/png"
	"io"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frist/conversation"
	"frist/templates"
)

func samplePackage() Package {
	return Package{AppID: "00000000-0000-0000-0000-00000000000a", Organisation: "Exempelstads kommun", Name: "Frist", DeveloperName: "Exempelstads kommun",
		Website: "https://in.exempelstad.example/frist?a=1&b=<2>", PrivacyURL: "https://in.exempelstad.example/p", TermsURL: "https://in.exempelstad.example/t",
		Version: "1.2.3", Host: "frist.exempelstad.example", Lang: conversation.Swedish}
}

// unpacked makes the package and holds it to the rules that no schema tells: what Teams takes of a zip file.
func unpacked(t *testing.T, p Package) map[string][]byte {
	t.Helper()
	words, err := templates.Load("")
	if err != nil {
		t.Fatal(err)
	}
	data, err := p.Zip(words)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Zip(words); err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same settings gave other bytes: %v", err)
	}
	if len(data) > 1<<20 {
		t.Errorf("%d bytes are too much", len(data))
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		if files[f.Name] != nil || filepath.Base(f.Name) != f.Name || !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, `\:`) || !f.Mode().IsRegular() {
			t.Errorf("%q (%v) is no file at the root, or stands there twice", f.Name, f.Mode())
		}
		src, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(src); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	return files
}

func TestPackageFiles(t *testing.T) {
	for lang, other := range map[conversation.Lang]string{conversation.Swedish: "en", conversation.English: "sv"} {
		p := samplePackage()
		p.Lang = lang
		files := unpacked(t, p)
		if got, want := slices.Sorted(maps.Keys(files)), slices.Sorted(slices.Values([]string{"color.png", other + ".json", "manifest.json", "outline.png"})); !slices.Equal(got, want) {
			t.Errorf("%s: files %v, want %v", lang, got, want)
		}
		var m manifest
		if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
			t.Fatal(err)
		}
		if want := []languageFile{{conversation.Lang(other), other + ".json"}}; m.Localization.Default != lang || !slices.Equal(m.Localization.Additional, want) {
			t.Errorf("%s: %+v", lang, m.Localization)
		}
		if files[m.Icons.Color] == nil || files[m.Icons.Outline] == nil {
			t.Errorf("%s: icons %+v are not in the package", lang, m.Icons)
		}
	}
}

func TestPackageManifest(t *testing.T) {
	p := samplePackage()
	files := unpacked(t, p)
	var m manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if want := (developer{p.DeveloperName, p.Website, p.PrivacyURL, p.TermsURL}); m.Developer != want {
		t.Errorf("developer %+v", m.Developer)
	}
	if m.Version != "1.2.3" || m.Name.Short != "Frist" || !slices.Equal(m.ValidDomains, []string{p.Host}) {
		t.Errorf("%+v", m)
	}
	if len(m.Bots) != 1 || m.Bots[0].BotID != p.AppID || m.ID == p.AppID {
		t.Fatalf("bots %+v of the app %s", m.Bots, m.ID)
	}
	// A group would read what one of it reports; files are taken in and offered.
	b := m.Bots[0]
	if personal := []string{"personal"}; !slices.Equal(b.Scopes, personal) || !slices.Equal(b.CommandLists[0].Scopes, personal) || !b.Files || b.Calling || b.Video || b.NotificationOnly {
		t.Errorf("bot %+v", b)
	}
	// Every place that the language file names is in the manifest, and every text of the manifest is translated.
	var texts map[string]string
	if err := json.Unmarshal(files["en.json"], &texts); err != nil {
		t.Fatal(err)
	}
	if texts["$schema"] != strings.Replace(m.Schema, "MicrosoftTeams.", "MicrosoftTeams.Localization.", 1) || !strings.Contains(m.Schema, "/v"+m.ManifestVersion+"/") {
		t.Errorf("schemas %q and %q do not go together", m.Schema, texts["$schema"])
	}
	delete(texts, "$schema")
	want := []string{"name.short", "name.full", "description.short", "description.full"}
	for i := range b.CommandLists[0].Commands {
		at := "bots[0].commandLists[0].commands[" + string(rune('0'+i)) + "]."
		want = append(want, at+"title", at+"description")
	}
	if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the language file has %v", got)
	}
	for at, text := range texts {
		if text == "" {
			t.Errorf("%s is empty", at)
		}
	}
}

func TestPackageIcons(t *testing.T) {
	files := unpacked(t, samplePackage())
	large, err := png.Decode(bytes.NewReader(files["color.png"]))
	if err != nil {
		t.Fatal(err)
	}
	small, err := png.Decode(bytes.NewReader(files["outline.png"]))
	if err != nil {
		t.Fatal(err)
	}
	if s := large.Bounds().Size(); s.X != 192 || s.Y != 192 {
		t.Errorf("colour icon of %v pixels", s)
	}
	if s := small.Bounds().Size(); s.X != 32 || s.Y != 32 {
		t.Errorf("outline icon of %v pixels", s)
	}
	r, g, b, _ := large.At(0, 0).RGBA()
	if corner := "#" + hex2(r) + hex2(g) + hex2(b); corner != accentColor {
		t.Errorf("the ground is %s, the accent colour %s", corner, accentColor)
	}
	for y := range 192 {
		for x := range 192 {
			c := color.NRGBAModel.Convert(large.At(x, y))
			if _, _, _, a := c.RGBA(); a != 0xffff {
				t.Fatalf("the colour icon is transparent at %d, %d", x, y)
			}
			// Teams may crop it to a circle or round its corners: nothing is drawn outside the middle 120 pixels but the ground.
			if (min(x, y) < 36 || max(x, y) >= 156) && c != color.NRGBAModel.Convert(large.At(0, 0)) {
				t.Fatalf("the colour icon is drawn at %d, %d", x, y)
			}
		}
	}
	clear, full := 0, 0
	for y := range 32 {
		for x := range 32 {
			c := color.NRGBAModel.Convert(small.At(x, y)).(color.NRGBA)
			switch {
			case c.A == 0:
				clear++
			case c.R != 255 || c.G != 255 || c.B != 255:
				t.Fatalf("the outline icon is not white at %d, %d: %v", x, y, c)
			case c.A == 255:
				full++
			}
		}
	}
	if clear < 300 || full < 150 {
		t.Errorf("of the outline icon %d pixels are clear and %d white", clear, full)
	}
}

func hex2(v uint32) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[v>>12&15], digits[v>>8&15]})
}

func TestPackageID(t *testing.T) {
	p := samplePackage()
	id, err := p.ID()
	// What Python's uuid.uuid5 makes of the same.
	if err != nil || id != "c787e605-95f0-5447-ac4e-6edd44299f7f" {
		t.Errorf("%s, %v", id, err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no UUID of version 5", id)
	}
	ids := map[string]bool{id: true}
	p.AppID = strings.ToUpper(p.AppID)
	if again, err := p.ID(); err != nil || again != id {
		t.Errorf("in capitals: %s, %v", again, err)
	}
	p.Organisation = "Åmåls kommun"
	composed, _ := p.ID()
	p.Organisation = "A\u030ama\u030als kommun"
	if decomposed, _ := p.ID(); decomposed != composed || ids[composed] {
		t.Errorf("%s and %s", composed, decomposed)
	}
	ids[composed] = true
	p.AppID = "00000000-0000-0000-0000-00000000000b"
	if other, _ := p.ID(); ids[other] {
		t.Errorf("two bots are one app: %s", other)
	}
	p.AppID = "frist"
	words, err := templates.Load("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Zip(words); err == nil {
		t.Error("an app without an id was packed")
	}
}

// TestPackageTextIsKept: nothing that a setting says can become anything but text.
func TestPackageTextIsKept(t *testing.T) {
	p := samplePackage()
	p.Name, p.DeveloperName = `"}],"x{{.}}`, "../<b>&\u2028"
	files := unpacked(t, p)
	var m manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.Name.Short != p.Name || m.Developer.Name != p.DeveloperName || !strings.HasPrefix(m.Name.Full, p.Name) || m.Developer.WebsiteURL != p.Website {
		t.Errorf("%+v %+v", m.Name, m.Developer)
	}
	if want := []string{"personal"}; !reflect.DeepEqual(m.Bots[0].Scopes, want) {
		t.Errorf("scopes %v", m.Bots[0].Scopes)
	}
}
