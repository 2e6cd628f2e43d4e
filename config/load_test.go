package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadReadsSecrets(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "frist.yaml")
	write(t, path, strings.Replace(minimal, "{env: KEY}", "{file: key}", 1))
	write(t, filepath.Join(dir, "key"), testKey+"\n")
	t.Setenv("IMAP", "p")
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := c.Key()
	if err != nil || !bytes.Equal(key, []byte("0123456789abcdef0123456789abcdef")) {
		t.Errorf("key %q, %v", key, err)
	}
}

func TestLoadFaults(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "frist.yaml")
	write(t, filepath.Join(dir, "ca.pem"), "none")
	t.Setenv("KEY", "aGVtbGln")
	t.Setenv("DB", "mysql://hemlig")
	write(t, path, strings.NewReplacer(
		"mail:\n", "database: {env: DB}\nforms: forms\nhttp: {tls: {cert: ca.pem, key: ca.pem}}\nmail:\n",
		"username: frist,", "username: frist, ca_file: ca.pem,",
		"smtp:\n", "smtp:\n    ca_file: absent.pem\n",
		"{env: IMAP}", "{file: imap}",
		"id: kommun", "id: KOMMUN").Replace(minimal))
	_, err := Load(path)
	if err == nil {
		t.Fatal("no fault")
	}
	want := []string{
		`line 3: master_key is no key: the environment variable KEY does not hold 32 bytes in base64; make one with "openssl rand -base64 32"`,
		"line 4: database is no PostgreSQL URL in the environment variable DB; write postgres://",
		"line 5: forms names no folder: ",
		"line 6: http.tls cannot be used: ",
		"line 11: mail.imap.ca_file cannot be used: read ca_file: ",
		"line 11: mail.imap.password cannot be used: the secret's file cannot be read: ",
		"line 13: mail.smtp.ca_file cannot be used: ",
		"line 16: units[0].id is no id",
	}
	faults := strings.Split(err.Error(), "\n")
	if len(faults) != len(want) {
		t.Fatalf("%d faults, want %d:\n%v", len(faults), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(faults[i], "config "+path+", "+want[i]) {
			t.Errorf("got  %s\nwant %s", faults[i], want[i])
		}
	}
	if strings.Contains(err.Error(), "hemlig") || strings.Contains(err.Error(), "aGVtbGln") {
		t.Errorf("a secret shows: %v", err)
	}
}

func TestLoadUnsetKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "frist.yaml")
	write(t, path, strings.Replace(minimal, "{env: KEY}", "{env: FRIST_UNSET}", 1))
	t.Setenv("IMAP", "p")
	_, err := Load(path)
	want := "config " + path + `, line 3: master_key cannot be used: the environment variable FRIST_UNSET is not set; make one with "openssl rand -base64 32" or "frist check -new-key" and put it there`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLoadNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "absent.yaml")); err == nil || !strings.Contains(err.Error(), "no such file or directory; name the file with -config") {
		t.Errorf("got %v", err)
	}
	path := filepath.Join(dir, "large.yaml")
	write(t, path, strings.Repeat("#", maxFile+1))
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "the file is larger than") {
		t.Errorf("got %v", err)
	}
	for _, data := range []string{strings.Repeat("\n", maxLines+1), strings.Repeat("[", 1001), strings.Repeat("- ", 20)} {
		if _, err := Parse("x", []byte(data)); err == nil || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("got %v", err)
		}
	}
}

// FuzzParse: whatever stands in the file, Parse ends in settings with a unit, or in faults that each name the file.
func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add(Example())
	f.Add(wholeExample())
	for _, s := range []string{"", "a", "[", "? a\n: b", "<<: *a", "units: [~, {}, 1]", "master_key: {? [a] : b}", "a: !!binary x", "mail: {imap: []}",
		"units:\n- answers: {? {a: b} : c}\n", "x: |9\n a", "%YAML 1.2\n---\na: b", "limits: {reminders: [1h, ~, {}]}", "teams: !t {}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		c, err := Parse("f.yaml", []byte(data))
		if err == nil {
			if !slices.ContainsFunc(c.Units, func(u Unit) bool { return u.Default }) || c.MasterKey.IsZero() || c.Mail.Address == "" {
				t.Errorf("incomplete settings: %+v", c)
			}
			return
		}
		for _, s := range strings.Split(err.Error(), "\n") {
			if !strings.HasPrefix(s, "config f.yaml, line ") {
				t.Errorf("fault %q", s)
			}
		}
	})
}
