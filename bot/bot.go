package bot

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/core"

	"frist/config"
	"frist/conversation"
)

// DefaultMetadataURL is where the connector of Microsoft's public cloud publishes its signing keys.
const DefaultMetadataURL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

// Config are the settings of the Teams channel.
type Config struct {
	// AppID is the bot's Entra application id. Without one every activity would have to be believed, so that needs Development.
	AppID string
	// Secret gives the application's client secret, Certificate its certificate with an RSA key; one of the two is called at each token
	// fetch, and the other is nil.
	Secret      func() (string, error)
	Certificate func() (tls.Certificate, error)
	// TenantID is the Entra tenant of the bot. Activities are taken from it and from TenantIDs alone. "" takes any and needs TokenURL.
	TenantID    string
	TenantIDs   []string
	MetadataURL string // "": DefaultMetadataURL
	TokenURL    string // "": the tenant's own at login.microsoftonline.com
	// Development admits http and loopback addresses, the channel "emulator", and an empty AppID. It needs a Listen on loopback, and
	// answers only requests that come from this machine.
	Development  bool
	Listen       string   // host:port that the program listens at
	ServiceHosts []string // nil: DefaultServiceHosts
	FileHosts    []string // where what people attach lies; nil: DefaultFileHosts
	// PersonPerMinute and TenantPerMinute bound the activities of one sender; 0: the settings' defaults. Without
	// an AppID there is no bound.
	PersonPerMinute, TenantPerMinute int
}

// Receiver takes what people do in Teams. It is called before the request is answered, with a context that outlives the
// caller's connection; an error is answered with status 500.
type Receiver interface {
	// Message takes a message from a personal chat: text, or the inputs of an Action.Submit in Value. It must have committed the
	// message (Activity.Raw) when it returns, and return within seconds, or Teams sends it again.
	Message(context.Context, *Activity) error
	// Invoke takes an Action.Execute and the like from a personal chat; what it returns is shown at once.
	Invoke(context.Context, *Activity) (InvokeResponse, error)
	// Event takes everything else: installations, changes of a conversation, edits, and messages of groups and channels (Activity.Personal is
	// false), where others read an answer.
	Event(context.Context, *Activity) error
}

// InvokeResponse answers an invoke. Status 0 is 200; Body is written as JSON, nil is no body.
type InvokeResponse struct {
	Status int
	Body   any
}

// Bot is the HTTP endpoint that Teams posts activities to, and the connector that answers go through.
type Bot struct {
	config    Config
	receiver  Receiver
	log       *slog.Logger
	adapter   *core.BotFrameworkAdapter
	validator *Validator
	connector *Connector
	tenants   []string // in lower case; nil: any
	intake    *intake
	refusals  *refusals
	files     *Files
}

// New checks the settings and makes no connection. Whatever would leave the endpoint open to strangers is an error.
func New(config Config, receiver Receiver, log *slog.Logger) (*Bot, error) {
	if err := config.complete(); err != nil {
		return nil, fmt.Errorf("teams settings: %w", err)
	}
	hosts, err := cleanHosts(config.ServiceHosts)
	if err != nil {
		return nil, fmt.Errorf("teams settings: %w", err)
	}
	b := &Bot{config: config, receiver: receiver, log: log, tenants: config.tenants(), refusals: newRefusals(log)}
	at := cloudOf(config.MetadataURL)
	client := newClient()
	b.validator, err = newValidator(config.AppID, at.issuer, b.tenants, &keySet{client: client,
		metadataURL: config.MetadataURL, issuer: at.issuer, development: config.Development, now: time.Now, log: log})
	if err != nil {
		return nil, err
	}
	if b.intake, err = newIntake(config.PersonPerMinute, config.TenantPerMinute); err != nil {
		return nil, err
	}
	b.connector = newConnector(config, client, hostList{hosts: hosts, loopback: config.Development})
	fileHosts, err := cleanHosts(config.FileHosts)
	if err != nil {
		return nil, fmt.Errorf("teams settings: %w", err)
	}
	b.files = newFiles(newFetcher(b.connector, hostList{hosts: fileHosts, loopback: config.Development}), log)
	b.adapter = &core.BotFrameworkAdapter{
		AdapterSetting: core.AdapterSetting{AppID: config.AppID, CredentialProvider: auth.SimpleCredentialProvider{AppID: config.AppID}},
		TokenValidator: b.validator, Client: b.connector,
	}
	return b, nil
}

