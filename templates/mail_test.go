package templates

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"frist/conversation"
)

func TestMailGolden(t *testing.T) {
	c := load(t)
	for _, lang := range conversation.Langs {
		for name, out := range samples(c, lang) {
			m, err := c.Mail(out, bot)
			if err != nil {
				t.Errorf("%s %s: %v", lang, name, err)
				continue
			}
			file := "mail/" + string(lang) + "-" + name
			golden(t, file+".txt", []byte("Subject: "+m.Subject+"\n\n"+m.Text))
			golden(t, file+".html", []byte(m.HTML))
		}
	}
}

// words are the letters and digits of a text, in order. Case does not count: what to write is in capitals, what stands on a button is not.
func words(s string) []string {
	return regexp.MustCompile(`[\pL\pN]+`).FindAllString(strings.ToLower(s), -1)
}

// visible is what a reader of the HTML sees.
func visible(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "style" || n.Data == "title" || n.Data == "script") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}

func TestMailTextAndHTMLSayTheSame(t *testing.T) {
	c := load(t)
	for _, lang := range conversation.Langs {
		for name, out := range samples(c, lang) {
			m, err := c.Mail(out, bot)
			if err != nil {
				t.Fatal(err)
			}
			text, page := count(words(m.Text)), count(words(visible(t, m.HTML)))
			for w, n := range text {
				if regexp.MustCompile(`^\d$`).MatchString(w) {
					continue // the page's own lists number the steps
				}
				if page[w] < n {
					t.Errorf("%s %s: %q is %d times in the text, %d in the HTML", lang, name, w, n, page[w])
				}
			}
			links := count(words(c.phraser(lang, nil).say("word_choose_links")))
			labels := map[string]int{}
			for _, r := range c.phraser(lang, nil).replies(out.Choices) {
				for _, w := range words(r.Label) {
					labels[w]++ // a button, and what to write instead
				}
			}
			for w, n := range page {
				if n > text[w]+links[w]+labels[w] {
					t.Errorf("%s %s: %q is %d times in the HTML, %d in the text", lang, name, w, n, text[w])
				}
			}
		}
	}
}

func count(words []string) map[string]int {
	m := map[string]int{}
	for _, w := range words {
		m[w]++
	}
	return m
}

func TestMailIsSelfContained(t *testing.T) {
	c := load(t)
	for name, out := range samples(c, "sv") {
		m, err := c.Mail(out, bot)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<img", "<script", "<link", "url(", "@import", "src=", "http://", "ZgotmplZ", "<no value>", "<b>Tre"} {
			if strings.Contains(m.HTML, bad) {
				t.Errorf("%s: %q in the HTML", name, bad)
			}
		}
		if !strings.Contains(m.HTML, `<html lang="sv">`) {
			t.Errorf("%s: no language", name)
		}
		if strings.ContainsAny(m.Subject, "\r\n\t") {
			t.Errorf("%s: subject %q", name, m.Subject)
		}
	}
}

func TestMailSubjects(t *testing.T) {
	c := load(t)
	all := samples(c, "sv")
	for name, want := range map[string]string{
		"alert": "[PUI-2026-0007] Parknämnden – frist mån 23/11 16.40 – svara TAR", "reminder": "[PUI-2026-0007] Parknämnden – fristen gick ut fre 20/11 14.00 – påminnelse",
		"question": "[PUI-2026-0007] Din incidentrapport", "review": "[PUI-2026-0007] Parknämnden – frist mån 23/11 16.40 – granska version 3",
		"introduction": "Så rapporterar du en incident", "file": "[PUI-2026-0007] Parknämnden – frist mån 23/11 16.40 – godkänd, skicka in"} {
		m, err := c.Mail(all[name], bot)
		if err != nil || m.Subject != want {
			t.Errorf("%s: %q, %v; want %q", name, m.Subject, err, want)
		}
	}
	out := all["alert"]
	out.Unit = "Ny\r\nBcc: alla@fel.example\u2028\u202e" + strings.Repeat("x", 500)
	out.Number = "PUI-1\r\nX-Evil: 1"
	m, err := c.Mail(out, bot)
	if err != nil || strings.ContainsAny(m.Subject, "\r\n\u2028\u202e") || len(m.Subject) > 200 {
		t.Errorf("subject %q, %v", m.Subject, err)
	}
	out = all["reminder"]
	out.DeadlineAt = instant("2019-11-20T23:30:00Z")
	if m, err := c.Mail(out, bot); err != nil || m.Subject != "[PUI-2026-0007] Parknämnden – fristen gick ut torsdag 21 november 2019 – påminnelse" {
		t.Errorf("the deadline of another year: %q, %v", m.Subject, err)
	}
	out = all["file"]
	out.Status = conversation.StatusNotified
	if m, _ := c.Mail(out, bot); strings.Contains(m.Subject, "frist") {
		t.Errorf("a deadline that is met is still shown: %q", m.Subject)
	}
}

