package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"frist/bot/bottest"
)

// nastyTexts are a person's words that look like something else.
var nastyTexts = map[string]string{
	"markup":      "Det stod <b>fet</b> & <script>alert(1)</script> <img src=x onerror=alert(1)> &amp; &lt;",
	"formula":     "=cmd|' /C calc'!A0\n+1\n@SUM(A1)",
	"from":        "Så här stod det:\nFrom: x\noch mer.\nFrom början till slut",
	"dot":         "Rad ett\n.\n..\n.rad\nRad fem",
	"dashes":      "Vi hittade:\n-- en lista\n- och ett brev\n---\nslut",
	"quote words": "Först ringde jag.\nDen 3 maj skrev Anna:\nHej, listan blev fel.\nSedan raderade jag den.",
	"quote wrote": "I asked.\nOn Monday Anna wrote:\nthe list is wrong\nThen I deleted it.",
	"headers":     "Mejlet gick så här:\nTill: skolan\nÄmne: lista\noch så var det med det.",
	"emoji":       "Oj \U0001f631 \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 a\u030a",
	"rtl":         "\u202eomvänt\u202c שלום مرحبا \u2066x\u2069 \u200f",
	"template":    "{{.}} {{define \"x\"}}{{end}} ${$root} {{ x }} %!s(MISSING) %d {0}",
	"markdown":    "[x](javascript:alert(1)) ![y](https://z.example/a.png) **fet** _kursiv_ `kod` # rubrik\n1. ett\n* två",
	"quotes":      "\"'`´”’\\ \\n \\u0041 -->]]> */",
	"spaces":      "rad   med   mellanrum\n    indragen\n\tmed tabb\n\n\n\nefter tomma rader  \nslut",
	"long line":   strings.Repeat("ettlångtord", 600) + " " + strings.Repeat("o ", 3000) + "x",
	"separators":  "a\u2028b\u2029c\u00a0d\u00ade\ufeffb",
	"at":          "<at>Anna</at> fel person <text> 1 < 2 > 0",
	"commands":    "Jag skrev GODKÄNN\ntill honom\navbryt",
	"large":       strings.Repeat("Raden är ganska kort men det finns många av dem.\n", 1800) + "slut",
}

// shownBy gathers the text of a page, and fails on what a text must not become.
func shownBy(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "br":
			b.WriteString("\n")
		case n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style":
			b.WriteString(n.Data)
		case n.Type == html.TextNode && strings.Contains(n.Data, "alert(1)"):
			t.Error("a text has become a script")
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, firstChars(a.Val, 80))
				}
			}
		}
	}
	return b.String()
}

func oneSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestWordsAreKept sends texts that look like something else as the answer to question 16, by mail and in Teams: they come out as they
// went in, to the character, and are shown as text.
func TestWordsAreKept(t *testing.T) {
	w := newTown(t)
	l := w.begin("16")
	take := w.lastWith(kim, "svara TAR")
	w.reply(kim, take, "TAR")
	for _, name := range slices.Sorted(maps.Keys(nastyTexts)) {
		text := nastyTexts[name]
		t.Run("mail/"+name, func(t *testing.T) {
			w.t = t
			w.reply(robin, l, text)
			w.kept("16", text)
			w.reply(kim, take, "VISA")
			shown := w.last(kim)
			if got := shownBy(t, htmlPart(t, shown.raw)); name != "large" && name != "long line" && !strings.Contains(oneSpaced(got), oneSpaced(text)) {
				t.Errorf("the HTML mail does not show it")
			}
			if _, page := w.documents(firstNumber); !strings.Contains(shownBy(t, page), strings.TrimRight(text, " \t\n")) {
				t.Error("the document does not show it to the character")
			}
		})
	}
}

// kept holds that an answer is just this.
func (w *town) kept(field, text string) {
	w.t.Helper()
	answers, _ := w.documents(firstNumber)
	got, _ := answers[field].(string)
	if want := strings.TrimRight(text, " \t\r\n"); got != want {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		w.t.Errorf("kept %d bytes of %d, another from %d: %q, want %q; the last mail said: %s", len(got), len(want), at,
			firstChars(got[at:], 80), firstChars(want[at:], 80), firstChars(w.last(robin).msg.Text, 200))
	}
}

// TestWordsAreKeptInTeams is the same by typed text and by card.
func TestWordsAreKeptInTeams(t *testing.T) {
	w := newTown(t)
	w.say("Jag råkade mejla en deltagarlista till fel person")
	w.say("nej")
	w.say("hoppa över")
	for _, name := range slices.Sorted(maps.Keys(nastyTexts)) {
		text := nastyTexts[name]
		for _, how := range []string{"typed", "card"} {
			t.Run(how+"/"+name, func(t *testing.T) {
				w.t = t
				// A card that would be too large for the answer before has no inputs.
				w.say("ändra 16: kort")
				w.say("ändra 16")
				a, _ := w.card()
				if a.field != "16" {
					t.Fatalf("%q is asked", a.field)
				}
				from := len(w.connector.Recorded())
				sent := text
				if how == "typed" {
					w.say(text)
				} else {
					sent = "Kort: " + text
					if answer := w.execute(a, "answer", map[string]any{"answer": sent}); answer.Status != http.StatusOK {
						t.Fatalf("status %d", answer.Status)
					}
				}
				answers, _ := w.documents(firstNumber)
				if got, _ := answers["16"].(string); got != strings.TrimRight(sent, " \t\r\n") {
					t.Errorf("kept %q, want %q", firstChars(got, 120), firstChars(sent, 120))
				}
				for _, c := range w.connector.Recorded()[from:] {
					w.cardIsPlain(c)
				}
			})
		}
	}
}

// cardIsPlain holds that nothing in a card that a person wrote is Markdown, or an expression of a template.
func (w *town) cardIsPlain(c bottest.Recorded) {
	w.t.Helper()
	raw := c.Answer
	if c.Direction == bottest.FromBot {
		raw = c.Activity
	}
	var any any
	if json.Unmarshal(raw, &any) != nil {
		return
	}
	walkCard(any, func(kind, text string) {
		if kind != "TextBlock" {
			return
		}
		for _, bad := range []string{"](javascript", "](https://z", "**fet**", "${$root}", "<script>"} {
			if strings.Contains(text, bad) {
				w.t.Errorf("a TextBlock has %q: %s", bad, firstChars(text, 200))
			}
		}
	})
}
