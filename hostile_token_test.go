package main

import (
	"log/slog"
	"net/http"
	"testing"

	"frist/bot/bottest"
	"frist/config"
)

// TestReplayedActivity: somebody who has seen a request on its way sends it again, token and all, and makes others with that token. What has
// been kept counts once, and the token is good for its own service URL alone.
func TestReplayedActivity(t *testing.T) {
	const app, tenant = "3c0b7c4e-51d5-4c2f-8f5e-2b8f8a0f6d21", "5f0c1c52-7d0e-4a36-9d3a-0d8a3f6a7b10"
	identity, err := bottest.NewIdentity(app, "hemligt")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FRIST_APP_SECRET", "hemligt")
	parts := demoParts()
	cfg := demoSettings("sv", parts)
	cfg.Teams = &config.Teams{AppID: app, AppSecret: config.Secret{Env: "FRIST_APP_SECRET"}, TenantID: tenant,
		MetadataURL: identity.MetadataURL(), TokenURL: identity.TokenURL(tenant)}
	var people []string
	for _, p := range parts {
		people = append(people, p.addr)
	}
	log := &safeBuffer{}
	x, err := startEmbedded(t.Context(), embeddedOptions{dir: t.TempDir(), cfg: cfg, people: people, at: demoStart,
		employee: demoEmployee(parts[0]), log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, embedded: x, log: log, read: map[string][]*wireMail{}}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		for _, closer := range []interface{ Close() error }{w.embedded, identity} {
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	captured, err := identity.Token(x.connector.URL())
	if err != nil {
		t.Fatal(err)
	}
	token := captured
	robin := bottest.NewClient(bottest.ClientOptions{Connector: x.connector, BotURL: x.endpoint, User: demoEmployee(parts[0]),
		Token: func(string) (string, error) { return token, nil }})
	post := func(a map[string]any, want int) {
		t.Helper()
		answer, err := robin.Post(t.Context(), a)
		if err != nil || answer.Status != want {
			t.Errorf("status %d, want %d; %v", answer.Status, want, err)
		}
		w.quiet()
	}
	report := robin.Activity("message")
	report["text"] = "Jag råkade mejla en deltagarlista till fel person"
	post(report, http.StatusOK)
	for range 5 {
		post(report, http.StatusOK) // as it was, so it is acknowledged again
	}
	if token, err = identity.Token(x.connector.URL()); err != nil {
		t.Fatal(err)
	}
	post(report, http.StatusOK)
	token = captured
	report["serviceUrl"] = "https://smba.trafficmanager.net/emea/"
	post(report, http.StatusUnauthorized)
	if created, _ := w.cards(); created != receiptCards || w.incidents() != 1 || len(w.mails(kim)) != 1 {
		t.Errorf("%d cards, %d incidents, %d alerts", created, w.incidents(), len(w.mails(kim)))
	}
}