// TestDiscreet: alerts and reminders carry no answer, whatever the message holds.
func TestDiscreet(t *testing.T) {
	c := load(t)
	for _, name := range []string{"alert", "reminder", "reminder-reporter"} {
		out := samples(c, "sv")[name]
		out.Document = document()
		out.Document.FirstMessage = planted
		out.Document.Notification.Answers["16"] = planted
		out.Question = &conversation.Prompt{Field: "16", Current: &conversation.Value{Text: planted}, Proposed: &conversation.Value{Text: planted}}
		out.Lines = append(out.Lines, line(conversation.TextUnseen, "text", planted, "field", "16", "previous", "10"), line(conversation.TextReadValue, "field", "16", "value", planted),
			line(conversation.TextToldReturned, "reason", planted))
		m, err := c.Mail(out, bot)
		if err != nil {
			t.Fatal(err)
		}
		card, err := c.Card(out)
		if err != nil {
			t.Fatal(err)
		}
		if all := m.Subject + m.Text + m.HTML + string(card.JSON) + card.Text; strings.Contains(all, planted) || len(m.Attachments) > 0 {
			t.Errorf("%s carries an answer", name)
		}
	}
}

func TestMarkersStandFirst(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["question"]
	m, err := c.Mail(out, bot)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(m.Text, "\n")
	for _, want := range []string{"[B] Kan någon ha skyddade uppgifter?", "[C] Vilket nummer når vi dig på?", "[16] Vad har hänt?", "[10] När hände det?", "[25] Vilka berörs?"} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q", want)
		}
	}
}

func TestMailtoLinks(t *testing.T) {
	c := load(t)
	href := regexp.MustCompile(`href="([^"]*)"`)
	for name, bodies := range map[string][]string{
		"question": {"Ja", "Nej", "Vet inte", "skip", "back", "help"},
		"ask-18":   {"Människan: fel i ett fall", "Tekniken", "Övrigt: ", "don't know", "skip", "back", "help"},
		"ask-25":   {"don't know", "skip", "back", "help"},
		"alert":    {"take", "cannot", "show"},
	} {
		m, err := c.Mail(samples(c, "en")[name], bot)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range href.FindAllStringSubmatch(m.HTML, -1) {
			u, err := url.Parse(html.UnescapeString(h[1]))
			if err != nil || u.Scheme != "mailto" || strings.ContainsAny(h[1], " <>") {
				t.Fatalf("%s: link %q, %v", name, h[1], err)
			}
			if u.Opaque != "frist+abc234@parken.example" || u.Query().Get("subject") != "Re: "+m.Subject {
				t.Errorf("%s: link to %q about %q", name, u.Opaque, u.Query().Get("subject"))
			}
			got = append(got, u.Query().Get("body"))
		}
		if !slices.Equal(got, bodies) {
			t.Errorf("%s: bodies %q, want %q", name, got, bodies)
		}
	}
	if s := mailto("a&b?c+d@x.example", "50 % + ä?", "rad 1\nrad 2 & 3+4"); s != "mailto:a%26b%3Fc+d@x.example?subject=Re%3A%2050%20%25%20%2B%20%C3%A4%3F&body=rad%201%0D%0Arad%202%20%26%203%2B4" {
		t.Error(s)
	}
}

func TestMailRefusesWhatItDoesNotKnow(t *testing.T) {
	c := load(t)
	out := samples(c, "sv")["question"]
	out.Question = &conversation.Prompt{Field: "999"}
	if _, err := c.Mail(out, bot); err == nil {
		t.Error("a question that the form lacks was put")
	}
	if _, err := c.Card(out); err == nil {
		t.Error("a question that the form lacks was put on a card")
	}
	out.Form = "none"
	if _, err := c.Mail(out, bot); err == nil {
		t.Error("a form that there is not was used")
	}
}
