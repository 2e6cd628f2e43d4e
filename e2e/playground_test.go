package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// playground is Microsoft's Agents Playground in place of Teams, for one person: whatever is written in it comes from them.
type playground struct {
	URL string
}

// startPlayground starts one that talks to the bot at a port; further flags turn its authentication on.
func startPlayground(t *testing.T, botPort, user, address string, env []string, flags ...string) *playground {
	t.Helper()
	port := freePorts(t, 1)[0]
	dir := t.TempDir()
	conf := filepath.Join(dir, "playground.yml")
	write(t, conf, strings.NewReplacer("DOMAIN", domain, "USER", user, "ADDRESS", address, "IDENTITY", fmt.Sprintf("%012x", user)).Replace(playgroundConf))
	preload, err := filepath.Abs("browser/loopback.cjs")
	must(t, err)
	here := "http://" + addr(port)
	p := launch(t, append([]string{"TEAMSAPPTESTER_BROWSER=none", "M365_AGENTS_PLAYGROUND_CONFIG_PATH=" + conf,
		"M365_AGENTS_PLAYGROUND_LOGFILE=" + filepath.Join(dir, "log")}, env...),
		find("node"), append([]string{"--require", preload, filepath.Join(os.Getenv(nodeEnv), "node_modules/@microsoft/m365agentsplayground/cli.js"), "start",
			"-e", "http://" + addr(botPort) + "/api/messages", "-p", port, "-c", "msteams", "--service-url", here + "/_connector", "--disable-telemetry"}, flags...)...)
	listening(t, p, port)
	return &playground{URL: here}
}

const tenant = "5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e01"

// playgroundConf has ids formed like those of Teams; the Playground's own have the wrong form. It wants exactly five further users.
var playgroundConf = fmt.Sprintf(`
version: "0.1.1"
tenantId: %s
bot: {id: "28:5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e02", name: Frist}
currentUser: {id: "29:1USER", name: USER Exempel, userPrincipleName: ADDRESS, aadObjectId: 5f0e9d36-1f63-4a55-9c11-IDENTITY, givenName: USER, surname: Exempel, email: ADDRESS}
users:
  - {id: "29:1u1", name: Ulla Ett, userPrincipleName: u1@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e11, givenName: Ulla, surname: Ett, email: u1@DOMAIN}
  - {id: "29:1u2", name: Ulla Två, userPrincipleName: u2@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e12, givenName: Ulla, surname: Två, email: u2@DOMAIN}
  - {id: "29:1u3", name: Ulla Tre, userPrincipleName: u3@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e13, givenName: Ulla, surname: Tre, email: u3@DOMAIN}
  - {id: "29:1u4", name: Ulla Fyra, userPrincipleName: u4@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e14, givenName: Ulla, surname: Fyra, email: u4@DOMAIN}
  - {id: "29:1u5", name: Ulla Fem, userPrincipleName: u5@DOMAIN, aadObjectId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e15, givenName: Ulla, surname: Fem, email: u5@DOMAIN}
personalChat: {id: "a:1personal-USER"}
groupChat: {id: "19:00000000000000000000000000000001@thread.v2", name: Grupp}
team:
  id: "19:00000000000000000000000000000002@thread.tacv2"
  name: Lag
  aadGroupId: 5f0e9d36-1f63-4a55-9c11-0d7a3c1b2e21
  channels:
    - {id: "19:00000000000000000000000000000003@thread.tacv2", name: Kanal}
`, tenant)
