package bot

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const teamsMessage = `{"type":"message","id":"1795312557716","text":"Hej <at>Frist</at>&nbsp; på dig","textFormat":"plain","locale":"sv-SE",
 "channelId":"msteams","serviceUrl":"https://smba.trafficmanager.net/emea/","timestamp":"2026-11-20T08:15:30.1234567Z",
 "from":{"id":"29:1karin","name":"Karin Sjölund","aadObjectId":"7e3b9a3c-2f1a-4c57-9d5c-0a4f5e6b7c8d"},
 "recipient":{"id":"28:frist","name":"Frist"},
 "conversation":{"id":"a:1chat","conversationType":"personal","tenantId":"t-1"},"replyToId":"1795312500000",
 "channelData":{"tenant":{"id":"T-1"}},"value":{"b":1,"a":[2]},"action":"add","name":"n",
 "attachments":[{"contentType":"text/html","content":"<p>Hej</p>","name":"x.html","contentUrl":"https://a.example/x"}],
 "entities":[{"type":"clientInfo","locale":"sv-SE"},{"type":"mention","text":"<at>Frist</at>","mentioned":{"id":"28:frist","name":"Frist"}}],
 "membersAdded":[{"id":"28:frist"}]}`

func TestParseActivity(t *testing.T) {
	got := must(ParseActivity([]byte(teamsMessage)))(t)
	frist := Account{ID: "28:frist", Name: "Frist"}
	want := &Activity{
		Type: "message", ID: "1795312557716", Name: "n", Text: "Hej &nbsp; på dig", TextFormat: "plain", Value: json.RawMessage(`{"b":1,"a":[2]}`),
		From:      Account{ID: "29:1karin", Name: "Karin Sjölund", AADObjectID: "7e3b9a3c-2f1a-4c57-9d5c-0a4f5e6b7c8d"},
		Recipient: frist, Conversation: Conversation{ID: "a:1chat", ConversationType: "personal", TenantID: "t-1"},
		ChannelID: "msteams", ServiceURL: service, ReplyToID: "1795312500000", Timestamp: time.Date(2026, 11, 20, 8, 15, 30, 123456700, time.UTC),
		Locale: "sv-SE", Action: "add",
		Attachments:  []Attachment{{ContentType: "text/html", ContentURL: "https://a.example/x", Name: "x.html", Content: json.RawMessage(`"<p>Hej</p>"`)}},
		Entities:     []Entity{{Type: "clientInfo"}, {Type: "mention", Text: "<at>Frist</at>", Mentioned: frist}},
		MembersAdded: []Account{{ID: "28:frist"}}, Raw: json.RawMessage(teamsMessage),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Activity{})); diff != "" {
		t.Error("(-want +got):", diff)
	}
	if tenant, ok := got.Tenant(); tenant != "t-1" || !ok {
		t.Errorf("tenant %q, %v", tenant, ok)
	}
	if !got.Personal() {
		t.Error("not personal")
	}
	ref := Reference{
		ServiceURL: service, ChannelID: "msteams", TenantID: "t-1", ConversationID: "a:1chat",
		BotID: "28:frist", BotName: "Frist", UserID: "29:1karin", UserName: "Karin Sjölund", Locale: "sv-SE",
	}
	if got.Reference() != ref {
		t.Errorf("%+v", got.Reference())
	}
}

func TestPersonal(t *testing.T) {
	for _, c := range []struct {
		conversation string
		want         bool
	}{
		{`{"id":"a:1","conversationType":"personal"}`, true},
		{`{"id":"a:1","conversationType":"personal","isGroup":true}`, false},
		{`{"id":"19:x@thread.v2","conversationType":"groupChat","isGroup":true}`, false},
		{`{"id":"19:x@thread.tacv2;messageid=1","conversationType":"channel"}`, false},
		{`{"id":"a:1"}`, false},
	} {
		a := must(ParseActivity([]byte(`{"type":"event","conversation":` + c.conversation + `}`)))(t)
		if a.Personal() != c.want {
			t.Errorf("%s: %v", c.conversation, a.Personal())
		}
	}
}

func TestMentions(t *testing.T) {
	bot := Account{ID: "28:frist", Name: "Frist"}
	mention := Entity{Type: "mention", Text: "<at>Frist</at>", Mentioned: bot}
	other := Entity{Type: "mention", Text: "<at>Åsa</at>", Mentioned: Account{ID: "29:1asa", Name: "Åsa"}}
	for _, c := range []struct {
		text     string
		entities []Entity
		want     string
	}{
		{"hej", nil, "hej"},
		{"<at>Frist</at> hej", []Entity{mention}, "hej"},
		{"<at>Frist</at>&nbsp;&nbsp;hej ", []Entity{mention}, "hej "},
		{"<at>Frist</at>\u00a0hej", []Entity{mention}, "hej"},
		{"\n <at>Frist</at>\nhej\n", []Entity{mention}, "hej\n"},
		{"hej <at>Frist</at>", []Entity{mention}, "hej"},
		{"hej <at>Frist</at> du", []Entity{mention}, "hej  du"},
		{"<at>Frist</at> <at>Frist</at> hej", []Entity{mention, mention}, "hej"},
		{"<at>Frist</at>", []Entity{mention}, ""},
		{"<at>Åsa</at> fick mejlet", []Entity{other}, "<at>Åsa</at> fick mejlet"},
		{"<at>Frist</at> <at>Åsa</at>", []Entity{other, mention}, "<at>Åsa</at>"},
		{"<at>Frist</at> hej", nil, "hej"},
		{"skriv <at>Frist</at>", nil, "skriv <at>Frist</at>"},
		{"  hej  ", []Entity{mention}, "  hej  "},
	} {
		if got := withoutMention(c.text, bot, c.entities); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzParseActivity(f *testing.F) {
	f.Add([]byte(teamsMessage))
	f.Add([]byte(`{"type":"message","id":1,"from":"x","timestamp":"0000"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := ParseActivity(raw)
		if err != nil {
			if a != nil {
				t.Error("an activity with an error")
			}
			return
		}
		if !bytes.Equal(a.Raw, raw) || a.Type == "" {
			t.Errorf("%+v", a)
		}
		if _, err := json.Marshal(a.Reference()); err != nil {
			t.Error(err)
		}
		if (a.Type == TypeMessage || a.Type == TypeInvoke) && (a.ID == "" || a.From.ID == "" || a.Conversation.ID == "") {
			t.Error("a message that cannot be answered")
		}
		var sent struct{ Text lenient[string] }
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(sent.Text.v, "<at>") && len(a.Entities) == 0 && a.Text != sent.Text.v {
			t.Errorf("text %q became %q", sent.Text.v, a.Text)
		}
	})
}
