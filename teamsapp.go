package main

import (
	"fmt"
	"net/url"
	"strings"

	"frist/bot"
	"frist/config"
	"frist/conversation"
	"frist/templates"
)

type teamsAppCommand struct {
	Config string `help:"Settings file." required:"" placeholder:"FILE"`
	Out    string `help:"Zip file to write; one that is there is replaced." required:"" placeholder:"FILE.zip"`
}

// Help is what -h says beside the flags.
func (c *teamsAppCommand) Help() string {
	return `The package is what you upload in the Teams admin centre, so that staff find the bot: a manifest, two icons, and the texts in Swedish and English.
It is made from teams.app_id, the section teams.app, http.public_url and the language; no secret is read, so any machine will do. What is
printed after the file's name is the messaging endpoint to write at the Azure bot. The same settings give the same file. Teams knows the app
again by teams.app_id and the organisation's name; raise teams.app.version before each new upload.`
}

// Run writes the app package and prints its name and the messaging endpoint.
func (c *teamsAppCommand) Run(e env) error {
	if !strings.HasSuffix(strings.ToLower(c.Out), ".zip") {
		return usage("name a file that ends in .zip with -out, as Teams takes no other")
	}
	cfg, err := config.LoadAlone(c.Config)
	if err != nil {
		return err
	}
	p, err := appPackage(cfg)
	if err != nil {
		return err
	}
	words, err := templates.Load("")
	if err != nil {
		return err
	}
	data, err := p.Zip(words)
	if err != nil {
		return fmt.Errorf("make the app package: %w", err)
	}
	if err := replaceFile(c.Out, data); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.out, "%s\nmessaging endpoint: %s\n", c.Out, cfg.HTTP.PublicURL+bot.Path); err != nil {
		return fmt.Errorf("print the file's name: %w", err)
	}
	return nil
}

func appPackage(cfg *config.Config) (bot.Package, error) {
	app, err := cfg.AppPackage()
	if err != nil {
		return bot.Package{}, err
	}
	public, err := url.Parse(cfg.HTTP.PublicURL)
	if err != nil {
		return bot.Package{}, fmt.Errorf("read http.public_url: %w", err)
	}
	return bot.Package{AppID: strings.ToLower(cfg.Teams.AppID), Organisation: cfg.Organisation, Name: app.Name, DeveloperName: app.DeveloperName,
		Website: app.Website, PrivacyURL: app.PrivacyURL, TermsURL: app.TermsURL, Version: app.Version, Host: strings.ToLower(public.Hostname()),
		Lang: conversation.Lang(cfg.Language)}, nil
}
