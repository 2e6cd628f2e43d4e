package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"frist/conversation"
)

// InvokeFileConsent is the name of the invoke by which a person takes or declines a file that the bot offers.
const InvokeFileConsent = "fileConsent/invoke"

const (
	uploadTimeout = time.Minute
	// uploadsKept addresses are remembered, since Teams may ask twice.
	uploadsKept = 1000
)

// Offers tells what was offered with a token to the person at an authenticated address; *conversation.Engine does.
type Offers interface {
	Offered(ctx context.Context, token string, from conversation.Address) (conversation.Outbound, error)
}

// offerContext is what a consent card silently carries.
type offerContext struct {
	Token string `json:"token"`
}

// consent is the value of the invoke.
type consent struct {
	Action     string       `json:"action"` // accept or decline
	Context    offerContext `json:"context"`
	UploadInfo struct {
		ContentURL string `json:"contentUrl"`
		Name       string `json:"name"`
		UploadURL  string `json:"uploadUrl"`
		UniqueID   string `json:"uniqueId"`
		FileType   string `json:"fileType"`
	} `json:"uploadInfo"`
}

// sendOffer asks a person whether they want a file in their OneDrive.
func (c *Channel) sendOffer(ctx context.Context, ref Reference, out conversation.Outbound) (string, error) {
	file, err := c.Words.Offer(out)
	if err != nil {
		return "", &conversation.Fault{Reason: "not_rendered", Permanent: true, Err: err}
	}
	carried := offerContext{out.Token}
	id, err := c.Connector.Send(ctx, ref, schema.Activity{Type: schema.Message, Attachments: []schema.Attachment{{ContentType: typeFileConsent, Name: file.Name,
		Content: map[string]any{"description": file.About, "sizeInBytes": len(file.Data), "acceptContext": carried, "declineContext": carried}}}})
	return id, fault(err)
}

// fileConsent answers at once, and puts the file on the person's drive afterwards.
func (c *Channel) fileConsent(ctx context.Context, a *Activity) (InvokeResponse, error) {
	var v consent
	if json.Unmarshal(a.Value, &v) != nil || v.Action != "accept" && v.Action != "decline" {
		return InvokeResponse{Status: http.StatusBadRequest}, nil
	}
	if c.Files == nil || c.Offers == nil {
		return InvokeResponse{Status: http.StatusNotImplemented}, nil
	}
	if v.Action == "accept" && !c.Files.firstUpload(v.UploadInfo.UploadURL) {
		return InvokeResponse{}, nil
	}
	ctx = context.WithoutCancel(ctx)
	c.turns.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
		defer cancel()
		key := conversation.TextOfferDeclined
		lang := language(a.Locale)
		if v.Action == "accept" {
			lang, key = c.deliverOffer(ctx, a, v)
		}
		if key != "" {
			text := c.Words.Phrase(lang, nil, conversation.Line{Key: key})
			if _, err := c.Connector.Send(ctx, a.Reference(), TextMessage(text, "plain")); err != nil {
				c.Log.Error("what became of a file could not be said", "error", err)
			}
		}
		if key == conversation.TextOfferFailed || a.ReplyToID == "" {
			return // the card stays, to try again
		}
		if err := c.Connector.withdraw(ctx, a.Reference(), a.ReplyToID); err != nil {
			c.Log.Warn("the card that offered a file could not be taken away", "error", err)
		}
	})
	return InvokeResponse{}, nil
}

// deliverOffer puts the file on the drive and shows it in the chat. key is the text that is to be said in its place, "" if it went well.
func (c *Channel) deliverOffer(ctx context.Context, a *Activity, v consent) (lang conversation.Lang, key string) {
	lang = language(a.Locale)
	out, err := c.Offers.Offered(ctx, v.Context.Token, conversation.Address{Channel: conversation.ChannelTeams, ID: a.address()})
	if errors.Is(err, conversation.ErrNotFound) {
		c.Log.Warn("a file was asked for that was not offered to its asker")
		return lang, conversation.TextOfferGone
	}
	if err == nil {
		lang = out.Lang
		err = c.upload(ctx, a, v, out)
	}
	if err != nil {
		c.Log.Error("a file could not be put on a person's drive", "incident", out.Incident, "error", err)
		c.Files.forgetUpload(v.UploadInfo.UploadURL)
		return lang, conversation.TextOfferFailed
	}
	return lang, ""
}

func (c *Channel) upload(ctx context.Context, a *Activity, v consent, out conversation.Outbound) error {
	file, err := c.Words.Offer(out)
	if err != nil {
		return err
	}
	if err := c.Files.fetch.put(ctx, v.UploadInfo.UploadURL, file.Type, file.Data); err != nil {
		return err
	}
	_, err = c.Connector.Send(ctx, a.Reference(), schema.Activity{Type: schema.Message, Attachments: []schema.Attachment{{ContentType: typeFileInfo,
		ContentURL: v.UploadInfo.ContentURL, Name: v.UploadInfo.Name, Content: map[string]any{"uniqueId": v.UploadInfo.UniqueID, "fileType": v.UploadInfo.FileType}}}})
	if err != nil {
		c.Log.Error("a file is on a person's drive, and could not be shown in the chat", "incident", out.Incident, "error", err)
	}
	return nil
}

// put writes a whole file to an upload session
// (https://learn.microsoft.com/onedrive/developer/rest-api/api/driveitem_createuploadsession#upload-bytes-to-the-upload-session).
func (f fetcher) put(ctx context.Context, raw, kind string, data []byte) error {
	const op = "put file"
	u, err := f.hosts.file(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(data))
	if err != nil {
		return &Error{Op: op, Permanent: true, Err: withoutURL(err)}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(data)-1, len(data)))
	resp, err := f.client.Do(req)
	if err != nil {
		return &Error{Op: op, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return responseError(op, resp, nil)
	}
	return nil
}

// firstUpload tells whether the address is asked for the first time.
func (f *Files) firstUpload(address string) bool {
	key := sha256.Sum256([]byte(address))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.uploads == nil || len(f.uploads) > uploadsKept {
		f.uploads = map[[sha256.Size]byte]bool{}
	}
	before := f.uploads[key]
	f.uploads[key] = true
	return !before
}

func (f *Files) forgetUpload(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.uploads, sha256.Sum256([]byte(address)))
}

// withdraw deletes a message that was sent.
func (c *Connector) withdraw(ctx context.Context, ref Reference, id string) error {
	return c.call(ctx, "delete activity", http.MethodDelete, ref.ServiceURL, []string{"conversations", ref.ConversationID, "activities", id}, nil, nil)
}
