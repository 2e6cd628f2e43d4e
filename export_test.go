package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExport(t *testing.T) {
	file := sampleFile(t)
	fillSample(t, file)
	dir := filepath.Join(t.TempDir(), "out")
	r := call(t, "", "export", "-config", file, "-out", dir, "PUI-2026-0002", "pui-2026-0001")
	if want := filepath.Join(dir, "PUI-2026-0002") + "\n" + filepath.Join(dir, "PUI-2026-0001") + "\n"; r.code != 0 || r.out != want || r.err != "" {
		t.Fatalf("got %+v, want %q", r, want)
	}
	for _, name := range []string{"notification.json", "notification.html", "notification.txt"} {
		data, err := os.ReadFile(filepath.Join(dir, "PUI-2026-0001", name))
		if err != nil || !strings.Contains(string(data), "PUI-2026-0001") {
			t.Errorf("%s: %v", name, err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "PUI-2026-0001", "notification.json"))
	if err != nil {
		t.Fatal(err)
	}
	var n struct {
		Decision string
		Answers  map[string]any
	}
	if err := json.Unmarshal(data, &n); err != nil || n.Decision != "approve" || n.Answers["16"] != sampleAnswers["16"].Text {
		t.Errorf("got %+v, %v", n, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "PUI-2026-0001")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
}

func TestExportRefuses(t *testing.T) {
	file := sampleFile(t)
	fillSample(t, file)
	dir := filepath.Join(t.TempDir(), "out")
	call(t, "", "export", "-config", file, "-out", dir, "PUI-2026-0001", "PUI-2026-0009", "../x").
		sentence(t, 1, "there is no incident PUI-2026-0009, ../X;", "frist register")
	call(t, "", "export", "-config", file, "-out", dir, "PUI-2026-0001", "PUI-2026-0003").sentence(t, 1, "PUI-2026-0003 was purged")
	call(t, "", "export", "-config", file, "-out", dir, "PUI-2026-0001", " pui-2026-0001").sentence(t, 2, "PUI-2026-0001 is named twice")
	call(t, "", "export", "-config", file, "PUI-2026-0001").sentence(t, 2, "--out")
	call(t, "", "export", "-config", file, "-out", dir).sentence(t, 2, "number")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, "", "export", "-config", file, "-out", dir, "PUI-2026-0001").sentence(t, 1, "export incident PUI-2026-0001")
}
