package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// nodeEnv names the folder whose node_modules has what e2e/package.json lists.
const nodeEnv = "FRIST_TEST_NODE"

// postgresEnv names a PostgreSQL URL whose role may create schemas.
const postgresEnv = "FRIST_TEST_POSTGRES"

// need says what a test cannot run without. Where it is missing, the test is skipped, but in CI, which installs everything, it fails.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, name := range tools {
		reason := ""
		switch name {
		case "root":
			if os.Geteuid() != 0 {
				reason = "only root can start mail servers, which run as several users"
			}
		case "postgres":
			if os.Getenv(postgresEnv) == "" {
				reason = postgresEnv + " names no server"
			}
		case "playground", "playwright", "axe", "manifest", "adaptivecards":
			pkg := map[string]string{"playground": "@microsoft/m365agentsplayground", "playwright": "playwright-core", "axe": "axe-core",
				"manifest": "@microsoft/app-manifest", "adaptivecards": "adaptivecards"}[name]
			if dir := os.Getenv(nodeEnv); dir == "" {
				reason = nodeEnv + " names no folder with node_modules"
			} else if _, err := os.Stat(filepath.Join(dir, "node_modules", pkg)); err != nil {
				reason = pkg + " is not installed in the folder that " + nodeEnv + " names"
			}
		default:
			if find(name) == "" {
				reason = name + " is not installed"
			}
		}
		if reason == "" {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
}

// find returns a program's path, "" if there is none. Debian keeps servers out of most people's PATH.
func find(name string) string {
	for _, p := range []string{name, "/usr/sbin/" + name, "/usr/lib/postfix/sbin/" + name} {
		if found, err := exec.LookPath(p); err == nil {
			return found
		}
	}
	return ""
}
