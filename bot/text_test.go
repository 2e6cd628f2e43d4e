package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestWords: what is read is what the person wrote, to the character. copy is the HTML that Teams adds.
func TestWords(t *testing.T) {
	const reply = `<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1795312557716"><strong itemprop="mri" itemid="28:app">Frist</strong>` +
		`<span itemprop="time" itemid="1795312557716"></span><p itemprop="preview">När hände det?</p></blockquote>`
	mention := `,"entities":[{"type":"mention","text":"<at>Frist</at>","mentioned":{"id":"28:app"}}]`
	for _, c := range []struct{ name, text, format, copy, more, want, quoted string }{
		{name: "plain", text: "Listan gick fel.", copy: "<p>Listan gick fel.</p>", want: "Listan gick fel."},
		{name: "no copy", text: "a &amp; b <c>", want: "a &amp; b <c>"},
		{name: "typed entity", text: "skriv &amp; eller &lt;", copy: "<p>skriv &amp;amp; eller &amp;lt;</p>", want: "skriv &amp; eller &lt;"},
		{name: "escaped", text: "Berg &amp; Dal, x &lt; 3", copy: "<p>Berg &amp; Dal, x &lt; 3</p>", want: "Berg & Dal, x < 3"},
		{name: "no-break space", text: "10&nbsp;000 kr", copy: "<p>10&nbsp;000 kr</p>", want: "10\u00a0000 kr"},
		{name: "angle brackets lost", text: "Listan  gick fel", copy: "<p>Listan &lt;elever&gt; gick fel</p>", want: "Listan <elever> gick fel"},
		{name: "line breaks", text: "ett\r\ntvå\n\ntre", copy: "<div><div>ett</div><div>två</div><div>&nbsp;</div><div>tre</div></div>", want: "ett\r\ntvå\n\ntre"},
		{name: "emoji kept", text: "oj 🙂!", copy: `<p>oj <emoji id="smile" alt="🙂" title="Leende"></emoji>!</p>`, want: "oj 🙂!"},
		{name: "emoji lost", text: "oj !", copy: `<p>oj <emoji id="smile" alt="🙂" title="Leende"></emoji>!</p>`, want: "oj 🙂!"},
		{name: "older emoji lost", text: "oj", copy: `<p>oj<span><img itemtype="http://schema.skype.com/Emoji" itemid="smile" alt="🙂"></span></p>`, want: "oj🙂"},
		{name: "picture", text: "se bild", copy: `<p>se bild</p><img alt="image" src="https://x.example/a.png">`, want: "se bild"},
		{name: "pasted", text: "Rad 1\nRad 2", copy: `<div itemprop="copy-paste-block"><style>p{color:red}</style><table><tr><td>Rad 1</td></tr><tr><td>Rad 2</td></tr></table></div>`, want: "Rad 1\nRad 2"},
		{name: "copy says otherwise", text: "det ena", copy: "<p>det andra</p>", want: "det ena"},
		{name: "mention", text: "<at>Frist</at>&nbsp;hej", copy: `<p><span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">Frist</span>&nbsp;hej</p>`, more: mention, want: "hej"},
		{name: "mention within", text: "hej <at>Frist</at> igen &amp; igen", copy: `<p>hej <span itemtype="http://schema.skype.com/Mention">Frist</span> igen &amp; igen</p>`, more: mention, want: "hej  igen & igen"},
		{name: "another's name", text: "det var <at>Kim Ek</at>", more: `,"entities":[{"type":"mention","text":"<at>Kim Ek</at>","mentioned":{"id":"29:1kim"}}]`, want: "det var Kim Ek"},
		{name: "quote", text: "Frist\nNär hände det?\ni går  kl 16", copy: reply + "<p>i går&nbsp;&nbsp;kl 16</p>", want: "i går  kl 16", quoted: "1795312557716"},
		{name: "quote not in the text", text: "i går", copy: reply + "<p>i går</p>", want: "i går", quoted: "1795312557716"},
		{name: "quote, escaped", text: "När hände det? Berg &amp; Dal", copy: reply + "<p>Berg &amp; Dal</p>", want: "Berg & Dal", quoted: "1795312557716"},
		{name: "quote alone", text: "När hände det?", copy: reply, want: "", quoted: "1795312557716"},
		{name: "hostile quote", text: "a b", copy: `<blockquote itemtype="http://schema.skype.com/Reply" itemid="../' OR 1=1"><blockquote>a</blockquote></blockquote><p>b</p>`, want: "b"},
		{name: "own blockquote", text: "Hen skrev:\nfel lista", copy: "<p>Hen skrev:</p><blockquote>fel lista</blockquote>", want: "Hen skrev:\nfel lista"},
		{name: "newer quote", text: `<quoted messageId="1795312557716"/> i går`, more: `,"entities":[{"type":"quotedReply"}]`, want: "i går", quoted: "1795312557716"},
		{name: "typed quote mark", text: `<quoted messageId="1"/> i går`, want: `<quoted messageId="1"/> i går`},
		{name: "xml", text: `<p>Berg &amp; <at>Kim</at></p><p>rad&nbsp;två<br/>tre <emoji alt="🙂"></emoji></p>`, format: "xml", want: "Berg & Kim\nrad\u00a0två\ntre 🙂"},
		{name: "unclosed", text: "a", copy: `<p>a<blockquote itemtype="http://schema.skype.com/Reply"`, want: "a"},
	} {
		content, _ := json.Marshal(c.copy)
		text, _ := json.Marshal(c.text)
		raw := `{"type":"message","id":"1","from":{"id":"29:1"},"conversation":{"id":"a:1"},"recipient":{"id":"28:app","name":"Frist"},"textFormat":"` + firstOf(c.format, "plain") + `","text":` + string(text) + c.more
		if c.copy != "" {
			raw += `,"attachments":[{"contentType":"text/html","content":` + string(content) + `}]`
		}
		a, err := ParseActivity([]byte(raw + "}"))
		if err != nil {
			t.Fatal(c.name, err)
		}
		if a.Text != c.want || a.Quoted != c.quoted {
			t.Errorf("%s: %q, quoted %q", c.name, a.Text, a.Quoted)
		}
	}
}

func firstOf(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

// TestWordsInLinearTime: what is hostile to read takes no longer than its length.
func TestWordsInLinearTime(t *testing.T) {
	for _, s := range []string{"<", "<p>", "&", "<blockquote itemtype=\"http://schema.skype.com/Reply\">", "<span itemtype=\"http://schema.skype.com/Mention\">", "a ", "<a b=", "<!--", "<quoted ", "\u00a0"} {
		long := strings.Repeat(s, 200_000/len(s))
		content, _ := json.Marshal(long)
		begun := time.Now()
		for _, format := range []string{"plain", "xml"} {
			words(long, format, Account{ID: "28:a", Name: "Frist"}, nil, []Attachment{{ContentType: "text/html", Content: content}})
			words("a b", format, Account{}, nil, []Attachment{{ContentType: "text/html", Content: content}})
		}
		if d := time.Since(begun); d > 5*time.Second {
			t.Errorf("%q took %v", s, d)
		}
	}
}
