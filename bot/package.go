package bot

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"frist/conversation"
	"frist/templates"
)

// Package is the app package through which people find the bot in Teams: the app manifest, two icons, and a file for the second language
// (https://learn.microsoft.com/microsoft-365/extensibility/schema).
type Package struct {
	AppID         string // Entra application id, the bot's own
	Organisation  string
	Name          string // at most 30 characters
	DeveloperName string // at most 32 characters
	Website       string // https, as are the next two
	PrivacyURL    string
	TermsURL      string
	Version       string // MAJOR.MINOR.PATCH
	Host          string // of the bot's public address
	// Lang is the language of whoever uses Teams in none of the others.
	Lang conversation.Lang
}

// manifestVersion is the schema that manifest and language files follow, which must be the same. Teams keeps taking older ones.
const manifestVersion = "1.25"

const schemaBase = "https://developer.microsoft.com/json-schemas/teams/v" + manifestVersion + "/MicrosoftTeams."

// accentColor is the ground of the colour icon.
const accentColor = "#0B5394"

// The files of a package, all at its root.
const (
	manifestFile    = "manifest.json"
	colorIconFile   = "color.png"
	outlineIconFile = "outline.png"
)

// ID is the app's own id, which must never change: a UUID of version 5 (RFC 9562 section 5.5), the organisation's name in the name space
// of the application id. So the same bot in two organisations is two apps, and a new package is an update.
func (p Package) ID() (string, error) {
	space, err := uuid.Parse(p.AppID)
	if err != nil {
		return "", fmt.Errorf("make the app's id from the application id: %w", err)
	}
	return uuid.NewSHA1(space, []byte(norm.NFC.String(p.Organisation))).String(), nil
}

type manifest struct {
	Schema          string       `json:"$schema"`
	ManifestVersion string       `json:"manifestVersion"`
	Version         string       `json:"version"`
	ID              string       `json:"id"`
	Localization    localization `json:"localizationInfo"`
	Developer       developer    `json:"developer"`
	Name            appName      `json:"name"`
	Description     description  `json:"description"`
	Icons           icons        `json:"icons"`
	AccentColor     string       `json:"accentColor"`
	InstallScope    string       `json:"defaultInstallScope"`
	Bots            []botEntry   `json:"bots"`
	ValidDomains    []string     `json:"validDomains"`
}

type localization struct {
	Default    conversation.Lang `json:"defaultLanguageTag"`
	Additional []languageFile    `json:"additionalLanguages"`
}

type languageFile struct {
	Tag  conversation.Lang `json:"languageTag"`
	File string            `json:"file"`
}

type developer struct {
	Name       string `json:"name"`
	WebsiteURL string `json:"websiteUrl"`
	PrivacyURL string `json:"privacyUrl"`
	TermsURL   string `json:"termsOfUseUrl"`
}

type appName struct {
	Short string `json:"short"`
	Full  string `json:"full"`
}

type description struct {
	Short string `json:"short"`
	Full  string `json:"full"`
}

type icons struct {
	Outline string `json:"outline"`
	Color   string `json:"color"`
}

type botEntry struct {
	BotID            string        `json:"botId"`
	Scopes           []string      `json:"scopes"`
	NotificationOnly bool          `json:"isNotificationOnly"`
	Files            bool          `json:"supportsFiles"`
	Calling          bool          `json:"supportsCalling"`
	Video            bool          `json:"supportsVideo"`
	CommandLists     []commandList `json:"commandLists"`
}

type commandList struct {
	Scopes   []string  `json:"scopes"`
	Commands []command `json:"commands"`
}

type command struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// Zip makes the package. The same settings give the same bytes.
func (p Package) Zip(words *templates.Catalogue) ([]byte, error) {
	id, err := p.ID()
	if err != nil {
		return nil, err
	}
	type file struct {
		name string
		data []byte
	}
	m := p.manifest(id, words.TeamsApp(p.Lang, p.Name))
	var languages []file
	for _, lang := range conversation.Langs {
		if lang == p.Lang {
			continue
		}
		f := languageFile{lang, string(lang) + ".json"}
		m.Localization.Additional = append(m.Localization.Additional, f)
		data, err := indented(p.translation(words.TeamsApp(lang, p.Name)))
		if err != nil {
			return nil, err
		}
		languages = append(languages, file{f.File, data})
	}
	data, err := indented(m)
	if err != nil {
		return nil, err
	}
	large, err := colorIcon()
	if err != nil {
		return nil, err
	}
	small, err := outlineIcon()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range append([]file{{manifestFile, data}, {colorIconFile, large}, {outlineIconFile, small}}, languages...) {
		// The earliest time that a zip file can hold: when the package was made is not part of it.
		part, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack the app: %w", err)
	}
	return out.Bytes(), nil
}

func (p Package) manifest(id string, words templates.TeamsApp) manifest {
	personal := []string{"personal"} // what is said in a group or a channel would be read by others
	list := commandList{Scopes: personal}
	for _, c := range words.Commands {
		list.Commands = append(list.Commands, command{c.Title, c.About})
	}
	return manifest{
		Schema: schemaBase + "schema.json", ManifestVersion: manifestVersion, Version: p.Version, ID: id,
		Localization: localization{Default: p.Lang},
		Developer:    developer{p.DeveloperName, p.Website, p.PrivacyURL, p.TermsURL},
		Name:         appName{p.Name, words.FullName},
		Description:  description{words.Short, words.Full},
		Icons:        icons{Outline: outlineIconFile, Color: colorIconFile},
		AccentColor:  accentColor, InstallScope: "personal",
		Bots:         []botEntry{{BotID: p.AppID, Scopes: personal, Files: true, CommandLists: []commandList{list}}},
		ValidDomains: []string{p.Host},
	}
}

// translation is a language file: the places in the manifest, as JSONPath writes them, and their texts.
func (p Package) translation(words templates.TeamsApp) map[string]string {
	t := map[string]string{"$schema": schemaBase + "Localization.schema.json", "name.short": p.Name, "name.full": words.FullName,
		"description.short": words.Short, "description.full": words.Full}
	for i, c := range words.Commands {
		at := fmt.Sprintf("bots[0].commandLists[0].commands[%d].", i)
		t[at+"title"], t[at+"description"] = c.Title, c.About
	}
	return t
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}
