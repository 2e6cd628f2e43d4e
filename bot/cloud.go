package bot

import (
	"net/url"
	"strings"
)

// cloud is one of Microsoft's clouds: what its connector calls itself as issuer of tokens and as audience of the bot's own.
type cloud struct {
	metadataHost string // publishes the connector's signing keys
	issuer       string
}

// clouds are known by the host of the metadata (https://learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-authentication, and the same page for Azure Government and for Azure in China). The first is the
// public one, which serves Europe. A single-tenant bot gets its tokens from the same issuer as any other.
var clouds = []cloud{
	{"login.botframework.com", "https://api.botframework.com"},
	{"login.botframework.azure.us", "https://api.botframework.us"},
	{"login.botframework.azure.cn", "https://api.botframework.azure.cn"},
}

// cloudOf finds the cloud of a metadata address; a host that is none of them stands in for the public one.
func cloudOf(metadataURL string) cloud {
	if u, err := url.Parse(metadataURL); err == nil {
		for _, c := range clouds {
			if strings.EqualFold(u.Hostname(), c.metadataHost) {
				return c
			}
		}
	}
	return clouds[0]
}

// scope is what the bot asks a token for.
func (c cloud) scope() string { return c.issuer + "/.default" }
