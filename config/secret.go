package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// keyBytes is the length of the master key.
const keyBytes = 32

// maxSecret bounds a secret's file, in bytes.
const maxSecret = 64 << 10

const hidden = "[secret]"

// Secret says where a secret stands: in the environment variable Env or in the file File. It never holds the
// secret, and shows neither name nor file when it is printed.
type Secret struct {
	Env, File string
}

// IsZero reports whether the secret is not set.
func (s Secret) IsZero() bool { return s == Secret{} }

// Value reads the secret, anew at each call so that a changed file counts, without one line end after it. The
// error names the variable or the file, never what stands there.
func (s Secret) Value() (string, error) {
	var v string
	switch {
	case s.Env != "":
		e, ok := os.LookupEnv(s.Env)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set", s.Env)
		}
		v = e
	case s.File != "":
		data, err := readFile(s.File, maxSecret)
		if err != nil {
			return "", fmt.Errorf("the secret's file cannot be read: %w", err)
		}
		v = string(data)
	default:
		return "", errors.New("the secret is not set")
	}
	v = strings.TrimSuffix(strings.TrimSuffix(v, "\n"), "\r")
	if v == "" {
		return "", fmt.Errorf("%s is empty", s.where())
	}
	return v, nil
}

func (s Secret) where() string {
	if s.Env != "" {
		return "the environment variable " + s.Env
	}
	return "the file " + s.File
}

// String, Format, LogValue and MarshalText keep a secret out of all that is printed or logged.
func (s Secret) String() string { return hidden }

// Format implements fmt.Formatter for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Secrets returns every secret of the settings by its path, also those that are not set.
func (c *Config) Secrets() map[string]*Secret {
	all := map[string]*Secret{
		"master_key":         &c.MasterKey,
		"database":           &c.Database.URL,
		"mail.imap.password": &c.Mail.IMAP.Password,
		"mail.smtp.password": &c.Mail.SMTP.Password,
		"http.metrics_token": &c.HTTP.MetricsToken,
	}
	if s := c.Administrator.Second; s != nil {
		all["administrator.second.smtp.password"] = &s.SMTP.Password
	}
	if c.Teams != nil {
		all["teams.app_secret"] = &c.Teams.AppSecret
	}
	if o := c.Mail.OAuth; o != nil {
		all["mail.oauth.client_secret"], all["mail.oauth.refresh_token"] = &o.ClientSecret, &o.RefreshToken
	}
	return all
}

// Key reads the master key: 32 bytes, from base64 (RFC 4648 section 4).
func (c *Config) Key() ([]byte, error) {
	v, err := c.MasterKey.Value()
	if err != nil {
		return nil, fmt.Errorf("read master_key: %w", err)
	}
	// The decoder's own error would show a part of the key.
	key, err := base64.StdEncoding.Strict().DecodeString(v)
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("read master_key: %s does not hold %d bytes in base64", c.MasterKey.where(), keyBytes)
	}
	return key, nil
}

// readFile reads a regular file of at most limit bytes; a pipe or device might never end.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, nil
}
