package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"frist/bot/bottest"
	"frist/conversation"
	"frist/templates"
)

// offers is an Offers that knows one offer to Karin.
type offers struct{ out conversation.Outbound }

func (o offers) Offered(_ context.Context, token string, from conversation.Address) (conversation.Outbound, error) {
	if token != o.out.Token || from.ID != testTenant+"/"+karin.AADObjectID {
		return conversation.Outbound{}, conversation.ErrNotFound
	}
	return o.out, nil
}

// offering is an office in which a notification is offered to Karin. It returns the consent card.
func offering(t *testing.T) (*office, bottest.Recorded, consentCard) {
	t.Helper()
	o := newOffice(t)
	o.channel.Words = must(templates.Load(""))(t)
	form := o.channel.Words.Form("imy")
	n := &conversation.Notification{Form: "imy", FormVersion: form.Version, Number: "PUI-2026-0007", Answers: map[string]any{}}
	out := conversation.Outbound{ID: "o1", Kind: conversation.MessageOffer, Token: "hemlig-token", Form: "imy", FormVersion: form.Version, Number: n.Number, Lang: "sv",
		Lines: []conversation.Line{{Key: conversation.TextOffer, Args: map[string]string{"number": n.Number}}}, Document: &conversation.Document{Notification: n}}
	o.channel.Offers = offers{out}
	ref := must(json.Marshal(o.reference()))(t)
	id := must(o.channel.Send(testContext(t), conversation.Delivery{Outbound: out, To: conversation.Address{Channel: conversation.ChannelTeams, Reference: string(ref)}}))(t)
	call := must(o.connector.WaitFor(testContext(t), func(r bottest.Recorded) bool { return r.ActivityID == id }))(t)
	var a struct{ Attachments []consentCard }
	if err := json.Unmarshal(call.Activity, &a); err != nil || len(a.Attachments) != 1 {
		t.Fatalf("%v: %s", err, call.Activity)
	}
	return o, call, a.Attachments[0]
}

// consentCard is a file consent card as it went over the wire.
type consentCard struct {
	ContentType, Name string
	Content           struct {
		Description                   string
		SizeInBytes                   int
		AcceptContext, DeclineContext json.RawMessage
	}
}

// shown lists what is in the chat: content types of attachments, or text.
func (o *office) shown(t *testing.T) (list []string) {
	t.Helper()
	for _, r := range o.connector.Recorded() {
		body, ok := o.connector.Shown(r.Conversation, r.ActivityID)
		if r.Direction != bottest.FromBot || !ok {
			continue
		}
		var a struct {
			Text        string
			Attachments []consentCard
		}
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Attachments {
			list = append(list, f.ContentType)
		}
		if a.Text != "" {
			list = append(list, a.Text)
		}
	}
	return list
}

func TestOfferedFileIsPutOnTheDrive(t *testing.T) {
	o, call, card := offering(t)
	if card.ContentType != typeFileConsent || card.Name != "PUI-2026-0007.html" || card.Content.SizeInBytes < 1000 || !strings.Contains(card.Content.Description, "OneDrive") {
		t.Errorf("%+v", card)
	}
	url := o.drive.UploadURL()
	for range 2 { // Teams may ask twice
		if a := must(o.karin.Consent(testContext(t), call.ActivityID, true, card.Content.AcceptContext, card.Name, url))(t); a.Status != 200 {
			t.Errorf("status %d", a.Status)
		}
	}
	o.channel.Wait()
	up := o.drive.Uploads()
	if len(up) != 1 || !strings.HasPrefix(up[0].Range, "bytes 0-") || !strings.Contains(string(up[0].Body), "PUI-2026-0007") || len(up[0].Body) != card.Content.SizeInBytes {
		t.Errorf("%d uploads", len(up))
	}
	if got := o.shown(t); !slices.Equal(got, []string{typeFileInfo}) {
		t.Errorf("the chat shows %q", got)
	}
	if _, bearers := o.drive.Asked(); bearers != 0 {
		t.Error("the drive was shown the bot's token")
	}
}

func TestOfferDeclinedFailedOrForged(t *testing.T) {
	for name, c := range map[string]struct {
		accept  bool
		context string // in the place of the card's
		url     string // in the place of the drive's
		refuse  int
		shows   []string
	}{
		"declined":             {shows: []string{"Då läggs ingen fil"}},
		"the drive refuses":    {accept: true, refuse: 507, shows: []string{typeFileConsent, "Filen gick inte att lägga"}},
		"another host":         {accept: true, url: "https://evil.example/upload", shows: []string{typeFileConsent, "Filen gick inte att lägga"}},
		"no upload address":    {accept: true, url: " ", shows: []string{typeFileConsent, "Filen gick inte att lägga"}},
		"a token made up":      {accept: true, context: `{"token":"x"}`, shows: []string{"Filen finns inte längre"}},
		"a context of another": {accept: true, context: `{"token":7}`, shows: []string{typeFileConsent}},
	} {
		o, call, card := offering(t)
		o.drive.RefuseUploads(c.refuse)
		var carried any = card.Content.AcceptContext
		if c.context != "" {
			carried = json.RawMessage(c.context)
		}
		url := c.url
		if url == "" {
			url = o.drive.UploadURL()
		}
		must(o.karin.Consent(testContext(t), call.ActivityID, c.accept, carried, card.Name, url))(t)
		o.channel.Wait()
		got := o.shown(t)
		if len(o.drive.Uploads()) != 0 || !slices.EqualFunc(got, c.shows, strings.HasPrefix) {
			t.Errorf("%s: the chat shows %q", name, got)
		}
		if c.refuse == 0 {
			continue
		}
		// The card stands, and works when the drive does.
		o.drive.RefuseUploads(0)
		must(o.karin.Consent(testContext(t), call.ActivityID, true, carried, card.Name, url))(t)
		o.channel.Wait()
		if len(o.drive.Uploads()) != 1 {
			t.Errorf("%s: not uploaded at the second try", name)
		}
	}
}
