package templates

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"frist/conversation"
)

func TestDocumentGolden(t *testing.T) {
	c := load(t)
	form, doc := c.Form("prov"), document()
	golden(t, "document/notification.txt", []byte(c.Text(doc, form)))
	for _, lang := range conversation.Langs {
		page, err := c.HTML(doc, form, lang)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "document/"+string(lang)+".html", page)
	}
	data, err := c.JSON(doc.Notification)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "document/notification.json", data)
	if bytes.Contains(data, []byte(`\u00`)) || !json.Valid(data) {
		t.Error("JSON escapes letters, or is none")
	}
}

// TestDocumentCopiesExactly: the text content of a value's element is the answer to the character.
func TestDocumentCopiesExactly(t *testing.T) {
	c := load(t)
	for _, text := range []string{hostile, "\n\nförst tomt", "  indraget\t", "ensam\rretur\r\nwindows", "</div><script>alert(1)</script>", "&amp; &#13; <!-- x -->", "\u00a0\u200b slut \n"} {
		doc := document()
		doc.Notification.Answers = map[string]any{"16": text}
		doc.Applies = nil
		page, err := c.HTML(doc, c.Form("prov"), "sv")
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		if got := textOf(find(root, "v1")); got != text {
			t.Errorf("%q came out as %q", text, got)
		}
		if n := bytes.Count(page, []byte("<script")); n != 1 {
			t.Errorf("%d scripts in the page for %q", n, text)
		}
	}
}

func find(n *html.Node, id string) *html.Node {
	for _, a := range n.Attr {
		if a.Key == "id" && a.Val == id {
			return n
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, id); f != nil {
			return f
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	if n == nil {
		return "(no such element)"
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

// TestDocumentPolicy: the policy names the script and the style that stand in the page, and nothing remote does.
func TestDocumentPolicy(t *testing.T) {
	c := load(t)
	page, err := c.HTML(document(), c.Form("prov"), "sv")
	if err != nil {
		t.Fatal(err)
	}
	s := string(page)
	for _, inline := range []string{documentJS, documentCSS} {
		if !strings.Contains(s, ">"+inline+"<") {
			t.Error("the script or the style was changed on its way into the page")
		}
	}
	if !strings.Contains(html.UnescapeString(s), documentPolicy()) {
		t.Error("the page lacks its policy")
	}
	for _, bad := range []string{" src=", " style=", " onclick", "url(", "@import", "ZgotmplZ"} {
		if strings.Contains(s, bad) {
			t.Errorf("%q in the page", bad)
		}
	}
}

func TestDocumentMarksBlanks(t *testing.T) {
	c := load(t)
	text := c.Text(document(), c.Form("prov"))
	for _, want := range []string{"29. Hur allvarligt?\n(Inte besvarad)\n", "27. Krypterade?\n(Vet inte – kompletteras)\n", "35. Skäl att inte informera\n(Lämnad tom)\n",
		"3. Postadress\n(En obligatorisk del saknas)\nAdress: Box 1\nOrt: Provby\n", "23. Antal personer\nExakt antal: 1200000\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "14.") {
		t.Error("a question that does not apply is shown")
	}
}

func TestDocumentOfTheRealForm(t *testing.T) {
	c := load(t)
	form := c.Form("imy")
	doc := document()
	doc.Notification.Answers, doc.Applies, doc.Open = map[string]any{}, nil, nil
	for _, fd := range form.Fields {
		if !fd.Own {
			doc.Applies = append(doc.Applies, fd.Key)
		}
	}
	text := c.Text(doc, form)
	at := 0
	for _, key := range doc.Applies {
		i := strings.Index(text[at:], "\n"+key+". "+form.Field(key).Label+"\n")
		if i < 0 {
			t.Fatalf("question %s is missing or out of order", key)
		}
		at += i + 1
	}
	for _, lang := range conversation.Langs {
		for _, fd := range form.Fields {
			out := base(c, lang, conversation.RoleReporter, conversation.MessageQuestion)
			out.Form, out.FormVersion, out.Question = "imy", form.Version, &conversation.Prompt{Field: fd.Key, Again: true}
			if _, err := c.Mail(out, bot); err != nil {
				t.Error(err)
			}
			card, err := c.Card(out)
			if err != nil || len(card.JSON) > cardLimit {
				t.Errorf("card of %s: %d bytes, %v", fd.Key, len(card.JSON), err)
			}
			checkCard(t, "imy "+fd.Key, card.JSON)
		}
	}
}
