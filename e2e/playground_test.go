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
	URL    string
	secret string // with which it gets its tokens
}

// startPlayground starts one for a person and their mail address, who has Teams in a language. With an issuer it shows the bot a token with
// each activity, and asks for one with each of the bot's.
func startPlayground(t *testing.T, d *town, user, address, locale string, i *issuer) *playground {
	t.Helper()
	port := freePorts(t, 1)[0]
	dir := t.TempDir()
	conf := filepath.Join(dir, "playground.yml")
	write(t, conf, strings.NewReplacer("DOMAIN", domain, "USER", user, "ADDRESS", address, "IDENTITY", fmt.Sprintf("%012x", user)).Replace(playgroundConf))
	preload, err := filepath.Abs("browser/loopback.cjs")
	must(t, err)
	pg := &playground{URL: "http://" + addr(port)}
	service := pg.URL + "/_connector"
	env := []string{"TEAMSAPPTESTER_BROWSER=none", "M365_AGENTS_PLAYGROUND_CONFIG_PATH=" + conf, "PLAYGROUND_LOCALE=" + locale,
		"M365_AGENTS_PLAYGROUND_LOGFILE=" + filepath.Join(dir, "log")}
	args := []string{"--require", preload, filepath.Join(os.Getenv(nodeEnv), "node_modules/@microsoft/m365agentsplayground/cli.js"), "start",
		"-e", "http://" + addr(d.Port) + "/api/messages", "-p", port, "-c", "msteams", "--service-url", service, "--disable-telemetry"}
	if i != nil {
		pg.secret = i.secret("the secret of "+user+"'s", service)
		env = append(env, "PLAYGROUND_LOGIN="+i.Port, "NODE_EXTRA_CA_CERTS="+i.CA)
		args = append(args, "--client-id", appID, "--client-secret", pg.secret, "--tenant-id", tenant)
	}
	listening(t, launch(t, env, find("node"), args...), port)
	return pg
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