func newConnector(config Config, client *http.Client, hosts hostList) *Connector {
	c := &Connector{client: client, hosts: hosts, pace: newPacer()}
	if config.AppID != "" {
		c.token = &tokenSource{client: client, appID: config.AppID, secret: config.Secret, certificate: config.Certificate,
			tokenURL: config.TokenURL, scope: cloudOf(config.MetadataURL).scope()}
	}
	return c
}

// complete fills in what is left out and refuses what is unsafe.
func (c *Config) complete() error {
	if c.Development && !loopbackAddr(c.Listen) {
		return fmt.Errorf("development mode needs a listener on this machine alone, such as 127.0.0.1:3978, not %q", c.Listen)
	}
	if c.MetadataURL == "" {
		c.MetadataURL = DefaultMetadataURL
	}
	if c.ServiceHosts == nil {
		c.ServiceHosts = DefaultServiceHosts()
	}
	if c.FileHosts == nil {
		c.FileHosts = DefaultFileHosts()
	}
	c.PersonPerMinute = cmp.Or(c.PersonPerMinute, config.DefaultPersonPerMinute)
	c.TenantPerMinute = cmp.Or(c.TenantPerMinute, config.DefaultTenantPerMinute)
	if c.PersonPerMinute < 0 || c.TenantPerMinute < 0 {
		return errors.New("a bound on activities is negative")
	}
	if c.AppID == "" {
		if !c.Development {
			return errors.New("no app id: the bot could not tell Teams from a stranger")
		}
		return nil
	}
	switch {
	case c.Secret == nil && c.Certificate == nil:
		return errors.New("neither client secret nor certificate")
	case c.Secret != nil && c.Certificate != nil:
		return errors.New("both a client secret and a certificate")
	}
	if c.TokenURL == "" {
		if c.TenantID == "" {
			return errors.New("no tenant id, which a single-tenant bot's token address needs")
		}
		c.TokenURL = "https://login.microsoftonline.com/" + url.PathEscape(c.TenantID) + "/oauth2/v2.0/token"
	}
	return errors.Join(
		checkEndpoint("the token address", c.TokenURL, c.Development),
		checkEndpoint("the metadata address", c.MetadataURL, c.Development))
}

// tenants are those that activities are taken from, nil for all.
func (c *Config) tenants() []string {
	if c.TenantID == "" {
		return nil
	}
	list := []string{strings.ToLower(c.TenantID)}
	for _, t := range c.TenantIDs {
		list = append(list, strings.ToLower(t))
	}
	return list
}

// sendBuffer lets a request with nearly any card leave in one write; net/http's own 4 KB part it.
const sendBuffer = 16 << 10

// transport keeps as many connections to the connector as messages are under way at once: net/http's two would have every further one begin with
// a TLS handshake.
func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = conversation.HandMax
	t.WriteBufferSize = sendBuffer
	t.DisableCompression = true // what the connector answers with is an id
	return t
}

// newClient follows no redirects: tokens, secrets and personal data go where they were sent and nowhere else.
func newClient() *http.Client {
	return &http.Client{Transport: transport(), Timeout: callTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Files gives what fetches the files that people attach. Set its fields before the first activity comes.
func (b *Bot) Files() *Files { return b.files }

// Connector gives the way out to Teams.
func (b *Bot) Connector() *Connector { return b.connector }

// Check tries what the channel depends on: the signing keys and a token of the bot's own.
func (b *Bot) Check(ctx context.Context) error {
	if b.config.AppID == "" {
		return nil
	}
	_, tokenErr := b.connector.token.get(ctx)
	return errors.Join(b.validator.keys.refresh(ctx), tokenErr)
}
