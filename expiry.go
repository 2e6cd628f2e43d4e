package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"frist/conversation"
)

// expiry is a secret or certificate that ends.
type expiry struct {
	setting string // that names it
	alarm   string // the key of the text that warns of it
	ends    time.Time
}

// String names what ends.
func (e expiry) String() string {
	switch e.alarm {
	case conversation.AlarmServerEnds:
		return "the certificate of the server in " + e.setting
	case conversation.AlarmCertificateEnds:
		return "the certificate in " + e.setting
	}
	return e.setting
}

// expiryDays are how many days before the end the administrator is told, each once.
var expiryDays = []int{30, 14, 3}

// expiries lists all that ends on a day that is known, by setting.
func (a *app) expiries() []expiry {
	var list []expiry
	add := func(setting, alarm string, ends time.Time) {
		if !ends.IsZero() {
			list = append(list, expiry{setting, alarm, ends})
		}
	}
	if t := a.cfg.Teams; t != nil {
		add("teams.app_secret", conversation.AlarmSecretEnds, t.AppSecretExpires)
	}
	if o := a.cfg.Mail.OAuth; o != nil {
		add("mail.oauth.client_secret", conversation.AlarmSecretEnds, o.SecretExpires)
	}
	files := a.cfg.CAFiles()
	files["http.tls.cert"] = a.cfg.HTTP.TLS.Cert
	if t := a.cfg.Teams; t != nil {
		files["teams.app_certificate.cert"] = t.AppCertificate.Cert
	}
	for setting, file := range files {
		add(setting, conversation.AlarmCertificateEnds, fileEnds(file, time.Now()))
	}
	for setting, ends := range a.seen.all() {
		add(setting, conversation.AlarmServerEnds, ends)
	}
	slices.SortFunc(list, func(x, y expiry) int { return cmp.Compare(x.setting, y.setting) })
	return list
}

// fileEnds is when the first of a PEM file's certificates ends; those that have ended count only where all have. Zero if there is none.
func fileEnds(file string, now time.Time) (ends time.Time) {
	if file == "" {
		return ends
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return ends
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			continue
		}
		over, endsOver := !c.NotAfter.After(now), !ends.After(now)
		switch {
		case ends.IsZero(), endsOver && !over:
			ends = c.NotAfter
		case over && endsOver && c.NotAfter.After(ends), !over && !endsOver && c.NotAfter.Before(ends):
			ends = c.NotAfter
		}
	}
	return ends
}

// seen keeps when the servers' certificates end, as the last connection showed them, by the setting that names the server.
type seen struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

func (s *seen) note(setting string) func(time.Time) {
	return func(ends time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ends == nil {
			s.ends = map[string]time.Time{}
		}
		s.ends[setting] = ends
	}
}

func (s *seen) all() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.ends)
}

// threshold is the most urgent of expiryDays that has come, 0 if none has.
func (e expiry) threshold(now time.Time) (days int) {
	for _, d := range expiryDays {
		if e.ends.Sub(now) <= time.Duration(d)*24*time.Hour {
			days = d
		}
	}
	return days
}

// warnExpiry tells the administrator of what ends soon: each threshold once for each end, also over restarts. warned spares the database the
// question.
func (a *app) warnExpiry(ctx context.Context) error {
	var all []error
	for _, e := range a.expiries() {
		days := e.threshold(time.Now())
		key := fmt.Sprintf("expires/%s/%s/%d", e.setting, e.ends.UTC().Format(time.DateOnly), days)
		if days == 0 || a.warned[key] {
			continue
		}
		line := conversation.Line{Key: e.alarm, Args: map[string]string{"setting": e.setting, "at": e.ends.UTC().Format(time.RFC3339)}}
		if err := a.engine.AlarmOnce(ctx, key, line); err != nil {
			all = append(all, fmt.Errorf("warn of %s: %w", e.setting, err))
			continue
		}
		if a.warned == nil {
			a.warned = map[string]bool{}
		}
		a.warned[key] = true
		a.log.Warn("a secret or certificate ends soon", "setting", e.setting, "ends", e.ends)
	}
	return errors.Join(all...)
}

// certificate is the one that HTTPS is served with. A renewed file counts from the next connection on.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	stamps  [2]stamp
	current *tls.Certificate
}

// stamp tells a changed file from an unchanged one.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(file string) (s stamp) {
	if info, err := os.Stat(file); err == nil {
		s = stamp{info.ModTime(), info.Size()}
	}
	return s
}

// get implements tls.Config.GetCertificate. A pair that does not fit together, as when one file has been replaced and the other not yet, leaves the one before in
// use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := [2]stamp{stampOf(c.cert), stampOf(c.key)}
	if c.current != nil && now == c.stamps {
		return c.current, nil
	}
	c.stamps = now
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case err != nil && c.current == nil:
		return nil, fmt.Errorf("read http.tls: %w", err)
	case err != nil:
		c.log.Error("the new certificate of http.tls cannot be used; the one before stays in use", "error", err)
	default:
		if c.current != nil {
			c.log.Info("the certificate of http.tls was renewed")
		}
		c.current = &pair
	}
	return c.current, nil
}
