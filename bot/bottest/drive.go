package bottest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Served is what a file's address answers.
type Served struct {
	Status   int    // 0 is 200
	Type     string // Content-Type; "" is application/octet-stream
	Page     bool   // to be shown, as a sign-in page is; else Content-Disposition says attachment
	Location string // of a redirect, with Status 302
	Body     []byte
	Length   int64         // Content-Length where it is not that of Body
	Delay    time.Duration // between the header and the rest
	Fail     int           // so many requests are answered with FailStatus first
	// FailStatus, and RetryAfter as the value of that header.
	FailStatus int
	RetryAfter string
}

// Upload is a file that was put on the drive.
type Upload struct {
	Range string // Content-Range
	Body  []byte
}

// Drive plays a person's OneDrive: it hands out what they attach to messages, by addresses that hold their own permission, and takes what a
// bot puts there.
type Drive struct {
	server *server

	mu      sync.Mutex
	made    int
	files   map[string]Served
	asked   map[string]int
	bearers int
	uploads map[string]Upload
	refuse  int
}

// NewDrive starts one on a free loopback port.
func NewDrive() (*Drive, error) {
	d := &Drive{files: map[string]Served{}, asked: map[string]int{}, uploads: map[string]Upload{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /personal/{file}/download.aspx", d.get)
	mux.HandleFunc("PUT /personal/{file}/upload", d.put)
	var err error
	if d.server, err = serve(mux); err != nil {
		return nil, fmt.Errorf("start fake drive: %w", err)
	}
	return d, nil
}

// Close stops the server.
func (d *Drive) Close() error { return d.server.close() }

// Add lays a file on the drive and returns the address that it can be had from.
func (d *Drive) Add(s Served) (address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made++
	id := strconv.Itoa(d.made)
	d.files[id] = s
	return d.server.url + "/personal/" + id + "/download.aspx?UniqueId=" + id + "&tempauth=hemlig"
}

// UploadURL is where a bot may put a file once its person has agreed.
func (d *Drive) UploadURL() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made++
	return d.server.url + "/personal/" + strconv.Itoa(d.made) + "/upload?tempauth=hemlig"
}

// Uploads are the files that were put on the drive, by the upload address's id.
func (d *Drive) Uploads() []Upload {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []Upload
	for _, u := range d.uploads {
		list = append(list, u)
	}
	return list
}

// RefuseUploads has uploads answered with a status; 0 ends that.
func (d *Drive) RefuseUploads(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = status
}

// Asked is how many requests for files there were, and how many of them had a token, which the drive has no business with.
func (d *Drive) Asked() (requests, bearers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.asked {
		requests += n
	}
	return requests, d.bearers
}

func (d *Drive) get(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("file")
	d.mu.Lock()
	s, ok := d.files[id]
	d.asked[id]++
	nth := d.asked[id]
	if r.Header.Get("Authorization") != "" {
		d.bearers++
	}
	d.mu.Unlock()
	if !ok {
		s = Served{Status: http.StatusNotFound}
	}
	s.answer(r.Context(), w, nth)
}

// answer writes what is served, to the nth request.
func (s Served) answer(ctx context.Context, w http.ResponseWriter, nth int) {
	if nth <= s.Fail {
		if s.RetryAfter != "" {
			w.Header().Set("Retry-After", s.RetryAfter)
		}
		w.WriteHeader(s.FailStatus)
		return
	}
	h := w.Header()
	if h.Set("Content-Type", s.Type); s.Type == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	if !s.Page {
		h.Set("Content-Disposition", `attachment; filename="fil"`)
	}
	if s.Location != "" {
		h.Set("Location", s.Location)
	}
	if s.Length > 0 {
		h.Set("Content-Length", strconv.FormatInt(s.Length, 10))
	}
	if s.Status != 0 {
		w.WriteHeader(s.Status)
	}
	if s.Delay > 0 {
		_ = http.NewResponseController(w).Flush() // the bot may have gone
		select {
		case <-time.After(s.Delay):
		case <-ctx.Done():
			return
		}
	}
	_, _ = w.Write(s.Body) // the bot stops reading where it has had enough
}

func (d *Drive) put(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<20))
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		d.bearers++
	}
	_, twice := d.uploads[r.PathValue("file")]
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case d.refuse != 0:
		w.WriteHeader(d.refuse)
	case twice:
		w.WriteHeader(http.StatusConflict)
	default:
		d.uploads[r.PathValue("file")] = Upload{r.Header.Get("Content-Range"), body}
		w.WriteHeader(http.StatusCreated)
	}
}

// AddPicture gives a picture that is pasted into a message, whose bytes lie at the connector, and returns its address.
func (c *Connector) AddPicture(s Served) (address string) {
	id := "0-sdc-d1-" + randomHex(8)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pictures[id] = s
	return c.URL() + "v3/attachments/" + id + "/views/original"
}

// picture wants the bot's token, as every call of the connector does.
func (c *Connector) picture(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	s, ok := c.pictures[r.PathValue("attachment")]
	c.mu.Unlock()
	switch {
	case c.options.Authorize != nil && !c.options.Authorize(r.Header.Get("Authorization")):
		s = Served{Status: http.StatusUnauthorized}
	case !ok:
		s = Served{Status: http.StatusNotFound}
	}
	s.answer(r.Context(), w, 1)
}

// File is what a person attaches: the name that they see, and the address that Teams gives the bot.
type File struct{ Name, URL string }

// Attach writes a message with files from the person's drive, and returns its id.
func (c *Client) Attach(ctx context.Context, text string, files ...File) (id string, err error) {
	var list []any
	for i, f := range files {
		list = append(list, map[string]any{"contentType": "application/vnd.microsoft.teams.file.download.info", "name": f.Name,
			"contentUrl": "https://exempelstad-my.sharepoint.com/personal/" + strconv.Itoa(i),
			"content":    map[string]any{"downloadUrl": f.URL, "uniqueId": randomHex(16), "fileType": "bin"}})
	}
	return c.attached(ctx, text, list)
}

// Paste writes a message with a picture in its text. Teams names neither the picture nor its kind.
func (c *Client) Paste(ctx context.Context, text, address string) (id string, err error) {
	return c.attached(ctx, text, []any{map[string]any{"contentType": "image/*", "contentUrl": address},
		map[string]any{"contentType": "text/html", "content": `<div><img src="` + address + `"></div>`}})
}

func (c *Client) attached(ctx context.Context, text string, list []any) (string, error) {
	a := c.Activity("message")
	a["textFormat"], a["attachments"] = "plain", list
	if text != "" {
		a["text"] = text
	}
	return c.accepted(c.Post(ctx, a))
}

// Consent answers a file consent card: accept is to have the file put at the upload address.
func (c *Client) Consent(ctx context.Context, replyToID string, accept bool, cardContext any, name, uploadURL string) (Answer, error) {
	a := c.activity("invoke")
	a["id"] = "f:" + randomHex(16)
	a["name"], a["replyToId"] = "fileConsent/invoke", replyToID
	value := map[string]any{"type": "fileUpload", "action": "decline", "context": cardContext}
	if accept {
		value["action"] = "accept"
		value["uploadInfo"] = map[string]any{"contentUrl": "https://exempelstad-my.sharepoint.com/personal/" + name, "name": name,
			"uploadUrl": uploadURL, "uniqueId": randomHex(16), "fileType": "html"}
	}
	a["value"] = value
	return c.Post(ctx, a)
}
