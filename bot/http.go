package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Path is where Teams is told to post activities, by convention.
const Path = "/api/messages"

const (
	maxBody     = 256 << 10
	bodyTimeout = 10 * time.Second
	// receiveTimeout bounds a Receiver's work. Teams gives up on a message after 15 seconds and on an invoke earlier.
	receiveTimeout = 14 * time.Second
)

// ServeHTTP takes one activity. It answers 200 when the Receiver has it, 4xx when it is refused (429 with
// Retry-After when there were too many), 503 when the signing keys cannot be
// had, and 500 when the Receiver failed.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, no := b.accept(w, r)
	if no != nil {
		b.refusals.answer(w, r, no)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), receiveTimeout)
	defer cancel()
	answer, err := b.dispatch(ctx, a)
	if err != nil {
		b.log.Error("activity not taken", "type", a.Type, "name", a.Name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	b.write(w, answer)
}

func (b *Bot) dispatch(ctx context.Context, a *Activity) (InvokeResponse, error) {
	switch {
	case a.Type == TypeMessage && a.Personal():
		return InvokeResponse{}, b.receiver.Message(ctx, a)
	case a.Type == TypeInvoke && a.Personal():
		return b.receiver.Invoke(ctx, a)
	case a.Type == TypeInvoke:
		return InvokeResponse{Status: http.StatusNotImplemented}, nil
	}
	return InvokeResponse{}, b.receiver.Event(ctx, a)
}

func (b *Bot) write(w http.ResponseWriter, answer InvokeResponse) {
	status := answer.Status
	if status == 0 {
		status = http.StatusOK
	}
	if answer.Body == nil {
		w.WriteHeader(status)
		return
	}
	encode := func() ([]byte, error) { return json.Marshal(answer.Body) }
	if a, ok := answer.Body.(invokeAnswer); ok {
		encode = a.encode
	}
	body, err := encode()
	if err != nil {
		b.log.Error("answer to invoke not written", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // else a long one goes in chunks
	w.WriteHeader(status)
	_, _ = w.Write(body) // the sender is gone; it will ask again
}

// accept reads and authenticates an activity, the cheap refusals first.
func (b *Bot) accept(w http.ResponseWriter, r *http.Request) (*Activity, *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, refuse(http.StatusMethodNotAllowed, "not a POST")
	}
	if b.config.Development && !fromThisMachine(r) {
		return nil, refuse(http.StatusForbidden, "development mode answers this machine alone")
	}
	// Before anything of the body is read: who has no token of the connector's sends it in vain.
	if no := b.verify(r); no != nil {
		return nil, no
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, refuse(http.StatusUnsupportedMediaType, "not application/json")
	}
	raw, no := readBody(w, r)
	if no != nil {
		return nil, no
	}
	a, err := ParseActivity(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "not an activity")
	}
	if no := b.authenticate(r, a); no != nil {
		return nil, no
	}
	if no := b.admit(a); no != nil {
		return nil, no
	}
	return a, b.count(a)
}

func isJSON(contentType string) bool {
	if contentType == "application/json; charset=utf-8" { // what Teams says
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// bodyAhead is how much room is made for a body by the length that its request gives; more is made as it comes.
const bodyAhead = 16 << 10

// readBody is bounded in size and in time, whatever the server's own limits are.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	control := http.NewResponseController(w)
	timed := control.SetReadDeadline(time.Now().Add(bodyTimeout)) == nil
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), bodyAhead)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	if timed && err == nil {
		// After a failure the deadline stays, or the server would wait for the rest of the body for ever.
		_ = control.SetReadDeadline(time.Time{}) // it was settable a moment ago
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse(http.StatusRequestEntityTooLarge, "body too large")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "body unreadable")
	}
	return body.Bytes(), nil
}

// verify checks the token as far as it does not depend on the activity.
func (b *Bot) verify(r *http.Request) *refusal {
	if b.config.AppID == "" {
		return nil
	}
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return refuse(http.StatusUnauthorized, "no Authorization header, or several")
	}
	_, _, err := b.validator.verify(r.Context(), headers[0])
	return refusedToken(err)
}

// authenticate asks the SDK's adapter, which asks our validator. The adapter is given only what is authenticated: its own type
// refuses shapes that Teams may send.
func (b *Bot) authenticate(r *http.Request, a *Activity) *refusal {
	if b.config.AppID == "" {
		return nil
	}
	body, err := json.Marshal(struct {
		Type       string `json:"type"`
		ID         string `json:"id"`
		ChannelID  string `json:"channelId"`
		ServiceURL string `json:"serviceUrl"`
	}{a.Type, a.ID, a.ChannelID, a.ServiceURL})
	if err != nil {
		return &refusal{status: http.StatusBadRequest, reason: err}
	}
	_, err = b.adapter.ParseRequest(r.Context(), &http.Request{Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))})
	return refusedToken(err)
}

// admit refuses other channels and other tenants. On a channel such as Web Chat the sender writes their own name and tenant.
func (b *Bot) admit(a *Activity) *refusal {
	if a.ChannelID != "msteams" && !(b.config.Development && a.ChannelID == "emulator") {
		return refuse(http.StatusForbidden, "not from Teams")
	}
	tenant, ok := a.Tenant()
	if !ok || b.tenants != nil && !slices.Contains(b.tenants, strings.ToLower(tenant)) {
		return refuse(http.StatusForbidden, "from another tenant")
	}
	if _, err := b.connector.hosts.parse(a.ServiceURL); err != nil {
		// The message is real and is kept; only the answer cannot go out until the setting is mended.
		b.log.Error("no answer can be sent to the activity's service URL; see the setting for service hosts", "error", err)
	}
	return nil
}

// count refuses what comes too often. Where nobody is authenticated only this machine speaks, to try the bot.
func (b *Bot) count(a *Activity) *refusal {
	if b.config.AppID == "" {
		return nil
	}
	if wait := b.intake.take(a, time.Now()); wait > 0 {
		return &refusal{status: http.StatusTooManyRequests, reason: errors.New("too many activities"), wait: wait}
	}
	return nil
}

// fromThisMachine refuses what a tunnel or proxy on this machine passes on, and a web page that has its own name resolve here.
func fromThisMachine(r *http.Request) bool {
	return loopbackAddr(r.RemoteAddr) && loopbackAddr(r.Host) &&
		r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
