package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/connector/client"
	"github.com/infracloudio/msbotbuilder-go/schema"
	"golang.org/x/oauth2"
)

const (
	callTimeout = 20 * time.Second
	maxResponse = 1 << 20
)

// Connector sends activities through the Bot Framework connector's REST interface, version 3. It is msbotbuilder-go's
// client.Client; its own methods also take a context and return what the service answered. Safe for concurrent use. Its errors
// are *Error, or *HostError where the token must not go to the service URL.
type Connector struct {
	client *http.Client
	token  *tokenSource // nil: development without an app id
	hosts  hostList
	pace   *pacer
}

var _ client.Client = (*Connector)(nil)

// Member is a person in a conversation, as the directory knows them. Email and UserPrincipalName may be empty.
type Member struct {
	ID, AADObjectID, Name, Email, UserPrincipalName, TenantID string
	// UserRole is "user" or "guest" where the service says it.
	UserRole string
}

// Send posts an activity (a message unless its Type says otherwise) to a conversation and returns its id. The id is "" where the
// service gave none, as for typing; such an activity cannot be updated. With a.ReplyToID it answers that activity. Nothing is
// retried but a refused token. A text and a card in one activity may be parted on the way and get no id: send them apart.
func (c *Connector) Send(ctx context.Context, ref Reference, a schema.Activity) (id string, err error) {
	const op = "send activity"
	a.ID = ""
	body, err := wire(addressed(a, ref))
	if err != nil {
		return "", &Error{Op: op, Permanent: true, Err: err}
	}
	path := []string{"conversations", ref.ConversationID, "activities"}
	if a.ReplyToID != "" {
		path = append(path, a.ReplyToID)
	}
	if err := c.pace.wait(ctx, ref); err != nil {
		return "", &Error{Op: op, Err: err}
	}
	var answer struct{ ID string }
	err = c.call(ctx, op, http.MethodPost, ref.ServiceURL, path, body, &answer)
	return answer.ID, err
}

// Update replaces a sent activity. Teams keeps its place in the conversation.
func (c *Connector) Update(ctx context.Context, ref Reference, id string, a schema.Activity) error {
	const op = "update activity"
	a.ID, a.ReplyToID = id, ""
	body, err := wire(addressed(a, ref))
	if err != nil {
		return &Error{Op: op, Permanent: true, Err: err}
	}
	if err := c.pace.wait(ctx, ref); err != nil {
		return &Error{Op: op, Err: err}
	}
	return c.call(ctx, op, http.MethodPut, ref.ServiceURL, []string{"conversations", ref.ConversationID, "activities", id}, body, nil)
}

// Member looks a person of the conversation up in the tenant's directory. This, never a display name, ties a Teams user to a mail
// address.
func (c *Connector) Member(ctx context.Context, ref Reference, userID string) (Member, error) {
	var m struct {
		ID, AADObjectID, ObjectID, Name, Email, UserPrincipalName, TenantID, UserRole string
	}
	err := c.call(ctx, "look up member", http.MethodGet, ref.ServiceURL, []string{"conversations", ref.ConversationID, "members", userID}, nil, &m)
	if m.AADObjectID == "" {
		m.AADObjectID = m.ObjectID
	}
	return Member{ID: m.ID, AADObjectID: m.AADObjectID, Name: m.Name, Email: m.Email, UserPrincipalName: m.UserPrincipalName, TenantID: m.TenantID,
		UserRole: m.UserRole}, err
}

// Post sends an activity for the SDK, to where the activity says: the SDK's own address has the conversation's id unescaped.
func (c *Connector) Post(_ url.URL, a schema.Activity) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	_, err := c.Send(ctx, referenceOf(a), a)
	return err
}

// Put updates an activity for the SDK.
func (c *Connector) Put(_ url.URL, a schema.Activity) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return c.Update(ctx, referenceOf(a), a.ID, a)
}

// Delete removes an activity for the SDK.
func (c *Connector) Delete(_ url.URL, a schema.Activity) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return c.call(ctx, "delete activity", http.MethodDelete, a.ServiceURL, []string{"conversations", a.Conversation.ID, "activities", a.ID}, nil, nil)
}

// call does one request, and once more with a new token when the token is refused.
func (c *Connector) call(ctx context.Context, op, method, serviceURL string, path []string, body []byte, answer any) error {
	base, err := c.hosts.parse(serviceURL)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	address, err := join(base, path)
	if err != nil {
		return &Error{Op: op, Permanent: true, Err: err}
	}
	for attempt := 0; ; attempt++ {
		token, err := c.bearer(ctx)
		if err != nil {
			return err
		}
		e := c.once(ctx, op, method, address, token, body, answer)
		if e == nil {
			return nil
		}
		if e.Status != http.StatusUnauthorized || token == nil || attempt > 0 {
			return e
		}
		c.token.drop(token)
	}
}

func (c *Connector) bearer(ctx context.Context) (*oauth2.Token, error) {
	if c.token == nil {
		return nil, nil
	}
	return c.token.get(ctx)
}

func (c *Connector) once(ctx context.Context, op, method, address string, token *oauth2.Token, body []byte, answer any) *Error {
	var reader io.Reader // a nil *bytes.Reader in it would be a body
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return &Error{Op: op, Permanent: true, Err: withoutURL(err)}
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if token != nil {
		token.SetAuthHeader(req)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return &Error{Op: op, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return responseError(op, resp, raw)
	}
	// A status of 2xx means done, whatever became of the body; to fail here would send it twice. Only a look-up needs the body.
	if answer == nil || len(raw) == 0 {
		return nil
	}
	if jsonErr := json.Unmarshal(raw, answer); jsonErr != nil && method == http.MethodGet {
		return &Error{Op: op, Status: resp.StatusCode, Err: errors.Join(err, jsonErr)}
	}
	return nil
}

// join appends escaped segments to a service URL. An id that would leave its place in the path is refused.
func join(base *url.URL, segments []string) (string, error) {
	var b strings.Builder
	b.WriteString(base.Scheme + "://" + base.Host + strings.TrimRight(base.EscapedPath(), "/") + "/v3")
	for _, s := range segments {
		if s == "" || s == "." || s == ".." {
			return "", fmt.Errorf("%q is no id", s)
		}
		b.WriteString("/" + url.PathEscape(s))
	}
	return b.String(), nil
}
